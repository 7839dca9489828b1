"""The planner in a browser: what is drawn where, by pointer, by keys, on a phone and on paper."""

from __future__ import annotations

import re
import subprocess
from datetime import date

import pytest

from calendar_app.web.planner.lanes import TRACK_PIXELS
from tests.browser.conftest import ROOT
from tests.browser.pages import NARROW
from tests.browser.right_to_left import turn
from tests.browser.test_print import poppler  # noqa: F401 - a fixture

pytestmark = pytest.mark.xdist_group("browser")

# For each bar: its lane, its words, and the box that it takes with its name.
BARS = """() => [...document.querySelectorAll(".planner .lane-bars")].flatMap((lane, number) =>
  [...lane.querySelectorAll(".bar")].map(bar => {
    const own = bar.getBoundingClientRect(), name = bar.querySelector(":scope > b")?.getBoundingClientRect() ?? own;
    const hidden = bar.classList.contains("none");
    return {lane: number, style: bar.className, name: bar.querySelector(":scope > b")?.innerText ?? "",
      left: own.left, right: own.right,
      outer: [hidden ? own.left : Math.min(own.left, name.left), hidden ? own.right : Math.max(own.right, name.right)],
      top: own.top, bottom: own.bottom, edges: [lane.getBoundingClientRect().left, lane.getBoundingClientRect().right]};
  }))"""
# The cards that are shown, each with its words and its box.
CARDS = """() => [...document.querySelectorAll(".planner .card")]
  .filter(card => getComputedStyle(card).position === "fixed")
  .map(card => ({text: card.innerText, box: card.getBoundingClientRect().toJSON()}))"""


def overlapping(bars) -> list[tuple[str, str]]:
    return [
        (a["name"], b["name"])
        for index, a in enumerate(bars)
        for b in bars[index + 1 :]
        if a["lane"] == b["lane"]
        and a["outer"][0] < b["outer"][1] - 0.5
        and b["outer"][0] < a["outer"][1] - 0.5
        and a["top"] < b["bottom"] - 0.5
        and b["top"] < a["bottom"] - 0.5
    ]


@pytest.mark.parametrize("direction", ["left to right", "right to left"])
@pytest.mark.parametrize("query", ["?months=3", "?from=2025-04", "?from=2024-09&months=30", "?from=2026-06&months=6"])
def test_no_bar_or_name_covers_another_or_leaves_its_lane(visitor, query, direction):
    page = visitor().open(f"/planner{query}")
    if direction == "right to left":
        turn(page)
    bars = page.evaluate(BARS)
    assert len(bars) > 20
    assert overlapping(bars) == []
    outside = [
        bar["name"] for bar in bars if bar["outer"][0] < bar["edges"][0] - 1 or bar["outer"][1] > bar["edges"][1] + 1
    ]
    assert outside == []


def test_a_bar_begins_and_ends_with_its_days(visitor):
    page = visitor().open("/planner")
    (cop,) = [bar for bar in page.evaluate(BARS) if bar["name"] == "MC COP-6"]
    first, last = date(2025, 9, 1), date(2026, 9, 1)
    left, right = cop["edges"]
    day = (right - left) / (last - first).days
    assert cop["left"] == pytest.approx(left + (date(2025, 11, 3) - first).days * day, abs=1)
    assert cop["right"] == pytest.approx(left + (date(2025, 11, 8) - first).days * day, abs=1)


def test_looking_at_the_planner_alone_one_can_name_what_meets_the_minamata_cop(visitor):
    page = visitor().open("/planner")
    bars = page.evaluate(BARS)
    (cop,) = [bar for bar in bars if bar["name"] == "MC COP-6"]
    exact = [bar for bar in bars if re.search(r"is-confirmed (?!is-)", bar["style"])]
    met = {bar["name"] for bar in exact if bar["left"] < cop["right"] - 1 and cop["left"] + 1 < bar["right"]}
    assert met - {"MC COP-6", ""} == {"MP MOP-37"}
    # Its stripe runs through the lanes of all, over what it meets, and over no bar of the weeks before and after.
    page.locator(".bar", has=page.get_by_text("MC COP-6", exact=True)).first.hover()
    stripe = page.evaluate("""() => {
      const bar = document.querySelector(".planner .bar:hover"), style = getComputedStyle(bar, "::before");
      const left = bar.getBoundingClientRect().left + bar.clientLeft + parseFloat(style.left);
      const right = left + parseFloat(style.width);
      return {left, right, height: parseFloat(style.height), colour: style.backgroundColor};
    }""")
    by_name = {bar["name"]: bar for bar in exact}
    mop = by_name["MP MOP-37"]
    assert stripe["left"] - 2 <= mop["left"]
    assert mop["right"] <= stripe["right"] + 2
    assert by_name["CBD SBSTTA-27 / SB8J-1"]["right"] < stripe["left"]
    assert stripe["right"] < by_name["UNFCCC COP 30"]["left"]
    assert stripe["height"] > 1000
    assert stripe["colour"] != "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_pointing_at_a_bar_shows_its_card(visitor, javascript):
    page = visitor(java_script_enabled=javascript).open("/planner")
    assert page.evaluate(CARDS) == []
    page.locator(".bar", has=page.get_by_text("CRC-21", exact=True)).hover()
    (card,) = page.evaluate(CARDS)
    text = card["text"]
    assert "Twenty-first meeting of the Chemical Review Committee" in text
    assert "23–26 September 2025" in text
    assert "Rome, Italy" in text
    assert "Confirmed" in text


