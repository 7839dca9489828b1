"""A critical clash is never saved in silence: who saves it decides so by name, and says why.

What is asked is the same whatever was changed, and by which page: which of the events that a transaction touched have
a critical clash now that their own organisation has not answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from calendar_app.models import Event, StoredFinding
from calendar_app.planning.vocabulary import FindingKind, Severity
from calendar_app.services import finding_answers, finding_board, finding_letters, findings, touched
from calendar_app.services.date_check import Draft
from calendar_app.services.events import whole_second
from calendar_app.services.finding_letters import Decided
from calendar_app.services.finding_life import ACKNOWLEDGED, OPEN, RESOLVED
from calendar_app.services.records import record_of

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person


class UndecidedError(Exception):
    """Events would have critical clashes on which nobody has decided; `events`, at least one, are as to be saved."""

    def __init__(self, events: Sequence[Draft]) -> None:
        """Keep what the page needs to show why."""
        super().__init__(", ".join(str(event.event) for event in events))
        self.events = events


def require(session: Session, person: Person, now: datetime, decision: str) -> None:
    """Ask for a decision on what this transaction has changed so far, before it is committed.

    `now` is aware, in the calendar's time zone. `decision` is the sentence with which the person decided, "" without
    one; it is kept with each such clash as the acknowledgement of the organisations for which the person answers and
    that have not answered yet, or as a comment if there is none. Nobody is asked about what they may not see.
    Raises `UndecidedError` if there is something to decide on and no sentence.
    """
    session.flush()
    changed = touched.events(session)
    if not changed:
        return
    # What is found depends on all that was changed; at the end of the transaction there is nothing left to find.
    news = findings.bring_up_to_date(session, now)
    decided: dict[uuid.UUID, Decided] = {}
    asked: dict[uuid.UUID, Event] = {}
    for found in _critical(session, changed):
        own = [event for event in (found.a, found.b) if event and event.id in changed]
        answered = {answer.organisation_code for answer in found.answers}
        undecided = [event for event in own if event.steward_code not in answered and _is_ahead(event, now)]
        if not undecided or not finding_board.may_see(person.viewer, found):
            continue
        if not decision:
            asked[undecided[0].id] = undecided[0]
        else:
            decided[found.id] = _decide(session, found, person, decision, now)
    if asked:
        raise UndecidedError([Draft(event.id, event.steward_code, record_of(event)) for event in asked.values()])
    if news:
        finding_letters.tell_owners(session, news, whole_second(now), decided)


def _decide(session: Session, found: StoredFinding, person: Person, decision: str, now: datetime) -> Decided:
    """Keep a decision with its clash; return what letters say of it."""
    before = finding_answers.answered(person, found)
    answering = frozenset(finding_answers.answering(person, found)) - frozenset(before)
    if answering:
        seen = finding_answers.seen_of(session, found)
        finding_answers.answer(session, found, ACKNOWLEDGED, person, decision, now, seen=seen, again=False)
    else:
        finding_answers.comment(session, found, person, decision, now)
    return Decided(person.account_id, person.name or person.email, decision, answering)


def open_clashes(session: Session, event_id: uuid.UUID, now: datetime) -> list[StoredFinding]:
    """Return the major and critical clashes of an event that is still to come, the worst first."""
    event = session.get(Event, event_id)
    if event is None or not _is_ahead(event, now):
        return []
    return [found for found in _clashes(session, [event_id], Severity.MAJOR) if found.state == OPEN]


def _critical(session: Session, events: Collection[uuid.UUID]) -> list[StoredFinding]:
    return _clashes(session, events, Severity.CRITICAL)


def _clashes(session: Session, events: Collection[uuid.UUID], least: Severity) -> list[StoredFinding]:
    query = (
        select(StoredFinding)
        .where(
            StoredFinding.kind == FindingKind.CLASH,
            StoredFinding.severity >= least,
            StoredFinding.state != RESOLVED,
            or_(StoredFinding.a_id.in_(events), StoredFinding.b_id.in_(events)),
        )
        .order_by(StoredFinding.severity.desc(), StoredFinding.key)
        # They were written by statements of their own.
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _is_ahead(event: Event, now: datetime) -> bool:
    """Tell whether an event has not ended; one whose days are open has not."""
    return event.end is None or event.end > now.date()
