"""What a coordinator does with an event: publishing, moving, postponing, cancelling, withdrawing, confirming."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calendar_app.models import EventEditor
from calendar_app.planning.vocabulary import OptionState, Stage, Status
from calendar_app.services import events
from calendar_app.services.records import record_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.events import Change
    from calendar_app.services.records import EventRecord
    from calendar_app.services.reference import Reference

# Of what is not public yet, dates are changed like anything else; later moving is an act of its own, with a reason.
DATES_OPEN = frozenset({Stage.DRAFT, Stage.SUBMITTED, Stage.CHANGES_REQUESTED})
# What moving changes of the time; of what is public it changes by moving alone.
WHEN = ("span", "precision", "date_text", "start_time", "end_time", "timezone")
MOVING = (*WHEN, "status", "venue", "city", "country", "latitude", "longitude")
PUBLISHABLE = frozenset(Stage) - {Stage.PUBLISHED}
WITHDRAWABLE = frozenset({Stage.DRAFT, Stage.SCHEDULED, Stage.PUBLISHED})


class NotPossibleError(Exception):
    """The event is not in a state in which this can be done; somebody may have been quicker."""


def publish(session: Session, event: Event, on: date | None, made: Change, reference: Reference) -> None:
    """Publish at once, or `on` a date (the calendar does it then). Raises `NotPossibleError`."""
    if event.stage not in PUBLISHABLE:
        raise NotPossibleError
    stage = Stage.SCHEDULED if on else Stage.PUBLISHED
    events.change(session, event, replace(record_of(event), stage=stage, publish_on=on), made, reference)


def set_stage(session: Session, event: Event, stage: Stage, made: Change, reference: Reference) -> None:
    """Put an event at a stage at which nobody outside sees it; what comes back changed keeps its publication date."""
    record = record_of(event)
    day = record.publish_on if stage is Stage.CHANGES_REQUESTED else None
    events.change(session, event, replace(record, stage=stage, publish_on=day), made, reference)


def move(session: Session, event: Event, record: EventRecord, made: Change, reference: Reference) -> None:
    """Move an event to the dates, hours and place of `record`, as firmly as it says.

    Raises `NotPossibleError` if neither the time nor how firm it is changes, or the time of what is postponed stays.
    """
    old = record_of(event)
    new = replace(old, **{name: getattr(record, name) for name in MOVING})
    if all(getattr(old, name) == getattr(new, name) for name in WHEN):
        if old.status in {new.status, Status.POSTPONED}:
            raise NotPossibleError
    else:
        made = replace(made, action="moved")
    events.change(session, event, new, made, reference)


def set_status(session: Session, event: Event, status: Status, made: Change, reference: Reference) -> None:
    """Postpone or cancel an event, or reinstate one. Raises `NotPossibleError` if it is so already."""
    if event.status == status:
        raise NotPossibleError
    if status is Status.POSTPONED and event.status == Status.CANCELLED:
        raise NotPossibleError
    record = record_of(event)
    record = released(record) if status is Status.CANCELLED else record
    events.change(session, event, replace(record, status=status), made, reference)


def released(record: EventRecord) -> EventRecord:
    """Return the record without dates that are held for the event."""
    options = (replace(o, state=OptionState.RELEASED) if o.state == OptionState.OPEN else o for o in record.options)
    return replace(record, options=tuple(options))


def withdraw(session: Session, event: Event, made: Change, reference: Reference) -> None:
    """Take an event out of the calendar; feeds tell those who had it. Raises `NotPossibleError`."""
    if event.stage not in WITHDRAWABLE:
        raise NotPossibleError
    record = replace(released(record_of(event)), stage=Stage.WITHDRAWN, publish_on=None)
    events.change(session, event, record, made, reference)


def confirm(session: Session, event: Event, made: Change, reference: Reference) -> None:
    """Note that what the calendar says is still right; subscribers notice nothing."""
    now = events.whole_second(made.now)
    record = replace(record_of(event), last_confirmed_at=now, last_confirmed_by=made.actor)
    events.change(session, event, record, replace(made, action="confirmed-as-right"), reference)


def set_editors(session: Session, event: Event, codes: Iterable[str], made: Change, reference: Reference) -> None:
    """Say which other organisations may change what the public sees of an event."""
    old = [editor.organisation_code for editor in event.editors]
    new = sorted(set(codes) - {event.steward_code})
    if old == new:
        return
    stored = {editor.organisation_code: editor for editor in event.editors}
    event.editors = [stored.get(code) or EventEditor(organisation_code=code) for code in new]
    made = replace(made, action="editors")
    events.change(session, event, record_of(event), made, reference, {"editors": (old, new)})
