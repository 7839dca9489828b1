"""Letters handed over to a real mail server, or written into a folder."""

from __future__ import annotations

import itertools
import logging
import socket
import sqlite3
import stat
import time
from email import message_from_bytes, policy

import pytest
from sqlalchemy.exc import OperationalError

from calendar_app.extensions import db
from calendar_app.jobs import mail
from calendar_app.mail import delivery
from calendar_app.mail.composing import Letter, Paragraph, Quotation
from calendar_app.mail.delivery import Folder, Smtp
from calendar_app.services import outbox
from tests.mail.letters import deliver, later, put, row, rows
from tests.mail.servers import HOST, certificate, post_office
from tests.serving import free_port

pytestmark = pytest.mark.either_database


@pytest.fixture
def office():
    with post_office() as server:
        yield server


def test_a_letter_arrives_with_text_and_html_and_is_marked_as_sent(app, office):
    put(name="Ana")
    assert deliver(app, office.transport()) == 1
    ((address, message),) = office.taken
    assert address == "ana@brs.example"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "https://calendar.example.org/confirm/abc" in message.get_body(("plain",)).get_content()
    found = row()
    assert (found.state, found.attempts, found.error) == ("sent", 1, "")
    assert found.sent_at is not None
    assert (found.text, found.html) == ("", ""), "links that are as good as keys are not kept"
    assert deliver(app) == 0
    assert len(office.taken) == 1


def test_arabic_arrives_as_it_was_written(app, office):
    put(letter=Letter("أكِّد عنوانك", (Paragraph("وصلنا حدثك."),)), language="ar", name="سلمى")
    deliver(app, office.transport())
    ((_address, message),) = office.taken
    assert message["Subject"] == "أكِّد عنوانك"
    assert "سلمى" in str(message["To"])
    assert "وصلنا حدثك." in message.get_body(("plain",)).get_content()
    assert 'dir="rtl"' in message.get_body(("html",)).get_content()


def test_a_line_end_in_a_subject_or_a_name_reaches_nobody_else(app, office):
    put(
        letter=Letter("Hello\r\nBcc: all@example.org\r\n\r\nBuy", (Paragraph("Ours."),)),
        name="Ana\r\nBcc: all@example.org",
    )
    deliver(app, office.transport())
    ((address, message),) = office.taken
    assert address == "ana@brs.example"
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: all@example.org Buy"


def test_what_is_quoted_cannot_end_the_message_and_begin_another(app, office):
    reason = "No.\r\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<all@example.org>\r\nDATA\r\nSubject: x\r\n\r\nBuy"
    put(letter=Letter("Changes are asked for", (Quotation(reason),)))
    assert deliver(app, office.transport()) == 1
    ((address, message),) = office.taken
    assert address == "ana@brs.example"
    assert message["Subject"] == "Changes are asked for"
    assert "> .\n> MAIL FROM:<evil@example.org>" in message.get_body(("plain",)).get_content().replace("\r", "")


def test_a_certificate_that_nobody_vouches_for_is_refused_and_the_letter_waits(app, tmp_path, monkeypatch):
    context, public = certificate(tmp_path)
    with post_office(tls_context=context, require_starttls=True) as office:
        put()
        assert deliver(app, office.transport(tls="starttls")) == 0
        assert office.taken == []
        assert row().state == "queued"
        assert "certificate is not trusted" in row().error
        # The machine's list of authorities is what decides.
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        later(minutes=1)
        assert deliver(app) == 1
        assert office.encrypted == [True]


def test_a_certificate_for_another_name_is_refused(app, tmp_path, monkeypatch):
    context, public = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with post_office(tls_context=context, require_starttls=True) as office:
        put()
        assert deliver(app, Smtp("localhost", office.port)) == 0
        assert "certificate is not trusted" in row().error


def test_a_connection_that_is_encrypted_from_the_first_byte(app, tmp_path, monkeypatch):
    context, public = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with post_office(ssl_context=context) as office:
        put()
        assert deliver(app, office.transport(tls="tls")) == 1


