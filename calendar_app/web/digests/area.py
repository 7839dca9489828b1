"""What the modules of this area share: the blueprint, and whose digests somebody may see or set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort

from calendar_app.web import guards

if TYPE_CHECKING:
    from calendar_app.services.access import Person

blueprint = Blueprint("digests", __name__)


def member_of(code: str) -> Person:
    """Return who is signed in, if a member of this organisation; for others it has no digests (404)."""
    person = guards.member()
    if code not in person.roles:
        abort(404)
    return person


def deciding_for(code: str) -> Person:
    """Return the same, if deciding for it; other members may not set anything (403)."""
    person = member_of(code)
    if code not in person.deciding:
        abort(403)
    return person
