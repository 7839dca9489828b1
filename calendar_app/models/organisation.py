"""Organisations: who holds events, and which of them are members of the exchange and keep records."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calendar_app.models.base import Base


class Organisation(Base):
    """A secretariat, UN body, regional centre or partner. `code` is for life and appears in addresses."""

    __tablename__ = "organisations"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    short_name: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    member: Mapped[bool] = mapped_column(default=False)
    url: Mapped[str] = mapped_column(String(500), default="")
    aliases: Mapped[list[str]] = mapped_column(default=list)

    seats: Mapped[list[OrganisationSeat]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan", order_by="OrganisationSeat.id"
    )


class OrganisationSeat(Base):
    """A city where an organisation sits; `process` says for which convention, empty for all."""

    __tablename__ = "organisation_seats"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), index=True)
    city: Mapped[str] = mapped_column(String(80))
    duty_station: Mapped[str] = mapped_column(String(40), default="")
    process: Mapped[str] = mapped_column(String(40), default="")

    organisation: Mapped[Organisation] = relationship(back_populates="seats")
