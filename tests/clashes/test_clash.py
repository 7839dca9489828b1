"""The page of one clash: what it shows, who may answer, comment or take an answer back, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, FindingAnswer, FindingEntry, StoredFinding
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Status, Visibility
from calendar_app.services import events
from calendar_app.services.records import Option, Organiser, record_of
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words
from tests.clashes.conftest import MONDAY
from tests.clashes.test_board import text_of
from tests.web.forms import post

pytestmark = pytest.mark.either_database

WHY = "The rooms are booked."


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", name="Ana", brs="coordinator")


@pytest.fixture
def mia(signed_in):
    return signed_in("mia@minamata.example", name="Mia", minamata="coordinator")


def say(browser, clash, action: str, text: str = WHY, **more):
    """Send one of the page's forms, as it stands there now."""
    page = f"/clashes/{clash}"
    seen = re.search(rf'name="{action}-seen"[^>]*value="([^"]*)"', browser.get(page).get_data(as_text=True))
    data = {f"{action}-text": text, f"{action}-seen": seen[1] if seen else "", **more}
    return post(browser, f"{page}/{action}", data, page=page)


def stored(clash) -> StoredFinding:
    db.session.rollback()
    return db.session.get(StoredFinding, clash)


def said(clash) -> list[tuple[str, str, str]]:
    return [(entry.action, entry.organisation_code, entry.text) for entry in stored(clash).entries]


def move(event_id, **values) -> None:
    with transaction() as session:
        event = session.get(Event, event_id)
        made = events.Change("test", clock.now())
        events.change(session, event, replace(record_of(event), **values), made, reference())


def test_the_page_shows_both_events_every_reason_and_the_policy(ana, clash):
    text = text_of(ana, f"/clashes/{clash}")
    for words in (
        "Critical", "Open", "“Conference of", "take place at the same time: 7 June 2027.",
        "Both meetings draw on the same people: national chemicals-and-waste delegates.",
        "Geneva, Switzerland", "Nairobi, Kenya", "Better dates", stored(clash).policy_version,
        "BRS: no answer yet", "found it: Critical",
    ):  # fmt: skip
        assert words in text, words
    page = ana.get(f"/clashes/{clash}").get_data(as_text=True)
    assert re.search(r'strip-day is-meant">7<', page)


def test_better_dates_know_nothing_of_what_the_reader_may_not_see(ana, mia, hold, found):
    own, other = hold("brs"), hold("minamata")
    clash = found(own, other)

    def offered(browser) -> list[str]:
        page = browser.get(f"/clashes/{clash.id}").get_data(as_text=True)
        assert "Zzhidden" not in page or browser is mia
        lists = re.findall(r'<ul class="better-dates.*?</ul>', page, re.DOTALL)
        assert len(lists) == 2
        return lists

    without, seen = offered(ana), offered(mia)
    for weeks in (-2, -1, 1, 2):
        hold("minamata", f"Zzhidden {weeks}", MONDAY + timedelta(weeks=weeks), visibility=Visibility.STEWARD)
    assert offered(ana) == without
    # Who may see them is offered other dates: they lie where dates were offered.
    assert offered(mia) != seen


def test_each_owner_answers_for_itself_and_the_state_follows(ana, mia, clash):
    assert say(ana, clash, "acknowledge").status_code == 303
    assert stored(clash).state == "open"
    assert say(mia, clash, "accept", "We know of it.").status_code == 303
    assert stored(clash).state == "acknowledged"
    assert say(ana, clash, "accept").status_code == 303
    assert stored(clash).state == "accepted"
    assert said(clash)[1:] == [
        ("acknowledged", "brs", WHY), ("accepted", "minamata", "We know of it."), ("accepted", "brs", WHY),
    ]  # fmt: skip
    text = text_of(mia, f"/clashes/{clash}")
    assert "BRS: accepted as it is" in text
    assert "Ana (BRS) acknowledged it" in text


@pytest.mark.parametrize("answer", ["acknowledge", "accept"])
def test_who_answers_first_is_told_that_it_stays_open_until_the_other_does(ana, mia, clash, answer):
    say(ana, clash, answer)
    page = ana.get(f"/clashes/{clash}").get_data(as_text=True)
    message = page.partition('role="status">')
    assert "it stays open until Minamata answers." in message[2].partition("</p>")[0]
    # What was just done is told on the screen, and is no part of the page on paper.
    assert message[0].endswith('<p class="message screen-only" ')
    say(mia, clash, "accept")
    told = {"accept": "It is accepted as it is.", "acknowledge": "Your organisation accepts it; it is acknowledged."}
    assert told[answer] in text_of(mia, f"/clashes/{clash}")


@pytest.mark.parametrize("answer", ["acknowledge", "accept"])
def test_a_reason_of_a_word_is_no_reason(ana, clash, answer):
    sent = say(ana, clash, answer, "ok")
    assert sent.status_code == 422
    assert "Write a sentence of at least 10 characters" in sent.get_data(as_text=True)
    assert stored(clash).state == "open"


