"""Feeds are kept as they were sent, and never for longer than the calendar stays the same."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.services import events
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from calendar_app.web.feeds.kept import Kept, KeptFeeds, Key
from tests.conftest import close_databases, counted_queries, make_app

FEED = "/feeds/all.ics"
MB = 1024 * 1024
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def rename(event_id, title: str) -> None:
    with transaction() as session:
        event = session.get(Event, event_id)
        made = events.Change("test", clock.now())
        events.change(session, event, replace(record_of(event), titles={"en": title}), made, reference())


@contextmanager
def later(**by):
    """The clock goes on."""
    clock.fixed += timedelta(**by)
    yield
    clock.fixed -= timedelta(**by)


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}])
def test_what_is_kept_is_sent_as_it_was_at_first(client, add_event, headers):
    add_event()
    with later(minutes=1), counted_queries() as statements:
        first = client.get(FEED, headers=headers)
        asked = len(statements)
        again = client.get(FEED, headers=headers)
        kept = client.get(FEED, headers={"If-None-Match": first.headers["ETag"], **headers})
    assert first.last_modified
    assert len(statements) == asked > 0, "the application was asked again"
    assert again.data == first.data
    assert again.status_code == 200
    assert sorted(again.headers) == sorted((name, value) for name, value in first.headers if name != "Date")
    assert kept.status_code == 304
    assert kept.data == b""
    assert kept.headers["ETag"] == first.headers["ETag"]
    assert kept.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert not {"Content-Type", "Content-Length", "Content-Encoding", "Last-Modified"} & set(kept.headers.keys())


def test_a_change_is_in_the_next_answer(client, add_event):
    event_id = add_event(title="As it was")
    assert b"As it was" in client.get(FEED).data
    assert b"As it was" in client.get(FEED).data
    rename(event_id, "As it is")
    answer = client.get(FEED)
    assert b"As it is" in answer.data
    assert b"As it was" not in answer.data


def test_a_change_by_another_process_is_in_the_next_answer(app, client, add_event, tmp_path):
    event_id = add_event(title="As it was")
    client.get(FEED)
    other = make_app(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    with other.app_context():
        rename(event_id, "As it is")
        close_databases()
    # The tests' context is open all the time, and with it what a request has read.
    db.session.remove()
    assert b"As it is" in client.get(FEED).data


def test_the_window_moves_with_the_month_although_nothing_changes(client, add_event):
    add_event(title="Of last November", first=datetime(2025, 11, 10, tzinfo=UTC).date())
    before = client.get(FEED)
    assert b"Of last November" in before.data
    with later(days=12):
        after = client.get(FEED)
    assert b"Of last November" not in after.data
    assert after.headers["ETag"] != before.headers["ETag"]


def test_what_one_person_is_answered_is_not_kept_for_others(app, client, signed_in, add_event):
    add_event()
    browser = signed_in(brs="coordinator")
    own = browser.get(FEED)
    assert own.status_code == 200
    answer = client.get(FEED)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, no-cache"


def test_a_wrong_address_is_not_kept(client, add_event):
    add_event()
    for _ in range(2):
        assert client.get(f"{FEED}?city=nowhere").status_code == 400
    add_event(city="Nowhere", country="CH")
    assert client.get(f"{FEED}?city=nowhere").status_code == 200


def test_a_condition_that_readers_of_feeds_do_not_send_is_answered_all_the_same(client, add_event):
    add_event()
    tag = client.get(FEED).headers["ETag"]
    assert client.get(FEED, headers={"If-Match": tag}).status_code == 200
    assert client.get(FEED, headers={"If-Match": '"other"'}).status_code == 412


@pytest.mark.parametrize("database", ["postgresql://nobody@127.0.0.1:9/none", "sqlite:////proc/none.sqlite3"])
def test_a_database_out_of_reach_is_said_by_the_application(database, tmp_path):
    broken = make_app(database, tmp_path)
    broken.testing = False
    assert broken.test_client().get(FEED).status_code == 500


def kept(size: int) -> Kept:
    return Kept(b"x" * (size * MB - 10_000), "tag", NOON, (), ())


def key(path: str) -> Key:
    return Key("localhost", path, "", zipped=False)


def test_what_was_not_asked_for_longest_makes_room():
    feeds = KeptFeeds(most_bytes=10 * MB)
    for name in "abc":
        feeds.keep(1, key(name), kept(3))
    assert feeds.get(1, key("a"))
    feeds.keep(1, key("d"), kept(3))
    assert [name for name in "abcd" if feeds.get(1, key(name))] == ["a", "c", "d"]


def test_what_is_larger_than_all_room_is_not_kept():
    feeds = KeptFeeds(most_bytes=10 * MB)
    feeds.keep(1, key("a"), kept(11))
    assert feeds.get(1, key("a")) is None


def test_nothing_is_kept_of_another_state():
    feeds = KeptFeeds(most_bytes=10 * MB)
    feeds.keep(1, key("a"), kept(3))
    assert feeds.get(2, key("a")) is None
    feeds.keep(2, key("b"), kept(3))
    assert feeds.get(1, key("a")) is None
    feeds.keep(2, key("b"), kept(3))
    feeds.keep(2, key("c"), kept(7))
    assert feeds.get(2, key("b"))


def test_what_is_kept_beside_the_bodies_counts_too():
    """A stranger can ask for as many empty feeds as there are words to look for."""
    feeds = KeptFeeds(most_bytes=MB)
    for number in range(1000):
        feeds.keep(1, Key("localhost", "a", f"q={number}" + "x" * 2000, zipped=False), Kept(b"", "tag", NOON, (), ()))
    assert feeds.get(1, Key("localhost", "a", "q=0" + "x" * 2000, zipped=False)) is None
    assert feeds.get(1, Key("localhost", "a", "q=999" + "x" * 2000, zipped=False))
