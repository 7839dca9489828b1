"""The weeks of the calendar: which days they have, and where the bars of the events lie.

Pure: spans of days in, weeks with days and bars out. Weeks begin on Monday and have the numbers of ISO 8601.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from calendar_app.planning.dates import ONE_DAY, Span, overlaps
from calendar_app.web.bars import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Bar:
    """An event in one week. `event` is its place in what was given; columns count from 1 (Monday), rows from 1.

    `fits`: the row is one of those that are shown. `begun`: it began in a week before. `goes_on`: it ends in one after.
    """

    event: int
    column: int
    days: int
    row: int
    fits: bool
    begun: bool
    goes_on: bool

    def is_on(self, column: int) -> bool:
        """Tell whether the bar covers a column."""
        return self.column <= column < self.column + self.days


@dataclass(frozen=True, slots=True)
class Day:
    """A day: whether it is in the period that is shown, how many events it has, and how many of them do not fit."""

    date: date
    inside: bool
    events: int
    more: int


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from Monday on, and the bars in the order of their starts."""

    span: Span
    days: tuple[Day, ...]
    bars: tuple[Bar, ...]

    @property
    def number(self) -> int:
        """The number of the week by ISO 8601."""
        return self.span.start.isocalendar().week


def week_of(day: date) -> Span:
    """Return the week, Monday to Sunday, in which a day lies."""
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + WEEK)


def whole_weeks(period: Span) -> Span:
    """Return all days of the weeks that have a day of the period."""
    return Span(week_of(period.start).start, week_of(period.last).end)


def weeks_of(
    spans: Sequence[Span], period: Span, most_rows: int | None = None, below: frozenset[int] = frozenset()
) -> list[Week]:
    """Return the weeks of a period with the bars of the events whose days are `spans`, in any order.

    Events that begin on the same day keep the order given, longer ones first. Rows after `most_rows` do not fit. The
    events `below` lie under all others, so that what does not take place takes no room from what does.
    """
    order = sorted(range(len(spans)), key=lambda event: (spans[event].start, -spans[event].days, event))
    days = whole_weeks(period)
    mondays = [days.start + number * WEEK for number in range(days.days // 7)]
    return [_week(spans, order, Span(monday, monday + WEEK), period, most_rows, below) for monday in mondays]


def _week(
    spans: Sequence[Span], order: list[int], week: Span, period: Span, most_rows: int | None, below: frozenset[int]
) -> Week:
    shown = [event for event in order if overlaps(spans[event], week)]
    cut = [Span(max(spans[event].start, week.start), min(spans[event].end, week.end)) for event in shown]
    columns = [((span.start - week.start).days + 1, (span.end - week.start).days + 1) for span in cut]
    tops = _tops(columns, [event in below for event in shown])
    bars = tuple(
        Bar(
            event=event,
            column=first,
            days=end - first,
            row=top + 1,
            fits=most_rows is None or top < most_rows,
            begun=spans[event].start < week.start,
            goes_on=spans[event].end > week.end,
        )
        for event, (first, end), top in zip(shown, columns, tops, strict=True)
    )
    return Week(week, tuple(_day(week.start + number * ONE_DAY, number + 1, bars, period) for number in range(7)), bars)


def _tops(columns: list[tuple[int, int]], is_below: list[bool]) -> list[int]:
    """Return the row of each bar: first all that are above, then the others under them."""
    rows: dict[int, int] = {}
    height = 0
    for part in (False, True):
        numbers = [number for number, lies_below in enumerate(is_below) if lies_below == part]
        tops, needed = rows_of([(*columns[number], 1) for number in numbers])
        rows |= {number: height + top for number, top in zip(numbers, tops, strict=True)}
        height += needed
    return [rows[number] for number in range(len(columns))]


def _day(day: date, column: int, bars: tuple[Bar, ...], period: Span) -> Day:
    on_it = [bar for bar in bars if bar.is_on(column)]
    inside = period.start <= day < period.end
    return Day(day, inside, len(on_it), sum(not bar.fits for bar in on_it))
