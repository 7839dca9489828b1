"""What planning reads of the tables: narrow rows of the events that stand, and what belongs to them.

Only what stands takes part: published, or sure to be published on a date. What a viewer may not see takes no part in
what the viewer is told; of an event whose internal fields the viewer may not see, those are left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache, lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sqlalchemy import Date, Text, Uuid, and_, bindparam, cast, exists, literal, null, or_, select, union_all

from calendar_app.models import DateOption, Event, EventLink, Service
from calendar_app.planning.dates import ONE_DAY, Precision, Span
from calendar_app.planning.gaps import BRIEFING, PREPARING
from calendar_app.planning.meetings import ServiceDays
from calendar_app.planning.vocabulary import LinkKind, OptionState, PartRole, ServiceState, Stage, Visibility
from calendar_app.services.calendar import OPERATOR, visible_to
from calendar_app.services.text import fold

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, timedelta

    from sqlalchemy import BindParameter, ColumnElement, CompoundSelect, Row, Select
    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer

    _Query: TypeAlias = Select[Any] | CompoundSelect[Any]

STANDING = (Stage.PUBLISHED, Stage.SCHEDULED)
# Lists as their JSON text: there are few different ones, and each is read once.
_COLUMNS = (
    Event.id, Event.steward_code, Event.kind, cast(Event.bodies, Text), cast(Event.audiences, Text),
    Event.start, Event.end, Event.precision, Event.status, Event.format, Event.remote_participation, Event.city_slug,
    Event.country, Event.venue, cast(Event.regions, Text), cast(Event.processes, Text), cast(Event.organisers, Text),
    Event.part_of_id, Event.part_role, Event.series, Event.start_time, Event.end_time, Event.timezone,
    cast(Event.key_persons, Text), Event.expected_participants, Event.stage, Event.visibility,
)  # fmt: skip
_MOST_IDS, _MOST_SPANS = 500, 4
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_FIRST, _END = (bindparam(name, type_=Date) for name in ("first", "end"))
_LINK, _SERVICE, _OPTION = "link", "service", "option"
_NO_DAY = cast(null(), Date)


class Written(NamedTuple):
    """What an event says that planning uses. Lists of codes; organisers as (code, role); `openness`: see below."""

    event: uuid.UUID
    steward: str
    kind: str
    bodies: tuple[str, ...]
    audiences: tuple[str, ...]
    span: Span | None
    precision: str
    status: str
    format: str
    remote: bool
    city: str
    country: str
    venue: str
    regions: tuple[str, ...]
    processes: tuple[str, ...]
    organisers: tuple[tuple[str, str], ...]
    part_of: uuid.UUID | None
    part_role: str
    series: str
    hours: tuple[str, str, str]
    key_persons: tuple[str, ...]
    expected: int | None
    openness: int
    # False of what is known to have nothing attached.
    has_more: bool = True


class Candidate(NamedTuple):
    """One of several dates of an event that are still open."""

    span: Span
    city: str


class Attached(NamedTuple):
    """What belongs to events beside their rows, by event."""

    links: dict[uuid.UUID, set[tuple[LinkKind, uuid.UUID]]]
    services: dict[uuid.UUID, list[ServiceDays]]
    options: dict[uuid.UUID, list[Candidate]]


def standing() -> ColumnElement[bool]:
    """Return the condition under which planning sees an event."""
    return and_(at_standing_stage(), Event.merged_into_id.is_(None))


def at_standing_stage() -> ColumnElement[bool]:
    """Return the first half of `standing`; its words are written out, as lists are worked on each time they are asked.

    Nearly all events meet it, so that an index of stages is of no use: what is said of it here keeps databases without
    statistics from taking it before those of days and ids.
    """
    return or_(*(Event.stage.concat("") == stage for stage in STANDING))


def all_rows(session: Session, viewer: Viewer) -> list[Written]:
    """Return what the standing events say that `viewer` may see."""
    return _rows(session, viewer, _every(viewer))


def rows_around(
    session: Session, viewer: Viewer, spans: Iterable[Span], longest: timedelta, events: Collection[uuid.UUID]
) -> dict[uuid.UUID, Written]:
    """Return what meets one of these spans, these events and what they are linked with, and the families of them all.

    An event meets a span with its candidate dates, too. Those that are longer than `longest` take no part: they are not
    sure to be there.
    """
    found: dict[uuid.UUID, Written] = {}
    apart = merged(spans)
    # One statement for all of them, where they are few: that is what a change of one event waits for.
    near = (apart[first : first + _MOST_SPANS] for first in range(0, len(apart), _MOST_SPANS))
    for some, days in zip_longest(_chunks(events), near):
        statement = _around(viewer, named=some is not None, near=len(days or ()))
        limits = _limits(days or (), longest)
        found |= _by_event(_rows(session, viewer, statement, limits | ({"ids": some} if some else {})))
    return found


def _limits(spans: Sequence[Span], longest: timedelta) -> dict[str, date]:
    """Return the days within which `_near` looks, for each span in turn."""
    days: dict[str, date] = {}
    for number, span in enumerate(spans):
        days |= {f"earliest{number}": span.start - longest, f"first{number}": span.start}
        days |= {f"last{number}": span.end, f"latest{number}": span.end + longest}
    return days


def rows_preparing(session: Session, sessions: Collection[uuid.UUID], spans: Iterable[Span]) -> list[Written]:
    """Return sessions with the meetings that may prepare them: linked with them, or beginning in one of the spans.

    A briefing that is not known to the day may be for any session before which it can lie.
    """
    found: dict[uuid.UUID, Written] = {}
    for some, span in zip_longest(_chunks(sessions), merged(spans)):
        statement = _preparing(named=some is not None, near=span is not None)
        days = {"first": span.start, "end": span.end} if span else {}
        found |= _by_event(_rows(session, OPERATOR, statement, days | ({"ids": some} if some else {})))
    return list(found.values())


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the days of these spans as few spans, in order: those that meet become one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def attached_to(session: Session, viewer: Viewer, rows: Sequence[Written], *, are_all: bool = False) -> Attached:
    """Return what belongs to the events of `rows`. `are_all` says that these are the whole calendar."""
    attached = Attached(defaultdict(set), defaultdict(list), defaultdict(list))
    found: list[Row[Any]] = []
    if are_all:
        found += read(session, _ATTACHED)
    else:
        for some in _chunks([row.event for row in rows if row.has_more]):
            found += read(session, _ATTACHED_TO, {"ids": some})
    found.sort(key=lambda row: row.position)
    by_event = _by_event(rows) if any(row.what == _SERVICE for row in found) else {}
    for what, event, _position, kind, code, other, first, last in found:
        if what == _LINK:
            attached.links[event].add((LinkKind(kind), other))
        elif what == _OPTION and not _sees_options(viewer):
            continue
        elif what == _OPTION:
            attached.options[event].append(Candidate(Span(first, last + ONE_DAY), code))
        elif (row := by_event.get(event)) and _sees_internal(viewer, row.steward):
            days = Span(first, last + ONE_DAY) if first and last else row.span
            if days:
                attached.services[event].append(ServiceDays(code, kind, days))
    return attached


def read(session: Session, statement: _Query, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
    """Return the rows of a statement that is made once: only its values differ from one time to the next.

    It goes past the session, which takes longer than the database over rows that are no objects of it.
    """
    session.flush()
    return session.connection().execute(statement, values).all()


def _rows(
    session: Session, viewer: Viewer, statement: _Query, values: Mapping[str, Any] | None = None
) -> list[Written]:
    sees_everything = viewer.sees_everything
    return [
        _written(row, is_inside=sees_everything or row.steward_code in viewer.organisations)
        for row in read(session, statement, values)
    ]


def _by_event(rows: Iterable[Written]) -> dict[uuid.UUID, Written]:
    return {row.event: row for row in rows}


def _chunks(ids: Collection[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    every = list(ids)
    return (every[first : first + _MOST_IDS] for first in range(0, len(every), _MOST_IDS))


def _has_more() -> ColumnElement[bool]:
    """Return what tells of each event whether anything is attached to it."""
    return or_(*(exists().where(of == Event.id) for of in (EventLink.event_id, Service.event_id, DateOption.event_id)))


def _with_families(viewer: Viewer, *ways: ColumnElement[bool]) -> _Query:
    """Return the statement for events found in one of these ways, the wholes of all of them and all their parts."""
    seen = _seen(viewer)
    of_each = select(Event.id, Event.part_of_id)
    begin = union_all(*(of_each.where(*seen, way) for way in ways)).subquery()
    found = select(begin.c.id, begin.c.part_of_id).cte("found", recursive=True)
    belongs = or_(Event.part_of_id == found.c.id, Event.id == found.c.part_of_id)
    family = found.union(of_each.join(found, belongs).where(*seen))
    return select(*_COLUMNS, _has_more()).where(Event.id.in_(select(family.c.id)))


def _seen(viewer: Viewer) -> list[ColumnElement[bool]]:
    return [standing()] if viewer.sees_everything else [standing(), visible_to(viewer)]


def _attached(ids: BindParameter[Any] | None) -> _Query:
    """Return the statement for what belongs to these events, or to all: links, services and open candidate dates."""
    links = select(
        literal(_LINK).label("what"), EventLink.event_id, EventLink.position.label("position"), EventLink.kind,
        literal("").label("code"), EventLink.other_id, _NO_DAY.label("first"), _NO_DAY.label("last"),
    )  # fmt: skip
    services = select(
        literal(_SERVICE), Service.event_id, Service.position, Service.kind, Service.provider_code,
        cast(null(), Uuid), Service.first_day, Service.last_day,
    ).where(Service.state != ServiceState.DECLINED)  # fmt: skip
    options = select(
        literal(_OPTION), DateOption.event_id, DateOption.position, literal(""), DateOption.city,
        cast(null(), Uuid), DateOption.first_day, DateOption.last_day,
    ).where(DateOption.state == OptionState.OPEN)  # fmt: skip
    if ids is not None:
        links = links.where(EventLink.event_id.in_(ids))
        services = services.where(Service.event_id.in_(ids))
        options = options.where(DateOption.event_id.in_(ids))
    return union_all(links, services, options)


_ATTACHED, _ATTACHED_TO = _attached(None), _attached(_IDS)


@lru_cache(maxsize=64)
def _every(viewer: Viewer) -> _Query:
    return select(*_COLUMNS).where(*_seen(viewer))


@lru_cache(maxsize=256)
def _around(viewer: Viewer, *, named: bool, near: int) -> _Query:
    """Return the statement for events by name with what they are linked with, events near so many spans, or both."""
    ways = (way for number in range(near) for way in _near(viewer, number))
    return _with_families(viewer, *(_named() if named else ()), *ways)


def _near(viewer: Viewer, number: int) -> tuple[ColumnElement[bool], ...]:
    earliest, first, last, latest = (
        bindparam(f"{name}{number}", type_=Date) for name in ("earliest", "first", "last", "latest")
    )
    options = select(DateOption.event_id).where(
        DateOption.state == OptionState.OPEN, DateOption.first_day <= last, DateOption.last_day >= first
    )
    # What takes part is not so long. A pre-meeting, however long, belongs to the days of its whole.
    ends = or_(Event.end <= latest, Event.part_role == PartRole.PRE_MEETING)
    days = and_(Event.start >= earliest, Event.start <= last, Event.end >= first, ends)
    return (days, Event.id.in_(options)) if _sees_options(viewer) else (days,)


def _named() -> tuple[ColumnElement[bool], ...]:
    others = select(EventLink.other_id).where(EventLink.event_id.in_(_IDS))
    linking = select(EventLink.event_id).where(EventLink.other_id.in_(_IDS))
    # Parts of what does not stand yet, too.
    return Event.id.in_(_IDS), Event.part_of_id.in_(_IDS), Event.id.in_(others), Event.id.in_(linking)


@cache
def _preparing(*, named: bool, near: bool) -> _Query:
    """Return the statement for sessions by name with what is linked with them, what prepares some days, or both.

    Each way is a query of its own, so that it takes the index that serves it.
    """
    linking = select(EventLink.event_id).where(EventLink.other_id.in_(_IDS))
    linked = and_(or_(*(Event.kind.concat("") == kind for kind in PREPARING)), Event.id.in_(linking))
    begins = and_(or_(*(Event.kind == kind for kind in PREPARING)), Event.start >= _FIRST, Event.start < _END)
    undated = and_(Event.kind == BRIEFING, Event.precision != Precision.DAY, Event.start < _END, Event.end > _FIRST)
    ways = (*((Event.id.in_(_IDS), linked) if named else ()), *((begins, undated) if near else ()))
    return union_all(*(select(*_COLUMNS, _has_more()).where(standing(), way) for way in ways))


def _sees_options(viewer: Viewer) -> bool:
    """Tell whether candidate dates are for this viewer's eyes: those of member organisations."""
    return viewer.sees_everything or bool(viewer.organisations)


