"""Files that members bring: how they are read, what they would change, and what they did."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from calendar_app.models.base import Base


class Import(Base):
    """One file on its way into the calendar, as one organisation's.

    State: columns (to be matched with fields), preview, waiting (to be carried out), applied, undone. `settings`: the
    header row, the field of each column, the order of dates in numbers, the stage of new events, the reason. `choices`:
    what a person decided about single lines. `report`: what the rows would do, and later what they did; `failed` is
    why they did nothing. `data` is the file, None after 30 days.
    """

    __tablename__ = "imports"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    actor: Mapped[str] = mapped_column(String(300))
    filename: Mapped[str] = mapped_column(String(200))
    data: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    made_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    settings: Mapped[dict[str, Any]]
    choices: Mapped[dict[str, str]]
    decision: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[dict[str, Any]]
    failed: Mapped[str] = mapped_column(String(40), default="")
    done_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class RememberedColumns(Base):
    """The fields that an organisation chose for the columns of a header, by folded name; `digest` is of the names."""

    __tablename__ = "remembered_columns"

    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    columns: Mapped[dict[str, str]]
