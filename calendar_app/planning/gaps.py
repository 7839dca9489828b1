"""What a governing session still lacks: nothing is in the way, but something could be added.

A region in its preparatory round, a briefing of the missions, an information session of the other secretariats.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from typing import TYPE_CHECKING

from calendar_app.planning.findings import Effect, Finding, Reason
from calendar_app.planning.meetings import is_seen_with
from calendar_app.planning.vocabulary import TAKING_PLACE, About, FindingKind, LinkKind, PoolType, Severity

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterator

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.findings import Value
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy

_PREPARATORY = "regional-preparatory"
BRIEFING = "briefing"
# The kinds of meetings that come before a session.
PREPARING = frozenset({_PREPARATORY, BRIEFING})


def find_gaps(
    meetings: Collection[Meeting], facts: Facts, policy: Policy, only: frozenset[uuid.UUID] | None = None
) -> list[Finding]:
    """Return the gaps of the governing sessions that members hold, of those in `only` if it is given."""
    # What was called off neither lacks anything nor prepares anything.
    meetings = [m for m in meetings if m.status in TAKING_PLACE and not m.option]
    before = sorted((m for m in meetings if m.kind in PREPARING and m.span), key=_start)
    # Briefings whose days are not known yet may be for any session that they leave time for.
    undated = [m for m in before if m.kind == BRIEFING and not m.is_exact]
    stating: dict[uuid.UUID, list[Meeting]] = {}
    for meeting in meetings:
        if meeting.kind not in PREPARING:
            continue
        for _kind, other in meeting.links:
            stating.setdefault(other, []).append(meeting)
    found = []
    for session in meetings:
        if session.span is None or not is_session(session, facts) or (only is not None and session.event not in only):
            continue
        earliest = session.span.start - timedelta(weeks=weeks_before(policy))
        near = before[bisect_left(before, earliest, key=_start) : bisect_left(before, session.span.start, key=_start)]
        every = dict.fromkeys((*near, *undated, *stating.get(session.event, ())))
        some = [m for m in every if is_seen_with(m, session)]
        reasons = (
            *_round(session, some, facts, policy),
            *_briefing(session, [m for m in some if m.kind == BRIEFING], facts, policy),
        )
        if reasons:
            found.append(Finding(FindingKind.OPPORTUNITY, About.GAP, session.event, None, Severity.NONE, reasons))
    return found


def _start(meeting: Meeting) -> date:
    return meeting.span.start if meeting.span else date.max


def is_session(meeting: Meeting, facts: Facts) -> bool:
    """Tell whether a meeting is a governing session that a member of the exchange holds, on days that are known."""
    return facts.kind(meeting.kind).governing and bool(meeting.secretariats) and meeting.is_exact


def weeks_before(policy: Policy) -> int:
    """Return how many weeks before a session a meeting can lie and still belong to it."""
    return max(policy.round_weeks_earliest, policy.briefing_weeks_earliest)


def _round(session: Meeting, before: list[Meeting], facts: Facts, policy: Policy) -> Iterator[Reason]:
    own = [m for m in before if m.kind == _PREPARATORY and _prepares(m, session, policy)]
    regions = {region for m in own for region in m.regions}
    have = [region for region in facts.round_regions if region in regions]
    missing = [region for region in facts.round_regions if region not in regions]
    if have and missing:
        yield _joins("round-lacks-region", ("missing", tuple(missing)), ("have", tuple(have)))
    others = sorted(_guests(own, facts) - session.organisers)
    if own and others and not _informed(before) & {session.event, *(m.event for m in own)}:
        yield _joins("information-session", ("organisations", tuple(others)), ("meetings", len(own)))


def _informed(before: list[Meeting]) -> set[uuid.UUID]:
    """Return the meetings that have an information session: it is linked with them, from either side."""
    return {
        event
        for m in before
        for kind, other in m.links
        if kind is LinkKind.INFORMATION_SESSION_FOR
        for event in (m.event, other)
    }


def _guests(own: list[Meeting], facts: Facts) -> set[str]:
    """Return the secretariats whose officers are wanted at the meetings of a round."""
    pools = (facts.crowd.pools[code] for m in own for code in m.people.pools)
    return {p.organisation for p in pools if p.type is PoolType.LIAISON} & facts.secretariats


def _prepares(meeting: Meeting, session: Meeting, policy: Policy) -> bool:
    """Tell whether a preparatory meeting belongs to a session: it says so, or it is of its process and comes before."""
    stated = [other for kind, other in meeting.links if kind is LinkKind.PREPARES_FOR]
    if stated:
        return session.event in stated
    return bool(meeting.processes & session.processes) and _lies_before(meeting, session, policy.round_weeks_earliest)


def _briefing(session: Meeting, before: list[Meeting], facts: Facts, policy: Policy) -> Iterator[Reason]:
    if session.span is None or any(_briefs(m, session, facts, policy) for m in before):
        return
    first = session.span.start - timedelta(weeks=policy.briefing_weeks_earliest)
    last = session.span.start - timedelta(weeks=policy.briefing_weeks_latest)
    yield _joins("briefing-missing", ("first", first), ("last", last))


def _briefs(meeting: Meeting, session: Meeting, facts: Facts, policy: Policy) -> bool:
    if any(kind is LinkKind.BRIEFING_FOR and other == session.event for kind, other in meeting.links):
        return True
    missions = any(facts.crowd.pools[code].type is PoolType.MISSIONS for code in meeting.people.pools)
    related = bool(meeting.processes & session.processes)
    return missions and related and _may_lie_before(meeting, session, policy.briefing_weeks_earliest)


def _lies_before(meeting: Meeting, session: Meeting, weeks: int) -> bool:
    if meeting.span is None or session.span is None:
        return False
    return session.span.start - timedelta(weeks=weeks) <= meeting.span.start < session.span.start


def _may_lie_before(meeting: Meeting, session: Meeting, weeks: int) -> bool:
    if meeting.is_exact or meeting.span is None or session.span is None:
        return _lies_before(meeting, session, weeks)
    return session.span.start - timedelta(weeks=weeks) < meeting.span.end and meeting.span.start < session.span.start


def _joins(rule: str, *values: tuple[str, Value]) -> Reason:
    return Reason(rule, Effect.JOINS, values)
