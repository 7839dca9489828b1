"""schema.org's Event as JSON-LD, to stand in a page as a block of data.

What could end or change the element in which it stands is written as an escape of JSON's, so that the text may be put
between `<script type="application/ld+json">` and `</script>` as it is. A browser never runs such a block, so a content
security policy does not stop it. A day that is not known is left out.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from feeds.details import Attendance, Precision, State
from feeds.writing import characters, moments

if TYPE_CHECKING:
    from datetime import date

    from feeds.details import EventDetails

_VOCABULARY = "https://schema.org"
_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
_MODES = {
    Attendance.IN_PERSON: "OfflineEventAttendanceMode",
    Attendance.ONLINE: "OnlineEventAttendanceMode",
    Attendance.HYBRID: "MixedEventAttendanceMode",
}
_ONE_DAY = timedelta(days=1)


def write(details: EventDetails) -> bytes:
    """Return the event as one line of JSON. The same event gives the same bytes."""
    page = characters.address(details.url)
    event = {
        "@context": _VOCABULARY,
        "@type": "Event",
        "@id": page,
        "url": page,
        "name": characters.line(details.title),
        "description": characters.text(details.text).strip(),
        **_dates(details),
        "eventStatus": _status(details),
        "eventAttendanceMode": _term(_MODES.get(details.attendance, "")),
        "location": _one_or_all(_locations(details, page)),
        "organizer": [
            _typed("Organization", name=characters.line(name), url=characters.address(url))
            for name, url in details.organisers
        ],
        "inLanguage": list(details.languages),
        "superEvent": _whole(details),
    }
    return json.dumps(_known(event), ensure_ascii=False).translate(_ESCAPES).encode()


def _dates(details: EventDetails) -> dict[str, Any]:
    """Return what is known of the days; their last is inclusive here, as schema.org's examples have it.

    A postponed event has its old day alone (schema.org/EventPostponed). Of a month or a year that is one, the reduced
    form of ISO 8601 says no more than is known; a quarter has no such form.
    """
    start, end = details.start, details.end
    if start is None or end is None:
        return {}
    if not details.exact:
        return {} if details.state is State.POSTPONED else {"startDate": _reduced(details.precision, start, end)}
    first = _moment(start, details.timezone)
    if details.state is State.POSTPONED:
        return {"previousStartDate": first}
    before = [_moment(day, details.timezone) for day in _moved_from(details)]
    last = end if isinstance(end, datetime) else end - _ONE_DAY
    return {"startDate": first, "endDate": _moment(last, details.timezone), "previousStartDate": _one_or_all(before)}


def _reduced(precision: Precision, start: date, end: date) -> str:
    first, last = moments.month(start), moments.month(end - _ONE_DAY)
    if precision is Precision.MONTH and first == last:
        return first
    return first[:4] if precision is Precision.YEAR and first[:4] == last[:4] else ""


def _moved_from(details: EventDetails) -> list[date]:
    now = _moment(details.start, details.timezone)[:10] if details.start else ""
    return [day for day in details.previous_starts if _moment(day, details.timezone)[:10] != now]


def _status(details: EventDetails) -> str:
    """Return schema.org's word, "" where it has none: for what is tentative, and for days that are not known."""
    if details.state is State.CANCELLED:
        return _term("EventCancelled")
    if details.state is State.POSTPONED:
        return _term("EventPostponed")
    if details.exact and _moved_from(details):
        return _term("EventRescheduled")
    return _term("EventScheduled") if details.exact and details.state is State.CONFIRMED else ""


def _locations(details: EventDetails, page: str) -> list[dict[str, Any]]:
    found = []
    city, country = characters.line(details.city), details.country
    address = _typed("PostalAddress", addressLocality=city, addressCountry=country) if city or country else {}
    if details.attendance is not Attendance.ONLINE and (address or details.venue):
        position = (
            _typed("GeoCoordinates", latitude=details.latitude, longitude=details.longitude)
            if details.latitude is not None
            else {}
        )
        name = characters.line(details.venue) or city
        found.append(_typed("Place", name=name, address=address, geo=position))
    if details.attendance in {Attendance.ONLINE, Attendance.HYBRID}:
        # schema.org wants an address to join at; the page says how, where none is public.
        found.append(_typed("VirtualLocation", url=characters.address(details.online_url) or page))
    return found


def _whole(details: EventDetails) -> dict[str, Any]:
    if details.whole is None:
        return {}
    _uid, title, url = details.whole
    page = characters.address(url)
    return {"@type": "Event", "@id": page, **_known({"name": characters.line(title), "url": page})}


def _moment(value: date, zone: str) -> str:
    """Return a day, or a moment with its distance to UTC in the event's own zone."""
    if isinstance(value, datetime):
        return (value.astimezone(ZoneInfo(zone)) if zone else value).isoformat(timespec="seconds")
    return value.isoformat()


def _typed(kind: str, **values: object) -> dict[str, Any]:
    return {"@type": kind, **_known(values)}


def _term(word: str) -> str:
    return f"{_VOCABULARY}/{word}" if word else ""


def _one_or_all(values: list[Any]) -> Any:  # noqa: ANN401 - JSON
    return values[0] if len(values) == 1 else values


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
