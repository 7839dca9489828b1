"""Inviting and joining, changing roles, leaving."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import AuditEntry, Invitation, Membership
from calendar_app.services import accounts
from calendar_app.services.access import Person
from calendar_app.services.accounts import LastAdministratorError
from tests.accounts.conftest import PASSWORD, account
from tests.accounts.letters import is_signed_in, letters, link_in
from tests.web.forms import post


@pytest.fixture
def keeper(add_account) -> Person:
    """The administrator of the organisation who invites."""
    account_id = add_account("keeper@brs.example", name="Kim Keeper", brs="administrator")
    return Person(account_id, "Kim Keeper", "keeper@brs.example", roles={"brs": "administrator"})


@pytest.fixture
def invite(keeper):
    """Invite an address; gives the path of the link in the letter."""

    def send(email="new@brs.example", role="coordinator", language="en", organisation="brs") -> str:
        with transaction() as session:
            accounts.invite(
                session, email=email, organisation=organisation, role=role, language=language, by=keeper,
                now=clock.now(), link=lambda token: f"http://127.0.0.1:8000/invitations/{token}",
            )  # fmt: skip
        return link_in(letters(email.lower())[-1], "/invitations/")

    return send


def actions() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_an_invitation_is_shown_accepted_by_a_button_and_signs_in(client, invite):
    link = invite()
    page = client.get(link).text
    for said in ("Kim Keeper", "new@brs.example", "Basel, Rotterdam and Stockholm", "Coordinator", "4 December 2026"):
        assert said in page
    assert not is_signed_in(client)
    answer = post(client, link, {"name": " New  Person "})
    assert answer.status_code == 303
    assert is_signed_in(client)
    made = account("new@brs.example")
    assert (made.name, made.password, made.confirmed_at) == ("New Person", None, clock.now())
    assert [(m.organisation_code, m.role) for m in made.memberships] == [("brs", "coordinator")]
    assert actions() == ["member invited", "invitation accepted", "signed in"]


def test_opening_an_invitation_changes_nothing(app, invite):
    link = invite()
    for _time in range(2):
        scanner = app.test_client()
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code == 200
        assert not is_signed_in(scanner)
    assert db.session.scalar(select(Invitation.accepted_at)) is None


def test_a_new_person_gives_a_name(client, invite):
    link = invite()
    answer = post(client, link, {"name": " "})
    assert answer.status_code == 422
    assert "Please type your name" in answer.text


def test_an_invitation_works_once(app, client, invite):
    link = invite()
    post(client, link, {"name": "New"})
    again = app.test_client()
    assert again.get(link).status_code == 410
    assert post(again, link, {"name": "Other"}, page="/sign-in").status_code == 410
    assert not is_signed_in(again)


def test_an_invitation_lapses_after_fourteen_days(client, invite):
    link = invite()
    clock.fixed += timedelta(days=13, hours=23)
    assert client.get(link).status_code == 200
    clock.fixed += timedelta(hours=2)
    assert client.get(link).status_code == 410


def test_a_wrong_token_tells_nothing(client, invite):
    invite()
    assert client.get("/invitations/" + "x" * 43).status_code == 410


def test_only_a_digest_of_the_token_is_kept(invite):
    token = urlsplit(invite()).path.rpartition("/")[2]
    kept = db.session.scalars(select(Invitation)).one()
    assert token not in {str(getattr(kept, column.name)) for column in Invitation.__table__.columns}
    assert len(kept.token_digest) == 64


def test_inviting_again_ends_the_older_invitation(client, invite):
    first, second = invite(), invite(email="NEW@brs.example")
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    assert len(accounts.open_invitations(db.session(), "brs", clock.now())) == 1


def test_an_invitation_taken_back_is_void(client, invite, keeper):
    link = invite()
    with transaction() as session:
        accounts.revoke_invitation(session, session.scalars(select(Invitation)).one(), by=keeper, now=clock.now())
    assert client.get(link).status_code == 410
    assert "invitation revoked" in actions()


def test_an_existing_account_of_that_address_becomes_a_member(client, invite, with_password):
    with_password("old@brs.example", name="Olga Old", minamata="contributor")
    link = invite("old@brs.example")
    assert 'name="name"' not in client.get(link).text
    assert post(client, link).location == "/workspace"
    found = account("old@brs.example")
    assert found.name == "Olga Old"
    assert [(m.organisation_code, m.role) for m in found.memberships] == [
        ("brs", "coordinator"),
        ("minamata", "contributor"),
    ]


def test_accepting_does_not_go_round_the_second_step(client, invite, with_password, with_authenticator):
    with_authenticator(with_password("old@brs.example"))
    link = invite("old@brs.example")
    assert post(client, link).location == "/sign-in"
    assert not is_signed_in(client)
    assert account("old@brs.example").memberships[0].organisation_code == "brs"


def test_accepting_never_lowers_a_role(client, invite, add_account):
    add_account("old@brs.example", brs="administrator")
    post(client, invite("old@brs.example", role="contributor"))
    assert account("old@brs.example").memberships[0].role == "administrator"


def test_a_closed_account_stays_closed(client, invite, add_account, keeper):
    add_account("old@brs.example")
    with transaction() as session:
        accounts.deactivate(session, accounts.account_of(session, "old@brs.example"), by=keeper, now=clock.now())
    link = invite("old@brs.example")
    assert post(client, link).location == "/sign-in"
    assert not is_signed_in(client)


def test_somebody_signed_in_as_another_is_told_and_becomes_the_invited_one(app, invite, with_password):
    with_password("other@brs.example")
    browser = app.test_client()
    post(browser, "/sign-in", {"email": "other@brs.example", "password": PASSWORD})
    link = invite()
    assert "somebody else" in browser.get(link).text
    post(browser, link, {"name": "New"})
    assert "new@brs.example" in browser.get("/account").text
    assert account("other@brs.example").memberships == []


def test_the_letter_is_in_the_language_asked_for(invite):
    invite(language="ar")
    (letter,) = letters("new@brs.example")
    assert letter.language == "ar"
    assert 'dir="rtl"' in letter.html


@pytest.mark.parametrize(
    "wrong",
    [{"email": "not an address"}, {"role": "queen"}, {"organisation": "no-such"}, {"email": "a@b\r\nBcc: x@y.z"}],
)
def test_what_cannot_be_invited_is_a_value_error(invite, wrong):
    with pytest.raises(ValueError, match=r".+"):
        invite(**wrong)
    assert letters() == []


def membership(email: str, organisation: str = "brs") -> Membership:
    return db.session.get(Membership, (accounts.account_of(db.session(), email).id, organisation))


def test_roles_change_and_members_leave_with_an_entry_each(keeper, add_account):
    add_account("ana@brs.example", brs="contributor")
    with transaction() as session:
        accounts.change_role(session, membership("ana@brs.example"), "coordinator", by=keeper, now=clock.now())
    assert account("ana@brs.example").memberships[0].role == "coordinator"
    with transaction() as session:
        accounts.remove_member(session, membership("ana@brs.example"), by=keeper, now=clock.now())
    assert account("ana@brs.example").memberships == []
    assert actions() == ["role changed", "member removed"]
    entries = db.session.scalars(select(AuditEntry)).all()
    assert {entry.organisation_code for entry in entries} == {"brs"}
    assert entries[0].details == {"before": "contributor", "after": "coordinator"}


def test_the_last_administrator_stays_unless_the_system_administrator_decides(keeper, add_account):
    with transaction(keep=False) as session:
        kept = membership("keeper@brs.example")
        with pytest.raises(LastAdministratorError):
            accounts.change_role(session, kept, "coordinator", by=keeper, now=clock.now())
        with pytest.raises(LastAdministratorError):
            accounts.remove_member(session, kept, by=keeper, now=clock.now())
    system = Person(keeper.account_id, "Sam", "sam@un.example", system_administrator=True)
    with transaction() as session:
        accounts.remove_member(session, membership("keeper@brs.example"), by=system, now=clock.now())
    assert account("keeper@brs.example").memberships == []


def test_an_administrator_whose_account_is_closed_does_not_count(keeper, add_account):
    add_account("second@brs.example", brs="administrator")
    with transaction() as session:
        accounts.deactivate(session, accounts.account_of(session, "second@brs.example"), by=keeper, now=clock.now())
    with transaction(keep=False) as session, pytest.raises(LastAdministratorError):
        accounts.remove_member(session, membership("keeper@brs.example"), by=keeper, now=clock.now())


def test_who_leaves_or_gets_another_role_does_not_come_back_by_an_open_invitation(keeper, invite, add_account):
    add_account("ana@brs.example", brs="coordinator")
    for change in ("role", "leave"):
        invite("ana@brs.example", role="administrator")
        invite("ana@brs.example", organisation="minamata")
        with transaction() as session:
            if change == "role":
                accounts.change_role(session, membership("ana@brs.example"), "contributor", by=keeper, now=clock.now())
            else:
                accounts.remove_member(session, membership("ana@brs.example"), by=keeper, now=clock.now())
        assert accounts.open_invitations(db.session(), "brs", clock.now()) == [], change
        assert len(accounts.open_invitations(db.session(), "minamata", clock.now())) == 1, change
    assert actions().count("invitation revoked") == 2


def test_invitations_of_an_administrator_end_with_that_role_there(keeper, invite, add_account):
    other = Person(add_account("other@brs.example", brs="administrator"), "Otto", "other@brs.example")
    invite("sock@example.org")
    invite("sock@example.org", organisation="minamata")
    with transaction() as session:
        accounts.change_role(session, membership("keeper@brs.example"), "contributor", by=other, now=clock.now())
    assert accounts.open_invitations(db.session(), "brs", clock.now()) == []
    assert len(accounts.open_invitations(db.session(), "minamata", clock.now())) == 1


def test_all_invitations_to_and_from_a_closed_account_end(keeper, invite, add_account):
    other = Person(add_account("other@brs.example", brs="administrator"), "Otto", "other@brs.example")
    invite("sock@example.org")
    invite("sock@example.org", organisation="minamata")
    with transaction() as session:
        accounts.deactivate(session, accounts.account_of(session, "keeper@brs.example"), by=other, now=clock.now())
    for organisation in ("brs", "minamata"):
        assert accounts.open_invitations(db.session(), organisation, clock.now()) == []


def test_nobody_is_invited_at_the_address_that_is_nobodys(keeper):
    with transaction(keep=False) as session, pytest.raises(ValueError, match="cannot be an e-mail address"):
        accounts.invite_by_hand(
            session,
            email="Administrator@localhost",
            organisation="brs",
            role="contributor",
            language="en",
            by=keeper,
            now=clock.now(),
        )
