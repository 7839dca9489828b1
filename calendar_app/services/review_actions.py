"""Actions: decisions of a review that somebody has to carry out, by a day; each is carried over until it is ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from calendar_app.mail.composing import Action, Block, Letter, Listing, Paragraph
from calendar_app.models import Account, Event, ReviewDecision, StoredFinding
from calendar_app.planning.dates import ONE_DAY
from calendar_app.services import audit, owners
from calendar_app.services.calendar import A_MEMBER, visible_to
from calendar_app.services.events import whole_second
from calendar_app.services.finding_board import visible_findings
from calendar_app.services.outbox import queue, spoken
from calendar_app.services.owners import Owner, owner_of, set_owner
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.mail_links import MailLinks
    from calendar_app.services.outbox import Recipient

NOTED, OPEN, DONE, DROPPED = "noted", "open", "done", "dropped"
ENDED = (DONE, DROPPED)
# How long before an action is due its owner is reminded.
NOTICE = 3 * ONE_DAY


_ORDER: tuple[Any, ...] = (ReviewDecision.due_on.is_(None), ReviewDecision.due_on, ReviewDecision.id)


class StaleError(Exception):
    """Somebody else changed it since it was shown."""


# ---------- Which there are ----------


def open_actions(session: Session, *, organisation: str | None = None) -> list[ReviewDecision]:
    """Return all actions that are not ended, those due first before others, those without a day last."""
    query = select(ReviewDecision).where(ReviewDecision.state == OPEN)
    if organisation is not None:
        query = query.where(ReviewDecision.owner_organisation == organisation)
    return list(session.scalars(query.order_by(*_ORDER)))


def of_person(session: Session, person: Person) -> list[ReviewDecision]:
    """Return the open actions of a person's organisations, and those that name the person's address."""
    own = or_(
        ReviewDecision.owner_organisation.in_(person.roles),
        func.lower(ReviewDecision.owner_email) == person.email.casefold(),
    )
    return list(session.scalars(select(ReviewDecision).where(ReviewDecision.state == OPEN, own).order_by(*_ORDER)))


def carried_over(session: Session, month: date, since: datetime) -> list[ReviewDecision]:
    """Return the actions of earlier reviews that are open, or were ended since the last review; in the same order."""
    ended = and_(ReviewDecision.state.in_(ENDED), ReviewDecision.ended_at > since)
    query = select(ReviewDecision).where(ReviewDecision.month < month, or_(ReviewDecision.state == OPEN, ended))
    return list(session.scalars(query.order_by(*_ORDER)))


def subjects_of(session: Session, decisions: Iterable[ReviewDecision]) -> dict[int, str]:
    """Return by id what each decision is about, "" where members see it no longer; two queries."""
    about = list(decisions)
    events = {d.event_id for d in about if d.event_id}
    findings = {d.finding_id for d in about if d.finding_id}
    seen: set[uuid.UUID] = set()
    if events:
        seen |= set(session.scalars(select(Event.id).where(Event.id.in_(events), visible_to(A_MEMBER))))
    if findings:
        shown = visible_findings(A_MEMBER)
        seen |= set(session.scalars(select(StoredFinding.id).where(StoredFinding.id.in_(findings), shown)))
    return {d.id: d.subject if {d.event_id, d.finding_id} - {None} <= seen else "" for d in about}


def is_late(action: ReviewDecision, today: date) -> bool:
    """Tell whether an action should have been done before today."""
    return action.state == OPEN and action.due_on is not None and action.due_on < today


def state_of(owner: Owner, due_on: date | None) -> str:
    """Return the state of what is decided: with an owner or a due date it is an action."""
    return OPEN if owner or due_on else NOTED


# ---------- Ending ----------


def end(action: ReviewDecision, state: str, outcome: str, signature: str, now: datetime, *, seen: int) -> None:
    """Note that an action is done, or dropped, and with which outcome; `seen` is the version that was shown.

    Raises `StaleError` if somebody else changed or ended it since.
    """
    if action.state != OPEN or action.version != seen:
        raise StaleError
    action.state, action.outcome = state, outcome
    action.ended_at, action.ended_by = whole_second(now), signature
    action.version += 1


def open_again(
    session: Session, action: ReviewDecision, by: Person, signature: str, now: datetime, *, seen: int
) -> None:
    """Let an action be open again that was ended by mistake. Raises `StaleError` if somebody else changed it since."""
    if action.state not in ENDED or action.version != seen:
        raise StaleError
    audit.note(
        session,
        actor=signature,
        account_id=by.account_id,
        action="action opened again",
        subject=action.text,
        now=now,
        organisation=min(by.roles),
        details={"was": action.state, "outcome": action.outcome, "ended by": action.ended_by},
    )
    action.state, action.outcome = OPEN, ""
    action.ended_at, action.ended_by, action.reminded_on = None, "", None
    action.version += 1


def give(action: ReviewDecision, owner: Owner) -> None:
    """Give an action an owner, who has not been reminded of it if it is another one."""
    if owner != owner_of(action):
        action.reminded_on = None
    set_owner(action, owner)


def hand_over(action: ReviewDecision, owner: Owner, due_on: date | None, *, seen: int) -> None:
    """Give an open action another owner or day. Raises `StaleError` if somebody else changed or ended it since."""
    if action.state != OPEN or action.version != seen:
        raise StaleError
    give(action, owner)
    action.due_on = due_on
    action.version += 1


# ---------- Reminding ----------


def remind(session: Session, today: date, now: datetime, links: MailLinks) -> int:
    """Write to the owners of actions that are due within three days, and once of late ones; return how many letters.

    Each owner gets one letter a day for all of them.
    """
    due = ReviewDecision.due_on <= today + NOTICE
    query = select(ReviewDecision).where(ReviewDecision.state == OPEN, due).order_by(*_ORDER)
    told: dict[str, tuple[Recipient, list[ReviewDecision]]] = {}
    for action in session.scalars(query).all():
        if not _is_to_tell(action, today):
            continue
        for person in owners.recipients_of(session, owner_of(action), today):
            told.setdefault(person.email.casefold(), (person, []))[1].append(action)
    subjects = subjects_of(session, [action for _person, actions in told.values() for action in actions])
    strangers = _without_account(session, told)
    written = 0
    for email, (person, actions) in told.items():
        # Whoever looks after something needs no account; to them the pages are closed.
        pages = None if email in strangers else links
        letter = _letter(actions, subjects, today, Words(spoken(person.language)), pages)
        # What comes up later on the same day is told tomorrow.
        if queue(session, person, letter, now, key=f"actions/{today}/{email}", about_work=True):
            written += 1
            for action in actions:
                action.reminded_on = today
    session.flush()
    return written


def _without_account(session: Session, told: Mapping[str, tuple[Recipient, list[ReviewDecision]]]) -> set[str]:
    """Return the addresses of people who look after an action and cannot sign in.

    Behind an address that an organisation chose, such as a mailbox, are people with accounts.
    """
    named = {
        email
        for email, (_person, actions) in told.items()
        if all(action.owner_email.casefold() == email for action in actions)
    }
    query = select(func.lower(Account.email)).where(func.lower(Account.email).in_(named), Account.active)
    return named - set(session.scalars(query))


def _is_to_tell(action: ReviewDecision, today: date) -> bool:
    """Tell whether its owner has not heard yet that it is due soon or, once that day is over, that it is late."""
    due = action.due_on
    if due is None:
        return False
    since = due + ONE_DAY if today > due else due - NOTICE
    return action.reminded_on is None or action.reminded_on < since


def _letter(
    actions: Sequence[ReviewDecision], subjects: Mapping[int, str], today: date, words: Words, links: MailLinks | None
) -> Letter:
    """Return the letter; without `links` for somebody who cannot sign in."""
    subject = words.ngettext(
        "An action from the coordination review", "%(num)d actions from the coordination review", len(actions)
    ) % {"num": len(actions)}
    lines = tuple(
        (_line(a, subjects[a.id], today, words), links.page(f"/review/actions/{a.id}") if links else "")
        for a in actions
    )
    blocks: list[Block] = [Paragraph(words.gettext("The coordination review counts on you for this:")), Listing(lines)]
    if links is None:
        blocks.append(Paragraph(words.gettext("Please tell the organisation that asked you how it ended.")))
    else:
        blocks += [
            Paragraph(
                words.gettext(
                    "Members of the exchange can mark it as done there. If you have no account, please tell the"
                    " organisation that asked you how it ended."
                )
            ),
            Action(words.gettext("Open the coordination review"), links.page("/review")),
        ]
    return Letter(subject, tuple(blocks))


def _line(action: ReviewDecision, subject: str, today: date, words: Words) -> str:
    assert action.due_on  # noqa: S101 - the query asked for it
    values = {"day": words.day(action.due_on), "action": words.isolated(action.text)}
    if is_late(action, today):
        text = words.gettext("Late, was due on %(day)s: %(action)s") % values
    else:
        text = words.gettext("Due on %(day)s: %(action)s") % values
    return f"{text} ({words.isolated(subject)})" if subject else text
