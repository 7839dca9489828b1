"""Two meetings: do they get in each other's way, how badly and why.

The order of thought is that of a coordinator: who is wanted in both; then how close the days are and how far the
cities; then what makes it less bad (`softening`). Each rule leaves a `Reason`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from calendar_app.planning.dates import overlaps
from calendar_app.planning.facts import Journey
from calendar_app.planning.findings import Effect, Reason
from calendar_app.planning.likelihood import likelihood_of_overlap
from calendar_app.planning.meetings import free_days, linked, shared_days
from calendar_app.planning.people import STAFF
from calendar_app.planning.relations import silence_of_pair
from calendar_app.planning.softening import lowered, short_session, softening
from calendar_app.planning.vocabulary import LinkKind, PoolType, Severity

if TYPE_CHECKING:
    from datetime import date

    from calendar_app.planning.dates import Span
    from calendar_app.planning.facts import Facts
    from calendar_app.planning.findings import Value
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.people import Shared
    from calendar_app.planning.policy import Policy

# Sharing these makes two governing sessions impossible to attend for the same Parties, or to serve.
_DECISIVE = frozenset({PoolType.DELEGATES, PoolType.STAFF})
_ONE_ROOM_EACH = frozenset({Journey.NEAR, Journey.CONTINENT, Journey.INTERCONTINENTAL})
_MAY_BE_FAR = frozenset({Journey.CONTINENT, Journey.UNKNOWN})
_PLANNED_TOGETHER = (LinkKind.OVERLAP_INTENDED, LinkKind.BACK_TO_BACK)
_MOST_POOLS = 3
# By names of their own: looking a member up in its enumeration takes longer than comparing it.
_LEVELS = _NONE, _MINOR, _MAJOR, _CRITICAL = tuple(Severity)
_SAME_CITY, _INTERCONTINENTAL = Journey.SAME_CITY, Journey.INTERCONTINENTAL


class Judgement(NamedTuple):
    """What the rules say of two meetings. `likelihood` is 1 when both dates are known."""

    severity: Severity
    reasons: tuple[Reason, ...]
    likelihood: float = 1.0


class _Ground(NamedTuple):
    """One ground for a clash. `serving`: it is about those who serve the meetings, not those who attend them."""

    severity: Severity
    reasons: tuple[Reason, ...]
    serving: bool = False


_NOTHING = Judgement(_NONE, ())
_NOBODY = Judgement(_NONE, (Reason("no-shared-people", Effect.QUIET),))
_REGIONS_DIFFER = Judgement(_NONE, (Reason("regions-differ", Effect.QUIET),))
_NO_JOURNEY = Judgement(_NONE, (Reason("no-journey-online", Effect.QUIET),))
_GOVERNING = Reason("governing-sessions", Effect.RAISES, (), _CRITICAL)


def judge(a: Meeting, b: Meeting, facts: Facts, policy: Policy) -> Judgement:
    """Return how badly two meetings get in each other's way; both take part (`relations.silence_of_one`).

    Symmetric. Moving two meetings apart never makes it worse, and a vaguer date never makes it worse than the worst
    of the days it leaves open. The reasons are complete for what is said; of what is not, they are the rules that
    silenced it.
    """
    here, there = _days_of(a, b)
    if here is None or there is None:
        return _NOTHING
    gap = free_days(here, there)
    if gap >= policy.minor_below_free_days:
        return _far_apart(gap)
    silent = silence_of_pair(a, b) or _planned_together(a, b)
    if silent:
        return Judgement(_NONE, (silent,))
    if gap < 0:
        grounds = _overlapping(a, b, facts, policy)
        return _soften(a, b, grounds, facts, policy) if grounds else _nobody(facts.crowd.shared(a.people, b.people))
    # Days that are not known say nothing of a journey.
    return _with_travel(a, b, gap, facts, policy) if a.is_exact and b.is_exact else _NOTHING


def each_ground(a: Meeting, b: Meeting, facts: Facts, policy: Policy) -> list[Judgement]:
    """Return what each ground of two meetings that can share days comes to by itself; none if they share no day.

    `judge` says the worst of these and leaves out what came to nothing beside it: here it can be looked up.
    """
    here, there = _days_of(a, b)
    if here is None or there is None or not overlaps(here, there):
        return []
    grounds = [_soften(a, b, [ground], facts, policy) for ground in _overlapping(a, b, facts, policy)]
    return grounds or [_nobody(facts.crowd.shared(a.people, b.people))]


def _days_of(a: Meeting, b: Meeting) -> tuple[Span | None, Span | None]:
    """Return the days of both, with those that prepare them where all are known."""
    return (a.taken, b.taken) if a.is_exact and b.is_exact else (a.span, b.span)


def _planned_together(a: Meeting, b: Meeting) -> Reason | None:
    link = linked(a, b, _PLANNED_TOGETHER) if a.links or b.links else None
    return Reason("planned-together", Effect.SILENCES, (("link", str(link)),)) if link else None


@cache
def _far_apart(gap: int) -> Judgement:
    return Judgement(_NONE, (Reason("far-apart", Effect.QUIET, (("free_days", gap),)),))


def _with_travel(a: Meeting, b: Meeting, gap: int, facts: Facts, policy: Policy) -> Judgement:
    """Judge two meetings that follow each other: is there time for the journey?"""
    shared = facts.crowd.shared(a.people, b.people)
    share = _share_that_travels(shared)
    if share < policy.weak_share and a.secretariats.isdisjoint(b.secretariats):
        return _nobody(shared)
    if a.is_online or b.is_online:
        return _NO_JOURNEY
    journey, km = facts.journey(a, b, policy)
    way = (gap, km, journey, a.city, b.city)
    grounds = []
    severity = _severity_of_travel(journey, gap, share, policy)
    if severity:
        reasons = _who(shared, severity, policy.strong_share, policy.weak_share, PoolType.LIAISON)
        grounds.append(_Ground(severity, (*reasons, _travel("travel", Effect.SPEAKS, severity, *way))))
    tight = journey is _INTERCONTINENTAL and gap < policy.staff_minor_below_free_days
    if tight and not a.secretariats.isdisjoint(b.secretariats) and not _regions_differ(a, b):
        same = a.secretariats & b.secretariats
        level = _LEVELS[policy.same_secretariat]
        holding = Reason("secretariat-travels", Effect.SPEAKS, (("organisations", tuple(sorted(same))),), level)
        grounds.append(_Ground(level, (holding, _travel("travel", Effect.NOTES, _NONE, *way)), serving=True))
    if grounds:
        return _soften(a, b, grounds, facts, policy)
    if share < policy.weak_share:
        return _nobody(shared)
    return Judgement(_NONE, (_travel("time-to-travel", Effect.QUIET, _NONE, *way),))


@lru_cache(maxsize=65536)
def _travel(
    rule: str, effect: Effect, severity: Severity, gap: int, km: int, journey: Journey, here: str, there: str
) -> Reason:
    values = (("free_days", gap), ("km", km), ("journey", str(journey)), ("from", here), ("to", there))
    return Reason(rule, effect, values, severity)


@lru_cache(maxsize=65536)
def _share_that_travels(shared: Shared) -> float:
    """Return the largest share of those who must come themselves: of officers on loan another one can be sent."""
    return max((item.share for item in shared.pools if item.type is not PoolType.LIAISON), default=0.0)


def _severity_of_travel(journey: Journey, gap: int, share: float, policy: Policy) -> Severity:
    if share < policy.weak_share:
        return _NONE
    strong = share >= policy.strong_share
    if journey is _INTERCONTINENTAL:
        if strong and gap < policy.major_below_free_days:
            return _MAJOR
        below = policy.minor_below_free_days if strong else policy.weak_minor_below_free_days
        return _MINOR if gap < below else _NONE
    tight = gap < policy.continental_minor_below_free_days
    known = journey in _MAY_BE_FAR
    return _MINOR if strong and tight and known else _NONE


def _overlapping(a: Meeting, b: Meeting, facts: Facts, policy: Policy) -> list[_Ground]:
    """Return the grounds of two meetings that can share days, before they are softened."""
    journey, _km = facts.journey(a, b, policy)
    shared = facts.crowd.shared(a.people, b.people)
    grounds: list[_Ground] = []
    if shared.share >= policy.weak_share:
        severity = _severity_of_overlap(a, b, shared, journey, facts, policy)
        reasons = _who(shared, severity, policy.strong_share, policy.weak_share)
        if severity is _CRITICAL:
            reasons += (_GOVERNING,)
        grounds.append(_Ground(severity, reasons))
    grounds += _of_staff(a, b, journey, policy)
    return grounds


def _severity_of_overlap(
    a: Meeting, b: Meeting, shared: Shared, journey: Journey, facts: Facts, policy: Policy
) -> Severity:
    if shared.share < policy.strong_share:
        return _MINOR
    governing = facts.kind(a.kind).governing and facts.kind(b.kind).governing
    apart = journey in _ONE_ROOM_EACH or a.is_online or b.is_online
    if governing and apart and _is_decisive(shared, policy.strong_share):
        return _CRITICAL
    return _MAJOR


@lru_cache(maxsize=65536)
def _is_decisive(shared: Shared, strong_share: float) -> bool:
    return any(p.is_same and p.type in _DECISIVE and p.share >= strong_share for p in shared.pools)


def _of_staff(a: Meeting, b: Meeting, journey: Journey, policy: Policy) -> list[_Ground]:
    """Return the grounds that rest on who serves the two meetings, and on persons and rooms."""
    if a.whole is not None and a.whole == b.whole:
        # All other parts of one meeting are silent (`relations.silence_of_pair`).
        both = tuple(sorted(a.organisers & b.organisers))
        return [*_serving("rival-side-events", policy.rival_side_events, ("organisations", both))]
    found: list[_Ground] = []
    # Only days that are known double-book an officer or a room: a month is no day.
    if not (a.is_exact and b.is_exact):
        return found
    if journey is not _SAME_CITY and not a.is_online and not b.is_online:
        # Two rooms in cities that nobody has named yet may well be in one.
        both_hold = not a.secretariats.isdisjoint(b.secretariats) and not _regions_differ(a, b)
        if both_hold and journey in _ONE_ROOM_EACH:
            same = tuple(sorted(a.secretariats & b.secretariats))
            found += _serving("same-secretariat", policy.same_secretariat, ("organisations", same))
        providers, whose = _lending(a, b) if a.services or b.services else ((), "")
        if providers:
            found += _serving("shared-service", policy.shared_service, ("organisations", providers), internal=whose)
        if not a.key_persons.isdisjoint(b.key_persons):
            persons = tuple(sorted(a.key_persons & b.key_persons))
            found += _serving("key-person", policy.key_person, ("persons", persons), internal="ab")
    elif a.venue and a.venue == b.venue and journey is _SAME_CITY:
        found += _serving("same-venue", policy.same_venue, ("venue", a.venue), ("city", a.city))
    return found


@lru_cache(maxsize=65536)
def _serving(rule: str, level: int, *values: tuple[str, Value], internal: str = "") -> tuple[_Ground, ...]:
    """Return the ground that a rule about those who serve makes of this level; none of level 0."""
    severity = Severity(level)
    reason = Reason(rule, Effect.SPEAKS, values, severity, internal)
    return (_Ground(severity, (reason,), serving=True),) if severity else ()


def _regions_differ(a: Meeting, b: Meeting) -> bool:
    return bool(a.people.regions and b.people.regions and not a.people.regions & b.people.regions)


def _lending(a: Meeting, b: Meeting) -> tuple[tuple[str, ...], str]:
    """Return who lends staff to one on days on which the other, which they hold or serve too, takes place.

    Services are internal, so it comes with the sides of which something internal was looked at.
    """
    providers: set[str] = set()
    sides: set[str] = set()
    for side, one, other in (("a", a, b), ("b", b, a)):
        serving = {service.provider for service in other.services}
        for service in one.services:
            if other.span is None or not overlaps(service.days, other.span):
                continue
            if service.provider in other.organisers:
                providers.add(service.provider)
                sides.add(side)
            elif service.provider in serving:
                providers.add(service.provider)
                sides |= {"a", "b"}
    return tuple(sorted(providers)), "".join(sorted(sides))


@lru_cache(maxsize=65536)
def _who(
    shared: Shared, severity: Severity, strong_share: float, weak_share: float, left_out: PoolType | None = None
) -> tuple[Reason, ...]:
    """Return who is wanted in both, the most first: people, then teams of secretariats."""
    pools = [item for item in shared.pools if item.share >= weak_share and item.type is not left_out]
    strong = pools[0].share >= strong_share
    shown = [item for item in pools if (item.share >= strong_share) == strong][:_MOST_POOLS]
    reasons = []
    for staff in (False, True):
        for same in (True, False):
            some = [item for item in shown if (item.type in STAFF) == staff and item.is_same == same]
            if not some:
                continue
            rule = ("same-staff" if staff else "same-people") if same else "related-people"
            codes = tuple(item.a for item in some) if same else tuple(f"{item.a}/{item.b}" for item in some)
            values = (("pools", codes), ("share", some[0].share), ("strong", strong))
            reasons.append(Reason(rule, Effect.SPEAKS, values, severity))
    return tuple(reasons)


def _nobody(shared: Shared) -> Judgement:
    return _REGIONS_DIFFER if shared.regions_differ else _NOBODY


def _soften(a: Meeting, b: Meeting, grounds: list[_Ground], facts: Facts, policy: Policy) -> Judgement:
    """Take off what makes each ground less bad, and put together what is left, the worst first."""
    softer = softening(a, b, facts, policy)
    online = a.is_online or b.is_online
    kept: list[tuple[Severity, tuple[Reason, ...]]] = []
    quiet: tuple[Reason, ...] = ()
    for severity, reasons, serving in grounds:
        level = severity
        more: tuple[Reason, ...] = ()
        note = None
        if online and severity and not serving:
            # The hour of a short session may say something of people who are wanted in both.
            note = short_session(a, b, facts, policy, strong=bool(reasons[0].value("strong")))
        if note:
            level = _NONE if note.effect is Effect.SILENCES else min(level, _MINOR)
            more = (note,)
        elif softer:
            level, more = lowered(level, softer, serving=serving)
        if level:
            kept.append((level, reasons + more))
        else:
            quiet += reasons + more
    if not kept:
        return Judgement(_NONE, _once(quiet))
    if len(kept) > 1:
        kept.sort(key=lambda item: -item[0])
    return _said(a, b, kept, facts, policy)


def _said(
    a: Meeting, b: Meeting, kept: list[tuple[Severity, tuple[Reason, ...]]], facts: Facts, policy: Policy
) -> Judgement:
    """Put the grounds that are left together, with the days and places; say nothing of what is unlikely."""
    likelihood = 1.0 if a.is_exact and b.is_exact else likelihood_of_overlap(a, b, facts)
    if likelihood < policy.vague_least_likelihood:
        return Judgement(_NONE, (Reason("unlikely", Effect.SILENCES, (("likelihood", round(likelihood, 2)),)),))
    reasons = kept[0][1] + _when_and_where(a, b, facts, policy)
    for _severity, more in kept[1:]:
        reasons += more
    if likelihood < 1:
        reasons += (Reason("possible", Effect.NOTES, (("likelihood", round(likelihood, 2)),)),)
    return Judgement(kept[0][0], _once(reasons) if len(kept) > 1 else reasons, likelihood)


def _when_and_where(a: Meeting, b: Meeting, facts: Facts, policy: Policy) -> tuple[Reason, ...]:
    """Return the days that two meetings can share and how far apart they are; nothing of those that share none."""
    here, there = _days_of(a, b)
    if here is None or there is None or a.span is None or b.span is None or not overlaps(here, there):
        return ()
    first, last, count = shared_days(here, there)
    prepared = not overlaps(a.span, b.span)
    exact = a.is_exact and b.is_exact
    overlap = _overlap(first, last, count, prepared=prepared, exact=exact)
    return overlap, _places(*facts.journey(a, b, policy), a.city, b.city)


# There are fewer different days than pairs that share some, so findings hold one value together: of a calendar with
# hundreds of thousands of findings this is most of the memory they would take.
@lru_cache(maxsize=65536)
def _overlap(first: date, last: date, days: int, *, prepared: bool, exact: bool) -> Reason:
    values = (("first", first), ("last", last), ("days", days), ("prepared", prepared), ("exact", exact))
    return Reason("overlap", Effect.NOTES, values)


@lru_cache(maxsize=65536)
def _places(journey: Journey, km: int, here: str, there: str) -> Reason:
    values = (("journey", str(journey)), ("km", km), ("from", here), ("to", there))
    return Reason("places", Effect.NOTES, values)


def _once(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reasons))
