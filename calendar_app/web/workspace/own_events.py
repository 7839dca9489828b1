"""The events of my organisations, to look through and to change many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db, transaction
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import bulk
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.field_words import FieldWords
from calendar_app.services.records import as_json, record_of
from calendar_app.services.reference import reference
from calendar_app.web import guards, named_decision
from calendar_app.web.page import words
from calendar_app.web.submit.sending import change_by
from calendar_app.web.work.subject import summary, title_of
from calendar_app.web.workspace.area import blueprint
from calendar_app.web.workspace.forms import BulkForm

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import Event
    from calendar_app.services.access import Person
    from calendar_app.services.events import Change

    Answer: TypeAlias = Response | tuple[str, int] | str


@blueprint.get("/workspace/events")
def own_events() -> str:
    """Show the events that the reader's organisations keep, by stage and time, each with a box to tick."""
    someone = guards.coordinator()
    stage = _chosen("stage", ("", *Stage))
    when = _chosen("when", bulk.WHEN)
    number = request.args.get("page", 1, type=int)
    page = bulk.own_events(db.session(), someone, stage, when, clock.today(), number)
    if not 1 <= number <= page.last_number:
        abort(404)
    fields = FieldWords(words())
    return render_template(
        "workspace/own_events.html",
        lines=[_line(event, fields) for event in page.events],
        total=page.total,
        stages=_options(("", _("All stages")), [(str(s), fields.stage(s)) for s in Stage], stage),
        whens=_options(("coming", _("Coming")), [("past", _("Past")), ("all", _("Coming and past"))], when),
        form=BulkForm(formdata=None),
        earlier_url=_page_url(stage, when, number - 1) if number > 1 else "",
        later_url=_page_url(stage, when, number + 1) if number < page.last_number else "",
    )


def _chosen(name: str, valid: Iterable[str]) -> str:
    """Return a choice of the address, the first valid one if there is none; 404 for what is none of them."""
    offered = [str(value) for value in valid]
    value = request.args.get(name, offered[0])
    if value not in offered:
        abort(404)
    return value


def _options(first: tuple[str, str], others: list[tuple[str, str]], chosen: str) -> list[dict[str, Any]]:
    return [{"value": value, "label": label, "selected": value == chosen} for value, label in (first, *others)]


def _page_url(stage: str, when: str, number: int) -> str:
    return url_for("workspace.own_events", stage=stage or None, when=when, page=number)


def _line(event: Event, fields: FieldWords) -> dict[str, Any]:
    return summary(event) | {
        "id": str(event.id),
        "stage": fields.stage(event.stage),
        "visibility": fields.visibility(event.visibility),
        "confirmed": words().day(event.last_confirmed_at.date()) if event.last_confirmed_at else "",
    }


def _ticked(session: Session, someone: Person) -> bulk.Ticked:
    return bulk.ticked(session, someone, request.form.getlist("event"))


def _changes(session: Session, someone: Person, events: list[Event], reason: str = "") -> dict[str, Change]:
    """Return who changes the events of each organisation."""
    codes = {event.steward_code for event in events}
    return {code: change_by(session, someone, code, reason) for code in codes}


@blueprint.post("/workspace/events/confirm")
def confirm_ticked() -> Answer:
    """Note of the ticked events that they are still right."""
    guards.coordinator()
    with transaction() as session:
        someone = guards.coordinator()
        ticked = _ticked(session, someone)
        made = _changes(session, someone, ticked.own)
        count = bulk.confirm(session, ticked.own, made, reference())
        flash(ngettext("%(num)d event is confirmed as still right.", "%(num)d events are confirmed as right.", count))
        _tell_refused(ticked)
    return redirect(url_for("workspace.own_events", stage=str(Stage.PUBLISHED)), 303)


def _tell_refused(ticked: bulk.Ticked) -> None:
    if ticked.refused:
        titles = words().listed(title_of(event) for event in ticked.refused)
        flash(_("Not changed, because other organisations keep them: %(titles)s", titles=titles), "warn")


@blueprint.post("/workspace/events/change")
def change_ticked() -> Answer:
    """Show what a change of the ticked events would do; with `apply` do it, all or nothing."""
    someone = guards.coordinator()
    form = BulkForm()
    if not form.validate():
        return _preview(someone, form), 422
    if "apply" not in request.form:
        return _preview(someone, form)
    try:
        if _apply(form):
            return redirect(url_for("workspace.own_events"), 303)
    except UndecidedError as undecided:
        return _preview(someone, form, named_decision.refuse(form, undecided)), 422
    form.reason.errors = [_("Say why these events disappear for the public.")]
    return _preview(someone, form), 422


def _apply(form: BulkForm) -> bool:
    """Change the ticked events and say so; False if that takes a reason first. Raises `UndecidedError`."""
    with transaction() as session:
        someone = guards.coordinator()
        ticked = _ticked(session, someone)
        if not form.reason.data and bulk.hidden_by(ticked.own, form.field.data, form.value):
            return False
        made = _changes(session, someone, ticked.own, form.reason.data)
        decided = {code: named_decision.by(change, form) for code, change in made.items()}
        count = bulk.change(session, ticked.own, form.field.data, form.value, decided, reference())
        named_decision.require(session, someone, form)
        flash(ngettext("%(num)d event is changed.", "%(num)d events are changed.", count))
        _tell_refused(ticked)
    return True


def _preview(someone: Person, form: BulkForm, clash: dict[str, Any] | None = None) -> str:
    ticked = _ticked(db.session(), someone)
    fields = FieldWords(words())
    lines = []
    is_known = not set(form.errors) - {"reason", "decision"}
    hidden = bulk.hidden_by(ticked.own, form.field.data, form.value) if is_known else []
    for event in ticked.own if is_known else ():
        old = record_of(event)
        new = bulk.changed(old, form.field.data, form.value)
        texts = [fields.value(form.field.data, as_json(record)) for record in (old, new)]
        lines.append(summary(event) | {"old": texts[0], "new": texts[1], "same": old == new, "hidden": event in hidden})
    return render_template(
        "workspace/change.html",
        form=form,
        lines=lines,
        refused=[summary(event) for event in ticked.refused],
        ids=[str(event.id) for event in ticked.own],
        label=fields.label(form.field.data) if is_known else "",
        is_known=is_known,
        hides=bool(hidden),
        clash=clash,
    )
