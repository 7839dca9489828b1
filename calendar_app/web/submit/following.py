"""Following what one has sent: the list, one submission with its letters, changing it, taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, limiter, transaction
from calendar_app.models import Event, Organisation, Submission
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import drafts, editing, proposals, stored_history, submissions
from calendar_app.services.records import EventRecord, in_language, record_of, span_of
from calendar_app.web.guards import go_to_sign_in, person, signed_in
from calendar_app.web.page import read_filter, title_language, words
from calendar_app.web.submit import browser, choices, meanwhile, sending
from calendar_app.web.submit.area import (
    REFUSED,
    blueprint,
    is_sender,
    moment_in_words,
    seen_submission,
    shown_event,
)
from calendar_app.web.submit.form_record import record_of_form
from calendar_app.web.submit.forms import DATES, AnswerForm, EventForm, WithdrawForm
from calendar_app.web.submit.links import decision_url, submission_of_token
from calendar_app.web.submit.typed import form_of, submission_form, typed

if TYPE_CHECKING:
    import uuid

    from werkzeug.wrappers import Response as AnyResponse

    from calendar_app.models import Draft
    from calendar_app.services.editing import Outcome
    from calendar_app.web.submit.forms import SubmissionForm

_PAGE = "submit.submission"
_CONFLICT = 409


@blueprint.get("/submissions")
def own_submissions() -> str:
    """List what the reader has sent, and the drafts."""
    read_filter(filtered=False)
    someone, session = signed_in(), db.session()
    listed = [_line(submission, event) for submission, event in submissions.of_account(session, someone.account_id)]
    kept = [_draft_line(draft) for draft in drafts.of_account(session, someone.account_id)]
    own = {"submissions": listed, "drafts": kept, "new_url": url_for("submit.submit", new="1")}
    return render_template("submit/submissions.html", own=own)


@blueprint.get("/submissions/open/<token>")
def open_submission(token: str) -> AnyResponse:
    """Let the reader of the letter in, in this browser until it is closed."""
    read_filter(filtered=False)
    submission_id = submission_of_token(token)
    submission = db.session().get(Submission, submission_id) if submission_id else None
    if submission is None:
        abort(404)
    browser.remember_opened(submission.id)
    response = redirect(url_for(_PAGE, submission_id=submission.id), 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/submissions/<uuid:submission_id>")
def submission(submission_id: uuid.UUID) -> str:
    """Show where a submission stands, what was written about it, and what to do next."""
    read_filter(filtered=False, also=("stale",))
    found, event = _seen(submission_id)
    return render_template("submit/submission.html", sent=_page(found, event), form=WithdrawForm(formdata=None))


@blueprint.post("/submissions/<uuid:submission_id>/send")
@limiter.limit("60 per hour")
def send_submission(submission_id: uuid.UUID) -> AnyResponse:
    """Send on what was entered without an account: who comes by the letter has confirmed the address."""
    found, _event = _sent_by_reader(submission_id)
    if found.confirmed_at is None:
        form = form_of(found.form, None, csrf=False)
        if not form.validate():
            return redirect(url_for("submit.edit_submission", submission_id=submission_id), 303)
        with transaction() as session:
            current = session.get(Submission, submission_id)
            if current is not None and current.confirmed_at is None:
                sending.confirm(session, current, form)
    return redirect(url_for(_PAGE, submission_id=submission_id), 303)


@blueprint.get("/submissions/<uuid:submission_id>/edit")
def edit_submission(submission_id: uuid.UUID) -> AnyResponse:
    """Show the form with what was sent, while it may still be changed."""
    read_filter(filtered=False)
    found, event = _sent_by_reader(submission_id)
    if found.confirmed_at is None:
        form = form_of(found.form, None)
        form.validate()
        form.csrf_token.errors = ()
        return _edit_page(found, event, form)
    if submissions.state_of(found, event) not in submissions.OPEN:
        return _too_late(submission_id)
    number = stored_history.last_number(db.session(), _event_of(found).id)
    return _edit_page(found, event, _answer_form(event, record_of(_event_of(found))), seen=number)


@blueprint.post("/submissions/<uuid:submission_id>/edit")
@limiter.limit("60 per hour")
def change_submission(submission_id: uuid.UUID) -> AnyResponse:
    """Change what was sent, in the same event, and put it before the secretariat again.

    Whose form is older than a change by the secretariat is told, and keeps everything typed.
    """
    found, _event = _sent_by_reader(submission_id)
    if found.confirmed_at is None:
        return _change_typed(found)
    event = _event_of(found)
    if submissions.state_of(found, event) not in submissions.OPEN:
        return _typed_too_late(submission_id)
    number = meanwhile.seen_number(db.session(), event)
    base = editing.base_of(db.session(), event, number)
    form = _answer_form(event, base)
    if not form.validate():
        return _edit_page(found, event, form, status=REFUSED, seen=number)
    with transaction() as session:
        found = _current(submission_id)
        event = _event_of(found)
        if submissions.state_of(found, event) not in submissions.OPEN:
            return _typed_too_late(submission_id)
        wanted = record_of_form(form, base)
        fields = meanwhile.field_words(session, event, number, wanted)
        outcome = editing.over_current(session, event, number, wanted, proposals.PUBLIC_FIELDS, fields)
        if not outcome.meanwhile:
            made = sending.change_by_sender(session, person(), found, form.answer.data)
            submissions.resubmit(session, found, event, outcome.record, made, decision_url(event.id))
            return redirect(url_for(_PAGE, submission_id=submission_id), 303)
    anew = _answer_form(event, record_of(event))
    meanwhile.filled(anew, outcome.record, ("answer",))
    number = stored_history.last_number(db.session(), event.id)
    return _edit_page(found, event, anew, status=_CONFLICT, seen=number, outcome=outcome)


def _change_typed(found: Submission) -> AnyResponse:
    """Change what waits for the confirmation of the address."""
    form = submission_form(None)
    if not form.validate():
        return _edit_page(found, None, form, status=REFUSED)
    with transaction(exclusive=False) as session:
        current = session.get(Submission, found.id)
        # The letter went to the address given at first: that one stays.
        if current is not None and current.confirmed_at is None:
            form.email.data = current.email
            current.form = typed(form) | {"email": [current.email]}
            current.name = form["name"].data
            current.organisation_code = form.organisation.data
    return redirect(url_for(_PAGE, submission_id=found.id), 303)


@blueprint.post("/submissions/<uuid:submission_id>/withdraw")
@limiter.limit("60 per hour")
def withdraw_submission(submission_id: uuid.UUID) -> AnyResponse:
    """Take a submission back while nobody has decided on it; asks why."""
    found, _event = _sent_by_reader(submission_id)
    event = _event_of(found)
    if submissions.state_of(found, event) not in submissions.OPEN:
        return _too_late(submission_id)
    form = WithdrawForm()
    if not form.validate():
        page = render_template("submit/submission.html", sent=_page(found, event), form=form)
        return make_response(page, REFUSED)
    try:
        with transaction() as session:
            current = _current(submission_id)
            made = sending.change_by_sender(session, person(), current, form.reason.data)
            event = _event_of(current)
            submissions.withdraw(session, current, event, made, decision_url(event.id))
    except submissions.NotOpenError:
        return _too_late(submission_id)
    return redirect(url_for(_PAGE, submission_id=submission_id), 303)


def _seen(submission_id: uuid.UUID) -> tuple[Submission, Event | None]:
    found = seen_submission(submission_id)
    if found is None:
        hidden = db.session().get(Submission, submission_id)
        if person() is None and hidden is not None and hidden.account_id is not None:
            # Whose account sent it signs in; a letter's link alone does not go round that.
            go_to_sign_in()
        abort(404)
    return found


def _sent_by_reader(submission_id: uuid.UUID) -> tuple[Submission, Event | None]:
    """Return a submission that the reader sent; 403 for members who see it and decide on it elsewhere."""
    found = _seen(submission_id)
    if not is_sender(found[0]):
        abort(403)
    return found


def _current(submission_id: uuid.UUID) -> Submission:
    """Return the submission as it is inside the transaction, if it is still the reader's."""
    found, _event = _sent_by_reader(submission_id)
    return found


