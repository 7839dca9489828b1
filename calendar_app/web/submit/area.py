"""What all addresses of the form and of submissions share: who may see a submission, and that nobody keeps pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from flask_babel import gettext as _

from calendar_app.extensions import clock, db
from calendar_app.models import Event, Submission
from calendar_app.services.calendar import can_see
from calendar_app.services.submissions import OPEN
from calendar_app.web.guards import person
from calendar_app.web.page import viewer, words
from calendar_app.web.submit.browser import has_opened

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from flask import Response

blueprint = Blueprint("submit", __name__)
REFUSED = 422


@blueprint.after_request
def _not_kept(response: Response) -> Response:
    """Forms, and what one person sent, are for the one who asked alone."""
    response.headers["Cache-Control"] = "no-store"
    return response


def seen_submission(submission_id: uuid.UUID) -> tuple[Submission, Event | None] | None:
    """Return a submission and its event if the reader may see it: its sender, or a member of its organisation."""
    session = db.session()
    submission = session.get(Submission, submission_id)
    if submission is None:
        return None
    someone = person()
    is_member = someone is not None and submission.organisation_code in someone.roles and submission.confirmed_at
    if not (is_member or is_sender(submission)):
        return None
    return submission, session.get(Event, submission.event_id) if submission.event_id else None


def is_sender(submission: Submission) -> bool:
    """Tell whether the reader sent it: by the account, or, sent without one, let in by the token of the letter."""
    if submission.account_id is None:
        return has_opened(submission.id)
    someone = person()
    return someone is not None and submission.account_id == someone.account_id


def shown_event(event: Event | None) -> Event | None:
    """Return the event of a submission if its sender may see what it says now: while it is open, or like anybody else.

    What the secretariat writes into an event that it hides is not the sender's to read.
    """
    if event is None or event.stage in OPEN or can_see(viewer(), event):
        return event
    return None


def moment_in_words(at: datetime) -> str:
    """Return day, time and zone of a moment, in the calendar's zone."""
    local = at.astimezone(clock.zone)
    return str(_("%(day)s, %(time)s", day=words().day(local.date()), time=f"{local:%H:%M} {clock.zone.key}"))
