"""The audit log: every act of administration leaves an entry, people see what is theirs, sheets start no formula."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.factory import ROOT
from calendar_app.models import AuditEntry
from calendar_app.services import audit
from calendar_app.web.admin import audit_words
from tests.web.forms import post

pytestmark = pytest.mark.either_database

FORMULAS = ('=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "＝1")  # noqa: RUF001


@pytest.fixture
def note():
    """Write an entry: `note(actor, action, subject, organisation, days_ago)`."""

    def write(actor="Ana", action="signed in", subject="ana@brs.example", organisation="brs", days_ago=0) -> None:
        with transaction() as session:
            audit.note(
                session,
                actor=actor,
                action=action,
                subject=subject,
                organisation=organisation,
                now=clock.now() - timedelta(days=days_ago),
                details={"role": subject},
            )

    return write


def rows_of(browser, query: str = "") -> list[dict[str, str]]:
    """The entries of the sheet, as a spreadsheet program reads it."""
    answer = browser.get(f"/admin/audit.csv{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-2026-11-20')
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_administrators_see_the_entries_of_their_organisation_and_the_system_administrator_all(note, signed_in):
    note(subject="mine")
    note(subject="theirs", organisation="minamata")
    note(subject="nobodys", organisation="")
    seen = {
        "brs": signed_in("anna@brs.example", brs="administrator"),
        "both": signed_in("bo@brs.example", brs="administrator", minamata="administrator", gfc="coordinator"),
        "all": signed_in("root@example.org", system_administrator=True),
    }
    expected = {"brs": {"mine"}, "both": {"mine", "theirs"}, "all": {"mine", "theirs", "nobodys"}}
    for who, browser in seen.items():
        assert {row["subject"] for row in rows_of(browser)} >= expected[who], who
        html = browser.get("/admin/audit").get_data(as_text=True)
        for subject in ("mine", "theirs", "nobodys"):
            assert (f">{subject}<" in html) == (subject in expected[who]), (who, subject)
    # Asking for another's gives nothing, not everything.
    assert rows_of(seen["brs"], "?organisation=minamata") == []


def test_entries_are_found_by_organisation_action_person_and_days(note, signed_in):
    browser = signed_in("root@example.org", system_administrator=True)
    note(actor="Ana", action="signed in", subject="one")
    note(actor="Bo", action="role changed", subject="two", organisation="gfc", days_ago=1)
    note(actor="Bo 100%", action="role changed", subject="three_3", organisation="gfc", days_ago=30)

    def found(query: str) -> set[str]:
        return {row["subject"] for row in rows_of(browser, query)} & {"one", "two", "three_3"}

    assert found("") == {"one", "two", "three_3"}
    assert found("?organisation=gfc") == {"two", "three_3"}
    assert found("?action=role+changed") == {"two", "three_3"}
    assert found("?person=bo") == {"two", "three_3"}
    assert found("?person=%25") == {"three_3"}
    assert found("?person=_") == {"three_3"}
    assert found("?first=2026-11-19") == {"one", "two"}
    assert found("?last=2026-11-19") == {"two", "three_3"}
    assert found("?first=2026-11-19&last=2026-11-19&organisation=gfc") == {"two"}


def test_a_day_that_is_none_is_said_at_its_field(signed_in):
    browser = signed_in("root@example.org", system_administrator=True)
    for day in ("yesterday", "2026-13-01", "9999-12-31", "0001-01-01", "\0"):
        for name in ("first", "last"):
            answer = browser.get("/admin/audit", query_string={name: day})
            if day == "\0":
                assert answer.status_code == 200
                continue
            assert answer.status_code == 400
            assert f'id="{name}-error"' in answer.get_data(as_text=True)
            assert browser.get("/admin/audit.csv", query_string={name: day}).status_code == 400


def test_many_entries_are_shown_in_pages(note, signed_in):
    browser = signed_in("root@example.org", system_administrator=True)
    with transaction() as session:
        for number in range(150):
            audit.note(session, actor="Ana", action="signed in", subject=f"entry {number:03}", now=clock.now())
    first = browser.get("/admin/audit?action=signed+in").get_data(as_text=True)
    second = browser.get("/admin/audit?action=signed+in&page=2").get_data(as_text=True)
    assert "entry 149" in first
    assert "entry 049" not in first
    assert "entry 049" in second
    assert "page=2" in first
    for page in ("0", "-1", "x", "999999", "9" * 30):
        assert browser.get("/admin/audit", query_string={"page": page}).status_code == 200


def test_no_cell_of_the_sheet_starts_a_formula(note, signed_in):
    for text in FORMULAS:
        note(actor=text, subject=text, action=text)
    browser = signed_in("root@example.org", system_administrator=True)
    rows = rows_of(browser)
    assert len(rows) >= len(FORMULAS)
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
    assert {"'" + FORMULAS[0]} <= {row["subject"] for row in rows}


def test_what_people_typed_is_shown_as_text(note, signed_in):
    note(actor="<b>Ana</b>", subject="<script>alert(1)</script>", action="<i>act</i>")
    browser = signed_in("root@example.org", system_administrator=True)
    html = browser.get("/admin/audit").get_data(as_text=True)
    for markup in ("<b>Ana", "<script>alert", "<i>act"):
        assert markup not in html


def test_every_act_of_administration_leaves_an_entry_that_says_who_what_and_when(signed_in, session):
    root = signed_in("root@example.org", system_administrator=True)
    anna = signed_in("anna@brs.example", brs="administrator")
    city = {"name": "Entebbe", "country": "UG", "timezone": "Africa/Kampala", "latitude": "0", "longitude": "32"}
    organisation = {"code": "helvetas", "short_name": "Helvetas", "name": "Intercooperation", "kind": "un-body"}
    members = "/admin/organisations/brs/members"
    post(root, "/admin/lists/cities/new", city)
    post(root, "/admin/lists/cities/entebbe", {**city, "latitude": "0.1"})
    post(root, "/admin/lists/cities/entebbe/remove", page="/admin/lists/cities/entebbe")
    post(root, "/admin/organisations/new", organisation)
    post(root, "/admin/organisations/helvetas", {**organisation, "name": "Helvetas Intercooperation"})
    post(anna, members, {"email": "carl@brs.example", "role": "contributor", "language": "en"})
    entries = session.query(AuditEntry).order_by(AuditEntry.id).all()
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("Root", "list row added"),
        ("Root", "list row changed"),
        ("Root", "list row removed"),
        ("Root", "organisation added"),
        ("Root", "organisation changed"),
        ("Anna", "member invited"),
    ]
    assert all(entry.at == clock.now() and entry.account_id and entry.subject for entry in entries)
    assert entries[1].details == {"before": {"latitude": "0"}, "after": {"latitude": "0.1"}}
    # The row that was removed can be read in the entry.
    assert entries[2].details["before"]["timezone"] == "Africa/Kampala"
    html = root.get("/admin/audit").get_data(as_text=True)
    assert "latitude: 0 → 0.1" in html
    assert "Row of a list removed" in html


def test_every_action_that_the_program_writes_down_has_words():
    written = set()
    for path in (ROOT / "calendar_app").rglob("*.py"):
        for call in re.finditer(
            r"\baudit\.(?:note|count)\((.*?)now=|_note\((.*?)\)", path.read_text("utf-8"), re.DOTALL
        ):
            written |= set(re.findall(r'"([a-z][a-z -]+ [a-z -]+)"', call[0]))
    assert len(written) > 12
    assert {action for action in written if str(audit_words.action_label(action)) == action} == set()


def test_the_address_of_who_acted_is_told_and_found_whatever_the_name(signed_in):
    browser = signed_in("anna@brs.example", name="Rosa Rossi", brs="administrator")
    data = {"email": "carl@brs.example", "role": "contributor", "language": "en"}
    post(browser, "/admin/organisations/brs/members", data)
    assert "anna@brs.example" in browser.get("/admin/audit").get_data(as_text=True).partition("<table")[2]
    (row,) = rows_of(browser, "?person=ANNA@brs")
    assert (row["who"], row["email"], row["subject"]) == ("Rosa Rossi", "anna@brs.example", "carl@brs.example")
