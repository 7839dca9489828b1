"""A sheet that says only part of an event changes only that part, and says what it changed."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, Revision
from calendar_app.planning.dates import Precision, Span
from calendar_app.services import calendar, events, importing
from calendar_app.services.columns import write_row
from calendar_app.services.import_terms import Terms
from calendar_app.services.records import BodyMeeting, EventRecord, Organiser, SourceNote, record_of
from calendar_app.services.reference import reference
from calendar_app.services.row_reading import read_row
from tests.conftest import close_databases, make_app

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

SECOND_QUARTER = Span.inclusive(date(2027, 4, 1), date(2027, 6, 30))
FIVE_DAYS = Span.inclusive(date(2027, 4, 5), date(2027, 4, 9))


def bring_in(*rows: dict[str, str], source: str = "") -> importing.Report:
    numbered = [(number, {"title": "A meeting", **row}) for number, row in enumerate(rows, 2)]
    with transaction() as session:
        return importing.import_rows(
            session, numbered, events.Change("test", clock.now()), reference(), Terms(source)
        )  # fmt: skip


def refused(report: importing.Report) -> str:
    return " ".join(problem for *_row, problems in report.rejected for problem in problems)


def stored(event_id: uuid.UUID | None = None) -> EventRecord:
    db.session.rollback()
    query = select(Event) if event_id is None else select(Event).where(Event.id == event_id)
    return record_of(db.session.scalars(query).one())


def known_as(source_id: str) -> EventRecord:
    return stored(importing.source_event_id(source_id))


DATES = [
    # stored, cells of the sheet, then what stands (or what is said)
    (FIVE_DAYS, "day", {"start": "2027-04-05"}, (FIVE_DAYS, "day")),
    (FIVE_DAYS, "day", {"start": "2027-04-06"}, "no column end; give both start and end"),
    (FIVE_DAYS, "day", {"start": "2027-04-01"}, "no column end; give both start and end"),
    (FIVE_DAYS, "day", {"start": ""}, "start is empty, but was 2027-04-05"),
    (FIVE_DAYS, "day", {"start": "", "end": "2027-04-09"}, "there is an end but no start"),
    (FIVE_DAYS, "day", {"end": "2027-04-07"}, (Span.inclusive(date(2027, 4, 5), date(2027, 4, 7)), "day")),
    (FIVE_DAYS, "day", {"end": "2027-04-04"}, "end 2027-04-04 is before start 2027-04-05; give both"),
    (FIVE_DAYS, "day", {"end": ""}, "end is empty, and the sheet has no column start; give both"),
    (FIVE_DAYS, "day", {"end": "soon"}, "end is 'soon'"),
    (FIVE_DAYS, "day", {"start": "2027-04-05", "end": ""}, (Span.inclusive(date(2027, 4, 5), date(2027, 4, 5)), "day")),
    (FIVE_DAYS, "day", {"start": "", "end": "", "date_text": "spring"}, (None, "words")),
    (FIVE_DAYS, "day", {"start": "", "end": ""}, "neither a start nor a date_text"),
    (FIVE_DAYS, "day", {"date_precision": "month"}, "do not fit date_precision month: a month begins"),
    (FIVE_DAYS, "day", {"date_text": "early April"}, (FIVE_DAYS, "day")),
    (SECOND_QUARTER, "quarter", {"start": "2027-04-01", "end": "2027-06-30"}, (SECOND_QUARTER, "quarter")),
    (SECOND_QUARTER, "quarter", {"start": "2027-04-01"}, (SECOND_QUARTER, "quarter")),
    (SECOND_QUARTER, "quarter", {"start": "2027-04-05", "end": "2027-04-09"}, "quarter, which the calendar has"),
    (SECOND_QUARTER, "quarter", {"start": "2027-04-05", "end": "2027-04-09", "date_precision": "day"},
     (FIVE_DAYS, "day")),
    (SECOND_QUARTER, "quarter", {"date_precision": "words"}, (SECOND_QUARTER, "words")),
    (None, "words", {"start": "2027-04-05", "end": "2027-04-09"}, (FIVE_DAYS, "day")),
    (None, "words", {"end": "2027-04-09"}, "there is an end but no start"),
    (None, "words", {"date_precision": "month"}, "start is empty, so date_precision cannot be month"),
]  # fmt: skip


@pytest.mark.parametrize(("span", "precision", "cells", "expected"), DATES)
def test_dates_that_a_sheet_does_not_say_stay(span, precision, cells, expected):
    words = {} if span else {"date_text": "in spring"}
    base = EventRecord(titles={"en": "A"}, span=span, precision=Precision(precision), **words)
    read = read_row(cells, base, reference())
    if isinstance(expected, str):
        assert expected in " ".join(read.problems)
        return
    assert read.problems == []
    assert (read.values["span"], read.values["precision"]) == (expected[0], Precision(expected[1]))


def test_a_column_that_says_nothing_of_dates_leaves_them(app, add_event):
    for span, precision in ((FIVE_DAYS, Precision.DAY), (SECOND_QUARTER, Precision.QUARTER)):
        event_id = add_event(first=span.start, last=span.last, precision=precision)
        assert bring_in({"id": str(event_id), "venue": "Hall"}).changed == [(2, "A meeting", ("venue",))]
        record = stored(event_id)
        assert (record.span, record.precision, record.venue) == (span, precision, "Hall")


def test_a_new_event_has_one_day_or_words(app):
    report = bring_in({"id": "a", "start": "2027-04-05"}, {"id": "b", "date_text": "in spring"}, {"id": "c"})
    assert [title for _line, title in report.created] == ["A meeting", "A meeting"]
    assert "neither a start nor a date_text" in refused(report)
    one, words = known_as("a"), known_as("b")
    assert (one.span, one.precision) == (Span.inclusive(date(2027, 4, 5), date(2027, 4, 5)), Precision.DAY)
    assert (words.span, words.precision) == (None, Precision.WORDS)


TWO = {"source_ids": "a\nother", "source_file": "First\nSecond", "source_quote": "one\ntwo"}


def test_a_simple_sheet_changes_only_its_own_source(app):
    bring_in({"id": "a", "start": "2027-04-05", **TWO})
    bring_in({"id": "a", "source_file": "First, corrected", "source_url": "https://example.org/1"})
    first = SourceNote("a", "First, corrected", "https://example.org/1", "one")
    assert stored().sources == (first, SourceNote("other", "Second", "", "two"))
    bring_in({"id": "a", "source_quote": ""})
    assert stored().sources[0].quote == ""
    assert len(stored().sources) == 2


def test_a_simple_sheet_adds_its_source_and_keeps_the_others(app):
    bring_in({"id": "x", "start": "2027-04-05", **TWO})
    event_id = db.session.scalar(select(Event.id))
    row = {"id": str(event_id), "source_file": "A third\npaper"}
    assert bring_in(row).changed == [(2, "A meeting", ("sources",))]
    ids = [source.source_id for source in stored().sources]
    assert ids == ["a", "other", "x", ""]
    assert stored().sources[-1] == SourceNote("", "A third paper")
    assert bring_in(row).unchanged == 1
    assert bring_in({"id": str(event_id), "source_file": "First"}).unchanged == 1
    assert bring_in({"id": str(event_id), "source_file": ""}).unchanged == 1


def test_a_sheet_without_sources_leaves_them_and_remembers_its_id(app):
    bring_in({"title": "No id", "start": "2027-04-05", "source_file": "Paper"})
    assert stored().sources == (SourceNote("", "Paper"),)
    event_id = db.session.scalar(select(Event.id))
    bring_in({"id": str(event_id), "title": "No id", "source_ids": "\nmine", "source_file": "Paper\n"})
    bring_in({"id": "mine", "title": "Still no id"})
    assert stored().sources == (SourceNote("", "Paper"), SourceNote("mine"))


def test_what_a_full_sheet_has_no_column_for_stays_with_the_source(app):
    bring_in({"id": "a", "start": "2027-04-05", **TWO})
    bring_in({"id": "a", "source_ids": "other\na", "source_file": "2\n1"})
    assert stored().sources == (SourceNote("other", "2", "", "two"), SourceNote("a", "1", "", "one"))


@pytest.mark.parametrize(
    ("citation", "address", "expected"),
    [
        ("Paper", "https://example.org/a?b=1", ("Paper", "https://example.org/a?b=1")),
        ("Paper", "brsmeas.org tabid 7516", ("Paper, brsmeas.org tabid 7516", "")),
        ("", "javascript:alert(1)", ("javascript:alert(1)", "")),
        ("Paper", "https://a.example and https://b.example", ("Paper, https://a.example and https://b.example", "")),
        ("Paper", "see brsmeas.org", ("Paper, see brsmeas.org", "")),
        ("Paper", "x" * 1500, ("Paper, " + "x" * 1500, "")),
    ],
)
def test_only_a_web_address_is_the_address_of_a_source(app, citation, address, expected):
    for row in (
        {"id": "a", "source_file": citation, "source_url": address},
        {"id": "b", "source_ids": "b\nc", "source_file": f"Other\n{citation}", "source_url": f"\n{address}"},
    ):
        row["start"] = "2027-04-05"
        assert not bring_in(row).rejected
        source = known_as(row["id"]).sources[-1]
        assert (source.citation, source.url) == expected
        assert bring_in(row).unchanged == 1
    assert bring_in({"id": "a", "source_url": address}).unchanged == 1


def test_numbers_of_bodies_stay_with_the_bodies(app):
    bring_in({"id": "a", "start": "2027-04-05", "body": "BC-COP; SC-COP; BC-COP", "body_numbers": "17; 12; 18"})
    assert bring_in({"id": "a", "body": "BC-COP; SC-COP; BC-COP"}).unchanged == 1
    bring_in({"id": "a", "body": "RC-COP; SC-COP; BC-COP"})
    assert stored().bodies == (BodyMeeting("RC-COP"), BodyMeeting("SC-COP", 12), BodyMeeting("BC-COP", 17))
    bring_in({"id": "a", "body": "SC-COP", "body_numbers": ""})
    assert stored().bodies == (BodyMeeting("SC-COP"),)
    assert "the sheet has no column body" in refused(bring_in({"id": "a", "body_numbers": "12"}))


def test_roles_of_organisers_stay_with_the_organisers(app):
    first = {"organiser": "Institute; brs; Fund", "organiser_roles": "partner; lead; funder"}
    bring_in({"id": "a", "start": "2027-04-05", **first})
    assert bring_in({"id": "a", "organiser": "Institute; brs; Fund"}).unchanged == 1
    bring_in({"id": "a", "organiser": "who; Fund; brs"})
    assert [(o.slug, o.role) for o in stored().organisers] == [
        ("who", "co-organiser"), ("fund", "funder"), ("brs", "lead"),
    ]  # fmt: skip
    bring_in({"id": "a", "organiser": "Institute; Fund of another name"})
    assert [o.role for o in stored().organisers] == ["lead", "co-organiser"]
    assert stored().organisers[0] == Organiser("Institute", "", "lead")
    assert "the sheet has no column organiser" in refused(bring_in({"id": "a", "organiser_roles": "lead"}))


def test_two_sheets_may_use_the_same_numbers(app, session):
    one = {"id": "1", "title": "One", "start": "2027-04-05"}
    assert "--source NAME" in refused(bring_in(one))
    assert "--source NAME" in refused(bring_in({"source_ids": "1", "start": "2027-04-05"}))
    bring_in(one, {"id": "2", "title": "Part", "start": "2027-04-05", "part_of": "1"}, source="unep")
    bring_in({**one, "title": "Another"}, source="wco")
    assert session.scalar(select(func.count()).select_from(Event)) == 3
    assert known_as("unep:1").titles == {"en": "One"}
    assert known_as("wco:1").sources == (SourceNote("wco:1"),)
    assert known_as("unep:2").part_of == importing.source_event_id("unep:1")
    assert bring_in(one, source="unep").unchanged == 1
    assert bring_in({**one, "id": "unep:1"}, source="unep").unchanged == 1
    assert bring_in({**one, "id": "unep:1"}).unchanged == 1


def test_a_sheet_with_a_source_refers_to_its_own_events_first(app):
    bring_in({"id": "a", "start": "2027-04-05"}, {"id": "b", "start": "2027-04-05"})
    rows = [
        {"id": "a", "start": "2027-05-05", "source_ids": "a\nlong", "source_file": "A\nLong"},
        {"id": "c", "start": "2027-05-05", "part_of": "a", "links": "back-to-back b; prepares-for long"},
    ]
    assert not bring_in(*rows, source="unep").rejected
    record = known_as("unep:c")
    own = importing.source_event_id("unep:a")
    assert record.part_of == own
    assert [link.other for link in record.links] == [importing.source_event_id("b"), own]
    assert [source.source_id for source in stored(own).sources] == ["unep:a", "unep:long"]
    assert bring_in(*rows, source="unep").unchanged == 2


def test_an_export_that_a_partner_sends_back_keeps_the_ids_of_its_sources(app):
    bring_in({"id": "a", "start": "2027-04-05", **TWO})
    event_id = str(importing.source_event_id("a"))
    row = {"id": event_id, "source_ids": "a\nother\nnew", "source_file": "First\nSecond\nThird"}
    bring_in(row, source="unep")
    assert [source.source_id for source in stored().sources] == ["a", "other", "unep:new"]
    assert bring_in(row, source="unep").unchanged == 1


def test_an_id_that_is_too_long_is_refused(app):
    row = {"id": "x" * 118, "start": "2027-04-05"}
    assert not bring_in(row).rejected
    assert "has 123 characters" in refused(bring_in(row, source="unep"))


MOMENTS = ("created_at", "last_modified", "status_since")


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z"]
)
def test_a_moment_out_of_time_is_refused_with_a_sentence(text):
    for name in (*MOMENTS, "last_confirmed_at"):
        read = read_row({"title": "A", "start": "2027-04-05", name: text}, EventRecord(), reference())
        assert [problem.partition(";")[0] for problem in read.problems] == [f"{name} is '{text}'"]


def test_moments_are_whole_seconds_and_not_later_than_now(app, session):
    row = {"id": "a", "start": "2027-04-05", "last_confirmed_at": "2026-10-01T10:00:00.9+02:00"}
    bring_in({**row, **dict.fromkeys(MOMENTS, "2026-10-01T08:00:00.999999Z")})
    bring_in({**row, "id": "b", **dict.fromkeys(MOMENTS, "2030-10-01T08:00:00Z")})
    past, future = (session.get(Event, importing.source_event_id(name)) for name in "ab")
    for name in MOMENTS:
        assert getattr(past, name) == datetime(2026, 10, 1, 8, tzinfo=UTC)
        assert getattr(future, name) == clock.now()
    assert past.last_confirmed_at == datetime(2026, 10, 1, 8, tzinfo=UTC)


HIDDEN = {"hidden_since": "2030-01-01T00:00:00Z", "last_public_start": "2027-03-01", "last_public_end": "2027-03-04"}


def test_the_days_of_a_hidden_event_come_in_whole_and_only_for_one_that_is_hidden(app, session):
    row = {"start": "2027-04-05", **HIDDEN}
    bring_in({"id": "a", **row}, {"id": "b", "stage": "withdrawn", **row})
    public, hidden = (session.get(Event, importing.source_event_id(name)) for name in "ab")
    assert (public.hidden_since, public.last_public_start, public.last_public_end) == (None, None, None)
    assert (hidden.hidden_since, hidden.last_public_end) == (clock.now(), date(2027, 3, 4))
    for end in ("", "2027-03-01"):
        assert "belong together" in refused(bring_in({"id": "c", **row, "last_public_end": end}))


def cells_of(event_id: uuid.UUID) -> dict[str, str]:
    db.session.rollback()
    event = db.session.get(Event, event_id)
    return write_row(event, record_of(event), reference())


def state() -> tuple[object, ...]:
    db.session.rollback()
    event = db.session.scalars(select(Event)).one()
    version = calendar.calendar_version(db.session())
    return event.sequence, event.last_modified, db.session.scalar(select(func.count()).select_from(Revision)), version


def test_a_sequence_never_falls(app, add_event):
    event_id = add_event()
    cells = cells_of(event_id)
    sequence, modified, revisions, version = (*state()[:3], state()[3].version)
    assert bring_in({**cells, "sequence": "7"}).changed == [(2, "A meeting", ("sequence",))]
    after = state()
    assert after[:3] == (7, modified, revisions)
    assert after[3].version > version
    for lower in ("7", "3", ""):
        assert bring_in({**cells, "sequence": lower}).unchanged == 1
    assert state() == after
    assert sequence == 0
    bring_in({**cells, "sequence": "20", "venue": "Hall"})
    assert state()[0] == 20
    bring_in({**cells, "sequence": "20", "venue": "Another hall"})
    assert state()[0] == 21
    assert state()[2] == revisions + 2


def test_a_sheet_does_not_merge_events(app, add_event):
    whole, event_id = add_event(title="Whole"), add_event()
    cells = cells_of(event_id)
    assert bring_in(cells).unchanged == 1
    assert "cannot merge events" in refused(bring_in({**cells, "merged_into": str(whole)}))
    with transaction() as session:
        session.get(Event, event_id).merged_into_id = whole
    assert bring_in({**cells, "merged_into": str(whole)}).unchanged == 1
    assert "cannot merge events" in refused(bring_in(cells))


# The command


def write_csv(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=[*arguments])


def test_every_row_that_changes_something_is_told(app, tmp_path):
    path = tmp_path / "a.csv"
    rows = [{"id": f"a{n}", "title": f"Event {n}", "start": "2027-04-05", "city": "Geneva"} for n in range(250)]
    write_csv(path, *rows)
    for options in (["--dry-run"], []):
        told = run(app, "events", "import", *options, str(path)).stderr.splitlines()
        assert [line for line in told if " created: " in line] == [
            f"line {n + 2} created: Event {n}" for n in range(250)
        ]  # fmt: skip
    new = {"start": "2027-04-06", "city": "Bern", "title": "Event \u001b[31m\n3"}
    write_csv(path, *({**row, **new, "end": "2027-04-06"} for row in rows[:3]), {**rows[3], "end": ""})
    for options in (["--dry-run"], []):
        done = run(app, "events", "import", *options, str(path))
        assert "line 2 changed (title, dates, city): Event [31m 3\n" in done.stderr
        assert done.stdout == "0 created, 3 changed, 1 unchanged, 0 rejected.\n"


def test_the_source_of_a_sheet_is_a_short_name(app, session, tmp_path):
    path = write_csv(tmp_path / "a.csv", {"id": "1", "title": "A", "start": "2027-04-05"})
    for name in ("UNEP", "a b", "a:b", "-a", "x" * 41):
        done = run(app, "events", "import", "--source", name, str(path))
        assert (done.exit_code, done.stdout) == (2, "")
    assert run(app, "events", "import", str(path)).exit_code == 1
    assert run(app, "events", "import", "--source", "unep-law", str(path)).exit_code == 0
    assert session.get(Event, importing.source_event_id("unep-law:1"))


@pytest.fixture
def bare_app(empty_database, tmp_path):
    """An application on a database without tables."""
    application = make_app(empty_database, tmp_path)
    with application.app_context():
        yield application
        close_databases()


def test_a_sheet_can_come_in_right_after_the_tables(bare_app, tmp_path):
    path = write_csv(tmp_path / "a.csv", {"id": "a", "title": "A", "start": "2027-04-05", "organiser": "who; chb"})
    upgrade()
    for options in (["--dry-run"], []):
        done = run(bare_app, "events", "import", *options, str(path))
        assert (done.exit_code, done.stdout) == (0, "1 created, 0 changed, 0 unchanged, 0 rejected.\n")
    assert stored().steward == "chb"


def test_prepare_loads_the_packaged_calendar_unless_it_is_to_stay_empty(bare_app):
    done = run(bare_app, "prepare", "--empty")
    assert (done.exit_code, done.stdout) == (0, ""), done.output
    assert calendar.is_empty(db.session())
    done = run(bare_app, "prepare")
    assert done.exit_code == 0
    assert " 0 rejected.\n" in done.stdout
    assert "created:" not in done.stderr
    assert not calendar.is_empty(db.session())


def test_a_sheet_without_ids_finds_the_stored_events_again_by_title_day_and_city(packaged, session, tmp_path):
    assert packaged.created
    rows = [
        {name: row[name] for name in ("title", "start", "end", "date_precision", "date_text", "city")}
        for row in importing.export_rows(session, reference())
    ]
    sheet = [(line, row) for line, row in enumerate(rows, 2)]
    with transaction() as writing:
        report = importing.import_rows(writing, sheet, events.Change("test", clock.now()), reference())
    assert report.created == []
    assert report.changed == []
    assert report.unchanged == len(rows)
