"""Everything works with the keyboard alone, and one always sees where one is."""

from __future__ import annotations

import pytest

from tests.browser.pages import MEETING_IN_GENEVA, NARROW, WIDE

pytestmark = pytest.mark.xdist_group("browser")

# Every control that can be seen, with how it looks without focus.
REMEMBER = """() => {
  window.look = e => {
    const style = getComputedStyle(e);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow].join();
  };
  const controls = document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary");
  window.seen = new Map();
  for (const e of controls) {
    if (!e.checkVisibility({visibilityProperty: true})) continue;
    const name = `${seen.size} ${e.tagName} ${e.name || e.innerText.trim().slice(0, 60)}`;
    seen.set(e, {name, before: look(e)});
  }
  return [...seen.values()].map(({name}) => name);
}"""
# The control with the focus: which it is, whether it looks different now, and whether any of it can be seen.
FOCUSED = """() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const known = seen.get(e);
  if (!known) return {name: e.outerHTML.slice(0, 80), marked: false, visible: false};
  const marked = look(e) !== known.before && look(e) !== "none,0px,none";
  const points = [...e.getClientRects()].flatMap(box => [
    [box.left + 3, box.top + 3],
    [box.right - 3, box.bottom - 3],
    [(box.left + box.right) / 2, (box.top + box.bottom) / 2],
  ]);
  const visible = points.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (e.contains(top) || (top.contains(e) && top.matches("label, li")));
  });
  return {name: known.name, marked, visible};
}"""


def walk(page, key: str, most: int) -> list[dict]:
    """Press a key until the focus has left the page; return every control that had it."""
    stops: list[dict] = []
    while len(stops) <= most:
        page.keyboard.press(key)
        stop = page.evaluate(FOCUSED)
        if stop is None or (stops and stop["name"] == stops[0]["name"]):
            break
        stops.append(stop)
    return stops


def tab_to(page, script: str) -> None:
    """Press Tab until the focused element fulfils a condition on `e`."""
    for _ in range(250):
        page.keyboard.press("Tab")
        if page.evaluate(f"() => {{ const e = document.activeElement; return Boolean({script}); }}"):
            return
    pytest.fail(f"Tab never reached what fulfils {script}")


def test_tab_reaches_the_skip_link_first_and_it_leads_to_the_content(visitor):
    page = visitor().open("/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip-link")
    assert skip.evaluate("element => element === document.activeElement")
    box = skip.bounding_box()
    assert box["y"] >= 0
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")


@pytest.mark.parametrize(
    ("path", "viewport"),
    [
        ("/", WIDE),
        ("/calendar?from=2027-09", WIDE),
        ("/calendar?from=2025-11-24&view=week", NARROW),
        ("/events/long-latin", NARROW),
        ("/events/webinar-in-geneva", WIDE),
        ("/subscribe", WIDE),
    ],
)
def test_every_control_is_reached_and_shows_the_focus(visitor, path, viewport):
    page = visitor(viewport=viewport).open(path)
    page.evaluate("() => document.querySelectorAll('details').forEach(fold => fold.open = true)")
    # The day, month and year of a date field are stops of their own: hence the longer walk.
    controls = page.evaluate(REMEMBER)
    forward = walk(page, "Tab", 3 * len(controls))
    # Backwards a heading that stays at the top of the window could cover what has the focus.
    backward = walk(page, "Shift+Tab", len(controls) // 2)
    assert forward[0]["name"] == controls[0], "the walk began elsewhere"
    assert set(controls) - {stop["name"] for stop in forward} == set()
    # The last stop in a date field is the browser's own button, which has the browser's own mark.
    assert set(controls) - {stop["name"] for stop in forward if stop["marked"]} == set()
    assert [stop["name"] for stop in forward + backward if not stop["visible"]] == []


def test_the_list_is_filtered_and_an_event_opened_and_added_without_a_mouse(visitor):
    page = visitor(viewport=NARROW).open("/")
    tab_to(page, "e.matches('.filter > summary')")
    page.keyboard.press("Enter")
    tab_to(page, "e.name === 'convention' && e.value === 'basel'")
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.evaluate("() => location.search") == "?convention=basel"
    lines = page.locator(".event-line").all()
    assert lines
    assert all("Basel" in line.locator(".event-tags").inner_text() for line in lines)
    assert page.locator(".active-filter").count() == 1

    page.goto(page.url.partition("?")[0] + "?q=webinar+mercury+inventory")
    tab_to(page, "e.matches('.event-title a')")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == MEETING_IN_GENEVA
    for number in range(page.locator(".add-list a").count()):
        tab_to(page, f"e === document.querySelectorAll('.add-list a')[{number}]")
    assert page.evaluate("() => document.activeElement.href").endswith(".ics")
