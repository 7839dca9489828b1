"""A source on a server of our own, and the harvest of it as the schedule does it."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import sources as job
from calendar_app.services import sources
from calendar_app.services.source_reading import OverTheNetwork
from feeds.fetch import Guard
from feeds.reading import child

if TYPE_CHECKING:
    from calendar_app.models import Source

HEAD, TAIL = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n", "END:VCALENDAR\r\n"


def vevent(uid: str, title: str, start: str, end: str = "", *more: str) -> str:
    """Return a VEVENT of whole days ("20270301") or of hours ("20270301T090000Z", or with TZID as in "TZID=..:...")."""
    lines = [f"UID:{uid}", f"SUMMARY:{title}", "DTSTAMP:20261101T000000Z", *more]
    for name, value in (("DTSTART", start), ("DTEND", end)):
        if value:
            sign = ";VALUE=DATE:" if value.isdigit() else (";" if value.startswith("TZID") else ":")
            lines.append(f"{name}{sign}{value}")
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def calendar(*events: str) -> bytes:
    return (HEAD + "".join(events) + TAIL).encode()


class Partner:
    """Another organisation's server: what it gives can be changed, and it counts what it was asked."""

    def __init__(self) -> None:
        self.body, self.status, self.kind = calendar(), 200, "text/calendar"
        self.location = ""
        self.requests: list[int] = []
        partner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                tag = f'"{hashlib.sha256(partner.body).hexdigest()[:16]}"'
                same = partner.status == 200 and self.headers.get("If-None-Match") == tag
                status = 304 if same else partner.status
                partner.requests.append(status)
                self.send_response(status)
                self.send_header("ETag", tag)
                if partner.location:
                    self.send_header("Location", partner.location)
                self.send_header("Content-Type", partner.kind)
                self.send_header("Content-Length", str(0 if same else len(partner.body)))
                self.end_headers()
                if not same:
                    self.wfile.write(partner.body)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = self.server.server_address
        threading.Thread(target=self.server.serve_forever, args=[0.005], daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.address[1]}/calendar.ics"

    def gives(self, *events: str) -> None:
        """Give these events from now on."""
        self.body, self.status, self.kind = calendar(*events), 200, "text/calendar"


@pytest.fixture
def partner(app):
    """Another organisation's server, which our guard lets us ask; what it says is read here, to be quick."""
    made = Partner()
    app.config["SOURCE_READER"] = OverTheNetwork(Guard(allow=frozenset({made.address})), child.read_here)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def add_source(app):
    """Add a source of brs: `add_source(url=..., trust="moderated", <columns>)` gives its slug."""

    def add(**values) -> str:
        with transaction() as session:
            columns = {
                "name": "Partner", "owner_code": "brs", "kind": "ics", "trust": "direct", "interval_hours": 6,
                "timezone": "Europe/Zurich", "rules": [], **values,
            }  # fmt: skip
            columns.setdefault("slug", sources.free_slug(session, columns["name"]))
            return sources.add(session, columns, clock.now()).slug

    return add


class Schedule:
    """The schedule: what is due is harvested; hours pass as told."""

    def __init__(self, app) -> None:
        self.app = app
        self.start = clock.fixed

    def pass_hours(self, hours: float = 6) -> None:
        clock.fixed += timedelta(hours=hours)

    def harvest(self) -> int:
        """Harvest what is due; return how many were asked."""
        asked = job.run(self.app, threading.Event())
        db.session.rollback()
        return asked

    def again(self, hours: float = 6) -> int:
        """Let time pass and harvest."""
        self.pass_hours(hours)
        return self.harvest()


@pytest.fixture
def schedule(app):
    made = Schedule(app)
    yield made
    clock.fixed = made.start


def source_of(slug: str) -> Source:
    """Return a source as it stands in the database."""
    return sources.find_or_raise(db.session, slug)