def test_who_decides_for_both_answers_for_both(signed_in, clash):
    both = signed_in("b@both.example", brs="coordinator", minamata="administrator")
    assert say(both, clash, "accept").status_code == 303
    assert stored(clash).state == "accepted"
    assert {row.organisation_code for row in stored(clash).answers} == {"brs", "minamata"}


def test_an_owner_may_take_its_answer_back(ana, mia, clash):
    say(ana, clash, "accept")
    say(mia, clash, "accept")
    assert say(ana, clash, "reopen", "Plans changed.").status_code == 303
    assert stored(clash).state == "open"
    assert said(clash)[-1] == ("reopened", "brs", "Plans changed.")
    assert [row.organisation_code for row in stored(clash).answers] == ["minamata"]


@pytest.mark.parametrize("action", ["acknowledge", "accept"])
def test_a_critical_clash_needs_a_reason_and_what_was_typed_stays(ana, clash, action):
    answer = say(ana, clash, action, "")
    assert answer.status_code == 422
    assert "Say why, so that the others understand the decision." in answer.get_data(as_text=True)
    answer = say(ana, clash, action, "x" * 3000)
    assert answer.status_code == 422
    assert "x" * 2000 in answer.get_data(as_text=True)
    assert stored(clash).answers == []


def test_a_minor_clash_is_acknowledged_without_a_reason_but_not_accepted(ana, hold, found):
    # A conference of brs online meets one of minamata that is not confirmed.
    clash = found(hold("brs", format="online", status="tentative"), hold("minamata")).id
    assert stored(clash).severity == 1
    assert say(ana, clash, "accept", "").status_code == 422
    assert say(ana, clash, "acknowledge", "").status_code == 303


def test_a_comment_needs_words_and_any_member_who_sees_it_may_write_one(signed_in, clash):
    chb = signed_in("chb@chb.example", chb="contributor")
    assert say(chb, clash, "comment", "").status_code == 422
    assert say(chb, clash, "comment", "Can we help?").status_code == 303
    assert said(clash)[-1] == ("comment", "chb", "Can we help?")
    assert "Can we help?" in text_of(chb, f"/clashes/{clash}")


def test_only_those_who_decide_for_an_owner_answer(signed_in, clash):
    for roles in ({"brs": "contributor"}, {"chb": "coordinator"}):
        browser = signed_in(f"{next(iter(roles))}@x.example", **roles)
        assert "Take your answer back" not in text_of(browser, f"/clashes/{clash}")
        for action in ("acknowledge", "accept", "reopen"):
            assert say(browser, clash, action).status_code == 403
    assert stored(clash).answers == []


@pytest.mark.parametrize("meanwhile", ["comment", "moved"])
def test_an_answer_to_what_changed_meanwhile_is_not_taken_and_nothing_typed_is_lost(ana, mia, hold, found, meanwhile):
    own, other = hold("brs", last=MONDAY + timedelta(days=4)), hold("minamata", last=MONDAY + timedelta(days=4))
    clash = found(own, other).id
    page = ana.get(f"/clashes/{clash}").get_data(as_text=True)
    seen = re.search(r'name="accept-seen"[^>]*value="([^"]*)"', page)[1]
    if meanwhile == "comment":
        say(mia, clash, "comment", "Wait, please.")
    else:
        move(other, span=Span(MONDAY + timedelta(days=1), MONDAY + timedelta(days=5)))
        assert stored(clash).state == "open"
    data = {"accept-text": "Quite sure.", "accept-seen": seen}
    answer = post(ana, f"/clashes/{clash}/accept", data, page=f"/clashes/{clash}")
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "Meanwhile" in text
    assert "Quite sure." in text
    assert stored(clash).answers == []
    assert say(ana, clash, "accept", "Quite sure.").status_code == 303


def test_what_is_resolved_takes_comments_but_no_answers(ana, hold, found):
    own, other = hold("brs"), hold("minamata")
    clash = found(own, other).id
    page = ana.get(f"/clashes/{clash}").get_data(as_text=True)
    seen = re.search(r'name="accept-seen"[^>]*value="([^"]*)"', page)[1]
    move(own, span=Span(MONDAY + timedelta(weeks=20), MONDAY + timedelta(weeks=20, days=1)))
    assert stored(clash).state == "resolved"
    answer = post(ana, f"/clashes/{clash}/accept", {"accept-text": WHY, "accept-seen": seen}, page=f"/clashes/{clash}")
    assert answer.status_code == 409
    assert WHY in answer.get_data(as_text=True)
    text = text_of(ana, f"/clashes/{clash}")
    assert "It is resolved" in text
    assert "Resolved Critical Resolved: “Conference of" in text
    day = Words().day(clock.today())
    gone = f"This no longer holds. It was found on {day}; since {day} planning no longer finds it."
    assert f"What it was {gone}" in text
    assert say(ana, clash, "comment").status_code == 303


