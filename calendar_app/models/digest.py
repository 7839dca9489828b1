"""Digests: who gets them and when, what was sent, and the public's subscriptions to the monthly mail."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from calendar_app.models.base import Base


class DigestSettings(Base):
    """What an organisation chose: the hour (in the time zone of the calendar), and weekly digests before a COP."""

    __tablename__ = "digest_settings"

    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), primary_key=True)
    hour: Mapped[int] = mapped_column(default=7)
    weekly: Mapped[bool] = mapped_column(default=False)


class DigestRecipient(Base):
    """To whom an organisation's digests and the questions of the round go: a person, a shared mailbox, or a deputy.

    A deputy gets what `deputy_of` gets from `absent_from` to `absent_until` (inclusive days), which that row has.
    An organisation without any recipient has its coordinators and administrators.
    """

    __tablename__ = "digest_recipients"
    __table_args__ = (UniqueConstraint("organisation_code", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"))
    kind: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(2), default="en")
    deputy_of_id: Mapped[int | None] = mapped_column(ForeignKey("digest_recipients.id"), index=True)
    absent_from: Mapped[date | None]
    absent_until: Mapped[date | None]


class DigestIssue(Base):
    """One digest of an organisation in one language, exactly as it was sent.

    `edition` is the month ("2026-12") or, of a weekly one, its Monday ("2026-12-07"). It told of changes from `since`
    up to `composed_at`.
    """

    __tablename__ = "digest_issues"
    __table_args__ = (UniqueConstraint("organisation_code", "edition", "language"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"))
    edition: Mapped[str] = mapped_column(String(10), index=True)
    language: Mapped[str] = mapped_column(String(2))
    since: Mapped[datetime]
    composed_at: Mapped[datetime]
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    ics: Mapped[str] = mapped_column(Text)


class MailSubscription(Base):
    """A reader's subscription to the public monthly mail, with a filter. State: asked, confirmed, ended.

    `query` is the filter as an address has it ("" for everything).
    """

    __tablename__ = "mail_subscriptions"
    __table_args__ = (UniqueConstraint("email", "query"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    query: Mapped[str] = mapped_column(String(2000))
    state: Mapped[str] = mapped_column(String(20), index=True)
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # Until when its mails have told of changes.
    told_until: Mapped[datetime | None]
