"""The date finder, as a coordinator would check it with a calendar on the wall."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from calendar_app.planning.dates import Precision
from calendar_app.planning.finder import Constraint, NothingFits, Wanted, better_dates, looked_at, search
from calendar_app.planning.findings import FindingKind
from calendar_app.planning.vocabulary import Format, LinkKind, Severity, Status
from tests.planning import worlds

WORLD, POLICY = worlds.facts(), worlds.policy()
ALL_WEEK = frozenset(range(7))
# Every Monday of June 2027: 7, 14, 21, 28.
JUNE = ("2027-06-01", "2027-06-30")


def held(name, *days, **more):
    return worlds.meeting(WORLD, name, *days, **more)


def wanted(meeting=None, days=5, first=JUNE[0], last=JUNE[1], **more):
    return Wanted(
        meeting or held("wanted", kind="cop"), days, date.fromisoformat(first), date.fromisoformat(last), **more
    )


def looked(wanted, *meetings, world=WORLD, policy=POLICY, **more):
    return search(wanted, meetings, world, policy, **more)


def starts(windows):
    return [str(window.span.start) for window in windows]


def rules(window):
    return {reason.rule for finding in window.findings for reason in finding.reasons}


# One meeting in June that some of the same people attend, and what the four weeks of June come to then.
@pytest.mark.parametrize(
    ("other", "worst", "cost", "why"),
    [
        (
            {"kind": "cop", "city": "nairobi"},
            Severity.CRITICAL,
            1000,
            "two conferences in two cities, the same Parties",
        ),
        ({"kind": "cop", "city": "geneva"}, Severity.MAJOR, 100, "the same delegates, in one city"),
        ({"city": "nairobi", "held_by": ("unep",)}, Severity.MAJOR, 100, "the same delegates in another city"),
        ({"city": "", "format": Format.ONLINE}, Severity.MINOR, 10, "the other one is online"),
        ({"city": "nairobi", "status": Status.TENTATIVE}, Severity.MINOR, 10, "the other one is not firm"),
        ({"pools": ("crc-members",), "city": "rome", "held_by": ("unep",)}, Severity.MINOR, 10, "a few of the same"),
        ({"pools": ("climate-delegates",), "city": "rome", "held_by": ("unep",)}, Severity.NONE, 0, "nobody is wanted"),
        ({"status": Status.CANCELLED}, Severity.NONE, 0, "the other one does not take place"),
        ({"kind": "deadline"}, Severity.NONE, 0, "a deadline is no meeting"),
    ],
)
def test_what_a_week_costs_is_what_the_meeting_would_run_into(other, worst, cost, why):
    found = looked(wanted(), held("other", "2027-06-14", "2027-06-18", **other))
    week = next(window for window in found.by_day if window.span.start == date(2027, 6, 14))
    assert (week.worst, week.cost) == (worst, cost), why


def test_windows_are_ranked_by_what_they_run_into_and_what_they_make_possible():
    found = looked(
        wanted(),
        held("conference", "2027-06-08", "2027-06-09", kind="cop", city="nairobi"),
        held("webinar", "2027-06-16", kind="webinar", city="", format=Format.ONLINE, hours=None),
        held("committee", "2027-06-28", "2027-06-29", kind="expert-group", held_by=("minamata",)),
    )
    assert starts(found.by_day) == ["2027-06-07", "2027-06-14", "2027-06-21"]
    assert [(str(w.span.start), w.cost, w.worst) for w in found.windows] == [
        ("2027-06-21", -15, Severity.NONE),
        ("2027-06-14", 10, Severity.MINOR),
        ("2027-06-07", 1000, Severity.CRITICAL),
    ]
    assert found.is_good
    assert (found.costliest, found.nothing) == (None, None)


def test_a_window_tells_what_it_makes_possible_and_why():
    found = looked(wanted(), held("committee", "2027-06-21", "2027-06-23", kind="expert-group", held_by=("minamata",)))
    best = found.windows[0]
    assert (str(best.span.start), best.cost, best.worst) == ("2027-06-14", -15, Severity.NONE)
    (finding,) = best.findings
    assert finding.kind is FindingKind.OPPORTUNITY
    assert {finding.a, finding.b} == {worlds.event_id("wanted"), worlds.event_id("committee")}
    assert rules(best) == {"one-trip", "shared-audience"}


def test_no_number_of_shared_trips_makes_up_for_a_major_clash():
    committees = [held(f"committee {n}", "2027-06-21", "2027-06-23", pools=("poprc-members",)) for n in range(9)]
    session = held("session", "2027-06-16", "2027-06-17", city="rome")
    template = held("wanted", kind="cop", pools=("chemicals-delegates", "poprc-members"))
    found = looked(wanted(template, first="2027-06-07", last="2027-06-18"), session, *committees)
    assert [(str(w.span.start), w.cost, w.is_good) for w in found.windows] == [
        ("2027-06-07", 0, True),
        ("2027-06-14", 100 - 9 * 15, False),
    ]


def test_the_first_windows_are_spread_over_the_weeks_and_every_day_stays_to_be_looked_up():
    found = looked(wanted(days=2), most=3)
    # Tuesday to Thursday in the first week, Monday to Thursday in three, and Monday and Tuesday in the last.
    assert len(found.by_day) == 3 + 3 * 4 + 2
    assert starts(found.windows) == ["2027-06-01", "2027-06-07", "2027-06-14"]
    weeks = [window.span.start.isocalendar()[:2] for window in looked(wanted(days=2)).windows]
    assert len(weeks) == len(set(weeks)) == 5


def test_the_best_day_stands_for_its_week():
    found = looked(wanted(days=2), held("session", "2027-06-14", "2027-06-15", city="nairobi"))
    # Wednesday is too soon after Nairobi, Thursday leaves a day for the journey.
    week = [window for window in found.by_day if window.span.start.isocalendar().week == 24]
    assert [(window.span.start.day, window.cost) for window in week] == [(14, 100), (15, 100), (16, 100), (17, 100)]
    later = looked(wanted(days=1), held("session", "2027-06-14", "2027-06-14", city="nairobi"))
    week = [window for window in later.by_day if window.span.start.isocalendar().week == 24]
    assert [window.cost for window in week] == [100, 100, 100, 10, 0]
    assert "2027-06-18" in starts(later.windows)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"days": 5}, ["2027-06-07", "2027-06-14", "2027-06-21"]),
        ({"days": 4, "last": "2027-06-18"}, ["2027-06-01", "2027-06-07", "2027-06-08", "2027-06-14", "2027-06-15"]),
        ({"within_week": False, "weekdays": frozenset({3})}, ["2027-06-03", "2027-06-10", "2027-06-17", "2027-06-24"]),
        ({"days": 3, "weekdays": frozenset({2})}, ["2027-06-02", "2027-06-09", "2027-06-16", "2027-06-23"]),
        ({"days": 2, "weekdays": frozenset({5})}, ["2027-06-05", "2027-06-12", "2027-06-19", "2027-06-26"]),
        ({"days": 9, "weekdays": frozenset({0})}, ["2027-06-07", "2027-06-14", "2027-06-21"]),
    ],
)  # fmt: skip
def test_it_starts_on_the_weekdays_asked_for_and_runs_over_no_weekend_unless_asked(more, expected):
    assert starts(looked(wanted(**more)).by_day) == expected


def test_the_first_and_the_last_day_allowed_can_be_taken():
    found = looked(wanted(days=5, first="2027-06-07", last="2027-06-11"))
    assert [window.span for window in found.windows] == [worlds.days("2027-06-07", "2027-06-11")]


def test_a_day_to_avoid_is_not_touched_by_the_meeting_or_its_preparation():
    avoid = (worlds.days("2027-06-16"), worlds.days("2027-06-20"))
    assert starts(looked(wanted(avoid=avoid)).by_day) == ["2027-06-07", "2027-06-21"]
    prepared = held("wanted", "2027-01-04", "2027-01-08", prepared="2027-01-03")
    assert starts(looked(wanted(prepared, avoid=avoid)).by_day) == ["2027-06-07"]


def test_preparatory_days_count_for_clashes_too():
    prepared = held("wanted", "2027-01-05", "2027-01-08", prepared="2027-01-04", kind="cop")
    found = looked(wanted(prepared, days=4, first="2027-06-08", last="2027-06-11"), held("other", "2027-06-07"))
    assert found.windows[0].worst is Severity.MAJOR


def test_a_short_online_session_is_judged_by_the_hour_in_each_city():
    at_six = (datetime(2027, 6, 1, 6, tzinfo=UTC), datetime(2027, 6, 1, 8, tzinfo=UTC))
    session = held("wanted", "2027-06-01", kind="briefing", city="", format=Format.ONLINE, hours=at_six)
    found = looked(
        wanted(session, days=1, first="2027-06-07", last="2027-06-11"),
        held("in Bangkok, where it is afternoon", "2027-06-08", city="bangkok"),
        held("in Panama, where it is night", "2027-06-10", city="panama"),
    )
    assert [(w.span.start.day, w.cost) for w in found.by_day] == [(7, 0), (8, 0), (9, 0), (10, 10), (11, 0)]


def test_holidays_of_the_host_count():
    world = worlds.facts(free_days=[worlds.free_day("2027-06-16", city="geneva", name="A feast")])
    found = looked(wanted(), world=world)
    assert [(w.span.start.day, w.cost) for w in found.windows] == [(7, 0), (21, 0), (14, 100)]
    assert rules(found.windows[-1]) == {"official-holiday"}


@pytest.mark.parametrize(
    ("relation", "own"),
    [
        ({"whole": worlds.event_id("whole"), "part_of": worlds.event_id("whole")}, {"whole": worlds.event_id("whole")}),
        ({"series": "the sixth round"}, {"series": "the sixth round"}),
        ({"links": frozenset({(LinkKind.SAME_AS, worlds.event_id("wanted"))})}, {}),
        ({"event": worlds.event_id("wanted"), "option": 1}, {}),
    ],
)
def test_relatives_of_the_meeting_are_silent_and_strangers_like_them_are_not(relation, own):
    relative = replace(held("relative", "2027-06-07", "2027-06-11", kind="cop", city="nairobi"), **relation)
    stranger = held("stranger", "2027-06-21", "2027-06-25", kind="cop", city="nairobi")
    found = looked(wanted(held("wanted", kind="cop", **own)), relative, stranger)
    assert [(window.span.start.day, window.cost) for window in found.by_day] == [(7, 0), (14, 10), (21, 1000)]


def test_only_the_meeting_in_the_same_building_takes_the_room():
    own = held("wanted", kind="cop", venue="Palais des Nations")
    other = {"pools": ("climate-delegates",), "city": "geneva"}
    found = looked(
        wanted(own),
        held("next door", "2027-06-07", "2027-06-11", venue="CICG", **other),
        held("in the same rooms", "2027-06-21", "2027-06-25", venue="Palais des Nations", **other),
    )
    assert [(window.span.start.day, window.cost) for window in found.by_day] == [(7, 0), (14, 0), (21, 10)]


def test_candidate_dates_of_one_event_are_one_clash_on_a_day_that_meets_several():
    options = [replace(held("other", "2027-06-07", "2027-06-09", city="nairobi"), option=n) for n in (1, 2)]
    found = looked(wanted(first="2027-06-07", last="2027-06-11"), *options)
    assert (found.windows[0].cost, len(found.windows[0].findings)) == (10, 1)


def test_a_meeting_of_which_only_the_month_is_known_is_a_possible_clash():
    month = worlds.days("2027-06-01", "2027-06-30")
    vague = replace(held("other", *JUNE, city="nairobi"), precision=Precision.MONTH, span=month)
    assert [window.worst for window in looked(wanted(), vague).by_day] == [Severity.MINOR] * 3


def blocking(city, weekdays, first="2027-04-01", last="2027-09-30"):
    """One-day meetings of the same delegates on these weekdays (Monday is 0) of spring and summer."""
    first, last = date.fromisoformat(first), date.fromisoformat(last)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [held(f"on {day}", str(day), city=city) for day in every if day.weekday() in weekdays]


CLOSED = [
    worlds.free_day(str(day), city="geneva")
    for day in (date(2027, 4, 1) + timedelta(days=n) for n in range(180))
    if day.weekday() in {2, 5}
]
BEFORE, AFTER = ("2027-04-01", "2027-05-31"), ("2027-07-01", "2027-09-30")


@pytest.mark.parametrize(
    ("more", "others", "free_days", "constraint", "start", "cost"),
    [
        ({}, [("nairobi", ALL_WEEK, BEFORE[0], JUNE[1])], [], Constraint.LATEST, "2027-07-05", 0),
        ({}, [("nairobi", ALL_WEEK, JUNE[0], AFTER[1])], [], Constraint.EARLIEST, "2027-04-12", 0),
        # From Thursday on two days are free after Nairobi: only a minor clash.
        ({"days": 1, "weekdays": {0}}, [("nairobi", {0})], [], Constraint.WEEKDAYS, "2027-06-03", 10),
        # From Thursday to Monday nothing is held on a Wednesday, and both Wednesdays share the trip.
        ({}, [("geneva", {2})], [], Constraint.WITHIN_WEEK, "2027-06-03", -30),
        (
            {"avoid": (worlds.days(*JUNE),)},
            [("nairobi", ALL_WEEK, *BEFORE), ("nairobi", ALL_WEEK, *AFTER)],
            [],
            Constraint.AVOID,
            "2027-06-07",
            0,
        ),
        # Elsewhere only the staff from Geneva misses a holiday.
        ({}, [], CLOSED, Constraint.CITY, "2027-06-07", 10),
        ({}, [("geneva", {4})], [], Constraint.LENGTH, "2027-06-07", -30),
    ],
)  # fmt: skip
def test_when_nothing_is_good_the_costliest_constraint_is_named(more, others, free_days, constraint, start, cost):
    more = more | {"weekdays": frozenset(more.get("weekdays", ()))}
    blocked = [meeting for block in others for meeting in blocking(*block)]
    found = looked(wanted(**more), *blocked, world=worlds.facts(free_days=free_days))
    assert not found.is_good
    assert found.costliest.constraint is constraint
    assert (str(found.costliest.window.span.start), found.costliest.cost) == (start, cost)


def test_no_constraint_is_named_where_none_helps():
    filled = [held(f"from {first}", first, last, city="rome") for first, last in (BEFORE, JUNE, AFTER)]
    found = looked(wanted(days=1), *filled)
    assert not found.is_good
    assert found.windows
    assert (found.costliest, found.relaxed) == (None, ())


def test_nothing_is_offered_before_today_when_the_first_day_is_let_go():
    filled = [held(f"from {first}", first, last, city="rome") for first, last in (JUNE, AFTER)]
    found = looked(wanted(days=1), *filled, not_before=date(2027, 5, 10))
    assert {item.constraint: str(item.window.span.start) for item in found.relaxed} == {"earliest": "2027-05-10"}
    assert looked(wanted(days=1), *filled, not_before=date(2027, 6, 1)).costliest is None


EITHER_END = {"latest", "earliest"}


@pytest.mark.parametrize(
    ("more", "nothing", "helps"),
    [
        ({"first": "2027-06-30", "last": "2027-06-01"}, NothingFits.BACKWARD, EITHER_END),
        ({"first": "2027-06-07", "last": "2027-06-10"}, NothingFits.TOO_SHORT, {*EITHER_END, "length"}),
        ({"first": "2027-06-08", "last": "2027-06-13"}, NothingFits.NO_WEEKDAY, {*EITHER_END, "within-week", "length"}),
        ({"weekdays": frozenset({3})}, NothingFits.NO_WEEKDAY, {"weekdays", "within-week"}),
        ({"avoid": (worlds.days("2027-01-01", "2027-12-31"),)}, NothingFits.ALL_AVOIDED, {"avoid"}),
    ],
)  # fmt: skip
def test_where_nothing_fits_the_reason_is_told_and_what_would_help(more, nothing, helps):
    found = looked(wanted(**more))
    assert (found.windows, found.by_day, found.is_good) == ((), (), False)
    assert found.nothing is nothing
    assert {item.constraint for item in found.relaxed} == helps


def test_a_meeting_without_a_day_is_refused():
    with pytest.raises(ValueError, match="at least one day"):
        wanted(days=0)


def test_the_days_looked_at_hold_what_is_tried_when_nothing_is_good():
    prepared = held("wanted", "2027-01-04", "2027-01-08", prepared="2027-01-02")
    assert looked_at(wanted(prepared)) == worlds.days("2027-04-04", "2027-08-25")


OWN = held("wanted", "2027-06-14", "2027-06-18", kind="cop")


def test_better_dates_cost_less_than_its_own_and_lie_near():
    clash = held("session", "2027-06-16", "2027-06-18", city="nairobi", kind="cop")
    found = better_dates(OWN, [OWN, clash], WORLD, POLICY)
    assert starts(found) == ["2027-06-07", "2027-05-31", "2027-06-28", "2027-05-24", "2027-07-05"]
    assert {window.cost for window in found} == {0}
    assert starts(better_dates(OWN, [OWN, clash], WORLD, POLICY, most=1)) == ["2027-06-07"]
    assert starts(better_dates(OWN, [clash], WORLD, POLICY, weeks=1)) == ["2027-06-07", "2027-06-21"]
    ahead = better_dates(OWN, [clash], WORLD, POLICY, not_before=date(2027, 6, 10))
    assert starts(ahead) == ["2027-06-28", "2027-07-05", "2027-07-12", "2027-07-19", "2027-07-26"]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2027, 4, 12), ["2027-06-07", "2027-05-31", "2027-06-28", "2027-05-24", "2027-07-05"]),
        (date(2027, 4, 19), ["2027-06-07", "2027-05-31", "2027-06-28", "2027-07-05", "2027-07-12"]),
        (date(2027, 5, 10), ["2027-06-28", "2027-07-05", "2027-07-12", "2027-07-19", "2027-07-26"]),
        (date(2027, 6, 30), ["2027-07-05", "2027-07-12", "2027-07-19", "2027-07-26", "2027-08-02"]),
    ],
)
def test_a_date_that_is_sooner_than_its_own_leaves_six_weeks_to_invite(today, expected):
    clash = held("session", "2027-06-16", "2027-06-18", city="nairobi", kind="cop")
    assert starts(better_dates(OWN, [OWN, clash], WORLD, POLICY, not_before=today)) == expected


def test_good_dates_of_its_own_have_no_better_ones_unless_a_trip_can_be_shared():
    assert better_dates(OWN, [OWN], WORLD, POLICY) == ()
    near = held("committee", "2027-06-28", "2027-06-30", kind="expert-group", held_by=("minamata",))
    found = better_dates(OWN, [OWN, near], WORLD, POLICY)
    assert [(str(window.span.start), window.cost) for window in found] == [("2027-06-21", -15)]


def test_a_meeting_on_unknown_days_has_no_better_dates():
    assert better_dates(held("wanted"), [], WORLD, POLICY) == ()
    assert better_dates(replace(OWN, precision=Precision.MONTH), [], WORLD, POLICY) == ()
