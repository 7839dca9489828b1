"""Other ways to the same findings, with the same rules: every pair judged, and neighbours from an `intervaltree`.

They show what the sweep of `planning.compare` and the finder's adding up are worth. What comes out must be equal.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from intervaltree import Interval, IntervalTree

from calendar_app.planning.compare import covering, judged, reach
from calendar_app.planning.dates import ONE_DAY, Span
from calendar_app.planning.relations import silence_of_one
from calendar_app.planning.vocabulary import FindingKind

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Iterator
    from datetime import date

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.finder import Wanted
    from calendar_app.planning.findings import Finding
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy

    Pairs = Iterable[tuple[Meeting, Meeting]]


class Known(NamedTuple):
    """The facts and the policy that everybody judges by."""

    facts: Facts
    policy: Policy


class Calendar:
    """Meetings with what all ways need of them: those that take part, in the order of their ids, and their families."""

    def __init__(self, meetings: Iterable[Meeting], known: Known) -> None:
        """Sort the meetings out."""
        self.known = known
        meetings = list(meetings)
        self.whole_of = covering(meetings)
        self.families: dict[uuid.UUID, set[uuid.UUID]] = {}
        speaking = []
        for meeting in meetings:
            if meeting.whole:
                self.families.setdefault(meeting.whole, set()).add(meeting.event)
            if silence_of_one(meeting, *known) is None:
                speaking.append(meeting)
        self.speaking = sorted(speaking, key=attrgetter("event"))
        self.by_event: dict[uuid.UUID, list[Meeting]] = {}
        for meeting in self.speaking:
            self.by_event.setdefault(meeting.event, []).append(meeting)

    def family_of(self, meeting: Meeting) -> frozenset[uuid.UUID]:
        """Return the events that are looked at when this one changes."""
        return frozenset(self.families.get(meeting.whole, ()) if meeting.whole else ()) | {meeting.event}

    def of(self, some: frozenset[uuid.UUID]) -> list[Meeting]:
        """Return what takes part of some events."""
        return [meeting for event in some for meeting in self.by_event.get(event, ())]

    def findings(self, pairs: Pairs, only: frozenset[uuid.UUID] | None = None) -> list[Finding]:
        """Return what the rules say of these pairs, and of the days of all, or of `only`."""
        speaking = self.speaking if only is None else self.of(only)
        return judged(pairs, speaking, self.whole_of, *self.known, only)


class Tree:
    """The meetings of a calendar in an interval tree, by ordinals of days; the data are places in `speaking`."""

    def __init__(self, calendar: Calendar) -> None:
        """Build the tree."""
        self._meetings = calendar.speaking
        self._far = reach(calendar.known.policy)
        self._tree = IntervalTree(Interval(*_ordinals(m), n) for n, m in enumerate(self._meetings))

    def near(self, meeting: Meeting) -> list[int]:
        """Return the places of the meetings within reach, itself among them."""
        start, end = _ordinals(meeting)
        return [found.data for found in self._tree.overlap(start - self._far - 1, end + self._far + 1)]

    def pairs(self) -> Iterator[tuple[Meeting, Meeting]]:
        """Yield all pairs of neighbours, each once, the smaller id first."""
        for number, meeting in enumerate(self._meetings):
            for other in self.near(meeting):
                if other > number:
                    yield meeting, self._meetings[other]

    def pairs_of(self, calendar: Calendar, only: frozenset[uuid.UUID]) -> Iterator[tuple[Meeting, Meeting]]:
        """Yield the pairs of the events `only` with their neighbours, each once."""
        for meeting in calendar.of(only):
            for number in self.near(meeting):
                other = self._meetings[number]
                if other is not meeting and (other.event not in only or meeting.event < other.event):
                    yield in_order(meeting, other)


def every_pair(calendar: Calendar) -> Pairs:
    """Return all pairs there are."""
    return combinations(calendar.speaking, 2)


def every_pair_of(calendar: Calendar, only: frozenset[uuid.UUID]) -> Iterator[tuple[Meeting, Meeting]]:
    """Yield all pairs with the events `only`, each once."""
    for meeting in calendar.of(only):
        for other in calendar.speaking:
            if other is not meeting and (other.event not in only or meeting.event < other.event):
                yield in_order(meeting, other)


def cheapest_days(wanted: Wanted, calendar: Calendar, tree: Tree | None = None) -> dict[date, int]:
    """Return what each start day from Monday to Friday, within a week, costs; neighbours from `tree`, or all judged."""
    template, costs = wanted.meeting, {}
    only = frozenset({template.event})
    day = wanted.earliest
    while day + timedelta(days=wanted.days - 1) <= wanted.latest:
        if day.weekday() + wanted.days <= 5:  # noqa: PLR2004 - Friday is the last
            span = Span(day, day + timedelta(days=wanted.days))
            moved = replace(template, span=span, footprint=span)
            others = [calendar.speaking[n] for n in tree.near(moved)] if tree else calendar.speaking
            pairs = (in_order(moved, other) for other in others if other.event != moved.event)
            found = judged(pairs, [moved], calendar.whole_of, *calendar.known, only)
            costs[day] = sum(_price(finding, calendar.known.policy) for finding in found)
        day += ONE_DAY
    return costs


def in_order(a: Meeting, b: Meeting) -> tuple[Meeting, Meeting]:
    """Return a pair as the rules get it, the smaller id first."""
    return (a, b) if a.event <= b.event else (b, a)


def _price(finding: Finding, policy: Policy) -> int:
    if finding.kind is FindingKind.OPPORTUNITY:
        return -policy.gain_opportunity
    prices = (0, policy.cost_minor, policy.cost_major, policy.cost_critical)
    return prices[finding.severity]


def _ordinals(meeting: Meeting) -> tuple[int, int]:
    taken = meeting.taken
    return (taken.start.toordinal(), taken.end.toordinal()) if taken else (0, 1)
