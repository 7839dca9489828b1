"""Which worksheet of a workbook is read, and which of its rows names the columns, is guessed and can be chosen."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook

from tests.imports.test_imports import look, outcomes, plain, stored
from tests.work.filling import fields_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

pytestmark = pytest.mark.either_database

NAMES = ["Meeting", "Dates", "Where"]
OF_2027 = [NAMES, ["Workshop", "3 May 2027", "Geneva"]]
OF_2028 = [["Plans of 2028"], ["not final"], NAMES, ["Seminar", "8 May 2028", "Rome"], ["Course", "9 May 2028", "Rome"]]


@pytest.fixture
def ana(signed_in) -> FlaskClient:
    """A coordinator of brs."""
    return signed_in("ana@brs.example", brs="coordinator")


def send(browser: FlaskClient, **pages: list[list[str]]) -> str:
    """Send a workbook with these worksheets; return the address of the import."""
    book, out = Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, rows in pages.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(out)
    token = fields_of(browser.get("/imports").get_data(as_text=True))["csrf_token"]
    data = {"csrf_token": token, "organisation": "brs", "file": (io.BytesIO(out.getvalue()), "plans.xlsx")}
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
    answer = choose(ana, address, again="Read it so", **{"column-2": ""})
    assert "Match the columns" in answer
    assert stored(address).state == "columns"


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
