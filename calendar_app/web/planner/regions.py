"""Which regions have a preparatory meeting, for each convention that holds them in the months shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from calendar_app.planning.dates import Span, first_of_month_back
from calendar_app.planning.vocabulary import TAKING_PLACE, Status
from calendar_app.services.reference import reference
from calendar_app.web.planner.cards import Cards

if TYPE_CHECKING:
    from calendar_app.services.planned import Planned
    from calendar_app.services.wording import Words
    from calendar_app.web.planner.window import Window

KIND = "regional-preparatory"
_EVERYWHERE = "global"


# A round lies around its conference: so many months before and after the months shown are looked at too.
MONTHS_AROUND = 3


@dataclass(frozen=True, slots=True)
class RegionalRound:
    """The preparatory meetings of a process: its name and slug, and for each region the dates in words, maybe none."""

    name: str
    slug: str
    dates: list[list[str]]


def days_of_rounds(window: Window) -> Span:
    """Return the days in which the meetings of a round are looked for."""
    return Span(first_of_month_back(window.first, MONTHS_AROUND), first_of_month_back(window.span.end, -MONTHS_AROUND))


def region_names(words: Words) -> list[str]:
    """Return the names of the United Nations regional groups, in the order of the rounds' dates."""
    return [words.gettext(reference().regions[code].name) for code in _regions()]


def regional_rounds(events: list[Planned], window: Window, words: Words) -> list[RegionalRound]:
    """Return the rounds that have a meeting in the window, with those around it; `events` whatever the page's filter.

    A meeting of several processes is in the round of each. A whole that has parts says nothing: its parts do.
    """
    wholes = {event.part_of for event in events}
    cards = Cards(words)
    meetings = [e for e in events if e.kind == KIND and e.span and e.status in TAKING_PLACE and e.id not in wholes]
    rounds = []
    for slug, process in reference().processes.items():
        own = [event for event in meetings if slug in event.processes]
        if any(window.clipped(event.span) for event in own if event.span):
            dates = [[_words(event, cards) for event in own if code in event.regions] for code in _regions()]
            rounds.append(RegionalRound(words.gettext(process.short_name), slug, dates))
    return rounds


def _words(event: Planned, cards: Cards) -> str:
    dates = cards.dates(event)
    if event.status != Status.TENTATIVE:
        return dates
    text: str = _("%(dates)s (tentative)", dates=dates)
    return text


def _regions() -> list[str]:
    return [code for code in reference().regions if code != _EVERYWHERE]
