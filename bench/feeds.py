"""What serving feeds costs, beside the limits of the stack and of the machine, and beside other ways to do it.

Requests come from `wrk` over loopback, on the processors that serve too, so the load costs everybody the same. nginx
and Radicale are started here; what is missing is said, and left out.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import URLError
from urllib.request import Request, urlopen

from sqlalchemy import select

from bench import made_calendar, nginx, planning
from bench.applications import application
from calendar_app.extensions import clock, db, transaction
from calendar_app.factory import ROOT
from calendar_app.models import CalendarVersion, Event
from calendar_app.services import events, findings, planning_facts, policies, renderings
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

SIZES, CONNECTIONS = (1_000, 10_000), (2, 32)
FEED, QUERY = "/feeds/calendar.ics", "from=2000-01-01"
ROUNDS, SECONDS = 3, 1
# Of what takes seconds a request, so many are timed.
SLOW_ROUNDS, EDITS = 2, 5
_BATCH = 500
OURS, CONSTANT, NGINX, FRONT = "ours", "constant view", "nginx, a file", "nginx before us"
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_EVENT = re.compile(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", re.DOTALL)
_UID = re.compile(rb"\r\nUID:([^\r]+)\r\n")
_ASKED = {
    "body": {},
    "gzip": {"Accept-Encoding": "gzip"},
    "304": {},
}


class Served(NamedTuple):
    """One calendar and everybody who serves it, by address; `pid` is of the server of ours."""

    size: int
    app: Flask
    ours: str
    constant: str
    pid: int
    nginx: str = ""
    front: str = ""
    radicale: str = ""


def measure(folder: Path) -> None:
    """Make the calendars, serve them, and print the tables."""
    if not shutil.which("wrk"):
        print("\nFeeds: NOT MEASURED, because `wrk` is not installed (Debian package wrk).")
        return
    real = planning.packaged(folder / "real")
    with real.app_context():
        templates = made_calendar.families(db.session())
        db.session.rollback()
    for size in SIZES:
        app = _made(folder / f"feeds-{size}", templates, size)
        with ExitStack() as stack:
            _measure(_served(folder / f"feeds-{size}", app, size, stack))


def _made(folder: Path, templates: list[list[made_calendar.Template]], size: int) -> Flask:
    """Return an application with so many made events, rendered."""
    app = application(folder)
    with app.app_context():
        with transaction(exclusive=False) as session:
            made_calendar.fill(session, templates, size)
            # Findings are another table's business: nothing is compared when an event is changed here.
            digest = findings.planning_digest(planning_facts.facts(), policies.packaged())
            session.get_one(CalendarVersion, 1).planning_digest = digest
        home = app.config["PUBLIC_URL"]
        ids = renderings.stale(db.session(), home)
        for first in range(0, len(ids), _BATCH):
            with transaction(exclusive=False) as session:
                renderings.refresh(session, ids[first : first + _BATCH], home, clock.now())
    return app


# --- who serves


def _served(folder: Path, app: Flask, size: int, stack: ExitStack) -> Served:
    port = _free_port()
    home = f"http://127.0.0.1:{port}"
    command = [
        str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "bench.feeds_app:app",
    ]  # fmt: skip
    environment = os.environ | {"BENCH_FOLDER": str(folder)}
    server = stack.enter_context(_running(command, f"{home}/healthz", ROOT, environment))
    data = _get(f"{home}{FEED}?{QUERY}")
    served = Served(size, app, f"{home}{FEED}?{QUERY}", f"{home}/constant/", server.pid)
    if nginx.program():
        static = stack.enter_context(_nginx(folder / "nginx", data, port))
        served = served._replace(nginx=f"{static}/feed.ics", front=f"{static}{FEED}?{QUERY}")
    else:
        print("nginx is not installed (Debian package nginx): it is left out.")
    if importlib.util.find_spec("radicale"):
        served = served._replace(radicale=stack.enter_context(_radicale(folder / "radicale", data)))
    else:
        print("Radicale is not installed (Python package radicale): it is left out.")
    return served


@contextmanager
def _nginx(folder: Path, data: bytes, port: int) -> Iterator[str]:
    """Serve `data` as a file, and the calendar as docs/nginx.conf says, on one port without TLS."""
    (folder / "www").mkdir(parents=True)
    (folder / "www" / "feed.ics").write_bytes(data)
    (folder / "www" / "feed.ics.gz").write_bytes(gzip.compress(data, 6, mtime=0))
    own = _free_port()
    also = f"root {folder / 'www'};\n    gzip_static on;\n    location = /feed.ics {{ }}"
    with _running(nginx.command(folder, port, own, also), f"http://127.0.0.1:{own}/feed.ics"):
        yield f"http://127.0.0.1:{own}"


@contextmanager
def _radicale(folder: Path, data: bytes) -> Iterator[str]:
    """Serve the same events as a collection of Radicale."""
    collection = folder / "collection-root" / "bench" / "calendar"
    collection.mkdir(parents=True)
    (collection / ".Radicale.props").write_text(json.dumps({"tag": "VCALENDAR"}))
    for event in _EVENT.findall(data):
        uid = _UID.search(event)
        name = uid[1].decode() if uid else ""
        text = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n" + event + b"END:VCALENDAR\r\n"
        (collection / f"{name}.ics").write_bytes(text)
    port = _free_port()
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\ntimeout = 600\n[auth]\ntype = none\n[rights]\ntype = authenticated\n"
        f"[storage]\nfilesystem_folder = {folder}\n[logging]\nlevel = error\n[web]\ntype = none\n"
    )
    address = f"http://127.0.0.1:{port}/bench/calendar/"
    with _running([sys.executable, "-m", "radicale", "--config", str(folder / "config")], address):
        yield address


@contextmanager
def _running(
    command: list[str], address: str, folder: Path | None = None, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it is there once the address answers."""
    process = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        deadline = time.monotonic() + 300
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > deadline:
                message = f"{Path(command[0]).name} does not serve {address}"
                raise RuntimeError(message)
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        return bool(_get(address))
    except (URLError, ConnectionError, TimeoutError):
        return False


