"""Who belongs to an organisation, and who may say so. Inviting, changing and ending are in `accounts.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, selectinload

from calendar_app.models import Account, Membership, Organisation
from calendar_app.services.access import Role
from calendar_app.services.text import clean

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do with the members of one organisation: see who they are, change them, name the first one.

    An organisation manages its own members. Only as long as it has no administrator the system administrator may
    name one; nothing else of it is theirs.
    """

    see: bool
    manage: bool
    appoint: bool

    def may_give(self, role: str) -> bool:
        """Tell whether this person may invite somebody to this role."""
        return self.manage or (self.appoint and role == Role.ADMINISTRATOR)


def rights(session: Session, person: Person, organisation: Organisation) -> Rights:
    """Return what a person may do with the members of an organisation; only members of the exchange have any."""
    manage = organisation.code in person.managing
    appoint = person.system_administrator and organisation.member and not has_administrator(session, organisation.code)
    return Rights(
        see=manage or person.system_administrator, manage=manage and organisation.member, appoint=appoint and not manage
    )


def has_administrator(session: Session, code: str) -> bool:
    """Tell whether an organisation has an administrator, even one whose account is closed.

    Otherwise the system administrator, who closes accounts, could make room for a person of their own.
    """
    query = select(Membership.account_id).where(
        Membership.organisation_code == code, Membership.role == Role.ADMINISTRATOR
    )
    return session.scalars(query.limit(1)).first() is not None


def of_organisation(session: Session, code: str) -> list[Membership]:
    """Return the memberships of an organisation with their accounts, by name."""
    query = (
        select(Membership)
        .join(Membership.account)
        .options(contains_eager(Membership.account))
        .where(Membership.organisation_code == code)
        .order_by(Account.name, Account.email)
    )
    return list(session.scalars(query))


def find(session: Session, code: str, account_id: int) -> Membership | None:
    """Return the membership of a person in an organisation."""
    return session.get(Membership, (account_id, code))


def people(session: Session, text: str) -> list[Account]:
    """Return the first 50 accounts in whose name or address `text` is found, by address, with their memberships."""
    wanted = "%" + clean(text).lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = (
        select(Account)
        .where(or_(Account.email.like(wanted, escape="\\"), Account.name.ilike(wanted, escape="\\")))
        .options(selectinload(Account.memberships))
        .order_by(Account.email)
        .limit(MOST_FOUND)
    )
    return list(session.scalars(query))
