"""Publishing, moving, postponing, cancelling, withdrawing, reinstating and confirming: each asks what it must know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.planning.vocabulary import Status
from calendar_app.services import editing, event_work, events, moderation, proposals, stored_history
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from calendar_app.web import named_decision
from calendar_app.web.page import words
from calendar_app.web.submit import dates_panel, meanwhile
from calendar_app.web.submit.form_record import record_of_form
from calendar_app.web.submit.forms import DATES
from calendar_app.web.submit.links import submission_url
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.forms import MoveForm, PublicReasonForm, PublishForm, ReasonForm, ReinstateForm, SeenForm
from calendar_app.web.work.proposals import proposal_url
from calendar_app.web.work.subject import (
    changes_since,
    go_to,
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

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import Event
    from calendar_app.services.events import Change

    Answer: TypeAlias = Response | tuple[str, int] | str


# The fields of moving that say when.
_TIME = ("dates", "start_time", "end_time", "timezone", *(name for names in DATES.values() for name in names))


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of an action says: heading, what will happen, the button, and the message when it is done.

    The message has a place for the title, and one for `day` if there is any.
    """

    heading: str
    lead: str
    button: str
    done: str
    day: str = ""


def act(
    event_id: str,
    form: SeenForm | MoveForm,
    page: Page,
    do: Callable[[Session, Event, Change], None],
    *,
    template: str = "act",
    anew: Callable[[Event], MoveForm] | None = None,
) -> Answer:
    """Show the form of an action; when it is sent, do it unless somebody changed the event meanwhile.

    `anew` gives the form to show then, of the event as it is; without it the form stays as typed. What `do` refuses
    with a sentence at a field of the form is shown there. A critical clash is shown and takes a decision first.
    """
    someone, event = subject(event_id)
    status, clash = 200, None
    changes: list[dict[str, Any]] | None = []
    # The days of a better date are filled in: nothing is done yet, and what the person saw stays what it was.
    took = isinstance(form, MoveForm) and dates_panel.take(form) is not None
    if not took and form.validate_on_submit():
        try:
            changes = _carry_out(event_id, form, do)
        except UndecidedError as undecided:
            clash = named_decision.refuse(form, undecided)
        if changes is None:
            flash(page.done % {"title": title_of(event), "day": page.day})
            named_decision.tell(someone, event.id)
            return to_event(event)
        status = 422 if form.errors else 409
        if anew and not form.errors:
            form = anew(event)
    elif form.errors:
        status = 422
    if status != 422 and (not took or request.method == "GET"):  # noqa: PLR2004 - a form with errors still speaks of what the person saw
        mark_seen(db.session(), form, event)
    dates = dates_panel.of_form(form, event.steward_code) if isinstance(form, MoveForm) else None
    # Of what is not public no reason is: the page offers no choice then.
    shown = {
        "page_text": page, "changes": changes, "clash": clash, "dates": dates, "is_public": events.is_public(event),
    }  # fmt: skip
    return render_template(f"work/{template}.html", event=summary(event), form=form, **shown), status


def _carry_out(
    event_id: str, form: SeenForm | MoveForm, do: Callable[[Session, Event, Change], None]
) -> list[dict[str, Any]] | None:
    """Do it and return None; return what others changed, if they did so since the form was opened.

    Raises `UndecidedError`.
    """
    with transaction() as session:
        someone, event = subject(event_id)
        if stored_history.last_number(session, event.id) != seen_number(form):
            return changes_since(session, form, someone, event)
        made = made_by(session, someone, event, form.reason.data if "reason" in form else "")
        if "reason_is_public" in form:
            made = replace(made, reason_is_public=form.reason_is_public.data)
        try:
            do(session, event, named_decision.by(made, form))
        except event_work.NotPossibleError:
            if not form.errors:
                flash(_("This cannot be done with the event as it is now. Nothing was changed."), "warn")
                go_to(event)
            return []
        named_decision.require(session, someone, form)
    return None


@blueprint.route("/events/<event_id>/publish", methods=["GET", "POST"])
def publish(event_id: str) -> Answer:
    """Publish an event at once or on a date."""
    _someone, waiting = subject(event_id)
    if waiting.stage in moderation.WAITING:
        return redirect(url_for("moderation.item", event_id=event_id), 303)
    due = waiting.publish_on
    form = PublishForm(data={"publish_on": due if due and due > clock.today() else None})
    day = form.publish_on.data
    page = Page(
        _("Publish event"),
        _("Everybody who may see the event will find it in lists, the planner and feeds."),
        _("Publish event"),
        _("“%(title)s” will be published on %(day)s.") if day else _("“%(title)s” is published."),
        words().day(day) if day else "",
    )

    def do(session: Session, event: Event, made: Change) -> None:
        if moderation.taken_back(session, event):
            raise event_work.NotPossibleError
        event_work.publish(session, event, day, made, reference())
        if submission := moderation.submission_of(session, event):
            decision = moderation.Decision.SCHEDULE if day else moderation.Decision.PUBLISH
            moderation.tell_submitter(session, event, decision, made, submission_url(submission), day)

    return act(event_id, form, page, do)