def _get(address: str, headers: dict[str, str] | None = None) -> bytes:
    with urlopen(Request(address, headers=headers or {}), timeout=300) as answer:
        data: bytes = answer.read()
    return data


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


# --- what is asked


def _measure(served: Served) -> None:
    data = _get(served.ours)
    zipped = gzip.compress(data, 6, mtime=0)
    print(
        f"\nFeeds, {served.size:,} events: {len(_EVENT.findall(data)):,} in the feed, {len(data) / 2**20:.1f} MB,"
        f" {len(zipped) / 2**20:.2f} MB with gzip. Requests a second, medians of {ROUNDS} rounds in turn."
    )
    print(f"{'asked':24}{OURS:>12}{CONSTANT:>16}{NGINX:>16}{FRONT:>18}{'ours:view':>12}{'front:file':>12}")
    for connections in CONNECTIONS:
        for asked in _ASKED:
            _print(f"{asked}, {connections} connections", _rates(served, asked, connections))
    _print_slow(served)
    _print_edit(served)
    print(f"{'memory of the serving process, MB':46}{_resident(served.pid):8.0f}", flush=True)


def _rates(served: Served, asked: str, connections: int) -> dict[str, float]:
    """Return requests a second by who was asked, all in turn."""
    addresses = {OURS: served.ours, CONSTANT: served.constant + asked, NGINX: served.nginx, FRONT: served.front}
    addresses = {who: address for who, address in addresses.items() if address}
    headers = {who: dict(_ASKED[asked]) for who in addresses}
    if asked == "304":
        for who, address in addresses.items():
            if who != CONSTANT:
                headers[who]["If-None-Match"] = _tag(address)
    found: dict[str, list[float]] = {who: [] for who in addresses}
    for _ in range(ROUNDS):
        for who, address in addresses.items():
            found[who].append(_rate(address, headers[who], connections))
    return {who: statistics.median(rates) for who, rates in found.items()}


def _tag(address: str) -> str:
    with urlopen(address, timeout=60) as answer:
        return str(answer.headers["ETag"])


def _rate(address: str, headers: dict[str, str], connections: int) -> float:
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{SECONDS}s", "--timeout", "60s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run([*command, address], capture_output=True, text=True, check=True)
    rate = _RATE.search(done.stdout)
    if rate is None or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    return float(rate[1])


def _print(label: str, rates: dict[str, float]) -> None:
    cells = [f"{rates[who]:,.0f}" if who in rates else "" for who in (OURS, CONSTANT, NGINX, FRONT)]
    line = "".join(f"{cell:>{width}}" for cell, width in zip(cells, (12, 16, 16, 18), strict=True))
    front = f"{rates[FRONT] / rates[NGINX]:.2f}" if FRONT in rates else ""
    print(f"{label:24}{line}{rates[OURS] / rates[CONSTANT]:12.2f}{front:>12}", flush=True)


def _print_slow(served: Served) -> None:
    """Print what takes a machine's whole processor for each request: one connection says all."""
    ours = _rate(served.ours, {}, 2)
    others = {"rendered on each request": f"{served.constant.removesuffix('constant/')}rendered"}
    if served.radicale:
        others["Radicale, the same collection"] = served.radicale
        # It reads its files once, and keeps them.
        _get(served.radicale)
    for who, address in others.items():
        seconds = statistics.median(_seconds(lambda address=address: _get(address)) for _ in range(SLOW_ROUNDS))  # type: ignore[misc]
        print(f"{who:34}{seconds * 1000:10.0f} ms a request; ours {ours * seconds:,.0f} times as many")


def _print_edit(served: Served) -> None:
    """Print what the first request after a change takes, beside a rendering of the whole."""
    whole = min(
        _seconds(lambda: _get(f"{served.constant.removesuffix('constant/')}rendered")) for _ in range(SLOW_ROUNDS)
    )
    times = []
    for number in range(EDITS):
        _rename(served.app, number)
        times.append(_seconds(lambda: _get(served.ours)))
        if f"Edit {number}".encode() not in _get(served.ours):
            message = "a change is not in the feed"
            raise RuntimeError(message)
    first = statistics.median(times)
    print(f"{'first request after an edit':34}{first * 1000:10.0f} ms; the whole rendered: {whole / first:.0f} times")


def _rename(app: Flask, number: int) -> None:
    with app.app_context(), transaction() as session:
        event = session.scalars(select(Event).where(Event.precision == "day").order_by(Event.id).limit(1)).one()
        record = replace(record_of(event), titles={"en": f"Edit {number}"})
        events.change(session, event, record, events.Change("bench", clock.now()), reference())


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _resident(pid: int) -> float:
    """Return the resident megabytes of a server and its workers."""
    pids = [str(pid)]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"\nPPid:\t{pid}\n" in text:
            pids.append(status.parent.name)
    sizes = re.findall(r"VmRSS:\s+(\d+)", "".join(Path(f"/proc/{each}/status").read_text() for each in pids))
    return sum(map(int, sizes)) / 1024
