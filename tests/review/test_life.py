"""Reviews from month to month: what is decided in one is carried over to the next until it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

from docx import Document
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import days
from calendar_app.models import Account, AuditEntry, DigestRecipient, Event, OutboxMessage, ReviewDecision
from calendar_app.planning.dates import Span
from calendar_app.services import event_work, events, review_actions, reviews
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from tests.people import browser_of
from tests.review.conftest import DECEMBER, NOVEMBER, decide, read
from tests.work.filling import send

MOVED = Span.inclusive(date(2027, 3, 8), date(2027, 3, 9))


def letters() -> list[tuple[str, str]]:
    """To whom reminders went, and what they say, in the order in which they were put into the outbox."""
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.key.startswith("actions/")).order_by(OutboxMessage.created_at)
    return [(row.to_email, row.text) for row in db.session.scalars(query)]


def remind(app, at, moment: str) -> list[tuple[str, str]]:
    """Let two hours pass; return the letters that this brings."""
    before = len(letters())
    for hour in ("08", "09"):
        at(f"{moment}T{hour}:00+00:00")
        days.remind_of_actions(app)
    return letters()[before:]


def test_an_action_is_carried_over_reminded_of_and_shown_until_it_is_done(app, add_event, add_account, at):
    ana_id = add_account("ana@brs.example", brs="coordinator")
    bo_id = add_account("bo@minamata.example", minamata="coordinator")
    event_id = add_event(title="Workshop on mercury", first=date(2027, 3, 1), steward="minamata")
    ana = browser_of(app, ana_id)
    line = f"new/{event_id}"
    due = {"owner_organisation": "minamata", "owner_name": "Bo", "due_on": "2026-12-10"}
    assert decide(ana, line, "Look for another week.", **due).status_code == 303
    assert decide(ana, line, "Everybody knows of it.").status_code == 303
    at("2026-11-20T09:01+00:00")
    send(ana, f"{NOVEMBER}/close", action=f"{NOVEMBER}/close")

    at("2026-12-05T09:00+00:00")
    ana, bo = browser_of(app, ana_id), browser_of(app, bo_id)
    with transaction() as session:
        event = session.get(Event, event_id)
        events.change(
            session, event, replace(record_of(event), span=MOVED), events.Change("x", clock.now()), reference()
        )
    text = read(ana, DECEMBER)
    assert text.count("Review of November 2026") == 1
    assert "Actions from earlier reviews 1" in text
    assert "Bo, Minamata · due on 10 December 2026 · Review of November 2026" in text
    assert "was 1 March 2027, now 8–9 March 2027" in text
    assert "New events" not in text
    assert "Everybody knows of it." not in text
    assert "Action of the review" in read(bo, "/workspace")

    assert remind(app, at, "2026-12-06") == []
    for day, told in (("2026-12-07", "Due on 10 December 2026"), ("2026-12-11", "Late, was due on 10 December 2026")):
        ((to, words),) = remind(app, at, day)
        assert to == "bo@minamata.example"
        assert f"{told}: Look for another week. (Workshop on mercury)" in " ".join(words.split())
    assert remind(app, at, "2026-12-14") == [], "what is late is told once"

    at("2026-12-15T09:00+00:00")
    bo = browser_of(app, bo_id)
    assert "Late Look for another week." in read(bo, DECEMBER)
    ended = send(bo, "/review/actions/1", {"end-outcome": "Moved by a week."}, action="/review/actions/1/end")
    assert ended.status_code == 303
    assert "Done: Moved by a week." in read(bo, DECEMBER)
    ana = browser_of(app, ana_id)
    send(ana, f"{DECEMBER}/close", action=f"{DECEMBER}/close")
    assert "Done: Moved by a week." in read(ana, DECEMBER)
    at("2027-01-08T09:00+00:00")
    assert "Look for another week." not in read(browser_of(app, ana_id), "/review/2027-01")


def test_an_action_that_was_ended_by_mistake_is_opened_again(app, add_account, at, session):
    ana_id = add_account("ana@brs.example", brs="coordinator")
    decide(browser_of(app, ana_id), "other", "Ask.", owner_email="carl@example.org", due_on="2026-11-22", subject="Any")
    page = "/review/actions/1"
    assert len(remind(app, at, "2026-11-21")) == 1
    ana = browser_of(app, ana_id)
    assert send(ana, page, {"end-outcome": "Asked."}, action=f"{page}/end").status_code == 303
    assert "Ended by" in read(ana, page)
    assert send(ana, page, action=f"{page}/open-again").status_code == 303
    text = read(ana, page)
    assert "How it ended" in text
    assert "Asked." not in text
    assert len(remind(app, at, "2026-11-22")) == 1, "its owner hears of it again"
    ((entry,),) = session.execute(select(AuditEntry).where(AuditEntry.action == "action opened again")).all()
    assert entry.details == {"was": "done", "outcome": "Asked.", "ended by": "Ana (BRS)"}


def test_the_address_of_an_action_leads_to_its_line_when_it_is_an_action_no_longer(ana):
    decide(ana, "other", "Ask.", owner_organisation="brs", due_on="2026-12-01", subject="Any")
    page = "/review/actions/1"
    assert "How it ended" in read(ana, page)
    send(ana, f"{NOVEMBER}/decisions/1", {"owner_organisation": "", "due_on": ""})
    answer = ana.get(page)
    assert (answer.status_code, answer.location) == (303, f"{NOVEMBER}#line-other")
    assert ana.get("/review/actions/2").status_code == 404


def test_an_action_of_which_nobody_can_be_reminded_says_so(ana, bo):
    told = "Nobody can be reminded of this action"
    for number, (owner, is_reached) in enumerate(
        (
            ({"owner_organisation": "minamata"}, True),
            ({"owner_name": "Carl", "owner_email": "carl@example.org"}, True),
            ({"owner_organisation": "unfccc"}, False),
            ({"owner_name": "Carl"}, False),
            ({"due_on": "2026-12-01"}, False),
        ),
        1,
    ):
        decide(ana, "other", f"Action {number}.", subject="Any", **owner)
        assert (told in read(ana)) is not is_reached, owner
        assert (told in read(bo, f"/review/actions/{number}")) is not is_reached, owner
    page = "/review/actions/5"
    assert send(ana, page, {"hand-owner_organisation": "minamata"}, action=f"{page}/hand-over").status_code == 303
    assert told not in read(ana, page)
    decide(ana, "other", "Only noted.", subject="Any")
    assert told not in read(ana)


def test_an_action_is_not_due_on_a_day_that_is_over_but_one_that_is_late_may_be_given_to_others(app, add_account, at):
    ana_id = add_account("ana@brs.example", brs="coordinator")
    ana = browser_of(app, ana_id)
    refused = decide(ana, "other", "Ask.", subject="Any", due_on="2026-11-19")
    assert refused.status_code == 422
    assert "That day is over." in refused.text
    assert decide(ana, "other", "Ask.", subject="Any", due_on="2026-11-20").status_code == 303
    at("2026-11-25T09:00+00:00")
    ana, page = browser_of(app, ana_id), "/review/actions/1"
    refused = send(ana, page, {"hand-due_on": "2026-11-24"}, action=f"{page}/hand-over")
    assert refused.status_code == 422
    assert "That day is over." in refused.text
    assert send(ana, page, {"hand-owner_organisation": "brs"}, action=f"{page}/hand-over").status_code == 303
    assert send(ana, f"{NOVEMBER}/decisions/1", {"text": "Ask again."}).status_code == 303
    assert send(ana, f"{NOVEMBER}/decisions/1", {"due_on": "2026-11-21"}).status_code == 422


def test_a_decision_that_was_written_down_by_mistake_is_removed_while_the_review_is_open(ana, bo, session):
    for text in ("A mistake.", "No mistake."):
        decide(ana, "other", text, subject="Any")
    page = f"{NOVEMBER}/decisions/1"
    assert send(bo, page, action=f"{page}/remove").status_code == 303
    assert "A mistake." not in read(ana)
    assert "No mistake." in read(ana)
    assert bo.get(page).status_code == 404
    ((entry,),) = session.execute(select(AuditEntry).where(AuditEntry.action == "decision removed")).all()
    assert entry.details == {"text": "A mistake.", "written down by": "Ana (BRS)"}


def test_who_has_no_account_gets_no_link_that_asks_to_sign_in(app, ana, add_account, at):
    add_account("Mo@minamata.example", minamata="coordinator")
    add_account("gone@example.org")
    with transaction() as session:
        session.query(Account).filter_by(email="gone@example.org").one().active = False
        session.add(DigestRecipient(organisation_code="brs", kind="mailbox", email="all@brs.example", language="en"))
    for owner in ("carl@example.org", "mo@Minamata.example", "gone@example.org", ""):
        typed = {"owner_email": owner, "owner_organisation": "" if owner else "brs", "due_on": "2026-12-01"}
        decide(ana, "other", "Ask.", subject=owner or "Any", **typed)
    has_link = {to.casefold(): "/review" in text for to, text in remind(app, at, "2026-11-29")}
    assert has_link == {
        "carl@example.org": False, "gone@example.org": False, "mo@minamata.example": True, "all@brs.example": True,
    }  # fmt: skip
    assert all("tell the organisation that asked you" in " ".join(text.split()) for _to, text in letters())


def test_who_is_in_charge_with_an_address_only_is_told_by_it_to_members_and_to_nobody_else(ana, client, signed_in, at):
    decide(ana, "other", "Ask.", owner_email="carl@example.org", due_on="2026-12-22", subject="Any")
    decide(ana, "other", "Book.", owner_name="Dora", owner_email="dora@example.org", subject="One more")
    tables = Document(BytesIO(ana.get(f"{NOVEMBER}/minutes.docx").data)).tables
    assert ["Any", "Ask.", "carl@example.org", "22 December 2026"] in [
        [cell.text for cell in row.cells] for table in tables for row in table.rows
    ]
    at("2026-12-05T09:00+00:00")
    mia = signed_in("mia@minamata.example", minamata="contributor")
    for page in (NOVEMBER, DECEMBER, "/review/actions/1"):
        text = read(mia, page)
        assert "carl@example.org" in text, page
        assert "dora@example.org" not in text, page
        assert client.get(page).status_code in {302, 303}, page


def test_one_letter_a_day_tells_an_owner_of_all_that_is_due(app, ana, at):
    for number, day in enumerate(("2026-12-01", "2026-12-01", "2026-11-30"), 1):
        owner = {"owner_email": "Carl@example.org", "due_on": day, "subject": f"Subject {number}"}
        decide(ana, "other", f"Action {number}.", **owner)
    ((to, text),) = remind(app, at, "2026-11-29")
    assert to.casefold() == "carl@example.org"
    assert [f"Action {number}." in text for number in (1, 2, 3)] == [True, True, True]


def test_an_action_that_gets_another_day_is_reminded_of_anew(app, add_account, at):
    ana_id = add_account("ana@brs.example", brs="coordinator")
    decide(
        browser_of(app, ana_id), "other", "Write.", owner_email="carl@example.org", due_on="2026-11-22", subject="Any"
    )
    assert len(remind(app, at, "2026-11-21")) == 1
    page = "/review/actions/1"
    send(browser_of(app, ana_id), page, {"hand-due_on": "2026-12-20"}, action=f"{page}/hand-over")
    assert remind(app, at, "2026-11-23") == []
    assert len(remind(app, at, "2026-12-18")) == 1
    # Whoever takes over has not been reminded yet.
    send(browser_of(app, ana_id), page, {"hand-owner_email": "dora@example.org"}, action=f"{page}/hand-over")
    assert [to for to, _text in remind(app, at, "2026-12-19")] == ["dora@example.org"]


def test_an_action_does_not_name_what_was_hidden_since(app, ana, add_event, at):
    event_id = add_event(title="Secret talks", first=date(2027, 3, 1))
    decide(ana, f"new/{event_id}", "Ask for the room.", owner_email="carl@example.org", due_on="2026-12-01")
    with transaction() as session:
        event = session.get(Event, event_id)
        event_work.withdraw(session, event, events.Change("x", clock.now(), "Not yet."), reference())
    text = read(ana)
    assert "Ask for the room." in text
    assert "Secret talks" not in text
    ((_to, letter),) = remind(app, at, "2026-11-29")
    assert "Secret talks" not in letter


def test_open_actions_are_known_by_organisation_with_the_first_due_first(ana, session):
    for day, code in (("2026-12-20", "brs"), ("", "brs"), ("2026-12-01", "brs"), ("2026-11-25", "gfc")):
        decide(ana, "other", f"By {day or 'nobody'}", owner_organisation=code, due_on=day, subject="Any")
    decide(ana, "other", "No action", subject="Any")
    assert [a.text for a in review_actions.open_actions(session, organisation="brs")] == [
        "By 2026-12-01", "By 2026-12-20", "By nobody",
    ]  # fmt: skip
    assert len(review_actions.open_actions(session)) == 4


def test_the_next_review_is_held_on_a_day_that_the_convener_may_change(ana, bo, session):
    assert reviews.next_review(session, date(2026, 11, 20)).held_on == date(2026, 12, 8)
    head = {"held_on": "2026-11-24", "start_time": "14:30", "chair": "Eve", "attendance": "Ana\nBo\n"}
    assert send(ana, f"{NOVEMBER}/head", head).status_code == 303
    session.rollback()
    found = reviews.next_review(session, date(2026, 11, 20))
    assert (found.month, found.held_on, found.start_time, found.chair) == (
        date(2026, 11, 1), date(2026, 11, 24), "14:30", "Eve",
    )  # fmt: skip
    assert reviews.next_review(session, date(2026, 11, 25)).month == date(2026, 12, 1)
    assert "24 November 2026, 14:30 Europe/Zurich" in read(bo)
    assert "Ana ; Bo" in read(bo)
    assert bo.get(f"{NOVEMBER}/head").status_code == 403


def test_partners_sign_off_for_themselves_until_the_review_is_closed(ana, bo):
    text = read(bo)
    assert "Minamata : Outstanding Reviewed" in text
    assert "BRS : Outstanding CHB" in text, "nobody answers for another member"
    fields = {"organisation": "minamata", "answer": "nothing-to-add"}
    assert send(bo, NOVEMBER, fields, action=f"{NOVEMBER}/sign-off").status_code == 303
    assert "Minamata : Nothing to add ( Bo (Minamata) )" in read(ana)
    wrong = {"organisation": "brs", "answer": "reviewed"}
    assert send(bo, NOVEMBER, wrong, action=f"{NOVEMBER}/sign-off").status_code == 403
    sent = send(ana, f"{NOVEMBER}/close", action=f"{NOVEMBER}/close")
    assert sent.status_code == 303
    assert "Minamata : Nothing to add" in read(ana)
    assert f'action="{NOVEMBER}/sign-off"' not in bo.get(NOVEMBER).get_data(as_text=True)


def test_months_without_a_review_have_no_page(ana, client):
    assert ana.get("/review").location.endswith(NOVEMBER)
    assert [ana.get(f"/review/{month}").status_code for month in ("2026-12", "2026-10", "2027-01", "2026-13", "x")] == [
        200, 404, 404, 404, 404,
    ]  # fmt: skip
    assert client.get(NOVEMBER).location.startswith("/sign-in")


def test_who_only_looks_finds_no_form(signed_in, add_event, session):
    event_id = add_event(title="Workshop")
    reader = signed_in("carl@brs.example", brs="contributor")
    page = reader.get(f"{NOVEMBER}?line=new/{event_id}").get_data(as_text=True)
    assert "Workshop" in page
    assert "<textarea" not in page
    assert session.scalars(select(ReviewDecision)).all() == []
