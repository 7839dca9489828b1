"""Signing in by password and by mailed link."""

from __future__ import annotations

import logging
from datetime import timedelta

import argon2.low_level
import pytest
from flask.sessions import SecureCookieSessionInterface
from flask_login.utils import encode_cookie
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, AuditEntry, SignIn
from tests.accounts.conftest import PASSWORD, account
from tests.accounts.letters import is_signed_in, letters, link_in
from tests.web.forms import post

pytestmark = pytest.mark.either_database


def sign_in(browser, email="ana@brs.example", password=PASSWORD, **values):
    return post(browser, "/sign-in", {"email": email, "password": password, **values})


def test_a_password_signs_in_and_leads_to_the_page_asked_for(client, with_password):
    with_password(brs="coordinator")
    answer = sign_in(client, next="/account")
    assert (answer.status_code, answer.location) == (303, "/account")
    assert is_signed_in(client)
    assert [entry.action for entry in db.session.scalars(select(AuditEntry))] == ["signed in"]


def test_the_address_may_be_typed_in_capitals(client, with_password):
    with_password()
    assert sign_in(client, email=" Ana@BRS.example ").status_code == 303


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_signing_in_leads_nowhere_else(client, with_password, elsewhere):
    with_password()
    assert sign_in(client, next=elsewhere).location == "/workspace"


def test_the_session_after_signing_in_is_a_new_one(client, with_password):
    with_password()
    with client.session_transaction() as kept:
        kept["planted"] = "before"
    sign_in(client)
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept["sign_in"]


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(app, with_password, add_account):
    with_password()
    add_account("bo@brs.example")
    answers = [
        sign_in(app.test_client(), email=email, password="wrong but long enough")
        for email in ("ana@brs.example", "nobody@brs.example", "bo@brs.example")
    ]
    assert {answer.status_code for answer in answers} == {422}
    pages = {
        answer.text.replace(email, "").replace(token(answer), "")
        for answer, email in zip(answers, ("ana@brs.example", "nobody@brs.example", "bo@brs.example"), strict=True)
    }
    assert len(pages) == 1


def token(answer) -> str:
    return answer.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]


def test_a_hash_is_computed_once_whether_the_account_exists_or_not(app, with_password, add_account, monkeypatch):
    with_password()
    add_account("bo@brs.example")
    sign_in(app.test_client(), email="first@brs.example", password="makes the hash to compare with")
    computed = []
    verify = argon2.low_level.verify_secret

    def count(*values):
        computed.append(values)
        return verify(*values)

    monkeypatch.setattr(argon2.low_level, "verify_secret", count)
    counts = []
    for email in ("ana@brs.example", "nobody@brs.example", "bo@brs.example"):
        computed.clear()
        sign_in(app.test_client(), email=email, password="wrong but long enough")
        counts.append(len(computed))
    assert counts == [1, 1, 1]


def test_what_was_typed_in_vain_is_counted_and_kept_nowhere(app, with_password, caplog):
    caplog.set_level(logging.DEBUG)
    with_password()
    for _time in range(3):
        sign_in(app.test_client(), password="my other secret password")
    sign_in(app.test_client(), email="typed secret by mistake", password="x")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.subject, entry.details) for entry in entries] == [
        ("sign-in failed", "ana@brs.example", {"times": 3}),
        ("sign-in failed", "", {"times": 1}),
    ]
    assert "secret" not in caplog.text


def test_a_mailed_link_signs_in_once(app, client, with_password):
    with_password()
    assert post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in").location == "/sign-in/link"
    (letter,) = letters("ana@brs.example")
    link = link_in(letter, "/sign-in/link/")
    assert post(client, link).status_code == 303
    assert is_signed_in(client)
    another = app.test_client()
    assert another.get(link).status_code == 410
    assert post(another, "/sign-out", page="/sign-in").status_code == 303
    with another.session_transaction() as kept:
        assert "_user_id" not in kept


def test_a_link_used_voids_the_others(app, client, add_account):
    add_account("ana@brs.example")
    for _time in range(2):
        post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in")
    first, second = (link_in(letter, "/sign-in/link/") for letter in letters())
    assert post(app.test_client(), first).status_code == 303
    assert app.test_client().get(second).status_code == 410


