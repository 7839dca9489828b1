"""Every change of an event, for members who see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, url_for

from calendar_app.extensions import db
from calendar_app.services import merging, stored_history
from calendar_app.services.access import may_steward
from calendar_app.web import guards
from calendar_app.web.page import words
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.subject import history_lines, subject, summary

if TYPE_CHECKING:
    from calendar_app.models import Event
    from calendar_app.services.access import Person


def member_event(event_id: str) -> tuple[Person, Event]:
    """Return who is signed in, if a member of an organisation, and the event of this id that they may see."""
    guards.member()
    return guards.seen_event(event_id)


@blueprint.get("/events/<event_id>/history")
def history(event_id: str) -> str:
    """Show who changed what, when and why."""
    someone, event = subject(event_id, member_event)
    session = db.session()
    can_undo = may_steward(someone, event) and (
        stored_history.undoable(session, event) or merging.last_merge(session, event)
    )
    return render_template(
        "work/history.html",
        event=summary(event),
        changes=history_lines(stored_history.entries(session, event, someone, words())),
        merged=[
            summary(loser) | {"changes": history_lines(stored_history.entries(session, loser, someone, words()))}
            for loser in merging.merged_into(session, event)
        ],
        undo_url=url_for("work.undo", event_id=str(event.id)) if can_undo else "",
    )
