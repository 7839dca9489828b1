"""Sending an event in, with and without an account: what is stored, who gets a letter, and that twice makes one."""

from __future__ import annotations

import re
import threading
import time
import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import db, transaction
from calendar_app.models import Account, Event, OutboxMessage, Revision, Submission
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage
from tests.conftest import close_databases
from tests.submit.conftest import fill_in, hidden_of, opened
from tests.web.forms import post

pytestmark = [pytest.mark.xdist_group("submit"), pytest.mark.either_database]


def errors_of(answer) -> dict[str, str]:
    """The error at each field, by the field's id."""
    html = answer.get_data(as_text=True)
    found = re.findall(r'<p class="field-error" id="([^"]+)-error">(.*?)</p>', html, re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", text).strip() for name, text in found}


def letters(session, start: str = "") -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.key.startswith(f"submission/{start}"))
    return list(session.scalars(query.order_by(OutboxMessage.key)))


def link_of(message: OutboxMessage) -> str:
    return re.search(r"(/submissions/open/\S+)", message.text)[1]


def send(browser, **changes):
    return browser.post("/submit", data=fill_in(**changes) | opened(browser))


def test_without_an_account_nothing_becomes_an_event_before_the_address_is_confirmed(client, session):
    answer = send(client)
    assert answer.status_code == 303
    submission = session.scalars(select(Submission)).one()
    assert answer.location.startswith(f"/submit/received/{submission.id}")
    assert submission.event_id is submission.confirmed_at is submission.account_id is None
    assert (submission.name, submission.email) == ("Rosa Diaz", "rosa@centre.example")
    assert session.scalar(select(func.count()).select_from(Event)) == 0
    assert [(m.key, m.to_email) for m in letters(session)] == [
        (f"submission/{submission.id}/confirm", "rosa@centre.example")
    ]
    page = client.get(answer.location).get_data(as_text=True)
    assert "rosa@centre.example" in page


def test_each_letter_says_why_it_comes_to_its_reader(client, session, add_account):
    add_account("ana@brs.example", brs="coordinator")
    send(client)
    (asked,) = letters(session)
    page = client.get(link_of(asked)).location
    assert post(client, f"{page}/send", page=page).status_code == 303
    session.rollback()
    reasons = {m.to_email: " ".join(m.text.split()) for m in letters(session)}
    assert "If it was not you who gave it" in reasons["rosa@centre.example"]
    assert "because you answer for events" in reasons["ana@brs.example"]
    assert "If it was not you" not in reasons["ana@brs.example"]


def test_the_letter_leads_to_the_submission_and_its_button_sends_it_on(app, client, session, add_account):
    add_account("ana@brs.example", brs="coordinator")
    add_account("contributor@brs.example", brs="contributor")
    add_account("bo@minamata.example", minamata="coordinator")
    send(client)
    reader = app.test_client()
    opening = reader.get(link_of(letters(session)[0]))
    assert opening.status_code == 303
    assert opening.headers["Referrer-Policy"] == "no-referrer"
    page = reader.get(opening.location).get_data(as_text=True)
    assert "Workshop on mercury-free dentistry" in page
    assert "Send to BRS" in page
    session.expire_all()
    assert session.scalars(select(Submission)).one().confirmed_at is None
    address = opening.location
    answer = post(reader, f"{address}/send", page=address)
    assert answer.status_code == 303
    session.expire_all()
    event = session.scalars(select(Event)).one()
    assert (event.stage, event.steward_code) == (Stage.SUBMITTED, "brs")
    assert (event.start, event.end) == (date(2027, 4, 19), date(2027, 4, 22))
    submission = session.scalars(select(Submission)).one()
    assert submission.event_id == event.id
    assert submission.confirmed_at
    assert [(letter.action, letter.author) for letter in submission.letters] == [
        ("submitted", "Rosa Diaz <rosa@centre.example>")
    ]
    arrived = [m for m in letters(session) if "/arrived/" in m.key]
    assert [m.to_email for m in arrived] == ["ana@brs.example"]
    assert f"/moderation/{event.id}" in arrived[0].text
    again = post(reader, f"{address}/send", page="/submit")
    assert again.status_code == 303
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Event)) == 1
    assert len(letters(session)) == 2


