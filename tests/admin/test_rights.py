"""Who may open and do what in administration: each page and each act, tried by everybody."""

from __future__ import annotations

import re

import pytest
from flask import request
from flask_login import login_user
from sqlalchemy import delete, update
from werkzeug.exceptions import Forbidden

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, AuditEntry, Event, Invitation, Membership, Organisation, ReferenceEntry
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import accounts
from calendar_app.services.access import Role
from calendar_app.web import guards
from calendar_app.web.admin import area
from tests.conftest import counted_queries
from tests.web.forms import post, token_of

pytestmark = pytest.mark.either_database

# For each kind of person: the roles with which they are signed in.
PEOPLE = {
    "contributor": {"brs": "contributor"},
    "coordinator": {"brs": "coordinator"},
    "administrator": {"brs": "administrator"},
    "administrator of another": {"minamata": "administrator"},
    "system administrator": {"system_administrator": True},
}
FOR_THE_SYSTEM_ADMINISTRATOR = {"system administrator"}
PAGES = {
    "/admin": {"administrator", "administrator of another", "system administrator"},
    "/admin/audit": {"administrator", "administrator of another", "system administrator"},
    "/admin/audit.csv": {"administrator", "administrator of another", "system administrator"},
    "/admin/organisations/brs/members": {"administrator", "system administrator"},
    **dict.fromkeys(
        (
            "/admin/organisations",
            "/admin/organisations/new",
            "/admin/organisations/gfc",
            "/admin/people",
            "/admin/lists",
            "/admin/lists/bodies",
            "/admin/lists/cities",
            "/admin/lists/regions",
            "/admin/lists/bodies/new",
            "/admin/lists/cities/new",
            "/admin/lists/cities/geneva",
        ),
        FOR_THE_SYSTEM_ADMINISTRATOR,
    ),
}
ACTS = {
    "/admin/organisations/brs/members": {"administrator"},
    "/admin/organisations/brs/members/{member}/role": {"administrator"},
    "/admin/organisations/brs/members/{member}/remove": {"administrator"},
    "/admin/organisations/brs/invitations/{invitation}/resend": {"administrator"},
    "/admin/organisations/brs/invitations/{invitation}/revoke": {"administrator"},
    **dict.fromkeys(
        (
            "/admin/organisations/new",
            "/admin/organisations/gfc",
            "/admin/people/{member}/close",
            "/admin/people/{member}/open",
            "/admin/people/{member}/end",
            "/admin/lists/cities/new",
            "/admin/lists/cities/geneva",
            "/admin/lists/cities/geneva/remove",
        ),
        FOR_THE_SYSTEM_ADMINISTRATOR,
    ),
}


def test_each_page_opens_for_those_who_may_and_for_nobody_else(app, client, add_account, signed_in):
    add_account("anna@brs.example", brs="administrator")
    for page in PAGES:
        answer = client.get(page)
        assert (answer.status_code, "/sign-in" in answer.location) == (303, True), page
    wrong = []
    for number, (who, roles) in enumerate(PEOPLE.items()):
        browser = signed_in(f"person{number}@example.org", **roles)
        for page, allowed in PAGES.items():
            answer = browser.get(page)
            if answer.status_code != (200 if who in allowed else 403):
                wrong.append((who, page, answer.status_code))
            assert answer.headers["Cache-Control"] == "no-store", page
    assert not wrong


def test_each_act_is_done_for_those_who_may_and_refused_to_everybody_else(app, client, add_account, signed_in):
    add_account("anna@brs.example", brs="administrator")
    member = add_account("carl@brs.example", brs="contributor")
    with transaction() as session:
        invitation, _token = accounts.invite_by_hand(
            session,
            email="new@brs.example",
            organisation="brs",
            role="contributor",
            language="en",
            by=None,
            now=clock.now(),
        )
        invitation_id = invitation.id
    for act in ACTS:
        answer = client.post(act.format(member=member, invitation=invitation_id))
        assert answer.status_code in {303, 400}, act
    wrong, before = [], _state()
    for number, (who, roles) in enumerate(PEOPLE.items()):
        browser = signed_in(f"person{number}@example.org", **roles)
        # Every page of a signed-in person has a form: the one that ends the sign-in.
        token = token_of(browser, "/")
        for act, allowed in ACTS.items():
            if who not in allowed:
                data = {"csrf_token": token, "email": "x@brs.example", "role": "administrator", "language": "en"}
                answer = browser.post(act.format(member=member, invitation=invitation_id), data=data)
                if answer.status_code != 403:
                    wrong.append((who, act, answer.status_code))
    assert not wrong
    assert _state(ignoring=len(PEOPLE)) == before


def _state(ignoring: int = 0) -> tuple[object, ...]:
    """What acts of administration would change; `ignoring` so many memberships that the test itself has made."""
    session = db.session()
    session.rollback()
    return (
        session.query(Membership).filter(Membership.organisation_code == "gfc").count(),
        {m.account_id: m.role for m in session.query(Membership).order_by(Membership.account_id).limit(2)},
        [(i.email, i.revoked_at) for i in session.query(Invitation)],
        session.query(Organisation).count(),
        session.query(ReferenceEntry).count(),
        [e.action for e in session.query(AuditEntry)],
    )


def test_rights_that_end_while_the_page_is_open_are_gone_when_it_is_sent(app, add_account, signed_in):
    add_account("other@brs.example", brs="administrator")
    browser = signed_in("anna@brs.example", brs="administrator")
    token = token_of(browser, "/admin/organisations/brs/members")
    with transaction() as session:
        anna = session.query(Membership).order_by(Membership.account_id.desc()).first()
        anna.role = Role.COORDINATOR.value
    answer = browser.post(
        "/admin/organisations/brs/members",
        data={"csrf_token": token, "email": "x@brs.example", "role": "contributor", "language": "en"},
    )
    assert answer.status_code == 403
    assert db.session().query(Invitation).count() == 0


