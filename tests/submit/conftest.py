"""The form as tests fill it in, by people who take no time to think."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import config
from calendar_app.extensions import limiter
from calendar_app.factory import create_app
from tests.conftest import NOW, Browser, close_databases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

_INPUT = re.compile(r'<input[^>]*name="(csrf_token|key|opened|draft)"[^>]*>')
_VALUE = re.compile(r'value="([^"]*)"')


@pytest.fixture(autouse=True)
def quick(request):
    """Who fills in a form in a test does not take the time that people take."""
    if "app" in request.fixturenames:
        request.getfixturevalue("app").config["FORM_LEAST_SECONDS"] = 0


@pytest.fixture
def limited(databases, tmp_path) -> Iterator[Flask]:
    """An application in which it counts how often something is sent."""
    url = databases.make(with_tables=True)
    settings = config.load({"DATABASE_URL": url, "SECRET_KEY": "x" * 40, "CLOCK": NOW}, tmp_path).for_flask()
    application = create_app({**settings, "FORM_LEAST_SECONDS": 0, "RATELIMIT_ENABLED": True})
    application.test_client_class = Browser
    with application.app_context():
        limiter.reset()
        yield application
        limiter.reset()
        close_databases()
    databases.drop(url)


def hidden_of(html: str) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    found = {}
    for match in _INPUT.finditer(html):
        value = _VALUE.search(match[0])
        found.setdefault(match[1], value[1] if value else "")
    return found


def opened(browser: FlaskClient, address: str = "/submit?new=1") -> dict[str, str]:
    """Open the form and return its hidden fields."""
    return hidden_of(browser.get(address).get_data(as_text=True))


WORKSHOP = {
    "organisation": "brs",
    "title": "Workshop on mercury-free dentistry",
    "title_language": "en",
    "kind": "workshop",
    "dates": "day",
    "first_day": "2027-04-19",
    "last_day": "2027-04-21",
    "status": "confirmed",
    "name": "Rosa Diaz",
    "email": "rosa@centre.example",
}


def fill_in(**changes) -> dict[str, object]:
    """What a person types; None leaves a field out."""
    return {name: value for name, value in {**WORKSHOP, **changes}.items() if value is not None}
