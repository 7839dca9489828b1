"""Carrying an import out, stopping it, and undoing it.

It is carried out by the scheduler, so that no page waits for thousands of rows. Before that, whoever publishes with it
is asked about critical clashes, by the same work in a transaction that is not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import update

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Import
from calendar_app.services import import_files, imports
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.reference import reference
from calendar_app.services.sheets import SheetError
from calendar_app.web import named_decision
from calendar_app.web.imports import look, preview, rows, words_of
from calendar_app.web.imports.area import blueprint
from calendar_app.web.imports.forms import ApplyForm, UndoForm
from calendar_app.web.imports.upload import own_import
from calendar_app.web.submit.sending import change_by

if TYPE_CHECKING:
    import uuid
    from typing import TypeAlias

    from werkzeug.wrappers import Response

    Answer: TypeAlias = Response | tuple[str, int]
_CHOICE = "choice-"


@blueprint.post("/imports/<uuid:import_id>/apply")
def apply(import_id: uuid.UUID) -> Answer:
    """Look again with the choices that were made; with `apply`, let the import be carried out as it is shown then."""
    _someone, made = own_import(import_id)
    to_it = redirect(url_for("imports.one", import_id=import_id, **rows.asked_for()), 303)
    form = ApplyForm()
    reading = request.form.get("reading", "")
    if not _is_looked_at(made, reading):
        flash(_("This import was changed meanwhile. Nothing was done."), "warn")
        return to_it
    typed = {name.removeprefix(_CHOICE): text for name, text in request.form.items() if name.startswith(_CHOICE)}
    changed = any(made.choices.get(line, "") != choice for line, choice in typed.items())
    if changed or "again" in request.form:
        # What was decided on the rows of other pages stays.
        preview.look(import_id, made.choices | typed)
        flash(_("This is what the rows do with your choices."))
        return to_it
    if not form.validate():
        return look.page_of(made, form), 422
    try:
        with transaction(keep=False) as session:
            someone, made = own_import(import_id)
            sheet = import_files.sheet_of(made, clock.today(), clock.zone.key)
            imports.carry_out(session, made, sheet, clock.now(), reference())
            named_decision.require(session, someone, form)
    except UndecidedError as undecided:
        panel = named_decision.refuse(form, undecided)
        return look.page_of(own_import(import_id)[1], form, clash=panel), 422
    except SheetError as problem:
        flash(words_of.sentence(problem.sentence), "warn")
        return to_it
    _let_wait(import_id, reading, form.decision.data or "")
    return to_it


def _let_wait(import_id: uuid.UUID, reading: str, decision: str) -> None:
    """Let an import be carried out: what this person has looked at, in their name."""
    with transaction(exclusive=False):
        someone, made = own_import(import_id, to_change=True)
        if not _is_looked_at(made, reading):
            flash(_("This import was changed meanwhile. Nothing was done."), "warn")
            return
        made.account_id, made.decision = someone.account_id, decision
        made.state, made.failed = imports.WAITING, ""
        made.settings = {name: value for name, value in made.settings.items() if name != "begun"}


def _is_looked_at(made: Import, reading: str) -> bool:
    """Tell whether an import is still the one whose rows a page has shown, and can be carried out."""
    return made.state == imports.PREVIEW and made.data is not None and import_files.reading_of(made) == reading


@blueprint.post("/imports/<uuid:import_id>/stop")
def stop(import_id: uuid.UUID) -> Answer:
    """Stop an import that is not carried out yet."""
    own_import(import_id)
    with transaction(exclusive=False) as session:
        own_import(import_id)
        waits = (Import.id == import_id) & (Import.state == imports.WAITING)
        stopped = session.scalars(update(Import).where(waits).values(state=imports.PREVIEW).returning(Import.id)).all()
    if stopped:
        flash(_("The import is stopped. Nothing was changed."))
    else:
        flash(_("It was too late to stop the import: it is carried out. You can undo it."), "warn")
    return redirect(url_for("imports.one", import_id=import_id), 303)


@blueprint.post("/imports/<uuid:import_id>/undo")
def undo(import_id: uuid.UUID) -> Answer:
    """Take all of an import back, but for what somebody changed since."""
    someone, made = own_import(import_id)
    form = UndoForm()
    if not form.validate():
        return look.page_of(made, undo_form=form), 422
    try:
        with transaction() as session:
            someone, made = own_import(import_id)
            if made.state != imports.APPLIED:
                flash(_("This import was changed meanwhile. Nothing was done."), "warn")
                return redirect(url_for("imports.one", import_id=import_id), 303)
            reason = form.reason.data or f"Import of {made.filename} undone"
            by = change_by(session, someone, made.organisation_code, reason)
            made.settings = made.settings | {"undo_reason": form.reason.data or ""}
            imports.undo(session, made, named_decision.by(by, form), reference())
            named_decision.require(session, someone, form)
    except UndecidedError as undecided:
        db.session.expire_all()
        panel = named_decision.refuse(form, undecided)
        return look.page_of(own_import(import_id)[1], undo_form=form, clash=panel), 422
    flash(_("The import is undone."))
    return redirect(url_for("imports.one", import_id=import_id), 303)
