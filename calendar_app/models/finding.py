"""What planning found, how the owners answered, and the policy it was found with."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calendar_app.models.base import Base
from calendar_app.models.event import Event


class StoredFinding(Base):
    """A finding of planning and its life. It is kept when it no longer holds: then `closed_at` is set.

    `key` tells what it is about: kind, about and the ids of the events. `severity` is 0 for an opportunity. `state`
    is open, acknowledged, accepted or resolved. `fingerprint` is of what an acceptance rests on: dates, place, format,
    status and audience of its events.
    """

    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_state", "state", "severity"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(20))
    a_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), index=True)
    b_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("events.id"), index=True)
    severity: Mapped[int]
    likelihood: Mapped[float]
    option_a: Mapped[int] = mapped_column(default=0)
    option_b: Mapped[int] = mapped_column(default=0)
    reasons: Mapped[list[dict[str, Any]]]
    policy_version: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    found_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    a: Mapped[Event] = relationship(foreign_keys=[a_id])
    b: Mapped[Event | None] = relationship(foreign_keys=[b_id])
    answers: Mapped[list[FindingAnswer]] = relationship(cascade="all, delete-orphan")
    entries: Mapped[list[FindingEntry]] = relationship(cascade="all, delete-orphan", order_by="FindingEntry.id")


class FindingAnswer(Base):
    """The answer of one owner that holds now: acknowledged or accepted."""

    __tablename__ = "finding_answers"

    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class FindingEntry(Base):
    """One line of a finding's history: a comment, an answer with its reason, or what planning noticed.

    `action`: found, changed, reopened, resolved (by planning, `organisation_code` empty), comment, acknowledged,
    accepted.
    """

    __tablename__ = "finding_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("findings.id"), index=True)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(20))
    organisation_code: Mapped[str] = mapped_column(String(60), default="")
    actor: Mapped[str] = mapped_column(String(300), default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    severity: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, default="")


class PolicyVersion(Base):
    """A policy that an administrator put in force, as TOML; the newest one holds. Without any the packaged one does."""

    __tablename__ = "policies"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
