"""Every hostile input is refused at its fields, or stored and shown safely wherever it later appears."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Draft, Event, OutboxMessage, Submission
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services import events, importing, outbox, sheets
from calendar_app.services.columns import COLUMNS
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from calendar_app.web.submit import sending
from calendar_app.web.submit.typed import form_of
from tests.conftest import close_databases, make_app
from tests.feeds.ics_lint import lint
from tests.submit.conftest import fill_in, opened
from tests.submit.hostile import CASES, RAW, TEXTS

if TYPE_CHECKING:
    from flask import Flask

pytestmark = pytest.mark.xdist_group("hostile_form")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\u202a-\u202e]")
ELEMENTS = frozenset(
    "html head meta title link body a header div nav ul ol li main h1 h2 h3 h4 p span svg use path form input label "
    "select option optgroup button textarea fieldset legend details summary footer script time strong em bdi table "
    "thead tbody tr th td caption dl dt dd datalist aside section article blockquote small abbr br img circle rect "
    "line g symbol defs polyline polygon ellipse colgroup "
    "col code hr b i mark del ins template figure figcaption desc".split()
)


class Look(HTMLParser):
    """Fails at whatever in a page can run."""

    def __init__(self, html: str, where: str) -> None:
        super().__init__()
        self.where, self.elements, self._script, self._data = where, 0, False, False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        self.elements += 1
        assert tag in ELEMENTS, (self.where, tag)
        assert not [name for name in values if name.startswith("on") or name in {"srcdoc", "style"}], (
            self.where,
            attrs,
        )
        for name in ("href", "src", "action", "formaction"):
            scheme = re.match(r"\s*([a-z]+):", values.get(name, ""), re.IGNORECASE)
            assert scheme is None or scheme[1].lower() in {"http", "https", "mailto", "webcal", "tel"}, (
                self.where,
                attrs,
            )
        # Data for search engines is in the page, and no program: it has to be read as it was meant.
        self._data = tag == "script" and values.get("type") == "application/ld+json"
        self._script = tag == "script" and not self._data
        if self._script:
            assert values["src"].startswith("/static/"), self.where

    def handle_data(self, data):
        assert not self._script or not data.strip(), self.where
        if self._data:
            assert json.loads(data)["@context"] == "https://schema.org", self.where

    def handle_endtag(self, _tag):
        self._script = self._data = False


def look(answer, where: str, statuses: tuple[int, ...] = (200,)) -> str:
    """Look at a page; return it."""
    assert answer.status_code in statuses, (where, answer.status_code)
    text = answer.get_data(as_text=True)
    found = CONTROLS.search(text)
    assert not found, (where, found)
    assert Look(text, where).elements > 20
    return text


@dataclass
class Stored:
    """The application after all of it was sent, and what became of each case."""

    app: Flask
    answers: dict[str, int]
    # Pages are made of what is read: on the second database some of them are looked at.
    step: int


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stored(request, tmp_path_factory):
    """Everything sent by strangers; what was taken is confirmed and published."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    url = databases.make(with_tables=True)
    app = make_app(url, tmp_path_factory.mktemp("hostile"))
    app.config["FORM_LEAST_SECONDS"] = 0
    with app.app_context():
        is_first = databases.kind == "sqlite"
        answers = _send_all(app, CASES if is_first else [case for case in TEXTS if case.name.startswith("title")])
        _publish_all(app)
        yield Stored(app, answers, 1 if is_first else 4)
        close_databases()
    databases.drop(url)


def _send_all(app, cases) -> dict[str, int]:
    browser = app.test_client()
    hidden = opened(browser)
    answers = {}
    for number, case in enumerate(cases):
        # A week of its own, or they would all get into each other's way.
        first = date(2027, 4, 19) + timedelta(weeks=number % 150)
        days = {"first_day": f"{first}", "last_day": f"{first + timedelta(2)}"}
        data = hidden | {"key": f"{number:043}", "sure": "1", **(days if _has_usual_days(case) else {})}
        data = {name: value for name, value in (fill_in() | data | case.changes).items() if value is not None}
        answer = browser.post("/submit", data=data)
        assert answer.status_code in {303, 413, 422}, (case, answer.status_code)
        if answer.status_code == 422:
            html = look(answer, case.name, (422,))
            assert 'class="field-error"' in html or "press the button again" in html, case
        answers[case.name] = answer.status_code
    return answers


def _has_usual_days(case) -> bool:
    return not {"dates", "first_day", "last_day"} & case.changes.keys()


def _publish_all(app) -> None:
    with app.test_request_context():
        waiting = db.session.scalars(select(Submission)).all()
        forms = {found.id: form_of(found.form, None, csrf=False) for found in waiting}
        for found in waiting:
            assert forms[found.id].validate(), (found.form, forms[found.id].errors)
        with transaction() as session:
            for submission_id, form in forms.items():
                sending.confirm(session, session.get(Submission, submission_id), form)
            session.flush()
            for event in session.scalars(select(Event)).all():
                made = events.Change("Ana (BRS)", clock.now(), "", None)
                record = replace(record_of(event), stage=Stage.PUBLISHED)
                events.change(session, event, record, made, reference())


def test_there_are_enough_different_inputs():
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({repr(case.changes) for case in CASES}) >= 500
    assert len(RAW) >= 20


