"""All findings of a calendar, or those of a few events: one path for both, so that they cannot differ.

Candidates come from a sweep over the days: two meetings are compared only if they lie close enough for a rule to
speak, and only looked at further if they share people, staff, persons or a room.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from calendar_app.planning.days import judge_days
from calendar_app.planning.findings import Finding
from calendar_app.planning.meetings import is_seen_with
from calendar_app.planning.opportunities import in_town, joined
from calendar_app.planning.pairs import judge
from calendar_app.planning.relations import silence_of_one
from calendar_app.planning.vocabulary import About, FindingKind, LinkKind, Severity

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.findings import Reason
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy

    _Best: TypeAlias = dict[tuple[int, int], Finding]

_PLANNED_TOGETHER = frozenset({LinkKind.BACK_TO_BACK, LinkKind.OVERLAP_INTENDED})
_CLASH, _OPPORTUNITY, _PAIR = FindingKind.CLASH, FindingKind.OPPORTUNITY, About.PAIR


def find(
    meetings: Collection[Meeting], facts: Facts, policy: Policy, only: frozenset[uuid.UUID] | None = None
) -> list[Finding]:
    """Return the findings of a calendar; with `only`, those that concern one of these events.

    For `only` to give what the whole would, `meetings` hold the families (wholes and parts) of these events, what lies
    within `reach` days of any of them, what they are linked with, and the families of all these.
    (What a session lacks is found by `gaps`: it lies further apart.)
    """
    speaking = [m for m in meetings if silence_of_one(m, facts, policy) is None]
    whole_of = covering(meetings)
    return judged(candidates(speaking, facts, policy, only), speaking, whole_of, facts, policy, only)


def covering(meetings: Iterable[Meeting]) -> dict[uuid.UUID, uuid.UUID]:
    """Return for each part the whole that may speak for it: one that all who see the part may see."""
    parts = {m.event: m for m in meetings if m.part_of}
    if not parts:
        return {}
    # By numbers here and below: an id takes several times as long to look up.
    by_event = {m.event.int: m for m in meetings}
    return {
        m.event: whole.event
        for m in parts.values()
        if m.part_of and (whole := by_event.get(m.part_of.int)) and is_seen_with(whole, m)
    }


def judged(
    pairs: Iterable[tuple[Meeting, Meeting]],
    speaking: Collection[Meeting],
    whole_of: Mapping[uuid.UUID, uuid.UUID],
    facts: Facts,
    policy: Policy,
    only: frozenset[uuid.UUID] | None = None,
) -> list[Finding]:
    """Return what is told of these pairs, the smaller id first in each, and of the days of those that take part.

    `speaking` are the meetings that take part, `whole_of` has the whole of each part. What `pairs` leave out must be
    pairs of which no rule would say anything; those that are said to belong together are added.
    """
    clashes: _Best = {}
    chances: _Best = {}
    for a, b in pairs:
        severity, reasons, likelihood = judge(a, b, facts, policy)
        if severity:
            found = Finding(_CLASH, _PAIR, a.event, b.event, severity, reasons, (a.option, b.option), likelihood)
            _keep_best(clashes, found)
        if chance := joined(a, b, facts, policy):
            _keep_best(chances, _opportunity(a, b, chance))
    for a, b in _linked(speaking):
        if (only is None or {a.event, b.event} & only) and (chance := joined(a, b, facts, policy)):
            _keep_best(chances, _opportunity(a, b, chance))
    told = [*_uncovered(clashes, whole_of), *_uncovered(chances, whole_of)]
    wanted = _numbers(only)
    for meeting in speaking:
        if wanted is None or meeting.event.int in wanted:
            told += findings_of_days(meeting, facts, policy)
    return told


def reach(policy: Policy) -> int:
    """Return how many free days two meetings can have between them and still concern each other."""
    return max(policy.minor_below_free_days - 1, policy.join_free_days)


def findings_of_days(meeting: Meeting, facts: Facts, policy: Policy) -> list[Finding]:
    """Return what is to be said of one meeting's own days; of candidate dates only by the clashes they make."""
    if meeting.option:
        return []
    found = []
    days = judge_days(meeting, facts, policy)
    if days.severity:
        found.append(Finding(FindingKind.CLASH, About.DAYS, meeting.event, None, days.severity, days.reasons))
    town = in_town(meeting, facts)
    if town:
        found.append(Finding(FindingKind.OPPORTUNITY, About.DAYS, meeting.event, None, Severity.NONE, town))
    return found


