"""What subscribers get after a restore: over a later state of the calendar, and where the calendar had been lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import CalendarVersion, Event
from calendar_app.services import backup, events, organisations, restoring
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from tests.backup.test_same_rows import never, told


def rename(event_id, title: str) -> None:
    with transaction() as session:
        event = session.get(Event, event_id)
        record = replace(record_of(event), titles={"en": title})
        events.change(session, event, record, events.Change("test", clock.now()), reference())


def sequence_in_feed(feed: bytes, event_id) -> int:
    block = next(block for block in feed.split(b"BEGIN:VEVENT") if str(event_id).encode() in block)
    return int(re.search(rb"SEQUENCE:(\d+)", block)[1])


def test_readers_of_feeds_notice_that_the_calendar_was_restored(run, file, client, add_event, app):
    event_id = db.session.scalars(select(Event.id)).one()
    rename(event_id, "Changed since")
    rename(event_id, "Changed twice")
    added = add_event(title="Added since", first=date(2027, 6, 1))
    row = db.session.get(CalendarVersion, 1)
    version, changed_at = row.version, row.changed_at
    known = client.get("/feeds/all.ics")
    assert b"Changed twice" in known.data
    assert run("restore", file, "--yes").exit_code == 0
    with app.app_context():
        answer = client.get("/feeds/all.ics", headers={"If-None-Match": known.headers["ETag"]})
    assert answer.status_code == 200
    assert b"SUMMARY;LANGUAGE=en:As it was" in answer.data
    assert str(added).encode() not in answer.data
    # Programs keep what they have unless the number rises.
    assert sequence_in_feed(answer.data, event_id) > sequence_in_feed(known.data, event_id)
    db.session.rollback()
    now = db.session.get(CalendarVersion, 1)
    assert now.version > version
    assert now.changed_at > changed_at


def entry_in(client, event_id) -> tuple[int, bytes]:
    """Return SEQUENCE and LAST-MODIFIED of an event in the feed of all."""
    with client.application.app_context():
        feed = client.get("/feeds/all.ics").data
        db.session.rollback()
    block = next(block for block in feed.split(b"BEGIN:VEVENT") if str(event_id).encode() in block)
    return sequence_in_feed(feed, event_id), re.search(rb"LAST-MODIFIED:(\w+)", block)[1]


@pytest.fixture
def lost(file, client):
    """The only event of the backup, and SEQUENCE and LAST-MODIFIED that its subscribers had when all was lost."""
    event_id = db.session.scalars(select(Event.id)).one()
    clock.fixed += timedelta(days=1)
    for number in range(3):
        rename(event_id, f"Changed {number}")
    had = entry_in(client, event_id)
    with transaction() as session:
        restoring.clear(session)
    clock.fixed += timedelta(days=1)
    return event_id, had


def test_subscribers_of_a_calendar_that_was_lost_take_what_is_restored_into_an_empty_one(run, file, client, lost):
    event_id, (sequence, modified) = lost
    assert run("restore", file).exit_code == 0
    restored = entry_in(client, event_id)
    assert restored[0] > sequence
    assert restored[1] > modified


def test_subscribers_of_a_calendar_that_was_lost_take_what_is_restored_over_a_newly_made_one(
    run, file, client, lost, add_event
):
    event_id, (sequence, modified) = lost
    with transaction() as session:
        organisations.add_packaged(session, reference())
    # Packaged events have the same ids in every installation, and there may be more of them by now.
    add_event(event_id=event_id, title="As it was packaged")
    for number in range(10):
        add_event(title=f"Another {number}")
    assert run("restore", file, "--yes").exit_code == 0
    restored = entry_in(client, event_id)
    assert restored[0] > sequence
    assert restored[1] > modified


def test_subscribers_take_what_is_restored_over_an_earlier_state_and_what_has_gone_from_it(
    run, file, client, add_event, tmp_path
):
    event_id = db.session.scalars(select(Event.id)).one()
    since = add_event(title="Added since")
    rename(event_id, "Changed before the second backup")
    second = tmp_path / "second.zip"
    assert run("backup", second).exit_code == 0
    rename(event_id, "Changed after it")
    rename(since, "Changed after it, too")
    had = {one: entry_in(client, one)[0] for one in (event_id, since)}
    # Another machine has the database itself as it was at first.
    with backup.opened(file) as opened, transaction() as session:
        restoring.replace_all(session, opened, newest=opened.manifest.revision, migrate=never, tell=told)
    assert run("restore", second, "--yes").exit_code == 0
    assert all(entry_in(client, one)[0] > sequence for one, sequence in had.items())


def test_a_restore_over_the_same_or_a_later_state_changes_no_event_that_nobody_has_changed(
    run, file, client, add_event
):
    event_id = db.session.scalars(select(Event.id)).one()
    had = entry_in(client, event_id)
    clock.fixed += timedelta(days=1)
    assert run("restore", file, "--yes").exit_code == 0
    assert entry_in(client, event_id) == had
    add_event(title="Added since")
    assert run("restore", file, "--yes").exit_code == 0
    assert entry_in(client, event_id) == had


def test_after_a_calendar_was_lost_its_events_go_on_once(run, file, client, lost, tmp_path):
    event_id, _had = lost
    assert run("restore", file).exit_code == 0
    restored = entry_in(client, event_id)
    again = tmp_path / "again.zip"
    assert run("backup", again).exit_code == 0
    assert run("restore", again, "--yes").exit_code == 0
    assert entry_in(client, event_id) == restored
