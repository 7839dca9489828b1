"""JSON Feed 1.1 (jsonfeed.org/version/1.1), each item with an extension `_calendar` that programs can rely on.

The extension's fields are described in docs/feeds.md; a field of which nothing is known is left out.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from feeds.details import Precision
from feeds.writing import characters, moments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.details import DetailedEntry, EventDetails
    from feeds.entries import FeedInfo

CONTENT_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def write(info: FeedInfo, entries: Iterable[DetailedEntry]) -> bytes:
    """Return the feed of `entries` in the given order. The same arguments give the same bytes."""
    feed = {
        "version": _VERSION,
        "title": characters.line(info.name),
        "home_page_url": characters.address(info.url),
        "feed_url": characters.address(info.source),
        "description": characters.line(info.description),
        "authors": [{"name": characters.line(info.author)}],
        "language": info.language,
    }
    # The list has to be there even if there is nothing in it.
    whole = _known(feed) | {"items": [_item(entry) for entry in entries]}
    return json.dumps(whole, ensure_ascii=False).encode() + b"\n"


def _item(entry: DetailedEntry) -> dict[str, Any]:
    title = characters.line(entry.summary)
    item = {
        "id": entry.uid,
        "url": characters.address(entry.url),
        "title": title,
        # An item has at least one of the two.
        "content_text": characters.text(entry.description) or title,
        "content_html": characters.text(entry.html),
        "date_published": moments.utc(entry.created) if entry.created else "",
        "date_modified": moments.utc(entry.last_modified),
        "tags": [line for line in map(characters.line, entry.categories) if line],
        "language": entry.language,
    }
    return _known(item) | {"_calendar": _extension(entry)}


def _extension(entry: DetailedEntry) -> dict[str, Any]:
    details = entry.details
    position = {"latitude": entry.latitude, "longitude": entry.longitude} if entry.latitude is not None else {}
    return _known(
        {
            "title": characters.line(details.title),
            "status": str(details.state),
            "precision": str(details.precision),
            "dates": characters.line(details.dates),
            **_days(entry),
            "timezone": details.timezone,
            "place": characters.line(entry.location),
            "venue": characters.line(details.venue),
            "city": characters.line(details.city),
            "country": details.country,
            **position,
            "format": str(details.attendance),
            "online_url": characters.address(details.online_url),
            "kind": details.kind,
            "conventions": list(details.conventions),
            "bodies": [_known({"code": code, "number": number}) for code, number in details.bodies],
            "organisers": [
                _known({"name": characters.line(name), "url": characters.address(url)})
                for name, url in details.organisers
            ],
            "languages": list(details.languages),
            "part_of": details.whole[0] if details.whole else "",
        }
    ) | {"sequence": entry.sequence}


def _days(entry: DetailedEntry) -> dict[str, str]:
    """Return exact days or moments, half-open as in iCalendar; else the months or years between which it lies."""
    if entry.details.exact:
        return {"start": moments.day_or_utc(entry.start), "end": moments.day_or_utc(entry.end)}
    return _period(entry.details)


def _period(details: EventDetails) -> dict[str, str]:
    if details.start is None or details.end is None:
        return {}
    first, last = moments.month(details.start), moments.month(details.end - timedelta(days=1))
    if details.precision is Precision.YEAR:
        first, last = first[:4], last[:4]
    return {"earliest": first, "latest": last}


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
