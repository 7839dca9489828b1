"""The coordination review of a month: when it is held and by whom, what partners say of their lists, and closing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Cycle, Review
from calendar_app.planning.month_days import month_after, working_days_after
from calendar_app.services import audit, exchange_rounds, month, review_agenda
from calendar_app.services.events import whole_second
from calendar_app.services.exchange_rounds import Answer, PartnerAnswer

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person

OPEN, CLOSED = "open", "closed"
# How many working days after the digests the review is held, unless the convener sets another day.
_DAYS_AFTER_DIGESTS = 5


class StaleError(Exception):
    """Somebody else changed it since it was shown, or the review is closed."""


class NotHeldError(Exception):
    """The day on which the review is held has not come."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """When a review is held. `start_time` is "HH:MM" in the time zone of the calendar; unknown texts are ""."""

    month: date
    held_on: date
    start_time: str = ""
    chair: str = ""
    meeting_url: str = ""


def of_month(session: Session, month_: date) -> Review | None:
    """Return the review of a month (its first day), None if nobody wrote anything for it yet."""
    return session.get(Review, month_)


def begun(session: Session, month_: date) -> Review:
    """Return the review of a month to write to, which makes it if there is none yet."""
    found = of_month(session, month_)
    if found is None:
        found = Review(month=month_, state=OPEN, sign_offs={}, version=1)
        session.add(found)
        session.flush()
    return found


def is_there(session: Session, month_: date, today: date) -> bool:
    """Tell whether a month has a page: all since the cycle began to run up to the next, and what was written to.

    Letters lead to reviews in which nothing may be written down afterwards. Of the review that is held next they tell
    too when those before it are closed already.
    """
    this, set_ = today.replace(day=1), session.get(Cycle, 1)
    first = min(this, set_.since.date().replace(day=1)) if set_ else this
    if first <= month_ <= month_after(this):
        return True
    return of_month(session, month_) is not None or next_review(session, today).month == month_


def meeting_of(session: Session, month_: date) -> Meeting:
    """Return when the review of a month is held: as the convener set it, else on its usual day."""
    return _meeting(month_, of_month(session, month_), session.get(Cycle, 1))


def usual_day(set_: Cycle | None, month_: date) -> date:
    """Return the day on which a review is held unless another is set: five working days after the digests."""
    digests_on = month.days_as_set(set_, month_).digests_on
    closed = month.closed_days(set_.convener_code if set_ else month.CONVENER, month_)
    return working_days_after(digests_on, _DAYS_AFTER_DIGESTS, closed)


def next_review(session: Session, today: date) -> Meeting:
    """Return the next review that is held today or later and not closed; two queries."""
    this = today.replace(day=1)
    months = (this, month_after(this), month_after(month_after(this)))
    rows = {row.month: row for row in session.scalars(select(Review).where(Review.month.in_(months)))}
    set_ = session.get(Cycle, 1)
    coming = (_meeting(m, rows.get(m), set_) for m in months if m not in rows or rows[m].state == OPEN)
    return next((meeting for meeting in coming if meeting.held_on >= today), _meeting(months[-1], None, set_))


def _meeting(month_: date, review: Review | None, set_: Cycle | None) -> Meeting:
    held_on = (review.held_on if review else None) or usual_day(set_, month_)
    if review is None:
        return Meeting(month_, held_on)
    return Meeting(month_, held_on, review.start_time, review.chair, review.meeting_url)


def earlier(session: Session, month_: date) -> list[Review]:
    """Return the reviews before a month to which anything was written, the latest first."""
    return list(session.scalars(select(Review).where(Review.month < month_).order_by(Review.month.desc())))


def may_record(person: Person, review: Review | None) -> bool:
    """Tell whether this person may write down decisions: who decides for a member, while the review is open."""
    return bool(person.deciding) and (review is None or review.state == OPEN)


def may_lead(session: Session, person: Person) -> bool:
    """Tell whether this person sets the day of reviews and closes them: the convener's coordinators."""
    return month.convener(session) in person.deciding


# ---------- What partners say of their lists ----------


def sign_offs(session: Session, month_: date) -> list[PartnerAnswer]:
    """Return what each member said of its own list: in the round or, once that was closed, in the review."""
    found = of_month(session, month_)
    later = found.sign_offs if found else {}
    answers = exchange_rounds.answers(session, month_)
    return [_said_later(answer, later.get(answer.organisation)) for answer in answers]


def _said_later(answer: PartnerAnswer, later: dict[str, str] | None) -> PartnerAnswer:
    if later is None:
        return answer
    at = datetime.fromisoformat(later["at"])
    return PartnerAnswer(answer.organisation, Answer(later["answer"]), at, later["by"])


