"""The addresses to which an organisation's digests, questions and reminders go."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from calendar_app.models import Account, DigestRecipient, Membership
from calendar_app.services import deciders
from calendar_app.services.access import Role
from calendar_app.services.outbox import Recipient

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session


class RecipientKind(StrEnum):
    """What stands behind an address. A deputy gets the mail of somebody while they are away."""

    PERSON = "person"
    MAILBOX = "mailbox"
    DEPUTY = "deputy"


def rows_of(session: Session, organisation: str) -> list[DigestRecipient]:
    """Return the addresses that an organisation chose, each address once, the oldest first."""
    query = select(DigestRecipient).where(DigestRecipient.organisation_code == organisation)
    return list(session.scalars(query.order_by(DigestRecipient.id)))


def of_organisation(session: Session, organisation: str, today: date) -> list[Recipient]:
    """Return to whom mail of an organisation goes today.

    These are the people and mailboxes it chose, and the deputies of those who are away; where it chose none, the
    coordinators and administrators who have accounts.
    """
    rows = rows_of(session, organisation)
    if not rows:
        return [Recipient(a.email, a.name, a.language) for a in deciders.accounts_of(session, organisation)]
    away = {row.id for row in rows if is_away(row, today)}
    return [
        Recipient(row.email, row.name, row.language)
        for row in rows
        if row.kind != RecipientKind.DEPUTY or row.deputy_of_id in away
    ]


def unreached(session: Session, organisations: Collection[str]) -> set[str]:
    """Return those of some organisations to which no mail can go: no address is chosen, and nobody decides there."""
    chosen = select(DigestRecipient.organisation_code).where(DigestRecipient.organisation_code.in_(organisations))
    deciding = (Role.COORDINATOR, Role.ADMINISTRATOR)
    people = (
        select(Membership.organisation_code)
        .join(Membership.account)
        .where(Membership.organisation_code.in_(organisations), Membership.role.in_(deciding), Account.active)
    )
    return set(organisations) - set(session.scalars(chosen.union(people)))


def is_away(row: DigestRecipient, today: date) -> bool:
    """Tell whether a recipient is away today; a missing day means without limit on that side, two that they are not."""
    if row.absent_from is None and row.absent_until is None:
        return False
    return (row.absent_from is None or row.absent_from <= today) and (
        row.absent_until is None or today <= row.absent_until
    )


def language_of(session: Session, email: str) -> str:
    """Return the language of the account with this address, English if there is none."""
    query = select(Account.language).where(func.lower(Account.email) == email.casefold(), Account.active)
    return session.scalar(query) or "en"
