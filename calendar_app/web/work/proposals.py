"""Proposing a change to another organisation's event, and answering such a proposal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import db, transaction
from calendar_app.models import Account, Organisation, Proposal, Source
from calendar_app.services import calendar, differences, editing, proposals
from calendar_app.services.access import may_propose, may_steward, person_of
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.field_words import FieldWords
from calendar_app.services.records import as_json, record_of
from calendar_app.services.reference import reference
from calendar_app.web import guards, named_decision
from calendar_app.web.page import public_url, words
from calendar_app.web.submit import choices, meanwhile
from calendar_app.web.submit.area import moment_in_words
from calendar_app.web.submit.form_record import record_of_form
from calendar_app.web.submit.sending import change_by
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.forms import ProposeForm, ReasonForm, RemarkForm
from calendar_app.web.work.subject import made_by, mark_seen, seen_number, subject, summary

if TYPE_CHECKING:
    import uuid
    from typing import TypeAlias

    from flask_wtf import FlaskForm
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import Event
    from calendar_app.services.access import Person

    Answer: TypeAlias = Response | tuple[str, int]


def proposable_event(event_id: str) -> tuple[Person, Event]:
    """Return who is signed in and the event of this id, to which they may propose a change; 403 if not."""
    someone, event = guards.seen_event(event_id)
    if not may_propose(someone, event):
        abort(403)
    return someone, event


@blueprint.route("/events/<event_id>/propose", methods=["GET", "POST"])
def propose(event_id: str) -> Answer:
    """Propose a change; the organisation that keeps the event decides."""
    someone, event = subject(event_id, proposable_event)
    reading = db.session()
    number = meanwhile.seen_number(reading, event)
    base = editing.base_for_proposal(reading, someone, event, number)
    form = ProposeForm(person=someone, base=base, event_id=event.id)
    form.seen.data, form.seen.raw_data = str(number), None
    if form.validate_on_submit():
        with transaction() as session:
            someone, event = subject(event_id, proposable_event)
            code = _proposing_for(someone)
            made = change_by(session, someone, code, form.reason.data)
            try:
                wanted = record_of_form(form, base)
                proposal = proposals.propose(session, someone, event, base, wanted, code, made)
            except proposals.NothingProposedError:
                form.reason.errors = [_("Nothing is different from how the event is now. Change a field above.")]
            else:
                session.flush()
                proposals.tell_steward(session, proposal, event, made, proposal_url(proposal))
                flash(_("Your proposal is sent. You get a letter when it is answered."))
                return redirect(url_for("work.proposal", proposal_id=proposal.id), 303)
    html = render_template(
        "work/propose.html", form=form, event=summary(event), suggestions=choices.suggestions(words())
    )
    return html, 422 if form.errors else 200


def _proposing_for(someone: Person) -> str:
    """Return the organisation for which a person proposes: one for which they decide, if there is one."""
    return next(iter(sorted(someone.deciding)), "") or next(iter(sorted(someone.roles)))


def proposal_url(proposal: Proposal) -> str:
    """Return the full address of a proposal, for letters."""
    return public_url(url_for("work.proposal", proposal_id=proposal.id))


def _found(proposal_id: uuid.UUID) -> tuple[Person, Event | None, Proposal]:
    """Return who is signed in, the proposal and its event as it is now; 404 for who may not read it.

    The event is None for who proposed a change and does not see the event any more.
    """
    someone = guards.signed_in()
    session = db.session()
    proposal = session.get(Proposal, proposal_id)
    event = calendar.find_event(session, someone.viewer, str(proposal.event_id)) if proposal else None
    if proposal is None or not proposals.may_read(someone, proposal, event):
        abort(404)
    return someone, event, proposal


def _decided_on(proposal_id: uuid.UUID) -> tuple[Person, Event, Proposal]:
    """Return the same for who decides on it; 403 for others."""
    someone, event, proposal = _found(proposal_id)
    if event is None or not may_steward(someone, event):
        abort(403)
    return someone, event, proposal


@blueprint.get("/proposals/<uuid:proposal_id>")
def proposal(proposal_id: uuid.UUID) -> str:
    """Show a proposal beside what the event says now."""
    someone, event, found = _found(proposal_id)
    return _page(someone, event, found, RemarkForm(), ReasonForm())


def _page(
    someone: Person,
    event: Event | None,
    found: Proposal,
    accepting: FlaskForm,
    declining: FlaskForm,
    message: str = "",
    clash: dict[str, Any] | None = None,
) -> str:
    """Return the page; `message` says why what was sent was not done, `clash` what it takes a decision on."""
    session = db.session()
    states = [found.before, found.after, *([as_json(record_of(event))] if event else [])]
    names = differences.names_of_events(session, someone.viewer, states, words().language)
    lines = proposals.lines(found, event, FieldWords(words(), names))
    states_in_words = {
        proposals.OPEN: _("Waits for an answer"),
        proposals.ACCEPTED: _("Accepted"),
        proposals.DECLINED: _("Declined"),
        proposals.WITHDRAWN: _("Withdrawn"),
    }
    if event:
        mark_seen(session, accepting, event)
    return render_template(
        "work/proposal.html",
        event=summary(event) if event else None,
        lines=lines,
        ticked=request.form.getlist("field")
        if request.endpoint == "work.accept"
        else [line.name for line in lines if not line.stale],
        message=message,
        clash=clash,
        typed=request.form.get("reason", "") if message else "",
        proposal={
            "id": found.id,
            "author": words().isolated(_author(session, found)),
            "moment": moment_in_words(found.created_at),
            "reason": found.reason,
            "state": states_in_words[found.state],
            "decided_by": found.decided_by,
            "decided": moment_in_words(found.decided_at) if found.decided_at else "",
            "decision": found.decision,
        },
        can_decide=found.state == proposals.OPEN and event is not None and may_steward(someone, event),
        can_withdraw=proposals.may_withdraw(someone, found),
        accepting=accepting,
        declining=declining,
    )


def _author(session: Session, found: Proposal) -> str:
    """Return who proposed it: a person, or a source."""
    organisation = words().gettext(session.get_one(Organisation, found.organisation_code).short_name)
    if found.proposed_by_id:
        return person_of(session.get_one(Account, found.proposed_by_id)).signature(organisation)
    source = session.get(Source, found.source_id) if found.source_id else None
    name = _("source %(name)s", name=source.name) if source else _("a source")
    return f"{name} ({organisation})"


@blueprint.post("/proposals/<uuid:proposal_id>/accept")
def accept(proposal_id: uuid.UUID) -> Answer:
    """Put the ticked fields of a proposal into the event."""
    someone, event, found = _decided_on(proposal_id)
    form = RemarkForm()
    if not form.validate():
        return _page(someone, event, found, form, ReasonForm(formdata=None)), 422
    ticked = request.form.getlist("field")
    try:
        with transaction() as session:
            someone, event, found = _decided_on(proposal_id)
            made = named_decision.by(made_by(session, someone, event, form.reason.data), form)
            proposals.accept(session, found, event, ticked, seen_number(form), made, reference(), proposal_url(found))
            named_decision.require(session, someone, form)
    except proposals.NotOpenError:
        message = _already()
    except proposals.ChangedError:
        message = _("The event changed meanwhile. Please compare again, then accept.")
    except proposals.NothingProposedError:
        message = _("Tick at least one field to take over, or decline the proposal.")
    except proposals.CircleError:
        message = _("An event cannot be part of itself or of one of its parts.")
    except UndecidedError as undecided:
        clash = named_decision.refuse(form, undecided)
        return _page(*_decided_on(proposal_id), form, ReasonForm(formdata=None), clash=clash), 422
    else:
        flash(_("The ticked fields are taken over."))
        named_decision.tell(someone, event.id)
        return redirect(url_for("work.proposal", proposal_id=proposal_id), 303)
    return _page(*_decided_on(proposal_id), form, ReasonForm(formdata=None), message), 409


def _already() -> str:
    text: str = _("This proposal was answered or withdrawn meanwhile. Nothing was changed.")
    return text


@blueprint.post("/proposals/<uuid:proposal_id>/decline")
def decline(proposal_id: uuid.UUID) -> Answer:
    """Decline a proposal with a sentence."""
    someone, event, found = _decided_on(proposal_id)
    form = ReasonForm()
    if not form.validate():
        return _page(someone, event, found, RemarkForm(formdata=None), form), 422
    with transaction() as session:
        someone, event, found = _decided_on(proposal_id)
        made = made_by(session, someone, event, form.reason.data)
        try:
            proposals.decline(session, found, event, made, proposal_url(found))
        except proposals.NotOpenError:
            return _page(someone, event, found, RemarkForm(formdata=None), form, _already()), 409
        flash(_("The proposal is declined."))
    return redirect(url_for("work.proposal", proposal_id=proposal_id), 303)


@blueprint.post("/proposals/<uuid:proposal_id>/withdraw")
def withdraw_proposal(proposal_id: uuid.UUID) -> Answer:
    """Withdraw one's own proposal."""
    with transaction() as session:
        someone, _event, found = _found(proposal_id)
        if found.proposed_by_id != someone.account_id:
            abort(403)
        try:
            proposals.withdraw(found, change_by(session, someone, found.organisation_code))
            flash(_("Your proposal is withdrawn."))
        except proposals.NotOpenError:
            flash(_already())
    return redirect(url_for("work.proposal", proposal_id=proposal_id), 303)
