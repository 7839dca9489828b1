"""Events for other programs: as a JSON Feed, and as schema.org's Event in a page."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from calendar_app.planning.dates import Precision
from calendar_app.services.calendar import STRANGER, can_see
from calendar_app.services.feed_entries import entry_of, page_of, position_of, when, words_of
from calendar_app.services.records import bodies_of, in_language, organisers_of, span_of
from feeds.details import Attendance, DetailedEntry, EventDetails, State
from feeds.details import Precision as FeedPrecision
from feeds.entries import FeedEntry, FeedInfo
from feeds.writing import json_feed, json_ld

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from calendar_app.models import Event
    from calendar_app.services.feed_entries import Feed
    from calendar_app.services.reference import Reference

JSON_FEED = json_feed.CONTENT_TYPE
_ENTRY_FIELDS = tuple(field.name for field in dataclasses.fields(FeedEntry))


def info_of(feed: Feed, description: str, last_modified: datetime) -> FeedInfo:
    """Return what a feed says about itself; `last_modified` is aware UTC."""
    words = words_of(feed.language)
    return FeedInfo(
        name=feed.name,
        description=description,
        url=feed.page_url,
        source=feed.feed_url,
        last_modified=last_modified,
        language=words.language,
        color=feed.color,
        author=words.gettext("Joint meeting calendar"),
    )


def render_json(
    feed: Feed, events: Iterable[Event], home_url: str, reference: Reference, changed_at: datetime
) -> bytes:
    """Return the JSON Feed of events that have at least outer bounds; the same events give the same bytes everywhere.

    `home_url` is the calendar's own address, without a path; `changed_at` is aware UTC.
    """
    words = words_of(feed.language)
    description = words.gettext(
        "Coming meetings of the chemicals and waste conventions and of the processes around them."
    )
    entries = (_detailed(event, feed.language, home_url, reference) for event in events)
    return json_feed.write(info_of(feed, description, changed_at), entries)


def linked_data(
    event: Event, language: str, home_url: str, reference: Reference, previous_starts: tuple[date, ...] = ()
) -> str:
    """Return an event as JSON-LD, safe to stand in a page as it is; see `json_ld`."""
    return json_ld.write(details_of(event, language, home_url, reference, previous_starts)).decode()


def _detailed(event: Event, language: str, home_url: str, reference: Reference) -> DetailedEntry:
    entry = entry_of(event, language, home_url, reference)
    values = {name: getattr(entry, name) for name in _ENTRY_FIELDS}
    values["categories"] = tuple(map(words_of(language).gettext, entry.categories))
    return DetailedEntry(**values, details=details_of(event, language, home_url, reference))


def details_of(
    event: Event, language: str, home_url: str, reference: Reference, previous_starts: tuple[date, ...] = ()
) -> EventDetails:
    """Return all that everybody may know of a public event. `previous_starts` are exact days it moved from.

    `home_url` is the calendar's own address, without a path.
    """
    words = words_of(language)
    span = span_of(event)
    start, end = when(event) if span else (None, None)
    latitude, longitude = position_of(event, reference)
    return EventDetails(
        title=in_language(event.titles, language)[0],
        url=page_of(event, home_url),
        text=in_language(event.descriptions, language)[0],
        state=State(event.status),
        precision=FeedPrecision(event.precision) if span else FeedPrecision.WORDS,
        dates=words.dates(span, Precision(event.precision), event.date_text),
        start=start,
        end=end,
        previous_starts=previous_starts,
        timezone=event.timezone,
        attendance=Attendance(event.format),
        online_url=event.online_url,
        venue=event.venue,
        city=words.city(event.city),
        country=event.country,
        latitude=latitude,
        longitude=longitude,
        kind=event.kind,
        conventions=tuple(event.processes),
        bodies=tuple((body.code, body.number) for body in bodies_of(event)),
        organisers=tuple(
            (words.organisation(o.code, o.name), _web_page(o.code, reference)) for o in organisers_of(event)
        ),
        languages=tuple(event.languages),
        whole=_whole(event, language, home_url),
    )


def _whole(event: Event, language: str, home_url: str) -> tuple[str, str, str] | None:
    """Return the event that this one is a part of, if everybody may see it."""
    whole = event.whole
    if whole is None or not can_see(STRANGER, whole):
        return None
    return str(whole.id), in_language(whole.titles, language)[0], page_of(whole, home_url)


def _web_page(code: str, reference: Reference) -> str:
    return reference.organisations[code].url if code in reference.organisations else ""
