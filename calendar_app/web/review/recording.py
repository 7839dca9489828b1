"""Writing down what is decided: adding, changing, and telling how actions ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import ReviewDecision
from calendar_app.services import finding_answers, owners, review_actions, review_agenda, review_decisions, reviews
from calendar_app.services.owners import owner_of
from calendar_app.services.review_decisions import OTHER, By, ClashAnswer, Wanted
from calendar_app.web import guards
from calendar_app.web.page import refuse_filters
from calendar_app.web.review.area import (
    CONFLICT,
    REFUSED,
    blueprint,
    month_of,
    name_of,
    review_url,
    signature_of,
    speaker,
)
from calendar_app.web.review.forms import DecisionForm, EndForm, HandOverForm
from calendar_app.web.review.page import form_of, page_of
from calendar_app.web.work.forms import SeenForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from typing import TypeAlias

    from flask_wtf import FlaskForm
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.services.access import Person
    from calendar_app.services.review_agenda import Line

    Answer: TypeAlias = Response | tuple[str, int] | str

_MOST_DIGITS = 9


@blueprint.post("/review/<month>/decisions")
def add(month: str) -> Answer:
    """Add a decision at a line of the agenda; others who add at the same time are in nobody's way."""
    someone, which = guards.coordinator(), month_of(month)
    key = DecisionForm(is_free=True).line.data or OTHER
    form = form_of(someone, key)
    if not form.validate():
        return page_of(someone, which, line=key, form=form), REFUSED
    # The agenda is read before anybody has to wait for us.
    agenda = review_agenda.compose(db.session(), which, clock.now(), clock.today())
    line = None if key == OTHER else review_agenda.line_of(db.session(), agenda, key)
    if line is None and key != OTHER:
        free = form_of(someone, OTHER)
        free.line.data, free.line.raw_data = OTHER, None
        told = _("This line has left the agenda meanwhile. Nothing is written down yet: say what it is about.")
        free.form_errors.append(told)
        return page_of(someone, which, line=OTHER, form=free), CONFLICT
    try:
        with transaction() as session:
            someone = guards.coordinator()
            found = _add(session, which, line, form, someone)
    except (finding_answers.ChangedError, finding_answers.NotYoursError):
        form.form_errors.append(_("Meanwhile somebody wrote or answered to this clash. Nothing is done yet."))
        form.seen.data, form.seen.raw_data = "", None
        return page_of(someone, which, line=key, form=_with_seen(form, key)), CONFLICT
    except reviews.StaleError:
        form.form_errors.append(_("The review was closed meanwhile. Nothing was written down."))
        return page_of(someone, which, line=key, form=form), CONFLICT
    flash(_("It is written down."))
    if told := _nobody_to_remind(found):
        flash(told, "warn")
    return redirect(review_url(which, key), 303)


def _add(session: Session, month: date, line: Line | None, form: DecisionForm, someone: Person) -> ReviewDecision:
    given = form.answer.data if "answer" in form else ""
    return review_decisions.add(
        session,
        month,
        line,
        form.subject.data if "subject" in form else "",
        _wanted(form),
        By(someone, signature_of(someone), clock.now()),
        ClashAnswer(given or "", form.seen.data or ""),
    )


def _wanted(form: DecisionForm) -> Wanted:
    return Wanted(form.text.data, form.owner, form.due_on.data)


def _nobody_to_remind(found: ReviewDecision) -> str:
    """Say of an open action that no letter can go to anybody, "" where one can."""
    owner = owner_of(found)
    if found.state != review_actions.OPEN or owners.recipients_of(db.session(), owner, clock.today()):
        return ""
    return str(_("Nobody can be reminded of this action: there is no address to which letters could go."))


def _with_seen(form: DecisionForm, key: str) -> DecisionForm:
    """Let the form remember what there is to be seen now, so that it can be sent again."""
    found = review_decisions.finding_of_line(db.session(), key)
    form.seen.data = finding_answers.seen_of(db.session(), found) if found else ""
    return form


