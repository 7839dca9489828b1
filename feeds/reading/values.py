"""What every reader returns: the events of somebody else's feed as plain values, and remarks about the reading."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from feeds.told import ToldError, marked
from feeds.writing import characters

if TYPE_CHECKING:
    from datetime import date, datetime

MOST_EVENTS = 100_000
MOST_REMARKS = 200


class ReadStatus(StrEnum):
    """What a source says of an event."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Code(StrEnum):
    """What a remark is about. `SENTENCES` has the words."""

    # Problems: something was left out.
    NO_START = "no-start"
    BAD_START = "bad-start"
    OUT_OF_RANGE = "out-of-range"
    UNFINISHED = "unfinished"
    NOT_READ = "not-read"
    NO_ID = "no-id"
    NOT_PUBLIC = "not-public"
    RULE_REFUSED = "rule-refused"
    TOO_MUCH_WORK = "too-much-work"
    TOO_MANY_OCCURRENCES = "too-many-occurrences"
    # Notes: something was mended, guessed or ignored.
    ENCODING = "encoding"
    NO_UID = "no-uid"
    NO_TITLE = "no-title"
    BAD_LINE = "bad-line"
    BAD_VALUE = "bad-value"
    BAD_END = "bad-end"
    LONG_TEXT = "long-text"
    DUPLICATE = "duplicate"
    ORPHAN = "orphan"
    FLOATING = "floating"
    UNKNOWN_ZONE = "unknown-zone"
    DEFINED_ZONE = "defined-zone"
    BAD_ZONE_DEFINITION = "bad-zone-definition"
    MORE = "more"


# Problems after which a whole event is missing.
_LOSSES = frozenset(
    {
        Code.NO_START, Code.BAD_START, Code.OUT_OF_RANGE, Code.UNFINISHED, Code.NOT_READ, Code.NO_ID, Code.NOT_PUBLIC,
    }
)  # fmt: skip


SENTENCES = {
    Code.NO_START: marked("The event has no start and is left out."),
    Code.BAD_START: marked("The start “%(detail)s” cannot be understood; the event is left out."),
    Code.OUT_OF_RANGE: marked("The event lies in the year %(detail)s and is left out."),
    Code.UNFINISHED: marked("The event ends in the middle and is left out."),
    Code.NOT_READ: marked("The event cannot be understood (%(detail)s) and is left out."),
    Code.NO_ID: marked("The meeting has no id and is left out."),
    Code.NOT_PUBLIC: marked(
        "The event is marked %(detail)s, so it is not for everybody and is left out. If it is in the calendar already, "
        "it stays there as it is until somebody withdraws it."
    ),
    Code.RULE_REFUSED: marked(
        "The event repeats by a rule that is not followed (%(detail)s); only its first date is kept."
    ),
    Code.TOO_MUCH_WORK: marked("The feed repeats too much; of this event only the first date is kept."),
    Code.TOO_MANY_OCCURRENCES: marked("The event repeats too often; only %(detail)s of its dates are kept."),
    Code.ENCODING: marked("The feed is not written in UTF-8; it was read as %(detail)s."),
    Code.NO_UID: marked("The event has no UID; one was made of its title and start."),
    Code.NO_TITLE: marked("The event has no title."),
    Code.BAD_LINE: marked("The line has no name and value and is ignored."),
    Code.BAD_VALUE: marked("The value of %(detail)s cannot be understood and is ignored."),
    Code.BAD_END: marked("The end “%(detail)s” does not fit the start and is ignored."),
    Code.LONG_TEXT: marked("The text of %(detail)s is too long and was cut."),
    Code.DUPLICATE: marked("The event stands in the feed more than once; the latest is kept."),
    Code.ORPHAN: marked("The event is the exception of a series that is not in the feed, or not on that date."),
    Code.FLOATING: marked("The event has no time zone; it was read in %(detail)s."),
    Code.UNKNOWN_ZONE: marked("The time zone “%(detail)s” is not known."),
    Code.DEFINED_ZONE: marked("The time zone “%(detail)s” is the feed's own; its times were converted to UTC."),
    Code.BAD_ZONE_DEFINITION: marked("What the feed says about the time zone “%(detail)s” cannot be understood."),
    Code.MORE: marked("%(detail)s more remarks are not listed."),
}


class Remark(NamedTuple):
    """Something to know about the reading: what, in which line first (0: the feed), about which UID, how often."""

    code: Code
    detail: str = ""
    line: int = 0
    uid: str = ""
    times: int = 1

    @property
    def sentence(self) -> str:
        """What people are told, in English."""
        return SENTENCES[self.code] % {"detail": self.detail}


class Failure(StrEnum):
    """Why a feed as a whole could not be read."""

    EMPTY = "empty"
    WEB_PAGE = "web-page"
    NOT_THE_FORMAT = "not-the-format"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    TOO_MANY = "too-many"
    GAVE_UP = "gave-up"


