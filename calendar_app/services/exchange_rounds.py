"""The exchange round before a month: each member looks through its own list, answers, and on its day it is frozen.

The steps are done by the job of the month, in its transaction; late ones do what still makes sense.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from calendar_app.models import Event, ExchangeRound, Organisation, Revision, RoundPartner
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services import audit, event_work, events, mail_recipients, month, round_letters, round_snapshots
from calendar_app.services.calendar import Viewer, visible_to
from calendar_app.services.waiting import FRESH

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.planning.month_days import MonthDays
    from calendar_app.services.events import Change
    from calendar_app.services.mail_links import MailLinks
    from calendar_app.services.month import Step
    from calendar_app.services.reference import Reference

OPEN, CLOSED = "open", "closed"
# What of its own an organisation answers for: what others see, or will see on a day that is set.
_ON_THE_LIST = (Stage.PUBLISHED, Stage.SCHEDULED)


# What confirming changes of an event.
_CONFIRMING = {"last_confirmed_at", "last_confirmed_by"}


class Answer(StrEnum):
    """What a member says of its own list; as long as it says nothing it is outstanding."""

    OUTSTANDING = ""
    REVIEWED = "reviewed"
    NOTHING_TO_ADD = "nothing-to-add"


class RoundClosedError(Exception):
    """The round is not open: it was closed, or it has not begun."""


@dataclass(frozen=True, slots=True)
class PartnerAnswer:
    """What a member said, when (aware UTC) and by whom; nothing of it while it is outstanding."""

    organisation: str
    answer: Answer
    answered_at: datetime | None
    answered_by: str


# ---------- Looking ----------


def of_month(session: Session, month_: date) -> ExchangeRound | None:
    """Return the round of the cycle named after a month (its first day), None if it has not begun."""
    return session.get(ExchangeRound, month_)


def all_rounds(session: Session) -> list[ExchangeRound]:
    """Return all rounds, the latest first."""
    return list(session.scalars(select(ExchangeRound).order_by(ExchangeRound.month.desc())))


def open_round(session: Session) -> ExchangeRound | None:
    """Return the round that is open; of several, which a long downtime can leave, the one that closes first."""
    query = select(ExchangeRound).where(ExchangeRound.state == OPEN).order_by(ExchangeRound.month)
    return session.scalar(query.limit(1))


def is_frozen(session: Session, month_: date) -> bool:
    """Tell whether the round of a month is closed, so that answers and list stay as they are."""
    found = of_month(session, month_)
    return found is not None and found.state == CLOSED


def answers(session: Session, month_: date) -> list[PartnerAnswer]:
    """Return the answer of each member, those that are outstanding too, in the order of their codes.

    Of a closed round these are the members of then.
    """
    query = select(RoundPartner).where(RoundPartner.month == month_)
    given = {row.organisation_code: row for row in session.scalars(query)}
    codes = sorted(given if is_frozen(session, month_) else {*given, *member_codes(session)})
    return [_answer_of(code, given.get(code)) for code in codes]


def outstanding(session: Session, month_: date) -> list[str]:
    """Return the codes of the members that have not answered."""
    return [found.organisation for found in answers(session, month_) if found.answer is Answer.OUTSTANDING]


def member_codes(session: Session) -> list[str]:
    """Return the codes of the members of the exchange, in order."""
    query = select(Organisation.code).where(Organisation.member).order_by(Organisation.code)
    return list(session.scalars(query))


def own_events(session: Session, organisation: str, today: date) -> list[Event]:
    """Return what an organisation answers for: its own events that are published or scheduled and not over."""
    query = select(Event).where(
        visible_to(Viewer(frozenset({organisation}))),
        Event.steward_code == organisation,
        Event.stage.in_(_ON_THE_LIST),
        to_come(today),
    )
    order = (Event.start.is_(None), Event.start, Event.end, Event.id)
    return list(session.scalars(query.order_by(*order).options(*events.whole_record())))


def to_come(today: date) -> ColumnElement[bool]:
    """Return the condition that an event is not over; what is postponed or known in words only is not."""
    return or_(Event.end > today, Event.start.is_(None), Event.status == Status.POSTPONED)


def is_stale(event: Event, now: datetime) -> bool:
    """Tell whether nobody has confirmed an event, or not for long."""
    return event.last_confirmed_at is None or now - event.last_confirmed_at > FRESH


def _answer_of(code: str, row: RoundPartner | None) -> PartnerAnswer:
    if row is None:
        return PartnerAnswer(code, Answer.OUTSTANDING, None, "")
    return PartnerAnswer(code, Answer(row.answer), row.answered_at, row.answered_by)


# ---------- Answering ----------


def require_open(round_: ExchangeRound | None) -> None:
    """Raise `RoundClosedError` unless the round has begun and is not closed."""
    if round_ is None or round_.state != OPEN:
        raise RoundClosedError


def answer(session: Session, month_: date, organisation: str, answer_: Answer, signature: str, now: datetime) -> None:
    """Note what a member says of its list; a later answer takes the place of an earlier one.

    `signature` is who says it. Raises `RoundClosedError`.
    """
    require_open(of_month(session, month_))
    row = session.get(RoundPartner, (month_, organisation))
    if row is None:
        row = RoundPartner(month=month_, organisation_code=organisation)
        session.add(row)
    row.answer, row.answered_at, row.answered_by = str(answer_), events.whole_second(now), signature[:300]
    audit.note(
        session,
        actor=signature,
        action="round answered",
        subject=f"{month_:%Y-%m}",
        now=now,
        organisation=organisation,
        details={"answer": str(answer_)},
    )
    session.flush()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What came of confirming: how many events stand as confirmed now, and which others had changed meanwhile."""

    count: int
    changed: list[Event]


