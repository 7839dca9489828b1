"""The list of events as a page shows it: months, with what is not exact in its own place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Status
from calendar_app.services.records import span_of
from calendar_app.web.event_lines import EventLine, Reader, event_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.models import Event


@dataclass(slots=True)
class Month:
    """A section of the list: a month, a longer period in which vague dates lie, or what is under way."""

    heading: str
    anchor: str
    events: list[EventLine] = field(default_factory=list)
    to_be_confirmed: list[EventLine] = field(default_factory=list)


def sections(events: Iterable[Event], reader: Reader, *, now_first: bool) -> tuple[list[Month], list[EventLine]]:
    """Put events, already in order, into sections; return those and the lines of which only words are known.

    With `now_first`, exact events that began before this month and are not over stand under "Under way".
    """
    months: dict[str, Month] = {}
    undated: list[EventLine] = []
    this_month = reader.today.replace(day=1)
    for event in events:
        line = event_line(event, reader)
        span = span_of(event)
        if span is None or event.status == Status.POSTPONED:
            undated.append(line)
        elif line.vague:
            heading = reader.words.period(span, Precision(event.precision))
            section = _section(months, _period_anchor(span), heading)
            # A meeting held in parts has its dates: those of its parts.
            (section.events if line.parts_count else section.to_be_confirmed).append(line)
        elif now_first and span.start < this_month:
            _section(months, "under-way", _("Under way")).events.append(line)
        else:
            _section(months, f"{span.start:%Y-%m}", reader.words.month(span.start)).events.append(line)
    return list(months.values()), undated


def _section(months: dict[str, Month], anchor: str, heading: str) -> Month:
    return months.setdefault(anchor, Month(heading, anchor))


def _period_anchor(span: Span) -> str:
    """Return the month, or first and last month, of a vague span."""
    first, last = f"{span.start:%Y-%m}", f"{span.last:%Y-%m}"
    return first if first == last else f"{first}-to-{last}"
