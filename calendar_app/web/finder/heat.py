"""The heat map of start days: a small table for each month, a cell for each day on which the meeting could start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from babel.dates import get_day_names
from flask_babel import gettext as _

from calendar_app.planning.dates import ONE_DAY, Span, first_of_next_month, overlaps
from calendar_app.planning.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from calendar_app.planning.finder import Window
    from calendar_app.services.wording import Words

# From the best to the worst, each with a sign, so that colour says nothing alone.
GAIN, FREE = "gain", "free"
SIGNS = {GAIN: "+", FREE: "○", "minor": "▽", "major": "▲", "critical": "■"}
_FRIDAY = 4
# Why a meeting does not start on a day, with signs too.
WEEKEND, AVOIDED, NOT_ASKED = "weekend", "avoided", "not-asked"
REASONS = {WEEKEND: "↔", AVOIDED: "✕", NOT_ASKED: ""}


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a month; `level` is "" where the meeting cannot start, and `said` why. `is_chosen`: shown below."""

    value: str
    number: int
    level: str = ""
    sign: str = ""
    said: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """A month in weeks of days, None for days of other months."""

    label: str
    weeks: list[list[Day | None]]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """All months that have a start day, and the heads of their columns: short and whole names of weekdays.

    `legend` has the levels with their signs, words and how many days; `reasons` why other days are no start.
    """

    weekdays: list[tuple[str, str]]
    months: list[Month]
    legend: list[tuple[str, str, str, int]]
    reasons: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class NoStart:
    """What keeps a meeting of `days` days from starting on a day; as in `finder.Wanted`, from `first` to `last`."""

    days: int
    first: date
    last: date
    weekdays: Collection[int]
    within_week: bool
    avoid: Iterable[Span]

    def reason(self, day: date) -> str:
        """Return the reason, one of `REASONS`."""
        span = Span(day, day + self.days * ONE_DAY)
        if day < self.first or span.last > self.last or day.weekday() not in (self.weekdays or range(_FRIDAY + 1)):
            return NOT_ASKED
        fits = day.weekday() > _FRIDAY or day.weekday() + self.days <= _FRIDAY + 1
        if self.within_week and self.days <= _FRIDAY + 1 and not fits:
            return WEEKEND
        return AVOIDED if any(overlaps(span, avoided) for avoided in self.avoid) else NOT_ASKED


def level_of(window: Window) -> str:
    """Return how good a start day is."""
    if window.worst > Severity.NONE:
        return window.worst.word
    return GAIN if window.cost < 0 else FREE


def level_words() -> dict[str, str]:
    """Return what each level means."""
    return {
        GAIN: _("runs into nothing, and something could be joined"),
        FREE: _("runs into nothing"),
        "minor": _("minor clashes only"),
        "major": _("a major clash"),
        "critical": _("a critical clash"),
    }


def reason_words() -> dict[str, str]:
    """Return why a meeting does not start on a day, in words."""
    return {
        WEEKEND: _("would run over a weekend"),
        AVOIDED: _("you avoid this day"),
        NOT_ASKED: _("not asked"),
    }


def heat_map(by_day: Collection[Window], chosen: date | None, words: Words, no_start: NoStart) -> HeatMap:
    """Return the map of what every start day comes to, and why other days are none."""
    levels = {window.span.start: level_of(window) for window in by_day}
    said, why = level_words(), reason_words()
    reasons: set[str] = set()

    def cell(day: date) -> Day:
        if level := levels.get(day):
            return Day(day.isoformat(), day.day, level, SIGNS[level], said[level], day == chosen)
        reason = no_start.reason(day)
        reasons.add(reason)
        return Day(day.isoformat(), day.day, sign=REASONS[reason], said=why[reason])

    shown = [number for number in range(7) if number <= _FRIDAY or any(day.weekday() == number for day in levels)]
    months, first = [], min(levels).replace(day=1)
    while first <= max(levels):
        weeks = [[cell(day) if day.month == first.month else None for day in week] for week in _weeks(first, shown)]
        # A month between two far ones may have none, and a week of which only the weekend is left says nothing.
        if any(day and day.level for week in weeks for day in week):
            months.append(Month(words.month(first), [week for week in weeks if any(week)]))
        first = first_of_next_month(first)
    names = {width: get_day_names(width, locale=words.locale) for width in ("short", "wide")}
    counts = list(levels.values())
    return HeatMap(
        [(names["short"][number], names["wide"][number]) for number in shown],
        months,
        [(level, SIGNS[level], text, counts.count(level)) for level, text in said.items()],
        [(REASONS[reason], text) for reason, text in why.items() if reason in reasons],
    )


def _weeks(first: date, weekdays: Iterable[int]) -> list[list[date]]:
    """Return the weeks that a month touches, each as its days on these weekdays."""
    monday, after, weeks = first - timedelta(days=first.weekday()), first_of_next_month(first), []
    while monday < after:
        weeks.append([monday + number * ONE_DAY for number in weekdays])
        monday += timedelta(days=7)
    return weeks
