"""Private addresses as people make them and programs read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.web.forms import post

if TYPE_CHECKING:
    from flask.testing import FlaskClient

_ADDRESS = re.compile(r'value="https?://[^/"]+(/feeds/private/[^"]+\.ics)"')


def address_on(html: str) -> str:
    """The private address that a page shows, as a path."""
    found = _ADDRESS.search(html)
    assert found, html
    return found[1]


def make_private_feed(browser: FlaskClient, query: str = "", name: str = "Mine") -> str:
    """Make a private address of a filter on the page of subscribing; return it as a path."""
    answer = post(browser, f"/subscribe{query}", {"name": name})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return address_on(answer.get_data(as_text=True))


def unfolded(answer) -> str:
    """The text of a feed, its long lines whole again."""
    assert answer.status_code == 200, answer.data
    return answer.get_data(as_text=True).replace("\r\n ", "")
