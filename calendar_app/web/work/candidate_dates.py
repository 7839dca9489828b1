"""The candidate dates of a meeting that is not fixed yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import OptionState
from calendar_app.services import options, stored_history
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.event_work import NotPossibleError
from calendar_app.services.field_words import FieldWords
from calendar_app.services.records import Option, record_of
from calendar_app.services.reference import reference
from calendar_app.web import named_decision
from calendar_app.web.page import words
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.forms import HoldForm, OptionForm, ReasonForm, RemarkForm, SeenForm
from calendar_app.web.work.subject import (
    changes_since,
    made_by,
    mark_seen,
    seen_number,
    subject,
    summary,
    title_of,
    to_event,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import Event
    from calendar_app.services.events import Change

    Answer: TypeAlias = Response | tuple[str, int] | str


@blueprint.route("/events/<event_id>/options", methods=["GET", "POST"])
def candidate_dates(event_id: str) -> Answer:
    """Show the candidate dates, and add one."""
    _someone, event = subject(event_id)
    form = OptionForm()
    if form.validate_on_submit():
        days: dict[str, Any] = {"first_day": form.first_day.data, "last_day": form.last_day.data or form.first_day.data}
        option = Option(**days, city=form.city.data, held_until=form.held_until.data, note=form.note.data)
        with transaction() as session:
            someone, event = subject(event_id)
            try:
                options.add(session, event, option, made_by(session, someone, event), reference())
                flash(_("The dates are added."))
            except NotPossibleError:
                flash(_("These dates are in the list already, or the list is full."), "warn")
            return _back(event)
    return _page(event, form), 422 if form.errors else 200


def _page(event: Event, form: OptionForm) -> str:
    fields, speak, today = FieldWords(words()), words(), clock.today()
    lines: list[dict[str, Any]] = [
        {
            "number": number,
            "dates": speak.days(Span.inclusive(option.first_day, option.last_day)),
            "city": speak.city(option.city),
            "state": fields.option_state(option.state),
            "is_open": option.state == OptionState.OPEN,
            "held_until": speak.day(option.held_until) if option.held_until else "",
            "hold_value": option.held_until or today + options.HOLD,
            "note": option.note,
        }
        for number, option in enumerate(record_of(event).options)
    ]
    seen = stored_history.last_number(db.session(), event.id)
    return render_template("work/options.html", event=summary(event), form=form, lines=lines, seen=seen)


def _back(event: Event) -> Response:
    return redirect(url_for("work.candidate_dates", event_id=str(event.id)), 303)


def _do(event_id: str, form: SeenForm, done: str, do: Callable[[Session, Event, Change], None]) -> Answer:
    """Do something with one of the dates, unless the list changed since the person looked at it."""
    with transaction() as session:
        someone, event = subject(event_id)
        if not form.validate():
            flash(" ".join(message for messages in form.errors.values() for message in messages), "warn")
            return _back(event)
        if stored_history.last_number(session, event.id) != seen_number(form):
            flash(_("The event changed meanwhile. Please look at the dates again."), "warn")
            return _back(event)
        try:
            do(session, event, made_by(session, someone, event, form.reason.data if "reason" in form else ""))
        except NotPossibleError:
            flash(_("This cannot be done with these dates any more."), "warn")
            return _back(event)
        flash(done)
        return _back(event)


@blueprint.post("/events/<event_id>/options/<int:number>/hold")
def hold_dates(event_id: str, number: int) -> Answer:
    """Hold candidate dates until another day."""
    form = HoldForm()
    until: Any = form.held_until.data
    return _do(
        event_id,
        form,
        _("The dates are held."),
        lambda session, event, made: options.hold(session, event, number, until, made, reference()),
    )


@blueprint.post("/events/<event_id>/options/<int:number>/release")
def release_dates(event_id: str, number: int) -> Answer:
    """Give candidate dates free."""
    return _do(
        event_id,
        RemarkForm(),
        _("The dates are released."),
        lambda session, event, made: options.release(session, event, number, made, reference()),
    )


@blueprint.post("/events/<event_id>/options/<int:number>/remove")
def remove_dates(event_id: str, number: int) -> Answer:
    """Take candidate dates off the list."""
    return _do(
        event_id,
        RemarkForm(),
        _("The dates are taken off the list."),
        lambda session, event, made: options.remove(session, event, number, made, reference()),
    )


@blueprint.route("/events/<event_id>/options/<int:number>/choose", methods=["GET", "POST"])
def choose_dates(event_id: str, number: int) -> Answer:
    """Make candidate dates the dates of the event; asks why."""
    _someone, event = subject(event_id)
    form = ReasonForm()
    status, clash = 422 if form.is_submitted() else 200, None
    changes: list[dict[str, Any]] = []
    if form.validate_on_submit():
        try:
            chosen, changes = _choose(event_id, form, number)
        except UndecidedError as undecided:
            clash = named_decision.refuse(form, undecided)
        else:
            if chosen:
                return chosen
            status = 409
    lines = record_of(event).options
    if number >= len(lines) or lines[number].state != OptionState.OPEN:
        flash(_("This cannot be done with these dates any more."), "warn")
        return _back(event)
    if status != 422:  # noqa: PLR2004 - a form with errors still speaks of what the person saw
        mark_seen(db.session(), form, event)
    chosen_days = words().days(Span.inclusive(lines[number].first_day, lines[number].last_day))
    shown = {"dates": chosen_days, "changes": changes, "clash": clash}
    return render_template("work/choose.html", event=summary(event), form=form, **shown), status


def _choose(event_id: str, form: ReasonForm, number: int) -> tuple[Response | None, list[dict[str, Any]]]:
    """Choose the dates and return where to go on; None and what others changed, if they did so meanwhile.

    Raises `UndecidedError`.
    """
    with transaction() as session:
        someone, event = subject(event_id)
        if stored_history.last_number(session, event.id) != seen_number(form):
            return None, changes_since(session, form, someone, event)
        made = named_decision.by(made_by(session, someone, event, form.reason.data), form)
        try:
            options.choose(session, event, number, made, reference())
        except NotPossibleError:
            flash(_("This cannot be done with these dates any more."), "warn")
            return _back(event), []
        named_decision.require(session, someone, form)
    flash(_("“%(title)s” has its dates now; the other dates are released.", title=title_of(event)))
    named_decision.tell(someone, event.id)
    return to_event(event), []
