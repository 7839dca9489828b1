"""Without JavaScript the pages say and do the same."""

from __future__ import annotations

import pytest

from tests.browser.pages import NARROW

pytestmark = pytest.mark.xdist_group("browser")

# What is read: headings, events with their dates, facts, sources, and the addresses in the fields.
SAID = """() => [...document.querySelectorAll(
    "h1, h2, .lead, .event-line, .plate, .fact, .source, .ready-feed, .address input, .refresh tr, .listing-total")]
  .filter(e => e.checkVisibility({visibilityProperty: true}))
  .map(e => e.value ?? e.innerText.trim())"""


@pytest.mark.parametrize(
    "path", ["/", "/events/p-brs-cops-2025", "/events/webinar-in-geneva", "/subscribe?convention=gfc"]
)
@pytest.mark.parametrize("options", [{}, {"viewport": NARROW}], ids=["wide", "narrow"])
def test_list_event_and_subscribe_page_read_the_same_without_javascript(visitor, path, options):
    said = [visitor(java_script_enabled=enabled, **options).open(path).evaluate(SAID) for enabled in (True, False)]
    assert len(said[0]) > 4
    assert said[0] == said[1]


def test_the_filter_form_works_without_javascript(visitor):
    page = visitor(java_script_enabled=False, viewport=NARROW).open("/")
    page.locator(".filter > summary").click()
    page.get_by_role("checkbox", name="Basel").check()
    page.get_by_role("button", name="Show events").click()
    page.wait_for_url("**/?*convention=basel*")
    tags = page.locator(".event-line .event-tags").all_inner_texts()
    assert tags
    assert all("Basel" in text for text in tags)


def test_without_javascript_no_button_is_shown_that_would_do_nothing(visitor):
    page = visitor(java_script_enabled=False).open("/subscribe")
    assert [button.inner_text() for button in page.locator("button:visible").all()] == ["Update the address"]
