"""What the days of one meeting run into, and which secretariat is in town."""

from __future__ import annotations

import pytest

from calendar_app.planning.dates import Precision
from calendar_app.planning.days import judge_days
from calendar_app.planning.opportunities import in_town
from calendar_app.planning.vocabulary import Format, Status
from tests.planning.worlds import event_id, facts, free_day, meeting, period, policy

WEEK = ("2027-03-08", "2027-03-12")


def said(world, *on, **fields):
    """The severity as a word, and the rules that spoke."""
    judgement = judge_days(meeting(world, "a", *(on or WEEK), **fields), world, policy())
    return judgement.severity.word, [reason.rule for reason in judgement.reasons if reason.severity]


CASES = [
    ("official holiday of the host", {"city": "geneva"}, {}, "major", "official-holiday"),
    ("of the seat of those who serve it", {"city": "geneva"}, {"city": "nairobi"}, "minor", "staff-holiday"),
    ("of a city that has nothing to do with it", {"city": "bangkok"}, {}, "none", None),
    ("both Eids, everywhere", {"tier": "observe"}, {"city": "bangkok"}, "major", "observed-day"),
    ("both Eids, online", {"tier": "observe"}, {"format": Format.ONLINE, "city": ""}, "minor", "observed-day"),
    ("a day to avoid", {"tier": "avoid"}, {}, "minor", "avoided-day"),
    ("a day to avoid, online", {"tier": "avoid"}, {"format": Format.ONLINE, "city": ""}, "none", None),
    ("of the host country", {"tier": "national", "country": "KE"}, {"city": "nairobi"}, "minor", "national-holiday"),
    ("public holiday of another country", {"tier": "national", "country": "IT"}, {"city": "nairobi"}, "none", None),
    ("public holiday of the canton", {"tier": "national", "city": "geneva"}, {}, "minor", "national-holiday"),
    ("tentative: the day is sure", {"tier": "observe"}, {"status": Status.TENTATIVE}, "major", "observed-day"),
    ("dates that are not known", {"tier": "observe"}, {"precision": Precision.MONTH}, "none", None),
]  # fmt: skip


@pytest.mark.parametrize(("why", "day", "fields", "severity", "rule"), CASES, ids=[case[0] for case in CASES])
def test_a_day_to_keep_free_on_the_last_day(why, day, fields, severity, rule):
    world = facts([free_day("2027-03-12", **day)])
    assert said(world, **fields) == (severity, [rule] if rule else []), why
    assert said(world, "2027-03-08", "2027-03-11", **fields)[0] == "none", "the day before"


def test_the_official_list_speaks_for_the_law_of_its_country():
    world = facts([free_day("2027-03-12", city="geneva"), free_day("2027-03-12", "national", city="geneva")])
    assert said(world) == ("major", ["official-holiday"])


@pytest.mark.parametrize(
    ("first", "fields", "severity"),
    [
        ("2027-03-13", {}, "minor"),
        ("2027-03-14", {}, "minor"),
        ("2027-03-12", {}, "none"),
        ("2027-03-14", {"part_role": "pre-meeting"}, "none"),
        ("2027-03-14", {"part_role": "side-event"}, "none"),
        ("2027-03-14", {"format": Format.ONLINE, "city": ""}, "none"),
    ],
)
def test_a_meeting_that_begins_on_a_weekend(first, fields, severity):
    assert said(facts(), first, "2027-03-16", **fields)[0] == severity


@pytest.mark.parametrize(
    ("applies", "fields", "speaks"),
    [
        (("all", ""), {}, True),
        (("kind", "workshop"), {"kind": "workshop"}, True),
        (("kind", "workshop"), {}, False),
        (("audience", "ministers"), {"pools": ("ministers",)}, True),
        (("audience", "ministers"), {}, False),
        (("duty_station", "geneva"), {}, True),
        (("duty_station", "geneva"), {"city": "rome"}, False),
        (("host_region", "WEOG"), {"city": "rome"}, True),
        (("host_region", "WEOG"), {"city": "nairobi"}, False),
    ],
)
def test_a_period_that_some_meetings_avoid(applies, fields, speaks):
    world = facts(periods=[period("2027-03-12", "2027-03-31", applies)])
    assert said(world, **fields) == (("minor", ["avoided-period"]) if speaks else ("none", []))
    assert said(world, "2027-03-08", "2027-03-11", **fields)[0] == "none"


def test_a_period_over_the_new_year_is_named_once():
    world = facts(periods=[period("2026-12-20", "2027-01-06")])
    assert said(world, "2026-12-30", "2027-01-02") == ("minor", ["avoided-period"])


def test_a_long_run_of_staffed_days_counts_the_preparatory_ones():
    world = facts()
    assert said(world, "2027-03-01", "2027-03-12")[1] == []
    assert said(world, "2027-03-01", "2027-03-12", prepared="2027-02-28")[1] == ["long-run"]
    assert said(world, "2027-03-01", "2027-03-13")[1] == ["long-run"]
    assert said(world, "2027-03-01", "2027-03-13", held_by=("unep",))[1] == []


@pytest.mark.parametrize(
    ("fields", "organisations"),
    [
        ({"held_by": ("minamata",)}, ("brs",)),
        ({"held_by": ("brs",)}, None),
        ({"held_by": ("minamata",), "city": "rome"}, ("brs",)),
        ({"held_by": ("minamata",), "city": "nairobi"}, None),
        ({"held_by": ("minamata",), "format": Format.ONLINE, "city": ""}, None),
        ({"held_by": ("minamata",), "kind": "briefing"}, None),
        ({"held_by": ("minamata",), "part_role": "pre-meeting", "part_of": event_id("whole")}, None),
        ({"held_by": ("minamata",), "pools": ("chemicals-delegates",)}, None),
    ],
)
def test_the_other_secretariat_is_in_town(fields, organisations):
    world = facts()
    fields = {"pools": ("brs-programme-officers",)} | fields
    reasons = in_town(meeting(world, "a", *WEEK, **fields), world)
    assert [reason.value("organisations") for reason in reasons] == ([organisations] if organisations else [])
