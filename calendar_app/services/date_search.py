"""Looking for dates: what a person asks for, handed to the finder of planning with the calendar as that person sees it.

What the person may not see takes no part.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from calendar_app.planning import finder
from calendar_app.planning.dates import Span
from calendar_app.planning.finder import RELAXED_BY, Constraint, Wanted
from calendar_app.planning.meetings import free_days
from calendar_app.services.planning_meetings import build, rows_around, written_of
from calendar_app.services.planning_rows import attached_to
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.finder import Search, Window
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy
    from calendar_app.services.calendar import Viewer
    from calendar_app.services.records import EventRecord

# Preparatory meetings lie no longer than this before the first day.
_PREPARATION = timedelta(weeks=1)


class NoExactDaysError(LookupError):
    """The event beside which dates are looked for has no exact days, or is not in the calendar yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person looks for. `record` says who meets, where and how; its dates play no part.

    `event` and `steward` are of the event for which dates are looked for, None and "" for a new one. With `next_to` the
    dates have to lie beside that event, with no more free days between than the policy allows for one trip. The rest is
    as in `finder.Wanted`.
    """

    record: EventRecord
    days: int
    earliest: date
    latest: date
    event: uuid.UUID | None = None
    steward: str = ""
    weekdays: frozenset[int] = frozenset()
    within_week: bool = True
    avoid: tuple[Span, ...] = ()
    next_to: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found; the wanted meeting goes by the id `event`, and draws on the people of `pools` (codes).

    `city` is the slug of the city for which was looked. `beside` is the meeting next to which the dates have to be.
    """

    search: Search
    event: uuid.UUID
    pools: tuple[str, ...]
    city: str
    beside: Meeting | None = None

    def window(self, day: date) -> Window | None:
        """Return what was found of one start day."""
        return next((window for window in self.search.by_day if window.span.start == day), None)


def search_dates(
    session: Session, viewer: Viewer, asked: Asked, facts: Facts, policy: Policy, *, today: date, most: int = 20
) -> Found:
    """Return up to `most` windows and what every start day from `today` on comes to, as far as `viewer` can see.

    Raises `NoExactDaysError` for an event to be next to that has no exact days.
    """
    event, earliest = asked.event or uuid.uuid4(), max(asked.earliest, today)
    meetings = _meetings(session, viewer, asked, event, earliest, facts, policy)
    own = next(m for m in meetings if m.event == event)
    wanted = Wanted(own, asked.days, earliest, asked.latest, asked.weekdays, asked.within_week, asked.avoid)
    beside = _beside(meetings, asked.next_to) if asked.next_to else None
    if beside:
        wanted = _next_to(wanted, beside, policy)
    search = finder.search(wanted, meetings, facts, policy, most, not_before=today)
    if beside:
        search = _kept_beside(search, beside, policy)
    return Found(search, event, own.people.pools, wanted.meeting.city, beside)


def _meetings(
    session: Session, viewer: Viewer, asked: Asked, event: uuid.UUID, earliest: date, facts: Facts, policy: Policy
) -> list[Meeting]:
    """Return what lies within reach of the days looked at, those looked at when nothing good is found too."""
    record = asked.record
    if asked.steward not in viewer.organisations:
        record = replace(record, key_persons=(), expected_participants=None)
    first, last = min(earliest, asked.latest), max(earliest, asked.latest)
    around = Span.inclusive(first - RELAXED_BY - _PREPARATION, last + RELAXED_BY)
    named = {event, *(link.other for link in record.links), *([asked.next_to] if asked.next_to else [])}
    written = written_of(event, asked.steward, record, reference())
    rows = rows_around(session, [around], named, policy, viewer, [written])
    attached = attached_to(session, viewer, list(rows.values()))
    attached.links[event] = {(link.kind, link.other) for link in record.links}
    # Other dates of the same event are no reason against any.
    attached.options.pop(event, None)
    return build(list(rows.values()), attached, facts)


def _beside(meetings: list[Meeting], event: uuid.UUID) -> Meeting:
    found = next((m for m in meetings if m.event == event and m.is_exact and not m.option), None)
    if found is None:
        raise NoExactDaysError
    return found


def _taken(meeting: Meeting) -> Span:
    """Return the days of a meeting that is known to have some, with its preparatory days."""
    taken = meeting.taken
    assert taken  # noqa: S101 - `_beside` takes no others
    return taken


def _next_to(wanted: Wanted, beside: Meeting, policy: Policy) -> Wanted:
    """Return what is wanted, on no other days than those beside a meeting, and in its city if no other is named."""
    taken, far = _taken(beside), timedelta(days=wanted.days + policy.join_free_days)
    meeting = wanted.meeting
    if not meeting.city and not meeting.is_online:
        meeting = replace(meeting, city=beside.city, country=beside.country)
    return replace(
        wanted,
        meeting=meeting,
        earliest=max(wanted.earliest, taken.start - far),
        latest=min(wanted.latest, taken.last + far),
        avoid=(*wanted.avoid, taken),
    )


def _kept_beside(search: Search, beside: Meeting, policy: Policy) -> Search:
    """Leave out what helps only because the meeting would no longer be beside the other one."""
    taken = _taken(beside)
    relaxed = tuple(
        item
        for item in search.relaxed
        if item.constraint is not Constraint.CITY and 0 <= free_days(item.window.span, taken) <= policy.join_free_days
    )
    return replace(search, relaxed=relaxed)
