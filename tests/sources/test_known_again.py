"""What only moved comes under a new id from many programs: it is the same event, and nothing is called off."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from calendar_app.services.matching import Match
from calendar_app.services.reconciling import Act, Feed, Known, Remembered, Said, decide
from tests.sources.test_reconciling import ONE, TWO, acts, run, state

OTHERS = {f"o{n}": state(f"Meeting number {n}", f"2027-05-{n:02}") for n in range(1, 21)}


def remembered(now, *over):
    """Return what a source said before, and the calendar with these events, of which those of `over` are over."""
    before = [Remembered(uid, uuid.UUID(int=100 + n), said) for n, (uid, said) in enumerate(sorted(now.items()))]
    return before, {item.event_id: Known(item.said, is_over=item.uid in over) for item in before}


def moves(was, now, *over):
    """Return from which id to which the source's events moved, and what else a run comes to, by id."""
    before, calendar = remembered({**OTHERS, **was}, *over)
    plan = run({**OTHERS, **now}, before, calendar)
    others = {step.uid: step.act for step in plan.steps if not step.was_uid and step.act is not Act.LEAVE}
    return {step.was_uid: step.uid for step in plan.steps if step.was_uid}, others


def dates(*days, at="09:00", uid="s@p", **values):
    """Return dates of a series by the ids that they get, of which the hour is a part."""
    return {
        f"{uid}#{day}T{at}": state("Weekly call", day, series="Weekly call", start_time=at, **values) for day in days
    }


def weekly(first, number=20):
    start = date.fromisoformat(first)
    return [(start + timedelta(weeks=n)).isoformat() for n in range(number)]


# (what the source said, what it says now)
ONE_MOVED = {
    "to another day": (state(), state(day="2027-06-01")),
    "to another hour": (state(start_time="09:00"), state(start_time="10:00")),
    "and its room too": (state(city="Rome", venue="Hall"), state(day="2027-06-01", city="Rome", venue="Room")),
    "from no date to one": (state(span=None), state()),
}


@pytest.mark.parametrize("case", ONE_MOVED)
def test_the_only_one_of_its_title_that_vanished_is_the_only_new_one(case):
    was, now = ONE_MOVED[case]
    assert moves({"a": was}, {"b": now}) == ({"a": "b"}, {})


OTHER_EVENTS = {
    "it is in another city": ({"a": state(city="Rome")}, {"b": state(day="2027-06-01", city="Bonn")}),
    "it was called off, and there is a new one": ({"a": state(status="cancelled")}, {"b": state(day="2027-06-01")}),
    "two are new": ({"a": state()}, {"b": state(day="2027-06-01"), "c": state(day="2027-07-01")}),
    "two vanished": ({"a": state(), "c": state(day="2027-07-01")}, {"b": state(day="2027-09-01")}),
    "one that stays lies between": (
        {"a": state(), "c": state(day="2027-04-01")}, {"c": state(day="2027-04-01"), "b": state(day="2027-06-01")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHER_EVENTS)
def test_it_is_another_event_when(case):
    was, now = OTHER_EVENTS[case]
    moved, others = moves(was, now)
    assert moved == {}
    assert others["b"] is Act.CREATE


def test_a_meeting_that_is_over_does_not_become_the_next_one_of_its_title():
    assert moves({"a": state()}, {"b": state(day="2027-04-01")}, "a") == ({}, {"b": Act.CREATE})


@pytest.mark.parametrize("days", [weekly("2027-03-01", 4), weekly("2027-03-01")])
@pytest.mark.parametrize("uid", ["s@p", "new@p"])
def test_a_series_whose_hour_changes_has_the_same_dates(days, uid):
    moved, others = moves(dates(*days), dates(*days, at="10:00", uid=uid))
    assert moved == {f"s@p#{day}T09:00": f"{uid}#{day}T10:00" for day in days}
    assert others == {}


def test_a_series_of_another_weekday_has_the_same_dates_in_their_order():
    moved, others = moves(dates(*weekly("2027-03-01")), dates(*weekly("2027-03-04")))
    assert moved == {
        f"s@p#{was}T09:00": f"s@p#{now}T09:00"
        for was, now in zip(weekly("2027-03-01"), weekly("2027-03-04"), strict=True)
    }
    assert others == {}


@pytest.mark.parametrize(("number", "first"), [(19, "2027-03-04"), (21, "2027-02-25")])
def test_where_the_numbers_differ_the_nearest_dates_are_the_same(number, first):
    moved, others = moves(dates(*weekly("2027-03-01", 20)), dates(*weekly(first, number)))
    gaps = {date.fromisoformat(new[4:14]) - date.fromisoformat(old[4:14]) for old, new in moved.items()}
    assert gaps == {timedelta(days=3)}
    assert list(others.values()) == [Act.CANCEL if number < 20 else Act.CREATE]


def test_a_date_that_is_called_off_is_not_the_one_that_comes_into_sight_at_the_end():
    days = weekly("2027-03-01")
    moved, others = moves(dates(*days[:-1]), dates(*days[:4], *days[5:]))
    assert moved == {}
    assert others == {f"s@p#{days[4]}T09:00": Act.CANCEL, f"s@p#{days[-1]}T09:00": Act.CREATE}


def test_a_date_that_is_over_moves_with_its_series_but_does_not_become_a_later_one():
    was = "s@p#2027-03-01T09:00"
    assert moves(dates("2027-03-01"), dates("2027-03-03"), was)[0] == {was: "s@p#2027-03-03T09:00"}
    assert moves(dates("2027-03-01"), dates("2027-06-01"), was)[0] == {}


def test_ids_that_share_the_beginning_of_an_address_are_no_series():
    was = {"http://p/events#1": state("Workshop", "2027-03-01")}
    assert moves(was, {"http://p/events#2": state("Seminar", "2027-03-01")})[0] == {}


def test_one_that_may_be_what_is_new_is_missing_and_not_called_off():
    before, calendar = remembered({**OTHERS, "a": state(), "b": state("Seminar")})
    event = next(item.event_id for item in before if item.uid == "a")
    new = {"x": state("Workshop on lead paint", "2027-03-08")}
    plan = run({**OTHERS, **new}, before, calendar, {"x": Match((event,), sure=False)})
    assert acts(plan)["x"] is Act.ASK
    assert (set(plan.missing), plan.gone) == ({"a", "b"}, ())
    assert Act.CANCEL not in acts(plan).values()


def test_what_is_surely_the_same_comes_before_what_has_the_same_title():
    items = [Said("x", state("Workshop", "2027-03-01")), Said("y", state(day="2027-06-01"))]
    before = [Remembered("a", ONE, state()), *(Remembered(uid, TWO, said) for uid, said in list(OTHERS.items())[:1])]
    calendar = {ONE: Known(state()), TWO: Known(OTHERS["o1"])}
    plan = decide(Feed(items, is_whole=False), before, calendar, {"x": Match((ONE,), sure=True)}, is_direct=True)
    assert [(step.uid, step.was_uid) for step in plan.steps] == [("x", "a"), ("y", "")]
