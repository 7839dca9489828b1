"""Two meetings that could share a trip, or are meant to; and the secretariat that is in town already."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from calendar_app.planning.facts import Journey
from calendar_app.planning.findings import Effect, Reason
from calendar_app.planning.meetings import free_days, linked
from calendar_app.planning.people import STAFF
from calendar_app.planning.relations import BESIDE, silence_of_pair
from calendar_app.planning.vocabulary import LinkKind, PoolType

if TYPE_CHECKING:
    from calendar_app.planning.facts import Facts
    from calendar_app.planning.findings import Value
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.people import Shared, SharedPool
    from calendar_app.planning.policy import Policy

_PLANNED_TOGETHER = (LinkKind.BACK_TO_BACK, LinkKind.OVERLAP_INTENDED)
_ONE_STAY = frozenset({Journey.SAME_CITY, Journey.NEAR})
_MOST_POOLS = 3


def joined(a: Meeting, b: Meeting, facts: Facts, policy: Policy) -> tuple[Reason, ...]:
    """Return the grounds for one trip to two meetings, none where there is no opportunity. Symmetric."""
    if a.taken is None or b.taken is None or a.event.int == b.event.int:
        return ()
    exact = a.is_exact and b.is_exact
    gap = free_days(a.taken, b.taken)
    stated = linked(a, b, _PLANNED_TOGETHER) if a.links or b.links else None
    if stated and (not exact or gap <= policy.join_free_days):
        rule = "stated-back-to-back" if stated is LinkKind.BACK_TO_BACK else "overlap-intended"
        return (_joins(rule), *_costs(a, b, exact=exact, policy=policy))
    follows = exact and 0 <= gap <= policy.join_free_days and not a.is_online and not b.is_online
    if not follows or not _concerns_us(a, b, facts) or silence_of_pair(a, b):
        return ()
    return _one_trip(a, b, gap, facts, policy)


def _concerns_us(a: Meeting, b: Meeting, facts: Facts) -> bool:
    """Tell whether a member holds one of the two, or both belong to the cluster or stand next to it."""
    if a.secretariats or b.secretariats:
        return True
    return bool(a.processes & facts.near_processes and b.processes & facts.near_processes)


def _one_trip(a: Meeting, b: Meeting, gap: int, facts: Facts, policy: Policy) -> tuple[Reason, ...]:
    shared = facts.crowd.shared(a.people, b.people)
    if not _coming(shared, policy.weak_share):
        return ()
    one_lead = bool(a.lead & b.lead & a.secretariats)
    # Of one secretariat's own meetings, some people in common are worth it.
    least = policy.weak_share if one_lead else policy.join_share
    worth = _coming(shared, least)
    journey, km = facts.journey(a, b, policy)
    if worth and journey in _ONE_STAY:
        one_trip = (_where(gap, a.city, b.city, km), _audience(shared, least))
        return (*one_trip, *_trips(a, b, worth[0]), *_costs(a, b, exact=True, policy=policy))
    if journey is Journey.UNKNOWN and one_lead:
        # One secretariat holds both, and has not said where: they may well be in one city.
        missing = _joins("city-missing", ("free_days", gap), ("cities", tuple(c for c in (a.city, b.city) if c)))
        return missing, _audience(shared, least)
    return ()


@lru_cache(maxsize=65536)
def _coming(shared: Shared, least: float) -> tuple[SharedPool, ...]:
    """Return who is wanted in both and travels to them, the most first."""
    return tuple(p for p in shared.pools if p.type not in STAFF and p.share >= least)


@lru_cache(maxsize=65536)
def _where(gap: int, city: str, other_city: str, km: int) -> Reason:
    return _joins("one-trip", ("free_days", gap), ("city", city), ("other_city", other_city), ("km", km))


@lru_cache(maxsize=65536)
def _audience(shared: Shared, least: float) -> Reason:
    pools = _coming(shared, least)
    same = tuple(p.a for p in pools if p.is_same)[:_MOST_POOLS]
    if same:
        return _joins("shared-audience", ("pools", same))
    return _joins("related-audience", ("pools", tuple(f"{p.a}/{p.b}" for p in pools[:_MOST_POOLS])))


def _trips(a: Meeting, b: Meeting, most: SharedPool) -> tuple[Reason, ...]:
    """Return how many trips one stay would save, where both say how many people they expect."""
    if not a.expected or not b.expected:
        return ()
    trips = round(min(a.expected, b.expected) * most.share)
    values = (("trips", trips), ("share", most.share))
    return (Reason("trips-saved", Effect.JOINS, values, internal="ab"),) if trips else ()


def _costs(a: Meeting, b: Meeting, *, exact: bool, policy: Policy) -> tuple[Reason, ...]:
    if not exact or a.span is None or b.span is None:
        return ()
    days = (max(a.span.end, b.span.end) - min(a.span.start, b.span.start)).days
    return (Reason("long-stay", Effect.NOTES, (("days", days),)),) if days > policy.long_run_days else ()


def in_town(meeting: Meeting, facts: Facts) -> tuple[Reason, ...]:
    """Return the secretariats whose officers are wanted at a meeting of somebody else in the city where they sit."""
    if not meeting.is_exact or meeting.is_online or not meeting.city:
        return ()
    if meeting.part_role in BESIDE or facts.kind(meeting.kind).short:
        # Too little to send somebody for, or a part of what they come for.
        return ()
    pools = (facts.crowd.pools[code] for code in meeting.people.pools)
    wanted = {p.organisation for p in pools if p.type is PoolType.LIAISON} & facts.secretariats
    here = {code for code in wanted - meeting.organisers if meeting.city in facts.seats.get(code, ())}
    if not here:
        return ()
    return (_joins("in-town", ("organisations", tuple(sorted(here))), ("city", meeting.city)),)


def _joins(rule: str, *values: tuple[str, Value]) -> Reason:
    return Reason(rule, Effect.JOINS, values)
