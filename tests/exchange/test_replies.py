"""A sheet that is sent back in: what it changes, what it never changes, and what it is refused."""

from __future__ import annotations

import io
import struct
import uuid
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, RoundReply
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import events, exchange_rounds, round_replies, round_sheets, sheets
from calendar_app.services.records import BodyMeeting, EventRecord, Option, as_json, record_of
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words
from tests.conftest import counted_queries
from tests.exchange.conftest import BRS, DECEMBER, change, event, letters, revisions, work
from tests.submit.hostile import FORMULAS, MARKUP
from tests.web.forms import post
from tests.work.filling import fields_of

pytestmark = pytest.mark.either_database

DAY = date(2027, 2, 1)
BY = f"Bo <{BRS}> (BRS), by the sheet of the exchange round"


def fetched(browser, link: str):
    """The workbook as the page gives it, and its rows below the header by id."""
    book = load_workbook(io.BytesIO(browser.get(f"{link}/sheet").data))
    page = book.worksheets[1]
    names = [cell.value for cell in page[1]]
    rows = {row[0].value: dict(zip(names, row, strict=True)) for row in page.iter_rows(min_row=2)}
    return book, rows


def add_row(book, **cells) -> None:
    page = book.worksheets[1]
    names = [cell.value for cell in page[1]]
    page.append([cells.get(name) for name in names])


def sent_in(browser, link: str, book, name: str = "list.xlsx") -> str:
    """Send a workbook, or the bytes of a file, in; return the address of what it would change."""
    data = book
    if not isinstance(book, bytes):
        file = io.BytesIO()
        book.save(file)
        data = file.getvalue()
    answer = post(browser, f"{link}/sheet", {"sheet": (io.BytesIO(data), name)}, page=link)
    assert answer.status_code == 303
    return answer.location


def shown(browser, address: str) -> str:
    return browser.get(address).get_data(as_text=True)


def applied(browser, address: str) -> str:
    """Press the button of the page; return the page after it."""
    sent = fields_of(shown(browser, address), address)
    return browser.post(address, data=sent, follow_redirects=True).get_data(as_text=True)


def test_corrections_are_seen_first_and_applied_at_once_with_a_signed_revision(add_event, add_account, link, client):
    add_account("ana@brs.example", brs="coordinator")
    own = add_event(title="Own", first=DAY, city="Geneva", country="CH", notes="Secret.", expected_participants=40)
    book, rows = fetched(client, link())
    row = rows[str(own)]
    row["start"].value, row["end"].value, row["venue"].value = date(2027, 2, 8), date(2027, 2, 9), "Hall 2"
    add_row(book, title="Brand new", start=date(2027, 3, 1), end=date(2027, 3, 2), city="Rome", conventions="Basel")
    address = sent_in(client, link(), book)
    page = shown(client, address)
    assert "1 February 2027" in page
    assert "8–9 February 2027" in page
    assert "Brand new" in page
    assert "About the file" not in page
    assert event(own).venue == ""
    sent = fields_of(page, address)
    text = client.post(address, data=sent, follow_redirects=True).get_data(as_text=True)
    assert "1 event is corrected." in text
    assert "1 new event waits for a coordinator of your organisation." in text
    changed = event(own)
    assert (changed.start, changed.venue, changed.stage, changed.steward_code) == (
        date(2027, 2, 8), "Hall 2", "published", "brs",
    )  # fmt: skip
    assert (changed.notes, changed.expected_participants) == ("Secret.", 40)
    assert (revisions(own)[-1].actor, revisions(own)[-1].action) == (BY, "moved")
    new = db.session.scalar(select(Event).where(Event.stage == Stage.SUBMITTED))
    assert (new.titles, new.steward_code, new.country) == ({"en": "Brand new"}, "brs", "IT")
    assert revisions(new.id)[0].actor == BY
    (told,) = letters("ana@brs.example")[-1:]
    for words in (BY, "Own", f"/events/{own}/history", f"/moderation/{new.id}"):
        assert words in told.text
    # Once more, by a second click, by the same file again, or by what was left open.
    count = len(letters()), len(revisions(own)), len(db.session.scalars(select(Event.id)).all())
    client.post(address, data=sent)
    assert "There is nothing to change" in shown(client, sent_in(client, link(), book))
    assert (len(letters()), len(revisions(own)), len(db.session.scalars(select(Event.id)).all())) == count


