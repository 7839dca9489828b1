"""Events that were decided on and wait for their date: on it they become public by themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import events
from calendar_app.services.records import record_of
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.reference import Reference

ACTOR = "calendar"


def publish_due(session: Session, today: date, now: datetime, reference: Reference) -> int:
    """Publish every scheduled event whose date has come; return how many."""
    due = session.scalars(
        select(Event)
        .where(Event.stage == Stage.SCHEDULED, Event.publish_on <= today, Event.merged_into_id.is_(None))
        .options(*events.whole_record())
        .order_by(Event.id)
    ).all()
    for event in due:
        record = record_of(event)
        assert record.publish_on  # noqa: S101 - the query asked for it
        reason = f"Published on the date set for it, {Words().day(record.publish_on)}."
        change = events.Change(ACTOR, now, reason)
        events.change(session, event, replace(record, stage=Stage.PUBLISHED), change, reference)
    return len(due)
