"""An event from its publication to its cancellation, as two calendars show it that somebody subscribed to once.

A coordinator sends the forms; the calendar is served by processes of its own from the same database; each subscription
keeps what it has from one look to the next, so updates are what is tested. vdirsyncer with khal, and Evolution Data
Server, which GNOME Calendar and Evolution show their calendars from.
"""

from __future__ import annotations

import urllib.request
import uuid
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from icalendar import Calendar

from calendar_app import cli
from calendar_app.extensions import clock, transaction
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import events
from calendar_app.services.records import EventRecord
from calendar_app.services.reference import reference
from tests.conftest import ON_SQLITE, close_databases, make_app
from tests.feeds import evolution, vdirsyncer_khal
from tests.feeds.ics_lint import lint
from tests.feeds.programs import Shown
from tests.feeds.readers import READERS, in_ci
from tests.people import browser_of, new_account
from tests.serving import served
from tests.work.filling import send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from flask.testing import FlaskClient

TITLE, NEW_TITLE = "Workshop on mercury, waste; and trade", "Workshop: mercury — الزئبق"
NEIGHBOUR = "Another meeting on the same days"

pytestmark = [pytest.mark.enable_socket, pytest.mark.xdist_group("serving")]


class Step(NamedTuple):
    """What the coordinator does (a form, what is typed into it), and what calendars have to show then."""

    form: str
    typed: dict[str, Any]
    shown: Shown


def life(first: date) -> list[Step]:
    """Return the steps; the event is held on five days from `first`, later on others."""

    def shown(title: str, weeks: int, days: int, status: str) -> Shown:
        begin = first + timedelta(weeks=weeks)
        return Shown(title, begin, begin + timedelta(days=days - 1), status)

    def dates(weeks: int, days: int) -> dict[str, str]:
        _, begin, end, _ = shown("", weeks, days, "")
        return {"first_day": str(begin), "last_day": str(end), "reason": "The host asked for it."}

    why = {"reason": "The host withdrew."}
    return [
        Step("publish", {}, shown(TITLE, 0, 5, "CONFIRMED")),
        Step("edit", {"title": NEW_TITLE}, shown(NEW_TITLE, 0, 5, "CONFIRMED")),
        Step("move", dates(3, 4), shown(NEW_TITLE, 3, 4, "CONFIRMED")),
        Step("move", {"status": "tentative", **why}, shown(NEW_TITLE, 3, 4, "TENTATIVE")),
        Step("postpone", why, shown(f"[POSTPONED] {NEW_TITLE}", 3, 4, "TENTATIVE")),
        Step("move", dates(20, 3) | {"status": "confirmed"}, shown(NEW_TITLE, 20, 3, "CONFIRMED")),
        Step("cancel", why, shown(f"[CANCELLED] {NEW_TITLE}", 20, 3, "CANCELLED")),
    ]


@contextmanager
def coordinator(database_url: str, folder: Path) -> Iterator[FlaskClient]:
    """The browser of somebody who keeps the events of a new calendar, which is at the real time."""
    app = make_app(database_url, folder, CLOCK="")
    app.config["FORM_LEAST_SECONDS"] = 0
    with app.app_context():
        cli.prepare(empty=True)
        yield browser_of(app, new_account("ana@brs.example", brs="coordinator"))
        close_databases()


def add(title: str, days: Span, stage: Stage) -> uuid.UUID:
    """Add a meeting of one organisation to the current application's calendar."""
    record = EventRecord(titles={"en": title}, processes=("minamata",), steward="brs", span=days, stage=stage)
    event_id = uuid.uuid4()
    with transaction() as session:
        events.create(session, event_id, record, events.Change("test", clock.now()), reference())
    return event_id


def revision(data: bytes, event_id: uuid.UUID) -> tuple[int, Any]:
    """SEQUENCE and LAST-MODIFIED of an event in a feed that has nothing wrong."""
    assert lint(data) == []
    (event,) = (each for each in Calendar.from_ical(data).walk("VEVENT") if each["UID"] == str(event_id))
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt
    return event["SEQUENCE"], event["LAST-MODIFIED"].dt


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read()


def require_programs() -> None:
    reasons = [reader.missing() for reader in READERS if reader.name == "vdirsyncer and khal"] + [evolution.missing()]
    if absent := "; ".join(filter(None, reasons)):
        (pytest.fail if in_ci() else pytest.skip)(absent)


@ON_SQLITE
def test_subscribed_calendars_follow_an_event_through_its_whole_life(empty_database, tmp_path):
    require_programs()
    for name in ("khal", "evolution"):
        (tmp_path / name).mkdir()
    with coordinator(empty_database, tmp_path) as browser:
        first = clock.today() + timedelta(days=200)
        days = Span.inclusive(first, first + timedelta(days=4))
        neighbour = Shown(NEIGHBOUR, days.start, days.last, "CONFIRMED")
        add(NEIGHBOUR, days, Stage.PUBLISHED)
        event_id = add(TITLE, days, Stage.DRAFT)
        with served(tmp_path, DATABASE_URL=empty_database) as running:
            feed = f"{running.address}/feeds/all.ics"
            khal = vdirsyncer_khal.Subscription(tmp_path / "khal", feed)
            with evolution.subscribed(tmp_path / "evolution", feed) as gnome:
                assert khal.sync() == gnome.sync() == [neighbour]
                before = (-1, None)
                for step in life(first):
                    answer = send(browser, f"/events/{event_id}/{step.form}", step.typed)
                    assert answer.status_code == 303, step
                    for program in (khal, gnome):
                        assert program.sync() == sorted([neighbour, step.shown]), (program, step)
                    now = revision(get(feed), event_id)
                    assert now[0] > before[0]
                    assert before[1] is None or now[1] > before[1]
                    before = now
                assert khal.sync() == sorted([neighbour, step.shown])
        assert "Traceback" not in running.log.read_text(errors="replace")
