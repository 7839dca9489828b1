"""The people to whom a letter about an organisation's events goes: those who decide for it, or who can name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Account, Membership
from calendar_app.services.access import Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def accounts_of(session: Session, organisation: str) -> list[Account]:
    """Return the active accounts of the coordinators and administrators of an organisation."""
    roles = (Role.COORDINATOR, Role.ADMINISTRATOR)
    query = (
        select(Account)
        .join(Membership)
        .where(Membership.organisation_code == organisation, Membership.role.in_(roles), Account.active)
        .order_by(Account.id)
    )
    return list(session.scalars(query))


def system_administrators(session: Session) -> list[Account]:
    """Return the active accounts of those who can name an administrator where an organisation has nobody to decide."""
    query = select(Account).where(Account.system_administrator, Account.active).order_by(Account.id)
    return list(session.scalars(query))
