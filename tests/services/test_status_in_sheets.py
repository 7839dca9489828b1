"""A status that somebody wrote before a title, or where the days stand, in a sheet."""

from __future__ import annotations

import uuid

import pytest

from calendar_app.services.reference import packaged_lists
from calendar_app.services.sheet_cells import written_anew


def read(**cells: str) -> dict[str, str]:
    row = written_anew(cells, None, packaged_lists())
    assert not row.problems
    return row.cells


@pytest.mark.parametrize(
    ("title", "status"),
    [("[CANCELLED] Workshop", "cancelled"), ("[Postponed] Workshop", "postponed"), ("Canceled: Workshop", "cancelled")],
)
def test_a_status_before_a_title_is_the_status(title, status):
    cells = read(title=title, start="2027-06-01")
    assert (cells["title"], cells["status"]) == ("Workshop", status)
    # Whoever has a column for it says it there.
    cells = read(title=title, start="2027-06-01", status="confirmed")
    assert (cells["title"], cells["status"]) == (title, "confirmed")


@pytest.mark.parametrize(
    ("text", "status"), [("CANCELLED", "cancelled"), ("Postponed", "postponed"), ("取消", "cancelled")]
)
def test_a_status_in_the_column_of_the_days_is_the_status_and_takes_no_days_away(text, status):
    cells = read(title="Workshop", start=text, end="")
    assert (cells["status"], cells["date_precision"], cells["date_text"]) == (status, "words", text)
    cells = read(id=str(uuid.UUID(int=1)), title="Workshop", start=text, end="")
    assert cells == {"id": str(uuid.UUID(int=1)), "title": "Workshop", "status": status}
