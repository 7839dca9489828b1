"""The public monthly mail from asking to ending, and what it says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from threading import Event as Stop

from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import days
from calendar_app.jobs import month as month_job
from calendar_app.models import Event, MailSubscription
from calendar_app.planning.vocabulary import Status, Visibility
from calendar_app.services import events, month, public_mail
from calendar_app.services.filters import EventFilter
from calendar_app.services.month import Step
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from tests.digests.composing import LINKS, now
from tests.mail import servers
from tests.mail.letters import deliver, rows
from tests.work.filling import opened

ADDRESS = "reader@example.org"


def subscriptions() -> list[MailSubscription]:
    db.session.rollback()
    return list(db.session.scalars(select(MailSubscription).order_by(MailSubscription.query)))


def ask(client, query: str = "", email: str = ADDRESS):
    page = f"/subscribe/mail{query}"
    return client.post(page, data=opened(client, page) | {"email": email})


def link_in(text: str, kind: str) -> str:
    return re.search(rf"https?://[^/\s]+(/mail/{kind}/[^\s\"<]+)", text).group(1)


def subscribe(query: EventFilter | None = None, email: str = ADDRESS, language: str = "en") -> MailSubscription:
    with transaction() as session:
        public_mail.ask(session, email, query or EventFilter(), language, clock.now(), LINKS)
        found = session.scalars(select(MailSubscription).where(MailSubscription.email == email)).all()[-1]
        public_mail.confirm(found, clock.now())
        return found


def send(month_: date = date(2026, 12, 1)) -> list:
    """Do the step of a month as the schedule does; return the mails."""
    with transaction() as session:
        step = Step(f"public-mail/{month_:%Y-%m}", month.PUBLIC_MAIL, month_, clock.now())
        public_mail.send_due(session, step, now(), LINKS)
    return [message for message in rows() if (message.key or "").startswith("public/")]


# ---------- Asking and confirming ----------


def test_the_list_of_the_page_goes_along(app, client, add_event):
    add_event(title="A meeting")
    page = client.get("/subscribe?convention=basel&lang=ar").get_data(as_text=True)
    (link,) = set(re.findall(r'href="(/subscribe/mail[^"]*)"', page))
    assert link.replace("&amp;", "&") == "/subscribe/mail?convention=basel&lang=ar"
    assert ask(client, "?convention=basel&lang=ar").status_code == 303
    (row,) = subscriptions()
    assert (row.email, row.query, row.language, row.state) == (ADDRESS, "?convention=basel", "ar", "asked")


def test_a_list_of_very_many_conditions_is_refused_in_a_sentence(app, client):
    bodies = list(reference().bodies)[:50]
    cities = list(reference().cities)[:50]
    organisers = list(reference().organisations)[:50]
    query = "?" + "&".join(
        f"body={b}&city={c}&organiser={o}" for b, c, o in zip(bodies, cities, organisers, strict=False)
    )
    assert len(query) > 1500
    query += "&q=" + "x" * 190 + "&kind=" + ",".join(reference().kinds)
    answer = ask(client, query)
    assert answer.status_code == 422
    assert "too many conditions" in answer.get_data(as_text=True)
    assert subscriptions() == []


def test_opening_the_link_confirms_nothing_and_the_button_does(app, client):
    ask(client)
    (letter,) = rows()
    link = link_in(letter.text, "confirm")
    for _ in range(2):
        page = client.get(link)
        assert page.status_code == 200
        assert subscriptions()[0].state == "asked"
    assert client.post(link, data=opened(client, link)).status_code == 303
    assert subscriptions()[0].state == "confirmed"
    assert "It is confirmed" in client.get(link).get_data(as_text=True)


def test_nothing_tells_whether_an_address_gets_it_already(app, client):
    subscribe()
    known, unknown = (ask(client, email=email) for email in (ADDRESS, "nobody@example.org"))
    assert (known.status_code, known.location, known.data) == (unknown.status_code, unknown.location, unknown.data)
    assert {m.to_email for m in rows()} == {ADDRESS, "nobody@example.org"}
    letters = [m.subject for m in rows() if m.to_email == ADDRESS]
    # Both are of the same moment: in which order they are read is chance.
    assert sorted(letters) == ["Confirm the monthly mail", "You get the monthly mail already"]
    assert [row.state for row in subscriptions() if row.email == ADDRESS] == ["confirmed"]


def test_one_address_gets_no_more_than_three_letters_in_a_day_whatever_list_is_asked_for(app, client):
    for query in ("", "?convention=basel", "?convention=gfc", "?convention=cbd", "?convention=minamata"):
        assert ask(client, query).status_code == 303
    assert len(rows()) == 3
    clock.fixed += timedelta(days=1, seconds=1)
    ask(client)
    assert len(rows()) == 4


def test_what_is_not_confirmed_is_forgotten_and_what_was_ended_too(app, client):
    ask(client)
    ended = subscribe(email="ended@example.org").id
    subscribe(email="stays@example.org")
    with transaction() as session:
        public_mail.end(session.get(MailSubscription, ended), clock.now())
    clock.fixed += timedelta(days=13)
    days.forget(app)
    assert len(subscriptions()) == 3
    clock.fixed += timedelta(days=2)
    days.forget(app)
    assert [row.email for row in subscriptions()] == ["stays@example.org"]


def test_a_link_of_ours_is_good_for_one_thing_only(app, client):
    ask(client)
    token = link_in(rows()[0].text, "confirm").rpartition("/")[2]
    assert client.get(f"/mail/unsubscribe/{token}").status_code == 404
    assert client.post(f"/mail/unsubscribe/{token}").status_code == 404
    # The first letter of the signature: of the last one only some of the bits count, so that it may stand for another.
    signed, _, signature = token.rpartition(".")
    other = "B" if signature.startswith("A") else "A"
    assert client.get(f"/mail/confirm/{signed}.{other}{signature[1:]}").status_code == 404
    assert client.get(f"/mail/confirm/{token}").status_code == 200


# ---------- What it says ----------


def test_it_tells_what_comes_what_changed_and_deadlines_of_the_list(app, add_event):
    subscribe(EventFilter(convention=("basel",)))
    moved = add_event(title="The moved one", first=date(2027, 1, 5))
    off = add_event(title="The cancelled one", first=date(2027, 1, 6))
    clock.fixed += timedelta(days=35)
    for event_id, values in ((moved, {"venue": "Hall 2"}), (off, {"status": Status.CANCELLED})):
        with transaction() as session:
            event = session.get(Event, event_id)
            made = events.Change("test", clock.now())
            events.change(session, event, replace(record_of(event), **values), made, reference())
    add_event(title="The new one", first=date(2027, 1, 20), city="Rome", country="IT")
    add_event(title="Call for papers", kind="deadline", first=date(2027, 1, 21))
    add_event(title="For members", first=date(2027, 1, 22), visibility=Visibility.MEMBERS)
    add_event(title="Of another convention", first=date(2027, 1, 23), processes=("gfc",))
    (mail,) = send(date(2027, 1, 1))
    text = " ".join(mail.text.split())
    assert mail.subject == "Meetings on chemicals and waste, January 2027"
    assert "January 2027: * The moved one, 5 January 2027" in text
    assert "Cancelled: * The cancelled one, 6 January 2027" in text
    assert "New: * The new one, 20 January 2027" in text
    assert "Deadlines --------- * Call for papers, 21 January 2027" in text
    assert "For members" not in text
    assert "Of another convention" not in text


def test_readers_are_told_the_title_behind_a_short_name(app, add_event):
    subscribe()
    add_event(title="Sixth meeting of the Conference of the Parties", short_title="MC COP-6", first=date(2027, 1, 5))
    (mail,) = send()
    assert "* MC COP-6, 5 January 2027\n  Sixth meeting of the Conference of the Parties\n" in mail.text


def test_a_month_with_nothing_in_the_list_sends_nothing(app, add_event):
    subscribe(EventFilter(convention=("gfc",)))
    add_event(title="Of Basel")
    assert send() == []


def test_each_gets_it_once_a_month_in_the_language_of_the_page(app, add_event):
    add_event(title="A meeting", first=date(2027, 1, 5))
    subscribe(language="ar")
    subscribe(email="other@example.org")
    assert len(send()) == 2
    assert len(send()) == 2
    arabic = next(m for m in rows() if m.to_email == ADDRESS and m.key.startswith("public/"))
    assert 'dir="rtl"' in arabic.html
    clock.fixed += timedelta(days=31)
    assert len(send(date(2027, 1, 1))) == 4


def test_a_reader_of_arabic_is_led_to_pages_in_arabic_and_mail_programs_to_the_plain_address(app, client, add_event):
    add_event(first=date(2026, 12, 14))
    ask(client, "?convention=basel&lang=ar")
    confirm = link_in(rows()[0].text, "confirm")
    subscribe(language="ar", email="other@example.org")
    (mail,) = send()
    end = link_in(mail.text, "unsubscribe")
    for link in (confirm, end):
        assert link.endswith("?lang=ar")
        assert '<html lang="ar"' in client.get(link).get_data(as_text=True)
    assert mail.headers["List-Unsubscribe"] == f"<{LINKS.home_url}{end.removesuffix('?lang=ar')}>"
    links = re.findall(rf"{LINKS.home_url}/\S*", mail.text)
    assert links
    assert all("lang=ar" in link for link in links)


def test_the_schedule_sends_it_on_the_first_working_day(app, add_event):
    add_event(title="A meeting", first=date(2027, 1, 5))
    subscribe()
    month_job.run(app, Stop())
    clock.fixed = clock.fixed.replace(month=12, day=1, hour=12)
    month_job.run(app, Stop())
    assert [m.to_email for m in rows() if m.key.startswith("public/")] == [ADDRESS]


# ---------- Ending it ----------


def test_mail_programs_end_it_with_one_click(app, add_event):
    """RFC 8058: what the header has is posted to, without cookies, without a token of a form and without a redirect."""
    add_event(title="A meeting", first=date(2027, 1, 5))
    subscribe()
    subscribe(email="other@example.org")
    send()
    with servers.post_office() as office:
        deliver(app, office.transport())
    message = next(m for address, m in office.taken if address == ADDRESS and m["List-Unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<https://calendar\.example\.org(/mail/unsubscribe/\S+)>", message["List-Unsubscribe"])[1]
    browser = app.test_client(use_cookies=False)
    for _ in range(2):
        answer = browser.post(address, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert [row.state for row in subscriptions() if row.email == ADDRESS] == ["ended"]
    assert [row.state for row in subscriptions() if row.email != ADDRESS] == ["confirmed"]
    clock.fixed += timedelta(days=31)
    assert {m.to_email for m in send(date(2027, 1, 1))[2:]} <= {"other@example.org"}


def test_readers_end_it_with_a_button_behind_the_link_in_the_foot(app, client, add_event):
    add_event(title="A meeting", first=date(2027, 1, 5))
    subscribe(EventFilter(convention=("basel",)))
    (mail,) = send()
    link = link_in(mail.text, "unsubscribe")
    assert link in mail.html
    page = client.get(link)
    assert "Basel" in page.get_data(as_text=True)
    assert subscriptions()[0].state == "confirmed", "looking ends nothing"
    assert client.post(link, data=opened(client, link)).status_code == 200
    assert subscriptions()[0].state == "ended"
    assert ask(client, "?convention=basel").status_code == 303
    assert subscriptions()[0].state == "asked"
