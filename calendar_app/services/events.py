"""Changing events: the row, its revision and the calendar's version, written together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Integer, type_coerce

from calendar_app.models import CalendarVersion, Event, Revision
from calendar_app.services.records import INTERNAL_FIELDS, EventRecord, apply_record, as_json, record_of

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from calendar_app.services.reference import Reference

# Fields that only say where the record stands or comes from: a change of them is not a change for subscribers.
_BOOKKEEPING = frozenset({"steward", "publish_on", "last_confirmed_at", "last_confirmed_by", "sources"})


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes something, when and why. `now` is aware UTC."""

    actor: str
    now: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """Bookkeeping that an event brings along from another installation, so that subscribers notice no difference."""

    sequence: int = 0
    created_at: datetime | None = None
    last_modified: datetime | None = None
    status_since: datetime | None = None
    merged_into: uuid.UUID | None = None


def create(
    session: Session,
    event_id: uuid.UUID,
    record: EventRecord,
    change: Change,
    reference: Reference,
    kept: Kept | None = None,
) -> Event:
    """Add an event with its first revision."""
    kept = kept or Kept()
    now = whole_second(change.now)
    event = Event(
        id=event_id,
        sequence=kept.sequence,
        created_at=kept.created_at or now,
        last_modified=kept.last_modified or now,
        status_since=kept.status_since or now,
        merged_into_id=kept.merged_into,
    )
    apply_record(event, record, reference)
    session.add(event)
    after = {name: value for name, value in as_json(record).items() if value not in (None, "", [], {})}
    session.add(
        Revision(
            event_id=event_id,
            at=now,
            actor=change.actor,
            action="created",
            before={},
            after=after,
            reason=change.reason,
        )
    )
    touch_calendar(session, change.now)
    return event


def change(session: Session, event: Event, record: EventRecord, made: Change, reference: Reference) -> bool:
    """Change an event to `record`, with a revision; return False, and write nothing, if it is so already.

    SEQUENCE rises and LAST-MODIFIED advances when something changes that a subscriber could see.
    """
    old = record_of(event)
    if old == record:
        return False
    now = whole_second(made.now)
    before, after = as_json(old), as_json(record)
    changed = {name for name in before if before[name] != after[name]}
    if (old.status, old.stage) != (record.status, record.stage):
        event.status_since = now
    if changed - INTERNAL_FIELDS - _BOOKKEEPING:
        event.sequence += 1
        event.last_modified = max(now, event.last_modified + timedelta(seconds=1))
    apply_record(event, record, reference)
    session.add(
        Revision(
            event_id=event.id,
            at=now,
            actor=made.actor,
            action=_action(old, record),
            before={name: before[name] for name in sorted(changed)},
            after={name: after[name] for name in sorted(changed)},
            reason=made.reason,
        )
    )
    touch_calendar(session, made.now)
    return True


def _action(old: EventRecord, new: EventRecord) -> str:
    if new.stage != old.stage:
        return str(new.stage)
    if new.status != old.status:
        return str(new.status)
    if (new.span, new.precision) != (old.span, old.precision):
        return "moved"
    return "changed"


def touch_calendar(session: Session, now: datetime) -> None:
    """Raise the calendar's version, counted by the database; its time never goes back, even when the clock does."""
    now = whole_second(now)
    row = session.get(CalendarVersion, 1)
    if row is None:
        session.add(CalendarVersion(id=1, version=1, changed_at=now))
        session.flush()
        return
    row.version = type_coerce(CalendarVersion.version + 1, Integer)
    row.changed_at = max(now, row.changed_at)


def whole_second(moment: datetime) -> datetime:
    """Return `moment` in UTC without a fraction: iCalendar and HTTP know none, and stored times must compare equal."""
    return moment.astimezone(UTC).replace(microsecond=0)
