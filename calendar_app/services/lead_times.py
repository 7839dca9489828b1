"""The usual steps of a kind as an administrator sets them, in place of those that come with the calendar."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import false, select

from calendar_app.models import Event, LeadTimes
from calendar_app.planning.dates import Precision
from calendar_app.planning.milestones import EARLIEST_WEEKS, LATEST_WEEKS
from calendar_app.planning.vocabulary import TAKING_PLACE
from calendar_app.services import audit, milestones, reference_entries
from calendar_app.services.holders import is_of_others
from calendar_app.services.reference import ROLES, Milestone, packaged_lists
from calendar_app.services.text import slugify

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.reference import Reference

MOST_STEPS = 30


@dataclass(frozen=True, slots=True)
class Effect:
    """What the steps of a kind mean today: how many coming meetings have them, how many are due and how many late."""

    meetings: int
    due: int
    late: int


def stored(session: Session, kind: str) -> LeadTimes | None:
    """Return the row of a kind, None where the steps are those that come with the calendar."""
    return session.get(LeadTimes, kind)


def same_name(steps: Sequence[Milestone]) -> str:
    """Return a name that two steps would share in addresses, "" if there is none."""
    seen: set[str] = set()
    for step in steps:
        if (slug := slugify(step.name)) in seen:
            return step.name
        seen.add(slug)
    return ""


def put(session: Session, kind: str, steps: Sequence[Milestone], *, by: Person, now: datetime) -> bool:
    """Let a kind have these steps; return whether that changes anything.

    Raises ValueError for steps that cannot be; whoever asks people for them checks before.
    """
    weeks = range(EARLIEST_WEEKS, LATEST_WEEKS + 1)
    if len(steps) > MOST_STEPS or same_name(steps) or any(s.owner not in ROLES or s.weeks not in weeks for s in steps):
        raise ValueError(kind)
    before = reference_entries.read_lists(session)
    wanted = tuple(sorted(steps, key=lambda step: step.weeks))
    if wanted == before.kinds[kind].milestones:
        return False
    if wanted == packaged_lists().kinds[kind].milestones:
        return take_back(session, kind, by=by, now=now)
    row = stored(session, kind) or LeadTimes(kind=kind)
    row.steps, row.changed_at, row.actor = [asdict(step) for step in wanted], now, by.name or by.email
    session.add(row)
    _in_force(session, kind, before, by, now)
    return True


def take_back(session: Session, kind: str, *, by: Person, now: datetime) -> bool:
    """Let a kind have the steps that come with the calendar again; return whether it had others."""
    row = stored(session, kind)
    if row is None:
        return False
    before = reference_entries.read_lists(session)
    session.delete(row)
    _in_force(session, kind, before, by, now)
    return True


def _in_force(session: Session, kind: str, before: Reference, by: Person, now: datetime) -> None:
    reference_entries.put_in_force(session, before, now, _no_event, derived=False)
    after = reference_entries.read_lists(session)
    audit.note(
        session,
        actor=by.name or by.email,
        account_id=by.account_id,
        action="lead times changed",
        subject=f"kinds: {kind}",
        now=now,
        details={"before": _in_words(before.kinds[kind].milestones), "after": _in_words(after.kinds[kind].milestones)},
    )


def _no_event(_facts: Reference) -> ColumnElement[bool]:
    """Return the events that read differently afterwards: none, feeds and searches know no milestones."""
    return false()


def _in_words(steps: Sequence[Milestone]) -> dict[str, str]:
    return {step.name: f"{step.weeks:+d} ({step.owner})" for step in steps}


def effect(session: Session, kind: str, today: date) -> Effect:
    """Return what the steps that hold here mean for the coming meetings of a kind whose days are known.

    Those that no member holds have no steps.
    """
    query = select(Event).where(
        Event.kind == kind,
        Event.end > today,
        Event.precision == Precision.DAY,
        Event.status.in_(TAKING_PLACE),
        Event.stage.in_(milestones.DECIDED),
        Event.merged_into_id.is_(None),
    )
    meetings = [event for event in session.scalars(query) if not is_of_others(event)]
    due = [step for steps in milestones.of_events(session, meetings, today).values() for step in steps]
    late = sum(step.is_late for step in due)
    return Effect(len(meetings), len(due) - late, late)
