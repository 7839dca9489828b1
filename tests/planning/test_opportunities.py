"""What two meetings could make of each other, and what a session still lacks."""

from __future__ import annotations

import pytest

from calendar_app.planning.dates import Precision
from calendar_app.planning.gaps import find_gaps
from calendar_app.planning.opportunities import joined
from calendar_app.planning.vocabulary import Format, LinkKind
from tests.planning.worlds import event_id, facts, meeting, policy

WEEK = ("2027-03-08", "2027-03-12")  # Monday to Friday


def found(one, other, world=None):
    """The rules that speak for one trip to two meetings."""
    world = world or facts()
    first = meeting(world, "a", *one.pop("on", WEEK), **one)
    second = meeting(world, "b", *other.pop("on", ("2027-03-15", "2027-03-19")), **other)
    rules = [reason.rule for reason in joined(first, second, world, policy())]
    assert rules == [reason.rule for reason in joined(second, first, world, policy())]
    return rules


ONE_TRIP = ["one-trip", "shared-audience"]


@pytest.mark.parametrize(
    ("one", "other", "rules"),
    [
        ({}, {}, ONE_TRIP),
        ({}, {"on": ("2027-03-13", "2027-03-14")}, ONE_TRIP),
        ({}, {"on": ("2027-03-16", "2027-03-18")}, ONE_TRIP),
        ({}, {"on": ("2027-03-17", "2027-03-18")}, []),
        ({}, {"on": ("2027-03-12", "2027-03-14")}, []),
        ({}, {"city": "lausanne"}, ONE_TRIP),
        ({}, {"city": "rome"}, []),
        ({}, {"format": Format.ONLINE, "city": ""}, []),
        ({}, {"precision": Precision.MONTH}, []),
        ({"pools": ("observers",)}, {"pools": ("observers",)}, ONE_TRIP),
        ({"pools": ("brs-conference-staff",)}, {"pools": ("brs-conference-staff",)}, []),
        ({"pools": ("poprc-members",)}, {"pools": ("pops-experts",)}, ["one-trip", "related-audience"]),
        ({"pools": ("crc-members",)}, {}, ["one-trip", "related-audience"]),
        ({"pools": ("crc-members",)}, {"held_by": ("minamata",)}, []),
        ({"pools": ("crc-members",)}, {"pools": ("poprc-members",)}, []),
        ({"held_by": ("unep",)}, {"held_by": ("unep",)}, []),
        ({"held_by": ("unep",)}, {}, ONE_TRIP),
        ({"series": "Yearly"}, {"series": "Yearly"}, []),
        ({"city": ""}, {"city": "", "pools": ("crc-members",)}, ["city-missing", "related-audience"]),
        ({"city": ""}, {"pools": ("crc-members",)}, ["city-missing", "related-audience"]),
        ({"city": ""}, {"city": "", "held_by": ("minamata",)}, []),
        ({"on": ("2027-03-04", "2027-03-12")}, {}, [*ONE_TRIP, "long-stay"]),
    ],
)
def test_one_trip_to_two_meetings(one, other, rules):
    assert found(dict(one), dict(other)) == rules


def test_two_outside_meetings_matter_if_both_stand_next_to_the_cluster():
    world = facts()
    near = {"held_by": ("unep",), "processes": frozenset({"plastics"})}
    object.__setattr__(world, "near_processes", frozenset({"plastics"}))
    assert found(dict(near), dict(near), world) == ONE_TRIP
    assert found(dict(near), near | {"processes": frozenset({"cbd"})}, world) == []


def test_trips_saved_are_counted_where_both_say_how_many_they_expect():
    world = facts()
    one = meeting(world, "a", *WEEK, expected=100)
    other = meeting(world, "b", "2027-03-15", expected=40)
    reason = next(r for r in joined(one, other, world, policy()) if r.rule == "trips-saved")
    assert reason.value("trips") == 32  # four fifths of the forty
    assert reason.internal == "ab"


def test_what_is_said_to_be_back_to_back_is_one_as_long_as_the_dates_allow_it():
    links = frozenset({(LinkKind.BACK_TO_BACK, event_id("b"))})
    assert found({"links": links}, {"city": "nairobi"}) == ["stated-back-to-back"]
    assert found({"links": links}, {"on": ("2027-03-01", "2027-03-31"), "precision": Precision.MONTH}) == [
        "stated-back-to-back"
    ]
    assert found({"links": links}, {"on": ("2027-05-17", "2027-05-20"), "city": "nairobi"}) == []


def test_an_overlap_by_design_is_an_opportunity():
    links = frozenset({(LinkKind.OVERLAP_INTENDED, event_id("a"))})
    assert found({}, {"on": WEEK, "links": links}) == ["overlap-intended"]


ROUND = ("Africa", "Asia-Pacific", "CEE", "GRULAC")


