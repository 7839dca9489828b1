"""What protects every answer whatever the area: the whole policy, https alone, no sharing, errors that tell nothing."""

from __future__ import annotations

import pytest
from flask import request

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import AuditEntry
from calendar_app.services import audit, reference_entries
from calendar_app.web.accounts import links
from tests.admin.test_lists import CITY
from tests.conftest import close_databases, make_app
from tests.web.forms import post

PAGES = (
    "/",
    "/nowhere",
    "/sign-in",
    "/submit",
    "/admin",
    "/feeds/all.ics",
    "/static/css/site.css",
    "/healthz",
    "/?x=1",
)
POLICY = {
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


@pytest.fixture
def on_the_internet(databases, tmp_path):
    """An application as it runs for the public, behind one proxy that speaks https."""
    url = databases.make(with_tables=True)
    app = make_app(url, tmp_path, PUBLIC_URL="https://calendar.example.org", TRUSTED_PROXIES="1", CLOCK="")
    with app.app_context():
        yield app
        close_databases()
    databases.drop(url)


def test_every_answer_carries_the_whole_policy_and_may_be_read_by_this_host_alone(client):
    for page in PAGES:
        for method in ("GET", "POST", "OPTIONS"):
            answer = client.open(page, method=method, headers={"Origin": "https://evil.example"})
            assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY, (method, page)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"]
            assert not [name for name in answer.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118
            answer.close()


def test_a_calendar_on_the_internet_is_asked_for_by_https_alone(on_the_internet):
    browser = on_the_internet.test_client()
    for page in PAGES:
        answer = browser.get(page, base_url="https://calendar.example.org")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", page
        answer.close()


def test_the_cookie_of_a_draft_is_bound_to_host_and_https_too(on_the_internet):
    browser = on_the_internet.test_client()
    base = "https://calendar.example.org"
    page = browser.get("/submit", base_url=base).get_data(as_text=True)
    values = {}
    for name in ("csrf_token", "key", "opened"):
        _before, _name, rest = page.partition(f'name="{name}"')
        values[name] = rest.partition('value="')[2].partition('"')[0]
    data = {**values, "title": "Half a title"}
    answer = browser.post("/submit/draft", data=data, base_url=base, headers={"Referer": f"{base}/submit"})
    cookies = [c for c in answer.headers.getlist("Set-Cookie") if "draft" in c.partition("=")[0]]
    assert cookies, answer.status_code
    for cookie in cookies:
        assert cookie.startswith("__Host-draft=")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}


def test_the_network_address_that_a_proxy_gives_is_believed_and_the_readers_own_word_is_not(on_the_internet):
    seen = []
    on_the_internet.before_request_funcs[None].append(lambda: seen.append(_address()))
    browser = on_the_internet.test_client()
    # The reader claims one address, the proxy adds the true one behind it.
    browser.get("/about", headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.1"})
    assert seen == ["203.0.113.1"]


def _address() -> str | None:
    return request.remote_addr


def test_an_error_nobody_thought_of_tells_nothing_and_changes_nothing(app, signed_in, monkeypatch):
    root = signed_in("root@example.org", system_administrator=True)
    before = db.session().query(AuditEntry).count()

    def fail(session, *_values, **_names) -> None:
        audit.note(session, actor="x", action="signed in", subject="x", now=clock.now())
        session.flush()
        message = "secret of the inside"
        raise RuntimeError(message)

    monkeypatch.setattr(reference_entries, "put_in_force", fail)
    monkeypatch.setattr(app, "testing", False)
    answer = post(root, "/admin/lists/cities/new", CITY)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "Something went wrong here" in html
    for inside in ("secret of the inside", "Traceback", "RuntimeError", "reference_entries"):
        assert inside not in html
    db.session().rollback()
    assert db.session().query(AuditEntry).count() == before
    with transaction() as session:
        assert reference_entries.row_of(session, "cities", "entebbe") is None


def test_a_page_that_fails_is_logged_by_its_rule_so_that_no_token_is_in_the_log(app, monkeypatch, caplog):
    def fail(*_values, **_names) -> None:
        message = "the inside"
        raise RuntimeError(message)

    monkeypatch.setattr(links, "account_of_sign_in_link", fail)
    monkeypatch.setattr(app, "testing", False)
    assert app.test_client().get("/sign-in/link/TOKEN123").status_code == 500
    assert "Exception on /sign-in/link/<token> [GET]" in caplog.text
    assert "the inside" in caplog.text
    assert "TOKEN123" not in caplog.text
