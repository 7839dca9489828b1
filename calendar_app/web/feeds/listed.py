"""What is coming, as a JSON Feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from calendar_app.extensions import clock, db
from calendar_app.services import calendar, feed_formats
from calendar_app.services.feed_entries import words_of
from calendar_app.services.reference import reference
from calendar_app.web.feeds.answers import feed_response
from calendar_app.web.feeds.area import blueprint
from calendar_app.web.feeds.described import calendar_changed_at, feed_of, midnight
from calendar_app.web.page import public_url, read_filter

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response


@blueprint.get("/events.json")
def json() -> Response:
    """Give the coming events of a filter, or those from the day that it names on."""
    return feed_response(_feed, content_type=feed_formats.JSON_FEED)


def _feed() -> tuple[bytes, datetime]:
    wanted = read_filter(feed=True)
    words = words_of(wanted.lang)
    name = words.gettext("Coming events of the joint meeting calendar")
    if not wanted.is_empty:
        name = words.gettext("Coming events of a selection of the joint meeting calendar")
    events = calendar.coming_events(db.session(), calendar.STRANGER, wanted, today=clock.today())
    changed_at = max(calendar_changed_at(), midnight())
    feed = feed_of(name, url_for("feeds.json"), wanted)
    return feed_formats.render_json(feed, events, public_url(""), reference(), changed_at), changed_at
