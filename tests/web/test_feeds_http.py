"""The feeds as programs fetch them: validators, encodings, methods; and what becomes of each sort of event."""

from __future__ import annotations

import gzip
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services import events
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from tests.conftest import close_databases, load_packaged, make_app

pytestmark = pytest.mark.either_database

FEEDS = ("/feeds/all.ics", "/feeds/calendar.ics?kind=cop&lang=fr", "/feeds/minamata.ics")
# Every format is answered alike.
TYPES = dict.fromkeys(FEEDS, "text/calendar; charset=utf-8") | {
    "/feeds/changes.atom": "application/atom+xml; charset=utf-8",
    "/feeds/changes.atom?convention=minamata&lang=ar": "application/atom+xml; charset=utf-8",
    "/feeds/events.json": "application/feed+json",
    "/feeds/events.json?kind=cop,workshop&tbc=1&lang=fr": "application/feed+json",
    "/sitemap.xml": "application/xml; charset=utf-8",
}


@pytest.fixture(scope="module")
def reader(packaged_app):
    """A calendar program, a minute after the calendar changed."""
    with packaged_app.app_context():
        clock.fixed += timedelta(minutes=1)
    yield packaged_app.test_client()
    clock.fixed -= timedelta(minutes=1)


@pytest.fixture(params=TYPES)
def feed(request) -> str:
    return request.param


def vevents(client, address: str) -> dict[str, Event]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.data
    components = list(Calendar.from_ical(answer.data).walk("VEVENT"))
    found = {str(component["UID"]): component for component in components}
    assert len(found) == len(components), "an event stands twice in the feed"
    return found


def test_a_feed_says_what_it_is_and_can_be_kept(reader, feed):
    answer = reader.get(feed)
    assert answer.status_code == 200
    assert answer.content_type == TYPES[feed]
    tag, weak = answer.get_etag()
    assert tag
    assert not weak
    assert answer.last_modified == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "public" in answer.headers["Cache-Control"]
    assert "Content-Encoding" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("feed", FEEDS)
def test_a_calendar_is_whole(reader, feed):
    data = reader.get(feed).data
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert data.endswith(b"END:VCALENDAR\r\n")


def test_gzip_comes_only_when_asked_and_has_a_tag_of_its_own(reader, feed):
    plain = reader.get(feed)
    for wanted in ("gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.1"):
        zipped = reader.get(feed, headers={"Accept-Encoding": wanted})
        assert zipped.headers["Content-Encoding"] == "gzip", wanted
        assert gzip.decompress(zipped.data) == plain.data
        assert zipped.get_etag()[0] != plain.get_etag()[0]
        assert "Accept-Encoding" in zipped.headers["Vary"]
        assert int(zipped.headers["Content-Length"]) == len(zipped.data)
    for unwanted in ("", "identity", "gzip;q=0", "gzip;q=0, *", "br", "deflate", "*"):
        answer = reader.get(feed, headers={"Accept-Encoding": unwanted})
        assert "Content-Encoding" not in answer.headers, unwanted
        assert answer.data == plain.data
        assert answer.headers["ETag"] == plain.headers["ETag"]


