"""What stands in the outbox, and the links in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import OutboxMessage

if TYPE_CHECKING:
    from flask.testing import FlaskClient

_ADDRESS = re.compile(r"https?://\S+")


def letters(email: str = "") -> list[OutboxMessage]:
    """The letters to an address, or all, oldest first."""
    db.session.rollback()
    found = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)).all()
    return [letter for letter in found if not email or letter.to_email == email]


def link_in(letter: OutboxMessage, part: str) -> str:
    """The path of the link in a letter whose address has `part` in it."""
    return next(
        parts.path + (f"?{parts.query}" if parts.query else "")
        for parts in map(urlsplit, _ADDRESS.findall(letter.text))
        if part in parts.path
    )


def is_signed_in(browser: FlaskClient) -> bool:
    """Whether the account page opens."""
    return browser.get("/account").status_code == 200
