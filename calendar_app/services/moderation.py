"""Deciding on what was sent in: the queue of an organisation, the decision, and the letter that tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, select

from calendar_app.mail.composing import Action, Letter, Paragraph, Quotation
from calendar_app.models import Event, Revision, Submission
from calendar_app.planning.dates import ONE_DAY
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import event_work, events, outbox, stored_history, submissions, waiting_series
from calendar_app.services.field_words import FieldWords
from calendar_app.services.records import in_language
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.events import Change
    from calendar_app.services.reference import Reference

_MOST = 200
# Stages at which the organisation decides; while its sender has it for changes, too.
WAITING = frozenset({Stage.SUBMITTED, Stage.CHANGES_REQUESTED})

# What the thread of letters tells besides the decisions.
UNDONE, _MERGED = "undone", "merged"
_MERGED_BEFORE_PUBLICATION = "merged-before-publication"


class DecidedError(Exception):
    """Somebody decided on it, or it changed, since the person looked at it."""


class Decision(StrEnum):
    """What a coordinator can answer; as in the thread of letters."""

    PUBLISH = "published"
    SCHEDULE = "scheduled"
    REQUEST_CHANGES = "changes-requested"
    REJECT = "rejected"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that was sent in. `since` is when it began to wait; `submission` is None for what was imported.

    The dates of a series that came in by one source wait together: `event` is the first of them, `count` says how many
    they are, `first` and `last` are their days.
    """

    event: Event
    submission: Submission | None
    since: datetime
    count: int = 1
    first: date | None = None
    last: date | None = None

    def days(self, now: datetime) -> int:
        """Return for how many days it has waited."""
        return max(0, (now - self.since).days)


def queue(session: Session, organisations: Collection[str], stage: Stage = Stage.SUBMITTED) -> list[Waiting]:
    """Return what waits at a stage for a decision of these organisations; one query.

    What has waited longest comes first, and of what began to wait at one moment what takes place first.
    """
    columns = (Event.id, Event.series, Event.steward_code, Event.start, Event.end, Event.status_since)
    one = (
        select(*columns, waiting_series.source_of_series().label("source"))
        .where(Event.stage == stage, Event.merged_into_id.is_(None), Event.steward_code.in_(organisations))
        .subquery()
    ).c
    # Whatever is no date of a series stands alone.
    alone = case((one.source.is_(None), one.id))
    series = case((one.source.is_not(None), one.series))
    together = (alone, one.source, series, one.steward_code)
    entry = select(
        one.id,
        func.row_number().over(partition_by=together, order_by=(one.start, one.id)).label("number"),
        func.count(one.id).over(partition_by=together).label("count"),
        func.min(one.start).over(partition_by=together).label("first"),
        func.max(one.end).over(partition_by=together).label("end"),
        func.min(one.status_since).over(partition_by=together).label("since"),
    ).subquery()
    query = (
        select(Event, Submission, entry.c.since, entry.c.count, entry.c.first, entry.c.end)
        .join(entry, and_(entry.c.id == Event.id, entry.c.number == 1))
        .outerjoin(Submission, Submission.event_id == Event.id)
        .order_by(entry.c.since, Event.start.is_(None), Event.start, Event.id)
        .limit(_MOST)
    )
    return [
        Waiting(event, submission, since, count, first, end - ONE_DAY if end else None)
        for event, submission, since, count, first, end in session.execute(query).tuples()
    ]


def brought_by(session: Session, waiting: Collection[Waiting]) -> dict[uuid.UUID, str]:
    """Return who or what brought in the events that nobody sent: a source, a sheet of the round, a file; one query."""
    ids = [item.event.id for item in waiting if item.submission is None]
    if not ids:
        return {}
    first = select(func.min(Revision.id)).where(Revision.event_id.in_(ids)).group_by(Revision.event_id)
    found = session.execute(select(Revision.event_id, Revision.actor).where(Revision.id.in_(first))).tuples()
    return dict(found.all())


def taken_back(session: Session, event: Event) -> bool:
    """Tell whether its sender withdrew it: to publish it all the same it has to be talked about first."""
    if event.stage != Stage.WITHDRAWN:
        return False
    submission = submission_of(session, event)
    return bool(submission and submission.letters and submission.letters[-1].action == Stage.WITHDRAWN)


def submission_of(session: Session, event: Event) -> Submission | None:
    """Return the submission by which an event came in."""
    return session.scalar(select(Submission).where(Submission.event_id == event.id))


def last_seen(session: Session, event: Event) -> dict[str, Any] | None:
    """Return the record, as JSON, as it was when changes were last asked for; None if they never were."""
    query = select(Revision).where(Revision.event_id == event.id).order_by(Revision.id.desc())
    for revision in session.scalars(query):
        if revision.after.get("stage") == Stage.CHANGES_REQUESTED:
            return stored_history.state_at(session, event, revision.id)
    return None


