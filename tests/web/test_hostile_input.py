"""Whatever is asked, the answer is clear: 200 or a 4xx that names what is wrong, never a failure of ours."""

from __future__ import annotations

import re
import uuid
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendar_app.services.filters import ANY_OF, ONCE
from calendar_app.services.records import LANGUAGES

pytestmark = [pytest.mark.xdist_group("hostile"), pytest.mark.either_database]
PAGES = ("/", "/past", "/subscribe", "/about")
FEEDS = ("/feeds/all.ics", "/feeds/calendar.ics", "/feeds/basel.ics", "/feeds/changes.atom", "/feeds/events.json")
NAMES = (*ANY_OF, *ONCE, "page", "tbc", "cancelled", "utm_source", "fbclid", "")
MARKUP = "<script>alert('x')</script>\"'&lt;"
NASTY = [
    "\0", "a\0b", "%00", "\ud800".encode("utf-8", "surrogatepass"), b"\xff\xfe", "%zz", "%", "%%%", "..",
    "../../etc/passwd",
    "' OR 1=1 --", '"; DROP TABLE events; --', "{{7*7}}", "${7*7}", MARKUP, "\r\nSet-Cookie: a=b", "\u202e", "\ufeff",
    "💥" * 20, "é" * 300, "9" * 400, "-1", "0", "1e9", "\u0661", "²", "inf", "null", "a" * 5000,
    ",".join(map(str, range(80))),
    "9999-12-31", "99999-01-01", "0000-00", "2027-02-30", "-2027-01", "2027-01-01T00:00", "2099-12-31", "*", "\\",
    "_", "%_%",
]  # fmt: skip
ANYTHING = st.one_of(st.sampled_from(NASTY), st.text(max_size=40), st.binary(max_size=20))
TRACKING = ("utm_source", "utm_campaign", "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid")


@pytest.fixture(scope="module")
def stranger(packaged_app):
    return packaged_app.test_client()


def escaped(value: str | bytes) -> str:
    return quote(value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value, safe="")


def check(answer, address: str, *, statuses: tuple[int, ...] = (200, 301, 400, 404, 414)) -> str:
    """Look at what every answer has to keep to; return its text."""
    assert answer.status_code in statuses, (answer.status_code, address)
    text = answer.get_data(as_text=True)
    path = address.partition("?")[0]
    assert answer.mimetype == "text/plain" or "<script>alert" not in text, address
    assert "Traceback" not in text
    assert "Set-Cookie" not in answer.headers
    if answer.status_code >= 400:
        plain = path.startswith("/feeds/") or path.endswith(".ics")
        assert answer.mimetype == ("text/plain" if plain else "text/html"), address
        assert answer.headers["Cache-Control"] == "no-store"
        assert plain or "<h1>" in text
    return text


@settings(max_examples=30)
@given(
    page=st.sampled_from([*PAGES, *FEEDS]),
    pairs=st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), ANYTHING), ANYTHING), max_size=3),
)
def test_any_query_is_answered(stranger, page, pairs):
    address = page + "?" + "&".join(f"{escaped(name)}={escaped(value)}" for name, value in pairs)
    check(stranger.get(address), address)


@settings(max_examples=25)
@given(name=st.sampled_from([*ANY_OF, *ONCE]), value=ANYTHING, feed=st.booleans())
def test_a_wrong_value_is_named_with_its_filter(stranger, name, value, feed):
    address = f"{'/feeds/calendar.ics' if feed else '/about' if name == 'lang' else '/'}?{name}={escaped(value)}"
    text = check(stranger.get(address), address)
    if stranger.get(address).status_code == 400:
        assert re.search(rf"“{name}”|\b{name}\b", text), address


@settings(max_examples=25)
@given(query=st.binary(min_size=0, max_size=60))
def test_a_query_of_any_bytes_is_answered(stranger, query):
    address = "/?" + query.decode("latin-1")
    answer = stranger.get("/", environ_overrides={"QUERY_STRING": query.decode("latin-1")})
    check(answer, address)


@settings(max_examples=30)
@given(
    path=st.one_of(ANYTHING, st.lists(st.sampled_from(["events", "feeds", "static", "..", "%2e", "x.ics"]), max_size=4))
)
@pytest.mark.parametrize(
    "form", ["/{}", "/events/{}", "/events/{}.ics", "/feeds/{}.ics", "/feeds/private/{}.ics", "/feeds/{}", "/static/{}"]
)
def test_any_path_is_answered(stranger, form, path):
    inner = "/".join(path) if isinstance(path, list) else escaped(path)
    address = form.format(inner)
    answer = stranger.get(address)
    check(answer, address, statuses=(200, 301, 308, 400, 404, 414)) if "static" not in form else answer.close()
    assert answer.status_code < 500


