"""What a feed says of itself, and where it is found for a filter."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from flask import g, url_for

from calendar_app.extensions import clock
from calendar_app.services import feed_entries
from calendar_app.web.page import public_url

if TYPE_CHECKING:
    from calendar_app.services.filters import EventFilter


def list_url(wanted: EventFilter) -> str:
    """Return the full address of the list that a feed is the feed of."""
    return public_url(url_for("events.coming").partition("?")[0] + wanted.without_options().query())


def feed_of(name: str, path: str, wanted: EventFilter) -> feed_entries.Feed:
    """Return the feed at a path of ours, for a filter; it is the same to everybody."""
    return feed_entries.Feed(
        name=name, page_url=list_url(wanted), feed_url=public_url(path + wanted.query()), language=wanted.lang or "en"
    )


def midnight() -> datetime:
    """Return when today began in the calendar's zone (aware UTC): with it goes what is coming and what is lately."""
    return datetime.combine(clock.today(), time(), clock.zone).astimezone(UTC)


def calendar_changed_at() -> datetime:
    """Return when the public last saw a change (aware UTC); the beginning of today before anything was written."""
    changed_at: datetime = g.calendar_version.changed_at if g.calendar_version else midnight()
    return changed_at


def other_formats(wanted: EventFilter) -> dict[str, str]:
    """Return the full addresses of the Atom feed of changes and the JSON Feed of what is coming, for a filter."""
    query = wanted.query()
    return {"atom": public_url(url_for("feeds.atom") + query), "json": public_url(url_for("feeds.json") + query)}
