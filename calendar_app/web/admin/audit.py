"""The audit log as a page and as a sheet: all of it for the system administrator, their own for administrators."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db
from calendar_app.models import Organisation
from calendar_app.planning.dates import EARLIEST, LATEST
from calendar_app.services import audit_log, sheets
from calendar_app.services.audit_log import Wanted
from calendar_app.services.text import clean
from calendar_app.web.admin.area import admin_page, administrator, blueprint, organisation_name, typed
from calendar_app.web.admin.audit_words import action_label, detail_lines
from calendar_app.web.page import words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from calendar_app.models import AuditEntry
    from calendar_app.services.access import Person

_NAMES = ("organisation", "action", "person", "first", "last")


@blueprint.get("/admin/audit")
def audit() -> ResponseReturnValue:
    """Show the entries that match, latest first."""
    person = administrator()
    wanted, problems = _wanted(person)
    session = db.session()
    found = audit_log.page(session, wanted, clock.zone, number=_number())
    visible = wanted.visible
    chosen = {name: typed(name) for name in _NAMES}
    return admin_page(
        "audit.html",
        400 if problems else 200,
        rows=[_row(entry, email) for entry, email in found.entries],
        total=found.total,
        chosen=chosen,
        problems=problems,
        organisations=_organisations(visible),
        actions=[(action, action_label(action)) for action in audit_log.actions(session, visible)],
        newer_url=_address("admin.audit", chosen, found.number - 1) if found.number > 1 else "",
        older_url=_address("admin.audit", chosen, found.number + 1) if found.number < found.last_number else "",
        csv_url=_address("admin.audit_csv", chosen),
        here=url_for("admin.audit"),
    )


@blueprint.get("/admin/audit.csv")
def audit_csv() -> ResponseReturnValue:
    """Give the same entries, all of them, as a sheet that no program takes for formulas."""
    wanted, problems = _wanted(administrator())
    if problems:
        return Response("\n".join(problems.values()) + "\n", 400, mimetype="text/plain")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.csv"
        sheets.write_sheet(path, audit_log.COLUMNS, audit_log.rows(db.session(), wanted, clock.zone))
        data = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="audit-{clock.today().isoformat()}.csv"'}
    return Response(data, mimetype="text/csv", headers=headers)


def _wanted(person: Person) -> tuple[Wanted, dict[str, str]]:
    """Return what the address asks for, within what this person may see, and a sentence for each wrong day."""
    visible = None if person.system_administrator else person.managing
    days: dict[str, date | None] = {}
    problems: dict[str, str] = {}
    for name in ("first", "last"):
        text = typed(name)
        days[name] = day = _day(text)
        if text and day is None:
            problems[name] = _("Write a day as 2027-04-19.")
    wanted = Wanted(
        visible, typed("organisation"), typed("action"), clean(typed("person")), days["first"], days["last"]
    )
    return wanted, problems


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day < LATEST else None


def _number() -> int:
    text = typed("page")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) else 1  # noqa: PLR2004


def _address(endpoint: str, chosen: dict[str, str], number: int = 0) -> str:
    pairs = [(name, value) for name, value in chosen.items() if value] + ([("page", str(number))] if number else [])
    return f"{url_for(endpoint).partition('?')[0]}?{urlencode(pairs)}"


def _organisations(visible: frozenset[str] | None) -> list[tuple[str, str]]:
    """Return the organisations of which this person may see entries; members of the exchange for who sees all."""
    query = db.select(Organisation).order_by(Organisation.code)
    query = query.where(Organisation.member if visible is None else Organisation.code.in_(visible))
    return [(o.code, organisation_name(o)) for o in db.session.scalars(query)]


def _row(entry: AuditEntry, email: str) -> dict[str, Any]:
    local = entry.at.astimezone(clock.zone)
    return {
        "day": words().day(local.date()),
        "time": f"{local:%H:%M:%S}",
        "iso": entry.at.isoformat(timespec="seconds"),
        "actor": entry.actor,
        "email": email if email != entry.actor else "",
        "action": action_label(entry.action),
        "subject": entry.subject,
        "organisation": entry.organisation_code,
        "details": detail_lines(entry.details),
    }
