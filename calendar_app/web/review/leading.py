"""What the convener does for a review: saying when it is held and by whom, and closing it; and partners' sign-off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Cycle
from calendar_app.services import review_actions, review_agenda, reviews
from calendar_app.services.exchange_rounds import Answer
from calendar_app.services.reviews import Head
from calendar_app.web import guards
from calendar_app.web.page import refuse_filters, words
from calendar_app.web.review.area import CONFLICT, REFUSED, blueprint, month_of, name_of, review_url, signature_of
from calendar_app.web.review.forms import HeadForm, SignOffForm

if TYPE_CHECKING:
    from datetime import date
    from typing import TypeAlias

    from werkzeug.wrappers import Response

    from calendar_app.services.access import Person

    Answered: TypeAlias = Response | tuple[str, int] | str

_MOST_DIGITS = 9


def _leading(month: str) -> tuple[Person, date]:
    """Return who is signed in and the month, if they set days and close reviews; 403 for others."""
    someone, which = guards.coordinator(), month_of(month)
    if not reviews.may_lead(db.session(), someone):
        abort(403)
    return someone, which


def _of_open(month: date) -> None:
    """Lead back to the page of a review that is closed: nothing of it can be changed."""
    review = reviews.of_month(db.session(), month)
    if review is not None and review.state == reviews.CLOSED:
        flash(_("The review is closed."))
        abort(redirect(review_url(month), 303))


@blueprint.route("/review/<month>/head", methods=["GET", "POST"])
def head(month: str) -> Answered:
    """Say when a review is held, by whom, and who was there."""
    _someone, which = _leading(month)
    refuse_filters()
    _of_open(which)
    review = reviews.of_month(db.session(), which)
    form = HeadForm(obj=reviews.head_of(review))
    if not form.is_submitted():
        form.seen.data = str(review.version if review else 0)
        return _head_page(which, form)
    if not form.validate():
        return _head_page(which, form), REFUSED
    wanted = Head(
        form.held_on.data,
        form.start_time.data or "",
        form.chair.data or "",
        form.meeting_url.data or "",
        "\n".join(form.attendance.lines),
    )
    try:
        with transaction() as session:
            _leading(month)
            reviews.set_head(session, which, wanted, seen=_seen(form))
    except reviews.StaleError:
        _of_open(which)
        review = reviews.of_month(db.session(), which)
        form.seen.data, form.seen.raw_data = str(review.version if review else 0), None
        return _head_page(which, form, theirs=reviews.head_of(review)), CONFLICT
    flash(_("The review is changed."))
    return redirect(review_url(which), 303)


def _head_page(month: date, form: HeadForm, theirs: Head | None = None) -> str:
    return render_template(
        "review/head.html",
        form=form,
        theirs=theirs,
        theirs_day=words().day(theirs.held_on) if theirs and theirs.held_on else "",
        month=words().month(month),
        usual=words().day(reviews.usual_day(db.session().get(Cycle, 1), month)),
        zone=clock.zone.key,
        back_url=review_url(month),
    )


def _seen(form: HeadForm) -> int:
    text = form.seen.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else -1


@blueprint.route("/review/<month>/close", methods=["GET", "POST"])
def close(month: str) -> Answered:
    """Ask whether the review is to be closed, and close it."""
    _someone, which = _leading(month)
    refuse_filters()
    _of_open(which)
    form = SignOffForm()
    if form.is_submitted() and form.validate():
        try:
            with transaction() as session:
                someone, which = _leading(month)
                _of_open(which)
                reviews.close(session, which, someone, signature_of(someone), clock.now(), clock.today())
        except reviews.NotHeldError:
            return _close_page(which), CONFLICT
        flash(_("The review is closed. This page stays as it is, and actions can still be marked as done."))
        return redirect(review_url(which), 303)
    return _close_page(which)


def _close_page(which: date) -> str:
    decided = review_agenda.decisions_of(db.session(), which)
    held_on = reviews.meeting_of(db.session(), which).held_on
    return render_template(
        "review/close.html",
        month=words().month(which),
        name=name_of(which),
        too_early_for=words().day(held_on) if held_on > clock.today() else "",
        decisions=len(decided),
        actions=sum(item["state"] == review_actions.OPEN for item in decided),
        outstanding=[
            words().organisation(said.organisation)
            for said in reviews.sign_offs(db.session(), which)
            if said.answer is Answer.OUTSTANDING
        ],
        back_url=review_url(which),
    )


@blueprint.post("/review/<month>/open-again")
def open_review_again(month: str) -> Answered:
    """Open a review again that was closed by mistake."""
    try:
        with transaction() as session:
            someone, which = _leading(month)
            reviews.open_again(session, which, someone, signature_of(someone), clock.now())
    except reviews.StaleError:
        flash(_("The review is not opened again: it is open already, or the review after it is closed."))
    else:
        flash(_("The review is open again."))
    return redirect(review_url(month_of(month)), 303)


@blueprint.post("/review/<month>/sign-off")
def sign_off(month: str) -> Answered:
    """Say of the own list that it is reviewed, or that there is nothing to add."""
    someone, which = guards.coordinator(), month_of(month)
    form = SignOffForm()
    organisation, given = form.organisation.data or "", form.answer.data or ""
    if not form.validate() or given not in {*Answer} - {Answer.OUTSTANDING}:
        abort(400)
    with transaction() as session:
        someone = guards.coordinator()
        if organisation not in someone.deciding:
            abort(403)
        _of_open(which)
        reviews.sign_off(session, which, organisation, Answer(given), signature_of(someone), clock.now())
    flash(_("Thank you. Your answer is noted."))
    return redirect(review_url(which), 303)
