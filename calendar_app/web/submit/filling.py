"""The form by which events come in: filling it in, keeping it as a draft, and sending it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flask import Response, abort, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from calendar_app.extensions import clock, csrf, db, limiter, transaction
from calendar_app.models import Submission
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import drafts
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.event_form_text import single_line
from calendar_app.services.records import EventRecord
from calendar_app.web import named_decision
from calendar_app.web.guards import person
from calendar_app.web.page import read_filter, words
from calendar_app.web.submit import browser, choices, dates_panel, sending
from calendar_app.web.submit.area import REFUSED, blueprint, moment_in_words, seen_submission, shown_event
from calendar_app.web.submit.form_record import record_of_form
from calendar_app.web.submit.likely import likely_lines
from calendar_app.web.submit.so_far import record_so_far
from calendar_app.web.submit.typed import form_of, submission_form, typed
from calendar_app.web.work.subject import summary

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from calendar_app.models import Draft
    from calendar_app.planning.dates import Span
    from calendar_app.services.access import Person
    from calendar_app.web.submit.forms import SubmissionForm

_LONG_DAYS = 60
# Machines that fill in every field fill in this one too.
_TRAP = "website_2"
# What an address may fill in beforehand, as the finder of dates does.
_BEFOREHAND = ("first_day", "last_day", "kind", "body", "city", "format", "convention", "region")


@dataclass(frozen=True, slots=True)
class Look:
    """What to look at again: likely duplicates and slips of the hand; `asks` if nothing is sent before that.

    `clash` has what the dates run into, if publishing them takes a decision.
    """

    likely: list[dict[str, Any]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    clash: dict[str, Any] | None = None
    checked: bool = False
    asks: bool = False


def _is_sent(response: Response) -> bool:
    return response.status_code == 303 and "/submit/received/" in (response.location or "")  # noqa: PLR2004


def _typed_address() -> str:
    """Return to whom a letter would go, so that nobody is flooded in our name from many places."""
    return f"address {single_line(request.form.get('email', '')).casefold()[:254]}"


@blueprint.get("/submit")
def submit() -> AnyResponse:
    """Show the form: with the draft on which one worked last or the one asked for, or empty."""
    read_filter(filtered=False, also=("new", "draft", *_BEFOREHAND))
    someone = person()
    beforehand = {name: request.args.getlist(name) for name in _BEFOREHAND if name in request.args}
    if beforehand:
        form = form_of(beforehand, someone)
        if someone and len(someone.roles) == 1:
            form.organisation.data = next(iter(someone.roles))
        return _form_page(form, someone)
    draft = _draft()
    form = form_of(draft.form, someone) if draft else submission_form(someone)
    if draft:
        form.draft.data = draft.id
    elif someone and len(someone.roles) == 1:
        form.organisation.data = next(iter(someone.roles))
    return _form_page(form, someone, draft=draft)


def _draft() -> Draft | None:
    if request.args.get("new"):
        return None
    owner, wanted = browser.owner(), request.args.get("draft")
    session = db.session()
    return drafts.find(session, owner, wanted) if wanted else drafts.latest(session, owner)


# A form whose token is too old is shown again with all that was typed, instead of being refused before it is read.
@blueprint.post("/submit")
@limiter.limit("20 per hour", deduct_when=_is_sent)
@limiter.limit("120 per hour")
@limiter.limit("10 per day", key_func=_typed_address, deduct_when=_is_sent, exempt_when=lambda: person() is not None)
@csrf.exempt  # type: ignore[untyped-decorator]
def receive() -> AnyResponse:
    """Do what the pressed button says with what was typed: check it, keep it, or send it."""
    read_filter(filtered=False, also=("new", "draft"))
    someone, action = person(), sending.asked()
    form = submission_form(someone)
    if action == "draft":
        return _keep(form, someone)
    if span := dates_panel.take(form):
        form.keep_key()
        return _form_page(form, someone, said=_filled_in(span))
    has_key = form.keep_key()
    if not form.validate() or not has_key:
        whole = has_key and "csrf_token" not in form.errors
        return _form_page(form, someone, status=REFUSED, message="" if whole else _stale())
    if someone is None and request.form.get(_TRAP):
        # Answered as if it had been stored, so that nothing is learned from it.
        current_app.logger.info("A form whose trap was filled in was not stored.")
        return _received(uuid.uuid4(), form)
    if someone is None and browser.is_too_fast(request.form.get("opened", "")):
        message = _("That was very fast. Please look at the form once more and press the button again.")
        return _form_page(form, someone, status=REFUSED, message=message)
    return _decide(form, someone, action)


def _decide(form: SubmissionForm, someone: Person | None, action: str) -> AnyResponse:
    """Answer a valid form: show what to look at again, or send it."""
    stage = sending.stage_of(action, form, someone, clock.today())
    if stage is None:
        abort(403)
    record = record_of_form(form, EventRecord())
    look = Look(likely_lines(record), _questions(record), checked=action == "check")
    if look.checked:
        return _form_page(form, someone, look=look)
    asking = replace(look, asks=bool(look.likely or look.questions))
    try:
        # What was sent already is like itself: a form that arrives again is not asked about it.
        if asking.asks and not request.form.get("sure") and not sending.sent_before(db.session(), form):
            return _form_page(form, someone, status=REFUSED, look=asking)
        submission_id = sending.send(form, someone, stage)
        _tell(submission_id, someone, stage)
        return _received(submission_id, form)
    except UndecidedError as undecided:
        # What there is to look at besides was looked at before.
        clash = named_decision.refuse(form, undecided)
        return _form_page(form, someone, status=REFUSED, look=replace(look, clash=clash))
    except sending.SentOtherwiseError:
        form.renew_key()
        return _form_page(form, someone, status=409, message=_sent_otherwise(), look=asking)


def _tell(submission_id: uuid.UUID, someone: Person | None, stage: Stage) -> None:
    """Say on the next page what the dates of an event meet that is published, now or on its day."""
    found = db.session().get(Submission, submission_id)
    if someone and found and found.event_id and stage in {Stage.PUBLISHED, Stage.SCHEDULED}:
        named_decision.tell(someone, found.event_id)


def _questions(record: EventRecord) -> list[str]:
    """Return what may be a slip of the hand, although it is possible."""
    found = []
    if record.precision == "day" and record.span and record.span.days > _LONG_DAYS:
        found.append(_("It takes %(days)s: from the first to the last day.", days=words().length(record.span.days)))
    if record.span and record.span.end <= clock.today():
        found.append(_("It is over already: its last day is in the past."))
    return found


def _filled_in(span: Span) -> str:
    sentence: str = _("The dates %(dates)s are filled in. Nothing is sent yet.", dates=words().days(span))
    return sentence


def _stale() -> str:
    sentence: str = _("This page was open for a long time or was not complete. Please press the button again.")
    return sentence


def _sent_otherwise() -> str:
    sentence: str = _(
        "This form was sent already with something else in it, and that is kept. Send this one as another event? Then"
        " press the button again. To change what you sent, open the page where you follow it."
    )
    return sentence


def _received(submission_id: uuid.UUID, form: SubmissionForm) -> AnyResponse:
    if person() is None:
        browser.remember_received(submission_id, form.email.data)
    response = redirect(url_for("submit.received", submission_id=submission_id), 303)
    browser.release_draft(response, form.draft.data or "")
    return response


def _keep(form: SubmissionForm, someone: Person | None) -> AnyResponse:
    if "csrf_token" in form and not form.csrf_token.validate(form):
        return _form_page(form, someone, status=REFUSED, message=_stale())
    draft_id = _save(form)
    response = redirect(url_for("submit.submit", draft=draft_id or None, new=None if draft_id else "1"), 303)
    if draft_id:
        browser.hold_draft(response, draft_id)
    return response


def _save(form: SubmissionForm) -> str:
    """Keep what is typed as a draft; return its id, "" if this form was sent already."""
    with transaction(exclusive=False) as session:
        draft = drafts.save(session, browser.owner(), form.draft.data or "", typed(form), clock.now())
        return draft.id if draft else ""


def _keeps_on() -> bool:
    return person() is not None or bool(browser.owner().draft_id)


@blueprint.post("/submit/draft")
@limiter.limit("60 per minute")
# New drafts of strangers take room for a long time.
@limiter.limit("30 per hour", exempt_when=_keeps_on)
def save_draft() -> AnyResponse:
    """Keep what is typed while it is typed; answer the draft's id and when it was kept, for the script of the page."""
    draft_id = _save(submission_form(person()))
    response = jsonify({"draft": draft_id, "at": clock.now().isoformat(timespec="seconds")})
    if draft_id:
        browser.hold_draft(response, draft_id)
    return response


