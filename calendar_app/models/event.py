"""The event and what belongs to it: search facets, links, sources, services, candidate dates and revisions.

Values with several parts (titles, bodies, organisers, ...) are JSON on the event's row, so that a page of events is
one query; `EventFacet` and `Event.search_text` are the indexes derived from them whenever the record is applied.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calendar_app.models.base import Base


def _other_event() -> ForeignKey:
    """Refer to an event that the same transaction may write later."""
    return ForeignKey("events.id", deferrable=True, initially="DEFERRED")


_MERGED = text("merged_into_id IS NOT NULL")


class Event(Base):
    """Anything on the calendar. `start` and `end` are a half-open span of days, both empty when only words are known.

    Wholes, links and merged events refer to events that the same transaction may write later.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint('("start" IS NULL) = ("end" IS NULL)', name="span_whole"),
        CheckConstraint('"start" < "end"', name="span_forward"),
        Index("ix_events_shown_start", "stage", "visibility", "start"),
        Index("ix_events_shown_end", "stage", "visibility", "end"),
        Index("ix_events_start_end", "start", "end"),
        Index("ix_events_kind_start", "kind", "start", "end"),
        # Of the few that were merged: for all the others it would be taken in the place of those of days.
        Index("ix_events_merged_into_id", "merged_into_id", sqlite_where=_MERGED, postgresql_where=_MERGED),
    )

    # Identity
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    last_modified: Mapped[datetime]
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(_other_event())

    # Who keeps it, who may see it, where it is on its way
    steward_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), index=True)
    visibility: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20))
    publish_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20), index=True)
    status_since: Mapped[datetime]
    # When the public last ceased to see it, and with which days: what a tombstone may say.
    hidden_since: Mapped[datetime | None]
    last_public_start: Mapped[date | None]
    last_public_end: Mapped[date | None]
    # SEQUENCE then: what is changed afterwards is nothing to the public.
    hidden_sequence: Mapped[int | None]
    last_confirmed_at: Mapped[datetime | None]
    last_confirmed_by: Mapped[str] = mapped_column(String(300), default="")

    # What
    titles: Mapped[dict[str, str]]
    descriptions: Mapped[dict[str, str]]
    short_title: Mapped[str] = mapped_column(String(300), default="")
    kind: Mapped[str] = mapped_column(String(40))
    processes: Mapped[list[str]]
    bodies: Mapped[list[dict[str, Any]]]
    organisers: Mapped[list[dict[str, Any]]]
    series: Mapped[str] = mapped_column(String(300), default="", index=True)
    part_of_id: Mapped[uuid.UUID | None] = mapped_column(_other_event(), index=True)
    part_role: Mapped[str] = mapped_column(String(20), default="")
    part_label: Mapped[str] = mapped_column(String(300), default="")

    # When
    start: Mapped[date | None]
    end: Mapped[date | None]
    precision: Mapped[str] = mapped_column(String(10))
    date_text: Mapped[str] = mapped_column(String(300), default="")
    start_time: Mapped[str] = mapped_column(String(5), default="")
    end_time: Mapped[str] = mapped_column(String(5), default="")
    timezone: Mapped[str] = mapped_column(String(60), default="")

    # Where
    format: Mapped[str] = mapped_column(String(20))
    remote_participation: Mapped[str] = mapped_column(Text, default="")
    venue: Mapped[str] = mapped_column(String(300), default="")
    city: Mapped[str] = mapped_column(String(120), default="")
    city_slug: Mapped[str] = mapped_column(String(120), default="", index=True)
    country: Mapped[str] = mapped_column(String(2), default="", index=True)
    regions: Mapped[list[str]]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    # For participants
    access: Mapped[str] = mapped_column(String(20), default="")
    audiences: Mapped[list[str]]
    languages: Mapped[list[str]]
    registration_url: Mapped[str] = mapped_column(String(1000), default="")
    documents_url: Mapped[str] = mapped_column(String(1000), default="")
    online_url: Mapped[str] = mapped_column(String(1000), default="")
    web_url: Mapped[str] = mapped_column(String(1000), default="")
    contact: Mapped[str] = mapped_column(String(300), default="")

    # For the biennial joint report
    cooperation_area: Mapped[str] = mapped_column(String(300), default="")
    decisions: Mapped[list[str]]
    outcome: Mapped[str] = mapped_column(Text, default="")

    # Never public
    notes: Mapped[str] = mapped_column(Text, default="")
    expected_participants: Mapped[int | None]
    staffing: Mapped[str] = mapped_column(Text, default="")
    key_persons: Mapped[list[str]]

    # Derived when the record is applied
    search_text: Mapped[str] = mapped_column(Text)
    sources_disagree: Mapped[bool] = mapped_column(default=False)

    whole: Mapped[Event | None] = relationship(remote_side="Event.id", foreign_keys="Event.part_of_id")
    facets: Mapped[list[EventFacet]] = relationship(cascade="all, delete-orphan")
    sources: Mapped[list[EventSource]] = relationship(cascade="all, delete-orphan", order_by="EventSource.position")
    links: Mapped[list[EventLink]] = relationship(
        cascade="all, delete-orphan", foreign_keys="EventLink.event_id", order_by="EventLink.position"
    )
    services: Mapped[list[Service]] = relationship(cascade="all, delete-orphan", order_by="Service.position")
    options: Mapped[list[DateOption]] = relationship(cascade="all, delete-orphan", order_by="DateOption.position")
    editors: Mapped[list[EventEditor]] = relationship(
        cascade="all, delete-orphan", order_by="EventEditor.organisation_code"
    )


class EventFacet(Base):
    """One value by which an event can be filtered: (convention, basel), (body, BC-COP), (region, Africa), ..."""

    __tablename__ = "event_facets"
    __table_args__ = (Index("ix_event_facets_value", "facet", "value"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    facet: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)


class EventLink(Base):
    """A relation to another event that is not its whole; read both ways."""

    __tablename__ = "event_links"
    __table_args__ = (UniqueConstraint("event_id", "other_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"))
    other_id: Mapped[uuid.UUID] = mapped_column(_other_event(), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    position: Mapped[int]


class EventSource(Base):
    """Where a fact comes from: the citation and its words; `conflicts` names what it contradicts in the record."""

    __tablename__ = "event_sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), index=True)
    source_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    citation: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(1000), default="")
    quote: Mapped[str] = mapped_column(Text, default="")
    dates: Mapped[str] = mapped_column(String(300), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    conflicts: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int]


class Service(Base):
    """A service that one organisation gives to this event of another. Dates inclusive; never public."""

    __tablename__ = "services"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), index=True)
    provider_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"))
    kind: Mapped[str] = mapped_column(String(20))
    people: Mapped[int | None]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int]


class DateOption(Base):
    """One of several candidate dates (inclusive days) of a meeting not yet fixed; a hold until `held_until`."""

    __tablename__ = "date_options"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    city: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(20))
    held_until: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int]


class EventEditor(Base):
    """An organisation that the steward lets change this event too: what the public sees of it, never the rest."""

    __tablename__ = "event_editors"

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("organisations.code"), primary_key=True)


class Revision(Base):
    """One recorded change: the fields that changed, before and after, who, when and why.

    `actor` is how the person was called then, with the organisation; `account_id` is empty for what no account did.
    `reason_is_public` tells that whoever changed a public event chose to show the reason to everybody.
    """

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    action: Mapped[str] = mapped_column(String(40))
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text, default="")
    reason_is_public: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The file that it came in with, so that all of it can be undone as one.
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("imports.id"), index=True)
