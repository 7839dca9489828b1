"""August to November 2025 on the real calendar, with a clock that is moved hour by hour, as three secretariats live it.

Everything goes the way people and the scheduler take: steps that are due, letters with their links, forms of pages.
By hand, to look at what was sent: .venv/bin/python -m tests.months.autumn --to /tmp/autumn
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import threading
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import days, mail
from calendar_app.jobs import month as job
from calendar_app.models import Event
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Status
from calendar_app.services import event_work, events
from calendar_app.services.records import EventRecord, record_of
from calendar_app.services.reference import reference
from tests.conftest import Databases, close_databases, load_packaged, make_app
from tests.mail.servers import post_office
from tests.people import browser_of, new_account
from tests.web.forms import post
from tests.work.filling import send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from flask import Flask
    from flask.testing import FlaskClient

BEGIN, END = datetime(2025, 8, 4, 6, tzinfo=UTC), datetime(2025, 12, 1, 12, tzinfo=UTC)
PEOPLE = {"brs": "ana@brs.example", "minamata": "bo@minamata.example", "chb": "cy@chb.example"}
# The hours of a day at which the scheduler looks: at eight in the morning, and at noon.
_HOURS = (6, 10)


@dataclass
class Autumn:
    """What came of it: the mail each address got, in order, and what was made on the way."""

    mail: list[tuple[datetime, str, EmailMessage]] = field(default_factory=list)
    moved: uuid.UUID | None = None
    cancelled: uuid.UUID | None = None
    added: uuid.UUID | None = None
    pages: dict[str, str] = field(default_factory=dict)

    def subjects(self, address: str, *, first: str, last: str) -> list[str]:
        """The subjects of the mail to an address from one day to another, both included."""
        return [
            str(message["Subject"])
            for at, to, message in self.mail
            if to == address and first <= f"{at:%Y-%m-%d}" <= last
        ]

    def digest(self, code: str, month: str) -> EmailMessage:
        """The only planning digest that a secretariat got on the days of a month."""
        (found,) = [
            message
            for at, to, message in self.mail
            if to == PEOPLE[code] and f"{at:%Y-%m}" == month and "digest" in str(message["List-Id"] or "").lower()
        ]
        return found

    def asked(self, code: str, month: str) -> EmailMessage:
        """The first letter of a round that a secretariat got in a month."""
        letters = (m for at, to, m in self.mail if to == PEOPLE[code] and f"{at:%Y-%m}" == month)
        return next(m for m in letters if "/round/" in text_of(m))


def text_of(message: EmailMessage) -> str:
    """The plain text of a message."""
    return message.get_body(("plain",)).get_content()


def live(app: Flask) -> Autumn:
    """Live through it, in an application whose calendar is empty."""
    autumn = Autumn()
    clock.fixed = BEGIN
    load_packaged()
    accounts = {
        code: new_account(email, name=email[:3].title(), **{code: "coordinator"}) for code, email in PEOPLE.items()
    }
    with post_office() as office:
        app.config["MAIL_TRANSPORT"] = office.transport()
        for moment in _moments():
            clock.fixed = moment
            _work(app, autumn, office)
            if plan := PLAN.get((f"{moment:%m-%d}", moment.hour)):
                # A browser of its own each time: nobody stays signed in for weeks.
                plan(autumn, {code: browser_of(app, account) for code, account in accounts.items()})
    return autumn


def _moments() -> Iterator[datetime]:
    day = BEGIN.date()
    while day <= END.date():
        for hour in _HOURS:
            moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
            if BEGIN < moment <= END:
                yield moment
        day += timedelta(days=1)


def _work(app: Flask, autumn: Autumn, office) -> None:
    """Let the scheduler do what is due, and the mail go out."""
    job.run(app, threading.Event())
    if clock.fixed.hour == 6:
        for step in (days.publish, days.release, days.remind, days.remind_owners, days.remind_of_actions):
            step(app)
    before = len(office.taken)
    mail.deliver(app, threading.Event())
    autumn.mail += [(clock.fixed, address, message) for address, message in office.taken[before:]]
    db.session.rollback()


# ---------- What people do, by day (UTC hour) ----------


def _answer_the_september_round(autumn: Autumn, browsers: dict[str, FlaskClient]) -> None:
    """BRS confirms its list by the letter's link, without signing in. CHB never answers."""
    link = _round_link(autumn, "brs")
    answer = send(browsers["brs"].application.test_client(), link, {"act": "confirm-all"}, action=link)
    assert answer.status_code == 303, answer.text


def _answer_after_the_reminder(autumn: Autumn, browsers: dict[str, FlaskClient]) -> None:
    post(browsers["minamata"].application.test_client(), _round_link(autumn, "minamata"), {"act": "nothing-to-add"})


