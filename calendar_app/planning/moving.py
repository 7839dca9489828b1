"""One meeting moved along the calendar: what each start day would run into and make possible.

What is said of a day is said by `compare.find`. Only adding up, for hundreds of days at once, is done here, by asking
the same rules once for all that cannot differ: what two meetings share does not depend on the days, and of two meetings
on known days the rules see nothing but the free days between them, or that they overlap. Tests hold both ways equal.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import fields, replace
from datetime import date, timedelta
from functools import partial
from itertools import accumulate, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from calendar_app.planning.compare import covering, find, findings_of_days, reach, share_something, told
from calendar_app.planning.dates import EARLIEST, Precision, Span
from calendar_app.planning.findings import Finding
from calendar_app.planning.likelihood import likelihood_of_overlap
from calendar_app.planning.meetings import Meeting, ServiceDays, linked
from calendar_app.planning.opportunities import joined
from calendar_app.planning.pairs import judge
from calendar_app.planning.relations import silence_of_one
from calendar_app.planning.vocabulary import About, FindingKind, LinkKind, Severity, Status

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.policy import Policy

    # A severity and a likelihood; an opportunity has no severity.
    _Verdict: TypeAlias = tuple[Severity, float]

_PLANNED_TOGETHER = (LinkKind.BACK_TO_BACK, LinkKind.OVERLAP_INTENDED)
# In these, two other meetings may differ and the same is said of both: days and city come in by how they lie to the
# wanted one, and the rest is either looked at by no rule for pairs or makes a case of its own (`_is_case_of_its_own`).
_MAY_DIFFER = frozenset(
    "event span footprint taken city country venue regions organisers whole part_of series links expected openness "
    "steward".split()
)
_ALIKE = attrgetter(*(item.name for item in fields(Meeting) if item.name not in _MAY_DIFFER))
_GIVEN = tuple(item.name for item in fields(Meeting) if item.init)
_OVERLAP = -1


class Tally(NamedTuple):
    """What a start day comes to: `cost` by the policy's prices, and the worst clash."""

    start: date
    cost: int
    worst: Severity


