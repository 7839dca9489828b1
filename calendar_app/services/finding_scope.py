"""How far a change of some events can reach: which findings have to be looked at again, and what to load for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Date, and_, bindparam, or_, select, union_all

from calendar_app.models import DateOption, Event, EventLink
from calendar_app.planning import compare, gaps
from calendar_app.planning.dates import ONE_DAY, Span
from calendar_app.planning.vocabulary import OptionState
from calendar_app.services.batch import collector_paused
from calendar_app.services.calendar import OPERATOR
from calendar_app.services.planning_meetings import all_meetings, build, meetings_around
from calendar_app.services.planning_rows import at_standing_stage, attached_to, merged, read, rows_preparing

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import BindParameter
    from sqlalchemy.orm import Session

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.findings import Finding
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy
    from calendar_app.services.touched import Before

# From so many events on it is quicker to look at the whole calendar; the outcome is the same.
MOST_TOUCHED = 100
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_DAYS = (DateOption.first_day, DateOption.last_day)
_IS_OPEN = and_(DateOption.event_id == Event.id, DateOption.state == OptionState.OPEN)
# The events with their wholes and all parts of these; each event once for each of its candidate dates.
_OF_EACH = select(Event.id, Event.part_of_id)
_BEGUN = _OF_EACH.where(Event.id.in_(_IDS)).cte("family", recursive=True)
_RELATED = _BEGUN.union(_OF_EACH.join(_BEGUN, or_(Event.part_of_id == _BEGUN.c.id, Event.id == _BEGUN.c.part_of_id)))
_FAMILY = (
    select(Event.id, Event.kind, Event.start, Event.end, *_DAYS)
    .outerjoin(DateOption, _IS_OPEN)
    .where(Event.id.in_(select(_RELATED.c.id)))
)
# Days and ids find these sooner than an index of stages or kinds would (see `planning_rows.standing`).
_SESSIONS = select(Event.id, Event.start).where(
    at_standing_stage(), Event.kind.concat("").in_(bindparam("kinds", expanding=True))
)
_LINKED = (
    Event.id.in_(bindparam("named", expanding=True)),
    Event.id.in_(select(EventLink.other_id).where(EventLink.event_id.in_(_IDS))),
    Event.id.in_(select(EventLink.event_id).where(EventLink.other_id.in_(_IDS))),
)
_SESSIONS_LINKED = union_all(*(_SESSIONS.where(way) for way in _LINKED))
_SESSIONS_FROM = _SESSIONS.where(
    Event.start >= bindparam("first", type_=Date), Event.start < bindparam("end", type_=Date)
)
_SESSIONS_OF = union_all(*(_SESSIONS.where(way) for way in _LINKED), _SESSIONS_FROM)


class Looked(NamedTuple):
    """What planning found of some events: `events` with all that concerns them, `sessions` with what they lack.

    None for both is the whole calendar. `meetings` have every event that a finding names.
    """

    found: list[Finding]
    meetings: list[Meeting]
    events: frozenset[uuid.UUID] | None = None
    sessions: frozenset[uuid.UUID] | None = None


class _Row(NamedTuple):
    """What is asked of the touched events and their families."""

    kind: str
    span: Span | None


@collector_paused()
def whole_calendar(session: Session, facts: Facts, policy: Policy) -> Looked:
    """Return the findings of all events."""
    meetings = all_meetings(session, facts)
    return Looked(of_calendar(meetings, facts, policy), meetings)


def of_calendar(meetings: list[Meeting], facts: Facts, policy: Policy) -> list[Finding]:
    """Return all findings of a calendar, what its sessions lack among them."""
    return compare.find(meetings, facts, policy) + gaps.find_gaps(meetings, facts, policy)


@collector_paused()
def around(session: Session, touched: Mapping[uuid.UUID, Before], facts: Facts, policy: Policy) -> Looked:
    """Return what is found of the touched events, their families, and the sessions that they prepare."""
    if len(touched) > MOST_TOUCHED:
        return whole_calendar(session, facts, policy)
    rows, spans = _families(session, touched, policy)
    events = frozenset(rows)
    meetings = meetings_around(session, spans, events, facts, policy)
    found = compare.find(meetings, facts, policy, events)
    sessions = _sessions(session, touched, rows, facts, policy)
    lacking = _lacking(sessions, meetings, facts)
    if lacking:
        known = {m.event for m in meetings}
        prepared = _prepared(session, lacking, facts, policy)
        found += gaps.find_gaps(prepared, facts, policy, frozenset(lacking))
        meetings += [m for m in prepared if m.event not in known]
    return Looked(found, meetings, events, frozenset(sessions.keys() | touched.keys()))


def _families(
    session: Session, touched: Mapping[uuid.UUID, Before], policy: Policy
) -> tuple[dict[uuid.UUID, _Row], set[Span]]:
    """Return the touched events with all that belongs to the same wholes, now or before.

    With them the days on which they can meet others, candidate dates among these.
    """
    rows: dict[uuid.UUID, _Row] = {}
    spans: set[Span] = set()
    wholes = {before.part_of for before in touched.values() if before.part_of}
    for event, kind, start, end, first, last in read(session, _FAMILY, {"ids": [*touched, *wholes]}):
        rows[event] = row = _Row(kind, Span(start, end) if start else None)
        if row.span and row.span.days <= policy.vague_longest_days:
            spans.add(row.span)
        if first:
            spans.add(Span.inclusive(first, last))
    return rows, spans


def _sessions(
    session: Session,
    touched: Mapping[uuid.UUID, Before],
    rows: Mapping[uuid.UUID, _Row],
    facts: Facts,
    policy: Policy,
) -> dict[uuid.UUID, date | None]:
    """Return the governing sessions that the touched events are, or that come after them or are linked with them.

    With the day on which each begins.
    """
    governing = {slug for slug, kind in facts.kinds.items() if kind.governing}
    found: dict[uuid.UUID, date | None] = {}
    preparing: set[uuid.UUID] = set()
    spans: set[Span] = set()
    linked: set[uuid.UUID] = set()
    for event, before in touched.items():
        now = rows[event]
        if {before.kind, now.kind} & governing:
            found[event] = now.span.start if now.span else None
        if {before.kind, now.kind} & gaps.PREPARING:
            preparing.add(event)
            spans |= {span for span in (before.span, now.span) if span}
            linked |= before.linked
    if not preparing:
        return found
    # Those that begin after the meeting does, up to so many weeks after it ends.
    after = timedelta(weeks=gaps.weeks_before(policy))
    near = merged(Span(span.start + ONE_DAY, span.end + ONE_DAY + after) for span in spans)
    values = {"kinds": list(governing), "ids": list(preparing), "named": list(preparing | linked)}
    if not near:
        found.update((event, start) for event, start in read(session, _SESSIONS_LINKED, values))
    for number, days in enumerate(near):
        # What is linked comes with the first of these days: a change of one event waits for each statement.
        statement = _SESSIONS_FROM if number else _SESSIONS_OF
        rows_of_days = read(session, statement, values | {"first": days.start, "end": days.end})
        found.update((event, start) for event, start in rows_of_days)
    return found


def _lacking(
    sessions: Mapping[uuid.UUID, date | None], meetings: list[Meeting], facts: Facts
) -> dict[uuid.UUID, date | None]:
    """Return the sessions that can lack something: all but those of which `meetings` tell that they are no member's."""
    others = {m.event for m in meetings if not m.option and not gaps.is_session(m, facts)} if sessions else set()
    return {event: start for event, start in sessions.items() if event not in others}


def _prepared(
    session: Session, sessions: Mapping[uuid.UUID, date | None], facts: Facts, policy: Policy
) -> list[Meeting]:
    """Return the sessions with every meeting that may prepare one of them, without their families."""
    before = timedelta(weeks=gaps.weeks_before(policy))
    rows = rows_preparing(session, sessions, [Span(start - before, start) for start in sessions.values() if start])
    return build(rows, attached_to(session, OPERATOR, rows), facts)
