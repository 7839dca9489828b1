"""The reference lists: bodies and cities can be added to while the calendar runs; the others are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db, transaction
from calendar_app.services import holidays, reference_entries
from calendar_app.services.countries import country_name
from calendar_app.services.reference import reference
from calendar_app.services.reference_entries import LISTS, InUseError, ListRow, TakenError
from calendar_app.services.reference_files import WrongCellError
from calendar_app.services.text import fold
from calendar_app.web import guards
from calendar_app.web.admin.area import admin_page, blueprint, still_system_administrator, typed
from calendar_app.web.admin.forms import LIST_FORMS, BodyForm, CityForm
from calendar_app.web.page import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask.typing import ResponseReturnValue

    from calendar_app.models import ReferenceEntry


def _titles() -> dict[str, str]:
    return {
        "bodies": _("Bodies"),
        "cities": _("Cities"),
        "processes": _("Conventions and processes"),
        "kinds": _("Kinds of events"),
        "regions": _("Regions"),
        "audiences": _("Audiences"),
        "duty-stations": _("Duty stations"),
    }


@blueprint.get("/admin/lists")
def lists() -> ResponseReturnValue:
    """Name the lists."""
    guards.system_administrator()
    items = [
        {"label": label, "url": url_for("admin.one_list", name=name), "editable": name in LISTS}
        for name, label in _titles().items()
    ]
    return admin_page("lists.html", items=items)


@blueprint.get("/admin/lists/<name>")
def one_list(name: str) -> ResponseReturnValue:
    """Show one list, or its rows in which the text asked for is found."""
    guards.system_administrator()
    title = _titles().get(name) or abort(404)
    text = typed("q")
    if name in LISTS:
        heads, rows = _editable(name)
    else:
        heads, rows = _read_only()[name]()
    wanted = fold(text)
    found = [row for row in rows if wanted in fold(" ".join(row["cells"]))]
    new_url = url_for("admin.new_row", name=name) if name in LISTS else ""
    here = url_for("admin.one_list", name=name)
    with_steps = name == "kinds"
    return admin_page(
        "list.html", title=title, heads=heads, rows=found, text=text, new_url=new_url, here=here, with_steps=with_steps
    )


def _editable(name: str) -> tuple[list[str], list[dict[str, Any]]]:
    facts = reference()
    if name == "bodies":
        heads = [_("Code"), _("Name"), _("Short name"), _("Convention or process"), _("Origin")]

        def cells(values: Mapping[str, str]) -> list[str]:
            process = words().gettext(facts.processes[values["process"]].short_name)
            return [values["code"], words().gettext(values["name"]), values["short_name"], process]

    else:
        heads = [_("Name"), _("Country"), _("Time zone"), _("Other names"), _("Origin")]

        def cells(values: Mapping[str, str]) -> list[str]:
            country = country_name(values["country"], words().language)
            return [words().gettext(values["name"]), country, values["timezone"], values["aliases"]]

    return heads, [
        {
            "cells": [*cells(row.values), _origin(row)],
            "url": url_for("admin.list_row", name=name, code=row.code),
        }
        for row in reference_entries.rows_of(db.session(), name)
    ]


def _origin(row: ListRow) -> str:
    text: str = _("Comes with the calendar")
    if row.entry and row.packaged:
        text = _("Changed by %(name)s", name=row.entry.changed_by)
    elif row.entry:
        text = _("Added by %(name)s", name=row.entry.changed_by)
    return text


def _read_only() -> dict[str, Callable[[], tuple[list[str], list[dict[str, Any]]]]]:
    facts, gettext = reference(), words().gettext

    def table(*heads: str, rows: list[list[str]]) -> tuple[list[str], list[dict[str, Any]]]:
        return list(heads), [{"cells": row, "url": ""} for row in rows]

    code, name = _("Code"), _("Name")
    return {
        "processes": lambda: table(
            code, name, _("Short name"),
            rows=[[p.slug, gettext(p.name), gettext(p.short_name)] for p in facts.processes.values()],
        ),
        "kinds": _kinds,
        "regions": lambda: table(
            code, name, _("Other names"),
            rows=[[r.code, gettext(r.name), words().listed(r.aliases)] for r in facts.regions.values()],
        ),
        "audiences": lambda: table(code, name, rows=[[c, gettext(n)] for c, n in facts.audiences.items()]),
        "duty-stations": lambda: table(code, name, rows=[[c, gettext(n)] for c, n in holidays.duty_stations().items()]),
    }  # fmt: skip


def _kinds() -> tuple[list[str], list[dict[str, Any]]]:
    """Return the kinds; those of meetings lead to their usual steps."""
    gettext = words().gettext
    return [_("Code"), _("Name"), _("For several"), _("Milestones")], [
        {
            "cells": [k.slug, gettext(k.name), gettext(k.plural), str(len(k.milestones)) if k.is_meeting else ""],
            "url": url_for("admin.lead_times_of", kind=k.slug) if k.is_meeting else "",
        }
        for k in reference().kinds.values()
    ]


@blueprint.route("/admin/lists/<name>/new", methods=["GET", "POST"])
def new_row(name: str) -> ResponseReturnValue:
    """Add a row."""
    guards.system_administrator()
    if name not in LISTS:
        abort(404)
    form = LIST_FORMS[name]()
    if form.validate_on_submit() and _saved(form, name, ""):
        flash(_("“%(name)s” is in the list now, and everybody can choose it.", name=form.name.data))
        return redirect(url_for("admin.one_list", name=name), 303)
    title = _("New body") if name == "bodies" else _("New city")
    return _form_page(form, name, title)


@blueprint.route("/admin/lists/<name>/<code>", methods=["GET", "POST"])
def list_row(name: str, code: str) -> ResponseReturnValue:
    """Change a row."""
    guards.system_administrator()
    row = _row(name, code)
    form = LIST_FORMS[name](row.values)
    if form.validate_on_submit() and _saved(form, name, code):
        flash(_("“%(name)s” is saved.", name=form.name.data))
        return redirect(url_for("admin.one_list", name=name), 303)
    return _form_page(form, name, words().gettext(row.values["name"]), row)


@blueprint.post("/admin/lists/<name>/<code>/remove")
def remove_row(name: str, code: str) -> ResponseReturnValue:
    """Take an added row away, or a changed one back to what comes with the calendar."""
    guards.system_administrator()
    row = _row(name, code)
    shown = row.values["name"]
    try:
        with transaction() as session:
            by = still_system_administrator(session)
            reference_entries.remove(session, name, code, by=by, now=clock.now())
    except InUseError as problem:
        sentence = ngettext(
            "“%(name)s” is used %(num)s time and stays. Change what uses it first.",
            "“%(name)s” is used %(num)s times and stays. Change what uses it first.",
            problem.count,
            name=shown,
        )
        flash(sentence, "warn")
        return redirect(url_for("admin.list_row", name=name, code=code), 303)
    if row.packaged:
        flash(_("“%(name)s” is again as it comes with the calendar.", name=code))
    else:
        flash(_("“%(name)s” is no longer in the list.", name=shown))
    return redirect(url_for("admin.one_list", name=name), 303)


def _row(name: str, code: str) -> ListRow:
    row = reference_entries.row_of(db.session(), name, code) if name in LISTS else None
    return row or abort(404)


def _saved(form: CityForm | BodyForm, name: str, code: str) -> bool:
    """Save what the form says; what cannot be is said at its field."""
    try:
        with transaction() as session:
            by = still_system_administrator(session)
            reference_entries.put(session, name, form.row(code), new=not code, by=by, now=clock.now())
    except TakenError as problem:
        column, sentence = problem.column, _("This belongs to “%(name)s” already.", name=problem.name)
    except WrongCellError as problem:
        column, sentence = problem.column, _("This cannot be used here; choose or write something else.")
    else:
        return True
    field = form["lane" if column == "process" else column]
    field.errors = [*field.errors, sentence]
    return False


def _form_page(form: CityForm | BodyForm, name: str, title: str, row: ListRow | None = None) -> ResponseReturnValue:
    entry = row.entry if row else None
    return admin_page(
        f"{'body' if name == 'bodies' else 'city'}.html",
        422 if form.errors else 200,
        form=form,
        title=title,
        code=row.code if row else "",
        packaged=bool(row and row.packaged),
        changed=_("Last changed by %(name)s on %(day)s.", name=entry.changed_by, day=_day(entry)) if entry else "",
        remove_url=url_for("admin.remove_row", name=name, code=row.code) if row and entry else "",
        back_url=url_for("admin.one_list", name=name),
        back_label=_titles()[name],
    )


def _day(entry: ReferenceEntry) -> str:
    return words().day(entry.changed_at.astimezone(clock.zone).date())
