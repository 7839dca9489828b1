"""The reader over HTTP: vdirsyncer fetches a feed into a folder, time and again, and khal reads the folder."""

from __future__ import annotations

import contextlib
import json
import re
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from tests.feeds.programs import ReaderError, Reading, Shown, moment, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_DAY = re.compile(r"^DT(?:START|END)[^:\r\n]*:(\d{8})", re.MULTILINE)
_VDIRSYNCER = """
[general]
status_path = "{folder}/status"
[pair feed]
a = "remote"
b = "local"
collections = null
[storage remote]
type = "http"
url = "{url}"
[storage local]
type = "filesystem"
path = "{folder}/items"
fileext = ".ics"
"""
_KHAL = """
[calendars]
[[feed]]
path = {folder}/items
readonly = True
[sqlite]
path = {folder}/khal.db
[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%dT%H:%M
longdatetimeformat = %Y-%m-%dT%H:%M:%S
"""
_KHAL_FIELDS = ("title", "start-long-full", "end-long-full", "all-day", "status")


class Subscription:
    """A calendar that somebody has subscribed to; everything is kept in a folder from one look to the next."""

    def __init__(self, folder: Path, url: str) -> None:
        """Set both programs up, with nothing fetched yet."""
        self.folder = folder
        (folder / "items").mkdir()
        (folder / "vdirsyncer.conf").write_text(_VDIRSYNCER.format(folder=folder, url=url))
        (folder / "khal.conf").write_text(_KHAL.format(folder=folder))
        self._vdirsyncer("discover")

    def fetch(self) -> list[str]:
        """Bring the folder up to date; return its items, one text for each event."""
        self._vdirsyncer("sync")
        return [path.read_text(encoding="utf-8") for path in sorted((self.folder / "items").glob("*.ics"))]

    def listed(self, first: date, last: date) -> list[dict[str, str]]:
        """Return the fields of each event that khal shows in these days, inclusive."""
        fields = [argument for field in _KHAL_FIELDS for argument in ("--json", field)]
        command = [sys.executable, "-m", "khal", "-c", f"{self.folder}/khal.conf", "list", "--once", *fields]
        said = run([*command, first.isoformat(), last.isoformat()], self.folder, with_errors=True)
        return [event for line in said.splitlines() if line.startswith("[") for event in json.loads(line)]

    def sync(self) -> list[Shown]:
        """Bring the folder up to date and return what khal then shows of its days."""
        items = self.fetch()
        return sorted(_shown(event) for event in self.listed(*_span(items))) if items else []

    def _vdirsyncer(self, step: str) -> None:
        command = [sys.executable, "-m", "vdirsyncer", "-c", f"{self.folder}/vdirsyncer.conf", step]
        said = run(command, self.folder, with_errors=True)
        if re.search(r"^(error|warning|critical)\b", said, re.IGNORECASE | re.MULTILINE):
            raise ReaderError(said)


def read(data: bytes, url: str | None) -> list[Reading]:
    """Fetch `url` with vdirsyncer, or `data` from the loopback interface, and read its items with khal.

    vdirsyncer gives each event of a feed a UID made of its content, without UID and time stamps: events that
    differ in nothing else become one. Raises ReaderError when one of the programs complains or they count
    differently.
    """
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        subscription = Subscription(Path(name), url or stack.enter_context(_served(data)))
        items = subscription.fetch()
        readings = [_khal_reading(event) for event in subscription.listed(*_span(items))] if items else []
    if len(readings) != len(items):
        message = f"khal lists {len(readings)} of vdirsyncer's {len(items)} items: {readings}"
        raise ReaderError(message)
    return readings


def _span(items: list[str]) -> tuple[date, date]:
    """Return a day before the first and a day after the last that the items name."""
    days = sorted(day for item in items for day in _DAY.findall(item))
    return moment(days[0]) - timedelta(days=1), moment(days[-1]) + timedelta(days=1)


def _shown(event: dict[str, str]) -> Shown:
    reading = _khal_reading(event)
    return Shown.of(event["title"], reading.start, reading.end, reading.status or "")


def _khal_reading(event: dict[str, str]) -> Reading:
    """Read one event of `khal list --json`, whose last day of an all-day event is inclusive."""
    start, end = (datetime.fromisoformat(event[f"{key}-long-full"]).replace(tzinfo=UTC) for key in ("start", "end"))
    status = event["status"].strip() or None
    if event["all-day"] == "True":
        return Reading(None, start.date(), end.date() + timedelta(days=1), status)
    return Reading(None, start, end, status)


@contextlib.contextmanager
def _served(data: bytes) -> Iterator[str]:
    """Serve `data` on the loopback interface for as long as the context lasts; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/calendar; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/feeds/all.ics"
        finally:
            server.shutdown()
            thread.join()
