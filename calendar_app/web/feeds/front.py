"""Answers for feeds that are kept, before the application is asked: what is left is one look at the calendar's version.

A subscriber's program asks several times a day and nearly always for what it has. What the application would do for it
(sessions, languages, limits, ...) takes many times as long as the answer, and changes nothing in it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import Accept
from werkzeug.http import http_date, is_resource_modified, parse_accept_header

from calendar_app.extensions import clock
from calendar_app.models import CalendarVersion
from calendar_app.web.feeds.kept import Kept, KeptFeeds, Key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from sqlalchemy import Engine

_READING = frozenset({"GET", "HEAD"})
# The day, because with it goes what is coming, and on the first of a month the window that feeds have.
State = tuple[int | None, object]


def state_of(version: int | None) -> State:
    """Return what feeds depend on beside their addresses."""
    return version, clock.today()


def key_of(environ: WSGIEnvironment) -> Key:
    """Return what a reader asks for. gzip is sent to those who name it (RFC 9110, section 12.5.3)."""
    encodings = environ.get("HTTP_ACCEPT_ENCODING", "")
    zipped = "gzip" in encodings and parse_accept_header(encodings, Accept).quality("gzip") > 0
    path = f"{environ.get('SCRIPT_NAME', '')}{environ['PATH_INFO']}"
    return Key(environ.get("HTTP_HOST", ""), path, environ.get("QUERY_STRING", ""), zipped)


def last_modified(changed_at: datetime | None) -> datetime | None:
    """Return what to tell readers of when a feed last changed.

    Not the running second: it could come to mean two contents (RFC 9110, section 8.8.2.2).
    """
    return changed_at if changed_at and changed_at + timedelta(seconds=1) <= clock.now() else None


class FeedFront:
    """Stands before the application and gives what it has kept."""

    def __init__(self, app: WSGIApplication, feeds: KeptFeeds, engine: Engine) -> None:
        """Stand before `app`."""
        self._app = app
        self._feeds = feeds
        self._engine = engine
        # What comes from below the engine comes as the driver raises it.
        self._problems = (SQLAlchemyError, engine.dialect.loaded_dbapi.Error)
        # Made ready once: to have it compiled takes longer than to ask.
        query = select(CalendarVersion.version).where(CalendarVersion.id == 1)
        self._query = str(query.compile(engine, compile_kwargs={"literal_binds": True}))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or let the application answer."""
        asks = environ["REQUEST_METHOD"] in _READING and environ["PATH_INFO"].startswith("/feeds/")
        # No reader of feeds sends a condition of the other kind; the application knows what to say.
        if asks and "HTTP_IF_MATCH" not in environ and (kept := self._kept(key_of(environ))):
            return _answer(kept, environ, start_response)
        return self._app(environ, start_response)

    def _kept(self, key: Key) -> Kept | None:
        try:
            version = self._version()
        except self._problems:
            # The application knows what to say of a database out of reach.
            return None
        return self._feeds.get(state_of(version), key)

    def _version(self) -> int | None:
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self._query)
            row = cursor.fetchone()
        finally:
            connection.close()
        return row[0] if row else None


def _answer(kept: Kept, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Send a feed, or say that the reader has it (RFC 9110, section 13.2.2)."""
    moment = last_modified(kept.changed_at)
    if not is_resource_modified(environ, etag=kept.tag, last_modified=moment):
        start_response("304 NOT MODIFIED", list(kept.brief))
        return ()
    headers = [*kept.headers, ("Last-Modified", http_date(moment))] if moment else list(kept.headers)
    start_response("200 OK", headers)
    return () if environ["REQUEST_METHOD"] == "HEAD" else (kept.body,)
