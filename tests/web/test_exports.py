"""The files of a list: what they hold, and that read back they change nothing."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from sqlalchemy import func, select

from calendar_app.extensions import db
from calendar_app.models import Event
from calendar_app.planning.vocabulary import LinkKind, Visibility
from calendar_app.services.columns import COLUMNS
from calendar_app.services.records import INTERNAL_FIELDS, Link, Organiser, SourceNote, record_of
from tests.people import browser_of, new_account
from tests.web.test_pages import add_many

pytestmark = pytest.mark.either_database


def rows_of(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def table_of(answer):
    assert answer.status_code == 200
    document = Document(io.BytesIO(answer.data))
    (table,) = document.tables
    return document, table


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_real_calendar_read_back_changes_nothing(packaged_app, tmp_path, form, language):
    count = 0
    with packaged_app.app_context():
        browser = packaged_app.test_client()
        for listed in ("coming", "past"):
            path = tmp_path / f"{listed}.{form}"
            path.write_bytes(browser.get(f"/export/{listed}.{form}?lang={language}").data)
            result = packaged_app.test_cli_runner().invoke(args=["events", "import", "--dry-run", str(path)])
            assert result.exit_code == 0, result.output
            created, changed, unchanged, rejected = (int(word) for word in result.stdout.split() if word.isdigit())
            assert (created, changed, rejected) == (0, 0, 0), result.output
            assert "left out" not in result.stderr
            count += unchanged
        assert count == db.session.scalar(select(func.count()).select_from(Event))


def test_an_export_is_the_list_with_its_filter_and_all_its_pages(client, add_event):
    add_many(120)
    add_event(title="Held", first=date(2026, 3, 1), city="Geneva")
    add_event(title="Words only", first=None, date_text="some day")
    assert len(rows_of(client.get("/export/coming.csv"))) == 121
    found = rows_of(client.get("/export/coming.csv?city=geneva&from=2027-02&to=2027-02"))
    assert [row["start"] for row in found] == [f"2027-02-{day:02}" for day in range(1, 29)]
    assert [row["title"] for row in rows_of(client.get("/export/past.csv"))] == ["Held"]
    answer = client.get("/export/past.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="past-events-2026-11-20.csv"'
    assert client.get("/export/past.csv?colour=red").status_code == 400


def test_the_menu_of_a_list_keeps_its_filter(client, add_event):
    add_event(title="In Geneva", city="Geneva")
    page = client.get("/?city=geneva&q=in&lang=ar").get_data(as_text=True)
    for form in ("csv", "xlsx", "docx"):
        assert f'href="/export/coming.{form}?city=geneva&amp;q=in&amp;lang=ar"' in page
    assert 'href="/feeds/calendar.ics?city=geneva&amp;from=2026-11-20&amp;q=in&amp;lang=ar&amp;tbc=1"' in page


def test_the_calendar_file_of_a_list_has_its_days(client, add_event):
    add_event(title="Long ago", first=date(2020, 3, 1))
    add_event(title="To come", first=date(2027, 3, 1))
    for path, there in (("/", "To come"), ("/past", "Long ago")):
        page = client.get(path).get_data(as_text=True)
        address = page.split('href="/feeds/calendar.ics', 1)[1].partition('"')[0].replace("&amp;", "&")
        feed = client.get("/feeds/calendar.ics" + address).get_data(as_text=True)
        assert [title for title in ("Long ago", "To come") if title in feed] == [there]


def test_what_the_steward_alone_knows_is_in_an_export_of_its_own_events_only(app, add_event):
    add_event(title="Ours", city="Geneva", notes="Of ours", visibility=Visibility.STEWARD)
    add_event(title="Theirs", steward="minamata", city="Nairobi", notes="Of theirs")
    ours = browser_of(app, new_account("ana@brs.example", brs="contributor"))
    mixed = ours.get("/export/coming.csv")
    assert {row["title"] for row in rows_of(mixed)} == {"Ours", "Theirs"}
    assert mixed.headers["Cache-Control"] == "no-store"
    assert not (INTERNAL_FIELDS | {"last_confirmed_by", "publish_on"}) & rows_of(mixed)[0].keys()
    assert [row["notes"] for row in rows_of(ours.get("/export/coming.csv?city=geneva"))] == ["Of ours"]
    theirs = rows_of(ours.get("/export/coming.csv?city=nairobi"))
    assert "notes" not in theirs[0]
    assert [row["title"] for row in rows_of(app.test_client().get("/export/coming.csv"))] == ["Theirs"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_of_own_events_read_back_changes_nothing(app, add_event, tmp_path, form):
    whole = add_event(title="Whole", notes="A note\nin two lines", expected_participants=90, key_persons=("Ana",))
    add_event(title="=HYPERLINK(1)", part_of=whole, links=(Link(LinkKind.PREPARES_FOR, whole),))
    browser = browser_of(app, new_account("ana@brs.example", brs="contributor"))
    path = tmp_path / f"own.{form}"
    path.write_bytes(browser.get(f"/export/coming.{form}").data)
    result = app.test_cli_runner().invoke(args=["events", "import", str(path)])
    assert "0 created, 0 changed, 2 unchanged, 0 rejected." in result.stdout, result.output
    if form == "csv":
        titles = {row["title"] for row in rows_of(browser.get("/export/coming.csv"))}
        assert titles == {"Whole", "'=HYPERLINK(1)"}


def test_an_export_names_no_event_that_its_reader_may_not_see(client, add_event):
    hidden = add_event(title="Hidden", visibility=Visibility.STEWARD)
    add_event(title="Part", part_of=hidden, links=(Link(LinkKind.PREPARES_FOR, hidden),))
    for form in ("csv", "xlsx", "docx"):
        answer = client.get(f"/export/coming.{form}")
        assert str(hidden).encode() not in answer.data
    (row,) = rows_of(client.get("/export/coming.csv"))
    assert (row["title"], row["part_of"], row["links"]) == ("Part", "", "")


def test_what_an_export_does_not_name_is_still_there_when_it_is_read_back(app, add_event, tmp_path):
    hidden = add_event(title="Theirs", steward="minamata", visibility=Visibility.STEWARD)
    seen = add_event(title="Seen", steward="minamata")
    links = (Link(LinkKind.PREPARES_FOR, hidden), Link(LinkKind.BACK_TO_BACK, seen))
    ours = add_event(title="Ours", part_of=hidden, links=links)
    ana = browser_of(app, new_account("ana@brs.example", brs="coordinator"))
    path = tmp_path / "own.csv"

    def bring_in(text: str) -> str:
        path.write_text(text, encoding="utf-8")
        output = app.test_cli_runner().invoke(args=["events", "import", "--as", "brs", str(path)]).output
        db.session.rollback()
        return output

    text = ana.get("/export/coming.csv?q=Ours").get_data().decode("utf-8-sig")
    assert str(seen) in text
    assert "1 unchanged" in bring_in(text)
    record = record_of(db.session.get(Event, ours))
    assert (record.part_of, record.links) == (hidden, links)
    # What is seen may be taken out, and then only that.
    assert "1 changed" in bring_in(text.replace(f"back-to-back {seen}", ""))
    record = record_of(db.session.get(Event, ours))
    assert (record.part_of, record.links) == (hidden, links[:1])


def test_a_text_that_no_cell_of_a_workbook_holds_is_said_and_the_other_files_have_it(client, add_event):
    long = (SourceNote("a", citation="A", quote="x" * 20_000), SourceNote("b", citation="B", quote="y" * 20_000))
    add_event(sources=long)
    answer = client.get("/export/coming.xlsx")
    assert answer.status_code == 422
    assert "Take the CSV file instead." in answer.get_data(as_text=True)
    (row,) = rows_of(client.get("/export/coming.csv"))
    assert len(row["source_quote"]) > 40_000
    assert client.get("/export/coming.docx").status_code == 200


def test_the_columns_are_those_of_the_import(client, add_event):
    add_event()
    (row,) = rows_of(client.get("/export/coming.csv"))
    assert [column for column in COLUMNS if column in row] == list(row)


def test_a_table_for_word_is_ready_to_be_pasted(client, add_event):
    add_event(
        title="Conference & <fair>", first=date(2027, 4, 12), last=date(2027, 4, 16), city="Geneva", country="CH",
        organisers=(Organiser("BRS Secretariat", "brs"), Organiser("A ministry")),
    )  # fmt: skip
    add_event(title="On one day", first=date(2027, 5, 3), status="tentative")
    document, table = table_of(client.get("/export/coming.docx?convention=basel"))
    section = document.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert round(section.page_width.cm, 1) == 29.7
    assert [p.text for p in document.paragraphs] == [
        "Joint meeting calendar: Coming events", "Convention or process: Basel", "As of 20 November 2026",
    ]  # fmt: skip
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells == [
        ["Dates", "Meeting", "Place", "Organiser", "Status"],
        ["April 2027"] * 5,
        ["12–16 April 2027", "Conference & <fair>", "Geneva, Switzerland", "BRS, A ministry", "Confirmed"],
        ["May 2027"] * 5,
        ["3 May 2027", "On one day", "", "", "Tentative"],
    ]
    header = [row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
    assert header == [True, False, False, False, False], "it is repeated on each page"
    footer = section.footer.paragraphs[0]._p
    assert [field.get(qn("w:instr")) for field in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert table._tbl.tblPr.find(qn("w:bidiVisual")) is None
    assert document.core_properties.language == "en-GB"


def test_a_table_in_arabic_reads_from_right_to_left(client, add_event):
    add_event(title="Only in English", titles={"en": "Only in English"}, first=date(2027, 4, 12))
    add_event(titles={"en": "Both", "ar": "اجتماع"}, first=date(2027, 4, 13))
    add_event(titles={"ar": "آخر"}, first=None, date_text="21 October or later")
    document, table = table_of(client.get("/export/coming.docx?lang=ar"))
    assert table._tbl.tblPr.find(qn("w:bidiVisual")) is not None
    paragraphs = [p._p for p in document.paragraphs] + list(table._tbl.iter(qn("w:p")))
    assert all(p.pPr.find(qn("w:bidi")) is not None for p in paragraphs)
    runs = {run.text: run.rPr for run in table._tbl.iter(qn("w:r"))}
    # With marks around it: "2027 or later" would read "or later 2027" otherwise.
    assert "\u200e21 October or later\u200e" in runs
    runs = {text.strip("\u200e"): properties for text, properties in runs.items()}
    assert runs["اجتماع"].find(qn("w:rtl")) is not None
    assert runs["21 October or later"].find(qn("w:rtl")) is None, "the organisers' own words"
    english = runs["Only in English"]
    assert english.find(qn("w:rtl")) is None
    assert english.find(qn("w:lang")).get(qn("w:val")) == "en-GB"
    style = document.styles["Normal"].element.rPr.find(qn("w:lang"))
    assert style.get(qn("w:bidi")) == "ar-SA"
    assert document.sections[0]._sectPr.find(qn("w:bidi")) is not None