def test_an_hour_behind_a_day_is_an_hour_in_a_reply_too(add_event, link, client):
    own = add_event(title="Own", first=DAY, city="Geneva", country="CH")
    book, rows = fetched(client, link())
    rows[str(own)]["start"].value = rows[str(own)]["end"].value = "8 February 2027 2 pm"
    applied(client, sent_in(client, link(), book))
    assert (event(own).start, event(own).start_time, event(own).timezone) == (
        date(2027, 2, 8),
        "14:00",
        "Europe/Zurich",
    )


def test_nothing_that_is_internal_or_says_where_an_event_stands_can_be_changed_by_a_sheet(add_event, link, client):
    own = add_event(title="Own", first=DAY, notes="Secret.", options=(Option(DAY, DAY),))
    before = as_json(record_of(event(own)))
    lines = [
        "id,title,start,notes,steward,stage,visibility,publish_on,options,last_confirmed_by,sequence,staffing",
        f"{own},Own,2027-02-01,Told,minamata,draft,steward,2027-01-01,,Me,99,Many",
        ",Entered,2027-03-01,Told,minamata,published,public,,,Me,99,Many",
    ]
    address = sent_in(client, link(), "\n".join(lines).encode(), "list.csv")
    assert "Columns not known and left out: notes, steward, stage, visibility" in shown(client, address)
    applied(client, address)
    assert as_json(record_of(event(own))) == before
    entered = db.session.scalar(select(Event).where(Event.stage != "published"))
    assert (entered.stage, entered.steward_code, entered.notes, entered.last_confirmed_by) == (
        "submitted",
        "brs",
        "",
        "",
    )


def test_rows_that_are_not_ones_own_or_not_right_are_refused_with_line_and_reason(add_event, link, client):
    own, theirs = add_event(title="Own", first=DAY), add_event(title="Of minamata", steward="minamata")
    hidden = add_event(title="Hidden title", steward="minamata", visibility=Visibility.STEWARD)
    draft = add_event(title="A draft", stage=Stage.DRAFT)
    lines = [
        "id,title,start,end",
        f"{theirs},Taken over,2027-02-01,2027-02-01",
        f"{hidden},Taken over,2027-02-01,2027-02-01",
        f"{draft},Taken over,2027-02-01,2027-02-01",
        f"{own},Own,2027-02-30,2027-02-01",
        f"{own},Own again,2027-02-01,2027-02-01",
        "p-mc-cop-6,Taken over,2027-02-01,2027-02-01",
        ",,2027-02-01,2027-02-01",
    ]
    page = shown(client, sent_in(client, link(), "\n".join(lines).encode(), "list.csv"))
    for words in (
        "Line 2", "keeps this event. Sign in to propose a change to them.",
        "Line 3", "Its grey cell names no event here.", "This event is not published.",
        "start is &#39;2027-02-30&#39;", "It is about the same event as line 5.", "Line 8", "title is empty",
    ):  # fmt: skip
        assert words in page
    assert "Hidden title" not in page
    assert "Apply these corrections" not in page


def test_what_others_changed_since_the_sheet_was_written_is_not_taken_back(add_event, link, client):
    own = add_event(title="Own", first=DAY, venue="Hall 1", contact="old@brs.example")
    book, rows = fetched(client, link())
    change(own, venue="Hall 9")
    # Cells that nobody touched say nothing.
    rows[str(own)]["contact"].value = "new@brs.example"
    applied(client, sent_in(client, link(), book))
    assert (event(own).venue, event(own).contact) == ("Hall 9", "new@brs.example")
    rows[str(own)]["venue"].value = "Hall 2"
    page = shown(client, sent_in(client, link(), book))
    assert "test has changed it meanwhile, to “Hall 9”" in page
    assert event(own).venue == "Hall 9"


