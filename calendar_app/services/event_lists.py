"""The lists of events: what is coming and what is past, a page of them or all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, select, true
from sqlalchemy.orm import joinedload

from calendar_app.models import Event
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Status
from calendar_app.services.calendar import matching, visible_to

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session
    from sqlalchemy.sql.base import ExecutableOption

    from calendar_app.services.calendar import Viewer
    from calendar_app.services.filters import EventFilter


@dataclass(frozen=True, slots=True)
class Page:
    """A page of events in order, how many the whole list has, and how many lie after and before today."""

    events: list[Event]
    total: int
    coming: int
    past: int
    number: int
    last_number: int


def page_of_events(
    session: Session, viewer: Viewer, wanted: EventFilter, *, today: date, past: bool, number: int, size: int = 100
) -> Page:
    """Return page `number` (from 1) of coming events, earliest first, or of past events, latest first.

    Events of which only words are known count as coming. If the filter names a first day, that replaces today.
    """
    condition, is_past = and_(visible_to(viewer), matching(wanted)), _is_past(today)
    in_view = _in_view(wanted, today, past=past)
    row = session.execute(
        select(
            func.count(case((in_view, 1))),
            func.count(case((is_past, 1))),
            func.count(case((is_past.is_not(True), 1))),
        ).where(condition)
    ).one()
    total, before, after = row
    last_number = max(1, -(-total // size))
    order = _by_date(descending=past)
    events = session.scalars(
        select(Event)
        .where(condition, in_view)
        .options(joinedload(Event.whole))
        .order_by(*order)
        .limit(size)
        .offset((number - 1) * size)
    ).all()
    return Page(list(events), total, after, before, number, last_number)


def all_listed(
    viewer: Viewer, wanted: EventFilter, *, today: date, past: bool, options: list[ExecutableOption]
) -> Select[tuple[Event]]:
    """Return the query for all events of the same list, in the same order."""
    listed = select(Event).where(visible_to(viewer), matching(wanted), _in_view(wanted, today, past=past))
    return listed.options(joinedload(Event.whole), *options).order_by(*_by_date(descending=past))


def _is_past(today: date) -> ColumnElement[bool]:
    # A postponed meeting is still to come, whatever its old days.
    return and_(Event.end <= today, Event.status != Status.POSTPONED)


def _in_view(wanted: EventFilter, today: date, *, past: bool) -> ColumnElement[bool]:
    return _is_past(today) if past else (true() if wanted.first else _is_past(today).is_not(True))


def _by_date(*, descending: bool) -> tuple[Any, ...]:
    """Order by first day; what is vague comes at the end of its period, because it may be as late as that.

    Where both fall on one day the vague one is first: its period ended the day before. Without any date: last.
    """
    vague = Event.precision != Precision.DAY
    day = case((vague, Event.end), else_=Event.start)
    if descending:
        return (day.desc(), vague, Event.end.desc(), Event.id)
    return (Event.start.is_(None), day, vague.desc(), Event.end, Event.id)