def _event_of(submission: Submission) -> Event:
    event = db.session().get(Event, submission.event_id) if submission.event_id else None
    if event is None:
        abort(404)
    return event


def _too_late(submission_id: uuid.UUID) -> AnyResponse:
    return redirect(url_for(_PAGE, submission_id=submission_id, stale="1"), 303)


def _typed_too_late(submission_id: uuid.UUID) -> AnyResponse:
    """Show what was typed, and nothing else of the event: what it says now may not be the sender's to read."""
    found, event = _sent_by_reader(submission_id)
    return _edit_page(found, event, _answer_form(event, EventRecord()), status=_CONFLICT, too_late=True)


def _answer_form(event: Event | None, base: EventRecord) -> AnswerForm:
    """Return the form for a sender, who never changes what is for the secretariat only."""
    return AnswerForm(person=person(), base=base, event_id=event.id if event else None)


def _edit_page(
    found: Submission,
    event: Event | None,
    form: EventForm | SubmissionForm,
    *,
    status: int = 200,
    seen: int = 0,
    outcome: Outcome | None = None,
    too_late: bool = False,
) -> AnyResponse:
    """Return the page with the form; `seen` is the number of the change with which the form begins."""
    shown = {
        "action": url_for("submit.change_submission", submission_id=found.id),
        "back_url": url_for(_PAGE, submission_id=found.id),
        "duplicates_url": "",
        "asked": _last_request(found),
        "internal": "notes" in form,
        "is_sent": event is not None,
        "seen": seen,
        "meanwhile": meanwhile.lines(outcome),
        "too_late": too_late,
        **choices.suggestions(words()),
    }
    return make_response(render_template("submit/edit.html", form=form, shown=shown), status)


