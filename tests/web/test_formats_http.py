"""The formats beside iCalendar as programs fetch them: validators, encodings, methods, wrong addresses."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from calendar_app.extensions import clock
from tests.conftest import close_databases, load_packaged, make_app

TYPES = {
    "/feeds/changes.atom": "application/atom+xml; charset=utf-8",
    "/feeds/changes.atom?convention=minamata&lang=ar": "application/atom+xml; charset=utf-8",
    "/feeds/events.json": "application/feed+json",
    "/feeds/events.json?kind=cop,workshop&tbc=1&lang=fr": "application/feed+json",
    "/sitemap.xml": "application/xml; charset=utf-8",
}


@pytest.fixture(scope="module")
def reader(packaged_app):
    """A program, a minute after the calendar changed."""
    with packaged_app.app_context():
        clock.fixed += timedelta(minutes=1)
    yield packaged_app.test_client()
    clock.fixed -= timedelta(minutes=1)


@pytest.fixture(params=TYPES)
def address(request) -> str:
    return request.param


def test_an_answer_says_what_it_is_and_can_be_kept(reader, address):
    answer = reader.get(address)
    assert answer.status_code == 200
    assert answer.content_type == TYPES[address]
    tag, weak = answer.get_etag()
    assert tag
    assert not weak
    assert answer.last_modified == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "public" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_gzip_comes_only_when_asked_and_has_a_tag_of_its_own(reader, address):
    plain = reader.get(address)
    zipped = reader.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.get_etag()[0] != plain.get_etag()[0]
    for unwanted in ("", "br", "gzip;q=0"):
        answer = reader.get(address, headers={"Accept-Encoding": unwanted})
        assert "Content-Encoding" not in answer.headers, unwanted
        assert answer.headers["ETag"] == plain.headers["ETag"]


def test_a_reader_that_has_it_is_told_so(reader, address):
    tag = reader.get(address).headers["ETag"]
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": "Fri, 20 Nov 2026 09:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Fri, 20 Nov 2026 08:59:59 GMT"}, 200),
    ):
        answer = reader.get(address, headers=headers)
        assert answer.status_code == status, headers
        assert (answer.data == b"") is (status == 304)


def test_head_tells_the_same_without_the_body(reader, address):
    get, head = reader.get(address), reader.head(address)
    assert head.data == b""
    told = [{name: value for name, value in answer.headers if name != "Date"} for answer in (get, head)]
    assert told[0] == told[1]


@pytest.mark.parametrize("method", ["PUT", "POST", "PROPFIND", "DELETE", "PATCH"])
def test_nothing_can_be_written_there(reader, method):
    for address in (*TYPES, "/robots.txt"):
        answer = reader.open(address, method=method, data=b"x")
        assert answer.status_code == 405, address
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("feed", ["/feeds/changes.atom", "/feeds/events.json"])
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("kind=party", "“party” is not a value of the filter “kind”."),
        ("colour=red", "“colour” is not a filter of this page."),
        ("tbc=yes", "“yes” is not a value of the filter “tbc”."),
        ("cancelled=no", "“no” is not a value of the filter “cancelled”."),
        ("from=soon", "“soon” in “from” is not a date"),
        ("from=2027-02&to=2027-01", "is before “from”."),
        ("lang=en&lang=fr", "“lang” can be given only once."),
        ("utm_source=mail", "“utm_source” is not a filter of this page."),
    ],
)
def test_a_wrong_address_is_answered_with_a_sentence(reader, feed, query, sentence):
    answer = reader.get(f"{feed}?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "text/plain; charset=utf-8"
    assert sentence in answer.get_data(as_text=True)


def test_the_sitemap_has_no_filters(reader):
    for address in ("/sitemap.xml?kind=cop", "/robots.txt?q=x"):
        assert reader.get(address).status_code == 400, address


def test_the_language_of_the_request_is_in_no_address_of_the_sitemap(reader):
    assert reader.get("/sitemap.xml?lang=ar").data == reader.get("/sitemap.xml").data
    assert reader.get("/robots.txt?lang=ar").data == reader.get("/robots.txt").data


def test_the_same_calendar_gives_the_same_bytes_from_both_databases(sqlite_databases, postgresql_databases, tmp_path):
    answers = []
    for databases in (sqlite_databases, postgresql_databases):
        url = databases.make(with_tables=True)
        app = make_app(url, tmp_path)
        with app.app_context():
            load_packaged()
            close_databases()
        answers += [[app.test_client().get(address).data for address in TYPES] for _again in range(2)]
        with app.app_context():
            close_databases()
        databases.drop(url)
    assert answers[0] == answers[1] == answers[2] == answers[3]
