"""What is kept of a page is what would be drawn now, and takes no more room than it may."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.planning.vocabulary import Status
from calendar_app.services import events, records
from calendar_app.services.calendar import Viewer
from calendar_app.services.reference import reference
from calendar_app.web.kept import KeptPages
from tests.conftest import counted_queries

ADDRESS = "/planner?from=2027-01"


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """Collect the titles of the pages that are really drawn."""
    module = sys.modules["calendar_app.web.planner.views"]
    render = module.render_template
    found: list[str] = []

    def note(name: str, **values) -> str:
        found.append(values["planner"]["heading"])
        return render(name, **values)

    monkeypatch.setattr(module, "render_template", note)
    return found


def test_a_page_is_drawn_once_until_the_calendar_changes(client, add_event, drawn):
    event_id = add_event(title="First title")
    answers = [client.get(ADDRESS) for _ in range(3)]
    assert len(drawn) == 1
    assert len({answer.data for answer in answers}) == 1
    assert all(answer.headers["Content-Security-Policy"] for answer in answers)
    with transaction() as session:
        event = session.get(Event, event_id)
        changed = replace(records.record_of(event), status=Status.CANCELLED)
        events.change(session, event, changed, events.Change("test", clock.now()), reference())
    later = client.get(ADDRESS)
    assert len(drawn) == 2
    assert b'"bar is-cancelled' in later.data
    assert b'"bar is-cancelled' not in answers[0].data
    assert later.headers["ETag"] != answers[0].headers["ETag"]


def test_who_has_the_page_is_answered_304_with_one_query(client, add_event, drawn):
    add_event()
    for encoding in ("", "gzip", "br"):
        first = client.get(ADDRESS, headers={"Accept-Encoding": encoding})
        assert first.headers.get("Content-Encoding", "") == encoding
        with counted_queries() as statements:
            again = client.get(ADDRESS, headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert len(statements) == 1
    assert len(drawn) == 3


def test_who_had_the_page_before_it_was_forgotten_is_answered_304_and_it_is_kept(app, client, add_event, drawn):
    add_event()
    tag = client.get(ADDRESS, headers={"Accept-Encoding": "br"}).headers["ETag"]
    app.extensions["kept_pages"] = KeptPages()
    for _ in range(3):
        again = client.get(ADDRESS, headers={"Accept-Encoding": "br", "If-None-Match": tag})
        assert again.status_code == 304
    assert len(drawn) == 2


def test_what_means_nothing_to_the_page_draws_it_no_second_time(client, add_event, drawn):
    add_event()
    for encoding in ("br, gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8"):
        answer = client.get(f"{ADDRESS}&utm_source={len(encoding)}", headers={"Accept-Encoding": encoding})
        assert answer.headers["Content-Encoding"] == "br"
    assert len(drawn) == 1
    # Nor is what one reader's link carried in the page that another gets.
    assert "utm_" not in client.get(f"{ADDRESS}&utm_source=letter").get_data(as_text=True)


def test_each_language_address_and_day_has_its_own(client, add_event, drawn, monkeypatch):
    add_event()
    for address in (ADDRESS, f"{ADDRESS}&lang=ar", "/planner?from=2027-02", f"{ADDRESS}&convention=basel"):
        assert client.get(address).data == client.get(address).data
    assert len(drawn) == 4
    monkeypatch.setattr(type(clock), "today", lambda _clock: date(2027, 3, 9))
    assert b"today" in client.get(ADDRESS).data
    assert len(drawn) == 5


def test_what_is_wrong_or_meant_for_members_is_not_kept(app, client, add_event, drawn, monkeypatch):
    add_event()
    assert client.get("/planner?months=99").status_code == 400
    assert client.head(ADDRESS).status_code == 200
    for place in ("calendar_app.web.planner.views", "calendar_app.web.kept"):
        monkeypatch.setattr(sys.modules[place], "viewer", lambda: Viewer(frozenset({"brs"})))
    answers = [client.get(ADDRESS) for _ in range(2)]
    assert "ETag" not in answers[0].headers
    assert len(drawn) == 3
    assert not app.extensions["kept_pages"]._pages


def test_pages_not_asked_for_longest_make_room():
    pages = KeptPages(most_bytes=10)
    for name in "abc":
        pages.keep((name,), b"xxxx", {})
        pages.get(("a",))
    assert pages.get(("a",)) == (b"xxxx", {})
    assert pages.get(("b",)) is None
    assert pages.get(("c",))
    pages.keep(("huge",), b"x" * 11, {})
    assert pages.get(("huge",)) is None
    assert pages.get(("a",))


def test_the_same_database_gives_every_application_what_it_has_now(app, client, add_event):
    """Another process changes the calendar: this one sees it by the version alone."""
    add_event(title="Here")
    before = client.get(ADDRESS).data
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE calendar_version SET version = version + 1")
        connection.exec_driver_sql("UPDATE events SET short_title = 'Renamed'")
    db.session.remove()  # the next request has a session of its own
    assert b"Renamed" in client.get(ADDRESS).data
    assert b"Renamed" not in before
