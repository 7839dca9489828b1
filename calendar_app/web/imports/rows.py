"""The rows of an import on a page: a hundred at a time, of all sorts or of one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from flask import abort, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import Event
from calendar_app.services import differences, duplicates, imports
from calendar_app.services.calendar import visible_to
from calendar_app.services.duplicates import Reason
from calendar_app.services.field_words import FieldWords
from calendar_app.services.import_terms import LEAVE, NEW, Terms
from calendar_app.services.records import FIELDS
from calendar_app.services.row_cells import event_id_of
from calendar_app.web.imports import words_of
from calendar_app.web.page import words
from calendar_app.web.work.subject import summary as event_summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from calendar_app.models import Import

# First what a person should look at.
OUTCOMES = ("refused", "open", "back", "changed", "new", "repeated", "left", "same", "heading")
# Rows that may be events which the calendar has, whatever becomes of them.
ASKED = "asked"
ON_A_PAGE = 100


def asked_for() -> dict[str, Any]:
    """Return which rows the address wants to see, as arguments of an address; 404 for what is none."""
    show = request.args.get("show", "")
    if show not in {"", ASKED, *OUTCOMES}:
        abort(404)
    return {"show": show or None, "page": request.args.get("page", type=int)}


def view(made: Import, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of rows by what becomes of them, with the ways to the other pages; `wanted` as of `asked_for`."""
    rows = made.report.get("rows", [])
    counts = Counter(row["outcome"] for row in rows)
    asked = sum(1 for row in rows if row["likely"])
    show = wanted["show"] or ""
    of_it = sorted(_chosen(rows, show), key=_order)
    last = max(1, -(-len(of_it) // ON_A_PAGE))
    number = min(max(wanted["page"] or 1, 1), last)
    first = (number - 1) * ON_A_PAGE
    here = of_it[first : first + ON_A_PAGE]
    return {
        "groups": _groups(made, here, Counter(row["outcome"] for row in of_it)),
        "tabs": _tabs(made, counts, asked, show),
        "open": counts["open"],
        "range": {"first": first + 1, "last": first + len(here), "count": len(of_it)} if last > 1 else None,
        "earlier_url": _url(made, show, number - 1) if number > 1 else "",
        "later_url": _url(made, show, number + 1) if number < last else "",
        "has_choices": any(row["likely"] or _may_come_back(made, row) for row in here),
        "refused": {kind: url_for("imports.refused", import_id=made.id, kind=kind) for kind in ("xlsx", "csv")}
        if counts["refused"]
        else {},
        "apply_url": url_for(
            "imports.apply", import_id=made.id, show=show or None, page=number if number > 1 else None
        ),
    }


def _may_come_back(made: Import, row: Mapping[str, Any]) -> bool:
    """Tell whether the event of a row is withdrawn: somebody decides on it, and not on what it may be."""
    return str(row["line"]) in made.choices and not row["likely"]


def _order(row: Mapping[str, Any]) -> tuple[int, bool, int]:
    """Return where a row stands: by what becomes of it, those with warnings first."""
    return OUTCOMES.index(row["outcome"]), not row.get("warnings"), row["line"]


def _chosen(rows: Sequence[dict[str, Any]], show: str) -> list[dict[str, Any]]:
    return [row for row in rows if not show or row["outcome"] == show or (show == ASKED and row["likely"])]


def _url(made: Import, show: str, number: int = 1) -> str:
    return url_for("imports.one", import_id=made.id, show=show or None, page=number if number > 1 else None)


def _tabs(made: Import, counts: Counter[str], asked: int, show: str) -> list[dict[str, Any]]:
    """Return the ways to the rows of one sort, each with how many there are; none where all are of one sort."""
    labels = {
        "": _("All"),
        "refused": _("Refused"),
        "open": _("Not brought in until you choose"),
        "back": _("Withdrawn in the calendar"),
        "changed": _("Changed"),
        "new": _("New"),
        ASKED: _("Perhaps in the calendar already"),
        "repeated": _("Repeated"),
        "left": _("Left out"),
        "same": _("As they are"),
        "heading": _("No events"),
    }
    numbers = Counter({**counts, "": counts.total(), ASKED: asked})
    ways = [
        {
            "label": _("%(name)s: %(count)s", name=label, count=numbers[name]),
            "url": _url(made, name),
            "current": name == show,
        }
        for name, label in labels.items()
        if numbers[name] or name == show
    ]
    return ways if len(ways) > 2 else []  # noqa: PLR2004 - all, and one sort


def _groups(made: Import, rows: Sequence[Mapping[str, Any]], counts: Counter[str]) -> list[dict[str, Any]]:
    """Return rows by what becomes of them; the heading of each group says how many there are on all pages."""
    fields = FieldWords(words())
    events = _events(made, rows)
    return [
        {
            "outcome": outcome,
            "heading": _heading(outcome, counts[outcome], made.state),
            "rows": [_row(made, row, fields, events) for row in rows if row["outcome"] == outcome],
        }
        for outcome in OUTCOMES
        if any(row["outcome"] == outcome for row in rows)
    ]


def _heading(outcome: str, count: int, state: str) -> str:
    texts = {
        "open": ngettext(
            "%(num)d row is perhaps in the calendar already: it is not brought in until you choose",
            "%(num)d rows are perhaps in the calendar already: they are not brought in until you choose",
            count,
        ),
        "back": ngettext("%(num)d withdrawn event comes back", "%(num)d withdrawn events come back", count),
        "changed": ngettext("%(num)d event changes", "%(num)d events change", count),
        "new": ngettext("%(num)d new event", "%(num)d new events", count),
        "refused": ngettext("%(num)d row is refused", "%(num)d rows are refused", count),
        "repeated": ngettext("%(num)d row says the same as an earlier one", "%(num)d rows repeat earlier ones", count),
        "same": ngettext("%(num)d event stays as it is", "%(num)d events stay as they are", count),
        "left": ngettext("%(num)d row is left out by choice", "%(num)d rows are left out by choice", count),
        "heading": ngettext("%(num)d line is no event", "%(num)d lines are no events", count),
    }
    if state in {imports.APPLIED, imports.UNDONE}:
        texts["open"] = ngettext(
            "%(num)d row was not brought in: it is perhaps in the calendar already, and nobody chose",
            "%(num)d rows were not brought in: they are perhaps in the calendar already, and nobody chose",
            count,
        )
        texts["back"] = ngettext("%(num)d withdrawn event came back", "%(num)d withdrawn events came back", count)
        texts["changed"] = ngettext("%(num)d event was changed", "%(num)d events were changed", count)
        texts["new"] = ngettext("%(num)d event was added", "%(num)d events were added", count)
        texts["refused"] = ngettext("%(num)d row was refused", "%(num)d rows were refused", count)
    if state == imports.UNDONE:
        texts |= _undone(count)
    return str(texts[outcome])


def _undone(count: int) -> dict[str, str]:
    """Return what an import had done before it was undone."""
    return {
        "new": ngettext(
            "%(num)d event had been added before the import was undone",
            "%(num)d events had been added before the import was undone",
            count,
        ),
        "changed": ngettext(
            "%(num)d event had been changed before the import was undone",
            "%(num)d events had been changed before the import was undone",
            count,
        ),
        "back": ngettext(
            "%(num)d withdrawn event had come back before the import was undone",
            "%(num)d withdrawn events had come back before the import was undone",
            count,
        ),
    }


def _events(made: Import, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the events that the rows are about or may be, as far as the organisation sees them; one query."""
    texts = {row["event"] for row in rows if "event" in row} | {one["id"] for row in rows for one in row["likely"]}
    ids = [event_id for text in texts if (event_id := event_id_of(text))]
    viewer = Terms(organisation=made.organisation_code).viewer
    query = select(Event).where(visible_to(viewer), Event.id.in_(ids))
    return {str(event.id): event_summary(event) for event in db.session.scalars(query)}


def _row(
    made: Import, row: Mapping[str, Any], fields: FieldWords, events: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        **row,
        "problems": list(map(words_of.sentence, [*row.get("problems", []), *row.get("warnings", [])])),
        "notes": list(map(words_of.sentence, row["notes"])),
        "event": events.get(row.get("event", "")),
        "differences": [],
        "facts": [],
    }
    if row["outcome"] in {"back", "changed"}:
        shown["differences"] = differences.differences(row["before"], row["after"], fields, internal=True)
    elif row["outcome"] == "new":
        state = dict.fromkeys(FIELDS) | row["after"]
        units = ("span", "city", "country", "format", "status", "processes", "organisers")
        shown["facts"] = [value for unit in units if (value := fields.value(unit, state))]
    choice = made.choices.get(str(row["line"]), NEW)
    offered = [
        {
            "value": one["id"],
            "event": events[one["id"]],
            "why": duplicates.in_words([Reason(reason) for reason in one["reasons"]], words()),
            "checked": choice == one["id"],
        }
        for one in row["likely"]
        if one["id"] in events
    ]
    shown["choices"] = offered
    shown["may_come_back"] = _may_come_back(made, row)
    shown["new_checked"], shown["leave_checked"] = choice == NEW, choice == LEAVE
    return shown
