"""Claims on letters: each is sent by one, none is lost, none goes round for ever."""

from __future__ import annotations

import html
import threading
from datetime import timedelta

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import mail
from calendar_app.mail.composing import Action, Letter, Listing
from calendar_app.models import OutboxMessage
from calendar_app.services import outbox
from tests.mail.letters import LETTER, deliver, later, put, row, rows
from tests.mail.servers import post_office


def claim() -> outbox.Claimed | None:
    with transaction() as session:
        return outbox.claim(session, clock.now())


def test_the_links_of_a_letter_lead_to_pages_in_its_language(app):
    page = "https://calendar.example.org/clashes"
    blocks = (
        Action("Open", f"{page}?state=all#top"),
        Listing((("One", f"{page}/1"), ("Chosen", f"{page}?lang=es"), ("No link", ""))),
    )
    for language in ("ar", "en", "de"):
        put(f"{language}@brs.example", Letter("Look", blocks), language=language)
    arabic, unknown, english = rows()
    for text in (arabic.text, html.unescape(arabic.html)):
        assert f"{page}?state=all&lang=ar#top" in text
        assert f"{page}/1?lang=ar" in text
        assert f"{page}?lang=es" in text
    for letter in (unknown, english):
        assert "lang=en" not in letter.text
        assert "lang=de" not in letter.text
        assert f"{page}/1" in letter.text


def test_what_is_claimed_is_claimed_by_one(app):
    put()
    first = claim()
    assert first
    assert first.attempts == 1
    assert claim() is None
    assert row().state == "sending"
    assert row().due_at == clock.now() + outbox.CLAIM, "pushed out before anything is tried"


def test_a_claim_that_nobody_ended_runs_out_and_the_letter_is_sent_after_all(app):
    put()
    lost = claim()
    later(minutes=9)
    assert deliver(app) == 0
    later(minutes=1)
    with post_office() as office:
        assert deliver(app, office.transport()) == 1
    ((_address, message),) = office.taken
    assert message["Message-ID"] == outbox.message_of(lost, "calendar@localhost")["Message-ID"]


def test_one_who_comes_late_does_not_undo_what_the_next_one_did(app):
    put()
    late = claim()
    later(minutes=10)
    now = claim()
    with transaction() as session:
        outbox.postponed(session, late, clock.now(), "too late")
        outbox.given_up(session, late, "too late")
    assert (row().state, row().error) == ("sending", "")
    with transaction() as session:
        outbox.delivered(session, now, clock.now())
    assert row().state == "sent"


def test_the_attempts_get_rarer_and_end_after_three_days(app):
    put()
    began = clock.now()
    waits = []
    while row().state != "failed":
        clock.fixed = row().due_at
        claimed = claim()
        at = clock.now()
        with transaction() as session:
            outbox.postponed(session, claimed, at, "451 later")
        waits.append(row().due_at - at)
    assert waits[:4] == [timedelta(minutes=m) for m in (1, 5, 15, 60)]
    assert waits[:-1] == sorted(waits[:-1])
    assert row().attempts == outbox.MOST_ATTEMPTS == 10
    assert timedelta(days=3) <= clock.now() - began < timedelta(days=4)
    assert row().error == "451 later"
    assert row().text, "what was never sent is kept"


def test_a_letter_that_ends_the_program_each_time_is_given_up(app):
    put("ana@brs.example")
    for _ in range(outbox.MOST_ATTEMPTS):
        assert claim()
        later(minutes=10)
    later(minutes=1)
    put("bo@minamata.example")
    assert claim().to_email == "bo@minamata.example", "it does not stand in the way of others"
    assert rows()[0].state == "failed"
    assert rows()[0].error == "The program ended at each attempt to send it."


def test_a_letter_of_a_change_that_was_rolled_back_is_never_sent(app):
    with transaction(keep=False) as session:
        outbox.queue(session, outbox.Recipient("ana@brs.example"), LETTER, clock.now())
    assert rows() == []


def test_a_message_that_cannot_be_written_is_given_up_and_stops_nobody_else(app):
    put("ana@brs.example")
    put("bo@minamata.example")
    with transaction() as session:
        # Not by us; but whatever stands in the row must not go round for ever.
        session.query(OutboxMessage).filter_by(to_email="ana@brs.example").update({"subject": "a\nBcc: b"})
    with post_office() as office:
        assert deliver(app, office.transport()) == 1
    assert [each.state for each in rows()] == ["failed", "sent"]


def test_several_who_deliver_at_once_deliver_each_letter_once(app):
    for number in range(24):
        put(f"p{number}@brs.example", Letter(f"Letter {number}", LETTER.blocks))
    with post_office() as office:
        app.config["MAIL_TRANSPORT"] = office.transport()
        counts: list[int] = []

        def work() -> None:
            counts.append(mail.deliver(app, threading.Event()))
            with app.app_context():
                db.session.remove()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(counts) == len(office.taken) == 24
    assert len({message["Message-ID"] for _address, message in office.taken}) == 24
    assert {(each.state, each.attempts) for each in rows()} == {("sent", 1)}


def test_a_stop_takes_effect_between_two_letters(app):
    for number in range(5):
        put(f"p{number}@brs.example")
    stopping = threading.Event()
    with post_office() as office:
        office.taken = Ending(stopping, after=2)
        app.config["MAIL_TRANSPORT"] = office.transport()
        assert mail.deliver(app, stopping) == 2
    assert sorted(each.state for each in rows()) == ["queued"] * 3 + ["sent"] * 2


class Ending(list):
    """A list that says stop when it has `after` items."""

    def __init__(self, stopping: threading.Event, after: int) -> None:
        super().__init__()
        self.stopping, self.after = stopping, after

    def __iadd__(self, items):
        super().__iadd__(items)
        if len(self) >= self.after:
            self.stopping.set()
        return self


def test_the_words_of_a_letter_given_up_are_deleted_after_thirty_days(app):
    put()
    claimed = claim()
    with transaction() as session:
        outbox.given_up(session, claimed, "550 no")
    later(days=30)
    deliver(app)
    assert row().text, "for thirty days it can be tried again"
    later(minutes=11)
    deliver(app)
    assert (row().text, row().html, row().error) == ("", "", "550 no")
    assert row().subject


def test_nothing_is_written_to_the_first_administrator_who_has_no_mailbox(app):
    assert not put("administrator@localhost")
    assert rows() == []


def test_a_key_with_a_long_address_in_it_is_kept_and_tells_letters_apart(app):
    long, other = ("x" * 60 + "@" + f"{letter}." + "y" * 50 + "." + "z" * 50 + ".example" for letter in "ab")
    keys = [f"actions/2026-12-01/{address * 2}" for address in (long, other)]
    assert [put(long, key=keys[0]), put(long, key=keys[0]), put(other, key=keys[1])] == [True, False, True]
    assert all(len(row.key) <= 200 for row in rows())
