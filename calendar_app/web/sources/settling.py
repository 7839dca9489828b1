"""Answering on what a source and the calendar disagree: take what the source says, or keep ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import db, transaction
from calendar_app.services import sources
from calendar_app.services.access import may_steward
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.records import in_language
from calendar_app.services.reference import reference
from calendar_app.web import named_decision
from calendar_app.web.page import title_language
from calendar_app.web.sources import shown
from calendar_app.web.sources.area import blueprint, seen_source
from calendar_app.web.sources.forms import SettleForm
from calendar_app.web.work.subject import made_by, seen_number

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from calendar_app.models import Source
    from calendar_app.services.access import Person
    from calendar_app.services.sources import Disagreement

# Of digits of a number that fits into a column.
_LONGEST_NUMBER = 10


@blueprint.post("/sources/<slug>/settle")
def settle(slug: str) -> ResponseReturnValue:
    """Take what the source says in one field, or keep ours."""
    someone, found = seen_source(slug)
    form = SettleForm()
    if form.answer.data not in {"take", "keep"}:
        # Whoever keeps nothing here is told so before anything else.
        abort(400 if found.owner_code in someone.deciding else 403)
    clash = None
    try:
        with transaction() as session:
            someone, found = seen_source(slug)
            given = _given(session, found, someone, form)
            if given is not None:
                reason = _("The source %(name)s says so.", name=found.name) if form.answer.data == "take" else ""
                made = named_decision.by(made_by(session, someone, given.event, reason), form)
                sources.settle(session, given, made, reference(), take=form.answer.data == "take")
                named_decision.require(session, someone, form)
    except UndecidedError as undecided:
        clash = named_decision.refuse(form, undecided)
    if clash is not None:
        return _page(slug, form, clash), 422
    if given is None:
        flash(_("This was answered or changed meanwhile. Nothing was done; please look again."), "warn")
    else:
        taken, kept = _("What the source says is taken over."), _("Ours is kept, until the source says something new.")
        flash(taken if form.answer.data == "take" else kept)
        named_decision.tell(someone, given.event.id)
    return redirect(url_for("sources.source", slug=slug), 303)


def _given(session: Session, source: Source, someone: Person, form: SettleForm) -> Disagreement | None:
    """Return what the form is about; 403 if others decide on it.

    None if it is settled, or if the event or what the source says changed since.
    """
    number = form.item.data or ""
    if not (number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER):
        return None
    for found in sources.disagreements(session, source, someone.viewer, int(number)):
        if found.unit == form.unit.data:
            if not may_steward(someone, found.event):
                abort(403)
            is_seen = (seen_number(form), form.said.data) == (found.number, found.digest)
            return found if is_seen else None
    return None


def _page(slug: str, form: SettleForm, clash: dict[str, Any]) -> str:
    session = db.session()
    someone, source = seen_source(slug)
    found = _given(session, source, someone, form)
    line = shown.disagreement_of(found, someone, in_language(found.event.titles, title_language())) if found else None
    return render_template("sources/settle.html", form=form, clash=clash, line=line, slug=slug, name=source.name)
