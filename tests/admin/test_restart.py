"""What was added to the lists outlives a restart, and holds on the command line."""

from __future__ import annotations

import csv

import pytest

from calendar_app import cli
from calendar_app.extensions import clock, db, transaction
from calendar_app.models import CalendarVersion, Event
from calendar_app.services import accounts, reference_entries
from calendar_app.services.access import person_of
from calendar_app.services.reference import digest
from tests.admin.test_lists import BODY, CITY, total
from tests.conftest import make_app


@pytest.fixture
def added(empty_database, tmp_path):
    """A calendar as `flask prepare` makes it, with a city and a body of its own and an event of both."""
    app = make_app(empty_database, tmp_path)
    with app.app_context():
        cli.prepare(empty=True)
        rows = {
            "cities": {"slug": "", **CITY, "longitude": "32.46", "aliases": "عنتيبي"},
            "bodies": {
                "process": "basel",
                **{k: v for k, v in BODY.items() if k != "lane"},
                "attendees": "",
                "aliases": "",
            },
        }
        with transaction() as session:
            root = person_of(accounts.make_system_administrator(session, "root@example.org", clock.now()))
        for name, row in rows.items():
            with transaction() as session:
                reference_entries.put(session, name, row, new=True, by=root, now=clock.now())
        sheet = tmp_path / "events.csv"
        sheet.write_text(
            "title,start,end,city,country,body,conventions,kind\n"
            "Workshop at the lake,2027-03-01,2027-03-02,Entebbe,UG,BC-Legal,basel,workshop\n",
            encoding="utf-8",
        )
        result = app.test_cli_runner().invoke(args=["events", "import", str(sheet)])
        yield app, result
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def test_a_restart_keeps_what_was_added_and_the_search_texts_with_it(added):
    app, _result = added
    state = db.session().get(CalendarVersion, 1).reference_digest
    assert state != digest()
    cli.prepare(empty=True)
    assert db.session().get(CalendarVersion, 1).reference_digest == state
    assert total(app.test_client(), {"q": "عنتيبي"})


def test_a_new_version_of_the_program_keeps_what_was_added(added):
    app, _result = added
    # As an older version of the program left it: search texts without the new names, its own digest.
    with transaction() as session:
        session.get(CalendarVersion, 1).reference_digest = "of an older version"
        session.query(Event).one().search_text = " workshop at the lake "
    assert not total(app.test_client(), {"q": "عنتيبي"})
    cli.prepare(empty=True)
    assert total(app.test_client(), {"q": "عنتيبي"})


def test_the_command_line_knows_what_was_added(added, tmp_path):
    app, result = added
    assert result.exit_code == 0, result.output
    event = db.session().query(Event).one()
    assert event.bodies == [{"code": "BC-Legal", "number": None}]
    assert event.city_slug == "entebbe"
    out = tmp_path / "out.csv"
    assert app.test_cli_runner().invoke(args=["events", "export", str(out)]).exit_code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["city"], row["country"]) == ("Entebbe", "UG")
