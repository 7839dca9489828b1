"""Likely duplicates as lines of a page: what else in the calendar this event may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import Event
from calendar_app.planning.dates import Precision
from calendar_app.services import duplicates
from calendar_app.services.calendar import visible_to
from calendar_app.services.records import in_language, span_of
from calendar_app.web.page import title_language, viewer, words

if TYPE_CHECKING:
    import uuid

    from calendar_app.services.records import EventRecord


def likely_lines(record: EventRecord, exclude: uuid.UUID | None = None) -> list[dict[str, Any]]:
    """Return the likely duplicates that the reader may see, the likeliest first, with dates and reasons in words."""
    session = db.session()
    found = duplicates.likely(session, viewer(), record, exclude)
    ids = [item.event_id for item in found]
    query = select(Event).where(visible_to(viewer()), Event.id.in_(ids))
    events = {event.id: event for event in session.scalars(query)} if ids else {}
    return [_line(events[item.event_id], item) for item in found if item.event_id in events]


def _line(event: Event, item: duplicates.Likely) -> dict[str, Any]:
    speak = words()
    title, language = in_language(event.titles, title_language())
    return {
        "title": title,
        "language": language,
        "url": url_for("events.event", event_id=str(event.id)),
        "dates": speak.dates(span_of(event), Precision(event.precision), event.date_text),
        "place": speak.place(event.city, event.country, event.format),
        "reasons": duplicates.in_words(item.reasons, speak),
    }