def _last_request(found: Submission) -> str:
    """Return the sentence with which the secretariat last asked for changes."""
    texts = [letter.text for letter in found.letters if letter.action == Stage.CHANGES_REQUESTED]
    return texts[-1] if texts else ""


def _title(found: Submission, event: Event | None) -> tuple[str, str]:
    if event is not None:
        return in_language(event.titles, title_language())
    return next(iter(found.form.get("title", [])), ""), next(iter(found.form.get("title_language", [])), "en")


def _line(found: Submission, event: Event | None) -> dict[str, Any]:
    title, language = _title(found, shown_event(event))
    return {
        "title": title,
        "language": language,
        "url": url_for(_PAGE, submission_id=found.id),
        "state": state_in_words(submissions.state_of(found, event)),
        "day": words().day(found.created_at.astimezone(clock.zone).date()),
    }


def _draft_line(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "title": next(iter(draft.form.get("title", [])), "") or _("Without a title"),
        "url": url_for("submit.submit", draft=draft.id),
        "discard_url": url_for("submit.discard_draft"),
        "at": moment_in_words(draft.changed_at),
    }


def state_in_words(state: str) -> str:
    """Return where a submission stands."""
    sentences: dict[str, str] = {
        submissions.UNCONFIRMED: _("Not sent yet"),
        submissions.MERGED: _("Joined with another event"),
        Stage.DRAFT: _("Kept as a draft by the secretariat"),
        Stage.SUBMITTED: _("Waits for the secretariat"),
        Stage.CHANGES_REQUESTED: _("The secretariat asks for changes"),
        Stage.SCHEDULED: _("Accepted; will be published later"),
        Stage.PUBLISHED: _("Published"),
        Stage.REJECTED: _("Not accepted"),
        Stage.WITHDRAWN: _("Withdrawn"),
    }
    return sentences[state]


def _page(found: Submission, event: Event | None) -> dict[str, Any]:
    state, speak, own = submissions.state_of(found, event), words(), is_sender(found)
    shown = shown_event(event)
    title, language = _title(found, shown)
    organisation = db.session().get(Organisation, found.organisation_code)
    acts = {name: url_for(f"submit.{name}_submission", submission_id=found.id) for name in ("send", "edit", "withdraw")}
    is_open = own and state in submissions.OPEN
    public = state == submissions.MERGED or (shown is not None and state == Stage.PUBLISHED)
    return {
        "title": title,
        "language": language,
        "state": state,
        "state_words": state_in_words(state),
        "organisation": speak.gettext(organisation.short_name) if organisation else found.organisation_code,
        "organisation_name": speak.organisation(found.organisation_code, organisation.name if organisation else ""),
        "dates": speak.dates(span_of(shown), Precision(shown.precision), shown.date_text) if shown else "",
        "place": speak.place(shown.city, shown.country, shown.format) if shown else "",
        "event_url": url_for("events.event", event_id=str(event.id)) if public and event else "",
        "edit_url": acts["edit"] if is_open or (own and state == submissions.UNCONFIRMED) else "",
        "send_url": acts["send"] if own and state == submissions.UNCONFIRMED else "",
        "withdraw_url": acts["withdraw"] if is_open else "",
        "letters": [
            {"author": x.author, "action": action_in_words(x.action), "text": x.text, "at": moment_in_words(x.at)}
            for x in found.letters
        ],
        "typed": _typed_lines(found) if event is None else [],
    }


def _typed_lines(found: Submission) -> list[tuple[str, str]]:
    """Return what was typed, field by field, so that the sender sees it before sending it on."""
    form = form_of(found.form, None, csrf=False)
    # What stands in the fields for other ways to say the dates does not count.
    idle = {name for way, names in DATES.items() if way != form.dates.data for name in names}
    lines = []
    for field in form:
        if field.short_name in idle or field.short_name.endswith("_language"):
            continue
        values = found.form.get(field.short_name, [])
        labels = {str(value): str(label) for value, label, *_rest in getattr(field, "choices", None) or []}
        shown = words().listed(labels.get(value, value) for value in values if value)
        if shown and field.type != "HiddenField":
            lines.append((str(field.label.text), shown))
    return lines


def action_in_words(action: str) -> str:
    """Return what a letter of the thread stands for."""
    sentences: dict[str, str] = {
        "submitted": _("Sent"),
        "resubmitted": _("Changed and sent again"),
        "changes-requested": _("Changes asked for"),
        "rejected": _("Not accepted"),
        "published": _("Published"),
        "withdrawn": _("Withdrawn"),
        "merged": _("Joined with another event"),
        "undone": _("Decision undone"),
    }
    return sentences.get(action, action)
