"""Does what the month brings: rounds, digests and the public mail, each step once, as a whole, in a transaction."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from calendar_app.extensions import clock, mail_links, transaction
from calendar_app.services import digests, exchange_rounds, month, public_mail
from calendar_app.services.calendar import calendar_version
from calendar_app.services.reference import using
from calendar_app.services.reference_entries import lists_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import TypeAlias

    from flask import Flask
    from sqlalchemy.orm import Session

    from calendar_app.services.mail_links import MailLinks
    from calendar_app.services.month import Step

    # What a step does: everything it brings, but no commit.
    Doing: TypeAlias = Callable[[Session, Step, datetime, MailLinks], None]

log = logging.getLogger(__name__)

# Each is given the moment in the time zone of the calendar: its day is today's.
ACTIONS: Mapping[str, Doing] = {
    month.OPENS: exchange_rounds.opens,
    month.REMINDS: exchange_rounds.reminds,
    month.CLOSES: exchange_rounds.closes,
    month.DIGEST: digests.send_due,
    month.WEEKLY: digests.send_due,
    month.PUBLIC_MAIL: public_mail.send_due,
}


def run(app: Flask, stopping: threading.Event) -> int:
    """Do all steps that are due, the oldest first, until `stopping`; return how many. One that fails stops no other."""
    done = 0
    with app.app_context():
        try:
            # Nobody has to wait for it, nor are findings looked at: it changes no event.
            with transaction(exclusive=False) as session, using(lists_of(session, calendar_version(session))):
                month.plan(session, clock.now(), clock.zone)
            while not stopping.is_set() and (step := _next()):
                done += _do(step)
        except SQLAlchemyError as problem:
            # Its text may have letters in it.
            log.warning("What the month brings cannot be read or written: %s", type(problem).__name__)
    return done


def _next() -> Step | None:
    with transaction(exclusive=False) as session:
        return month.next_due(session, clock.now())


def _do(step: Step) -> bool:
    """Do one step as a whole; if it fails nothing of it is written, and it is tried again later."""
    now = clock.now().astimezone(clock.zone)
    try:
        with transaction() as session:
            if not month.take(session, step, now):
                return False
            ACTIONS[step.action](session, step, now, mail_links())
    except Exception as problem:
        log.warning("Step %s failed and is tried again: %s", step.key, type(problem).__name__, exc_info=_told(problem))
        with transaction(exclusive=False) as session:
            month.failed(session, step, now, f"{type(problem).__name__}")
        return False
    return True


def _told(problem: Exception) -> Exception | None:
    """Return what the log may tell: an error of the database has letters in its text."""
    return None if isinstance(problem, SQLAlchemyError) else problem
