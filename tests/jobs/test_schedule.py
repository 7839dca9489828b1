"""The scheduler process: only the leader works, and a stop is quick whatever the mail server does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
import uuid
from functools import partial

from calendar_app.extensions import db, transaction
from calendar_app.factory import ROOT
from calendar_app.jobs import mail, schedule
from calendar_app.models import OutboxMessage
from calendar_app.services import lease, outbox
from tests.mail.letters import LETTER, put, rows
from tests.mail.servers import post_office
from tests.serving import FLASK


def test_only_the_process_that_leads_works(app):
    put()
    with transaction() as session:
        assert lease.take_lease(session, "another")
    with post_office() as office:
        app.config["MAIL_TRANSPORT"] = office.transport()
        going_on = threading.Event()
        deliver = partial(mail.deliver, app, going_on)
        schedule.work(app, "ours", going_on, deliver)
        assert office.taken == []
        with transaction() as session:
            lease.give_up_lease(session, "another")
        schedule.work(app, "ours", going_on, deliver)
        assert len(office.taken) == 1


def test_nothing_is_begun_after_a_stop(app):
    put()
    stopping = threading.Event()
    stopping.set()
    with post_office() as office:
        app.config["MAIL_TRANSPORT"] = office.transport()
        schedule.work(app, "ours", stopping, partial(mail.deliver, app, threading.Event()))
    assert office.taken == []


def test_mail_of_the_start_and_mail_of_each_moment_are_not_under_way_together(app, monkeypatch):
    """A process that is killed shall have one letter on its way at most."""
    under_way, most = [], []

    def slow_delivery(_app, _stopping) -> None:
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(0.3)
        under_way.pop()
        if len(most) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(mail, "deliver", slow_delivery)
    monkeypatch.setattr(schedule, "MAIL_SECONDS", 0.1)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    # If it never comes to that the test ends all the same.
    late = threading.Timer(25, os.kill, [os.getpid(), signal.SIGTERM])
    late.start()
    try:
        schedule.run(app)
    finally:
        late.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
    assert len(most) >= 3
    assert set(most) == {1}


def environment(url: str, **settings: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "DATABASE_URL": url, "SECRET_KEY": "x" * 40, **settings}


def wait_until(true, seconds: float = 25) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def sent() -> int:
    db.session.rollback()
    return db.session.query(OutboxMessage).filter_by(state="sent").count()


def test_a_stop_does_not_wait_for_thousands_of_letters(app, databases, tmp_path):
    with transaction() as session:
        for number in range(3000):
            recipient = outbox.Recipient(f"p{number}@brs.example")
            outbox.queue(session, recipient, LETTER, lease.database_now(session))
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    folder = tmp_path / "outbox"
    with subprocess.Popen([FLASK, "scheduler"], cwd=ROOT, env=environment(url, MAIL_URL=f"file:{folder}")) as scheduler:
        wait_until(lambda: sent() > 20)
        began = time.monotonic()
        scheduler.send_signal(signal.SIGTERM)
        assert scheduler.wait(10) == 0
        took = time.monotonic() - began
    print(f"stopped in {took:.2f} s")
    assert took < 5
    states = {found.state for found in rows()}
    assert states == {"sent", "queued"}, "none was left half sent"
    assert len(list(folder.glob("*.eml"))) == sent() < 3000


def test_a_stop_does_not_wait_for_a_mail_server_that_says_nothing(app):
    with transaction() as session:
        outbox.queue(session, outbox.Recipient("ana@brs.example"), LETTER, lease.database_now(session))
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mail_url = f"smtp://127.0.0.1:{silent.getsockname()[1]}?tls=none"
        with subprocess.Popen([FLASK, "scheduler"], cwd=ROOT, env=environment(url, MAIL_URL=mail_url)) as scheduler:
            silent.settimeout(25)
            connection, _address = silent.accept()
            with connection:
                began = time.monotonic()
                scheduler.send_signal(signal.SIGTERM)
                assert scheduler.wait(10) == 0
                assert time.monotonic() - began < 5
    (found,) = rows()
    assert (found.state, found.attempts) == ("sending", 1), "claimed: it goes out when the claim has run out"
    with transaction() as session:
        assert lease.take_lease(session, uuid.uuid4().hex), "the next one leads at once"
