"""Events as feeds show them, rendered when they change: a feed is a head, these bytes joined, and a tail."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from calendar_app.models.base import Base


class EventRendering(Base):
    """One event in one language and form as the bytes of a VEVENT; a language that says what English says has none.

    `form` is one of `services/renderings.py`. `sequence` is the event's SEQUENCE in the bytes; `stamp` tells what made
    them: the program, its words and lists, and the calendar's address.
    """

    __tablename__ = "event_renderings"

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    form: Mapped[str] = mapped_column(String(8), primary_key=True)
    sequence: Mapped[int]
    stamp: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes]
