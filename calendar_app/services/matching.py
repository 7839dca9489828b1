"""The same meeting from two sources becomes one event: what is surely the same is joined, the rest is asked about.

`duplicates.compare` says how likely it is. To join two events without asking takes more than likelihood: nothing may
speak against it, and either body and number, or every telling word of the title with the days, must be the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process
from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.planning.dates import overlaps
from calendar_app.planning.vocabulary import Stage
from calendar_app.services.calendar import visible_to
from calendar_app.services.duplicates import (
    COMPARED,
    FINISHED,
    LIKELY,
    NEAR,
    Facts,
    compare,
    facts_of_row,
    other_part,
)

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer

# Below, two titles are not alike in any order of their words (see `duplicates`).
_ALIKE = 75
# Titles of fewer telling words ("Bureau meeting") are those of many events.
_ENOUGH = 3
_MONTHS = 12
# An event of some years is near everything; it is found by its number or not at all.
_MOST_MONTHS = 15


@dataclass(frozen=True, slots=True)
class Match:
    """Which events something may be. `sure` if it is the one event of `likely`; else somebody has to look."""

    likely: tuple[uuid.UUID, ...]
    sure: bool


def is_sure(a: Facts, b: Facts) -> bool:
    """Tell whether two events are one beyond doubt; symmetric.

    A numbered meeting takes place once, but its parts have days of their own, and what is held beside it names it too:
    so the days have to agree, and nothing may be said by only one of the two. A joint meeting of several bodies is not
    the meeting of one of them.
    """
    if _contradict(a, b):
        return False
    numbered = frozenset(pair for pair in a.bodies if pair[1])
    same_meeting = bool(numbered) and a.bodies == b.bodies == numbered and not (a.is_about or b.is_about)
    if same_meeting:
        return _same_days(a, b)
    exactly = a.is_exact and b.is_exact and a.span is not None and a.span == b.span
    return exactly and a.bodies == b.bodies and any(len(words) >= _ENOUGH for words in a.telling & b.telling)


def _contradict(a: Facts, b: Facts) -> bool:
    """Tell whether anything speaks against the two being one: one says what the other does not, or otherwise."""
    return (
        a.is_about != b.is_about
        or bool(a.parts ^ b.parts and (not a.parts or not b.parts or other_part(a, b)))
        or _differ(a.city_slug, b.city_slug)
        or _differ(a.starts_at, b.starts_at)
        or ("other" not in {a.kind, b.kind} and _differ(a.kind, b.kind))
    )


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def _same_days(a: Facts, b: Facts) -> bool:
    """Tell whether the days agree: two that are exact overlap, an exact one lies in the month or year of the other."""
    if a.span is None or b.span is None or not overlaps(a.span, b.span):
        return False
    if a.is_exact and b.is_exact:
        return a.span.start == b.span.start or a.span.end == b.span.end
    if a.is_exact != b.is_exact:
        exact, vague = (a.span, b.span) if a.is_exact else (b.span, a.span)
        return vague.start <= exact.start and exact.end <= vague.end
    return a.span == b.span


class Calendar:
    """The events that something from outside may be, so laid out that few of them have to be compared."""

    def __init__(self, facts: Mapping[uuid.UUID, Facts]) -> None:
        """Lay out events by the months near them and by the numbers of their meetings."""
        self._facts = facts
        self._by_month: dict[int, dict[uuid.UUID, str]] = {}
        self._by_number: dict[tuple[str, int | None], list[uuid.UUID]] = {}
        self._without_days: dict[uuid.UUID, str] = {}
        for event_id, known in facts.items():
            for pair in known.bodies:
                if pair[1]:
                    self._by_number.setdefault(pair, []).append(event_id)
            title = " | ".join(known.titles)
            if known.span is None:
                self._without_days[event_id] = title
            for month in _months(known):
                self._by_month.setdefault(month, {})[event_id] = title

    def match(self, wanted: Facts, leave_out: Collection[uuid.UUID] = ()) -> Match | None:
        """Return which events something may be, the likeliest first, None if none; never one of `leave_out`."""
        likely = []
        for event_id in self._near(wanted):
            if event_id in leave_out:
                continue
            score, _reasons = compare(wanted, self._facts[event_id])
            if score >= LIKELY:
                likely.append((-score, str(event_id), event_id))
        if not likely:
            return None
        ids = [event_id for _score, _text, event_id in sorted(likely)]
        sure = [event_id for event_id in ids if is_sure(wanted, self._facts[event_id])]
        return Match((sure[0],), sure=True) if len(sure) == 1 else Match(tuple(ids), sure=False)

    def _near(self, wanted: Facts) -> set[uuid.UUID]:
        """Return the events that may be likely at all: of the same number, or near in time with a title alike."""
        found = {event_id for pair in wanted.bodies for event_id in self._by_number.get(pair, ())}
        months = self._by_month if wanted.span is None else _months(wanted)
        for titles in (self._without_days, *(self._by_month.get(month, {}) for month in months)):
            for title in wanted.titles:
                alike = process.extract_iter(title, titles, scorer=fuzz.token_ratio, score_cutoff=_ALIKE)
                found.update(event_id for _title, _score, event_id in alike)
        return found


def _months(facts: Facts) -> Iterator[int]:
    """Yield the months, numbered, that an event lies in or near; the first ones of a very long event."""
    if facts.span is None:
        return
    first, last = facts.span.start - NEAR, facts.span.end + NEAR
    start = first.year * _MONTHS + first.month
    yield from range(start, min(last.year * _MONTHS + last.month, start + _MOST_MONTHS) + 1)


def calendar_of(session: Session, viewer: Viewer) -> Calendar:
    """Return the living events that `viewer` may see; what somebody only drafts is nobody else's."""
    living = (Event.stage.not_in((*FINISHED, Stage.DRAFT)), Event.merged_into_id.is_(None))
    query = select(*COMPARED).where(visible_to(viewer), *living).order_by(Event.id)
    return Calendar(dict(map(facts_of_row, session.execute(query))))
