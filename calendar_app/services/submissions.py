"""What is sent in for a member organisation to decide on, from the form to its decision.

Without an account a submission waits, as typed, until the sender has confirmed the address; then it becomes an event.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from calendar_app.mail.composing import Action, Letter, Paragraph, Quotation
from calendar_app.models import Event, Organisation, Submission, SubmissionLetter
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import deciders, events, outbox
from calendar_app.services.records import EventRecord, in_language, record_of
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

UNCONFIRMED, MERGED = "unconfirmed", "merged"
# Stages in which the sender may still change or withdraw what was sent.
OPEN = frozenset({Stage.SUBMITTED, Stage.CHANGES_REQUESTED})
_PUBLISHING = frozenset({Stage.PUBLISHED, Stage.SCHEDULED})
_MOST_LISTED = 200
# What strangers enter is kept this long for them to confirm.
KEPT_UNCONFIRMED = timedelta(days=90)


class NotOpenError(Exception):
    """The submission was decided on meanwhile; `state` says how."""

    def __init__(self, state: str) -> None:
        """Keep the state."""
        super().__init__(state)
        self.state = state


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends something in; `account_id` is None for somebody without an account."""

    name: str
    email: str
    language: str
    account_id: int | None = None


def organisations(session: Session) -> list[Organisation]:
    """Return the member organisations, which decide on what is sent to them."""
    query = select(Organisation).where(Organisation.member).order_by(Organisation.short_name)
    return list(session.scalars(query))


def find_by_key(session: Session, key: str) -> Submission | None:
    """Return the submission of a form that was sent before."""
    return session.scalar(select(Submission).where(Submission.key == key))


def of_account(session: Session, account_id: int) -> list[tuple[Submission, Event | None]]:
    """Return what a person has sent in, latest first, each with its event."""
    query = (
        select(Submission, Event)
        .outerjoin(Event, Event.id == Submission.event_id)
        .where(Submission.account_id == account_id)
        .order_by(Submission.created_at.desc(), Submission.id)
    )
    return [(submission, event) for submission, event in session.execute(query.limit(_MOST_LISTED)).tuples()]


def state_of(submission: Submission, event: Event | None) -> str:
    """Return where a submission stands: unconfirmed, merged, or the stage of its event."""
    if submission.confirmed_at is None or event is None:
        return UNCONFIRMED
    return MERGED if event.merged_into_id else event.stage


def store(
    session: Session,
    *,
    key: str,
    organisation: str,
    sender: Sender,
    typed: Mapping[str, Sequence[str]],
    now: datetime,
) -> Submission:
    """Add what was typed; what nobody ever confirmed goes. Raises IntegrityError if the key was stored meanwhile."""
    forgotten = (Submission.confirmed_at.is_(None), Submission.created_at < now - KEPT_UNCONFIRMED)
    session.execute(delete(Submission).where(*forgotten))
    submission = Submission(
        id=uuid.uuid4(),
        key=key,
        organisation_code=organisation,
        account_id=sender.account_id,
        name=sender.name,
        email=sender.email,
        language=sender.language,
        form={name: list(values) for name, values in typed.items()},
        created_at=now,
    )
    session.add(submission)
    session.flush()
    return submission


def ask_to_confirm(session: Session, submission: Submission, link: str, now: datetime) -> None:
    """Write to somebody without an account: only who reads the mail of the address can send the event on.

    Nothing of the event is in it: a stranger could otherwise have us send words of their own to anybody.
    """
    words = Words(submission.language)
    name = _short_name(session, submission.organisation_code)
    letter = Letter(
        words.gettext("Please confirm your event"),
        (
            Paragraph(
                words.gettext(
                    "Somebody, probably you, has entered an event for %(organisation)s and given this address."
                )
                % {"organisation": name}
            ),
            Paragraph(
                words.gettext(
                    "Open this page, look at the event and press “Send to %(organisation)s”. Until then nobody else"
                    " sees it."
                )
                % {"organisation": name}
            ),
            Action(words.gettext("Look at the event and send it"), link),
            Paragraph(
                words.gettext(
                    "Keep this letter: the same page shows later what was decided. If you did not enter the event, you"
                    " need not do anything: it is forgotten after 90 days."
                )
            ),
        ),
    )
    recipient = outbox.Recipient(submission.email, submission.name, submission.language)
    outbox.queue(session, recipient, letter, now, key=f"submission/{submission.id}/confirm")


def enter(
    session: Session,
    submission: Submission,
    record: EventRecord,
    made: events.Change,
    event_link: Callable[[uuid.UUID], str],
) -> Event:
    """Make the event of a submission, in the stage of `record`, and tell those who decide if it waits for them.

    `event_link` gives the full address of the page where the event with this id is decided on.
    """
    record = replace(record, steward=submission.organisation_code)
    waits = record.stage == Stage.SUBMITTED
    made = replace(made, action="submitted") if waits else made
    event = events.create(session, uuid.uuid4(), record, made, reference())
    session.flush()
    submission.event_id = event.id
    submission.confirmed_at = made.now
    add_letter(submission, made, "published" if record.stage in _PUBLISHING else "submitted")
    if waits:
        _tell_deciders(session, submission, event, made, event_link(event.id), "arrived")
    session.flush()
    return event


