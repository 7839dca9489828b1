"""The rows that were refused, with why, as a sheet: somebody mends them there and sends it again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from flask import send_file
from flask_babel import gettext as _

from calendar_app.services import import_files, refused_sheets, sheets
from calendar_app.web.imports import words_of
from calendar_app.web.imports.area import blueprint
from calendar_app.web.imports.upload import own_import

if TYPE_CHECKING:
    import uuid

    from werkzeug.wrappers import Response


_KINDS = {
    "csv": ("text/csv", refused_sheets.as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", refused_sheets.as_xlsx),
}


@blueprint.get("/imports/<uuid:import_id>/refused.csv", defaults={"kind": "csv"})
@blueprint.get("/imports/<uuid:import_id>/refused.xlsx", defaults={"kind": "xlsx"})
def refused(import_id: uuid.UUID, kind: str) -> Response:
    """Give the refused rows as they were sent, with line and reasons before them; their titles if the file is gone."""
    _someone, made = own_import(import_id)
    header, sent = import_files.as_sent(made)
    lines = [[_("Line"), _("Why it is refused"), *map(sheets.guarded, header or [_("Title")])]]
    for row in made.report.get("rows", []):
        if row["outcome"] == "refused":
            why = "\n".join(map(words_of.sentence, row["problems"]))
            cells = sent.get(row["line"], [row["title"]])
            lines.append([str(row["line"]), *map(sheets.guarded, [why, *cells])])
    mimetype, written = _KINDS[kind]
    refused_rows = _("refused")
    name = f"{made.filename.rpartition('.')[0]}-{refused_rows}.{kind}"
    return send_file(io.BytesIO(written(lines)), mimetype=mimetype, as_attachment=True, download_name=name)
