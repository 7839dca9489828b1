"""Copying as the next session, and entering a round of regional meetings at once."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import LinkKind, Stage, Status
from calendar_app.services import copying
from calendar_app.services.records import BodyMeeting, EventRecord, Link, SourceNote, record_of
from tests.work.filling import opened, send

pytestmark = pytest.mark.either_database

ROUND = {"title": "Regional meeting, [region]", "kind": "regional-preparatory", "convention": ["basel"]}


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.mark.parametrize(
    ("title", "numbers", "expected"),
    [
        ("BC COP-17", (17,), "BC COP-18"),
        ("POPRC 22 and CRC.20", (22, 20), "POPRC 23 and CRC.21"),
        ("COP-17 in 2027, room 17", (17,), "COP-18 in 2027, room 17"),
        ("Seventeenth meeting of the COP", (17,), "Seventeenth meeting of the COP"),
        ("COP-17, COP-18", (17, 18), "COP-18, COP-19"),
        ("COP-170", (17,), "COP-170"),
        ("ISWM-3 workshop 2026", (), "ISWM-4 workshop 2026"),
        ("Workshop 3", (), "Workshop 3"),
    ],
)
def test_the_number_of_a_meeting_rises_where_it_is_one(title, numbers, expected):
    record = EventRecord(titles={"en": title}, bodies=tuple(BodyMeeting("BC-COP", number) for number in numbers))
    copied = copying.next_session(record)
    assert copied.titles["en"] == expected
    assert [body.number for body in copied.bodies] == [number + 1 for number in numbers]


def test_a_copy_asks_for_the_dates_and_is_a_draft_with_nothing_that_was_of_the_last_session(ana, add_event, stored):
    event_id = add_event(
        title="BC COP-17", bodies=(BodyMeeting("BC-COP", 17),), registration_url="https://example.org/17",
        web_url="https://example.org", links=(Link(LinkKind.PREPARES_FOR, add_event(title="Other")),), city="Geneva",
        country="CH", venue="CICG", latitude=46.2, longitude=6.1,
        timezone="Europe/Zurich", sources=(SourceNote("s-17", "Paper"),), notes="zznotes", languages=("en", "fr"),
    )  # fmt: skip
    page = f"/events/{event_id}/copy"
    assert opened(ana, page)["dates"] == ["day"]
    without_dates = send(ana, page)
    assert without_dates.status_code == 422
    assert "2027" not in str(opened(ana, page).get("first_day"))
    answer = send(ana, page, {"dates": "words", "date_text": "second quarter of 2029"})
    assert answer.status_code == 303
    copied_id = answer.location.rpartition("/")[2]
    record = record_of(stored(uuid.UUID(copied_id)))
    assert record.titles == {"en": "BC COP-18"}
    assert (record.stage, record.status, record.steward) == (Stage.DRAFT, Status.TENTATIVE, "brs")
    assert (record.span, record.precision, record.date_text) == (None, Precision.WORDS, "second quarter of 2029")
    assert (record.registration_url, record.web_url, record.links, record.sources, record.notes) == ("", "", (), (), "")
    assert (record.city, record.country, record.venue, record.latitude, record.timezone) == ("", "", "", None, "")
    assert (record.languages, record.bodies) == (("en", "fr"), (BodyMeeting("BC-COP", 18),))
    assert stored(event_id).titles == {"en": "BC COP-17"}


def _round(ana, typed):
    return send(ana, "/rounds/new", {**ROUND, **typed})


def test_a_round_of_four_meetings_is_entered_at_once_each_with_its_region(ana, session, client):
    typed = {
        "region-Africa-ticked": "y", "region-Africa-first_day": "2027-02-01", "region-Africa-last_day": "2027-02-03",
        "region-Africa-city": "Nairobi", "region-CEE-ticked": "y", "region-CEE-first_day": "2027-02-08",
        "region-GRULAC-ticked": "y", "region-GRULAC-date_text": "spring 2027", "region-Asia-Pacific-ticked": "y",
        "region-Asia-Pacific-first_day": "2027-03-01", "whole_title": "Regional meetings 2027", "publish": "y",
    }  # fmt: skip
    answer = _round(ana, typed)
    assert answer.status_code == 303
    session.rollback()
    events = session.scalars(select(Event).order_by(Event.created_at)).all()
    whole = next(event for event in events if not event.part_of_id)
    parts = {event.regions[0]: record_of(event) for event in events if event.part_of_id}
    assert set(parts) == {"Africa", "CEE", "GRULAC", "Asia-Pacific"}
    assert {record.part_of for record in parts.values()} == {whole.id}
    assert parts["Africa"].titles == {"en": "Regional meeting, Africa"}
    assert parts["Africa"].span == Span.inclusive(date(2027, 2, 1), date(2027, 2, 3))
    assert (parts["Africa"].city, parts["Africa"].country) == ("Nairobi", "KE")
    assert (parts["GRULAC"].span, parts["GRULAC"].date_text) == (None, "spring 2027")
    # Of the whole no first and last day is said while those of a part are not known.
    assert (whole.start, whole.precision, whole.date_text) == (None, Precision.WORDS, "Several dates")
    text = client.get(f"/events/{whole.id}").get_data(as_text=True)
    assert "Regional meeting, Africa" in text


def test_a_round_with_one_wrong_row_enters_nothing_and_keeps_what_was_typed(ana, session):
    typed = {
        "region-Africa-ticked": "y", "region-Africa-first_day": "2027-02-01", "region-CEE-ticked": "y",
        "region-CEE-city": "Typed city",
    }  # fmt: skip
    answer = _round(ana, typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "region-CEE-first_day-error" in text
    assert "Typed city" in text
    assert not session.scalars(select(Event)).all()


def test_a_round_needs_a_region_and_an_organisation_of_ones_own(ana, session, signed_in, client):
    assert "Tick at least one region" in _round(ana, {}).get_data(as_text=True)
    typed = {"region-CEE-ticked": "y", "region-CEE-first_day": "2027-02-08", "organisation": "minamata"}
    assert _round(ana, typed).status_code == 422
    assert not session.scalars(select(Event)).all()
    assert signed_in("con@brs.example", brs="contributor").get("/rounds/new").status_code == 403
    assert client.get("/rounds/new").location.startswith("/sign-in")


def test_without_publishing_a_round_is_drafts(ana, session, client):
    _round(ana, {"region-CEE-ticked": "y", "region-CEE-first_day": "2027-02-08"})
    (event,) = session.scalars(select(Event))
    assert (event.stage, event.status, event.titles["en"]) == (
        Stage.DRAFT, Status.TENTATIVE, "Regional meeting, Central and Eastern Europe",
    )  # fmt: skip
    assert client.get(f"/events/{event.id}").status_code == 404


def test_the_whole_of_a_round_whose_days_are_all_known_spans_them(ana, session):
    typed = {"region-CEE-ticked": "y", "region-CEE-first_day": "2027-02-08", "whole_title": "Regional meetings 2027"}
    _round(ana, typed | {"region-Africa-ticked": "y", "region-Africa-first_day": "2027-03-01"})
    whole = session.scalars(select(Event).where(Event.part_of_id.is_(None))).one()
    assert (whole.start, whole.end, whole.date_text) == (date(2027, 2, 8), date(2027, 3, 2), "")


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"region-Africa-first_day": "2027-02-01"}, "region-Africa-ticked-error"),
        ({"region-Africa-first_day": "soon"}, "region-Africa-ticked-error"),
        ({"region-Africa-city": "Nairobi"}, "region-Africa-ticked-error"),
        ({"region-CEE-date_text": "spring"}, "region-CEE-date_text-error"),
    ],
)
def test_what_a_round_would_not_take_over_is_said(ana, session, typed, wrong):
    answer = _round(ana, {"region-CEE-ticked": "y", "region-CEE-first_day": "2027-02-08"} | typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{wrong}"' in text
    assert next(iter(typed.values())) in text
    assert not session.scalars(select(Event)).all()


def test_a_round_or_a_copy_that_is_sent_twice_is_entered_once(ana, session, add_event):
    event_id = add_event(title="COP-17")
    when = {"dates": "words", "date_text": "in 2029"}
    typed = {"region-CEE-ticked": "y", "region-CEE-first_day": "2027-02-08"}
    for page, data in (("/rounds/new", {**ROUND, **typed}), (f"/events/{event_id}/copy", when)):
        form = opened(ana, page) | data
        before = len(session.scalars(select(Event)).all())
        answers = [ana.post(page, data=form) for _ in range(2)]
        session.rollback()
        assert len(session.scalars(select(Event)).all()) == before + 1
        assert len({answer.location for answer in answers}) == 1
        # What was changed after going back, and what is entered anew, is another entry.
        assert ana.post(page, data=form | {"title": "Changed"}).status_code == 303
        assert send(ana, page, data).status_code == 303
        session.rollback()
        assert len(session.scalars(select(Event)).all()) == before + 3