def test_with_an_account_it_goes_to_the_organisation_at_once(signed_in, session, add_account):
    browser = signed_in("lee@minamata.example", minamata="contributor")
    add_account("ana@brs.example", brs="administrator")
    answer = send(browser, name=None, email=None)
    assert answer.status_code == 303
    event = session.scalars(select(Event)).one()
    assert (event.stage, event.steward_code) == (Stage.SUBMITTED, "brs")
    revision = session.scalars(select(Revision)).one()
    assert (revision.actor, revision.action) == ("Lee (Minamata)", "submitted")
    assert revision.account_id
    assert [m.to_email for m in letters(session)] == ["ana@brs.example"]
    page = browser.get(answer.location).get_data(as_text=True)
    assert "Follow this event" in page
    assert "Workshop on mercury-free dentistry" in browser.get("/submissions").get_data(as_text=True)


def test_a_coordinator_publishes_at_once_or_on_a_day_or_keeps_a_draft(signed_in, session):
    browser = signed_in("ana@brs.example", brs="coordinator")
    for title, action, day, stage in (
        ("Alpha on waste", "publish", "", Stage.PUBLISHED),
        ("Bravo on mercury", "publish", "2026-12-24", Stage.SCHEDULED),
        ("Charlie on lead", "keep", "", Stage.DRAFT),
        ("Delta on plastics", "send", "", Stage.SUBMITTED),
    ):
        answer = send(browser, title=title, action=action, publish_on=day, name=None, email=None)
        assert answer.status_code == 303, errors_of(answer)
        event = session.scalars(select(Event).where(Event.titles["en"].as_string() == title)).one()
        assert event.stage == stage
    assert letters(session) == []


def test_nobody_publishes_for_an_organisation_for_which_they_do_not_decide(signed_in, session, client):
    for browser in (
        signed_in("lee@brs.example", brs="contributor"),
        signed_in("bo@minamata.example", minamata="administrator"),
    ):
        for action in ("publish", "keep"):
            assert send(browser, action=action, name=None, email=None).status_code == 403
    assert send(client, action="publish").status_code == 403
    assert session.scalar(select(func.count()).select_from(Submission)) == 0


def test_what_is_for_the_secretariat_only_is_taken_from_its_members_alone(signed_in, client, session):
    internal = {"notes": "Secret", "staffing": "Two", "visibility": "steward", "expected_participants": "40"}
    own = signed_in("lee@brs.example", brs="contributor")
    assert send(own, name=None, email=None, key_persons="Ana\nBo", **internal).status_code == 303
    event = session.scalars(select(Event)).one()
    assert (event.notes, event.visibility, event.expected_participants) == ("Secret", "steward", 40)
    assert event.key_persons == ["Ana", "Bo"]
    refused = send(own, organisation="minamata", title="Another one", name=None, email=None, **internal)
    assert refused.status_code == 422
    assert set(errors_of(refused)) == {"organisation"}
    send(client, title="From a stranger", **internal)
    submission = session.scalars(select(Submission).where(Submission.email == "rosa@centre.example")).one()
    assert not set(submission.form) & set(internal)


def test_the_same_form_sent_again_is_the_same_submission(client, session):
    data = fill_in() | opened(client)
    first, second = (client.post("/submit", data=data) for _ in range(2))
    assert first.location == second.location
    assert session.scalar(select(func.count()).select_from(Submission)) == 1
    assert len(letters(session)) == 1


@pytest.mark.parametrize("signed", [False, True])
def test_the_same_form_sent_many_times_at_once_makes_one_submission(app, client, signed_in, session, signed):
    browser = signed_in("ana@brs.example", brs="coordinator") if signed else client
    data = fill_in(name=None, email=None) if signed else fill_in()
    data |= opened(browser)
    cookies = {cookie.key: cookie.value for cookie in browser._cookies.values()}
    answers = []

    def press() -> None:
        another = app.test_client()
        for name, value in cookies.items():
            another.set_cookie(name, value)
        answers.append(another.post("/submit", data=data))

    session.rollback()
    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert session.scalar(select(func.count()).select_from(Submission)) == 1
    assert session.scalar(select(func.count()).select_from(Event)) == int(signed)
    assert len(letters(session)) == int(not signed)


@pytest.mark.parametrize("signed", [False, True])
def test_another_event_with_the_key_of_one_that_was_sent_is_asked_about_and_not_lost(
    client, signed_in, session, signed
):
    browser = signed_in("lee@minamata.example", minamata="contributor") if signed else client
    person = {"name": None, "email": None} if signed else {}
    hidden = opened(browser)
    first = browser.post("/submit", data=fill_in(**person) | hidden)
    other = fill_in(title="Training in Lima", first_day="2027-09-06", last_day="2027-09-07", **person)
    answer = browser.post("/submit", data=other | hidden)
    assert answer.status_code == 409
    html = answer.get_data(as_text=True)
    assert "This form was sent already" in html
    assert "Training in Lima" in html
    assert session.scalar(select(func.count()).select_from(Submission)) == 1
    kept = hidden_of(html)
    assert kept["key"] != hidden["key"]
    second = browser.post("/submit", data=other | kept)
    assert second.status_code == 303
    assert second.location != first.location
    # What was sent is one submission, whichever of its forms arrives again.
    assert browser.post("/submit", data=other | kept).location == second.location
    assert browser.post("/submit", data=fill_in(**person) | hidden).location == first.location
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Submission)) == 2
    assert session.scalar(select(func.count()).select_from(Event)) == (2 if signed else 0)


