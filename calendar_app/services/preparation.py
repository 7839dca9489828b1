"""What milestones and coordination slots share: rows that several people may change at once, each seeing the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from calendar_app.models import CoordinationSlot, EventMilestone
from calendar_app.services.owners import Owner, set_owner

if TYPE_CHECKING:
    import uuid
    from datetime import date, datetime

    from sqlalchemy.orm import Session


class StaleError(Exception):
    """Somebody else changed it since it was shown."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a milestone or a slot says from now on. `day` is an agreed day or a deadline."""

    state: str
    day: date | None
    owner: Owner
    note: str


@dataclass(frozen=True, slots=True)
class By:
    """Who changes it, as histories name them, and when; `seen` is the version that they saw, 0 for no row."""

    name: str
    now: datetime
    seen: int


def write(row: EventMilestone | CoordinationSlot, wanted: Wanted, by: By) -> None:
    """Write all but the day onto a row, whose version is 0 if it is new. Raises `StaleError`."""
    if row.version != by.seen:
        raise StaleError
    row.state, row.note = wanted.state, wanted.note
    set_owner(row, wanted.owner)
    row.changed_at, row.changed_by, row.version = by.now, by.name, row.version + 1


def take_over(session: Session, loser: uuid.UUID, winner: uuid.UUID) -> None:
    """Let an event that another one was merged into have what was said of that one's steps and slots.

    Where both have said something the winner's stays.
    """
    for table, name in ((EventMilestone, EventMilestone.name), (CoordinationSlot, CoordinationSlot.slot)):
        its_own = set(session.scalars(select(name).where(table.event_id == winner)))
        session.execute(
            update(table)
            .where(table.event_id == loser, name.not_in(its_own))
            .values(event_id=winner)
            .execution_options(synchronize_session=False)
        )
