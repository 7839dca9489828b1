"""Dates as this field writes them: half-open spans of days, each with the precision that is really known.

A `Span` is [start, end): `end` is the day after the last day. People are shown inclusive first and last days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)
# Outside these years a date in this calendar is a typing error.
EARLIEST = date(1970, 1, 1)
LATEST = date(2100, 1, 1)


class Precision(StrEnum):
    """How exactly a date is known. `words`: only the original wording, with or without outer bounds."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    WORDS = "words"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The days from `start` up to, not including, `end`. Raises ValueError unless start < end."""

    start: date
    end: date
    # The same as ordinals: rules ask millions of times how far two spans lie apart, and numbers answer sooner.
    first_ordinal: int = field(init=False, repr=False, compare=False)
    end_ordinal: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse an empty or backward span, and number its days."""
        if self.start >= self.end:
            message = f"a span must end after it starts: {self.start} to {self.end}"
            raise ValueError(message)
        object.__setattr__(self, "first_ordinal", self.start.toordinal())
        object.__setattr__(self, "end_ordinal", self.end.toordinal())

    @classmethod
    def inclusive(cls, first: date, last: date) -> Span:
        """Build the span whose last day is `last`."""
        return cls(first, last + ONE_DAY)

    @property
    def last(self) -> date:
        """The last day, inclusive."""
        return self.end - ONE_DAY

    @property
    def days(self) -> int:
        """The number of days, both ends counted."""
        return self.end_ordinal - self.first_ordinal


def overlaps(a: Span, b: Span) -> bool:
    """Tell whether the two spans share at least one day."""
    return a.first_ordinal < b.end_ordinal and b.first_ordinal < a.end_ordinal


def first_of_next_month(day: date) -> date:
    """Return the first day of the month after that of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def first_of_month_back(day: date, months: int) -> date:
    """Return the first day of the month `months` before that of `day`."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def month(year: int, number: int) -> Span:
    """Return the span of one calendar month (`number` 1 to 12)."""
    start = date(year, number, 1)
    return Span(start, first_of_next_month(start))


def problem_of_precision(span: Span, precision: Precision) -> str:
    """Return why `span` cannot have `precision`, or "" if it can.

    Month, quarter and year spans cover whole ones, so that no day is invented; `words` may have any bounds.
    """
    whole_months = span.start.day == 1 and span.end.day == 1
    if precision is Precision.MONTH and not whole_months:
        return "a month begins on its first day and ends on its last"
    if precision is Precision.QUARTER and not (whole_months and span.start.month % 3 == 1 and span.end.month % 3 == 1):
        return "a quarter begins in January, April, July or October and ends on the last day of its third month"
    if precision is Precision.YEAR and not (span.start.timetuple().tm_yday == 1 and span.end.timetuple().tm_yday == 1):
        return "a year runs from 1 January to 31 December"
    return ""
