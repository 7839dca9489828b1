"""The template that people fill in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from flask import send_file

from calendar_app.extensions import db
from calendar_app.services.calendar import calendar_version
from calendar_app.services.reference_entries import lists_of
from calendar_app.web import guards
from calendar_app.web.imports.area import blueprint

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/imports/template.xlsx")
def template() -> Response:
    """Give the template with the lists as they are now."""
    guards.coordinator()
    # Here, because what writes workbooks takes megabytes in each process, most of which never do.
    from calendar_app.services import import_template  # noqa: PLC0415

    session = db.session()
    data = import_template.workbook(lists_of(session, calendar_version(session)))
    return send_file(io.BytesIO(data), mimetype=_XLSX, as_attachment=True, download_name="meetings.xlsx")
