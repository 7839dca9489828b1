"""What people send in and what others propose: drafts, submissions with their letters, and proposals of a change."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calendar_app.models.base import Base


class Draft(Base):
    """A form that is not sent yet, as typed. It belongs to an account, or to the browser that holds its id."""

    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    form: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(index=True)


class Submission(Base):
    """Something sent in for a member organisation to decide on.

    `key` comes with the form, so that sending twice makes one. Without an account the address is confirmed first:
    until then there is no event, only the form as typed.
    """

    __tablename__ = "submissions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(43), unique=True)
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("events.id"), unique=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), index=True)
    language: Mapped[str] = mapped_column(String(2))
    form: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]

    letters: Mapped[list[SubmissionLetter]] = relationship(cascade="all, delete-orphan", order_by="SubmissionLetter.id")


class SubmissionLetter(Base):
    """One sentence or more between submitter and secretariat about a submission, in order."""

    __tablename__ = "submission_letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submissions.id"), index=True)
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(300))
    # submitted, resubmitted, changes-requested, rejected, published, withdrawn
    action: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")


class Proposal(Base):
    """A change of an event that another organisation proposes to its steward.

    `before` and `after` are fields of the record as JSON, as in a revision. Nobody's account proposed what a source of
    the organisation says.
    """

    __tablename__ = "proposals"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), index=True)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="SET NULL"))
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), index=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    # open, accepted, declined, withdrawn
    state: Mapped[str] = mapped_column(String(20), index=True)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(300), default="")
    decision: Mapped[str] = mapped_column(Text, default="")
