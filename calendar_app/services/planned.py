"""What the planner draws: events as plain values, read without loading whole records, so that thousands are quick."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Text, cast, select

from calendar_app.models import DateOption, Event
from calendar_app.planning.dates import ONE_DAY, Precision, Span
from calendar_app.planning.vocabulary import OptionState
from calendar_app.services.calendar import Viewer, matching, visible_to
from calendar_app.services.records import in_language

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from calendar_app.services.filters import EventFilter

# Lists as their JSON text: there are few different ones, and each is read once.
_COLUMNS = (
    Event.id, Event.titles, Event.short_title, cast(Event.processes, Text), Event.kind, Event.start, Event.end,
    Event.precision, Event.date_text, Event.status, Event.city, Event.city_slug, Event.country, Event.format,
    cast(Event.regions, Text), Event.part_of_id, Event.stage,
)  # fmt: skip


class Planned(NamedTuple):
    """An event as the planner draws it: `id` and `part_of` as in addresses, `span` None where only words are known."""

    id: str
    title: str
    title_language: str
    short_title: str
    processes: tuple[str, ...]
    kind: str
    span: Span | None
    is_vague: bool
    precision: Precision
    date_text: str
    status: str
    city: str
    city_slug: str
    country: str
    format: str
    regions: tuple[str, ...]
    part_of: str
    stage: str


@dataclass(frozen=True, slots=True)
class OpenOption:
    """Days that are considered, or held until `held_until`, for a meeting that is not fixed yet."""

    event: Planned
    span: Span
    city: str
    held_until: date | None


def planned_events(
    session: Session, viewer: Viewer, wanted: EventFilter, days: Span, language: str
) -> tuple[list[Planned], list[Planned]]:
    """Return the events that touch `days`, in order of start, longest first, and those of which only words are known.

    The days that the filter itself names are not looked at. Titles come in `language` where they exist in it.
    """
    dated = replace(wanted, first=days.start, last=days.last)
    anywhere = replace(wanted, first=None, last=None)
    order = (Event.start, Event.end.desc(), Event.id)
    rows = session.execute(select(*_COLUMNS).where(visible_to(viewer), matching(dated)).order_by(*order))
    found = [_planned(row, language) for row in rows]
    query = select(*_COLUMNS).where(visible_to(viewer), matching(anywhere), Event.start.is_(None))
    undated = [_planned(row, language) for row in session.execute(query.order_by(Event.created_at, Event.id))]
    return found, undated


def open_options(session: Session, viewer: Viewer, wanted: EventFilter, days: Span, language: str) -> list[OpenOption]:
    """Return the candidate dates still open that touch `days`. Only member organisations see how others plan."""
    if not viewer.organisations and not viewer.sees_everything:
        return []
    query = (
        select(DateOption.first_day, DateOption.last_day, DateOption.city, DateOption.held_until, *_COLUMNS)
        .join(Event, Event.id == DateOption.event_id)
        .where(
            visible_to(viewer),
            matching(replace(wanted, first=None, last=None)),
            DateOption.state == OptionState.OPEN,
            DateOption.first_day < days.end,
            DateOption.last_day >= days.start,
        )
        .order_by(DateOption.first_day, DateOption.last_day, DateOption.id)
    )
    return [
        OpenOption(_planned(row[4:], language), Span(row[0], row[1] + ONE_DAY), row[2], row[3])
        for row in session.execute(query)
    ]


def _planned(row: Sequence[Any], language: str) -> Planned:
    (
        event_id, titles, short_title, processes, kind, start, end, precision,
        date_text, status, city, city_slug, country, format_, regions, part_of, stage,
    ) = row  # fmt: skip
    title, title_language = in_language(titles, language)
    if title_language != "en":
        short_title = ""  # short titles are English
    precision = Precision(precision)
    return Planned(
        str(event_id), title, title_language, short_title, _list(processes), kind, _span(start, end) if start else None,
        precision is not Precision.DAY, precision, date_text, status, city, city_slug, country, format_,
        _list(regions), str(part_of) if part_of else "", stage,
    )  # fmt: skip


_span = lru_cache(maxsize=8192)(Span)


@lru_cache(maxsize=1024)
def _list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
