"""The strip of days: which weeks it has, where the bars lie, and which days are meant."""

from __future__ import annotations

from datetime import date

from calendar_app.planning.dates import Span, month
from calendar_app.web.clashes.strip import Bar, strip_of

MEETING = Span.inclusive(date(2027, 6, 9), date(2027, 6, 15))  # from a Wednesday to the next Tuesday
OTHER = Span.inclusive(date(2027, 6, 14), date(2027, 6, 16))


def mondays(weeks) -> list[str]:
    return [f"{week.days[0].date:%m-%d}" for week in weeks]


def test_the_weeks_before_and_after_are_shown_too():
    assert mondays(strip_of([MEETING, OTHER], [])) == ["05-31", "06-07", "06-14", "06-21"]


def test_a_bar_is_cut_at_the_ends_of_weeks():
    weeks = strip_of([MEETING, OTHER], [])
    assert [week.bars for week in weeks] == [(), (Bar(0, 3, 5),), (Bar(0, 1, 2), Bar(1, 1, 3)), ()]


def test_days_tell_how_many_events_are_on_them_and_whether_they_are_meant():
    shared = Span.inclusive(date(2027, 6, 14), date(2027, 6, 15))
    week = strip_of([MEETING, OTHER], [shared])[2]
    assert [day.events for day in week.days] == [2, 2, 1, 0, 0, 0, 0]
    assert [day.is_meant for day in week.days] == [True, True, False, False, False, False, False]


def test_weeks_between_two_events_far_apart_are_left_out():
    far = Span.inclusive(date(2027, 9, 6), date(2027, 9, 7))
    weeks = strip_of([OTHER, far], [])
    assert mondays(weeks) == ["06-07", "06-14", "06-21", "08-30", "09-06", "09-13"]
    assert [week.after_gap for week in weeks] == [False, False, False, True, False, False]


def test_of_a_month_all_weeks_are_shown_and_of_a_quarter_its_ends():
    assert len(strip_of([month(2027, 6)], [])) == 7
    quarter = Span(date(2027, 4, 1), date(2027, 7, 1))
    weeks = strip_of([quarter, MEETING], [])
    assert mondays(weeks)[0] == "03-22"
    assert mondays(weeks)[-1] == "07-05"
    assert any(week.after_gap for week in weeks)
    assert [bar.event for week in weeks for bar in week.bars if week.days[0].date == date(2027, 6, 14)] == [0, 1]
