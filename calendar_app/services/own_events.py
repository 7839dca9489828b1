"""Events of ours in the feeds of others: they come back under their own ids, in the words of our feeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import own_entries
from calendar_app.services.calendar import visible_to
from calendar_app.services.harvest_view import became_of, merged
from calendar_app.services.row_cells import event_id_of
from calendar_app.services.source_items import state_of
from calendar_app.services.source_units import UNITS, WHEN, agree, units_of
from calendar_app.services.wording import available_languages, moment_at

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer
    from calendar_app.services.reconciling import Said
    from calendar_app.services.reference import Reference
    from calendar_app.services.source_units import State

_AT_ONCE = 500
# Our feeds put the description together of many facts and lead to the event's own page; what a title and categories
# name is a guess.
_MADE_UP = ("descriptions", "web_url", "series", "kind", "processes", "bodies")


def by_their_id(session: Session, viewer: Viewer, uids: Iterable[str]) -> dict[str, uuid.UUID]:
    """Return which of these ids are those of events that `viewer` may see; what was merged leads to what it became.

    An id of an event that they may not see is like any that nobody has. What is only drafted is in no feed of ours.
    """
    wanted = {uid: event_id for uid in uids if (event_id := event_id_of(uid))}
    into = merged(session) if wanted else {}
    found = {uid: became_of(event_id, into) for uid, event_id in wanted.items()}
    ids = sorted(set(found.values()))
    seen: set[uuid.UUID] = set()
    for first in range(0, len(ids), _AT_ONCE):
        known = Event.id.in_(ids[first : first + _AT_ONCE])
        seen |= set(session.scalars(select(Event.id).where(known, visible_to(viewer), Event.stage != Stage.DRAFT)))
    return {uid: event_id for uid, event_id in found.items() if event_id in seen}


def with_ids(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Event]:
    """Return events by their ids."""
    wanted = list(set(ids))
    found: dict[uuid.UUID, Event] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        query = select(Event).where(Event.id.in_(wanted[first : first + _AT_ONCE]))
        found |= {event.id: event for event in session.scalars(query)}
    return found


def in_our_words(said: Said, ours: State, event: Event, zone: str, facts: Reference) -> Said:
    """Return what a source says of an event of ours without what our feeds make up of it, in whichever language.

    `zone` is the usual one of the source. What our feeds say of the event now is what we have: nothing is told anew.
    """
    state: dict[str, Any] = {name: value for name, value in said.state.items() if name not in _MADE_UP}
    same = _said_anyway(state, event, zone, facts) if event.start is not None else []
    state |= {name: ours.get(name) for unit in same for name in UNITS[unit]}
    if state.get("start_time") and _moments(state) == _moments(ours):
        state |= {name: ours.get(name) for name in UNITS[WHEN]}
    return replace(said, state=state)


def _said_anyway(state: State, event: Event, zone: str, facts: Reference) -> list[str]:
    """Return the units of which a state says what our feeds say of an event, in the language that fits best."""
    said = list(units_of(state))
    best: list[str] = []
    for language in available_languages():
        written = state_of(own_entries.written(event, language, facts), zone, (), "", facts)
        same = [unit for unit in said if agree(unit, state, written) and agree(unit, written, state)]
        best = max(best, same, key=len)
        if len(best) == len(said):
            break
    return best


def _moments(state: State) -> list[datetime]:
    if not (state.get("span") and state.get("start_time")):
        return []
    days = map(date.fromisoformat, state["span"])
    times = (state["start_time"], state.get("end_time") or "")
    return [moment_at(day, text, state["timezone"]) for day, text in zip(days, times, strict=True) if text]
