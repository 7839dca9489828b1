"""What a harvest costs: 10,000 events that are new, the same feed again, some that moved, all ids anew.

They are those of a made calendar (`made_calendar`), in feeds as other programs write them; a second feed has as many
within two years in one building, so that each meets dozens of others. A server in the process that harvests gives
them: asking, deciding and writing are in the figures, of the child that reads them only the seconds on the wall.
"""

from __future__ import annotations

import hashlib
import resource
import threading
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import event, func, select

from bench import made_calendar, planning
from bench.applications import application
from bench.timing import Watch
from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import sources as job
from calendar_app.models import Event
from calendar_app.planning.dates import ONE_DAY, Precision
from calendar_app.services import sources
from calendar_app.services.source_reading import OverTheNetwork
from feeds.fetch import Guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flask import Flask

    from bench.made_calendar import Template

SIZE = 10_000
# MB of the process, the application itself and its libraries among them.
MOST_MEMORY = 500
_FIRST = date(2026, 12, 1)
_TOPICS = ("mercury waste", "lead paint", "e-waste", "plastics", "pesticides", "dental amalgam", "PCB", "inventories")
_WRITES = ("INSERT", "UPDATE", "DELETE")


class Cost(NamedTuple):
    """What one run cost: seconds on the wall and of this process's processor, statements, and requests."""

    wall: float
    processor: float
    statements: int
    writes: int
    requests: int


def made_feed(drawn_from: list[list[Template]], size: int, *, prefix: str = "", moved: int = 0) -> bytes:
    """Return a feed of a made calendar; the first `moved` events a day later, ids with a prefix."""
    events = made_calendar.drawn(drawn_from, size)
    return _feed(_event(f"{prefix}{number}", timedelta(number < moved), *event) for number, event in enumerate(events))


def _event(uid: str, later: timedelta, own: dict[str, Any], template: Template) -> list[str]:
    """Return the lines of an event, as a calendar program writes them: it knows of no bodies, kinds or organisers."""
    values = template.values
    first, end = own["start"] + later, own["end"] + later
    days = [f";VALUE=DATE:{first:%Y%m%d}", f";VALUE=DATE:{end:%Y%m%d}"]
    if values["start_time"] and values["end_time"] and values["timezone"]:
        hours = ((first, values["start_time"]), (end - ONE_DAY, values["end_time"]))
        days = [f";TZID={values['timezone']}:{day:%Y%m%d}T{time.replace(':', '')}00" for day, time in hours]
    where = "Online" if values["format"] == "online" else ", ".join(filter(None, (values["venue"], values["city"])))
    texts = {"SUMMARY": values["titles"]["en"], "LOCATION": where, "DESCRIPTION": values["descriptions"].get("en", "")}
    return [
        f"UID:{uid}@bench.example",
        f"STATUS:{'CANCELLED' if values['status'] == 'cancelled' else 'CONFIRMED'}",
        *(f"{name}{day}" for name, day in zip(("DTSTART", "DTEND"), days, strict=True)),
        *(f"{name}:{_escaped(text)}" for name, text in texts.items() if text),
    ]


def dense_feed(size: int) -> bytes:
    """Return a feed that no organisation has: so many events within two years, all in one building."""
    return _feed(
        [
            f"UID:{number}@bench.example",
            f"SUMMARY:Meeting {number} on {_TOPICS[number % len(_TOPICS)]}",
            f"DTSTART;VALUE=DATE:{(first := _FIRST + timedelta(days=number * 7919 % 730)):%Y%m%d}",
            f"DTEND;VALUE=DATE:{first + timedelta(days=1 + number % 4):%Y%m%d}",
            "LOCATION:Palais des Nations\\, Geneva",
        ]
        for number in range(size)
    )