def test_what_changed_after_the_preview_is_told_and_left(add_event, link, client):
    own = add_event(title="Own", first=DAY)
    book, rows = fetched(client, link())
    rows[str(own)]["venue"].value = "Hall 2"
    address = sent_in(client, link(), book)
    sent = fields_of(shown(client, address), address)
    change(own, contact="new@brs.example")
    text = client.post(address, data=sent, follow_redirects=True).get_data(as_text=True)
    assert "Left as they are: Own." in text
    assert event(own).venue == ""
    applied(client, address)
    assert (event(own).venue, event(own).contact) == ("Hall 2", "new@brs.example")


def test_dates_with_a_critical_clash_are_left_because_they_take_a_named_decision(add_event, link, client):
    meeting = {"kind": "cop", "audiences": ("chemicals-delegates",), "format": "in-person"}
    add_event(title="Other", first=date(2027, 6, 14), last=date(2027, 6, 18), steward="minamata",
              bodies=(BodyMeeting("MC-COP", 9),), city="Geneva", country="CH", **meeting)  # fmt: skip
    own = add_event(title="Own", first=date(2027, 9, 13), bodies=(BodyMeeting("BC-COP", 18),), city="Nairobi",
                    country="KE", **meeting)  # fmt: skip
    second = add_event(title="Second", first=DAY)
    book, rows = fetched(client, link())
    rows[str(own)]["start"].value, rows[str(own)]["end"].value = date(2027, 6, 14), date(2027, 6, 18)
    rows[str(second)]["venue"].value = "Hall 2"
    text = applied(client, sent_in(client, link(), book))
    assert "Left as they are: Own." in text
    assert event(own).start == date(2027, 9, 13)
    assert event(second).venue == "Hall 2"


def test_cancelling_by_a_sheet_lets_go_of_the_dates_that_were_held(add_event, link, client):
    own = add_event(title="Own", first=DAY, options=(Option(DAY, DAY, held_until=date(2026, 12, 24)),))
    book, rows = fetched(client, link())
    rows[str(own)]["status"].value = "cancelled"
    applied(client, sent_in(client, link(), book))
    assert (event(own).status, event(own).options[0].state) == (Status.CANCELLED, "released")


def test_the_sheet_of_a_closed_round_is_neither_taken_nor_applied(app, add_event, link, client):
    own = add_event(title="Own", first=DAY)
    book, rows = fetched(client, link())
    rows[str(own)]["venue"].value = "Hall 2"
    address = sent_in(client, link(), book)
    sent = fields_of(shown(client, address), address)
    work(app, "2026-11-27T23:30:00")
    assert "The round was closed meanwhile" in client.post(address, data=sent, follow_redirects=True).get_data(
        as_text=True
    )
    assert "Apply these corrections" not in shown(client, address)
    assert event(own).venue == ""


def bomb() -> bytes:
    """A small file that comes to 60 MB when it is unpacked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return file.getvalue()


def newer() -> bytes:
    """An archive that says to need a version of unpacking which nobody has yet."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("a", "b")
    data = bytearray(file.getvalue())
    data[data.index(b"PK\x01\x02") + 6] = 99
    return bytes(data)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_files_that_cannot_be_read_are_refused_in_one_sentence(link, client):
    for data, name, words in (
        (b"PK\x03\x04 nothing", "list.xlsx", "is not an Excel workbook"),
        # Its end says that it is an archive, and what is before it is none.
        (b"x" * 46 + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 46, 0, 0), "list.xlsx", "is not an Excel workbook"),
        (newer(), "list.xlsx", "is not an Excel workbook"),
        (bomb(), "list.xlsx", "The workbook is too large."),
        (b"%PDF-1.7", "list.pdf", "a file that ends in .xlsx or .csv"),
        (b"name,day\nA,B", "list.csv", "has no header row"),
        (b"title\n" + b"x\n" * 1001, "list.csv", "more than 1000 rows"),
        (b'title\n"open', "list.csv", "is not closed"),
    ):
        assert words in shown(client, sent_in(client, link(), data, name)), name
    assert db.session.scalars(select(RoundReply)).all() == []


