"""Sources: other systems' feeds that are harvested, what each run did, and what each source last said of each event."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from calendar_app.models.base import Base


class Source(Base):
    """Another system's feed. `slug` is for life: it stands in addresses, and before the ids of what came in by it.

    `due_at` is when it is asked next; whoever asks it pushes that on first, so that nobody else does too.
    """

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    owner_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    # ics, informea
    kind: Mapped[str] = mapped_column(String(20))
    # direct, moderated
    trust: Mapped[str] = mapped_column(String(20))
    interval_hours: Mapped[int] = mapped_column(default=6)
    timezone: Mapped[str] = mapped_column(String(60))
    # [{"words": "oewg", "convention": "basel", "kind": "", "body": "BC-OEWG"}]: the first row whose words fit.
    rules: Mapped[list[dict[str, Any]]]
    paused: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    # What the next request sends along, and the digest of the bytes last read.
    etag: Mapped[str] = mapped_column(String(300), default="")
    modified: Mapped[str] = mapped_column(String(100), default="")
    digest: Mapped[str] = mapped_column(String(64), default="")

    due_at: Mapped[datetime] = mapped_column(index=True)
    asked_at: Mapped[datetime | None]
    # When its whole feed was last read and reconciled; the last revision of the calendar that was seen then.
    read_at: Mapped[datetime | None]
    revision_seen: Mapped[int] = mapped_column(default=0)
    recurring: Mapped[bool] = mapped_column(default=False)
    # While a run is on that a person waits for: waiting, asking, reading; "" otherwise.
    stage: Mapped[str] = mapped_column(String(20), default="")
    failing_since: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    # When so much was gone that a person is asked; until they answer.
    much_gone_at: Mapped[datetime | None]


class SourceRun(Base):
    """What one harvest came to. One that found nothing new is kept once a day."""

    __tablename__ = "source_runs"
    __table_args__ = (Index("ix_source_runs_source_at", "source_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    # unchanged, done, much-gone, failed
    outcome: Mapped[str] = mapped_column(String(20))
    error: Mapped[str] = mapped_column(Text, default="")
    # How many of each: created, updated, cancelled, ...
    counts: Mapped[dict[str, Any]]
    # What the reader found odd, each with the event and the trap: [{"code": ..., "uid": ..., "detail": ...}]
    notes: Mapped[list[dict[str, Any]]]
    # [{"act": "updated", "event": id, "fields": [...]}], the first ones only.
    acts: Mapped[list[dict[str, Any]]]
    seconds: Mapped[float]


class SourceItem(Base):
    """One event as a source knows it. `said` is what it last said, by field as in a revision.

    `kept` is what the source said when a person chose to keep ours, by field; `made` tells that the event came in by
    this item. `missing_since`: not in the feed any more, and nobody has answered what that means; `gone_at`: settled.
    """

    __tablename__ = "source_items"
    __table_args__ = (UniqueConstraint("source_id", "uid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    uid: Mapped[str] = mapped_column(String(300))
    # The id of this source's note on the event (`EventSource.source_id`); it stays when the source gives all ids anew.
    note: Mapped[str] = mapped_column(String(120))
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), index=True)
    said: Mapped[dict[str, Any]]
    kept: Mapped[dict[str, Any]]
    made: Mapped[bool] = mapped_column(default=True)
    first_at: Mapped[datetime]
    missing_since: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
