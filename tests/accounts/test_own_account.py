"""The own account: name, language, where one is signed in; and accounts that are closed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, AuditEntry, SignIn
from calendar_app.services import accounts, sign_ins
from calendar_app.services.access import Person
from calendar_app.web.accounts.own_account import handle_of
from tests.accounts.conftest import PASSWORD, account
from tests.accounts.letters import is_signed_in, letters, link_in
from tests.web.forms import post, token_of

pytestmark = pytest.mark.either_database

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"


def browsers_of(app, count: int):
    browsers = [app.test_client() for _number in range(count)]
    for browser in browsers:
        browser.environ_base["HTTP_USER_AGENT"] = FIREFOX
        post(browser, "/sign-in", {"email": "ana@brs.example", "password": PASSWORD})
    return browsers


def test_name_and_language_can_be_changed(signed_in):
    browser = signed_in("ana@brs.example", brs="coordinator")
    answer = post(browser, "/account", {"name": "  Ana\r\n  Núñez ", "language": "es"})
    assert answer.status_code == 303
    assert (account("ana@brs.example").name, account("ana@brs.example").language) == ("Ana Núñez", "es")
    page = browser.get("/account").text
    assert "Ana Núñez" in page
    assert "Coordinator" in page


@pytest.mark.parametrize("wrong", [{"name": "", "language": "es"}, {"name": "x" * 201, "language": "es"},
                                   {"name": "Ana", "language": "xx"}])  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(signed_in, wrong):
    answer = post(signed_in("ana@brs.example"), "/account", wrong)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_a_name_is_shown_as_text(signed_in):
    browser = signed_in("ana@brs.example")
    post(browser, "/account", {"name": "<script>alert(1)</script>", "language": "en"})
    page = browser.get("/account").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_browsers_are_listed_and_one_can_be_ended(app, with_password):
    with_password()
    first, second = browsers_of(app, 2)
    page = first.get("/account").text
    assert page.count("Firefox, Linux") == 2
    handle = page.partition('name="handle" value="')[2].partition('"')[0]
    token = token_of(first, "/account")
    assert first.post("/account/sign-ins/end", data={"handle": handle, "csrf_token": token}).status_code == 303
    assert is_signed_in(first)
    assert not is_signed_in(second)
    assert "sign-ins ended" in {entry.action for entry in db.session.scalars(select(AuditEntry))}


def test_all_others_can_be_ended(app, with_password):
    with_password()
    first, *others = browsers_of(app, 3)
    post(first, "/account/sign-ins/end", {"handle": "others"}, page="/account")
    assert is_signed_in(first)
    assert not any(map(is_signed_in, others))


def test_nobody_ends_the_sign_in_of_another_person(app, with_password, signed_in):
    with_password()
    (browser,) = browsers_of(app, 1)
    row = db.session.scalars(select(SignIn)).one().id
    stranger = signed_in("bo@brs.example")
    post(stranger, "/account/sign-ins/end", {"handle": handle_of(row)}, page="/account")
    post(stranger, "/account/sign-ins/end", {"handle": row}, page="/account")
    post(stranger, "/account/sign-ins/end", {"handle": "others"}, page="/account")
    assert is_signed_in(browser)


def test_the_id_of_a_browser_is_on_no_page(app, with_password):
    with_password()
    (browser,) = browsers_of(app, 1)
    assert db.session.scalars(select(SignIn)).one().id not in browser.get("/account").text


@pytest.mark.parametrize(
    ("agent", "words"), [(FIREFOX, "Firefox, Linux"), (SAFARI, "Safari, iOS"), (EDGE, "Edge, Windows"), ("curl/8", "")]
)
def test_programs_are_told_in_words(agent, words):
    assert sign_ins.program_of(agent) == words


def test_a_closed_account_is_out_at_once_and_cannot_sign_in(app, with_password):
    account_id = with_password()
    (browser,) = browsers_of(app, 1)
    keeper = Person(account_id=account_id, name="Keeper", email="k@brs.example", system_administrator=True)
    with transaction() as session:
        accounts.deactivate(session, session.get(Account, account_id), by=keeper, now=clock.now())
    assert not is_signed_in(browser)
    data = {"email": "ana@brs.example", "password": PASSWORD}
    assert post(app.test_client(), "/sign-in", data).status_code == 422
    assert post(app.test_client(), "/password/forgot", data).status_code == 303
    assert post(app.test_client(), "/sign-in/link", data, page="/sign-in").status_code == 303
    assert letters() == []
    with transaction() as session:
        accounts.reactivate(session, session.get(Account, account_id), by=keeper, now=clock.now())
    assert not is_signed_in(browser), "a sign-in from before must not come back"
    assert post(app.test_client(), "/sign-in", data).status_code == 303


def test_rights_that_are_taken_away_are_gone_at_the_next_request(app, signed_in, add_event):
    hidden = add_event(title="Members only", visibility="members", stage="published")
    browser = signed_in("ana@brs.example", brs="contributor")
    assert browser.get(f"/events/{hidden}").status_code == 200
    with transaction() as session:
        session.scalars(select(Account)).one().memberships.clear()
    assert browser.get(f"/events/{hidden}").status_code == 404


def test_the_page_of_somebody_without_organisation_is_not_kept_for_others(app, signed_in):
    browser = signed_in("lonely@example.org", name="Lonely Person")
    assert "Lonely Person" in browser.get("/planner").text
    assert "Lonely Person" not in app.test_client().get("/planner").text


def test_the_account_page_asks_strangers_to_sign_in(client):
    for address in ("/account", "/password", "/two-step/set-up", "/two-step/remove", "/confirm-identity"):
        answer = client.get(address)
        assert (answer.status_code, answer.location) == (303, f"/sign-in?next={address}")


def test_ending_all_others_voids_the_links_that_were_sent(app, with_password):
    with_password()
    (browser,) = browsers_of(app, 1)
    data = {"email": "ana@brs.example"}
    post(app.test_client(), "/sign-in/link", data, page="/sign-in")
    post(app.test_client(), "/password/forgot", data)
    links = [link_in(letter, part) for letter, part in zip(letters(), ("/sign-in/link/", "/password/"), strict=True)]
    post(browser, "/account/sign-ins/end", {"handle": "others"}, page="/account")
    assert is_signed_in(browser)
    assert [app.test_client().get(link).status_code for link in links] == [410, 410]
    assert is_signed_in(browser), "not for one page only"


def test_a_name_turns_no_text_beside_it(signed_in):
    post(signed_in("ana@brs.example"), "/account", {"name": "\u202eevil\u2066 x", "language": "en"})
    assert account("ana@brs.example").name == "evil x"


def test_another_name_leaves_an_entry_with_both(signed_in):
    browser = signed_in("ana@brs.example", name="Ana")
    post(browser, "/account", {"name": "Ana", "language": "fr"})
    assert db.session.scalars(select(AuditEntry)).all() == []
    post(browser, "/account", {"name": "Somebody Else", "language": "fr"})
    db.session.rollback()
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.actor, entry.action, entry.subject) == ("Ana", "name changed", "ana@brs.example")
    assert entry.details == {"before": "Ana", "after": "Somebody Else"}