def test_each_input_is_stored_or_refused_at_a_field(stored):
    taken = [name for name, status in stored.answers.items() if status == 303]
    refused = [name for name, status in stored.answers.items() if status == 422]
    assert len(taken) >= (200 if stored.step == 1 else 80)
    assert len(refused) >= (150 if stored.step == 1 else 3)
    # Text is taken as it is, however odd; what has a meaning of its own is not.
    assert stored.answers["title-0"] == 303
    values = ("first_day-8", "timezone-9", "web_url-0", "email-7", "kind-1", "organisation-1")
    for name in ("title-length-501", *(values if stored.step == 1 else ())):
        assert stored.answers[name] == 422, name
    assert {stored.answers[f"title-length-{n}"] for n in (1, 300, 500)} == {303}


def test_what_is_stored_has_no_control_characters_and_belongs_to_whom_it_was_sent(stored):
    for event in db.session.scalars(select(Event)):
        record = record_of(event)
        texts = [*record.titles.values(), *record.descriptions.values(), record.venue, record.city, record.contact]
        texts += [record.date_text, *(o.name for o in record.organisers)]
        assert not [text for text in texts if CONTROLS.search(text)]
        assert not [text for text in (*record.titles.values(), record.venue, record.city) if "\n" in text]
        assert record.steward == "brs"
        assert record.visibility == Visibility.PUBLIC
        assert record.notes == ""


def test_the_pages_show_it_as_text(stored):
    browser = stored.app.test_client()
    for address in ("/", "/?page=2", "/?page=3", "/past", "/planner?from=2027-01&months=12", "/calendar?from=2027-04"):
        look(browser.get(address), address, (200, 301, 302, 400, 404))
    look(browser.get("/?q=probe"), "search")
    ids = db.session.scalars(select(Event.id)).all()
    db.session.rollback()
    for event_id in ids[:: stored.step]:
        look(browser.get(f"/events/{event_id}"), f"event {event_id}")
    assert len(ids) >= 80


def test_the_sender_sees_it_as_text(stored):
    browser = stored.app.test_client()
    ids = db.session.scalars(select(Submission.id)).all()
    for submission_id in ids[::4]:
        with browser.session_transaction() as kept:
            kept["submissions"] = [submission_id.hex]
        look(browser.get(f"/submissions/{submission_id}"), str(submission_id))


def test_the_feeds_are_sound(stored):
    browser = stored.app.test_client()
    for address in ("/feeds/all.ics", "/feeds/calendar.ics?tbc=1&from=1970-01-01"):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert lint(answer.data) == []
        assert b"\nUID:evil" not in answer.data
        assert b"\r\nBEGIN:VCALENDAR" not in answer.data
        assert answer.data.count(b"\r\nEND:VCALENDAR") == 1
    for event_id in db.session.scalars(select(Event.id).where(Event.start.is_not(None))).all()[::4]:
        assert lint(browser.get(f"/events/{event_id}.ics").data) == []


def test_no_cell_of_the_export_is_a_formula(stored, tmp_path):
    path = tmp_path / "export.csv"
    with stored.app.test_request_context():
        written = sheets.write_sheet(path, COLUMNS, importing.export_rows(db.session(), reference()))
    assert written >= 80
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for row in rows[1:]:
        for cell in row:
            assert cell[:1] not in {*"=+-@\t\r"}, cell


def test_the_letters_have_one_subject_one_reader_and_no_markup_of_others(stored):
    with transaction(keep=False) as session:
        count = 0
        while claimed := outbox.claim(session, clock.now()):
            count += 1
            message = message_from_bytes(
                outbox.message_of(claimed, "calendar@localhost").as_bytes(), policy=policy.default
            )
            assert message["Bcc"] is None
            assert message["Set-Cookie"] is None
            assert len(message["To"].addresses) == 1
            for name, value in message.items():
                assert not re.search(r"[\r\n\x00]", value), (name, value)
            html = message.get_body(("html",)).get_content()
            assert "<script" not in html
            assert not re.search(r"<[^>]+\bon\w+=", html)
            assert not re.search(r"<(?:img|svg|iframe|style|base)\b", html) or "probe" not in html
            assert not CONTROLS.search(message.get_body(("plain",)).get_content())
        assert count >= 80
    assert session.scalars(select(OutboxMessage.state)).first() == "queued"


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: raw.name)
def test_requests_that_no_browser_sends_are_refused(stored, raw):
    before = len(db.session.scalars(select(Submission.id)).all())
    db.session.rollback()
    browser = stored.app.test_client()
    for address in ("/submit", "/submit/draft", "/submit/draft/discard"):
        answer = browser.post(address, data=raw.body, content_type=raw.content_type)
        assert answer.status_code in {400, 413, 422}, (address, answer.status_code)
        assert "Traceback" not in answer.get_data(as_text=True)
        if len(raw.body) > 2 * 1024 * 1024:
            assert answer.status_code == 413
    assert len(db.session.scalars(select(Submission.id)).all()) == before


def test_anything_typed_is_kept_as_a_draft_and_shown_again_as_text(stored):
    browser = stored.app.test_client()
    hidden = opened(browser)
    usual = fill_in(first_day="2031-04-21", last_day="2031-04-23")
    for case in CASES[:: len(CASES) // 40]:
        data = {name: value for name, value in (usual | hidden | case.changes).items() if value is not None}
        answer = browser.post("/submit", data={**data, "csrf_token": hidden["csrf_token"], "action": "draft"})
        assert answer.status_code == 303, case
        look(browser.get("/submit"), case.name)
    assert len(db.session.scalars(select(Draft.id)).all()) >= 1
