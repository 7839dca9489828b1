"""Following what was sent: who sees it, changing it when asked, taking it back, and that a decision is not undone."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event, OutboxMessage, Revision, Submission
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import events, submissions
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from calendar_app.web.submit.links import submission_url
from tests.submit.conftest import fill_in, opened
from tests.submit.test_sending import errors_of, send
from tests.web.forms import post

pytestmark = [pytest.mark.xdist_group("submit"), pytest.mark.either_database]


def only(session, table):
    session.rollback()
    return session.scalars(select(table)).one()


@pytest.fixture
def reader(app, client, session):
    """A browser that was let in by the letter, and the address of the submission, which waits for the secretariat."""
    send(client)
    with app.test_request_context():
        link = submission_url(session.scalars(select(Submission)).one())
    browser = app.test_client()
    address = browser.get(link.partition("://")[2].partition("/")[2].join(["/", ""])).location.partition("?")[0]
    post(browser, f"{address}/send", page=address)
    return browser, address


def decide(session, stage: Stage, sentence: str = "") -> None:
    """What the secretariat does on its own pages."""
    with transaction() as writing:
        event = writing.scalars(select(Event)).one()
        made = events.Change("Ana (BRS)", clock.now(), sentence)
        events.change(writing, event, replace(record_of(event), stage=stage), made, reference())
        submissions.add_letter(writing.scalars(select(Submission)).one(), made, str(stage))


def fields_of(html: str) -> dict[str, str]:
    """The single-line fields of a form as they are filled in."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="radio"' not in tag and 'type="checkbox"' not in tag:
            found[name[1]] = value[1] if value else ""
    return found


def changed(browser, address: str, **values):
    """Open the page for changing, change some fields and send it."""
    html = browser.get(f"{address}/edit").get_data(as_text=True)
    data = fields_of(html) | {"kind": "workshop", "title_language": "en"} | values
    return browser.post(f"{address}/edit", data=data)


def test_only_the_sender_and_members_of_the_organisation_see_a_submission(app, reader, signed_in):
    browser, address = reader
    assert browser.get(address).status_code == 200
    assert signed_in("ana@brs.example", brs="contributor").get(address).status_code == 200
    for other in (app.test_client(), signed_in("bo@minamata.example", minamata="administrator")):
        assert other.get(address).status_code == 404
        assert other.get(f"{address}/edit").status_code == 404
        for act in ("send", "edit", "withdraw"):
            assert post(other, f"{address}/{act}", page="/submit").status_code == 404
    assert browser.get(f"/submissions/{uuid.uuid4()}").status_code == 404


def test_members_see_it_and_only_the_sender_changes_it(reader, signed_in, session):
    _browser, address = reader
    member = signed_in("ana@brs.example", brs="administrator")
    assert member.get(f"{address}/edit").status_code == 403
    for act in ("edit", "withdraw", "send"):
        assert post(member, f"{address}/{act}", page="/submit?new=1").status_code == 403
    assert only(session, Event).stage == Stage.SUBMITTED


def test_what_is_not_confirmed_is_seen_by_its_sender_alone(client, session, signed_in):
    send(client)
    found = only(session, Submission)
    assert signed_in("ana@brs.example", brs="administrator").get(f"/submissions/{found.id}").status_code == 404
    assert client.get(f"/submissions/{found.id}").status_code == 404


@pytest.mark.parametrize("token", ["x", "IjEyMyI.abc", "%00", "a.b.c", "é", "x" * 2000])
def test_a_made_up_token_opens_nothing(client, token):
    assert client.get(f"/submissions/open/{token}").status_code == 404


def test_strangers_are_led_to_sign_in_for_their_list(client):
    answer = client.get("/submissions")
    assert answer.status_code == 303
    assert "/sign-in" in answer.location


def test_changes_that_are_asked_for_are_made_in_the_same_event(reader, session, add_account):
    browser, address = reader
    add_account("ana@brs.example", brs="coordinator")
    event_id = only(session, Event).id
    decide(session, Stage.CHANGES_REQUESTED, "Which city?")
    page = browser.get(address).get_data(as_text=True)
    assert "The secretariat asks for changes" in page
    assert "Which city?" in page
    assert "Which city?" in browser.get(f"{address}/edit").get_data(as_text=True)
    answer = changed(browser, address, city="Nairobi", answer="In Nairobi.")
    assert answer.status_code == 303, errors_of(answer)
    event = only(session, Event)
    assert (event.id, event.stage, event.city, event.country) == (event_id, Stage.SUBMITTED, "Nairobi", "KE")
    revision = session.scalars(select(Revision).order_by(Revision.id.desc())).first()
    assert (revision.actor, revision.action, revision.reason) == (
        "Rosa Diaz <rosa@centre.example>",
        "resubmitted",
        "In Nairobi.",
    )
    assert revision.after["city"] == "Nairobi"
    letters = [(x.action, x.text) for x in only(session, Submission).letters]
    assert letters[-1] == ("resubmitted", "In Nairobi.")
    assert letters[-2] == ("changes-requested", "Which city?")
    told = session.scalars(select(OutboxMessage).where(OutboxMessage.key.contains("/resubmitted/"))).all()
    assert [m.to_email for m in told] == ["ana@brs.example"]
    assert "In Nairobi." in told[0].text


