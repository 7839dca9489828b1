"""Copying an event as its next session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import flash, render_template
from flask_babel import gettext as _

from calendar_app.extensions import transaction
from calendar_app.models import Event
from calendar_app.services import copying, events
from calendar_app.services.records import in_language, record_of
from calendar_app.services.reference import reference
from calendar_app.web.page import title_language, words
from calendar_app.web.submit import choices
from calendar_app.web.submit.form_record import record_of_form
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.forms import EditForm
from calendar_app.web.work.once import id_of_entry, key_of_form
from calendar_app.web.work.subject import made_by, subject, summary, to_event

if TYPE_CHECKING:
    from typing import TypeAlias

    from werkzeug.wrappers import Response

    Answer: TypeAlias = Response | tuple[str, int]


@blueprint.route("/events/<event_id>/copy", methods=["GET", "POST"])
def copy(event_id: str) -> Answer:
    """Enter the next session of an event: what stays the same is filled in, the dates are asked for."""
    someone, event = subject(event_id)
    base = copying.next_session(record_of(event))
    form = EditForm(without=("reason", "seen", "publish_on"), person=someone, base=base, internal=True)
    if form.validate_on_submit():
        with transaction() as session:
            someone, event = subject(event_id)
            record = replace(record_of_form(form, base), steward=event.steward_code)
            entry_id = id_of_entry(someone)
            created = session.get(Event, entry_id)
            if created is None:
                created = events.create(session, entry_id, record, made_by(session, someone, event), reference())
                session.flush()
            flash(_("“%(title)s” is a draft now.", title=in_language(record.titles, title_language())[0]))
            return to_event(created)
    html = render_template(
        "work/copy.html",
        form=form,
        event=summary(event),
        suggestions=choices.suggestions(words()),
        key=key_of_form(),
    )
    return html, 422 if form.errors else 200
