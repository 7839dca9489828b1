"""The board: what is on it, in which order, for whom, and how an address chooses."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, FindingAnswer, StoredFinding
from calendar_app.planning.dates import month
from calendar_app.planning.vocabulary import Status, Visibility
from calendar_app.services import finding_board
from calendar_app.services.access import person_of
from calendar_app.services.finding_board import Asked
from calendar_app.services.records import Organiser, ServiceGiven
from calendar_app.services.wording import Words
from tests.clashes.conftest import MONDAY
from tests.conftest import counted_queries

pytestmark = pytest.mark.either_database


def text_of(browser, address: str = "/clashes") -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def mia(signed_in):
    return signed_in("mia@minamata.example", minamata="coordinator")


def test_the_worst_comes_first_and_then_what_is_soonest(ana, hold):
    hold("brs", "Late one", MONDAY + timedelta(weeks=20))
    hold("minamata", "Late two", MONDAY + timedelta(weeks=20))
    hold("brs", "Early one", MONDAY + timedelta(weeks=9))
    hold("minamata", "Early two", MONDAY + timedelta(weeks=9))
    hold("brs", "Unsure one", status=Status.TENTATIVE)
    hold("minamata", "Unsure two")
    text = text_of(ana)
    assert text.index("Early one") < text.index("Late one") < text.index("Unsure one")
    assert "Critical: 2 clashes" in text
    assert "Major: 1 clash" in text
    assert (
        "BRS: no answer yet · Minamata: no answer yet" in text or "Minamata: no answer yet · BRS: no answer yet" in text
    )


def test_a_line_says_how_bad_it_is_in_a_word_and_an_icon_and_leads_to_its_page(ana, clash):
    page = ana.get("/clashes").get_data(as_text=True)
    assert re.search(r'severity-critical">\s*<svg[^>]*>.*?#critical.*?</svg>\s*Critical', page, re.DOTALL)
    assert f'href="/clashes/{clash}"' in page


def test_on_paper_it_says_what_was_chosen_and_when(ana, clash):
    text = text_of(ana, "/clashes?organisation=minamata&month=2027-06&past=1")
    assert "Shown: Clashes (1), State: Open, Organisation: Minamata, June 2027, Also what is over." in text
    assert f"Printed: {Words().day(clock.today())}, " in text


def test_of_what_an_organisation_keeps_for_others_it_says_who_holds_it(ana, hold):
    hold("brs", "Ozone meeting", organisers=(Organiser("Ozone Secretariat"),))
    hold("minamata", "Nobody's meeting", organisers=())
    text = text_of(ana)
    assert "Ozone Secretariat (kept by BRS) : 7 June 2027" in text
    assert "Kept by Minamata : 7 June 2027" in text


def test_what_is_over_shows_only_when_asked_for(ana, hold):
    hold("brs", "Old one", date(2026, 10, 5))
    hold("minamata", "Old two", date(2026, 10, 5))
    assert "Old one" not in text_of(ana)
    assert "Old one" in text_of(ana, "/clashes?past=1")
    assert "Old one" in text_of(ana, "/clashes?month=2026-10")


@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("?organisation=minamata", True),
        ("?organisation=chb", False),
        ("?convention=basel", True),
        ("?convention=montreal", False),
        ("?month=2027-06", True),
        ("?month=2027-05", False),
        ("?state=accepted", False),
        ("?state=all", True),
        ("?kind=opportunity", False),
        ("?organisation=brs&convention=basel&month=2027-06&state=open", True),
    ],
)
def test_the_address_chooses(ana, clash, query, shows):
    assert ("take place at the same time" in text_of(ana, f"/clashes{query}")) == shows


@pytest.mark.parametrize(
    "query",
    ["?state=gone", "?kind=x", "?month=2027", "?month=2027-13", "?page=0", "?past=2", "?foo=1", "?organisation=nobody",
     "?convention=none", "?state=open&state=all", "?month=٢٠٢٧-٠٣"],
)  # fmt: skip
def test_an_address_that_asks_for_nothing_there_is_is_refused(ana, query):
    assert ana.get(f"/clashes{query}").status_code == 400


def test_a_page_that_there_is_not_is_not_found(ana):
    assert ana.get("/clashes?page=2").status_code == 404


def test_of_two_events_a_clash_is_seen_by_those_who_see_both(signed_in, ana, mia, hold, found):
    hidden = hold("minamata", "Zzhidden conference", visibility=Visibility.STEWARD)
    clash = found(hold("brs", "Open conference"), hidden)
    assert "Zzhidden conference" in text_of(mia)
    for browser in (ana, signed_in("chb@chb.example", chb="coordinator")):
        assert "Zzhidden conference" not in text_of(browser)
        assert browser.get(f"/clashes/{clash.id}").status_code == 404
    assert mia.get(f"/clashes/{clash.id}").status_code == 200


def test_a_steward_whose_event_meets_something_hidden_is_told_whom_to_ask(signed_in, ana, hold):
    hold("minamata", "Zzhidden conference", visibility=Visibility.STEWARD)
    own = hold("brs", "Open conference")
    for address in ("/clashes", f"/events/{own}"):
        text = text_of(ana, address)
        assert "These dates meet an event that Minamata has not shared. Please ask Minamata." in text
        assert "Critical" in text
        assert "Zzhidden" not in text
    text = text_of(signed_in("chb@chb.example", chb="coordinator"))
    assert "not shared" not in text
    assert "Open conference" not in text


def test_what_rests_on_internal_fields_is_for_the_steward_of_the_event(ana, mia, hold, found, session):
    lent = (ServiceGiven("minamata", "registration", 3),)
    clash = found(hold("brs", services=lent), hold("minamata"))
    assert any(reason["internal"] for reason in clash.reasons)
    assert ana.get(f"/clashes/{clash.id}").status_code == 200
    assert mia.get(f"/clashes/{clash.id}").status_code == 404
    assert "These dates meet something that BRS has not shared. Please ask BRS." in text_of(mia)


def test_the_query_and_the_check_of_one_finding_agree(app, add_account, hold):
    people = [
        add_account("a@brs.example", brs="coordinator"),
        add_account("m@minamata.example", minamata="contributor"),
        add_account("c@chb.example", chb="coordinator"),
        add_account("b@both.example", brs="coordinator", minamata="coordinator"),
    ]
    number, lent = 0, (ServiceGiven("minamata", "it", 2),)
    for visibility in Visibility:
        for services, persons in (((), ()), (lent, ()), ((), ("Jo",))):
            week = MONDAY + timedelta(weeks=4 * number)
            hold("brs", f"One {number}", week, visibility=visibility, services=services, key_persons=persons)
            hold("minamata", f"Two {number}", week, key_persons=persons)
            number += 1
    session = db.session()
    seen = {}
    for account_id in people:
        viewer = person_of(session.get(Account, account_id)).viewer
        found = session.scalars(select(StoredFinding)).all()
        wanted = {item.id for item in found if finding_board.may_see(viewer, item)}
        chosen = select(StoredFinding.id).where(finding_board.visible_findings(viewer))
        assert set(session.scalars(chosen)) == wanted
        seen[account_id] = len(wanted)
    # Those of brs see what rests on its services, those of both organisations also what rests on persons.
    assert len(set(seen.values())) > 2


def test_the_board_asks_the_database_as_often_for_many_as_for_few(ana, hold):
    def asked() -> int:
        with counted_queries() as queries:
            text_of(ana)
        return len(queries)

    hold("brs", "One")
    hold("minamata", "Two", visibility=Visibility.MEMBERS)
    few = asked()
    for number in range(1, 8):
        hold("brs", f"One {number}", MONDAY + timedelta(weeks=4 * number))
        hold("minamata", f"Two {number}", MONDAY + timedelta(weeks=4 * number))
    assert asked() == few < 25


def test_more_than_a_page_goes_on_on_the_next(ana, hold, monkeypatch):
    monkeypatch.setattr(finding_board, "PAGE_SIZE", 2)
    for number in range(3):
        hold("brs", f"One {number}", MONDAY + timedelta(weeks=4 * number))
        hold("minamata", f"Two {number}", MONDAY + timedelta(weeks=4 * number))
    first, second = text_of(ana, "/clashes?kind=clash"), text_of(ana, "/clashes?page=2")
    assert "Page 1 of 2" in first
    assert "One 0" in first
    assert "One 2" in second
    assert "One 0" not in second


def test_the_event_page_shows_findings_to_members_alone(client, ana, mia, hold, found):
    own, other = hold("brs"), hold("minamata")
    clash = found(own, other)
    assert f"/clashes/{clash.id}" in ana.get(f"/events/{own}").get_data(as_text=True)
    assert f"/clashes/{clash.id}" in mia.get(f"/events/{own}").get_data(as_text=True)
    assert "/clashes" not in client.get(f"/events/{own}").get_data(as_text=True)


def test_clashes_to_answer_wait_in_the_workspace_until_the_own_organisation_has_answered(ana, mia, clash):
    assert "Clash to answer" in text_of(ana, "/workspace")
    assert f"/clashes/{clash}" in ana.get("/workspace").get_data(as_text=True)
    with transaction() as session:
        session.add(FindingAnswer(finding_id=clash, organisation_code="brs", answer="acknowledged", at=clock.now()))
    assert "Clash to answer" not in text_of(ana, "/workspace")
    assert "Clash to answer" in text_of(mia, "/workspace")


def test_a_contributor_has_no_clash_to_answer(signed_in, clash):
    assert "Clash to answer" in text_of(signed_in("d@brs.example", brs="coordinator"), "/workspace")
    assert "Clash to answer" not in text_of(signed_in("c@brs.example", brs="contributor"), "/workspace")


def test_what_is_asked_for_by_month_is_what_touches_it(app, add_account, hold):
    hold("brs", first=date(2027, 3, 29), last=date(2027, 4, 2))
    hold("minamata", first=date(2027, 3, 29), last=date(2027, 4, 2))
    viewer = person_of(db.session.get(Account, add_account("a@brs.example", brs="coordinator"))).viewer
    counts = {
        number: len(finding_board.board(db.session(), viewer, Asked(month=month(2027, number)), MONDAY).findings)
        for number in (2, 3, 4, 5)
    }
    assert counts[2] == counts[5] == 0
    assert counts[3] == counts[4] > 0
