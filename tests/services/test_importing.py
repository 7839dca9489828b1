"""A calendar comes in from sheets, goes out, and comes in elsewhere as the same calendar."""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, Revision
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Format, LinkKind, Stage, Status, Visibility
from calendar_app.services import calendar, events, importing, sheets
from calendar_app.services.columns import COLUMNS, line_of, parts_of, write_row
from calendar_app.services.records import (
    LANGUAGES,
    BodyMeeting,
    EventRecord,
    Link,
    Option,
    Organiser,
    ServiceGiven,
    SourceNote,
    record_of,
)
from calendar_app.services.reference import reference
from calendar_app.services.row_reading import read_row
from calendar_app.services.text import clean
from tests.conftest import PACKAGED, load_packaged, make_app

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

HARD_TEXTS = [
    "=1+1",
    "'quoted'",
    "'=1",
    "''=1",
    "+41 22 917",
    "-5 °C",
    "@here",
    "'",
    'say "no"; then, \\ go | on',
    "a\\pb\\nc\\",
    "bars || and | bars",
    "Bureau (Basel; Rotterdam (joint)) and more",
    "emoji 🧪👩\u200d🔬",
    "\u200fاجتماع\u200e (2027)",  # noqa: RUF001
    "_x000D_ &amp; <b>&lt;",
    "#N/A",
    "1e5",
    "007",
    "2027-04-19",
    "TRUE",
    "NaN",
]
EXCEL_DAY = datetime.fromisoformat("2027-03-01T00:00")  # a spreadsheet knows no zones
LINES = "first line\n\nthird, with | bar and \\n\n=1+1"


def full_record(whole: uuid.UUID, other: uuid.UUID) -> EventRecord:
    """A record in which every field says something."""
    return EventRecord(
        titles={code: f"{text} {code}" for code, text in zip(LANGUAGES, HARD_TEXTS, strict=False)},
        descriptions={code: f"{LINES} {code}" for code in LANGUAGES},
        short_title="'=short",
        kind="workshop",
        processes=("basel", "minamata"),
        bodies=(BodyMeeting("BC-COP", 17), BodyMeeting("MC-COP"), BodyMeeting("SC-POPRC", 22)),
        organisers=(
            Organiser("BRS", "brs", "lead"),
            Organiser("Institute (Geneva; Bern)", "", "partner"),
            Organiser("Fund", "", "funder"),
        ),
        series="Series | of \\ things",
        part_of=whole,
        part_role="side-event",
        part_label="High-level; segment",
        links=(Link(LinkKind.BACK_TO_BACK, other), Link(LinkKind.PREPARES_FOR, whole)),
        span=Span.inclusive(date(2027, 4, 1), date(2027, 6, 30)),
        precision=Precision.QUARTER,
        date_text="+second quarter",
        start_time="09:30",
        end_time="18:00",
        timezone="Asia/Tokyo",
        status=Status.TENTATIVE,
        format=Format.HYBRID,
        remote_participation=LINES,
        venue="@Hall, “A”",
        city="Geneva",
        country="CH",
        regions=("Africa", "global"),
        latitude=-0.00001,
        longitude=6.14234567,
        access="invitation",
        audiences=tuple(list(reference().audiences)[:2]),
        languages=("en", "fr"),
        registration_url="https://example.org/?a=1;b=2|c",
        documents_url="https://example.org/d",
        online_url="https://example.org/o",
        web_url="http://example.org/w",
        contact="a@example.org; +41 22",
        cooperation_area="=area",
        decisions=("BC-17/1 (part A; B)", "MC-6/2"),
        outcome=LINES,
        sources=(
            SourceNote("x-1", "Citation; one", "https://example.org/1", "'quote", "2027-04", "", ""),
            SourceNote("", "", "https://example.org/2", "", "", "=note", "dates"),
            SourceNote("x-3", "", "", "", "", "", ""),
        ),
        steward="minamata",
        visibility=Visibility.MEMBERS,
        stage=Stage.SCHEDULED,
        publish_on=date(2027, 1, 2),
        last_confirmed_at=datetime(2026, 10, 1, 8, 30, tzinfo=UTC),
        last_confirmed_by="=Someone",
        notes=LINES,
        expected_participants=350,
        staffing="-two people",
        key_persons=("A. Person (chair; acting)", "B. Person"),
        services=(
            ServiceGiven("brs", "legal", 3, date(2027, 4, 2), date(2027, 4, 5), "agreed", LINES),
            ServiceGiven("chb", "it", None, None, None, "requested", ""),
        ),
        options=(
            Option(date(2027, 4, 2), date(2027, 4, 6), "Geneva | Bern", "open", date(2027, 1, 31), "\\ and | and \\p"),
            Option(date(2027, 5, 2), date(2027, 5, 6)),
        ),
    )