class ReadFailedError(ToldError):
    """A feed cannot be read, and says nothing about its events: `reason` for programs, the text for people."""

    def __init__(self, reason: Failure, template: str, **values: str | int) -> None:
        """Keep what programs and people are told."""
        super().__init__(template, **values)
        self.reason = reason


class Horizon(NamedTuple):
    """The days [first, end) in which the dates of series are worked out."""

    first: date
    end: date

    @property
    def recent(self) -> date:
        """From when on dates count before those that are longer past: a horizon ends about two years from today."""
        return max(self.first, self.end - timedelta(days=2 * 366 + 31))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvent:
    """One event of a feed as its source has it. "" and None mean that the source does not say.

    uid and recurrence_id together are the event's identity in its source. recurrence_id: "" for an event by itself;
    for a date of a series where the rule had it, "2027-03-01" or "2027-03-01T08:00:00Z" (RFC 5545, section
    3.8.4.4). rule: of a series, as written.
    start, end: half-open, both dates (all day) or both aware datetimes. start is None where the source knows no date
    yet; end is None where it is not known (for dates it always is).
    timezone: the IANA name in which start is written, or of the calendar if it is written in UTC; "" for dates.
    summary, description, location: plain text. titles, descriptions: (language, text) where there are several.
    last_modified, stamp: aware UTC.
    treaties, kind, meeting_type, access: InforMEA's words in lower case. virtual: whether people can take part from
    afar. country: ISO 3166-1, two or three letters.
    visibility: what the source says if not everybody may see it ("PRIVATE"); such events are in no ReadFeed.
    """

    uid: str
    recurrence_id: str = ""
    rule: str = ""
    sequence: int = 0
    summary: str = ""
    description: str = ""
    start: date | None = None
    end: date | None = None
    timezone: str = ""
    status: ReadStatus | None = None
    location: str = ""
    city: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    url: str = ""
    categories: tuple[str, ...] = ()
    organizer: str = ""
    last_modified: datetime | None = None
    stamp: datetime | None = None
    titles: tuple[tuple[str, str], ...] = ()
    descriptions: tuple[tuple[str, str], ...] = ()
    treaties: tuple[str, ...] = ()
    kind: str = ""
    meeting_type: str = ""
    access: str = ""
    virtual: bool | None = None
    visibility: str = ""

    @property
    def all_day(self) -> bool:
        """Whether the event has dates without hours."""
        return self.start is not None and not hasattr(self.start, "hour")

    @property
    def cancelled(self) -> bool:
        """Whether the source says that it does not take place."""
        return self.status is ReadStatus.CANCELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFeed:
    """What was read. problems: what was left out. notes: what was mended, guessed or ignored.

    left_out: the UIDs of events that are in the feed and could not be read, or not all of their dates: that they, or
    some dates of theirs, are not among `events` does not mean that they are gone. nameless: how many more could not be
    read of which nobody knows the UID; while there are any, nothing that is not among `events` need be gone.

    Of a service that answers in pages this is one of them: rows is how many things were on it, next_url where it says
    that the next one is.
    """

    name: str = ""
    events: tuple[ReadEvent, ...] = ()
    problems: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    left_out: tuple[str, ...] = ()
    nameless: int = 0
    rows: int = 0
    next_url: str = ""


@dataclass(slots=True)
class Remarks:
    """Collects remarks: those that say the same once with their number, and not without end.

    uids: all in them. nameless: how many events were lost whose UID nobody knows.
    """

    _found: dict[tuple[Code, str, str], Remark] = field(default_factory=dict)
    _times: Counter[tuple[Code, str, str]] = field(default_factory=Counter)
    _more: int = 0
    uids: dict[str, None] = field(default_factory=dict)
    nameless: int = 0

    def add(self, code: Code, detail: str = "", *, line: int = 0, uid: str = "") -> None:
        """Keep a remark; `detail` and `uid` may be as foreign as they are."""
        detail, uid = _clean(detail), _clean(uid)
        if uid:
            self.uids[uid] = None
        elif code in _LOSSES:
            self.nameless += 1
        # Each that is not public is named: it may be in the calendar from before.
        key = (code, detail[:100], uid if code is Code.NOT_PUBLIC else "")
        if key in self._found:
            self._times[key] += 1
        elif len(self._found) < MOST_REMARKS:
            self._found[key] = Remark(code, key[1], line, uid[:100])
        else:
            self._more += 1

    def all(self) -> tuple[Remark, ...]:
        """Return the remarks in the order in which they were first made."""
        found = [remark._replace(times=self._times[key] + 1) for key, remark in self._found.items()]
        if self._more:
            found.append(Remark(Code.MORE, str(self._more)))
        return tuple(found)


def _clean(text: str) -> str:
    return text if text.isprintable() else characters.line(text)
