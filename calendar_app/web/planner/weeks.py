"""How full each week is, everywhere and in the cities where the secretariats sit, and which weeks are free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.planning.dates import ONE_DAY, Span
from calendar_app.planning.vocabulary import TAKING_PLACE, Format, Stage
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
_MOST_FULLEST = 6


@dataclass(frozen=True, slots=True)
class Week:
    """A cell: where it stands, its shade (0 is free), the number shown in it, and what a pointer over it says."""

    place: str
    level: int
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A row of cells; in words the runs of weeks without a meeting, the fullest weeks, and what has no exact days."""

    name: str
    weeks: list[Week]
    free: list[str]
    fullest: list[str]
    vague: list[str]


def whole_weeks(window: Window) -> Span:
    """Return the days of all weeks that the window touches."""
    weeks = mondays(window)
    return Span(weeks[0][0], weeks[-1][0] + 7 * ONE_DAY)


def week_rows(events: list[Planned], window: Window, words: Words, cities: tuple[str, ...]) -> list[WeekRow]:
    """Return the row of all meetings, and one for each city: those named, else the seats of the member organisations.

    `events` are all that touch the whole weeks, whatever the page's filter. What counts is a published meeting with
    exact days that is neither cancelled nor postponed; a part counts with its whole; in a city, what people travel to.
    """
    known = reference().cities
    wanted = cities or seats()
    weeks = mondays(window)
    lead, last_week = weeks[0][0].toordinal(), len(weeks) - 1
    counts = {slug: [0] * len(weeks) for slug in ("", *wanted)}
    vague: dict[str, list[str]] = {slug: [] for slug in counts}
    meetings = [event for event in events if _is_meeting(event)]
    exact = {event.id for event in meetings if not event.is_vague}
    for event in meetings:
        span = event.span
        places = {"", event.city_slug if event.format != Format.ONLINE else ""} & counts.keys()
        if span is None or event.is_vague:
            for slug in places - {""}:
                vague[slug].append(event.short_title or event.title)
            continue
        if event.part_of in exact:
            continue
        first, last = (span.start.toordinal() - lead) // 7, (span.end.toordinal() - 1 - lead) // 7
        for slug in places:
            for index in range(max(0, first), min(last_week, last) + 1):
                counts[slug][index] += 1
    names = {slug: words.gettext(known[slug].name) if slug in known else _city_name(events, slug) for slug in wanted}
    return [
        _row(names.get(slug) or _("All meetings"), row, weeks, window, words, vague[slug])
        for slug, row in counts.items()
    ]


def _is_meeting(event: Planned) -> bool:
    kind = reference().kinds.get(event.kind)
    # What is not decided on, or was rejected, takes no week.
    return event.stage == Stage.PUBLISHED and event.status in TAKING_PLACE and (kind is None or kind.is_meeting)


def seats() -> tuple[str, ...]:
    """Return the cities (slugs) where member organisations sit."""
    members = (o for o in reference().organisations.values() if o.member)
    return tuple(dict.fromkeys(city for organisation in members for city, _station, _process in organisation.seats))


def _city_name(events: list[Planned], slug: str) -> str:
    return next((event.city for event in events if event.city_slug == slug), slug)


def _row(
    name: str,
    counts: list[int],
    weeks: list[tuple[date, int, int]],
    window: Window,
    words: Words,
    vague: list[str],
) -> WeekRow:
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
    fullest = [
        cell.title for cell, count in zip(cells, counts, strict=True) if count > SHADES[2] and count == max(counts)
    ]
    return WeekRow(name, cells, _free_runs(weeks, counts, words), fullest[:_MOST_FULLEST], vague)


def _title(monday: date, count: int, words: Words) -> str:
    counted = ngettext("%(num)s meeting", "%(num)s meetings", count) if count else _("no meeting")
    day = days_in_words(words, Span(monday, monday + ONE_DAY))
    title: str = _("Week of %(day)s: %(events)s", day=day, events=counted)
    return title


def _free_runs(weeks: list[tuple[date, int, int]], counts: list[int], words: Words) -> list[str]:
    runs: list[Span] = []
    for (monday, _start, _end), count in zip(weeks, counts, strict=True):
        if count:
            continue
        week = Span(monday, monday + 7 * ONE_DAY)
        runs = [*runs[:-1], Span(runs[-1].start, week.end)] if runs and runs[-1].end == monday else [*runs, week]
    return [words.days(run) for run in runs]
