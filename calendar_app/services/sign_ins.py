"""Where people are signed in: a row for each browser. What has no living row is a stranger's, whatever its cookie."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from calendar_app.models import Account, SignIn

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

# After this time without use, and after this time whatever the use, a browser is signed out.
IDLE = timedelta(hours=12)
LIFETIME = timedelta(days=14)
# So long after its last use a row is of no interest to anybody.
KEPT = timedelta(days=90)
# How exactly the last use is known: each note of it is a write.
NOTED_EVERY = timedelta(minutes=10)
_PROGRAMS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def begin(session: Session, account_id: int, agent: str, now: datetime) -> SignIn:
    """Note that a browser was signed in; `agent` is what it calls itself. Rows of this person long past are dropped."""
    session.execute(delete(SignIn).where(SignIn.account_id == account_id, SignIn.seen_at < now - KEPT))
    row = SignIn(
        id=secrets.token_urlsafe(32), account_id=account_id, created_at=now, seen_at=now, program=program_of(agent)
    )
    session.add(row)
    return row


def who(session: Session, sign_in_id: str, uniquifier: str, now: datetime) -> tuple[Account, SignIn] | None:
    """Return the account that is signed in in a browser, with its memberships, and the browser's row.

    None if that browser was signed out, the account is closed, or `uniquifier`, which changes with the password, is
    not the account's.
    """
    found = session.execute(
        select(Account, SignIn)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(SignIn.id == sign_in_id, Account.fs_uniquifier == uniquifier, Account.active)
        .options(joinedload(Account.memberships))
    )
    row = found.unique().first()
    return (row[0], row[1]) if row and is_living(row[1], now) else None


def is_living(row: SignIn, now: datetime) -> bool:
    """Tell whether a browser is still signed in."""
    return row.ended_at is None and now - row.seen_at < IDLE and now - row.created_at < LIFETIME


def all_living(session: Session, account_id: int, now: datetime) -> list[SignIn]:
    """Return the browsers in which a person is signed in, the last used first."""
    rows = session.scalars(
        select(SignIn)
        .where(
            SignIn.account_id == account_id,
            SignIn.ended_at.is_(None),
            SignIn.seen_at > now - IDLE,
            SignIn.created_at > now - LIFETIME,
        )
        .order_by(SignIn.seen_at.desc(), SignIn.id)
    )
    return list(rows)


def note_use(session: Session, sign_in_id: str, now: datetime) -> None:
    """Note that a browser was used just now."""
    session.execute(
        update(SignIn).where(SignIn.id == sign_in_id, SignIn.seen_at < now - NOTED_EVERY).values(seen_at=now)
    )


def end(session: Session, sign_in_id: str, account_id: int, now: datetime) -> int:
    """Sign one browser of a person out; return how many were (0 if it was out, or another person's)."""
    return _end(session, now, SignIn.account_id == account_id, SignIn.id == sign_in_id)


def end_row(session: Session, sign_in_id: str, now: datetime) -> None:
    """Sign the browser of this row out."""
    _end(session, now, SignIn.id == sign_in_id)


def end_all(session: Session, account_id: int, now: datetime, *, but: str = "") -> int:
    """Sign every browser of a person out but one; return how many were."""
    return _end(session, now, SignIn.account_id == account_id, SignIn.id != but)


def _end(session: Session, now: datetime, *which: ColumnElement[bool]) -> int:
    ended = list(session.scalars(select(SignIn).where(SignIn.ended_at.is_(None), *which)))
    for row in ended:
        row.ended_at = now
    session.flush()
    return len(ended)


def program_of(agent: str) -> str:
    """Return browser and system in words, such as "Firefox, Linux", as far as a browser tells them."""
    browser = next((name for sign, name in _PROGRAMS if re.search(rf"{sign}\w*/", agent)), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return ", ".join(filter(None, (browser, system)))
