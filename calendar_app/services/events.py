"""Changing events: the row, its revision and the calendar's version, written together."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, select, type_coerce
from sqlalchemy.orm import selectinload

from calendar_app.models import CalendarVersion, Event, EventFacet, Revision
from calendar_app.services import touched
from calendar_app.services.calendar import STRANGER, can_see
from calendar_app.services.records import (
    INTERNAL_FIELDS,
    WAS,
    EventRecord,
    apply_record,
    as_json,
    public_facets,
    record_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session
    from sqlalchemy.sql.base import ExecutableOption

    from calendar_app.services.reference import Reference

# Fields that only say where the record stands or comes from: a change of them is not a change for subscribers.
_BOOKKEEPING = frozenset({"steward", "publish_on", "last_confirmed_at", "last_confirmed_by", "sources", "editors"})
# Counted by the database. Made once: a feed of ten thousand events asks for it as often.
_ONE_MORE = type_coerce(CalendarVersion.version + 1, Integer)
_TOUCHED = "transaction whose public change is noted"


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes something, when and why. `now` is aware UTC; `account_id` is None for what no account does.

    `action` names what was done where the fields that changed do not say it. `decision` says why the dates are kept
    although they meet a critical clash. It belongs to the clash, which fewer people may see than the event: it stands
    with its answers (`date_decisions`), never in the history of the event. `reason_is_public` shows the reason to
    everybody, if everybody sees the event before and after the change. `import_id` is the file that the change
    came in with.
    """

    actor: str
    now: datetime
    reason: str = ""
    account_id: int | None = None
    action: str = ""
    decision: str = ""
    reason_is_public: bool = False
    import_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Bookkeeping that an event brings along from another installation, so that subscribers notice no difference."""

    sequence: int = 0
    created_at: datetime | None = None
    last_modified: datetime | None = None
    status_since: datetime | None = None
    merged_into: uuid.UUID | None = None
    hidden_since: datetime | None = None
    last_public_start: date | None = None
    last_public_end: date | None = None


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
        hidden_since=kept.hidden_since,
        last_public_start=kept.last_public_start,
        last_public_end=kept.last_public_end,
    )
    apply_record(event, record, reference)
    session.add(event)
    after = {name: value for name, value in as_json(record).items() if value not in (None, "", [], {})}
    session.add(
        Revision(
            event_id=event_id,
            at=now,
            actor=change.actor,
            account_id=change.account_id,
            action=change.action or "created",
            before={},
            after=after,
            reason=change.reason,
            import_id=change.import_id,
        )
    )
    touched.note(session, event, stood=False)
    touch_calendar(session, now, public=is_public(event))
    return event


def change(
    session: Session,
    event: Event,
    record: EventRecord,
    made: Change,
    reference: Reference,
    besides: Mapping[str, tuple[Any, Any]] | None = None,
) -> tuple[str, ...]:
    """Change an event to `record`, with a revision; return the fields that changed, none if it is so already.

    SEQUENCE rises and LAST-MODIFIED advances when something changes that a subscriber could see. `besides` is what
    changes with it that is no field of the record, before and after as JSON: `merged_into` (an event's id, which is set
    here), or what the caller did to rows of its own and the revision tells.
    """
    old = record_of(event)
    besides = besides or {}
    if old == record and not besides:
        return ()
    now = whole_second(made.now)
    before, after = as_json(old), as_json(record)
    before.update({name: values[0] for name, values in besides.items()})
    after.update({name: values[1] for name, values in besides.items()})
    changed = tuple(name for name in before if before[name] != after[name])
    was_public, stood = is_public(event), touched.stands(event)
    if "merged_into" in besides:
        event.merged_into_id = uuid.UUID(after["merged_into"]) if after["merged_into"] else None
    seen = bool(set(changed) - INTERNAL_FIELDS - _BOOKKEEPING) or _conflicts(old) != _conflicts(record)
    if (old.status, old.stage) != (record.status, record.stage):
        event.status_since = now
    if seen:
        event.sequence += 1
        event.last_modified = max(now, event.last_modified + timedelta(seconds=1))
    apply_record(event, record, reference)
    if was_public and not is_public(event):
        event.hidden_since, event.hidden_sequence = now, event.sequence
        event.facets += [EventFacet(facet=facet, value=value) for facet, value in public_facets(old, reference)]
        event.last_public_start, event.last_public_end = (old.span.start, old.span.end) if old.span else (None, None)
    elif is_public(event):
        event.hidden_since = event.last_public_start = event.last_public_end = event.hidden_sequence = None
        event.facets = [facet for facet in event.facets if facet.facet != WAS]
    session.add(
        Revision(
            event_id=event.id,
            at=now,
            actor=made.actor,
            account_id=made.account_id,
            action=made.action or _action(old, record),
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            reason=made.reason,
            reason_is_public=made.reason_is_public and was_public and is_public(event),
            import_id=made.import_id,
        )
    )
    touched.note(session, event, stood=stood, old=old, changed=changed)
    if was_public != is_public(event):
        # Its parts name it only while everybody may see it.
        with session.no_autoflush:
            touched.note_shown(session, session.scalars(select(Event.id).where(Event.part_of_id == event.id)))
    touch_calendar(session, now, public=seen and (was_public or is_public(event)))
    return changed


def is_public(event: Event) -> bool:
    """Tell whether everybody may see the event."""
    return can_see(STRANGER, event)


def _conflicts(record: EventRecord) -> bool:
    return any(source.conflicts for source in record.sources)


def _action(old: EventRecord, new: EventRecord) -> str:
    if new.stage != old.stage:
        return str(new.stage)
    if new.status != old.status:
        return str(new.status)
    if (new.span, new.precision) != (old.span, old.precision):
        return "moved"
    return "changed"


def touch_calendar(session: Session, now: datetime, *, public: bool) -> None:
    """Raise the calendar's version, counted by the database; with `public`, note when the public sees the difference.

    That time goes on with every transaction, even in one second and when the clock goes back: readers compare it.
    """
    row = session.get(CalendarVersion, 1)
    if row is None:
        row = CalendarVersion(id=1, version=0, changed_at=now, reference_digest="")
        session.add(row)
        session.flush()
    elif public and session.info.get(_TOUCHED) is not session.get_transaction():
        row.changed_at = now if now > row.changed_at else row.changed_at + timedelta(seconds=1)
    if public:
        session.info[_TOUCHED] = session.get_transaction()
    row.version = _ONE_MORE


def advance(session: Session, event: Event, now: datetime) -> None:
    """Let SEQUENCE and LAST-MODIFIED go on although the record is the same: what it refers to reads differently now."""
    event.sequence += 1
    event.last_modified = max(now, event.last_modified + timedelta(seconds=1))
    touch_calendar(session, now, public=is_public(event))


def derive_anew(session: Session, reference: Reference, digest: str) -> int:
    """Make search texts and facets anew if the packaged lists have changed since; return of how many events."""
    row = session.get(CalendarVersion, 1)
    if row is None or row.reference_digest == digest:
        return 0
    row.reference_digest = digest
    # A list of their own: what is not loaded with them would be asked for one by one.
    stored = session.scalars(select(Event).options(*whole_record())).all()
    for event in stored:
        apply_record(event, record_of(event), reference)
    return len(stored)


def whole_record() -> list[ExecutableOption]:
    """Return how to load events so that `record_of` asks nothing more."""
    return [selectinload(getattr(Event, name)) for name in ("facets", "sources", "links", "services", "options")]


def whole_second(moment: datetime) -> datetime:
    """Return `moment` in UTC without a fraction: iCalendar and HTTP know none, and stored times must compare equal."""
    return moment.astimezone(UTC).replace(microsecond=0)
