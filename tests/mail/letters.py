"""Letters in the outbox, for tests that send them."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import mail
from calendar_app.mail.composing import Action, Letter, Paragraph
from calendar_app.models import OutboxMessage
from calendar_app.services import outbox

LETTER = Letter(
    "Confirm your address",
    (Paragraph("We got your event."), Action("Confirm", "https://calendar.example.org/confirm/abc")),
)


def put(
    email: str = "ana@brs.example", letter: Letter = LETTER, *, name: str = "", language: str = "en", key=None
) -> bool:
    with transaction() as session:
        return outbox.queue(session, outbox.Recipient(email, name, language), letter, clock.now(), key=key)


def rows() -> list[OutboxMessage]:
    """All letters, in the order in which they were put in, as they are in the database now."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.to_email)))


def row() -> OutboxMessage:
    (only,) = rows()
    return only


def deliver(app, transport=None) -> int:
    """Run the job once, as the scheduler does."""
    if transport is not None:
        app.config["MAIL_TRANSPORT"] = transport
    return mail.deliver(app, Event())


def later(**distance) -> None:
    """Let time pass."""
    clock.fixed += timedelta(**distance)
