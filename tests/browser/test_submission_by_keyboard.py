"""An event on its way from a stranger's keyboard to the list, the planner and the feed."""

from __future__ import annotations

import email
import email.policy
import re
import subprocess
import time
import urllib.request
from datetime import date
from typing import TYPE_CHECKING

import pytest

from calendar_app.factory import ROOT
from tests.browser.keyboard import Keyboard
from tests.serving import FLASK, served

if TYPE_CHECKING:
    from pathlib import Path

TITLE = "Workshop on mercury in small-scale gold mining"
_WAIT_SECONDS = 40


@pytest.fixture
def running(chromium, tmp_path):
    """A calendar of its own: the shared one is only read."""
    with served(tmp_path, MAIL_URL=f"file:{tmp_path / 'outbox'}") as calendar:
        yield calendar


def letter_to(address: str, outbox: Path, *, containing: str) -> str:
    """Wait for the letter to `address` whose subject or text has `containing`; return its text."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        for file in sorted(outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            text = message.get_body(("plain",)).get_content()
            if address in message["To"] and containing in message["Subject"] + text:
                return text
        time.sleep(0.2)
    message = f"no letter to {address} with “{containing}” in {_WAIT_SECONDS} seconds"
    raise AssertionError(message)


def link_in(text: str) -> str:
    """The address in a letter, as its reader would open it."""
    found = re.search(r"http://127\.0\.0\.1:\d+/\S+", text)
    assert found, text
    return found[0]


@pytest.mark.timeout(300)
def test_an_event_comes_in_by_keyboard_alone_and_is_published(running, browser, tmp_path):  # noqa: PLR0915 - a story
    outbox = tmp_path / "outbox"
    invitation = subprocess.run(
        [FLASK, "accounts", "create", "coordinator@brs.example", "--organisation", "brs", "--role", "coordinator"],
        cwd=ROOT, env=running.environment, capture_output=True, text=True, check=True,
    ).stdout.split()[-1]  # fmt: skip
    begun = time.monotonic()
    sender = browser.new_context(locale="en-GB", reduced_motion="reduce").new_page()
    hands = Keyboard(sender)
    sender.goto(running.address)
    hands.follow("Add an event")

    hands.write("[name=organisation]", "BRS")
    hands.write("[name=title]", TITLE)
    hands.write("[name=kind]", "Workshop")
    hands.to("[name=convention][value=minamata]")
    sender.keyboard.press("Space")
    hands.write_day("[name=first_day]", date(2027, 9, 14))
    hands.write_day("[name=last_day]", date(2027, 9, 16))
    hands.write("[name=status]", "Confirmed")
    hands.write("[name=city]", "Nairobi")
    hands.write("[name=name]", "Amina Otieno")
    hands.write("[name=email]", "amina@centre.example")
    hands.follow("Send event")
    assert "We have received your event" in sender.inner_text("h1"), sender.inner_text("main")
    typed_in = time.monotonic() - begun

    sender.goto(link_in(letter_to("amina@centre.example", outbox, containing="/submissions/open/")))
    hands.follow("Send to BRS")
    assert "Waits for the secretariat" in sender.inner_text("main")

    owner = browser.new_context(locale="en-GB", reduced_motion="reduce").new_page()
    desk = Keyboard(owner)
    owner.goto(invitation)
    desk.write("[name=name]", "Ana Silva")
    desk.follow("Accept the invitation")
    owner.goto(running.address + "/moderation")
    desk.follow(TITLE)
    desk.write("[name=ask-reason]", "Please say who may take part.")
    desk.follow("Ask for changes")

    sender.goto(link_in(letter_to("amina@centre.example", outbox, containing="Please say who may take part.")))
    hands.follow("Change event")
    assert "Please say who may take part." in sender.inner_text("main")
    hands.write("[name=description]", "For focal points of the Minamata Convention in Africa.")
    hands.follow("Send changed event")
    assert "Waits for the secretariat" in sender.inner_text("main")

    owner.goto(running.address + "/moderation")
    desk.follow(TITLE)
    assert "For focal points" in owner.inner_text("main")
    desk.follow("Publish event")

    assert "Published" in sender.goto(sender.url).text()
    assert TITLE in sender.goto(running.address + "/").text()
    assert TITLE in sender.goto(running.address + "/planner?from=2027-08&months=3").text()
    with urllib.request.urlopen(running.address + "/feeds/minamata.ics") as feed:
        assert TITLE in feed.read().decode().replace("\r\n ", "")
    print(f"typed in {typed_in:.0f} s, published {time.monotonic() - begun:.0f} s after the first page")
    for page in (sender, owner):
        page.context.close()