def _round_link(autumn: Autumn, code: str) -> str:
    """The path of the page to which the last letter about a round leads."""
    found = [re.search(r"https?://\S+/round/\S+", text_of(m)) for _at, to, m in autumn.mail if to == PEOPLE[code]]
    return urlsplit(next(filter(None, reversed(found)))[0]).path


def _plan_changes(autumn: Autumn, _browsers: dict[str, FlaskClient]) -> None:
    """Minamata moves one of its meetings, CHB cancels one, BRS adds a webinar."""
    with transaction() as session:
        coming = [
            event
            for event in session.scalars(
                select(Event).where(Event.start > date(2025, 10, 15), Event.precision == "day")
            )
            if event.status == Status.CONFIRMED and event.part_of_id is None
        ]
        coming.sort(key=lambda event: (event.start, str(event.id)))
        moved = next(
            e for e in coming if e.steward_code == "minamata" and e.kind not in {"cop", "deadline", "observance"}
        )
        cancelled = next(e for e in coming if e.steward_code == "chb")
        week = timedelta(days=7)
        made = events.Change("Bo (minamata)", clock.now(), "The host asked for it.")
        new = replace(record_of(moved), span=Span(moved.start + week, moved.end + week))
        events.change(session, moved, new, replace(made, action="moved"), reference())
        event_work.set_status(session, cancelled, Status.CANCELLED, replace(made, actor="Cy (chb)"), reference())
        days_ = Span.inclusive(date(2025, 11, 25), date(2025, 11, 25))
        record = EventRecord(
            titles={"en": "Webinar on waste shipments"}, kind="webinar", processes=("basel",), span=days_, steward="brs"
        )
        added = events.create(session, uuid.UUID(int=25), record, replace(made, actor="Ana (brs)"), reference())
        autumn.moved, autumn.cancelled, autumn.added = moved.id, cancelled.id, added.id


def _hold_the_september_review(autumn: Autumn, browsers: dict[str, FlaskClient]) -> None:
    """Two secretariats write at once; the action's owner has no account. The convener closes."""
    page = "/review/2025-09"
    autumn.pages["review of September, open"] = browsers["minamata"].get(page).text
    due = {"owner_organisation": "chb", "owner_name": "Dee", "owner_email": "dee@chb.example", "due_on": "2025-10-03"}
    _decide(browsers["minamata"], page, "Ask the host for a second room.", **due)
    _decide(browsers["brs"], page, "The list of observers is agreed.")
    assert send(browsers["brs"], f"{page}/close", action=f"{page}/close").status_code == 303


def _decide(browser: FlaskClient, page: str, text: str, **typed: str) -> None:
    answer = send(
        browser,
        f"{page}?line=other",
        {"subject": "Any other business", "text": text, **typed},
        action=f"{page}/decisions",
    )
    assert answer.status_code == 303, answer.text


def _hold_the_october_review(autumn: Autumn, browsers: dict[str, FlaskClient]) -> None:
    page = "/review/2025-10"
    autumn.pages["review of October, open"] = browsers["brs"].get(page).text
    assert send(browsers["brs"], f"{page}/close", action=f"{page}/close").status_code == 303


def _do_the_action(_autumn: Autumn, browsers: dict[str, FlaskClient]) -> None:
    page = "/review/actions/1"
    answer = send(
        browsers["chb"], page, {"end-outcome": "The host has one.", "end-state": "done"}, action=f"{page}/end"
    )
    assert answer.status_code == 303, answer.text


def _hold_the_november_review(autumn: Autumn, browsers: dict[str, FlaskClient]) -> None:
    autumn.pages["review of September, closed"] = browsers["minamata"].get("/review/2025-09").text
    autumn.pages["review of November, open"] = browsers["brs"].get("/review/2025-11").text
    autumn.pages["round of October"] = browsers["chb"].get("/exchange/2025-10").text


PLAN = {
    ("08-22", 10): _answer_the_september_round,
    ("08-26", 10): _answer_after_the_reminder,
    ("09-08", 10): _hold_the_september_review,
    ("09-16", 10): _plan_changes,
    ("09-24", 10): _answer_the_september_round,
    ("10-08", 10): _hold_the_october_review,
    ("10-20", 10): _do_the_action,
    ("11-10", 10): _hold_the_november_review,
}


def main() -> int:
    """Live through it and write down what was sent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True)
    folder: Path = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        app = make_app(Databases("sqlite", Path(name)).make(with_tables=True), Path(name), CLOCK=BEGIN.isoformat())
        with app.app_context():
            autumn = live(app)
            close_databases()
    for number, (at, address, message) in enumerate(autumn.mail):
        stem = folder / f"{number:03} {at:%m-%d %H} {address}"
        stem.with_suffix(".eml").write_bytes(message.as_bytes())
        print(f"{at:%Y-%m-%d %H:%M}  {address:24} {message['Subject']}")
    for name, page in autumn.pages.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
