"""Editing an event while others may edit it too: nothing that anybody typed is lost, nobody overwrites unknowingly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services import events, stored_history
from calendar_app.services.access import may_steward, sees_internal
from calendar_app.services.differences import changed_units, fields_of, unit_of
from calendar_app.services.event_work import DATES_OPEN, WHEN
from calendar_app.services.proposals import PUBLIC_FIELDS
from calendar_app.services.record_values import from_json
from calendar_app.services.records import EventRecord, as_json, record_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.access import Person
    from calendar_app.services.events import Change
    from calendar_app.services.field_words import FieldWords
    from calendar_app.services.reference import Reference

# What the steward changes by editing, besides what the public sees. Stages and statuses have actions of their own.
_STEWARDS = frozenset("notes expected_participants staffing key_persons visibility".split())


class ReasonMissingError(Exception):
    """Everybody would no longer see the event, and nobody said why."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else changed while a person was editing: texts before and after, and what the person typed.

    `typed` is "" unless the person changed the same field (`both`).
    """

    label: str
    old: str
    new: str
    typed: str
    both: bool
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of an edit: `record` has a person's changes over the event as it is.

    It is saved only if there is nothing in `meanwhile`; else it is what the form should show.
    """

    record: EventRecord
    meanwhile: list[Meanwhile]


def editable_fields(person: Person, event: Event) -> frozenset[str]:
    """Return the fields that this person may edit; the time only of what is not public yet: later it is moved."""
    fields = PUBLIC_FIELDS | _STEWARDS if may_steward(person, event) else PUBLIC_FIELDS
    return fields if event.stage in DATES_OPEN else fields.difference(WHEN)


def base_of(session: Session, event: Event, number: int) -> EventRecord:
    """Return the record as it was after the change of this number: with which a form began."""
    if number >= stored_history.last_number(session, event.id):
        return record_of(event)
    return replace(record_of(event), **from_json(stored_history.state_at(session, event, number)))


def base_for_proposal(session: Session, person: Person, event: Event, number: int) -> EventRecord:
    """Return the same for who may only propose a change.

    Of a time at which members of other organisations did not see the event they learn nothing: they get it as it is.
    """
    base = base_of(session, event, number)
    was_seen = base.stage is Stage.PUBLISHED and base.visibility is not Visibility.STEWARD
    return base if was_seen or sees_internal(person, event) else record_of(event)


def edit(
    session: Session,
    person: Person,
    event: Event,
    number: int,
    wanted: EventRecord,
    made: Change,
    reference: Reference,
    fields: FieldWords,
) -> Outcome:
    """Change an event to what a person made of the record of `number`, in the fields that this person may edit.

    If others changed any of these fields since, nothing is saved: the outcome has what they set, the person's own
    changes over it, and who changed what. Raises `ReasonMissingError`.
    """
    outcome = over_current(session, event, number, wanted, editable_fields(person, event), fields)
    if outcome.meanwhile:
        return outcome
    hides = outcome.record.visibility is not Visibility.PUBLIC
    if events.is_public(event) and hides and not made.reason:
        raise ReasonMissingError
    events.change(session, event, outcome.record, made, reference)
    return outcome


def over_current(
    session: Session,
    event: Event,
    number: int,
    wanted: EventRecord,
    allowed: frozenset[str],
    fields: FieldWords,
) -> Outcome:
    """Put what a person made of the record of `number`, in the fields `allowed`, over the event as it is now."""
    base, current = base_of(session, event, number), record_of(event)
    base_state, mine, theirs = as_json(base), as_json(wanted), as_json(current)
    touched = [unit for unit in changed_units(base_state, mine) if set(fields_of(unit)) <= allowed]
    record = replace(current, **{name: getattr(wanted, name) for unit in touched for name in fields_of(unit)})
    meanwhile = _meanwhile(session, event, number, (base_state, mine, theirs), touched, fields, allowed)
    return Outcome(record, meanwhile)


def _meanwhile(
    session: Session,
    event: Event,
    number: int,
    states: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
    touched: list[str],
    fields: FieldWords,
    allowed: frozenset[str],
) -> list[Meanwhile]:
    """Return what changed since in the fields of the form. What both set alike is no matter."""
    base, mine, theirs = states
    later = stored_history.since(session, event.id, number)
    found = []
    for unit in changed_units(base, theirs):
        names = fields_of(unit)
        if not set(names) <= allowed or all(mine[name] == theirs[name] for name in names):
            continue
        last = next(r for r in reversed(later) if unit in {unit_of(name) for name in r.after})
        both = unit in touched
        old, new = fields.value(unit, base), fields.value(unit, theirs)
        typed = fields.value(unit, mine) if both else ""
        found.append(Meanwhile(fields.label(unit), old, new, typed, both, last.actor, last.at))
    return found