def test_a_form_sent_again_with_a_slip_mended_is_shown_beside_what_was_sent(signed_in, session):
    browser = signed_in("lee@brs.example", brs="coordinator")
    data = fill_in(name=None, email=None, action="publish") | opened(browser)
    assert browser.post("/submit", data=data).status_code == 303
    answer = browser.post("/submit", data={**data, "venue": "Hall 7", "sure": "1"})
    assert answer.status_code == 409
    html = answer.get_data(as_text=True)
    assert "This form was sent already" in html
    assert "Please look at this first" in html
    assert str(session.scalars(select(Event.id)).one()) in html


def test_a_wrong_form_is_answered_at_the_fields_and_keeps_what_was_typed(client, session):
    answer = send(
        client, title="", first_day="2027-13-40", email="nobody", web_url="javascript:alert(1)", venue="Hall 7"
    )
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {"title", "first_day", "email", "web_url"}
    html = answer.get_data(as_text=True)
    assert "Hall 7" in html
    assert "2027-13-40" in html
    assert "Nothing you typed is lost" in html
    assert session.scalar(select(func.count()).select_from(Submission)) == 0
    # The same form mended is one submission with the key it had at first.
    kept = hidden_of(html)
    assert client.post("/submit", data=fill_in() | kept).status_code == 303


def test_a_form_that_was_open_for_too_long_is_shown_again_with_what_was_typed(app, client, session):
    data = fill_in() | opened(client)
    elsewhere = app.test_client()
    answer = elsewhere.post("/submit", data=data)
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert "press the button again" in html
    assert "Workshop on mercury-free dentistry" in html
    assert session.scalar(select(func.count()).select_from(Submission)) == 0
    assert elsewhere.post("/submit", data=fill_in() | hidden_of(html)).status_code == 303


@pytest.mark.parametrize("key", ["", "x", "a" * 44, "ä" * 43, "../" * 14 + "a"])
def test_a_form_without_a_key_of_ours_gets_one_and_is_shown_again(client, session, key):
    answer = client.post("/submit", data=fill_in() | opened(client) | {"key": key})
    assert answer.status_code == 422
    again = hidden_of(answer.get_data(as_text=True))
    assert re.fullmatch(r"[\w-]{43}", again["key"])
    assert client.post("/submit", data=fill_in() | again).status_code == 303


def test_a_machine_that_fills_in_the_trap_is_answered_as_if_it_had_sent_something(client, session):
    answer = send(client, website_2="https://spam.example")
    honest = send(client)
    assert answer.status_code == honest.status_code == 303
    pages = [client.get(answer.location).get_data(as_text=True) for answer in (honest,)]
    assert answer.location.startswith("/submit/received/")
    assert "rosa@centre.example" in pages[0]
    assert session.scalar(select(func.count()).select_from(Submission)) == 1
    assert len(letters(session)) == 1


def test_who_answers_faster_than_people_do_is_asked_to_look_again(app, client, session):
    app.config["FORM_LEAST_SECONDS"] = 2
    data = fill_in() | opened(client)
    answer = client.post("/submit", data=data)
    assert answer.status_code == 422
    assert "very fast" in answer.get_data(as_text=True)
    assert "Workshop on mercury-free dentistry" in answer.get_data(as_text=True)
    assert client.post("/submit", data=data | {"opened": "made up"}).status_code == 422
    assert hidden_of(answer.get_data(as_text=True))["opened"] == data["opened"]
    time.sleep(2.1)
    assert client.post("/submit", data=data).status_code == 303
    assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_people_with_an_account_are_not_held_up(app, signed_in):
    app.config["FORM_LEAST_SECONDS"] = 3
    browser = signed_in("lee@brs.example", brs="contributor")
    assert send(browser, name=None, email=None).status_code == 303


def test_too_many_submissions_from_one_place_are_refused(limited):
    client = limited.test_client()
    data = opened(client)
    statuses = [
        client.post(
            "/submit", data=fill_in(title=f"Meeting {n}", email=f"a{n}@x.example") | data | {"key": f"{n:043}"}
        ).status_code
        for n in range(22)
    ]
    assert statuses == [303] * 20 + [429] * 2
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 20


