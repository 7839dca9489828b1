"""Which worksheet of a workbook is read, and which of its rows names the columns, is guessed and can be chosen."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook

from calendar_app.extensions import transaction
from calendar_app.models import Import
from calendar_app.services import import_files
from tests.imports.test_imports import look, outcomes, plain, stored
from tests.work.filling import fields_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask.testing import FlaskClient

pytestmark = pytest.mark.either_database

NAMES = ["Meeting", "Dates", "Where"]
OF_2027 = [NAMES, ["Workshop", "3 May 2027", "Geneva"]]
OF_2028 = [["Plans of 2028"], ["not final"], NAMES, ["Seminar", "8 May 2028", "Rome"], ["Course", "9 May 2028", "Rome"]]


@pytest.fixture
def ana(signed_in) -> FlaskClient:
    """A coordinator of brs."""
    return signed_in("ana@brs.example", brs="coordinator")


def send(browser: FlaskClient, hidden: Collection[str] = (), **pages: list[list[str]]) -> str:
    """Send a workbook with these worksheets; return the address of the import."""
    book, out = Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, rows in pages.items():
        page = book.create_sheet(title)
        page.sheet_state = "hidden" if title in hidden else "visible"
        for row in rows:
            page.append(row)
    book.save(out)
    return upload_of(browser, out.getvalue())


def upload_of(browser: FlaskClient, workbook: bytes) -> str:
    token = fields_of(browser.get("/imports").get_data(as_text=True))["csrf_token"]
    data = {"csrf_token": token, "organisation": "brs", "file": (io.BytesIO(workbook), "plans.xlsx")}
    answer = browser.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, plain(answer)
    return answer.location.removesuffix("/columns")


def choose(browser: FlaskClient, address: str, **typed: str) -> str:
    """Send the page of the columns with these fields otherwise; return the text of the page that follows."""
    fields = fields_of(browser.get(f"{address}/columns").get_data(as_text=True))
    return plain(browser.post(f"{address}/columns", data=fields | typed, follow_redirects=True))


def test_another_worksheet_is_chosen_and_read_in_place_of_the_first(ana):
    address = send(ana, first=OF_2027, later=OF_2028)
    page = choose(ana, address, worksheet="later")
    assert "The columns were guessed anew" in page
    assert "8 May 2028" in page
    assert "3 May 2027" not in page
    assert "left out: “first”" in look(ana, address)
    assert outcomes(stored(address)) == {4: "new", 5: "new"}
    assert [row["title"] for row in stored(address).report["rows"]] == ["Seminar", "Course"]


def test_what_else_was_typed_stays_with_another_worksheet(ana):
    address = send(ana, first=OF_2027, later=OF_2028)
    choose(ana, address, worksheet="later", stage="published", reason="Plans of the year")
    fields = fields_of(ana.get(f"{address}/columns").get_data(as_text=True))
    assert (fields["stage"], fields["reason"]) == (["published"], ["Plans of the year"])


def test_another_row_names_the_columns(ana):
    address = send(ana, plans=[["Meeting", "Dates"], ["Name", "When"], ["Workshop", "3 May 2027"]])
    assert look(ana, address)
    assert outcomes(stored(address)) == {2: "new", 3: "new"}
    page = choose(ana, address, header="2")
    assert "The columns were guessed anew" in page
    look(ana, address)
    assert outcomes(stored(address)) == {3: "new"}


def test_a_list_without_names_of_columns_is_read_from_its_first_row(ana):
    address = send(ana, plans=[["Event", "Date"], ["Workshop", "4 May 2027"], ["Course", "5 May 2027"]])
    choose(ana, address, header="0")
    assert stored(address).settings["header"] == 0
    look(ana, address, **{"column-0": "title", "column-1": "start"})
    assert outcomes(stored(address)) == {1: "new", 2: "new", 3: "new"}


def test_a_preview_of_another_worksheet_cannot_be_carried_out(ana):
    """What was looked through is what is carried out."""
    address = send(ana, first=OF_2027, later=OF_2028)
    look(ana, address)
    fields = fields_of(ana.get(address).get_data(as_text=True), f"{address}/apply")
    choose(ana, address, worksheet="later")
    answer = ana.post(f"{address}/apply", data=fields | {"apply": "1"}, follow_redirects=True)
    assert "Match the columns" in plain(answer)
    assert stored(address).state == "columns"


def test_reading_the_same_again_keeps_what_was_chosen(ana):
    address = send(ana, first=OF_2027)
    answer = choose(ana, address, again="Read it so", order="month-first", **{"column-2": "venue"})
    assert "Match the columns" in answer
    made = stored(address)
    assert (made.state, made.settings["columns"], made.settings["order"]) == (
        "columns", ["title", "start", "venue"], "month-first",
    )  # fmt: skip


def test_what_another_worksheet_does_not_tell_stays_as_typed(ana):
    address = send(ana, first=OF_2027, later=OF_2028)
    choose(ana, address, worksheet="later", order="month-first")
    assert stored(address).settings["order"] == "month-first"


def test_a_page_of_one_worksheet_is_not_taken_for_another_that_was_chosen_in_another_tab(ana):
    address = send(ana, first=OF_2027, later=OF_2028)
    shown = fields_of(ana.get(f"{address}/columns").get_data(as_text=True))
    choose(ana, address, worksheet="later")
    page = plain(ana.post(f"{address}/columns", data=shown, follow_redirects=True))
    assert "This page showed another part of the file" in page
    assert stored(address).settings["worksheet"] == "later"


def test_what_is_carried_out_is_the_worksheet_whose_rows_were_looked_at(ana):
    address = send(ana, first=OF_2027, later=OF_2028)
    look(ana, address)
    shown = fields_of(ana.get(address).get_data(as_text=True), f"{address}/apply")
    choose(ana, address, worksheet="later")
    look(ana, address)
    page = plain(ana.post(f"{address}/apply", data=shown | {"apply": "1"}, follow_redirects=True))
    assert "This import was changed meanwhile" in page
    assert stored(address).state == "preview"


@pytest.mark.parametrize("part", ["columns", "part"])
def test_what_waits_to_be_carried_out_is_not_read_otherwise(ana, part, monkeypatch):
    """Reading a large file takes seconds, in which somebody else may press the button."""
    address = send(ana, first=OF_2027, later=OF_2028)
    look(ana, address)
    shown = fields_of(ana.get(f"{address}/columns").get_data(as_text=True))
    read = import_files.tables_of

    def read_slowly(made):
        tables = read(made)
        with transaction() as session:
            session.get(Import, made.id).state = "waiting"
        return tables

    monkeypatch.setattr(import_files, "tables_of", read_slowly)
    typed = shown | ({"worksheet": "later"} if part == "part" else {})
    answer = ana.post(f"{address}/columns", data=typed)
    assert answer.status_code == 303
    assert (stored(address).state, stored(address).settings["worksheet"]) == ("waiting", "first")


def test_refused_rows_keep_what_was_chosen_for_them_until_somebody_chooses_otherwise(ana):
    rows = [*OF_2027, ["Course", "04/05/2027", "Rome"], ["Refused", "31 April 2027", "Rome"]]
    address = send(ana, plans=rows)
    look(ana, address, order="month-first", stage="published", reason="Plans of the year")
    again = upload_of(ana, ana.get(f"{address}/refused.xlsx").data)
    assert [stored(again).settings[name] for name in ("order", "stage")] == ["month-first", "published"]
    page = ana.get(f"{again}/columns").get_data(as_text=True)
    assert "Course" not in page
    choose(ana, again, header="2", stage="draft", order="day-first", reason="Mine")
    choose(ana, again, header="1")
    assert [stored(again).settings[name] for name in ("order", "stage", "reason")] == ["day-first", "draft", "Mine"]


def test_a_worksheet_of_blank_cells_is_not_offered_and_a_header_far_below_blank_lines_is_found(ana):
    address = send(ana, first=OF_2027, blank=[[" "]] * 3, far=[[" "]] * 30 + OF_2028)
    page = choose(ana, address, worksheet="far")
    assert "line 33: Meeting · Dates · Where" in page
    assert ">blank<" not in ana.get(f"{address}/columns").get_data(as_text=True)
    look(ana, address)
    assert outcomes(stored(address)) == {34: "new", 35: "new"}


def test_a_worksheet_that_is_too_long_keeps_no_other_one_out(ana):
    address = send(ana, archive=[NAMES, *([f"Meeting {n}", "3 May 2027", "Rome"] for n in range(5100))], plans=OF_2027)
    assert stored(address).settings["worksheet"] == "plans"
    fields = fields_of(ana.get(f"{address}/columns").get_data(as_text=True))
    answer = ana.post(f"{address}/columns", data=fields | {"worksheet": "archive"})
    assert answer.status_code == 422
    assert "plans.xlsx has more than 5000 rows" in answer.get_data(as_text=True)
    assert stored(address).settings["worksheet"] == "plans"


def test_a_hidden_worksheet_is_read_only_if_it_is_chosen(ana):
    address = send(ana, hidden=("secret",), secret=OF_2028, plans=OF_2027)
    assert stored(address).settings["worksheet"] == "plans"
    assert "secret (hidden)" in ana.get(f"{address}/columns").get_data(as_text=True)


def test_an_import_of_an_older_version_goes_on_with_the_worksheet_it_was_guessed_for(ana):
    address = send(ana, letter=[["Dear colleagues,"]], plans=OF_2027)
    with transaction() as session:
        made = session.get(Import, stored(address).id)
        made.settings = {name: value for name, value in made.settings.items() if name != "worksheet"}
    look(ana, address, **{"column-2": "venue"})
    assert outcomes(stored(address)) == {2: "new"}
    assert stored(address).settings["columns"] == ["title", "start", "venue"]


def test_of_one_worksheet_there_is_nothing_to_choose(ana):
    address = send(ana, plans=OF_2027)
    page = ana.get(f"{address}/columns").get_data(as_text=True)
    assert 'name="worksheet"' not in page
    assert "line 1: Meeting · Dates · Where" in page


def test_a_first_worksheet_of_names_alone_does_not_refuse_the_file(ana):
    address = send(ana, first=[NAMES], later=OF_2028)
    choose(ana, address, worksheet="later")
    look(ana, address)
    assert outcomes(stored(address)) == {4: "new", 5: "new"}
