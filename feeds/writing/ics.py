r"""iCalendar (RFC 5545, RFC 7986), as subscribers' programs want it.

An event's bytes depend on nothing but the entry, so they can be kept and joined: a calendar is a head, the
events' bytes and a tail. Timed events are in UTC, all-day ones are dates, so no zone definitions are needed.

There is no METHOD (it would need an ORGANIZER), no UID of the calendar (some readers take it for the events')
and no X-WR-TIMEZONE. `icalendar` builds, folds and orders the lines; escaping and coordinates are done here,
because its own take the two characters "\N" in a text for a newline, and write a small number with an
exponent.
"""

from __future__ import annotations

import html
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from icalendar import Calendar, Event
from icalendar.prop import vCategory, vDuration, vGeo, vText, vUri

from feeds import colors
from feeds.entries import EntryStatus
from feeds.writing import characters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.entries import FeedEntry, FeedInfo

_TAIL = b"END:VCALENDAR\r\n"
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
# What an address lets people do, as far as its scheme tells (RFC 7986, section 6.3).
_FEATURES = {"tel": ["PHONE"], "sip": ["AUDIO"], "sips": ["AUDIO"], "xmpp": ["CHAT"]}
_NOT_IN_LABELS = str.maketrans({"\\": "/", '"': "'", "^": None})
_WEB_FEATURES = ["AUDIO", "VIDEO"]


class _Text(vText):
    """TEXT, cleaned, with each special character escaped exactly once (RFC 5545, section 3.3.11)."""

    def to_ical(self) -> bytes:
        return characters.text(self).translate(_ESCAPES).encode()


class _Place(vGeo):
    """GEO as two plain decimals (RFC 5545, section 3.8.1.6), to six places: a tenth of a metre."""

    def to_ical(self) -> str:
        return f"{_degrees(self.latitude)};{_degrees(self.longitude)}"


def write(info: FeedInfo, entries: Iterable[FeedEntry]) -> bytes:
    """Return the feed of `entries` in the given order; see `write_event` and `write_calendar`."""
    return write_calendar(info, (write_event(entry) for entry in entries))


def write_calendar(info: FeedInfo, events: Iterable[bytes]) -> bytes:
    """Return one VCALENDAR with `events`, each the bytes of one VEVENT as `write_event` returns them.

    The same arguments give the same bytes. UIDs are not compared: giving each event once is the caller's
    part.
    """
    calendar = Calendar()
    language = _language(info.language)
    name, description = characters.line(info.name), characters.text(info.description)
    calendar.add("VERSION", _Text("2.0"))
    calendar.add("PRODID", _Text(info.product_id))
    calendar.add("CALSCALE", _Text("GREGORIAN"))
    calendar.add("NAME", _Text(name, params=language))  # RFC 7986, section 5.1
    calendar.add("X-WR-CALNAME", _Text(name))
    if description:
        calendar.add("DESCRIPTION", _Text(description, params=language))  # RFC 7986, section 5.2
        calendar.add("X-WR-CALDESC", _Text(description))
    calendar.add("LAST-MODIFIED", info.last_modified)  # RFC 7986, section 5.4
    calendar.add("URL", _uri(info.url))  # RFC 7986, section 5.5
    calendar.add("REFRESH-INTERVAL", vDuration(info.refresh, params={"VALUE": "DURATION"}))  # RFC 7986, section 5.7
    calendar.add("X-PUBLISHED-TTL", vDuration(info.refresh))
    if info.source:
        calendar.add("SOURCE", _uri(info.source, {"VALUE": "URI"}))  # RFC 7986, section 5.8
    calendar.add("COLOR", _Text(colors.to_name(info.color)))  # RFC 7986, section 5.9: a name, never #RRGGBB
    calendar.add("X-APPLE-CALENDAR-COLOR", _Text(colors.to_hex(info.color)))
    return b"".join((calendar.to_ical().removesuffix(_TAIL), *events, _TAIL))


