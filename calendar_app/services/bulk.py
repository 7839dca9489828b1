"""One change of many events at once: what it would change, which it may not, and doing it as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from calendar_app.models import Event
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import event_work, events
from calendar_app.services.access import may_steward
from calendar_app.services.calendar import visible_to
from calendar_app.services.records import EventRecord, record_of
from calendar_app.services.row_cells import event_id_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.events import Change
    from calendar_app.services.reference import Reference

MOST = 500
PAGE = 100
WHEN = ("coming", "past", "all")
# What can be set for many at once, by the name of the field; `processes` is added to, the others are replaced.
FIELDS = ("contact", "web_url", "visibility", "status", "processes")
# A cancelled or postponed event is reinstated one by one, with a reason.
_FIRM = frozenset({Status.TENTATIVE, Status.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Ticked:
    """The events that a person ticked and may change, and those that are another organisation's."""

    own: list[Event]
    refused: list[Event]


@dataclass(frozen=True, slots=True)
class OwnEvents:
    """A page of events, how many there are in all, and the number of the last page."""

    events: list[Event]
    total: int
    last_number: int


def ticked(session: Session, person: Person, texts: Iterable[str]) -> Ticked:
    """Return the events of these ids; what the person may not see is left out as if it were not there."""
    ids = [event_id for text in texts if (event_id := event_id_of(text))][:MOST]
    query = select(Event).where(visible_to(person.viewer), Event.id.in_(ids)).options(*events.whole_record())
    found = session.scalars(query.order_by(Event.start.is_(None), Event.start, Event.id)).all()
    own = [event for event in found if may_steward(person, event)]
    return Ticked(own, [event for event in found if not may_steward(person, event)])


def own_events(session: Session, person: Person, stage: str, when: str, today: date, number: int) -> OwnEvents:
    """Return a page of the events for which this person decides, at a stage ("" for any), coming, past or all."""
    conditions: list[ColumnElement[bool]] = [Event.steward_code.in_(person.deciding), Event.merged_into_id.is_(None)]
    conditions += [Event.stage == stage] if stage else []
    is_past = and_(Event.end <= today, Event.status != Status.POSTPONED)
    if when != "all":
        conditions.append(is_past if when == "past" else is_past.is_not(True))
    total = session.scalar(select(func.count()).where(*conditions)) or 0
    last_number = max(1, -(-total // PAGE))
    order = (Event.start.desc(), Event.id) if when == "past" else (Event.start.is_(None), Event.start, Event.id)
    query = select(Event).where(*conditions).order_by(*order).limit(PAGE).offset(max(0, number - 1) * PAGE)
    return OwnEvents(list(session.scalars(query)), total, last_number)


def changed(record: EventRecord, name: str, value: str) -> EventRecord:
    """Return the record with one of `FIELDS` set; as it is where that cannot be."""
    if name == "processes":
        return record if value in record.processes else replace(record, processes=(*record.processes, value))
    if name == "status":
        return replace(record, status=Status(value)) if record.status in _FIRM else record
    values: dict[str, Any] = {name: Visibility(value) if name == "visibility" else value}
    return replace(record, **values)


def hidden_by(own: Iterable[Event], name: str, value: str) -> list[Event]:
    """Return the events that everybody sees now and that the public would no longer see."""
    public = [event for event in own if events.is_public(event)]
    return [event for event in public if changed(record_of(event), name, value).visibility != Visibility.PUBLIC]


def change(
    session: Session, own: Iterable[Event], name: str, value: str, made: Mapping[str, Change], reference: Reference
) -> int:
    """Set one field of many events; return how many changed. `made`: who changes those of each steward."""
    count = 0
    for event in own:
        record = changed(record_of(event), name, value)
        count += bool(events.change(session, event, record, made[event.steward_code], reference))
    return count


def confirm(session: Session, own: Iterable[Event], made: Mapping[str, Change], reference: Reference) -> int:
    """Note of many published events that they are still right; return of how many."""
    shown = [event for event in own if event.stage == Stage.PUBLISHED]
    for event in shown:
        event_work.confirm(session, event, made[event.steward_code], reference)
    return len(shown)
