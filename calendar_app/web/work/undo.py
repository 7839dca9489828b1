"""Undoing the last change of an event."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import db, transaction
from calendar_app.models import Event
from calendar_app.services import merging, moderation, stored_history
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.reference import reference
from calendar_app.web import named_decision
from calendar_app.web.page import words
from calendar_app.web.submit.links import submission_url
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.forms import ReasonForm, RemarkForm
from calendar_app.web.work.subject import (
    history_lines,
    made_by,
    mark_seen,
    seen_number,
    subject,
    summary,
    title_of,
    to_event,
)

if TYPE_CHECKING:
    from typing import TypeAlias

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import Revision
    from calendar_app.services.events import Change

    Answer: TypeAlias = Response | tuple[str, int]


@blueprint.route("/events/<event_id>/undo", methods=["GET", "POST"])
def undo(event_id: str) -> Answer:
    """Say what would be undone; undo it when asked to."""
    someone, event = subject(event_id)
    form = _form(db.session(), event)
    clash = None
    if form.validate_on_submit():
        try:
            with transaction() as session:
                someone, event = subject(event_id)
                made = named_decision.by(made_by(session, someone, event, form.reason.data), form)
                _undo(session, event, seen_number(form), made)
                named_decision.require(session, someone, form)
        except stored_history.CannotUndoError:
            flash(_("The event changed meanwhile. Nothing was undone."), "warn")
            return redirect(url_for("work.history", event_id=event_id), 303)
        except UndecidedError as undecided:
            clash = named_decision.refuse(form, undecided)
        else:
            flash(_("The last change of “%(title)s” is undone.", title=title_of(event)))
            named_decision.tell(someone, event.id)
            return to_event(event)
    session = db.session()
    revision = _last(session, event)
    if revision is None:
        flash(_("The last change of this event cannot be undone."), "warn")
        return redirect(url_for("work.history", event_id=event_id), 303)
    mark_seen(session, form, event)
    entries = stored_history.entries(session, event, someone, words(), revision.id - 1)
    shown = {"changes": history_lines(entries), "clash": clash}
    html = render_template("work/undo.html", event=summary(event), form=form, **shown)
    return html, 422 if form.errors else 200


def _last(session: Session, event: Event) -> Revision | None:
    """Return the last change if it can be undone."""
    return merging.last_merge(session, event) or stored_history.undoable(session, event)


def _form(session: Session, event: Event) -> RemarkForm | ReasonForm:
    """Return the form; it needs a reason where the public, or the sender, was told what is taken back now."""
    revision = _last(session, event)
    if revision is None:
        return RemarkForm()
    told = stored_history.needs_reason(event, revision) or _sender_was_told(session, event, revision)
    return ReasonForm() if told else RemarkForm()


def _undo(session: Session, event: Event, number: int, made: Change) -> None:
    """Undo the last change and tell the sender of what was decided on. Raises `CannotUndoError`."""
    revision = _last(session, event)
    told = _sender_was_told(session, event, revision) if revision else None
    is_merge = revision is not None and "merged" in revision.after
    (merging.unmerge if is_merge else stored_history.undo)(session, event, number, made, reference())
    submission = moderation.submission_of(session, told) if told else None
    if told and submission:
        moderation.tell_submitter(session, told, moderation.UNDONE, made, submission_url(submission))


def _sender_was_told(session: Session, event: Event, revision: Revision) -> Event | None:
    """Return the event whose sender got a letter about this change, if any did."""
    if "merged" in revision.after:
        loser = session.get(Event, uuid.UUID(revision.after["merged"][0]))
        if loser is None or loser.stage not in moderation.WAITING:
            return None
        return loser if moderation.submission_of(session, loser) else None
    return event if "stage" in revision.after and moderation.submission_of(session, event) else None
