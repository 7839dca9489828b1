"""What changed lately, as an Atom feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from calendar_app.extensions import db
from calendar_app.services import feed_changes
from calendar_app.services.feed_entries import words_of
from calendar_app.web.feeds.answers import feed_response
from calendar_app.web.feeds.area import blueprint
from calendar_app.web.feeds.described import calendar_changed_at, feed_of, midnight
from calendar_app.web.page import public_url, read_filter

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response


@blueprint.get("/changes.atom")
def atom() -> Response:
    """Give the last public changes of the events that a filter finds."""
    return feed_response(_feed, content_type=feed_changes.CONTENT_TYPE)


def _feed() -> tuple[bytes, datetime]:
    wanted = read_filter(feed=True)
    words = words_of(wanted.lang)
    name = words.gettext("What changed in the joint meeting calendar")
    if not wanted.is_empty:
        name = words.gettext("What changed in a selection of the joint meeting calendar")
    told = feed_changes.lately_changed(db.session(), wanted, feed_changes.since_of(midnight()), words)
    changed_at = calendar_changed_at()
    data = feed_changes.render(feed_of(name, url_for("feeds.atom"), wanted), told, public_url(""), changed_at)
    return data, max(changed_at, midnight())