def test_a_hostile_sheet_is_text_and_nothing_else(add_event, link, client):
    own = add_event(title="Own", first=DAY)
    book, rows = fetched(client, link())
    rows[str(own)]["venue"].value = MARKUP[0]
    for number, text in enumerate((*MARKUP, *(f"'{text}" for text in FORMULAS[:4]))):
        add_row(book, title=text, date_text=text, start=None, venue=text, contact=f"c{number}\x00\u202e"[:2])
    address = sent_in(client, link(), book)
    page = shown(client, address)
    assert not any(text in page for text in MARKUP if text.startswith("<"))
    applied(client, address)
    assert event(own).venue == MARKUP[0]
    entered = db.session.scalars(select(Event).where(Event.stage == Stage.SUBMITTED)).all()
    assert len(entered) > len(MARKUP) / 2
    again = load_workbook(io.BytesIO(client.get(f"{link()}/sheet").data)).worksheets[1]
    assert not any(cell.data_type == "f" for row in again.iter_rows() for cell in row)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_preview_asks_the_database_as_often_however_many_rows_it_has(app, add_event, opened):
    counts = []
    for _times in range(2):
        for number in range(5):
            add_event(title=f"Meeting {number}", first=date(2027, 2, 1 + number))
        with transaction() as session:
            own = exchange_rounds.own_events(session, "brs", clock.today())
            rows = [cells | {"venue": "Hall 2"} for cells in round_sheets.rows_of(session, own, reference())]
            sheet = sheets.Sheet(rows=list(enumerate(rows, 2)))
            reply_id = round_replies.store(session, sheet, "x.csv", DECEMBER, "brs", "test", clock.now()).id
        reply = db.session.get_one(RoundReply, reply_id)
        with counted_queries() as asked:
            planned = round_replies.plan(db.session(), reply, reference(), Words())
        assert {row.kind for row in planned} == {round_replies.RowKind.CHANGED}
        counts.append(len(asked))
    assert counts[0] == counts[1]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)
CITIES = st.sampled_from(["", "Geneva", "Nairobi", "A town nobody lists"])
DATES = st.sampled_from(
    [
        {"first": DAY, "last": date(2027, 2, 5)},
        {"first": date(2027, 4, 1), "last": date(2027, 6, 30), "precision": Precision.QUARTER, "date_text": "spring"},
        {"first": date(2027, 4, 1), "last": date(2027, 4, 30), "precision": Precision.MONTH},
        {"first": None, "precision": Precision.WORDS, "date_text": "some day"},
        {"first": DAY, "start_time": "09:30", "end_time": "11:00", "timezone": "Africa/Nairobi"},
    ]
)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@given(
    titles=st.lists(TEXT.map(" ".join).filter(str.strip) | st.sampled_from(FORMULAS), min_size=1, max_size=3),
    venue=TEXT | st.sampled_from(FORMULAS),
    city=CITIES,
    country=st.sampled_from(["", "CH", "KE"]),
    days=DATES,
    status=st.sampled_from(list(Status)),
)
@settings(max_examples=15)
def test_a_workbook_that_nobody_touched_changes_nothing(
    tmp_path_factory, app, titles, venue, city, country, days, status
):
    first, last = days.get("first"), days.get("last", days.get("first"))
    said = {name: value for name, value in days.items() if name not in {"first", "last"}}
    span = Span.inclusive(first, last) if first else None
    with transaction(keep=False) as session:
        for title in titles:
            record = EventRecord(
                titles={"en": title}, steward="brs", span=span, venue=venue, city=city, country=country, status=status,
                **said,
            )  # fmt: skip
            events.create(session, uuid.uuid4(), record, events.Change("test", clock.now()), reference())
        session.flush()
        own = exchange_rounds.own_events(session, "brs", date(2026, 11, 20))
        path = tmp_path_factory.mktemp("sheets") / "list.xlsx"
        path.write_bytes(round_sheets.workbook(session, own, reference(), Words("ar")))
        sheet = round_replies.read(path, Words())
        assert len(sheet.rows) == len(titles)
        reply = RoundReply(organisation_code="brs", rows=[{"line": line, "cells": cells} for line, cells in sheet.rows])
        planned = round_replies.plan(session, reply, reference(), Words())
        assert {row.kind for row in planned} == {round_replies.RowKind.UNCHANGED}, planned
