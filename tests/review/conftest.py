"""A review, and people who hold it: Ana decides for BRS, which convenes it, and Bo for Minamata."""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from calendar_app.extensions import clock
from tests.clashes.conftest import clash, found, hold  # noqa: F401 - fixtures
from tests.work.filling import send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

NOVEMBER, DECEMBER = "/review/2026-11", "/review/2026-12"


@pytest.fixture
def ana(signed_in) -> FlaskClient:
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def bo(signed_in) -> FlaskClient:
    return signed_in("bo@minamata.example", minamata="coordinator")


@pytest.fixture
def at() -> Iterator[Callable[[str], None]]:
    """Set the clock: `at("2026-12-05T09:00Z")`."""
    before = clock.fixed

    def move(moment: str) -> None:
        clock.fixed = datetime.fromisoformat(moment)

    yield move
    clock.fixed = before


def decide(browser: FlaskClient, line: str, text: str, review: str = NOVEMBER, **typed: str):
    """Open the form at a line, fill it in and send it."""
    page = f"{review}?line={line}"
    return send(browser, page, {"text": text, **typed}, action=f"{review}/decisions")


def read(browser: FlaskClient, page: str = NOVEMBER) -> str:
    """What a page says, without its markup."""
    answer = browser.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    return said(answer.get_data(as_text=True))


def said(text: str) -> str:
    main = text.partition("<main")[2].partition("</main>")[0]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))
