"""Private feeds: making, replacing and revoking their addresses, and finding the feed of an address.

The address holds a token of 256 bits, of which only a digest is kept: it can be shown once, when it was just made. What
a feed gives is decided anew at each request, from what its owner may see then.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import joinedload

from calendar_app.models import Account, PrivateFeed
from calendar_app.services import audit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.filters import EventFilter

MOST_OF_A_PERSON = 50
LONGEST_NAME = 100
# How exactly the last use is known: each note of it is a write.
NOTED_EVERY = timedelta(hours=1)


class TooManyError(ValueError):
    """A person has as many private feeds as anybody may have."""


def of_account(session: Session, account_id: int) -> list[PrivateFeed]:
    """Return the private feeds of a person, the oldest address first."""
    query = select(PrivateFeed).where(PrivateFeed.account_id == account_id)
    return list(session.scalars(query.order_by(PrivateFeed.created_at, PrivateFeed.id)))


def make(session: Session, name: str, wanted: EventFilter, *, by: Person, now: datetime) -> str:
    """Make a private feed of what a filter asks for and return its token, which is kept nowhere.

    `name` is one line of 1 to 100 characters. Raises TooManyError.
    """
    # Locked, so that of several made at once each is counted.
    session.execute(select(Account.id).where(Account.id == by.account_id).with_for_update())
    count = session.scalar(select(func.count()).select_from(PrivateFeed).where(PrivateFeed.account_id == by.account_id))
    if count and count >= MOST_OF_A_PERSON:
        raise TooManyError(by.account_id)
    token = _new_token()
    feed = PrivateFeed(
        account_id=by.account_id, name=name, query=wanted.query(), token_digest=_digest(token), created_at=now
    )
    session.add(feed)
    session.flush()
    _note(session, "private address made", feed, by, now)
    return token


def find(session: Session, feed_id: int, account_id: int) -> PrivateFeed | None:
    """Return a private feed of this person, None if there is none or it is somebody else's."""
    query = select(PrivateFeed).where(PrivateFeed.id == feed_id, PrivateFeed.account_id == account_id)
    return session.scalar(query.with_for_update())


def replace(session: Session, feed: PrivateFeed, *, by: Person, now: datetime) -> str:
    """Give a feed a new address and return its token; the address so far ends at once. Name and filter stay."""
    token = _new_token()
    feed.token_digest, feed.created_at, feed.last_used_at = _digest(token), now, None
    _note(session, "private address replaced", feed, by, now)
    return token


def revoke(session: Session, feed: PrivateFeed, *, by: Person, now: datetime) -> None:
    """End a private feed at once."""
    session.delete(feed)
    session.flush()
    _note(session, "private address revoked", feed, by, now)


def revoke_all(session: Session, account_id: int, *, by: Person, now: datetime) -> None:
    """End every private feed of a person."""
    for feed in of_account(session, account_id):
        revoke(session, feed, by=by, now=now)


def of_token(session: Session, token: str) -> PrivateFeed | None:
    """Return the feed of a token with its owner and their memberships, None if there is none or the account is closed.

    Whatever is wrong with a token, the same is done: one digest, one question, one comparison.
    """
    digest = _digest(token)
    query = (
        select(PrivateFeed)
        .join(PrivateFeed.account)
        .where(PrivateFeed.token_digest == digest, Account.active)
        .options(joinedload(PrivateFeed.account).joinedload(Account.memberships))
    )
    feed = session.scalars(query).unique().first()
    same = hmac.compare_digest(feed.token_digest if feed else "0" * len(digest), digest)
    return feed if same else None


def use_is_due(feed: PrivateFeed, now: datetime) -> bool:
    """Tell whether a use of the feed is to be noted: once an hour at the most."""
    return feed.last_used_at is None or feed.last_used_at <= now - NOTED_EVERY


def note_use(session: Session, token_digest: str, now: datetime) -> None:
    """Note that an address was used just now, unless somebody noted it meanwhile or is about to change the row."""
    due = or_(PrivateFeed.last_used_at.is_(None), PrivateFeed.last_used_at <= now - NOTED_EVERY)
    free = select(PrivateFeed.id).where(PrivateFeed.token_digest == token_digest, due).with_for_update(skip_locked=True)
    session.execute(
        update(PrivateFeed)
        .where(PrivateFeed.id.in_(free))
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )


def _note(session: Session, action: str, feed: PrivateFeed, by: Person, now: datetime) -> None:
    audit.note(
        session,
        actor=by.name or by.email,
        account_id=by.account_id,
        action=action,
        subject=f"{session.get_one(Account, feed.account_id).email}: {feed.name}",
        now=now,
    )


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
