"""Lists that are added to while the calendar runs: everybody knows the new row at once, in every process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.factory import ROOT
from calendar_app.models import AuditEntry, CalendarVersion, Event, EventFacet, ReferenceEntry
from calendar_app.services import events, reference_entries
from calendar_app.services.access import Person
from calendar_app.services.records import BodyMeeting, record_of, search_text
from calendar_app.services.reference import digest, packaged_lists, reference, using
from calendar_app.services.reference_files import WrongCellError
from tests.conftest import counted_queries
from tests.web.forms import post

pytestmark = pytest.mark.either_database

CITY = {
    "name": "Entebbe",
    "country": "UG",
    "timezone": "Africa/Kampala",
    "latitude": "0.05",
    "longitude": "32,46",
    "aliases": "Entebe\r\nعنتيبي",
}
BODY = {
    "code": "BC-Legal",
    "lane": "basel",
    "name": "Group of legal experts",
    "short_name": "BC Legal",
    "kind": "expert-group",
    "attendees": ["chemicals-delegates"],
    "aliases": "Legal group",
    "url": "https://www.basel.int/legal",
}
ROOT_PERSON = Person(account_id=1, name="Root", email="root@example.org", system_administrator=True)


@pytest.fixture
def root(signed_in):
    """The system administrator's browser."""
    return signed_in("root@example.org", system_administrator=True)


def total(browser, query: dict[str, str]) -> bool:
    """Whether the list of events has the one event there is."""
    answer = browser.get("/", query_string=query)
    return answer.status_code == 200 and "Workshop at the lake" in answer.get_data(as_text=True)


def test_a_new_city_is_known_to_search_filter_and_form_at_once(client, root, add_event, session):
    event_id = add_event(title="Workshop at the lake", city="Entebe", country="UG")
    # Written before the city was known, under a name of its own.
    assert total(client, {"city": "entebe"})
    assert not total(client, {"q": "عنتيبي"})
    version = session.get(CalendarVersion, 1).version
    assert post(root, "/admin/lists/cities/new", CITY).status_code == 303
    assert total(client, {"q": "عنتيبي"})
    assert total(client, {"city": "entebbe"})
    assert "entebbe" in client.get("/").get_data(as_text=True)
    assert "Entebbe" in client.get("/submit").get_data(as_text=True)
    session.rollback()
    event = session.get(Event, event_id)
    assert (event.city, event.city_slug) == ("Entebe", "entebbe")
    assert session.get(CalendarVersion, 1).version > version
    entry = session.query(AuditEntry).filter_by(action="list row added").one()
    assert (entry.actor, entry.subject) == ("Root", "cities: entebbe")
    assert entry.details["after"]["longitude"] == "32.46"


