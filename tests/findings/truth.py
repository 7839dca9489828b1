"""What is stored beside what the whole calendar says."""

from __future__ import annotations

from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import StoredFinding
from calendar_app.services import finding_scope, policies
from calendar_app.services.finding_codec import finding_of
from calendar_app.services.planning_facts import facts
from calendar_app.services.planning_meetings import all_meetings


def stored():
    """The findings that hold as they are stored, by what they are about."""
    db.session.rollback()
    rows = db.session.scalars(select(StoredFinding).where(StoredFinding.closed_at.is_(None)))
    return {finding.key: finding for finding in map(finding_of, rows)}


def said():
    """The findings that a look at the whole calendar gives, by what they are about."""
    session, known = db.session(), facts()
    found = finding_scope.of_calendar(all_meetings(session, known), known, policies.in_force(session))
    session.rollback()
    return {finding.key: finding for finding in found}
