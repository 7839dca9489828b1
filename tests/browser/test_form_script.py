"""The script of the event form keeps what is typed, asks before it is lost, and hides what is not meant."""

from __future__ import annotations

import uuid

import pytest

from tests.browser.conftest import invited
from tests.serving import served

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def written_to(chromium, tmp_path_factory):
    """A calendar for these tests: the shared one is only read."""
    with served(tmp_path_factory.mktemp("written-to")) as running:
        yield running


@pytest.fixture
def typist(written_to, browser):
    """Somebody with a new account in that calendar, and its address."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    person = f"{uuid.uuid4().hex}@brs.example"
    page.goto(invited(written_to, person, "--organisation", "brs", "--role", "coordinator"))
    page.fill("[name=name]", "Lee Wong")
    page.get_by_role("button", name="Accept the invitation").click()
    page.wait_for_url("**/workspace")
    yield page, written_to.address
    context.close()


def test_a_draft_is_saved_while_one_types_on_and_when_one_leaves(typist):
    page, address = typist
    page.goto(f"{address}/submit?new=1")
    with page.expect_response("**/submit/draft") as answer:
        for _ in range(12):
            page.locator("[name=title]").press_sequentially("ab ")
            page.wait_for_timeout(400)
    assert answer.value.ok
    page.locator(".draft-state:has-text('Draft saved')").wait_for()
    page.fill("[name=venue]", "Hall 7")
    page.goto(f"{address}/workspace")
    page.wait_for_timeout(1000)
    page.goto(f"{address}/submit")
    assert page.input_value("[name=venue]") == "Hall 7"
    page.fill("[name=venue]", "Hall 8")
    page.get_by_role("button", name="Discard this draft").click()
    page.wait_for_url("**/submit?new=1")
    page.wait_for_timeout(1000)
    page.goto(f"{address}/submit")
    assert page.input_value("[name=venue]") == ""


def test_leaving_a_form_without_a_draft_is_asked_about_when_something_is_typed(typist):
    page, address = typist
    page.goto(f"{address}/submit?new=1")
    page.fill("[name=title]", "Meeting")
    page.select_option("[name=organisation]", "brs")
    page.select_option("[name=kind]", "workshop")
    page.select_option("[name=status]", "tentative")
    page.fill("[name=first_day]", "2027-04-19")
    page.get_by_role("button", name="Keep in the calendar as a draft").click()
    page.wait_for_url("**/submit/received/**")
    page.goto(f"{address}/workspace")
    page.get_by_role("link", name="Events we keep").click()
    page.get_by_role("link", name="Meeting", exact=True).first.click()
    page.locator("a[href*='/edit']").first.click()
    page.locator("#submit-form").wait_for()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == []
    page.locator("[name=venue]").press_sequentially("Hall 7")
    page.reload()
    assert asked == ["beforeunload"]
    page.locator("[name=venue]").press_sequentially("Hall 7")
    page.get_by_role("button", name="Save changes").click()
    page.wait_for_url(lambda url: not url.endswith("/edit"))
    assert asked == ["beforeunload"]


def test_hours_are_asked_for_with_days_only_and_what_is_not_shown_is_not_sent(typist):
    page, address = typist
    page.goto(f"{address}/submit?new=1")
    start = page.locator("[name=start_time]")
    assert start.is_visible()
    page.get_by_role("radio", name="A month").check()
    assert start.is_hidden()
    page.fill("[name=month]", "2027-04")
    page.get_by_role("radio", name="Exact days").check()
    page.fill("[name=start_time]", "09:00")
    page.get_by_role("radio", name="Words only").check()
    assert start.is_visible()
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/submit")) as sent:
        page.get_by_role("button", name="Save draft").click()
    assert 'name="date_text"' in sent.value.post_data or "date_text=" in sent.value.post_data
    assert "month=" not in sent.value.post_data
