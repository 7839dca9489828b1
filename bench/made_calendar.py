"""A calendar of any size, made of the packaged one: whole families of real events, moved to other weeks of other years.

Kinds, bodies, regions, audiences, cities, formats, precisions, lengths, organisers, seasons, weekdays and the share of
parts are thus distributed as in the real one; `A_YEAR` is how many there are in a year. Links and names of series are
left out, because copies of one event would be related by them. The same calendar every time.
"""

from __future__ import annotations

import dataclasses
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, insert, inspect, select, table

from calendar_app.models import Base, Event, EventFacet
from calendar_app.planning.dates import Precision, Span, first_of_month_back
from calendar_app.services.events import whole_record
from calendar_app.services.records import apply_record, facets, record_of
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

A_YEAR = 500
# Holidays are known best around this year; 100,000 events go from 1900 to the last one. The tables hold any date.
_MIDDLE, _LAST = 2025, 2099
_SEED = 20250815
_WEEKS_AROUND = 8
_BATCH = 5_000
_MOMENT = datetime(2025, 8, 15, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Template:
    """A real event: its id and whole, its days, and the values of its row and its facets for a copy."""

    event: uuid.UUID
    part_of: uuid.UUID | None
    span: Span
    precision: Precision
    values: dict[str, Any]
    facets: list[tuple[str, str]]


def years(count: int) -> range:
    """Return the years over which so many events are spread."""
    spread = -(-count // A_YEAR)
    last = min(_LAST, _MIDDLE + spread // 2)
    return range(last - spread + 1, last + 1)


def families(session: Session) -> list[list[Template]]:
    """Return the dated events of a calendar as templates, every whole before its parts."""
    found: dict[uuid.UUID, list[Template]] = defaultdict(list)
    whole_of = dict(session.execute(select(Event.id, Event.part_of_id)).tuples().all())
    stored = session.scalars(select(Event).options(*whole_record()).order_by(Event.start, Event.id)).all()
    for event in stored:
        template = _template(event)
        if template:
            outermost = event.id
            while whole := whole_of[outermost]:
                outermost = whole
            found[outermost].append(template)
    return [sorted(family, key=lambda t: _depth(t.event, whole_of)) for family in found.values()]


def _depth(event: uuid.UUID, whole_of: dict[uuid.UUID, uuid.UUID | None]) -> int:
    whole = whole_of[event]
    return 1 + _depth(whole, whole_of) if whole else 0


def _template(event: Event) -> Template | None:
    record = record_of(event)
    if record.span is None:
        return None
    copy = Event(sequence=0, created_at=_MOMENT, last_modified=_MOMENT, status_since=_MOMENT)
    alone = dataclasses.replace(record, series="", links=(), sources=(), part_of=None, date_text="")
    apply_record(copy, alone, reference())
    values = {column.key: getattr(copy, column.key) for column in inspect(Event).column_attrs}
    return Template(event.id, record.part_of, record.span, record.precision, values, facets(alone))


def fill(session: Session, drawn_from: list[list[Template]], count: int) -> None:
    """Write `count` events. What is the same in all copies of an event is made ready for the database once."""
    event, facet = _Plain(session, Event), _Plain(session, EventFacet)
    same = {template.event: event.ready(template.values) for family in drawn_from for template in family}
    rows: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for number, (own, template) in enumerate(drawn(drawn_from, count), 1):
        row = same[template.event] | event.ready(own)
        rows.append(row)
        found += [{"event_id": row["id"], "facet": name, "value": value} for name, value in template.facets]
        if number % _BATCH == 0 or number == count:
            event.write(session, rows)
            facet.write(session, found)
            rows, found = [], []


class _Plain:
    """A table whose values are made ready for the database beforehand."""

    def __init__(self, session: Session, model: type[Base]) -> None:
        dialect = session.get_bind().dialect
        columns = model.__table__.columns
        self._ready = {c.name: c.type.dialect_impl(dialect).bind_processor(dialect) for c in columns}
        self._table = table(model.__tablename__, *(column(c.name) for c in columns))

    def ready(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: ready(value) if (ready := self._ready[name]) else value for name, value in values.items()}

    def write(self, session: Session, rows: list[dict[str, Any]]) -> None:
        session.execute(insert(self._table), rows)


def drawn(drawn_from: list[list[Template]], count: int) -> Iterator[tuple[dict[str, Any], Template]]:
    """Yield what each event has of its own (id, days, whole), and what it is a copy of."""
    chance = random.Random(_SEED)
    spread, number = years(count), 0
    while number < count:
        year = spread[number * len(spread) // count]
        weeks = chance.randint(-_WEEKS_AROUND, _WEEKS_AROUND)
        family = chance.choice(drawn_from)
        first = family[0].span.start.year
        shift = (date(year, 1, 1) - date(first, 1, 1)) // timedelta(weeks=1) + weeks
        ids: dict[uuid.UUID, uuid.UUID] = {}
        for template in family[: count - number]:
            ids[template.event] = uuid.UUID(int=chance.getrandbits(128), version=4)
            span = _moved(template, timedelta(weeks=shift))
            whole = ids.get(template.part_of) if template.part_of else None
            yield {"id": ids[template.event], "start": span.start, "end": span.end, "part_of_id": whole}, template
            number += 1


def _moved(template: Template, shift: timedelta) -> Span:
    """Return the days so much later; whole months and years stay whole."""
    start, end = template.span.start + shift, template.span.end + shift
    months = (
        (template.span.end.year - template.span.start.year) * 12 + template.span.end.month - template.span.start.month
    )
    if template.precision in {Precision.MONTH, Precision.QUARTER}:
        start = first_of_month_back(start, (start.month - 1) % 3 if template.precision is Precision.QUARTER else 0)
    elif template.precision is Precision.YEAR:
        start = date(start.year, 1, 1)
    else:
        return Span(start, end)
    return Span(start, first_of_month_back(start, -months))
