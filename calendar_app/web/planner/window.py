"""Which months the planner shows, and its heads: quarters, months and weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from babel.dates import format_date, format_skeleton

from calendar_app.planning.dates import EARLIEST, LATEST, Span, first_of_month_back
from calendar_app.services.filters import FilterError, Problem
from calendar_app.web.planner.lanes import LETTER_PIXELS, TRACK_PIXELS
from calendar_app.web.planner.places import place

if TYPE_CHECKING:
    from calendar_app.services.filters import EventFilter
    from calendar_app.services.wording import Words

FEWEST, USUAL, MOST = 3, 12, 30
ZOOMS = (3, 6, 12, 18, 24, 30)
# Beyond so many months a week is too narrow for a number.
MONTHS_WITH_WEEK_NUMBERS = 12
_LONG_MONTH_NAMES, _SHORT_MONTH_NAMES = 6, 18
# Single letters say nothing in Arabic; numbers do.
_NARROW_MONTH_NAMES = {"ar": "L"}


@dataclass(frozen=True)
class Window:
    """The months shown: the first day of the first one, and how many there are."""

    first: date
    months: int

    @cached_property
    def span(self) -> Span:
        """The days from the first of the first month to the last of the last."""
        return Span(self.first, first_of_month_back(self.first, -self.months))

    @property
    def last_month(self) -> date:
        """The first day of the last month."""
        return first_of_month_back(self.first, 1 - self.months)

    def moved(self, months: int) -> Window | None:
        """Return the window so many months later, None where no date of this calendar can lie."""
        index = self.first.year * 12 + self.first.month - 1 + months
        if not EARLIEST.year * 12 <= index < LATEST.year * 12:
            return None
        return Window(date(index // 12, index % 12 + 1, 1), self.months)

    def clipped(self, span: Span) -> tuple[int, int] | None:
        """Return the days of `span` that are shown, as half-open numbers of days from the first; None if none is."""
        lead, days = self._numbers
        start, end = span.start.toordinal() - lead, span.end.toordinal() - lead
        if end <= 0 or days <= start:
            return None
        return max(start, 0), min(end, days)

    @cached_property
    def _numbers(self) -> tuple[int, int]:
        """The number of the first day in the calendar of all days, and how many days there are."""
        return self.first.toordinal(), self.span.days


def window_of(wanted: EventFilter, months: list[str], today: date) -> Window:
    """Return the window that an address asks for: `from` and `months`, or `from` and `to`, or what is usual.

    A `to` without `months` is the last month shown. Raises `FilterError` for a number of months that is not possible.
    """
    given = months[0] if months else ""
    if len(months) > 1:
        raise FilterError([Problem("repeated", "months")])
    if given and wanted.last:
        raise FilterError([Problem("either-or", "months", "to")])
    if given:
        if not given.isascii() or not given.isdigit() or len(given) > 3 or not FEWEST <= int(given) <= MOST:  # noqa: PLR2004
            valid = tuple(str(number) for number in range(FEWEST, MOST + 1))
            raise FilterError([Problem("unknown-value", "months", given[:40], valid)])
        number = int(given)
    elif wanted.last:
        first = wanted.first or max(EARLIEST, first_of_month_back(wanted.last, USUAL - 1))
        number = max(FEWEST, (wanted.last.year - first.year) * 12 + wanted.last.month - first.month + 1)
        if number > MOST:
            raise FilterError([Problem("too-long-span", "to", wanted.last_text)])
        return Window(first.replace(day=1), number)
    else:
        number = USUAL
    return Window((wanted.first or today).replace(day=1), number)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: its words, where it stands, and the address behind it."""

    label: str
    place: str
    url: str = ""
    title: str = ""


def quarter_heads(window: Window, words: Words) -> list[Head]:
    """Return the quarters, cut at the window's ends."""
    heads = []
    first = window.first
    while first < window.span.end:
        after = first_of_month_back(first, -(3 - (first.month - 1) % 3))
        start, end = window.clipped(Span(first, after)) or (0, 0)
        room = (end - start) * TRACK_PIXELS // window.span.days // LETTER_PIXELS
        labels = (format_skeleton("yQQQ", first, locale=words.locale), str(first.year), "")
        heads.append(Head(next(label for label in labels if len(label) < room or not label), place(start, end)))
        first = after
    return heads


def month_heads(window: Window, words: Words, path: str, wanted: EventFilter) -> list[Head]:
    """Return the months, each with the address of the calendar's page for it, with the same filter."""
    heads = []
    first = window.first
    other = wanted.without_days()
    for _ in range(window.months):
        after = first_of_month_back(first, -1)
        start, end = window.clipped(Span(first, after)) or (0, 0)
        form = "LLLL" if window.months <= _LONG_MONTH_NAMES else "LLL"
        if window.months > _SHORT_MONTH_NAMES:
            form = _NARROW_MONTH_NAMES.get(words.language, "LLLLL")
        url = path + other.query(first_text=f"{first:%Y-%m}") if first < LATEST else ""
        heads.append(Head(format_date(first, form, words.locale), place(start, end), url, words.month(first)))
        first = after
    return heads


def mondays(window: Window) -> list[tuple[date, int, int]]:
    """Return each week that the window touches: its Monday and its days in the window, as numbers of days."""
    monday = window.first - timedelta(days=window.first.weekday())
    weeks = []
    while monday < window.span.end:
        after = monday + timedelta(days=7)
        start, end = window.clipped(Span(monday, after)) or (0, 0)
        weeks.append((monday, start, end))
        monday = after
    return weeks


def week_heads(window: Window) -> list[Head]:
    """Return the weeks with the day of the month of their Monday, without numbers where there is no room for them."""
    numbered = window.months <= MONTHS_WITH_WEEK_NUMBERS
    return [
        Head(str(monday.day) if numbered and end - start > 3 else "", place(start, end))  # noqa: PLR2004 - half a week
        for monday, start, end in mondays(window)
    ]
