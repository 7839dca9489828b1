"""A real browser and a real server. CHROMIUM names the browser; else it is looked for on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from calendar_app.factory import ROOT
from tests.browser.pages import WIDE, status_of, write_added
from tests.serving import FLASK, Served, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium found; set CHROMIUM"
# For root and for closed networks: no sandbox, and no talk of its own with anybody.
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --no-first-run"
    " --disable-sync --disable-quic"
).split()
_skipped = pytest.StashKey[bool]()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say at the end that these tests did not run. On stderr, because a worker process has no summary of its own."""
    if config.stash.get(_skipped, False):
        sys.stderr.write(f"\nBROWSER TESTS SKIPPED: {MISSING}\n")
        sys.stderr.flush()


@pytest.fixture(scope="package")
def chromium(request) -> str:
    """The path of the browser. Without one the tests are skipped, but fail where CI is true."""
    named = os.environ.get("CHROMIUM")
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(MISSING, pytrace=False)
        request.config.stash[_skipped] = True
        pytest.skip(MISSING)
    return path


@pytest.fixture(scope="package")
def calendar(chromium, tmp_path_factory) -> Iterator[Served]:
    """The running calendar."""
    folder = tmp_path_factory.mktemp("browser")
    write_added(folder / "added.csv")
    with served(folder, CLOCK="2025-09-15T08:00Z") as running:
        added = subprocess.run(
            [FLASK, "events", "import", str(folder / "added.csv")],
            cwd=ROOT, env=running.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert added.returncode == 0, added.stdout + added.stderr
        command = [sys.executable, "-m", "tests.browser.added_source"]
        added = subprocess.run(command, cwd=ROOT, env=running.environment, capture_output=True, text=True, check=False)
        assert added.returncode == 0, added.stdout + added.stderr
        yield running


@pytest.fixture(scope="package")
def address(calendar) -> str:
    """The address of the running calendar."""
    return calendar.address


def invited(running: Served, email: str, *options: str) -> str:
    """Let somebody in from the command line; return the link that works once."""
    command = [FLASK, "accounts", "create", email, *options]
    done = subprocess.run(command, cwd=ROOT, env=running.environment, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


@pytest.fixture(scope="package")
def coordinator(calendar, browser) -> dict:
    """What the browser keeps of somebody who is signed in: a coordinator of BRS and a system administrator."""
    invited(calendar, "coordinator@brs.example", "--system-administrator", "--name", "Ana Silva")
    link = invited(calendar, "coordinator@brs.example", "--organisation", "brs", "--role", "administrator")
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Accept the invitation").click()
    page.wait_for_url("**/workspace")
    kept = context.storage_state()
    context.close()
    return kept


# Of the package, not of the session: the event loop that runs below would be in the way of other tests.
@pytest.fixture(scope="package")
def browser(chromium) -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@dataclass
class Visitor:
    """A reader with a browser window of their own."""

    address: str
    context: BrowserContext
    page: Page

    def begin(self) -> Visitor:
        """Make the window as it was at first."""
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(media="null", color_scheme="light")
        return self

    def open(self, path: str) -> Page:
        """Go to a path of the calendar, see that it answers as it should, and wait until everything is loaded."""
        answer = self.page.goto(self.address + path, wait_until="load")
        assert answer.status == status_of(path), f"{path} is answered {answer.status}"
        return self.page


# Without motion, so that what is measured has come to rest.
CALM = {"viewport": WIDE, "locale": "en-GB", "timezone_id": "UTC", "reduced_motion": "reduce"}


@contextmanager
def open_window(browser: Browser, address: str, **options) -> Iterator[Visitor]:
    """Give a visitor whose window is closed at the end."""
    context = browser.new_context(**(CALM | options))
    context.set_default_timeout(10_000)
    yield Visitor(address, context, context.new_page())
    context.close()


@pytest.fixture(scope="package")
def reader_window(browser, address) -> Iterator[Visitor]:
    """A reader for all tests that only look at pages: a new window for each page costs more than the page."""
    with open_window(browser, address) as reader:
        yield reader


@pytest.fixture(scope="package")
def member_window(browser, address, coordinator) -> Iterator[Visitor]:
    """The coordinator for all tests that only look at pages."""
    with open_window(browser, address, storage_state=coordinator) as member:
        yield member


@pytest.fixture
def reader(reader_window) -> Visitor:
    """A reader in the window that stays open, wide and light."""
    return reader_window.begin()


@pytest.fixture
def member(member_window) -> Visitor:
    """The coordinator in the window that stays open, wide and light."""
    return member_window.begin()


@pytest.fixture
def visitor(browser, address) -> Iterator[Callable[..., Visitor]]:
    """Make visitors: `visitor(viewport=NARROW, timezone_id="America/Lima", ...)`, any option of a browser context."""
    with ExitStack() as windows:
        yield lambda **options: windows.enter_context(open_window(browser, address, **options))
