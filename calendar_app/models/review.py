"""The monthly coordination review: when and by whom it is held, and what is decided, with owners and due dates."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calendar_app.models.base import Base


class Review(Base):
    """The review of a month. While it is open its agenda is made anew each time; closing keeps it in `agenda`.

    State: open or closed. `attendance` has a name a line. `version` rises with each change of what it says of itself.
    `sign_offs` has, by code of a member, what it said of its own list once the round was closed: `answer`, `at`, `by`.
    """

    __tablename__ = "reviews"

    month: Mapped[date] = mapped_column(primary_key=True)
    held_on: Mapped[date | None]
    start_time: Mapped[str] = mapped_column(String(5), default="")
    chair: Mapped[str] = mapped_column(String(200), default="")
    meeting_url: Mapped[str] = mapped_column(String(1000), default="")
    attendance: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(String(300), default="")
    agenda: Mapped[dict[str, Any] | None]
    sign_offs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)

    decisions: Mapped[list[ReviewDecision]] = relationship(order_by="ReviewDecision.id")


class ReviewDecision(Base):
    """What was decided about a line of the agenda; with an owner or a due date it is an action until it is done.

    State: noted, open, done, dropped. `line` is the key of the line in the agenda, `subject` how it was called then.
    """

    __tablename__ = "review_decisions"
    __table_args__ = (Index("ix_review_decisions_state", "state", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(ForeignKey("reviews.month"), index=True)
    line: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(400))
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("events.id"))
    finding_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("findings.id"))
    text: Mapped[str] = mapped_column(Text)
    owner_organisation: Mapped[str] = mapped_column(String(60), default="")
    owner_name: Mapped[str] = mapped_column(String(200), default="")
    owner_email: Mapped[str] = mapped_column(String(254), default="")
    due_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    # When its owner last heard of it by mail.
    reminded_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)
