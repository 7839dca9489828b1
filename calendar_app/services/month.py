"""The cycle of the month as it is set: its convener, its days with holidays respected, and what is due of it when.

What is due stands in `due_steps`, a row for each thing; `plan` writes the rows of the months that are on, `take` lets
one process do one of them. A step is done in one transaction together with all that it brings: it happens once, as a
whole, whoever tries and whenever somebody is killed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from calendar_app.models import Cycle, DigestSettings, DueStep, Event, EventFacet, Organisation
from calendar_app.planning.dates import ONE_DAY, Precision, Span
from calendar_app.planning.month_days import MonthDays, Rhythm, month_after, month_days
from calendar_app.planning.vocabulary import TAKING_PLACE, Stage
from calendar_app.services import holidays
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

OPENS, REMINDS, CLOSES, DIGEST, WEEKLY, PUBLIC_MAIL = (
    "round-opens",
    "round-reminds",
    "round-closes",
    "digest",
    "weekly-digest",
    "public-mail",
)
DUE, DONE, PASSED = "due", "done", "passed"
CONVENER = "brs"
FIRST_DAYS = Rhythm()
USUAL_HOUR = 7
# When the steps that nobody chooses the hour of are due, in the time zone of the calendar.
_ROUND_HOUR, _PUBLIC_HOUR = 6, 8
WEEKS_BEFORE_COP = 4
_COP = "cop"
# How long a step that failed waits before it is tried again, by the number of attempts.
_WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60))
_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is due: `action` is what to do, `key` what tells it from all others. `due_at` is aware UTC."""

    key: str
    action: str
    month: date
    due_at: datetime
    organisation: str = ""

    @property
    def edition(self) -> str:
        """Return the edition of a digest: "2026-12", or the Monday of a weekly one."""
        return self.key.rpartition("/")[2]


# ---------- What is set ----------


def cycle(session: Session, now: datetime) -> Cycle:
    """Return the cycle as it is set; the first time it is written down, with the usual days, as of `now`."""
    found = session.get(Cycle, 1)
    if found is None:
        found = Cycle(
            id=1,
            convener_code=CONVENER,
            opens_day=FIRST_DAYS.opens_day,
            closes_day=FIRST_DAYS.closes_day,
            reminds_days=FIRST_DAYS.reminds_days,
            since=now,
        )
        session.add(found)
        session.flush()
    return found


def convener(session: Session) -> str:
    """Return the code of the member that convenes the review and sets the cycle."""
    return session.scalar(select(Cycle.convener_code)) or CONVENER


def days_of(session: Session, month: date) -> MonthDays:
    """Return the days of the cycle named after a month (its first day), as it is set."""
    return days_as_set(session.get(Cycle, 1), month)


def days_as_set(set_: Cycle | None, month: date) -> MonthDays:
    """Return the same of a cycle that is loaded, None for the usual one."""
    rhythm = Rhythm(set_.opens_day, set_.closes_day, set_.reminds_days) if set_ else FIRST_DAYS
    return month_days(month, rhythm, closed_days(set_.convener_code if set_ else CONVENER, month))


def closed_days(organisation: str, month: date) -> frozenset[date]:
    """Return the days around a month on which the first seat of an organisation rests.

    Those are the official holidays of its duty station; where no list of them is loaded in full, the public holidays of
    the country stand in for it.
    """
    lists = reference()
    listed = lists.organisations.get(organisation)
    if listed is None or not listed.seats:
        return frozenset()
    city, station, _process = listed.seats[0]
    country = lists.cities[city].country
    first = month - timedelta(days=62)
    found = set()
    for holiday in holidays.between(Span(first, month_after(month))):
        here = holiday.duty_station in {"", station} and holiday.country in {"", country}
        known = holidays.list_of(station, holiday.day.year).state == holidays.ListState.OFFICIAL
        tiers = holidays.CLOSED if known else holidays.CLOSED | {"national"}
        if here and holiday.tier in tiers:
            found.add(holiday.day)
    return frozenset(found)


# ---------- What is due ----------


def plan(session: Session, now: datetime, zone: ZoneInfo) -> None:
    """Write down what is due of the months that are on, and let go of what nobody could do while it made sense.

    The months that are on are this one and, once its round opens, the next: after a long downtime only what still
    makes sense is done, once. A step that is not done yet moves with the settings.
    """
    set_ = cycle(session, now)
    today = now.astimezone(zone).date()
    known = {step.key: step for step in session.scalars(select(DueStep).where(DueStep.month >= today.replace(day=1)))}
    wanted = [s for m in _months(today) for s in _steps(session, m, zone) if s.due_at >= set_.since]
    for step in wanted:
        row = known.get(step.key)
        if row is None:
            session.add(
                DueStep(
                    key=step.key,
                    action=step.action,
                    month=step.month,
                    organisation_code=step.organisation,
                    due_at=step.due_at,
                    state=DUE,
                    attempts=0,
                )
            )
        elif (row.state == DUE and not row.attempts) or (row.state == PASSED and step.due_at > now):
            # What was let go because nobody wanted it is due again if somebody does, in time.
            row.state, row.due_at = DUE, step.due_at
    keys = {step.key for step in wanted}
    for row in known.values():
        if row.state == DUE and row.key not in keys:
            # The settings changed: a weekly digest that nobody wants any more, or a member that left.
            row.state = PASSED
    old = (DueStep.state == DUE, DueStep.month < today.replace(day=1))
    session.execute(update(DueStep).where(*old).values(state=PASSED).execution_options(synchronize_session=False))
    session.flush()


