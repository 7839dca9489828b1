"""What the planner draws: a lane for each process, for what is outside, for observances and for holidays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _

from calendar_app.planning.dates import ONE_DAY, Span
from calendar_app.services import holidays, observances
from calendar_app.services.reference import country_name, reference
from calendar_app.web.planner.cards import Cards, days_in_words, of_a_day
from calendar_app.web.planner.lanes import Bar, Lane, pack

if TYPE_CHECKING:
    from datetime import date

    from calendar_app.services.planned import OpenOption, Planned
    from calendar_app.services.wording import Words
    from calendar_app.web.planner.window import Window

OUTSIDE_TIER = 3
_OUTSIDE, _OBSERVANCES = "other", "observances"
# Holidays and observances are many and small: their lanes stay low.
_ROWS_OF_A_LOW_LANE = 8


def lanes_of_events(events: list[Planned], options: list[OpenOption], window: Window, words: Words) -> list[Lane]:
    """Return the packed lanes that have something in them.

    An event has a bar in the lane of each of its processes; what has none of the cluster's or close to it is outside.
    """
    cards = Cards(words)
    drawn: dict[str, dict[str, Bar]] = {}
    ghosts: dict[str, list[Bar]] = {}
    wholes = {event.id: event.part_of for event in events}
    for event in events:
        stretch = window.clipped(event.span) if event.span else None
        if stretch is None:
            continue
        name, card = cards.name(event), cards.event(event)
        for number, slug in enumerate(_lanes(event)):
            drawn.setdefault(slug, {})[event.id] = Bar(*stretch, name, card, has_card=not number)
    for option in options:
        if stretch := window.clipped(option.span):
            name, card = _("Option: %(name)s", name=cards.name(option.event)), cards.option(option)
            for slug in _lanes(option.event):
                ghosts.setdefault(slug, []).append(Bar(*stretch, name, card))
    lanes = []
    for slug, name in _lane_names(words):
        bars = _nested(drawn.get(slug, {}), wholes) + ghosts.get(slug, [])
        if bars:
            lane = Lane(name, slug, sorted(bars, key=lambda bar: (bar.start, -bar.end)))
            pack(lane, window.span.days)
            lanes.append(lane)
    return lanes


def _lanes(event: Planned) -> tuple[str, ...]:
    return (_OBSERVANCES,) if event.kind == "observance" else _lanes_of(event.processes)


@lru_cache(maxsize=1024)
def _lanes_of(slugs: tuple[str, ...]) -> tuple[str, ...]:
    processes = reference().processes
    own = tuple(slug for slug in slugs if slug in processes and processes[slug].tier < OUTSIDE_TIER)
    return own or (_OUTSIDE,)


def _lane_names(words: Words) -> list[tuple[str, str]]:
    processes = [process for process in reference().processes.values() if process.tier < OUTSIDE_TIER]
    names = [(process.slug, words.gettext(process.short_name)) for process in processes]
    return [*names, (_OUTSIDE, _("Outside events"))]


def _nested(bars: dict[str, Bar], wholes: dict[str, str]) -> list[Bar]:
    """Put parts into the bar of the outermost whole that stands in the same lane; return the outermost bars."""
    outermost = []
    for event_id, bar in bars.items():
        whole, seen = event_id, {event_id}
        while (outer := wholes.get(whole)) and outer in bars and outer not in seen:
            whole = outer
            seen.add(outer)
        if whole == event_id:
            outermost.append(bar)
        else:
            bars[whole].parts.append(bar)
    return outermost


def lane_of_observances(events: list[Planned], window: Window, words: Words) -> Lane | None:
    """Return the lane of observances: those of the packaged list, and events of that kind."""
    cards = Cards(words)
    bars = [
        Bar(*stretch, cards.name(event), cards.event(event))
        for event in events
        if event.kind == "observance" and event.span and (stretch := window.clipped(event.span))
    ]
    for day, observance in observances.between(window.span):
        bars += _bar_of_days(window, words, Span(day, day + ONE_DAY), observance.name, "is-observance")
    return _low_lane(_("Observances"), _OBSERVANCES, bars, window)


def lane_of_holidays(window: Window, words: Words) -> Lane | None:
    """Return the lane of holidays and of periods to avoid; a holiday of several duty stations is one bar."""
    tiers = {
        "official": _("Official holiday of the United Nations"),
        "observe": _("The General Assembly asks that no meeting be held on it"),
        "avoid": _("To be avoided where it is observed"),
        "national": _("Public holiday"),
    }
    together: dict[tuple[date, str, str], list[str]] = {}
    for holiday in holidays.between(window.span):
        together.setdefault((holiday.day, holiday.name, holiday.tier), []).append(_where(holiday, words))
    bars = []
    for (day, name, tier), places in together.items():
        lines = (", ".join(places), tiers[tier])
        bars += _bar_of_days(window, words, Span(day, day + ONE_DAY), name, f"is-holiday is-{tier}", *lines)
    for period in holidays.periods(window.span):
        line = _("A period in which people avoid meetings")
        bars += _bar_of_days(window, words, period.span, period.name, "is-holiday is-period", line)
    return _low_lane(_("Holidays"), "holidays", bars, window)


def _where(holiday: holidays.Holiday, words: Words) -> str:
    if station := holidays.duty_stations().get(holiday.duty_station):
        return words.gettext(station)
    return country_name(holiday.country, words.language) if holiday.country else _("Everywhere")


def _bar_of_days(window: Window, words: Words, span: Span, name: str, style: str, *lines: str) -> list[Bar]:
    """Return the bar of what is no event, which leads to its week; none if the window does not show it."""
    stretch = window.clipped(span)
    if stretch is None:
        return []
    week: dict[str, Any] = {"from": span.start.isoformat(), "view": "week"}
    url = url_for("calendar.calendar", **week)
    name = words.gettext(name)
    # Public holidays of a country are too many to be named beside their marks.
    shown = "" if style.endswith("is-national") else name
    return [Bar(*stretch, shown, of_a_day(url, style, name, days_in_words(words, span), *lines))]


def _low_lane(name: str, slug: str, bars: list[Bar], window: Window) -> Lane | None:
    if not bars:
        return None
    lane = Lane(name, slug, sorted(bars, key=lambda bar: (bar.start, -bar.end)))
    pack(lane, window.span.days, _ROWS_OF_A_LOW_LANE)
    return lane
