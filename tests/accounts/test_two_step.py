"""The second step of signing in."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from passlib.totp import TOTP

from calendar_app.extensions import clock
from tests.accounts.conftest import PASSWORD, account
from tests.accounts.letters import is_signed_in, letters, link_in
from tests.web.forms import post, token_of

pytestmark = pytest.mark.either_database


def first_step(browser, email="ana@brs.example", **values):
    return post(browser, "/sign-in", {"email": email, "password": PASSWORD, **values})


def test_a_password_alone_lets_nobody_in_where_a_second_step_is_set_up(client, with_password, with_authenticator):
    code, _codes = with_authenticator(with_password(brs="coordinator"))
    answer = first_step(client, next="/about")
    assert answer.location == "/two-step"
    assert not is_signed_in(client)
    answer = post(client, "/two-step", {"code": f"{code()[:3]} {code()[3:]}"})
    assert (answer.status_code, answer.location) == (303, "/about")
    assert is_signed_in(client)


def test_a_mailed_link_alone_lets_nobody_in_either_and_is_spent(app, client, with_password, with_authenticator):
    code, _codes = with_authenticator(with_password())
    post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in")
    link = link_in(letters()[0], "/sign-in/link/")
    assert post(client, link).location == "/two-step"
    assert not is_signed_in(client)
    assert app.test_client().get(link).status_code == 410
    assert post(client, "/two-step", {"code": code()}).status_code == 303


def test_a_code_is_accepted_once(app, with_password, with_authenticator):
    code, _codes = with_authenticator(with_password())
    used = code()
    browsers = [app.test_client(), app.test_client()]
    for browser in browsers:
        first_step(browser)
    assert post(browsers[0], "/two-step", {"code": used}).location == "/workspace"
    answer = post(browsers[1], "/two-step", {"code": used})
    assert not answer.location
    assert answer.status_code == 422
    assert "used before" in answer.text
    assert not is_signed_in(browsers[1])


@pytest.mark.parametrize("typed", ["000000", "abc", "12345", "", "\u0660" * 6, "1" * 21])
def test_a_wrong_code_is_told_at_its_field(client, with_password, with_authenticator, typed):
    with_authenticator(with_password())
    first_step(client)
    answer = post(client, "/two-step", {"code": typed})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not is_signed_in(client)


def test_the_first_step_lapses(client, with_password, with_authenticator):
    code, _codes = with_authenticator(with_password())
    first_step(client)
    clock.fixed += timedelta(minutes=11)
    assert client.get("/two-step").location == "/sign-in?next=/two-step"
    assert client.get("/sign-in").status_code == 200
    assert not is_signed_in(client)
    assert code()


def test_the_second_step_without_the_first_leads_to_signing_in(client):
    for address in ("/two-step", "/two-step/recovery"):
        assert client.get(address).status_code == 303
        assert "/sign-in" in client.get(address).location


def test_a_recovery_code_works_once(app, with_password, with_authenticator):
    _code, codes = with_authenticator(with_password())
    assert len(set(codes)) == 10
    browsers = [app.test_client(), app.test_client()]
    for browser in browsers:
        first_step(browser)
    assert post(browsers[0], "/two-step/recovery", {"code": codes[3].upper().replace("-", " ")}).status_code == 303
    assert is_signed_in(browsers[0])
    assert post(browsers[1], "/two-step/recovery", {"code": codes[3]}).status_code == 422
    assert not is_signed_in(browsers[1])
    assert post(browsers[1], "/two-step/recovery", {"code": codes[4]}).status_code == 303
    assert "8 recovery codes are left" in browsers[1].get("/account").text


def test_recovery_codes_and_secrets_are_kept_encrypted(with_password, with_authenticator):
    _code, codes = with_authenticator(with_password())
    kept = account("ana@brs.example")
    assert not set(codes) & set(kept.mf_recovery_codes)
    assert '"enckey"' in kept.tf_totp_secret


def set_up(browser):
    page = browser.get("/two-step/set-up").text
    assert 'src="data:image/svg+xml;base64,' in page
    key = re.search(r'class="account-key" dir="ltr"><code>([^<]+)<', page)[1].strip()
    return key, page


def code_of(key: str) -> str:
    return TOTP(key=key).generate().token


def test_setting_up_takes_a_code_from_the_authenticator_and_gives_recovery_codes(signed_in):
    browser = signed_in("ana@brs.example", brs="coordinator")
    key, _page = set_up(browser)
    answer = post(browser, "/two-step/set-up", {"code": "000000"})
    assert answer.status_code == 422
    assert not account("ana@brs.example").tf_totp_secret
    assert set_up(browser)[0] == key, "a mistyped code must not make people scan again"
    answer = post(browser, "/two-step/set-up", {"code": code_of(key)})
    assert answer.status_code == 200
    codes = re.findall(r"<li>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</li>", answer.text)
    assert len(codes) == 10
    assert answer.headers["Cache-Control"] == "no-store"
    assert account("ana@brs.example").tf_totp_secret
    assert "Two-step" in letters("ana@brs.example")[0].subject


def test_setting_up_needs_a_fresh_sign_in(app, with_password, signed_in):
    browser = signed_in("bo@brs.example")
    with browser.session_transaction() as kept:
        kept["fs_paa"] = 1_000_000.0
    answer = browser.get("/two-step/set-up")
    assert answer.location == "/confirm-identity?next=/two-step/set-up"
    assert post(browser, "/two-step/recovery-codes", page="/account").location == "/confirm-identity?next=/account"


def test_confirming_takes_the_password(app, with_password):
    with_password()
    browser = app.test_client()
    first_step(browser)
    with browser.session_transaction() as kept:
        kept["fs_paa"] = 1_000_000.0
    address = "/confirm-identity?next=/two-step/set-up"
    assert post(browser, address, {"password": "not the password"}).status_code == 422
    assert browser.get("/two-step/set-up").status_code == 303
    assert post(browser, address, {"password": PASSWORD}).location == "/two-step/set-up"
    assert browser.get("/two-step/set-up").status_code == 200


def test_confirming_without_a_password_takes_a_link(signed_in):
    browser = signed_in("bo@brs.example")
    with browser.session_transaction() as kept:
        kept["fs_paa"] = 1_000_000.0
    post(browser, "/confirm-identity?next=/two-step/set-up")
    link = link_in(letters("bo@brs.example")[0], "/sign-in/link/")
    assert post(browser, link).location == "/two-step/set-up"
    assert browser.get("/two-step/set-up").status_code == 200


def test_removing_it_is_told_by_letter(app, with_password, with_authenticator):
    code, _codes = with_authenticator(with_password())
    browser = app.test_client()
    first_step(browser)
    post(browser, "/two-step", {"code": code()})
    assert post(browser, "/two-step/remove").status_code == 303
    kept = account("ana@brs.example")
    assert not kept.tf_totp_secret
    assert not kept.mf_recovery_codes
    assert letters("ana@brs.example")
    assert first_step(app.test_client()).location == "/workspace"


class TestOutsideDevelopment:
    """The rights of those who decide need a second step there."""

    @pytest.fixture
    def app(self, app_elsewhere):
        # The test client speaks http, and its requests name no host of ours.
        app_elsewhere.config["SESSION_COOKIE_SECURE"] = False
        app_elsewhere.config["SESSION_COOKIE_NAME"] = "session"
        return app_elsewhere

    @pytest.mark.parametrize(
        "values", [{"brs": "coordinator"}, {"brs": "administrator"}, {"system_administrator": True}]
    )
    def test_those_who_decide_are_led_to_setting_up(self, signed_in, values):
        browser = signed_in("ana@brs.example", **values)
        assert browser.get("/account").status_code == 200
        assert browser.get("/two-step/set-up").status_code == 200
        for address in ("/workspace", "/moderation", "/admin"):
            answer = browser.get(address)
            assert (answer.status_code, answer.location) == (303, "/two-step/set-up"), address

    def test_until_then_public_pages_take_them_for_strangers(self, signed_in, add_event):
        hidden = add_event(title="Members only", visibility="members", stage="published")
        browser = signed_in("ana@brs.example", brs="coordinator")
        assert browser.get(f"/events/{hidden}").status_code == 404
        key, _page = set_up(browser)
        post(browser, "/two-step/set-up", {"code": code_of(key)})
        assert browser.get(f"/events/{hidden}").status_code == 200
        assert browser.get("/workspace").status_code == 200

    def test_contributors_need_none(self, signed_in):
        assert signed_in("cy@brs.example", brs="contributor").get("/workspace").status_code == 200

    def test_who_decides_cannot_remove_it(self, signed_in):
        browser = signed_in("ana@brs.example", brs="coordinator")
        key, _page = set_up(browser)
        post(browser, "/two-step/set-up", {"code": code_of(key)})
        assert post(browser, "/two-step/remove", page="/account").status_code == 403
        assert account("ana@brs.example").tf_totp_secret


def at_once(*works):
    """Start all at the same moment; return what each gives."""
    ready = threading.Barrier(len(works))

    def run(work):
        ready.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_one_code_used_in_two_browsers_at_once_lets_one_in(app, with_password, with_authenticator):
    code, codes = with_authenticator(with_password())
    browsers = [app.test_client() for _number in range(4)]
    tokens = []
    for browser in browsers:
        first_step(browser)
        tokens.append(token_of(browser, "/two-step"))
    used = code()
    by_code = [
        lambda browser=browser, token=token: browser.post("/two-step", data={"csrf_token": token, "code": used})
        for browser, token in zip(browsers[:2], tokens[:2], strict=True)
    ]
    by_recovery = [
        lambda browser=browser, token=token: browser.post(
            "/two-step/recovery", data={"csrf_token": token, "code": codes[0]}
        )
        for browser, token in zip(browsers[2:], tokens[2:], strict=True)
    ]
    assert sorted(answer.status_code for answer in at_once(*by_code)) == [303, 422]
    assert sorted(answer.status_code for answer in at_once(*by_recovery)) == [303, 422]


def test_one_link_used_in_two_browsers_at_once_lets_one_in(app, client, add_account):
    add_account("ana@brs.example")
    post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in")
    link = link_in(letters()[0], "/sign-in/link/")
    browsers = [app.test_client(), app.test_client()]
    tokens = [token_of(browser, link) for browser in browsers]
    works = [
        lambda browser=browser, token=token: browser.post(link, data={"csrf_token": token})
        for browser, token in zip(browsers, tokens, strict=True)
    ]
    assert sorted(answer.status_code for answer in at_once(*works)) == [303, 410]


def test_a_proof_lasts_half_an_hour_however_often_it_is_used(signed_in):
    browser = signed_in("ana@brs.example")
    with browser.session_transaction() as kept:
        kept["fs_paa"] = time.time() - 29 * 60
    assert browser.get("/two-step/set-up").status_code == 200
    with browser.session_transaction() as kept:
        kept["fs_paa"] -= 2 * 60
    assert browser.get("/two-step/set-up").status_code == 303
