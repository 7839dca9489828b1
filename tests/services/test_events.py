"""Changing an event: the row, its revision, its version for subscribers and the calendar's version go together."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from calendar_app.extensions import transaction
from calendar_app.models import Event, Revision
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Format, LinkKind, Stage, Status, Visibility
from calendar_app.services import calendar, events, history
from calendar_app.services.records import (
    FIELDS,
    INTERNAL_FIELDS,
    BodyMeeting,
    EventRecord,
    Link,
    Option,
    Organiser,
    ServiceGiven,
    SourceNote,
    record_of,
)
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words

START = datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC)
# One other value for each field, and whether a subscriber could see the change.
OTHER_VALUES = {
    "titles": ({"en": "Other", "fr": "Autre"}, True),
    "descriptions": ({"en": "Words"}, True),
    "short_title": ("Short", True),
    "kind": ("workshop", True),
    "processes": (("basel", "minamata"), True),
    "bodies": ((BodyMeeting("BC-COP", 18),), True),
    "organisers": ((Organiser("BRS", "brs"),), True),
    "series": ("Series", True),
    "part_of": ("other", True),
    "part_role": ("session", True),
    "part_label": ("Label", True),
    "links": ("other", True),
    "span": (Span.inclusive(date(2027, 4, 1), date(2027, 4, 30)), True),
    "precision": (Precision.WORDS, True),
    "date_text": ("spring", True),
    "start_time": ("09:00", True),
    "end_time": ("18:00", True),
    "timezone": ("Asia/Tokyo", True),
    "status": (Status.CANCELLED, True),
    "format": (Format.ONLINE, True),
    "remote_participation": ("By video", True),
    "venue": ("Hall", True),
    "city": ("Geneva", True),
    "country": ("CH", True),
    "regions": (("Africa",), True),
    "latitude": (46.2, True),
    "longitude": (6.1, True),
    "access": ("public", True),
    "audiences": (("missions-geneva",), True),
    "languages": (("en",), True),
    "registration_url": ("https://example.org/r", True),
    "documents_url": ("https://example.org/d", True),
    "online_url": ("https://example.org/o", True),
    "web_url": ("https://example.org/w", True),
    "contact": ("a@example.org", True),
    "cooperation_area": ("Area", True),
    "decisions": (("BC-17/1",), True),
    "outcome": ("It was good", True),
    "sources": ((SourceNote("x", "Citation"),), False),
    "steward": ("minamata", False),
    "visibility": (Visibility.MEMBERS, True),
    "stage": (Stage.WITHDRAWN, True),
    "publish_on": (date(2027, 1, 1), False),
    "last_confirmed_at": (START, False),
    "last_confirmed_by": ("Somebody", False),
    "notes": ("Secret", False),
    "expected_participants": (300, False),
    "staffing": ("Two", False),
    "key_persons": (("A",), False),
    "services": ((ServiceGiven("chb", "it"),), False),
    "options": ((Option(date(2027, 5, 1), date(2027, 5, 2)),), False),
}


def change(event_id, now: datetime, reason: str = "", **values) -> bool:
    with transaction() as session:
        event = session.get(Event, event_id)
        record = replace(record_of(event), **values)
        return events.change(session, event, record, events.Change("someone", now, reason), reference())


def look(session, event_id) -> tuple[int, datetime, int, datetime]:
    session.rollback()
    event, version = session.get(Event, event_id), calendar.calendar_version(session)
    return event.sequence, event.last_modified, version.version, version.changed_at


def revisions(session, event_id) -> list[Revision]:
    return list(session.scalars(select(Revision).where(Revision.event_id == event_id).order_by(Revision.id)))


def test_every_field_of_the_record_is_decided_on_here():
    assert tuple(OTHER_VALUES) == FIELDS == tuple(f.name for f in fields(EventRecord))
    assert not any(OTHER_VALUES[name][1] for name in INTERNAL_FIELDS)


def test_a_new_event_has_its_first_revision_and_raises_the_version(add_event, session):
    first = add_event(title="First", notes="Secret")
    sequence, modified, version, changed_at = look(session, first)
    assert (sequence, modified, version, changed_at) == (0, START, 1, START)
    (revision,) = revisions(session, first)
    assert (revision.action, revision.actor, revision.before, revision.at) == ("created", "test", {}, START)
    assert revision.after["titles"] == {"en": "First"}
    assert revision.after["span"] == ["2027-03-01", "2027-03-01"]
    assert "venue" not in revision.after
    assert look(session, add_event(title="Second"))[2] == 2


def test_each_field_is_recorded_and_only_visible_ones_reach_subscribers(add_event, session):
    other = add_event(title="Other")
    for number, (name, (value, visible)) in enumerate(OTHER_VALUES.items()):
        event_id = add_event()
        session.rollback()
        actual = {"part_of": other, "links": (Link(LinkKind.SAME_AS, other),)}.get(name, value)
        before = look(session, event_id)
        now = START + timedelta(minutes=number + 1)
        assert change(event_id, now, "why", **{name: actual})
        sequence, modified, version, changed_at = look(session, event_id)
        assert getattr(record_of(session.get(Event, event_id)), name) == actual, name
        assert (sequence, modified) == ((1, now) if visible else before[:2]), name
        assert (version, changed_at) == (before[2] + 1, now if visible else before[3]), name
        revision = revisions(session, event_id)[-1]
        assert set(revision.before) == set(revision.after) == {name}
        assert (revision.actor, revision.reason, revision.at) == ("someone", "why", now)


def test_a_change_to_what_it_is_already_writes_nothing(add_event, session):
    event_id = add_event(venue="Hall")
    before = look(session, event_id)
    assert not change(event_id, START + timedelta(days=1), venue="Hall")
    assert look(session, event_id) == before
    assert len(revisions(session, event_id)) == 1


@pytest.mark.parametrize("later", [timedelta(), timedelta(milliseconds=400), timedelta(hours=-5), timedelta(days=-400)])
def test_two_changes_in_one_second_or_with_the_clock_back_still_advance(add_event, session, later):
    event_id = add_event()
    seen = [look(session, event_id)]
    for venue in ("One", "Two"):
        change(event_id, START + later, venue=venue)
        seen.append(look(session, event_id))
    for earlier, now in pairwise(seen):
        assert now[0] == earlier[0] + 1
        assert now[1] > earlier[1]
        assert now[2] == earlier[2] + 1
        assert now[3] >= earlier[3]


def test_the_time_of_the_calendar_goes_on_when_the_clock_goes_back(add_event, session):
    event_id = add_event()
    moments = [look(session, event_id)[3]]
    for venue in ("One", "Two"):
        change(event_id, START - timedelta(hours=1), venue=venue)
        moments.append(look(session, event_id)[3])
    assert moments == sorted(set(moments))


def test_stored_moments_are_whole_seconds_in_utc(add_event, session):
    event_id = add_event()
    change(event_id, datetime.fromisoformat("2026-11-21T10:00:00.750+02:00"), venue="One")
    assert look(session, event_id)[1] == datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "action"),
    [
        ({"stage": Stage.WITHDRAWN, "status": Status.CANCELLED}, "withdrawn"),
        ({"status": Status.POSTPONED, "venue": "x"}, "postponed"),
        ({"span": Span.inclusive(date(2027, 5, 1), date(2027, 5, 2))}, "moved"),
        ({"precision": Precision.WORDS}, "moved"),
        ({"venue": "x"}, "changed"),
    ],
)
def test_a_revision_is_named_by_what_matters_most(add_event, session, values, action):
    event_id = add_event()
    change(event_id, START, **values)
    assert revisions(session, event_id)[-1].action == action


def test_the_moment_of_a_status_is_kept(add_event, session):
    event_id = add_event()
    change(event_id, START + timedelta(days=1), venue="x")
    assert session.get(Event, event_id).status_since == START
    session.rollback()
    change(event_id, START + timedelta(days=2), status=Status.CANCELLED)
    session.rollback()
    assert session.get(Event, event_id).status_since == START + timedelta(days=2)


def test_the_public_history_begins_when_the_event_became_public(add_event, session):
    event_id = add_event(stage=Stage.DRAFT)
    change(event_id, START + timedelta(days=1), venue="Secret hall")
    change(event_id, START + timedelta(days=2), span=Span.inclusive(date(2027, 6, 1), date(2027, 6, 2)))
    change(event_id, START + timedelta(days=3), stage=Stage.PUBLISHED)
    change(event_id, START + timedelta(days=4), notes="Secret", expected_participants=3)
    change(event_id, START + timedelta(days=5), span=Span.inclusive(date(2027, 7, 1), date(2027, 7, 2)), notes="More")
    session.rollback()
    told = history.public(session, session.get(Event, event_id), Words())
    assert [(item.at.day, item.sentence) for item in told] == [
        (25, "Dates changed from 1–2 June 2027 to 1–2 July 2027."),
        (23, "Added to the calendar."),
    ]


def test_the_history_of_a_vague_date_makes_up_no_day(add_event, session):
    event_id = add_event(first=date(2027, 3, 1), last=date(2027, 3, 31), precision=Precision.MONTH)
    change(event_id, START, span=Span.inclusive(date(2027, 4, 1), date(2027, 4, 30)))
    change(event_id, START, span=Span.inclusive(date(2027, 4, 5), date(2027, 4, 9)), precision=Precision.DAY)
    session.rollback()
    told = history.public(session, session.get(Event, event_id), Words())
    assert [item.sentence for item in told] == [
        "Dates changed from April 2027 to 5–9 April 2027.",
        "Dates changed from March 2027 to April 2027.",
        "Added to the calendar.",
    ]
