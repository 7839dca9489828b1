"""Choosing passwords: forgotten ones, changed ones, first ones."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import AuditEntry
from calendar_app.services.passwords import problem_of
from calendar_app.web.accounts import identity
from tests.accounts.conftest import PASSWORD, account
from tests.accounts.letters import is_signed_in, letters, link_in
from tests.conftest import configure_in_earnest, make_app
from tests.web.forms import post

NEW = "eleven brown kettles on the train"


def forgot(browser, email="ana@brs.example"):
    return post(browser, "/password/forgot", {"email": email})


def test_a_forgotten_password_is_chosen_anew_by_a_mailed_link_that_works_once(app, client, with_password):
    with_password()
    forgot(client)
    link = link_in(letters()[0], "/password/forgot/")
    for _time in range(2):
        assert client.get(link).status_code == 200, "opening it, as mail scanners do, must not spend it"
    answer = post(client, link, {"password": NEW, "repeated": NEW})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert not is_signed_in(client)
    assert client.get(link).status_code == 410
    assert post(client, link, {"password": PASSWORD, "repeated": PASSWORD}, page="/sign-in").status_code == 410
    data = {"email": "ana@brs.example", "password": PASSWORD}
    assert post(app.test_client(), "/sign-in", data).status_code == 422
    assert post(app.test_client(), "/sign-in", {**data, "password": NEW}).status_code == 303


def test_a_forgotten_password_does_not_go_round_the_second_step(app, client, with_password, with_authenticator):
    with_authenticator(with_password())
    forgot(client)
    link = link_in(letters()[0], "/password/forgot/")
    post(client, link, {"password": NEW, "repeated": NEW})
    assert post(client, "/sign-in", {"email": "ana@brs.example", "password": NEW}).location == "/two-step"


def test_a_password_link_is_good_for_one_hour(app, client, with_password):
    with_password()
    assert app.config["SECURITY_RESET_PASSWORD_WITHIN"] == timedelta(hours=1)
    forgot(client)
    app.config["SECURITY_RESET_PASSWORD_WITHIN"] = timedelta(seconds=-1)
    assert client.get(link_in(letters()[0], "/password/forgot/")).status_code == 410


def test_asking_for_a_new_password_tells_nothing_about_an_address(app, with_password):
    with_password()
    answers = [forgot(app.test_client(), email) for email in ("ana@brs.example", "nobody@brs.example")]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    pages = [app.test_client().get(answer.location).text for answer in answers]
    assert pages[0] == pages[1]
    assert len(letters()) == 1


def test_a_new_password_ends_all_other_sign_ins_and_is_told_by_letter(app, with_password):
    with_password()
    browsers = [app.test_client(), app.test_client()]
    for browser in browsers:
        post(browser, "/sign-in", {"email": "ana@brs.example", "password": PASSWORD})
    before = account("ana@brs.example").fs_uniquifier
    answer = post(browsers[0], "/password", {"current": PASSWORD, "password": NEW, "repeated": NEW})
    assert answer.status_code == 303
    assert is_signed_in(browsers[0])
    assert not is_signed_in(browsers[1])
    assert account("ana@brs.example").fs_uniquifier != before
    assert "password was changed" in letters()[0].subject
    assert "password changed" in {entry.action for entry in db.session.scalars(select(AuditEntry))}


def test_a_new_password_voids_the_links_that_were_sent(app, client, with_password):
    with_password()
    forgot(client)
    post(client, "/sign-in/link", {"email": "ana@brs.example"}, page="/sign-in")
    links = [link_in(letters()[0], "/password/forgot/"), link_in(letters()[1], "/sign-in/link/")]
    browser = app.test_client()
    post(browser, "/sign-in", {"email": "ana@brs.example", "password": PASSWORD})
    post(browser, "/password", {"current": PASSWORD, "password": NEW, "repeated": NEW})
    assert [client.get(link).status_code for link in links] == [410, 410]


def test_changing_takes_the_password_so_far(app, with_password):
    with_password()
    browser = app.test_client()
    post(browser, "/sign-in", {"email": "ana@brs.example", "password": PASSWORD})
    answer = post(browser, "/password", {"current": "something else", "password": NEW, "repeated": NEW})
    assert answer.status_code == 422
    assert "This is not your password" in answer.text
    assert PASSWORD not in answer.text
    assert NEW not in answer.text


def test_the_programs_own_hashes_cost_what_owasp_asks_at_the_least(databases, tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "configure", configure_in_earnest)
    url = databases.make(with_tables=True)
    with make_app(url, tmp_path).test_request_context():
        assert hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    databases.drop(url)


def test_the_first_password_takes_a_fresh_sign_in_only(signed_in, app):
    browser = signed_in("bo@brs.example")
    assert post(browser, "/password", {"password": NEW, "repeated": NEW}).status_code == 303
    assert account("bo@brs.example").password.startswith("$argon2id$")
    late = signed_in("cy@brs.example")
    with late.session_transaction() as kept:
        kept["fs_paa"] = 1_000_000.0
    assert late.get("/password").location == "/confirm-identity?next=/password"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "12 to 128 characters"),
        ("x" * 129, "12"),
        ("passwordpassword", "too easy"),
        ("ana@brs.example!", "too easy"),
        ("Minamata2027Geneva", "too easy"),
        ("123456789012345", "too easy"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_at_its_field(signed_in, password, said):
    browser = signed_in("ana@brs.example")
    answer = post(browser, "/password", {"password": password, "repeated": password})
    assert answer.status_code == 422
    assert said in answer.text
    assert account("ana@brs.example").password is None


def test_the_two_must_be_the_same(signed_in):
    answer = post(signed_in("ana@brs.example"), "/password", {"password": NEW, "repeated": NEW + "!"})
    assert answer.status_code == 422
    assert "not the same" in answer.text


@pytest.mark.parametrize(
    "password",
    [PASSWORD, NEW, "коричневый чайник едет", "七只安静的苍鹭在湖上飞来飞去呢", "kX9#vTq2!mLw", "a!b@c#d$e%f^g&"],
)
def test_good_passwords_are_taken_in_every_script(password):
    assert problem_of(password, "ana@brs.example", "Ana Brown") is None


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaaaa", "abcdefghijklmnop", "qwertyuiop2024", "Welcome to Geneva 2026", "ana.brown.1999"]
)
def test_what_strangers_try_first_is_not(password):
    assert problem_of(password, "ana@brs.example", "Ana Brown") == "easy"


def test_a_password_typed_in_another_normal_form_is_the_same(app, client, signed_in):
    browser = signed_in("ana@brs.example")
    composed, apart = (
        "crème brûlée für Zoë in Nîmes",
        "cre\u0300me bru\u0302le\u0301e fu\u0308r Zoe\u0308 in Ni\u0302mes",
    )
    assert post(browser, "/password", {"password": composed, "repeated": apart}).status_code == 303
    assert post(client, "/sign-in", {"email": "ana@brs.example", "password": apart}).status_code == 303
