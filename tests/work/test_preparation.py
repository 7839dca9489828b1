"""Milestones and coordination slots on pages: who sees them, who changes them, and the list of all members."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.models import Account, CoordinationSlot, Event, EventMilestone, Revision
from calendar_app.planning.vocabulary import Visibility
from calendar_app.services import waiting
from calendar_app.services.access import person_of
from calendar_app.services.records import Organiser
from calendar_app.services.waiting import Sort
from tests.conftest import counted_queries
from tests.work.filling import opened, send

pytestmark = pytest.mark.either_database

FIRST = date(2027, 5, 3)
WORDS = ("Scenario note", "Milestones", "Coordination among members", "zznote")


@pytest.fixture
def cop(app, add_event):
    return add_event(title="COP of all", kind="cop", first=FIRST, last=FIRST + timedelta(4))


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def mo(signed_in):
    return signed_in("mo@minamata.example", minamata="coordinator")


def text_of(browser, address: str) -> str:
    return browser.get(address).get_data(as_text=True)


def test_members_see_the_steps_and_slots_of_an_event_and_the_public_nothing(client, ana, mo, signed_in, cop):
    send(ana, f"/events/{cop}/milestones/scenario-note", {"note": "zznote of ours"})
    send(mo, f"/events/{cop}/coordination/statements", {"note": "zznote of theirs"})
    page = f"/events/{cop}"
    for browser in (ana, mo, signed_in("cid@chb.example", chb="contributor")):
        assert all(word in text_of(browser, page) for word in WORDS)
    for browser in (client, signed_in("nobody@example.org")):
        assert not any(word in text_of(browser, page) for word in WORDS)
    public = ("/", "/planner?from=2027-05", "/feeds/all.ics", "/feeds/changes.atom", "/feeds/events.json")
    for address in (*public, f"{page}.ics"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "zznote" not in answer.get_data(as_text=True), address


def test_the_steward_says_that_a_step_is_done_with_one_button_and_opens_it_again(ana, cop, session):
    step, page = f"/events/{cop}/milestones/scenario-note", f"/events/{cop}"
    send(ana, step, {"owner_name": "Zoe", "owner_email": "zoe@example.org", "day": "2027-02-01"})
    assert "1 February 2027" in text_of(ana, page)
    assert send(ana, page, action=step).status_code == 303
    row = session.get_one(EventMilestone, (cop, "Scenario note"))
    assert (row.state, row.owner_name, row.due_on, row.version) == ("done", "Zoe", date(2027, 2, 1), 2)
    assert row.changed_by.startswith("Ana (")
    assert send(ana, page, action=step).status_code == 303
    session.rollback()
    session.refresh(row)
    assert (row.state, row.version) == ("open", 3)
    # The record of the event is what it was: nothing is written in its history.
    assert session.query(Revision).filter_by(event_id=cop).count() == 1


@pytest.mark.parametrize("what", ["milestones/scenario-note", "coordination/documents"])
def test_who_was_slower_sees_what_the_other_wrote_beside_what_was_typed(ana, cop, session, what):
    address = f"/events/{cop}/{what}"
    mine = opened(ana, address) | {"note": "What I typed"}
    send(ana, address, {"note": "What she wrote", "owner_name": "Zoe"})
    answer = ana.post(address, data=mine)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert all(text in page for text in ("Meanwhile somebody changed this", "What she wrote", "Zoe", "What I typed"))
    again = {**mine, "seen": "1"}
    assert ana.post(address, data=again).status_code == 303
    rows = [*session.query(EventMilestone), *session.query(CoordinationSlot)]
    assert [(row.note, row.version) for row in rows] == [("What I typed", 2)]


def test_a_mistake_keeps_what_was_typed(ana, cop, session):
    address = f"/events/{cop}/milestones/scenario-note"
    answer = send(ana, address, {"note": "Kept", "day": "soon", "owner_email": "nobody"})
    assert answer.status_code == 422
    assert "Kept" in answer.get_data(as_text=True)
    assert not session.query(EventMilestone).count()


def test_any_coordinator_of_a_member_opens_the_slots_of_an_event_that_all_see(mo, add_event, session):
    event_id = add_event(title="A training", kind="training", first=FIRST)
    page = f"/events/{event_id}"
    assert "Nothing is coordinated among members" in text_of(mo, page)
    assert send(mo, page, action=f"{page}/coordination").status_code == 303
    send(mo, f"{page}/coordination/documents", {"state": "agreed", "owner_organisation": "brs", "day": "2027-04-01"})
    assert session.query(CoordinationSlot).count() == 4
    assert "1 April 2027" in text_of(mo, page)
    assert "A training" in text_of(mo, "/coordination?months=12")


def test_the_list_has_what_all_members_coordinate_and_can_be_narrowed(ana, mo, add_event, cop):
    add_event(title="Hidden COP", kind="cop", first=FIRST, visibility=Visibility.STEWARD)
    add_event(title="Far COP", kind="cop", first=FIRST + timedelta(weeks=100))
    add_event(title="Own workshop", kind="workshop", first=FIRST)
    taken = {"state": "agreed", "owner_organisation": "minamata", "day": "2027-04-01", "note": "=1+1"}
    send(mo, f"/events/{cop}/coordination/documents", taken)
    whole = text_of(ana, "/coordination?months=12")
    assert "COP of all" in whole
    assert "3 slots have no owner" in whole
    assert not any(title in whole for title in ("Hidden COP", "Far COP", "Own workshop"))
    lines = list(csv.DictReader(io.StringIO(ana.get("/coordination.csv?months=12").get_data().decode("utf-8-sig"))))
    assert [(line["what"], line["state"]) for line in lines] == [
        ("Participation", "Open"), ("Statements", "Open"), ("Documents", "Agreed"), ("Side events", "Open"),
    ]  # fmt: skip
    assert lines[2]["note"] == "'=1+1"
    assert lines[2]["deadline"] == "2027-04-01"
    by_owner = "/coordination.csv?months=12&organisation=minamata"
    assert ana.get(by_owner).get_data(as_text=True).count("COP of all") == 1
    unowned = ana.get("/coordination.csv?months=12&state=without-owner").get_data(as_text=True)
    assert unowned.count("COP of all") == 3
    assert ana.get("/coordination?state=nonsense").status_code == 404


def test_the_list_and_the_page_ask_as_many_questions_for_many_as_for_one(ana, add_event):
    def asked(address: str) -> int:
        ana.get(address)
        with counted_queries() as statements:
            assert ana.get(address).status_code == 200
        return len(statements)

    first = add_event(title="First COP", kind="cop", first=FIRST)
    before = asked("/coordination?months=12")
    for number in range(1, 6):
        other = add_event(title=f"COP {number}", kind="cop", first=FIRST + timedelta(weeks=number))
        send(ana, f"/events/{other}/coordination/documents", {"owner_organisation": "brs"})
    assert asked("/coordination?months=12") == before
    none = asked(f"/events/{first}")
    for step in ("scenario-note", "invitation-letter", "provisional-agenda"):
        send(ana, f"/events/{first}/milestones/{step}", {"owner_name": "Zoe"})
    assert asked(f"/events/{first}") == none


def test_late_steps_and_slots_wait_in_the_workspace_of_who_looks_after_them(app, ana, mo, add_event, session):
    with transaction() as writing:
        cop_id = add_event(title="COP", kind="cop", first=clock.today() + timedelta(weeks=10, days=3))
        # It was entered long ago, and its invitation letter has not gone out.
        writing.get_one(Event, cop_id).created_at = clock.now() - timedelta(days=1000)
    page = f"/events/{cop_id}"
    for step in ("host-and-dates-agreed", "amendment-proposals-circulated", "provisional-agenda", "tentative-schedule"):
        send(ana, f"{page}/milestones/{step}", {"state": "done"})
    send(ana, f"{page}/milestones/scenario-note", {"owner_organisation": "minamata"})
    send(ana, f"{page}/coordination/documents", {"owner_organisation": "minamata", "day": str(clock.today())})

    def waits(email: str) -> list[tuple[str, bool]]:
        session.rollback()
        account = session.query(Account).filter_by(email=email).one()
        found = waiting.for_person(session, person_of(account), clock.today(), clock.now())
        prepared = [item for item in found.items if item.sort in {Sort.MILESTONE, Sort.SLOT}]
        return [(getattr(i.subject, "slot", "") or i.subject.name, i.due < clock.today()) for i in prepared]

    assert waits("mo@minamata.example") == [("documents", False), ("Scenario note", False)]
    late = ["Invitation letter", "Request for services between secretariats", "Service agreement between secretariats"]
    found = waits("ana@brs.example")
    assert found[:3] == [(name, True) for name in late]
    assert "Scenario note" not in dict(found)
    shown = text_of(mo, "/workspace")
    assert "Scenario note, by" in shown
    assert "Documents, by 20 November 2026." in shown
    assert "It has no owner." in text_of(ana, "/workspace")


def test_the_preparation_of_a_meeting_of_others_is_no_work_on_any_page(ana, add_event):
    ids = {}
    for code, weeks in (("unfccc", 10), ("minamata", 12)):
        ids[code] = add_event(
            title=f"COP of {code}", kind="cop", first=clock.today() + timedelta(weeks=weeks), city="Rome", country="IT",
            organisers=(Organiser("x", code),), last_confirmed_at=clock.now(), web_url="https://cop.example",
        )  # fmt: skip
        with transaction() as writing:
            writing.get_one(Event, ids[code]).created_at = clock.now() - timedelta(days=1000)
    workspace = text_of(ana, "/workspace")
    assert "COP of minamata" in workspace
    assert "COP of unfccc" not in workspace
    for code, count in (("minamata", 1), ("unfccc", 0)):
        assert text_of(ana, "/review/2026-11").count(f'id="line-milestones-{ids[code]}"') == count
        page = text_of(ana, f"/events/{ids[code]}")
        assert page.count('id="milestones"') == count
        assert "Coordination among members" in page
        assert ana.get(f"/events/{ids[code]}/milestones/scenario-note").status_code == (200 if count else 404)
