"""What the planner draws: a lane for each process, for what is outside, for observances and for holidays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _

from calendar_app.planning.dates import EARLIEST, LATEST, ONE_DAY, Span
from calendar_app.services import holidays, observances
from calendar_app.services.countries import country_name
from calendar_app.services.reference import reference
from calendar_app.web.planner.cards import Cards, days_in_words, of_a_day
from calendar_app.web.planner.joins import join
from calendar_app.web.planner.lanes import Bar, Lane, pack

if TYPE_CHECKING:
    from datetime import date

    from calendar_app.services.planned import OpenOption, Planned
    from calendar_app.services.wording import Words
    from calendar_app.web.planner.cards import Card
    from calendar_app.web.planner.marks import Marks
    from calendar_app.web.planner.window import Window

OUTSIDE_TIER = 3
_OUTSIDE, _OBSERVANCES = "other", "observances"
MOST_WITH_ALL_CARDS = 300
# Holidays and observances are many and small: their lanes stay low.
_ROWS_OF_A_LOW_LANE = 8


def lanes_of_events(
    events: list[Planned],
    options: list[OpenOption],
    window: Window,
    words: Words,
    chosen: tuple[str, ...] = (),
    marks: Marks | None = None,
) -> list[Lane]:
    """Return the packed lanes that have something in them.

    An event has a bar in the lane of each of its processes (of those `chosen`, with a filter for processes); what has
    none of the cluster's or close to it is outside. Pairs of `marks` are joined.
    """
    cards = Cards(words, marks)
    drawn: dict[str, dict[str, Bar]] = {}
    ghosts: dict[str, list[Bar]] = {}
    wholes = {event.id: event.part_of for event in events}
    held_in_parts = set(wholes.values())
    # On a large page each event says everything in its first lane only.
    says_all = len(events) <= MOST_WITH_ALL_CARDS
    for event in events:
        stretch = window.clipped(event.span) if event.span else None
        if stretch is None:
            continue
        name, card = cards.name(event), cards.event(event, in_parts=event.id in held_in_parts)
        for number, slug in enumerate(_lanes(event, chosen)):
            drawn.setdefault(slug, {})[event.id] = Bar(*stretch, name, card, has_card=says_all or not number)
    for option in options:
        if stretch := window.clipped(option.span):
            name, card = _("Option: %(name)s", name=cards.name(option.event)), cards.option(option)
            for slug in _lanes(option.event, chosen):
                ghosts.setdefault(slug, []).append(Bar(*stretch, name, card))
    lanes = []
    for slug, name in _lane_names(words):
        bars = _nested(drawn.get(slug, {}), wholes) + ghosts.get(slug, [])
        if bars:
            lane = Lane(name, slug, sorted(bars, key=lambda bar: (bar.start, -bar.end)))
            pack(lane, window.span.days)
            lanes.append(lane)
    if marks:
        join([(lane, drawn.get(lane.slug, {})) for lane in lanes], marks.joined)
    return lanes


def _lanes(event: Planned, chosen: tuple[str, ...]) -> tuple[str, ...]:
    return (_OBSERVANCES,) if event.kind == "observance" else _lanes_of(event.processes, chosen)


@lru_cache(maxsize=1024)
def _lanes_of(slugs: tuple[str, ...], chosen: tuple[str, ...]) -> tuple[str, ...]:
    processes = reference().processes
    own = (slug for slug in slugs if slug in processes and processes[slug].tier < OUTSIDE_TIER)
    return tuple(slug for slug in own if not chosen or slug in chosen) or (_OUTSIDE,)


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
        span, name = Span(day, day + ONE_DAY), words.gettext(observance.name)
        card = of_a_day(observance.url, "is-observance", name, days_in_words(words, span))
        bars += _bar_of_days(window, span, name, card)
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
    for (day, english, tier), places in together.items():
        span, name = Span(day, day + ONE_DAY), words.gettext(english)
        lines = (days_in_words(words, span), words.listed(places), tiers[tier])
        card = of_a_day(_week(span), f"is-holiday is-{tier}", name, *lines)
        # Public holidays of a country are too many to be named beside their marks.
        bars += _bar_of_days(window, span, "" if tier == "national" else name, card)
    for period in holidays.periods(window.span):
        name = words.gettext(period.name)
        about = (
            _("A proposal: many people avoid meetings in this period")
            if period.is_proposal
            else _("Many people avoid meetings in this period")
        )
        card = of_a_day(_week(period.span), "is-holiday is-period", name, days_in_words(words, period.span), about)
        bars += _bar_of_days(window, period.span, name, card)
    return _low_lane(_("Holidays"), "holidays", bars, window)


def _where(holiday: holidays.Holiday, words: Words) -> str:
    """Return where a holiday holds, "" if that is not one place."""
    if station := holidays.duty_stations().get(holiday.duty_station):
        return words.gettext(station)
    return country_name(holiday.country, words.language) if holiday.country else ""


def _week(span: Span) -> str:
    day = min(max(span.start, EARLIEST), LATEST - ONE_DAY)
    week: dict[str, Any] = {"from": day.isoformat(), "view": "week"}
    return url_for("calendar.calendar", **week)


def _bar_of_days(window: Window, span: Span, name: str, card: Card) -> list[Bar]:
    """Return the bar of what is no event; none if the window does not show it."""
    stretch = window.clipped(span)
    return [Bar(*stretch, name, card)] if stretch else []


def _low_lane(name: str, slug: str, bars: list[Bar], window: Window) -> Lane | None:
    if not bars:
        return None
    lane = Lane(name, slug, sorted(bars, key=lambda bar: (bar.start, -bar.end)))
    pack(lane, window.span.days, _ROWS_OF_A_LOW_LANE)
    return lane
