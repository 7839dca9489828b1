"""Finding the event that a person names in a form: by its address, its id, an id at a source, or its short title."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.services import calendar

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer

_ADDRESS = re.compile(r"(?:https?://[^/\s]+)?/events/(?P<id>[^/?#\s]+?)(?:\.ics)?(?:[?#].*)?")
_MOST_WHOLES = 20


class SeveralEventsError(LookupError):
    """More than one event has the short title."""


def named_event(session: Session, viewer: Viewer, text: str) -> uuid.UUID | None:
    """Return the id of the event that `text` names among those `viewer` sees. Raises `SeveralEventsError`."""
    address = _ADDRESS.fullmatch(text)
    found = calendar.find_event(session, viewer, address["id"] if address else text)
    if found:
        return found.id
    wanted = (calendar.visible_to(viewer), Event.short_title == text)
    ids = session.scalars(select(Event.id).where(*wanted).limit(2)).all() if text and not address else []
    if len(ids) > 1:
        raise SeveralEventsError(text)
    return ids[0] if ids else None


def is_within(session: Session, event_id: uuid.UUID, whole_id: uuid.UUID) -> bool:
    """Tell whether the event `event_id` is `whole_id` itself or a part of it, however deep."""
    current: uuid.UUID | None = event_id
    for _ in range(_MOST_WHOLES):
        if current is None:
            return False
        if current == whole_id:
            return True
        current = session.scalar(select(Event.part_of_id).where(Event.id == current))
    return True
