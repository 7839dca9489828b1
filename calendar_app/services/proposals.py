"""Changes that a member proposes to an event of another organisation, which accepts or declines them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, not_, or_, select

from calendar_app.mail.composing import Action, Letter, Paragraph, Quotation
from calendar_app.models import Account, Event, Proposal, Revision
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import deciders, events, outbox, stored_history
from calendar_app.services.access import may_steward
from calendar_app.services.differences import changed_units, fields_of
from calendar_app.services.event_form_lookup import is_within
from calendar_app.services.event_work import WHEN
from calendar_app.services.field_words import FieldWords
from calendar_app.services.record_values import from_json
from calendar_app.services.records import FIELDS, INTERNAL_FIELDS, EventRecord, as_json, in_language, record_of
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.events import Change
    from calendar_app.services.reference import Reference

# What others than the steward may change or propose: what the public sees, never where the record stands.
PUBLIC_FIELDS = (
    frozenset(FIELDS)
    - INTERNAL_FIELDS
    - set("sources steward visibility stage publish_on last_confirmed_at last_confirmed_by".split())
)
OPEN, ACCEPTED, DECLINED, WITHDRAWN = "open", "accepted", "declined", "withdrawn"


class NothingProposedError(Exception):
    """The proposal would change nothing, or nothing of it was accepted."""


class NotOpenError(Exception):
    """Somebody decided on the proposal meanwhile."""


class ChangedError(Exception):
    """The event changed since the person looked at it."""


class CircleError(Exception):
    """The event would be a part of itself or of one of its parts."""


@dataclass(frozen=True, slots=True)
class Line:
    """A field of a proposal: what it was, what is proposed, what it is now; `stale` if it changed meanwhile."""

    name: str
    label: str
    old: str
    new: str
    now: str
    stale: bool


def propose(
    session: Session,
    person: Person,
    event: Event,
    base: EventRecord,
    wanted: EventRecord,
    organisation: str,
    made: Change,
) -> Proposal:
    """Keep what `wanted` has otherwise than `base`, the record that the person saw, in public fields.

    Raises `NothingProposedError`.
    """
    old, new = as_json(base), as_json(wanted)
    units = [unit for unit in changed_units(old, new) if set(fields_of(unit)) <= PUBLIC_FIELDS]
    if not units:
        raise NothingProposedError
    names = [name for unit in units for name in fields_of(unit)]
    proposal = Proposal(
        id=uuid.uuid4(),
        event_id=event.id,
        proposed_by_id=person.account_id,
        organisation_code=organisation,
        before={name: old[name] for name in names},
        after={name: new[name] for name in names},
        reason=made.reason,
        state=OPEN,
        created_at=events.whole_second(made.now),
    )
    session.add(proposal)
    return proposal


def may_read(person: Person, proposal: Proposal, event: Event | None) -> bool:
    """Tell whether this person may read the proposal: its author and their organisation, and who decides on it.

    `event` is None if this person does not see the event any more.
    """
    return (
        proposal.proposed_by_id == person.account_id
        or proposal.organisation_code in person.roles
        or (event is not None and may_steward(person, event))
    )


def may_withdraw(person: Person, proposal: Proposal) -> bool:
    """Tell whether this person may withdraw the proposal."""
    return proposal.state == OPEN and proposal.proposed_by_id == person.account_id


def lines(proposal: Proposal, event: Event | None, fields: FieldWords) -> list[Line]:
    """Return the proposal field by field, beside what the event has now; without an event as if it had not changed."""
    now = as_json(record_of(event)) if event else proposal.before
    result = []
    for unit in changed_units(proposal.before, proposal.after):
        stale = any(now[name] != proposal.before[name] for name in fields_of(unit))
        old, new, present = (fields.value(unit, state) for state in (proposal.before, proposal.after, now))
        result.append(Line(unit, fields.label(unit), old, new, present, stale))
    return result


def open_for(session: Session, organisations: Collection[str]) -> list[tuple[Proposal, Event]]:
    """Return the open proposals on events of these organisations, the oldest first; one query.

    What was given up has nothing to decide on.
    """
    given_up = and_(Event.stage.in_((Stage.REJECTED, Stage.WITHDRAWN)), Event.merged_into_id.is_(None))
    query = (
        select(Proposal, Event)
        .join(Event, Event.id == Proposal.event_id)
        .where(Proposal.state == OPEN, Event.steward_code.in_(organisations), not_(given_up))
        .order_by(Proposal.created_at, Proposal.id)
        .limit(200)
    )
    return list(session.execute(query).tuples())


def of_source(session: Session, source_id: int) -> list[Proposal]:
    """Return the open proposals of a source, the oldest first."""
    query = select(Proposal).where(Proposal.source_id == source_id, Proposal.state == OPEN)
    return list(session.scalars(query.order_by(Proposal.created_at, Proposal.id)))


def accept(
    session: Session,
    proposal: Proposal,
    event: Event,
    units: Collection[str],
    seen: int,
    made: Change,
    reference: Reference,
    link: str,
) -> None:
    """Put the chosen fields of a proposal into the event, of which the person saw the change of number `seen`.

    Raises `NotOpenError`, `ChangedError` if the event changed since, `NothingProposedError`, or `CircleError`.
    """
    if proposal.state != OPEN:
        raise NotOpenError
    if stored_history.last_number(session, event.id) != seen:
        raise ChangedError
    chosen = [unit for unit in changed_units(proposal.before, proposal.after) if unit in units]
    if not chosen:
        raise NothingProposedError
    names = [name for unit in chosen for name in fields_of(unit) if name in proposal.after]
    record = replace(record_of(event), **from_json({name: proposal.after[name] for name in names}))
    if "part_of" in names and record.part_of and is_within(session, record.part_of, event.id):
        raise CircleError
    action = "moved" if set(names) & set(WHEN) else ""
    events.change(session, event, record, replace(made, reason=_reason(proposal, made), action=action), reference)
    _decide(session, proposal, ACCEPTED, made)
    _tell(session, proposal, event, made, link, chosen)


def _reason(proposal: Proposal, made: Change) -> str:
    """Return why the event changes: the proposer's words, then those of who accepted them."""
    return "\n".join(filter(None, (proposal.reason, made.reason)))