def test_an_answer_ends_when_what_it_rests_on_changes(ana, mia, hold, found):
    own, other = hold("brs", last=MONDAY + timedelta(days=4)), hold("minamata", last=MONDAY + timedelta(days=4))
    clash = found(own, other).id
    say(ana, clash, "accept")
    say(mia, clash, "accept")
    move(own, span=Span(MONDAY + timedelta(days=1), MONDAY + timedelta(days=6)))
    assert stored(clash).state == "open"
    text = text_of(ana, f"/clashes/{clash}")
    assert "opened it again, because dates, place, format, status, audience or who keeps an event changed" in text


def test_of_a_candidate_date_the_page_says_which(ana, hold, found):
    days = (MONDAY + timedelta(weeks=8), MONDAY + timedelta(weeks=8, days=2))
    own = hold("brs", first=None, options=(Option(*days),))
    clash = found(own, hold("minamata", first=days[0]))
    assert "Candidate date: 2–4 August 2027" in text_of(ana, f"/clashes/{clash.id}")
    assert "on a candidate date" in text_of(ana)


def test_the_thread_says_what_planning_judged_before_and_now(ana, hold, found):
    days = {"last": MONDAY + timedelta(days=4)}
    own, other = hold("brs", **days), hold("minamata", status="tentative", **days)
    clash = found(own, other).id
    assert stored(clash).severity == 2
    say(ana, clash, "acknowledge")
    move(other, status=Status.CONFIRMED)
    assert "opened it again: before Major, now Critical" in text_of(ana, f"/clashes/{clash}")
    move(other, status=Status.TENTATIVE)
    assert "judges it anew: before Critical, now Major" in text_of(ana, f"/clashes/{clash}")
    move(other, span=Span(MONDAY + timedelta(weeks=20), MONDAY + timedelta(weeks=20, days=1)))
    move(other, span=Span(MONDAY, MONDAY + timedelta(days=5)))
    text = text_of(ana, f"/clashes/{clash}")
    assert "no longer finds it" in text
    assert "finds it again: Major" in text


def test_better_dates_have_weekdays_and_lead_to_the_form_for_moving_for_who_keeps_the_event(ana, clash):
    page = ana.get(f"/clashes/{clash}").get_data(as_text=True)
    first = page[page.index('class="better-dates') :].partition("</li>")[0]
    assert re.search(r"\((Mon|Tues|Wednes|Thurs|Fri)day\)", first)
    links = set(re.findall(r'href="(/events/[^"]*/move\?use=[^"]*)"', page))
    assert {str(stored(clash).a_id), str(stored(clash).b_id)} > {link.split("/")[2] for link in links}
    assert len({link.split("/")[2] for link in links}) == 1
    answer = ana.get(min(links))
    day = re.search(r"use=(\d{4}-\d\d-\d\d)", min(links))[1]
    assert re.search(rf'value="{day}"', answer.get_data(as_text=True))


def test_dates_are_offered_for_what_a_member_holds_and_not_for_what_is_only_kept_for_others(signed_in, hold, found):
    both = signed_in("b@both.example", brs="coordinator", minamata="coordinator")
    theirs = hold("brs", organisers=(Organiser("", "ozone"),))
    own = hold("minamata", organisers=(Organiser("", "ozone"), Organiser("", "minamata")))
    clash = found(theirs, own).id
    page = both.get(f"/clashes/{clash}").get_data(as_text=True)
    assert {link.split("/")[2] for link in re.findall(r'href="(/events/[^"]*/move\?use=[^"]*)"', page)} == {str(own)}
    # It still notes when the others move their meeting.
    assert f'href="/events/{theirs}/move"' in page
    assert "Ozone (kept by BRS)" in text_of(both, f"/clashes/{clash}")


def test_the_version_of_the_policy_is_there_for_who_asks_how_it_was_judged(ana, clash):
    page = ana.get(f"/clashes/{clash}").get_data(as_text=True)
    details = page[page.index('class="finding-policy"') :].partition("</details>")[0]
    assert "How this was judged" in details
    assert f"<bdi>{stored(clash).policy_version}</bdi></code>" in details


def test_a_printed_page_says_when(ana, clash):
    assert f"Printed: {Words().day(clock.today())}, " in text_of(ana, f"/clashes/{clash}")


def test_what_people_write_is_shown_as_text(ana, clash):
    say(ana, clash, "comment", "<script>alert(1)</script>")
    page = ana.get(f"/clashes/{clash}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_who_answered_is_kept_with_the_account(ana, clash):
    say(ana, clash, "accept")
    entry = db.session.scalars(db.select(FindingEntry).where(FindingEntry.action == "accepted")).one()
    assert entry.account_id
    assert entry.actor == "Ana (BRS)"
    assert db.session.scalars(db.select(FindingAnswer)).one().answer == "accepted"
