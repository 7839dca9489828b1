"""What is stored beside what the whole calendar says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask import current_app
from icalendar import Event as VEvent
from sqlalchemy import select

from calendar_app.extensions import db, transaction
from calendar_app.models import Event, EventRendering, StoredFinding
from calendar_app.services import finding_scope, policies
from calendar_app.services.feed_entries import GONE
from calendar_app.services.finding_codec import finding_of
from calendar_app.services.planning_facts import facts
from calendar_app.services.planning_meetings import all_meetings
from calendar_app.services.renderings import rendered

if TYPE_CHECKING:
    from datetime import datetime


def stored():
    """The findings that hold as they are stored, by what they are about."""
    db.session.rollback()
    rows = db.session.scalars(select(StoredFinding).where(StoredFinding.closed_at.is_(None)))
    return {finding.key: finding for finding in map(finding_of, rows)}


def said():
    """The findings that a look at the whole calendar gives, by what they are about."""
    session, known = db.session(), facts()
    found = finding_scope.of_calendar(all_meetings(session, known), known, policies.in_force(session))
    session.rollback()
    return {finding.key: finding for finding in found}


class Rendering(NamedTuple):
    """A stored VEVENT and what it says of its age; `body` is all the rest."""

    body: bytes
    sequence: int
    last_modified: datetime


def renderings() -> dict[tuple, Rendering]:
    """What is stored for feeds, by event, language and form."""
    with transaction(keep=False) as session:
        rows = {(row.event_id, row.language, row.form): row for row in session.scalars(select(EventRendering))}
        found = {key: _read(row.body) for key, row in rows.items()}
        events = {event.id: event for event in session.scalars(select(Event))}
        for (event_id, _language, form), rendering in found.items():
            event = events[event_id]
            assert rendering.sequence == (event.hidden_sequence if form == GONE else event.sequence)
            assert rendering.last_modified == (event.hidden_since if form == GONE else event.last_modified)
        return found


def rendered_anew() -> dict[tuple, bytes]:
    """The same of all events, rendered now, without its age."""
    with transaction(keep=False) as session:
        return {
            (event.id, *key): _read(body).body
            for event in session.scalars(select(Event))
            for key, body in rendered(event, current_app.config["PUBLIC_URL"]).items()
        }


def _read(body: bytes) -> Rendering:
    event = VEvent.from_ical(body)
    age = Rendering(b"", int(event["SEQUENCE"]), event["LAST-MODIFIED"].dt)
    lines = [line for line in body.split(b"\r\n") if not line.startswith((b"SEQUENCE", b"LAST-MODIFIED", b"DTSTAMP"))]
    return age._replace(body=b"\r\n".join(lines))
