"""Editing an event, while somebody else may edit it too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import db, transaction
from calendar_app.planning.vocabulary import Status
from calendar_app.services import editing
from calendar_app.services.access import may_steward
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.event_work import DATES_OPEN
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from calendar_app.web import guards, named_decision
from calendar_app.web.page import words
from calendar_app.web.submit import choices, dates_panel, meanwhile
from calendar_app.web.submit.form_record import record_of_form
from calendar_app.web.submit.forms import DATES
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.forms import EditForm
from calendar_app.web.work.subject import event_url, made_by, mark_seen, subject, summary, title_of, to_event

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from calendar_app.models import Event
    from calendar_app.services.access import Person
    from calendar_app.services.editing import Outcome
    from calendar_app.services.records import EventRecord

    Answer: TypeAlias = Response | tuple[str, int] | str


@blueprint.route("/events/<event_id>/edit", methods=["GET", "POST"])
def edit(event_id: str) -> Answer:
    """Change an event. Who was slower is told what changed meanwhile, and keeps everything typed."""
    someone, event = subject(event_id, guards.editable_event)
    reading = db.session()
    number = meanwhile.seen_number(reading, event)
    form = _form(someone, event, editing.base_of(reading, event, number))
    if dates_panel.take(form) or not form.validate_on_submit():
        if not form.errors:
            form.seen.data, form.seen.raw_data = str(number), None
        return _page(form, someone, event, None), 422 if form.errors else 200
    try:
        outcome = _save(event_id, form, number)
    except UndecidedError as undecided:
        clash = named_decision.refuse(form, undecided)
        return _page(form, someone, event, None, clash), 422
    if outcome is None:
        return _page(form, someone, event, None), 422
    if not outcome.meanwhile:
        flash(_("“%(title)s” is saved.", title=title_of(event)))
        named_decision.tell(someone, event.id)
        return to_event(event)
    return _page(_anew(someone, event, outcome), someone, event, outcome), 409


def _save(event_id: str, form: EditForm, number: int) -> Outcome | None:
    """Save what the form says over the change of this number; None if the reason is missing.

    Raises `UndecidedError`.
    """
    with transaction() as session:
        someone, event = subject(event_id, guards.editable_event)
        wanted = record_of_form(form, editing.base_of(session, event, number))
        made = named_decision.by(made_by(session, someone, event, form.reason.data), form)
        fields = meanwhile.field_words(session, event, number, wanted)
        try:
            outcome = editing.edit(session, someone, event, number, wanted, made, reference(), fields)
        except editing.ReasonMissingError:
            form.reason.errors = [_("Everybody can see this event now. Say why that should end.")]
            return None
        named_decision.require(session, someone, form)
        return outcome


def _form(someone: Person, event: Event, base: EventRecord) -> EditForm:
    """Return the form with what this person may change of the event here."""
    without: list[str] = ["publish_on"]
    if event.stage not in DATES_OPEN:
        hours = ("start_time", "end_time", "timezone")
        without += ["dates", *hours, *(name for names in DATES.values() for name in names)]
    if base.status in {Status.CANCELLED, Status.POSTPONED} or event.status in {Status.CANCELLED, Status.POSTPONED}:
        without.append("status")
    internal = may_steward(someone, event)
    return EditForm(without=tuple(without), person=someone, base=base, event_id=event.id, internal=internal)


def _anew(someone: Person, event: Event, outcome: Outcome) -> EditForm:
    """Return the form over the record as it is now, with what the person changed filled in."""
    form = _form(someone, event, record_of(event))
    meanwhile.filled(form, outcome.record, ("reason",))
    mark_seen(db.session(), form, event)
    return form


def _page(
    form: EditForm, someone: Person, event: Event, outcome: Outcome | None, clash: dict[str, Any] | None = None
) -> str:
    """Return the page; `outcome` has what others changed meanwhile, `clash` what the dates run into."""
    return render_template(
        "work/edit.html",
        form=form,
        event=summary(event),
        meanwhile=meanwhile.lines(outcome),
        internal=may_steward(someone, event),
        suggestions=choices.suggestions(words()),
        move_url="" if event.stage in DATES_OPEN else url_for("work.move", event_id=str(event.id)),
        back_url=event_url(event),
        clash=clash,
        dates=dates_panel.of_form(form, event.steward_code),
    )
