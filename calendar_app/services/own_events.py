"""Events of ours in the feeds of others: they come back under their own ids, in the words of our feeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.planning.vocabulary import Stage
from calendar_app.services.calendar import visible_to
from calendar_app.services.harvest_view import became_of, merged
from calendar_app.services.row_cells import event_id_of
from calendar_app.services.source_units import UNITS, WHEN
from calendar_app.services.wording import moment_at

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer
    from calendar_app.services.reconciling import Said
    from calendar_app.services.source_units import State

_AT_ONCE = 500
# Our feeds put the description together of many facts and lead to the event's own page.
_MADE_UP = ("descriptions", "web_url", "series")


def by_their_id(session: Session, viewer: Viewer | None, uids: Iterable[str]) -> dict[str, uuid.UUID]:
    """Return which of these ids are those of events that `viewer` may see; what was merged leads to what it became.

    An id of an event that they may not see is like any that nobody has. What is only drafted is in no feed of ours.
    Without a viewer all events count, for what is known to be one.
    """
    wanted = {uid: event_id for uid in uids if (event_id := event_id_of(uid))}
    into = merged(session) if wanted else {}
    found = {uid: became_of(event_id, into) for uid, event_id in wanted.items()}
    ids = sorted(set(found.values()))
    seen: set[uuid.UUID] = set()
    for first in range(0, len(ids), _AT_ONCE):
        query = select(Event.id).where(Event.id.in_(ids[first : first + _AT_ONCE]))
        if viewer is not None:
            query = query.where(visible_to(viewer), Event.stage != Stage.DRAFT)
        seen |= set(session.scalars(query))
    return {uid: event_id for uid, event_id in found.items() if event_id in seen}


def in_our_words(said: Said, ours: State, nameless: str) -> Said:
    """Return what a source says of an event of ours without what our feeds make up of it; they write hours in UTC.

    `nameless` is what an event without a title is called: what is left in our feeds of one that is not public any more
    says nothing.
    """
    if said.state["titles"] == {"en": nameless}:
        return replace(said, state={"titles": ours["titles"]}, is_own=True)
    state: dict[str, Any] = {name: value for name, value in said.state.items() if name not in _MADE_UP}
    if state.get("start_time") and _moments(state) == _moments(ours):
        state |= {name: ours.get(name) for name in UNITS[WHEN]}
    return replace(said, state=state, is_own=True)


def _moments(state: State) -> list[datetime]:
    if not (state.get("span") and state.get("start_time")):
        return []
    days = map(date.fromisoformat, state["span"])
    times = (state["start_time"], state.get("end_time") or "")
    return [moment_at(day, text, state["timezone"]) for day, text in zip(days, times, strict=True) if text]
