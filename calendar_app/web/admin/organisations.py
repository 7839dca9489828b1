"""Keeping the list of organisations: for the system administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db, transaction
from calendar_app.services import organisations as organisations_service
from calendar_app.services.organisations import StillTiedError
from calendar_app.services.reference_entries import TakenError, listed
from calendar_app.web import guards
from calendar_app.web.admin.area import admin_page, blueprint, organisation_of, still_system_administrator, typed
from calendar_app.web.admin.forms import OrganisationForm, kind_label
from calendar_app.web.page import words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@blueprint.get("/admin/organisations")
def organisations() -> ResponseReturnValue:
    """List the organisations, or those in which the text asked for is found."""
    guards.system_administrator()
    text = typed("q")
    found = organisations_service.search(db.session(), text)
    rows = [
        {
            "code": o.code,
            "name": words().gettext(o.name),
            "short_name": words().gettext(o.short_name),
            "kind": kind_label(o.kind),
            "member": o.member,
            "url": url_for("admin.organisation", code=o.code),
            "members_url": url_for("admin.members", code=o.code) if o.member else "",
        }
        for o in found
    ]
    return admin_page("organisations.html", rows=rows, text=text, new_url=url_for("admin.new_organisation"))


@blueprint.route("/admin/organisations/new", methods=["GET", "POST"])
def new_organisation() -> ResponseReturnValue:
    """Add an organisation."""
    guards.system_administrator()
    form = OrganisationForm()
    if form.validate_on_submit() and _saved(form, form.code.data, new=True):
        flash(_("%(name)s is in the list of organisations now.", name=form.short_name.data))
        return redirect(url_for("admin.organisations"), 303)
    return _form_page(form, title=_("New organisation"))


@blueprint.route("/admin/organisations/<code>", methods=["GET", "POST"])
def organisation(code: str) -> ResponseReturnValue:
    """Change an organisation."""
    guards.system_administrator()
    shown = listed(organisation_of(db.session(), code))
    form = OrganisationForm(shown=shown)
    if form.validate_on_submit() and _saved(form, code, new=False):
        flash(_("What is known of %(name)s is saved.", name=form.short_name.data))
        return redirect(url_for("admin.organisations"), 303)
    members_url = url_for("admin.members", code=code) if shown.member else ""
    return _form_page(form, title=words().gettext(shown.name), code=code, members_url=members_url)


def _saved(form: OrganisationForm, code: str, *, new: bool) -> bool:
    """Save what the form says; what cannot be is said at its field."""
    try:
        with transaction() as session:
            by = still_system_administrator(session)
            organisations_service.save(session, form.wanted(code), new=new, by=by, now=clock.now())
    except TakenError as problem:
        sentence = _("This belongs to “%(name)s” already.", name=problem.name)
        form[problem.column].errors = [*form[problem.column].errors, sentence]
        return False
    except StillTiedError as problem:
        form.member.errors = [*form.member.errors, *_what_binds(problem)]
        return False
    return True


def _what_binds(problem: StillTiedError) -> list[str]:
    sentences = []
    if count := problem.ties.events:
        sentences.append(
            ngettext(
                "It keeps %(num)s event; give it to another member first.",
                "It keeps %(num)s events; give them to another member first.",
                count,
            )
        )
    if count := problem.ties.people:
        sentences.append(
            ngettext(
                "%(num)s person is a member or invited; end that first.",
                "%(num)s people are members or invited; end that first.",
                count,
            )
        )
    return sentences


def _form_page(form: OrganisationForm, *, title: str, code: str = "", members_url: str = "") -> ResponseReturnValue:
    return admin_page(
        "organisation.html",
        422 if form.errors else 200,
        form=form,
        title=title,
        code=code,
        members_url=members_url,
        back_url=url_for("admin.organisations"),
    )
