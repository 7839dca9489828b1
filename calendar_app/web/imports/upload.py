"""Sending a file, and matching its columns with the fields of the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Import, Organisation
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import import_files, imports
from calendar_app.services.column_guess import TARGETS, has_title
from calendar_app.services.refused_sheets import own_columns
from calendar_app.services.sheets import Layout, SheetError
from calendar_app.services.written_dates import Order
from calendar_app.web import guards
from calendar_app.web.imports import preview, words_of
from calendar_app.web.imports.area import blueprint
from calendar_app.web.imports.forms import ColumnsForm, UploadForm
from calendar_app.web.page import words
from calendar_app.web.submit.sending import change_by

if TYPE_CHECKING:
    import uuid
    from typing import TypeAlias

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.services.access import Person
    from calendar_app.services.tables import Table

    Answer: TypeAlias = Response | tuple[str, int] | str
_MOST_LISTED = 50
_SAMPLES = 3


@blueprint.route("/imports", methods=["GET", "POST"])
def all_imports() -> Answer:
    """Show the imports of the reader's organisations; take a file."""
    someone = guards.coordinator()
    form = UploadForm()
    form.organisation.choices = _organisations(db.session(), someone)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                made = _start(session, guards.coordinator(), form)
                address = url_for("imports.columns", import_id=made.id)
        except SheetError as problem:
            form.file.errors = [words_of.sentence(problem.sentence)]
        else:
            return redirect(address, 303)
    query = select(Import).where(Import.organisation_code.in_(someone.deciding))
    found = db.session.scalars(query.order_by(Import.made_at.desc()).limit(_MOST_LISTED)).all()
    page = render_template("imports/imports.html", form=form, imports=[words_of.summary(made) for made in found])
    return (page, 422) if form.errors else page


def _organisations(session: Session, someone: Person) -> list[tuple[str, str]]:
    query = select(Organisation).where(Organisation.code.in_(someone.deciding)).order_by(Organisation.name)
    say = words()
    return [(found.code, say.organisation(found.code, found.name)) for found in session.scalars(query)]


def _start(session: Session, someone: Person, form: UploadForm) -> Import:
    organisation = form.organisation.data
    if organisation not in someone.deciding:
        abort(403)
    sent = form.file.data
    made = change_by(session, someone, organisation)
    # A large one is a file on the disk until it is closed.
    with sent.stream as stream:
        data = stream.read()
    return imports.start(
        session, someone, organisation, made.actor, sent.filename or "file.csv", data, made.now, clock.today()
    )


def own_import(import_id: uuid.UUID, *, to_change: bool = False) -> tuple[Person, Import]:
    """Return who is signed in and an import of an organisation for which they decide; 404 if there is none.

    `to_change`: as it stands now, and nobody else changes it until the transaction ends.
    """
    someone = guards.coordinator()
    made = db.session.get(Import, import_id, with_for_update=to_change or None, populate_existing=to_change)
    if made is None or made.organisation_code not in someone.deciding:
        abort(404)
    return someone, made


@blueprint.route("/imports/<uuid:import_id>/columns", methods=["GET", "POST"])
def columns(import_id: uuid.UUID) -> Answer:
    """Show which column is which field; with what a person chose, look what the rows would do."""
    _someone, made = own_import(import_id)
    to_it = redirect(url_for("imports.one", import_id=import_id), 303)
    has_file = db.session.scalar(select(Import.data.is_not(None)).where(Import.id == import_id))
    if made.state not in imports.OPEN_STATES or not has_file:
        return to_it
    part = import_files.part_of(made)
    here = redirect(url_for("imports.columns", import_id=import_id), 303)
    if request.method == "POST" and request.form.get("part", part) != part:
        flash(_("This page showed another part of the file. Look at the columns once more."), "warn")
        return here
    tables = [] if import_files.is_ics(made) else import_files.tables_of(made)
    table = import_files.one_of(made, tables) if tables else None
    form = ColumnsForm(data=_as_chosen(made, table))
    form.offer(tables, import_files.headers_of(table, made.settings["header"]) if table else {})
    if form.validate_on_submit():
        if table and _is_other_part(made, table, form):
            if _guess_anew(import_id, part, table, tables, form):
                return here
        elif form.again.data or not table or has_title(_layout(made, form).columns):
            _choose(import_id, part, table, form)
            if not form.again.data:
                preview.look(import_id, {})
            return here if form.again.data else to_it
        else:
            form.columns.errors = [_("Choose the column that has the titles.")]
    chosen = _layout(made, form) if form.columns.errors else import_files.layout_of(made)
    page = render_template(
        "imports/columns.html",
        form=form,
        part=part,
        made=words_of.summary(made),
        columns=_columns(table, chosen) if table else [],
        targets=[("", words_of.left_out()), *((name, words_of.target(name)) for name in words_of.OFFERED)],
    )
    return (page, 422) if form.errors else page


