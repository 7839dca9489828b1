"""The list of coming events of mutual interest, with what the members coordinate for each; as a page and as a sheet."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db
from calendar_app.planning.coordination import SlotName, SlotState
from calendar_app.services import coordination, sheets
from calendar_app.services.coordination import WITHOUT_OWNER, Asked
from calendar_app.services.preparation_words import slot_label, slot_state
from calendar_app.services.reference import reference
from calendar_app.web import guards
from calendar_app.web.page import public_url, words
from calendar_app.web.work.preparation_lines import slot_line
from calendar_app.web.work.subject import summary
from calendar_app.web.workspace.area import blueprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.models import Event
    from calendar_app.services.coordination import Slot

MONTHS = (3, 6, 12, 24)
_PAGE = 50
COLUMNS = ("event", "dates", "place", "status", "what", "state", "owner", "email", "deadline", "note", "address")


@blueprint.get("/coordination")
def coordination_list() -> str:
    """Show the events of the next months with their slots."""
    someone, asked = guards.member(), _asked()
    found = coordination.coming(db.session(), someone.viewer, asked, clock.today())
    number = request.args.get("page", 1, type=int)
    last = max(1, -(-len(found) // _PAGE))
    if not 1 <= number <= last:
        abort(404)
    unowned = sum(coordination.lacks_owner(slot) for _event, slots in found for slot in slots)
    may = bool(someone.deciding)
    return render_template(
        "workspace/coordination.html",
        events=[
            summary(event) | {"cells": _cells(slots, may=may)}
            for event, slots in found[(number - 1) * _PAGE : number * _PAGE]
        ],
        names=[slot_label(words(), name) for name in SlotName],
        total=ngettext("%(num)s event", "%(num)s events", len(found)),
        unowned=ngettext("%(num)d slot has no owner", "%(num)d slots have no owner", unowned),
        unowned_url=_url(asked, state=WITHOUT_OWNER) if unowned and asked.state != WITHOUT_OWNER else "",
        selects=_selects(asked),
        csv_url=_url(asked, "workspace.coordination_csv"),
        reset_url=url_for("workspace.coordination_list") if asked != Asked() else "",
        earlier_url=_url(asked, page=number - 1) if number > 1 else "",
        later_url=_url(asked, page=number + 1) if number < last else "",
    )


def _cells(slots: list[Slot], *, may: bool) -> list[dict[str, Any] | None]:
    """Return the four slots in their order, None for one that is not asked for."""
    found = {slot.slot: slot_line(slot, someone_may=may) for slot in slots}
    return [found.get(name) for name in SlotName]


@blueprint.get("/coordination.csv")
def coordination_csv() -> Response:
    """Give the same list as a sheet that no program takes for formulas, a row for each slot."""
    someone, asked = guards.member(), _asked()
    found = coordination.coming(db.session(), someone.viewer, asked, clock.today())
    rows = (_row(event, slot) for event, slots in found for slot in slots)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coordination.csv"
        sheets.write_sheet(path, COLUMNS, rows)
        data = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="coordination-{clock.today().isoformat()}.csv"'}
    return Response(data, mimetype="text/csv", headers=headers)


def _row(event: Event, slot: Slot) -> dict[str, str]:
    about, line = summary(event), slot_line(slot, someone_may=False)
    return {
        "event": about["title"],
        "dates": about["dates"],
        "place": about["place"],
        "status": about["status_label"],
        "what": line["name"],
        "state": line["state"],
        "owner": line["owner"],
        "email": slot.owner.email,
        "deadline": slot.deadline.isoformat() if slot.deadline else "",
        "note": slot.note,
        "address": public_url(about["url"]),
    }


def _asked() -> Asked:
    """Return what the address asks for; 404 for what it cannot ask for."""
    months = _chosen("months", [str(Asked().months), *map(str, MONTHS)])
    state = _chosen("state", ["", WITHOUT_OWNER, *SlotState])
    organisation = _chosen("organisation", ["", *reference().organisations])
    return Asked(int(months), state, organisation)


def _chosen(name: str, valid: Iterable[str]) -> str:
    offered = [str(value) for value in valid]
    value = request.args.get(name, offered[0])
    return value if value in offered else abort(404)


def _url(asked: Asked, endpoint: str = "workspace.coordination_list", **changes: Any) -> str:  # noqa: ANN401
    usual = Asked()
    values: dict[str, Any] = {
        "months": asked.months if asked.months != usual.months else None,
        "state": asked.state or None,
        "organisation": asked.organisation or None,
    }
    return url_for(endpoint, **values | changes)


def _selects(asked: Asked) -> list[dict[str, Any]]:
    speak = words()
    states = [(str(state), slot_state(speak, state)) for state in SlotState]
    members = [(o.code, speak.organisation(o.code, o.name)) for o in reference().organisations.values() if o.member]
    if asked.organisation and asked.organisation not in dict(members):
        members.append((asked.organisation, speak.organisation(asked.organisation)))
    return [
        _select(
            "months",
            _("How far ahead"),
            [(str(m), ngettext("%(num)d month", "%(num)d months", m)) for m in MONTHS],
            str(asked.months),
        ),
        _select(
            "state", _("State"), [("", _("All states")), (WITHOUT_OWNER, _("Open without owner")), *states], asked.state
        ),
        _select("organisation", _("Owner"), [("", _("All organisations")), *members], asked.organisation),
    ]


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> dict[str, Any]:
    shown = [{"value": value, "label": text, "selected": value == chosen} for value, text in options]
    return {"name": name, "label": label, "options": shown}
