"""A form as a browser sends it: every field of the page with the value that stands there, and what a person types."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

_NOT_SENT = {"submit", "button"}


class _Forms(HTMLParser):
    """Collects the fields of each form that posts, by the form's address."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self.fields: dict[str, list[str]] | None = None
        self.select = self.text = ""
        self.first: str | None = None
        self.chosen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.fields = {}
            if given.get("method", "get") == "post":
                self.forms.append((given.get("action", ""), self.fields))
        if self.fields is None:
            return
        if tag == "input" and given.get("type") not in _NOT_SENT and "name" in given:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self.fields.setdefault(given["name"], []).append(given.get("value", "on"))
        elif tag == "select":
            self.select, self.first, self.chosen = given["name"], None, []
        elif tag == "option":
            self.first = given["value"] if self.first is None else self.first
            if "selected" in given:
                self.chosen.append(given["value"])
        elif tag == "textarea":
            self.text = given["name"]
            self.fields[self.text] = [""]

    def handle_data(self, data: str) -> None:
        if self.text and self.fields is not None:
            self.fields[self.text][0] += data.removeprefix("\r\n").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.fields is not None:
            self.fields[self.select] = self.chosen or ([self.first] if self.first is not None else [])
        elif tag == "textarea":
            self.text = ""
        elif tag == "form":
            self.fields = None


def fields_of(html: str, action: str = "") -> dict[str, list[str]]:
    """The fields of the form on a page that posts to `action`."""
    reader = _Forms()
    reader.feed(html)
    found = [fields for address, fields in reader.forms if address == action]
    assert found, (action, [address for address, _fields in reader.forms])
    return found[0]


def opened(browser: FlaskClient, page: str, action: str = "") -> dict[str, list[str]]:
    """The fields of a form as they stand when the page is opened."""
    answer = browser.get(page)
    assert answer.status_code == 200, (page, answer.status_code, answer.location)
    return fields_of(answer.get_data(as_text=True), action)


def send(
    browser: FlaskClient, page: str, typed: dict[str, Any] | None = None, *, action: str = "", follow: bool = False
) -> TestResponse:
    """Open a page, fill in its form, and send it."""
    fields = opened(browser, page, action) | (typed or {})
    return browser.post(action or page, data=fields, follow_redirects=follow)
