"""The page of one import: what it would do, that it is being carried out, or what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import make_response, redirect, render_template, url_for
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import Import
from calendar_app.services import import_files, imports
from calendar_app.web.imports import rows, words_of
from calendar_app.web.imports.area import blueprint
from calendar_app.web.imports.forms import ApplyForm, UndoForm
from calendar_app.web.imports.upload import own_import

if TYPE_CHECKING:
    import uuid
    from typing import Any, TypeAlias

    from werkzeug.wrappers import Response

    Answer: TypeAlias = Response | tuple[str, int] | str
# How often the page of an import that is being carried out looks again by itself, in seconds.
_AGAIN = "3"


@blueprint.get("/imports/<uuid:import_id>")
def one(import_id: uuid.UUID) -> Answer:
    """Show an import as it stands now."""
    _someone, made = own_import(import_id)
    if made.state == import_files.COLUMNS_STATE:
        return redirect(url_for("imports.columns", import_id=import_id), 303)
    if made.state == imports.WAITING:
        answer = make_response(
            render_template("imports/waiting.html", made=words_of.summary(made), under_way=words_of.under_way(made))
        )
        answer.headers["Refresh"] = _AGAIN
        return answer
    return page_of(made)


def page_of(
    made: Import,
    form: ApplyForm | None = None,
    undo_form: UndoForm | None = None,
    clash: dict[str, Any] | None = None,
) -> str:
    """Return the page of an import that is looked through, carried out or undone."""
    has_file = db.session.scalar(select(Import.data.is_not(None)).where(Import.id == made.id))
    return render_template(
        "imports/import.html",
        made=words_of.summary(made),
        rows=rows.view(made, rows.asked_for()),
        remarks=list(map(words_of.sentence, made.report.get("remarks", []))),
        failure=words_of.failure(made),
        kept=words_of.kept(made),
        taken_back=words_of.undo_count(made),
        has_file=has_file,
        reading=import_files.reading_of(made),
        may_apply=made.state == imports.PREVIEW and has_file,
        form=form or ApplyForm(formdata=None),
        undo_form=undo_form or UndoForm(formdata=None),
        clash=clash,
    )
