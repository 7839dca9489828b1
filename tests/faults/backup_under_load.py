"""Backups are taken while processes edit: each is the calendar of one moment, and comes back as that.

Each change writes an event, its revision, its rendering for feeds and the calendar's version together, so in each
backup these have to agree. By hand, for a minute:
.venv/bin/python -m tests.faults.backup_under_load --seconds 60 --database postgresql
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from calendar_app.extensions import clock, db, snapshot, transaction
from calendar_app.models import CalendarVersion, Revision
from calendar_app.services import backup, restoring
from calendar_app.services.reference import packaged_lists
from tests.conftest import close_databases, make_app
from tests.faults.feeds_while_edited import HOME, Editor, fill
from tests.faults.kill_server import a_database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    Tables = dict[str, list[dict[str, Any]]]

LEAST = 3
ENGLISH = ("en", "plain")


@dataclass
class Taken:
    """What was done, counted, and what was wrong. `versions` are those of the calendar in the backups."""

    versions: list[int] = field(default_factory=list)
    changes: int = 0
    changes_afterwards: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{len(self.versions)} backups, of versions {self.versions[0]} to {self.versions[-1]}, while"
            f" {self.changes} changes were made; one restored over them, then {self.changes_afterwards} more;"
            f" {len(self.problems)} problems"
        )


def run(database_url: str, folder: Path, *, seconds: float) -> Taken:
    """Do it on a database with tables that is empty otherwise; the last backup is restored over it."""
    ids = fill(database_url, folder)
    taken, path = Taken(), folder / "all.zip"
    app = make_app(database_url, folder)
    with app.app_context():
        ahead = _ahead(db.session())
        close_databases()
    at_work = [Editor(database_url, event_id, folder) for event_id in ids]
    try:
        with app.app_context():
            until = time.monotonic() + seconds
            while time.monotonic() < until or len(taken.versions) < LEAST:
                with snapshot() as session:
                    tables = _backed_up(session, path)
                taken.versions.append(tables["calendar_version"][0]["version"])
                taken.problems += problems_of(tables, ahead)
            taken.changes = sum(editor.committed for editor in at_work)
            ahead = _restored(path, taken)
            before = {editor.event_id: editor.committed for editor in at_work}
            time.sleep(seconds / 4)
            with snapshot() as session:
                taken.problems += problems_of(_backed_up(session, path), ahead, restored=True)
            taken.changes_afterwards = sum(editor.committed - before[editor.event_id] for editor in at_work)
            close_databases()
    finally:
        for editor in at_work:
            editor.kill()
    return taken


def _quiet(_table: str, _rows: int) -> None:
    """Hear of progress."""


def _backed_up(session: Session, path: Path) -> Tables:
    backup.write(session, path, program="this", revision="1", now=clock.now(), tell=_quiet)
    with backup.opened(path) as opened:
        opened.check()
        return _read(opened)


def _read(opened: backup.Backup) -> Tables:
    return {
        stored.name: [row for batch in opened.batches(stored) for row in batch] for stored in opened.manifest.tables
    }


def _ahead(session: Session) -> int:
    """Return by how much the calendar's version is ahead of the number of revisions; no change alters that."""
    version = session.scalar(select(CalendarVersion.version))
    return version - session.scalar(select(func.count()).select_from(Revision))


def problems_of(tables: Tables, ahead: int, *, restored: bool = False) -> list[str]:
    """Return what in a backup is not of one moment. SEQUENCE runs ahead once an older state was `restored`."""
    version, made = tables["calendar_version"][0]["version"], len(tables["revisions"])
    problems = [] if version - made == ahead else [f"version {version} with {made} revisions"]
    revisions = Counter(row["event_id"] for row in tables["revisions"])
    shown = {row["event_id"]: row for row in tables["event_renderings"] if (row["language"], row["form"]) == ENGLISH}
    for event in tables["events"]:
        count, sequence = revisions[event["id"]], event["sequence"]
        if sequence < count - 1 or (not restored and sequence != count - 1):
            problems.append(f"{event['id']}: SEQUENCE {sequence} with {count} revisions")
        title = f"SUMMARY;LANGUAGE=en:{json.loads(event['titles'])['en']}\r\n".encode()
        rendered = shown[event["id"]]
        if rendered["sequence"] != sequence or title not in rendered["body"]:
            problems.append(f"{event['id']}: feeds show another state")
    return problems


def _restored(path: Path, taken: Taken) -> int:
    """Restore a backup while others edit, see that it is there before they go on, and return `_ahead` as it is then."""
    with transaction(first=partial(restoring.hold_others, readers=False)) as session:
        before = restoring.known(session)
        with backup.opened(path) as opened:
            wanted = _read(opened)
            restoring.replace_all(session, opened, newest="1", migrate=_never, tell=_quiet)
        found = _backed_up(session, path.with_name("second.zip"))
        restoring.take_over(session, before, clock.now(), packaged_lists(), HOME, clock.now())
        ahead = _ahead(session)
    same = all(sorted(map(repr, found[name])) == sorted(map(repr, rows)) for name, rows in wanted.items())
    if not same or found.keys() != wanted.keys():
        taken.problems.append("what was restored is not what was backed up")
    return ahead


def _never(_revision: str) -> None:
    raise AssertionError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="calendar-backup-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with a_database(wanted.database, folder) as url:
            taken = run(url, folder, seconds=wanted.seconds)
    print(f"{wanted.database}: {taken}")
    print("\n".join(taken.problems[:20]))
    return 1 if taken.problems else 0


if __name__ == "__main__":
    sys.exit(main())
