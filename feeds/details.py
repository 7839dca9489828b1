"""An event in full, for the formats that other programs take apart: what calendar programs have no field for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from feeds import checks
from feeds.entries import FeedEntry

if TYPE_CHECKING:
    from datetime import date


class State(StrEnum):
    """How firm an event is; a postponed one has no new dates yet."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Precision(StrEnum):
    """How exactly the dates are known; `words`: they are only written about."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    WORDS = "words"


class Attendance(StrEnum):
    """How people take part."""

    IN_PERSON = "in-person"
    ONLINE = "online"
    HYBRID = "hybrid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDetails:
    """One event, with what is known of it; empty means not known.

    title, text: plain, in one language. url: its web page, http or https.
    dates: in words. start, end: half-open, as in a FeedEntry, or both None; without the precision of a day they are no
        more than bounds. previous_starts: the exact days on which it was to begin before it moved.
    timezone: an IANA name. country: ISO 3166-1 alpha-2. latitude, longitude: degrees (WGS 84), both or none.
    kind, conventions, bodies: the codes of the calendar's lists; a body with the number of its meeting.
    organisers: (name, web address or ""). languages: BCP 47 tags of what is spoken.
    whole: uid, title and web page of the event that it is a part of.
    Raises ValueError when one of this does not hold.
    """

    title: str
    url: str
    state: State
    precision: Precision = Precision.DAY
    dates: str = ""
    start: date | None = None
    end: date | None = None
    previous_starts: tuple[date, ...] = ()
    timezone: str = ""
    text: str = ""
    attendance: Attendance = Attendance.UNKNOWN
    online_url: str = ""
    venue: str = ""
    city: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    kind: str = ""
    conventions: tuple[str, ...] = ()
    bodies: tuple[tuple[str, int | None], ...] = ()
    organisers: tuple[tuple[str, str], ...] = ()
    languages: tuple[str, ...] = ()
    whole: tuple[str, str, str] | None = None

    def __post_init__(self) -> None:
        """Check every field that has a form."""
        checks.shown("title", self.title)
        checks.address("url", self.url, checks.WEB_SCHEMES)
        if self.start is None or self.end is None:
            checks.check(self.start is self.end, "start and end stand together or not at all")
            checks.check(self.precision is not Precision.DAY, "an exact date has a start and an end")
        else:
            checks.span(self.start, self.end)
        checks.place(self.latitude, self.longitude)
        for tag in self.languages:
            checks.language("languages", tag)

    @property
    def exact(self) -> bool:
        """Whether the days are known."""
        return self.precision is Precision.DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailedEntry(FeedEntry):
    """An entry of a feed with the details of its event."""

    details: EventDetails
