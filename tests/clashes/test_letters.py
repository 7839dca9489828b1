"""Who gets a letter about a clash, in which language, and what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from calendar_app.extensions import db, transaction
from calendar_app.models import Account, OutboxMessage
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Visibility
from calendar_app.services.records import Organiser
from tests.clashes.conftest import MONDAY
from tests.clashes.test_clash import move


@pytest.fixture
def people(add_account):
    """Coordinators of four members, a contributor, and somebody of two."""
    for code in ("brs", "minamata", "chb", "gfc"):
        add_account(f"{code}@{code}.example", **{code: "coordinator"})
    add_account("contributor@brs.example", brs="contributor")
    add_account("both@both.example", brs="coordinator", minamata="coordinator")


def letters() -> dict[str, list[OutboxMessage]]:
    """The letters so far, by who gets them; what was read is taken away."""
    db.session.rollback()
    found: dict[str, list[OutboxMessage]] = {}
    for letter in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)):
        db.session.expunge(letter)
        letter.text = " ".join(letter.text.split())
        found.setdefault(letter.to_email, []).append(letter)
    with transaction() as session:
        session.execute(text("DELETE FROM outbox_messages"))
    return found


def test_a_critical_clash_is_told_to_both_stewards_and_to_all_members_who_may_see_it(people, hold, found):
    hold("brs")
    assert letters() == {}
    hold("minamata")
    told = letters()
    assert set(told) == {
        "brs@brs.example", "minamata@minamata.example", "chb@chb.example", "gfc@gfc.example", "both@both.example",
    }  # fmt: skip
    assert all(len(some) == 1 for some in told.values())
    letter = told["brs@brs.example"][0]
    assert letter.subject.startswith("Critical clash: ")
    assert "Conference of minamata" in letter.subject
    assert "draw on the same people" in letter.text
    assert "needs a decision that carries a name" in letter.text
    assert "You get this letter because the clash is critical" in told["chb@chb.example"][0].text


def test_a_letter_leads_to_the_page_of_the_clash(people, app, hold, found):
    clash = found(hold("brs"), hold("minamata"))
    assert f"{app.config['PUBLIC_URL']}/clashes/{clash.id}" in letters()["brs@brs.example"][0].text


def test_a_major_clash_is_told_to_its_stewards_alone(people, hold):
    hold("brs", status="tentative")
    hold("minamata")
    told = letters()
    assert set(told) == {"brs@brs.example", "minamata@minamata.example", "both@both.example"}
    assert told["brs@brs.example"][0].subject.startswith("Major clash: ")


def test_a_minor_clash_and_one_that_is_over_are_told_to_nobody(people, hold):
    hold("brs", format="online", status="tentative")
    hold("minamata")
    past = MONDAY - timedelta(weeks=40)
    hold("brs", first=past)
    hold("minamata", first=past)
    assert letters() == {}


def test_it_is_told_again_when_it_gets_worse_and_not_when_it_stays_as_bad(people, hold):
    own = hold("brs", status="tentative", last=MONDAY + timedelta(days=4))
    hold("minamata", last=MONDAY + timedelta(days=4))
    letters()
    move(own, span=Span(MONDAY, MONDAY + timedelta(days=4)))
    assert letters() == {}
    move(own, status="confirmed")
    assert letters()["brs@brs.example"][0].subject.startswith("Critical clash: ")


def test_one_side_is_never_told_what_it_may_not_see(people, hold):
    hold("minamata", "Zzhidden conference", visibility=Visibility.STEWARD, city="Bangkok", country="TH")
    own = hold("brs", "Open conference")
    told = letters()
    # The others see one of the events alone: there is nothing that they could be told.
    assert set(told) == {"brs@brs.example", "minamata@minamata.example", "both@both.example"}
    letter = told["brs@brs.example"][0]
    assert letter.subject == "Critical clash: Open conference"
    for content in (letter.subject, letter.text, letter.html):
        assert "Zzhidden" not in content
        assert "Bangkok" not in content
        assert "/clashes/" not in content
    assert "These dates meet an event that Minamata has not shared. Please ask Minamata." in letter.text
    assert f"/events/{own}" in letter.text
    for email in ("minamata@minamata.example", "both@both.example"):
        assert "Zzhidden conference" in told[email][0].subject


def test_many_clashes_at_once_are_one_letter(people, hold):
    for number in range(7):
        hold("minamata", f"Session {number}", MONDAY + timedelta(days=number % 3), series="")
    letters()
    hold("brs", "Long conference", last=MONDAY + timedelta(days=4))
    told = letters()["brs@brs.example"]
    assert len(told) == 1
    assert told[0].subject.startswith("Critical clash, and 6 more: ")
    assert told[0].text.count("/clashes/") == 7


def test_each_reads_it_in_the_own_language(people, hold):
    with transaction() as session:
        session.scalars(select(Account).where(Account.email == "brs@brs.example")).one().language = "ar"
    hold("brs", organisers=(Organiser("", "brs"),))
    hold("minamata")
    told = letters()
    assert told["brs@brs.example"][0].language == "ar"
    assert told["minamata@minamata.example"][0].language == "en"