def test_names_and_values_that_are_markup_come_back_as_text(stranger):
    for page in PAGES:
        text = check(stranger.get(f"{page}?{quote(MARKUP)}=1&kind={quote(MARKUP)}&q=..."), page)
        assert "&lt;script&gt;" in text
    text = check(stranger.get(f"/feeds/calendar.ics?kind={quote(MARKUP)}"), "/feeds/calendar.ics")
    assert "alert" in text


@pytest.mark.parametrize("name", ANY_OF)
def test_the_list_of_valid_values_is_given_on_pages_and_feeds(stranger, name):
    valid = {
        "convention": "minamata", "body": "SC-POPRC", "kind": "workshop", "region": "GRULAC", "country": "ZW",
        "city": "geneva", "format": "hybrid", "organiser": "minamata", "status": "postponed",
    }[name]  # fmt: skip
    for page in ("/", "/subscribe", "/feeds/calendar.ics"):
        answer = stranger.get(f"{page}?{name}=nonsense")
        text = check(answer, page)
        assert answer.status_code == 400
        assert "nonsense" in text
        assert re.search(rf"\b{valid}\b", text), (page, name)


def test_an_unknown_parameter_is_named_with_the_valid_ones(stranger):
    for page, expected in (
        *((page, (*ANY_OF, *ONCE)) for page in ("/", "/past", "/subscribe", *FEEDS[:2])),
        ("/about", ("lang",)),
    ):
        answer = stranger.get(f"{page}?colour=red")
        text = check(answer, page)
        assert answer.status_code == 400
        assert "“colour”" in text
        assert all(re.search(rf"\b{name}\b", text) for name in expected)
    assert "convention" not in stranger.get("/about?colour=red").get_data(as_text=True)


@pytest.mark.parametrize("name", TRACKING)
def test_what_mail_programs_add_passes_on_pages_and_not_on_feeds(stranger, name):
    for page in PAGES:
        assert stranger.get(f"{page}?{name}=mail").status_code == 200
    for feed in FEEDS:
        answer = stranger.get(f"{feed}?{name}=mail")
        assert answer.status_code == 400
        assert f"“{name}”" in answer.get_data(as_text=True)


def test_an_unknown_language_is_refused_on_every_page(stranger, packaged_app):
    with packaged_app.app_context():
        event = stranger.get("/feeds/all.ics").get_data(as_text=True)
    uid = re.search(r"UID:(\S+)", event)[1]
    for page in (*PAGES, *FEEDS, f"/events/{uid}", f"/events/{uid}.ics"):
        for wrong in ("de", "EN", "xx-YY", "fr,en"):
            answer = stranger.get(f"{page}?lang={wrong}")
            assert answer.status_code == 400, (page, wrong)
            text = check(answer, page)
            assert all(code in text for code in LANGUAGES)
        assert stranger.get(f"{page}?lang=fr&lang=fr").status_code == 400
        for language in LANGUAGES:
            assert stranger.get(f"{page}?lang={language}").status_code == 200, (page, language)


def test_an_address_without_measure_is_refused_everywhere(stranger):
    for page in (*PAGES, *FEEDS, "/healthz", "/nowhere", f"/events/{uuid.uuid4()}"):
        assert stranger.get(f"{page}?q={'x' * 10_000}").status_code == 414, page
    assert stranger.get("/" + "x" * 20_000).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "1000000", "9" * 30, "1.5", "x", "", "\u0661", "1&page=1", "%00"])
def test_a_page_that_cannot_be_is_refused(stranger, number):
    answer = stranger.get(f"/?page={number}")
    assert answer.status_code == 400
    assert "page" in check(answer, "/")
    assert stranger.get("/?page=999999").status_code == 404


def test_odd_headers_change_nothing(stranger):
    for headers in (
        {"Accept-Language": "\xff;;q=x"},
        {"If-None-Match": '"' * 50},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": "Mon, 99 Foo 99999 00:00:00 GMT"},
        {"Range": "bytes=0-1"},
        {"Accept-Encoding": "gzip;q=x, ,;"},
        {"Cookie": "session=" + "x" * 500},
        {"Content-Length": "5"},
        {"X-Forwarded-For": "<b>", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp"},
        {"Host": "evil.example"},
    ):
        for page in ("/", "/feeds/basel.ics", "/nowhere"):
            answer = stranger.get(page, headers=headers)
            assert answer.status_code in {200, 404}, (headers, page)
            assert b"evil.example" not in answer.data


@settings(max_examples=20)
@given(
    body=st.binary(max_size=200), kind=st.sampled_from(["text/plain", "application/json", "multipart/form-data", "x"])
)
def test_data_sent_to_a_page_is_refused(stranger, body, kind):
    for page in ("/", "/feeds/all.ics"):
        answer = stranger.post(page, data=body, content_type=kind)
        assert answer.status_code == 405
        check(answer, page, statuses=(405,))
    assert stranger.get("/?" + urlencode({"q": "basel"}), data=body, content_type=kind).status_code == 200
