"""Proposing a change to an event of another organisation: it decides, the proposer is told."""

from __future__ import annotations

import html

import pytest
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import Proposal
from calendar_app.planning.vocabulary import Stage
from calendar_app.services.records import record_of
from tests.web.forms import token_of
from tests.work.filling import opened, send

pytestmark = pytest.mark.either_database

MO = "mo@minamata.example"


@pytest.fixture
def ana(signed_in):
    """Who decides."""
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def mo(signed_in):
    """Who proposes."""
    return signed_in(MO, minamata="contributor")


@pytest.fixture
def propose(mo, add_event):
    """A proposal of Mo's on an event of BRS: gives the event's id and the proposal's address."""

    def make(typed=None, **values):
        event_id = add_event(title="Event", notes="zznotes", **values)
        answer = send(
            mo, f"/events/{event_id}/propose", {"reason": "It is in the paper.", **(typed or {"venue": "CICG"})}
        )
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return event_id, answer.location

    return make


def only_proposal() -> Proposal:
    db.session.rollback()
    return db.session.scalars(select(Proposal)).one()


def test_a_proposal_changes_nothing_and_keeps_only_what_is_different(ana, propose, stored, letters):
    event_id, address = propose({"venue": "CICG", "first_day": "2027-03-02", "last_day": "2027-03-04"})
    proposal = only_proposal()
    assert set(proposal.after) == {"venue", "span", "precision", "date_text"}
    assert proposal.before["span"] == ["2027-03-01", "2027-03-01"]
    assert stored(event_id).venue == ""
    (letter,) = letters("ana@brs.example")
    assert "A change is proposed: Event" in letter.subject
    assert "It is in the paper." in letter.text
    assert address in letter.text
    page = ana.get(address).get_data(as_text=True)
    for text in ("1 March 2027", "2–4 March 2027", "CICG", "Mo (Minamata)", "It is in the paper."):
        assert text in page


def test_nothing_different_or_no_reason_is_refused(mo, add_event):
    event_id = add_event(title="Event")
    for typed in ({"reason": "Because."}, {"reason": "", "venue": "CICG"}):
        answer = send(mo, f"/events/{event_id}/propose", typed)
        assert answer.status_code == 422
        assert "reason-error" in answer.get_data(as_text=True)
    assert not db.session.scalars(select(Proposal)).all()


def test_the_steward_takes_over_the_ticked_fields_and_the_proposer_is_told_once(
    ana, propose, stored, revisions, letters
):
    event_id, address = propose({"venue": "CICG", "contact": "Mo"})
    answer = send(ana, address, {"field": ["venue"], "reason": "Thank you."}, action=f"{address}/accept")
    assert (answer.status_code, answer.location) == (303, address)
    event = stored(event_id)
    assert (event.venue, event.contact, event.notes, event.sequence) == ("CICG", "", "zznotes", 1)
    last = revisions(event_id)[-1]
    assert (last.actor, last.reason) == ("Ana (BRS)", "It is in the paper.\nThank you.")
    (letter,) = letters(MO)
    assert "Your change was accepted" in letter.subject
    assert "Venue" in letter.text
    assert "Contact" not in letter.text
    assert "Accepted" in ana.get(address).get_data(as_text=True)


def test_a_field_that_changed_meanwhile_is_said_and_left_to_decide(ana, propose, stored):
    event_id, address = propose({"venue": "CICG", "contact": "Mo"})
    send(ana, f"/events/{event_id}/edit", {"venue": "Palais"})
    page = ana.get(address).get_data(as_text=True)
    assert "Changed since it was proposed" in page
    assert "Palais" in page
    assert opened(ana, address, f"{address}/accept")["field"] == ["contact"]
    send(ana, address, {"field": ["venue", "contact"]}, action=f"{address}/accept")
    assert (stored(event_id).venue, stored(event_id).contact) == ("CICG", "Mo")


