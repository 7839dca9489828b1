"""Private feeds: addresses at which a program reads what one person may see."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calendar_app.models.account import Account
from calendar_app.models.base import Base


class PrivateFeed(Base):
    """One private address of a person, with the filter chosen when it was made. Only a digest of its token is kept.

    `query` is the canonical query string of the filter, its language and options included. `created_at` is when the
    present address was made, `last_used_at` when a program last asked for it, None before that.
    """

    __tablename__ = "private_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(Text)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
