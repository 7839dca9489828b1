"""Two people edit one event at once: the second is told what changed and loses nothing typed."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import date

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import LinkKind, Stage, Status, Visibility
from calendar_app.services import events
from calendar_app.services.records import BodyMeeting, EventRecord, Link, Organiser, record_of
from calendar_app.services.reference import reference
from tests.work.filling import fields_of, opened, send

pytestmark = pytest.mark.either_database


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def bo(signed_in):
    return signed_in("bo@brs.example", brs="administrator")


def test_saving_what_the_form_shows_changes_nothing(ana, add_event, stored, revisions):
    other = add_event(title="Other")
    hidden = add_event(title="Hidden", steward="minamata", stage=Stage.DRAFT)
    event_id = add_event(
        title="Event", descriptions={"en": "One\n\ntwo", "fr": "Un"}, bodies=(BodyMeeting("BC-COP", 17),),
        organisers=(Organiser("BRS", "brs"), Organiser("Somebody", role="partner"), Organiser("Host", role="funder")),
        links=(Link(LinkKind.PREPARES_FOR, other), Link(LinkKind.BACK_TO_BACK, hidden)), part_of=hidden,
        city="Geneva", country="CH", regions=("Africa", "CEE"), languages=("en", "fr"), notes="Line\nline",
        expected_participants=300, key_persons=("A", "B"), start_time="09:00", end_time="12:00",
        timezone="Europe/Zurich", processes=("stockholm", "basel"), latitude=46.2, longitude=6.1,
    )  # fmt: skip
    before = record_of(stored(event_id))
    assert send(ana, f"/events/{event_id}/edit").status_code == 303
    assert record_of(stored(event_id)) == before
    assert len(revisions(event_id)) == 1


def test_an_edit_is_a_revision_with_who_and_why(ana, client, add_event, stored, revisions):
    event_id = add_event(title="Event")
    answer = send(ana, f"/events/{event_id}/edit", {"venue": "CICG", "reason": "Contract signed."})
    assert (answer.status_code, answer.location) == (303, f"/events/{event_id}")
    last = revisions(event_id)[-1]
    assert (last.actor, last.reason, last.before, last.after) == (
        "Ana (BRS)", "Contract signed.", {"venue": ""}, {"venue": "CICG"},
    )  # fmt: skip
    assert stored(event_id).sequence == 1
    assert "CICG" in client.get(f"/events/{event_id}").get_data(as_text=True)


def test_dates_of_a_published_event_are_not_edited_but_those_of_a_draft_are(ana, add_event, stored):
    published, draft = add_event(title="Shown"), add_event(title="Draft", stage=Stage.DRAFT)
    form = opened(ana, f"/events/{published}/edit")
    assert "first_day" not in form
    assert ana.post(f"/events/{published}/edit", data=form | {"first_day": "2028-01-01"}).status_code == 303
    assert stored(published).start == date(2027, 3, 1)
    send(ana, f"/events/{draft}/edit", {"dates": "month", "month": "2028-02"})
    assert (stored(draft).precision, stored(draft).start) == (Precision.MONTH, date(2028, 2, 1))


def test_hours_of_a_published_event_are_not_edited_but_those_of_a_draft_are(ana, add_event, stored):
    hours = {"start_time": "09:00", "end_time": "12:00", "timezone": "Europe/Zurich"}
    typed = {"start_time": "10:00", "end_time": "", "timezone": "Africa/Nairobi"}
    published, draft = add_event(title="Shown", **hours), add_event(title="Draft", stage=Stage.DRAFT, **hours)
    form = opened(ana, f"/events/{published}/edit")
    assert not set(hours) & set(form)
    assert ana.post(f"/events/{published}/edit", data=form | typed | {"city": "Nairobi"}).status_code == 303
    event = stored(published)
    assert (event.city, event.start_time, event.timezone) == ("Nairobi", "09:00", "Europe/Zurich")
    send(ana, f"/events/{draft}/edit", typed)
    event = stored(draft)
    assert (event.start_time, event.end_time, event.timezone) == ("10:00", "", "Africa/Nairobi")


def test_why_everybody_shall_no_longer_see_an_event_has_to_be_said(ana, client, add_event, stored, revisions):
    event_id, draft = add_event(title="Event"), add_event(title="Draft", stage=Stage.DRAFT)
    page = f"/events/{event_id}/edit"
    answer = send(ana, page, {"visibility": "steward", "venue": "Typed venue"})
    assert answer.status_code == 422
    assert "reason-error" in answer.get_data(as_text=True)
    assert "Typed venue" in answer.get_data(as_text=True)
    assert client.get(f"/events/{event_id}").status_code == 200
    again = fields_of(answer.get_data(as_text=True)) | {"reason": "By invitation."}
    assert ana.post(page, data=again).status_code == 303
    assert (stored(event_id).visibility, revisions(event_id)[-1].reason) == ("steward", "By invitation.")
    assert send(ana, f"/events/{draft}/edit", {"visibility": "members"}).status_code == 303
    assert send(ana, page, {"visibility": "members"}).status_code == 303


def test_editing_reinstates_nothing(ana, add_event, stored):
    event_id = add_event(title="Event", status=Status.CANCELLED)
    form = opened(ana, f"/events/{event_id}/edit")
    assert "status" not in form
    ana.post(f"/events/{event_id}/edit", data=form | {"status": "confirmed", "venue": "CICG"})
    assert (stored(event_id).status, stored(event_id).venue) == (Status.CANCELLED, "CICG")


def test_errors_stand_at_the_field_and_everything_typed_stays(ana, add_event, stored):
    event_id = add_event(title="Event")
    typed = {"web_url": "no address", "venue": "Typed venue", "reason": "Typed reason"}
    answer = send(ana, f"/events/{event_id}/edit", typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "web_url-error" in text
    assert all(value in text for value in typed.values())
    assert fields_of(text)["seen"] == opened(ana, f"/events/{event_id}/edit")["seen"]
    assert stored(event_id).venue == ""


def test_the_second_of_two_is_told_what_changed_and_loses_nothing_typed(ana, bo, add_event, stored, revisions):
    event_id = add_event(title="Event", venue="Old venue", contact="Old contact")
    page = f"/events/{event_id}/edit"
    form = opened(ana, page)
    send(bo, page, {"venue": "Bo's venue", "contact": "Bo's contact", "reason": "Bo knows."})
    typed = {"venue": "Ana's venue", "title": "Ana's title", "description": "Ana's text", "reason": "Ana's reason"}
    answer = ana.post(page, data=form | typed)
    text = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "Meanwhile Bo (BRS) changed it" in text
    for value in ("Old venue", "Bo's venue", "Ana's venue", "Old contact", "Bo's contact"):
        assert value in text
    # Nothing of Ana's is saved yet, and nothing of it is lost; what she did not touch is what Bo set.
    assert stored(event_id).venue == "Bo's venue"
    again = fields_of(answer.get_data(as_text=True))
    assert {name: again[name][0] for name in typed} == typed
    assert again["contact"] == ["Bo's contact"]
    # Saving again, having seen it, works, and takes nothing of Bo's away that Ana did not mean to.
    assert ana.post(page, data=again).status_code == 303
    event = stored(event_id)
    assert (event.venue, event.contact, event.titles["en"]) == ("Ana's venue", "Bo's contact", "Ana's title")
    assert [revision.actor for revision in revisions(event_id)] == ["test", "Bo (BRS)", "Ana (BRS)"]


def test_a_third_change_while_the_second_looks_is_told_again(ana, bo, add_event, stored):
    event_id = add_event(title="Event")
    page = f"/events/{event_id}/edit"
    form = opened(ana, page)
    send(bo, page, {"venue": "First"})
    again = fields_of(ana.post(page, data=form | {"contact": "Ana's"}).get_data(as_text=True))
    send(bo, page, {"venue": "Second"})
    answer = ana.post(page, data=again)
    assert answer.status_code == 409
    assert "Second" in answer.get_data(as_text=True)
    assert ana.post(page, data=fields_of(answer.get_data(as_text=True))).status_code == 303
    assert (stored(event_id).venue, stored(event_id).contact) == ("Second", "Ana's")


def test_what_both_set_alike_and_what_the_form_does_not_show_is_no_matter(ana, bo, add_event, stored):
    event_id = add_event(title="Event")
    page = f"/events/{event_id}/edit"
    form = opened(ana, page)
    send(bo, page, {"venue": "CICG"})
    send(bo, f"/events/{event_id}", {}, action=f"/events/{event_id}/confirm")
    send(bo, f"/events/{event_id}/move", {"first_day": "2027-09-01", "last_day": "", "reason": "Moved."})
    assert ana.post(page, data=form | {"venue": "CICG", "contact": "Ana"}).status_code == 303
    event = stored(event_id)
    assert (event.venue, event.contact, event.start) == ("CICG", "Ana", date(2027, 9, 1))


def test_texts_in_several_languages_and_lists_survive_a_meeting_of_two(ana, bo, add_event, stored):
    event_id = add_event(title="Event", titles={"en": "Event", "fr": "Réunion"})
    page = f"/events/{event_id}/edit"
    form = opened(ana, page)
    send(bo, page, {"convention": ["basel", "rotterdam"], "languages": ["en", "ar"]})
    again = fields_of(ana.post(page, data=form | {"title_fr": "Réunion d’Ana"}).get_data(as_text=True))
    assert ana.post(page, data=again).status_code == 303
    event = stored(event_id)
    assert event.titles == {"en": "Event", "fr": "Réunion d’Ana"}
    assert (event.processes, event.languages) == (["basel", "rotterdam"], ["en", "ar"])


def test_an_event_withdrawn_or_given_away_meanwhile_is_not_edited(ana, add_event, stored):
    event_id = add_event(title="Event")
    form = opened(ana, f"/events/{event_id}/edit") | {"venue": "CICG"}
    with transaction() as session:
        event = session.get(Event, event_id)
        given: EventRecord = replace(record_of(event), steward="minamata", visibility=Visibility.STEWARD)
        events.change(session, event, given, events.Change("test", clock.now()), reference())
    assert ana.post(f"/events/{event_id}/edit", data=form).status_code == 404
    assert stored(event_id).venue == ""


@pytest.mark.parametrize("seen", ["", "x", "99999999999999999999", "-1", "٣"])
def test_a_wrong_number_of_the_last_change_is_no_error(ana, add_event, stored, seen):
    event_id = add_event(title="Event")
    answer = send(ana, f"/events/{event_id}/edit", {"venue": "CICG", "seen": seen})
    assert answer.status_code in {303, 409}
    action = send(ana, f"/events/{event_id}/cancel", {"reason": "Off.", "seen": seen})
    assert action.status_code == 409
    assert stored(event_id).status == Status.CONFIRMED
