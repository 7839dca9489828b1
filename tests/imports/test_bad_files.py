"""Files that are not what they should be: each is named, with what to do, and nothing is kept of it."""

from __future__ import annotations

import html
import io
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from calendar_app.extensions import db
from calendar_app.models import Import
from calendar_app.services import sheets
from calendar_app.services.columns import COLUMNS
from tests.imports.test_imports import look, outcomes, stored, upload
from tests.work.filling import fields_of

FOREIGN = Path(__file__).parent.parent / "data" / "foreign"
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n"


def packed(*parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in parts:
            archive.writestr(part, "<x/>")
    return out.getvalue()


def workbook(*rows: tuple[str, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def changed(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A packed file with something else in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        assert old in before.read(part)
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new) if name == part else before.read(name))
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """A packed file whose parts say that they have a password (PKWARE APPNOTE, 4.4.4)."""
    return re.sub(rb"(PK\x01\x02.{4}|PK\x03\x04.{2}).", lambda found: found[1] + b"\x01", data, flags=re.DOTALL)


SHEET = workbook(("Title", "Dates"), ("A", "3-7 May 2027"))
# Name, what is in it, what is said. The three files of other programs were written by xlwt, odfpy and msoffcrypto-tool.
BAD = [
    ("a.pdf", b"%PDF-1.7\n...", "a.pdf is no spreadsheet, but a document or a picture (PDF). Copy its table"),
    ("a.xlsx", b"%PDF-1.7\n...", "a.xlsx is no spreadsheet, but a document or a picture (PDF)"),
    ("a.csv", b"\x89PNG\r\n\x1a\n\0", "a document or a picture (PNG)"),
    ("a.docx", packed("[Content_Types].xml", "word/document.xml"), "a document or a picture (Word, .docx)"),
    ("a.xlsx", b"", "a.xlsx is empty. Look whether it was saved, and send it again."),
    ("a.csv", b"\xef\xbb\xbf\r\n \r\n", "a.csv is empty."),
    ("a.ics", b"\n", "a.ics is empty."),
    ("a.xlsx", (FOREIGN / "password.xlsx").read_bytes(), "is protected with a password. Open it, remove the password"),
    ("a.xls", (FOREIGN / "old.xls").read_bytes(), "another format (Excel 97-2003, .xls). Open it, save it as .xlsx"),
    ("a.xlsx", (FOREIGN / "old.xls").read_bytes(), "another format (Excel 97-2003, .xls)"),
    ("a.ods", (FOREIGN / "open.ods").read_bytes(), "another format (OpenDocument, .ods). Open it, save it as .xlsx"),
    ("a.xlsx", (FOREIGN / "open.ods").read_bytes(), "another format (OpenDocument, .ods)"),
    ("a.numbers", packed("Index/Document.iwa"), "another format (Apple Numbers)"),
    ("a.csv", workbook(("Title",)), "a.csv is an Excel workbook. Save it as .xlsx"),
    ("a.zip", packed("meetings.csv"), "a.zip is a packed file (ZIP). Unpack it"),
    ("a.xlsx", b"Title,Date\nx,y\n", "a.xlsx is not an Excel workbook, or it is damaged"),
    ("a.xlsx", encrypted(SHEET), "a.xlsx is not an Excel workbook, or it is damaged"),
    ("a.xlsx", changed(SHEET, "xl/workbook.xml", b"visibility", b"visibilitz"), "or it is damaged"),
    ("a.xlsx", changed(SHEET, "xl/worksheets/sheet1.xml", b"</row>", b""), "or it is damaged"),
    ("a.xlsx", b"<html><table>", "a.xlsx is a web page. Open it in a spreadsheet program"),
    ("a.csv", CALENDAR, "a.csv is a calendar file. Give it a name that ends in .ics"),
    ("a.ics", b"<!doctype html><title>Sign in</title>", "a.ics is a web page, perhaps one for signing in."),
    ("a.ics", b"Title,Date\nx,y\n", "a.ics is no calendar file."),
    ("a.ics", CALENDAR, "a.ics is cut off in the middle."),
    ("a.ics", CALENDAR + b"END:VCALENDAR\r\n", "a.ics has nothing in it that could be an event."),
    ("a.txt", b"Title,Date\nx,y\n", "a.txt is not a file that can be read here. Send a sheet (.xlsx, .csv)"),
    ("noname", b"Title,Date\nx,y\n", "noname is not a file that can be read here."),
    ("a.csv", b"Title,Date\n", "a.csv has nothing in it that could be an event."),
    ("a.csv", b'Title,Date\n"x,y\n', "A quotation mark that is opened in line 2 is not closed"),
    ("a.csv", b"Title\n" + b"x\n" * 5001, "a.csv has more than 5000 rows; so many cannot be brought in at once."),
]  # fmt: skip


def send(browser, name: str, data: bytes):
    token = fields_of(browser.get("/imports").get_data(as_text=True))["csrf_token"]
    sent = {"csrf_token": token, "organisation": "brs", "file": (io.BytesIO(data), name)}
    return browser.post("/imports", data=sent, content_type="multipart/form-data")


def test_a_file_that_cannot_be_read_is_named_with_what_to_do_and_not_kept(app, signed_in):
    ana = signed_in("ana@brs.example", brs="coordinator")
    for name, data, said in BAD:
        answer = send(ana, name, data)
        text = html.unescape(answer.get_data(as_text=True))
        assert (answer.status_code, said in text) == (422, True), (name, said, text[-3500:])
    assert db.session.scalar(select(func.count()).select_from(Import)) == 0


@pytest.mark.parametrize(("size", "status"), [(12_000, 303), (20_000, 413)])
def test_a_file_may_be_larger_than_other_forms_but_not_too_large(app, signed_in, size, status):
    app.config["MAX_CONTENT_LENGTH"], app.config["MAX_IMPORT_LENGTH"] = 5_000, 15_000
    answer = send(signed_in("ana@brs.example", brs="coordinator"), "a.csv", b"x" * size)
    assert answer.status_code == status
    assert status == 303 or "too much data" in answer.get_data(as_text=True)


def test_of_a_workbook_with_too_many_rows_the_rest_is_not_read():
    data = workbook(*[("Title",)] * 3, *[("", "")] * 40, *[("A meeting",)] * 30)
    table, _remarks = sheets.table_of("a.xlsx", data, COLUMNS, 13)
    assert len(table.rows) == 73
    with pytest.raises(sheets.SheetError, match="more than 12 rows"):
        sheets.table_of("a.xlsx", data, COLUMNS, 12)


SPANISH = "Título;Fecha de inicio;Fecha final;Lugar;Convenio;Organizado por\n"
FRENCH = "Intitulé;Date de début;Date de fin;Lieu;Convention;Organisé par\n"


@pytest.mark.parametrize(("header", "row"), [
    (SPANISH, "Taller regional;03/04/2027;05/04/2027;Panamá;Basilea;CRBCR Panamá\n"),
    (FRENCH, "Atelier régional;03/04/2027;05/04/2027;Genève, Suisse;Bâle;CRCBS Dakar\n"),
], ids=["Spanish", "French"])  # fmt: skip
def test_a_sheet_of_a_regional_centre_is_understood_once_it_is_said_whether_the_day_comes_first(
    app, signed_in, header, row
):
    ana = signed_in("ana@brs.example", brs="coordinator")
    answer = send(ana, "plan.csv", (header + row).encode("cp1252"))
    address = answer.location.removesuffix("/columns")
    fields = fields_of(ana.get(f"{address}/columns").get_data(as_text=True))
    targets = [fields[f"column-{number}"] for number in range(6)]
    assert targets == [["title"], ["start"], ["end"], ["place"], ["conventions"], ["organiser"]]
    text = look(ana, address)
    assert "'03/04/2027'; it may be two days, and no other row tells" in text
    assert "was read as Western European text. Look at accented letters." in text
    look(ana, address, order="day-first")
    made = stored(address)
    assert outcomes(made) == {2: "new"}, made.report
    assert made.report["rows"][0]["after"]["span"] == ["2027-04-03", "2027-04-05"]


def test_a_second_file_does_not_disturb_the_first(app, signed_in):
    ana = signed_in("ana@brs.example", brs="coordinator")
    address = upload(ana, "A,1 March 2027,,,\n")
    assert send(ana, "b.xlsx", b"%PDF-1.7").status_code == 422
    assert "A" in look(ana, address)
