"""What changed in the calendar between two moments, as one viewer saw it then and sees it now.

The state of an event at a moment is found by going back from how it is now, revision by revision. What lies between
the two moments is not told: an event that moved and moved back did not change.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from calendar_app.models import Event, Revision
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Status
from calendar_app.services.calendar import can_see
from calendar_app.services.events import whole_second
from calendar_app.services.records import span_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer

_DATES = ("span", "precision", "date_text")
# What somebody who plans around an event wants to hear of, beside its dates and status.
_BESIDES = ("titles", "short_title", "venue", "city", "country", "format", "start_time", "end_time", "timezone")
TOLD = (*_DATES, "status", *_BESIDES)
_STANDING = ("stage", "visibility", "steward", "merged_into", "editors")
# What tells, beside them, whom an event concerns.
_CONCERN = ("kind", "processes", "organisers", "part_of")


class ChangeKind(StrEnum):
    """What became of an event; of several things that happened to it, the first of these is told."""

    NEW = "new"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    GONE = "gone"
    MOVED = "moved"
    CONFIRMED = "confirmed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class OldDates:
    """The dates that an event had, as the viewer saw them."""

    span: Span | None
    precision: Precision
    date_text: str


@dataclass(frozen=True, slots=True)
class EventChange:
    """The net change of one event. `at` (aware UTC) is when something of it last changed.

    `event` is the row as it is now; of what is GONE it is a copy, in no session, of how the viewer saw it at first.
    `old_dates` are there if the viewer saw the event before, with other dates. `fields` names what differs, by the
    fields of the record (`TOLD`), none for a new event.
    """

    event: Event
    kind: ChangeKind
    old_dates: OldDates | None
    at: datetime
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Editing:
    """An organisation that may change an event too."""

    organisation_code: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Of an event as it was once, what decides who saw it; called as its columns are."""

    stage: str
    visibility: str
    steward_code: str
    merged_into_id: str | None
    editors: tuple[Editing, ...]


