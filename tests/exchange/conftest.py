"""A round before December 2026, open from Friday 20 November to the 27th, and an address at each of two members."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Event as Signal
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import month as job
from calendar_app.models import Cycle, DigestRecipient, Event, OutboxMessage, Revision
from calendar_app.services import events, month
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference

DECEMBER = date(2026, 12, 1)
BRS, MINAMATA = "lists@brs.example", "lists@minamata.example"


def at(text: str) -> None:
    """Let it be this moment, in UTC."""
    clock.fixed = datetime.fromisoformat(text).replace(tzinfo=UTC)


def work(app, text: str = "") -> None:
    """Let the scheduler do what is due, at a moment if one is given."""
    if text:
        at(text)
    job.run(app, Signal())
    db.session.rollback()
    db.session.expire_all()


def letters(email: str = "") -> list[OutboxMessage]:
    """The letters to an address, or all, in order."""
    db.session.rollback()
    found = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.key)).all()
    return [letter for letter in found if not email or letter.to_email == email]


def link_in(letter: OutboxMessage) -> str:
    """The path of the page that a letter leads to."""
    return urlsplit(re.search(r"https?://\S+/round/\S+", letter.text)[0]).path


def event(event_id) -> Event:
    """An event as it is in the database now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Event, event_id)


def revisions(event_id) -> list[Revision]:
    """The recorded changes of an event, in order."""
    db.session.rollback()
    return list(db.session.scalars(select(Revision).where(Revision.event_id == event_id).order_by(Revision.id)))


def change(event_id, **values) -> None:
    """Somebody changes an event in the calendar."""
    with transaction() as session:
        found = session.get_one(Event, event_id)
        events.change(
            session, found, replace(record_of(found), **values), events.Change("test", clock.now()), reference()
        )


@pytest.fixture
def cycle(app):
    """The cycle as it comes, as kept since some days; one address at brs and one at minamata."""
    at("2026-11-19T09:00:00")
    with transaction() as session:
        for code, email, name in (("brs", BRS, "Bo"), ("minamata", MINAMATA, "")):
            session.add(DigestRecipient(organisation_code=code, kind="mailbox", email=email, name=name, language="en"))
        session.add(
            Cycle(
                id=1, convener_code=month.CONVENER, opens_day=20, closes_day=27, reminds_days=2,
                since=datetime(2026, 11, 15, tzinfo=UTC),
            )
        )  # fmt: skip


@pytest.fixture
def opened(app, cycle):
    """The same with the round opened: the letters are out."""
    work(app, "2026-11-20T06:00:00")


@pytest.fixture
def link(app, opened):
    """Make the link of a letter, once the round is open."""
    return lambda email=BRS: link_in(next(letter for letter in letters(email) if "/round/" in letter.text))
