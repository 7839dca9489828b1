"""What is done before a meeting: its milestones, which its steward keeps, and what all members coordinate for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from calendar_app.extensions import clock, db, transaction
from calendar_app.planning.coordination import SlotName, SlotState
from calendar_app.planning.milestones import MilestoneState
from calendar_app.services import coordination, milestones
from calendar_app.services.preparation import By, StaleError, Wanted
from calendar_app.services.preparation_words import milestone_name, slot_label, slot_state
from calendar_app.services.text import slugify
from calendar_app.web import guards
from calendar_app.web.owner_fields import OwnerForm
from calendar_app.web.page import words
from calendar_app.web.submit.fields import Day, Text
from calendar_app.web.submit.sending import change_by
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.preparation_lines import slot_line, step_line
from calendar_app.web.work.subject import event_url, subject, summary

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import CoordinationSlot, Event, EventMilestone
    from calendar_app.services.access import Person
    from calendar_app.services.coordination import Slot
    from calendar_app.services.milestones import Step

    Answer: TypeAlias = Response | tuple[str, int] | str

_MOST_NOTE = 2000


class PreparationForm(OwnerForm):
    """What is known of a milestone or a slot. `seen` is the version that the page showed."""

    state = SelectField(_l("How far it is"))
    day = Day(_l("Day"))
    note = Text(_l("Note"), most=_MOST_NOTE)
    seen = HiddenField()

    def fill(self, row: EventMilestone | CoordinationSlot | None, day: Any) -> None:  # noqa: ANN401 - a date or None
        """Show what is known; without a row nobody has said anything yet."""
        if row:
            self.fill_owner(row)
            self.state.data, self.day.data, self.note.data = row.state, day, row.note
        self.show_version(row.version if row else 0)

    def show_version(self, version: int) -> None:
        """Let the form remember what its reader saw."""
        self.seen.data, self.seen.raw_data = str(version), None

    @property
    def wanted(self) -> Wanted:
        """What was typed."""
        return Wanted(self.state.data, self.day.data, self.owner, self.note.data or "")

    def by(self, session: Session, someone: Person, organisation: str) -> By:
        """Return who sends it, in the name of an organisation."""
        text = self.seen.data or ""
        seen = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004 - fits a column
        made = change_by(session, someone, organisation)
        return By(made.actor, made.now, seen)


# ---------- Milestones ----------


@blueprint.route("/events/<event_id>/milestones/<step>", methods=["GET", "POST"])
def milestone(event_id: str, step: str) -> Answer:
    """Show and change what is known of a step; for the steward."""
    _someone, event = subject(event_id)
    shown = _step(db.session(), event, step)
    form = _milestone_form()
    if form.is_submitted():
        if _only_state() and not form.state.validate(form):
            abort(400)
        if _only_state() or form.validate():
            return _save_milestone(event_id, step, form)
        return _milestone_page(shown, form), 422
    form.fill(shown.row, shown.row.due_on if shown.row else None)
    return _milestone_page(shown, form)


def _milestone_form() -> PreparationForm:
    form = PreparationForm()
    form.state.choices = [
        (str(MilestoneState.OPEN), _("Still to be done")),
        (str(MilestoneState.DONE), _("Done")),
        (str(MilestoneState.NOT_NEEDED), _("Not needed for this meeting")),
    ]
    return form


def _only_state() -> bool:
    """Tell whether a button on the event's page was pressed, which changes the state and nothing else."""
    return "only_state" in request.form


def _step(session: Session, event: Event, slug: str) -> Step:
    steps = milestones.steps_of(session, [event], clock.today())[event.id]
    return next((s for s in steps if slugify(s.name) == slug), None) or abort(404)


def _save_milestone(event_id: str, slug: str, form: PreparationForm) -> Answer:
    try:
        with transaction() as session:
            someone, event = subject(event_id)
            step = _step(session, event, slug)
            wanted = form.wanted
            if _only_state():
                wanted = replace(milestones.known(step), state=wanted.state)
            milestones.change(session, step, wanted, form.by(session, someone, event.steward_code))
    except StaleError:
        return _changed_meanwhile(event_id, slug, form)
    flash(_("“%(what)s” is saved.", what=milestone_name(words(), step.name)))
    return _back(event, "milestones")