def sign_off(session: Session, month_: date, organisation: str, answer: Answer, signature: str, now: datetime) -> None:
    """Note what a member says of its own list; a later answer takes the place of an earlier one.

    What is said after the round was closed stands with the review: the round stays as it was. Raises `StaleError` if
    the review is closed.
    """
    review = begun(session, month_)
    if review.state != OPEN:
        raise StaleError
    round_ = exchange_rounds.of_month(session, month_)
    if round_ is not None and round_.state == exchange_rounds.OPEN:
        exchange_rounds.answer(session, month_, organisation, answer, signature, now)
        return
    said = {"answer": str(answer), "at": whole_second(now).isoformat(), "by": signature}
    review.sign_offs = {**review.sign_offs, organisation: said}
    session.flush()


# ---------- The meeting itself ----------


@dataclass(frozen=True, slots=True)
class Head:
    """What the convener says of a review. `held_on` None is its usual day; `attendance` has a name a line."""

    held_on: date | None
    start_time: str
    chair: str
    meeting_url: str
    attendance: str


def head_of(review: Review | None) -> Head:
    """Return what is set of a review; nothing before anybody wrote to it."""
    if review is None:
        return Head(None, "", "", "", "")
    return Head(review.held_on, review.start_time, review.chair, review.meeting_url, review.attendance)


def set_head(session: Session, month_: date, head: Head, *, seen: int) -> None:
    """Write what the convener says of a review; `seen` is its version when it was shown, 0 for none.

    Raises `StaleError` if somebody else changed it since.
    """
    before = of_month(session, month_)
    if (before.version if before else 0) != seen or (before and before.state != OPEN):
        raise StaleError
    review = begun(session, month_)
    review.held_on, review.start_time, review.chair = head.held_on, head.start_time, head.chair
    review.meeting_url, review.attendance = head.meeting_url, head.attendance
    review.version += 1
    session.flush()


def minutes(session: Session, month_: date, now: datetime, today: date) -> dict[str, Any]:
    """Return all that the page of a review shows, as JSON: as it was closed, or as it is now."""
    review = of_month(session, month_)
    if review is not None and review.agenda is not None:
        return review.agenda
    meeting, head = meeting_of(session, month_), head_of(review)
    return review_agenda.compose(session, month_, now, today) | {
        "month": month_.isoformat(),
        "head": {
            "held_on": meeting.held_on.isoformat(),
            "start_time": head.start_time,
            "chair": head.chair,
            "meeting_url": head.meeting_url,
            "attendance": head.attendance,
        },
        "sign_offs": [
            {"organisation": said.organisation, "answer": str(said.answer), "by": said.answered_by}
            for said in sign_offs(session, month_)
        ],
        "decisions": review_agenda.decisions_of(session, month_),
        "closed_at": "",
        "closed_by": "",
    }


def close(session: Session, month_: date, person: Person, signature: str, now: datetime, today: date) -> None:
    """Close a review: its page stays as it is from now on, whatever becomes of the events.

    Raises `NotHeldError` before the day on which it is held, and `StaleError` if it is closed.
    """
    review = begun(session, month_)
    if review.state != OPEN:
        raise StaleError
    if meeting_of(session, month_).held_on > today:
        raise NotHeldError
    moment = whole_second(now)
    frozen = minutes(session, month_, moment, today)
    review.agenda = frozen | {"closed_at": moment.isoformat(), "closed_by": signature}
    review.state, review.closed_at, review.closed_by = CLOSED, moment, signature
    review.version += 1
    _note(session, "review closed", month_, person, signature, now)


def can_be_opened_again(session: Session, review: Review | None) -> bool:
    """Tell whether a review is closed and the one after it is not: that one begins where this one ended."""
    if review is None or review.state != CLOSED:
        return False
    after = of_month(session, month_after(review.month))
    return after is None or after.state == OPEN


def open_again(session: Session, month_: date, person: Person, signature: str, now: datetime) -> None:
    """Open a review again that was closed by mistake; its agenda makes itself anew. Raises `StaleError`."""
    review = of_month(session, month_)
    if review is None or not can_be_opened_again(session, review):
        raise StaleError
    was = {"closed by": review.closed_by}
    _note(session, "review opened again", month_, person, signature, now, was)
    review.state, review.agenda, review.closed_at, review.closed_by = OPEN, None, None, ""
    review.version += 1
    session.flush()


def _note(
    session: Session,
    action: str,
    month_: date,
    person: Person,
    signature: str,
    now: datetime,
    details: dict[str, str] | None = None,
) -> None:
    audit.note(
        session,
        actor=signature,
        action=action,
        subject=f"{month_:%Y-%m}",
        now=now,
        organisation=month.convener(session),
        account_id=person.account_id,
        details=details,
    )
    session.flush()
