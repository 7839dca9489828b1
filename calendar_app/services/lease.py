"""Who leads the schedule, and whether the application is fit to serve."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, type_coerce, update

from calendar_app.models import SchedulerLease
from calendar_app.models.base import UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SCHEDULE = "schedule"
# Renewed every third of this; a leader that dies is followed within it.
LEASE = timedelta(seconds=60)


def database_now(session: Session) -> datetime:
    """Return the database's present moment: hosts' clocks differ, the database has only one."""
    now = session.scalar(select(type_coerce(func.current_timestamp(), UtcDateTime)))
    assert isinstance(now, datetime)  # noqa: S101 - tells the type checker what every database returns
    return now


def take_lease(session: Session, holder: str) -> bool:
    """Take or renew the lease for `holder`; return whether it leads now."""
    now = database_now(session)
    values = {"holder": holder, "renewed_at": now, "expires_at": now + LEASE}
    if session.get(SchedulerLease, SCHEDULE) is None:
        session.add(SchedulerLease(name=SCHEDULE, **values))
        session.flush()
        return True
    taken = session.execute(
        update(SchedulerLease)
        .where(SchedulerLease.name == SCHEDULE, or_(SchedulerLease.holder == holder, SchedulerLease.expires_at <= now))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def give_up_lease(session: Session, holder: str) -> None:
    """Let the next one lead at once."""
    session.execute(
        update(SchedulerLease)
        .where(SchedulerLease.name == SCHEDULE, SchedulerLease.holder == holder)
        .values(expires_at=database_now(session))
        .execution_options(synchronize_session=False)
    )


def lease_age(session: Session) -> timedelta | None:
    """Return how long ago the lease was renewed, None if nobody ever led."""
    renewed = session.scalar(select(SchedulerLease.renewed_at).where(SchedulerLease.name == SCHEDULE))
    return database_now(session) - renewed if renewed else None
