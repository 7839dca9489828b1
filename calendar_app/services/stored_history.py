"""The revisions of an event: how it was at each, what a member may read of them, and undoing the last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from calendar_app.models import Revision
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services import differences, events
from calendar_app.services.access import may_edit, sees_internal
from calendar_app.services.field_words import FieldWords
from calendar_app.services.record_values import from_json
from calendar_app.services.records import FIELDS, INTERNAL_FIELDS, as_json, record_of

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.access import Person
    from calendar_app.services.differences import Difference
    from calendar_app.services.reference import Reference
    from calendar_app.services.wording import Words


_MERGED, _UNDONE = "merged", "undone"
# What people act upon: that an event takes place, and when.
_TOLD = frozenset(
    "span precision date_text start_time end_time timezone status stage visibility merged merged_into".split()
)


class CannotUndoError(Exception):
    """The last change cannot be undone, or is no longer the last."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as a member reads it. `at` is aware UTC. `reason_is_public`: everybody reads the reason too."""

    at: datetime
    actor: str
    action: str
    reason: str
    differences: list[Difference]
    reason_is_public: bool = False


def last_revision(session: Session, event_id: uuid.UUID) -> Revision | None:
    """Return the last recorded change of an event."""
    query = select(Revision).where(Revision.event_id == event_id).order_by(Revision.id.desc())
    return session.scalar(query.limit(1))


def last_number(session: Session, event_id: uuid.UUID) -> int:
    """Return the number of the last recorded change: what a form remembers to notice changes by others."""
    return session.scalar(select(func.max(Revision.id)).where(Revision.event_id == event_id)) or 0


def since(session: Session, event_id: uuid.UUID, number: int) -> list[Revision]:
    """Return the changes after the one of this number, in order."""
    query = select(Revision).where(Revision.event_id == event_id, Revision.id > number)
    return list(session.scalars(query.order_by(Revision.id)))


def state_at(session: Session, event: Event, number: int) -> dict[str, Any]:
    """Return the whole record, as JSON, as it was after the change of this number."""
    state = as_json(record_of(event))
    for revision in reversed(since(session, event.id, number)):
        state.update({name: value for name, value in revision.before.items() if name in FIELDS})
    return state


def entries(session: Session, event: Event, person: Person, words: Words, after: int = 0) -> list[Entry]:
    """Return what this person may read of the changes after the one of number `after`, latest first.

    Who neither keeps the event nor may change it reads nothing of the time before it was published for them.
    """
    query = select(Revision).where(Revision.event_id == event.id).order_by(Revision.id)
    revisions = session.scalars(query).all()
    names = differences.names_of_events(
        session, person.viewer, [state for r in revisions for state in (r.before, r.after)], words.language
    )
    fields = FieldWords(words, names)
    internal = sees_internal(person, event)
    everything = internal or may_edit(person, event)
    told: list[Entry] = []
    state: dict[str, Any] = {}
    for revision in revisions:
        old, state = state, state | revision.after
        if revision.id <= after:
            continue
        if everything or (_open_to_members(old) and _open_to_members(state)):
            found = differences.differences(old, state, fields, internal=internal)
            if found or internal or not set(revision.after) <= INTERNAL_FIELDS:
                action, public = fields.action(revision.action), revision.reason_is_public
                told.append(Entry(revision.at, revision.actor, action, revision.reason, found, public))
        elif _open_to_members(state):
            told.append(Entry(revision.at, revision.actor, fields.stage(Stage.PUBLISHED), "", []))
    return told[::-1]


def _open_to_members(state: dict[str, Any]) -> bool:
    return state.get("stage") == Stage.PUBLISHED and state.get("visibility") != Visibility.STEWARD


def undoable(session: Session, event: Event) -> Revision | None:
    """Return the last change if it can be undone alone: not the first, none of several records, and still as it was."""
    query = select(Revision).where(Revision.event_id == event.id).order_by(Revision.id.desc())
    revisions = session.scalars(query.limit(2)).all()
    if len(revisions) < 2 or not revisions[0].before or set(revisions[0].before) - set(FIELDS):  # noqa: PLR2004
        return None
    revision, earlier = revisions
    # A merge changes several records, and so does undoing it: both are undone as a whole or not at all.
    if revision.action == _MERGED or (revision.action == _UNDONE and earlier.action == _MERGED):
        return None
    now = as_json(record_of(event))
    return revision if all(now[name] == value for name, value in revision.after.items()) else None


def needs_reason(event: Event, revision: Revision) -> bool:
    """Tell whether undoing this change takes back what the public was told: dates, status, or that it takes place."""
    now = as_json(record_of(event))
    publicly = {"stage": Stage.PUBLISHED, "visibility": Visibility.PUBLIC}
    states = (now, now | revision.before)
    was_told = any(all(state[name] == value for name, value in publicly.items()) for state in states)
    return was_told and bool(_TOLD & set(revision.before))


def undo(session: Session, event: Event, number: int, made: events.Change, reference: Reference) -> None:
    """Undo the last change, which must be the one of this number. Raises `CannotUndoError`."""
    revision = undoable(session, event)
    if revision is None or revision.id != number:
        raise CannotUndoError
    record = replace(record_of(event), **from_json(revision.before))
    if record.stage == Stage.SCHEDULED and record.publish_on and record.publish_on <= made.now.date():
        # What the calendar published on its day would be published again within the hour.
        record = replace(record, stage=Stage.DRAFT, publish_on=None)
    events.change(session, event, record, replace(made, action=_UNDONE), reference)