def decline(session: Session, proposal: Proposal, event: Event, made: Change, link: str) -> None:
    """Decline a proposal with a sentence. Raises `NotOpenError`."""
    if proposal.state != OPEN:
        raise NotOpenError
    _decide(session, proposal, DECLINED, made)
    _tell(session, proposal, event, made, link, [])


def close(session: Session, event: Event, made: Change, link: Callable[[Proposal], str]) -> None:
    """Decline what is proposed for an event that leaves the calendar, and for records merged into it; tell everyone.

    Why it leaves is the steward's own: the proposers read nothing of it.
    """
    query = select(Proposal).join(Event, Event.id == Proposal.event_id).where(Proposal.state == OPEN)
    made = replace(made, reason="")
    for proposal in session.scalars(query.where(or_(Event.id == event.id, Event.merged_into_id == event.id))).all():
        _decide(session, proposal, DECLINED, made)
        _tell(session, proposal, event, made, link(proposal), [])


def withdraw(proposal: Proposal, made: Change) -> None:
    """Withdraw one's own proposal. Raises `NotOpenError`."""
    if proposal.state != OPEN:
        raise NotOpenError
    proposal.state = WITHDRAWN
    proposal.decided_at, proposal.decided_by = events.whole_second(made.now), made.actor


def _decide(session: Session, proposal: Proposal, state: str, made: Change) -> None:
    proposal.state = state
    proposal.decided_at, proposal.decided_by = events.whole_second(made.now), made.actor
    proposal.decision = made.reason
    session.flush()


def _titles_then(session: Session, proposal: Proposal, event: Event) -> dict[str, str]:
    """Return the titles that the proposer knew: what the event is called now may be hidden from them."""
    query = select(Revision.before).where(Revision.event_id == event.id, Revision.at > proposal.created_at)
    for before in session.scalars(query.order_by(Revision.id)):
        if "titles" in before:
            return dict(before["titles"])
    return event.titles


def _tell(
    session: Session,
    proposal: Proposal,
    event: Event,
    made: Change,
    link: str,
    accepted: list[str],
) -> None:
    """Tell the proposer what became of the proposal, in their language, unless the account was closed.

    `accepted` are the names of the fields that were taken over. A source, which proposes too, reads no letters.
    """
    account = session.get(Account, proposal.proposed_by_id) if proposal.proposed_by_id else None
    if account is None or not account.active:
        return
    words = Words(account.language)
    fields = FieldWords(words)
    values: dict[str, Any] = {
        "title": words.isolated(in_language(_titles_then(session, proposal, event), account.language)[0]),
        "actor": words.isolated(made.actor),
        "fields": words.listed(fields.label(unit) for unit in accepted),
    }
    if accepted:
        subject = words.gettext("Your change was accepted: %(title)s")
        sentence = words.gettext("%(actor)s has taken over what you proposed for “%(title)s”: %(fields)s.")
    elif not made.reason:
        subject = words.gettext("Your change is no longer needed: %(title)s")
        sentence = words.gettext(
            "%(actor)s has taken “%(title)s” out of the calendar. What you proposed for it was not taken over."
        )
    else:
        subject = words.gettext("Your change was declined: %(title)s")
        sentence = words.gettext("%(actor)s has declined what you proposed for “%(title)s”:")
    quotation = (Quotation(made.reason),) if made.reason else ()
    letter = Letter(
        subject % values,
        (Paragraph(sentence % values), *quotation, Action(words.gettext("Open the proposal"), link)),
    )
    recipient = outbox.Recipient(account.email, account.name, account.language)
    outbox.queue(session, recipient, letter, made.now, key=f"proposal/{proposal.id}/{proposal.state}")


def tell_steward(session: Session, proposal: Proposal, event: Event, made: Change, link: str) -> None:
    """Tell those who decide for the steward that a change is proposed, each in their language."""
    for account in deciders.accounts_of(session, event.steward_code):
        words = Words(account.language)
        title = in_language(event.titles, account.language)[0]
        values = {"title": words.isolated(title), "author": words.isolated(made.actor)}
        letter = Letter(
            words.gettext("A change is proposed: %(title)s") % {"title": title},
            (
                Paragraph(words.gettext("%(author)s proposes a change of “%(title)s”, which you keep:") % values),
                Quotation(proposal.reason),
                Action(words.gettext("Look at the proposal"), link),
            ),
        )
        recipient = outbox.Recipient(account.email, account.name, account.language)
        outbox.queue(
            session, recipient, letter, made.now, key=f"proposal/{proposal.id}/arrived/{account.id}", about_work=True
        )