class Moving:
    """A wanted meeting of `days` days that can be put on any day; `meetings` are all others, and may hold itself.

    It is judged as if it took place on exact days, tentative if the template is. Preparatory days, hours and the days
    of services keep their distance to its first day; hours are kept for a single day only.
    """

    def __init__(
        self, template: Meeting, days: int, meetings: Collection[Meeting], facts: Facts, policy: Policy
    ) -> None:
        """Drop at once every meeting that has nothing in common with the wanted one."""
        self._template, self._facts, self._policy = _asked(template, days), facts, policy
        self.days, self.before = days, _days_before(template)
        # It is moved hundreds of times, so its fields are looked up once.
        self._on = partial(Meeting, **{name: getattr(self._template, name) for name in _GIVEN})
        self._moved: dict[int, Meeting] = {}
        self._known: dict[tuple[object, int | float], _Verdict] = {}
        self._chances: dict[tuple[object, int], bool] = {}
        self._likely: dict[tuple[str, int, int], float] = {}
        self._whole_of = covering(meetings)
        self._takes_part = silence_of_one(self.at(EARLIEST), facts, policy) is None
        self._others = (
            [m for m in meetings if m.event != template.event and self._concerns(m)] if self._takes_part else []
        )
        self._tangled = self._entangled()
        self._families = [m for m in meetings if m.event in self._tangled and m.event != template.event]
        self._groups: dict[tuple[object, ...], list[Meeting]] = defaultdict(list)
        self._cases: list[Meeting] = []
        for other in self._others:
            if self._is_case_of_its_own(other):
                self._cases.append(other)
            else:
                self._groups[self._sort_of(other)].append(other)

    def at(self, start: date) -> Meeting:
        """Return the wanted meeting on the days that begin with `start`."""
        known = self._moved.get(start.toordinal())
        if known is None:
            known = self._moved[start.toordinal()] = self._move(start)
        return known

    def findings(self, start: date) -> tuple[Finding, ...]:
        """Return all that is to be said of one start day, the worst first, opportunities last."""
        first, end = start.toordinal(), start.toordinal()
        near = {id(m): m for m in self._others if self._is_always_near(m) or self._near(m, first, end)}
        wanted = self.at(start)
        # Far members of families add nothing but who is part of what.
        near |= {id(m): m for m in self._families}
        said = find([wanted, *near.values()], self._facts, self._policy, frozenset({wanted.event}))
        return tuple(sorted(said, key=lambda finding: -finding.severity))

    def tallies(self, starts: Sequence[date]) -> list[Tally]:
        """Return what each of some start days comes to; they are in order."""
        if not starts:
            return []
        ordinals = [start.toordinal() for start in starts]
        sums = _Sums(ordinals[0], ordinals[-1], self._template.event, self._tangled)
        for sort, others in self._groups.items():
            near = [m for m in others if self._near(m, sums.first, sums.last)]
            if near and near[0].is_exact:
                self._add_exact(sums, sort, near)
            else:
                for other in near:
                    self._add_vague(sums, sort, other, ordinals)
        for other in self._cases:
            self._add_case(sums, other, ordinals)
        return list(self._add_up(sums, starts))

    def _add_up(self, sums: _Sums, starts: Sequence[date]) -> Iterator[Tally]:
        policy = self._policy
        prices = (-policy.gain_opportunity, policy.cost_minor, policy.cost_major, policy.cost_critical)
        totals = sums.totals()
        for start in starts:
            ordinal = start.toordinal()
            counts = list(totals[ordinal - sums.first])
            for said in (sums.clashes.get(ordinal, ()), sums.chances.get(ordinal, ())):
                for finding in told(said, self._whole_of):
                    counts[finding.severity] += 1
            if self._takes_part:
                for finding in findings_of_days(self.at(start), self._facts, policy):
                    counts[finding.severity] += 1
            cost = sum(count * price for count, price in zip(counts, prices, strict=True))
            yield Tally(start, cost, Severity(max((n for n in (1, 2, 3) if counts[n]), default=0)))

    def _add_exact(self, sums: _Sums, sort: object, others: list[Meeting]) -> None:
        """Add meetings on known days, of which the same is said wherever they lie alike."""
        any_of = others[0]
        gaps = (_OVERLAP, *range(reach(self._policy) + 1))
        # Moving two meetings apart never makes it worse (`judge`): once nothing is said, nothing is farther off.
        clashes = list(takewhile(lambda item: item[1][0], ((gap, self._verdict(sort, any_of, gap)) for gap in gaps)))
        chances = [gap for gap in gaps if self._chance(sort, any_of, gap)]
        if not clashes and not chances:
            return
        for other in others:
            start, end = _ordinals(other)
            for gap, verdict in clashes:
                for first, last in self._starts(start, end, gap):
                    sums.clash(first, last, other, verdict)
            for gap in chances:
                for first, last in self._starts(start, end, gap):
                    sums.chance(first, last, other)

    def _starts(self, start: int, end: int, gap: int) -> tuple[tuple[int, int], ...]:
        """Return the start days, as (first, last), on which so many days are free towards the days [start, end)."""
        if gap == _OVERLAP:
            return ((start - self.days + 1, end + self.before - 1),)
        return ((start - self.days - gap,) * 2, (end + self.before + gap,) * 2)

    def _verdict(self, sort: object, other: Meeting, gap: int) -> _Verdict:
        found = self._known.get((sort, gap))
        if found is None:
            found = self._known[sort, gap] = self._judged(self._at_distance(other, gap), other)
        return found

    def _chance(self, sort: object, other: Meeting, gap: int) -> bool:
        found = self._chances.get((sort, gap))
        if found is None:
            found = self._chances[sort, gap] = self._is_chance(self._at_distance(other, gap), other)
        return found

    def _at_distance(self, other: Meeting, gap: int) -> Meeting:
        first, _last = self._starts(*_ordinals(other), gap)[0]
        return self.at(date.fromordinal(first))

    def _add_vague(self, sums: _Sums, sort: object, other: Meeting, ordinals: list[int]) -> None:
        """Add a meeting whose days are not known: what is said depends on how likely the two meet."""
        if other.span is None:
            return
        begin, end = other.span.start.toordinal(), other.span.end.toordinal()
        nearest, farthest = self._within_reach(other)
        first = bisect_left(ordinals, max(begin - self.days + 1, nearest))
        for ordinal in ordinals[first : bisect_left(ordinals, min(end, farthest + 1))]:
            lies = (other.kind, end - begin, ordinal - begin)
            likely = self._likely.get(lies)
            if likely is None:
                wanted = self.at(date.fromordinal(ordinal))
                likely = self._likely[lies] = likelihood_of_overlap(wanted, other, self._facts)
            verdict = self._known.get((sort, likely))
            if verdict is None:
                verdict = self._known[sort, likely] = self._judged(self.at(date.fromordinal(ordinal)), other)
            if verdict[0]:
                sums.clash(ordinal, ordinal, other, verdict)

    def _add_case(self, sums: _Sums, other: Meeting, ordinals: Iterable[int]) -> None:
        """Add a meeting that is asked about anew for every day."""
        always, is_worth = (
            self._is_always_near(other),
            share_something(self._template, other, self._facts, self._policy),
        )
        first, last = self._within_reach(other)
        for ordinal in ordinals:
            near = first <= ordinal <= last
            if not near and not always:
                continue
            wanted = self.at(date.fromordinal(ordinal))
            verdict = self._judged(wanted, other) if near and is_worth else None
            if verdict and verdict[0]:
                sums.clash(ordinal, ordinal, other, verdict)
            if self._is_chance(wanted, other):
                sums.chance(ordinal, ordinal, other)

    def _judged(self, wanted: Meeting, other: Meeting) -> _Verdict:
        severity, _reasons, likelihood = judge(*_in_order(wanted, other), self._facts, self._policy)
        return severity, likelihood

    def _is_chance(self, wanted: Meeting, other: Meeting) -> bool:
        return bool(joined(*_in_order(wanted, other), self._facts, self._policy))

    def _concerns(self, other: Meeting) -> bool:
        if silence_of_one(other, self._facts, self._policy) is not None:
            return False
        return share_something(self._template, other, self._facts, self._policy) or self._is_always_near(other)

    def _is_always_near(self, other: Meeting) -> bool:
        """Tell whether the two are said to belong together, however far apart they are."""
        if not other.links and not self._template.links:
            return False
        theirs = any((kind, self._template.event) in other.links for kind in _PLANNED_TOGETHER)
        ours = any((kind, other.event) in self._template.links for kind in _PLANNED_TOGETHER)
        return theirs or (ours and not other.option)

    def _is_case_of_its_own(self, other: Meeting) -> bool:
        """Tell whether more counts between the two than how their days lie, or what other meetings do not have."""
        own = self._template
        return bool(
            own.hours
            or own.services
            or other.services
            or (own.whole is not None and own.whole == other.whole)
            or (own.series and own.series == other.series)
            or (own.venue and own.venue == other.venue)
            or linked(own, other, LinkKind)
        )

    def _sort_of(self, other: Meeting) -> tuple[object, ...]:
        """Return what other meetings have to have in common for the rules to say the same of them."""
        journey, _km = self._facts.journey(self._template, other, self._policy)
        return (journey, other.span is not None and other.span.days == 1, *_ALIKE(other))

    def _entangled(self) -> frozenset[uuid.UUID]:
        """Return the events of which not everything is told: they have candidate dates, or parts or wholes here too."""
        found = Counter(m.event for m in self._others)
        entangled = {event for event, count in found.items() if count > 1}
        for event in found:
            whole, seen = self._whole_of.get(event), {event}
            while whole and whole not in seen:
                seen.add(whole)
                whole = self._whole_of.get(whole)
            wholes = (seen - {event}) & found.keys()
            if wholes:
                entangled |= seen
        return frozenset(entangled)

    def _near(self, other: Meeting, first: int, last: int) -> bool:
        """Tell whether some start day from `first` to `last` lies within reach of a meeting."""
        begin, end = self._within_reach(other)
        return begin <= last and first <= end

    def _within_reach(self, other: Meeting) -> tuple[int, int]:
        far = reach(self._policy)
        start, end = _ordinals(other)
        return start - self.days - far, end + self.before + far

    def _move(self, start: date) -> Meeting:
        template, span = self._template, Span(start, start + timedelta(days=self.days))
        footprint = Span(start - timedelta(days=self.before), span.end) if self.before else span
        if not template.hours and not template.services:
            return self._on(span=span, footprint=footprint)
        services, hours = template.services, template.hours
        if template.span:
            by = start - template.span.start
            services = tuple(replace(s, days=Span(s.days.start + by, s.days.end + by)) for s in services)
        else:
            services = tuple(ServiceDays(s.provider, s.kind, span) for s in services)
        if hours:
            by = start - (template.span.start if template.span else hours[0].date())
            hours = (hours[0] + by, hours[1] + by)
        return self._on(span=span, footprint=footprint, services=services, hours=hours)


