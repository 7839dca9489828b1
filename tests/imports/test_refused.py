"""Refused rows are given as a sheet, mended there and sent again; what was chosen for the first file counts for it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from calendar_app.planning.vocabulary import Visibility
from calendar_app.services import imports
from tests.imports.test_imports import HEADER, bring_in, look, outcomes, plain, stored, upload
from tests.work.filling import fields_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

ROWS = "Good,1 March 2027,Rome,Basel,Hall 5\nورشة عمل,03/11/2027,Rome,Basell,Hall 6\n"
CHOSEN = {"column-4": "venue", "column-2": "", "order": "month-first", "stage": "published", "reason": "The plan"}


@pytest.fixture
def ana(signed_in) -> FlaskClient:
    """A coordinator of brs."""
    return signed_in("ana@brs.example", brs="coordinator")


def settings_of(browser: FlaskClient, address: str) -> dict[str, str]:
    fields = fields_of(browser.get(f"{address}/columns").get_data(as_text=True))
    return {name: "".join(fields.get(name, [])) for name in ("order", "stage", "reason")}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_was_chosen_for_a_file_counts_for_its_refused_rows_and_their_own_columns_are_passed_over(
    app, ana, language
):
    address = upload(ana, ROWS)
    look(ana, address, **CHOSEN)
    assert outcomes(stored(address)) == {2: "new", 3: "refused"}
    text = ana.get(f"{address}/refused.csv?lang={language}").data.decode("utf-8-sig")
    again = upload(ana, text.replace("Basell", "Basel"), name="again.csv", header="")
    page = ana.get(f"{again}/columns").get_data(as_text=True)
    assert "Why it is refused" not in page
    fields = fields_of(page)
    # The columns of the first file stand two further to the right.
    assert [fields.get(f"column-{n}") for n in range(7)] == [None, None, ["title"], ["start"], [""], ["conventions"],
                                                             ["venue"]]  # fmt: skip
    assert settings_of(ana, again) == {"order": "month-first", "stage": "published", "reason": "The plan"}
    look(ana, again)
    report = stored(again).report
    assert report["rows"][0]["after"]["span"] == ["2027-03-11", "2027-03-11"]
    assert (report["rows"][0]["after"]["venue"], report["rows"][0]["after"]["stage"]) == ("Hall 6", "published")
    names = [name for _template, values in report["remarks"] for name in values.get("names", [])]
    assert names == ["Where"]
    # Another file with the same header gets its columns, but not what was chosen for that one.
    other = upload(ana, ROWS.replace("03/11", "3 March "))
    assert settings_of(ana, other) == {"order": "", "stage": "draft", "reason": ""}


def test_refused_rows_are_given_as_a_workbook_too_which_keeps_every_letter_and_comes_in_again(app, ana):
    address = upload(ana, '=1+1,31 April 2027,Rome,"a\x07b",\n' + ROWS)
    look(ana, address)
    data = ana.get(f"{address}/refused.xlsx").data
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(data)).active]
    assert rows[0] == ["Line", "Why it is refused", *HEADER.strip().split(",")]
    assert [row[2] for row in rows[1:]] == ["'=1+1", "ورشة عمل"]
    book = load_workbook(io.BytesIO(data))
    book.active["D2"], book.active["F2"], book.active["D3"], book.active["F3"] = "30 April 2027", "", "2 May 2027", ""
    out = io.BytesIO()
    book.save(out)
    token = fields_of(ana.get("/imports").get_data(as_text=True))["csrf_token"]
    sent = {"csrf_token": token, "organisation": "brs", "file": (io.BytesIO(out.getvalue()), "mended.xlsx")}
    again = ana.post("/imports", data=sent, content_type="multipart/form-data").location.removesuffix("/columns")
    look(ana, again)
    assert [(row["outcome"], row["title"]) for row in stored(again).report["rows"]] == [
        ("new", "=1+1"),
        ("new", "ورشة عمل"),
    ]


def test_question_marks_in_the_place_of_letters_are_pointed_at_and_not_taken(app, ana, add_event):
    event_id = add_event(title="Stays", city="Geneva", country="CH", venue="Hall 1")
    rows = f",???? ?? (???),1 March 2027,Rome,\n{event_id},Stays,2027-03-01,Geneva,???? ?\n"
    address = upload(ana, rows + ",What?,1 March 2027,Rome,?\n", header="id,title,start,city,venue\n")
    text = look(ana, address)
    assert outcomes(stored(address)) == {2: "refused", 3: "same", 4: "new"}
    assert text.count("its letters were lost when the file was saved") == 2
    assert "“Title” is empty; an event needs a title." in text


def test_a_row_whose_title_was_emptied_goes_by_the_title_of_its_event_if_the_organisation_sees_that(
    app, ana, add_event
):
    seen = add_event(title="Meeting of experts")
    hidden = add_event(title="Hush", steward="minamata", visibility=Visibility.STEWARD)
    address = upload(ana, f"{seen},,2027-03-01\n{hidden},,2027-03-01\n", header="id,title,start\n")
    text = look(ana, address)
    assert [row["title"] for row in stored(address).report["rows"]] == ["Meeting of experts", str(hidden)]
    assert "Hush" not in text


def test_the_rows_of_a_calendar_file_are_called_events(app, ana):
    event = "BEGIN:VEVENT\r\nUID:a@b\r\nSUMMARY:A\r\nDTSTART;VALUE=DATE:20270301\r\nEND:VEVENT\r\n"
    address = upload(ana, f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n", name="a.ics", header="")
    text = look(ana, address)
    assert "Event 1 A" in text
    assert "Line 1" not in text


def test_that_no_column_has_the_titles_is_said_at_the_columns(app, ana):
    address = upload(ana, ROWS)
    fields = fields_of(ana.get(f"{address}/columns").get_data(as_text=True))
    answer = ana.post(f"{address}/columns", data=fields | {"column-0": ""})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    error = page.index('id="columns-error"')
    assert page.index('href="#columns"') < error < page.index("<tbody>") < page.index('id="order"')
    assert "Choose the column that has the titles." in page[error : page.index("<tbody>")]
    assert 'id="order-error"' not in page


def test_the_page_of_an_undone_import_says_what_is_so_now_and_why(app, ana):
    address = bring_in(app, ana, "A,1 March 2027,,,\n")
    assert stored(address).state == imports.APPLIED
    assert "1 event was added" in plain(ana.get(address))
    page = ana.get(address).get_data(as_text=True)
    fields = fields_of(page, f"{address}/undo") | {"reason": "Wrong year"}
    text = plain(ana.post(f"{address}/undo", data=fields, follow_redirects=True))
    assert "1 event had been added before the import was undone" in text
    assert "1 event was added" not in text
    assert "Reason for undoing it: Wrong year" in text