def next_due(session: Session, now: datetime) -> Step | None:
    """Return the step that is due longest, None if nothing is due."""
    query = select(DueStep).where(DueStep.state == DUE, DueStep.due_at <= now)
    row = session.scalar(query.order_by(DueStep.due_at, DueStep.key).limit(1))
    return _step(row) if row else None


def take(session: Session, step: Step, now: datetime) -> bool:
    """Note that a step is done, in the transaction that does it; False if somebody else did it already.

    Compare and set: of several who see a step, one gets it, and if its transaction fails it is due again.
    """
    result = session.execute(
        update(DueStep)
        .where(DueStep.key == step.key, DueStep.state == DUE)
        .values(state=DONE, done_at=now, error="")
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def failed(session: Session, step: Step, now: datetime, error: str) -> None:
    """Note that a step could not be done; it is tried again later, however often it takes."""
    row = session.get(DueStep, step.key)
    if row is None or row.state != DUE:
        return
    row.attempts += 1
    row.error = error[:_LONGEST_ERROR]
    row.due_at = now + _WAITS[min(row.attempts, len(_WAITS)) - 1]


def failing(session: Session) -> list[DueStep]:
    """Return the steps that failed and are tried again, the oldest first."""
    query = select(DueStep).where(DueStep.state == DUE, DueStep.attempts > 0)
    return list(session.scalars(query.order_by(DueStep.due_at, DueStep.key)))


def _step(row: DueStep) -> Step:
    return Step(row.key, row.action, row.month, row.due_at, row.organisation_code)


def _months(today: date) -> tuple[date, date]:
    this = today.replace(day=1)
    return this, month_after(this)


def _steps(session: Session, month: date, zone: ZoneInfo) -> Iterator[Step]:
    """Return all that the cycle of a month brings."""
    days = days_of(session, month)
    name = f"{month:%Y-%m}"
    yield Step(f"{OPENS}/{name}", OPENS, month, _moment(days.opens_on, _ROUND_HOUR, zone))
    yield Step(f"{REMINDS}/{name}", REMINDS, month, _moment(days.reminds_on, _ROUND_HOUR, zone))
    # When its last day is over.
    yield Step(f"{CLOSES}/{name}", CLOSES, month, _moment(days.closes_on + ONE_DAY, 0, zone))
    yield Step(f"{PUBLIC_MAIL}/{name}", PUBLIC_MAIL, month, _moment(days.digests_on, _PUBLIC_HOUR, zone))
    # The digest of the month has it all; two in the same hour would be one too many.
    mondays = [monday for monday in _mondays_before_cops(session, month) if monday != days.digests_on]
    for code, hour, weekly in _members(session):
        yield Step(f"{DIGEST}/{code}/{name}", DIGEST, month, _moment(days.digests_on, hour, zone), code)
        for monday in mondays if weekly else ():
            yield Step(f"{WEEKLY}/{code}/{monday}", WEEKLY, month, _moment(monday, hour, zone), code)


def _members(session: Session) -> list[tuple[str, int, bool]]:
    """Return each member with the hour of its digests and whether it wants weekly ones."""
    query = (
        select(Organisation.code, DigestSettings.hour, DigestSettings.weekly)
        .outerjoin(DigestSettings, DigestSettings.organisation_code == Organisation.code)
        .where(Organisation.member)
        .order_by(Organisation.code)
    )
    return [(code, USUAL_HOUR if hour is None else hour, bool(weekly)) for code, hour, weekly in session.execute(query)]


def _mondays_before_cops(session: Session, month: date) -> Iterator[date]:
    """Return the Mondays of a month in the four weeks before a COP of a member's convention begins.

    What not all members know of is not taken into account.
    """
    ahead = timedelta(weeks=WEEKS_BEFORE_COP)
    end = month_after(month)
    processes = [p.slug for p in reference().processes.values() if p.tier == 1]
    of_ours = select(EventFacet.event_id).where(EventFacet.facet == "convention", EventFacet.value.in_(processes))
    starts = session.scalars(
        select(Event.start).where(
            Event.kind == _COP,
            Event.id.in_(of_ours),
            Event.stage == Stage.PUBLISHED,
            Event.visibility != "steward",
            Event.merged_into_id.is_(None),
            Event.status.in_(TAKING_PLACE),
            Event.precision == Precision.DAY,
            Event.start.between(month, end + ahead),
        )
    ).all()
    for number in range((end - month).days):
        day = month + timedelta(days=number)
        if day.weekday() == 0 and any(start and day < start <= day + ahead for start in starts):
            yield day


def _moment(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """Return the moment of a local hour; of one that comes twice when clocks are set back the first."""
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
