"""People: accounts, memberships, invitations, where they are signed in, and the audit log.

`Account` has the columns and the mixin that Flask-Security works with; docs/decisions/0010 says why the mixin is here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_security.core import UserMixin
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calendar_app.models.base import Base


class Account(Base, UserMixin):
    """A person who can sign in. Identity is (issuer, subject), for life; the e-mail address is an attribute."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(2), default="en")
    active: Mapped[bool] = mapped_column(default=True)
    system_administrator: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    # What Flask-Security keeps
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    confirmed_at: Mapped[datetime | None]
    us_totp_secrets: Mapped[str | None] = mapped_column(Text)
    us_phone_number: Mapped[str | None] = mapped_column(String(128))
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    mf_recovery_codes: Mapped[list[str] | None]
    # The last time step for which a code was accepted: none is accepted twice (RFC 6238, 5.2).
    totp_last_counter: Mapped[int | None]

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="account", cascade="all, delete-orphan", order_by="Membership.organisation_code"
    )

    @property
    def roles(self) -> list[Any]:  # type: ignore[override]
        """Flask-Security's own roles, of which we use none: what people may do is in `services/access.py`."""
        return []


class Membership(Base):
    """What a person is in an organisation: contributor, coordinator or administrator."""

    __tablename__ = "memberships"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))

    account: Mapped[Account] = relationship(back_populates="memberships")


class Invitation(Base):
    """An invitation by mail to become a member. Only a digest of its token is kept."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2), default="en")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignIn(Base):
    """A browser in which a person is signed in; ended ones are refused although their cookie is still valid."""

    __tablename__ = "sign_ins"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # Browser and system in words, such as "Firefox, Linux"; no address of a network is kept.
    program: Mapped[str] = mapped_column(String(120), default="")


class AuditEntry(Base):
    """One act that is not a change of an event: signing in, inviting, changing a role, a list or an organisation."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    # For whom it is to be seen besides system administrators; empty for none.
    organisation_code: Mapped[str] = mapped_column(String(60), default="", index=True)
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300), default="")
    details: Mapped[dict[str, Any]]
