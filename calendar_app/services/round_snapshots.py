"""The list of a closed round: what all members saw then, kept so that it can be cited; and what changed between two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Event, ExchangeRound, RoundEntry
from calendar_app.planning.dates import ONE_DAY
from calendar_app.planning.vocabulary import Status
from calendar_app.services.calendar import A_MEMBER, visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

# What the list tells of an event, as JSON; nothing internal is among it.
_KEPT = (
    "titles short_title kind processes organisers date_text precision start_time end_time timezone status format venue"
    " city country web_url last_confirmed_by"
).split()
_WHEN = ("span", "precision", "date_text")
NEW, MOVED, CANCELLED, CONFIRMED, GONE = "new", "moved", "cancelled", "confirmed", "gone"


@dataclass(frozen=True, slots=True)
class SnapshotChange:
    """How an event differs between the lists of two rounds; `old` is None for a new one, `new` for one that is gone."""

    kind: str
    old: RoundEntry | None
    new: RoundEntry | None


def as_of(round_: ExchangeRound, closed_at: datetime) -> date:
    """Return the day that the list of a round stands for: its last day, or, closed later, the day it was closed on.

    `closed_at` is in the time zone of the calendar.
    """
    day = closed_at.date()
    return round_.closes_on if day <= round_.closes_on + ONE_DAY else day


def freeze(session: Session, month: date, to_come: ColumnElement[bool]) -> None:
    """Keep every event that all members see and that is still to come, vague ones too."""
    query = select(Event).where(visible_to(A_MEMBER), to_come)
    order = (Event.start.is_(None), Event.start, Event.end, Event.id)
    session.add_all(
        RoundEntry(
            month=month,
            event_id=event.id,
            organisation_code=event.steward_code,
            position=position,
            facts=facts_of(event),
        )
        for position, event in enumerate(session.scalars(query.order_by(*order)))
    )


def facts_of(event: Event) -> dict[str, Any]:
    """Return what the list tells of an event: `span` has the first and the last day, the latter inclusive."""
    span = [str(event.start), str(event.end - timedelta(days=1))] if event.start and event.end else None
    confirmed = event.last_confirmed_at.isoformat() if event.last_confirmed_at else ""
    return {name: getattr(event, name) for name in _KEPT} | {"span": span, "last_confirmed_at": confirmed}


def entries(session: Session, month: date) -> list[RoundEntry]:
    """Return the list of a closed round, in order of date."""
    query = select(RoundEntry).where(RoundEntry.month == month)
    return list(session.scalars(query.order_by(RoundEntry.position)))


def round_before(session: Session, month: date) -> ExchangeRound | None:
    """Return the last closed round before the one of a month."""
    query = select(ExchangeRound).where(ExchangeRound.month < month, ExchangeRound.state == "closed")
    return session.scalar(query.order_by(ExchangeRound.month.desc()).limit(1))


def changes(old: Sequence[RoundEntry], new: Sequence[RoundEntry], day: date) -> list[SnapshotChange]:
    """Return how the list `new` differs from `old`, one change for each event, in order of date.

    What was over by `day`, for which `new` stands, is not gone: it took place.
    """
    before = {entry.event_id: entry for entry in old}
    found = [SnapshotChange(kind, before.get(e.event_id), e) for e in new if (kind := _kind(before.get(e.event_id), e))]
    listed = {entry.event_id for entry in new}
    gone = (entry for entry in old if entry.event_id not in listed and not _is_over(entry, day))
    return [*found, *(SnapshotChange(GONE, entry, None) for entry in gone)]


def _kind(old: RoundEntry | None, new: RoundEntry) -> str:
    """Return what happened to an event that is listed, "" if nothing that the list tells of."""
    if old is None:
        return NEW
    turned = new.facts["status"] != old.facts["status"]
    if turned and new.facts["status"] == Status.CANCELLED:
        return CANCELLED
    if any(new.facts[name] != old.facts[name] for name in _WHEN):
        return MOVED
    return CONFIRMED if turned and new.facts["status"] == Status.CONFIRMED else ""


def _is_over(entry: RoundEntry, day: date) -> bool:
    span = entry.facts["span"]
    return bool(span) and date.fromisoformat(span[1]) <= day and entry.facts["status"] != Status.POSTPONED
