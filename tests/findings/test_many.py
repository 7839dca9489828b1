"""What very many events bring at once is read and written a part at a time; nothing of it is lost between the parts."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import func, select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, FindingEntry
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Format
from calendar_app.services import events, findings
from calendar_app.services.finding_scope import MOST_TOUCHED
from calendar_app.services.records import EventRecord, record_of
from calendar_app.services.reference import reference
from tests.findings.truth import said, stored

MANY = MOST_TOUCHED + 10


def days(number, later=0):
    first = date(2027, 3, 1) + timedelta(days=number % 16 + later)
    return Span(first, first + timedelta(days=3))


def test_many_findings_found_at_once_and_changed_at_once_are_those_of_the_whole_calendar(app):
    house = {"venue": "Palais des Nations", "city": "Geneva", "country": "CH", "format": Format.IN_PERSON}
    made = events.Change("test", clock.now())
    with transaction() as session:
        for number in range(MANY):
            values = {"titles": {"en": f"Meeting {number}"}, "steward": "brs", "span": days(number), **house}
            events.create(session, uuid.uuid4(), replace(EventRecord(), **values), made, reference())
    found = stored()
    # More than one part to write, and several to read.
    assert len(found) > 1_500
    assert found == said()
    with transaction() as session:
        for number, event in enumerate(session.scalars(select(Event).order_by(Event.start, Event.id)).all()):
            record = record_of(event)
            # Some move into the days of others, some away from them, some to another house.
            values = {"span": days(number * 7, number % 3), "venue": "CICG" if number % 2 else record.venue}
            events.change(session, event, replace(record, **values), made, reference())
    assert stored() == said()
    assert stored().keys() != found.keys()
    with transaction() as session:
        assert findings.recompute(session, clock.now()) == []
    # Each that was found or is over has a line of its own in its history.
    history = dict(
        db.session.execute(select(FindingEntry.action, func.count()).group_by(FindingEntry.action)).tuples().all()
    )
    assert history["found"] == len(found) + len(stored().keys() - found.keys())
    assert history["resolved"] == len(found.keys() - stored().keys())
