"""What is decided while a review is held, line by line, by several people at once.

To add never gets in anybody's way. Who changes what is there says which version they saw; a stale one is refused.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, tuple_

from calendar_app.models import ReviewDecision
from calendar_app.services import audit, finding_answers, finding_board, review_actions, reviews
from calendar_app.services.calendar import A_MEMBER
from calendar_app.services.events import whole_second
from calendar_app.services.owners import owner_of, set_owner
from calendar_app.services.review_actions import StaleError
from calendar_app.services.review_words import ReviewWords
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.models import StoredFinding
    from calendar_app.services.access import Person
    from calendar_app.services.owners import Owner

# The line of what is decided outside of the agenda: any other business.
OTHER = "other"
_LONGEST_SUBJECT = 400


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is decided: the text, who looks after it, and by when."""

    text: str
    owner: Owner
    due_on: date | None


@dataclass(frozen=True, slots=True)
class By:
    """Who writes it down, as minutes name them, and when."""

    person: Person
    signature: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ClashAnswer:
    """How the recorder's own organisation answers the clash with it: `given` is acknowledged or accepted, "" not.

    `seen` is `finding_answers.seen_of` when the form was opened.
    """

    given: str = ""
    seen: str = ""


_NO_ANSWER = ClashAnswer()


def add(
    session: Session,
    month_: date,
    line: dict[str, Any] | None,
    subject: str,
    wanted: Wanted,
    by: By,
    answer: ClashAnswer = _NO_ANSWER,
) -> ReviewDecision:
    """Add a decision about a line of the agenda, or, without one, about `subject` as it was typed.

    About a clash, it also stands among what was said to the clash. What the same person sends twice, by a double click
    or a reload, is written down once. Raises `reviews.StaleError` if the review is closed, and what
    `finding_answers.answer` raises.
    """
    review = reviews.begun(session, month_)
    if review.state != reviews.OPEN:
        raise reviews.StaleError
    key = line["key"] if line else OTHER
    subject = (subject_of(line) if line else subject)[:_LONGEST_SUBJECT]
    if before := _sent_before(session, month_, (key, subject), wanted, by):
        return before
    found = finding_of_line(session, key)
    if found is not None:
        _tell(session, found, _of_review(month_, wanted.text), by, answer)
    decision = ReviewDecision(
        month=month_,
        line=key,
        subject=subject,
        event_id=uuid.UUID(line["event"]["id"]) if line and "event" in line else None,
        finding_id=found.id if found else None,
        text=wanted.text,
        due_on=wanted.due_on,
        state=review_actions.state_of(wanted.owner, wanted.due_on),
        made_at=whole_second(by.now),
        made_by=by.signature,
        account_id=by.person.account_id,
        version=1,
    )
    set_owner(decision, wanted.owner)
    session.add(decision)
    session.flush()
    return decision


def _sent_before(
    session: Session, month_: date, about: tuple[str, str], wanted: Wanted, by: By
) -> ReviewDecision | None:
    """Return what the same person has written down in the same words, of the same line, if it has not ended."""
    query = select(ReviewDecision).where(
        ReviewDecision.month == month_,
        tuple_(ReviewDecision.line, ReviewDecision.subject) == about,
        ReviewDecision.account_id == by.person.account_id,
        ReviewDecision.state == review_actions.state_of(wanted.owner, wanted.due_on),
        ReviewDecision.text == wanted.text,
    )
    return next((d for d in session.scalars(query) if (owner_of(d), d.due_on) == (wanted.owner, wanted.due_on)), None)


def subject_of(line: dict[str, Any]) -> str:
    """Return what a line is called in English, for whoever reads of it later."""
    shown = ReviewWords(Words())
    if "headline" in line:
        return str(line["headline"]["en"])
    if "event" in line:
        return shown.line("new", line | {"was": None}).title
    if "steward" in line:
        return shown.line("unconfirmed", line).title
    return str(line["text"])


def change(session: Session, decision: ReviewDecision, wanted: Wanted, review_state: str, by: By, *, seen: int) -> None:
    """Change a decision of an open review; it is then this person's. New words about a clash also go to the clash.

    Raises `StaleError` if somebody else changed it since it was shown.
    """
    if review_state != reviews.OPEN or decision.version != seen or decision.state in review_actions.ENDED:
        raise StaleError
    found = finding_of_line(session, decision.line) if wanted.text != decision.text else None
    if found is not None:
        _tell(session, found, _of_review(decision.month, wanted.text, changed=True), by, _NO_ANSWER)
    decision.text, decision.due_on = wanted.text, wanted.due_on
    decision.made_at, decision.made_by, decision.account_id = whole_second(by.now), by.signature, by.person.account_id
    review_actions.give(decision, wanted.owner)
    decision.state = review_actions.state_of(wanted.owner, wanted.due_on)
    decision.version += 1


def remove(session: Session, decision: ReviewDecision, review_state: str, by: By, *, seen: int) -> None:
    """Take back what should not have been written down; what was said to a clash stays with the clash.

    Raises `StaleError` if the review is closed, the action has ended, or somebody else changed it since it was shown.
    """
    if review_state != reviews.OPEN or decision.version != seen or decision.state in review_actions.ENDED:
        raise StaleError
    audit.note(
        session,
        actor=by.signature,
        account_id=by.person.account_id,
        action="decision removed",
        subject=f"{decision.month:%Y-%m}",
        now=by.now,
        organisation=min(by.person.deciding),
        details={"text": decision.text, "written down by": decision.made_by},
    )
    session.delete(decision)


def finding_of_line(session: Session, key: str) -> StoredFinding | None:
    """Return the clash or the opportunity of a line of this key, if all members may see it."""
    kind, _slash, text = key.partition("/")
    if kind not in {"clash", "opportunity"}:
        return None
    try:
        return finding_board.find(session, A_MEMBER, uuid.UUID(text))
    except ValueError:
        return None


def _of_review(month_: date, text: str, *, changed: bool = False) -> str:
    """Return what is said to a clash, and where it was said; in English, as what is kept for all is."""
    return f"Coordination review of {Words().month(month_)}{', changed' if changed else ''}: {text}"


def _tell(session: Session, found: StoredFinding, text: str, by: By, answer: ClashAnswer) -> None:
    """Put the decision among what was said to the clash, as the answer of the own organisation if one is chosen."""
    if answer.given:
        finding_answers.answer(session, found, answer.given, by.person, text, by.now, seen=answer.seen)
    else:
        finding_answers.comment(session, found, by.person, text, by.now)
