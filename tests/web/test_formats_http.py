"""Wrong addresses of the formats beside iCalendar, and the sitemap's own rules; the rest is in `test_feeds_http`."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.either_database


@pytest.fixture(scope="module")
def reader(packaged_app):
    """A program."""
    return packaged_app.test_client()


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
