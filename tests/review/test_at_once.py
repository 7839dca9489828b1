"""Several people write at once: to add is in nobody's way, and nobody overwrites what they have not seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event, FindingEntry, ReviewDecision
from calendar_app.planning.vocabulary import Status
from calendar_app.services import events
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from tests.review.conftest import NOVEMBER, decide, read
from tests.work.filling import opened, send


@pytest.fixture
def line(add_event) -> str:
    return f"new/{add_event(title='Workshop')}"


def test_two_who_add_at_one_line_both_stand_there(ana, bo, line):
    page = f"{NOVEMBER}?line={line}"
    forms = [(browser, opened(browser, page, f"{NOVEMBER}/decisions")) for browser in (ana, bo)]
    for number, (browser, fields) in enumerate(forms):
        sent = browser.post(f"{NOVEMBER}/decisions", data=fields | {"text": f"Decision {number}."})
        assert sent.status_code == 303
    text = read(bo)
    assert "Decision 0." in text
    assert "Decision 1." in text
    assert "written down by Ana (BRS)" in text
    assert "written down by Bo (Minamata)" in text
    fresh = ana.get(f"{NOVEMBER}/decisions").get_data(as_text=True)
    assert f'id="decisions-line-{line.replace("/", "-")}"' in fresh
    assert "Decision 1." in fresh


def test_who_changes_what_somebody_else_changed_meanwhile_sees_both(ana, bo, line):
    decide(ana, line, "First words.")
    page = f"{NOVEMBER}/decisions/1"
    stale = opened(bo, page)
    assert send(ana, page, {"text": "Words of Ana."}).status_code == 303
    sent = bo.post(page, data=stale | {"text": "Words of Bo."})
    assert sent.status_code == 409
    shown = sent.get_data(as_text=True)
    assert "Words of Ana." in shown
    assert "Words of Bo." in shown
    assert "Words of Bo." not in read(ana)
    again = bo.post(page, data=stale | {"text": "Words of both.", "seen": "2"})
    assert again.status_code == 303
    assert "Words of both." in read(ana)


def test_an_action_is_ended_once(ana, bo, line):
    decide(ana, line, "Write.", owner_organisation="brs")
    page, end = "/review/actions/1", "/review/actions/1/end"
    stale = opened(bo, page, end)
    assert send(ana, page, {"end-outcome": "Written."}, action=end).status_code == 303
    sent = bo.post(end, data=stale | {"end-outcome": "Not needed.", "end-state": "dropped"})
    assert sent.status_code == 409
    assert "Written." in sent.get_data(as_text=True)
    assert "Not needed." in sent.get_data(as_text=True)


def test_a_decision_that_somebody_changed_or_ended_meanwhile_is_not_removed(ana, bo, line):
    decide(ana, line, "Write.", owner_organisation="brs")
    page = f"{NOVEMBER}/decisions/1"
    for others_do in (
        lambda: send(ana, page, {"text": "Write soon."}),
        lambda: send(ana, "/review/actions/1", {"end-outcome": "Written."}, action="/review/actions/1/end"),
    ):
        stale = opened(bo, page, f"{page}/remove")
        others_do()
        assert bo.post(f"{page}/remove", data=stale).status_code == 303
        assert "It is still there." in bo.get(page).get_data(as_text=True)
        assert "Write soon." in read(ana)


def test_an_action_is_opened_again_once(ana, bo, line):
    decide(ana, line, "Write.", owner_organisation="brs")
    page = "/review/actions/1"
    send(ana, page, {"end-outcome": "Written."}, action=f"{page}/end")
    stale = opened(bo, page, f"{page}/open-again")
    for outcome in ("", "Written indeed."):
        way = "end" if outcome else "open-again"
        send(ana, page, {"end-outcome": outcome} if outcome else {}, action=f"{page}/{way}")
    assert bo.post(f"{page}/open-again", data=stale).status_code == 409
    assert "Written indeed." in read(ana, page)


def test_the_head_is_not_overwritten_unseen(ana, signed_in):
    eve = signed_in("eve@brs.example", brs="coordinator")
    page = f"{NOVEMBER}/head"
    stale = opened(eve, page)
    assert send(ana, page, {"chair": "Chair of Ana"}).status_code == 303
    sent = eve.post(page, data=stale | {"chair": "Chair of Eve"})
    assert sent.status_code == 409
    assert "Chair of Ana" in sent.get_data(as_text=True)
    assert "Chair of Eve" in sent.get_data(as_text=True)


def test_nothing_typed_is_lost_when_something_is_missing(ana, line):
    sent = decide(ana, line, "", owner_name="Somebody")
    assert sent.status_code == 422
    assert 'value="Somebody"' in sent.get_data(as_text=True)


def test_what_was_decided_about_a_line_that_left_the_agenda_stays(ana, add_event, bo):
    event_id = add_event(title="Tentative workshop", status="tentative")
    form = opened(bo, f"{NOVEMBER}?line=tentative/{event_id}", f"{NOVEMBER}/decisions")
    decide(ana, f"tentative/{event_id}", "It will be confirmed.")
    with transaction() as session:
        event = session.get(Event, event_id)
        record = replace(record_of(event), status=Status.CONFIRMED)
        events.change(session, event, record, events.Change("x", clock.now()), reference())
    assert bo.post(f"{NOVEMBER}/decisions", data=form | {"text": "We tell the host."}).status_code == 303
    text = read(bo).partition("Decided about what is no longer listed")[2]
    assert "Tentative workshop It will be confirmed." in text
    assert "We tell the host." in text


def test_a_decision_on_a_clash_stands_with_the_clash_and_answers_for_the_own_organisation_alone(ana, bo, clash):
    line = f"clash/{clash}"
    assert "BRS: no answer yet" in read(ana)
    assert decide(ana, line, "Both look for another week.", answer="").status_code == 303
    assert "Both look for another week." in read(bo, f"/clashes/{clash}")
    assert decide(bo, line, "The host cannot move; we accept it.", answer="accepted").status_code == 303
    text = read(ana)
    assert "Minamata: accepted as it is" in text
    assert "BRS: no answer yet" in text
    assert "The host cannot move; we accept it." in read(ana, f"/clashes/{clash}")


def test_a_changed_decision_names_who_wrote_it_last_and_tells_the_clash_its_new_words(ana, bo, clash, session):
    decide(ana, f"clash/{clash}", "Both move.", answer="")
    page = f"{NOVEMBER}/decisions/1"
    assert send(bo, page, {"text": "BRS moves alone."}).status_code == 303
    text = read(ana)
    assert "BRS moves alone. written down by Bo (Minamata)" in text
    assert "written down by Ana" not in text
    send(ana, page, {"owner_organisation": "brs"})
    session.rollback()
    told = session.scalars(select(FindingEntry).where(FindingEntry.action == "comment").order_by(FindingEntry.id))
    assert [(entry.actor, entry.text) for entry in told] == [
        ("Ana (BRS)", "Coordination review of November 2026: Both move."),
        ("Bo (Minamata)", "Coordination review of November 2026, changed: BRS moves alone."),
    ], "who takes it on is nothing new for the clash"
    assert session.get_one(ReviewDecision, 1).made_by == "Ana (BRS)"


def test_a_decision_that_is_sent_twice_is_written_down_once(ana, bo, clash, session):
    line = f"clash/{clash}"
    typed = {"text": "We accept it.", "answer": "accepted", "owner_name": "Eve", "due_on": "2026-12-10"}
    fields = opened(ana, f"{NOVEMBER}?line={line}", f"{NOVEMBER}/decisions") | typed
    assert [ana.post(f"{NOVEMBER}/decisions", data=fields).status_code for _click in range(2)] == [303, 303]
    assert read(bo).count("written down by Ana (BRS)") == 1
    assert read(bo, f"/clashes/{clash}").count("We accept it.") == 1
    free = {"text": "We accept it.", "owner_name": "Eve", "due_on": "2026-12-10"}
    for browser, other in ((bo, {}), (ana, {}), (ana, {"due_on": "2026-12-11"}), (ana, {"owner_name": "Mo"})):
        decide(browser, "other", subject="Any", **(free | other))
    assert len(session.scalars(select(ReviewDecision)).all()) == 5, "others, other lines, owners or days are others"


def test_an_answer_to_a_clash_that_changed_meanwhile_is_not_given(ana, bo, clash):
    line = f"clash/{clash}"
    stale = opened(bo, f"{NOVEMBER}?line={line}", f"{NOVEMBER}/decisions")
    decide(ana, line, "Wait for us.", answer="")
    sent = bo.post(f"{NOVEMBER}/decisions", data=stale | {"text": "We accept it as it is.", "answer": "accepted"})
    assert sent.status_code == 409
    assert "We accept it as it is." in sent.get_data(as_text=True)
    assert "Minamata: no answer yet" in read(ana)