def test_a_reader_that_has_it_is_told_so(reader, feed):
    tag = reader.get(feed).headers["ETag"]
    zipped = reader.get(feed, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    same, old = "Fri, 20 Nov 2026 09:00:00 GMT", "Fri, 20 Nov 2026 08:59:59 GMT"
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": f'"other", {tag}'}, 304),
        ({"If-None-Match": f"W/{tag}"}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": zipped}, 200),
        ({"If-None-Match": zipped, "Accept-Encoding": "gzip"}, 304),
        ({"If-None-Match": tag, "Accept-Encoding": "gzip"}, 200),
        ({"If-Modified-Since": same}, 304),
        ({"If-Modified-Since": "Sat, 21 Nov 2026 09:00:00 GMT"}, 304),
        ({"If-Modified-Since": old}, 200),
        ({"If-Modified-Since": "nonsense"}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": same}, 200),
        ({"If-None-Match": tag, "If-Modified-Since": old}, 304),
    ):
        answer = reader.get(feed, headers=headers)
        assert answer.status_code == status, headers
        assert answer.headers["ETag"] == (zipped if "Accept-Encoding" in headers else tag)
        assert "Vary" in answer.headers
        assert (answer.data == b"") is (status == 304)


def test_head_tells_the_same_without_the_body(reader, feed):
    get, head = reader.get(feed), reader.head(feed)
    assert head.data == b""
    # The clock of the answers may have gone on by a second.
    told = [{name: value for name, value in answer.headers if name != "Date"} for answer in (get, head)]
    assert told[0] == told[1]
    assert reader.head(feed, headers={"If-None-Match": get.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("method", ["PUT", "POST", "PROPFIND", "REPORT", "DELETE", "PATCH", "MKCALENDAR"])
def test_a_feed_cannot_be_written_to(reader, method):
    for feed in (*TYPES, "/robots.txt"):
        answer = reader.open(feed, method=method, data=b"BEGIN:VCALENDAR")
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert answer.mimetype == ("text/plain" if feed.startswith("/feeds/") else "text/html")


@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "application/json", "text/calendar;q=0", "nonsense"])
def test_what_a_reader_accepts_is_not_asked(reader, accept):
    headers = {} if accept is None else {"Accept": accept}
    answer = reader.get("/feeds/all.ics", headers=headers)
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "Accept," not in answer.headers["Vary"] + ","


def test_every_process_has_its_feed_and_nothing_else_has(reader):
    everything = vevents(reader, "/feeds/all.ics")
    for slug in reference().processes:
        found = vevents(reader, f"/feeds/{slug}.ics")
        assert found.keys() <= everything.keys()
        assert found.keys() == vevents(reader, f"/feeds/calendar.ics?convention={slug}").keys()
    for name in ("vienna", "BASEL", "all.ics", "calendar.", "%00"):
        assert reader.get(f"/feeds/{name}.ics").status_code == 404, name


def test_a_last_modified_of_the_running_second_is_not_given(client, add_event):
    add_event()
    assert client.get("/feeds/all.ics").last_modified is None
    assert client.get("/feeds/all.ics").headers["ETag"]


def test_the_same_calendar_gives_the_same_bytes_from_both_databases(sqlite_databases, postgresql_databases, tmp_path):
    answers = []
    for databases in (sqlite_databases, postgresql_databases):
        url = databases.make(with_tables=True)
        app = make_app(url, tmp_path)
        with app.app_context():
            load_packaged()
            close_databases()
        feeds = (*TYPES, "/feeds/all.ics?tbc=1")
        answers += [[app.test_client().get(feed).data for feed in feeds] for _again in range(2)]
        with app.app_context():
            close_databases()
        databases.drop(url)
    assert answers[0] == answers[1] == answers[2] == answers[3]


def change(event_id: uuid.UUID, **values) -> None:
    with transaction() as session:
        event = session.get(Event, event_id)
        record = replace(record_of(event), **values)
        events.change(session, event, record, events.Change("test", clock.now()), reference())


def test_an_event_keeps_its_uid_and_its_sequence_rises_with_each_visible_change(client, add_event):
    event_id = add_event(title="Meeting", first=date(2027, 3, 1), last=date(2027, 3, 5))
    before = vevents(client, "/feeds/all.ics")[str(event_id)]
    assert (before["SEQUENCE"], before["STATUS"], before["SUMMARY"]) == (0, "CONFIRMED", "Meeting")
    assert (before["DTSTART"].dt, before["DTEND"].dt) == (date(2027, 3, 1), date(2027, 3, 6))
    tag = client.get("/feeds/all.ics").headers["ETag"]
    change(event_id, notes="Internal")
    assert vevents(client, "/feeds/all.ics")[str(event_id)].to_ical() == before.to_ical()
    change(event_id, venue="Hall")
    after = vevents(client, "/feeds/all.ics")[str(event_id)]
    assert after["SEQUENCE"] == 1
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert client.get("/feeds/all.ics").headers["ETag"] != tag
    assert client.get(f"/events/{event_id}.ics").status_code == 200


@pytest.mark.parametrize(
    ("status", "expected", "summary"),
    [
        (Status.CONFIRMED, "CONFIRMED", "Meeting"),
        (Status.TENTATIVE, "TENTATIVE", "Meeting"),
        (Status.POSTPONED, "TENTATIVE", "[POSTPONED] Meeting"),
        (Status.CANCELLED, "CANCELLED", "[CANCELLED] Meeting"),
    ],
)
def test_each_status_is_one_of_the_three_that_programs_know(client, add_event, status, expected, summary):
    event_id = str(add_event(title="Meeting", status=status))
    for address in ("/feeds/all.ics", f"/events/{event_id}.ics"):
        event = vevents(client, address)[event_id]
        assert (event["STATUS"], event["SUMMARY"]) == (expected, summary)
        assert event["TRANSP"] == "TRANSPARENT"
    kept = vevents(client, "/feeds/all.ics?cancelled=keep")[event_id]
    assert kept["STATUS"] == ("TENTATIVE" if status == Status.CANCELLED else expected)
    assert kept["SUMMARY"] == summary


def test_vague_dates_come_only_on_request_with_their_wording(client, add_event):
    month = str(add_event(title="Month", first=date(2027, 4, 1), last=date(2027, 4, 30), precision=Precision.MONTH))
    quarter = str(
        add_event(title="Quarter", first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER,
                  date_text="second quarter of 2027")
    )  # fmt: skip
    words = str(add_event(title="Words", first=None, precision=Precision.WORDS, date_text="some day"))
    assert vevents(client, "/feeds/all.ics") == {}
    found = vevents(client, "/feeds/all.ics?tbc=1")
    assert found.keys() == {month, quarter}
    assert found[month]["SUMMARY"] == "(April 2027) Month"
    assert found[quarter]["SUMMARY"] == "(second quarter of 2027) Quarter"
    assert {event["STATUS"] for event in found.values()} == {"TENTATIVE"}
    assert (found[quarter]["DTSTART"].dt, found[quarter]["DTEND"].dt) == (date(2027, 4, 1), date(2027, 7, 1))
    assert client.get(f"/events/{words}.ics").status_code == 404


def test_what_is_withdrawn_or_merged_leaves_its_days_and_nothing_else(client, add_event):
    winner, withdrawn, merged = (str(add_event(title=f"Secret {n}", venue="Secret hall")) for n in range(3))
    sequence = vevents(client, "/feeds/all.ics")[withdrawn]["SEQUENCE"]
    change(uuid.UUID(withdrawn), stage=Stage.WITHDRAWN)
    with transaction() as session:
        event = session.get(Event, uuid.UUID(merged))
        event.merged_into_id, event.hidden_since = uuid.UUID(winner), clock.now()
        event.last_public_start, event.last_public_end = event.start, event.end
        event.sequence += 1
    found = vevents(client, "/feeds/all.ics")
    for event_id in (withdrawn, merged):
        event = found[event_id]
        assert event["SEQUENCE"] > sequence
        assert (event["STATUS"], event["SUMMARY"]) == ("CANCELLED", "[CANCELLED]")
        assert event["DTSTART"].dt == date(2027, 3, 1)
        assert b"Secret" not in event.to_ical()
    assert client.get(f"/events/{withdrawn}").status_code == 404
    assert b"Secret" not in client.get(f"/events/{withdrawn}.ics").data
    assert client.get(f"/events/{merged}.ics").location.endswith(f"/events/{winner}.ics")


def test_tombstones_are_taken_away_after_a_year(client, add_event, monkeypatch):
    event_id = add_event(title="Gone", first=date(2029, 1, 1))
    change(event_id, stage=Stage.WITHDRAWN)
    for moment, there in (("2027-11-30T00:00", True), ("2027-12-01T00:00", False)):
        monkeypatch.setattr(clock, "fixed", datetime.fromisoformat(moment).replace(tzinfo=UTC))
        assert (str(event_id) in vevents(client, "/feeds/all.ics")) is there, moment


@pytest.mark.parametrize(
    ("first", "last", "there"),
    [
        ("2025-11-01", "2025-11-01", True),
        ("2025-10-20", "2025-11-01", True),
        ("2025-10-30", "2025-10-31", False),
        ("2026-11-20", "2026-11-20", True),
        ("2099-12-30", "2099-12-31", True),
    ],
)
def test_a_feed_begins_on_the_first_of_the_month_twelve_months_back(client, add_event, first, last, there):
    event_id = str(add_event(first=date.fromisoformat(first), last=date.fromisoformat(last)))
    assert (event_id in vevents(client, "/feeds/all.ics")) is there
    assert event_id in vevents(client, f"/feeds/calendar.ics?from={first}")


@pytest.mark.parametrize(
    ("values", "start", "end"),
    [
        (
            {"start_time": "13:00", "end_time": "15:00", "timezone": "Europe/Zurich"},
            datetime(2027, 7, 1, 11, tzinfo=UTC), datetime(2027, 7, 1, 13, tzinfo=UTC),
        ),
        (
            {"start_time": "22:00", "end_time": "01:30", "timezone": "America/New_York"},
            datetime(2027, 7, 2, 2, tzinfo=UTC), datetime(2027, 7, 2, 5, 30, tzinfo=UTC),
        ),
        (
            {"start_time": "08:00", "end_time": "09:00", "timezone": "Asia/Tokyo"},
            datetime(2027, 6, 30, 23, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC),
        ),
        ({"start_time": "13:00", "timezone": "Europe/Zurich"}, date(2027, 7, 1), date(2027, 7, 2)),
        (
            {"start_time": "09:00", "end_time": "18:00", "timezone": "Europe/Zurich", "last": date(2027, 7, 3)},
            date(2027, 7, 1), date(2027, 7, 4),
        ),
    ],
)  # fmt: skip
def test_hours_of_one_day_are_in_utc_and_all_else_is_whole_days(client, add_event, values, start, end):
    event_id = str(add_event(first=date(2027, 7, 1), **values))
    event = vevents(client, "/feeds/all.ics")[event_id]
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (start, end)
    assert b"VTIMEZONE" not in client.get("/feeds/all.ics").data


def test_half_a_position_does_not_stop_the_feed(client, add_event):
    for latitude, longitude in ((46.2, None), (None, 6.1), (46.2, 6.1)):
        add_event(latitude=latitude, longitude=longitude)
    assert len(vevents(client, "/feeds/all.ics")) == 3
    assert client.get("/feeds/all.ics").data.count(b"GEO:") == 1


def test_a_part_names_its_whole_only_if_the_whole_is_public(client, add_event):
    shown, hidden = add_event(title="Shown"), add_event(title="Hidden", stage=Stage.DRAFT)
    add_event(title="Part", part_of=shown)
    add_event(title="Other part", part_of=hidden)
    data = client.get("/feeds/all.ics").data.replace(b"\r\n ", b"")
    assert str(shown).encode() in data.partition(b"RELATED-TO")[2]
    assert str(hidden).encode() not in data


def test_the_calendar_of_a_meeting_in_parts_has_the_days_of_its_parts(client, add_event):
    whole = add_event(title="Whole", first=date(2027, 3, 1), last=date(2027, 9, 3), precision=Precision.WORDS)
    first = add_event(title="First part", first=date(2027, 3, 1), last=date(2027, 3, 5), part_of=whole)
    second = add_event(title="Second part", first=date(2027, 9, 1), last=date(2027, 9, 3), part_of=whole)
    shown = Calendar.from_ical(client.get(f"/events/{whole}.ics").data).walk("VEVENT")
    assert [str(event["UID"]) for event in shown] == [str(first), str(second)]
    assert [event["DTSTART"].dt for event in shown] == [date(2027, 3, 1), date(2027, 9, 1)]


def test_a_postponed_meeting_is_still_to_come_after_its_old_days(client, add_event):
    event = add_event(title="Postponed talks", first=date(2026, 9, 1), last=date(2026, 9, 3), status=Status.POSTPONED)
    assert "Postponed talks" in client.get("/").get_data(as_text=True)
    assert "Postponed talks" not in client.get("/past").get_data(as_text=True)
    assert "new dates are not known yet" in client.get(f"/events/{event}.ics").get_data(as_text=True).replace(
        "\r\n ", ""
    )
