"""Keeping the stored findings equal to what planning says: in the transaction of each change, or all of them anew."""

from __future__ import annotations

import hashlib
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select
from sqlalchemy.orm import selectinload

from calendar_app.models import CalendarVersion, Event, StoredFinding
from calendar_app.planning.findings import Finding
from calendar_app.planning.vocabulary import About, FindingKind, Severity
from calendar_app.services import events, finding_letters, finding_life, finding_scope, policies, touched
from calendar_app.services.batch import collector_paused
from calendar_app.services.finding_life import CHANGED, FOUND, REOPENED, Turn, state_from
from calendar_app.services.planning_facts import facts

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy
    from calendar_app.services.finding_life import Held
    from calendar_app.services.finding_scope import Looked

__all__ = ["Turn", "planning_digest", "recompute", "settle", "state_from"]

_MOST_IDS = 500

# With all that letters say of the events: one by one they would be asked for.
_TOLD = (
    select(StoredFinding)
    .where(StoredFinding.id.in_(bindparam("ids", expanding=True)))
    .options(*(selectinload(side).selectinload(Event.editors) for side in (StoredFinding.a, StoredFinding.b)))
)


def settle(session: Session, now: datetime) -> None:
    """Make the findings true again after what this transaction has changed, and tell owners of what is new.

    Call it before the commit, inside `using` of the lists that hold then. `now` is aware, in the calendar's time zone.
    """
    news = bring_up_to_date(session, now)
    if news:
        finding_letters.tell_owners(session, news, events.whole_second(now))


def bring_up_to_date(session: Session, now: datetime) -> list[StoredFinding]:
    """Make the findings true again, as `settle` does; return the clashes that owners have still to be told of.

    If the facts or the policy are other ones than those of the stored findings, all are made anew, without news.
    """
    session.flush()
    now, today = events.whole_second(now), now.date()
    changed = touched.take(session)
    version = session.get(CalendarVersion, 1)
    if version is None:
        return []
    known, policy = facts(), policies.in_force(session)
    digest = planning_digest(known, policy)
    if version.planning_digest != digest:
        _anew(session, known, policy, now)
    elif changed:
        looked = finding_scope.around(session, changed, known, policy)
        return _news(session, _store(session, looked, policy, now), looked.meetings, today)
    return []


def recompute(session: Session, now: datetime, tell: Callable[[str], None] = lambda _step: None) -> list[Turn]:
    """Make all findings anew; return what differs from the stored ones. `tell` hears of each step, a sentence."""
    now = events.whole_second(now)
    known, policy = facts(), policies.in_force(session)
    tell("Reading the calendar and comparing its events ...")
    turns = _anew(session, known, policy, now, tell)
    session.flush()
    return turns


def planning_digest(known: Facts, policy: Policy) -> str:
    """Return what tells apart the states of all that findings are made with, beside the events."""
    return hashlib.sha256(f"{known.digest} {policy.version}".encode()).hexdigest()


@collector_paused()
def _anew(
    session: Session, known: Facts, policy: Policy, now: datetime, tell: Callable[[str], None] = lambda _step: None
) -> list[Turn]:
    """Make all findings anew and write them; note what they were made with."""
    looked = finding_scope.whole_calendar(session, known, policy)
    tell(f"{len(looked.meetings)} sets of dates compared; {len(looked.found)} findings. Storing them ...")
    turns = _store(session, looked, policy, now)
    version = session.get(CalendarVersion, 1)
    if version is not None:
        version.planning_digest = planning_digest(known, policy)
    return turns


def _store(session: Session, looked: Looked, policy: Policy, now: datetime) -> list[Turn]:
    """Write what was found, and nothing else than what was looked at."""
    before: Iterable[Held]
    if looked.events is None or looked.sessions is None:
        before = finding_life.every_held(session)
    else:
        stored = finding_life.held(session, looked.events | looked.sessions)
        before = [item for item in stored if _is_within(item, looked.events, looked.sessions)]
    return finding_life.keep(session, looked.found, before, looked.meetings, policy.version, now)


def _is_within(item: Held, events: frozenset[uuid.UUID], sessions: frozenset[uuid.UUID]) -> bool:
    """Tell whether a stored finding is among those that were looked for."""
    if item.about == About.GAP:
        return item.a in sessions
    return item.a in events or (item.b is not None and item.b in events)


def _news(session: Session, turns: list[Turn], meetings: list[Meeting], today: date) -> list[StoredFinding]:
    """Return the clashes that owners have to hear of: new or worse, major or critical, and still to come.

    `meetings` have every event of these clashes.
    """
    # What has only candidate dates has not ended.
    over = {m.event for m in meetings if m.span and not m.option and m.span.end <= today}
    heard = [turn.id for turn in turns if _is_news(turn, over)]
    told: list[StoredFinding] = []
    # A sheet of ten thousand events can bring more than a database takes at once.
    for first in range(0, len(heard), _MOST_IDS):
        told += session.scalars(_TOLD, {"ids": heard[first : first + _MOST_IDS]}).all()
    return sorted(told, key=attrgetter("key"))


def _is_news(turn: Turn, over: set[uuid.UUID]) -> bool:
    finding = turn.finding
    if not isinstance(finding, Finding) or finding.kind is not FindingKind.CLASH or over & {finding.a, finding.b}:
        return False
    is_new = turn.action in {FOUND, REOPENED} or (turn.action == CHANGED and turn.severity > turn.before)
    return is_new and turn.severity >= Severity.MAJOR
