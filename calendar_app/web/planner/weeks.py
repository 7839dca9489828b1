"""How full each week is, everywhere and in the cities where the secretariats sit, and which weeks are free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.planning.dates import ONE_DAY, Span
from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services.reference import reference
from calendar_app.web.planner.cards import days_in_words
from calendar_app.web.planner.places import place
from calendar_app.web.planner.window import MONTHS_WITH_WEEK_NUMBERS, mondays

if TYPE_CHECKING:
    from datetime import date

    from calendar_app.services.planned import Planned
    from calendar_app.services.wording import Words
    from calendar_app.web.planner.window import Window

# Up to so many meetings a week for each shade; more is the darkest.
SHADES = (0, 1, 3, 5)
# Less than that of a week at the edge of the window is no free week.
_WORKING_DAYS = 5
_FIXED = frozenset({Status.TENTATIVE, Status.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Week:
    """A cell: where it stands, its shade (0 is free), the number shown in it, and what a pointer over it says."""

    place: str
    level: int
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A row of cells, and the runs of weeks without a meeting in words ("6–19 October 2025")."""

    name: str
    weeks: list[Week]
    free: list[str]


def week_rows(events: list[Planned], window: Window, words: Words, cities: tuple[str, ...]) -> list[WeekRow]:
    """Return the row of all meetings, and one for each city: those named, else the seats of the member organisations.

    What counts has exact days and is neither cancelled nor postponed; in a city, what people travel to.
    """
    known = reference().cities
    wanted = cities or seats()
    weeks = mondays(window)
    lead, last_week = weeks[0][0].toordinal(), len(weeks) - 1
    counts = {slug: [0] * len(weeks) for slug in ("", *wanted)}
    for event in events:
        span = event.span
        if span is None or event.is_vague or event.status not in _FIXED:
            continue
        touched = range(
            max(0, (span.start.toordinal() - lead) // 7), min(last_week, (span.end.toordinal() - 1 - lead) // 7) + 1
        )
        there = event.city_slug if event.format != Format.ONLINE else ""
        for slug in {"", there} & counts.keys():
            for index in touched:
                counts[slug][index] += 1
    names = {slug: words.gettext(known[slug].name) if slug in known else _city_name(events, slug) for slug in wanted}
    return [_row(names.get(slug) or _("All meetings"), row, weeks, window, words) for slug, row in counts.items()]


def seats() -> tuple[str, ...]:
    """Return the cities (slugs) where member organisations sit."""
    members = (o for o in reference().organisations.values() if o.member)
    return tuple(dict.fromkeys(city for organisation in members for city, _station, _process in organisation.seats))


def _city_name(events: list[Planned], slug: str) -> str:
    return next((event.city for event in events if event.city_slug == slug), slug)


def _row(name: str, counts: list[int], weeks: list[tuple[date, int, int]], window: Window, words: Words) -> WeekRow:
    numbered = window.months <= MONTHS_WITH_WEEK_NUMBERS
    cells = [
        Week(
            place(start, end),
            sum(count > most for most in SHADES),
            str(count) if numbered and count else "",
            _title(monday, count, words),
        )
        for (monday, start, end), count in zip(weeks, counts, strict=True)
    ]
    return WeekRow(name, cells, _free_runs(weeks, counts, window, words))


def _title(monday: date, count: int, words: Words) -> str:
    counted = ngettext("%(num)s meeting", "%(num)s meetings", count) if count else _("no meeting")
    title: str = _(
        "Week of %(day)s: %(events)s", day=days_in_words(words, Span(monday, monday + ONE_DAY)), events=counted
    )
    return title


def _free_runs(weeks: list[tuple[date, int, int]], counts: list[int], window: Window, words: Words) -> list[str]:
    runs: list[Span] = []
    for (_monday, start, end), count in zip(weeks, counts, strict=True):
        if count or end - start < _WORKING_DAYS:
            continue
        days = Span(window.first + start * ONE_DAY, window.first + end * ONE_DAY)
        runs = [*runs[:-1], Span(runs[-1].start, days.end)] if runs and runs[-1].end == days.start else [*runs, days]
    return [words.days(run) for run in runs]
