"""What every feed format writes and reads: one event and one feed, as plain values.

Everything here is checked when it is made, so that a writer need not doubt it: a wrong value raises
ValueError with a sentence that names the field. Nothing is mended silently except inside texts, which each
format cleans by its rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from feeds import colors

DEFAULT_PRODUCT_ID = "-//Chemicals and waste cluster//Joint meeting calendar//EN"
DEFAULT_REFRESH = timedelta(hours=6)
CONFERENCE_SCHEMES = frozenset({"http", "https", "sip", "sips", "tel", "xmpp"})
_WEB_SCHEMES = frozenset({"http", "https"})
_LARGEST_INTEGER = 2**31 - 1
_POLE = 90
_ANTIMERIDIAN = 180
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_RELATION = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):[^\s]")
_UID = re.compile(r"[A-Za-z0-9!#$%&'()*+./:<=>?@^_`{|}~\[\]-]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


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
    language: BCP 47 tag of the texts.
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
    html: str = ""
    related: tuple[tuple[str, str], ...] = ()

    @property
    def all_day(self) -> bool:
        """Whether start and end are dates."""
        return not isinstance(self.start, datetime)

    def __post_init__(self) -> None:
        """Check every field."""
        _check(
            _UID.fullmatch(self.uid),
            f'uid is 1 to 255 ASCII characters without blanks and any of "\\,; not {self.uid!r}',
        )
        _check(0 <= self.sequence <= _LARGEST_INTEGER, f"sequence is 0 to 2^31 - 1, not {self.sequence}")
        _check_utc("last_modified", self.last_modified)
        if self.created is not None:
            _check_utc("created", self.created)
        _check_span(self.start, self.end)
        _check(isinstance(self.status, EntryStatus), f"status is an EntryStatus, not {self.status!r}")
        _check(_CONTROL.sub("", self.summary).strip(), "summary is empty")
        _check(self.description.strip() or not self.html, "html stands only beside a plain description")
        _check_place(self.latitude, self.longitude)
        _check_language(self.language)
        if self.url:
            _check_address("url", self.url, _WEB_SCHEMES)
        for address, _ in self.conference:
            _check_address("conference", address, CONFERENCE_SCHEMES)
        for relation, uid in self.related:
            _check(
                _RELATION.fullmatch(relation),
                f"a relation type is letters, digits and hyphens, not {relation!r}",
            )
            _check(_UID.fullmatch(uid), f"a related uid is one of an event, not {uid!r}")
            _check(uid != self.uid, "an event is not related to itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInfo:
    """What a feed says about itself.

    url: its web page. source: the address of the feed itself; both http or https.
    last_modified: aware UTC. color: a CSS3 colour name or "#rrggbb". refresh: how long a reader may wait
    between two
    looks, whole seconds, at least a minute. Raises ValueError when one of this does not hold.
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

    def __post_init__(self) -> None:
        """Check every field."""
        _check(_CONTROL.sub("", self.name).strip(), "name is empty")
        _check_address("url", self.url, _WEB_SCHEMES)
        _check_address("source", self.source, _WEB_SCHEMES)
        _check_language(self.language)
        _check_utc("last_modified", self.last_modified)
        colors.to_hex(self.color)
        _check(self.refresh >= timedelta(minutes=1), f"refresh is at least a minute, not {self.refresh}")
        _check(self.refresh.microseconds == 0, f"refresh is whole seconds, not {self.refresh}")
        _check(self.product_id and not _CONTROL.search(self.product_id), "product_id is one line of text")


def _check(holds: object, message: str) -> None:
    if not holds:
        raise ValueError(message)


def _check_utc(field: str, moment: datetime) -> None:
    _check(moment.utcoffset() == timedelta(0), f"{field} is an aware UTC datetime, not {moment!r}")


def _check_span(start: date, end: date) -> None:
    timed = [isinstance(value, datetime) for value in (start, end)]
    _check(timed[0] == timed[1], f"start and end are both dates or both datetimes, not {start!r} and {end!r}")
    for field, value in (("start", start), ("end", end)):
        if isinstance(value, datetime):
            _check(value.utcoffset() is not None, f"{field} has a time zone, but is {value!r}")
            _check(value.microsecond == 0, f"{field} is whole seconds, not {value!r}")
            try:
                value.astimezone(UTC)
            except OverflowError:
                message = f"{field} is outside of the years 1 to 9999 in UTC: {value!r}"
                raise ValueError(message) from None
    _check(end > start, f"end is after start (it is exclusive), but {end!r} is not after {start!r}")


def _check_place(latitude: float | None, longitude: float | None) -> None:
    if latitude is None or longitude is None:
        _check(latitude is longitude, "latitude and longitude stand together or not at all")
        return
    _check(abs(latitude) <= _POLE, f"latitude is -90 to 90 degrees, not {latitude}")
    _check(abs(longitude) <= _ANTIMERIDIAN, f"longitude is -180 to 180 degrees, not {longitude}")


def _check_language(language: str) -> None:
    _check(_LANGUAGE.fullmatch(language), f"language is a BCP 47 tag, not {language!r}")


def _check_address(field: str, address: str, schemes: frozenset[str]) -> None:
    found = _SCHEME.match(address)
    _check(
        found and found[1].lower() in schemes and not _CONTROL.search(address),
        f"{field} is an address that starts with one of {', '.join(sorted(schemes))}, not {address!r}",
    )