def _changed_meanwhile(event_id: str, slug: str, form: PreparationForm) -> Answer:
    """Show what somebody else wrote beside what was typed; sent again, what was typed takes its place."""
    _someone, event = subject(event_id)
    step = _step(db.session(), event, slug)
    if _only_state():
        # Nothing was typed: the page of the step shows how it is now.
        flash(_("Somebody else changed this meanwhile. Look at how it is now."), "warn")
        return redirect(url_for("work.milestone", event_id=event_id, step=slug), 303)
    form.show_version(step.version)
    return _milestone_page(step, form, step_line(step, someone_may=True)), 409


def _milestone_page(step: Step, form: PreparationForm, now: dict[str, Any] | None = None) -> str:
    form.day.label.text = _("Day agreed for this meeting")
    usual = step_line(step, someone_may=True)["usual"]
    hints = {
        "day": _("Empty: %(usual)s. A day that is agreed stays where it is when the meeting moves.", usual=usual)
        if usual
        else "",
        "owner": _("Nobody named: the secretariat that keeps the event looks after it.")
        if step.role == milestones.STEWARD
        else "",
    }
    return render_template(
        "work/preparation.html",
        event=summary(step.event),
        heading=milestone_name(words(), step.name),
        form=form,
        hints=hints,
        now=now,
    )


# ---------- Coordination slots ----------


@blueprint.route("/events/<event_id>/coordination/<slot>", methods=["GET", "POST"])
def coordination_slot(event_id: str, slot: str) -> Answer:
    """Show and change one slot; for whoever decides for a member."""
    _someone, event = _coordinated(event_id)
    shown = _slot(db.session(), event, slot)
    form = PreparationForm()
    form.state.choices = [(str(state), slot_state(words(), state)) for state in SlotState]
    if not form.is_submitted():
        form.state.data = str(SlotState.OPEN)
        form.fill(shown.row, shown.deadline)
        return _slot_page(shown, form)
    if not form.validate():
        return _slot_page(shown, form), 422
    try:
        with transaction() as session:
            someone, event = _coordinated(event_id)
            by = form.by(session, someone, _acting(someone, event))
            coordination.change(session, _slot(session, event, slot), form.wanted, by)
    except StaleError:
        someone, event = _coordinated(event_id)
        shown = _slot(db.session(), event, slot)
        form.show_version(shown.version)
        return _slot_page(shown, form, slot_line(shown, someone_may=True)), 409
    flash(_("“%(what)s” is saved.", what=slot_label(words(), slot)))
    return _back(event, "coordination")


@blueprint.post("/events/<event_id>/coordination")
def open_coordination(event_id: str) -> Answer:
    """Open the four slots of an event that has none by itself."""
    with transaction() as session:
        someone, event = _coordinated(event_id)
        by = change_by(session, someone, _acting(someone, event))
        coordination.open_slots(session, event, by.actor, by.now, clock.today())
    flash(_("All members can coordinate for this event now."))
    return _back(event, "coordination")


def _coordinated(event_id: str) -> tuple[Person, Event]:
    """Return who is signed in and decides for a member, and the event, if members may coordinate for it; 404 if not."""
    someone, event = subject(event_id, guards.seen_event)
    if not someone.deciding:
        abort(403)
    if not coordination.can_have_slots(event, clock.today()):
        abort(404)
    return someone, event


def _acting(someone: Person, event: Event) -> str:
    """Return in whose name somebody acts: that of the event's steward if they decide for it, else their own."""
    return event.steward_code if event.steward_code in someone.deciding else min(someone.deciding)


def _slot(session: Session, event: Event, name: str) -> Slot:
    if name not in set(SlotName):
        abort(404)
    return next(s for s in coordination.slots_of_one(session, event, clock.today()) if s.slot == name)


def _slot_page(slot: Slot, form: PreparationForm, now: dict[str, Any] | None = None) -> str:
    form.day.label.text = _("Deadline")
    return render_template(
        "work/preparation.html",
        event=summary(slot.event),
        heading=slot_label(words(), slot.slot),
        form=form,
        hints={"note": _("Who goes, who drafts, what is submitted: all members who see the event read it.")},
        now=now,
    )


def _back(event: Event, anchor: str) -> Response:
    return redirect(f"{event_url(event)}#{anchor}", 303)
