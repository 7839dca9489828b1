"""What search engines ask for: the sitemap, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for

from calendar_app.extensions import db
from calendar_app.services import sitemap
from calendar_app.web.feeds.answers import feed_response
from calendar_app.web.feeds.described import calendar_changed_at
from calendar_app.web.page import public_url, refuse_filters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

blueprint = Blueprint("sitemap", __name__)
_PAGES = (
    "events.coming",
    "events.past",
    "calendar.calendar",
    "planner.planner",
    "subscribe.subscribe",
    "submit.submit",
    "pages.about",
)
_ROBOTS = """\
User-agent: *
Disallow:

Sitemap: {sitemap}
"""


@blueprint.get("/sitemap.xml")
def xml() -> Response:
    """Name every page that everybody may read."""
    return feed_response(_map, content_type=sitemap.CONTENT_TYPE)


def _map() -> tuple[bytes, datetime]:
    refuse_filters()
    return sitemap.render(db.session(), public_url(""), _paths()), calendar_changed_at()


def _paths() -> Iterator[str]:
    # Without the language of this request, which the addresses of pages keep.
    return (url_for(name).partition("?")[0] for name in _PAGES)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Let every search engine read all that is public, and say where the sitemap is."""
    refuse_filters()
    return Response(_ROBOTS.format(sitemap=public_url(url_for("sitemap.xml"))), mimetype="text/plain")
