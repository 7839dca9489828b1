"""The life of an exchange round, with a moved clock: it opens, asks, reminds, closes and freezes; also late."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, ExchangeRound, OutboxAttachment, RoundEntry
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import event_work, events, exchange_rounds, round_snapshots
from calendar_app.services.calendar import A_MEMBER, can_see
from calendar_app.services.exchange_rounds import Answer
from calendar_app.services.records import INTERNAL_FIELDS, record_of
from calendar_app.services.reference import reference
from tests.conftest import counted_queries
from tests.exchange.conftest import BRS, DECEMBER, MINAMATA, at, event, letters, link_in, work
from tests.web.forms import post

pytestmark = pytest.mark.either_database

OPENS, REMINDS, CLOSES = "2026-11-20T06:00:00", "2026-11-25T06:00:00", "2026-11-27T23:30:00"


def state() -> str:
    found = exchange_rounds.of_month(db.session(), DECEMBER)
    return found.state if found else ""


def test_a_round_opens_asks_reminds_who_is_outstanding_and_closes(app, cycle, client, add_event):
    add_event(title="Own", first=date(2027, 2, 1))
    add_event(title="Over", first=date(2026, 3, 1))
    work(app, "2026-11-20T04:00:00")
    assert state() == ""
    work(app, OPENS)
    assert state() == "open"
    assert {letter.to_email for letter in letters()} == {BRS, MINAMATA}
    (asked,) = letters(BRS)
    assert "27 November 2026" in asked.subject
    assert "Your events to come: 1" in asked.text
    assert "Never confirmed, or not for 90 days: 1" in asked.text
    work(app, "2026-11-24T12:00:00")
    assert len(letters()) == 2
    post(client, link_in(asked), {"act": "nothing-to-add"})
    work(app, REMINDS)
    assert [letter.to_email for letter in letters()[2:]] == [MINAMATA]
    work(app, "2026-11-27T22:00:00")
    assert state() == "open"
    work(app, CLOSES)
    assert state() == "closed"
    given = {a.organisation: a.answer for a in exchange_rounds.answers(db.session(), DECEMBER)}
    assert given.pop("brs") is Answer.NOTHING_TO_ADD
    assert set(given.values()) == {Answer.OUTSTANDING}
    assert len(letters()) == 3


def test_the_letter_carries_the_events_as_a_workbook_that_says_what_to_do(app, cycle, add_event):
    event_id = add_event(title="=1+1", first=date(2027, 2, 1), notes="Secret.", city="Geneva", country="CH")
    work(app, OPENS)
    (asked,) = letters(BRS)
    file = db.session.scalar(select(OutboxAttachment).where(OutboxAttachment.message_id == asked.id))
    book = load_workbook(io.BytesIO(file.data))
    guide, page = book.worksheets
    assert "Correct what is wrong" in str(guide["A3"].value)
    names = [cell.value for cell in page[1]]
    row = dict(zip(names, [cell.value for cell in page[2]], strict=True))
    assert (row["id"], row["title"], row["city"]) == (str(event_id), "'=1+1", "Geneva")
    assert row["start"].date() == date(2027, 2, 1)
    assert not INTERNAL_FIELDS & set(names)
    assert page.column_dimensions["B"].hidden


def test_closing_keeps_what_all_members_see_and_nothing_internal(app, cycle, add_event):
    seen = {
        add_event(title="Public", first=date(2027, 2, 1), notes="Secret."),
        add_event(title="For members", first=date(2026, 12, 1), visibility=Visibility.MEMBERS, steward="minamata"),
        add_event(title="In words", first=None, precision=Precision.WORDS, date_text="some day"),
        add_event(title="A quarter", first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER),
        add_event(title="On the last day", first=date(2026, 11, 28)),
        add_event(title="Postponed", first=date(2026, 5, 1), status=Status.POSTPONED),
        add_event(title="Cancelled", first=date(2027, 5, 1), status=Status.CANCELLED),
    }
    add_event(title="Hidden", first=date(2027, 2, 1), visibility=Visibility.STEWARD)
    add_event(title="Draft", first=date(2027, 2, 1), stage=Stage.DRAFT)
    add_event(title="Over", first=date(2026, 11, 26))
    work(app, OPENS)
    work(app, CLOSES)
    kept = round_snapshots.entries(db.session(), DECEMBER)
    assert {entry.event_id for entry in kept} == seen
    assert all(can_see(A_MEMBER, event(event_id)) for event_id in seen)
    assert not any(INTERNAL_FIELDS & entry.facts.keys() or "Secret" in str(entry.facts) for entry in kept)


def test_a_server_that_was_down_still_asks_on_the_last_day_but_not_after_it(app, cycle):
    work(app, "2026-11-27T15:00:00")
    assert {letter.to_email for letter in letters()} == {BRS, MINAMATA}
    assert all(letter.key.split("/")[2] == "ask" for letter in letters())
    work(app, "2026-11-27T16:00:00")
    assert len(letters()) == 2


def test_a_round_that_nobody_could_open_is_kept_all_the_same_and_nobody_is_asked_too_late(app, cycle, add_event):
    add_event(title="Own", first=date(2027, 2, 1))
    work(app, "2026-11-30T09:00:00")
    assert state() == "closed"
    assert letters() == []
    assert [entry.facts["titles"]["en"] for entry in round_snapshots.entries(db.session(), DECEMBER)] == ["Own"]
    found = db.session.get(ExchangeRound, DECEMBER)
    assert round_snapshots.as_of(found, found.closed_at) == date(2026, 11, 30)


def test_a_round_whose_end_fell_into_a_long_downtime_is_closed_when_the_next_one_begins(app, cycle):
    work(app, OPENS)
    work(app, "2027-01-21T09:00:00")
    states = {f"{found.month:%Y-%m}": found.state for found in exchange_rounds.all_rounds(db.session())}
    assert states == {"2026-12": "closed", "2027-01": "closed", "2027-02": "open"}


def test_steps_done_again_do_nothing_again(app, cycle, add_event):
    add_event(title="Own", first=date(2027, 2, 1))
    for moment in (OPENS, OPENS, REMINDS, REMINDS, CLOSES, CLOSES):
        work(app, moment)
    assert len(letters()) == 4
    assert len(db.session.scalars(select(RoundEntry)).all()) == 1


def test_a_closed_round_stays_as_it_was_and_shows_what_changed_since_the_one_before(app, cycle, add_event, signed_in):
    days = {"first": date(2027, 5, 3), "last": date(2027, 5, 7)}
    moved, cancelled, firm, gone = (
        add_event(title=title, **days, status=Status.TENTATIVE) for title in ("Moving", "Off", "Firm", "Gone")
    )
    over = add_event(title="Took place", first=date(2026, 12, 10))
    work(app, OPENS)
    work(app, CLOSES)
    at("2026-12-05T09:00:00")
    new = add_event(title="Brand new", first=date(2027, 6, 1))
    with transaction() as session:
        made = events.Change("test", clock.now(), "Because.")
        found = [session.get_one(Event, event_id) for event_id in (moved, cancelled, firm, gone)]

        later = Span.inclusive(date(2027, 5, 10), date(2027, 5, 14))
        event_work.move(session, found[0], replace(record_of(found[0]), span=later), made, reference())
        event_work.set_status(session, found[1], Status.CANCELLED, made, reference())
        event_work.set_status(session, found[2], Status.CONFIRMED, made, reference())
        event_work.withdraw(session, found[3], made, reference())
    work(app, "2026-12-21T08:00:00")
    work(app, "2026-12-30T09:00:00")
    january = date(2027, 1, 1)
    old, now = (round_snapshots.entries(db.session(), month) for month in (DECEMBER, january))
    kinds = {c.kind: (c.new or c.old).event_id for c in round_snapshots.changes(old, now, date(2026, 12, 30))}
    assert kinds == {"new": new, "moved": moved, "cancelled": cancelled, "confirmed": firm, "gone": gone}
    assert over in {entry.event_id for entry in old}
    assert [e.facts["span"] for e in old if e.event_id == moved] == [["2027-05-03", "2027-05-07"]]
    reader = signed_in("ana@minamata.example", minamata="contributor")
    text = reader.get("/exchange/2027-01").get_data(as_text=True)
    for words in ("Moving", "3–7 May 2027", "10–14 May 2027", "Brand new", "No longer on the list"):
        assert words in text
    frozen = reader.get("/exchange/2026-12.csv").get_data().decode("utf-8-sig")
    assert {row["title"]: row["start"] for row in csv.DictReader(io.StringIO(frozen))}["Moving"] == "2027-05-03"


def test_a_round_is_shown_in_the_same_number_of_questions_however_long_its_list(app, cycle, add_event, signed_in):
    work(app, OPENS)
    reader = signed_in("ana@minamata.example", minamata="coordinator")
    counts = []
    for _times in range(2):
        for number in range(4):
            add_event(title=f"Meeting {number}", first=date(2027, 2, 1 + number), steward="minamata")
        with counted_queries() as asked:
            assert reader.get("/exchange/2026-12/of/minamata").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    work(app, CLOSES)
    reader = signed_in("eva@minamata.example", minamata="coordinator")
    with counted_queries() as asked:
        assert reader.get("/exchange/2026-12").status_code == 200
    assert len(asked) < 20


def test_the_page_says_of_whom_nobody_is_asked(app, opened, signed_in):
    page = signed_in("ana@brs.example", brs="coordinator").get("/exchange/2026-12").get_data(as_text=True)
    silent = [row for row in page.split("<tr>") if "Has no address: nobody is asked." in row]
    # brs and minamata chose an address; of the two others nobody has an account.
    assert len(silent) == 2
