"""The members of an organisation: inviting, changing roles, ending, and never without an administrator."""

from __future__ import annotations

import threading

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, AuditEntry, Invitation, Membership, OutboxMessage
from calendar_app.services import accounts, members
from calendar_app.services.access import person_of
from tests.accounts.letters import letters, link_in
from tests.web.forms import post

pytestmark = pytest.mark.either_database

PAGE = "/admin/organisations/brs/members"


def role_of(account_id: int) -> str | None:
    db.session().rollback()
    membership = db.session().get(Membership, (account_id, "brs"))
    return membership.role if membership else None


def test_an_invitation_goes_out_in_the_language_chosen_and_stands_on_the_page(session, signed_in):
    browser = signed_in("anna@brs.example", brs="administrator")
    data = {"email": " Carl@BRS.example ", "role": "coordinator", "language": "ar"}
    assert post(browser, PAGE, data).status_code == 303
    letter = session.query(OutboxMessage).one()
    assert (letter.to_email, letter.language) == ("carl@brs.example", "ar")
    assert "/invitations/" in letter.text
    html = browser.get(PAGE).get_data(as_text=True)
    assert "carl@brs.example" in html
    entry = session.query(AuditEntry).filter_by(action="member invited").one()
    assert (entry.actor, entry.organisation_code, entry.subject) == ("Anna", "brs", "carl@brs.example")


def test_what_cannot_be_an_address_is_said_at_its_field_and_kept(session, signed_in):
    browser = signed_in("anna@brs.example", brs="administrator")
    for wrong in ("nobody", "a@b@c", "a b@example.org", "x@example.org\r\nBcc: y@example.org", "x" * 300 + "@a.org"):
        answer = post(browser, PAGE, {"email": wrong, "role": "contributor", "language": "en"})
        assert answer.status_code == 422, wrong
        assert 'id="email-error"' in answer.get_data(as_text=True), wrong
    assert session.query(Invitation).count() == 0


def test_an_invitation_sent_again_ends_the_older_one_and_can_be_taken_back(session, signed_in):
    browser = signed_in("anna@brs.example", brs="administrator")
    post(browser, PAGE, {"email": "carl@brs.example", "role": "contributor", "language": "en"})
    first = session.query(Invitation).one().id
    assert post(browser, f"/admin/organisations/brs/invitations/{first}/resend", page=PAGE).status_code == 303
    session.rollback()
    old, new = session.query(Invitation).order_by(Invitation.id)
    assert old.revoked_at
    assert not new.revoked_at
    assert session.query(OutboxMessage).count() == 2
    new_id = new.id
    assert post(browser, f"/admin/organisations/brs/invitations/{new_id}/revoke", page=PAGE).status_code == 303
    session.rollback()
    assert accounts.open_invitations(session, "brs", clock.now()) == []
    # What is over cannot be sent again.
    answer = post(browser, f"/admin/organisations/brs/invitations/{new_id}/resend", page=PAGE)
    assert answer.status_code == 404


def test_an_invitation_of_another_organisation_is_not_reached(session, signed_in):
    with transaction() as writing:
        accounts.invite_by_hand(
            writing,
            email="m@m.example",
            organisation="minamata",
            role="contributor",
            language="en",
            by=None,
            now=clock.now(),
        )
    invitation_id = session.query(Invitation).one().id
    browser = signed_in("anna@brs.example", brs="administrator")
    for act in ("resend", "revoke"):
        answer = post(browser, f"/admin/organisations/brs/invitations/{invitation_id}/{act}", page=PAGE)
        assert answer.status_code == 404
    huge = f"/admin/organisations/brs/invitations/{10**30}/revoke"
    assert post(browser, huge, page=PAGE).status_code == 404


def test_roles_change_and_memberships_end(add_account, signed_in):
    browser = signed_in("anna@brs.example", brs="administrator")
    carl = add_account("carl@brs.example", brs="contributor", minamata="contributor")
    assert post(browser, f"{PAGE}/{carl}/role", {"role": "coordinator"}, page=PAGE).status_code == 303
    assert role_of(carl) == "coordinator"
    assert post(browser, f"{PAGE}/{carl}/role", {"role": "emperor"}, page=PAGE).status_code == 400
    assert post(browser, f"{PAGE}/{carl}/remove", page=PAGE).status_code == 303
    assert role_of(carl) is None
    # The other membership and the account stay.
    assert db.session().get(Membership, (carl, "minamata"))
    assert post(browser, f"{PAGE}/{carl}/remove", page=PAGE).status_code == 404
    actions = [entry.action for entry in db.session().query(AuditEntry).order_by(AuditEntry.id)]
    assert actions == ["role changed", "member removed"]


def test_the_last_administrator_stays(add_account, signed_in, session):
    browser = signed_in("anna@brs.example", brs="administrator")
    anna = session.query(Account).filter_by(email="anna@brs.example").one().id
    for act, data in (("role", {"role": "contributor"}), ("remove", {})):
        answer = post(browser, f"{PAGE}/{anna}/{act}", data, page=PAGE, follow_redirects=True)
        assert "would have no administrator" in answer.get_data(as_text=True)
        assert role_of(anna) == "administrator"
    other = add_account("otto@brs.example", brs="administrator")
    assert post(browser, f"{PAGE}/{anna}/role", {"role": "contributor"}, page=PAGE).location.endswith("/admin")
    assert role_of(anna) == "contributor"
    assert role_of(other) == "administrator"
    assert browser.get(PAGE).status_code == 403


