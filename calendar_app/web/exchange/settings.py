"""Setting the cycle: its days, with those of the next months before they are saved, and the convener."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Cycle
from calendar_app.services import exchange_rounds, month, month_settings
from calendar_app.web import guards
from calendar_app.web.exchange.area import REFUSED, blueprint
from calendar_app.web.exchange.forms import CycleForm
from calendar_app.web.page import read_filter, words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from calendar_app.planning.month_days import MonthDays, Rhythm
    from calendar_app.services.access import Person


@blueprint.route("/exchange/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """Show the cycle and its next dates; with `save` set it, else show what the typed days would give."""
    if request.method != "POST":
        read_filter(filtered=False)
    someone = _allowed(db.session())
    form = _form(db.session(), someone)
    rhythm, convener = _set(db.session())
    if request.method != "POST":
        return _page(form, rhythm, convener)
    if not form.validate():
        return _page(form, rhythm, convener), REFUSED
    if "save" not in request.form:
        return _page(form, form.rhythm, form.convener.data)
    with transaction() as session:
        someone = _allowed(session)
        chosen = form.convener.data if someone.system_administrator else month.convener(session)
        if month_settings.set_cycle(session, form.rhythm, chosen, someone, clock.now()):
            flash(_("The cycle is set. What is not done yet happens on the new days."))
        else:
            flash(_("Nothing was changed."))
    return redirect(url_for("exchange.settings"), 303)


def _allowed(session: Session) -> Person:
    """Return who is signed in, if they set the cycle; 403 if not."""
    someone = guards.signed_in()
    if not month_settings.may_set(session, someone):
        abort(403)
    return someone


def _set(session: Session) -> tuple[Rhythm, str]:
    set_ = session.get(Cycle, 1)
    return (month_settings.rhythm_of(set_) if set_ else month.FIRST_DAYS), month.convener(session)


def _form(session: Session, someone: Person) -> CycleForm:
    rhythm, convener = _set(session)
    values = {"opens_day": rhythm.opens_day, "closes_day": rhythm.closes_day, "reminds_days": rhythm.reminds_days}
    form = CycleForm(data=values | {"convener": convener})
    codes = exchange_rounds.member_codes(session) if someone.system_administrator else [convener]
    form.convener.choices = [(code, words().organisation(code, code)) for code in codes]
    return form


def _page(form: CycleForm, rhythm: Rhythm, convener: str) -> str:
    session = db.session()
    days = [_days(found) for found in month_settings.preview(rhythm, convener, clock.today())]
    opened = exchange_rounds.open_round(session)
    return render_template(
        "exchange/settings.html",
        form=form,
        days=days,
        sets_convener=guards.signed_in().system_administrator,
        open_round=words().month(opened.month) if opened else "",
    )


def _days(found: MonthDays) -> dict[str, Any]:
    speak = words()
    return {
        "month": speak.month(found.month),
        "opens": speak.day(found.opens_on),
        "reminds": speak.day(found.reminds_on),
        "closes": speak.day(found.closes_on),
        "digests": speak.day(found.digests_on),
    }
