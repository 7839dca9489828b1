"""The queue of an organisation and the three answers to what was sent in."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, Event, OutboxMessage, Submission
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import events, submissions
from calendar_app.services.records import BodyMeeting, EventRecord, record_of
from calendar_app.services.reference import reference
from tests.conftest import counted_queries
from tests.work.filling import fields_of, opened, send

pytestmark = pytest.mark.either_database

SENDER = "zoe@centre.example"


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def sent_in(app, add_event):
    """Something that was sent in: gives the event's id."""

    def add(*, language: str = "en", **values) -> uuid.UUID:
        event_id = add_event(**{"title": "Sent in", "stage": Stage.SUBMITTED, **values})
        with transaction() as session:
            submission = Submission(
                id=uuid.uuid4(), key=uuid.uuid4().hex, event_id=event_id, organisation_code="brs", name="Zoe",
                email=SENDER, language=language, form={}, created_at=clock.now(), confirmed_at=clock.now(),
            )  # fmt: skip
            session.add(submission)
            submissions.add_letter(submission, events.Change("Zoe", clock.now()), "submitted")
        return event_id

    return add


def stage_of(event_id) -> str:
    db.session.rollback()
    return db.session.get(Event, event_id).stage


def thread(event_id) -> list[tuple[str, str]]:
    db.session.rollback()
    submission = db.session.scalars(select(Submission).where(Submission.event_id == event_id)).one()
    return [(letter.action, letter.text) for letter in submission.letters]


def letters() -> list[OutboxMessage]:
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.to_email == SENDER).order_by(OutboxMessage.created_at)
    return list(db.session.scalars(query))


def answer(browser, event_id, action, typed, **options):
    """Open the page of an event, fill in one of its three forms and send it."""
    page = f"/moderation/{event_id}"
    prefix = {"publish": "publish", "request-changes": "ask", "reject": "reject"}[action]
    named = {f"{prefix}-{name}": value for name, value in typed.items()}
    return send(browser, page, named, action=f"{page}/{action}", **options)


def test_the_queue_shows_what_waits_for_the_own_organisation_the_oldest_first(ana, sent_in, add_event):
    old = sent_in(title="Old one")
    sent_in(title="New one", steward="brs")
    add_event(title="Foreign one", stage=Stage.SUBMITTED, steward="minamata")
    add_event(title="Published one")
    with transaction() as session:
        session.get(Event, old).status_since = clock.now() - timedelta(days=12)
    text = ana.get("/moderation").get_data(as_text=True)
    assert text.index("Old one") < text.index("New one")
    assert "12 days" in text
    assert "Zoe" in text
    assert "Foreign one" not in text
    assert "Published one" not in text


def test_nobody_decides_for_another_organisation_or_as_a_contributor(client, ana, signed_in, sent_in):
    event_id = sent_in()
    mo, con = (
        signed_in("mo@minamata.example", minamata="coordinator"),
        signed_in("con@brs.example", brs="contributor"),
    )
    assert client.get("/moderation").location.startswith("/sign-in")
    assert con.get("/moderation").status_code == 403
    assert "Sent in" not in mo.get("/moderation").get_data(as_text=True)
    token = opened(ana, f"/moderation/{event_id}", f"/moderation/{event_id}/publish")
    for browser, status in ((con, 403), (mo, 404)):
        assert browser.get(f"/moderation/{event_id}").status_code == status
        own = fields_of(browser.get("/submit?new=1").get_data(as_text=True), "/submit")["csrf_token"]
        for action in ("publish", "request-changes", "reject"):
            data = token | {"csrf_token": own}
            assert browser.post(f"/moderation/{event_id}/{action}", data=data).status_code == status
    assert stage_of(event_id) == Stage.SUBMITTED


def test_publishing_puts_it_into_the_calendar_and_tells_the_sender_once(ana, client, sent_in):
    event_id = sent_in()
    assert client.get(f"/events/{event_id}").status_code == 404
    done = answer(ana, event_id, "publish", {"reason": "Thank you."})
    assert (done.status_code, done.location) == (303, "/moderation")
    assert client.get(f"/events/{event_id}").status_code == 200
    (letter,) = letters()
    assert letter.subject == "Published: Sent in"
    assert "Thank you." in letter.text
    assert "/submissions/open/" in letter.text
    assert thread(event_id)[-1] == ("published", "Thank you.")


def test_publishing_on_a_date_keeps_it_hidden_until_then(ana, client, sent_in):
    event_id = sent_in()
    assert answer(ana, event_id, "publish", {"publish_on": "2026-11-01"}).status_code == 422
    answer(ana, event_id, "publish", {"publish_on": "2027-01-15"})
    assert stage_of(event_id) == Stage.SCHEDULED
    assert client.get(f"/events/{event_id}").status_code == 404
    (letter,) = letters()
    assert letter.subject == "Accepted: Sent in"
    assert "15 January 2027" in letter.text