def test_two_administrators_who_remove_each_other_at_once_leave_one(app, add_account, add_event):
    # Something was written to this calendar before, as in life: its version is what writers wait for.
    add_event()
    both = [add_account(f"{name}@brs.example", brs="administrator") for name in ("anna", "otto")]
    ready = threading.Barrier(2)

    def remove(mine: int, other: int) -> None:
        with app.app_context():
            ready.wait()
            try:
                with transaction() as session:
                    if members.find(session, "brs", mine) is None:
                        return
                    person = person_of(session.get(Account, mine))
                    accounts.remove_member(session, members.find(session, "brs", other), by=person, now=clock.now())
            finally:
                db.session.remove()

    threads = [threading.Thread(target=remove, args=pair) for pair in (both, both[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(filter(None, map(role_of, both))) == ["administrator"]


def test_an_organisation_that_is_no_member_of_the_exchange_has_nobody(session, signed_in):
    browser = signed_in("root@example.org", system_administrator=True)
    page = "/admin/organisations/unep/members"
    assert "nobody can be invited" in browser.get(page).get_data(as_text=True)
    answer = post(
        browser,
        page,
        {"email": "x@unep.example", "role": "administrator", "language": "en"},
        page="/admin/organisations/new",
    )
    assert answer.status_code == 403
    assert session.query(Invitation).count() == 0


def test_an_account_is_closed_opened_and_signed_out_by_the_system_administrator(add_account, signed_in, session):
    root = signed_in("root@example.org", system_administrator=True)
    carl_browser = signed_in("carl@brs.example", brs="contributor")
    carl = session.query(Account).filter_by(email="carl@brs.example").one().id
    assert carl_browser.get("/submissions").status_code == 200

    def act(name: str):
        return post(root, f"/admin/people/{carl}/{name}", page="/admin/people?q=carl")

    assert act("end").status_code == 303
    assert carl_browser.get("/submissions").status_code == 303
    again = signed_in("dora@brs.example", brs="contributor")
    dora = session.query(Account).filter_by(email="dora@brs.example").one().id
    assert again.get("/submissions").status_code == 200
    assert post(root, f"/admin/people/{dora}/close", page="/admin/people?q=dora").status_code == 303
    assert again.get("/submissions").status_code == 303
    session.rollback()
    assert not session.get(Account, dora).active
    assert post(root, f"/admin/people/{dora}/open", page="/admin/people?q=dora").status_code == 303
    session.rollback()
    assert session.get(Account, dora).active
    # What was signed in before stays out.
    assert again.get("/submissions").status_code == 303
    actions = [entry.action for entry in session.query(AuditEntry).order_by(AuditEntry.id)]
    assert actions == ["sign-ins ended", "account closed", "account opened again"]


def test_the_system_administrator_cannot_close_their_own_account(signed_in, session):
    browser = signed_in("root@example.org", system_administrator=True)
    own = session.query(Account).one().id
    assert post(browser, f"/admin/people/{own}/close", page="/admin/lists/cities/new").status_code == 400
    session.rollback()
    assert session.get(Account, own).active


def test_people_are_found_by_name_and_address_and_signs_mean_themselves(add_account, signed_in):
    browser = signed_in("root@example.org", system_administrator=True)
    add_account("carl_x@brs.example", name="Carl Émile", brs="contributor")
    add_account("dora@brs.example", name="Dora 100%", brs="contributor")

    def found(text: str) -> set[str]:
        html = browser.get("/admin/people", query_string={"q": text}).get_data(as_text=True)
        return {name for name in ("carl_x@", "dora@") if name in html}

    assert found("CARL") == {"carl_x@"}
    assert found("_") == {"carl_x@"}
    assert found("%") == {"dora@"}
    assert found("nobody") == set()
    assert found("\0") == {"carl_x@", "dora@"}


def test_signing_somebody_out_everywhere_voids_their_links(app, add_account, signed_in):
    root = signed_in("root@example.org", system_administrator=True)
    carl = add_account("carl@brs.example", brs="contributor")
    browser = app.test_client()
    post(browser, "/sign-in/link", {"email": "carl@brs.example"}, page="/sign-in")
    link = link_in(letters("carl@brs.example")[0], "/sign-in/link/")
    assert browser.get(link).status_code == 200
    post(root, f"/admin/people/{carl}/end", page="/admin/people?q=carl")
    assert browser.get(link).status_code == 410


def test_an_address_to_which_no_letter_can_go_is_not_invited(session, signed_in):
    browser = signed_in("anna@brs.example", brs="administrator")
    for wrong in ("bob@intranet", "x@printer.local", "administrator@localhost"):
        answer = post(browser, PAGE, {"email": wrong, "role": "contributor", "language": "en"})
        assert answer.status_code == 422, wrong
        assert 'id="email-error"' in answer.get_data(as_text=True), wrong
    assert session.query(Invitation).count() == 0
