"""Events as planning sees them: the calendar, a part of it, or a record that is not saved yet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calendar_app.planning.compare import reach
from calendar_app.planning.dates import ONE_DAY, Precision, Span
from calendar_app.planning.meetings import Meeting
from calendar_app.planning.vocabulary import HOLDING, Format, LinkKind, OrganiserRole, PartRole, Status
from calendar_app.services import planning_rows
from calendar_app.services.calendar import OPERATOR
from calendar_app.services.planning_rows import (
    Written,
    all_rows,
    attached_to,
    openness_of,
)
from calendar_app.services.reference import reference
from calendar_app.services.text import fold

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.people import People
    from calendar_app.planning.policy import Policy
    from calendar_app.services.calendar import Viewer
    from calendar_app.services.planning_rows import Attached, Candidate
    from calendar_app.services.records import EventRecord
    from calendar_app.services.reference import Reference

# Preparatory meetings this many days before the start belong to the days of their whole.
_PREPARATORY_DAYS = 7
_DIVIDING = frozenset({PartRole.PART, PartRole.SEGMENT, PartRole.SESSION})
# By their words: quicker than asking the enumerations.
_PRECISIONS = {str(word): word for word in Precision}
_STATUSES = {str(word): word for word in Status}
_FORMATS = {str(word): word for word in Format}
_ONLINE, _HYBRID = Format.ONLINE, Format.HYBRID
_NO_LINKS: frozenset[tuple[LinkKind, uuid.UUID]] = frozenset()


def all_meetings(session: Session, facts: Facts, viewer: Viewer = OPERATOR) -> list[Meeting]:
    """Return the whole calendar that `viewer` may see."""
    rows = all_rows(session, viewer)
    return build(rows, attached_to(session, viewer, rows, are_all=True), facts)


def meetings_around(
    session: Session,
    spans: Iterable[Span],
    events: Collection[uuid.UUID],
    facts: Facts,
    policy: Policy,
    viewer: Viewer = OPERATOR,
    written: Written | None = None,
) -> list[Meeting]:
    """Return the meetings near `spans`, these `events`, what they are linked with, and the families of them all.

    `written` stands for an event that is not saved so: it takes the place of the stored one.
    """
    rows = rows_around(session, spans, events, policy, viewer, (written,) if written else ())
    found = list(rows.values())
    return build(found, attached_to(session, viewer, found), facts)


def rows_around(
    session: Session,
    spans: Iterable[Span],
    events: Collection[uuid.UUID],
    policy: Policy,
    viewer: Viewer = OPERATOR,
    written: Iterable[Written] = (),
) -> dict[uuid.UUID, Written]:
    """Return by event the rows of which `meetings_around` makes meetings; each of `written` replaces the stored row."""
    far, longest = timedelta(days=reach(policy)), timedelta(days=policy.vague_longest_days)
    near = [Span(span.start - far, span.end + far) for span in spans]
    # What an unsaved record is part of: its family comes with that.
    instead = {row.event: row for row in written}
    wholes = {row.part_of for row in instead.values() if row.part_of}
    return planning_rows.rows_around(session, viewer, near, longest, {*events, *instead, *wholes}) | instead


def written_of(event: uuid.UUID, steward: str, record: EventRecord, lists: Reference) -> Written:
    """Return what a record says, saved or not."""
    return Written(
        event, steward, record.kind, tuple(body.code for body in record.bodies), record.audiences, record.span,
        record.precision, record.status, record.format, bool(record.remote_participation),
        lists.city_slug(record.city) if record.city else "", record.country, fold(record.venue), record.regions,
        record.processes, tuple((o.code, o.role) for o in record.organisers), record.part_of, record.part_role,
        record.series, (record.start_time, record.end_time, record.timezone), record.key_persons,
        record.expected_participants, openness_of(record.stage, record.visibility),
    )  # fmt: skip


def build(rows: Sequence[Written], attached: Attached, facts: Facts) -> list[Meeting]:
    """Return the meetings of events whose families are among `rows`; of an event with open candidate dates, each."""
    # By numbers: an id takes several times as long to look up.
    whole_of = {row.event.int: row.part_of for row in rows if row.part_of}
    parts: dict[int, list[Written]] = defaultdict(list)
    for row in rows:
        if row.part_of:
            parts[row.part_of.int].append(row)
    people = _people_of(facts)
    found: list[Meeting] = []
    for row in rows:
        own = parts.get(row.event.int)
        # A part that not all may see who see the whole must not show in what is said of the whole.
        shaping = [part for part in own if _is_seen_with(part, row)] if own else None
        meeting = _meeting(
            row,
            people(row),
            attached,
            facts,
            _footprint(row, shaping) if shaping else row.span,
            _outermost(row.event, whole_of) if own or row.part_of else None,
            is_umbrella=_is_umbrella(row, shaping) if shaping else False,
        )
        options = attached.options.get(row.event) if row.has_more else None
        if not options:
            found.append(meeting)
            continue
        if row.span is not None:
            found.append(meeting)
        found += [_option(meeting, number, option) for number, option in enumerate(options, 1)]
    return found


def _people_of(facts: Facts) -> Callable[[Written], People]:
    lists = reference()
    known: dict[tuple[object, ...], People] = {}

    def people(row: Written) -> People:
        key = (row.kind, row.bodies, row.audiences, row.regions)
        found = known.get(key)
        if found is None:
            kind = lists.kinds.get(row.kind)
            pools = set(row.audiences)
            if not pools:
                pools = {code for body in row.bodies if body in lists.bodies for code in lists.bodies[body].attendees}
            if not pools and kind:
                pools = set(kind.attendees)
            regions = frozenset(row.regions) if facts.kind(row.kind).regional else frozenset()
            found = known[key] = facts.crowd.people(frozenset(pools), regions)
        return found

    return people


def _meeting(
    row: Written,
    people: People,
    attached: Attached,
    facts: Facts,
    footprint: Span | None,
    whole: uuid.UUID | None,
    *,
    is_umbrella: bool,
) -> Meeting:
    # An event that names nobody is held by those who keep it.
    organisers = row.organisers or ((row.steward, str(OrganiserRole.LEAD)),)
    holding, secretariats, lead = _holders(organisers, facts.secretariats)
    event, form, more = row.event, _FORMATS[row.format], row.has_more
    return Meeting(
        event=event,
        kind=row.kind,
        people=people,
        span=row.span,
        footprint=footprint,
        precision=_PRECISIONS[row.precision],
        status=_STATUSES[row.status],
        format=form,
        remote=row.remote and form is _HYBRID,
        city="" if form is _ONLINE else row.city,
        country=row.country,
        venue=row.venue,
        regions=_set(row.regions),
        processes=_set(row.processes),
        organisers=holding,
        secretariats=secretariats,
        lead=lead,
        whole=whole,
        part_of=row.part_of,
        part_role=row.part_role,
        is_umbrella=is_umbrella,
        series=row.series,
        links=frozenset(attached.links[event]) if more and event in attached.links else _NO_LINKS,
        hours=_hours(row) if row.hours[0] else None,
        key_persons=_persons(row.key_persons),
        services=tuple(attached.services[event]) if more and event in attached.services else (),
        expected=row.expected,
        openness=row.openness,
        steward=row.steward,
    )


# There are few different lists: each set is made once and shared.
_set = lru_cache(maxsize=4096)(frozenset[str])


@lru_cache(maxsize=4096)
def _persons(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold, names))


@lru_cache(maxsize=4096)
def _holders(organisers: tuple[tuple[str, str], ...], secretariats: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Return who holds an event, the secretariats among them, and who leads."""
    holding = frozenset(code for code, role in organisers if code and role in HOLDING)
    lead = frozenset(code for code, role in organisers if code and role == OrganiserRole.LEAD)
    return holding, holding & secretariats, lead


