"""Dates are checked where they are typed, by keyboard alone: why they are bad, a better one, a decision on bad ones."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import invited
from tests.browser.keyboard import Keyboard
from tests.browser.pages import NARROW, WIDE
from tests.browser.test_accessibility import COLOURS, OPEN_FOLDS, axe, findings
from tests.browser.test_submission_by_keyboard import letter_to, link_in
from tests.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("browser")
__all__ = ["axe"]
TITLE = "Nineteenth meeting of the Conference of the Parties to the Basel Convention"
MERCURY = "MC COP-6"
WHY = "The host country offers these days alone."


@pytest.fixture
def running(chromium, tmp_path):
    """A calendar of its own, some weeks before the Minamata COP of November 2025."""
    with served(tmp_path, CLOCK="2025-08-15T08:00Z", MAIL_URL=f"file:{tmp_path / 'outbox'}") as calendar:
        yield calendar


def panel_says(page: Page, text: str) -> str:
    """Wait until the panel says something; return all it says."""
    page.locator("#dates-panel", has_text=text).wait_for()
    return page.inner_text("#dates-panel")


def looked_at(page: Page, axe: str, where: str) -> None:
    """See that the page is in order wide and narrow, light and dark, all folds open, and does not scroll sideways."""
    page.evaluate(OPEN_FOLDS)
    found = []
    for name, viewport in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme="light")
        found += findings(page, axe, f"{where}, {name}, light")
        page.emulate_media(color_scheme="dark")
        found += findings(page, axe, f"{where}, {name}, dark", COLOURS)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (where, name)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    assert not found, "\n".join(found)


@pytest.mark.timeout(300)
def test_a_better_date_is_taken_with_the_keyboard_and_a_bad_one_takes_a_decision(running, browser, tmp_path, axe):  # noqa: PLR0915 - a story
    outbox = tmp_path / "outbox"
    sender = browser.new_context(locale="en-GB", reduced_motion="reduce").new_page()
    hands = Keyboard(sender)
    sender.goto(running.address + "/submit")
    hands.write("[name=organisation]", "BRS")
    hands.write("[name=title]", TITLE)
    hands.write("[name=kind]", "Conference of the Parties")
    hands.write("[name=body]", "BC-COP")
    hands.write_day("[name=first_day]", date(2025, 11, 3))
    hands.write_day("[name=last_day]", date(2025, 11, 7))
    hands.write("[name=status]", "Confirmed")
    hands.write("[name=city]", "Nairobi")
    sender.keyboard.press("Tab")

    text = panel_says(sender, "Critical")
    assert f"“{MERCURY}”" in text.replace("\u2068", "").replace("\u2069", "")
    assert "Both meetings draw on the same people" in text
    assert "the worst is critical" in sender.inner_text("#dates-state")
    looked_at(sender, axe, "form with a clash")

    hands.to("#dates-panel button[name=use]")
    days = sender.evaluate("document.activeElement.value")
    sender.keyboard.press("Enter")
    sender.wait_for_function("first => document.querySelector('[name=first_day]').value === first", arg=days[:10])
    assert sender.input_value("[name=last_day]") == days[11:]
    assert sender.input_value("[name=title]") == TITLE
    sender.wait_for_function("() => document.activeElement.id === 'dates-head'")
    assert "are filled in." in sender.inner_text("#dates-state")
    assert "Critical" not in sender.inner_text("#dates-panel")

    # From the panel the way back to the fields is the way back through the page.
    sender.evaluate("document.querySelector('[name=name]').focus()")
    hands.write("[name=name]", "Amina Otieno")
    hands.write("[name=email]", "amina@centre.example")
    hands.follow("Send event")
    assert "We have received your event" in sender.inner_text("h1"), sender.inner_text("main")
    sender.goto(link_in(letter_to("amina@centre.example", outbox, containing="/submissions/open/")))
    hands.follow("Send to BRS")

    owner = browser.new_context(locale="en-GB", reduced_motion="reduce").new_page()
    desk = Keyboard(owner)
    owner.goto(invited(running, "coordinator@brs.example", "--organisation", "brs", "--role", "coordinator"))
    desk.write("[name=name]", "Ana Silva")
    desk.follow("Accept the invitation")
    owner.goto(running.address + "/moderation")
    desk.follow(TITLE)
    assert "What these dates run into" in owner.inner_text("main")
    looked_at(owner, axe, "item of the queue")
    desk.follow("Publish event")
    assert "is published." in owner.inner_text("main")

    owner.goto(running.address + "/?q=Nineteenth")
    desk.follow(TITLE)
    desk.follow("Move")
    desk.write_day("[name=first_day]", date(2025, 11, 3))
    desk.write_day("[name=last_day]", date(2025, 11, 7))
    panel_says(owner, "Critical")
    desk.write("[name=reason]", "Asked for by the host.")
    desk.follow("Move event")
    assert "Nothing is saved yet." in owner.inner_text("main")
    looked_at(owner, axe, "form that asks for a decision")
    desk.write("[name=decision]", WHY)
    desk.follow("Move event")
    assert "is moved." in owner.inner_text("main")
    desk.follow("Look at this clash")
    assert WHY in owner.inner_text("main")
    for page in (sender, owner):
        page.context.close()


def test_without_a_script_the_button_of_a_better_date_fills_it_in(address, browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + "/submit")
    page.fill("[name=title]", TITLE)
    page.select_option("[name=kind]", "cop")
    page.fill("[name=body]", "BC-COP")
    page.fill("[name=first_day]", "2025-11-03")
    page.fill("[name=last_day]", "2025-11-07")
    page.fill("[name=city]", "Nairobi")
    page.get_by_role("button", name="Check dates and duplicates").click()
    assert "Critical" in page.inner_text("#dates-panel")
    button = page.locator("#dates-panel button[name=use]").first
    days = button.get_attribute("value")
    button.click()
    assert page.input_value("[name=first_day]") == days[:10]
    assert page.input_value("[name=title]") == TITLE
    assert "are filled in. Nothing is sent yet." in page.inner_text("#dates-panel")
    page.context.close()


def test_on_paper_the_panel_is_left_out(address, browser):
    page = browser.new_context().new_page()
    page.goto(address + "/submit")
    page.fill("[name=first_day]", "2025-11-03")
    page.locator("#dates-head").wait_for()
    page.emulate_media(media="print")
    assert not page.locator("#dates-panel").is_visible()
    assert not page.locator("#dates-pointer").is_visible()
    page.context.close()
