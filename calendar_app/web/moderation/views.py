"""The queue of an organisation: submissions and proposals, and the decisions on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import differences, duplicates, merging, moderation, proposals, waiting_series
from calendar_app.services.calendar import visible_to
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.field_words import FieldWords
from calendar_app.services.moderation import Decision
from calendar_app.services.records import as_json, record_of
from calendar_app.services.reference import reference
from calendar_app.services.signatures import signed
from calendar_app.web import guards, named_decision
from calendar_app.web.moderation import series
from calendar_app.web.moderation.area import blueprint
from calendar_app.web.moderation.forms import AnswerForm, PublishForm
from calendar_app.web.moderation.lines import clashes_of, likely_in_words
from calendar_app.web.page import words
from calendar_app.web.series import waiting_summary
from calendar_app.web.submit import dates_panel
from calendar_app.web.submit.area import moment_in_words
from calendar_app.web.submit.following import action_in_words
from calendar_app.web.submit.links import submission_url
from calendar_app.web.work.subject import (
    changes_since,
    made_by,
    mark_seen,
    seen_number,
    subject,
    summary,
    title_of,
)

if TYPE_CHECKING:
    import uuid
    from datetime import date
    from typing import TypeAlias

    from flask_wtf import FlaskForm
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import Proposal, Submission
    from calendar_app.services.access import Person
    from calendar_app.services.differences import Difference

    Answer: TypeAlias = Response | tuple[str, int] | str

__all__ = ["blueprint", "series"]

# For so many of the queue, those that wait longest, likely duplicates are looked for before one opens them.
_LOOKED_AT = 25
# What the page says elsewhere.
_LEFT_OUT = ("stage", "last_confirmed_at", "last_confirmed_by")


@blueprint.get("/moderation")
def queue() -> str:
    """Show what waits for a decision of the reader's organisations, the oldest first."""
    someone = guards.coordinator()
    session = db.session()
    waiting = moderation.queue(session, someone.deciding)
    asked = moderation.queue(session, someone.deciding, Stage.CHANGES_REQUESTED)
    # The page of a series says what its dates run into: those of one of them would be taken for those of all.
    looked_at = [item.event for item in waiting[:_LOOKED_AT] if item.count == 1]
    clashes = clashes_of(session, someone, looked_at)
    brought = moderation.brought_by(session, (*waiting, *asked))
    return render_template(
        "moderation/queue.html",
        waiting=[
            _line(item, someone, brought, look=item.event in looked_at) | {"clashes": clashes.get(item.event.id)}
            for item in waiting
        ],
        asked=[_line(item, someone, brought, look=False) for item in asked],
        proposals=[_proposal_line(p, event) for p, event in proposals.open_for(session, someone.deciding)],
    )


def _line(item: moderation.Waiting, someone: Person, brought: dict[uuid.UUID, str], *, look: bool) -> dict[str, Any]:
    """Return a line of the queue; with `look` how many events in the calendar it may be."""
    event, submission = item.event, item.submission
    found = duplicates.likely(db.session(), someone.viewer, record_of(event), exclude=event.id) if look else []
    return waiting_summary(item) | {
        "by": submission.name or submission.email if submission else signed(words(), brought.get(event.id, "")),
        "since": moment_in_words(item.since),
        "waiting": _waited(item.days(clock.now())),
        "steward": words().organisation(event.steward_code, event.steward_code),
        "likely": likely_in_words(found),
        "clashes": None,
    }


def _waited(days: int) -> str:
    return str(ngettext("%(num)d day", "%(num)d days", days)) if days else str(_("since today"))


def _proposal_line(proposal: Proposal, event: Event) -> dict[str, Any]:
    return summary(event) | {
        "item_url": url_for("work.proposal", proposal_id=proposal.id),
        "by": words().organisation(proposal.organisation_code, proposal.organisation_code),
        "since": moment_in_words(proposal.created_at),
        "waiting": _waited((clock.now() - proposal.created_at).days),
        "likely": "",
        "clashes": None,
    }


@blueprint.get("/moderation/<event_id>")
def item(event_id: str) -> Answer:
    """Show one event that waits, with all that helps to decide."""
    someone, event = subject(event_id)
    if event.stage not in moderation.WAITING:
        flash(_("This event does not wait for a decision (any more)."))
        return redirect(url_for("events.event", event_id=event_id), 303)
    return _page(someone, event, {})


def _page(
    someone: Person, event: Event, typed: dict[str, FlaskForm], changes: list[dict[str, Any]] | None = None
) -> str:
    """Return the page; `typed` are forms that were sent and not accepted, `changes` what happened meanwhile."""
    session = db.session()
    state, seen_state = as_json(record_of(event)), moderation.last_seen(session, event)
    states = [state, seen_state or {}]
    fields = FieldWords(words(), differences.names_of_events(session, someone.viewer, states, words().language))
    forms: dict[str, FlaskForm] = {
        "publish": PublishForm(formdata=None, prefix="publish", data={"publish_on": _day_asked_for(event)}),
        "ask": AnswerForm(formdata=None, prefix="ask"),
        "reject": AnswerForm(formdata=None, prefix="reject"),
    } | typed
    for form in forms.values():
        if not form.errors:
            mark_seen(session, form, event)
    submission = moderation.submission_of(session, event)
    if submission is None:
        _address_to_the_history(forms)
    lines: list[Difference] = []
    if seen_state and event.stage == Stage.SUBMITTED:
        lines = differences.differences(seen_state, state | {"stage": seen_state["stage"]}, fields, internal=True)
    return render_template(
        "moderation/item.html",
        dates=dates_panel.panel(record_of(event), event.steward_code, event.id),
        event=summary(event),
        event_id=str(event.id),
        stage=fields.stage(event.stage),
        can_decide=event.stage in moderation.WAITING,
        is_with_sender=event.stage == Stage.CHANGES_REQUESTED,
        described=differences.described(state, fields, internal=True, leave_out=_LEFT_OUT),
        differences=lines,
        is_resubmitted=seen_state is not None and event.stage == Stage.SUBMITTED,
        submission=_sender(submission),
        with_others=waiting_series.count(session, event) if event.stage in moderation.WAITING else 0,
        likely=_likely(session, someone, event),
        forms=forms,
        changes=changes or [],
    )