def test_a_server_without_encryption_gets_nothing_where_it_is_wanted(app, office):
    put()
    assert deliver(app, office.transport(tls="starttls")) == 0
    assert office.taken == []
    assert "STARTTLS" in row().error


def test_user_and_password_are_given_to_the_server_and_a_wrong_one_loses_no_letter(app, tmp_path, monkeypatch, caplog):
    context, public = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with post_office(tls_context=context, require_starttls=True, auth=True) as office:
        put()
        wrong = office.transport(tls="starttls", user="calendar", password="open barley")
        assert deliver(app, wrong) == 0
        assert row().state == "queued"
        assert "user or the password" in row().error
        later(minutes=1)
        assert deliver(app, office.transport(tls="starttls", user="calendar", password="open sesame")) == 1
        assert office.signed_in == ["calendar"]
    assert "barley" not in caplog.text + repr(wrong) + row().error


def test_a_server_that_is_down_holds_the_letters_and_gets_them_when_it_is_back(app):
    port = free_port()
    for number in range(3):
        put(f"p{number}@brs.example")
    assert deliver(app, Smtp(HOST, port, tls="none")) == 0
    found = rows()
    assert sorted(each.attempts for each in found) == [0, 0, 1], "one finds out; the others lose no attempt by it"
    assert {each.state for each in found} == {"queued"}
    later(minutes=1)
    with post_office(port) as office:
        assert deliver(app) == 3
        assert {address for address, _message in office.taken} == {f"p{number}@brs.example" for number in range(3)}


def test_what_the_server_refuses_for_now_is_tried_again_and_stops_nobody_else(app, office):
    office.refuse["ana@brs.example"] = ["451 Try again later"]
    put("ana@brs.example")
    put("bo@minamata.example")
    assert deliver(app, office.transport()) == 1
    assert [address for address, _message in office.taken] == ["bo@minamata.example"]
    ana, bo = rows()
    assert (ana.state, bo.state) == ("queued", "sent")
    assert "451 Try again later" in ana.error
    assert deliver(app) == 0, "not at once"
    later(minutes=1)
    assert deliver(app) == 1
    first, second = office.taken[0][1], office.taken[1][1]
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize("where", ["recipient", "content"])
def test_what_the_server_refuses_for_good_is_given_up_and_stops_nobody_else(app, office, where):
    if where == "recipient":
        office.refuse["ana@brs.example"] = ["550 No such person"] * 9
    else:
        office.refuse_data = ["554 We do not like it"]
    put("ana@brs.example")
    put("bo@minamata.example")
    assert deliver(app, office.transport()) == 1
    failed, sent = sorted(rows(), key=lambda each: each.state)
    assert (failed.state, sent.state) == ("failed", "sent")
    assert failed.error.startswith("The mail server answered 55")
    later(days=9)
    assert deliver(app) == 0


def test_a_server_that_ends_the_conversation_gets_the_rest_in_another(app, office):
    office.refuse_data = ["421 Closing, too many messages"]
    put("ana@brs.example")
    put("bo@minamata.example")
    assert deliver(app, office.transport()) == 0
    assert sorted((each.state, each.attempts) for each in rows()) == [("queued", 0), ("queued", 1)]
    later(minutes=1)
    assert deliver(app) == 2


@pytest.mark.parametrize(("able", "state"), [(True, "sent"), (False, "failed")])
def test_an_address_in_letters_of_any_language_goes_to_servers_that_can_take_it(app, able, state):
    with post_office(enable_SMTPUTF8=able) as office:
        put("josé@exämple.org")
        deliver(app, office.transport())
        assert row().state == state
        assert [address for address, _message in office.taken] == (["josé@exämple.org"] if able else [])


def test_many_letters_go_through_one_connection(app, office):
    for number in range(30):
        put(f"p{number}@brs.example")
    began = time.monotonic()
    assert deliver(app, office.transport()) == 30
    print(f"30 letters in {time.monotonic() - began:.2f} s")
    assert len({message["Message-ID"] for _address, message in office.taken}) == 30


