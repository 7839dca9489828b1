"""Our sitemap keeps to the protocol and its limits."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from feeds.writing import characters, sitemap
from feeds.writing.sitemap import PublicPage
from tests.feeds.texts import ADDRESS

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
PAGE = PublicPage(
    url="https://calendar.example.org/events/1?a=1&b=2",
    last_modified=datetime(2026, 11, 20, 9, tzinfo=UTC),
    languages=(("en", "https://calendar.example.org/events/1?lang=en"),),
)


def read(data: bytes) -> list[ET.Element]:
    root = ET.fromstring(data)
    assert root.tag == f"{NAMESPACE}urlset"
    assert {entry.tag for entry in root} <= {f"{NAMESPACE}url"}
    return list(root)


def test_a_page_has_its_address_its_last_change_and_its_languages():
    entry, bare = read(sitemap.write([PAGE, PublicPage(url="https://calendar.example.org/about")]))
    assert entry.findtext(f"{NAMESPACE}loc") == PAGE.url
    assert entry.findtext(f"{NAMESPACE}lastmod") == "2026-11-20T09:00:00Z"
    assert [(link.get("rel"), link.get("hreflang"), link.get("href")) for link in entry.findall(LINK)] == [
        ("alternate", "en", "https://calendar.example.org/events/1?lang=en"),
        ("alternate", "x-default", PAGE.url),
    ]
    assert [element.tag for element in bare] == [f"{NAMESPACE}loc"]


@given(url=ADDRESS)
def test_any_address_is_plain_ascii(url):
    data = sitemap.write([PublicPage(url=url, languages=(("ar", url),))])
    assert data.isascii()
    assert read(data)[0].findtext(f"{NAMESPACE}loc") == characters.address(url)


def test_a_sitemap_has_up_to_50_000_addresses():
    pages = [PublicPage(url="https://calendar.example.org/")] * 50_000
    assert len(read(sitemap.write(pages))) == 50_000
    with pytest.raises(ValueError, match="50000 addresses"):
        sitemap.write([*pages, PAGE])


def test_a_sitemap_has_up_to_50_megabytes():
    page = PublicPage(url="https://calendar.example.org/" + "x" * 60_000)
    with pytest.raises(ValueError, match="bytes"):
        sitemap.write([page] * 900)


def test_what_is_no_web_address_is_refused():
    with pytest.raises(ValueError, match="url"):
        PublicPage(url="/events/1")
    with pytest.raises(ValueError, match="languages"):
        PublicPage(url=PAGE.url, languages=(("ar", "/events/1"),))
