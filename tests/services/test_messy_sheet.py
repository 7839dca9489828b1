"""The messy spreadsheet of 400 rows (`tests/messy/make.py`): every row is accounted for, and nothing is invented."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.services import events, importing, sheets
from calendar_app.services.columns import COLUMNS
from calendar_app.services.import_terms import Terms
from calendar_app.services.reference import reference
from tests.messy.make import FOLDER

if TYPE_CHECKING:
    from calendar_app.services.importing import Landed, Report
    from calendar_app.services.sheets import Sheet

EXPECTED = {int(line): row for line, row in json.loads((FOLDER / "expected.json").read_text(encoding="utf-8")).items()}


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return sheets.read_sheet(FOLDER / "meetings.xlsx", COLUMNS)


@pytest.fixture
def report(app, sheet) -> Report:
    """What becomes of the sheet in an empty calendar."""
    with transaction(keep=False) as session:
        terms = Terms(problems=sheet.problems, detailed=True)
        change = events.Change("test", clock.now())
        return importing.import_rows(session, sheet.rows, change, reference(), terms)


def outcomes(sheet: Sheet, report: Report) -> dict[int, list[Any]]:
    """What became of each line; a line that is told of twice, or never, would show."""
    found: dict[int, list[Any]] = {}
    told = [
        *((line, "created") for line, _title in report.created),
        *((line, f"same as {first}") for line, _title, first in report.repeated),
        *((line, "refused") for line, _title, _problems in report.rejected),
        *((line, "heading") for line, _text in sheet.headings),
    ]
    for line, what in told:
        found.setdefault(line, []).append(what)
    return found


def said(row: dict[str, Any]) -> dict[str, Any]:
    """What is expected of an event, as the calendar keeps it."""
    lists = reference()
    return {
        "titles": row["titles"],
        "short_title": row["short_title"],
        "kind": row["kind"],
        "processes": [lists.find("process", name) for name in row["processes"]],
        "organisers": [lists.find("organisation", name) or name for name in row["organisers"]],
        "span": [row["first"], row["last"]] if row["first"] else None,
        "precision": row["precision"],
        "date_text": row["date_text"],
        "status": row["status"],
        "city": row["city"],
        "country": row["country"],
        "venue": row["venue"],
        "format": row["format"],
        "expected_participants": row.get("expected_participants"),
    }


def kept(landed: Landed) -> dict[str, Any]:
    after = landed.after
    organisers = [organiser["code"] or organiser["name"] for organiser in after["organisers"]]
    return {name: after[name] for name in said(next(iter(created().values())))} | {"organisers": organisers}


def created() -> dict[int, dict[str, Any]]:
    return {line: row for line, row in EXPECTED.items() if row["outcome"] == "created"}


def test_every_row_of_the_messy_sheet_is_accounted_for_and_nothing_is_invented(sheet, report):
    wanted = {
        line: f"same as {row['as']}" if row["outcome"] == "same" else row["outcome"] for line, row in EXPECTED.items()
    }
    assert outcomes(sheet, report) == {line: [what] for line, what in wanted.items()}
    wrong = {}
    for landed in report.landed:
        row = EXPECTED[landed.line]
        expected, found = said(row), kept(landed)
        if differing := {name: (expected[name], found[name]) for name in expected if expected[name] != found[name]}:
            wrong[landed.line] = differing
    assert wrong == {}
    for line, _title, problems in report.rejected:
        assert all(word in " ".join(problems) for word in EXPECTED[line]["words"]), (line, problems)
    for line, row in created().items():
        notes = sheet.notes.get(line, [])
        assert len(notes) == len(row["notes"]), (line, notes)
        assert all(any(word in note for note in notes) for word in row["notes"]), (line, notes)
    assert sheet.remarks[0] == "Only the worksheet “Meetings” was read; left out: “Lists”."
    assert sheet.remarks[1] == "Columns not known and left out: No., Cost per head (USD)."
