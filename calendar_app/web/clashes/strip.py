"""The strip of days on a clash's page: the weeks of both events, with the weeks before and after.

Pure: days in, weeks with days and bars out. Weeks begin on Monday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from calendar_app.planning.dates import ONE_DAY, Span, overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

WEEK = timedelta(days=7)
# Of an event that lasts longer, or may be anywhere in a longer period, the first and last weeks are shown.
_MOST_WEEKS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """An event in one week: `event` is its place in what was given, `column` counts from 1 (Monday)."""

    event: int
    column: int
    days: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day: how many of the events are on it, and whether the finding speaks of it."""

    date: date
    events: int
    is_meant: bool


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days; `after_gap` says that weeks before it were left out."""

    days: tuple[Day, ...]
    bars: tuple[Bar, ...]
    after_gap: bool


def strip_of(spans: Sequence[Span], meant: Iterable[Span]) -> list[Week]:
    """Return the weeks of events, the weeks around them, and on which days they meet; `meant` are those days."""
    mondays = sorted({monday for span in spans for monday in _mondays(span)})
    days = list(meant)
    weeks = []
    for number, monday in enumerate(mondays):
        week = Span(monday, monday + WEEK)
        weeks.append(
            Week(
                tuple(_day(monday + step * ONE_DAY, spans, days) for step in range(7)),
                tuple(_bar(number, span, week) for number, span in enumerate(spans) if overlaps(span, week)),
                after_gap=number > 0 and mondays[number - 1] + WEEK < monday,
            )
        )
    return weeks


def _mondays(span: Span) -> list[date]:
    """Return the Mondays of the weeks of an event, of the week before and of the week after."""
    first = span.start - timedelta(days=span.start.weekday()) - WEEK
    last = span.last - timedelta(days=span.last.weekday()) + WEEK
    every = [first + number * WEEK for number in range((last - first).days // 7 + 1)]
    return every if len(every) <= _MOST_WEEKS + 2 else [*every[: _MOST_WEEKS // 2 + 1], *every[-_MOST_WEEKS // 2 - 1 :]]


def _day(day: date, spans: Sequence[Span], meant: Sequence[Span]) -> Day:
    return Day(
        day,
        sum(span.start <= day < span.end for span in spans),
        any(span.start <= day < span.end for span in meant),
    )


def _bar(number: int, span: Span, week: Span) -> Bar:
    start, end = max(span.start, week.start), min(span.end, week.end)
    return Bar(number, (start - week.start).days + 1, (end - start).days)
