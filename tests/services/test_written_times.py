"""Hours as people and spreadsheets write them, and what a row makes of them."""

from __future__ import annotations

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.services import events, importing, written_times
from calendar_app.services.import_terms import Terms
from calendar_app.services.reference import packaged_lists, reference
from calendar_app.services.sheet_cells import written_anew


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:30", ("09:30", "", "")),
        ("9:00:00 AM", ("09:00", "", "")),
        ("12:15 p.m.", ("12:15", "", "")),
        ("12:00 AM", ("00:00", "", "")),
        ("9 am", ("09:00", "", "")),
        ("9h00", ("09:00", "", "")),
        ("14h", ("14:00", "", "")),
        ("9.30", ("09:30", "", "")),
        ("17:00:00", ("17:00", "", "")),
        ("0.375", ("09:00", "", "")),
        ("0.7083333333333334", ("17:00", "", "")),
        ("10:00 CET", ("10:00", "", "CET")),
        ("10:00 (Geneva time)", ("10:00", "", "Geneva time")),
        ("10:00 Europe/Zurich", ("10:00", "Europe/Zurich", "")),
        ("10:00 UTC", ("10:00", "UTC", "")),
    ],
)
def test_hours_are_read_as_people_and_programs_write_them(text, expected):
    found = written_times.read(text)
    assert found is not None
    assert (found.text, found.zone, found.unread) == expected


@pytest.mark.parametrize(
    "text", ["9", "25:00", "9:75", "13 pm", "0 am", "morning", "1.375", "2027", "0.99999", "", "٩:00"]
)
def test_what_is_no_time_is_none(text):
    assert written_times.read(text) is None


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"start": "2027-06-01 09:00:00"}, {"start": "2027-06-01", "start_time": "09:00"}),
        (
            {"start": "2027-06-01 09:00:00", "end": "2027-06-02 17:30:00"},
            {"start": "2027-06-01", "end": "2027-06-02", "start_time": "09:00", "end_time": "17:30"},
        ),
        ({"start": "1 June 2027 9 am - 5 pm"}, {"start": "2027-06-01", "start_time": "09:00", "end_time": "17:00"}),
        ({"start": "25/06/2027 00:00"}, {"start": "2027-06-25"}),
        ({"start": "2027-06-01 09:00:00", "start_time": "10:00"}, {"start": "2027-06-01", "start_time": "10:00"}),
        ({"start": "3-7 May 2027"}, {"start": "2027-05-03", "end": "2027-05-07"}),
    ],
)
def test_a_cell_with_a_day_and_hours_gives_both(cells, expected):
    row = written_anew({"title": "Call", **cells}, None, packaged_lists())
    assert row.problems == []
    found = {name: row.cells.get(name, "") for name in ("start", "end", "start_time", "end_time")}
    found["end"] = found["end"] or found["start"]
    assert found == {"end": expected["start"], "start_time": "", "end_time": ""} | expected


def test_a_zone_that_is_not_read_is_said():
    row = written_anew({"title": "Call", "start": "2027-06-01", "start_time": "10:00 CET"}, None, packaged_lists())
    assert (row.cells["start_time"], row.cells.get("timezone", "")) == ("10:00", "")
    assert ["10:00 CET" in note for note in row.notes] == [True]


def report_of(zone: str, **cells: str) -> importing.Report:
    rows = [(2, {"title": "Call", "start": "2027-06-01", **cells})]
    with transaction() as session:
        terms = Terms(zone=zone, detailed=True)
        return importing.import_rows(session, rows, events.Change("test", clock.now()), reference(), terms)


def test_hours_without_a_zone_are_in_that_of_the_calendar_and_the_row_says_so(app):
    report = report_of("Asia/Tokyo", start_time="09:00")
    assert report.landed[0].after["timezone"] == "Asia/Tokyo"
    assert ["Asia/Tokyo" in note for note in report.notes[2]] == [True]
    # A city knows its own.
    report = report_of("Asia/Tokyo", title="Other", start_time="09:00", city="Geneva")
    assert (report.landed[0].after["timezone"], report.notes) == ("Europe/Zurich", {})


@pytest.mark.parametrize("text", ["9.5 o'clock", "5 pmm", "00.5"])
def test_what_is_refused_is_quoted_as_it_was_written(app, text):
    ((_line, _title, (problem,)),) = report_of("Asia/Tokyo", start_time=text).rejected
    assert f"'{text}'" in problem