@dataclass(frozen=True, slots=True)
class _Trail:
    """One event at the two moments; `then` is None where it was not there yet, `heir` what it was merged into."""

    event: Event
    then: dict[str, Any] | None
    until: dict[str, Any]
    at: datetime
    heir: Event | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What changed at all, whoever may see it: for `changes_for` only."""

    trails: tuple[_Trail, ...]


def changes(session: Session, viewer: Viewer, since: datetime, until: datetime) -> list[EventChange]:
    """Return what differs for `viewer` between two moments (aware), by kind, then by date.

    Three queries, whatever the number. Revisions know whole seconds: what changed in the second of `since` itself is
    told, perhaps a second time, and never lost. Of an event that the viewer does not see now it is told
    that it is gone, as they saw it then, and nothing to who did not see it then.
    """
    return changes_for(load(session, since, until), viewer)


def load(session: Session, since: datetime, until: datetime) -> Loaded:
    """Read what `changes_for` needs, once for many viewers."""
    after = Revision.at >= whole_second(since)
    ids = select(Revision.event_id).where(after)
    with_all = [selectinload(Event.editors), joinedload(Event.whole)]
    found = {event.id: event for event in session.scalars(select(Event).where(Event.id.in_(ids)).options(*with_all))}
    steps = select(Revision.event_id, Revision.at, Revision.before).where(after).order_by(Revision.id.desc())
    states: dict[uuid.UUID, dict[str, Any] | None] = {key: _state(event) for key, event in found.items()}
    untils = dict(states)
    moments: dict[uuid.UUID, datetime] = {}
    for event_id, at, before in session.execute(steps).tuples():
        if event_id not in found:
            continue
        # The first revision of an event has nothing before it.
        earlier = {**(states[event_id] or {}), **before} if before else None
        if at > until:
            untils[event_id] = earlier
        elif event_id not in moments and earlier != states[event_id] and _concerns(before):
            moments[event_id] = at
        states[event_id] = earlier
    # Who merges changes the other record, too, so that it is among those found.
    heirs = {key: found.get(event.merged_into_id) for key, event in found.items() if event.merged_into_id}
    return Loaded(
        tuple(
            _Trail(event, states[key], now, moments[key], heirs.get(key))
            for key, event in found.items()
            if key in moments and (now := untils[key]) is not None
        )
    )


def changes_for(loaded: Loaded, viewer: Viewer) -> list[EventChange]:
    """Return the changes that one viewer may hear of, in the order of `changes`; asks the database nothing."""
    told = [found for trail in loaded.trails if (found := _change(trail, viewer))]
    order = list(ChangeKind)
    return sorted(told, key=lambda c: (order.index(c.kind), c.event.start or date.max, str(c.event.id)))


def of_kind(told: Sequence[EventChange], *kinds: ChangeKind) -> list[EventChange]:
    """Return the changes of these kinds, in order."""
    return [change for change in told if change.kind in kinds]


def _change(trail: _Trail, viewer: Viewer) -> EventChange | None:
    then, now = trail.then, trail.until
    if not (can_see(viewer, trail.event) and can_see(viewer, _standing(now))):
        return _gone(trail, viewer)
    if then is None or not can_see(viewer, _standing(then)):
        return EventChange(trail.event, ChangeKind.NEW, None, trail.at)
    differing = tuple(name for name in TOLD if then[name] != now[name])
    if not differing:
        return None
    moved = any(name in differing for name in _DATES)
    return EventChange(trail.event, _kind(now, differing), _dates(then) if moved else None, trail.at, differing)


def _gone(trail: _Trail, viewer: Viewer) -> EventChange | None:
    """Return that an event is gone for somebody who saw it, unless it goes on in another one that they see."""
    then, heir = trail.then, trail.heir
    if then is None or not can_see(viewer, _standing(then)) or (heir and can_see(viewer, heir)):
        return None
    if can_see(viewer, trail.event) or can_see(viewer, _standing(trail.until)):
        return None
    return EventChange(_as_it_was(trail.event.id, then), ChangeKind.GONE, None, trail.at)


def _as_it_was(event_id: uuid.UUID, state: dict[str, Any]) -> Event:
    """Return an event as it stood once, for those who saw it then; it is in no session and cannot be stored."""
    dates = _dates(state)
    same = ("date_text", "status", *_BESIDES, "kind", "processes", "organisers", "stage", "visibility")
    return Event(
        **{name: state[name] for name in same},
        id=event_id,
        part_of_id=uuid.UUID(state["part_of"]) if state["part_of"] else None,
        steward_code=state["steward"],
        precision=dates.precision,
        start=dates.span.start if dates.span else None,
        end=dates.span.end if dates.span else None,
    )


def _kind(now: dict[str, Any], differing: tuple[str, ...]) -> ChangeKind:
    if "status" in differing and now["status"] in {Status.CANCELLED, Status.POSTPONED}:
        return ChangeKind(now["status"])
    if any(name in differing for name in _DATES):
        return ChangeKind.MOVED
    if "status" in differing and now["status"] == Status.CONFIRMED:
        return ChangeKind.CONFIRMED
    return ChangeKind.CHANGED


def _concerns(before: dict[str, Any]) -> bool:
    return not before or any(name in before for name in (*TOLD, *_STANDING))


def _state(event: Event) -> dict[str, Any]:
    """Return what of an event is told, and who sees it, as revisions have it."""
    span = span_of(event)
    state = {name: getattr(event, name) for name in (*TOLD, *_CONCERN) if name not in {"span", "part_of"}}
    return state | {
        "span": [span.start.isoformat(), span.last.isoformat()] if span else None,
        "part_of": str(event.part_of_id) if event.part_of_id else None,
        "stage": event.stage,
        "visibility": event.visibility,
        "steward": event.steward_code,
        "merged_into": str(event.merged_into_id) if event.merged_into_id else None,
        "editors": [editor.organisation_code for editor in event.editors],
    }


def _standing(state: dict[str, Any]) -> Standing:
    return Standing(
        stage=state["stage"],
        visibility=state["visibility"],
        steward_code=state["steward"],
        merged_into_id=state["merged_into"],
        editors=tuple(Editing(code) for code in state["editors"]),
    )


def _dates(state: dict[str, Any]) -> OldDates:
    span = Span.inclusive(*(date.fromisoformat(day) for day in state["span"])) if state["span"] else None
    return OldDates(span, Precision(state["precision"]), state["date_text"])
