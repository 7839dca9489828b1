"""Forms as a browser sends them: the page is fetched first, and its token goes along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token_of(browser: FlaskClient, page: str) -> str:
    """Return the token of the first form on a page."""
    answer = browser.get(page)
    found = _TOKEN.search(answer.get_data(as_text=True))
    assert found, (page, answer.status_code, answer.location)
    return found[1]


def post(
    browser: FlaskClient, address: str, data: dict[str, Any] | None = None, *, page: str | None = None, **options: Any
) -> TestResponse:
    """Send a form; `page` is where it stands, the address itself unless said otherwise."""
    token = token_of(browser, page or address)
    return browser.post(address, data={**(data or {}), "csrf_token": token}, **options)