@pytest.mark.parametrize(
    ("action", "stage", "subject"),
    [
        ("request-changes", Stage.CHANGES_REQUESTED, "Please change: Sent in"),
        ("reject", Stage.REJECTED, "Not published: Sent in"),
    ],
)
def test_the_other_answers_need_a_sentence_that_reaches_the_sender(ana, sent_in, action, stage, subject):
    event_id = sent_in()
    empty = answer(ana, event_id, action, {"reason": "  "})
    assert empty.status_code == 422
    assert stage_of(event_id) == Stage.SUBMITTED
    answer(ana, event_id, action, {"reason": "Please say who pays.\nAnd when."})
    assert stage_of(event_id) == stage
    (letter,) = letters()
    assert letter.subject == subject
    assert "Please say who pays." in letter.text
    assert thread(event_id)[-1] == (str(stage), "Please say who pays.\nAnd when.")


def test_the_letter_is_in_the_language_of_the_sender(ana, sent_in):
    event_id = sent_in(language="ar")
    answer(ana, event_id, "reject", {"reason": "No."})
    assert letters()[0].language == "ar"


def test_of_two_who_decide_at_once_the_second_is_told_and_the_sender_gets_one_letter(ana, signed_in, sent_in):
    event_id = sent_in()
    bo = signed_in("bo@brs.example", brs="coordinator")
    page = f"/moderation/{event_id}"
    form = opened(ana, page, f"{page}/request-changes") | {"ask-reason": "Ana typed a long sentence."}
    answer(bo, event_id, "publish", {})
    told = ana.post(f"{page}/request-changes", data=form)
    text = told.get_data(as_text=True)
    assert told.status_code == 409
    assert "Bo (BRS)" in text
    assert "Ana typed a long sentence." in text
    assert stage_of(event_id) == Stage.PUBLISHED
    assert len(letters()) == 1


def test_a_decision_on_what_the_sender_changed_meanwhile_is_taken_anew(ana, sent_in):
    event_id = sent_in()
    page = f"/moderation/{event_id}"
    form = opened(ana, page, f"{page}/reject") | {"reject-reason": "No venue."}
    with transaction() as session:
        event = session.get(Event, event_id)
        submission = session.scalars(select(Submission)).one()
        changed = replace(record_of(event), venue="CICG")
        made = events.Change("Zoe", clock.now(), "Now with a venue.")
        submissions.resubmit(session, submission, event, changed, made, "https://x.example")
    told = ana.post(f"{page}/reject", data=form)
    text = told.get_data(as_text=True)
    assert told.status_code == 409
    assert "CICG" in text
    assert "No venue." in text
    assert stage_of(event_id) == Stage.SUBMITTED
    # Having seen it, she may decide so all the same.
    assert ana.post(f"{page}/reject", data=fields_of(text, f"{page}/reject")).status_code == 303
    assert stage_of(event_id) == Stage.REJECTED


def test_what_was_changed_on_request_is_shown_side_by_side(ana, sent_in):
    event_id = sent_in(venue="Old venue")
    answer(ana, event_id, "request-changes", {"reason": "Another venue, please."})
    assert "comes back to the queue" in ana.get(f"/moderation/{event_id}").get_data(as_text=True)
    with transaction() as session:
        event = session.get(Event, event_id)
        submission = session.scalars(select(Submission)).one()
        changed = replace(record_of(event), venue="New venue")
        made = events.Change("Zoe", clock.now(), "Done.")
        submissions.resubmit(session, submission, event, changed, made, "https://x.example")
    text = ana.get(f"/moderation/{event_id}").get_data(as_text=True)
    table = text.partition("differences-heading")[2].partition("</table>")[0]
    assert "Old venue" in table
    assert "New venue" in table
    assert "Stage" not in table
    assert "Done." in text


