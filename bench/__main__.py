"""Run with `make bench`: prints the tables. SQLite; but for the feeds one process and no network in the figures."""

from __future__ import annotations

import gzip
import random
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bench import digests, feeds, harvest, planning
from bench.applications import application
from bench.timing import side_by_side
from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.services import events, importing
from calendar_app.services.reference import packaged_rows, reference
from calendar_app.web.kept import KeptPages

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

ROUNDS = 7
SIZES = (200, 2000)
DAYS = 912  # thirty months
KINDS = ("Subsidiary body meeting", "workshop", "webinar", "cop")
PLANNER = "/planner?from=2026-12&months=30"
CITIES = ("Geneva", "Nairobi", "Rome", "Bangkok", "")


def rows(count: int, days: int) -> list[tuple[int, dict[str, str]]]:
    """Rows of a made-up sheet: `count` events over so many days, each title made of the halves of two real ones."""
    first = date(2026, 12, 1)
    chance = random.Random(20261201)
    titles = [row["title"].split() for _line, row in packaged_rows("events.csv")]
    result = []
    for number in range(count):
        day = first + timedelta(days=number * 7919 % days)
        cells = {
            "id": f"bench-{number}",
            "title": f"Meeting {number}: {first_half(chance.choice(titles))} {second_half(chance.choice(titles))}",
            "conventions": ("Basel; Minamata", "Stockholm", "Rotterdam; Basel; Stockholm")[number % 3],
            "kind": KINDS[number % len(KINDS)],
            "start": day.isoformat(),
            "end": (day + timedelta(days=number % 5)).isoformat(),
            "city": CITIES[number % len(CITIES)],
            "organiser": "brs; minamata",
            "body": "BC-OEWG",
            "description": "What the meeting is about, in two sentences. They are of ordinary length.",
        }
        result.append((number + 2, cells))
    return result


def first_half(words: list[str]) -> str:
    """Return the first half of a title."""
    return " ".join(words[: len(words) // 2])


def second_half(words: list[str]) -> str:
    """Return the second half of a title."""
    return " ".join(words[len(words) // 2 :])


def fill(app: Flask, count: int) -> float:
    """Import `count` events; return the seconds of the import."""
    with app.app_context():
        started = time.perf_counter()
        with transaction() as session:
            importing.import_rows(session, rows(count, DAYS), events.Change("bench", clock.now()), reference())
        return time.perf_counter() - started


def planner(app: Flask, *, anew: bool = False) -> TestResponse:
    """Ask for thirty months as a browser does; `anew`: as after a change of the calendar."""
    if anew:
        app.extensions["kept_pages"] = KeptPages()
    return app.test_client().get(PLANNER, headers={"Accept-Encoding": "gzip, deflate, br"})


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        apps = {size: application(folder / str(size)) for size in SIZES}
        imported = {size: fill(app, size) for size, app in apps.items()}
        measure(apps, imported)
        planning.measure(folder)
        digests.measure(folder)
        feeds.measure(folder)
        harvest.measure(folder)


def measure(apps: dict[int, Flask], imported: dict[int, float]) -> None:
    """Print the table for the prepared applications."""
    small, large = SIZES
    clients = {size: app.test_client() for size, app in apps.items()}
    feed = clients[large].get("/feeds/all.ics")
    page = clients[large].get("/")
    sent = planner(apps[large])
    tag = {"If-None-Match": feed.headers["ETag"]}
    runs: dict[str, Callable[[], object]] = {
        "healthz (the stack alone)": lambda: clients[large].get("/healthz"),
        f"list, {small} events": lambda: clients[small].get("/"),
        f"list, {large} events": lambda: clients[large].get("/"),
        f"search, {large} events": lambda: clients[large].get("/?q=meeting+7"),
        f"planner drawn anew, {small} events": lambda: planner(apps[small], anew=True),
        f"planner drawn anew, {large} events": lambda: planner(apps[large], anew=True),
        f"planner, {large} events": lambda: planner(apps[large]),
        f"feed, {small} events": lambda: clients[small].get("/feeds/all.ics"),
        f"feed, {large} events": lambda: clients[large].get("/feeds/all.ics"),
        f"feed 304, {large} events": lambda: clients[large].get("/feeds/all.ics", headers=tag),
    }
    medians = side_by_side(runs, ROUNDS)
    base = medians["healthz (the stack alone)"]
    print(f"{'what':34}{'ms':>10}{'x the stack alone':>20}")
    for name, seconds in medians.items():
        print(f"{name:34}{seconds * 1000:10.2f}{seconds / base:20.1f}")
    with apps[large].app_context():
        count = db.session.scalar(select(func.count()).select_from(Event))
    print()
    for label, ratio in (
        (f"list, {large} events : {small} events", medians[f"list, {large} events"] / medians[f"list, {small} events"]),
        (f"feed, {large} events : {small} events", medians[f"feed, {large} events"] / medians[f"feed, {small} events"]),
        (f"import, {large} events : {small} events", imported[large] / imported[small]),
    ):
        print(f"{label:46}{ratio:8.2f}")
    print(f"{'import, microseconds an event':46}{imported[large] / large * 1e6:8.0f}")
    for label, data in (
        (f"feed of {count} events, KB (gzip)", feed.data),
        ("list page, KB (gzip)", page.data),
    ):
        print(f"{label:46}{len(data) / 1024:8.0f} ({len(gzip.compress(data)) / 1024:.0f})")
    print(f"{'planner as sent, KB':46}{len(sent.data) / 1024:8.0f}")
    print(f"{'peak memory of this process, MB':46}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f}")


if __name__ == "__main__":
    main()
