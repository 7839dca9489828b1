"""Who looks after something: an action, a milestone, a coordination slot. People need no account for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from calendar_app.services import mail_recipients
from calendar_app.services.outbox import Recipient

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


class Owned(Protocol):
    """A row with an owner."""

    owner_organisation: str
    owner_name: str
    owner_email: str


@dataclass(frozen=True, slots=True)
class Owner:
    """An organisation (its code), a person, or both; all empty where nobody looks after it."""

    organisation: str = ""
    name: str = ""
    email: str = ""

    def __bool__(self) -> bool:
        """Tell whether there is anybody."""
        return bool(self.organisation or self.name or self.email)

    @property
    def person(self) -> str:
        """The person as members read it: by name or, where nobody wrote one, by address; "" for none."""
        return self.name or self.email


def owner_of(row: Owned) -> Owner:
    """Return the owner that a row has."""
    return Owner(row.owner_organisation, row.owner_name, row.owner_email)


def set_owner(row: Owned, owner: Owner) -> None:
    """Give a row an owner, or none."""
    row.owner_organisation, row.owner_name, row.owner_email = owner.organisation, owner.name, owner.email


def recipients_of(session: Session, owner: Owner, today: date) -> list[Recipient]:
    """Return to whom a reminder goes: the person's own address, else the addresses of the organisation."""
    if owner.email:
        return [Recipient(owner.email, owner.name, mail_recipients.language_of(session, owner.email))]
    return mail_recipients.of_organisation(session, owner.organisation, today) if owner.organisation else []
