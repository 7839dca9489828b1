"""Forms that are not sent yet, kept as typed: for a person, or for the browser that holds the draft's id."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from calendar_app.models import Draft, Submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

# Strangers' drafts go after this time without a change; those of people with an account stay.
KEPT = timedelta(days=90)
MOST_OF_A_PERSON = 50


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose drafts are meant: those of an account, and the one whose id the browser holds from before signing in."""

    account_id: int | None = None
    draft_id: str = ""


def save(
    session: Session, owner: Owner, draft_id: str, typed: Mapping[str, Sequence[str]], now: datetime
) -> Draft | None:
    """Keep what is typed, in the owner's draft of this id or else in a new one; None if it was sent already.

    If something else was sent with the key of the form, this is another event, and its draft has a key of its own.
    """
    forget_old(session, now)
    form = {name: list(values) for name, values in typed.items()}
    key = next(iter(form.get("key", [])), "")
    sent = session.scalar(select(Submission).where(Submission.key == key)) if key else None
    if sent is not None:
        if sent.form == form:
            return None
        form["key"] = [secrets.token_urlsafe(32)]
    draft = find(session, owner, draft_id)
    if draft is None:
        draft = Draft(id=secrets.token_urlsafe(32), created_at=now)
        session.add(draft)
    draft.account_id = owner.account_id
    draft.form = form
    draft.changed_at = now
    session.flush()
    return draft


def find(session: Session, owner: Owner, draft_id: str) -> Draft | None:
    """Return the owner's draft of this id."""
    draft = session.get(Draft, draft_id) if draft_id else None
    return draft if draft and _belongs(draft, owner) else None


def latest(session: Session, owner: Owner) -> Draft | None:
    """Return the draft on which the owner worked last."""
    own = of_account(session, owner.account_id)[:1] if owner.account_id is not None else []
    held = find(session, owner, owner.draft_id)
    return max([*own, *([held] if held else [])], key=lambda draft: draft.changed_at, default=None)


def of_account(session: Session, account_id: int) -> list[Draft]:
    """Return a person's drafts, the last changed first."""
    query = select(Draft).where(Draft.account_id == account_id).order_by(Draft.changed_at.desc(), Draft.id)
    return list(session.scalars(query.limit(MOST_OF_A_PERSON)))


def discard(session: Session, owner: Owner, draft_id: str) -> bool:
    """Remove the owner's draft of this id; return whether there was one."""
    draft = find(session, owner, draft_id)
    if draft is None:
        return False
    session.delete(draft)
    session.flush()
    return True


def forget_old(session: Session, now: datetime) -> None:
    """Remove strangers' drafts that nobody has touched for long."""
    session.execute(delete(Draft).where(Draft.account_id.is_(None), Draft.changed_at < now - KEPT))


def _belongs(draft: Draft, owner: Owner) -> bool:
    if draft.account_id is not None:
        return draft.account_id == owner.account_id
    return draft.id == owner.draft_id
