"""What an administrator has to know about mail: what waits and why, and what was given up, with what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select, update

from calendar_app.models import OutboxAttachment, OutboxMessage

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from sqlalchemy.orm import Session

SHOWN = 100
# RFC 3463 (the numbers with dots) says more than the three digits of RFC 5321 alone.
_NO_MAILBOX = re.compile(r"\b5\.1\.\d+\b|\b55[013] ")
_FULL = re.compile(r"\b[45]\.2\.2\b|\b552 ")
_UNWANTED = re.compile(r"\b5\.7\.\d+\b|\b554 ")
# What stands in place of the mail server's words.
RESTORED = "It waited when the backup was taken from which the calendar was restored."


class Advice(StrEnum):
    """What can be done about a letter that was given up."""

    ADDRESS = "address"
    FULL = "full"
    UNWANTED = "unwanted"
    LATER = "later"
    LOG = "log"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A letter that was given up. `can_be_tried` is False once its words are gone, after thirty days.

    Its subject is not told: it may name an event that administrators do not see.
    """

    id: uuid.UUID
    to_email: str
    created_at: datetime
    attempts: int
    error: str
    advice: Advice
    can_be_tried: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many letters wait, since when, and what the mail server last said to one of them."""

    count: int
    since: datetime | None
    error: str


def waiting(session: Session) -> Waiting:
    """Return what waits to be delivered."""
    here = OutboxMessage.state.in_(("queued", "sending"))
    count, since = session.execute(select(func.count(), func.min(OutboxMessage.created_at)).where(here)).one()
    error = session.scalar(
        select(OutboxMessage.error)
        .where(here, OutboxMessage.error != "")
        .order_by(OutboxMessage.due_at.desc())
        .limit(1)
    )
    return Waiting(count, since, error or "")


def count(session: Session) -> int:
    """Return how many letters were given up and not put aside."""
    return session.scalar(select(func.count()).where(OutboxMessage.state == "failed")) or 0


def given_up(session: Session) -> list[Undelivered]:
    """Return the letters that were given up, the latest first."""
    query = select(OutboxMessage).where(OutboxMessage.state == "failed")
    rows = session.scalars(query.order_by(OutboxMessage.created_at.desc(), OutboxMessage.id).limit(SHOWN))
    return [
        Undelivered(r.id, r.to_email, r.created_at, r.attempts, r.error, advice(r), bool(r.text or r.html))
        for r in rows
    ]


def advice(row: OutboxMessage) -> Advice:
    """Return what can be done, judged by what the mail server said last."""
    error = row.error
    if error == RESTORED:
        return Advice.RESTORED
    if not row.attempts or _NO_MAILBOX.search(error):
        return Advice.ADDRESS
    if _FULL.search(error):
        return Advice.FULL
    if _UNWANTED.search(error):
        return Advice.UNWANTED
    return Advice.LOG if error.startswith("The program") else Advice.LATER


def try_again(session: Session, letter: uuid.UUID, now: datetime) -> bool:
    """Let a letter that was given up go out once more, from the first attempt on; False if it cannot."""
    failed = (
        OutboxMessage.id == letter,
        OutboxMessage.state == "failed",
        or_(OutboxMessage.text != "", OutboxMessage.html != ""),
    )
    values = {"state": "queued", "due_at": now, "attempts": 0}
    return _set(session, failed, values)


def put_aside(session: Session, letter: uuid.UUID) -> bool:
    """Take a letter that was given up off the list; that there was one stays, so that it is not written again."""
    failed = (OutboxMessage.id == letter, OutboxMessage.state == "failed")
    done = _set(session, failed, {"state": "aside", "text": "", "html": "", "headers": None})
    if done:
        session.execute(delete(OutboxAttachment).where(OutboxAttachment.message_id == letter))
    return done


def _set(session: Session, which: tuple[object, ...], values: dict[str, object]) -> bool:
    result = session.execute(
        update(OutboxMessage).where(*which).values(**values).execution_options(synchronize_session=False)  # type: ignore[arg-type]
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]
