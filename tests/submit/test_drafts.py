"""Drafts: kept as typed, found again after the browser or the server was closed, and by nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import clock, transaction
from calendar_app.models import Draft, Submission
from calendar_app.services import drafts
from tests.conftest import close_databases, make_app
from tests.submit.conftest import fill_in, hidden_of, opened
from tests.web.forms import post, token_of

pytestmark = [pytest.mark.xdist_group("submit"), pytest.mark.either_database]
HALF = {"title": "Half a meeting", "first_day": "not a day", "venue": "Hall 7", "convention": ["basel", "nonsense"]}


def count(session, table=Draft) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table))


def keep(browser, **typed):
    return browser.post("/submit", data={**HALF, **typed, "action": "draft"} | opened(browser))


def test_a_draft_is_kept_as_typed_right_or_wrong(client, session):
    answer = keep(client)
    assert answer.status_code == 303
    html = client.get(answer.location).get_data(as_text=True)
    for text in ("Half a meeting", "not a day", "Hall 7", "This is your draft of", "Discard this draft"):
        assert text in html
    assert re.search(r'<input[^>]*checked[^>]*value="basel"|value="basel"[^>]*checked', html)
    assert count(session) == 1
    assert count(session, Submission) == 0


def test_a_strangers_draft_is_found_after_the_browser_and_the_server_were_closed(databases, tmp_path):
    url = databases.make(with_tables=True)
    first = make_app(url, tmp_path)
    with first.app_context():
        browser = first.test_client()
        keep(browser)
        cookie = browser.get_cookie("draft")
        close_databases()
    assert cookie.max_age == 90 * 24 * 3600
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    again = make_app(url, tmp_path)
    with again.app_context():
        # Of a closed browser only what has an age is left.
        later = again.test_client()
        later.set_cookie("draft", cookie.value)
        assert "Half a meeting" in later.get("/submit").get_data(as_text=True)
        assert "Half a meeting" not in later.get("/submit?new=1").get_data(as_text=True)
        assert "Half a meeting" not in again.test_client().get("/submit").get_data(as_text=True)
        close_databases()
    databases.drop(url)


def test_a_person_finds_drafts_in_any_browser_and_others_do_not(app, signed_in, session):
    here = signed_in("lee@brs.example", brs="contributor")
    keep(here)
    draft = session.scalars(select(Draft)).one()
    assert draft.account_id
    with here.session_transaction() as kept:
        values = dict(kept)
    elsewhere = app.test_client()
    with elsewhere.session_transaction() as kept:
        kept.update(values)
    assert "Half a meeting" in elsewhere.get("/submissions").get_data(as_text=True)
    assert "Half a meeting" in elsewhere.get(f"/submit?draft={draft.id}").get_data(as_text=True)
    other = signed_in("bo@brs.example", brs="administrator")
    for browser in (other, app.test_client()):
        assert "Half a meeting" not in browser.get(f"/submit?draft={draft.id}").get_data(as_text=True)
        post(browser, "/submit/draft/discard", {"draft": draft.id}, page="/submit?new=1")
        keep(browser, draft=draft.id, title="Taken over")
        session.rollback()
        assert session.get(Draft, draft.id).form["title"] == ["Half a meeting"]


def test_a_draft_begun_before_signing_in_is_found_after_it_and_belongs_to_the_person(app, signed_in, client, session):
    keep(client)
    browser = signed_in("lee@brs.example", brs="contributor")
    browser.set_cookie("draft", client.get_cookie("draft").value)
    html = browser.get("/submit").get_data(as_text=True)
    assert "Half a meeting" in html
    browser.post("/submit", data={**HALF, "title": "Mine now", "action": "draft"} | hidden_of(html))
    assert count(session) == 1
    assert session.scalars(select(Draft)).one().account_id
    assert "Mine now" not in client.get("/submit").get_data(as_text=True)


def test_what_is_saved_while_typing_changes_the_same_draft(client, session):
    data = {**HALF} | opened(client)
    first = client.post("/submit/draft", data=data)
    assert first.status_code == 200
    draft_id = first.json["draft"]
    second = client.post("/submit/draft", data={**data, "draft": draft_id, "title": "More of it"})
    assert second.json["draft"] == draft_id
    assert count(session) == 1
    assert session.scalars(select(Draft)).one().form["title"] == ["More of it"]
    assert client.post("/submit/draft", data=HALF).status_code == 400


def test_a_draft_without_a_page_that_is_ours_is_not_kept_and_shown_again(client, session):
    answer = client.post("/submit", data={**HALF, "action": "draft"})
    assert answer.status_code == 422
    assert "Half a meeting" in answer.get_data(as_text=True)
    assert count(session) == 0


def test_sending_removes_the_draft_and_it_does_not_come_back(client, session):
    keep(client)
    hidden = hidden_of(client.get("/submit").get_data(as_text=True))
    assert hidden["draft"]
    assert client.post("/submit", data=fill_in() | hidden).status_code == 303
    assert count(session) == 0
    # What the page's script saves a moment later is the same form.
    late = client.post("/submit/draft", data=fill_in() | hidden | {"csrf_token": token_of(client, "/submit")})
    assert late.json["draft"] == ""
    assert count(session) == 0
    assert "Half a meeting" not in client.get("/submit").get_data(as_text=True)


def test_what_a_second_tab_says_after_the_first_was_sent_is_a_draft_of_another_event(signed_in, session):
    browser = signed_in("lee@brs.example", brs="contributor")
    keep(browser)
    hidden = hidden_of(browser.get("/submit").get_data(as_text=True))
    first, second = (fill_in(title=title, name=None, email=None) | hidden for title in ("In Nairobi", "In Lima"))
    assert browser.post("/submit", data=first).status_code == 303
    saved = browser.post("/submit/draft", data=second).json["draft"]
    again = browser.post("/submit/draft", data={**second, "draft": saved}).json["draft"]
    assert again == saved != ""
    html = browser.get(f"/submit?draft={saved}").get_data(as_text=True)
    assert "In Lima" in html
    assert hidden_of(html)["key"] != hidden["key"]
    answer = browser.post("/submit", data={**second, "sure": "1"} | hidden_of(html))
    assert answer.status_code == 303
    titles = {found.form["title"][0] for found in session.scalars(select(Submission))}
    assert titles == {"In Nairobi", "In Lima"}
    assert count(session) == 0


def test_sending_something_else_leaves_the_draft_that_the_browser_holds(client, session):
    keep(client)
    assert client.post("/submit", data=fill_in() | opened(client)).status_code == 303
    assert count(session) == 1
    assert "Half a meeting" in client.get("/submit").get_data(as_text=True)


def test_discarding_a_draft_leaves_another_one_that_the_browser_holds(signed_in, client, session):
    browser = signed_in("lee@brs.example", brs="contributor")
    keep(browser, title="Of the account")
    own = session.scalars(select(Draft.id)).one()
    keep(client)
    browser.set_cookie("draft", client.get_cookie("draft").value)
    post(browser, "/submit/draft/discard", {"draft": own}, page="/submit")
    assert count(session) == 1
    assert "Half a meeting" in browser.get("/submit").get_data(as_text=True)


def test_a_draft_can_be_discarded(client, session):
    keep(client)
    answer = post(client, "/submit/draft/discard", {}, page="/submit")
    assert answer.status_code == 303
    assert count(session) == 0
    assert "Half a meeting" not in client.get("/submit").get_data(as_text=True)


def test_a_made_up_cookie_finds_nothing(app, client, session):
    keep(client)
    draft_id = session.scalars(select(Draft.id)).one()
    for value in (draft_id, f"{draft_id}.x", "", "x" * 3000, f'"{draft_id}".' + "A" * 27):
        browser = app.test_client()
        browser.set_cookie("draft", value)
        assert "Half a meeting" not in browser.get("/submit").get_data(as_text=True)


def test_strangers_drafts_go_after_90_days_without_a_change_and_those_of_people_stay(session, add_account):
    account_id = add_account("lee@brs.example", brs="contributor")
    stranger, person = drafts.Owner(), drafts.Owner(account_id=account_id)
    now = clock.now()
    with transaction() as writing:
        for owner, age in ((stranger, 91), (stranger, 89), (person, 400)):
            draft = drafts.save(writing, owner, "", {"title": [str(age)]}, now)
            draft.changed_at = now - timedelta(days=age)
    with transaction() as writing:
        drafts.save(writing, stranger, "", {"title": ["new"]}, now)
    titles = sorted(draft.form["title"][0] for draft in session.scalars(select(Draft)))
    assert titles == ["400", "89", "new"]
