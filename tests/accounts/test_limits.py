"""How often sign-in and its companions may be tried."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

import config
from calendar_app.extensions import clock, network
from calendar_app.factory import create_app
from tests.accounts.conftest import PASSWORD
from tests.accounts.letters import letters
from tests.conftest import NOW, ON_SQLITE, Browser, close_databases
from tests.web.forms import token_of

pytestmark = pytest.mark.either_database


@pytest.fixture
def settings() -> dict[str, str]:
    """What is set besides the database."""
    return {}


@pytest.fixture
def app(databases, tmp_path, settings):
    """An application whose limits are on."""
    url = databases.make(with_tables=True)
    values = {"DATABASE_URL": url, "SECRET_KEY": "x" * 40, "CLOCK": NOW, **settings}
    application = create_app(config.load(values, tmp_path).for_flask())
    application.testing = True
    application.test_client_class = Browser
    with application.app_context():
        yield application
        close_databases()
    databases.drop(url)


def try_often(browser, address, page, times, **values):
    token = token_of(browser, page)
    data = {"csrf_token": token, "email": "ana@brs.example", "password": "wrong but long enough", **values}
    return [browser.post(address, data=data) for _time in range(times)]


def browser_at(app, network_address):
    browser = app.test_client()
    browser.environ_base["REMOTE_ADDR"] = network_address
    return browser


@pytest.mark.parametrize(
    ("address", "page", "usual"),
    [
        ("/sign-in", "/sign-in", 422),
        ("/sign-in/link", "/sign-in", 303),
        ("/password/forgot", "/password/forgot", 303),
    ],
)
def test_an_account_can_be_tried_five_times_a_minute_from_a_network(app, with_password, address, page, usual):
    with_password()
    browser = browser_at(app, "192.0.2.7")
    answers = try_often(browser, address, page, 5)
    assert {answer.status_code for answer in answers} == {usual}
    (answer,) = try_often(browser, address, page, 1, email=" ANA@brs.example")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert "That was tried too often" in answer.text
    (answer,) = try_often(browser, address, page, 1, email="bo@brs.example")
    assert answer.status_code == usual
    (answer,) = try_often(browser_at(app, "198.51.100.9"), address, page, 1, password=PASSWORD)
    assert answer.status_code == 303, "what others try does not keep the person out"


@ON_SQLITE
@pytest.mark.parametrize("email", ["ana@brs.example", "nobody@brs.example"])
def test_an_account_can_be_tried_a_hundred_times_an_hour_from_everywhere(app, with_password, email):
    with_password()
    for number in range(20):
        answers = try_often(browser_at(app, f"192.0.2.{number}"), "/sign-in", "/sign-in", 5, email=email)
        assert {answer.status_code for answer in answers} == {422}
    (answer,) = try_often(browser_at(app, "198.51.100.9"), "/sign-in", "/sign-in", 1, email=email)
    assert answer.status_code == 429


def test_what_is_refused_at_one_network_does_not_count_elsewhere(app, with_password, monkeypatch):
    with_password()
    real, codes = time.time, []
    for minute in range(25):
        monkeypatch.setattr(time, "time", lambda minute=minute: real() + 61 * minute)
        answers = try_often(browser_at(app, "192.0.2.7"), "/sign-in", "/sign-in", 6)
        codes += [answer.status_code for answer in answers]
    assert codes == ([422] * 5 + [429]) * 6 + [429] * 114
    (answer,) = try_often(browser_at(app, "198.51.100.9"), "/sign-in", "/sign-in", 1, password=PASSWORD)
    assert answer.status_code == 303


def test_no_more_than_five_links_an_hour_go_to_an_account_and_nobody_is_told(app, with_password):
    with_password()
    for number in range(4):
        for address, page in (("/sign-in/link", "/sign-in"), ("/password/forgot", "/password/forgot")):
            (answer,) = try_often(browser_at(app, f"192.0.2.{number}"), address, page, 1)
            (unknown,) = try_often(browser_at(app, f"192.0.2.{number}"), address, page, 1, email="no@brs.example")
            assert (answer.status_code, answer.location) == (unknown.status_code, unknown.location)
    assert len(letters()) == 5
    clock.fixed += timedelta(hours=1)
    try_often(browser_at(app, "192.0.2.1"), "/sign-in/link", "/sign-in", 1)
    assert len(letters()) == 6


def test_what_one_user_may_have_of_the_sixth_version_is_one_network(app):
    def try_at(network_address: str, number: int) -> int:
        browser = browser_at(app, network_address)
        (answer,) = try_often(browser, "/sign-in", "/sign-in", 1, email=f"p{number}@x.example")
        return answer.status_code

    codes = [try_at(f"2001:db8:1:2:{number:x}::1", number) for number in range(21)]
    assert codes == [422] * 20 + [429]
    assert try_at("2001:db8:1:3::1", 99) == 422


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_networks_are_counted_as(app, address, counted_as):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert network() == counted_as


def test_an_address_of_the_network_can_try_twenty_times_a_minute_whatever_the_account(app):
    browser = app.test_client()
    token = token_of(browser, "/sign-in")
    codes = [
        browser.post("/sign-in", data={"csrf_token": token, "email": f"p{n}@x.example", "password": "x"}).status_code
        for n in range(21)
    ]
    assert codes == [422] * 20 + [429]


def test_what_is_limited_can_still_be_read(app):
    browser = app.test_client()
    try_often(browser, "/sign-in", "/sign-in", 6)
    assert browser.get("/sign-in").status_code == 200
    assert browser.get("/").status_code == 200


def test_codes_can_be_tried_five_times_a_minute(app, with_password, with_authenticator):
    code, _codes = with_authenticator(with_password())
    browser = app.test_client()
    (answer,) = try_often(browser, "/sign-in", "/sign-in", 1, password=PASSWORD)
    assert answer.location == "/two-step"
    token = token_of(browser, "/two-step")
    for _time in range(5):
        assert browser.post("/two-step", data={"csrf_token": token, "code": "000000"}).status_code == 422
    assert browser.post("/two-step", data={"csrf_token": token, "code": code()}).status_code == 429
    answer = browser.post("/two-step/recovery", data={"csrf_token": token, "code": "0000-0000-0000"})
    assert answer.status_code == 429, "the other way in must not give further tries"


def test_invitations_and_links_cannot_be_guessed_at_will(app):
    browser = app.test_client()
    token = token_of(browser, "/sign-in")
    for address in ("/invitations/x", "/sign-in/link/x", "/password/forgot/x"):
        codes = [browser.post(address, data={"csrf_token": token}).status_code for _time in range(6)]
        assert codes == [410] * 5 + [429], address
        assert browser.post(f"{address}y", data={"csrf_token": token}).status_code == 410, (
            "another link is not this one"
        )
        codes = [browser.post(f"{address}{n}", data={"csrf_token": token}).status_code for n in range(15)]
        assert codes == [410] * 14 + [429], "a network has twenty tries whatever the link"


class TestWithoutTheStoreThatIsShared:
    """REDIS_URL is set, but nothing answers there: each process counts for itself, and people can sign in."""

    @pytest.fixture
    def settings(self):
        return {"REDIS_URL": "redis://127.0.0.1:1/0"}

    def test_people_sign_in_and_limits_hold(self, app, with_password):
        with_password()
        (answer,) = try_often(app.test_client(), "/sign-in", "/sign-in", 1, password=PASSWORD)
        assert answer.status_code == 303
        answers = try_often(app.test_client(), "/sign-in", "/sign-in", 6)
        assert answers[-1].status_code == 429
