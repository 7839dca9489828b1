"""Which other organisations may change an event too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from calendar_app.extensions import db
from calendar_app.services import event_work, submissions
from calendar_app.services.records import organisers_of
from calendar_app.services.reference import reference
from calendar_app.web.page import words
from calendar_app.web.work.actions import Page, act
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.forms import EditorsForm
from calendar_app.web.work.subject import subject

if TYPE_CHECKING:
    from calendar_app.models import Event, Organisation
    from calendar_app.web.work.actions import Answer


@blueprint.route("/events/<event_id>/editors", methods=["GET", "POST"])
def editors(event_id: str) -> Answer:
    """Tick the member organisations that may change what the public sees of the event."""
    _someone, event = subject(event_id)
    form = EditorsForm(data={"organisations": [editor.organisation_code for editor in event.editors]})
    members = [o for o in submissions.organisations(db.session()) if o.code != event.steward_code]
    form.organisations.choices = [(o.code, _name(o, event)) for o in members]
    page = Page(
        _("Who may change it too"),
        _(
            "The coordinators of the organisations that you tick see the event at every stage and may change what the"
            " public sees of it. Moving, cancelling and withdrawing it stay with you."
        ),
        _("Save"),
        _("Saved who may change “%(title)s” too."),
    )
    return act(
        event_id,
        form,
        page,
        lambda session, event, made: event_work.set_editors(session, event, form.organisations.data, made, reference()),
        template="editors",
    )


def _name(organisation: Organisation, event: Event) -> str:
    """Return the name, and that the organisation is a co-organiser if it is."""
    name = words().organisation(organisation.code, organisation.name)
    if organisation.code not in {organiser.code for organiser in organisers_of(event)}:
        return name
    text: str = _("%(name)s (organises it too)", name=name)
    return text
