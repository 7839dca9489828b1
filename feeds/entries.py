"""What every feed format writes and reads: one event and one feed, as plain values.

Everything here is checked when it is made, so that a writer need not doubt it: a wrong value raises
ValueError with a sentence that names the field. Nothing is mended silently except inside texts, which each
format cleans by its rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from feeds import checks, colors

DEFAULT_PRODUCT_ID = "-//Chemicals and waste cluster//Joint meeting calendar//EN"
DEFAULT_AUTHOR = "Joint meeting calendar"
DEFAULT_REFRESH = timedelta(hours=6)
CONFERENCE_SCHEMES = frozenset({"http", "https", "sip", "sips", "tel", "xmpp"})
_LARGEST_INTEGER = 2**31 - 1
_RELATION = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_UID = re.compile(r"[A-Za-z0-9!#$%&'()*+./:<=>?@^_`{|}~\[\]-]{1,255}")


class EntryStatus(StrEnum):
    """The three states which RFC 5545, section 3.8.1.11 allows for an event."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One event of a feed.

    uid: opaque, the same for life in every language and every feed; ASCII, without blanks, quotation marks
        and what RFC 5545 escapes.
    sequence: 0 to 2^31 - 1, rises with every visible change (RFC 5545, section 3.8.7.4).
    created, last_modified: aware UTC; last_modified is when the bytes last changed, never "now".
    start, end: half-open [start, end), both dates (all day) or both aware datetimes of whole seconds, in any
        zone.
    description: plain text. html: a fragment (no html or body element) that says the same, only beside a
        description.
    url: the event's web page, http or https, or "". Best never empty: a reader that makes its own UIDs from
        the content (vdirsyncer) takes two events that are alike in all else for one.
    latitude, longitude: degrees (WGS 84), both or none.
    conference: (address, label) of each way to join online; CONFERENCE_SCHEMES are allowed.
    language: BCP 47 tag of the summary. description_language: of the description, "" where it is in several: then
        the HTML marks each part itself.
    related: (relation type, uid), the types of RFC 5545, section 3.2.15 and RFC 9253.
    Raises ValueError when one of this does not hold.
    """

    uid: str
    sequence: int
    created: datetime | None
    last_modified: datetime
    summary: str
    start: date
    end: date
    status: EntryStatus
    description: str = ""
    url: str = ""
    location: str = ""
    latitude: float | None = None
    longitude: float | None = None
    categories: tuple[str, ...] = ()
    conference: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    description_language: str = "en"
    html: str = ""
    related: tuple[tuple[str, str], ...] = ()

    @property
    def all_day(self) -> bool:
        """Whether start and end are dates."""
        return not isinstance(self.start, datetime)

    def __post_init__(self) -> None:
        """Check every field."""
        checks.check(
            _UID.fullmatch(self.uid),
            f'uid is 1 to 255 ASCII characters without blanks and any of "\\,; not {self.uid!r}',
        )
        checks.check(0 <= self.sequence <= _LARGEST_INTEGER, f"sequence is 0 to 2^31 - 1, not {self.sequence}")
        checks.utc("last_modified", self.last_modified)
        if self.created is not None:
            checks.utc("created", self.created)
        checks.span(self.start, self.end)
        checks.check(isinstance(self.status, EntryStatus), f"status is an EntryStatus, not {self.status!r}")
        checks.shown("summary", self.summary)
        checks.check(self.description.strip() or not self.html, "html stands only beside a plain description")
        checks.place(self.latitude, self.longitude)
        checks.language("language", self.language)
        if self.description_language:
            checks.language("description_language", self.description_language)
        if self.url:
            checks.address("url", self.url, checks.WEB_SCHEMES)
        for address, _ in self.conference:
            checks.address("conference", address, CONFERENCE_SCHEMES)
        for relation, uid in self.related:
            checks.check(
                _RELATION.fullmatch(relation),
                f"a relation type is letters, digits and hyphens, not {relation!r}",
            )
            checks.check(_UID.fullmatch(uid), f"a related uid is one of an event, not {uid!r}")
            checks.check(uid != self.uid, "an event is not related to itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInfo:
    """What a feed says about itself.

    url: its web page. source: the address of the feed itself, "" where it is a secret; both http or https.
    last_modified: aware UTC. color: a CSS3 colour name or "#rrggbb". refresh: how long a reader may wait
    between two looks, whole seconds, at least a minute. author: who is named where a format wants one.
    Raises ValueError when one of this does not hold.
    """

    name: str
    description: str
    url: str
    source: str
    last_modified: datetime
    language: str = "en"
    color: str = "steelblue"
    refresh: timedelta = DEFAULT_REFRESH
    product_id: str = DEFAULT_PRODUCT_ID
    author: str = DEFAULT_AUTHOR

    def __post_init__(self) -> None:
        """Check every field."""
        checks.shown("name", self.name)
        checks.shown("author", self.author)
        checks.address("url", self.url, checks.WEB_SCHEMES)
        if self.source:
            checks.address("source", self.source, checks.WEB_SCHEMES)
        checks.language("language", self.language)
        checks.utc("last_modified", self.last_modified)
        colors.to_hex(self.color)
        checks.check(self.refresh >= timedelta(minutes=1), f"refresh is at least a minute, not {self.refresh}")
        checks.check(self.refresh.microseconds == 0, f"refresh is whole seconds, not {self.refresh}")
        checks.one_line("product_id", self.product_id)
