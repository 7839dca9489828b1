"""A critical clash is never saved in silence: whoever saves it says why, by name; a major one is told afterwards."""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, EventEditor, FindingAnswer, FindingEntry, OutboxMessage, Proposal, StoredFinding
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import events
from calendar_app.services.differences import fields_of
from calendar_app.services.records import BodyMeeting, Option, Organiser, as_json, record_of
from calendar_app.services.reference import reference
from tests.submit.conftest import fill_in
from tests.submit.conftest import opened as opened_form
from tests.work.filling import fields_of as fields_of_page
from tests.work.filling import opened, send

pytestmark = pytest.mark.either_database

FIRST, LAST = date(2027, 6, 14), date(2027, 6, 18)
ELSEWHEN = (date(2027, 9, 13), date(2027, 9, 17))
MERCURY = "Seventh COP of the Minamata Convention"
CLASHING = {"dates": "day", "first_day": str(FIRST), "last_day": str(LAST)}
WHY = "The host country offers these days alone."
ASKED = "These dates meet a critical clash. Nothing is saved yet."
FIELD = "Why these dates all the same"


@pytest.fixture(autouse=True)
def mercury(app, add_event) -> uuid.UUID:
    """A COP in Geneva, kept by another organisation."""
    app.config["FORM_LEAST_SECONDS"] = 0
    return add_event(
        title=MERCURY, first=FIRST, last=LAST, kind="cop", bodies=(BodyMeeting("MC-COP", 7),), city="Geneva",
        country="CH", processes=("minamata",), steward="minamata",
        organisers=(Organiser("Minamata Secretariat", "minamata", "lead"),),
    )  # fmt: skip


@pytest.fixture
def ana(signed_in):
    """A coordinator of the steward."""
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def basel(add_event):
    """A COP of our own, in Nairobi; it meets the other one unless it is given other days."""

    def add(days=(FIRST, LAST), **values) -> uuid.UUID:
        what = {"kind": "cop", "bodies": (BodyMeeting("BC-COP", 18),), "city": "Nairobi", "country": "KE"}
        return add_event(title="Basel COP", first=days[0], last=days[1], **(what | values))

    return add