def _address_to_the_history(forms: dict[str, FlaskForm]) -> None:
    """Let forms for what nobody sent ask for a note instead of words to a sender."""
    forms["publish"].reason.label.text = _("Note for the history, if there is one")
    forms["reject"].reason.label.text = _("Note for the history")


def _day_asked_for(event: Event) -> date | None:
    """Return the day on which the sender wants it to be public, if that is still to come."""
    return event.publish_on if event.publish_on and event.publish_on > clock.today() else None


def _sender(submission: Submission | None) -> dict[str, Any] | None:
    if submission is None:
        return None
    return {
        "name": submission.name,
        "email": submission.email,
        "moment": moment_in_words(submission.confirmed_at or submission.created_at),
        "url": url_for("submit.submission", submission_id=submission.id),
        "letters": [
            {
                "author": letter.author,
                "moment": moment_in_words(letter.at),
                "action": action_in_words(letter.action),
                "text": letter.text,
            }
            for letter in submission.letters
        ],
    }


def _likely(session: Session, someone: Person, event: Event) -> list[dict[str, Any]]:
    """Return the events that this may be, with a way to merge into those that the reader's organisation keeps."""
    found = duplicates.likely(session, someone.viewer, record_of(event), exclude=event.id)
    query = select(Event).where(visible_to(someone.viewer), Event.id.in_([item.event_id for item in found]))
    events = {other.id: other for other in session.scalars(query)} if found else {}
    return [
        summary(events[item.event_id])
        | {
            "reasons": duplicates.in_words(item.reasons, words()),
            "merge_url": url_for("work.merge", event_id=str(event.id), into=str(item.event_id))
            if merging.may_merge(event, events[item.event_id])
            else "",
            "steward": words().organisation(events[item.event_id].steward_code),
        }
        for item in found
        if item.event_id in events
    ]


def _decide(event_id: str, name: str, form: FlaskForm, decision: Decision, done: str) -> Answer:
    """Carry out a decision, unless somebody decided or changed something since the page was opened."""
    someone, event = subject(event_id)
    if not form.validate():
        return _page(someone, event, {name: form}), 422
    try:
        changes = _carry_out(event_id, form, decision)
    except UndecidedError as undecided:
        named_decision.refuse(form, undecided)
        return _page(someone, event, {name: form}), 422
    if changes is None:
        day = form.publish_on.data if "publish_on" in form else None
        flash(done % {"title": title_of(event), "day": words().day(day) if day else ""})
        named_decision.tell(someone, event.id)
        return redirect(url_for("moderation.queue"), 303)
    mark_seen(db.session(), form, event)
    return _page(someone, event, {name: form}, changes), 409


def _carry_out(event_id: str, form: FlaskForm, decision: Decision) -> list[dict[str, Any]] | None:
    """Decide and return None; return what others changed or decided, if they did so since the page was opened.

    Raises `UndecidedError`.
    """
    with transaction() as session:
        someone, event = subject(event_id)
        submission = moderation.submission_of(session, event)
        try:
            moderation.decide(
                session,
                event,
                decision,
                named_decision.by(made_by(session, someone, event, form.reason.data), form),
                reference(),
                seen=seen_number(form),
                link=submission_url(submission) if submission else "",
                publish_on=form.publish_on.data if "publish_on" in form else None,
            )
        except moderation.DecidedError:
            return changes_since(session, form, someone, event)
        named_decision.require(session, someone, form)
    return None


@blueprint.post("/moderation/<event_id>/publish")
def publish(event_id: str) -> Answer:
    """Publish what was sent in, at once or on a date."""
    form = PublishForm(prefix="publish")
    if form.publish_on.data:
        done = _("“%(title)s” will be published on %(day)s.")
        return _decide(event_id, "publish", form, Decision.SCHEDULE, done)
    return _decide(event_id, "publish", form, Decision.PUBLISH, _("“%(title)s” is published."))


@blueprint.post("/moderation/<event_id>/request-changes")
def request_changes(event_id: str) -> Answer:
    """Ask the sender for changes."""
    form = AnswerForm(prefix="ask")
    done = _("The sender of “%(title)s” is asked for changes.")
    return _decide(event_id, "ask", form, Decision.REQUEST_CHANGES, done)


@blueprint.post("/moderation/<event_id>/reject")
def reject(event_id: str) -> Answer:
    """Decide not to publish what was sent in."""
    form = AnswerForm(prefix="reject")
    return _decide(event_id, "reject", form, Decision.REJECT, _("“%(title)s” is rejected."))
