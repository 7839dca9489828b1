"""To whom an organisation's digests go and when: what its coordinators set, with a note in the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from calendar_app.models import DigestIssue, DigestRecipient, DigestSettings, OutboxMessage
from calendar_app.services import audit
from calendar_app.services.digests import key_of
from calendar_app.services.mail_recipients import RecipientKind
from calendar_app.services.month import USUAL_HOUR

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person


class TakenError(ValueError):
    """The organisation has this address already."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What is typed of a recipient. Days are inclusive; `deputy_of` is the id of the row that is stood in for."""

    kind: RecipientKind
    email: str
    name: str = ""
    language: str = "en"
    deputy_of: int | None = None
    absent_from: date | None = None
    absent_until: date | None = None


# ---------- When ----------


def settings_of(session: Session, organisation: str) -> tuple[int, bool]:
    """Return the hour (local) at which an organisation gets its digests, and whether weekly ones come before a COP."""
    found = session.get(DigestSettings, organisation)
    return (found.hour, found.weekly) if found else (USUAL_HOUR, False)


def save(session: Session, organisation: str, hour: int, *, weekly: bool, by: Person, now: datetime) -> None:
    """Set hour and weekly digests; steps that are not done yet move with them (`month.plan`)."""
    before = settings_of(session, organisation)
    if before == (hour, weekly):
        return
    found = session.get(DigestSettings, organisation) or DigestSettings(organisation_code=organisation)
    found.hour, found.weekly = hour, weekly
    session.add(found)
    details = {
        "before": {"hour": before[0], "weekly": before[1]},
        "after": {"hour": hour, "weekly": weekly},
    }
    _note(session, "digest settings changed", organisation, organisation, by, now, details)


# ---------- To whom ----------


def find(session: Session, organisation: str, recipient_id: int) -> DigestRecipient | None:
    """Return a recipient of this organisation, None if there is none of this id."""
    query = select(DigestRecipient).where(
        DigestRecipient.id == recipient_id, DigestRecipient.organisation_code == organisation
    )
    return session.scalar(query)


def keep(
    session: Session, organisation: str, row: DigestRecipient | None, entered: Entered, by: Person, now: datetime
) -> None:
    """Add a recipient, or change `row`. Raises `TakenError`."""
    same = select(DigestRecipient.id).where(
        DigestRecipient.organisation_code == organisation, func.lower(DigestRecipient.email) == entered.email.casefold()
    )
    if any(found != (row.id if row else None) for found in session.scalars(same)):
        raise TakenError
    action = "digest recipient changed" if row else "digest recipient added"
    row = row or DigestRecipient(organisation_code=organisation)
    row.kind, row.email, row.name, row.language = entered.kind, entered.email, entered.name, entered.language
    is_deputy = entered.kind is RecipientKind.DEPUTY
    row.deputy_of_id = entered.deputy_of if is_deputy else None
    row.absent_from, row.absent_until = (None, None) if is_deputy else (entered.absent_from, entered.absent_until)
    session.add(row)
    session.flush()
    if is_deputy:
        # Nobody stands in for somebody who stands in.
        _remove_deputies(session, row)
    _note(session, action, entered.email, organisation, by, now)


def remove(session: Session, row: DigestRecipient, by: Person, now: datetime) -> None:
    """Take a recipient off the list, and with it those who stand in for it."""
    _remove_deputies(session, row)
    session.delete(row)
    session.flush()
    _note(session, "digest recipient removed", row.email, row.organisation_code, by, now)


def _remove_deputies(session: Session, row: DigestRecipient) -> None:
    for deputy in session.scalars(select(DigestRecipient).where(DigestRecipient.deputy_of_id == row.id)):
        session.delete(deputy)
    session.flush()


def _note(
    session: Session,
    action: str,
    subject: str,
    organisation: str,
    by: Person,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    audit.note(
        session,
        actor=by.signature(organisation),
        account_id=by.account_id,
        action=action,
        subject=subject,
        organisation=organisation,
        now=now,
        details=details,
    )


# ---------- The archive ----------


def archive(session: Session, organisations: Collection[str]) -> list[DigestIssue]:
    """Return all issues of these organisations, the latest first, without what they say."""
    columns = (DigestIssue.id, DigestIssue.organisation_code, DigestIssue.edition, DigestIssue.language)
    query = select(*columns, DigestIssue.subject, DigestIssue.composed_at).where(
        DigestIssue.organisation_code.in_(organisations)
    )
    rows = session.execute(query.order_by(DigestIssue.composed_at.desc(), DigestIssue.language))
    return [DigestIssue(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's own way to a row as a mapping


def issue_of(session: Session, issue_id: uuid.UUID, organisations: Collection[str]) -> DigestIssue | None:
    """Return an issue of one of these organisations, None for any other."""
    found = session.get(DigestIssue, issue_id)
    return found if found and found.organisation_code in organisations else None


def deliveries(session: Session, issue: DigestIssue) -> dict[str, int]:
    """Return how many letters of an issue there are in each state of the outbox."""
    prefix = key_of(issue, "")
    query = (
        select(OutboxMessage.state, func.count())
        .where(
            OutboxMessage.key.startswith(prefix, autoescape=True),
            OutboxMessage.language == issue.language,
        )
        .group_by(OutboxMessage.state)
    )
    return dict(session.execute(query).tuples().all())
