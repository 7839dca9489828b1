"""How badly two meetings get in each other's way: tables that a coordinator can check."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from calendar_app.planning.dates import Precision
from calendar_app.planning.meetings import ServiceDays
from calendar_app.planning.pairs import judge
from calendar_app.planning.vocabulary import Format, LinkKind, Severity, Status
from tests.planning.worlds import days, event_id, facts, meeting, policy

WEEK = ("2027-03-08", "2027-03-12")  # Monday to Friday
NEXT_WEEK = ("2027-03-15", "2027-03-19")
DELEGATES, OBSERVERS = ("chemicals-delegates",), ("observers",)


def said(a, b, world, **numbers):
    """The severity as a word, and the rules that were named."""
    judgement = judge(a, b, world, policy(**numbers))
    return judgement.severity.word, [reason.rule for reason in judgement.reasons]


def two(world, one, other, **numbers):
    """Judge two meetings given as fields that differ from an ordinary meeting in the same week."""
    a = meeting(world, "a", *one.pop("on", WEEK), **one)
    b = meeting(world, "b", *other.pop("on", WEEK), **other)
    return said(a, b, world, **numbers)


COP = {"kind": "cop", "pools": DELEGATES}
CASES = [
    ("two governing sessions, same delegates, two cities", COP, COP | {"city": "nairobi"}, "critical"),
    ("the same in one city: people can be in one room only", COP, COP, "major"),
    ("the same, but nobody knows where one of them is", COP, COP | {"city": ""}, "major"),
    ("a working group beside a conference, same delegates", COP, {"pools": DELEGATES, "city": "nairobi"}, "major"),
    (
        "the same ministers: bad, but not the same Parties",
        COP | {"pools": ("ministers",)},
        COP | {"pools": ("ministers",), "city": "rome"},
        "major",
    ),
    ("some of the people", COP, {"pools": ("crc-members",), "city": "rome", "held_by": ("chb",)}, "minor"),
    ("two committees, nobody in common", {"pools": ("crc-members",)}, {"pools": ("poprc-members",)}, "none"),
    ("the same observers", {"pools": OBSERVERS}, {"pools": OBSERVERS, "city": "rome"}, "minor"),
    (
        "the same conference staff for two governing sessions",
        COP | {"pools": ("brs-conference-staff",)},
        COP | {"pools": ("brs-conference-staff",), "city": "nairobi", "held_by": ("minamata",)},
        "critical",
    ),
    ("online against in person: a step less", COP, COP | {"format": Format.ONLINE, "city": ""}, "major"),
    ("hybrid, without what can be done from afar", COP, COP | {"city": "rome", "format": Format.HYBRID}, "critical"),
    ("hybrid that says it", COP, COP | {"city": "rome", "format": Format.HYBRID, "remote": True}, "major"),
    ("tentative: a step less", COP, COP | {"city": "rome", "status": Status.TENTATIVE}, "major"),
    ("a candidate date is tentative too", COP, COP | {"city": "rome", "option": 1}, "major"),
    ("neither is held by a member", COP | {"held_by": ("x",)}, COP | {"city": "rome", "held_by": ("y",)}, "minor"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "one", "other", "severity"), CASES, ids=[case[0] for case in CASES])
def test_two_meetings_in_the_same_week(why, one, other, severity):
    world = facts()
    assert two(world, dict(one), dict(other))[0] == severity, why
    assert two(world, dict(other), dict(one))[0] == severity, f"{why}, the other way round"


@pytest.mark.parametrize(
    ("city", "pools", "first", "severity"),
    [
        ("nairobi", DELEGATES, "2027-03-13", "major"),  # no free day
        ("nairobi", DELEGATES, "2027-03-14", "major"),  # one
        ("nairobi", DELEGATES, "2027-03-15", "minor"),  # a weekend
        ("nairobi", DELEGATES, "2027-03-16", "none"),
        ("nairobi", OBSERVERS, "2027-03-13", "minor"),
        ("nairobi", OBSERVERS, "2027-03-15", "minor"),
        ("nairobi", OBSERVERS, "2027-03-16", "none"),
        ("rome", DELEGATES, "2027-03-13", "minor"),
        ("rome", DELEGATES, "2027-03-14", "none"),
        ("rome", OBSERVERS, "2027-03-13", "none"),
        ("lausanne", DELEGATES, "2027-03-13", "none"),
        ("geneva", DELEGATES, "2027-03-13", "none"),
        ("", DELEGATES, "2027-03-13", "minor"),
        ("atlantis", DELEGATES, "2027-03-13", "minor"),
    ],
)
def test_time_to_travel(city, pools, first, severity):
    world = facts()
    before = meeting(world, "before", *WEEK, pools=pools)
    after = meeting(world, "after", first, "2027-03-20", pools=pools, city=city)
    assert said(before, after, world)[0] == severity


def test_nobody_travels_to_or_from_an_online_meeting():
    world = facts()
    online = meeting(world, "online", "2027-03-13", format=Format.ONLINE, city="")
    assert said(meeting(world, "before", *WEEK), online, world) == ("none", ["no-journey-online"])


def test_another_officer_can_travel():
    world = facts()
    officers = ("minamata-programme-officers",)
    before = meeting(world, "before", *WEEK, pools=officers, held_by=("brs",))
    after = meeting(world, "after", "2027-03-13", pools=officers, city="nairobi", held_by=("minamata",))
    assert said(before, after, world)[0] == "none"


def test_people_of_different_regions_are_different_people():
    world = facts()
    africa = {"kind": "regional-preparatory", "pools": ("focal-points",), "regions": ("Africa",)}
    assert two(world, dict(africa), africa | {"city": "rome", "held_by": ("minamata",)})[0] == "major"
    elsewhere = africa | {"regions": ("GRULAC",), "city": "panama", "held_by": ("minamata",)}
    assert two(world, dict(africa), elsewhere) == ("none", ["regions-differ"])


def test_an_officer_works_for_every_region():
    world = facts()
    one = {"kind": "workshop", "regions": ("Africa",), "pools": ("brs-programme-officers",)}
    severity, rules = two(world, dict(one), one | {"regions": ("GRULAC",), "city": "panama", "held_by": ("minamata",)})
    assert (severity, rules[0]) == ("minor", "same-staff")


def test_preparatory_days_belong_to_a_meeting():
    world = facts()
    prepared = meeting(world, "prepared", *NEXT_WEEK, prepared="2027-03-12", city="nairobi")
    severity, rules = said(meeting(world, "before", *WEEK), prepared, world)
    assert severity == "major"
    assert "overlap" in rules


def test_one_secretariat_in_two_cities():
    world = facts()
    here, there = {"pools": ("crc-members",)}, {"pools": ("pops-experts",), "city": "nairobi"}
    assert two(world, dict(here), dict(there)) == ("minor", ["same-secretariat", "overlap", "places"])
    assert two(world, dict(here), there | {"city": "geneva"})[0] == "none"
    assert two(world, dict(here), there | {"city": ""})[0] == "none"
    assert two(world, dict(here), there | {"held_by": ("minamata",)})[0] == "none"
    assert two(world, dict(here), there | {"format": Format.ONLINE, "city": ""})[0] == "none"
    assert two(world, dict(here), there | {"format": Format.HYBRID, "remote": True})[0] == "minor"


def test_one_secretariat_has_no_time_to_travel():
    world = facts()
    before = meeting(world, "before", *WEEK, pools=("crc-members",))
    after = {"pools": ("pops-experts",), "city": "nairobi"}
    assert said(before, meeting(world, "x", "2027-03-13", **after), world) == (
        "minor",
        ["secretariat-travels", "travel"],
    )
    assert said(before, meeting(world, "x", "2027-03-14", **after), world)[0] == "none"
    assert said(before, meeting(world, "x", "2027-03-13", **after | {"city": "rome"}), world)[0] == "none"
    assert said(before, meeting(world, "x", "2027-03-13", **after, held_by=("minamata",)), world)[0] == "none"


def test_staff_that_is_lent_is_wanted_in_two_places():
    world = facts()
    lent = {"services": (ServiceDays("brs", "staff", days(*WEEK)),), "held_by": ("minamata",), "city": "nairobi"}
    lent["pools"] = ("pops-experts",)
    severity, rules = two(world, {"pools": ("crc-members",)}, dict(lent))
    assert (severity, rules[0]) == ("major", "shared-service")
    later = lent | {"services": (ServiceDays("brs", "staff", days("2027-03-01", "2027-03-05")),)}
    assert two(world, {"pools": ("crc-members",)}, later)[0] == "none"


def test_a_person_named_for_both():
    world = facts()
    one = {"pools": ("crc-members",), "key_persons": frozenset({"the president"})}
    other = {"pools": ("pops-experts",), "held_by": ("minamata",), "key_persons": frozenset({"the president"})}
    a, b = meeting(world, "a", *WEEK, **one), meeting(world, "b", *WEEK, **other, city="nairobi")
    judgement = judge(a, b, world, policy())
    assert judgement.severity is Severity.MAJOR
    assert (judgement.reasons[0].rule, judgement.reasons[0].internal) == ("key-person", "ab")
    assert two(world, dict(one), other | {"key_persons": frozenset({"the chair"}), "city": "nairobi"})[0] == "none"


def test_one_building():
    world = facts()
    one = {"pools": ("crc-members",), "venue": "cicg"}
    assert two(world, dict(one), one | {"pools": ("pops-experts",)})[1][0] == "same-venue"
    assert two(world, dict(one), {"pools": ("pops-experts",), "venue": "palais"})[0] == "none"


@pytest.mark.parametrize(
    ("start", "end", "rule"),
    [
        (8, 10, "workable-hour"),  # 15:00 to 17:00 in Bangkok
        (13, 14, "workable-hour"),  # 20:00 to 21:00
        (13, 15, "unworkable-hour"),
        (16, 18, "unworkable-hour"),  # 23:00 to 01:00
        (23, 24, "unworkable-hour"),  # 06:00 to 07:00
    ],
)
def test_a_short_online_session_is_joined_at_a_decent_hour(start, end, rule):
    world = facts()
    first = datetime(2027, 3, 9, start, tzinfo=UTC)
    last = datetime(2027, 3, 9 + end // 24, end % 24, tzinfo=UTC)
    webinar = meeting(
        world, "webinar", "2027-03-09", kind="webinar", format=Format.ONLINE, city="", hours=(first, last)
    )
    severity, rules = said(meeting(world, "away", *WEEK, city="bangkok"), webinar, world)
    assert rule in rules
    assert severity == ("none" if rule == "workable-hour" else "minor")


def test_a_webinar_of_unknown_hour_is_mentioned_for_the_same_people_only():
    world = facts()
    webinar = {"on": ("2027-03-09", "2027-03-09"), "kind": "webinar", "format": Format.ONLINE, "city": ""}
    assert two(world, webinar | {"pools": DELEGATES}, {"pools": DELEGATES, "city": "bangkok"})[0] == "minor"
    assert two(world, webinar | {"pools": OBSERVERS}, {"pools": OBSERVERS, "city": "bangkok"})[0] == "none"


def test_some_of_the_people_cannot_join_at_night():
    world = facts()
    night = datetime(2027, 3, 9, 18, tzinfo=UTC), datetime(2027, 3, 9, 20, tzinfo=UTC)
    webinar = {"on": ("2027-03-09", "2027-03-09"), "kind": "webinar", "format": Format.ONLINE, "city": ""}
    away = {"pools": OBSERVERS, "city": "bangkok"}
    assert two(world, webinar | {"pools": OBSERVERS, "hours": night}, dict(away))[0] == "minor"
    assert two(world, webinar | {"pools": OBSERVERS, "hours": night}, away | {"pools": ("crc-members",)})[0] == "none"


def test_two_webinars_meet_only_at_the_same_hour():
    world = facts()
    nine, ten, noon = (datetime(2027, 3, 9, hour, tzinfo=UTC) for hour in (9, 10, 12))
    online = {"on": ("2027-03-09", "2027-03-09"), "kind": "webinar", "format": Format.ONLINE, "city": ""}
    assert two(world, online | {"hours": (nine, noon)}, online | {"hours": (ten, noon)})[0] == "minor"
    assert two(world, online | {"hours": (nine, ten)}, online | {"hours": (ten, noon)})[0] == "none"
    assert two(world, dict(online), dict(online))[0] == "none"


def test_a_briefing_in_the_same_city_is_a_walk_away():
    world = facts()
    briefing = {"on": ("2027-03-09", "2027-03-09"), "kind": "briefing"}
    assert two(world, dict(briefing), {})[0] == "minor"
    assert two(world, dict(briefing), {"city": "rome"})[0] == "major"


def test_a_month_gives_a_possible_clash_with_how_likely_it_is():
    world = facts()
    vague = meeting(world, "vague", "2027-03-01", "2027-03-31", precision=Precision.MONTH, kind="cop", city="nairobi")
    judgement = judge(meeting(world, "cop", *WEEK, kind="cop"), vague, world, policy())
    assert judgement.severity is Severity.MINOR
    # Five days somewhere in 31: 27 possible starts, of which those from the 4th to the 12th meet the 8th to the 12th.
    assert judgement.likelihood == pytest.approx(9 / 27)
    assert {"vague", "possible"} <= {reason.rule for reason in judgement.reasons}


def test_what_is_unlikely_is_not_said():
    world = facts()
    quarter = {"on": ("2027-01-01", "2027-03-31"), "precision": Precision.QUARTER, "city": "nairobi"}
    assert two(world, {"on": ("2027-03-09", "2027-03-09")}, quarter) == ("none", ["unlikely"])
    assert two(world, {}, quarter, vague_least_likelihood=0.05)[0] == "minor"


def test_a_month_next_to_a_meeting_says_nothing_of_travel():
    world = facts()
    assert two(world, {}, {"on": ("2027-04-01", "2027-04-30"), "precision": Precision.MONTH})[0] == "none"


RELATED = [
    ("dates of one event", {"event": event_id("a"), "option": 1}, "options"),
    ("one event", {"event": event_id("a")}, "same-event"),
    ("part and whole", {"whole": event_id("a"), "part_of": event_id("a")}, "part-and-whole"),
    ("two parts of one", {"whole": event_id("a")}, "parts-of-one"),
    ("one series", {"series": "Briefings"}, "same-series"),
    ("duplicates", {"links": frozenset({(LinkKind.SAME_AS, event_id("a"))})}, "same-as"),
    ("meant so", {"links": frozenset({(LinkKind.OVERLAP_INTENDED, event_id("a"))})}, "planned-together"),
    ("back-to-back", {"links": frozenset({(LinkKind.BACK_TO_BACK, event_id("a"))})}, "planned-together"),
]


@pytest.mark.parametrize(("why", "fields", "rule"), RELATED, ids=[case[0] for case in RELATED])
def test_what_belongs_together_never_clashes(why, fields, rule):
    world = facts()
    one = meeting(world, "a", *WEEK, kind="cop", series="Briefings")
    other = meeting(world, "b", *WEEK, kind="cop", city="nairobi", **fields)
    assert said(one, other, world) == ("none", [rule]), why
    assert said(other, one, world) == ("none", [rule]), why


def test_that_a_meeting_prepares_another_one_does_not_let_it_be_held_at_the_same_time():
    world = facts()
    links = frozenset({(LinkKind.PREPARES_FOR, event_id("a"))})
    assert two(world, {}, {"city": "nairobi", "links": links})[0] == "major"


def test_two_side_events_of_one_meeting_cannot_have_the_same_organisers_at_the_same_hour():
    world = facts()
    lunch = datetime(2027, 3, 9, 13, tzinfo=UTC), datetime(2027, 3, 9, 14, tzinfo=UTC)
    side = {"on": ("2027-03-09", "2027-03-09"), "kind": "side-event", "part_role": "side-event", "pools": ()}
    side |= {"whole": event_id("cop"), "part_of": event_id("cop"), "hours": lunch}
    assert two(world, dict(side), dict(side))[1][0] == "rival-side-events"
    assert two(world, dict(side), side | {"held_by": ("chb",)}) == ("none", ["parts-of-one"])
    assert two(world, dict(side), side | {"hours": None}) == ("none", ["parts-of-one"])


def test_of_whom_something_internal_was_looked_at_is_told_with_the_reason():
    world = facts()
    lent = {"services": (ServiceDays("chb", "staff", days(*WEEK)),), "pools": ()}
    one = meeting(world, "a", *WEEK, held_by=("brs",), **lent)
    held = meeting(world, "b", *WEEK, held_by=("chb",), pools=(), city="nairobi")
    served = meeting(world, "b", *WEEK, held_by=("minamata",), city="nairobi", **lent)
    assert judge(one, held, world, policy()).reasons[0].internal == "a"
    assert judge(held, one, world, policy()).reasons[0].internal == "b"
    assert judge(one, served, world, policy()).reasons[0].internal == "ab"
