"""What people say to a finding: comments, and the answers of the organisations that keep its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import FindingAnswer, FindingEntry, Organisation
from calendar_app.planning.vocabulary import Severity
from calendar_app.services.events import whole_second
from calendar_app.services.finding_board import owners_of
from calendar_app.services.finding_life import ACCEPTED, REOPENED, RESOLVED, state_from

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.models import StoredFinding
    from calendar_app.services.access import Person

COMMENT = "comment"


class ReasonMissingError(Exception):
    """The answer needs a sentence that says why."""


class NotYoursError(Exception):
    """This person decides for none of the organisations that have to answer."""


class ChangedError(Exception):
    """Somebody wrote or answered, or planning found something else, since the person looked at it; or it is over."""


def answering(person: Person, found: StoredFinding) -> tuple[str, ...]:
    """Return the organisations for which this person answers: of those that keep the events, where they decide."""
    return tuple(code for code in owners_of(found) if code in person.deciding)


def answered(person: Person, found: StoredFinding) -> tuple[str, ...]:
    """Return those of them that have answered."""
    given = {answer.organisation_code for answer in found.answers}
    return tuple(code for code in answering(person, found) if code in given)


def needs_reason(found: StoredFinding, answer: str) -> bool:
    """Tell whether an answer has to say why: accepting always, acknowledging what is major or critical."""
    return answer == ACCEPTED or found.severity >= Severity.MAJOR


def seen_of(session: Session, found: StoredFinding) -> str:
    """Return a mark of what there is to be seen of a finding now; it differs as soon as anything was added to it."""
    query = select(FindingEntry.id).where(FindingEntry.finding_id == found.id).order_by(FindingEntry.id.desc()).limit(1)
    return f"{session.scalar(query) or 0}/{found.changed_at.isoformat()}/{found.fingerprint[:12]}"


def comment(session: Session, found: StoredFinding, person: Person, text: str, now: datetime) -> None:
    """Add a comment, in the name of an organisation that has to answer if the person belongs to one."""
    owners = [code for code in owners_of(found) if code in person.roles]
    code = next(iter([*owners, *sorted(person.deciding), *sorted(person.roles)]))
    _note(session, found, COMMENT, code, person, text, now)


def answer(
    session: Session,
    found: StoredFinding,
    given: str,
    person: Person,
    text: str,
    now: datetime,
    *,
    seen: str,
    again: bool = True,
) -> None:
    """Acknowledge or accept a finding for all organisations for which this person answers.

    Without `again` those that have answered before are left out. `seen` is `seen_of` when the person looked. Raises
    `NotYoursError`, `ReasonMissingError` or `ChangedError`.
    """
    given_before = () if again else answered(person, found)
    own = [code for code in answering(person, found) if code not in given_before]
    if not own:
        raise NotYoursError
    if not text and needs_reason(found, given):
        raise ReasonMissingError
    _check_unchanged(session, found, seen)
    moment = whole_second(now)
    rows = {row.organisation_code: row for row in found.answers}
    for code in own:
        if code in rows:
            rows[code].answer, rows[code].at = given, moment
        else:
            found.answers.append(FindingAnswer(organisation_code=code, answer=given, at=moment))
        _note(session, found, given, code, person, text, now)
    _set_state(found)


def take_back(session: Session, found: StoredFinding, person: Person, text: str, now: datetime, *, seen: str) -> None:
    """Take back the answers that this person may give. Raises `NotYoursError` or `ChangedError`."""
    if not answering(person, found):
        raise NotYoursError
    _check_unchanged(session, found, seen)
    own = answered(person, found)
    if not own:
        raise ChangedError
    for row in [row for row in found.answers if row.organisation_code in own]:
        found.answers.remove(row)
    for code in own:
        _note(session, found, REOPENED, code, person, text, now)
    _set_state(found)


def _check_unchanged(session: Session, found: StoredFinding, seen: str) -> None:
    if found.state == RESOLVED or seen != seen_of(session, found):
        raise ChangedError


def _set_state(found: StoredFinding) -> None:
    found.state = state_from({row.organisation_code: row.answer for row in found.answers}, owners_of(found))


def _note(
    session: Session, found: StoredFinding, action: str, code: str, person: Person, text: str, now: datetime
) -> None:
    own = session.get_one(Organisation, code)
    entry = FindingEntry(
        finding_id=found.id,
        at=whole_second(now),
        action=action,
        organisation_code=code,
        actor=person.signature(own.short_name),
        account_id=person.account_id,
        severity=found.severity,
        text=text,
    )
    session.add(entry)
    session.flush()