def everything(session: Session) -> dict[uuid.UUID, tuple[object, ...]]:
    """All that is known of every event: its record, and the bookkeeping that subscribers depend on."""
    return {
        event.id: (
            record_of(event),
            event.sequence,
            event.created_at,
            event.last_modified,
            event.status_since,
            event.merged_into_id,
            event.hidden_since,
            event.last_public_start,
            event.last_public_end,
        )
        for event in session.scalars(select(Event).options(*events.whole_record()))
    }


@contextmanager
def another_installation(databases, folder: Path):
    """An application on a new database of the same kind, with its own session."""
    url = databases.make(with_tables=True)
    with make_app(url, folder, CLOCK="2027-02-03T04:05:06Z").app_context():
        try:
            yield db.session()
        finally:
            db.session.remove()
            db.engine.dispose()
    databases.drop(url)


def bring_in(path: Path) -> importing.Report:
    with transaction() as session:
        rows = sheets.read_sheet(path, COLUMNS).rows
        return importing.import_rows(session, rows, events.Change("test", clock.now()), reference())


def state_of_the_calendar(session: Session) -> tuple[object, ...]:
    session.rollback()
    version = calendar.calendar_version(session)
    return (
        session.scalar(select(func.count()).select_from(Revision)),
        version and (version.version, version.changed_at),
        session.scalars(select(Event.last_modified).order_by(Event.id)).all(),
        session.scalar(select(func.sum(Event.sequence))),
    )


def test_the_packaged_calendar_loads_whole(packaged, session):
    assert not packaged.rejected
    assert len(packaged.created) == session.scalar(select(func.count()).select_from(Event)) >= 120


def test_loading_twice_changes_nothing(packaged, session):
    before = state_of_the_calendar(session)
    again = load_packaged()
    assert (again.created, again.changed, again.rejected) == ([], [], [])
    assert again.unchanged == len(packaged.created)
    assert state_of_the_calendar(session) == before


@pytest.mark.parametrize("name", ["calendar.csv", "calendar.xlsx"])
def test_an_export_makes_the_same_calendar_elsewhere(packaged, session, add_event, databases, tmp_path, name):
    whole, other, full = add_event(title="The whole"), add_event(title="Another"), uuid.uuid4()
    record = full_record(whole, other)
    empty = EventRecord()
    assert all(getattr(record, f.name) != getattr(empty, f.name) for f in fields(record)), "a field says nothing"
    for number, text in enumerate(HARD_TEXTS):
        add_event(title=text, notes=text, venue=text, contact=text, key_persons=(f"{number} {text}"[:40].rstrip("\\("),)
                  if "(" not in text and ";" not in text else ())  # fmt: skip
    merged = replace(empty, titles={"en": "Merged"}, steward="gfc", date_text="once", precision=Precision.WORDS)
    with transaction() as writing:
        events.create(writing, full, record, events.Change("test", clock.now()), reference())
        gone = events.create(
            writing, uuid.uuid4(), merged,
            events.Change("test", clock.now()), reference(),
            events.Kept(7, datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, 1, 1, 1, tzinfo=UTC),
                        datetime(2022, 1, 1, tzinfo=UTC), full),
        )  # fmt: skip
        assert gone.merged_into_id == full
    withdrawn = add_event(title="Withdrawn")
    with transaction() as writing:
        event = writing.get(Event, withdrawn)
        hidden = replace(record_of(event), stage=Stage.WITHDRAWN)
        assert events.change(writing, event, hidden, events.Change("test", clock.now()), reference())
        assert event.hidden_since
    session.rollback()
    expected = everything(session)
    assert expected[full][0] == record
    path = tmp_path / name
    count = sheets.write_sheet(path, COLUMNS, importing.export_rows(session, reference()))
    assert count == len(expected)
    session.rollback()
    with another_installation(databases, tmp_path) as there:
        report = bring_in(path)
        assert not report.rejected
        arrived = everything(there)
        assert arrived.keys() == expected.keys()
        for event_id, values in expected.items():
            assert arrived[event_id] == values
        again = bring_in(path)
        assert (again.created, again.changed, again.unchanged) == ([], [], len(expected))