def test_what_changes_between_looking_and_accepting_is_looked_at_again(ana, signed_in, propose, stored):
    event_id, address = propose()
    form = opened(ana, address, f"{address}/accept")
    send(signed_in("bo@brs.example", brs="coordinator"), f"/events/{event_id}/edit", {"venue": "Palais"})
    answer = ana.post(f"{address}/accept", data=form | {"reason": "My long sentence."})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "compare again" in text
    assert "Palais" in text
    assert "My long sentence." in text
    assert stored(event_id).venue == "Palais"
    assert only_proposal().state == "open"


def test_a_proposal_is_declined_with_a_sentence_that_reaches_the_proposer(ana, mo, propose, stored, letters):
    event_id, address = propose()
    empty = send(ana, address, {"reason": ""}, action=f"{address}/decline")
    assert empty.status_code == 422
    send(ana, address, {"reason": "The venue is not fixed."}, action=f"{address}/decline")
    (letter,) = letters(MO)
    assert "declined" in letter.subject
    assert "The venue is not fixed." in letter.text
    assert stored(event_id).venue == ""
    assert "The venue is not fixed." in mo.get(address).get_data(as_text=True)


def test_of_two_decisions_the_first_counts_and_there_is_one_letter(ana, signed_in, propose, stored, letters):
    event_id, address = propose()
    form = opened(ana, address, f"{address}/accept")
    bo = signed_in("bo@brs.example", brs="coordinator")
    send(bo, address, {"reason": "No."}, action=f"{address}/decline")
    declining = {"csrf_token": form["csrf_token"], "reason": "My long sentence."}
    for act, data in (("accept", form | declining), ("decline", declining)):
        answer = ana.post(f"{address}/{act}", data=data)
        assert answer.status_code == 409
        assert "answered or withdrawn meanwhile" in answer.get_data(as_text=True)
        assert "My long sentence." in answer.get_data(as_text=True)
    assert stored(event_id).venue == ""
    assert len(letters(MO)) == 1


def test_the_proposer_may_withdraw_and_nobody_else(ana, mo, signed_in, propose):
    _event_id, address = propose()
    colleague = signed_in("li@minamata.example", minamata="coordinator")
    token = opened(mo, address, f"{address}/withdraw")
    assert f"{address}/withdraw" not in colleague.get(address).get_data(as_text=True)
    for browser in (colleague, ana):
        assert browser.post(f"{address}/withdraw", data={"csrf_token": _token(browser)}).status_code == 403
    assert mo.post(f"{address}/withdraw", data=token).status_code == 303
    assert only_proposal().state == "withdrawn"


def _token(browser) -> str:
    return token_of(browser, "/workspace")


def test_who_may_not_read_a_proposal_finds_nothing(client, mo, signed_in, propose):
    _event_id, address = propose()
    other = signed_in("gi@gfc.example", gfc="coordinator")
    nobody = signed_in("no@example.org")
    assert client.get(address).location.startswith("/sign-in")
    for browser in (other, nobody):
        assert browser.get(address).status_code == 404
        for act in ("accept", "decline", "withdraw"):
            answer = browser.post(f"{address}/{act}", data={"csrf_token": _token(browser)})
            assert answer.status_code == 404
    for act in ("accept", "decline"):
        assert mo.post(f"{address}/{act}", data={"csrf_token": _token(mo)}).status_code == 403


def test_what_is_internal_or_the_stewards_own_cannot_be_proposed(mo, add_event):
    event_id = add_event(title="Event", notes="zznotes")
    page = mo.get(f"/events/{event_id}/propose").get_data(as_text=True)
    assert "zznotes" not in page
    typed = {"reason": "R", "notes": "x", "visibility": "steward", "staffing": "x", "venue": "CICG", "stage": "draft"}
    assert send(mo, f"/events/{event_id}/propose", typed).status_code == 303
    assert set(only_proposal().after) == {"venue"}


def test_who_may_change_an_event_or_does_not_see_it_proposes_nothing(ana, signed_in, add_event):
    event_id, hidden = add_event(title="Event"), add_event(title="Hidden", stage=Stage.DRAFT)
    assert ana.get(f"/events/{event_id}/propose").status_code == 403
    assert signed_in("no@example.org").get(f"/events/{event_id}/propose").status_code == 403
    mo = signed_in("li@minamata.example", minamata="coordinator")
    assert mo.get(f"/events/{hidden}/propose").status_code == 404


