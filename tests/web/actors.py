"""People of every kind, for tests that try every route as everybody."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.people import new_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient


@dataclass(frozen=True)
class Actor:
    """A kind of person: the role in each organisation, and whether the system administrator."""

    roles: dict[str, str] = field(default_factory=dict)
    system_administrator: bool = False
    is_stranger: bool = False


ACTORS = {
    "stranger": Actor(is_stranger=True),
    "no member": Actor(),
    "contributor": Actor({"brs": "contributor"}),
    "coordinator": Actor({"brs": "coordinator"}),
    "administrator": Actor({"brs": "administrator"}),
    "other contributor": Actor({"minamata": "contributor"}),
    "other coordinator": Actor({"minamata": "coordinator"}),
    "other administrator": Actor({"minamata": "administrator"}),
    "system administrator": Actor(system_administrator=True),
}


def account_of(actor: Actor) -> int | None:
    """Add a person of this kind, unless nobody is signed in; return the account's id."""
    if actor.is_stranger:
        return None
    address = f"{uuid.uuid4().hex}@example.org"
    return new_account(address, system_administrator=actor.system_administrator, **actor.roles)


def browser_of(app: Flask, signed_in: Callable[..., FlaskClient], actor: Actor) -> FlaskClient:
    """A browser in which a new person of this kind is signed in, or nobody."""
    if actor.is_stranger:
        return app.test_client()
    address = f"{uuid.uuid4().hex}@example.org"
    return signed_in(address, system_administrator=actor.system_administrator, **actor.roles)
