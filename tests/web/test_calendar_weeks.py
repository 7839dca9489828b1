"""The weeks of the calendar: Monday to Sunday, each event one bar a week, no two bars in one place."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_app.planning.dates import Span, month
from calendar_app.web.calendar.weeks import week_of, weeks_of

OCTOBER = month(2025, 10)


def days(first: str, last: str = "") -> Span:
    return Span.inclusive(date.fromisoformat(first), date.fromisoformat(last or first))


def drawn(weeks) -> list[tuple[int, int, int, int]]:
    """Return (number of the week, column, days, row) of each bar."""
    return [(week.number, bar.column, bar.days, bar.row) for week in weeks for bar in week.bars]


@pytest.mark.parametrize(
    ("period", "first", "last", "numbers"),
    [
        (OCTOBER, "2025-09-29", "2025-11-02", [40, 41, 42, 43, 44]),
        (month(2027, 2), "2027-02-01", "2027-02-28", [5, 6, 7, 8]),
        (month(2026, 8), "2026-07-27", "2026-09-06", [31, 32, 33, 34, 35, 36]),
        (month(2024, 12), "2024-11-25", "2025-01-05", [48, 49, 50, 51, 52, 1]),
        (month(2027, 1), "2026-12-28", "2027-01-31", [53, 1, 2, 3, 4]),
        (month(1970, 1), "1969-12-29", "1970-02-01", [1, 2, 3, 4, 5]),
        (month(2099, 12), "2099-11-30", "2100-01-03", [49, 50, 51, 52, 53]),
        (week_of(date(2025, 10, 12)), "2025-10-06", "2025-10-12", [41]),
    ],
)
def test_a_period_is_shown_in_whole_weeks_with_their_iso_numbers(period, first, last, numbers):
    weeks = weeks_of([], period)
    shown = [day.date for week in weeks for day in week.days]
    assert shown == [date.fromisoformat(first) + timedelta(days=n) for n in range(7 * len(weeks))]
    assert shown[-1] == date.fromisoformat(last)
    assert [week.number for week in weeks] == numbers
    assert all(week.days[0].date.isoweekday() == 1 for week in weeks)
    assert [day.date for week in weeks for day in week.days if day.inside] == [
        period.start + timedelta(days=n) for n in range(period.days)
    ]


def test_without_events_there_are_days_and_no_bars():
    weeks = weeks_of([], OCTOBER)
    assert drawn(weeks) == []
    assert {(day.events, day.more) for week in weeks for day in week.days} == {(0, 0)}


def test_an_event_over_the_end_of_a_week_is_one_bar_in_each_and_cut_between_them():
    weeks = weeks_of([days("2025-10-10", "2025-10-14")], OCTOBER)
    assert drawn(weeks) == [(41, 5, 3, 1), (42, 1, 2, 1)]
    first, second = (bar for week in weeks for bar in week.bars)
    assert (first.begun, first.goes_on) == (False, True)
    assert (second.begun, second.goes_on) == (True, False)


def test_an_event_from_monday_to_sunday_is_cut_nowhere():
    (bar,) = weeks_of([days("2025-10-06", "2025-10-12")], OCTOBER)[1].bars
    assert (bar.column, bar.days, bar.begun, bar.goes_on) == (1, 7, False, False)


def test_an_event_over_the_end_of_a_year_is_one_bar_in_the_week_that_both_years_share():
    span = days("2026-12-30", "2027-01-02")
    assert drawn(weeks_of([span], month(2026, 12))) == [(53, 3, 4, 1)]
    assert drawn(weeks_of([span], month(2027, 1))) == [(53, 3, 4, 1)]


def test_an_event_of_300_days_fills_every_week_and_has_ends_in_the_first_and_the_last_alone():
    span = Span(date(2025, 3, 5), date(2025, 3, 5) + timedelta(days=300))
    bars = [bar for week in weeks_of([span], Span(date(2025, 1, 1), date(2026, 2, 1))) for bar in week.bars]
    assert sum(bar.days for bar in bars) == 300
    assert [bar.begun for bar in bars] == [False] + [True] * (len(bars) - 1)
    assert [bar.goes_on for bar in bars] == [True] * (len(bars) - 1) + [False]


def test_events_of_one_day_stand_side_by_side_in_the_same_row():
    week = weeks_of([days(f"2025-10-{day:02}") for day in range(6, 13)], OCTOBER)[1]
    assert [(bar.column, bar.days, bar.row) for bar in week.bars] == [(column, 1, 1) for column in range(1, 8)]


def test_a_part_lies_below_its_whole_and_what_is_free_beside_it_is_used():
    whole, part, later = days("2025-10-06", "2025-10-10"), days("2025-10-07", "2025-10-08"), days("2025-10-09")
    week = weeks_of([part, later, whole], OCTOBER)[1]
    assert [(bar.event, bar.column, bar.days, bar.row) for bar in week.bars] == [
        (2, 1, 5, 1),
        (0, 2, 2, 2),
        (1, 4, 1, 2),
    ]


def test_bars_come_in_the_order_of_their_starts_longer_ones_first_then_as_given():
    short, longer, same, earlier = (
        days("2025-10-07"),
        days("2025-10-07", "2025-10-09"),
        days("2025-10-07"),
        days("2025-10-01"),
    )
    weeks = weeks_of([short, longer, same, earlier], OCTOBER)
    assert [bar.event for week in weeks for bar in week.bars] == [3, 1, 0, 2]


def test_what_began_in_an_earlier_week_comes_before_what_begins_on_monday():
    monday, before = days("2025-10-06", "2025-10-12"), days("2025-10-03", "2025-10-06")
    assert [bar.event for bar in weeks_of([monday, before], OCTOBER)[1].bars] == [1, 0]


def test_of_60_events_in_a_week_4_rows_fit_and_each_day_says_how_many_do_not():
    spans = [Span.inclusive(date(2025, 10, 6 + n % 5), date(2025, 10, 6 + min(n % 5 + n % 3, 6))) for n in range(60)]
    week = weeks_of(spans, OCTOBER, 4)[1]
    assert sorted(bar.event for bar in week.bars) == list(range(60))
    assert {bar.row for bar in week.bars if bar.fits} == {1, 2, 3, 4}
    for column, day in enumerate(week.days, 1):
        there = [bar for bar in week.bars if bar.is_on(column)]
        assert day.events == sum(span.start <= day.date < span.end for span in spans) == len(there)
        assert day.more == len([bar for bar in there if bar.row > 4])
    assert week.days[2].more > 4


def test_without_a_limit_every_row_fits():
    week = weeks_of([days("2025-10-07")] * 60, week_of(date(2025, 10, 7)))[0]
    assert [bar.row for bar in week.bars] == list(range(1, 61))
    assert all(bar.fits for bar in week.bars)
    assert [day.more for day in week.days] == [0] * 7


@given(
    st.lists(st.tuples(st.dates(date(2025, 8, 1), date(2025, 11, 30)), st.integers(1, 40)), max_size=40),
    st.sampled_from([None, 1, 4]),
)
def test_every_day_of_every_event_is_drawn_once_and_no_two_bars_share_a_place(events, most_rows):
    spans = [Span(start, start + timedelta(days=length)) for start, length in events]
    weeks = weeks_of(spans, OCTOBER, most_rows)
    for week in weeks:
        places = [(bar.row, column) for bar in week.bars for column in range(bar.column, bar.column + bar.days)]
        assert len(places) == len(set(places))
        assert all(1 <= column <= 7 for _row, column in places)
        for bar in week.bars:
            assert bar.begun == (spans[bar.event].start < week.span.start)
            assert bar.goes_on == (spans[bar.event].end > week.span.end)
    covered = sorted(
        (bar.event, week.days[column - 1].date)
        for week in weeks
        for bar in week.bars
        for column in range(bar.column, bar.column + bar.days)
    )
    first, end = weeks[0].span.start, weeks[-1].span.end
    assert covered == sorted(
        (number, span.start + timedelta(days=n))
        for number, span in enumerate(spans)
        for n in range(span.days)
        if first <= span.start + timedelta(days=n) < end
    )


def test_what_does_not_take_place_lies_under_what_does():
    spans = [days("2025-10-06", "2025-10-10"), days("2025-10-07"), days("2025-10-08", "2025-10-09"), days("2025-10-07")]
    (week,) = weeks_of(spans, week_of(date(2025, 10, 7)), 2, frozenset({0, 3}))
    rows = {bar.event: (bar.row, bar.fits) for bar in week.bars}
    assert rows == {1: (1, True), 2: (1, True), 0: (2, True), 3: (3, False)}
