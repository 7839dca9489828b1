"""What makes it less bad that two meetings get in each other's way: online, not firm, not ours, or short."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from calendar_app.planning.findings import Effect, Reason
from calendar_app.planning.vocabulary import Severity

if TYPE_CHECKING:
    from calendar_app.planning.facts import Facts
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy

# These help who attends, not who serves a meeting or is named for it: they are wanted in the room.
_FOR_ATTENDING = frozenset({"remote", "short-in-town"})


class Softer(NamedTuple):
    """What makes any ground less bad: by steps, or by a severity that nothing exceeds."""

    rule: str
    steps: int = 0
    at_most: int = int(Severity.CRITICAL)


def softening(a: Meeting, b: Meeting, facts: Facts, policy: Policy) -> tuple[Softer, ...]:
    """Return what makes any ground of two meetings less bad."""
    found: list[Softer] = []
    if a.is_online or b.is_online:
        found.append(Softer("online", policy.online_lowers))
    elif a.remote or b.remote:
        found.append(Softer("remote", policy.remote_lowers))
    elif a.city and a.city == b.city and (_is_brief(a, facts, policy) or _is_brief(b, facts, policy)):
        found.append(Softer("short-in-town", policy.short_in_town_lowers))
    if a.is_tentative or b.is_tentative:
        found.append(Softer("tentative", policy.tentative_lowers))
    if not (a.is_exact and b.is_exact):
        found.append(Softer("vague", at_most=policy.vague_at_most))
    if not a.secretariats and not b.secretariats:
        found.append(Softer("outside", at_most=policy.outside_pairs_at_most))
    return tuple(found)


@lru_cache(maxsize=4096)
def lowered(severity: Severity, softer: tuple[Softer, ...], *, serving: bool) -> tuple[Severity, tuple[Reason, ...]]:
    """Return the severity of a ground after all that softens it, and the reasons that made a difference.

    `serving`: the ground is about those who serve the meetings.
    """
    reasons: tuple[Reason, ...] = ()
    for item in softer:
        if serving and item.rule in _FOR_ATTENDING:
            continue
        level = Severity(min(item.at_most, max(0, severity - item.steps)))
        if level < severity:
            reasons += (Reason(item.rule, Effect.LOWERS if item.steps else Effect.CAPS, (), level),)
            severity = level
    return severity, reasons


def short_session(a: Meeting, b: Meeting, facts: Facts, policy: Policy, *, strong: bool) -> Reason | None:
    """Return what the hour of a short online session says: it is silent, or mentioned. None if neither is one.

    People who sit in the other meeting join it at a decent hour. `strong`: they are the same people; of some of them
    it is mentioned only if the hour is known not to be decent.
    """
    short = a if _is_short(a, facts, policy) else b if _is_short(b, facts, policy) else None
    if short is None:
        return None
    other = b if short is a else a
    if not (short.is_exact and other.is_exact):
        return Reason("short-online", Effect.SILENCES)
    note = _two_sessions(short, other) if other.is_online else _joined_from(short, other, facts, policy)
    if not strong and note.rule != "unworkable-hour":
        return note if note.effect is Effect.SILENCES else Reason("short-online", Effect.SILENCES)
    return note


def _two_sessions(short: Meeting, other: Meeting) -> Reason:
    if short.hours and other.hours and short.hours[0] < other.hours[1] and other.hours[0] < short.hours[1]:
        return Reason("same-hours", Effect.NOTES)
    return Reason("short-online", Effect.SILENCES)


def _joined_from(short: Meeting, other: Meeting, facts: Facts, policy: Policy) -> Reason:
    """Tell whether people who sit in the other meeting can join a short session at a decent hour."""
    place = facts.places.get(other.city)
    if not short.hours or not place:
        return Reason("hour-unknown", Effect.NOTES, (("city", other.city),))
    zone = ZoneInfo(place.timezone)
    start, end = (hour.astimezone(zone) for hour in short.hours)
    values = (("start", f"{start:%H:%M}"), ("end", f"{end:%H:%M}"), ("city", other.city))
    decent = start.hour >= policy.working_day_starts and end.hour + end.minute / 60 <= policy.working_day_ends
    if start.date() == end.date() and decent:
        return Reason("workable-hour", Effect.SILENCES, values)
    return Reason("unworkable-hour", Effect.NOTES, values)


def _is_short(meeting: Meeting, facts: Facts, policy: Policy) -> bool:
    """Tell whether it is an online session of a few hours."""
    return meeting.is_online and _is_brief(meeting, facts, policy)


def _is_brief(meeting: Meeting, facts: Facts, policy: Policy) -> bool:
    """Tell whether a meeting takes a few hours: by its hours, or else by what its kind usually takes."""
    if meeting.hours:
        return (meeting.hours[1] - meeting.hours[0]).total_seconds() <= policy.short_hours * 3600
    one_day = meeting.span is None or not meeting.is_exact or meeting.span.days == 1
    return facts.kind(meeting.kind).short and one_day
