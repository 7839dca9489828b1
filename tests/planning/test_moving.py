"""Adding up hundreds of start days at once says the same as asking all rules about each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendar_app.planning.compare import find
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.finder import Wanted, search
from calendar_app.planning.meetings import ServiceDays
from calendar_app.planning.moving import Moving
from calendar_app.planning.vocabulary import FindingKind, Format, LinkKind, PartRole, Severity, Status
from tests.planning import worlds

NAMES = [f"meeting {number}" for number in range(9)]
FIRST = date(2027, 3, 1)
WORLD = worlds.facts(
    free_days=[
        worlds.free_day("2027-03-09", "observe", "A day to observe"),
        worlds.free_day("2027-03-26", "official", "Good Friday", city="geneva"),
        worlds.free_day("2027-03-29", "national", "Easter Monday", country="IT"),
        worlds.free_day("2027-04-14", "avoid", "A day to avoid"),
    ],
    periods=[worlds.period("2027-03-20", "2027-03-31", ("duty_station", "rome"))],
)
# Some of it is rare in calendars, and common here: links, families, candidate dates, services, hours.
RARELY = st.integers(0, 4).map(lambda number: number == 0)
POOLS = st.frozensets(st.sampled_from(sorted(worlds.POOLS)), min_size=1, max_size=3)
HOLDERS = st.frozensets(st.sampled_from(["brs", "minamata", "unep"]), min_size=1, max_size=2)


def hours_on(day, hour, length):
    start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return start, start + timedelta(hours=length)


@st.composite
def meetings(draw, name):
    """One meeting with all that a meeting can have, and its candidate dates."""
    first = FIRST + timedelta(days=draw(st.integers(-12, 50)))
    length = draw(st.sampled_from([1, 1, 2, 3, 5, 9]))
    holders = draw(HOLDERS)
    more = {
        "kind": draw(st.sampled_from(sorted(worlds.KINDS))),
        "format": draw(st.sampled_from([Format.IN_PERSON, Format.IN_PERSON, Format.HYBRID, Format.ONLINE])),
        "status": draw(st.sampled_from([Status.CONFIRMED, Status.CONFIRMED, Status.TENTATIVE, Status.CANCELLED])),
        "venue": draw(st.sampled_from(["", "", "Palais"])),
        "series": draw(st.sampled_from(["", "", "", "round"])),
        "key_persons": frozenset(draw(st.sampled_from([(), (), ("the president",)]))),
        "processes": frozenset(draw(st.sampled_from([("basel",), ("minamata",), ("climate",)]))),
        "remote": draw(st.booleans()),
        "expected": draw(st.sampled_from([None, 2, 300])),
    }
    regions = draw(st.sampled_from([(), (), ("Africa",), ("CEE",), ("global",)]))
    city = draw(st.sampled_from([*sorted(worlds.PLACES), "", "elsewhere"]))
    made = worlds.meeting(
        WORLD, name, str(first), str(first + timedelta(days=length - 1)),
        pools=draw(POOLS), city=city, held_by=holders, regions=regions, **more,
    )  # fmt: skip
    if draw(RARELY):
        vague = draw(st.sampled_from(["2027-03-01/2027-03-31", "2027-04-01/2027-04-30", "2027-01-01/2027-06-30"]))
        span = worlds.days(*vague.split("/"))
        made = replace(made, span=span, footprint=span, precision=Precision.MONTH)
    elif length > 1 and draw(RARELY):
        made = replace(made, footprint=Span(first - timedelta(days=draw(st.integers(1, 3))), made.span.end))
    if length == 1 and made.is_exact and draw(st.booleans()):
        made = replace(made, hours=hours_on(first, draw(st.integers(0, 23)), draw(st.integers(1, 6))))
    if draw(RARELY):
        lent = Span(first, first + timedelta(days=draw(st.integers(1, 3))))
        made = replace(made, services=(ServiceDays(draw(st.sampled_from(["brs", "minamata"])), "it", lent),))
    if draw(RARELY):
        link = (draw(st.sampled_from(sorted(LinkKind))), worlds.event_id(draw(st.sampled_from(NAMES))))
        made = replace(made, links=frozenset({link}))
    found = [made]
    if made.is_exact and draw(RARELY):
        later = [draw(st.integers(-9, 20)) for _ in range(draw(st.integers(1, 2)))]
        found += [
            replace(made, span=moved, footprint=moved, option=number, hours=None)
            for number, by in enumerate(later, 1)
            for moved in [Span(made.span.start + timedelta(days=by), made.span.end + timedelta(days=by))]
        ]
    return found


@st.composite
def calendars(draw):
    """Some meetings, and twins of them: other events, elsewhere and at another time, of which much the same is said."""
    found = [made for name in NAMES for made in draw(meetings(name))]
    for number, name in enumerate(NAMES[1:4], 1):
        if draw(st.booleans()):
            larger = worlds.event_id(draw(st.sampled_from(NAMES[:number])))
            whole = next(m for m in found if m.event == larger)
            role = draw(st.sampled_from([PartRole.SESSION, PartRole.SIDE_EVENT]))
            part = {"part_of": whole.event, "whole": whole.whole, "part_role": role}
            found = [replace(m, **part) if m.event == worlds.event_id(name) else m for m in found]
    for number in range(draw(st.integers(0, 6))):
        like, other = draw(st.sampled_from(found)), draw(st.sampled_from(found))
        by = timedelta(days=draw(st.integers(-20, 20))) if like.is_exact else timedelta()
        name = worlds.event_id(f"twin {number}")
        moved = {
            "event": name,
            "whole": name,
            "part_of": None,
            "option": 0,
            "span": Span(like.span.start + by, like.span.end + by),
            "footprint": Span(like.footprint.start + by, like.footprint.end + by),
            "hours": like.hours and (like.hours[0] + by, like.hours[1] + by),
        }
        taken = {field: getattr(other, field) for field in "city country venue organisers series links".split()}
        found.append(replace(like, **moved, **taken))
    return found


def said(findings):
    return {(f.kind, f.about, f.a, f.b, f.severity, f.reasons, f.options, f.likelihood) for f in findings}


def price(findings, policy):
    prices = {
        Severity.MINOR: policy.cost_minor,
        Severity.MAJOR: policy.cost_major,
        Severity.CRITICAL: policy.cost_critical,
    }
    return sum(-policy.gain_opportunity if f.kind is FindingKind.OPPORTUNITY else prices[f.severity] for f in findings)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    calendars(),
    st.integers(1, 6),
    st.integers(0, len(NAMES) - 1),
    st.booleans(),
    st.sampled_from([{}, {"minor_below_free_days": 5, "join_free_days": 1}, {"vague_least_likelihood": 0.4}]),
)
def test_a_search_says_of_each_day_what_asking_all_rules_about_it_says(calendar, days, which, is_known, numbers):
    policy = worlds.policy(**numbers)
    template = next(m for m in calendar if m.event == worlds.event_id(NAMES[which]))
    others = [m for m in calendar if m.event != template.event]
    wanted = Wanted(template, days, FIRST, FIRST + timedelta(days=24), frozenset(range(7)), within_week=False)
    found = search(wanted, calendar if is_known else others, WORLD, policy)
    moving = Moving(template, days, others, WORLD, policy)
    assert [window.span.start for window in found.by_day] == [FIRST + timedelta(days=n) for n in range(26 - days)]
    for window in found.by_day:
        moved = moving.at(window.span.start)
        expected = find([moved, *others], WORLD, policy, frozenset({moved.event}))
        clashes = [f.severity for f in expected if f.kind is FindingKind.CLASH]
        assert said(window.findings) == said(expected)
        assert window.cost == price(expected, policy)
        assert window.worst == max(clashes, default=Severity.NONE)


def test_the_meeting_keeps_its_preparatory_days_its_hours_and_its_services_at_their_distance():
    hours = hours_on(date(2027, 3, 10), 9, 2)
    lent = ServiceDays("minamata", "it", worlds.days("2027-03-09", "2027-03-10"))
    template = worlds.meeting(
        WORLD, "wanted", "2027-03-10", prepared="2027-03-08", hours=hours, services=(lent,), status=Status.POSTPONED
    )
    moved = Moving(template, 1, [], WORLD, worlds.policy()).at(date(2027, 6, 2))
    assert moved.span == worlds.days("2027-06-02")
    assert moved.footprint == worlds.days("2027-05-31", "2027-06-02")
    assert moved.hours == hours_on(date(2027, 6, 2), 9, 2)
    assert moved.services == (ServiceDays("minamata", "it", worlds.days("2027-06-01", "2027-06-02")),)
    assert (moved.status, moved.is_exact) == (Status.CONFIRMED, True)


def test_a_template_without_days_has_services_on_the_days_of_the_meeting():
    lent = ServiceDays("minamata", "it", worlds.days("2027-03-09", "2027-03-10"))
    template = worlds.meeting(WORLD, "wanted", services=(lent,))
    moved = Moving(template, 3, [], WORLD, worlds.policy()).at(date(2027, 6, 1))
    assert moved.footprint == moved.span == moved.services[0].days == worlds.days("2027-06-01", "2027-06-03")