def gaps(*regions, session=None, others=(), world=None):
    """The gaps of a conference in March with preparatory meetings of these regions, by rule."""
    world = world or facts()
    process = {"processes": frozenset({"minamata"}), "held_by": ("minamata",)}
    cop = meeting(world, "cop", *WEEK, **({"kind": "cop"} | process | (session or {})))
    rounds = [
        meeting(world, region, "2027-01-18", "2027-01-20", kind="regional-preparatory", regions=(region,), **process)
        for region in regions
    ]
    reasons = {}
    for finding in find_gaps([cop, *rounds, *(make(world, process) for make in others)], world, policy()):
        assert finding.a == cop.event
        reasons |= {reason.rule: reason for reason in finding.reasons}
    return reasons


def test_a_round_that_lacks_regions_names_them():
    reason = gaps("Africa", "GRULAC")["round-lacks-region"]
    assert reason.value("missing") == ("Asia-Pacific", "CEE")
    assert "round-lacks-region" not in gaps(*ROUND)
    assert "round-lacks-region" not in gaps(), "no round has begun"


def test_a_preparatory_meeting_says_what_it_prepares():
    def elsewhere(world, process):
        links = frozenset({(LinkKind.PREPARES_FOR, event_id("another session"))})
        return meeting(world, "e", "2027-01-25", kind="regional-preparatory", regions=("CEE",), links=links, **process)

    assert "CEE" in gaps("Africa", others=[elsewhere])["round-lacks-region"].value("missing")


def briefing(on, until=None, **fields):
    """A briefing of the missions in Geneva, to be made in a world."""
    return lambda world, process: meeting(
        world, "briefing", on, until, **({"kind": "briefing", "pools": ("missions-geneva",)} | process | fields)
    )


@pytest.mark.parametrize(
    ("on", "fields", "missing"),
    [
        ("2027-02-10", {}, False),
        ("2027-03-01", {}, False),
        ("2027-01-20", {}, True),
        ("2027-03-10", {}, True),
        ("2027-02-10", {"processes": frozenset({"gef"})}, True),
        ("2027-02-10", {"pools": ("focal-points",)}, True),
        ("2026-12-01", {"links": frozenset({(LinkKind.BRIEFING_FOR, event_id("cop"))})}, False),
    ],
)
def test_a_briefing_of_the_missions_two_to_six_weeks_ahead(on, fields, missing):
    assert ("briefing-missing" in gaps(others=[briefing(on, **fields)])) == missing


def test_briefings_whose_days_are_not_known_yet_may_be_for_a_session():
    undated = {"precision": Precision.YEAR}
    assert "briefing-missing" not in gaps(others=[briefing("2027-01-01", until="2027-12-31", **undated)])
    assert "briefing-missing" not in gaps(others=[briefing("2026-01-01", until="2027-12-31", **undated)])
    assert "briefing-missing" in gaps(others=[briefing("2026-01-01", until="2026-12-31", **undated)])


def test_the_days_for_a_briefing_are_named():
    reason = gaps()["briefing-missing"]
    assert [str(reason.value(name)) for name in ("first", "last")] == ["2027-01-25", "2027-02-22"]


def test_an_information_session_of_the_other_secretariat_could_be_added():
    def guests(world, process):
        return meeting(
            world, "g", "2027-01-25", kind="regional-preparatory", regions=("CEE",),
            pools=("focal-points", "brs-programme-officers"), **process,
        )  # fmt: skip

    def session_of_brs(world, process):
        links = frozenset({(LinkKind.INFORMATION_SESSION_FOR, event_id("g"))})
        return meeting(world, "i", "2027-01-26", kind="briefing", held_by=("brs",), links=links)

    assert gaps("Africa", others=[guests])["information-session"].value("organisations") == ("brs",)
    assert "information-session" not in gaps("Africa")
    assert "information-session" not in gaps("Africa", others=[guests, session_of_brs])


def test_what_not_all_may_see_who_see_the_session_does_not_show_in_its_gaps():
    hidden = [briefing("2027-02-10", openness=1)]
    assert "briefing-missing" in gaps(others=hidden)
    assert "briefing-missing" not in gaps(others=hidden, session={"openness": 1})
    own = [briefing("2027-02-10", openness=0, steward="minamata")]
    assert "briefing-missing" in gaps(others=own, session={"openness": 0, "steward": "brs"})
    assert "briefing-missing" not in gaps(others=own, session={"openness": 0, "steward": "minamata"})


def test_sessions_of_others_and_meetings_that_do_not_govern_have_no_gaps():
    assert gaps(session={"held_by": ("unep",)}) == {}
    assert gaps(session={"kind": "subsidiary-body"}) == {}
    assert gaps(session={"precision": Precision.MONTH}) == {}
