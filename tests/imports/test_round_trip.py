"""The calendar as a feed, and a partner's calendar file, read as events."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Format, Stage, Status, Visibility
from calendar_app.services import events, feed_entries, feed_rows, importing
from calendar_app.services.import_terms import Terms
from calendar_app.services.records import LANGUAGES, BodyMeeting, as_json, record_of
from calendar_app.services.reference import reference
from calendar_app.services.source_items import feed_of
from calendar_app.services.wording import moment_at
from feeds.reading.values import ReadEvent, ReadFeed
from feeds.writing import ics
from tests.conftest import close_databases, load_packaged, make_app

if TYPE_CHECKING:
    from datetime import datetime

    from calendar_app.services.records import EventRecord
    from calendar_app.services.sheets import Sheet

# What an event of our feed says in fields that can be read back.
HELD = ("span", "precision", "status", "city", "country", "venue", "latitude", "longitude")


def records() -> dict[uuid.UUID, EventRecord]:
    db.session.rollback()
    return {event.id: record_of(event) for event in db.session.scalars(select(Event).options(*events.whole_record()))}


def moments(record: EventRecord) -> list[datetime]:
    days = ((record.span.start, record.start_time), (record.span.last, record.end_time))
    return [moment_at(day, text, record.timezone) for day, text in days if text]


def test_a_feed_changes_nothing_where_it_comes_from_and_makes_the_same_events_elsewhere(sqlite_databases, tmp_path):
    """Sheets hold every field; `test_importing` compares them."""
    urls = [sqlite_databases.make(with_tables=True) for _number in range(2)]
    app, other = (make_app(url, tmp_path) for url in urls)
    path = tmp_path / "calendar.ics"
    with app.app_context():
        load_packaged()
        path.write_bytes(app.test_client().get("/feeds/calendar.ics?from=1990-01&to=2099-12&cancelled=keep").data)
        before = records()
        done = app.test_cli_runner().invoke(args=["events", "import", str(path)])
        assert done.stdout.startswith("0 created, 0 changed, "), done.stderr
        assert records() == before
        with transaction() as session:
            # A title in another language, as some events have.
            some = session.scalars(select(Event).order_by(Event.id).limit(3)).all()
            for event in some:
                event.titles = {**event.titles, "fr": f"Réunion {event.id}", "ar": "اجتماع"}
        before = records()
        for language in LANGUAGES:
            address = f"/feeds/calendar.ics?from=1990-01&to=2099-12&tbc=1&lang={language}"
            path.write_bytes(app.test_client().get(address).data)
            done = app.test_cli_runner().invoke(args=["events", "import", str(path)])
            assert done.stdout.startswith("0 created, 0 changed, "), (language, done.stderr)
        assert records() == before
        path.write_bytes(app.test_client().get(f"{address.partition('&lang')[0]}&cancelled=keep").data)
        close_databases()
    with other.app_context():
        done = other.test_cli_runner().invoke(args=["events", "import", str(path)])
        assert done.exit_code == 0, done.stderr
        found = records()
        close_databases()
    exact = {key: record for key, record in before.items() if record.span}
    assert {record.precision for record in exact.values()} >= {Precision.DAY, Precision.MONTH, Precision.WORDS}
    assert {key: record.date_text for key, record in found.items()} == {
        key: "" if record.precision is Precision.DAY else record.date_text for key, record in exact.items()
    }
    assert {key: record.titles for key, record in found.items()} == {
        key: {"en": record.titles["en"]} for key, record in exact.items()
    }
    # Feeds write hours in UTC, and none where only the beginning is known.
    assert {key: moments(record) for key, record in found.items()} == {
        key: moments(record) if record.end_time else [] for key, record in exact.items()
    }
    for name in HELD:
        # What is not known to the day is tentative in a feed.
        held = {
            key: "tentative" if name == "status" and record.precision is not Precision.DAY else getattr(record, name)
            for key, record in exact.items()
        }
        assert {key: getattr(record, name) for key, record in found.items()} == held
    for url in urls:
        sqlite_databases.drop(url)


def quarter(year: int, number: int) -> Span:
    return Span(date(year, 3 * number - 2, 1), date(year, 3 * number + 1, 1))


def entry_of(*events: Event, language: str, form: str = feed_entries.PLAIN) -> bytes:
    feed = feed_entries.Feed("Calendar", "https://example.org/", "", language)
    forms = (feed_entries.forms_of(event, language, "https://example.org", reference()) for event in events)
    return feed_entries.written(feed, [ics.write_event(form_of[form]) for form_of in forms], clock.now())


def all_read_back(file: bytes) -> dict[str, dict[str, str]]:
    """Return what entries of ours say otherwise than their events, by id."""
    sheet = feed_rows.read_ics("own.ics", file, clock.today(), "Europe/Zurich")
    rows = [cells for _line, cells in feed_rows.leave_own(db.session(), sheet.rows)]
    return {cells["id"]: {n: text for n, text in cells.items() if n not in {"id", "last_modified"}} for cells in rows}


def read_back(event: Event, file: bytes) -> dict[str, str]:
    ((event_id, cells),) = all_read_back(file).items()
    assert event_id == str(event.id)
    return cells


def test_an_entry_of_ours_says_nothing_that_its_event_does_not_say(app, add_event):
    kinds = [
        {"stage": Stage.DRAFT},
        {"stage": Stage.WITHDRAWN},
        {"visibility": Visibility.MEMBERS, "status": Status.POSTPONED},
        {"precision": Precision.QUARTER, "span": quarter(2027, 2), "status": Status.CANCELLED},
        {"precision": Precision.WORDS, "date_text": "after the COP (dates TBC)"},
        {"start_time": "09:00", "end_time": "17:00", "timezone": "Asia/Tokyo"},
        {"venue": "Zoom House", "format": Format.HYBRID, "city": "Nowhere", "country": "CH"},
        {"format": Format.ONLINE},
    ]
    titles = {"en": "Workshop", "fr": "Atelier"}
    by_id = {str(add_event(titles=titles, **values)): values for values in kinds}
    every = [db.session.get(Event, uuid.UUID(event_id)) for event_id in by_id]
    for language in LANGUAGES:
        said = all_read_back(entry_of(*every, language=language))
        assert said.keys() == by_id.keys()
        assert [(by_id[event_id], cells) for event_id, cells in said.items() if cells] == [], language


def test_what_was_changed_in_an_entry_of_ours_is_a_change_and_of_its_language_alone(app, add_event):
    titles = {"en": "Seventh meeting of the group", "fr": "Septième réunion du groupe"}
    june = Span(date(2027, 6, 1), date(2027, 7, 1))
    event_id = add_event(titles=titles, span=june, precision=Precision.MONTH, date_text="June 2027")
    event = db.session.get(Event, event_id)
    file = entry_of(event, language="fr")
    assert read_back(event, file.replace("Septième".encode(), "Huitième".encode())) == {
        "title_fr": "Huitième réunion du groupe"
    }
    moved = file.replace(b"20270601", b"20270614").replace(b"20270701", b"20270617")
    assert read_back(event, moved) == {"start": "2027-06-14", "end": "2027-06-16", "date_precision": "day"}


def test_what_is_left_in_a_feed_of_an_event_that_is_not_public_any_more_changes_nothing(app, add_event):
    event = db.session.get(Event, add_event(visibility=Visibility.MEMBERS))
    event.hidden_since, event.last_public_start, event.last_public_end = clock.now(), event.start, event.end
    assert read_back(event, entry_of(event, language="en", form=feed_entries.GONE)) == {}


SERIES = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//partner//EN\r
BEGIN:VEVENT\r
UID:weekly@example.org\r
DTSTAMP:20261101T000000Z\r
DTSTART;VALUE=DATE:20261203\r
RRULE:FREQ=MONTHLY\r
SUMMARY:Coordination call\r
LOCATION:Online\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:12345\r
DTSTAMP:20261101T000000Z\r
DTSTART;TZID=Europe/Zurich:20270301T090000\r
DTEND;TZID=Europe/Zurich:20270302T170000\r
SUMMARY:Workshop\r
LOCATION:Palais des Nations\\, Geneva\\, Switzerland\r
STATUS:TENTATIVE\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:no-start@example.org\r
DTSTAMP:20261101T000000Z\r
SUMMARY:When\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_a_partners_calendar_file_comes_in_with_its_series_and_twice_changes_nothing(app):
    sheet = feed_rows.read_ics("partner.ics", SERIES, clock.today(), "Europe/Zurich")
    assert any("no start" in remark for remark in sheet.remarks)
    for created in (25, 0):
        with transaction() as session:
            terms = Terms("partner", "brs", problems=sheet.problems)
            report = importing.import_rows(session, sheet.rows, events.Change("test", clock.now()), reference(), terms)
        assert (len(report.created), len(report.changed), report.rejected) == (created, 0, [])
    found = sorted(records().values(), key=lambda record: record.span.start)
    assert {record.series for record in found} == {"Coordination call", ""}
    assert [str(record.span.start) for record in found][:2] == ["2026-12-03", "2027-01-03"]
    assert str(found[-1].span.start) < "2028-12"
    workshop = next(record for record in found if not record.series)
    assert (workshop.city, workshop.country, workshop.venue) == ("Geneva", "CH", "Palais des Nations")
    assert (workshop.start_time, workshop.end_time, workshop.timezone) == ("09:00", "17:00", "Europe/Zurich")
    assert replace(workshop).status == "tentative"
    assert all(record.format == "online" for record in found if record.series)


@pytest.mark.parametrize(
    ("word", "status"), [("Canceled: ", "cancelled"), ("[POSTPONED] ", "postponed"), ("", "tentative")]
)
def test_the_status_that_programs_write_before_a_title_is_taken_for_what_it_is(word, status):
    file = SERIES.replace(b"SUMMARY:Workshop", f"SUMMARY:{word}Workshop".encode())
    sheet = feed_rows.read_ics("partner.ics", file, date(2026, 11, 20), "Europe/Zurich")
    assert [(c["title"], c["status"]) for _line, c in sheet.rows if "status" in c] == [("Workshop", status)]


def test_what_is_private_in_a_calendar_file_stays_out_and_is_named_with_the_reason(app):
    private = SERIES.replace(b"END:VEVENT", b"CLASS:PRIVATE\r\nEND:VEVENT")
    sheet = feed_rows.read_ics("partner.ics", private, clock.today(), "Europe/Zurich")
    assert not sheet.rows
    told = [remark.rpartition(" ")[2] for remark in sheet.remarks if "is marked PRIVATE" in remark]
    assert told == ["(weekly@example.org)", "(12345)"]


def partner(*events: str) -> Sheet:
    written = [f"BEGIN:VEVENT\r\nDTSTAMP:20261101T000000Z\r\n{event}\r\nEND:VEVENT\r\n" for event in events]
    file = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{''.join(written)}END:VCALENDAR\r\n"
    return feed_rows.read_ics("partner.ics", file.encode(), date(2026, 11, 20), "Europe/Zurich")


def test_a_file_and_a_source_take_the_same_meeting_for_what_its_words_name(app):
    title = "Eighteenth meeting of the Conference of the Parties to the Basel Convention"
    sheet = partner(
        f"UID:cop@p\r\nDTSTART;VALUE=DATE:20270419\r\nSUMMARY:{title}",
        "UID:w@p\r\nDTSTART;VALUE=DATE:20270503\r\nSUMMARY:Workshop\r\nCATEGORIES:Minamata,Important",
    )
    terms = Terms("partner", "brs", problems=sheet.problems, guessed=feed_rows.GUESSED)
    with transaction() as session:
        importing.import_rows(session, sheet.rows, events.Change("test", clock.now()), reference(), terms)
    cop, workshop = sorted(records().values(), key=lambda record: record.span.start)
    assert (cop.processes, cop.kind, cop.bodies) == (("basel",), "cop", (BodyMeeting("BC-COP", 18),))
    assert (workshop.processes, workshop.kind) == (("minamata",), "other")
    read = ReadEvent(uid="1", summary=title, start=date(2027, 4, 19), end=date(2027, 4, 20))
    (item,) = feed_of(ReadFeed(events=(read,)), "Europe/Zurich", (), "Partner", reference()).items
    assert [item.state[name] for name in ("processes", "kind", "bodies")] == [
        as_json(cop)[name] for name in ("processes", "kind", "bodies")
    ]
    # What somebody entered since is not taken back by what the title names.
    with transaction() as session:
        event = session.scalar(select(Event).where(Event.kind == "cop"))
        record = replace(cop, processes=("basel", "rotterdam"), kind="excop")
        events.change(session, event, record, events.Change("test", clock.now()), reference())
    with transaction() as session:
        report = importing.import_rows(session, sheet.rows, events.Change("test", clock.now()), reference(), terms)
    assert (report.changed, report.unchanged) == ([], 2)


def test_a_series_is_called_what_most_of_its_dates_are():
    call = "Weekly coordination call"
    sheet = partner(
        f"UID:c@p\r\nDTSTART:20270301T090000Z\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\nSUMMARY:{call}",
        f"UID:c@p\r\nRECURRENCE-ID:20270308T090000Z\r\nDTSTART:20270309T090000Z\r\nSUMMARY:{call} moved",
        f"UID:c@p\r\nRECURRENCE-ID:20270315T090000Z\r\nDTSTART:20270315T090000Z\r\nSUMMARY:Canceled: {call}",
    )
    assert [(cells["series"], cells["title"]) for _line, cells in sheet.rows] == [
        (call, call), (call, f"{call} moved"), (call, call), (call, call),
    ]  # fmt: skip


def test_a_time_in_utc_comes_in_in_the_zone_of_the_calendar():
    sheet = partner("UID:c@p\r\nDTSTART:20270701T220000Z\r\nDTEND:20270701T233000Z\r\nSUMMARY:Call")
    ((_line, cells),) = sheet.rows
    wanted = {"start": "2027-07-02", "end": "2027-07-02", "start_time": "00:00", "end_time": "01:30"}
    assert {name: cells[name] for name in (*wanted, "timezone")} == wanted | {"timezone": "Europe/Zurich"}
