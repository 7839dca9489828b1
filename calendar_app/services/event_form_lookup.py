"""Finding what a person names in a form: an event by address, id, title or body and number, a body by its names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Event, EventFacet
from calendar_app.services import calendar
from calendar_app.services.reference import reference
from calendar_app.services.text import fold

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer

_ADDRESS = re.compile(r"(?:https?://[^/\s]+)?/events/(?P<id>[^/?#\s]+?)(?:\.ics)?(?:[?#].*)?")
_NUMBERED = re.compile(r"(?P<body>.+) (?P<number>[0-9]{1,4})")
_MOST_WHOLES = 20


class SeveralEventsError(LookupError):
    """More than one event is called so."""


def named_event(session: Session, viewer: Viewer, text: str) -> uuid.UUID | None:
    """Return the id of the event that `text` names among those `viewer` sees. Raises `SeveralEventsError`.

    It names one by address, id or id at a source; by title or short title; or as "RC CRC-23", by body and number.
    """
    address = _ADDRESS.fullmatch(text)
    found = calendar.find_event(session, viewer, address["id"] if address else text)
    if found:
        return found.id
    if address or not fold(text):
        return None
    ids = _called(session, viewer, text) or _meetings_of_number(session, viewer, text)
    if len(ids) > 1:
        raise SeveralEventsError(text)
    return next(iter(ids), None)


def _called(session: Session, viewer: Viewer, text: str) -> set[uuid.UUID]:
    """Return the events of which `text` is a title or the short title, whole."""
    wanted = fold(text)
    holding = Event.search_text.contains(f" {wanted} ", autoescape=True)
    query = select(Event.id, Event.titles, Event.short_title).where(calendar.visible_to(viewer), holding)
    return {
        event_id
        for event_id, titles, short_title in session.execute(query)
        if wanted in {fold(title) for title in (short_title, *titles.values())}
    }


def _meetings_of_number(session: Session, viewer: Viewer, text: str) -> set[uuid.UUID]:
    """Return the events that are the meeting of a body of this number, such as "RC CRC-23"."""
    found = _NUMBERED.fullmatch(fold(text))
    lists = reference()
    codes = [
        code for code in lists.bodies if found and found["body"] in {fold(name) for name in lists.body_names(code)}
    ]
    if not found or not codes:
        return set()
    query = (
        select(Event.id, Event.bodies)
        .join(EventFacet, EventFacet.event_id == Event.id)
        .where(calendar.visible_to(viewer), EventFacet.facet == "body", EventFacet.value.in_(codes))
    )
    number = int(found["number"])
    return {
        event_id
        for event_id, bodies in session.execute(query)
        if any(body["code"] in codes and body["number"] == number for body in bodies)
    }


def listed_body(text: str) -> str | None:
    """Return the code of the body that `text` names: by code or name, or by a short name that no other body has."""
    lists, wanted = reference(), fold(text)
    if code := lists.find("body", text):
        return code
    found = [code for code, body in lists.bodies.items() if fold(body.short_name) == wanted]
    return found[0] if len(found) == 1 else None


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
