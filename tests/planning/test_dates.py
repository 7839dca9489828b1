"""Days, spans and precisions, as a coordinator would check them in a table."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from calendar_app.planning.dates import (
    EARLIEST,
    LATEST,
    Precision,
    Span,
    first_of_month_back,
    first_of_next_month,
    month,
    overlaps,
    problem_of_precision,
)

DAYS = st.dates(EARLIEST, LATEST - timedelta(days=400))
SPANS = st.builds(lambda first, days: Span.inclusive(first, first + timedelta(days=days)), DAYS, st.integers(0, 400))


def span(first: str, last: str) -> Span:
    return Span.inclusive(date.fromisoformat(first), date.fromisoformat(last))


def test_a_span_is_shown_with_both_its_days_and_counts_both():
    two_weeks = span("2027-04-19", "2027-04-30")
    assert (two_weeks.start, two_weeks.end, two_weeks.last) == (
        date(2027, 4, 19),
        date(2027, 5, 1),
        date(2027, 4, 30),
    )
    assert two_weeks.days == 12
    assert span("2027-04-19", "2027-04-19").days == 1


@pytest.mark.parametrize(("start", "end"), [("2027-04-19", "2027-04-19"), ("2027-04-19", "2027-04-18")])
def test_a_span_without_a_day_is_refused(start, end):
    with pytest.raises(ValueError, match="must end after it starts"):
        Span(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("first", "second", "expected", "why"),
    [
        (("2027-03-01", "2027-03-05"), ("2027-03-05", "2027-03-09"), True, "they share the last day of the first"),
        (("2027-03-01", "2027-03-05"), ("2027-03-06", "2027-03-09"), False, "one follows the other"),
        (("2027-03-01", "2027-03-31"), ("2027-03-10", "2027-03-10"), True, "one lies inside the other"),
        (("2027-03-01", "2027-03-01"), ("2027-03-01", "2027-03-01"), True, "they are the same day"),
        (("2027-03-01", "2027-03-02"), ("2028-03-01", "2028-03-02"), False, "they are in different years"),
        (("2026-12-28", "2027-01-03"), ("2027-01-01", "2027-01-01"), True, "one goes over the turn of the year"),
    ],
)
def test_overlap_means_at_least_one_common_day(first, second, expected, why):
    assert overlaps(span(*first), span(*second)) is expected, why


@given(SPANS, SPANS)
def test_overlap_is_mutual_and_means_a_common_day(a, b):
    common = max(a.start, b.start) <= min(a.last, b.last)
    assert overlaps(a, b) is overlaps(b, a) is common


@given(SPANS)
def test_a_span_overlaps_itself_and_neither_the_day_before_nor_the_day_after(a):
    assert overlaps(a, a)
    assert not overlaps(a, Span(a.end, a.end + timedelta(days=1)))
    assert not overlaps(a, Span(a.start - timedelta(days=1), a.start))


@given(SPANS, SPANS)
def test_spans_sort_by_first_day_then_by_last(a, b):
    assume(a != b)
    assert (a < b) is ((a.start, a.last) < (b.start, b.last))


@pytest.mark.parametrize(
    ("first", "last", "precision", "fits"),
    [
        ("2027-04-19", "2027-04-30", Precision.DAY, True),
        ("2027-04-01", "2027-04-30", Precision.MONTH, True),
        ("2027-04-01", "2027-06-30", Precision.MONTH, True),  # "April to June"
        ("2027-12-01", "2027-12-31", Precision.MONTH, True),
        ("2028-02-01", "2028-02-29", Precision.MONTH, True),
        ("2028-02-01", "2028-02-28", Precision.MONTH, False),
        ("2027-04-02", "2027-04-30", Precision.MONTH, False),
        ("2027-04-01", "2027-04-29", Precision.MONTH, False),
        ("2027-04-01", "2027-06-30", Precision.QUARTER, True),
        ("2027-10-01", "2027-12-31", Precision.QUARTER, True),
        ("2027-04-01", "2027-09-30", Precision.QUARTER, True),  # "second or third quarter"
        ("2027-05-01", "2027-07-31", Precision.QUARTER, False),
        ("2027-04-01", "2027-05-31", Precision.QUARTER, False),
        ("2027-01-01", "2027-12-31", Precision.YEAR, True),
        ("2027-01-01", "2028-12-31", Precision.YEAR, True),
        ("2027-01-01", "2027-12-30", Precision.YEAR, False),
        ("2027-02-01", "2027-12-31", Precision.YEAR, False),
        ("2027-04-07", "2027-05-19", Precision.WORDS, True),
    ],
)
def test_a_vague_date_covers_whole_periods_only(first, last, precision, fits):
    problem = problem_of_precision(span(first, last), precision)
    assert (problem == "") is fits, problem


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-11-20", 0, "2026-11-01"),
        ("2026-11-20", 12, "2025-11-01"),
        ("2026-01-31", 1, "2025-12-01"),
        ("2026-12-31", 12, "2025-12-01"),
        ("2026-03-31", 1, "2026-02-01"),
        ("2024-02-29", 12, "2023-02-01"),
        ("2026-01-01", 25, "2023-12-01"),
    ],
)
def test_months_are_counted_back_over_the_turn_of_the_year(day, months, expected):
    assert first_of_month_back(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(DAYS)
def test_the_next_month_begins_after_each_day_of_this_one(day):
    following = first_of_next_month(day)
    assert following.day == 1
    assert timedelta(days=1) <= following - day <= timedelta(days=31)
    assert first_of_month_back(following, 1) == day.replace(day=1)
    assert month(day.year, day.month).end == following
    assert month(day.year, day.month).start == day.replace(day=1)


@pytest.mark.parametrize(("number", "last"), [(1, 31), (2, 28), (4, 30), (12, 31)])
def test_a_month_ends_on_its_last_day(number, last):
    assert month(2027, number).last == date(2027, number, last)


@pytest.mark.parametrize("number", [0, 13])
def test_there_is_no_month_0_or_13(number):
    with pytest.raises(ValueError, match="month"):
        month(2027, number)