def test_a_post_that_replays_a_link_is_refused(app, client, add_account):
    add_account("ana@brs.example")
    post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in")
    link = link_in(letters()[0], "/sign-in/link/")
    assert post(client, link).status_code == 303
    another = app.test_client()
    assert post(another, link, page="/sign-in").status_code == 410
    assert not is_signed_in(another)


def test_opening_a_link_as_mail_scanners_do_changes_nothing(app, client, add_account):
    add_account("ana@brs.example")
    post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in")
    link = link_in(letters()[0], "/sign-in/link/")
    for _time in range(3):
        scanner = app.test_client()
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code == 200
        assert not is_signed_in(scanner)
    assert db.session.scalars(select(SignIn)).all() == []
    assert post(client, link).status_code == 303


def test_a_link_is_good_for_fifteen_minutes(app, client, add_account):
    add_account("ana@brs.example")
    assert app.config["SECURITY_LOGIN_WITHIN"] == timedelta(minutes=15)
    post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in")
    link = link_in(letters()[0], "/sign-in/link/")
    app.config["SECURITY_LOGIN_WITHIN"] = timedelta(seconds=-1)
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("broken", ["x", "WyJhIiwiYiJd.aa.bb", "é", "a" * 3000])
def test_a_link_that_is_not_ours_signs_nobody_in(client, broken):
    assert client.get(f"/sign-in/link/{broken}").status_code == 410


def test_asking_for_a_link_tells_nothing_about_an_address(app, add_account):
    add_account("ana@brs.example")
    answers = [
        post(app.test_client(), "/sign-in/link", {"email": email}, page="/sign-in")
        for email in ("ana@brs.example", "nobody@brs.example")
    ]
    assert answers[0].status_code == answers[1].status_code == 303
    assert answers[0].location == answers[1].location
    assert list(answers[0].headers.keys()) == list(answers[1].headers.keys())
    assert len(letters()) == 1


def test_the_letter_is_in_the_language_of_the_account_and_its_subject_holds_no_secret(client, add_account):
    account_id = add_account("ana@brs.example")
    with transaction() as session:
        session.get(Account, account_id).language = "ar"
    post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in")
    (letter,) = letters()
    assert letter.language == "ar"
    assert 'dir="rtl"' in letter.html
    assert link_in(letter, "/sign-in/link/").rpartition("/")[2][:10] not in letter.subject


def test_signing_out_ends_the_row_and_a_stolen_cookie_is_worth_nothing(app, client, with_password):
    with_password()
    sign_in(client)
    stolen = client.get_cookie("session").value
    post(client, "/sign-out", page="/account")
    assert not is_signed_in(client)
    thief = app.test_client()
    thief.set_cookie("session", stolen)
    assert not is_signed_in(thief)


def test_signing_out_takes_a_post_with_a_token(client, with_password):
    with_password()
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert is_signed_in(client)


def test_a_cookie_for_being_remembered_signs_nobody_in(app, add_account):
    add_account("ana@brs.example")
    browser = app.test_client()
    browser.set_cookie("remember_token", encode_cookie(account("ana@brs.example").fs_uniquifier))
    assert not is_signed_in(browser)


def test_a_signed_cookie_without_a_row_is_a_strangers(app, add_account):
    add_account("ana@brs.example")
    browser = app.test_client()
    with browser.session_transaction() as kept:
        kept["_user_id"] = account("ana@brs.example").fs_uniquifier
        kept["_fresh"] = True
    assert not is_signed_in(browser)


def test_an_authentication_token_in_the_address_signs_nobody_in(app, client, add_account):
    add_account("ana@brs.example")
    with app.test_request_context():
        secret = account("ana@brs.example").get_auth_token()
    assert client.get(f"/account?auth_token={secret}").status_code == 303
    assert client.get("/account", headers={"Authentication-Token": secret}).status_code == 303


def test_a_browser_is_signed_out_after_twelve_hours_without_use(client, with_password):
    with_password()
    sign_in(client)
    start = clock.fixed
    clock.fixed = start + timedelta(hours=11)
    assert is_signed_in(client)
    clock.fixed += timedelta(hours=11)
    assert is_signed_in(client)
    clock.fixed += timedelta(hours=12, minutes=1)
    assert not is_signed_in(client)


