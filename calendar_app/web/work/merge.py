"""Merging a record into another one of the same event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import db, transaction
from calendar_app.models import Event
from calendar_app.services import calendar, differences, merging, moderation, stored_history
from calendar_app.services.access import may_steward
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.event_form_lookup import SeveralEventsError, named_event
from calendar_app.services.field_words import FieldWords
from calendar_app.services.records import as_json, record_of
from calendar_app.services.reference import reference
from calendar_app.web import named_decision
from calendar_app.web.page import words
from calendar_app.web.submit.links import submission_url
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.forms import MergeForm, OtherForm
from calendar_app.web.work.subject import made_by, mark_seen, seen_number, subject, summary, title_of, to_event

if TYPE_CHECKING:
    from typing import TypeAlias

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.services.access import Person

    Answer: TypeAlias = Response | tuple[str, int] | str


@blueprint.route("/events/<event_id>/merge", methods=["GET", "POST"])
def merge(event_id: str) -> Answer:
    """Ask into which record to merge (`into`), show both side by side, and merge when asked to."""
    someone, event = subject(event_id)
    winner = _winner(someone, event)
    if winner is None:
        return _ask(someone, event)
    form = _form(event, winner)
    clash = None
    if form.validate_on_submit():
        try:
            return _carry_out(event_id, form)
        except UndecidedError as undecided:
            clash = named_decision.refuse(form, undecided)
    if not form.errors:
        mark_seen(db.session(), form, event)
    return _page(someone, event, winner, form, clash=clash), 422 if form.errors else 200


def _carry_out(event_id: str, form: MergeForm) -> Answer:
    """Merge the records unless one changed since they were compared. Raises `UndecidedError`."""
    with transaction() as session:
        someone, event = subject(event_id)
        other = _winner(someone, event)
        if other is None:
            flash(_("One of the records changed meanwhile. Please look again."), "warn")
            return redirect(url_for("work.merge", event_id=event_id), 303)
        is_as_seen = _is_as_seen(session, event, other, form)
        if is_as_seen:
            _merge(session, someone, event, other, form)
            named_decision.require(session, someone, form)
    if is_as_seen:
        flash(_("The two records are one now: “%(title)s”.", title=title_of(other)))
        named_decision.tell(someone, other.id)
        return to_event(other)
    # Asked again, beside the records as they are now, with what was typed.
    form = _form(event, other)
    mark_seen(db.session(), form, event)
    return _page(someone, event, other, form, changed=True), 409


def _is_as_seen(session: Session, event: Event, winner: Event, form: MergeForm) -> bool:
    """Tell whether both records are as they were when the person compared them."""
    last = stored_history.last_number
    return last(session, event.id) == seen_number(form) and str(last(session, winner.id)) == request.form.get("other")


def _winner(someone: Person, event: Event) -> Event | None:
    """Return the record into which to merge, if it is named and can be."""
    text = request.values.get("into", "")
    winner = calendar.find_event(db.session(), someone.viewer, text) if text else None
    if winner is None or not may_steward(someone, winner) or not merging.may_merge(event, winner):
        return None
    return winner


def _ask(someone: Person, event: Event) -> Answer:
    """Ask which record it is; lead on to the comparison of the two."""
    form = OtherForm(request.args if "other" in request.args else None, meta={"csrf": False})
    if "other" in request.args and form.validate():
        try:
            found = named_event(db.session(), someone.viewer, form.other.data)
        except SeveralEventsError:
            found = None
        winner = db.session().get(Event, found) if found else None
        if winner and may_steward(someone, winner) and merging.may_merge(event, winner):
            return redirect(url_for("work.merge", event_id=str(event.id), into=str(winner.id)), 303)
        problem = _(
            "Name another record that your organisation keeps too, by the address of its page or its short title."
        )
        if winner and may_steward(someone, winner) and merging.hides(event, winner):
            problem = _("That record is cancelled, or fewer people see it. Merge it into this one instead.")
        form.other.errors = [problem]
    return render_template("work/merge_ask.html", event=summary(event), form=form)


def _form(event: Event, winner: Event) -> MergeForm:
    fields = FieldWords(words())
    offered = merging.fillable(db.session(), event, winner)
    form = MergeForm(data={"into": str(winner.id), "fill": offered})
    form.fill.choices = [(unit, fields.label(unit)) for unit in offered]
    return form


def _merge(session: Session, someone: Person, event: Event, winner: Event, form: MergeForm) -> None:
    made = named_decision.by(made_by(session, someone, event, form.reason.data), form)
    submission = moderation.submission_of(session, event)
    was_waiting = event.stage in moderation.WAITING
    try:
        merging.merge(session, event, winner, form.fill.data, made, reference())
    except merging.CannotMergeError:
        abort(409)
    if submission and was_waiting:
        moderation.tell_submitter(session, event, "merged", made, submission_url(submission))


def _page(
    someone: Person,
    event: Event,
    winner: Event,
    form: MergeForm,
    *,
    changed: bool = False,
    clash: dict[str, Any] | None = None,
) -> str:
    session = db.session()
    states: list[dict[str, Any]] = [as_json(record_of(one)) for one in (event, winner)]
    names = differences.names_of_events(session, someone.viewer, states, words().language)
    lines = differences.differences(states[0], states[1], FieldWords(words(), names), internal=True)
    number = str(stored_history.last_number(session, winner.id))
    return render_template(
        "work/merge.html",
        event=summary(event),
        winner=summary(winner),
        form=form,
        differences=lines,
        seen_other=request.form.get("other", number) if form.errors else number,
        changed=changed,
        clash=clash,
    )
