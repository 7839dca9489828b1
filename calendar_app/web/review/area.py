"""What the modules of this area share: the blueprint, and which month an address means."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, abort, url_for

from calendar_app.extensions import clock, db
from calendar_app.planning.dates import EARLIEST, LATEST
from calendar_app.services import reviews
from calendar_app.services.finding_board import short_name
from calendar_app.services.review_words import ReviewWords
from calendar_app.services.wording import Words
from calendar_app.web.page import title_language, words

if TYPE_CHECKING:
    from calendar_app.services.access import Person

blueprint = Blueprint("review", __name__)
REFUSED, CONFLICT = 422, 409
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def month_of(text: str) -> date:
    """Return the month of an address ("2026-12") as its first day; 404 if it has no review."""
    found = _MONTH.fullmatch(text)
    month = date(int(found[1]), int(found[2]), 1) if found and found[1].isascii() and int(found[1]) else None
    if month is None or not EARLIEST <= month < LATEST:
        abort(404)
    if not reviews.is_there(db.session(), month, clock.today()):
        abort(404)
    return month


def name_of(month: date) -> str:
    """Return a month as addresses have it."""
    return f"{month:%Y-%m}"


def review_url(month: date, line: str = "") -> str:
    """Return the address of a review's page, at a line of it."""
    return url_for("review.review", month=name_of(month), _anchor=anchor_of(line) if line else None)


def anchor_of(line: str) -> str:
    """Return the id of a line in the page."""
    return f"line-{line.replace('/', '-')}"


def speaker() -> ReviewWords:
    """Return what speaks of reviews in the reader's language."""
    return ReviewWords(words(), title_language())


def signature_of(person: Person) -> str:
    """Return how a person stands in the minutes: in the name of the first organisation for which they decide."""
    code = min(person.deciding or person.roles)
    return person.signature(short_name(Words(), code))
