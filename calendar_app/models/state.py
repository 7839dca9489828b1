"""State of the calendar as a whole: its version, and who leads the schedule."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from calendar_app.models.base import Base


class CalendarVersion(Base):
    """One row, written in the same transaction as each change: `version` rises with every change of an event.

    `changed_at` is when the public last could see a difference: what is not public must not show in a feed's time.
    `reference_digest` is that of the packaged lists with which search texts and facets were derived, `planning_digest`
    that of the facts and the policy with which the findings were made.
    """

    __tablename__ = "calendar_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    changed_at: Mapped[datetime]
    reference_digest: Mapped[str] = mapped_column(String(64), default="")
    planning_digest: Mapped[str] = mapped_column(String(64), default="")


class SchedulerLease(Base):
    """One row per schedule: the process that leads it until `expires_at`, on the database's clock."""

    __tablename__ = "scheduler_leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    renewed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
