"""The list that somebody looks at, as a sheet: the columns of the calendar, as far as they may see them.

What is read back by the import changes nothing: a column that is left out leaves events as they are, an empty cell
would clear a value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.services.calendar import visible_to
from calendar_app.services.columns import COLUMNS, write_row
from calendar_app.services.event_lists import all_listed
from calendar_app.services.events import whole_record
from calendar_app.services.records import INTERNAL_FIELDS, EventRecord, record_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer
    from calendar_app.services.filters import EventFilter
    from calendar_app.services.reference import Reference

AT_ONCE = 200
# What the steward alone knows of an event, and what is of no use to anybody but another installation.
_STEWARDS = INTERNAL_FIELDS | {"publish_on", "last_confirmed_by"}
_BOOKKEEPING = frozenset({"merged_into", "hidden_since", "last_public_start", "last_public_end"})
_EMPTY = EventRecord()


def columns_for(session: Session, viewer: Viewer, wanted: EventFilter, *, today: date, past: bool) -> list[str]:
    """Return the columns of an export: those of the steward alone only if all its events are the reader's own."""
    listed = all_listed(viewer, wanted, today=today, past=past, options=[]).with_only_columns(Event.id)
    others = listed.where(Event.steward_code.not_in(viewer.organisations)).order_by(None).limit(1)
    all_own = bool(viewer.organisations) and session.scalar(others) is None
    left_out = _BOOKKEEPING if all_own else _BOOKKEEPING | _STEWARDS
    return [column for column in COLUMNS if column not in left_out]


def rows(
    session: Session, viewer: Viewer, wanted: EventFilter, facts: Reference, *, today: date, past: bool
) -> Iterator[dict[str, str]]:
    """Yield the events of a list as rows of all columns, without what `viewer` may not see."""
    seen = set(session.scalars(select(Event.id).where(visible_to(viewer))))
    query = all_listed(viewer, wanted, today=today, past=past, options=whole_record())
    for event in session.scalars(query.execution_options(yield_per=AT_ONCE)):
        record = record_of(event)
        if event.steward_code not in viewer.organisations:
            record = replace(record, **{name: getattr(_EMPTY, name) for name in _STEWARDS})
        links = tuple(link for link in record.links if link.other in seen)
        part_of = record.part_of if record.part_of in seen else None
        yield write_row(event, replace(record, links=links, part_of=part_of), facts)
