"""Better dates for an event of a clash, as far as the reader can see the calendar."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.extensions import clock, db
from calendar_app.models import Event
from calendar_app.planning.dates import ONE_DAY, Precision
from calendar_app.planning.vocabulary import TAKING_PLACE
from calendar_app.services import planning_facts, policies
from calendar_app.services.access import sees_internal
from calendar_app.services.calendar import visible_to
from calendar_app.services.date_check import check_dates
from calendar_app.services.date_words import DateWords
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.records import called, record_of, span_of
from calendar_app.services.reference import reference
from calendar_app.web.page import title_language, words

if TYPE_CHECKING:
    from calendar_app.services.access import Person


def better_lines(someone: Person, event: Event) -> list[dict[str, Any]]:
    """Return better dates for an event and what each runs into; none where its days are over, off or not known."""
    span, today, session = span_of(event), clock.today(), db.session()
    if span is None or span.start <= today or event.precision != Precision.DAY or event.status not in TAKING_PLACE:
        return []
    facts, policy = planning_facts.facts(), policies.in_force(session)
    record = record_of(event)
    if not sees_internal(someone, event):
        record = replace(record, key_persons=(), expected_participants=None, services=())
    viewer = someone.viewer
    found = check_dates(
        session, viewer, event.id, event.steward_code, record, facts, policy, not_before=today + ONE_DAY
    ).better
    ids = {other for window in found for item in window.findings for other in (item.a, item.b) if other}
    query = select(Event).where(visible_to(viewer), Event.id.in_(ids | {event.id}))
    events = {other.id: (called(other, title_language()), span_of(other)) for other in session.scalars(query)}
    speak = FindingWords(words(), lambda other: events[other][0], reference())
    sayer = DateWords(words(), speak, events.__getitem__)
    return [
        {
            "dates": words().days(window.span),
            "weekdays": sayer.weekdays(window.span),
            "use": f"{window.span.start}/{window.span.last}",
            "told": sayer.sentences(window, event.id),
        }
        for window in found
    ]
