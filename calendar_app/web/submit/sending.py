"""What becomes of a valid form: an event for those who have an account, a letter to confirm for those who have none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import request
from sqlalchemy.exc import IntegrityError

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Organisation
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import date_decisions, drafts, submissions
from calendar_app.services.events import Change
from calendar_app.services.records import EventRecord
from calendar_app.web.page import current_language
from calendar_app.web.submit import browser
from calendar_app.web.submit.form_record import record_of_form
from calendar_app.web.submit.links import decision_url, submission_url
from calendar_app.web.submit.typed import typed

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from sqlalchemy.orm import Session

    from calendar_app.models import Submission
    from calendar_app.services.access import Person
    from calendar_app.web.submit.forms import SubmissionForm


class SentOtherwiseError(Exception):
    """Another event was sent with the key of this form: from a second tab, or before going back to the page."""


def send(form: SubmissionForm, person: Person | None, stage: Stage) -> uuid.UUID:
    """Write down what a valid form says and return the submission's id; the same form sent again gives the same id.

    `stage` is that of the event if a member of the deciding organisation sends it. Raises `SentOtherwiseError`, or
    `UndecidedError` if it would be published on dates with a critical clash without a word about it.
    """
    if found := sent_before(db.session(), form):
        return found.id
    try:
        # What is not an event yet need not wait for those who change the calendar.
        with transaction(exclusive=person is not None) as session:
            if found := sent_before(session, form):
                return found.id
            submission = _store(session, form, person)
            drafts.discard(session, browser.owner(), form.draft.data or "")
            if person is None:
                link = submission_url(submission)
                submissions.ask_to_confirm(session, submission, link, clock.now())
            else:
                record = record_of_form(form, EventRecord(stage=stage))
                made = replace(change_by(session, person, form.organisation.data), decision=_decision(form, stage))
                submissions.enter(session, submission, record, made, decision_url)
                if "decision" in form:
                    date_decisions.require(
                        session, person, clock.now().astimezone(clock.zone), form.decision.data or ""
                    )
            return submission.id
    except IntegrityError:
        # The same form arrived twice at the same time, and the other one was first.
        if found := sent_before(db.session(), form):
            return found.id
        raise


def _decision(form: SubmissionForm, stage: Stage) -> str:
    """Return why it is published on its dates all the same; of what is not published nothing is decided yet."""
    is_published = "decision" in form and stage in {Stage.PUBLISHED, Stage.SCHEDULED}
    return form.decision.data or "" if is_published else ""


def sent_before(session: Session, form: SubmissionForm) -> Submission | None:
    """Return what was sent before with this form as it is. Raises `SentOtherwiseError`."""
    found = submissions.find_by_key(session, form.key.data)
    if found is not None and found.form != typed(form):
        raise SentOtherwiseError
    return found


def _store(session: Session, form: SubmissionForm, person: Person | None) -> Submission:
    if person is None:
        sender = submissions.Sender(form["name"].data, form.email.data, current_language())
    else:
        sender = submissions.Sender(person.name, person.email, person.language, person.account_id)
    return submissions.store(
        session,
        key=form.key.data,
        organisation=form.organisation.data,
        sender=sender,
        typed=typed(form),
        now=clock.now(),
    )


def change_by(session: Session, person: Person, organisation: str, reason: str = "") -> Change:
    """Return who sends something to an organisation: in its name if a member, else in that of the own one."""
    code = organisation if organisation in person.roles else next(iter(person.roles), "")
    own = session.get(Organisation, code) if code else None
    actor = person.signature(own.short_name) if own else (person.name or person.email)[:300]
    return Change(actor, clock.now(), reason, person.account_id)


def stage_of(action: str, form: SubmissionForm, person: Person | None, today: date) -> Stage | None:
    """Return the stage that a button asks for, None if this person may not ask for it."""
    if action not in {"publish", "keep"}:
        return Stage.SUBMITTED
    if person is None or form.organisation.data not in person.deciding:
        return None
    if action == "keep":
        return Stage.DRAFT
    day = form.publish_on.data if "publish_on" in form else None
    return Stage.SCHEDULED if day and day > today else Stage.PUBLISHED


def confirm(session: Session, submission: Submission, form: SubmissionForm) -> None:
    """Make the event of a submission whose sender has confirmed the address; `form` is the valid form as typed."""
    record = replace(record_of_form(form, EventRecord()), stage=Stage.SUBMITTED)
    made = Change(_actor(submission), clock.now())
    submissions.enter(session, submission, record, made, decision_url)


def change_by_sender(session: Session, person: Person | None, submission: Submission, reason: str = "") -> Change:
    """Return who acts for a submission: the person with the account, or the name given with the address."""
    if person is not None and person.account_id == submission.account_id:
        return change_by(session, person, submission.organisation_code, reason)
    return Change(_actor(submission), clock.now(), reason)


def _actor(submission: Submission) -> str:
    """Return how somebody without an account stands in histories: with the address, so never like a member."""
    return f"{submission.name[:200]} <{submission.email}>"[:300].strip()


def asked() -> str:
    """Return which button was pressed; Send, if none says so."""
    return request.form.get("action", "send")