@blueprint.post("/submit/draft/discard")
def discard_draft() -> AnyResponse:
    """Throw a draft away and begin anew."""
    owner = browser.owner()
    draft_id = request.form.get("draft", "") or owner.draft_id
    with transaction(exclusive=False) as session:
        drafts.discard(session, owner, draft_id)
    response = redirect(url_for("submit.submit", new="1"), 303)
    browser.release_draft(response, draft_id)
    return response


@blueprint.get("/submit/duplicates")
@limiter.limit("60 per minute")
def likely_duplicates() -> str:
    """Give the likely duplicates of what is in the address, as a piece of the page."""
    someone = person()
    record = record_so_far(MultiDict(request.args), someone, internal=bool(someone and someone.roles))
    lines = likely_lines(record) if record.titles else []
    return render_template("submit/likely.html", likely=lines, checked=False)


@blueprint.get("/submit/received/<uuid:submission_id>")
def received(submission_id: uuid.UUID) -> str:
    """Say what happens next with what was sent. It says the same of ids that are not known."""
    read_filter(filtered=False)
    someone = person()
    seen = seen_submission(submission_id)
    event = shown_event(seen[1]) if seen else None
    own = event is not None and someone is not None and event.steward_code in someone.roles
    sent = {
        "event": summary(event) if event and own else None,
        "stage": str(event.stage) if event and own else "",
        "day": words().day(event.publish_on) if event and own and event.publish_on else "",
        "address": browser.address_written_to(submission_id),
        "submission": seen[0] if seen and (someone or seen[0].confirmed_at) else None,
        "url": url_for("submit.submission", submission_id=submission_id),
        "again_url": url_for("submit.submit", new="1"),
    }
    return render_template("submit/received.html", sent=sent)


