"""Mail on its way out: written in the transaction that causes it, delivered by a job."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from calendar_app.models.base import Base


class OutboxMessage(Base):
    """One message to one person, ready to send. `key` keeps the same message from being queued twice.

    State: queued, sending (claimed until `due_at`), sent, failed (given up; `error` says why), aside (given up, and an
    administrator has seen it). `headers` are such as a mail program reads, beside the usual ones.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (Index("ix_outbox_messages_due", "state", "due_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    to_email: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(500), default="")
    headers: Mapped[dict[str, str] | None]


class OutboxAttachment(Base):
    """A file that goes with a message; deleted when the message is sent. `content_type` such as "text/calendar"."""

    __tablename__ = "outbox_attachments"

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("outbox_messages.id"), primary_key=True)
    filename: Mapped[str] = mapped_column(String(100), primary_key=True)
    content_type: Mapped[str] = mapped_column(String(100))
    data: Mapped[bytes] = mapped_column(LargeBinary)
