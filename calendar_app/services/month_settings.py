"""Setting the cycle of the month: the convener sets its days for all, the system administrator says who convenes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import ExchangeRound
from calendar_app.planning.month_days import Rhythm, month_after, month_days
from calendar_app.services import audit, month

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.models import Cycle
    from calendar_app.planning.month_days import MonthDays
    from calendar_app.services.access import Person

PREVIEWED = 3


def convenes(session: Session, person: Person) -> bool:
    """Tell whether a person decides for the convener."""
    return month.convener(session) in person.deciding


def may_set(session: Session, person: Person) -> bool:
    """Tell whether a person sets the cycle; the convener itself is set by the system administrator alone."""
    return person.system_administrator or convenes(session, person)


def rhythm_of(set_: Cycle) -> Rhythm:
    """Return the days as they are set."""
    return Rhythm(set_.opens_day, set_.closes_day, set_.reminds_days)


def preview(rhythm: Rhythm, convener: str, today: date) -> list[MonthDays]:
    """Return the days of the next cycles, such as a rhythm and the holidays of the convener's seat make them."""
    found = []
    of = month_after(today)
    for _number in range(PREVIEWED):
        found.append(month_days(of, rhythm, month.closed_days(convener, of)))
        of = month_after(of)
    return found


def set_cycle(session: Session, rhythm: Rhythm, convener: str, person: Person, now: datetime) -> bool:
    """Set the days and the convener; return whether anything changed. A round that is open closes on its new day."""
    set_ = month.cycle(session, now)
    before = {"convener": set_.convener_code, **_days(rhythm_of(set_))}
    after = {"convener": convener, **_days(rhythm)}
    if before == after:
        return False
    set_.opens_day, set_.closes_day, set_.reminds_days = rhythm.opens_day, rhythm.closes_day, rhythm.reminds_days
    set_.convener_code = convener
    session.flush()
    for opened in session.scalars(select(ExchangeRound).where(ExchangeRound.state == "open")):
        days = month.days_of(session, opened.month)
        opened.closes_on, opened.digests_on = days.closes_on, days.digests_on
    audit.note(
        session,
        actor=person.name or person.email,
        action="cycle changed",
        subject="cycle",
        now=now,
        organisation=convener,
        account_id=person.account_id,
        details={
            "before": {name: value for name, value in before.items() if after[name] != value},
            "after": {name: value for name, value in after.items() if before[name] != value},
        },
    )
    return True


def _days(rhythm: Rhythm) -> dict[str, int]:
    return {"opens": rhythm.opens_day, "closes": rhythm.closes_day, "reminds": rhythm.reminds_days}
