"""On which day a step is due, and when it is late: whatever the days of the meeting."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_app.planning.milestones import (
    ASKED_AFTER,
    EARLIEST_WEEKS,
    LATEST_WEEKS,
    Course,
    MilestoneState,
    Standing,
    day_of,
    standing,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
WEEKS = st.integers(EARLIEST_WEEKS, LATEST_WEEKS)
STATES = st.sampled_from(MilestoneState)
OPEN = MilestoneState.OPEN
# A meeting of a week, which the calendar has kept for a year.
COURSE = Course(date(2027, 5, 3), date(2027, 5, 8), date(2026, 5, 1))


@st.composite
def courses(draw) -> Course:
    start = draw(st.none() | DAYS)
    end = start + timedelta(days=draw(st.integers(1, 14))) if start else None
    return Course(start, end, draw(DAYS), draw(st.booleans()))


@given(DAYS, st.integers(-2000, 2000), st.lists(WEEKS))
def test_moving_a_meeting_moves_every_step_by_as_many_days(start, moved, weeks):
    by = timedelta(days=moved)
    assert [day_of(start + by, w, None) for w in weeks] == [day_of(start, w, None) + by for w in weeks]


@given(DAYS, WEEKS, DAYS)
def test_a_day_that_was_agreed_stays_when_the_meeting_moves(start, weeks, agreed):
    assert day_of(start, weeks, agreed) == day_of(None, weeks, agreed) == agreed


@given(WEEKS, courses(), STATES, DAYS)
def test_without_days_of_the_meeting_a_step_has_no_day_and_is_neither_due_nor_late(weeks, course, state, today):
    course = replace(course, start=None, end=None)
    day = day_of(course.start, weeks, None)
    assert day is None
    assert standing(day, state, course, today) not in {Standing.DUE, Standing.LATE, Standing.BEFORE}


@given(st.none() | DAYS, courses(), STATES, DAYS)
def test_nothing_is_late_whose_day_came_before_the_event_entered_the_calendar(day, course, state, today):
    if standing(day, state, course, today) is Standing.LATE:
        assert course.entered <= day < today


@given(st.none() | DAYS, courses(), STATES, DAYS)
def test_nothing_is_asked_that_is_done_or_off_or_of_a_meeting_that_does_not_take_place(day, course, state, today):
    found = standing(day, state, course, today)
    if state is not OPEN or not course.is_on:
        assert found not in {Standing.DUE, Standing.LATE, Standing.BEFORE, Standing.UNDATED}
    if course.end and today >= course.end + ASKED_AFTER:
        assert found not in {Standing.DUE, Standing.LATE}


@pytest.mark.parametrize(
    ("weeks", "today", "expected"),
    [
        (-26, date(2026, 11, 2), Standing.DUE),  # the day itself
        (-26, date(2026, 11, 3), Standing.LATE),
        (-104, date(2026, 11, 3), Standing.BEFORE),  # in 2025, when nobody kept the event here
        (-26, date(2027, 5, 2), Standing.LATE),
        (-26, date(2027, 5, 3), Standing.OFF),  # the first day of the meeting
        (-26, date(2027, 5, 8), Standing.OFF),
        (8, date(2027, 6, 28), Standing.DUE),  # the report, after the meeting
        (8, date(2027, 6, 29), Standing.LATE),
        (8, date(2028, 2, 5), Standing.OFF),
    ],
)
def test_how_a_step_stands_from_day_to_day(weeks, today, expected):
    assert standing(day_of(COURSE.start, weeks, None), OPEN, COURSE, today) is expected
