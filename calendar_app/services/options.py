"""Candidate dates of a meeting that is not fixed yet: adding, holding, choosing one, releasing the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import OptionState, Stage, Status
from calendar_app.services import events
from calendar_app.services.event_work import NotPossibleError
from calendar_app.services.records import Option, record_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.events import Change
    from calendar_app.services.records import EventRecord
    from calendar_app.services.reference import Reference

HOLD = timedelta(days=30)
MOST = 20
GIVEN_UP = frozenset({Stage.REJECTED, Stage.WITHDRAWN})


def add(session: Session, event: Event, option: Option, made: Change, reference: Reference) -> None:
    """Add a candidate date. Raises `NotPossibleError` if it is there already or there are too many."""
    record = record_of(event)
    days = {(o.first_day, o.last_day, o.city) for o in record.options if o.state == OptionState.OPEN}
    if (option.first_day, option.last_day, option.city) in days or len(record.options) >= MOST:
        raise NotPossibleError
    events.change(session, event, replace(record, options=(*record.options, option)), made, reference)


def remove(session: Session, event: Event, number: int, made: Change, reference: Reference) -> None:
    """Take a candidate date away, as if it had never been there. Raises `NotPossibleError`."""
    record = record_of(event)
    _at(record.options, number)
    options = tuple(option for position, option in enumerate(record.options) if position != number)
    events.change(session, event, replace(record, options=options), made, reference)


def release(session: Session, event: Event, number: int, made: Change, reference: Reference) -> None:
    """Give a candidate date free; it stays in the list as released. Raises `NotPossibleError`."""
    record = record_of(event)
    option = _open_at(record.options, number)
    options = tuple(replace(o, state=OptionState.RELEASED) if o is option else o for o in record.options)
    events.change(session, event, replace(record, options=options), made, reference)


def hold(session: Session, event: Event, number: int, until: date, made: Change, reference: Reference) -> None:
    """Hold a candidate date until another day. Raises `NotPossibleError`."""
    record = record_of(event)
    option = _open_at(record.options, number)
    options = tuple(replace(o, held_until=until) if o is option else o for o in record.options)
    events.change(session, event, replace(record, options=options), made, reference)


def choose(session: Session, event: Event, number: int, made: Change, reference: Reference) -> None:
    """Make a candidate date the dates of the event, and release the others.

    Raises `NotPossibleError`, also for an event that is cancelled or given up: it has to be reinstated first.
    """
    record = record_of(event)
    if record.status is Status.CANCELLED or record.stage in GIVEN_UP:
        raise NotPossibleError
    chosen = _open_at(record.options, number)

    def decided(option: Option) -> Option:
        if option is chosen:
            return replace(option, state=OptionState.CHOSEN, held_until=None)
        return replace(option, state=OptionState.RELEASED) if option.state == OptionState.OPEN else option

    values: dict[str, Any] = {"options": tuple(decided(option) for option in record.options)}
    values |= {"span": Span.inclusive(chosen.first_day, chosen.last_day), "precision": Precision.DAY, "date_text": ""}
    if record.status is Status.POSTPONED:
        values["status"] = Status.TENTATIVE
    if chosen.city and chosen.city != record.city:
        values |= _place(chosen.city, record, reference)
    events.change(session, event, replace(record, **values), replace(made, action="moved"), reference)


def _place(name: str, record: EventRecord, reference: Reference) -> dict[str, Any]:
    """Return the place of another city. Hours stay what they are on its clocks, if it is known where these are."""
    slug = reference.find("city", name)
    city = reference.cities[slug] if slug else None
    place = {"city": city.name if city else name, "country": city.country if city else ""}
    if city is None:
        place |= {"start_time": "", "end_time": "", "timezone": ""}
    elif record.timezone:
        place["timezone"] = city.timezone
    return place | {"venue": "", "latitude": None, "longitude": None}


def _at(options: tuple[Option, ...], number: int) -> Option:
    if not 0 <= number < len(options):
        raise NotPossibleError
    return options[number]


def _open_at(options: tuple[Option, ...], number: int) -> Option:
    option = _at(options, number)
    if option.state != OptionState.OPEN:
        raise NotPossibleError
    return option
