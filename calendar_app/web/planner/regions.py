"""Which regions have a preparatory meeting, for each convention that holds them in the months shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calendar_app.planning.vocabulary import Status
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from calendar_app.services.planned import Planned
    from calendar_app.services.wording import Words

KIND = "regional-preparatory"
_EVERYWHERE = "global"
_FIXED = frozenset({Status.TENTATIVE, Status.CONFIRMED})


@dataclass(frozen=True, slots=True)
class RegionalRound:
    """The preparatory meetings of a process: its name and slug, and for each region the meetings' dates, maybe none."""

    name: str
    slug: str
    dates: list[list[str]]


def region_names(words: Words) -> list[str]:
    """Return the names of the United Nations regional groups, in the order of the columns."""
    return [words.gettext(region.name) for code, region in reference().regions.items() if code != _EVERYWHERE]


def regional_rounds(events: list[Planned], words: Words) -> list[RegionalRound]:
    """Return the rounds that have exact dates among `events`; a meeting of several processes is in each one's round.

    An umbrella whose days are not exact says nothing about a region: its parts do.
    """
    meetings = [e for e in events if e.kind == KIND and not e.is_vague and e.span and e.status in _FIXED]
    regions = [code for code in reference().regions if code != _EVERYWHERE]
    rounds = []
    for slug, process in reference().processes.items():
        own = [event for event in meetings if slug in event.processes]
        if own:
            dates = [[words.days(e.span) for e in own if e.span and code in e.regions] for code in regions]
            rounds.append(RegionalRound(words.gettext(process.short_name), slug, dates))
    return rounds
