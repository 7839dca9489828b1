"""Silence by relation: what is settled before any date is looked at. Parts of one meeting never clash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendar_app.planning.dates import Precision
from calendar_app.planning.findings import Effect, Reason
from calendar_app.planning.meetings import linked
from calendar_app.planning.vocabulary import TAKING_PLACE, LinkKind, PartRole

if TYPE_CHECKING:
    from calendar_app.planning.facts import Facts
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy

# They stand beside another meeting and take its days.
BESIDE = frozenset({PartRole.PRE_MEETING, PartRole.SIDE_EVENT, PartRole.BRIEFING})
_YEAR = Precision.YEAR


def silence_of_one(meeting: Meeting, facts: Facts, policy: Policy) -> Reason | None:
    """Return why nothing is ever said of a meeting, whatever it meets; None if it takes part."""
    if meeting.span is None:
        return _silent("no-dates")
    if meeting.status not in TAKING_PLACE:
        return _silent("not-taking-place", ("status", str(meeting.status)))
    if not facts.kind(meeting.kind).is_meeting:
        return _silent("not-a-meeting", ("kind", meeting.kind))
    if meeting.is_umbrella:
        return _silent("parts-speak")
    if meeting.precision is _YEAR or meeting.span.days > policy.vague_longest_days:
        return _silent("too-vague", ("days", meeting.span.days))
    return None


def silence_of_pair(a: Meeting, b: Meeting) -> Reason | None:
    """Return the relation for which two meetings never clash; None if they may."""
    if a.event.int == b.event.int:
        return _silent("options" if a.option or b.option else "same-event")
    if (a.part_of and a.part_of == b.event) or (b.part_of and b.part_of == a.event):
        return _silent("part-and-whole")
    if a.whole and b.whole and a.whole == b.whole and not _rival_side_events(a, b):
        return _silent("parts-of-one")
    if a.series and a.series == b.series:
        return _silent("same-series", ("series", a.series))
    if (a.links or b.links) and linked(a, b, (LinkKind.SAME_AS,)):
        return _silent("same-as")
    return None


def _rival_side_events(a: Meeting, b: Meeting) -> bool:
    """Tell whether two side events of one meeting want the same organisers at the same hour."""
    return (
        a.part_role == b.part_role == PartRole.SIDE_EVENT
        and a.hours is not None
        and b.hours is not None
        and a.hours[0] < b.hours[1]
        and b.hours[0] < a.hours[1]
        and bool(a.organisers & b.organisers)
    )


def _silent(rule: str, *values: tuple[str, str | int]) -> Reason:
    return Reason(rule, Effect.SILENCES, values)