def typed(text: str) -> str:
    """What of a text reaches the calendar, through whichever form or sheet."""
    return clean(text)


TEXTS = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("=+-@'\"\t\n\r|\\;,()_x0\u0301\u200f\u2028\u00a0")),
    max_size=30,
).map(typed)
ONE_LINE = TEXTS.map(lambda text: " ".join(text.split()))
# A list in a cell is separated by semicolons; those inside brackets do not separate.
ITEMS = ONE_LINE.map(lambda text: clean(text.translate(str.maketrans("", "", ";()")))).filter(bool)


@st.composite
def records(draw) -> EventRecord:
    by_language = st.dictionaries(st.sampled_from(LANGUAGES), TEXTS.filter(bool), max_size=3)
    line, item = draw(st.lists(ONE_LINE, min_size=8, max_size=8)), st.lists(ITEMS, max_size=3, unique=True)
    titles = {"en": draw(ONE_LINE.filter(bool))} | {
        code: text
        for code, text in draw(st.dictionaries(st.sampled_from(LANGUAGES), ONE_LINE, max_size=3)).items()
        if text
    }
    descriptions = draw(by_language)
    url = st.sampled_from(["", "https://example.org/?a=1;b=2|c"])
    sources = draw(st.lists(st.builds(SourceNote, st.just(""), ONE_LINE, url, *[ONE_LINE] * 4), max_size=3))
    return EventRecord(
        titles={code: titles[code] for code in LANGUAGES if code in titles},
        descriptions={code: descriptions[code] for code in LANGUAGES if code in descriptions},
        short_title=line[0],
        series=line[1],
        part_label=line[2],
        span=None,
        precision=Precision.WORDS,
        date_text=line[3] or "some day",
        venue=line[4],
        contact=line[5],
        cooperation_area=line[6],
        last_confirmed_by=line[7],
        remote_participation=draw(TEXTS),
        outcome=draw(TEXTS),
        notes=draw(TEXTS),
        staffing=draw(TEXTS),
        decisions=tuple(draw(item)),
        key_persons=tuple(draw(item)),
        sources=tuple(source for source in sources if source != SourceNote()),
        services=tuple(draw(st.lists(st.builds(ServiceGiven, st.just("brs"), st.just("it"), note=TEXTS), max_size=2))),
        options=tuple(
            draw(
                st.lists(
                    st.builds(Option, st.just(date(2027, 1, 2)), st.just(date(2027, 1, 3)), ONE_LINE, note=TEXTS),
                    max_size=2,
                )
            )
        ),
        steward="brs",
    )


@settings(max_examples=30)
@given(written=st.lists(records(), min_size=1, max_size=3))
@pytest.mark.parametrize("name", ["any.csv", "any.xlsx"])
def test_any_text_in_any_text_field_survives_a_sheet(tmp_path_factory, name, written):
    path = tmp_path_factory.getbasetemp() / name
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    stamped = Event(id=uuid.uuid4(), sequence=0, created_at=now, last_modified=now, status_since=now)
    sheets.write_sheet(path, COLUMNS, [write_row(stamped, record, reference()) for record in written])
    rows = sheets.read_sheet(path, COLUMNS).rows
    assert len(rows) == len(written)
    for record, (_line, cells) in zip(written, rows, strict=True):
        read = read_row(cells, EventRecord(steward="brs"), reference())
        assert read.problems == []
        assert replace(EventRecord(steward="brs"), **read.values) == record


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_line_with_bars_is_taken_apart_as_it_was_put_together(values):
    assert parts_of(clean(f"x | {line_of(*values)} | x"))[1:-1] == values


