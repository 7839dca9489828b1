"""What granian serves for the benchmark of feeds: the calendar, and the views that it is measured against."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

import config
from bench.feeds import FEED, QUERY
from calendar_app.extensions import clock, db
from calendar_app.factory import create_app
from calendar_app.models import CalendarVersion, Event
from calendar_app.planning.dates import ONE_DAY
from calendar_app.services import calendar, feed_entries, filters
from calendar_app.services.reference import reference
from feeds.writing import ics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


HOME = "http://127.0.0.1"


def _constant(body: bytes) -> Flask:
    """Return a Flask application, with nothing else in it, whose views return constant bytes after a version check."""
    app = Flask("constant")
    zipped = gzip.compress(body, 6, mtime=0)
    query = str(select(CalendarVersion.version).compile(compile_kwargs={"literal_binds": True}))

    def checked() -> None:
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(query)
            cursor.fetchone()
        finally:
            connection.close()

    @app.get("/constant/body")
    def _body() -> Response:
        checked()
        return Response(body, content_type="text/calendar; charset=utf-8", headers={"ETag": '"a"'})

    @app.get("/constant/gzip")
    def _gzip() -> Response:
        checked()
        headers = {"ETag": '"a-gzip"', "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(zipped, content_type="text/calendar; charset=utf-8", headers=headers)

    @app.get("/constant/304")
    def _unchanged() -> Response:
        checked()
        return Response(status=304, headers={"ETag": '"a"'})

    return app


def rendered() -> bytes:
    """Return the feed as it would be rendered on each request, with icalendar."""
    wanted = filters.parse({"from": ["2000-01-01"]}, reference(), lambda *_: None, feed=True)
    session = db.session()
    condition = calendar.in_feed(calendar.STRANGER, wanted, clock.today())
    events = session.scalars(select(Event).where(condition).options(joinedload(Event.whole))).all()
    entries = (feed_entries.entry_of(event, "en", HOME, reference()) for event in events)
    feed = feed_entries.Feed("Joint meeting calendar", f"{HOME}/", f"{HOME}{FEED}")
    return feed_entries.written(feed, map(ics.write_event, entries), clock.now() - ONE_DAY)


def _calendar() -> Flask:
    folder = Path(os.environ["BENCH_FOLDER"])
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / 'c.sqlite3'}",
        "SECRET_KEY": "x" * 40,
        "CLOCK": "2026-11-20T10:00:00Z",
    }
    app = create_app(config.load(settings, folder).for_flask())

    @app.get("/rendered")
    def _rendered() -> Response:
        return Response(rendered(), content_type="text/calendar; charset=utf-8")

    return app


calendar_application = _calendar()
with calendar_application.app_context():
    engine = db.engine
_FIRST = calendar_application.test_client().get(f"{FEED}?{QUERY}").data
constant_application = _constant(_FIRST)


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer for both, so that one server serves both."""
    of = constant_application if environ["PATH_INFO"].startswith("/constant/") else calendar_application
    return of.wsgi_app(environ, start_response)
