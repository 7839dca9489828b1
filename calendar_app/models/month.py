"""The month of the exchange: its days, what is due, and the round in which each member looks through its own list."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calendar_app.models.base import Base


class Cycle(Base):
    """One row: the days that the convener sets for all. Nothing that was due before `since` is made up for.

    `opens_day` and `closes_day` are days of the month before the one that the cycle is named after. The reminder goes
    out `reminds_days` working days before the round closes.
    """

    __tablename__ = "cycles"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    convener_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"))
    opens_day: Mapped[int]
    closes_day: Mapped[int]
    reminds_days: Mapped[int]
    since: Mapped[datetime]


class DueStep(Base):
    """One thing that the month brings, done once: `key` names it ("round-opens/2026-12", "digest/2026-12/brs").

    State: due, done, or passed (its time was over before anybody could do it). What fails is tried again at `due_at`.
    """

    __tablename__ = "due_steps"
    __table_args__ = (Index("ix_due_steps_due", "state", "due_at"),)

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    action: Mapped[str] = mapped_column(String(40))
    # The first of the month that the cycle is named after.
    month: Mapped[date]
    organisation_code: Mapped[str] = mapped_column(String(60), default="")
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
    done_at: Mapped[datetime | None]


class ExchangeRound(Base):
    """The round before a month: opened, closed on its day and then frozen. State: open or closed."""

    __tablename__ = "exchange_rounds"

    month: Mapped[date] = mapped_column(primary_key=True)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    digests_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    partners: Mapped[list[RoundPartner]] = relationship(
        cascade="all, delete-orphan", order_by="RoundPartner.organisation_code"
    )


class RoundPartner(Base):
    """What a member said of its own list: nothing yet (""), reviewed, or nothing-to-add."""

    __tablename__ = "round_partners"

    month: Mapped[date] = mapped_column(ForeignKey("exchange_rounds.month"), primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(20), default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(String(300), default="")


class RoundEntry(Base):
    """One event as all members saw it when the round was closed; nothing internal is in it.

    `facts` has what the list shows, as JSON: titles, dates, place, status, kind, organisers, last confirmed.
    """

    __tablename__ = "round_entries"

    month: Mapped[date] = mapped_column(ForeignKey("exchange_rounds.month"), primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    organisation_code: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    facts: Mapped[dict[str, Any]]


class RoundReply(Base):
    """A sheet that was sent back through a letter's link: what it would change, until somebody applies it.

    `rows` are the rows as read, with their line numbers.
    """

    __tablename__ = "round_replies"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(ForeignKey("exchange_rounds.month"))
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"))
    sent_by: Mapped[str] = mapped_column(String(300))
    filename: Mapped[str] = mapped_column(String(200))
    rows: Mapped[list[dict[str, Any]]]
    remarks: Mapped[list[str]]
    sent_at: Mapped[datetime] = mapped_column(index=True)
    applied_at: Mapped[datetime | None]
    report: Mapped[str] = mapped_column(Text, default="")