MESSY = [
    # title, start, end, precision, body, organiser, part_of, what is said about it ("" if it lands)
    ("Réunion de Genève", "2027-03-01", "2027-03-05", "", "BC-COP", "other (WHO)", "", ""),
    ("", "2027-03-01", "", "", "", "", "", "title is empty"),
    ("Wrong date", "01/03/2027", "", "", "", "", "", "start is '01/03/2027'"),
    ("Backwards", "2027-03-05", "2027-03-01", "", "", "", "", "end 2027-03-01 is before start 2027-03-05"),
    ("Unknown body", "2027-03-05", "", "", "XX-COP", "", "", "body names 'XX-COP'"),
    ("No such month", "2027-13-05", "", "", "", "", "", "start is '2027-13-05'"),
    ("Half a month", "2027-03-02", "2027-03-31", "month", "", "", "", "do not fit date_precision month"),
    ("No date at all", "", "", "", "", "", "", "neither a start nor a date_text"),
    ("Part of nothing", "2027-03-05", "", "", "", "", "nowhere", "part_of names 'nowhere'"),
    ("Réunion de Genève", "2027-03-01", "2027-03-05", "", "", "", "", "same event as line"),
    ("Strange precision", "2027-03-05", "", "week", "", "", "", "date_precision is 'week'"),
    ("Last one", "2027-05-05", "", "", "", "Some Institute; BRS", "", ""),
]


def messy_csv() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Our meetings, workshops, and more – état 2027"])
    writer.writerow([])
    writer.writerow("Title;START;End;date precision;Body;organiser;part_of;Remarks;City".split(";"))
    for *cells, _problem in MESSY:
        writer.writerow([*cells, "a remark", "Genf"])
        writer.writerow([""] * 9)
    return out.getvalue().encode("cp1252")


def test_a_partners_sheet_lands_where_it_is_right_and_is_named_by_line_where_it_is_wrong(app, session, tmp_path):
    path = tmp_path / "partner.csv"
    path.write_bytes(messy_csv())
    sheet = sheets.read_sheet(path, COLUMNS)
    assert any("not in UTF-8" in remark for remark in sheet.remarks)
    assert any("Remarks" in remark for remark in sheet.remarks)
    report = bring_in(path)
    wrong = {4 + 2 * number: row for number, row in enumerate(MESSY) if row[-1]}
    assert {line for line, *_rest in report.rejected} == set(wrong)
    for line, title, problems in report.rejected:
        assert title == wrong[line][0]
        assert any(wrong[line][-1] in problem for problem in problems), (line, problems)
    landed = {event.titles["en"]: event for event in session.scalars(select(Event))}
    assert set(landed) == {"Réunion de Genève", "Last one"}
    first = record_of(landed["Réunion de Genève"])
    assert [organiser.code for organiser in first.organisers] == ["who"]
    assert (first.city, first.country, first.steward) == ("Geneva", "CH", "brs")
    assert first.bodies == (BodyMeeting("BC-COP"),)
    assert first.span == Span.inclusive(date(2027, 3, 1), date(2027, 3, 5))
    last = record_of(landed["Last one"])
    assert [(o.name, o.code, o.role) for o in last.organisers] == [
        ("Some Institute", "", "lead"),
        (reference().organisations["brs"].short_name, "brs", "co-organiser"),
    ]
    assert last.span == Span.inclusive(date(2027, 5, 5), date(2027, 5, 5))