def test_a_page_that_was_kept_shows_the_change(client, root, add_event, packaged_lists_only):
    add_event(title="Workshop at the lake", first=date(2027, 3, 1))
    page = "/planner?from=2027-01&months=6"
    first = client.get(page)
    assert "Geneva" in first.get_data(as_text=True)
    row = form_of(root, "cities", "geneva")
    assert post(root, "/admin/lists/cities/geneva", {**row, "name": "Geneva (Switzerland)"}).status_code == 303
    again = client.get(page, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert "Geneva (Switzerland)" in again.get_data(as_text=True)


@pytest.fixture
def packaged_lists_only():
    """The packaged lists hold outside of requests, before and after."""
    assert reference() is packaged_lists()
    yield
    assert reference() is packaged_lists()


def form_of(browser, name: str, code: str) -> dict[str, object]:
    """What the form of a row sends when nothing was changed."""
    row = reference_entries.row_of(db.session(), name, code).values
    several = {"aliases": "\n".join(row["aliases"].split("; "))}
    if "attendees" in row:
        several |= {"attendees": row["attendees"].split("; "), "lane": row["process"]}
    return {column: text for column, text in row.items() if column not in {"code", "slug", "process"}} | several


def test_a_form_sent_as_it_is_changes_nothing(root, session):
    for name, code in (("bodies", "BC-COP"), ("cities", "geneva"), ("cities", "accra"), ("bodies", "UNEA")):
        assert post(root, f"/admin/lists/{name}/{code}", form_of(root, name, code)).status_code == 303
    session.rollback()
    assert session.query(ReferenceEntry).count() == 0
    assert session.query(AuditEntry).count() == 0


def test_a_new_body_is_known_everywhere_and_stays_while_an_event_uses_it(client, root, add_event, session):
    assert post(root, "/admin/lists/bodies/new", BODY).status_code == 303
    assert "BC-Legal" in client.get("/").get_data(as_text=True)
    with using(reference_entries.read_lists(session)):
        event_id = add_event(title="Workshop at the lake", bodies=(BodyMeeting("BC-Legal", 3),))
    assert total(client, {"body": "BC-Legal"})
    assert total(client, {"q": "legal group 3"})
    assert "BC Legal-3" in client.get(f"/events/{event_id}").get_data(as_text=True)
    page = "/admin/lists/bodies/BC-Legal"
    answer = post(root, f"{page}/remove", page=page, follow_redirects=True)
    assert "is used 1 time and stays" in answer.get_data(as_text=True)
    with transaction() as writing, using(reference_entries.read_lists(writing)):
        event = writing.get(Event, event_id)
        change = events.Change("test", clock.now())
        events.change(writing, event, replace(record_of(event), bodies=()), change, reference())
    assert post(root, f"{page}/remove", page=page).status_code == 303
    assert root.get(page).status_code == 404
    assert "BC-Legal" not in client.get("/").get_data(as_text=True)
    session.rollback()
    assert session.query(EventFacet).filter_by(value="BC-Legal").count() == 0
    # All is as it came: the state of the lists is the packaged one again.
    assert session.get(CalendarVersion, 1).reference_digest == digest()


def test_a_changed_row_goes_back_to_what_comes_with_the_calendar(client, root, add_event):
    add_event(title="Workshop at the lake", city="Geneva", country="CH")
    page = "/admin/lists/cities/geneva"
    row = form_of(root, "cities", "geneva")
    assert not total(client, {"q": "calvinopolis"})
    assert post(root, page, {**row, "aliases": f"{row['aliases']}\nCalvinopolis"}).status_code == 303
    assert total(client, {"q": "calvinopolis"})
    assert "Changed by Root" in root.get("/admin/lists/cities?q=calvinopolis").get_data(as_text=True)
    assert post(root, f"{page}/remove", page=page).status_code == 303
    assert not total(client, {"q": "calvinopolis"})
    assert total(client, {"q": "genf"})


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", ["", "Geneva", "genève", "x" * 81, "…"]),
        ("country", ["", "XX", "Uganda"]),
        ("timezone", ["", "Africa/Entebbe", "../../etc/passwd"]),
        ("latitude", ["", "north", "90.1", "nan", "inf", "1e400"]),
        ("longitude", ["-181", "12°"]),
        ("aliases", ["one; two", "x" * 201, "\n".join(f"name {n}" for n in range(60))]),
    ],
)
def test_what_is_wrong_with_a_city_is_said_at_its_field_and_kept(root, session, field, values):
    for value in values:
        answer = post(root, "/admin/lists/cities/new", {**CITY, field: value})
        html = answer.get_data(as_text=True)
        assert answer.status_code == 422, value
        assert f'id="{field}-error"' in html, value
        assert field == "longitude" or 'value="32.46"' in html
    session.rollback()
    assert session.query(ReferenceEntry).count() == 0


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("code", ["", "BC COP", "bc-cop", "BC-COP", "=1+1", "x" * 41]),
        ("name", ["", "Conference of the Parties to the Basel Convention"]),
        ("short_name", [""]),
        ("lane", ["", "mars"]),
        ("kind", ["party"]),
        ("attendees", [["everybody"]]),
        ("url", ["javascript:alert(1)", "basel.int"]),
    ],
)
def test_what_is_wrong_with_a_body_is_said_at_its_field(root, session, field, values):
    for value in values:
        answer = post(root, "/admin/lists/bodies/new", {**BODY, field: value})
        assert answer.status_code == 422, value
        assert f'id="{field}-error"' in answer.get_data(as_text=True), value
    session.rollback()
    assert session.query(ReferenceEntry).count() == 0


def test_what_is_stored_after_a_change_is_what_all_events_derived_anew_would_have(root, add_event, session):
    cities = ("Entebe", "entebbe", "Kampala", "Genf", "Geneva", "Bern", "عنتيبي", "")
    for number, city in enumerate(cities):
        add_event(title=f"Meeting {number}", city=city, bodies=(BodyMeeting("BC-COP", number),) if number % 2 else ())
    geneva, body = form_of(root, "cities", "geneva"), form_of(root, "bodies", "BC-COP")
    changes = [
        ("cities/new", CITY),
        ("cities/entebbe", {**CITY, "name": "Entebbe Airport", "aliases": "Kampala"}),
        ("cities/geneva", {**geneva, "aliases": f"{geneva['aliases']}\nEntebe"}),
        ("bodies/BC-COP", {**body, "aliases": "Basel conference"}),
        ("bodies/BC-COP/remove", {}),
        ("cities/geneva/remove", {}),
        ("cities/entebbe", {**CITY, "name": "Entebbe Airport", "aliases": ""}),
        ("cities/geneva", {**geneva, "aliases": ""}),
    ]
    for address, values in changes:
        page = f"/admin/lists/{address.removesuffix('/remove')}"
        assert post(root, f"/admin/lists/{address}", values, page=page).status_code == 303, address
        session.rollback()
        facts = reference_entries.read_lists(session)
        assert session.get(CalendarVersion, 1).reference_digest == facts.digest
        for event in session.query(Event):
            record = record_of(event)
            assert event.search_text == search_text(record, facts), (address, event.city)
            assert event.city_slug == facts.city_slug(event.city), (address, event.city)


