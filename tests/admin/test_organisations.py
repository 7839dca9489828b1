"""The list of organisations as people keep it: pages speak of what is there, members stay members while it matters."""

from __future__ import annotations

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import AuditEntry, Organisation
from calendar_app.services import accounts, organisations
from calendar_app.services.reference import packaged_lists, reference
from calendar_app.services.reference_entries import listed, read_lists
from calendar_app.web.admin.forms import MOST_SEATS
from tests.web.forms import post

pytestmark = pytest.mark.either_database

NEW = {
    "code": "helvetas",
    "short_name": "Helvetas",
    "name": "Helvetas Swiss Intercooperation",
    "kind": "un-body",
    "url": "https://www.helvetas.org",
    "aliases": "Intercooperation\r\nHSI",
    "city_0": "nairobi",
    "duty_station_0": "nairobi",
    "process_0": "",
}


@pytest.fixture
def root(signed_in):
    """The system administrator's browser."""
    return signed_in("root@example.org", system_administrator=True)


def form_of(code: str) -> dict[str, object]:
    """What the form of an organisation sends when nothing was changed."""
    db.session().rollback()
    shown = listed(db.session().get(Organisation, code))
    values = {name: getattr(shown, name) for name in ("short_name", "name", "kind", "url")}
    values["aliases"] = "\n".join(shown.aliases)
    for number, (city, station, process) in enumerate(shown.seats):
        values |= {f"city_{number}": city, f"duty_station_{number}": station, f"process_{number}": process}
    return values | ({"member": "y"} if shown.member else {})


def test_a_new_organisation_can_be_chosen_and_is_recognised(client, root, session):
    assert post(root, "/admin/organisations/new", NEW).status_code == 303
    organisation = session.get(Organisation, "helvetas")
    assert organisation.aliases == ["Intercooperation", "HSI"]
    assert [(seat.city, seat.duty_station) for seat in organisation.seats] == [("nairobi", "nairobi")]
    assert "helvetas" in client.get("/").get_data(as_text=True)
    assert read_lists(session).find("organisation", "HSI") == "helvetas"
    entry = session.query(AuditEntry).one()
    assert (entry.action, entry.subject, entry.organisation_code) == ("organisation added", "helvetas", "helvetas")


def test_a_new_name_stands_on_every_page_that_names_the_organisation(client, root, add_event):
    event_id = add_event(title="A meeting", steward="gfc")
    page = f"/events/{event_id}"
    old = packaged_lists().organisations["gfc"].name
    assert old in client.get(page).get_data(as_text=True)
    renamed = "Office of the Global Framework"
    assert post(root, "/admin/organisations/gfc", {**form_of("gfc"), "name": renamed}).status_code == 303
    for address in (page, "/about"):
        html = client.get(address).get_data(as_text=True)
        assert renamed in html, address
        assert old not in html, address
    # Outside of a request nothing has changed.
    assert reference().organisations["gfc"].name == old


def test_a_form_sent_as_it_is_changes_nothing(root, session):
    for code in ("brs", "unep", "gfc"):
        assert post(root, f"/admin/organisations/{code}", form_of(code)).status_code == 303
    session.rollback()
    assert session.query(AuditEntry).count() == 0
    for organisation in session.query(Organisation):
        assert listed(organisation) == packaged_lists().organisations[organisation.code]


def test_every_packaged_seat_has_room_in_the_form():
    assert max(len(o.seats) for o in packaged_lists().organisations.values()) <= MOST_SEATS


def test_a_member_that_keeps_events_or_has_people_stays_a_member(root, add_event, add_account):
    for number in range(3):
        add_event(title=f"Meeting {number}", steward="gfc")
    add_account("gina@gfc.example", gfc="contributor")
    values = form_of("gfc")
    del values["member"]
    answer = post(root, "/admin/organisations/gfc", values)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "It keeps 3 events" in html
    assert "1 person is a member or invited" in html
    db.session().rollback()
    assert db.session().get(Organisation, "gfc").member
    # One without either may leave, and come back.
    values = form_of("minamata")
    del values["member"]
    assert post(root, "/admin/organisations/minamata", values).status_code == 303
    db.session().rollback()
    assert not db.session().get(Organisation, "minamata").member


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("code", ["", "UNEP", "unep law", "unep", "-", "x" * 41]),
        ("short_name", ["", "BRS", "x" * 81]),
        ("name", ["", "Secretariat of the Minamata Convention on Mercury"]),
        ("kind", ["club"]),
        ("url", ["ftp://unep.org", "javascript:alert(1)"]),
        ("aliases", ["a; b"]),
        ("city_0", ["atlantis"]),
        ("duty_station_0", ["moon"]),
        ("process_0", ["mars"]),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_kept(root, session, field, values):
    count = session.query(Organisation).count()
    for value in values:
        answer = post(root, "/admin/organisations/new", {**NEW, field: value})
        html = answer.get_data(as_text=True)
        assert answer.status_code == 422, value
        assert f'id="{field}-error"' in html, value
        assert "https://www.helvetas.org" in html or field == "url"
    session.rollback()
    assert session.query(Organisation).count() == count


def test_the_code_is_for_life(root, session):
    assert post(root, "/admin/organisations/gfc", {**form_of("gfc"), "code": "other"}).status_code == 303
    session.rollback()
    assert session.get(Organisation, "other") is None


def test_organisations_are_found_by_any_of_their_names(root):
    def found(text: str) -> bool:
        return "/admin/organisations/minamata" in root.get("/admin/organisations", query_string={"q": text}).get_data(
            as_text=True
        )

    assert found("MC Secretariat")
    assert found("mercury")
    assert not found("ozone layer of mars")
    assert root.get("/admin/organisations/atlantis").status_code == 404
    assert root.get("/admin/organisations/%00").status_code == 404


def test_packaged_organisations_are_added_and_those_that_people_made_are_left(root, session, app):
    renamed = {**form_of("gfc"), "short_name": "Framework"}
    assert post(root, "/admin/organisations/gfc", renamed).status_code == 303
    session.rollback()
    assert organisations.add_packaged(session, packaged_lists()) == 0
    assert session.get(Organisation, "gfc").short_name == "Framework"
    session.rollback()


def test_an_invitation_that_ran_out_does_not_bind_an_organisation(session):
    with transaction() as writing:
        accounts.invite_by_hand(
            writing,
            email="x@gfc.example",
            organisation="gfc",
            role="contributor",
            language="en",
            by=None,
            now=clock.now(),
        )
    assert organisations.ties(session, "gfc", clock.now()).people == 1
    assert organisations.ties(session, "gfc", clock.now() + accounts.INVITATION_LIVES).people == 0