def _form_page(
    form: SubmissionForm,
    someone: Person | None,
    *,
    status: int = 200,
    draft: Draft | None = None,
    message: str = "",
    look: Look | None = None,
    said: str = "",
) -> AnyResponse:
    mark = request.form.get("opened", "")
    shown = {
        "action": url_for("submit.receive"),
        "draft_url": url_for("submit.save_draft"),
        "discard_url": url_for("submit.discard_draft"),
        "duplicates_url": url_for("submit.likely_duplicates"),
        "dates_url": url_for("submit.dates_of_form"),
        "new_url": url_for("submit.submit", new="1"),
        "opened": mark if mark and browser.is_own_mark(mark) else browser.opened_now(),
        "trap": _TRAP,
        "draft": {"id": draft.id, "at": moment_in_words(draft.changed_at)} if draft else None,
        # A stranger's browser holds one draft only.
        "keeps_drafts": someone is not None,
        "message": message,
        "look": look or Look(),
        "may_publish": bool(someone and someone.deciding),
        "sure": bool(request.form.get("sure")),
        "pressed": sending.asked(),
        "internal": "notes" in form,
        **choices.suggestions(words()),
    }
    dates = dates_panel.of_form(form, form.organisation.data or "") | {"said": said}
    return make_response(render_template("submit/submit.html", form=form, shown=shown, dates=dates), status)
