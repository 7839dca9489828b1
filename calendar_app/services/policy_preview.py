"""What another policy would change on the board: every finding made twice, once with each policy. Nothing is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from calendar_app.planning.compare import find
from calendar_app.planning.gaps import find_gaps
from calendar_app.planning.vocabulary import FindingKind, Severity
from calendar_app.services.planning_facts import facts
from calendar_app.services.planning_meetings import all_meetings

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterator

    from sqlalchemy.orm import Session

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.findings import Finding
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy
    from calendar_app.services.calendar import Viewer


class Turn(StrEnum):
    """What becomes of a finding."""

    APPEARS = "appears"
    RISES = "rises"
    FALLS = "falls"
    GOES = "goes"


@dataclass(frozen=True, slots=True)
class Turned:
    """A finding that would not be as it is: as it would become, or, where it goes, as it was.

    `before` and `after` are its severities, NONE where it is not found and for an opportunity. `is_past`: all its
    events are over.
    """

    turn: Turn
    finding: Finding
    before: Severity
    after: Severity
    is_past: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many clashes of one severity there are with each policy; NONE stands for the opportunities."""

    severity: Severity
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change: the worst severity first; what is to come before what is past.

    `otherwise` counts findings that stay as bad as they are, for other reasons or on other candidate dates.
    """

    counts: tuple[Count, ...]
    turned: tuple[Turned, ...]
    otherwise: int
    events: int


def preview(session: Session, viewer: Viewer, before: Policy, after: Policy, today: date) -> Preview:
    """Return what would change of the findings about the events that `viewer` may see."""
    known = facts()
    meetings = all_meetings(session, known, viewer)
    old, new = (_findings(meetings, known, policy) for policy in (before, after))
    last_days = _last_days(meetings)
    turned = list(_turned(old, new, last_days, today))
    turned.sort(key=lambda item: _place(item, last_days))
    same = old.keys() & new.keys()
    otherwise = sum(1 for key in same if old[key] != new[key] and old[key].severity == new[key].severity)
    counts = tuple(
        Count(severity, *(sum(1 for f in found.values() if f.severity is severity) for found in (old, new)))
        for severity in sorted(Severity, reverse=True)
    )
    return Preview(counts, tuple(turned), otherwise, len({m.event for m in meetings}))


def _findings(meetings: Collection[Meeting], known: Facts, policy: Policy) -> dict[tuple[str, ...], Finding]:
    found = [*find(meetings, known, policy), *find_gaps(meetings, known, policy)]
    return {finding.key: finding for finding in found}


def _last_days(meetings: Collection[Meeting]) -> dict[uuid.UUID, date]:
    """Return when each event is over, its latest candidate date included."""
    found: dict[uuid.UUID, date] = {}
    for meeting in meetings:
        if meeting.span is not None:
            found[meeting.event] = max(meeting.span.end, found.get(meeting.event, date.min))
    return found


def _turned(
    old: dict[tuple[str, ...], Finding],
    new: dict[tuple[str, ...], Finding],
    last_days: dict[uuid.UUID, date],
    today: date,
) -> Iterator[Turned]:
    for key in old.keys() | new.keys():
        was, is_ = old.get(key), new.get(key)
        finding = is_ or was
        if finding is None or (was and is_ and was.severity == is_.severity):
            continue
        before, after = (item.severity if item else Severity.NONE for item in (was, is_))
        if was is None or is_ is None:
            turn = Turn.APPEARS if was is None else Turn.GOES
        else:
            turn = Turn.RISES if after > before else Turn.FALLS
        yield Turned(turn, finding, before, after, _over(finding, last_days) <= today)


def _over(finding: Finding, last_days: dict[uuid.UUID, date]) -> date:
    """Return the first day on which all events of a finding are over."""
    return max(last_days.get(event, date.min) for event in (finding.a, finding.b) if event)


def _place(item: Turned, last_days: dict[uuid.UUID, date]) -> tuple[bool, bool, int, tuple[str, ...]]:
    """Order: to come before past; clashes before opportunities; the next first, of past ones the latest."""
    day = _over(item.finding, last_days).toordinal()
    is_clash = item.finding.kind is FindingKind.CLASH
    return item.is_past, not is_clash, -day if item.is_past else day, item.finding.key
