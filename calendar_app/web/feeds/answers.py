"""A feed as an HTTP answer: strong validators, 304, gzip when asked (RFC 9110); kept for `front` to give again."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

from flask import Response, current_app, g, request
from werkzeug.http import is_entity_header

from calendar_app.extensions import db
from calendar_app.web.feeds import front
from calendar_app.web.feeds.kept import Kept, KeptFeeds, Key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

ICALENDAR = "text/calendar; charset=utf-8"
_LEVEL = 6
_OK = 200


def init_app(app: Flask) -> None:
    """Give the application its store, and the front that answers from it.

    Call it before what else works on answers: what comes last after a request is kept.
    """
    feeds = app.extensions["kept_feeds"] = KeptFeeds()
    with app.app_context():
        app.wsgi_app = front.FeedFront(app.wsgi_app, feeds, db.engine)  # type: ignore[method-assign]
    app.after_request(_finished)


def feed_response(
    make: Callable[[], tuple[bytes, datetime | None]],
    *,
    content_type: str = ICALENDAR,
    filename: str = "",
    keep: bool = True,
) -> Response:
    """Answer a GET or HEAD with a feed, or 304 if the reader has it.

    `make` puts it together and says when it last changed (aware UTC; None if only its bytes can tell). What is to be
    kept has to depend on the address, the calendar and the day alone. Every reader asks anew each time, and none gets
    what was before the last change.
    """
    feeds: KeptFeeds = current_app.extensions["kept_feeds"]
    state = front.state_of(g.calendar_version.version if g.calendar_version else None)
    key = front.key_of(request.environ)
    plain = feeds.get(state, key._replace(zipped=False)) if keep else None
    body, changed_at = (plain.body, plain.changed_at) if plain else make()
    tag = plain.tag if plain else hashlib.sha256(body).hexdigest()[:32]
    response = Response(content_type=content_type)
    if key.zipped:
        # Another entity with a tag of its own (RFC 9110, section 8.8.3).
        body, tag = gzip.compress(body, _LEVEL, mtime=0), f"{tag}-gzip"
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    response.set_etag(tag)
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, no-cache"
    if filename:
        response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    g.feed = (Kept(body, tag, changed_at, (), ()), (state, key) if keep else None)
    return response


def _finished(response: Response) -> Response:
    """Keep a feed with all headers that it has got, and leave out what its reader has."""
    made: tuple[Kept, tuple[front.State, Key] | None] | None = g.pop("feed", None)
    if made is None or response.status_code != _OK:
        return response
    feed, place = made
    # What was made for one person, or hands out a cookie, is nobody else's.
    if place and not response.cache_control.no_store:
        headers = tuple(response.headers)
        brief = tuple((name, value) for name, value in headers if not is_entity_header(name))
        current_app.extensions["kept_feeds"].keep(*place, feed._replace(headers=headers, brief=brief))
    if moment := front.last_modified(feed.changed_at):
        response.last_modified = moment
    response.make_conditional(request)
    return response
