"""What stands for the id of a row that has none: its title, its first day and its city."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.planning.vocabulary import Stage
from calendar_app.services.calendar import visible_to
from calendar_app.services.records import in_language
from calendar_app.services.text import fold

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from calendar_app.services.import_terms import Terms


def name_of(title: str, start: str, date_text: str, city: str) -> str:
    """Return what stands for an id where a sheet has none: the title, the first day (else the words) and the city."""
    when = start[:10] or date_text
    return "row:" + "|".join(fold(text) for text in (title, when, city))


def stored(session: Session, terms: Terms) -> dict[str, uuid.UUID]:
    """Return the stored events by what would stand for their id; those that are alike are left out.

    A withdrawn one counts only where none stands that is like it.
    """
    found: dict[bool, dict[str, uuid.UUID | None]] = {True: {}, False: {}}
    query = select(Event.id, Event.titles, Event.start, Event.date_text, Event.city, Event.stage)
    if terms.organisation:
        query = query.where(visible_to(terms.viewer))
    for event_id, titles, start, date_text, city, stage in session.execute(query).tuples():
        name = name_of(in_language(titles, "en")[0], start.isoformat() if start else "", date_text, city)
        alike = found[stage == Stage.WITHDRAWN]
        alike[name] = None if name in alike else event_id
    return {name: event_id for name, event_id in (found[True] | found[False]).items() if event_id}
