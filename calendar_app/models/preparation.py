"""What has to be done before a meeting: its milestones, and what the secretariats coordinate for it."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from calendar_app.models.base import Base


class LeadTimes(Base):
    """The milestones of a kind as an administrator set them, in place of the packaged ones.

    `steps` are objects with `name`, `weeks` (negative is before the start) and `owner` (a role of `kinds.toml`).
    """

    __tablename__ = "lead_times"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    steps: Mapped[list[dict[str, Any]]]
    changed_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(300))


class EventMilestone(Base):
    """What is known of one milestone of an event beyond its kind's lead time; most have no row.

    State: open, done, not-needed. `due_on` is a day agreed for this meeting, which does not shift with it.
    """

    __tablename__ = "event_milestones"

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    state: Mapped[str] = mapped_column(String(20), default="open")
    due_on: Mapped[date | None]
    owner_organisation: Mapped[str] = mapped_column(String(60), default="")
    owner_name: Mapped[str] = mapped_column(String(200), default="")
    owner_email: Mapped[str] = mapped_column(String(254), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(default=1)


class CoordinationSlot(Base):
    """What the secretariats coordinate for an event of mutual interest, for all members; never public.

    `slot`: participation, statements, documents, side-events. State: not-needed, open, agreed, done.
    """

    __tablename__ = "coordination_slots"

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    slot: Mapped[str] = mapped_column(String(20), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    deadline: Mapped[date | None]
    owner_organisation: Mapped[str] = mapped_column(String(60), default="")
    owner_name: Mapped[str] = mapped_column(String(200), default="")
    owner_email: Mapped[str] = mapped_column(String(254), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(default=1)


class PreparationReminder(Base):
    """That somebody was reminded of a milestone or a slot: of each day that it had, once before and once after it.

    `what` is "milestone/" or "slot/" with the name; `occasion` is soon or late.
    """

    __tablename__ = "preparation_reminders"

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    what: Mapped[str] = mapped_column(String(220), primary_key=True)
    occasion: Mapped[str] = mapped_column(String(10), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True, index=True)
    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    sent_at: Mapped[datetime]