def resubmit(
    session: Session,
    submission: Submission,
    event: Event,
    record: EventRecord,
    made: events.Change,
    link: str,
) -> None:
    """Change the event of a submission that is still open and put it before the secretariat again.

    `made.reason` is the sender's answer, possibly "". Raises `NotOpenError`.
    """
    state = state_of(submission, event)
    if state not in OPEN:
        raise NotOpenError(state)
    record = replace(record, stage=Stage.SUBMITTED, steward=event.steward_code)
    changed = events.change(session, event, record, replace(made, action="resubmitted"), reference())
    if not changed and not made.reason:
        return
    letter = add_letter(submission, made, "resubmitted")
    session.flush()
    _tell_deciders(session, submission, event, made, link, f"resubmitted/{letter.id}")


def withdraw(session: Session, submission: Submission, event: Event, made: events.Change, link: str) -> None:
    """Take back a submission that is still open, and tell those for whom it waited. Raises `NotOpenError`."""
    state = state_of(submission, event)
    if state not in OPEN:
        raise NotOpenError(state)
    record = replace(record_of(event), stage=Stage.WITHDRAWN)
    events.change(session, event, record, made, reference())
    add_letter(submission, made, "withdrawn")
    session.flush()
    if state == Stage.SUBMITTED:
        _tell_deciders(session, submission, event, made, link, "withdrawn")


def add_letter(submission: Submission, made: events.Change, action: str) -> SubmissionLetter:
    """Add to the thread of a submission what was done, by whom, and with which words."""
    letter = SubmissionLetter(at=made.now, author=made.actor, action=action, text=made.reason)
    submission.letters.append(letter)
    return letter


def _tell_deciders(
    session: Session, submission: Submission, event: Event, made: events.Change, link: str, what: str
) -> None:
    accounts = deciders.accounts_of(session, event.steward_code)
    if not accounts and event.stage == Stage.SUBMITTED:
        _ask_for_deciders(session, submission, event, made, what)
    for account in accounts:
        if account.id == made.account_id:
            continue
        letter = _news(submission, event, made, link, Words(account.language))
        recipient = outbox.Recipient(account.email, account.name, account.language)
        key = f"submission/{submission.id}/{what}/{account.id}"
        outbox.queue(session, recipient, letter, made.now, key=key, about_work=True)


def _ask_for_deciders(session: Session, submission: Submission, event: Event, made: events.Change, what: str) -> None:
    """Write to the system administrators that an event waits and nobody can decide on it.

    Nothing of the event is in it: they have no right over events.
    """
    name = _short_name(session, event.steward_code)
    for account in deciders.system_administrators(session):
        words = Words(account.language)
        values = {"organisation": words.isolated(words.gettext(name))}
        letter = Letter(
            words.gettext("Nobody decides for %(organisation)s") % {"organisation": words.gettext(name)},
            (
                Paragraph(
                    words.gettext("An event waits for %(organisation)s, but nobody there can decide on it.") % values
                ),
                Paragraph(
                    words.gettext(
                        "Please open “Organisations” in the calendar, then “Members of %(organisation)s”, and invite an"
                        " administrator."
                    )
                    % values
                ),
            ),
        )
        recipient = outbox.Recipient(account.email, account.name, account.language)
        outbox.queue(session, recipient, letter, made.now, key=f"submission/{submission.id}/{what}/{account.id}")


def _news(submission: Submission, event: Event, made: events.Change, link: str, words: Words) -> Letter:
    """Write what the sender did last: sent, changed or withdrew the event."""
    title = in_language(event.titles, words.language)[0]
    values = {"title": title, "name": submission.name or submission.email}
    button = words.gettext("Look at the event and decide")
    if event.stage == Stage.WITHDRAWN:
        subject = words.gettext("Withdrawn by its sender: %(title)s") % values
        sentence = words.gettext("%(name)s has withdrawn an event that waited for your decision.") % values
        button = words.gettext("Open the event's page")
    elif len(submission.letters) > 1:
        subject = words.gettext("Changed by its sender: %(title)s") % values
        sentence = words.gettext("%(name)s has changed an event that waits for your decision.") % values
    else:
        subject = words.gettext("To decide on: %(title)s") % values
        sentence = words.gettext("%(name)s has sent an event that waits for your decision.") % values
    blocks: list[Any] = [Paragraph(sentence), Quotation(title)]
    if made.reason:
        blocks += [Paragraph(words.gettext("What the sender says:")), Quotation(made.reason)]
    return Letter(subject, (*blocks, Action(button, link)))


def _short_name(session: Session, code: str) -> str:
    organisation = session.get(Organisation, code)
    return organisation.short_name if organisation else code
