"""The golden entries with the details of events: one for each entry, and some that calendars cannot show."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime

from feeds.details import Attendance, DetailedEntry, EventDetails, Precision, State
from feeds.entries import FeedEntry
from tests.feeds.golden import ENTRIES

EXACT = EventDetails(
    title="Second meeting",
    url="https://calendar.example.org/events/1",
    state=State.CONFIRMED,
    dates="1–5 March 2027",
    start=date(2027, 3, 1),
    end=date(2027, 3, 6),
    text="What it is about.",
    attendance=Attendance.IN_PERSON,
    venue="Palais",
    city="Geneva",
    country="CH",
    latitude=46.2,
    longitude=0.0,
    kind="cop",
    conventions=("basel",),
    bodies=(("BC-COP", 18), ("TaskForce", None)),
    organisers=(("Secretariat", "https://example.org/"), ("A centre", "")),
    languages=("en", "fr"),
    whole=("00000000-0000-4000-8000-000000000009", "The whole", "https://calendar.example.org/events/9"),
)
HOURS = EventDetails(
    title="Webinar",
    url="https://calendar.example.org/events/2",
    state=State.CONFIRMED,
    start=datetime(2027, 7, 1, 22, 30, tzinfo=UTC),
    end=datetime(2027, 7, 2, 0, 30, tzinfo=UTC),
    timezone="Asia/Tokyo",
    attendance=Attendance.ONLINE,
    city="Tokyo",
)


def vague(precision: Precision, start: date, end: date) -> EventDetails:
    """Return an event of which no more is known than a period, half-open."""
    return EventDetails(
        title="Some day", url=EXACT.url, state=State.TENTATIVE, precision=precision, dates="some day", start=start,
        end=end,
    )  # fmt: skip


def detailed(entry: FeedEntry, details: EventDetails) -> DetailedEntry:
    """Return the entry with details."""
    return DetailedEntry(**{field.name: getattr(entry, field.name) for field in fields(FeedEntry)}, details=details)


def details_of(entry: FeedEntry) -> EventDetails:
    """Return the details that say the same as a golden entry."""
    return EventDetails(
        title=entry.summary, url=entry.url, state=State(entry.status), start=entry.start, end=entry.end,
        latitude=entry.latitude, longitude=entry.longitude,
    )  # fmt: skip


DETAILED = [detailed(entry, details_of(entry)) for entry in ENTRIES]