def rows_of(*rows: dict[str, str]) -> list[tuple[int, dict[str, str]]]:
    return [(number, {"title": f"Event {number}", "start": "2027-03-01", **row}) for number, row in enumerate(rows, 2)]


def import_now(*rows: dict[str, str]) -> importing.Report:
    with transaction() as session:
        return importing.import_rows(session, rows_of(*rows), events.Change("test", clock.now()), reference())


WRONG_ROWS = [
        ([{"id": "a", "part_of": "b"}, {"id": "b", "part_of": "c"}, {"id": "c", "part_of": "a"}], {2, 3, 4}, "circle"),
        ([{"id": "a", "part_of": "a"}], {2}, "part_of names 'a'"),
        ([{"id": "a", "links": "same-as a"}], {2}, "links names 'a'"),
        ([{"id": "a", "links": "friend-of b"}, {"id": "b"}], {2}, "links has 'friend-of b'"),
        ([{"id": "a", "kind": "party"}, {"id": "b", "part_of": "a"}], {2, 3}, ""),
        ([{"id": "a"}, {"id": "a"}], {3}, "same event as line 2"),
        ([{"source_ids": "x\ny"}, {"id": "y"}], {3}, "same event as line 2"),
        ([{"source_ids": "x\nx"}], {2}, "source_ids names 'x' more than once"),
        ([{"id": "a", "merged_into": "not an id"}], {2}, "merged_into"),
        ([{"id": "a", "merged_into": str(uuid.UUID(int=5))}], {2}, "merged_into"),
        ([{"latitude": "46.2"}], {2}, "latitude and longitude"),
        ([{"latitude": "91", "longitude": "6"}], {2}, "latitude is '91'"),
        ([{"start_time": "9h30"}], {2}, "start_time is"),
        ([{"start_time": "0٩:00", "timezone": "UTC"}], {2}, "start_time is"),
        ([{"start_time": "09:30"}], {2}, "start_time needs a timezone"),
        ([{"end_time": "09:30", "city": "Geneva"}], {2}, "end_time but no start_time"),
        ([{"timezone": "Geneva"}], {2}, "timezone is"),
        ([{"country": "Atlantis"}], {2}, "country is"),
        ([{"country": "ZZ"}], {2}, "country is"),
        ([{"conventions": "Basel; Atlantis"}], {2}, "conventions names 'Atlantis'"),
        ([{"regions": "Mars"}], {2}, "regions names"),
        ([{"body": "BC-COP", "body_numbers": "17; 18"}], {2}, "body_numbers has 2 entries"),
        ([{"body": "BC-COP", "body_numbers": "XVII"}], {2}, "body_numbers has"),
        ([{"organiser": "brs", "organiser_roles": "boss"}], {2}, "organiser_roles is 'boss'"),
        ([{"status": "maybe"}], {2}, "status is"),
        ([{"visibility": "all"}], {2}, "visibility is"),
        ([{"stage": "ready"}], {2}, "stage is"),
        ([{"steward": "unep"}], {2}, "steward is"),
        ([{"audiences": "everybody"}], {2}, "audiences names"),
        ([{"languages": "English"}], {2}, "languages names"),
        ([{"web_url": "javascript:alert(1)"}], {2}, "web_url is"),
        ([{"web_url": "https://example.org/" + "x" * 1000}], {2}, "web_url has"),
        ([{"title": "x" * 501}], {2}, "title has 501 characters"),
        ([{"contact": "x" * 301}], {2}, "contact has 301 characters"),
        ([{"expected_participants": "many"}], {2}, "expected_participants is"),
        ([{"services": "brs | it | 99999999999 | | | agreed | "}], {2}, "services has a line"),
        ([{"services": "nobody | it | 1 | | | agreed | "}], {2}, "services has a line"),
        ([{"options": "2027-03-05 | 2027-03-01 | | open | | "}], {2}, "options has a line"),
        ([{"options": "9999-12-30 | 9999-12-31 | | open | | "}], {2}, "options has a line"),
        ([{"publish_on": "soon"}], {2}, "publish_on is"),
        ([{"last_confirmed_at": "2027-01-01T00:00"}], {2}, "last_confirmed_at is"),
        ([{"start": "2100-01-01"}], {2}, "start is"),
        ([{"start": "0001-01-01"}], {2}, "start is"),
]  # fmt: skip


