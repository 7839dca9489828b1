"""A private address on its way from a member's keyboard to a calendar program, and its end."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request

import pytest

from calendar_app.factory import ROOT
from tests.browser.keyboard import Keyboard
from tests.browser.pages import NARROW
from tests.browser.test_accessibility import axe, findings  # noqa: F401 - axe is a fixture
from tests.browser.test_layout import CUT_OFF, SMALL, STICKING_OUT
from tests.serving import FLASK, served

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def running(chromium, tmp_path):
    """A calendar of its own: the shared one is only read."""
    with served(tmp_path) as calendar:
        yield calendar


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status
    except urllib.error.HTTPError as problem:
        problem.close()
        return problem.code


@pytest.mark.timeout(300)
def test_a_private_address_is_chosen_made_copied_and_revoked_by_keyboard_alone(running, browser, axe):  # noqa: F811
    invitation = subprocess.run(
        [FLASK, "accounts", "create", "ana@brs.example", "--organisation", "brs", "--role", "contributor"],
        cwd=ROOT, env=running.environment, capture_output=True, text=True, check=True,
    ).stdout.split()[-1]  # fmt: skip
    context = browser.new_context(
        locale="en-GB", reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    hands = Keyboard(page)
    page.goto(invitation)
    hands.write("[name=name]", "Ana Silva")
    hands.follow("Accept the invitation")
    hands.follow("Subscribe")

    hands.to("[name=convention][value=basel]")
    page.keyboard.press("Space")
    hands.to("[name=tbc]")
    page.keyboard.press("Space")
    hands.follow("Update the address")
    assert "convention=basel" in page.url
    hands.rewrite("#private [name=name]", "Basel for me")
    hands.follow("Make a private address")
    assert "“Basel for me” is made" in page.inner_text("main")
    found = findings(page, axe, "private address")
    page.set_viewport_size(NARROW)
    found += page.evaluate(STICKING_OUT) + page.evaluate(CUT_OFF) + page.evaluate(SMALL)
    assert not found, "\n".join(found)

    hands.to("[data-copy=address-https]")
    page.keyboard.press("Enter")
    page.get_by_text("Address copied.").wait_for()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{running.address}/feeds/private/")
    assert status_of(address) == 200

    hands.follow("I have kept it")
    assert page.url.endswith("/subscribe#private")
    row = page.locator("#private tbody tr").inner_text()
    assert "Basel for me" in row
    assert "Convention or process: Basel" in row
    assert "Never used yet" not in row
    assert address.rpartition("/")[2] not in page.content()
    found = findings(page, axe, "private addresses")
    found += page.evaluate(STICKING_OUT) + page.evaluate(CUT_OFF) + page.evaluate(SMALL)
    assert not found, "\n".join(found)

    hands.follow("Revoke")
    assert "“Basel for me” is revoked" in page.inner_text("main")
    assert page.locator("#private tbody tr").count() == 0
    assert status_of(address) == 404
    context.close()
    assert running.stop() == 0
    # Neither the server nor the program wrote the address down.
    token = address.rpartition("/")[2].removesuffix(".ics")
    assert token not in running.log.read_text(errors="replace")


def test_the_page_works_without_scripts(running, browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{running.address}/subscribe")
    page.check("[name=convention][value=basel]")
    page.select_option("[name=own]", "brs")
    page.get_by_role("button", name="Update the address").click()
    assert "convention=basel" in page.input_value("#address-https")
    assert "own=brs" in page.input_value("#address-https")
    assert page.locator("[role=status]").first.inner_text()
    page.context.close()