# ---------- Changing ----------


@blueprint.route("/review/<month>/decisions/<int(max=2147483647):number>", methods=["GET", "POST"])
def decision(month: str, number: int) -> Answer:
    """Change a decision of a review that is open."""
    guards.coordinator()
    which = month_of(month)
    refuse_filters()
    found = _decision(which, number)
    form = DecisionForm()
    form.stands = found.due_on
    del form.answer
    if not form.is_submitted():
        form.text.data, form.line.data = found.text, found.line
        form.due_on.data = found.due_on  # type: ignore[assignment]
        form.fill_owner(found)
        form.seen.data = str(found.version)
        return _edit_page(which, found, form)
    if not form.validate():
        return _edit_page(which, found, form), REFUSED
    try:
        with transaction() as session:
            someone = guards.coordinator()
            found, review = _decision(which, number), reviews.of_month(session, which)
            by, state = By(someone, signature_of(someone), clock.now()), review.state if review else ""
            review_decisions.change(session, found, _wanted(form), state, by, seen=_seen(form))
    except review_actions.StaleError:
        return _stale(form, lambda: _edit_page(which, _decision(which, number), form, changed=True), which, number)
    flash(_("The decision is changed."))
    return redirect(review_url(which, found.line), 303)


@blueprint.post("/review/<month>/decisions/<int(max=2147483647):number>/remove")
def remove(month: str, number: int) -> Answer:
    """Take back a decision of a review that is open."""
    guards.coordinator()
    which = month_of(month)
    form, line = SeenForm(prefix="remove"), _decision(which, number).line
    try:
        with transaction() as session:
            someone = guards.coordinator()
            found, review = _decision(which, number), reviews.of_month(session, which)
            by = By(someone, signature_of(someone), clock.now())
            review_decisions.remove(session, found, review.state if review else "", by, seen=_seen(form))
    except review_actions.StaleError:
        flash(_("Somebody else changed this decision meanwhile, or the review was closed. It is still there."))
        return redirect(url_for("review.decision", month=month, number=number), 303)
    flash(_("The decision is removed."))
    return redirect(review_url(which, line), 303)


def _stale(form: FlaskForm, page: Callable[[], str], month: date, number: int) -> Answer:
    """Show what others wrote beside what was typed, and let the form remember it as seen."""
    form.seen.data, form.seen.raw_data = str(_decision(month, number).version), None
    return page(), CONFLICT


def _decision(month: date, number: int) -> ReviewDecision:
    found = db.session().get(ReviewDecision, number)
    if found is None or found.month != month:
        abort(404)
    return found


def _edit_page(month: date, found: ReviewDecision, form: DecisionForm, *, changed: bool = False) -> str:
    review = reviews.of_month(db.session(), month)
    is_open = review is not None and review.state == reviews.OPEN and found.state not in review_actions.ENDED
    return render_template(
        "review/decision.html",
        month=name_of(month),
        decision=_shown(found),
        form=form,
        changed=changed,
        is_open=is_open,
        removing=_with_version(SeenForm(prefix="remove", formdata=None), found),
        back_url=review_url(month, found.line),
    )


def _with_version(form: SeenForm, found: ReviewDecision) -> SeenForm:
    form.seen.data = str(found.version)
    return form


def _shown(found: ReviewDecision) -> Any:  # noqa: ANN401 - a ShownDecision
    subject = review_actions.subjects_of(db.session(), [found])[found.id]
    late = review_actions.is_late(found, clock.today())
    return speaker().decision(review_agenda.decision_facts(found, subject), is_late=late)


def _seen(form: FlaskForm) -> int:
    text = form.seen.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0


# ---------- Actions ----------


@blueprint.get("/review/actions/<int(max=2147483647):number>")
def action(number: int) -> str:
    """Show an action, and the ways to end it or to hand it over."""
    refuse_filters()
    return _action_page(*_seen_action(number))