def test_a_wrong_row_is_named_and_leaves_the_others_alone(app):
    for rows, lines, said in WRONG_ROWS:
        with transaction(keep=False) as session:
            all_rows = rows_of(*rows, {"id": "good", "title": "Good"})
            report = importing.import_rows(session, all_rows, events.Change("test", clock.now()), reference())
            landed = session.scalar(select(func.count()).select_from(Event))
        assert {line for line, *_rest in report.rejected} == lines, rows
        problems = " ".join(problem for *_rest, problems in report.rejected for problem in problems)
        assert said in problems, (rows, problems)
        assert "Good" in [title for _line, title in report.created], rows
        assert landed == len(rows) + 1 - len(lines), rows


def test_a_row_finds_its_event_by_any_of_its_ids(app, session):
    import_now({"id": "a", "source_ids": "a\nother", "title": "Old"})
    event_id = session.scalar(select(Event.id))
    assert event_id == importing.source_event_id("a")
    for named in ({"id": "other"}, {"id": str(event_id)}, {"id": str(event_id).upper()}, {"source_ids": "other\na"}):
        report = import_now({**named, "title": f"By {named}"[:100]})
        assert len(report.changed) == 1, (named, report)
    assert session.scalar(select(func.count()).select_from(Event)) == 1


def test_columns_that_a_sheet_lacks_stay_and_empty_cells_clear(app, session):
    import_now({"id": "a", "venue": "Hall", "contact": "me", "description": "Words", "city": "Geneva"})
    import_now({"id": "a", "venue": ""})
    session.rollback()
    record = record_of(session.scalar(select(Event)))
    assert (record.venue, record.contact, record.city) == ("", "me", "Geneva")
    assert record.descriptions == {"en": "Words"}


def test_a_workbook_is_read_as_excel_writes_it(app, session, tmp_path):
    book = Workbook()
    page = book.active
    page.append(["Meetings of our institute"])
    page.append([])
    page.append(["Title", "Start", "End", "start_time", "timezone", "latitude", "longitude", "body", "body_numbers"])
    page.append(["Real dates", EXCEL_DAY, date(2027, 3, 5), None, None, 46.204391000000001, 6.1, "BC-COP", 18])
    page.append([None] * 9)
    page.append(["With a time", EXCEL_DAY, None, time(9, 30), "Europe/Zurich"])
    page.append(["Date with an hour", EXCEL_DAY + timedelta(hours=9)])
    path = tmp_path / "book.xlsx"
    book.save(path)
    report = bring_in(path)
    assert [(line, title) for line, title, _problems in report.rejected] == [(7, "Date with an hour")]
    landed = {event.titles["en"]: record_of(event) for event in session.scalars(select(Event))}
    real = landed["Real dates"]
    assert real.span == Span.inclusive(date(2027, 3, 1), date(2027, 3, 5))
    assert (real.latitude, real.longitude, real.bodies) == (46.204391, 6.1, (BodyMeeting("BC-COP", 18),))
    assert landed["With a time"].start_time == "09:30"


