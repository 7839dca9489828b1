"""Two servers give feeds while two processes edit, and one of the four is killed every now and then.

No reader may get a feed that lacks a change which was committed before the reader asked, nor a broken one. By hand, for
a minute: .venv/bin/python -m tests.faults.feeds_while_edited --seconds 60 --database postgresql
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from pathlib import Path

from calendar_app.extensions import clock, transaction
from calendar_app.factory import ROOT
from calendar_app.planning.dates import Span
from calendar_app.services import events
from calendar_app.services.records import EventRecord
from calendar_app.services.reference import reference
from tests.conftest import close_databases, make_app
from tests.faults.kill_server import a_database
from tests.faults.killed_server import START_SECONDS, KilledServer
from tests.feeds.ics_lint import lint

FEED, HOME = "/feeds/all.ics", "http://127.0.0.1"
OTHERS = 30
KILL_SECONDS = 1.0
_CHANGE = re.compile(rb"SUMMARY;LANGUAGE=en:Change (\d+)\r\n(?:(?!END:VEVENT).)*?\r\nUID:([0-9a-f-]+)\r\n", re.DOTALL)


@dataclass
class Seen:
    """What readers saw, counted, and what was wrong."""

    whole: int = 0
    unchanged: int = 0
    broken_off: int = 0
    changes: int = 0
    kills: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.changes} changes, {self.kills} kills, {self.whole} feeds read, {self.unchanged} times 304,"
            f" {self.broken_off} answers broken off; {len(self.problems)} problems"
        )


class Editor:
    """A process that edits; `committed` is the number of the last change that is known to be committed."""

    def __init__(self, database_url: str, event_id: uuid.UUID, folder: Path) -> None:
        self.event_id = event_id
        self.committed = 0
        self._environment = os.environ | {
            "DATABASE_URL": database_url, "SECRET_KEY": "x" * 40, "PUBLIC_URL": HOME,
            "MAIL_URL": f"file:{folder / 'outbox'}",
        }  # fmt: skip
        self._log = folder / f"{event_id}.log"
        self.start()

    def start(self) -> None:
        # What was committed and not said is below the next number.
        command = [sys.executable, "-m", "tests.faults.editor", str(self.event_id), str(self.committed + 1)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=log
            )
        self._listener = threading.Thread(target=self._listen, args=[self._process], daemon=True)
        self._listener.start()
        before, deadline = self.committed, time.monotonic() + START_SECONDS
        while self.committed == before:
            assert self._process.poll() is None, self._log.read_text(errors="replace")
            assert time.monotonic() < deadline, "the editor commits nothing"
            time.sleep(0.05)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        for line in process.stdout:
            if line.endswith(b"\n"):
                self.committed = max(self.committed, int(line))

    def kill(self) -> None:
        """SIGKILL, in whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        self._process.stdout.close()


class Reader(threading.Thread):
    """A calendar program that asks one server all the time, every second time with the tag that it has."""

    def __init__(self, server: KilledServer, editors: list[Editor], seen: Seen, ending: threading.Event) -> None:
        super().__init__(daemon=True)
        self.server, self.editors, self.seen, self.ending = server, editors, seen, ending

    def run(self) -> None:
        tag, body = "", b""
        for zipped, with_tag in cycle([(False, False), (False, True), (True, False)]):
            if self.ending.is_set():
                return
            floors = {str(editor.event_id): editor.committed for editor in self.editors}
            headers = {"Accept-Encoding": "gzip"} if zipped else {}
            if with_tag and tag:
                headers["If-None-Match"] = tag
            try:
                new_tag, data = _ask(self.server, headers)
            except (OSError, EOFError, HTTPException):
                # Killed in the middle of the answer.
                self.seen.broken_off += 1
                time.sleep(0.05)
                continue
            self.seen.whole += data is not None
            self.seen.unchanged += data is None
            if data is not None and not zipped:
                tag, body = new_tag, data
            self.seen.problems += problems_of(body if data is None else data, floors)


