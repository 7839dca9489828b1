"""What a system administrator adds to the packaged lists, or says otherwise than they do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from calendar_app.models.base import Base


class ReferenceEntry(Base):
    """A row of a reference list, in the columns of the packaged file; it goes before the packaged row of its code."""

    __tablename__ = "reference_entries"

    list_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    code: Mapped[str] = mapped_column(String(120), primary_key=True)
    values: Mapped[dict[str, str]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(300))
