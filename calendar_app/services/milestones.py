"""The milestones of events: the usual lead times of their kinds, and what is known of each beyond that.

Visibility is the caller's: it passes events that it may show, and shows nothing of this to the public.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from calendar_app.models import Event, EventMilestone
from calendar_app.planning.dates import Precision
from calendar_app.planning.milestones import Course, MilestoneState, Standing, day_of, standing
from calendar_app.planning.vocabulary import TAKING_PLACE, Stage, Status
from calendar_app.services.holders import is_of_others
from calendar_app.services.owners import Owner, owner_of
from calendar_app.services.preparation import Wanted, write
from calendar_app.services.records import holders_of
from calendar_app.services.reference import Milestone, reference

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.preparation import By

# Work on a meeting begins when it is decided that it will be public; before, nobody owes anything.
DECIDED = frozenset({Stage.SCHEDULED, Stage.PUBLISHED})
STEWARD = "steward"
NOBODY = Owner()


@dataclass(frozen=True, slots=True)
class Due:
    """A step that is still to be done, with its day. `state` is due or late, `role` that of the usual owner or ""."""

    event: Event
    name: str
    due: date
    state: str
    owner: Owner
    role: str
    is_late: bool
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the page of its event shows it. `row` is what differs from usual, None if nothing does.

    `weeks` is the usual lead time, None for a step that the kind has no longer. `owner` is empty where nobody is named.
    """

    event: Event
    name: str
    weeks: int | None
    role: str
    day: date | None
    standing: Standing
    owner: Owner
    row: EventMilestone | None

    @property
    def note(self) -> str:
        """What is noted on it."""
        return self.row.note if self.row else ""

    @property
    def version(self) -> int:
        """What tells whether somebody else changed it since, 0 if nobody ever did."""
        return self.row.version if self.row else 0


def of_events(session: Session, events: Sequence[Event], today: date) -> dict[uuid.UUID, list[Due]]:
    """Return what is still to be done for each event and has a day, earliest first; one query.

    Events for which nothing is due are left out.
    """
    found = {
        event_id: [
            Due(s.event, s.name, s.day, s.standing, s.owner, s.role, s.standing is Standing.LATE, s.note)
            for s in steps
            if s.day and s.standing in {Standing.DUE, Standing.LATE}
        ]
        for event_id, steps in steps_of(session, events, today).items()
    }
    return {event_id: sorted(due, key=lambda d: (d.due, d.name)) for event_id, due in found.items() if due}


def steps_of(session: Session, events: Sequence[Event], today: date) -> dict[uuid.UUID, list[Step]]:
    """Return all steps of each event in the order of their days, those without one in that of their kind; one query.

    A meeting that no member holds has none, unless people have said something of one.
    """
    rows: dict[uuid.UUID, dict[str, EventMilestone]] = {event.id: {} for event in events}
    if rows:
        for row in session.scalars(select(EventMilestone).where(EventMilestone.event_id.in_(rows))):
            rows[row.event_id][row.name] = row
    return {event.id: _steps(event, rows[event.id], today) for event in events}


def _steps(event: Event, rows: dict[str, EventMilestone], today: date) -> list[Step]:
    course = course_of(event)
    usual = usual_steps(event.kind) if rows or not is_of_others(event) else ()
    known = {step.name for step in usual}
    # A day that was agreed stands, although the kind has no such step any more.
    others = [Milestone(name, 0, "") for name, row in sorted(rows.items()) if row.due_on and name not in known]
    steps = []
    for usual_step in (*usual, *others):
        name, row = usual_step.name, rows.get(usual_step.name)
        weeks = usual_step.weeks if name in known else None
        day = day_of(course.start, weeks, row.due_on if row else None)
        stands = standing(day, MilestoneState(row.state) if row else MilestoneState.OPEN, course, today)
        steps.append(Step(event, name, weeks, usual_step.owner, day, stands, _owner(event, usual_step, row), row))
    return sorted(steps, key=lambda step: (step.day is None, step.day or date.max))


def _owner(event: Event, usual: Milestone, row: EventMilestone | None) -> Owner:
    """Return who looks after a step: whoever is named, else the steward where the step is the steward's.

    Who only keeps the record of somebody else's meeting prepares nothing of it.
    """
    named = owner_of(row) if row else NOBODY
    if named or usual.owner != STEWARD:
        return named
    holders = holders_of(event)
    return Owner(event.steward_code) if not holders or event.steward_code in holders else NOBODY


def usual_steps(kind: str) -> tuple[Milestone, ...]:
    """Return the usual lead times of a kind, in their order."""
    found = reference().kinds.get(kind)
    return found.milestones if found else ()


def course_of(event: Event) -> Course:
    """Return what decides about the steps of an event. A postponed meeting has no days until it has new ones."""
    exact = event.precision == Precision.DAY and event.status != Status.POSTPONED
    is_on = event.status in TAKING_PLACE and event.stage in DECIDED and event.merged_into_id is None
    return Course(event.start if exact else None, event.end if exact else None, event.created_at.date(), is_on)


def known(step: Step) -> Wanted:
    """Return what people said of a step so far."""
    row = step.row
    return (
        Wanted(row.state, row.due_on, owner_of(row), row.note) if row else Wanted(MilestoneState.OPEN, None, NOBODY, "")
    )


def change(session: Session, step: Step, wanted: Wanted, by: By) -> None:
    """Write what is known of a step, which has to be read in the transaction; the day is one agreed for this meeting.

    Raises `StaleError` if somebody else changed it since it was shown.
    """
    row = step.row or EventMilestone(event_id=step.event.id, name=step.name, version=0)
    write(row, wanted, by)
    row.due_on = wanted.day
    session.add(row)
    session.flush()


def due_between(
    session: Session, first: date, last: date, today: date, *where: ColumnElement[bool]
) -> list[tuple[Event, list[Due]]]:
    """Return the events that meet `where` with the steps whose day lies between two days, both counted.

    Two queries, however many events there are. What is not published yet is among them; the caller says who may know.
    """
    kinds = {slug: kind.milestones for slug, kind in reference().kinds.items() if kind.milestones}
    weeks = [step.weeks for steps in kinds.values() for step in steps] or [0]
    agreed = select(EventMilestone.event_id).where(EventMilestone.due_on.between(first, last))
    usual = and_(
        Event.kind.in_(kinds),
        Event.start.between(first - timedelta(weeks=max(weeks)), last - timedelta(weeks=min(weeks))),
    )
    on = (Event.stage.in_(DECIDED), Event.status.in_(TAKING_PLACE), Event.merged_into_id.is_(None))
    events = session.scalars(select(Event).where(*on, or_(usual, Event.id.in_(agreed)), *where)).all()
    found = of_events(session, events, today)
    lists = [(event, [due for due in found.get(event.id, ()) if first <= due.due <= last]) for event in events]
    return [(event, due) for event, due in lists if due]
