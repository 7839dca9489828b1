"""The coordination slots of events of mutual interest: participation, statements, documents, side events.

They belong to all members jointly: whoever decides for one may change them. They are no fields of the event, whose
record stays its steward's alone. Visibility is the caller's; the public is never shown any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from calendar_app.models import CoordinationSlot, Event
from calendar_app.planning import coordination
from calendar_app.planning.coordination import SlotName, SlotState
from calendar_app.planning.dates import first_of_month_back
from calendar_app.planning.facts import KindFacts
from calendar_app.planning.vocabulary import HOLDING, Stage, Status, Visibility
from calendar_app.services.calendar import has_ended, visible_to
from calendar_app.services.owners import Owner, owner_of
from calendar_app.services.preparation import By, Wanted, write
from calendar_app.services.records import organisers_of
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer
    from calendar_app.services.reference import Reference

# Slots that still ask something and have no owner, as a choice beside the states.
WITHOUT_OWNER = "without-owner"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of an event. `row` is None while nobody has touched it: it is open then."""

    event: Event
    slot: str
    state: str
    owner: Owner
    deadline: date | None
    note: str
    is_late: bool
    row: CoordinationSlot | None = None

    @property
    def version(self) -> int:
        """What tells whether somebody else changed it since, 0 if nobody ever did."""
        return self.row.version if self.row else 0


def can_have_slots(event: Event, today: date) -> bool:
    """Tell whether all members may coordinate for an event: each of them sees it, it is to come and not cancelled."""
    return (
        event.stage == Stage.PUBLISHED
        and event.visibility != Visibility.STEWARD
        and event.merged_into_id is None
        and event.status != Status.CANCELLED
        # A postponed meeting is still to come, whatever its old days.
        and (event.status == Status.POSTPONED or not has_ended(event, today))
    )


def is_of_mutual_interest(event: Event, today: date) -> bool:
    """Tell whether an event has slots by itself: `planning/coordination.py` has the rule.

    A part of a larger event has none: what is coordinated stands with the whole. Members may open slots for any other
    event that all of them see.
    """
    return can_have_slots(event, today) and concerns_members(event, reference())


def concerns_members(event: Event, lists: Reference) -> bool:
    """Tell the same of an event whether it is still to come or not."""
    if event.part_of_id is not None:
        return False
    kind = lists.kinds.get(event.kind)
    holders = {o.slug for o in organisers_of(event) if o.role in HOLDING}
    members = {code for code in holders if code in lists.organisations and lists.organisations[code].member}
    return coordination.is_of_mutual_interest(kind.facts if kind else KindFacts(event.kind), holders, members)


def of_events(session: Session, events: Sequence[Event], today: date) -> dict[uuid.UUID, list[Slot]]:
    """Return the four slots of each event that has any, in their order; one query.

    It has them if it is of mutual interest, or if somebody opened them. What is over or cancelled has none.
    """
    lists = reference()
    able = {event.id: event for event in events if can_have_slots(event, today)}
    rows: dict[uuid.UUID, dict[str, CoordinationSlot]] = {event_id: {} for event_id in able}
    if able:
        for row in session.scalars(select(CoordinationSlot).where(CoordinationSlot.event_id.in_(able))):
            rows[row.event_id][row.slot] = row
    return {
        event_id: _slots(event, rows[event_id], today)
        for event_id, event in able.items()
        if rows[event_id] or concerns_members(event, lists)
    }


def slots_of_one(session: Session, event: Event, today: date) -> list[Slot]:
    """Return the four slots of one event, whether it has them by itself or somebody is about to open them."""
    query = select(CoordinationSlot).where(CoordinationSlot.event_id == event.id)
    return _slots(event, {row.slot: row for row in session.scalars(query)}, today)


def _slots(event: Event, rows: dict[str, CoordinationSlot], today: date) -> list[Slot]:
    return [_slot(event, name, rows.get(name), today) for name in SlotName]


def _slot(event: Event, name: SlotName, row: CoordinationSlot | None, today: date) -> Slot:
    if row is None:
        return Slot(event, name, SlotState.OPEN, Owner(), None, "", is_late=False)
    late = coordination.is_late(SlotState(row.state), row.deadline, today)
    return Slot(event, name, row.state, owner_of(row), row.deadline, row.note, late, row)


def change(session: Session, slot: Slot, wanted: Wanted, by: By) -> None:
    """Write what a slot says, which has to be read in the transaction; the day is its deadline.

    Raises `StaleError` if somebody else changed it since it was shown.
    """
    row = slot.row or CoordinationSlot(event_id=slot.event.id, slot=slot.slot, version=0)
    write(row, wanted, by)
    row.deadline = wanted.day
    session.add(row)
    session.flush()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which slots a list is to show: "" for any. `state` may also be WITHOUT_OWNER; `organisation` is the owner's."""

    months: int = 6
    state: str = ""
    organisation: str = ""


def coming(session: Session, viewer: Viewer, asked: Asked, today: date) -> list[tuple[Event, list[Slot]]]:
    """Return the events of the next months that members coordinate, earliest first, each with the slots asked for.

    What is postponed comes last. Two queries, however many events there are.
    """
    end = first_of_month_back(today, -asked.months)
    postponed = Event.status == Status.POSTPONED
    query = select(Event).where(
        visible_to(viewer),
        Event.stage == Stage.PUBLISHED,
        Event.status != Status.CANCELLED,
        or_(and_(Event.end > today, Event.start < end), postponed),
    )
    events = session.scalars(query.order_by(postponed, Event.start, Event.end, Event.id)).all()
    found = of_events(session, events, today)
    lists = [(event, [s for s in found.get(event.id, ()) if _is_asked(s, asked)]) for event in events]
    return [(event, slots) for event, slots in lists if slots]


def _is_asked(slot: Slot, asked: Asked) -> bool:
    if asked.organisation and slot.owner.organisation != asked.organisation:
        return False
    if asked.state == WITHOUT_OWNER:
        return lacks_owner(slot)
    return asked.state in {"", slot.state}


def lacks_owner(slot: Slot) -> bool:
    """Tell whether a slot asks something of somebody, and nobody is named."""
    return asks(slot) and not slot.owner


def due_between(
    session: Session, first: date, last: date, today: date, *where: ColumnElement[bool]
) -> list[tuple[Event, list[Slot]]]:
    """Return the events that meet `where` with their unfinished slots whose deadline lies between two days.

    Both days count. Two queries, however many events there are. All members see these events.
    """
    with_deadline = select(CoordinationSlot.event_id).where(CoordinationSlot.deadline.between(first, last))
    events = session.scalars(select(Event).where(Event.id.in_(with_deadline), *where)).all()
    lists = [
        (events_slots[0].event, [s for s in events_slots if s.deadline and first <= s.deadline <= last and asks(s)])
        for events_slots in of_events(session, events, today).values()
    ]
    return [(event, slots) for event, slots in lists if slots]


def asks(slot: Slot) -> bool:
    """Tell whether a slot still asks something of somebody."""
    return slot.state in coordination.UNFINISHED


def open_slots(session: Session, event: Event, name: str, now: datetime, today: date) -> None:
    """Open the slots of an event that nobody has touched yet; `name` is who does so, as histories have it."""
    for slot in slots_of_one(session, event, today):
        if slot.row is None:
            change(session, slot, Wanted(SlotState.OPEN, None, Owner(), ""), By(name, now, 0))
