"""The dates of one series that came in by one source and wait: one thing to decide on, though each is an event."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, select

from calendar_app.models import Event, Revision, SourceItem, Submission
from calendar_app.services import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


def source_of_series() -> ColumnElement[int | None]:
    """Return, of an event that is a date of a series, by which source it came in; null for every other event."""
    item = select(func.min(SourceItem.source_id)).where(SourceItem.event_id == Event.id, SourceItem.made)
    was_sent = exists().where(Submission.event_id == Event.id)
    is_date = and_(Event.series != "", Event.start.is_not(None), ~was_sent)
    return case((is_date, item.correlate(Event).scalar_subquery()))


def _siblings(session: Session, event: Event) -> list[ColumnElement[bool]] | None:
    """Return the condition for an event and the other dates of its series by its source; None if there are none."""
    source = session.scalar(select(source_of_series()).where(Event.id == event.id))
    if source is None:
        return None
    return [Event.steward_code == event.steward_code, Event.series == event.series, source_of_series() == source]


def _waiting(event: Event) -> list[ColumnElement[bool]]:
    return [Event.stage == event.stage, Event.merged_into_id.is_(None)]


def count(session: Session, event: Event) -> int:
    """Return how many dates of its series wait with an event; 0 if it is no date of a series."""
    siblings = _siblings(session, event)
    if siblings is None:
        return 0
    return session.scalar(select(func.count(Event.id)).where(*_waiting(event), *siblings)) or 0


def dates(session: Session, event: Event) -> list[Event]:
    """Return the dates of its series that wait with an event, in order, as whole records; in few queries."""
    siblings = _siblings(session, event)
    if siblings is None:
        return []
    query = select(Event).where(*_waiting(event), *siblings).options(*events.whole_record())
    return list(session.scalars(query.order_by(Event.start, Event.start_time, Event.id)))


def digest(session: Session, found: Iterable[Event]) -> str:
    """Return what changes when any of these dates changes, or there are others: what a form remembers as seen."""
    ids = [event.id for event in found]
    query = select(Revision.event_id, func.max(Revision.id)).where(Revision.event_id.in_(ids))
    numbers: Mapping[Any, int] = dict(session.execute(query.group_by(Revision.event_id)).tuples().all())
    text = ",".join(f"{event_id}:{numbers.get(event_id, 0)}" for event_id in sorted(ids))
    return hashlib.sha256(text.encode()).hexdigest()