def test_nobody_is_flooded_with_letters_in_our_name_from_many_places(limited):
    statuses = []
    for n in range(12):
        client = limited.test_client()
        data = fill_in(title=f"Meeting {n}", email="Victim@x.example" if n % 2 else "victim@x.example")
        place = {"REMOTE_ADDR": f"192.0.2.{n}"}
        statuses.append(client.post("/submit", data=data | opened(client), environ_overrides=place).status_code)
    assert statuses == [303] * 10 + [429] * 2
    client = limited.test_client()
    assert send(client, title="For another", email="other@x.example").status_code == 303


def test_what_nobody_confirms_is_forgotten(client, session):
    send(client)
    with transaction() as writing:
        writing.scalars(select(Submission)).one().created_at -= timedelta(days=91)
    send(client, title="Later")
    session.rollback()
    assert [found.form["title"] for found in session.scalars(select(Submission))] == [["Later"]]


def test_looking_for_duplicates_is_limited_too(limited):
    client = limited.test_client()
    statuses = [client.get(f"/submit/duplicates?title=Meeting+{n}").status_code for n in range(62)]
    assert statuses == [200] * 60 + [429] * 2


def test_a_long_meeting_and_a_past_one_are_asked_about_once(client, session):
    for days in ({"last_day": "2027-08-19"}, {"first_day": "2025-01-06", "last_day": "2025-01-07"}):
        answer = send(client, **days)
        assert answer.status_code == 422
        assert "Nothing is sent yet" in answer.get_data(as_text=True)
        assert errors_of(answer) == {}
        kept = hidden_of(answer.get_data(as_text=True))
        assert client.post("/submit", data=fill_in(**days, sure="1") | kept).status_code == 303
    assert session.scalar(select(func.count()).select_from(Submission)) == 2


def test_the_received_page_says_the_same_of_an_id_that_is_not_known(app, client):
    answer = send(client)
    elsewhere = app.test_client()
    pages = [elsewhere.get(address) for address in (answer.location, f"/submit/received/{uuid.uuid4()}")]
    assert [page.status_code for page in pages] == [200, 200]
    # Each names itself, in the links to it in other languages.
    texts = [re.sub(r"/received/[0-9a-f-]{36}", "", page.get_data(as_text=True)) for page in pages]
    assert texts[0] == texts[1]


def test_where_nobody_decides_the_system_administrators_are_asked_to_name_somebody(signed_in, session, add_account):
    add_account("contributor@brs.example", brs="contributor")
    add_account("root@calendar.example", system_administrator=True)
    gone = add_account("gone@brs.example", brs="administrator")
    former = add_account("former@calendar.example", system_administrator=True)
    with transaction() as writing:
        for account_id in (gone, former):
            writing.get(Account, account_id).active = False
    browser = signed_in("lee@minamata.example", minamata="contributor")
    assert send(browser, name=None, email=None).status_code == 303
    letter = letters(session)[0]
    assert [m.to_email for m in letters(session)] == ["root@calendar.example"]
    assert letter.subject == "Nobody decides for BRS"
    assert "Members of BRS" in letter.text
    # They have no right over events, and learn nothing of this one.
    assert "dentistry" not in letter.text
    assert "lee@" not in letter.text
    add_account("ana@brs.example", brs="coordinator")
    assert send(browser, title="A course on batteries", name=None, email=None).status_code == 303
    session.rollback()
    assert sorted(m.to_email for m in letters(session)) == ["ana@brs.example", "root@calendar.example"]


def test_the_letter_and_the_form_speak_the_language_of_the_page(client, session):
    browser_page = client.get("/submit?new=1&lang=ar").get_data(as_text=True)
    assert 'dir="rtl"' in browser_page
    client.post("/submit?lang=ar", data=fill_in() | hidden_of(browser_page))
    assert letters(session)[0].language == "ar"
    assert "lang=ar" in letters(session)[0].text


def test_dates_in_each_way_come_out_as_what_was_chosen(signed_in, session):
    browser = signed_in("ana@brs.example", brs="coordinator")
    ways = {
        "month": ({"month": "2027-04"}, Span(date(2027, 4, 1), date(2027, 5, 1)), ""),
        "quarter": ({"quarter": "2027-Q4"}, Span(date(2027, 10, 1), date(2028, 1, 1)), ""),
        "year": ({"year": "2028"}, Span(date(2028, 1, 1), date(2029, 1, 1)), ""),
        "words": ({"date_text": "After the COP"}, None, "After the COP"),
    }
    for number, (way, (given, span, words)) in enumerate(ways.items()):
        # What is typed elsewhere does not count, right or wrong.
        rest = {"first_day": "nonsense", "last_day": "2027-99-99", "title": f"{'abcd'[number] * 9} meeting"}
        answer = send(browser, dates=way, action="publish", name=None, email=None, **{**rest, **given})
        assert answer.status_code == 303, (way, errors_of(answer))
        event = session.scalars(select(Event).order_by(Event.created_at.desc())).all()
        event = next(e for e in event if e.titles["en"] == rest["title"])
        assert (event.precision, event.date_text) == (way, words)
        assert (Span(event.start, event.end) if event.start else None) == span