def test_a_likely_duplicate_can_be_merged_into_and_the_sender_is_told(ana, client, sent_in, add_event):
    known = add_event(title="Known", bodies=(BodyMeeting("BC-COP", 18),), first=date(2027, 5, 3))
    foreign = add_event(title="Sent in", steward="minamata", first=date(2027, 5, 3))
    event_id = sent_in(bodies=(BodyMeeting("BC-COP", 18),), first=date(2027, 5, 3), contact="Zoe's contact")
    assert "2 likely duplicates" in ana.get("/moderation").get_data(as_text=True)
    text = ana.get(f"/moderation/{event_id}").get_data(as_text=True)
    assert f"/events/{event_id}/merge?into={known}" in text
    assert f"/events/{event_id}/merge?into={foreign}" not in text
    done = send(ana, f"/events/{event_id}/merge?into={known}", {"reason": "It is the same COP."})
    assert done.location == f"/events/{known}"
    assert client.get(f"/events/{event_id}").location == f"/events/{known}"
    assert "Zoe" in client.get(f"/events/{known}").get_data(as_text=True)
    (letter,) = letters()
    assert letter.subject == "Already in the calendar: Sent in"
    assert thread(event_id)[-1] == ("merged", "It is the same COP.")
    assert "Sent in" not in ana.get("/moderation").get_data(as_text=True).partition("waiting-heading")[2]
    # Nothing that never was public leaves a trace in feeds.
    assert str(event_id) not in client.get("/feeds/all.ics").get_data(as_text=True)


def test_the_page_of_an_event_that_does_not_wait_leads_to_the_event(ana, add_event):
    event_id = add_event(title="Published one")
    assert ana.get(f"/moderation/{event_id}").location == f"/events/{event_id}"


def test_the_queue_takes_few_questions_to_the_database_whatever_its_length(ana, sent_in):
    def count() -> int:
        with counted_queries() as statements:
            assert ana.get("/moderation").status_code == 200
        return len(statements)

    for number in range(30):
        sent_in(title=f"Number {number}")
    many = count()
    for number in range(30):
        sent_in(title=f"Further {number}")
    assert count() <= many


def test_markup_that_was_sent_in_is_shown_as_text(ana, sent_in):
    event_id = sent_in(title="<script>alert(1)</script>", notes="<b>x</b>")
    for page in ("/moderation", f"/moderation/{event_id}", f"/events/{event_id}/history"):
        text = ana.get(page).get_data(as_text=True)
        assert "<script>alert(1)" not in text
        assert "<b>x</b>" not in text


def test_of_two_decisions_in_the_same_moment_one_counts(app, signed_in, sent_in):
    event_id = sent_in()
    page = f"/moderation/{event_id}"
    people = [signed_in(f"{name}@brs.example", brs="coordinator") for name in ("ana", "bo")]
    typed = [("publish", {}), ("reject", {"reject-reason": "No."})]
    forms = [
        (browser, f"{page}/{action}", opened(browser, page, f"{page}/{action}") | data)
        for browser, (action, data) in zip(people, typed, strict=True)
    ]
    db.session.rollback()
    start = threading.Barrier(2)

    def decide(browser, address, data) -> int:
        start.wait()
        return browser.post(address, data=data).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(decide, *form) for form in forms]
    assert sorted(answer.result() for answer in answers) == [303, 409]
    assert len(letters()) == 1
    assert len(thread(event_id)) == 2


def test_what_its_sender_does_not_answer_can_still_be_decided_on(ana, sent_in):
    event_id = sent_in()
    answer(ana, event_id, "request-changes", {"reason": "Please."})
    assert "With the sender" in ana.get("/moderation").get_data(as_text=True)
    answer(ana, event_id, "reject", {"reason": "No answer came."})
    assert stage_of(event_id) == Stage.REJECTED


def test_what_waits_is_published_by_a_decision_and_what_was_rejected_tells_its_sender_later(ana, sent_in):
    event_id = sent_in()
    assert ana.get(f"/events/{event_id}/publish").location == f"/moderation/{event_id}"
    answer(ana, event_id, "reject", {"reason": "No."})
    send(ana, f"/events/{event_id}/publish", {"reason": "After all."})
    # Both are of one moment, which no database need put in an order.
    assert sorted(letter.subject for letter in letters()) == ["Not published: Sent in", "Published: Sent in"]


def test_nobody_gets_a_letter_about_what_they_did_themselves(ana, sent_in, session):
    event_id = sent_in()
    with transaction() as writing:
        account = writing.scalars(select(Account).where(Account.email == "ana@brs.example")).one()
        writing.scalars(select(Submission)).one().account_id = account.id
    answer(ana, event_id, "publish", {})
    assert letters() == []
    assert thread(event_id)[-1][0] == "published"


def test_the_day_on_which_the_sender_wants_it_published_is_shown_and_filled_in(ana, sent_in):
    event_id = sent_in(publish_on=date(2027, 1, 15))
    page = f"/moderation/{event_id}"
    assert "15 January 2027" in ana.get(page).get_data(as_text=True)
    assert opened(ana, page, f"{page}/publish")["publish-publish_on"] == ["2027-01-15"]
    answer(ana, event_id, "request-changes", {"reason": "A venue, please."})
    assert opened(ana, page, f"{page}/publish")["publish-publish_on"] == ["2027-01-15"]
    answer(ana, event_id, "publish", {})
    assert stage_of(event_id) == Stage.SCHEDULED


