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


def own_import(import_id: uuid.UUID) -> tuple[Person, Import]:
    """Return who is signed in and an import of an organisation for which they decide; 404 if there is none."""
    someone = guards.coordinator()
    made = db.session.get(Import, import_id)
    if made is None or made.organisation_code not in someone.deciding:
        abort(404)
    return someone, made


@blueprint.route("/imports/<uuid:import_id>/columns", methods=["GET", "POST"])
def columns(import_id: uuid.UUID) -> Answer:
    """Show which column is which field; with what a person chose, look what the rows would do."""
    _someone, made = own_import(import_id)
    back = redirect(url_for("imports.one", import_id=import_id), 303)
    if made.state not in {import_files.COLUMNS_STATE, imports.PREVIEW} or db.session.scalar(
        select(Import.data.is_(None)).where(Import.id == import_id)
    ):
        return back
    table = None if import_files.is_ics(made) else import_files.table_of(made)[0]
    form = ColumnsForm(data={**dict.fromkeys(("order", "stage", "reason"), ""), **made.settings})
    form.offer(
        import_files.worksheets_of(made) if table else [],
        import_files.headers_of(table, made.settings["header"]) if table else {},
    )
    valid = form.validate_on_submit()
    if valid and _is_other_part(made, form):
        with transaction() as session:
            _person, made = own_import(import_id)
            _guess_anew(session, made, form)
        flash(_("The columns were guessed anew. Look at them once more."))
        return redirect(url_for("imports.columns", import_id=import_id), 303)
    chosen = _layout(made, form) if valid else import_files.layout_of(made)
    if valid and table and not has_title(chosen.columns):
        form.columns.errors = [_("Choose the column that has the titles.")]
    elif valid and not form.again.data:
        with transaction() as session:
            _person, made = own_import(import_id)
            import_files.match(session, made, _layout(made, form), Stage(form.stage.data), form.reason.data or "")
        preview.look(import_id, {})
        return back
    page = render_template(
        "imports/columns.html",
        form=form,
        made=words_of.summary(made),
        columns=_columns(table, chosen) if table else [],
        targets=[("", words_of.left_out()), *((name, words_of.target(name)) for name in words_of.OFFERED)],
    )
    return (page, 422) if form.errors else page


def _is_other_part(made: Import, form: ColumnsForm) -> bool:
    """Tell whether another worksheet or header row was chosen than the columns on the page belong to."""
    return any(
        name in form and str(form[name].data) != str(made.settings.get(name, "")) for name in ("worksheet", "header")
    )


def _guess_anew(session: Session, made: Import, form: ColumnsForm) -> None:
    typed = {name: form[name].data or "" for name in ("order", "stage", "reason")}
    worksheet = form.worksheet.data if "worksheet" in form else made.settings.get("worksheet", "")
    is_same = worksheet == made.settings.get("worksheet", "")
    made.settings = {**made.settings, **typed}
    # The row that was chosen is one of the worksheet that the page showed.
    import_files.guess(session, made, worksheet, int(form.header.data) if is_same else None)


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
