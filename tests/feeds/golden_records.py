"""The golden events as events of the calendar, as far as it can keep them.

`python -m tests.feeds.golden_records DATABASE_URL FOLDER` writes the feeds of a database that holds them.
"""

from __future__ import annotations

import re
import sys
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from calendar_app.extensions import clock, transaction
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Status
from calendar_app.services import events
from calendar_app.services.records import LANGUAGES, EventRecord
from calendar_app.services.reference import reference
from tests.conftest import close_databases, make_app
from tests.feeds.golden import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

    from feeds.entries import EntryStatus
    from tests.feeds.golden import Golden

NOT_KEPT = {
    15: "hours are kept without saying which of two equal ones is meant",
    35: "PostgreSQL keeps no NUL",
    39: "no database keeps half a character",
    62: "the calendar makes its UIDs itself",
    63: "the same",
}
KEPT = tuple(golden for golden in GOLDEN if golden.number not in NOT_KEPT)
ON_REQUEST = (6, 25)
EVERYTHING = "/feeds/all.ics?tbc=1"
FEEDS = (EVERYTHING, "/feeds/all.ics", "/feeds/all.ics?tbc=1&lang=ar", "/feeds/calendar.ics?cancelled=keep&lang=fr")
_MARKS = re.compile(r"(?:\((?P<words>[^)]*)\) )?(?:\[(?P<mark>[A-Z]+)\] )?(?P<title>.*)", re.DOTALL)
_PRECISIONS = {"": Precision.DAY, "June 2027": Precision.MONTH, "second quarter of 2027": Precision.QUARTER}


def record_of(golden: Golden) -> EventRecord:
    """Return what a person would have written: marks and vague dates stand in fields of their own."""
    entry = golden.entry
    found = _MARKS.fullmatch(entry.summary)
    assert found
    words = found["words"] or ""
    language = entry.language if entry.language in LANGUAGES else "en"
    wholes = [uuid.UUID(uid) for relation, uid in entry.related if relation == "PARENT"]
    return EventRecord(
        titles={language: found["title"]},
        descriptions={language: entry.description} if entry.description else {},
        processes=("basel",),
        steward="brs",
        status=_status(entry.status, found["mark"]),
        precision=_PRECISIONS[words],
        date_text=words,
        venue=entry.location,
        latitude=entry.latitude,
        longitude=entry.longitude,
        online_url=entry.conference[0][0] if entry.conference else "",
        part_of=wholes[0] if wholes else None,
        **_times(entry.start, entry.end),
    )


def load(kept_events: Iterable[Golden] = KEPT) -> None:
    """Add the events to the current application's calendar, in the order given."""
    with transaction() as session:
        for golden in kept_events:
            entry = golden.entry
            kept = events.Kept(sequence=entry.sequence, created_at=entry.created, last_modified=entry.last_modified)
            made = events.Change("test", clock.now())
            events.create(session, uuid.UUID(entry.uid), record_of(golden), made, reference(), kept)


def feeds_of(app: Flask) -> list[bytes]:
    """Return the feeds as they are served."""
    client = app.test_client()
    return [client.get(feed).data for feed in FEEDS]


def _status(status: EntryStatus, mark: str | None) -> Status:
    return Status.POSTPONED if mark == "POSTPONED" else Status(status.value)


def _times(start, end) -> dict[str, object]:
    if not isinstance(start, datetime):
        return {"span": Span(start, end)}
    return {
        "span": Span(start.date(), start.date() + timedelta(days=1)),
        "start_time": f"{start:%H:%M}",
        "end_time": f"{end:%H:%M}",
        "timezone": str(start.tzinfo),
    }


def main(database_url: str, folder: str) -> None:
    """Write the feeds one after the other."""
    app = make_app(database_url, Path(folder))
    with app.app_context():
        sys.stdout.buffer.write(b"".join(feeds_of(app)))
        close_databases()


if __name__ == "__main__":
    main(*sys.argv[1:])