def test_nothing_of_a_letter_is_in_the_log(app, office, caplog):
    caplog.set_level(logging.DEBUG)
    office.refuse["ana@brs.example"] = ["451 ana@brs.example later", "550 ana@brs.example never"]
    put(name="Ana")
    deliver(app, office.transport())
    later(minutes=1)
    deliver(app)
    assert row().state == "failed"
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("calendar_app"))
    assert str(row().id) in told
    for secret in ("ana@brs", "confirm", "Confirm", "abc"):
        assert secret not in told


def test_a_folder_gets_a_file_for_each_letter_that_others_cannot_read(app, tmp_path):
    folder = tmp_path / "made" / "outbox"
    put(name="Ana")
    assert deliver(app, Folder(folder)) == 1
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["To"].addresses[0].addr_spec == "ana@brs.example"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert row().state == "sent"


def test_a_letter_that_is_written_again_replaces_its_file(app, tmp_path):
    put()
    with delivery.opened(Folder(tmp_path)) as way:
        message = outbox.message_of(outbox._claimed(db.session(), row()), "calendar@example.org")
        way.send(message)
        way.send(message)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_loses_no_letter(app, tmp_path):
    (tmp_path / "outbox").write_text("a file stands here")
    put()
    assert deliver(app, Folder(tmp_path / "outbox")) == 0
    assert row().state == "queued"
    assert "cannot be written" in row().error
    (tmp_path / "outbox").unlink()
    later(minutes=1)
    assert deliver(app) == 1


def test_half_of_the_recipients_being_invalid_holds_up_nobody(app, office):
    wrong = ["nobody at all", "also.nobody@", *(f"gone{number}@brs.example" for number in range(8))]
    right = [f"p{number}@brs.example" for number in range(10)]
    for number, address in enumerate(itertools.chain.from_iterable(zip(wrong, right, strict=True))):
        put(address, key=f"digest/brs/2026-12/{number}")
    for address in wrong[2:]:
        office.refuse[address].append("550 5.1.1 No such user here")
    assert deliver(app, office.transport()) == 10
    assert sorted(address for address, _message in office.taken) == right
    states = {found.to_email: found.state for found in rows()}
    assert states == dict.fromkeys(right, "sent") | dict.fromkeys(wrong, "failed")
    assert deliver(app) == 0, "nobody is tried again by itself"


def test_a_server_that_is_too_slow_gets_the_letter_later_and_once(app, office, monkeypatch):
    monkeypatch.setattr(delivery, "PATIENCE_SECONDS", 0.3)
    put()
    with socket.create_server((HOST, 0)) as silent:
        assert deliver(app, Smtp(HOST, silent.getsockname()[1], tls="none")) == 0
    assert (row().state, row().attempts) == ("queued", 1)
    assert "out of reach" in row().error
    monkeypatch.undo()
    assert deliver(app, office.transport()) == 0, "not before its time"
    later(minutes=1)
    assert deliver(app) == 1
    assert len(office.taken) == 1


@pytest.mark.parametrize(("failures", "state"), [(1, "sent"), (len(mail.NOTE_WAITS), "sent"), (9, "sending")])
def test_a_busy_database_lets_no_letter_go_out_twice(app, office, monkeypatch, failures, state):
    monkeypatch.setattr(mail, "NOTE_WAITS", tuple(0.01 for _wait in mail.NOTE_WAITS))
    delivered, left = outbox.delivered, iter(range(failures))

    def busy_at_first(*arguments) -> None:
        if next(left, None) is not None:
            message = "database is locked"
            raise OperationalError(message, None, sqlite3.OperationalError(message))
        delivered(*arguments)

    monkeypatch.setattr(outbox, "delivered", busy_at_first)
    put()
    deliver(app, office.transport())
    assert row().state == state
    assert deliver(app) == 0
    assert len(office.taken) == 1
