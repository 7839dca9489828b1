"""The year strip: a cell a week, counted by every event that touches the week."""

from __future__ import annotations

from datetime import date

from calendar_app.services.filters import EventFilter
from calendar_app.services.wording import Words
from calendar_app.web.events.strip import window, year_strip


def test_the_strip_has_every_week_of_twelve_months_once_and_counts_what_touches_it(app):
    today = date(2026, 11, 20)
    first, end = window(today)
    assert (first, end) == (date(2026, 11, 2), date(2027, 11, 1))
    spans = [
        (date(2026, 11, 8), date(2026, 11, 9)),  # the Sunday that ends a week
        (date(2026, 11, 9), date(2026, 11, 10)),  # the Monday that begins the next
        (date(2026, 11, 13), date(2026, 11, 17)),  # over a weekend, into a third
    ]
    with app.test_request_context("/"):
        months = year_strip(spans, today, Words(), EventFilter(convention=("basel",)), "/")
    weeks = [week for month in months for week in month["weeks"]]
    assert len(months) == 12
    assert len(weeks) == 52
    assert [week["count"] for week in weeks[:4]] == [1, 2, 1, 0]
    assert [week["level"] for week in weeks[:4]] == [1, 2, 1, 0]
    assert weeks[1]["label"] == "Week of 9 November 2026: 2 events"
    assert weeks[1]["url"] == "/?convention=basel&from=2026-11-09"
