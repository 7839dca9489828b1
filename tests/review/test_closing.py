"""A review that is closed stays as it was, on its page and in its Word file, whatever becomes of the events."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from docx import Document
from docx.oxml.ns import qn
from sqlalchemy import select

from calendar_app.extensions import clock, transaction
from calendar_app.models import AuditEntry, Event, Review
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Visibility
from calendar_app.services import events, month
from calendar_app.services.records import Organiser, record_of
from calendar_app.services.reference import reference
from tests.people import browser_of
from tests.review.conftest import DECEMBER, NOVEMBER, decide, read, said
from tests.work.filling import opened, send

WORD_FILE = f"{NOVEMBER}/minutes.docx"
LATER = Span.inclusive(date(2027, 9, 6), date(2027, 9, 7))


@pytest.fixture
def held(ana, bo, clash, add_event):
    """A review with what it may have: a clash, a decision on it, an action, a free line, a head and a sign-off."""
    add_event(title="Taller sobre mercurio", titles={"es": "Taller sobre mercurio"}, first=date(2027, 3, 1))
    decide(ana, f"clash/{clash}", "Both look for another week.", answer="", owner_name="Eve", due_on="2026-12-10")
    decide(bo, "other", "Minamata drafts it.", subject="Joint statement", owner_organisation="minamata")
    head = {
        "start_time": "14:30",
        "chair": "Eve Chair",
        "attendance": "Ana\nBo",
        "meeting_url": "https://meet.example/x",
    }
    send(ana, f"{NOVEMBER}/head", head)
    send(bo, NOVEMBER, {"organisation": "minamata", "answer": "reviewed"}, action=f"{NOVEMBER}/sign-off")
    return clash


def close(browser):
    return send(browser, f"{NOVEMBER}/close", action=f"{NOVEMBER}/close")


def words_of(data: bytes) -> list[str]:
    """Everything that a Word file says, paragraph by paragraph, and cell by cell."""
    document = Document(BytesIO(data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    return texts + [cell.text for table in document.tables for row in table.rows for cell in row.cells]


def change_everything(titles: tuple[str, ...]) -> None:
    """Move one event, hide another, and give both another title."""
    with transaction() as session:
        for number, event in enumerate(session.query(Event).filter(Event.kind == "cop").order_by(Event.id)):
            record = replace(record_of(event), titles={"en": titles[number]}, span=LATER)
            if number == 0:
                record = replace(record, visibility=Visibility.STEWARD)
            events.change(session, event, record, events.Change("x", clock.now()), reference())


def test_a_closed_review_stays_as_it_was(held, ana, bo, at):
    assert close(ana).status_code == 303
    read(bo)  # what happened last is said once
    page, data = read(bo), bo.get(WORD_FILE).data
    assert "These are the minutes. They stay as they are." in page
    assert "Conference of brs" in page
    change_everything(("Another title", "One more title"))
    at("2026-11-20T10:00+00:00")

    def minutes(text: str) -> str:
        """The page without the moment of printing, and without what became of the actions later."""
        before, _printed, rest = text.partition("Printed:")
        return before + rest.partition("Zurich.")[2].partition("What became of the actions")[0]

    assert minutes(read(bo)) == minutes(page)
    assert words_of(bo.get(WORD_FILE).data) == words_of(data)
    ended = send(bo, "/review/actions/2", {"end-outcome": "Drafted."}, action="/review/actions/2/end")
    assert ended.status_code == 303
    read(bo)
    now = read(bo)
    assert minutes(now) == minutes(page)
    assert "Drafted." in now.partition("What became of the actions")[2]


def test_nothing_is_written_into_a_closed_review(held, ana, bo):
    adding = opened(bo, f"{NOVEMBER}?line=other", f"{NOVEMBER}/decisions")
    changing = opened(bo, f"{NOVEMBER}/decisions/1")
    page = opened(bo, NOVEMBER, f"{NOVEMBER}/sign-off")
    close(ana)
    sent = bo.post(f"{NOVEMBER}/decisions", data=adding | {"text": "Too late.", "subject": "Any"})
    assert sent.status_code == 409
    assert "The review was closed meanwhile." in sent.get_data(as_text=True)
    assert "Too late." in sent.get_data(as_text=True)
    assert bo.post(f"{NOVEMBER}/decisions/1", data=changing | {"text": "Too late."}).status_code == 409
    assert bo.post(f"{NOVEMBER}/sign-off", data=page | {"answer": "nothing-to-add"}).status_code == 303
    for address in (f"{NOVEMBER}/head", f"{NOVEMBER}/close"):
        assert ana.get(address).status_code == 303
        assert bo.get(address).status_code == 403
    text = read(bo)
    assert "Too late." not in text
    assert "Minamata : Reviewed" in text


def test_the_word_file_holds_what_the_page_holds(held, ana):
    agenda = Document(BytesIO(ana.get(WORD_FILE).data))
    assert agenda.core_properties.title == "Agenda of the coordination review, November 2026"
    close(ana)
    answer = ana.get(WORD_FILE)
    assert "review-2026-11.docx" in answer.headers["Content-Disposition"]
    document = Document(BytesIO(answer.data))
    properties = document.core_properties
    assert (properties.title, properties.author, properties.language) == (
        "Minutes of the coordination review, November 2026", "Ana (BRS)", "en",
    )  # fmt: skip
    assert [round(side.mm) for side in (document.sections[0].page_width, document.sections[0].page_height)] == [
        210,
        297,
    ]
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert [h for h in headings if h in {"New events", "Critical clashes", "Other business"}] == [
        "New events", "Critical clashes", "Other business",
    ]  # fmt: skip
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    assert ["Chair", "Eve Chair"] in tables[0]
    assert ["Attendance", "Ana, Bo"] in tables[0]
    assert ["Minamata", "Reviewed", "Bo (Minamata)"] in tables[1]
    assert [
        ["Decision or action", "In charge", "Due on"],
        ["Both look for another week.", "Eve", "10 December 2026"],
    ] in tables
    assert tables[-1][1] == ["Joint statement", "Minamata drafts it.", "Minamata", ""]
    assert document.tables[1].rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_in_arabic_every_line_runs_from_the_right_whatever_letters_it_begins_with(held, ana, hold):
    """What is a text of its own takes the direction of its first letter or mark that has one, as in HTML."""
    hold("brs", "MOP", first=date(2026, 11, 30), organisers=(Organiser("", "ozone"),))
    decide(ana, "other", "Ask.", owner_organisation="brs", owner_name="Eve", subject="Any")
    page = ana.get(f"{NOVEMBER}?lang=ar").get_data(as_text=True)
    page = page.partition("<main")[2].partition("</main>")[0]
    pattern = r'<bdi>([^<]*)</bdi>|<li dir="auto">([^<]*)</li>|dir="auto">([^<]*)</(?:a|span)>'
    texts = [html.unescape("".join(found)).strip() for found in re.findall(pattern, page)]
    arabic = [text for text in texts if re.search("[\u0600-\u06ff]", text)]
    assert any("BRS" in text for text in arabic)
    for text in arabic:
        first = next(c for c in text if unicodedata.bidirectional(c) in {"L", "R", "AL"})
        assert unicodedata.bidirectional(first) != "L", text
    assert "\u200f\u2068Eve\u2069، \u2068BRS\u2069" in texts


def test_the_word_file_in_arabic_runs_from_right_to_left(held, ana):
    document = Document(BytesIO(ana.get(f"{WORD_FILE}?lang=ar").data))
    assert document.sections[0]._sectPr.find(qn("w:bidi")) is not None
    assert all(table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in document.tables)
    paragraphs = [*document.paragraphs, *(p for t in document.tables for c in t._cells for p in c.paragraphs)]
    assert all(p._p.pPr is not None and p._p.pPr.find(qn("w:bidi")) is not None for p in paragraphs)
    runs = {run.text: run.font.rtl for p in paragraphs for run in p.runs}
    assert runs["Taller sobre mercurio"] is False
    assert any(rtl for rtl in runs.values())


def test_a_review_is_not_closed_before_the_day_on_which_it_is_held(ana, at, session):
    page = f"{DECEMBER}/close"
    held_on_usual_day = opened(ana, NOVEMBER, f"{NOVEMBER}/sign-off")
    refused = ana.post(page, data=held_on_usual_day)
    assert refused.status_code == 409
    assert "This review is held on 8 December 2026, and cannot be closed before that day." in said(refused.text)
    assert 'action="/review/2026-12/close"' not in ana.get(page).text
    assert session.get(Review, date(2026, 12, 1)) is None
    # It was held earlier.
    send(ana, f"{DECEMBER}/head", {"held_on": "2026-11-20"})
    assert send(ana, page, action=page).status_code == 303
    assert close(ana).status_code == 303
    # What comes next has its page, and the workspace leads there.
    assert "/review/2027-01" in ana.get("/workspace").text
    assert ana.get("/review/2027-01").status_code == 200
    assert ana.get("/review/2027-02").status_code == 404
    assert f'href="{DECEMBER}"' in ana.get(NOVEMBER).text


def test_a_review_that_was_closed_by_mistake_is_opened_again_until_the_next_one_is_closed(held, ana, bo, at, session):
    again = f"{NOVEMBER}/open-again"
    assert again not in ana.get(NOVEMBER).text
    close(ana)
    change_everything(("Another title", "One more title"))
    assert again not in bo.get(NOVEMBER).text
    form = opened(ana, NOVEMBER, again)
    assert ana.post(again, data=form).status_code == 303
    text = read(bo)
    assert "The review is open again." in read(ana)
    assert "These are the minutes." not in text
    assert "6–7 September 2027" in text
    assert "Minamata drafts it." in text
    assert decide(bo, "other", "One thing more.", subject="Any").status_code == 303
    ((entry,),) = session.execute(select(AuditEntry).where(AuditEntry.action == "review opened again")).all()
    assert (entry.actor, entry.subject, entry.details) == ("Ana (BRS)", "2026-11", {"closed by": "Ana (BRS)"})
    close(ana)
    send(ana, f"{DECEMBER}/head", {"held_on": "2026-11-20"})
    send(ana, f"{DECEMBER}/close", action=f"{DECEMBER}/close")
    assert ana.post(again, data=form).status_code == 303
    text = read(ana)
    assert "The review is not opened again" in text
    assert "These are the minutes." in text
    assert again not in ana.get(NOVEMBER).text


def test_a_month_in_which_nothing_was_written_down_keeps_its_page(app, ana, add_account, at, session):
    with transaction() as writing:
        month.cycle(writing, clock.now())
    assert ana.get("/review/2026-10").status_code == 404
    at("2027-02-05T09:00+00:00")
    ana = browser_of(app, add_account("eve@brs.example", brs="coordinator"))
    assert [ana.get(f"/review/{name}").status_code for name in ("2026-10", "2026-11", "2027-03", "2027-04")] == [
        404, 200, 200, 404,
    ]  # fmt: skip
    assert "Nothing was written down in this review." in read(ana, DECEMBER)
    assert 'href="/review/2027-01"' in ana.get(DECEMBER).text
    assert "Nothing was written down" not in read(ana, "/review/2027-02")
    assert session.scalars(select(Review)).all() == [], "to look at it writes nothing"
