"""On a narrow screen, in either direction of writing, everything fits; what is to be touched is large enough."""

from __future__ import annotations

import pytest

from tests.browser.pages import LANGUAGES, NARROW, PAGES, WIDE, in_language
from tests.browser.right_to_left import turn

pytestmark = pytest.mark.xdist_group("browser")

# Elements that stick out of the window. What is hidden from sight on purpose does not count, nor what scrolls in a box
# made for it.
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const found = document.documentElement.scrollWidth > width ? [`page ${document.documentElement.scrollWidth} px`] : [];
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height || element.closest(".visually-hidden, .skip-link, option")
        || element.parentElement.closest(".planner-scroll, .table-scroll")) continue;
    if (box.left < -0.5 || box.right > width + 0.5)
      found.push(`${element.tagName}.${element.className} ${Math.round(box.left)} to ${Math.round(box.right)} px`);
  }
  return found;
}"""
# Boxes whose text is wider than they are.
CUT_OFF = """() => [...document.body.querySelectorAll("*")]
  .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
  .filter(e => !e.closest(".visually-hidden, select, input, .planner-scroll, .table-scroll"))
  .map(e => `${e.tagName}.${e.className}: ${e.scrollWidth} px of text in ${e.clientWidth} px`)"""
# What can be touched and is smaller than 24 by 24 px. A link inside a sentence is as tall as its line; the bars of the
# planner are as long as their days, but stand apart, which tests/browser/test_planner_drawn.py measures (WCAG 2.5.8).
SMALL = """() => {
  const small = [];
  for (const element of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")) {
    if (!element.checkVisibility({visibilityProperty: true}) || element.closest(".skip-link, .planner")) continue;
    const target = element.matches("[type=checkbox], [type=radio]") ? element.closest("label") : element;
    if (element.matches("a") && element.parentElement.innerText.trim() !== element.innerText.trim()
        && getComputedStyle(element).display === "inline") continue;
    const box = target.getBoundingClientRect();
    if (box.width < 24 || box.height < 24)
      small.push(`${target.tagName}.${target.className} ${target.innerText.slice(0, 40)}: ` +
                 `${box.width.toFixed(1)} by ${box.height.toFixed(1)} px`);
  }
  return small;
}"""
OPEN_FOLDS = "open => document.querySelectorAll('details').forEach(fold => fold.open = open)"


@pytest.mark.parametrize("name", PAGES)
def test_on_a_narrow_screen_nothing_sticks_out_and_targets_are_at_least_24_px_large(reader, name):
    reader.page.set_viewport_size(NARROW)
    page = reader.open(PAGES[name])
    found = []
    for direction in ("left to right", "right to left"):
        if direction == "right to left":
            turn(page)
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 740})
            for folds_open in (False, True):
                page.evaluate(OPEN_FOLDS, folds_open)
                where = f"{width} px, {direction}, folds {'open' if folds_open else 'closed'}"
                found += [f"{where}: {line}" for line in page.evaluate(STICKING_OUT) + page.evaluate(CUT_OFF)]
    found += page.evaluate(SMALL)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "name",
    [
        "coming",
        "filtered",
        "nothing found",
        "month",
        "week",
        "day",
        "planner",
        "event with parts",
        "about",
        "subscribe",
    ],
)
def test_on_a_wide_screen_targets_are_at_least_24_px_large(reader, name):
    page = reader.open(PAGES[name])
    page.evaluate(OPEN_FOLDS, True)  # noqa: FBT003 - the argument of the script
    found = page.evaluate(SMALL)
    assert not found, "\n".join(found)


def test_a_crowded_week_shows_four_rows_and_leads_to_the_rest(visitor):
    """The bars that do not fit are for narrow screens, where there is no grid."""
    someone = visitor()
    page = someone.open(PAGES["crowded month"])
    week = page.locator(".week", has=page.locator("#week-2027-09-06"))
    bars = week.locator(".bar").count()
    shown = week.locator(".bar:visible")
    assert shown.count() < bars
    assert len({round(bar.bounding_box()["y"]) for bar in shown.all()}) <= 4
    page.set_viewport_size(NARROW)
    assert week.locator(".bar:visible").count() == bars
    page.set_viewport_size(WIDE)
    page.get_by_role("link", name="more on Thursday 9 September").click()
    page.wait_for_url("**/calendar?*view=day*")
    assert page.locator("main > .event-lines .event-line").count() == bars


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_titles_say_their_language_and_direction(visitor, language):
    someone = visitor()
    for path in ("/?q=webinar", "/about", "/subscribe?convention=gfc", "/events/webinar-in-geneva"):
        page = someone.open(in_language(path, language))
        # A language into which the interface is not translated yet is announced as such, in English.
        shown = "en" if page.locator(".site-notice").count() else language
        html = page.locator("html")
        assert html.get_attribute("lang") == shown
        assert html.get_attribute("dir") == ("rtl" if shown == "ar" else "ltr")
        current = page.locator(".site-languages [aria-current]")
        assert [link.get_attribute("lang") for link in current.all()] == [language]
    # The last page has its title in two languages.
    wanted = language if language in {"en", "ar"} else "en"
    title = page.locator("h1")
    assert (title.get_attribute("lang") or shown) == wanted
    assert title.evaluate("element => element.matches(':dir(rtl)')") == (wanted == "ar")
