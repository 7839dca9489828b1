"""Which meetings the secretariats coordinate among themselves, and how what they coordinate stands."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import date

    from calendar_app.planning.facts import KindFacts

# The kind that says nothing: often a programme of years, and no meeting at all.
_CONFERENCE, _UNKNOWN = "conference", "other"


class SlotName(StrEnum):
    """What is coordinated before a meeting (the task force's list of upcoming events), in the order of the list."""

    PARTICIPATION = "participation"
    STATEMENTS = "statements"
    DOCUMENTS = "documents"
    SIDE_EVENTS = "side-events"


class SlotState(StrEnum):
    """How far the secretariats are with it."""

    NOT_NEEDED = "not-needed"
    OPEN = "open"
    AGREED = "agreed"
    DONE = "done"


# What still asks something of somebody: what is agreed has yet to be done.
UNFINISHED = frozenset({SlotState.OPEN, SlotState.AGREED})


def is_of_mutual_interest(kind: KindFacts, holders: AbstractSet[str], members: AbstractSet[str]) -> bool:
    """Tell whether a meeting of a kind, held by these organisations, concerns more than one member.

    It does if it is a governing session or a conference, if two or more members hold it, or if none of those who hold
    it is a member. What is no meeting, or of no known kind, never does by itself. Where nobody is known to hold it,
    nothing can be said of that.
    """
    if not kind.is_meeting or kind.slug == _UNKNOWN:
        return False
    own = holders & members
    return kind.governing or kind.slug == _CONFERENCE or len(own) > 1 or (bool(holders) and not own)


def is_late(state: SlotState, deadline: date | None, today: date) -> bool:
    """Tell whether something should have been done before today."""
    return deadline is not None and deadline < today and state in UNFINISHED