def _sees_internal(viewer: Viewer, steward: str) -> bool:
    return viewer.sees_everything or steward in viewer.organisations


def _written(row: Sequence[Any], *, is_inside: bool) -> Written:
    """Return what a row says; of its internal fields, if the viewer is inside."""
    (
        event, steward, kind, bodies, audiences, start, end, precision, status, format_, remote, city, country, venue,
        regions, processes, organisers, part_of, part_role, series, start_time, end_time, zone, persons, expected,
        stage, visibility, *more,
    ) = row  # fmt: skip
    return Written(
        event, steward, kind, _codes(bodies), _texts(audiences), _span(start, end) if start else None,
        precision, status, format_, bool(remote), city, country, fold(venue) if venue else "", _texts(regions),
        _texts(processes), _organisers(organisers), part_of, part_role, series, (start_time, end_time, zone),
        _texts(persons) if is_inside else (), expected if is_inside else None, openness_of(stage, visibility),
        bool(more[0]) if more else True,
    )  # fmt: skip


@cache
def openness_of(stage: str, visibility: str) -> int:
    """Return who may see an event: its steward (0), member organisations (1), everybody (2)."""
    return list(Visibility).index(Visibility(visibility)) if stage == Stage.PUBLISHED else 0


_span = lru_cache(maxsize=65536)(Span)


@lru_cache(maxsize=4096)
def _texts(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@lru_cache(maxsize=4096)
def _codes(text: str) -> tuple[str, ...]:
    return tuple(body["code"] for body in json.loads(text))


@lru_cache(maxsize=4096)
def _organisers(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((item["code"], item["role"]) for item in json.loads(text))
