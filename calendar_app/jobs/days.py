"""What the passing of days brings: events that become public, holds that end, reminders, and what is forgotten."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from calendar_app.extensions import clock, mail_links, transaction
from calendar_app.services import holds, preparation_reminders, public_mail, publishing, review_actions
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)


def publish(app: Flask) -> None:
    """Publish the events whose date has come."""
    _do(app, lambda session: publishing.publish_due(session, clock.today(), clock.now(), reference()))


def release(app: Flask) -> None:
    """Release the dates that were held long enough."""
    _do(app, lambda session: holds.release_expired(session, clock.today(), clock.now(), reference()))


def remind(app: Flask) -> None:
    """Remind of the dates whose hold ends soon."""
    _do(app, lambda session: holds.remind(session, clock.today(), clock.now(), _address(app)))


def forget(app: Flask) -> None:
    """Delete what was asked for the monthly mail and never confirmed, and what was ended."""
    _do(app, lambda session: public_mail.forget(session, clock.now()))


def remind_owners(app: Flask) -> None:
    """Remind those who look after milestones and coordination slots of what is due or late."""
    _do(app, lambda session: preparation_reminders.remind(session, clock.today(), clock.now(), _event_address(app)))


def remind_of_actions(app: Flask) -> None:
    """Remind those who look after actions of the coordination review of what is due soon or late."""
    _do(app, lambda session: review_actions.remind(session, clock.today(), clock.now(), mail_links()))


def _do(app: Flask, step: Callable[[Session], int]) -> None:
    """Do a step as a whole or not at all; doing it again changes nothing."""
    try:
        with app.app_context(), transaction() as session:
            step(session)
    except SQLAlchemyError as problem:
        # Its text may have letters in it.
        log.warning("What the day brings could not be written: %s", type(problem).__name__)


def _address(app: Flask) -> Callable[[uuid.UUID], str]:
    """Return how the full address of an event's candidate dates is made."""
    start = app.config["PUBLIC_URL"]
    return lambda event_id: f"{start}/events/{event_id}/options"


def _event_address(app: Flask) -> Callable[[uuid.UUID], str]:
    """Return how the full address of an event's page is made."""
    start = app.config["PUBLIC_URL"]
    return lambda event_id: f"{start}/events/{event_id}"