def confirm(
    session: Session,
    round_: ExchangeRound,
    organisation: str,
    seen: Mapping[uuid.UUID, int],
    made: Change,
    reference: Reference,
) -> Confirmed:
    """Note of events of an organisation's list that they are still right, as far as they are as somebody saw them.

    `seen` has the number of the last change of each as it was shown. What is not of this list is left out. Raises
    `RoundClosedError`.
    """
    require_open(round_)
    own = [event for event in own_events(session, organisation, made.now.date()) if event.id in seen]
    later = _changed_since(session, own, seen)
    for event in own:
        # Confirmed already since the page was opened: by a second click, or by a colleague.
        if event.id not in later:
            event_work.confirm(session, event, made, reference)
    changed = [event for event in own if later.get(event.id)]
    return Confirmed(len(own) - len(changed), changed)


def lacks_confirmation(session: Session, round_: ExchangeRound, organisation: str, today: date) -> bool:
    """Tell whether an event of an organisation's list has not been confirmed since the round opened."""
    own = own_events(session, organisation, today)
    return any(event.last_confirmed_at is None or event.last_confirmed_at < round_.opened_at for event in own)


def _changed_since(session: Session, own: Sequence[Event], seen: Mapping[uuid.UUID, int]) -> dict[uuid.UUID, bool]:
    """Return the events that have later revisions, each with whether these changed more than confirming does."""
    query = select(Revision).where(
        Revision.event_id.in_([e.id for e in own]), Revision.id > min(seen.values(), default=0)
    )
    found: dict[uuid.UUID, bool] = {}
    for revision in session.scalars(query):
        if revision.id > seen[revision.event_id]:
            found[revision.event_id] = found.get(revision.event_id, False) or bool(revision.after.keys() - _CONFIRMING)
    return found


# ---------- The steps ----------


def opens(session: Session, step: Step, now: datetime, links: MailLinks) -> None:
    """Open the round of a month and ask each member. `now` is in the time zone of the calendar.

    Late, it still asks while there is the rest of a day to answer in; later it opens without asking.
    """
    if of_month(session, step.month) is not None:
        return
    _close_earlier(session, step.month, now)
    days = month.days_of(session, step.month)
    opened = _open(session, days, now)
    if now.date() <= days.closes_on:
        _write(session, opened, member_codes(session), now, links)


def reminds(session: Session, step: Step, now: datetime, links: MailLinks) -> None:
    """Remind the members that are outstanding; not on the day on which they were asked, nor when it is too late."""
    found = of_month(session, step.month)
    if found is None or found.state != OPEN or now.date() > found.closes_on:
        return
    if found.opened_at.astimezone(now.tzinfo).date() < now.date():
        remind(session, found, outstanding(session, step.month), now, links)


def closes(session: Session, step: Step, now: datetime, links: MailLinks) -> None:  # noqa: ARG001 - nobody is written to
    """Close the round and freeze its list. One that was never opened is opened first, so that there is a list."""
    found = of_month(session, step.month) or _open(session, month.days_of(session, step.month), now)
    _close_earlier(session, step.month, now)
    if found.state == OPEN:
        _close(session, found, now)


def _close_earlier(session: Session, month_: date, now: datetime) -> None:
    """Close rounds of months before that are still open: their step was let go while the server was down for long."""
    for found in session.scalars(
        select(ExchangeRound).where(ExchangeRound.state == OPEN, ExchangeRound.month < month_)
    ):
        _close(session, found, now)


def _close(session: Session, found: ExchangeRound, now: datetime) -> None:
    found.state, found.closed_at = CLOSED, events.whole_second(now)
    for code in member_codes(session):
        if session.get(RoundPartner, (found.month, code)) is None:
            session.add(RoundPartner(month=found.month, organisation_code=code))
    as_of = round_snapshots.as_of(found, now)
    round_snapshots.freeze(session, found.month, to_come(as_of))
    session.flush()


def remind(
    session: Session, opened: ExchangeRound, organisations: Sequence[str], now: datetime, links: MailLinks
) -> int:
    """Remind members of an open round; return how many letters go out. Nobody gets two on one day."""
    return _write(session, opened, organisations, now, links, reminder=f"/{now.date()}")


def _open(session: Session, days: MonthDays, now: datetime) -> ExchangeRound:
    opened = ExchangeRound(
        month=days.month,
        opens_on=days.opens_on,
        closes_on=days.closes_on,
        digests_on=days.digests_on,
        state=OPEN,
        opened_at=events.whole_second(now),
        partners=[RoundPartner(organisation_code=code, answer="") for code in member_codes(session)],
    )
    session.add(opened)
    session.flush()
    return opened


def _write(
    session: Session,
    opened: ExchangeRound,
    organisations: Sequence[str],
    now: datetime,
    links: MailLinks,
    *,
    reminder: str = "",
) -> int:
    """Write to the recipients of each organisation; `reminder` tells this one from others, "" asks at first."""
    count = 0
    for code in organisations:
        recipients = mail_recipients.of_organisation(session, code, now.date())
        if not recipients:
            continue
        own = own_events(session, code, now.date())
        asked = round_letters.Asked(opened, code, own, sum(is_stale(event, now) for event in own), bool(reminder))
        count += round_letters.ask(session, asked, recipients, now, links, reminder or "")
    return count
