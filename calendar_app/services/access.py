"""Who may do what. Every decision about rights is made here, from values, without a database.

A person has a role in each organisation of which they are a member. A coordinator may do all that a contributor may,
an administrator all that a coordinator may. The system administrator is apart: the right to keep organisations,
lists and settings gives no right over any event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from calendar_app.services.calendar import Viewer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calendar_app.models import Account, Event


class Role(StrEnum):
    """What a person is in an organisation, from the fewest rights to the most."""

    CONTRIBUTOR = "contributor"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


_DECIDING = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. `roles` maps codes of organisations to the role there."""

    account_id: int
    name: str
    email: str
    language: str = "en"
    roles: Mapping[str, Role] = field(default_factory=dict)
    system_administrator: bool = False

    @property
    def viewer(self) -> Viewer:
        """Who this person is when looking at the calendar."""
        return Viewer(frozenset(self.roles))

    @property
    def deciding(self) -> frozenset[str]:
        """The organisations for which this person decides."""
        return frozenset(code for code, role in self.roles.items() if role in _DECIDING)

    @property
    def managing(self) -> frozenset[str]:
        """The organisations whose members this person manages."""
        return frozenset(code for code, role in self.roles.items() if role == Role.ADMINISTRATOR)

    @property
    def needs_two_steps(self) -> bool:
        """Tell whether the rights are such that a password or a mailbox alone must not give them."""
        return bool(self.deciding) or self.system_administrator

    def signature(self, organisation: str) -> str:
        """Return how this person stands in histories when acting for an organisation."""
        return f"{self.name or self.email} ({organisation})"[:300]


def person_of(account: Account) -> Person:
    """Return the person of an account that is loaded."""
    return Person(
        account_id=account.id,
        name=account.name,
        email=account.email,
        language=account.language,
        roles={membership.organisation_code: Role(membership.role) for membership in account.memberships},
        system_administrator=account.system_administrator,
    )


def may_steward(person: Person, event: Event) -> bool:
    """Tell whether this person decides on the event: publishing, moving, cancelling, merging, undoing."""
    return event.steward_code in person.deciding


def may_edit(person: Person, event: Event) -> bool:
    """Tell whether this person may change what the public sees of the event: for its steward or an editor."""
    return may_steward(person, event) or any(editor.organisation_code in person.deciding for editor in event.editors)


def may_propose(person: Person, event: Event) -> bool:
    """Tell whether this person may propose a change: any member who sees the event and may not change it."""
    return bool(person.roles) and not may_edit(person, event)


def sees_internal(person: Person | None, event: Event) -> bool:
    """Tell whether this person may see the fields that are never public: members of the steward."""
    return person is not None and event.steward_code in person.roles
