"""Delivers what is due in the outbox, one letter after the other."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from calendar_app.extensions import clock, transaction
from calendar_app.mail import delivery
from calendar_app.services import outbox

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from email.message import EmailMessage

    from flask import Flask
    from sqlalchemy.orm import Session

# How long to wait before it is noted again how a letter ended, when the database was busy: what is not noted is sent a
# second time. All attempts together are far shorter than a claim.
NOTE_WAITS = (0.5, 2, 5, 15)
log = logging.getLogger(__name__)


def deliver(app: Flask, stopping: threading.Event) -> int:
    """Send what is due until nothing is left, no mail is taken at present, or `stopping`; return how many went out.

    Each letter has transactions of its own: what happens to one changes nothing for the others.
    """
    sent = 0
    with app.app_context(), delivery.opened(app.config["MAIL_TRANSPORT"]) as way:
        try:
            while not stopping.is_set() and (claimed := _claim()):
                sent += _send(way, claimed, app.config["MAIL_FROM"])
        except delivery.ClosedError as problem:
            log.warning("No mail goes out at present: %s", problem)
        except SQLAlchemyError as problem:
            # Its text would have the letter in it.
            log.warning("The outbox cannot be read or written: %s", type(problem).__name__)
    return sent


def _claim() -> outbox.Claimed | None:
    with transaction(exclusive=False) as session:
        return outbox.claim(session, clock.now())


def _send(way: delivery.Way, claimed: outbox.Claimed, from_email: str) -> bool:
    """Send one letter and note how it ended. Raises `ClosedError` if the others would fare alike."""
    try:
        way.send(_message(claimed, from_email))
    except delivery.PostponedError as problem:
        reason = str(problem)
        _note(lambda session: outbox.postponed(session, claimed, clock.now(), reason))
        log.warning("Letter %s could not be sent at attempt %d.", claimed.id, claimed.attempts)
        if isinstance(problem, delivery.ClosedError):
            raise
        return False
    except delivery.RefusedError as problem:
        reason = str(problem)
        _note(lambda session: outbox.given_up(session, claimed, reason))
        log.warning("Letter %s is given up at attempt %d.", claimed.id, claimed.attempts)
        return False
    _note(lambda session: outbox.delivered(session, claimed, clock.now()))
    return True


def _note(write: Callable[[Session], None]) -> None:
    for wait in (*NOTE_WAITS, None):
        try:
            with transaction(exclusive=False) as session:
                write(session)
        except OperationalError:
            if wait is None:
                raise
            time.sleep(wait)
        else:
            return


def _message(claimed: outbox.Claimed, from_email: str) -> EmailMessage:
    try:
        return outbox.message_of(claimed, from_email)
    except ValueError as problem:
        reason = "The message cannot be written."
        raise delivery.RefusedError(reason) from problem