def said(answer) -> str:
    """What a page says, as one line of words."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def stored(event_id) -> Event:
    db.session.rollback()
    return db.session.get(Event, event_id)


def clashes() -> list[StoredFinding]:
    """The critical clashes that are stored."""
    db.session.rollback()
    query = select(StoredFinding).where(StoredFinding.severity == 3, StoredFinding.state != "resolved")
    return list(db.session.scalars(query))


def entries(action: str) -> list[tuple[str, str, str]]:
    """Who wrote what about clashes."""
    rows = db.session.scalars(select(FindingEntry).where(FindingEntry.action == action))
    return [(row.organisation_code, row.actor, row.text) for row in rows]


def asks(answer) -> None:
    """See that the form came back with the clash and a field for the decision."""
    assert answer.status_code == 422, said(answer)
    text = said(answer)
    assert ASKED in text
    assert MERCURY in text
    assert FIELD in text
    assert "decision-error" in answer.get_data(as_text=True)


def show(event_id, visibility: Visibility) -> None:
    """Let others see an event, as far as given."""
    with transaction() as session:
        event = session.get(Event, event_id)
        record = replace(record_of(event), visibility=visibility)
        events.change(session, event, record, events.Change("test", clock.now()), reference())


def is_decided(answer, event_id, revisions, reason="") -> None:
    """See that it was saved, with the decision as the acknowledgement of the organisation and not in the history."""
    assert answer.status_code == 303, said(answer)
    assert revisions(event_id)[-1].reason == reason
    (clash,) = clashes()
    assert clash.state == "open"  # the other owner has not answered
    assert [(row.organisation_code, row.answer) for row in clash.answers] == [("brs", "acknowledged")]
    assert entries("acknowledged") == [("brs", "Ana (BRS)", WHY)]


def test_moving_onto_a_critical_clash_asks_why_and_keeps_everything_typed(ana, basel, revisions):
    event_id = basel(ELSEWHEN)
    page = f"/events/{event_id}/move"
    typed = CLASHING | {"reason": "Asked for by the host."}
    assert FIELD not in said(ana.get(page))
    answer = send(ana, page, typed)
    asks(answer)
    assert "Asked for by the host." in answer.get_data(as_text=True)
    assert stored(event_id).start == ELSEWHEN[0]
    assert clashes() == []
    is_decided(send(ana, page, typed | {"decision": WHY}), event_id, revisions, "Asked for by the host.")
    assert stored(event_id).start == FIRST


def test_moving_away_from_it_asks_nothing(ana, basel):
    event_id = basel()
    assert len(clashes()) == 1
    move = {"dates": "day", "first_day": str(ELSEWHEN[0]), "last_day": str(ELSEWHEN[1]), "reason": "Better."}
    assert send(ana, f"/events/{event_id}/move", move).status_code == 303
    assert clashes() == []


def test_publishing_asks_why(ana, basel, revisions):
    event_id = basel(stage=Stage.DRAFT)
    page = f"/events/{event_id}/publish"
    asks(send(ana, page))
    assert stored(event_id).stage == Stage.DRAFT
    is_decided(send(ana, page, {"decision": WHY}), event_id, revisions)


def test_publishing_on_a_date_asks_why_too(ana, basel, revisions):
    event_id = basel(stage=Stage.DRAFT)
    asks(send(ana, f"/events/{event_id}/publish", {"publish_on": "2027-01-10"}))
    answer = send(ana, f"/events/{event_id}/publish", {"publish_on": "2027-01-10", "decision": WHY})
    is_decided(answer, event_id, revisions)


def test_choosing_a_candidate_date_asks_why(ana, basel, revisions):
    event_id = basel((None, None), options=(Option(FIRST, LAST),))
    page = f"/events/{event_id}/options/0/choose"
    asks(send(ana, page, {"reason": "Decided."}))
    assert stored(event_id).start is None
    is_decided(send(ana, page, {"reason": "Decided.", "decision": WHY}), event_id, revisions, "Decided.")


def test_editing_what_makes_it_critical_asks_why(ana, basel, revisions):
    # In one city the Parties can go from one room to the other.
    event_id = basel(city="Geneva", country="CH")
    assert clashes() == []
    page = f"/events/{event_id}/edit"
    asks(send(ana, page, {"city": "Nairobi", "country": "KE"}))
    assert stored(event_id).city == "Geneva"
    is_decided(send(ana, page, {"city": "Nairobi", "country": "KE", "decision": WHY}), event_id, revisions)


def test_reinstating_asks_why(ana, basel, revisions):
    event_id = basel(status=Status.CANCELLED)
    page = f"/events/{event_id}/reinstate"
    asks(send(ana, page, {"status": "confirmed", "reason": "It takes place."}))
    answer = send(ana, page, {"status": "confirmed", "reason": "It takes place.", "decision": WHY})
    is_decided(answer, event_id, revisions, "It takes place.")


def test_undoing_asks_why(ana, basel, revisions):
    event_id = basel()
    move = {"dates": "day", "first_day": str(ELSEWHEN[0]), "last_day": str(ELSEWHEN[1]), "reason": "Better."}
    send(ana, f"/events/{event_id}/move", move)
    page = f"/events/{event_id}/undo"
    asks(send(ana, page, {"reason": "Not better."}))
    assert stored(event_id).start == ELSEWHEN[0]
    answer = send(ana, page, {"reason": "Not better.", "decision": WHY})
    is_decided(answer, event_id, revisions, "Not better.")


def test_accepting_proposed_dates_asks_why(ana, basel, revisions, add_account):
    event_id = basel(ELSEWHEN)
    mo_id = add_account("mo@minamata.example", minamata="coordinator")
    with transaction() as session:
        before, after = (_dates(event_id, span) for span in (Span.inclusive(*ELSEWHEN), Span.inclusive(FIRST, LAST)))
        proposal_id = uuid.uuid4()
        session.add(
            Proposal(
                id=proposal_id,
                event_id=event_id,
                proposed_by_id=mo_id,
                reason="Please.",
                state="open",
                organisation_code="minamata",
                before=before,
                after=after,
                created_at=clock.now(),
            )
        )
    page, action = f"/proposals/{proposal_id}", f"/proposals/{proposal_id}/accept"
    asks(send(ana, page, action=action))
    assert stored(event_id).start == ELSEWHEN[0]
    is_decided(send(ana, page, {"decision": WHY}, action=action), event_id, revisions, "Please.")


def _dates(event_id: uuid.UUID, span: Span) -> dict:
    """The dates of an event as a proposal has them."""
    state = as_json(replace(record_of(db.session.get(Event, event_id)), span=span))
    return {name: state[name] for name in fields_of("span")}


def test_publishing_straight_from_the_form_asks_why(ana, revisions):
    typed = fill_in(
        kind="cop", body="BC-COP", city="Nairobi", country="KE", name=None, email=None, action="publish", **CLASHING
    )
    answer = ana.post("/submit", data=typed | opened_form(ana))
    asks(answer)
    assert db.session.scalars(select(Event).where(Event.steward_code == "brs")).all() == []
    answer = ana.post("/submit", data=typed | {"decision": WHY} | opened_form(ana))
    assert answer.status_code == 303
    event = db.session.scalars(select(Event).where(Event.steward_code == "brs")).one()
    is_decided(answer, event.id, revisions)


@pytest.mark.parametrize("action", ["send", "keep"])
def test_sending_it_in_or_keeping_it_as_a_draft_decides_nothing(ana, action):
    typed = fill_in(
        kind="cop", body="BC-COP", city="Nairobi", country="KE", name=None, email=None, action=action, **CLASHING
    )
    assert ana.post("/submit", data=typed | opened_form(ana)).status_code == 303
    assert clashes() == []


def test_what_was_decided_on_is_not_asked_again_until_the_event_moves(ana, basel):
    event_id = basel()
    page = f"/events/{event_id}/edit"
    # What planning does not look at is nobody's decision.
    assert send(ana, page, {"contact": "Somebody"}).status_code == 303
    lead = {"lead": "BRS"}
    asks(send(ana, page, lead))
    assert send(ana, page, lead | {"decision": WHY}).status_code == 303
    assert send(ana, page, {"co_organisers": "UNITAR"}).status_code == 303
    move = CLASHING | {"last_day": "2027-06-17", "reason": "A day less."}
    asks(send(ana, f"/events/{event_id}/move", move))


def test_what_is_over_is_corrected_without_a_question(ana, add_event):
    days = (date(2026, 6, 15), date(2026, 6, 19))
    values = {"kind": "cop", "first": days[0], "last": days[1]}
    add_event(
        title="Other", bodies=(BodyMeeting("MC-COP", 6),), city="Geneva", country="CH", steward="minamata", **values
    )
    own = add_event(title="Own", bodies=(BodyMeeting("BC-COP", 17),), city="Geneva", country="CH", **values)
    assert send(ana, f"/events/{own}/edit", {"city": "Nairobi", "country": "KE"}).status_code == 303


def test_a_hidden_clash_asks_for_no_decision_and_tells_afterwards_whom_to_ask_alone(ana, basel, mercury):
    show(mercury, Visibility.STEWARD)
    event_id = basel(ELSEWHEN)
    typed = CLASHING | {"reason": "Asked for by the host."}
    answer = send(ana, f"/events/{event_id}/move", typed, follow=True)
    assert stored(event_id).start == FIRST
    assert len(clashes()) == 1
    text = said(answer)
    assert ASKED not in text
    assert "has not shared" in text
    assert MERCURY not in text


def test_what_was_said_to_others_is_kept_from_those_who_see_the_event_alone(ana, basel, mercury, signed_in):
    show(mercury, Visibility.MEMBERS)
    event_id = basel(ELSEWHEN)
    assert send(ana, f"/events/{event_id}/move", CLASHING | {"reason": "Moved.", "decision": WHY}).status_code == 303
    (clash,) = clashes()
    gil = signed_in("gil@gfc.example", gfc="contributor")
    assert WHY in said(gil.get(f"/clashes/{clash.id}"))
    show(mercury, Visibility.STEWARD)
    assert gil.get(f"/clashes/{clash.id}").status_code == 404
    text = said(gil.get(f"/events/{event_id}/history"))
    assert "Moved." in text
    assert WHY not in text


def test_a_decision_never_lowers_an_answer_that_was_given_before(signed_in, basel, mercury):
    """Of two owners for whom the same person decides one has accepted the clash before."""
    both = signed_in("bo@both.example", name="Bo", brs="coordinator", minamata="coordinator")
    event_id = basel()
    with transaction() as session:
        found = session.get(StoredFinding, clashes()[0].id)
        found.answers.append(FindingAnswer(organisation_code="minamata", answer="accepted", at=clock.now()))
    answer = send(both, f"/events/{event_id}/edit", {"lead": "BRS", "decision": WHY})
    assert answer.status_code == 303
    assert {row.organisation_code: row.answer for row in clashes()[0].answers} == {
        "brs": "acknowledged",
        "minamata": "accepted",
    }
    assert entries("acknowledged") == [("brs", "Bo (BRS)", WHY)]


def test_who_answers_for_no_owner_leaves_the_decision_as_a_comment(signed_in, basel, mercury):
    event_id = basel(city="Geneva", country="CH")
    with transaction() as session:
        event = session.get(Event, event_id)
        event.editors.append(EventEditor(organisation_code="gfc"))
    gil = signed_in("gil@gfc.example", name="Gil", gfc="coordinator")
    page, elsewhere = f"/events/{event_id}/edit", {"city": "Nairobi", "country": "KE"}
    asks(send(gil, page, elsewhere))
    assert send(gil, page, elsewhere | {"decision": WHY}).status_code == 303
    assert clashes()[0].answers == []
    assert entries("comment") == [("gfc", "Gil (GFC)", WHY)]


def test_of_a_clash_that_is_decided_on_only_the_other_owner_hears_and_reads_why(ana, basel, add_account):
    for code in ("minamata", "gfc"):
        add_account(f"c@{code}.example", **{code: "coordinator"})
    add_account("second@brs.example", brs="coordinator")
    event_id = basel(ELSEWHEN)
    typed = CLASHING | {"reason": "Asked for by the host.", "decision": WHY}
    assert send(ana, f"/events/{event_id}/move", typed).status_code == 303
    about = [letter for letter in db.session.scalars(select(OutboxMessage)) if letter.subject.startswith("Critical")]
    assert [letter.to_email for letter in about] == ["c@minamata.example"]
    text = " ".join(about[0].text.split())
    assert "Ana decided to keep these dates all the same, and says why:" in re.sub("[\u2068\u2069]", "", text)
    assert WHY in text


def test_a_major_clash_is_saved_and_told_on_the_next_page_with_the_way_to_it(ana, basel):
    event_id = basel(ELSEWHEN, status=Status.TENTATIVE)
    answer = send(ana, f"/events/{event_id}/move", CLASHING | {"reason": "Asked for by the host."}, follow=True)
    text = answer.get_data(as_text=True)
    assert "“Basel COP” is moved." in text
    (found,) = db.session.scalars(select(StoredFinding).where(StoredFinding.severity == 2))
    assert f'<a href="/clashes/{found.id}">' in text
    assert ana.get(f"/clashes/{found.id}").status_code == 200


def test_the_form_for_a_decision_is_not_shown_unasked(ana, basel):
    event_id = basel(ELSEWHEN)
    for name in ("move", "edit", "cancel", "publish"):
        assert FIELD not in said(ana.get(f"/events/{event_id}/{name}"))
    assert "decision" not in opened(ana, f"/events/{event_id}/move")


MERGED = {"reason": "The same meeting."}


def test_merging_asks_why_where_the_dates_that_are_taken_over_meet_a_critical_clash(ana, basel, revisions):
    loser, winner = basel(), basel((None, None))
    with transaction() as session:
        event = session.get(Event, loser)
        record = replace(record_of(event), stage=Stage.DRAFT, titles={"en": "Second record"})
        events.change(session, event, record, events.Change("test", clock.now()), reference())
    page = f"/events/{loser}/merge?into={winner}"
    answer = send(ana, page, MERGED)
    asks(answer)
    assert MERGED["reason"] in answer.get_data(as_text=True)
    assert stored(winner).start is None
    assert stored(loser).merged_into_id is None
    is_decided(send(ana, page, MERGED | {"decision": WHY}), winner, revisions, MERGED["reason"])
    assert stored(winner).start == FIRST
    assert stored(loser).merged_into_id == winner


def test_merging_without_the_dates_asks_nothing(ana, basel):
    loser, winner = basel(stage=Stage.DRAFT), basel(ELSEWHEN)
    assert send(ana, f"/events/{loser}/merge?into={winner}", MERGED).status_code == 303
    assert clashes() == []


def test_publishing_a_round_asks_why_for_all_its_meetings_at_once(ana, revisions):
    typed = {
        "title": "Basel COP, [region]", "kind": "cop", "convention": ["basel"], "status": "confirmed",
        "region-Africa-ticked": "y", "region-Africa-first_day": str(FIRST), "region-Africa-last_day": str(LAST),
        "region-Africa-city": "Nairobi", "region-Asia-Pacific-ticked": "y", "region-Asia-Pacific-first_day": str(FIRST),
        "region-Asia-Pacific-last_day": str(LAST), "region-Asia-Pacific-city": "Bangkok",
    }  # fmt: skip
    answer = send(ana, "/rounds/new", typed | {"publish": "y"})
    asks(answer)
    text = said(answer)
    assert "Basel COP, Africa" in text
    assert "Basel COP, Asia and the Pacific" in text
    assert "Bangkok" in answer.get_data(as_text=True)
    assert own_events() == []
    assert send(ana, "/rounds/new", typed | {"publish": "y", "decision": WHY}).status_code == 303
    assert len(own_events()) == 2
    assert {row.answer for clash in clashes() for row in clash.answers} == {"acknowledged"}
    assert set(entries("acknowledged")) == {("brs", "Ana (BRS)", WHY)}


def test_a_round_of_drafts_asks_nothing(ana):
    typed = {
        "title": "Basel COP", "kind": "cop", "convention": ["basel"], "status": "confirmed",
        "region-Africa-ticked": "y", "region-Africa-first_day": str(FIRST), "region-Africa-last_day": str(LAST),
    }  # fmt: skip
    assert send(ana, "/rounds/new", typed).status_code == 303
    assert clashes() == []


def test_changing_many_asks_why_once_for_all_of_them(ana, basel, add_event):
    first = basel(status=Status.TENTATIVE)
    second = add_event(
        title="Stockholm COP", first=FIRST, last=LAST, kind="cop", bodies=(BodyMeeting("SC-COP", 13),),
        city="Lima", country="PE", status=Status.TENTATIVE, processes=("stockholm",),
    )  # fmt: skip
    assert clashes() == []
    chosen = {"event": [str(first), str(second)], "field": "status", "status": "confirmed"}
    page, action = "/workspace/events", "/workspace/events/change"
    answer = send(ana, page, chosen | {"apply": "1"}, action=action)
    asks(answer)
    assert "Stockholm COP" in said(answer)
    assert [stored(event_id).status for event_id in (first, second)] == [Status.TENTATIVE] * 2
    # What comes back can be sent again as it is, with the sentence.
    again = fields_of_page(answer.get_data(as_text=True)) | {"apply": "1", "decision": WHY}
    assert ana.post(action, data=again).status_code == 303
    assert [stored(event_id).status for event_id in (first, second)] == [Status.CONFIRMED] * 2
    assert clashes()
    assert set(entries("acknowledged")) == {("brs", "Ana (BRS)", WHY)}
    assert all("brs" in {row.organisation_code for row in clash.answers} for clash in clashes())


def own_events() -> list[Event]:
    """What our organisation keeps."""
    db.session.rollback()
    return list(db.session.scalars(select(Event).where(Event.steward_code == "brs")))