def test_every_card_is_inside_the_window_and_escape_hides_it(visitor):
    page = visitor().open("/planner?from=2024-09&months=30")
    bars = page.locator(".planner .bar")
    for number in range(0, bars.count(), 9):
        bars.nth(number).focus()
        (card,) = page.evaluate(CARDS)
        assert card["box"]["left"] >= 0
        assert card["box"]["right"] <= 1280
        assert card["box"]["top"] >= 0
        assert card["box"]["bottom"] <= 900
    page.keyboard.press("Escape")
    assert page.evaluate(CARDS) == []
    assert page.evaluate("() => document.activeElement.matches('.bar')")


def test_an_event_of_several_lanes_shows_its_card_in_each(visitor):
    page = visitor().open("/planner")
    same = page.locator(".bar", has=page.get_by_text("BC OEWG-15", exact=True))
    assert same.count() == 2
    cards = []
    for number in range(2):
        same.nth(number).hover()
        cards += [card["text"] for card in page.evaluate(CARDS)]
    assert len(cards) == 2
    assert cards[0] == cards[1]


def test_bars_with_names_can_be_touched_one_at_a_time(visitor):
    """Circles of 24 px around neighbours do not meet (WCAG 2.5.8, spacing). Holidays are in the months too."""
    page = visitor(viewport=NARROW).open("/planner?from=2025-11")
    bars = [bar for bar in page.evaluate(BARS) if bar["name"]]
    centres = [((b["outer"][0] + b["outer"][1]) / 2, (b["top"] + b["bottom"]) / 2, b) for b in bars]
    close = [
        (a["name"], b["name"])
        for index, (x, y, a) in enumerate(centres)
        for other_x, other_y, b in centres[index + 1 :]
        if (x - other_x) ** 2 + (y - other_y) ** 2 < 23.5**2
    ]
    assert len(bars) > 20
    assert close == []


def focused(page) -> str:
    return page.evaluate(
        "() => document.activeElement.querySelector('b')?.innerText ?? document.activeElement.className"
    )


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_tab_key_goes_from_lane_to_lane_and_the_arrows_from_bar_to_bar(visitor, language):
    page = visitor().open(f"/planner?lang={language}")
    forward, back = ("ArrowRight", "ArrowLeft") if language == "en" else ("ArrowLeft", "ArrowRight")
    page.locator(".process-minamata .bar").first.focus()
    names = page.locator(".lane.process-minamata .bar > b").all_inner_texts()
    for name in names[1:]:
        page.keyboard.press(forward)
        assert focused(page) == name
    page.keyboard.press(forward)
    assert focused(page) == names[-1]
    page.keyboard.press("Home")
    assert focused(page) == names[0]
    page.keyboard.press("End")
    page.keyboard.press(back)
    assert focused(page) == names[-2]
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.closest('.lane').matches('.process-gfc')")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("() => document.activeElement.closest('.lane').matches('.process-minamata')")
    # The Tab key leaves the lane at once, for the next one.
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('.lane').matches('.process-gfc')")


def test_it_is_read_out_lane_by_lane_with_all_that_the_eye_sees(visitor):
    page = visitor().open("/planner")
    snapshot = page.locator(".planner-scroll").aria_snapshot()
    lines = [line.strip() for line in snapshot.splitlines()]
    headings = [line for line in lines if line.startswith("- heading")]
    assert headings[0].startswith('- heading "Basel"')
    assert headings[-1].startswith('- heading "Holidays"')
    assert any("MC COP-6 Sixth meeting of the Conference of the Parties" in line and "3–7 November 2025" in line
               and "Geneva, Switzerland" in line and "Confirmed" in line for line in lines)  # fmt: skip
    # What is drawn for the eye alone is left out: it stands in words below.
    assert "Today" not in snapshot


def test_thirty_months_on_a_phone_scroll_in_their_own_box_from_today_on(visitor):
    page = visitor(viewport=NARROW).open("/planner?from=2024-09&months=30")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= NARROW["width"]
    today = page.locator(".planner .today").bounding_box()
    assert 0 < today["x"] < NARROW["width"] / 2
    name = page.locator(".lane-name").nth(4).bounding_box()
    assert name["x"] >= 0
    assert name["x"] + name["width"] <= NARROW["width"]
    assert overlapping(page.evaluate(BARS)) == []


@pytest.mark.parametrize(
    ("paper", "width", "height"), [("A3", 1191, 842), ("A4", 842, 595)], ids=["A3 across", "A3 drawn on A4"]
)
def test_on_paper_nothing_is_cut_and_a_year_of_meetings_is_one_page(visitor, poppler, tmp_path, paper, width, height):  # noqa: F811
    page = visitor().open("/planner?from=2026-03")
    # A long bar may cut the name in it.
    names = page.locator(".planner .bar:is(.after, .before) > b, .planner .lane-name").all_inner_texts()
    assert len(names) > 30
    path = tmp_path / "planner.pdf"
    page.pdf(path=path, prefer_css_page_size=paper == "A3", format=paper, landscape=True)

    def read(*options: str) -> str:
        return subprocess.run([poppler, *options, path, "-"], capture_output=True, text=True, check=True).stdout

    words = [line.split('"')[1::2] for line in read("-bbox").splitlines() if "<word" in line]
    boxes = [tuple(map(float, word)) for word in words]
    assert [b for b in boxes if b[0] < 20 or b[1] < 20 or b[2] > width - 20 or b[3] > height - 20] == []
    # Not smaller than five points and a half, even on A4.
    assert min(box[3] - box[1] for box in boxes) > 5.5
    first = "".join(read("-l", "1", "-raw").split())
    assert [name for name in names if "".join(name.split()) not in first] == []


def test_the_style_sheet_draws_as_narrow_as_the_packing_counts_with():
    css = (ROOT / "static" / "css" / "planner.css").read_text(encoding="utf-8")
    assert f"--track: {TRACK_PIXELS / 16:g}rem;" in css