def _ask(server: KilledServer, headers: dict[str, str]) -> tuple[str, bytes | None]:
    """Return the tag and the body of the feed, no body if the reader has it. What is cut off raises."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", FEED, headers=headers)
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    if answer.status == 304:
        return "", None
    assert answer.status == 200, data
    return answer.headers["ETag"], gzip.decompress(data) if answer.headers["Content-Encoding"] else data


def problems_of(data: bytes, floors: dict[str, int]) -> list[str]:
    """What is wrong with a feed in which each event's change must have at least this number."""
    found = {uid.decode(): int(number) for number, uid in _CHANGE.findall(data)}
    wrong = [
        f"{uid}: change {found.get(uid)} after {floor} was committed"
        for uid, floor in floors.items()
        if found.get(uid, 0) < floor
    ]
    if data.count(b"BEGIN:VEVENT\r\n") != OTHERS + len(floors) or not data.endswith(b"END:VCALENDAR\r\n"):
        wrong.append(f"a broken feed of {len(data)} bytes")
    return wrong


def run(database_url: str, folder: Path, *, seconds: float) -> Seen:
    """Do it for so long, on a database with tables that is empty otherwise."""
    ids = fill(database_url, folder)
    seen, ending = Seen(), threading.Event()
    servers, editors = [], []
    try:
        for name in ("one", "two"):
            (folder / name).mkdir()
            servers.append(KilledServer(database_url, folder / name, PUBLIC_URL=HOME))
            servers[-1].start()
        editors += [Editor(database_url, event_id, folder) for event_id in ids]
        readers = [Reader(server, editors, seen, ending) for server in servers for _ in range(2)]
        for reader in readers:
            reader.start()
        seen.kills = _kill_each_in_turn([*servers, *editors], seconds)
        ending.set()
        for reader in readers:
            reader.join(60)
        seen.changes = sum(editor.committed for editor in editors)
        for editor in editors:
            editor.kill()
        feeds = {_ask(server, {})[1] for server in servers}
    finally:
        ending.set()
        for editor in editors:
            editor.kill()
        for server in servers:
            server.stop()
    if len(feeds) != 1:
        seen.problems.append("in the end the two servers do not give the same")
    seen.problems += [problem for feed in feeds for problem in lint(feed)]
    return seen


def _kill_each_in_turn(victims: list[KilledServer | Editor], seconds: float) -> int:
    """Kill one after the other and start it anew, each at least once; return how many were killed."""
    until, kills = time.monotonic() + seconds, 0
    for victim in cycle(victims):
        if time.monotonic() >= until and kills >= len(victims):
            return kills
        time.sleep(KILL_SECONDS)
        victim.kill()
        victim.start()
        kills += 1
    return kills


def fill(database_url: str, folder: Path) -> list[uuid.UUID]:
    """Write the events; return the two that are edited."""
    app = make_app(database_url, folder)
    ids = [uuid.uuid4() for _ in range(OTHERS + 2)]
    with app.app_context():
        with transaction() as session:
            for number, event_id in enumerate(ids):
                # Far apart, so that planning has nothing to say of them.
                day = date(2027 + number // 12, 1 + number % 12, 10)
                record = EventRecord(
                    titles={"en": "Change 0" if number < 2 else f"Meeting {number}"},
                    processes=("basel",), steward="brs", span=Span.inclusive(day, day),
                )  # fmt: skip
                events.create(session, event_id, record, events.Change("test", clock.now()), reference())
        close_databases()
    return ids[:2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="calendar-feeds-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with a_database(wanted.database, folder) as url:
            seen = run(url, folder, seconds=wanted.seconds)
    print(f"{wanted.database}: {seen}")
    print("\n".join(seen.problems[:20]))
    return 1 if seen.problems else 0


if __name__ == "__main__":
    sys.exit(main())