def write_event(entry: FeedEntry) -> bytes:
    """Return one VEVENT (RFC 5545, section 3.6.1), its lines ended by CRLF and folded at 75 octets.

    The same entry gives the same bytes. A summary, a category and a label become one line each. Each
    conference address that the description does not name is written under it, since few programs show
    CONFERENCE.
    """
    event = Event()
    event.add("UID", _Text(entry.uid))
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", entry.last_modified)  # without METHOD: the last revision (RFC 5545, section 3.8.7.2)
    event.add("LAST-MODIFIED", entry.last_modified)
    if entry.created is not None:
        event.add("CREATED", entry.created)
    event.add("DTSTART", _in_utc(entry.start))
    event.add("DTEND", _in_utc(entry.end))
    event.add("STATUS", _Text(entry.status.value.upper()))
    _add_free_time(event, entry)
    _add_texts(event, entry)
    _add_references(event, entry)
    return bytes(event.to_ical())


def _add_free_time(event: Event, entry: FeedEntry) -> None:
    """Say that the event takes nobody's time: a conference of twelve days would fill a reader's calendar."""
    tentative = entry.status is EntryStatus.TENTATIVE
    event.add("TRANSP", _Text("TRANSPARENT"))  # RFC 5545, section 3.8.2.7
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", _Text("TENTATIVE" if tentative else "FREE"))


def _add_texts(event: Event, entry: FeedEntry) -> None:
    event.add("SUMMARY", _Text(characters.line(entry.summary), params=_language(entry.language)))
    description = _plain_description(entry)
    if description:
        event.add("DESCRIPTION", _Text(description, params=_language(entry.description_language)))
    if description and entry.html:
        event.add("X-ALT-DESC", _Text(_html_description(entry), params={"FMTTYPE": "text/html"}))
    location = characters.text(entry.location)
    if location:
        event.add("LOCATION", _Text(location))
    categories = [line for line in map(characters.line, entry.categories) if line]
    if categories:
        listed = vCategory([])
        # Given to it at once, it would make texts of its own of them, which take "\\N" for a line end.
        listed.cats = [_Text(line) for line in categories]
        event.add("CATEGORIES", listed)


def _add_references(event: Event, entry: FeedEntry) -> None:
    if entry.url:
        event.add("URL", _uri(entry.url))
    if entry.latitude is not None and entry.longitude is not None:
        event.add("GEO", _Place((entry.latitude, entry.longitude)))
    for address, label in entry.conference:  # RFC 7986, section 5.11
        features = _FEATURES.get(address.partition(":")[0].lower(), _WEB_FEATURES)
        parameters: dict[str, str | list[str]] = {"VALUE": "URI", "FEATURE": features}
        if _label(label):
            parameters["LABEL"] = _label(label)
        event.add("CONFERENCE", _uri(address, parameters))
    for relation, uid in entry.related:  # RFC 5545, section 3.8.4.5
        event.add("RELATED-TO", _Text(uid, params={"RELTYPE": relation.upper()}))


def _plain_description(entry: FeedEntry) -> str:
    description = characters.text(entry.description)
    lines = []
    for raw, label in entry.conference:
        address = characters.address(raw)
        if address not in description and raw not in description:
            lines.append(f"{characters.line(label)}: {address}" if characters.line(label) else address)
    return "\n\n".join(part for part in (description, "\n".join(lines)) if part)


def _html_description(entry: FeedEntry) -> str:
    fragment = characters.text(entry.html)
    links = []
    for raw, label in entry.conference:
        address = html.escape(characters.address(raw))
        if address not in fragment:
            links.append(f'<p><a href="{address}">{html.escape(characters.line(label)) or address}</a></p>')
    language = f' lang="{entry.description_language}"' if entry.description_language else ""
    return f"<html{language}><body>{fragment}{''.join(links)}</body></html>"


def _language(tag: str) -> dict[str, str]:
    """Return the parameter that says what language a text is in, none for several (RFC 5545, section 3.2.10)."""
    return {"LANGUAGE": tag} if tag else {}


def _label(label: str) -> str:
    """Return a text fit for a parameter value, which knows no backslash escapes (RFC 5545, section 3.1).

    Readers disagree about backslashes, and about the caret escapes for quotation marks (RFC 6868): neither is
    used.
    """
    return characters.line(label.translate(_NOT_IN_LABELS))


def _uri(address: str, parameters: dict[str, str | list[str]] | dict[str, str] | None = None) -> vUri:
    return vUri(characters.address(address), params=dict(parameters or {}))


def _in_utc(moment: date) -> date:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def _degrees(value: float) -> str:
    return f"{round(value, 6) + 0.0:.6f}"  # adding zero makes "-0" into "0"