def test_a_row_is_checked_by_the_rules_of_the_packaged_lists_whatever_the_form_lets_through(app):
    row = {"slug": "", **CITY, "longitude": "32.46", "aliases": ""}
    for column, value in (("timezone", "Africa/Entebbe"), ("country", "XX"), ("latitude", "91")):
        with pytest.raises(WrongCellError) as refused, transaction() as session:
            reference_entries.put(session, "cities", {**row, column: value}, new=True, by=ROOT_PERSON, now=clock.now())
        assert refused.value.column == column
    assert db.session().query(ReferenceEntry).count() == 0


def test_what_was_written_is_shown_as_text_wherever_it_appears(client, root, add_event):
    name = "<script>alert(1)</script>"
    assert post(root, "/admin/lists/cities/new", {**CITY, "name": name, "aliases": ""}).status_code == 303
    add_event(title="Workshop at the lake", city=name, country="UG")
    for browser, page in (
        (root, "/admin/lists/cities"),
        (root, "/admin/audit"),
        (client, "/"),
        (client, "/submit"),
        (client, "/subscribe"),
    ):
        html = browser.get(page).get_data(as_text=True)
        assert name not in html, page
        assert "script&gt;" in html, page


def test_an_address_of_no_list_and_no_row_does_not_exist(root):
    for page in (
        "/admin/lists/holidays",
        "/admin/lists/regions/new",
        "/admin/lists/regions/Africa",
        "/admin/lists/cities/atlantis",
        "/admin/lists/cities/%00",
    ):
        assert root.get(page).status_code == 404, page
    # A city may be called like the way to add one.
    assert root.get("/admin/lists/cities/new").status_code == 200


def test_asking_which_lists_hold_costs_a_page_at_most_one_small_query(client, root, add_event):
    add_event(title="Workshop at the lake")

    def statements_of(page: str) -> list[str]:
        client.get(page)
        with counted_queries() as statements:
            client.get(page)
        return statements

    pages = ("/planner?from=2027-01&months=6", "/", "/about")
    before = {page: statements_of(page) for page in pages}
    assert post(root, "/admin/lists/cities/new", CITY).status_code == 303
    for page in pages:
        after = statements_of(page)
        assert len(after) == len(before[page]), page
        assert sum("calendar_version" in statement for statement in after) <= 1, page
        assert not any("reference_entries" in statement for statement in after), page
    # A page that is kept asks for the version anyhow: it is answered with that one query.
    assert len(statements_of(pages[0])) == 1


# Another process, which lives on while the lists change: asked for a page, it says whether the event is there.
OTHER = """
import json, sys
from pathlib import Path
import config
from calendar_app.factory import create_app

values, folder = json.loads(sys.argv[1]), Path(sys.argv[2])
app = create_app(config.load(values, folder).for_flask())
for line in sys.stdin:
    browser = app.test_client()
    answer = browser.get(line.strip())
    print(json.dumps([answer.status_code, "Workshop at the lake" in answer.get_data(as_text=True)]), flush=True)
"""


def test_another_process_that_runs_already_knows_the_new_row(app, root, add_event, tmp_path):
    add_event(title="Workshop at the lake", city="Entebe", country="UG", first=date(2027, 3, 1))
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    values = {"DATABASE_URL": url, "SECRET_KEY": "x" * 40, "CLOCK": "2026-11-20T09:00:00Z"}
    command = [sys.executable, "-c", OTHER, json.dumps(values), str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as other:

        def asked(address: str) -> list[object]:
            other.stdin.write(address + "\n")
            other.stdin.flush()
            return json.loads(other.stdout.readline())

        address = "/?q=%D8%B9%D9%86%D8%AA%D9%8A%D8%A8%D9%8A"
        assert asked(address) == [200, False]
        assert asked("/?city=entebbe")[0] == 400
        assert post(root, "/admin/lists/cities/new", CITY).status_code == 303
        assert asked(address) == [200, True]
        assert asked("/?city=entebbe") == [200, True]
        other.stdin.close()
        assert other.wait(30) == 0