def _as_chosen(made: Import, table: Table | None) -> dict[str, Any]:
    """Return what a page of the columns shows as chosen. Imports of older versions name no worksheet."""
    names = ("order", "stage", "reason", "header")
    return {name: made.settings.get(name, "") for name in names} | {"worksheet": table.title if table else ""}


def _is_other_part(made: Import, table: Table, form: ColumnsForm) -> bool:
    """Tell whether another worksheet or header row was chosen than the columns on the page belong to."""
    is_other_sheet = "worksheet" in form and form.worksheet.data != table.title
    return is_other_sheet or ("header" in form and int(form.header.data) != made.settings["header"])


def _guess_anew(import_id: uuid.UUID, part: str, table: Table, tables: list[Table], form: ColumnsForm) -> bool:
    """Guess the columns of the part of the file that was chosen; return whether that could be done."""
    worksheet = form.worksheet.data if "worksheet" in form else table.title
    # The row that was chosen is one of the worksheet that the page shows.
    header = int(form.header.data) if worksheet == table.title and "header" in form else None
    try:
        with transaction() as session:
            made = _as_shown(import_id, part)
            if made:
                typed = {name: form[name].data or "" for name in ("order", "stage", "reason")}
                made.settings = {**made.settings, **typed}
                import_files.guess(session, made, tables, worksheet, header)
                flash(_("The columns were guessed anew. Look at them once more."))
    except SheetError as problem:
        field = form.worksheet if "worksheet" in form else form.header
        field.errors = [words_of.sentence(problem.sentence)]
        return False
    return True


def _choose(import_id: uuid.UUID, part: str, table: Table | None, form: ColumnsForm) -> None:
    """Take the fields that were chosen, and remember them if the rows are looked through with them."""
    with transaction() as session:
        made = _as_shown(import_id, part)
        if made:
            import_files.choose(made, _layout(made, form), Stage(form.stage.data), form.reason.data or "")
            if not form.again.data:
                import_files.remember(session, made, table)


def _as_shown(import_id: uuid.UUID, part: str) -> Import | None:
    """Return an import to change, None if it has gone on since its page was made."""
    _person, made = own_import(import_id, to_change=True)
    if made.state in imports.OPEN_STATES and import_files.part_of(made) == part:
        return made
    flash(_("This import was changed meanwhile. Nothing was done."), "warn")
    return None


def _layout(made: Import, form: ColumnsForm) -> Layout:
    before = import_files.layout_of(made)
    chosen = [request.form.get(f"column-{number}", "") for number in range(len(before.columns))]
    known = [name if name in TARGETS else "" for name in chosen]
    # Of two columns for one field the first one counts.
    once = tuple(name if name not in known[:number] else "" for number, name in enumerate(known))
    return Layout(before.header, once, Order(form.order.data) if form.order.data else None)


def _columns(table: Table, layout: Layout) -> list[dict[str, Any]]:
    """Return each column with its name, some of what is in it, and its field."""
    header = table.rows[layout.header - 1][1] if layout.header else []
    shown = []
    for number, target in enumerate(layout.columns):
        cells = (cells[number].strip() for _line, cells in table.rows[layout.header :] if number < len(cells))
        samples = list(dict.fromkeys(cell[:60] for cell in cells if cell))[:_SAMPLES]
        name = header[number].strip()[:60] if number < len(header) else ""
        if (name or samples) and number >= own_columns(header):
            shown.append({"number": number, "name": name, "samples": samples, "target": target})
    return shown