def test_a_proposal_survives_a_merge_and_concerns_the_record_that_stays(ana, propose, add_event, stored):
    event_id, address = propose()
    winner = add_event(title="Winner")
    send(ana, f"/events/{event_id}/merge?into={winner}", {"reason": "One."})
    send(ana, address, {"field": ["venue"]}, action=f"{address}/accept")
    assert record_of(stored(winner)).venue == "CICG"


def test_a_proposal_has_only_what_its_author_changed_though_the_event_changed_meanwhile(ana, mo, add_event):
    event_id = add_event(title="Event", venue="Old hall")
    page = f"/events/{event_id}/propose"
    form = opened(mo, page) | {"contact": "Mo", "reason": "It is in the paper."}
    send(ana, f"/events/{event_id}/edit", {"venue": "New hall", "reason": "Moved."})
    assert mo.post(page, data=form).status_code == 303
    assert only_proposal().after == {"contact": "Mo"}


def test_a_made_up_number_tells_nothing_of_the_time_before_publication(ana, mo, add_event, revisions):
    event_id = add_event(title="Event", stage=Stage.DRAFT, venue="Zzdraft")
    send(ana, f"/events/{event_id}/edit", {"venue": "CICG"})
    send(ana, f"/events/{event_id}/publish")
    page = f"/events/{event_id}/propose"
    form = opened(mo, page) | {"seen": str(revisions(event_id)[0].id), "contact": "Mo"}
    del form["venue"], form["reason"]
    answer = mo.post(page, data=form)
    assert answer.status_code == 422
    assert "Zzdraft" not in answer.get_data(as_text=True)


def test_nothing_is_taken_over_that_makes_an_event_a_part_of_itself(ana, mo, add_event, stored):
    first, second = add_event(title="First"), add_event(title="Second")
    addresses = [
        send(mo, f"/events/{part}/propose", {"part_of": f"/events/{whole}", "reason": "It is."}).location
        for part, whole in ((first, second), (second, first))
    ]
    answers = [
        send(ana, address, {"field": ["part_of"]}, action=f"{address}/accept").status_code for address in addresses
    ]
    assert answers == [303, 409]
    assert (stored(first).part_of_id, stored(second).part_of_id) == (second, None)


def test_what_is_proposed_for_an_event_that_leaves_the_calendar_is_closed_and_its_author_told(
    ana, mo, propose, add_event, stored, letters
):
    event_id, address = propose()
    send(ana, f"/events/{event_id}/edit", {"title": "Zznew", "reason": "Better."})
    send(ana, f"/events/{event_id}/withdraw", {"reason": "zzreason"})
    assert only_proposal().state == "declined"
    (letter,) = letters(MO)
    assert "no longer needed" in letter.subject
    assert "zzreason" not in letter.text
    text = mo.get(address).get_data(as_text=True)
    assert "CICG" in text
    assert "You cannot see the event any more" in text
    assert "Zznew" not in text
    assert "zzreason" not in text
    assert address not in ana.get("/moderation").get_data(as_text=True)


def test_an_author_still_withdraws_a_proposal_for_an_event_that_is_hidden(ana, mo, client, signed_in, propose):
    event_id, address = propose()
    send(ana, f"/events/{event_id}/edit", {"visibility": "steward", "venue": "Zzhall", "reason": "Ours."})
    text = mo.get(address).get_data(as_text=True)
    assert "Zzhall" not in text
    assert signed_in("gi@gfc.example", gfc="coordinator").get(address).status_code == 404
    assert mo.post(f"{address}/withdraw", data=opened(mo, address, f"{address}/withdraw")).status_code == 303
    assert only_proposal().state == "withdrawn"


def test_markup_in_a_proposal_is_shown_as_text(ana, propose):
    _event_id, address = propose({"venue": "<b>x</b>", "reason": "<script>alert(1)</script>"})
    page = ana.get(address).get_data(as_text=True)
    assert "<script>alert" not in page
    assert html.escape("<script>alert(1)</script>") in page