def test_what_the_chosen_way_to_say_the_dates_needs_is_missed_at_its_field(client):
    needed = {"day": "first_day", "month": "month", "quarter": "quarter", "year": "year", "words": "date_text"}
    for way, name in needed.items():
        answer = send(client, dates=way, first_day="", last_day="")
        assert answer.status_code == 422
        assert set(errors_of(answer)) == {name}


def test_a_city_of_the_list_brings_its_country_and_time_zone(signed_in, session):
    browser = signed_in("ana@brs.example", brs="coordinator")
    answer = send(browser, name=None, email=None, action="publish", city="nairobi", start_time="09:00")
    assert answer.status_code == 303, errors_of(answer)
    event = session.scalars(select(Event)).one()
    assert (event.city, event.country, event.timezone) == ("Nairobi", "KE", "Africa/Nairobi")
    refused = send(browser, name=None, email=None, title="Elsewhere", city="Nowhere", start_time="09:00", timezone="")
    assert set(errors_of(refused)) == {"timezone"}


def test_bodies_organisers_relations_and_languages_are_read(signed_in, session, add_event):
    whole = add_event(title="The whole", short_title="The Whole 2027")
    other = add_event(title="Another", first=date(2028, 1, 1))
    browser = signed_in("ana@brs.example", brs="coordinator")
    answer = send(
        browser,
        name=None,
        email=None,
        action="publish",
        convention=["basel", "stockholm"],
        body="BC-COP; SC-COP",
        meeting_number="18; 13",
        region=["Africa"],
        languages=["en", "fr"],
        title="Réunion",
        title_language="fr",
        title_en="Meeting",
        description="Deux mots",
        description_language="fr",
        lead="Secretariat of the Minamata Convention on Mercury",
        co_organisers="BRS\nA centre of its own",
        part_of="The Whole 2027",
        part_role="segment",
        link_kind_1="back-to-back",
        link_event_1=f"https://calendar.example/events/{other}?lang=fr",
    )
    assert answer.status_code == 303, errors_of(answer)
    event = session.scalars(select(Event).where(Event.part_of_id == whole)).one()
    assert event.bodies == [{"code": "BC-COP", "number": 18}, {"code": "SC-COP", "number": 13}]
    assert event.titles == {"en": "Meeting", "fr": "Réunion"}
    assert event.descriptions == {"fr": "Deux mots"}
    assert event.processes == ["basel", "stockholm"]
    assert [(o["name"], o["code"], o["role"]) for o in event.organisers] == [
        ("Minamata", "minamata", "lead"),
        ("BRS", "brs", "co-organiser"),
        ("A centre of its own", "", "co-organiser"),
    ]
    assert event.part_role == "segment"
    assert [(link.kind, link.other_id) for link in event.links] == [("back-to-back", other)]


def test_a_stranger_cannot_name_an_event_that_is_hidden(client, add_event):
    hidden = add_event(title="Hidden", stage=Stage.DRAFT, short_title="Hidden one")
    for name in (str(hidden), f"/events/{hidden}", "Hidden one", str(uuid.uuid4())):
        answer = send(client, part_of=name, link_kind_1="same-as", link_event_1=name)
        assert errors_of(answer).keys() == {"part_of", "link_event_1"}


def test_html_in_a_description_is_reduced_to_text(signed_in, session):
    browser = signed_in("ana@brs.example", brs="coordinator")
    html = "<p>One &amp; two</p><script>alert(1)</script><ul><li>a</li><li>b &lt; c</li></ul>"
    send(browser, name=None, email=None, action="publish", description=html)
    send(browser, name=None, email=None, action="publish", title="Plain", description="1 < 2 & <ana@x.example>")
    texts = {e.titles["en"]: e.descriptions["en"] for e in session.scalars(select(Event))}
    assert texts["Workshop on mercury-free dentistry"] == "One & two\na\nb < c"
    assert texts["Plain"] == "1 < 2 & <ana@x.example>"


def test_what_was_sent_is_there_after_the_application_starts_anew(app, client, session):
    send(client)
    close_databases()
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 1