def candidates(
    meetings: Collection[Meeting], facts: Facts, policy: Policy, only: frozenset[uuid.UUID] | None = None
) -> Iterator[tuple[Meeting, Meeting]]:
    """Yield the pairs that are worth judging, each once, the smaller id first."""
    far, among = reach(policy), _numbers(only)
    spans = sorted(
        (m.taken.first_ordinal, m.taken.end_ordinal + far, number, among is None or m.event.int in among, m)
        for number, m in enumerate(meetings)
        if m.taken is not None
    )
    for index, (_start, end, _number, wanted, a) in enumerate(spans, 1):
        for start, _end, _other, is_wanted, b in islice(spans, index, None):
            if start > end:
                break
            if (wanted or is_wanted) and share_something(a, b, facts, policy):
                yield (a, b) if a.event.int <= b.event.int else (b, a)


def _numbers(events: Collection[uuid.UUID] | None) -> frozenset[int] | None:
    return None if events is None else frozenset(event.int for event in events)


def share_something(a: Meeting, b: Meeting, facts: Facts, policy: Policy) -> bool:
    """Tell whether two meetings are worth judging, whatever their days: only if they have something in common."""
    return facts.crowd.share(a.people, b.people) >= policy.weak_share or _share_else(a, b)


def _share_else(a: Meeting, b: Meeting) -> bool:
    """Tell whether two meetings have staff, persons or a building in common."""
    return bool(
        a.secretariats & b.secretariats
        or (a.venue and a.venue == b.venue)
        or a.services
        or b.services
        or a.key_persons & b.key_persons
    )


def _opportunity(a: Meeting, b: Meeting, reasons: tuple[Reason, ...]) -> Finding:
    return Finding(_OPPORTUNITY, _PAIR, a.event, b.event, Severity.NONE, reasons, (a.option, b.option))


def told(said: Iterable[Finding], whole_of: Mapping[uuid.UUID, uuid.UUID]) -> Iterator[Finding]:
    """Return what is told of what is said of pairs (all clashes, or all opportunities): each pair once, the worst.

    `whole_of` has the whole of each part. Of a part nothing is told that its whole tells as well.
    """
    best: _Best = {}
    for finding in said:
        _keep_best(best, finding)
    yield from _uncovered(best, whole_of)


def _keep_best(best: _Best, finding: Finding) -> None:
    """Keep what is said of one pair of several candidate dates: the worst, the likeliest, the first option."""
    if finding.b is None:
        return
    key = (finding.a.int, finding.b.int)
    before = best.setdefault(key, finding)
    if before is not finding and _rank(finding) > _rank(before):
        best[key] = finding


def _rank(finding: Finding) -> tuple[float, ...]:
    first, second = finding.options
    return finding.severity, finding.likelihood, -first, -second


def _uncovered(best: _Best, whole_of: Mapping[uuid.UUID, uuid.UUID]) -> Iterator[Finding]:
    """Leave out what is said of a part where as much is said of its whole: people would read it twice."""
    for pair, finding in best.items():
        x, y = finding.a, finding.b
        if y is None or (x not in whole_of and y not in whole_of):
            yield finding
            continue
        pairs = ((p.int, q.int) for p in _chain(x, whole_of) for q in _chain(y, whole_of))
        covering = (best.get((p, q) if p <= q else (q, p)) for p, q in pairs if (p, q) != pair)
        if not any(other and other.severity >= finding.severity for other in covering):
            yield finding


def _chain(event: uuid.UUID, whole_of: Mapping[uuid.UUID, uuid.UUID]) -> list[uuid.UUID]:
    """Return an event and the wholes it is part of, from the inside out."""
    found = [event]
    while (whole := whole_of.get(found[-1])) and whole not in found:
        found.append(whole)
    return found


def _linked(meetings: Collection[Meeting]) -> Iterator[tuple[Meeting, Meeting]]:
    """Yield the pairs that are said to belong together, however far apart their dates are."""
    linked = [m for m in meetings if m.links]
    if not linked:
        return
    by_event = {m.event.int: m for m in meetings if not m.option}
    for a in linked:
        for kind, other in a.links:
            b = by_event.get(other.int)
            if kind in _PLANNED_TOGETHER and b is not None and b.event != a.event:
                yield (a, b) if a.event.int <= b.event.int else (b, a)