def _feed(events: Iterable[list[str]]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//"]
    for of_one in events:
        lines += ["BEGIN:VEVENT", "DTSTAMP:20261101T000000Z", *of_one, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")


class _Partner(ThreadingHTTPServer):
    body = b""
    requests = 0


class _Handler(BaseHTTPRequestHandler):
    server: _Partner

    def do_GET(self) -> None:
        """Give the feed, or say that it is the same."""
        self.server.requests += 1
        body = self.server.body
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        same = self.headers.get("If-None-Match") == tag
        self.send_response(304 if same else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", "text/calendar")
        self.send_header("Content-Length", "0" if same else str(len(body)))
        self.end_headers()
        if not same:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def _partner() -> Iterator[_Partner]:
    with _Partner(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def measure(folder: Path) -> None:
    """Print the tables. Each feed in a process of its own, so that the memory it takes is its own."""
    exact = _exactly(planning.templates(planning.packaged(folder / "harvest-from")))
    made = {
        "all new": made_feed(exact, SIZE),
        "unchanged": made_feed(exact, SIZE),
        "100 moved": made_feed(exact, SIZE, moved=100),
        "all ids anew": made_feed(exact, SIZE, prefix="new-", moved=100),
    }
    dense = {"all new": dense_feed(SIZE), "200 gone": dense_feed(SIZE - 200)}
    spread = len(made_calendar.years(SIZE))
    _apart(f"Harvesting {SIZE:,} events of {spread} years from one source, SQLite", folder / "made", made)
    print("What is written of an unchanged feed is when its source is asked next: nobody else asks it meanwhile.")
    _apart(f"The same of {SIZE:,} events of two years in one building, which no calendar has", folder / "dense", dense)


def _exactly(drawn_from: list[list[Template]]) -> list[list[Template]]:
    """Return the events whose days are known: feeds have no others."""
    exact = ([event for event in family if event.precision is Precision.DAY] for family in drawn_from)
    return [family for family in exact if family]


def _apart(*table: Any) -> None:  # noqa: ANN401 - what `_measure` takes
    process = get_context("spawn").Process(target=_measure, args=table)
    process.start()
    process.join()
    assert process.exitcode == 0, "the harvest failed"


def _measure(title: str, folder: Path, steps: dict[str, bytes]) -> None:
    app = application(folder)
    print(f"\n{title}")
    print(f"{'':28}{'seconds':>9}{'processor':>11}{'statements':>12}{'writes':>8}{'requests':>10}{'MB so far':>11}")
    with app.app_context(), _partner() as partner:
        address = ("127.0.0.1", partner.server_address[1])
        app.config["SOURCE_READER"] = OverTheNetwork(Guard(allow=frozenset({address})))
        with transaction() as session:
            columns = {"slug": "bench", "name": "Bench", "owner_code": "brs", "kind": "ics", "trust": "direct"}
            url = f"http://127.0.0.1:{address[1]}/calendar.ics"
            sources.add(session, columns | {"url": url, "timezone": "Europe/Zurich", "rules": []}, clock.now())
        print(f"{'nothing so far':28}{_most_memory():>60.0f}")
        for name, body in steps.items():
            cost = _run(app, partner, body)
            figures = (
                f"{cost.wall:>9.2f}{cost.processor:>11.2f}{cost.statements:>12,}{cost.writes:>8,}{cost.requests:>10}"
            )
            print(f"{name:28}{figures}{_most_memory():>11.0f}", flush=True)
            # The one write claims the source: of several processes that see it due, whoever could push it on asks it.
            assert name != "unchanged" or (cost.requests, cost.writes) == (1, 1), cost
        count = db.session.scalar(select(func.count(Event.id)))
        assert count == SIZE, f"{count} events of {SIZE}"
        assert _most_memory() < MOST_MEMORY, "more memory than a small server can spare"


def _most_memory() -> float:
    """Return the most memory that this process had so far, in MB.

    Linux tells it of the process alone; elsewhere what its parent had when it started it counts too.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _run(app: Flask, partner: _Partner, body: bytes) -> Cost:
    partner.body, asked = body, partner.requests
    with transaction(exclusive=False) as session:
        source = sources.find_or_raise(session, "bench")
        # As if hours had passed: what was asked a moment ago may still be asked by somebody.
        source.due_at, source.asked_at = clock.now(), None
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    watch = Watch()
    job.run(app, threading.Event())
    spent = watch.spent()
    event.remove(db.engine, "before_cursor_execute", note)
    failed = sources.runs(db.session(), sources.find_or_raise(db.session(), "bench"))[0]
    assert failed.outcome != "failed", failed.error
    writes = sum(text.startswith(_WRITES) for text in statements)
    return Cost(spent.wall, spent.processor, len(statements), writes, partner.requests - asked)
