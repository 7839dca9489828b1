"""While something long is being written, who would write is told so, and nothing that they typed is lost.

SQLite alone: on PostgreSQL they wait for their turn.
"""

from __future__ import annotations

import io
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from calendar_app.extensions import db, transaction
from calendar_app.models import Account, Event, Submission, base
from tests.accounts.conftest import PASSWORD
from tests.conftest import ON_SQLITE
from tests.people import new_account
from tests.submit.conftest import fill_in, opened
from tests.work.filling import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = ON_SQLITE
TITLE = "Training on “POPs” <b>&"


@pytest.fixture
def busy(app, monkeypatch):
    """Let something else write for the length of a block; nobody waits long for it here."""
    monkeypatch.setattr(base, "_WAIT", "busy_timeout = 20")
    app.config["FORM_LEAST_SECONDS"] = 0

    @contextmanager
    def written() -> Iterator[None]:
        db.session.rollback()
        db.engine.dispose()
        other = sqlite3.connect(db.engine.url.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    return written


def test_what_was_typed_into_a_form_is_sent_again_with_a_button(app, client, busy):
    typed = (
        opened(client) | fill_in() | {"title": "Training on “POPs” <b>&", "region": ["Africa", "GRULAC"], "sure": "1"}
    )
    with busy():
        answer = client.post("/submit", data=typed)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    page = answer.get_data(as_text=True)
    assert "The calendar is busy" in page
    assert "What you sent is kept in this page" in page
    fields = fields_of(page, "/submit")
    assert fields["title"] == [TITLE]
    assert fields["region"] == ["Africa", "GRULAC"]
    assert db.session.scalars(select(Submission)).all() == []
    again = client.post("/submit", data=fields)
    assert again.status_code == 303, again.get_data(as_text=True)
    assert [found.form["title"] for found in db.session.scalars(select(Submission))] == [[TITLE]]


def test_a_password_is_written_into_no_page(app, client, busy):
    with transaction() as session:
        session.get(Account, new_account("ana@brs.example", brs="coordinator")).password = hash_password(PASSWORD)
    fields = fields_of(client.get("/sign-in").get_data(as_text=True), "/sign-in")
    with busy():
        answer = client.post("/sign-in", data=fields | {"email": "ana@brs.example", "password": PASSWORD})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert PASSWORD not in page
    assert "Go back to the page before" in page


def test_a_file_is_asked_for_once_more(app, signed_in, busy):
    ana = signed_in("ana@brs.example", brs="coordinator")
    token = fields_of(ana.get("/imports").get_data(as_text=True))["csrf_token"]
    file = (io.BytesIO(b"Meeting,Dates\nWorkshop,3 May 2027\n"), "plans.csv")
    with busy():
        answer = ana.post(
            "/imports",
            data={"csrf_token": token, "organisation": "brs", "file": file},
            content_type="multipart/form-data",
        )
    assert answer.status_code == 503
    assert "Go back to the page before" in answer.get_data(as_text=True)


def test_reading_goes_on(client, busy, add_event):
    add_event(title="Workshop")
    with busy():
        assert "Workshop" in client.get("/").get_data(as_text=True)
        assert client.get("/feeds/all.ics").status_code == 200
    assert db.session.scalars(select(Event)).one()


def test_other_errors_of_the_database_are_ours(app, client, add_event):
    add_event(title="Workshop")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE events RENAME TO lost")
    answer = client.get("/")
    assert answer.status_code == 500
    assert "The calendar is busy" not in answer.get_data(as_text=True)