def _set_status(event_id: str, page: Page, status: Status, form: SeenForm) -> Answer:
    return act(
        event_id,
        form,
        page,
        lambda session, event, made: event_work.set_status(session, event, status, made, reference()),
    )


@blueprint.route("/events/<event_id>/postpone", methods=["GET", "POST"])
def postpone(event_id: str) -> Answer:
    """Postpone an event: its dates are off, new ones are not known yet."""
    page = Page(
        _("Postpone event"),
        _("The event stays in the calendar, with its old dates marked as no longer valid, until it is moved."),
        _("Postpone event"),
        _("“%(title)s” is postponed."),
    )
    return _set_status(event_id, page, Status.POSTPONED, PublicReasonForm())


@blueprint.route("/events/<event_id>/cancel", methods=["GET", "POST"])
def cancel(event_id: str) -> Answer:
    """Cancel an event."""
    page = Page(
        _("Cancel event"),
        _("The event stays in the calendar, struck through, and is cancelled in the calendars of those who follow it."),
        _("Cancel event"),
        _("“%(title)s” is cancelled."),
    )
    return _set_status(event_id, page, Status.CANCELLED, PublicReasonForm())


@blueprint.route("/events/<event_id>/reinstate", methods=["GET", "POST"])
def reinstate(event_id: str) -> Answer:
    """Let a cancelled or postponed event take place on its dates after all."""
    form = ReinstateForm()
    page = Page(
        _("Reinstate event"),
        _("The event takes place on its dates after all."),
        _("Reinstate event"),
        _("“%(title)s” takes place after all."),
    )
    status = Status(form.status.data) if form.status.data in tuple(Status) else Status.CONFIRMED
    return _set_status(event_id, page, status, form)


@blueprint.route("/events/<event_id>/withdraw", methods=["GET", "POST"])
def withdraw(event_id: str) -> Answer:
    """Take an event out of the calendar."""
    page = Page(
        _("Withdraw event"),
        _(
            "The event disappears from the calendar for everybody but your organisation. Who follows it sees that"
            " it is cancelled, with its dates and no other word. If an event does not take place, cancel it instead."
        ),
        _("Withdraw event"),
        _("“%(title)s” is withdrawn."),
    )

    def do(session: Session, event: Event, made: Change) -> None:
        event_work.withdraw(session, event, made, reference())
        proposals.close(session, event, made, proposal_url)

    return act(event_id, ReasonForm(), page, do)


@blueprint.route("/events/<event_id>/move", methods=["GET", "POST"])
def move(event_id: str) -> Answer:
    """Move an event to other dates, hours or another place."""
    someone, event = subject(event_id)
    number = meanwhile.seen_number(db.session(), event)
    base = editing.base_of(db.session(), event, number)
    form = MoveForm(person=someone, base=base, event_id=event.id)
    moved = _("“%(title)s” is moved.")
    page = Page(
        _("Move event"),
        _("Write the new dates over the old ones, and why. Those who follow the event see the new dates at once."),
        _("Move event"),
        moved if form.is_changed(*_TIME) else _("“%(title)s” is saved."),
    )

    def do(session: Session, event: Event, made: Change) -> None:
        try:
            event_work.move(session, event, record_of_form(form, base), made, reference())
        except event_work.NotPossibleError:
            if event.status == Status.POSTPONED:
                form.dates.errors = [
                    _("Dates and hours are as they were. If they hold after all, use “Reinstate event”.")
                ]
            else:
                form.dates.errors = [_("Dates and hours are as they were. To change the place alone, use “Edit”.")]
            raise

    def anew(event: Event) -> MoveForm:
        wanted = record_of_form(form, base)
        fields = meanwhile.field_words(db.session(), event, number, wanted)
        allowed = frozenset(event_work.MOVING)
        outcome = editing.over_current(db.session(), event, number, wanted, allowed, fields)
        fresh = MoveForm(person=someone, base=record_of(event), event_id=event.id)
        meanwhile.filled(fresh, outcome.record, ("reason",))
        return fresh

    return act(event_id, form, page, do, template="move", anew=anew)


@blueprint.post("/events/<event_id>/confirm")
def confirm(event_id: str) -> Answer:
    """Note that what the calendar says of the event is still right."""
    with transaction() as session:
        someone, event = subject(event_id)
        event_work.confirm(session, event, made_by(session, someone, event), reference())
        flash(_("You confirmed that “%(title)s” is still right.", title=title_of(event)))
        return to_event(event)