def test_a_workbook_that_states_a_wrong_size_is_read_whole(tmp_path):
    path, wrong = tmp_path / "book.xlsx", tmp_path / "wrong.xlsx"
    sheets.write_sheet(path, ["title", "start"], [{"title": f"Event {n}", "start": "2027-03-01"} for n in range(3)])
    book = load_workbook(path)
    book.save(path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(wrong, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'ref="A1:B4"', b'ref="A1"'))
    assert len(sheets.read_sheet(wrong, COLUMNS).rows) == 3


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"colour,weight\nx,y\n", "no header row"),
        ("a.csv", b"title,title\na,b\n", "more than one column title"),
        ("a.csv", b'title,start\n"' + b"x" * 140_000 + b'",2027-01-01\n', "cannot be read after line 2"),
        ("a.xlsx", b"not a workbook", "not an Excel workbook"),
        ("a.xlsx", b"PK\x03\x04 and no more", "not an Excel workbook"),
        ("a.pdf", b"%PDF-1.7", "a.pdf is no spreadsheet"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_with_a_sentence(tmp_path, name, data, said):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(sheets.SheetError, match=said):
        sheets.read_sheet(path, COLUMNS)


def test_a_damaged_workbook_is_refused_with_a_sentence(tmp_path):
    path, damaged = tmp_path / "book.xlsx", tmp_path / "damaged.xlsx"
    sheets.write_sheet(path, ["title"], [{"title": f"Event {n}"} for n in range(50)])
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[: len(data) // 2] if "sheet1" in name else data)
    with pytest.raises(sheets.SheetError, match="damaged"):
        sheets.read_sheet(damaged, COLUMNS)


def test_a_cell_that_excel_would_cut_off_is_refused(tmp_path):
    with pytest.raises(sheets.SheetError, match=r"notes of .* too long"):
        sheets.write_sheet(tmp_path / "a.xlsx", ["id", "notes"], [{"id": "a", "notes": "x" * 40_000}])


def run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=["events", *arguments])


def write_csv(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["id", "title", "start", "end"])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_command_tells_people_on_stderr_and_the_sum_on_stdout(app, session, tmp_path):
    good = write_csv(tmp_path / "good.csv", {"id": "a", "title": "A", "start": "2027-03-01"})
    done = run(app, "import", str(good))
    assert (done.exit_code, done.stdout) == (0, "1 created, 0 changed, 0 unchanged, 0 rejected.\n")
    changed = write_csv(tmp_path / "b.csv", {"id": "a", "title": "B", "start": "2027-03-01"}, {"id": "c", "start": "x"})
    done = run(app, "import", str(changed), "--reason", "new programme")
    assert (done.exit_code, done.stdout) == (1, "0 created, 1 changed, 0 unchanged, 1 rejected.\n")
    assert "line 2 changed (title): B\n" in done.stderr
    assert "line 3 rejected (c): title is empty" in done.stderr
    session.rollback()
    revision = session.scalar(select(Revision).order_by(Revision.id.desc()))
    assert (revision.actor, revision.reason) == ("import of b.csv", "new programme")


def test_a_dry_run_says_the_same_and_changes_nothing(app, session, tmp_path):
    path = write_csv(tmp_path / "a.csv", {"id": "a", "title": "A", "start": "2027-03-01"}, {"id": "b", "start": "x"})
    before = state_of_the_calendar(session)
    done = run(app, "import", "--dry-run", str(path))
    assert (done.exit_code, done.stdout) == (1, "1 created, 0 changed, 0 unchanged, 1 rejected.\n")
    assert "nothing was changed" in done.stderr
    assert state_of_the_calendar(session) == before
    assert session.scalar(select(func.count()).select_from(Event)) == 0


def test_a_dry_run_says_what_each_changed_field_was_and_becomes(app, add_event, tmp_path):
    june = Span.inclusive(date(2027, 6, 1), date(2027, 6, 30))
    event_id = add_event(title="Workshop", span=june, city="Geneva", country="CH")
    path = tmp_path / "a.csv"
    path.write_text(f"id,title,date_precision,city\n{event_id},Seminar,month,\n", encoding="utf-8")
    done = run(app, "import", "--dry-run", str(path))
    for told in ("Title: Workshop -> Seminar", "Dates: 1–30 June 2027 -> June 2027", "City: Geneva -> -"):
        assert f"    {told}\n" in done.stderr
    assert "->" not in run(app, "import", str(path)).stderr


def test_a_wrong_call_and_failed_work_have_their_own_exit_status(app, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("no header\n")
    for arguments, status in (
        (("import", str(tmp_path / "missing.csv")), 2),
        (("import",), 2),
        (("import", str(tmp_path)), 2),
        (("import", str(bad)), 1),
        (("import", "--sideways", str(bad)), 2),
        (("export", str(tmp_path / "out.pdf")), 1),
        (("export", str(tmp_path / "no" / "folder" / "out.csv")), 1),
        (("export",), 2),
        (("export", str(tmp_path / "out.csv")), 0),
    ):
        done = run(app, *arguments)
        assert done.exit_code == status, (arguments, done.output)
        assert done.stdout == ""
        assert done.stderr


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_what_the_command_exports_it_finds_unchanged(packaged, app, tmp_path, name):
    path = tmp_path / name
    done = run(app, "export", str(path))
    assert (done.exit_code, done.stderr) == (0, f"{len(packaged.created)} events written to {path}.\n")
    done = run(app, "import", str(path))
    assert done.stdout == f"0 created, 0 changed, {len(packaged.created)} unchanged, 0 rejected.\n", done.stderr


def test_a_spreadsheet_program_finds_no_formula_in_an_export(app, add_event, tmp_path):
    add_event(title="=HYPERLINK(A1)", notes="+cmd", venue="@SUM", contact="-1")
    for name in ("out.csv", "out.xlsx"):
        run(app, "export", str(tmp_path / name))
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(file) for cell in row)
    page = load_workbook(tmp_path / "out.xlsx").active
    assert not any(cell.data_type == "f" for row in page.iter_rows() for cell in row)


def test_the_packaged_file_begins_with_the_columns_of_an_export():
    with PACKAGED.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert tuple(header) == COLUMNS[: len(header)]


def test_what_a_file_holds_beyond_its_rows_is_said(tmp_path):
    book = Workbook()
    book.active.title = "Cover"
    book.active.append(["Our plans"])
    plan = book.create_sheet("Plan 2027")
    plan.append(["Title", "Start date", "City"])
    plan.append(["A workshop", "2027-05-03", "#N/A"])
    book.create_sheet("Empty")
    book.save(tmp_path / "plans.xlsx")
    sheet = sheets.read_sheet(tmp_path / "plans.xlsx", COLUMNS)
    assert sheet.rows == [(2, {"title": "A workshop", "start": "2027-05-03", "city": "#N/A"})]
    assert sheet.remarks == [
        "Only the worksheet “Plan 2027” was read; left out: “Cover”.",
        "Line 2 holds errors of the spreadsheet, taken as text: #N/A in city.",
    ]
    (tmp_path / "more.csv").write_text("title,start\nA workshop,2027-05-03,a note\n", encoding="utf-8")
    remarks = sheets.read_sheet(tmp_path / "more.csv", COLUMNS).remarks
    assert remarks == ["Line 2 has more cells than the header; left out: a note."]
    two = "title,Dates,,Place,\n,From,To,,\nA workshop,2027-05-03,2027-05-05,Rome,\n"
    (tmp_path / "two.csv").write_text(two, encoding="utf-8")
    remarks = sheets.read_sheet(tmp_path / "two.csv", COLUMNS).remarks
    assert "Columns not known and left out: 3 (To)." in remarks


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'title,start\n"An open quote,2027-05-03\nB,2027-05-04\n', "opened in line 2 is not closed"),
        ("title\n化学品会议\n".encode("gbk") + b"\x81\x8d\x90", "neither in UTF-8 nor in Western European"),
    ],
)
def test_a_file_that_would_be_misread_is_refused_whole(tmp_path, data, sentence):
    (tmp_path / "bad.csv").write_bytes(data)
    with pytest.raises(sheets.SheetError, match=sentence):
        sheets.read_sheet(tmp_path / "bad.csv", COLUMNS)


def test_a_row_that_says_the_same_as_an_event_that_nobody_may_see_has_not_come_in(app, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,title,start,visibility\na,A,2027-04-05,steward\n", encoding="utf-8")
    for organisation, outcome in (("minamata", "1 created"), ("minamata", "1 unchanged"), ("brs", "1 rejected")):
        done = run(app, "import", "--as", organisation, str(path))
        assert outcome in done.output
    assert "that your organisation cannot see" in done.output
