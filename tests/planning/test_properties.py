"""What holds of any two meetings, whatever they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from calendar_app.planning import explain
from calendar_app.planning.compare import find
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.meetings import ServiceDays, free_days
from calendar_app.planning.opportunities import joined
from calendar_app.planning.pairs import judge
from calendar_app.planning.vocabulary import About, FindingKind, Format, LinkKind, PartRole, Status
from tests.planning import worlds

WORLD = worlds.facts()
POLICY = worlds.policy()
FIRST = date(2027, 3, 1)
APRIL = worlds.days("2027-04-01", "2027-04-30")


def moved(meeting, days):
    """The meeting so many days later, with all that belongs to its days."""
    by = timedelta(days)

    def later(span):
        return Span(span.start + by, span.end + by)

    return replace(
        meeting,
        span=later(meeting.span),
        footprint=later(meeting.footprint),
        hours=tuple(hour + by for hour in meeting.hours) if meeting.hours else None,
        services=tuple(replace(service, days=later(service.days)) for service in meeting.services),
    )


@st.composite
def meetings(draw, name):
    """One meeting on exact days."""
    start = FIRST + timedelta(draw(st.integers(0, 40)))
    days = draw(st.sampled_from([1, 1, 2, 5, 10]))
    span = Span(start, start + timedelta(days))
    made = worlds.meeting(
        WORLD,
        name,
        str(span.start),
        str(span.last),
        pools=draw(st.frozensets(st.sampled_from(sorted(worlds.POOLS)), min_size=1, max_size=3)),
        city=draw(st.sampled_from([*sorted(worlds.PLACES), "", "elsewhere"])),
        held_by=draw(st.frozensets(st.sampled_from(["brs", "minamata", "unep"]), max_size=2)),
        regions=draw(st.sampled_from([(), (), ("Africa",), ("CEE",)])),
        kind=draw(st.sampled_from(sorted(worlds.KINDS))),
        format=draw(st.sampled_from([Format.IN_PERSON, Format.IN_PERSON, Format.HYBRID, Format.ONLINE])),
        status=draw(st.sampled_from([Status.CONFIRMED, Status.CONFIRMED, Status.TENTATIVE])),
        remote=draw(st.booleans()),
        venue=draw(st.sampled_from(["", "Palais"])),
        key_persons=draw(st.sampled_from([frozenset(), frozenset({"the president"})])),
        prepared=draw(st.sampled_from([None, str(start - timedelta(2))])),
    )
    if days == 1 and draw(st.booleans()):
        hour = datetime(start.year, start.month, start.day, draw(st.integers(0, 20)), tzinfo=UTC)
        made = replace(made, hours=(hour, hour + timedelta(hours=draw(st.integers(1, 6)))))
    if draw(st.booleans()):
        made = replace(made, services=(ServiceDays(draw(st.sampled_from(["brs", "minamata"])), "it", span),))
    return made


def linked_by(a, b, kind):
    return replace(a, links=frozenset({(kind, b.event)})) if kind else a


LINKS = st.sampled_from([None, None, *LinkKind])


@given(meetings("one"), meetings("other"), LINKS)
def test_it_does_not_matter_which_of_two_meetings_is_named_first(a, b, link):
    a = linked_by(a, b, link)
    there, back = judge(a, b, WORLD, POLICY), judge(b, a, WORLD, POLICY)
    assert (there.severity, there.likelihood) == (back.severity, back.likelihood)
    assert sorted(r.rule for r in there.reasons) == sorted(r.rule for r in back.reasons)
    assert bool(joined(a, b, WORLD, POLICY)) == bool(joined(b, a, WORLD, POLICY))


@given(meetings("one"), meetings("other"), st.integers(1, 40))
def test_moving_two_meetings_apart_never_makes_it_worse(a, b, days):
    assume(a.span.start <= b.span.start)
    later = moved(b, days)
    # Two that share days are only apart once they share none: which of the days they share is another matter.
    assume(free_days(a.footprint, later.footprint) >= 0)
    assert judge(a, later, WORLD, POLICY).severity <= judge(a, b, WORLD, POLICY).severity


@given(meetings("one"), meetings("other"))
def test_a_vaguer_date_is_never_worse_than_the_worst_of_the_days_that_it_leaves_open(a, b):
    length = min(APRIL.days, WORLD.kind(b.kind).usual_days)
    vague = replace(b, span=APRIL, footprint=APRIL, precision=Precision.MONTH, hours=None, services=())
    starts = (APRIL.start + timedelta(days) for days in range(APRIL.days - length + 1))
    spans = [Span(start, start + timedelta(length)) for start in starts]
    exact = [replace(vague, span=span, footprint=span, precision=Precision.DAY) for span in spans]
    assert judge(a, vague, WORLD, POLICY).severity <= max(judge(a, one, WORLD, POLICY).severity for one in exact)


def test_a_short_meeting_whose_day_is_unknown_is_as_short():
    """Delegates can walk over from a meeting in the same city, whichever day it will be."""
    week = worlds.meeting(WORLD, "week", "2027-04-05", "2027-04-07", pools=("chemicals-delegates",))
    briefing = worlds.meeting(WORLD, "briefing", "2027-04-06", kind="briefing", pools=("crc-members",))
    some_day = replace(briefing, span=APRIL, footprint=APRIL, precision=Precision.MONTH)
    assert judge(week, briefing, WORLD, POLICY).severity == judge(week, some_day, WORLD, POLICY).severity == 0


def test_a_side_event_of_a_side_event_does_not_clash_with_it():
    hours = (datetime(2027, 4, 6, 8, tzinfo=UTC), datetime(2027, 4, 6, 10, tzinfo=UTC))
    values = {"hours": hours, "part_role": PartRole.SIDE_EVENT, "whole": worlds.event_id("cop")}
    one = worlds.meeting(WORLD, "one", "2027-04-06", part_of=worlds.event_id("cop"), **values)
    within = worlds.meeting(WORLD, "within", "2027-04-06", part_of=one.event, **values)
    assert judge(one, within, WORLD, POLICY).severity == 0


@given(meetings("whole"), meetings("part"), meetings("part of it"), st.data())
def test_part_and_whole_never_clash(whole, part, inner, data):
    roles = st.sampled_from(PartRole)
    family = [
        whole,
        replace(part, whole=whole.event, part_of=whole.event, part_role=data.draw(roles)),
        replace(inner, whole=whole.event, part_of=part.event, part_role=data.draw(roles)),
    ]
    clashes = [f for f in find(family, WORLD, POLICY) if f.kind is FindingKind.CLASH and f.about is About.PAIR]
    pairs = ({whole.event, part.event}, {part.event, inner.event}, {whole.event, inner.event})
    assert not [f for f in clashes if {f.a, f.b} in pairs]


@given(meetings("one"), meetings("other"), LINKS)
def test_an_explanation_says_what_planning_finds(a, b, link):
    a = linked_by(a, b, link)
    first, second = sorted((a, b), key=lambda m: m.event)
    told = explain.explain_pair(first, second, WORLD, POLICY)
    found = [f for f in find([a, b], WORLD, POLICY) if f.about is About.PAIR]
    words = [f.severity.word if f.kind is FindingKind.CLASH else "opportunity" for f in found]
    assert told.verdict == next((word for word in explain.VERDICTS if word in words), "none")
    for finding in found:
        assert set(finding.reasons) <= {said.reason for said in told.reasons}
    assert [look.topic for look in told.looks] == list(explain.OF_PAIRS)
    shown = {said for look in told.looks for said in look.said}
    assert set(told.reasons) <= shown
