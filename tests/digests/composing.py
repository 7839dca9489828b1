"""Digests for tests: composed as the scheduler does, and read as their recipients do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from calendar_app.extensions import clock, db
from calendar_app.services import digests
from calendar_app.services.digest_material import Edition
from calendar_app.services.mail_links import MailLinks

if TYPE_CHECKING:
    from datetime import datetime

    from calendar_app.models import DigestIssue

LINKS = MailLinks("https://calendar.example.org", "x" * 40)
DECEMBER = date(2026, 12, 1)
EDITION = Edition.of_month(DECEMBER)


def now() -> datetime:
    return clock.now().astimezone(clock.zone)


def composed(code: str = "brs", language: str = "en", edition: Edition = EDITION) -> DigestIssue:
    """The digest of an organisation as it would be now."""
    db.session.rollback()
    (issue,) = digests.compose(db.session(), {code: [language]}, edition, now(), LINKS)
    return issue


def section(issue: DigestIssue, heading: str) -> str:
    """The lines of a section in plain text; "" if it is not there."""
    parts = issue.text.split("\n\n\n")
    found = [part for part in parts if part.strip().startswith(f"{heading}\n---")]
    first = f"\n{heading}\n---"
    if not found and first in issue.text:
        found = [issue.text.split(first)[1].split("\n\n\n")[0]]
    return " ".join(found[0].split()) if found else ""
