"""What the tests of the daily work look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import Event, OutboxMessage, Revision

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable


@pytest.fixture
def stored(app) -> Callable[[uuid.UUID], Event]:
    """An event as it is in the database now."""

    def read(event_id: uuid.UUID) -> Event:
        db.session.rollback()
        return db.session.get(Event, event_id)

    return read


@pytest.fixture
def revisions(app) -> Callable[[uuid.UUID], list[Revision]]:
    """The revisions of an event, in order."""

    def read(event_id: uuid.UUID) -> list[Revision]:
        db.session.rollback()
        return list(db.session.scalars(select(Revision).where(Revision.event_id == event_id).order_by(Revision.id)))

    return read


@pytest.fixture
def letters(app) -> Callable[[str], list[OutboxMessage]]:
    """The letters queued to an address, in order."""

    def read(email: str) -> list[OutboxMessage]:
        db.session.rollback()
        query = select(OutboxMessage).where(OutboxMessage.to_email == email)
        return list(db.session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.subject)))

    return read