def test_a_browser_is_signed_out_after_fourteen_days_whatever_its_use(client, with_password):
    with_password()
    sign_in(client)
    start = clock.fixed
    for hours in range(10, 14 * 24, 10):
        clock.fixed = start + timedelta(hours=hours)
        assert is_signed_in(client)
    clock.fixed = start + timedelta(days=14, minutes=1)
    assert not is_signed_in(client)


def test_use_is_noted_at_most_every_ten_minutes(client, with_password, session):
    with_password()
    sign_in(client)
    seen = []
    for minutes in (5, 4, 2):
        clock.fixed += timedelta(minutes=minutes)
        client.get("/account")
        session.rollback()
        seen.append(session.scalar(select(SignIn.seen_at)))
    assert len(set(seen)) == 3 - 1


def test_cookies_outside_development_are_bound_to_host_and_https(app_elsewhere):
    answer = app_elsewhere.test_client().get("/sign-in", base_url="https://calendar.example.org")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-session=")
    parts = {part.strip() for part in cookie.split(";")}
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= parts
    assert "Domain" not in cookie


def test_the_session_is_signed_and_tampering_makes_a_stranger(app, client, with_password):
    with_password()
    sign_in(client)
    forged = SecureCookieSessionInterface().get_signing_serializer(app).dumps({})
    assert forged.count(".") == 2
    value = client.get_cookie("session").value
    client.set_cookie("session", value[:-2] + ("aa" if not value.endswith("aa") else "bb"))
    assert not is_signed_in(client)


def test_pages_of_signed_in_people_and_of_signing_in_are_kept_nowhere(client, with_password):
    with_password()
    for address in ("/sign-in", "/sign-in/link", "/password/forgot", "/sign-in/link/x", "/invitations/x"):
        assert client.get(address).headers["Cache-Control"] == "no-store", address
    sign_in(client)
    for address in ("/account", "/", "/calendar", "/planner", "/about"):
        assert client.get(address).headers["Cache-Control"] == "no-store", address


def test_a_page_with_a_token_in_its_address_sends_no_referrer(client):
    for address in ("/sign-in/link/x", "/password/forgot/x", "/invitations/x"):
        assert client.get(address).headers["Referrer-Policy"] == "no-referrer", address
    assert client.get("/sign-in").headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_public_pages_give_strangers_no_cookie_and_differ_by_cookie(client):
    for address in ("/", "/calendar", "/about"):
        answer = client.get(address)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" in answer.headers["Vary"]
        assert "no-store" not in answer.headers.get("Cache-Control", "")


def test_what_a_stranger_is_told_once_is_not_in_a_page_kept_for_others(app, client, with_password):
    with_password()
    sign_in(client)
    client.get("/account")
    post(client, "/sign-out", page="/account")
    assert "You are signed out" not in client.get("/").text
    assert "You are signed out" not in app.test_client().get("/").text
    assert "You are signed out" in client.get("/sign-in").text


def test_the_pages_of_flask_security_itself_do_not_exist(client):
    for address in ("/login", "/logout", "/verify", "/register", "/reset", "/change", "/us-signin", "/us-setup",
                    "/tf-setup", "/tf-validate", "/mf-recovery", "/fs-static/js/base64.js"):  # fmt: skip
        assert client.get(address).status_code == 404, address
        assert client.post(address, json={}).status_code in {400, 404}, address


def test_rows_of_browsers_long_gone_are_dropped_at_the_next_sign_in(app, with_password, session):
    with_password()
    for days in (0, 30, 91):
        clock.fixed += timedelta(days=days)
        sign_in(app.test_client())
    assert len(session.scalars(select(SignIn)).all()) == 1


def test_links_and_their_secrets_are_in_no_log(client, add_account, caplog):
    caplog.set_level(logging.DEBUG)
    add_account("ana@brs.example")
    post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in")
    link = link_in(letters()[0], "/sign-in/link/")
    post(client, link)
    assert is_signed_in(client)
    assert link.rpartition("/")[2] not in caplog.text