def _option(meeting: Meeting, number: int, option: Candidate) -> Meeting:
    """Return the meeting on one of its candidate dates, in its city unless the option names another."""
    city, country = meeting.city, meeting.country
    if option.city:
        city = reference().city_slug(option.city)
        known = reference().cities.get(city)
        country = known.country if known else country
    return replace(
        meeting,
        span=option.span,
        footprint=option.span,
        precision=Precision.DAY,
        option=number,
        hours=None,
        city=city,
        country=country,
    )


def _hours(row: Written) -> tuple[datetime, datetime] | None:
    start_time, end_time, zone = row.hours
    one_day = row.span is not None and row.span.days == 1 and row.precision == Precision.DAY
    if not (start_time and end_time and zone and one_day) or row.span is None:
        return None
    start, end = (_moment(row.span.start, time, zone) for time in (start_time, end_time))
    # A session that goes on after midnight.
    return start, end if end > start else end + ONE_DAY


@lru_cache(maxsize=4096)
def _moment(day: date, time: str, zone: str) -> datetime:
    hour, minute = (int(part) for part in time.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _is_seen_with(part: Written, whole: Written) -> bool:
    """Tell of rows what `meetings.is_seen_with` tells of meetings."""
    if part.openness == whole.openness == 0:
        return part.steward == whole.steward
    return part.openness >= whole.openness


def _footprint(row: Written, parts: list[Written]) -> Span | None:
    """Return the days of an event with those of its preparatory meetings just before it."""
    if row.span is None or row.precision != Precision.DAY:
        return row.span
    earliest = row.span.start - timedelta(days=_PREPARATORY_DAYS)
    starts = [
        part.span.start
        for part in parts
        if part.span and part.precision == Precision.DAY and part.part_role == PartRole.PRE_MEETING
        if part.span.start >= earliest and part.status in {Status.CONFIRMED, Status.TENTATIVE}
    ]
    return Span(min([row.span.start, *starts]), row.span.end)


def _is_umbrella(row: Written, parts: list[Written]) -> bool:
    """Tell whether the dated parts of an event say all that its own dates say, and more exactly."""
    spans = [part.span for part in parts if part.span and part.part_role in _DIVIDING]
    if not spans:
        return False
    if row.span is None or row.precision != Precision.DAY:
        return True
    return (min(s.start for s in spans), max(s.end for s in spans)) == (row.span.start, row.span.end)


def _outermost(event: uuid.UUID, whole_of: dict[int, uuid.UUID]) -> uuid.UUID:
    seen = [event]
    while (whole := whole_of.get(seen[-1].int)) and whole not in seen:
        seen.append(whole)
    return seen[-1]
