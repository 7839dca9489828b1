"""The area of sources: its blueprint, and who may do what there.

Every member may read what comes in from where; the coordinators of a source's owner keep it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort

from calendar_app.extensions import db
from calendar_app.services import sources
from calendar_app.web import guards

if TYPE_CHECKING:
    from calendar_app.models import Source
    from calendar_app.services.access import Person

blueprint = Blueprint("sources", __name__)


def seen_source(slug: str) -> tuple[Person, Source]:
    """Return who is signed in, a member of an organisation, and the source; 404 if there is none."""
    someone = guards.member()
    source = sources.find(db.session(), slug) if "\0" not in slug else None
    if source is None:
        abort(404)
    return someone, source


def kept_source(slug: str) -> tuple[Person, Source]:
    """Return the same for whoever decides for the owner of the source; 403 for others."""
    someone, source = seen_source(slug)
    if source.owner_code not in someone.deciding:
        abort(403)
    return someone, source
