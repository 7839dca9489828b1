"""What waits for a person, most urgent first: submissions, proposals, clashes, holds, facts, steps, slots and actions.

Each kind is one or two queries, whatever the number. Events of a person's own organisations only, which are never
hidden from them; those of which they look after a step or a slot are looked through for what they may see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from calendar_app.models import CoordinationSlot, DateOption, Event, EventMilestone, Submission
from calendar_app.planning.dates import ONE_DAY, Precision
from calendar_app.planning.vocabulary import Format, OptionState, Severity, Stage, Status
from calendar_app.services import coordination, finding_board, milestones, moderation, proposals, review_actions
from calendar_app.services.calendar import visible_to
from calendar_app.services.options import GIVEN_UP

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person

# By when something should be done, in days from when it began to wait; only for the order.
_TO_DECIDE, _TO_ANSWER, _TO_CHANGE = 5, 10, 7
_CLASH_TO_ANSWER = 10
_ACTION = 30
# How long before it begins an event should have its facts, and how long what was confirmed counts as fresh.
FACTS_AHEAD = timedelta(days=183)
_FACTS_DUE = 60
FRESH = timedelta(days=90)
HOLDS_AHEAD = timedelta(days=14)
PUBLISHED_AHEAD = timedelta(days=14)
ACTIONS_AHEAD = timedelta(days=60)
STEPS_AHEAD = timedelta(days=14)
# What is late waits for as long as it may still be asked for.
_STEPS_BACK = timedelta(days=366)
SHOWN = 10


class Sort(StrEnum):
    """What waits."""

    SUBMISSION = "submission"
    PROPOSAL = "proposal"
    CHANGES_REQUESTED = "changes-requested"
    CLASH = "clash"
    HOLD = "hold"
    MISSING_FACTS = "missing-facts"
    NOT_CONFIRMED = "not-confirmed"
    TO_BE_PUBLISHED = "to-be-published"
    ACTION = "action"
    MILESTONE = "milestone"
    SLOT = "slot"


class Missing(StrEnum):
    """A fact that readers look for and do not find."""

    DAYS = "days"
    PLACE = "place"
    REGISTRATION = "registration"
    TITLE_IN_ENGLISH = "title-in-english"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits. `due` is the day by which it should be done; `subject` is what its page is about.

    `event` is None only for what is no event: an action of the review. `details` has what the sentence needs.
    """

    sort: Sort
    due: date
    subject: Any
    event: Event | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The items, most urgent first, up to ten of a kind; how many more of each there are."""

    items: list[Item]
    more: dict[Sort, int]


def for_person(session: Session, person: Person, today: date, now: datetime) -> Waiting:
    """Return what waits for this person."""
    own = person.deciding
    found = _changes_requested(session, person)
    if person.roles:
        found += _actions(session, person, today)
    if own:
        found += [*_submissions(session, own), *_proposals(session, own), *_holds(session, own, today)]
        found += _clashes(session, person, today)
        found += [*_of_coming(session, own, today, now), *_scheduled(session, own, today)]
        found += [*_milestones(session, person, today), *_slots(session, person, today)]
    found.sort(key=_urgency)
    items: list[Item] = []
    counts: dict[Sort, int] = {}
    for item in found:
        counts[item.sort] = counts.get(item.sort, 0) + 1
        if counts[item.sort] <= SHOWN:
            items.append(item)
    return Waiting(items, {sort: count - SHOWN for sort, count in counts.items() if count > SHOWN})


def _urgency(item: Item) -> tuple[date, Sort, date, str]:
    """Order what waits by the day by which it should be done, and what is alike by its own days."""
    day = item.event.start if item.event and item.event.start else date.max
    return item.due, item.sort, day, str(item.event.id if item.event else item.subject.id)


def _days_after(moment: datetime, days: int) -> date:
    return moment.date() + timedelta(days=days)


def _submissions(session: Session, own: Collection[str]) -> list[Item]:
    return [
        Item(Sort.SUBMISSION, _days_after(w.since, _TO_DECIDE), w, w.event, {"since": w.since, "by": w.submission})
        for w in moderation.queue(session, own)
    ]


def _proposals(session: Session, own: Collection[str]) -> list[Item]:
    return [
        Item(Sort.PROPOSAL, _days_after(p.created_at, _TO_ANSWER), p, event, {"since": p.created_at})
        for p, event in proposals.open_for(session, own)
    ]


def _actions(session: Session, person: Person, today: date) -> list[Item]:
    """Return the open actions of the coordination review that this person or their organisations look after."""
    found = review_actions.of_person(session, person)
    subjects = review_actions.subjects_of(session, found)
    return [
        # Without a day it waits like what was asked when it was decided.
        Item(
            Sort.ACTION,
            a.due_on or _days_after(a.made_at, _ACTION),
            a,
            None,
            {"about": subjects[a.id], "due": a.due_on},
        )
        for a in found
        if a.due_on is None or a.due_on <= today + ACTIONS_AHEAD
    ]


def _clashes(session: Session, person: Person, today: date) -> list[Item]:
    """Return the clashes to answer; critical ones come before everything else."""
    items = []
    for found in finding_board.to_answer(session, person, today):
        own = next(event for event in finding_board.events_of(found) if event.steward_code in person.deciding)
        is_critical = found.severity == Severity.CRITICAL
        due = date.min if is_critical else _days_after(found.changed_at, _CLASH_TO_ANSWER)
        items.append(Item(Sort.CLASH, due, found, own, {"since": found.found_at}))
    return items


def _changes_requested(session: Session, person: Person) -> list[Item]:
    query = (
        select(Submission, Event)
        .join(Event, Event.id == Submission.event_id)
        .where(
            Submission.account_id == person.account_id,
            Event.stage == Stage.CHANGES_REQUESTED,
            Event.merged_into_id.is_(None),
        )
    )
    return [
        Item(Sort.CHANGES_REQUESTED, _days_after(e.status_since, _TO_CHANGE), s, e, {"since": e.status_since})
        for s, e in session.execute(query).tuples()
    ]


def _living(own: Collection[str], *conditions: ColumnElement[bool]) -> Any:  # noqa: ANN401 - a query
    return select(Event).where(Event.steward_code.in_(own), Event.merged_into_id.is_(None), *conditions)


def _holds(session: Session, own: Collection[str], today: date) -> list[Item]:
    query = (
        select(Event, DateOption)
        .join(DateOption, DateOption.event_id == Event.id)
        .where(
            Event.steward_code.in_(own),
            Event.merged_into_id.is_(None),
            Event.stage.not_in(GIVEN_UP),
            Event.status != Status.CANCELLED,
            DateOption.state == OptionState.OPEN,
            DateOption.held_until.between(today, today + HOLDS_AHEAD),
        )
    )
    return [
        Item(Sort.HOLD, option.held_until, event, event, {"first": option.first_day, "last": option.last_day})
        for event, option in session.execute(query).tuples()
        if option.held_until
    ]


def _scheduled(session: Session, own: Collection[str], today: date) -> list[Item]:
    query = _living(own, Event.stage == Stage.SCHEDULED, Event.publish_on <= today + PUBLISHED_AHEAD)
    return [
        Item(Sort.TO_BE_PUBLISHED, event.publish_on, event, event, {"day": event.publish_on})
        for event in session.scalars(query)
    ]


def _milestones(session: Session, person: Person, today: date) -> list[Item]:
    """Return the steps late or soon due of events that are kept here, or that are looked after here.

    A step that another organisation looks after waits there alone.
    """
    own = person.deciding
    owned = select(EventMilestone.event_id).where(EventMilestone.owner_organisation.in_(own))
    where = (visible_to(person.viewer), or_(Event.steward_code.in_(own), Event.id.in_(owned)))
    found = milestones.due_between(session, today - _STEPS_BACK, today + STEPS_AHEAD, today, *where)
    return [
        Item(Sort.MILESTONE, due.due, due, event, {})
        for event, steps in found
        for due in steps
        if due.owner.organisation in own or (not due.owner.organisation and event.steward_code in own)
    ]


def _slots(session: Session, person: Person, today: date) -> list[Item]:
    own = CoordinationSlot.owner_organisation.in_(person.deciding)
    where = (visible_to(person.viewer), Event.id.in_(select(CoordinationSlot.event_id).where(own)))
    found = coordination.due_between(session, today - _STEPS_BACK, today + STEPS_AHEAD, today, *where)
    return [
        Item(Sort.SLOT, slot.deadline, slot, event, {})
        for event, slots in found
        for slot in slots
        if slot.deadline and slot.owner.organisation in person.deciding
    ]


def _of_coming(session: Session, own: Collection[str], today: date, now: datetime) -> list[Item]:
    """Return the published events to come of which facts are missing or that nobody has confirmed for long."""
    query = _living(
        own,
        Event.stage == Stage.PUBLISHED,
        Event.status != Status.CANCELLED,
        or_(Event.end > today, Event.start.is_(None)),
    )
    found: list[Item] = []
    for event in session.scalars(query):
        if missing := missing_facts(event, today):
            # What runs already is not more urgent than what waits for a decision.
            due = max(today, event.start - timedelta(days=_FACTS_DUE)) if event.start else today
            found.append(Item(Sort.MISSING_FACTS, due, event, event, {"missing": missing}))
        confirmed = event.last_confirmed_at or event.created_at
        if now - confirmed > FRESH:
            due = max(confirmed.date() + FRESH, event.start - FRESH if event.start else today)
            found.append(Item(Sort.NOT_CONFIRMED, due, event, event, {"since": event.last_confirmed_at}))
    return found


def missing_facts(event: Event, today: date) -> list[Missing]:
    """Return what readers will look for and not find: of events that begin within half a year and are not over."""
    if event.start is None or event.end is None or not event.end - ONE_DAY >= today >= event.start - FACTS_AHEAD:
        return []
    online = event.format == Format.ONLINE
    missing = {
        Missing.DAYS: event.precision != Precision.DAY,
        Missing.PLACE: not event.city and not online,
        Missing.REGISTRATION: not event.registration_url and not event.web_url,
        Missing.CONTACT: not event.contact and not event.web_url,
        Missing.TITLE_IN_ENGLISH: not event.titles.get("en"),
    }
    return [fact for fact, lacks in missing.items() if lacks]