def test_a_day_that_has_passed_is_not_filled_in(ana, sent_in):
    page = f"/moderation/{sent_in(publish_on=clock.today())}"
    assert opened(ana, page, f"{page}/publish")["publish-publish_on"] == [""]


def test_the_sender_is_told_that_what_it_was_joined_with_is_not_public_yet(ana, sent_in, add_event):
    draft = add_event(title="Known", stage=Stage.DRAFT)
    send(ana, f"/events/{sent_in()}/merge?into={draft}", {"reason": "It is the same."})
    (letter,) = letters()
    assert letter.subject == "Joined with another record: Sent in"
    assert "not public so far" in " ".join(letter.text.split())


@pytest.fixture
def harvested(app) -> uuid.UUID:
    """An event that a source brought in."""
    event_id = uuid.uuid4()
    record = replace(EventRecord(), titles={"en": "Harvested"}, steward="brs", stage=Stage.SUBMITTED)
    with transaction() as session:
        events.create(session, event_id, record, events.Change("source InforMEA", clock.now()), reference())
    return event_id


def test_of_what_nobody_sent_the_queue_says_what_brought_it(ana, harvested, sent_in):
    sent_in()
    sheet = replace(EventRecord(), titles={"en": "Of a sheet"}, steward="brs", stage=Stage.SUBMITTED)
    made = events.Change("Bo <bo@brs.example> (BRS), by the sheet of the exchange round", clock.now())
    with transaction() as session:
        events.create(session, uuid.uuid4(), sheet, made, reference())
    page = ana.get("/moderation").get_data(as_text=True)
    for who in ("source InforMEA", "Bo (BRS), by the sheet of the exchange round", "Zoe"):
        assert f"<bdi>{who}</bdi>" in page


@pytest.mark.parametrize(("action", "stage"), [("publish", Stage.PUBLISHED), ("reject", Stage.REJECTED)])
def test_what_nobody_sent_is_decided_with_a_note_for_the_history_and_no_mail_is_promised(ana, harvested, action, stage):
    page = f"/moderation/{harvested}"
    text = ana.get(page).get_data(as_text=True)
    assert "Note for the history" in text
    for promise in ("by mail", "o the sender", "Ask for changes"):
        assert promise not in text.partition("Your decision")[2]
    if action == "reject":
        assert answer(ana, harvested, action, {"reason": ""}).status_code == 422
        assert answer(ana, harvested, action, {"reason": "Held by others."}).status_code == 303
    else:
        assert answer(ana, harvested, action, {"reason": ""}).status_code == 303
    assert stage_of(harvested) == stage
    assert db.session.scalars(select(OutboxMessage)).all() == []


@pytest.mark.parametrize("action", ["publish", "reject", "request-changes"])
def test_undoing_a_decision_needs_a_sentence_that_reaches_the_sender(ana, sent_in, action):
    event_id = sent_in()
    answer(ana, event_id, action, {"reason": "So it is."})
    assert send(ana, f"/events/{event_id}/undo").status_code == 422
    send(ana, f"/events/{event_id}/undo", {"reason": "I pressed the wrong button."})
    assert stage_of(event_id) == Stage.SUBMITTED
    letter = letters()[-1]
    assert letter.subject == "Decision undone: Sent in"
    assert "I pressed the wrong button." in letter.text
    assert "Sent in, not decided yet" in letter.text
    assert thread(event_id)[-1] == ("undone", "I pressed the wrong button.")


def test_undoing_a_merge_tells_the_sender_of_what_was_merged(ana, sent_in, add_event):
    known, event_id = add_event(title="Known"), sent_in()
    send(ana, f"/events/{event_id}/merge?into={known}", {"reason": "It is the same."})
    send(ana, f"/events/{known}/undo", {"reason": "It is another one."})
    assert [letter.subject for letter in letters()][-1] == "Decision undone: Sent in"
    assert thread(event_id)[-1] == ("undone", "It is another one.")


def test_what_its_sender_withdrew_is_not_offered_for_publishing(ana, sent_in):
    event_id = sent_in(stage=Stage.WITHDRAWN)
    publish = f'href="/events/{event_id}/publish"'
    assert publish in ana.get(f"/events/{event_id}").get_data(as_text=True)
    with transaction() as session:
        submission = session.scalars(select(Submission).where(Submission.event_id == event_id)).one()
        submissions.add_letter(submission, events.Change("Zoe", clock.now()), "withdrawn")
    assert publish not in ana.get(f"/events/{event_id}").get_data(as_text=True)