def test_it_can_be_changed_while_it_waits_and_nothing_changed_says_nothing(reader, session):
    browser, address = reader
    assert changed(browser, address).status_code == 303
    assert [x.action for x in only(session, Submission).letters] == ["submitted"]
    assert changed(browser, address, venue="Hall 7").status_code == 303
    assert [x.action for x in only(session, Submission).letters] == ["submitted", "resubmitted"]
    assert only(session, Event).venue == "Hall 7"


def test_a_wrong_change_is_answered_at_the_field(reader, session):
    browser, address = reader
    answer = changed(browser, address, first_day="2027-05-01", last_day="2027-04-01", answer="My answer")
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {"last_day"}
    assert "My answer" in answer.get_data(as_text=True)


def test_a_submission_can_be_withdrawn_with_a_reason_while_nobody_has_decided(reader, session, add_account):
    add_account("decider@brs.example", brs="coordinator")
    browser, address = reader
    unsaid = post(browser, f"{address}/withdraw", {"reason": " "}, page=address)
    assert unsaid.status_code == 422
    assert set(errors_of(unsaid)) == {"reason"}
    assert only(session, Event).stage == Stage.SUBMITTED
    assert post(browser, f"{address}/withdraw", {"reason": "No money."}, page=address).status_code == 303
    assert only(session, Event).stage == Stage.WITHDRAWN
    assert "Withdrawn" in browser.get(address).get_data(as_text=True)
    thread = [(letter.action, letter.text) for letter in only(session, Submission).letters]
    assert thread == [("submitted", ""), ("withdrawn", "No money.")]
    told = session.scalars(select(OutboxMessage).where(OutboxMessage.to_email == "decider@brs.example")).all()
    assert [letter.subject.partition(":")[0] for letter in told] == ["Withdrawn by its sender"]
    assert "No money." in told[0].text


@pytest.mark.parametrize("stage", [Stage.PUBLISHED, Stage.REJECTED, Stage.SCHEDULED, Stage.WITHDRAWN])
def test_what_was_decided_meanwhile_stays_as_it_was_decided(reader, session, stage):
    browser, address = reader
    html = browser.get(f"{address}/edit").get_data(as_text=True)
    data = fields_of(html) | {"kind": "workshop", "title_language": "en", "venue": "Hall 7"}
    decide(session, stage, "So it is.")
    answer = browser.post(f"{address}/edit", data=data)
    assert answer.status_code == 409
    assert "decided on meanwhile" in answer.get_data(as_text=True)
    answer = browser.post(f"{address}/withdraw", data=data)
    assert answer.status_code == 303
    assert "decided on meanwhile" in browser.get(answer.location).get_data(as_text=True)
    assert browser.get(f"{address}/edit").status_code == 303
    event = only(session, Event)
    assert (event.stage, event.venue) == (stage, "")


def correct(**values) -> None:
    """What the secretariat corrects in the event on its own pages."""
    with transaction() as writing:
        event = writing.scalars(select(Event)).one()
        made = events.Change("Ana (BRS)", clock.now())
        events.change(writing, event, replace(record_of(event), **values), made, reference())


def test_who_is_too_late_finds_everything_typed_and_nothing_of_what_the_event_says_now(reader):
    browser, address = reader
    form = fields_of(browser.get(f"{address}/edit").get_data(as_text=True)) | {"kind": "workshop", "seen": "9" * 9}
    correct(stage=Stage.REJECTED, contact="zzhidden")
    form.pop("contact")
    text = browser.post(f"{address}/edit", data=form | {"venue": "Hall 7", "answer": "Long."}).get_data(as_text=True)
    assert "Hall 7" in text
    assert "Long." in text
    assert "Send changed event" not in text
    assert "zzhidden" not in text