@pytest.mark.parametrize("hidden", [{"visibility": Visibility.MEMBERS}, {"stage": Stage.DRAFT}])
def test_the_system_administrator_sees_no_event_that_is_hidden(add_event, signed_in, hidden):
    event_id = add_event(title="Quiet consultation", **hidden)
    browser = signed_in("root@example.org", system_administrator=True)
    assert browser.get(f"/events/{event_id}").status_code == 404
    for page in ("/", "/?q=quiet", *(page for page in PAGES if page.startswith("/admin"))):
        assert "Quiet consultation" not in browser.get(page).get_data(as_text=True), page


def test_the_system_administrator_names_the_first_administrator_and_no_other(session, signed_in):
    browser = signed_in("root@example.org", system_administrator=True)
    page = "/admin/organisations/minamata/members"
    first = {"email": "mia@minamata.example", "role": "coordinator", "language": "en"}
    # Only this one role is offered, and no other is taken.
    assert post(browser, page, first).status_code == 422
    assert post(browser, page, {**first, "role": "administrator"}).status_code == 303
    with transaction() as writing:
        accounts.accept(writing, writing.query(Invitation).one(), clock.now())
    assert "manages its members itself" in browser.get(page).get_data(as_text=True)
    answer = browser.post(
        page,
        data={
            "csrf_token": token_of(browser, "/admin/organisations/new"),
            "email": "second@minamata.example",
            "role": "administrator",
            "language": "en",
        },
    )
    assert answer.status_code == 403
    assert session.query(Invitation).count() == 1


@pytest.fixture
def lose_rights(app):
    """Let another connection run a statement after the page has asked who is there, before its transaction."""

    def arrange(statement) -> None:
        waiting = [statement]

        def lose() -> None:
            if request.method == "POST" and waiting:
                guards.coordinator()
                with db.engine.connect().execution_options(writes=True) as connection:
                    connection.execute(waiting.pop())
                    connection.commit()

        app.before_request_funcs[None].append(lose)

    return arrange


@pytest.mark.parametrize("act", ["confirm", "cancel"])
@pytest.mark.parametrize(
    ("lost", "status"),
    [
        (delete(Membership), 403),
        (update(Membership).values(role="contributor"), 403),
        (update(Account).values(active=False), 303),
    ],
)
def test_rights_that_end_before_the_transaction_are_gone_in_it(
    session, signed_in, add_event, lose_rights, act, lost, status
):
    event_id = add_event(stage="published")
    browser = signed_in("ana@brs.example", brs="coordinator")
    if act == "confirm":
        address, data = "/workspace/events/confirm", {"event": str(event_id)}
    else:
        address, data = f"/events/{event_id}/cancel", {"reason": "No longer needed."}
    page = browser.get(address if act == "cancel" else "/workspace/events").get_data(as_text=True)
    data |= dict(re.findall(r'name="(csrf_token|seen)"[^>]*value="([^"]*)"', page))
    lose_rights(lost)
    answer = browser.post(address, data=data)
    assert answer.status_code == status
    assert status == 403 or "/sign-in" in answer.location
    session.rollback()
    event = session.get(Event, event_id)
    assert (event.last_confirmed_at, event.status) == (None, Status.CONFIRMED)


def test_rights_are_read_again_inside_the_transaction(app, add_account):
    """Somebody may lose them after the page has asked who is there and before it has its turn to write."""
    account_id = add_account("root@example.org", system_administrator=True, brs="administrator")
    with app.test_request_context("/admin"):
        login_user(db.session.get(Account, account_id))
        assert guards.system_administrator()
        with db.engine.connect().execution_options(writes=True) as connection:
            connection.execute(update(Account).values(system_administrator=False))
            connection.execute(update(Membership).values(role="contributor"))
            connection.commit()
        with transaction() as session:
            assert not area.still(session).system_administrator
            with pytest.raises(Forbidden):
                area.still_system_administrator(session)
            organisation = area.organisation_of(session, "brs")
            with pytest.raises(Forbidden):
                area.rights_in(session, area.still(session), organisation)


def test_rights_are_asked_for_once_in_a_page(app, signed_in):
    browser = signed_in("ana@brs.example", brs="coordinator")
    with counted_queries() as statements:
        assert browser.get("/account").status_code == 200
    assert sum("FROM accounts JOIN sign_ins" in statement.replace("\n", "") for statement in statements) == 1
    assert sum("FROM memberships" in statement for statement in statements) == 0


def test_who_closes_the_only_administrator_cannot_name_another(add_account, signed_in, session):
    only = add_account("anna@brs.example", brs="administrator")
    browser = signed_in("root@example.org", system_administrator=True)
    page = "/admin/organisations/brs/members"
    assert post(browser, f"/admin/people/{only}/close", page="/admin/people").status_code == 303
    data = {"email": "root2@example.org", "role": "administrator", "language": "en"}
    assert post(browser, page, data, page="/admin/organisations/new").status_code == 403
    assert session.query(Invitation).count() == 0


def test_nobody_invites_themselves(signed_in, session):
    browser = signed_in("root@example.org", system_administrator=True)
    data = {"email": " ROOT@example.org", "role": "administrator", "language": "en"}
    answer = post(browser, "/admin/organisations/minamata/members", data)
    assert answer.status_code == 422
    assert "This is your own address" in answer.get_data(as_text=True)
    assert session.query(Invitation).count() == 0
