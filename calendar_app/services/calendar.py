"""Reading the calendar: which events someone may see, and which of those a filter asks for.

Visibility is decided here and nowhere else: every page, feed, search and export starts from `visible_to`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, not_, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from calendar_app.models import CalendarVersion, Event, EventEditor, EventFacet, EventLink, EventSource
from calendar_app.planning.dates import ONE_DAY, Precision, first_of_month_back
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services.filters import ANY_OF
from calendar_app.services.records import WAS
from calendar_app.services.text import search_patterns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.changes_since import Standing
    from calendar_app.services.filters import EventFilter

FEED_MONTHS_BACK = 12
TOMBSTONE_MONTHS = 12
_FACETS = ("convention", "body", "region", "organiser")
_COLUMNS = {
    "kind": Event.kind,
    "country": Event.country,
    "city": Event.city_slug,
    "format": Event.format,
    "status": Event.status,
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking. `organisations` are the codes of the member organisations a person belongs to."""

    organisations: frozenset[str] = field(default_factory=frozenset)
    sees_everything: bool = False


STRANGER = Viewer()
# What every member may see, whoever they are: the joint pages, minutes and snapshots show no more.
A_MEMBER = Viewer(frozenset({""}))
# The command line on the server itself: exports and repairs.
OPERATOR = Viewer(sees_everything=True)


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may see an event.

    Everybody sees what is published for all, members what is published for members; an organisation sees all that it
    stewards or may edit, at every stage. Which fields of it are shown is decided by `access.sees_internal`.
    """
    if viewer.sees_everything:
        return Event.id.is_not(None)
    published = and_(Event.stage == Stage.PUBLISHED, Event.merged_into_id.is_(None))
    public = and_(published, Event.visibility == Visibility.PUBLIC)
    if not viewer.organisations:
        return public
    return or_(
        public,
        and_(published, Event.visibility == Visibility.MEMBERS),
        and_(
            or_(
                Event.steward_code.in_(viewer.organisations),
                exists().where(
                    EventEditor.event_id == Event.id, EventEditor.organisation_code.in_(viewer.organisations)
                ),
            ),
            Event.merged_into_id.is_(None),
        ),
    )


def can_see(viewer: Viewer, event: Event | Standing) -> bool:
    """Tell the same of one event that is loaded already, or as it stood once."""
    published = event.stage == Stage.PUBLISHED and event.merged_into_id is None
    return (
        viewer.sees_everything
        or (published and event.visibility == Visibility.PUBLIC)
        or (published and event.visibility == Visibility.MEMBERS and bool(viewer.organisations))
        or (
            bool(viewer.organisations)
            and event.merged_into_id is None
            and (
                event.steward_code in viewer.organisations
                or any(editor.organisation_code in viewer.organisations for editor in event.editors)
            )
        )
    )


def matching(wanted: EventFilter) -> ColumnElement[bool]:
    """Return the condition that a filter sets, its dates included: events that touch the days asked for."""
    conditions: list[ColumnElement[bool]] = [
        exists().where(EventFacet.event_id == Event.id, EventFacet.facet == name, EventFacet.value.in_(values))
        for name in _FACETS
        if (values := getattr(wanted, name))
    ]
    conditions += [column.in_(values) for name, column in _COLUMNS.items() if (values := getattr(wanted, name))]
    if wanted.first:
        conditions.append(Event.end > wanted.first)
    if wanted.last:
        conditions.append(Event.start <= wanted.last)
    conditions += [Event.search_text.like(pattern) for pattern in search_patterns(wanted.q)]
    return and_(true(), *conditions)


def events_of_days(session: Session, viewer: Viewer, wanted: EventFilter, first: date, end: date) -> list[Event]:
    """Return the events that touch the half-open days [first, end), vague ones too; by first day, longer ones first."""
    query = select(Event).where(visible_to(viewer), matching(wanted), Event.start < end, Event.end > first)
    order = (Event.start, Event.end.desc(), Event.start_time, Event.id)
    return list(session.scalars(query.options(joinedload(Event.whole)).order_by(*order)))


def counts_of_parts(session: Session, viewer: Viewer, events: Sequence[Event]) -> dict[uuid.UUID, int]:
    """Return how many visible parts each of `events` has; those without any are left out."""
    query = (
        select(Event.part_of_id, func.count())
        .where(visible_to(viewer), Event.part_of_id.in_([event.id for event in events]))
        .group_by(Event.part_of_id)
    )
    return {whole: count for whole, count in session.execute(query).tuples() if whole}


def years_with_events(session: Session, viewer: Viewer) -> list[int]:
    """Return the years in which visible events begin, in order."""
    year = func.extract("year", Event.start)
    rows = session.scalars(select(year).where(visible_to(viewer), Event.start.is_not(None)).distinct())
    return sorted(int(value) for value in rows)


def places_in_use(session: Session, viewer: Viewer) -> list[tuple[str, str, str]]:
    """Return (country, city slug, city name) of visible events, each city once."""
    query = (
        select(Event.country, Event.city_slug, func.min(Event.city))
        .where(visible_to(viewer), or_(Event.country != "", Event.city_slug != ""))
        .group_by(Event.country, Event.city_slug)
    )
    return [(country, slug, name) for country, slug, name in session.execute(query)]


def facets_in_use(session: Session, viewer: Viewer, name: str) -> set[str]:
    """Return the city slugs, or the values of another facet, that visible events have."""
    if name == "city":
        query = select(Event.city_slug).where(visible_to(viewer), Event.city_slug != "")
    else:
        query = (
            select(EventFacet.value)
            .join(Event, Event.id == EventFacet.event_id)
            .where(visible_to(viewer), EventFacet.facet == name)
        )
    return set(session.scalars(query.distinct()))


def find_event(session: Session, viewer: Viewer, text: str) -> Event | None:
    """Return the visible event whose id, or id at one of its sources, is `text`; a merged id finds the winner."""
    event_id = event_id_of(session, text)
    seen: set[uuid.UUID] = set()
    while event_id and event_id not in seen:
        seen.add(event_id)
        event = session.get(Event, event_id, options=[joinedload(Event.whole)])
        if event is None or event.merged_into_id is None:
            return event if event and can_see(viewer, event) else None
        event_id = event.merged_into_id
    return None


def find_tombstone(session: Session, text: str, today: date) -> Event | None:
    """Return the event named by `text` if the public saw it until lately; only its tombstone may be shown."""
    event_id = event_id_of(session, text)
    return session.scalar(select(Event).where(Event.id == event_id, _lately_hidden(today))) if event_id else None


def _lately_hidden(today: date) -> ColumnElement[bool]:
    since = datetime.combine(first_of_month_back(today, TOMBSTONE_MONTHS), time(), UTC)
    return and_(Event.hidden_since >= since, Event.last_public_start.is_not(None))


def event_id_of(session: Session, text: str) -> uuid.UUID | None:
    """Return the id of the event that `text` names, visible or not: a UUID, or an id at a source."""
    try:
        return uuid.UUID(text)
    except ValueError:
        if "\0" in text:  # PostgreSQL cannot even be asked for it
            return None
        return session.scalar(select(EventSource.event_id).where(EventSource.source_id == text))


def related_events(session: Session, viewer: Viewer, event: Event) -> list[Event]:
    """Return the visible parts, linked events and other meetings of the series, in order of date; one query."""
    linked = [link.other_id for link in event.links]
    conditions = [
        Event.part_of_id == event.id,
        Event.id.in_(linked),
        exists().where(EventLink.event_id == Event.id, EventLink.other_id == event.id),
    ]
    if event.series:
        conditions.append(Event.series == event.series)
    return list(
        session.scalars(
            select(Event)
            .where(visible_to(viewer), Event.id != event.id, or_(*conditions))
            .options(selectinload(Event.links), joinedload(Event.whole))
            .order_by(Event.start.is_(None), Event.start, Event.end, Event.id)
            .limit(300)
        )
    )


def in_feed(viewer: Viewer, wanted: EventFilter, today: date) -> ColumnElement[bool]:
    """Return the condition of a feed: known days (vague ones on request), from 12 months back unless a day is named.

    What the public saw until lately meets it too, to be shown as a tombstone, unless words are looked for: what is
    hidden now must not be found by its words. What an organisation rejected or withdrew is no event of its feeds,
    though its members see it, unless the public saw it until lately. `today` counts by its month.
    """
    listed = and_(visible_to(viewer), Event.stage.not_in((Stage.REJECTED, Stage.WITHDRAWN)))
    shown = and_(listed, matching(wanted), Event.start.is_not(None))
    if not wanted.first:
        shown = and_(shown, Event.end > first_of_month_back(today, FEED_MONTHS_BACK))
    if not wanted.tbc:
        shown = and_(shown, Event.precision == Precision.DAY)
    if wanted.q:
        return shown
    gone = and_(not_(listed), _lately_hidden(today), matched(wanted))
    # Who sees a withdrawn event is shown more than a tombstone, which takes days of its own.
    return or_(shown, and_(gone, or_(not_(visible_to(viewer)), Event.start.is_not(None))))


def matched(wanted: EventFilter) -> ColumnElement[bool]:
    """Return the condition of `matching` for hidden events, as the public last saw them; words are not looked for.

    What has become of them since is for nobody to find out by asking.
    """
    conditions: list[ColumnElement[bool]] = [
        exists().where(
            EventFacet.event_id == Event.id,
            EventFacet.facet == WAS,
            EventFacet.value.in_([f"{name}={value}" for value in values]),
        )
        for name in ANY_OF
        if (values := getattr(wanted, name))
    ]
    if wanted.first:
        conditions.append(Event.last_public_end > wanted.first)
    if wanted.last:
        conditions.append(Event.last_public_start <= wanted.last)
    return and_(true(), *conditions)


def feed_order(viewer: Viewer, wanted: EventFilter) -> tuple[Any, ...]:
    """Return the order of the events of a feed: by their days, those of tombstones as the public knew them.

    Those which the organisation that is wanted first keeps or holds come before all others.
    """
    seen = visible_to(viewer)
    start = case((seen, Event.start), else_=Event.last_public_start)
    end = case((seen, Event.end), else_=Event.last_public_end)
    if not wanted.own:
        return (start, end, Event.id)
    facet = case((seen, "organiser"), else_=WAS)
    value = case((seen, wanted.own), else_=f"organiser={wanted.own}")
    holds = exists().where(EventFacet.event_id == Event.id, EventFacet.facet == facet, EventFacet.value == value)
    own = or_(and_(seen, Event.steward_code == wanted.own), holds)
    return (case((own, 0), else_=1), start, end, Event.id)


def feed_events(session: Session, viewer: Viewer, wanted: EventFilter, *, today: date) -> list[Event]:
    """Return the events of a feed (see `in_feed`)."""
    query = select(Event).where(in_feed(viewer, wanted, today)).options(joinedload(Event.whole))
    return list(session.scalars(query.order_by(*feed_order(viewer, wanted))))


def feed_changed_at(session: Session, viewer: Viewer, wanted: EventFilter, *, today: date) -> datetime | None:
    """Return when an event of a feed last changed or, of what is hidden, was hidden; None if there is none."""
    moment = case((visible_to(viewer), Event.last_modified), else_=Event.hidden_since)
    found: datetime | None = session.scalar(select(func.max(moment)).where(in_feed(viewer, wanted, today)))
    return found


def coming_events(session: Session, viewer: Viewer, wanted: EventFilter, *, today: date) -> list[Event]:
    """Return the events of a feed of what is to come, earliest first: `feed_events`, from today or the day named on.

    A postponed event is still to come, whatever its old days. What is hidden is not among them, and leaves nothing.
    """
    to_come = true() if wanted.first else or_(Event.end > today, Event.status == Status.POSTPONED)
    shown = and_(visible_to(viewer), matching(wanted), Event.start.is_not(None), to_come)
    if not wanted.tbc:
        shown = and_(shown, Event.precision == Precision.DAY)
    query = select(Event).where(shown).options(joinedload(Event.whole))
    return list(session.scalars(query.order_by(Event.start, Event.end, Event.id)))


def exact_parts(session: Session, viewer: Viewer, event: Event) -> list[Event]:
    """Return the visible parts of a meeting whose days are known, in order of date."""
    query = select(Event).where(visible_to(viewer), Event.part_of_id == event.id, Event.precision == Precision.DAY)
    return list(session.scalars(query.options(joinedload(Event.whole)).order_by(Event.start, Event.end, Event.id)))


def exact_spans(
    session: Session, viewer: Viewer, wanted: EventFilter, first: date, end: date
) -> list[tuple[date, date]]:
    """Return the (start, end) of the exact events that touch the half-open days [first, end), in order."""
    query = select(Event.start, Event.end).where(
        visible_to(viewer), matching(wanted), Event.precision == Precision.DAY, Event.start < end, Event.end > first
    )
    return [(start, stop) for start, stop in session.execute(query).tuples() if start and stop]


def next_start(session: Session, viewer: Viewer, wanted: EventFilter, first: date) -> date | None:
    """Return the day on which the next exact event begins, on `first` or later."""
    query = select(func.min(Event.start)).where(
        visible_to(viewer), matching(wanted), Event.precision == Precision.DAY, Event.start >= first
    )
    return session.scalar(query)


def is_tombstone(viewer: Viewer, event: Event) -> bool:
    """Tell whether nothing but a tombstone of this event may be shown."""
    return not can_see(viewer, event)


def calendar_version(session: Session) -> CalendarVersion | None:
    """Return the version of the calendar, None before anything was written."""
    return session.get(CalendarVersion, 1)


def has_ended(event: Event, today: date) -> bool:
    """Tell whether the event's last day is before `today`."""
    return event.end is not None and event.end - ONE_DAY < today


def is_empty(session: Session) -> bool:
    """Tell whether the calendar holds no event at all."""
    return session.scalar(select(Event.id).limit(1)) is None