def test_a_change_by_the_secretariat_is_told_and_not_taken_back_unawares(reader, session):
    browser, address = reader
    changed(browser, address, venue="Hall 1")
    form = fields_of(browser.get(f"{address}/edit").get_data(as_text=True)) | {"kind": "workshop"}
    correct(venue="Hall 2", notes="zznotes")
    typed = {"contact": "Rosa", "title_language": "en", "answer": "My answer."}
    answer = browser.post(f"{address}/edit", data=form | typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    for said in ("Ana (BRS)", "Hall 1", "Hall 2", "My answer.", "send it again"):
        assert said in text, said
    assert "zznotes" not in text
    assert only(session, Event).contact == ""
    again = fields_of(text) | {"kind": "workshop", "title_language": "en"}
    assert (again["venue"], again["contact"]) == ("Hall 2", "Rosa")
    assert browser.post(f"{address}/edit", data=again).status_code == 303
    event = only(session, Event)
    assert (event.venue, event.contact, event.notes) == ("Hall 2", "Rosa", "zznotes")


def test_a_sender_who_is_a_member_changes_nothing_that_is_for_the_secretariat_only(signed_in, session):
    browser = signed_in("lee@brs.example", brs="contributor")
    browser.post("/submit", data=fill_in(name=None, email=None, notes="As sent.") | opened(browser))
    address = f"/submissions/{only(session, Submission).id}"
    assert 'name="notes"' not in browser.get(f"{address}/edit").get_data(as_text=True)
    sent = changed(browser, address, notes="", visibility="steward", publish_on="2027-01-01", venue="Hall 8")
    assert sent.status_code == 303
    event = only(session, Event)
    assert (event.venue, event.notes, event.visibility, event.publish_on) == ("Hall 8", "As sent.", "public", None)


def test_what_is_written_into_an_event_that_the_sender_does_not_see_is_not_shown(reader):
    browser, address = reader
    correct(stage=Stage.REJECTED, titles={"en": "Zzhidden"}, city="Zztown")
    text = browser.get(address).get_data(as_text=True)
    assert "mercury-free dentistry" in text
    assert "Zz" not in text


def test_before_it_is_confirmed_it_can_be_changed_but_not_its_address(app, client, session):
    send(client)
    with app.test_request_context():
        link = submission_url(only(session, Submission))
    reader = app.test_client()
    address = reader.get("/" + link.split("/", 3)[3]).location.partition("?")[0]
    data = fill_in(title="Another title", email="spam@victim.example", organisation="minamata")
    answer = post(reader, f"{address}/edit", data | {"key": only(session, Submission).key}, page=f"{address}/edit")
    assert answer.status_code == 303, errors_of(answer)
    found = only(session, Submission)
    assert (found.form["title"], found.email, found.organisation_code) == (
        ["Another title"], "rosa@centre.example", "minamata",
    )  # fmt: skip
    assert found.form["email"] == ["rosa@centre.example"]
    post(reader, f"{address}/send", page=address)
    event = only(session, Event)
    assert (event.titles, event.steward_code) == ({"en": "Another title"}, "minamata")


def test_what_can_no_longer_be_sent_as_typed_is_shown_with_its_errors(app, client, session, add_event):
    whole = add_event(title="The whole")
    send(client, part_of=str(whole))
    with transaction() as writing:
        event = writing.get(Event, whole)
        made = events.Change("test", clock.now())
        events.change(writing, event, replace(record_of(event), stage=Stage.DRAFT), made, reference())
    with app.test_request_context():
        link = submission_url(only(session, Submission))
    reader = app.test_client()
    address = reader.get("/" + link.split("/", 3)[3]).location.partition("?")[0]
    answer = post(reader, f"{address}/send", page=address)
    assert answer.location.partition("?")[0] == f"{address}/edit"
    page = reader.get(answer.location)
    assert set(errors_of(page)) == {"part_of"}
    assert only(session, Submission).confirmed_at is None


def test_a_person_sees_what_was_sent_from_the_account_in_any_browser(signed_in, session):
    browser = signed_in("lee@minamata.example", minamata="contributor")
    data = fill_in(name=None, email=None) | opened(browser)
    browser.post("/submit", data=data)
    found = only(session, Submission)
    page = browser.get(f"/submissions/{found.id}").get_data(as_text=True)
    assert "Waits for the secretariat" in page
    assert "Withdraw event" in page
    assert changed(browser, f"/submissions/{found.id}", venue="Hall 8").status_code == 303
    assert only(session, Event).venue == "Hall 8"
    revision = session.scalars(select(Revision).order_by(Revision.id.desc())).first()
    assert revision.actor == "Lee (Minamata)"
