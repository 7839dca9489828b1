"""What the page adds for the one who reads: their own clock, and an address at one touch."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.xdist_group("browser")

ADDED_TIME = "[data-reader-time]"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Lima", ("26 November", "07:00")),
        ("Asia/Bangkok", ("26 November", "19:00")),
        ("Pacific/Kiritimati", ("27 November", "02:00")),
    ],
)
def test_a_reader_elsewhere_also_sees_the_time_of_their_own_zone(visitor, zone, words):
    page = visitor(timezone_id=zone).open("/events/webinar-in-geneva")
    assert "13:00–14:30 CET (12:00–13:30 UTC)" in page.locator(".plate-time").inner_text()
    added = page.locator(ADDED_TIME)
    assert added.is_visible()
    assert all(word in added.inner_text() for word in words), added.inner_text()
    assert "in your time zone" in added.inner_text()


@pytest.mark.parametrize("zone", ["Europe/Zurich", "Africa/Tunis", "UTC"])
def test_a_reader_whose_clock_is_shown_already_sees_no_second_one(visitor, zone):
    page = visitor(timezone_id=zone).open("/events/webinar-in-geneva")
    assert page.locator(ADDED_TIME).count() == 1
    assert page.locator(ADDED_TIME).is_hidden()


def test_the_address_of_a_feed_is_copied_at_one_touch(visitor, address):
    someone = visitor()
    someone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = someone.open("/subscribe?convention=basel")
    page.get_by_role("button", name="Copy: Address for any other program").click()
    page.get_by_text("Address copied.").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == f"{address}/feeds/calendar.ics?convention=basel"