def decide(
    session: Session,
    event: Event,
    decision: Decision,
    made: Change,
    reference: Reference,
    *,
    seen: int,
    link: str = "",
    publish_on: date | None = None,
) -> None:
    """Decide on a submitted event; `made.reason` is the sentence to the submitter, `link` the way to the submission.

    `seen` is the number of the last change that the person saw. Raises `DecidedError` if there was one since.
    """
    if event.stage not in WAITING or stored_history.last_number(session, event.id) != seen:
        raise DecidedError
    _carry_out(session, event, decision, made, reference, publish_on)
    tell_submitter(session, event, str(decision), made, link, publish_on)


def decide_each(
    session: Session, dates: Iterable[Event], decision: Decision, made: Change, reference: Reference
) -> None:
    """Decide alike on dates of a series, which a source has brought in: nobody sent them who would get a letter."""
    for event in dates:
        _carry_out(session, event, decision, made, reference)


def _carry_out(
    session: Session,
    event: Event,
    decision: Decision,
    made: Change,
    reference: Reference,
    publish_on: date | None = None,
) -> None:
    if decision in {Decision.PUBLISH, Decision.SCHEDULE}:
        event_work.publish(session, event, publish_on if decision is Decision.SCHEDULE else None, made, reference)
    else:
        stage = Stage.CHANGES_REQUESTED if decision is Decision.REQUEST_CHANGES else Stage.REJECTED
        event_work.set_stage(session, event, stage, made, reference)


def tell_submitter(
    session: Session, event: Event, action: str, made: Change, link: str, publish_on: date | None = None
) -> None:
    """Write into the thread of a submission, if the event came by one, and to the submitter, in their language.

    Nobody gets a letter about what they did themselves.
    """
    submission = submission_of(session, event)
    if submission is None:
        return
    # In the thread a date of publication is a publication; the event's stage says the rest.
    told = "published" if action == Decision.SCHEDULE else action
    note = submissions.add_letter(submission, made, told)
    session.flush()
    if made.account_id is not None and submission.account_id == made.account_id:
        return
    words = Words(submission.language)
    title = in_language(event.titles, submission.language)[0]
    winner = session.get(Event, event.merged_into_id) if event.merged_into_id else None
    if action == _MERGED and winner and not events.is_public(winner):
        action = _MERGED_BEFORE_PUBLICATION
    values = {"day": words.day(publish_on) if publish_on else "", "stage": FieldWords(words).stage(event.stage)}
    subject, sentence, next_step = _texts(action, words)
    quotation = (Quotation(made.reason),) if made.reason else ()
    letter = Letter(
        subject % {"title": title},
        (
            Paragraph(sentence % {"title": words.isolated(title), "actor": words.isolated(made.actor)}),
            *quotation,
            Paragraph(next_step % values),
            Action(words.gettext("Open your submission"), link),
        ),
    )
    recipient = outbox.Recipient(submission.email, submission.name, submission.language)
    outbox.queue(session, recipient, letter, made.now, key=f"submission/{submission.id}/letter/{note.id}")


def _texts(action: str, words: Words) -> tuple[str, str, str]:
    """Return subject, sentence and what to do next, with places for the title, who decided, the day and the stage."""
    texts = {
        Decision.PUBLISH: (
            words.gettext("Published: %(title)s"),
            words.gettext("%(actor)s has published “%(title)s” in the joint meeting calendar."),
            words.gettext("You have nothing more to do. You can look at it here:"),
        ),
        Decision.SCHEDULE: (
            words.gettext("Accepted: %(title)s"),
            words.gettext("%(actor)s has accepted “%(title)s” for the joint meeting calendar."),
            words.gettext("It will be published on %(day)s. You can look at it here:"),
        ),
        Decision.REQUEST_CHANGES: (
            words.gettext("Please change: %(title)s"),
            words.gettext("%(actor)s asks you to change “%(title)s” before it can be published:"),
            words.gettext("Please open your submission, change it, and send it again:"),
        ),
        Decision.REJECT: (
            words.gettext("Not published: %(title)s"),
            words.gettext("%(actor)s has decided not to publish “%(title)s” in the joint meeting calendar:"),
            words.gettext("You can read your submission here:"),
        ),
        _MERGED: (
            words.gettext("Already in the calendar: %(title)s"),
            words.gettext(
                "“%(title)s” is in the joint meeting calendar already. %(actor)s has joined the two records."
            ),
            words.gettext("You have nothing more to do. You can look at it here:"),
        ),
        _MERGED_BEFORE_PUBLICATION: (
            words.gettext("Joined with another record: %(title)s"),
            words.gettext(
                "“%(title)s” was known already. %(actor)s has joined the two records. The event is not public so far."
            ),
            words.gettext("You have nothing more to do. You can look at it here:"),
        ),
        UNDONE: (
            words.gettext("Decision undone: %(title)s"),
            words.gettext("%(actor)s has undone the last decision on “%(title)s”."),
            words.gettext("Where it stands now: %(stage)s. You can look at it here:"),
        ),
    }
    return texts[action]
