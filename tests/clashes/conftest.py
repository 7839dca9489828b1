"""Events that get in each other's way."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import StoredFinding
from calendar_app.services.records import Organiser

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

# A week in which nobody has a holiday.
MONDAY = date(2027, 6, 7)
PLACES = {"brs": ("Geneva", "CH"), "minamata": ("Nairobi", "KE"), "chb": ("Bangkok", "TH"), "gfc": ("Rome", "IT")}


@pytest.fixture
def hold(add_event) -> Callable[..., uuid.UUID]:
    """Hold a conference of national delegates, from Monday, in a city of its own for each organisation."""

    def add(steward: str, title: str = "", first: date = MONDAY, **values) -> uuid.UUID:
        city, country = PLACES[steward]
        given = {
            "title": title or f"Conference of {steward}",
            "first": first,
            "steward": steward,
            "kind": "cop",
            "organisers": (Organiser("", steward),),
            "audiences": ("chemicals-delegates",),
            "format": "in-person",
            "city": city,
            "country": country,
        }
        return add_event(**(given | values))

    return add


@pytest.fixture
def found(app) -> Callable[..., StoredFinding]:
    """The clash of two events, as it is stored now."""

    def read(one: uuid.UUID, other: uuid.UUID) -> StoredFinding:
        db.session.rollback()
        both = StoredFinding.a_id.in_((one, other)), StoredFinding.b_id.in_((one, other))
        return db.session.scalars(select(StoredFinding).where(*both, StoredFinding.kind == "clash")).one()

    return read


@pytest.fixture
def clash(hold, found) -> uuid.UUID:
    """A critical clash of a conference of brs with one of minamata."""
    return found(hold("brs"), hold("minamata")).id
