"""The audit log: what people did that is not a change of an event. Events have their own history."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

# What strangers can cause again and again is counted in one entry for this long, so that the log cannot be flooded.
COUNTED_FOR = timedelta(hours=1)
STRANGER = "not signed in"


def note(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    organisation: str = "",
    account_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write down one act. `organisation` is the code of the one whose administrators may read it, "" for none.

    `account_id` is that of the actor, None for the command line and for strangers. No secrets go into `details`.
    """
    entry = AuditEntry(
        at=now,
        actor=actor[:300],
        account_id=account_id,
        organisation_code=organisation,
        action=action,
        subject=subject[:300],
        details=dict(details or {}),
    )
    session.add(entry)
    return entry


def count(session: Session, *, action: str, subject: str, now: datetime) -> None:
    """Count an act of somebody who is not signed in: one entry an hour for each subject, with `times`."""
    entry = session.scalar(
        select(AuditEntry)
        .where(AuditEntry.action == action, AuditEntry.subject == subject[:300], AuditEntry.at > now - COUNTED_FOR)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    if entry is None:
        note(session, actor=STRANGER, action=action, subject=subject, now=now, details={"times": 1})
    else:
        entry.details = {"times": int(entry.details.get("times", 1)) + 1}
