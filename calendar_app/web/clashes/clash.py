"""The page of one finding, and what people say to it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.planning.vocabulary import FindingKind, Severity
from calendar_app.services import finding_answers, finding_board
from calendar_app.services.finding_answers import ChangedError
from calendar_app.services.finding_life import ACCEPTED, ACKNOWLEDGED, RESOLVED
from calendar_app.web import guards
from calendar_app.web.clashes.area import blueprint
from calendar_app.web.clashes.forms import AnswerForm, CommentForm
from calendar_app.web.clashes.lines import clash_url
from calendar_app.web.clashes.shown import shown
from calendar_app.web.page import refuse_filters, words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from typing import TypeAlias

    from flask_wtf import FlaskForm
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import StoredFinding
    from calendar_app.services.access import Person

    Answer: TypeAlias = Response | tuple[str, int] | str
    _Done: TypeAlias = Callable[[StoredFinding], str]
    _Do: TypeAlias = Callable[[Session, StoredFinding, Person, AnswerForm], None]

_COMMENT, _ACKNOWLEDGE, _ACCEPT, _REOPEN = "comment", "acknowledge", "accept", "reopen"


def _seen(finding_id: uuid.UUID) -> tuple[Person, StoredFinding]:
    """Return who is signed in and the finding of this id that they may see; 404 if there is none."""
    someone = guards.member()
    found = finding_board.find(db.session(), someone.viewer, finding_id)
    if found is None:
        abort(404)
    return someone, found


def _to_answer(finding_id: uuid.UUID) -> tuple[Person, StoredFinding]:
    """Return the same for who answers for an organisation that keeps one of the events; 403 for others."""
    someone, found = _seen(finding_id)
    if not finding_answers.answering(someone, found):
        abort(403)
    return someone, found


@blueprint.get("/clashes/<uuid:finding_id>")
def clash(finding_id: uuid.UUID) -> str:
    """Show a clash or an opportunity: both events, every reason, better dates, and what was said."""
    refuse_filters()
    return _page(*_seen(finding_id), {})


def _page(someone: Person, found: StoredFinding, typed: dict[str, FlaskForm], *, changed: bool = False) -> str:
    """Return the page; `typed` is a form that was sent and not done, because something `changed` or it is wrong."""
    session = db.session()
    forms: dict[str, FlaskForm] = {_COMMENT: CommentForm(formdata=None, prefix=_COMMENT)}
    if found.state != RESOLVED and finding_answers.answering(someone, found):
        forms |= {
            _ACKNOWLEDGE: _answer_form(_ACKNOWLEDGE, found, formdata=None),
            _ACCEPT: _answer_form(_ACCEPT, found, formdata=None),
        }
        if finding_answers.answered(someone, found):
            forms[_REOPEN] = _answer_form(_REOPEN, found, formdata=None)
    # What somebody typed into a form that is gone meanwhile is shown, so that it is not lost.
    lost = [form.text.data for name, form in typed.items() if name not in forms]
    forms |= {name: form for name, form in typed.items() if name in forms}
    for form in forms.values():
        if "seen" in form and not form.errors:
            form.seen.data, form.seen.raw_data = finding_answers.seen_of(session, found), None
    return render_template(
        "clashes/clash.html",
        clash=shown(someone, found),
        forms=forms,
        lost=lost,
        changed=changed,
        is_clash=found.kind == FindingKind.CLASH,
        is_critical=found.severity == Severity.CRITICAL,
        is_answered=_REOPEN in forms,
    )


def _answer_form(name: str, found: StoredFinding, **rest: Any) -> AnswerForm:  # noqa: ANN401 - what forms take
    answer = {_ACKNOWLEDGE: ACKNOWLEDGED, _ACCEPT: ACCEPTED}.get(name)
    needs_reason = answer is not None and finding_answers.needs_reason(found, answer)
    return AnswerForm(prefix=name, needs_reason=needs_reason, **rest)


@blueprint.post("/clashes/<uuid:finding_id>/comment")
def comment(finding_id: uuid.UUID) -> Answer:
    """Add a comment."""
    someone, found = _seen(finding_id)
    form = CommentForm(prefix=_COMMENT)
    if not form.validate():
        return _page(someone, found, {_COMMENT: form}), 422
    with transaction() as session:
        someone, found = _seen(finding_id)
        finding_answers.comment(session, found, someone, form.text.data, clock.now())
        flash(_("Your comment is added."))
        return redirect(clash_url(found), 303)


def _answer(finding_id: uuid.UUID, name: str, done: _Done, do: _Do) -> Answer:
    """Carry out an answer, unless something was added since the person looked."""
    someone, found = _to_answer(finding_id)
    form = _answer_form(name, found)
    if not form.validate():
        return _page(someone, found, {name: form}), 422
    with transaction() as session:
        someone, found = _to_answer(finding_id)
        try:
            do(session, found, someone, form)
        except (ChangedError, finding_answers.ReasonMissingError):
            # It became worse meanwhile, or somebody was quicker: the page says so.
            pass
        else:
            flash(done(found))
            return redirect(clash_url(found), 303)
    return _page(*_to_answer(finding_id), {name: form}, changed=True), 409


def _acknowledged(found: StoredFinding) -> str:
    """Say what acknowledging came to: the state is that of all owners together."""
    if silent := _silent(found):
        text = _(
            "Your organisation acknowledges it; it stays open until %(organisation)s answers.", organisation=silent
        )
    else:
        text = _("It is acknowledged.")
    return str(text)


def _accepted(found: StoredFinding) -> str:
    """Say what accepting came to."""
    if silent := _silent(found):
        text = _("Your organisation accepts it; it stays open until %(organisation)s answers.", organisation=silent)
    elif found.state == ACCEPTED:
        text = _("It is accepted as it is.")
    else:
        text = _("Your organisation accepts it; it is acknowledged.")
    return str(text)


def _silent(found: StoredFinding) -> str:
    """Return the owners that have not answered yet, "" if all have."""
    given = {row.organisation_code for row in found.answers}
    codes = [code for code in finding_board.owners_of(found) if code not in given]
    return words().listed(words().isolated(finding_board.short_name(words(), code)) for code in codes)


def _give(answer: str) -> _Do:
    def do(session: Session, found: StoredFinding, someone: Person, form: AnswerForm) -> None:
        seen = form.seen.data or ""
        finding_answers.answer(session, found, answer, someone, form.text.data, clock.now(), seen=seen)

    return do


@blueprint.post("/clashes/<uuid:finding_id>/acknowledge")
def acknowledge(finding_id: uuid.UUID) -> Answer:
    """Acknowledge it: the organisation knows of it and says what it does about it."""
    return _answer(finding_id, _ACKNOWLEDGE, _acknowledged, _give(ACKNOWLEDGED))


@blueprint.post("/clashes/<uuid:finding_id>/accept")
def accept(finding_id: uuid.UUID) -> Answer:
    """Accept it as it is: it stays quiet until either event changes."""
    return _answer(finding_id, _ACCEPT, _accepted, _give(ACCEPTED))


@blueprint.post("/clashes/<uuid:finding_id>/reopen")
def reopen(finding_id: uuid.UUID) -> Answer:
    """Take the own answer back."""

    def do(session: Session, found: StoredFinding, someone: Person, form: AnswerForm) -> None:
        seen = form.seen.data or ""
        finding_answers.take_back(session, found, someone, form.text.data, clock.now(), seen=seen)

    return _answer(finding_id, _REOPEN, lambda _found: _("Your answer is taken back."), do)
