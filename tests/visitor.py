"""A visitor who follows every link and form of the application, and reads what people see or hear of each page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from werkzeug.exceptions import HTTPException

from calendar_app.services import filters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask
    from flask.testing import FlaskClient

# Attributes that are shown or read aloud; of other data-* ones those that hold a sentence.
SHOWN = frozenset("title alt placeholder aria-label aria-description aria-roledescription aria-valuetext label".split())
SHOWN_DATA = frozenset({"data-text", "data-copy-done"})
# What stands in a text area somebody has typed.
UNREAD = frozenset({"script", "style", "code", "textarea"})
# Rows of a list whose pages are alike.
_ALIKE = frozenset(
    "admin.lead_times_of admin.list_row admin.organisation work.coordination_slot work.milestone".split()
)
# Mails as they are sent: their links say no language.
_MAILS = frozenset({"digests.mail", "digests.preview_mail"})
_FILTERS = frozenset({*filters.ANY_OF, *filters.ONCE, *filters.FEED_OPTIONS})
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass
class Form:
    """A form that is sent by GET: where to, and its fields with the values that may be chosen."""

    action: str
    method: str
    hidden: list[tuple[str, str]] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)


class Page(HTMLParser):
    """What a page says, in the language it is in, and where it leads."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.language = ""
        self._open: list[tuple[str, bool]] = []  # the elements around, and whether they are read
        self._select = ""
        self.feed(content)

    @property
    def _read(self) -> bool:
        return not self._open or self._open[-1][1]

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = values.get("lang", "")
        foreign = values.get("lang", self.language) != self.language
        read = self._read and not foreign and tag not in UNREAD
        if read:
            self.texts += [value for name, value in values.items() if value.strip() and _is_shown(tag, name, values)]
        if tag not in VOID:
            self._open.append((tag, read))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        self._note_form(tag, values)

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass
        self._select = "" if tag == "select" else self._select

    def handle_data(self, data):
        if self._read and data.strip():
            self.texts.append(data.strip())

    def _note_form(self, tag: str, values: dict[str, str]) -> None:
        name = values.get("name", "")
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
        elif not self.forms:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select == "lang":
            # Whatever else is chosen goes along in the language of the page.
            if "selected" in values and values["value"]:
                self.forms[-1].hidden.append((self._select, values["value"]))
        elif tag == "option" and values.get("value"):
            self.forms[-1].fields.setdefault(self._select, []).append(values["value"])
        elif tag == "input" and values.get("type") == "hidden":
            self.forms[-1].hidden.append((name, values.get("value", "")))
        elif tag == "input" and name:
            example = {"date": "2027-03-01", "month": "2027-03", "number": values.get("min", "1")}
            self.forms[-1].fields.setdefault(name, []).append(
                values.get("value") or example.get(values.get("type", ""), "ω")
            )


def _is_shown(tag: str, name: str, values: dict[str, str]) -> bool:
    if name == "content":
        return values.get("name") == "description"
    if name == "value":
        return tag == "input" and values.get("type") in {"submit", "button", "reset"}
    if name.startswith("data-"):
        return name in SHOWN_DATA or " " in values[name].strip()
    return name in SHOWN


@dataclass
class Visit:
    """What a visitor has seen: the pages by address, and every endpoint that answered."""

    pages: dict[str, Page] = field(default_factory=dict)
    endpoints: set[str] = field(default_factory=set)


def visit(app: Flask, language: str, client: FlaskClient | None = None, addresses: Iterable[str] = ()) -> Visit:
    """Start at the list and at `addresses`, follow every link and send every form that only asks; each shape once.

    A shape is a route with its values and the names of the parameters. Pages to which a single field of a form leads
    are read, but not left from, so that the number of pages stays small. Addresses of other languages are not followed.
    """
    client = client or app.test_client()
    routes = app.url_map.bind("localhost")
    seen: set[tuple[str, str, frozenset[str]]] = set()
    found = Visit()
    starts = [rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in rule.methods]
    waiting = [(f"{path}?lang={language}", True) for path in ("/", *starts, *addresses)]
    while waiting:
        address, leave = waiting.pop(0)
        shape = _shape(address, routes)
        if shape is None or shape in seen:
            continue
        seen.add(shape)
        found.endpoints.add(shape[0])
        answer = client.get(address, follow_redirects=False)
        if 300 <= answer.status_code < 400:
            waiting.append((answer.location, leave))
            continue
        if answer.mimetype != "text/html":
            continue
        page = found.pages[address] = Page(answer.get_data(as_text=True))
        if not leave or shape[0] in _MAILS:
            continue
        links = [_internal(address, link) for link in page.links]
        waiting += [(link, True) for link in links if link and _language(link) in {"", language}]
        for form in page.forms:
            waiting += [(sent, number == 0) for number, sent in enumerate(_sent(address, form))]
    return found


def _shape(address: str, routes) -> tuple[str, str, frozenset[str]] | None:
    parts = urlsplit(address)
    try:
        endpoint, values = routes.match(parts.path, "GET")
    except HTTPException:
        return ("", parts.path, frozenset())
    if endpoint == "static":
        return None
    # A parameter that is no filter and says a word chooses between pages: view=week.
    names = (
        f"{name}={value}" if value.isalpha() and name not in _FILTERS else name
        for name, value in parse_qsl(parts.query)
    )
    return endpoint, "" if endpoint in _ALIKE else repr(values), frozenset(names)


def _internal(base: str, link: str) -> str:
    """Return the path and query of a link that stays in the application, "" for any other."""
    parts = urlsplit(urljoin("http://localhost" + base, link))
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"localhost|127\.0\.0\.1(:\d+)?", parts.netloc):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _language(address: str) -> str:
    return dict(parse_qsl(urlsplit(address).query)).get("lang", "")


def _sent(base: str, form: Form) -> list[str]:
    """Return the addresses to which a form leads: with nothing chosen, and with each field alone."""
    if form.method != "get":
        return []
    action = _internal(base, form.action or base).partition("?")[0]
    single = [[*form.hidden, (name, values[0])] for name, values in form.fields.items()]
    return [f"{action}?{urlencode(pairs)}" for pairs in ([*form.hidden], *single)]