@blueprint.post("/review/actions/<int(max=2147483647):number>/end")
def end(number: int) -> Answer:
    """Note that an action is done or dropped."""
    form = EndForm(prefix="end")

    def do(found: ReviewDecision, someone: Person) -> None:
        now, outcome = clock.now(), form.outcome.data or ""
        review_actions.end(found, form.state.data, outcome, signature_of(someone), now, seen=_seen(form))

    return _change_action(number, form, do, _("It is noted how the action ended."))


@blueprint.post("/review/actions/<int(max=2147483647):number>/hand-over")
def hand_over(number: int) -> Answer:
    """Give an action another owner or another day."""
    form = HandOverForm(prefix="hand")

    def do(found: ReviewDecision, _someone: Person) -> None:
        review_actions.hand_over(found, form.owner, form.due_on.data, seen=_seen(form))

    return _change_action(number, form, do, _("The action is changed."))


@blueprint.post("/review/actions/<int(max=2147483647):number>/open-again")
def open_again(number: int) -> Answer:
    """Open an action again that was ended by mistake."""
    form = SeenForm(prefix="again")

    def do(found: ReviewDecision, someone: Person) -> None:
        review_actions.open_again(db.session(), found, someone, signature_of(someone), clock.now(), seen=_seen(form))

    return _change_action(number, form, do, _("The action is open again."))


def _change_action(number: int, form: FlaskForm, do: Callable[[ReviewDecision, Person], None], done: str) -> Answer:
    someone, found = _own_action(number)
    if isinstance(form, HandOverForm):
        form.stands = found.due_on
    if not form.validate():
        return _action_page(someone, found, form), REFUSED
    try:
        with transaction():
            someone, found = _own_action(number)
            do(found, someone)
    except review_actions.StaleError:
        form.seen.data, form.seen.raw_data = str(_own_action(number)[1].version), None
        return _action_page(*_own_action(number), form, changed=True), CONFLICT
    flash(done)
    return redirect(review_url(clock.today().replace(day=1), f"action/{number}"), 303)


def _seen_action(number: int) -> tuple[Person, ReviewDecision]:
    """Return who is signed in and an action; 404 for a number that is none.

    Letters lead to what was an action once: who comes for that is led to its line in the review.
    """
    someone = guards.member()
    found = db.session().get(ReviewDecision, number)
    if found is None:
        abort(404)
    if found.state == review_actions.NOTED:
        abort(redirect(review_url(found.month, found.line), 303))
    return someone, found


def _own_action(number: int) -> tuple[Person, ReviewDecision]:
    """Return the same for who may say how it ended: coordinators of members, and the person who looks after it."""
    someone, found = _seen_action(number)
    if not _may_end(someone, found):
        abort(403)
    return someone, found


def _may_end(someone: Person, found: ReviewDecision) -> bool:
    is_own = bool(found.owner_email) and found.owner_email.casefold() == someone.email.casefold()
    return bool(someone.deciding) or is_own


def _action_page(
    someone: Person, found: ReviewDecision, sent: FlaskForm | None = None, *, changed: bool = False
) -> str:
    is_own = _may_end(someone, found)
    may_end = found.state == review_actions.OPEN and is_own
    ending = sent if isinstance(sent, EndForm) else EndForm(prefix="end", formdata=None)
    handing = sent if isinstance(sent, HandOverForm) else HandOverForm(prefix="hand", formdata=None)
    if handing is not sent:
        handing.fill_owner(found)
        handing.due_on.data = found.due_on  # type: ignore[assignment]
    for form in (ending, handing):
        if form is not sent:
            form.seen.data = str(found.version)
    shown = _shown(found)
    return render_template(
        "review/action.html",
        action=shown,
        due=speaker().due_in_words(shown),
        owner=owner_of(found),
        ended_by=found.ended_by,
        nobody_to_remind=_nobody_to_remind(found),
        ending=ending,
        handing=handing,
        may_end=may_end,
        again=_with_version(SeenForm(prefix="again", formdata=None), found) if is_own and not may_end else None,
        changed=changed,
        back_url=review_url(found.month, found.line),
    )