class _Sums:
    """How often something is said on each start day from `first` to `last`, as ordinals.

    Most of it is added up by where it begins and ends. Of events that are entangled it is kept as it is said, because
    not all of it is told (`compare.told`).
    """

    def __init__(self, first: int, last: int, event: uuid.UUID, tangled: frozenset[uuid.UUID]) -> None:
        self.first, self.last, self._event, self._tangled = first, last, event, tangled
        # By severity; opportunities have none.
        self._changes = [[0] * (last - first + 2) for _ in Severity]
        self.clashes: dict[int, list[Finding]] = defaultdict(list)
        self.chances: dict[int, list[Finding]] = defaultdict(list)

    def clash(self, first: int, last: int, other: Meeting, verdict: _Verdict) -> None:
        """Note that a clash is said of the start days from `first` to `last`."""
        if self._tangled and other.event in self._tangled:
            self._keep(self.clashes, first, last, self._finding(FindingKind.CLASH, other, verdict))
        else:
            self._count(first, last, verdict[0])

    def chance(self, first: int, last: int, other: Meeting) -> None:
        """Note that an opportunity is said of the start days from `first` to `last`."""
        if self._tangled and other.event in self._tangled:
            finding = self._finding(FindingKind.OPPORTUNITY, other, (Severity.NONE, 1.0))
            self._keep(self.chances, first, last, finding)
        else:
            self._count(first, last, Severity.NONE)

    def totals(self) -> list[tuple[int, ...]]:
        """Return for each day how many opportunities, minor, major and critical clashes were added up."""
        return list(zip(*(accumulate(changes) for changes in self._changes), strict=True))

    def _count(self, first: int, last: int, severity: Severity) -> None:
        first, last = max(first, self.first), min(last, self.last)
        if first <= last:
            changes = self._changes[severity]
            changes[first - self.first] += 1
            changes[last + 1 - self.first] -= 1

    def _keep(self, said: dict[int, list[Finding]], first: int, last: int, finding: Finding) -> None:
        for ordinal in range(max(first, self.first), min(last, self.last) + 1):
            said[ordinal].append(finding)

    def _finding(self, kind: FindingKind, other: Meeting, verdict: _Verdict) -> Finding:
        severity, likelihood = verdict
        first = self._event <= other.event
        a, b = (self._event, other.event) if first else (other.event, self._event)
        options = (0, other.option) if first else (other.option, 0)
        return Finding(kind, About.PAIR, a, b, severity, (), options, likelihood)


def _asked(template: Meeting, days: int) -> Meeting:
    """Return the template as it is judged: one meeting that takes place, on exact days."""
    return replace(
        template,
        precision=Precision.DAY,
        status=Status.TENTATIVE if template.is_tentative else Status.CONFIRMED,
        option=0,
        is_umbrella=False,
        hours=template.hours if days == 1 else None,
    )


def _days_before(template: Meeting) -> int:
    if template.span is None or template.footprint is None:
        return 0
    return max(0, (template.span.start - template.footprint.start).days)


def _ordinals(meeting: Meeting) -> tuple[int, int]:
    """Return the first day that a meeting takes, and the day after the last."""
    taken = meeting.taken
    return (taken.start.toordinal(), taken.end.toordinal()) if taken else (0, 0)


def _in_order(wanted: Meeting, other: Meeting) -> tuple[Meeting, Meeting]:
    """Return two meetings as the rules get them, the smaller id first."""
    return (wanted, other) if wanted.event <= other.event else (other, wanted)
