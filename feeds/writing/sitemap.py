"""A sitemap (sitemaps.org, protocol 0.9): the public pages, when each changed, and its other languages.

Other languages are named as search engines agreed: `xhtml:link` with `hreflang`, `x-default` for the page itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from feeds import checks
from feeds.writing import characters, moments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

CONTENT_TYPE = "application/xml; charset=utf-8"
MOST_ADDRESSES = 50_000
MOST_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """A page that everybody may read.

    url: http or https. last_modified: aware UTC, None if nobody knows. languages: (BCP 47 tag, address) of the same
    page in other languages. Raises ValueError when one of this does not hold.
    """

    url: str
    last_modified: datetime | None = None
    languages: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Check every field."""
        checks.address("url", self.url, checks.WEB_SCHEMES)
        if self.last_modified is not None:
            checks.utc("last_modified", self.last_modified)
        for tag, address in self.languages:
            checks.language("languages", tag)
            checks.address("languages", address, checks.WEB_SCHEMES)


def write(pages: Iterable[PublicPage]) -> bytes:
    """Return the sitemap. The same pages give the same bytes. Raises ValueError beyond what one file may hold."""
    root = Element(
        "urlset",
        {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9", "xmlns:xhtml": "http://www.w3.org/1999/xhtml"},
    )
    for page in pages:
        _add_page(root, page)
    checks.check(len(root) <= MOST_ADDRESSES, f"a sitemap has up to {MOST_ADDRESSES} addresses, not {len(root)}")
    data = bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
    checks.check(len(data) <= MOST_BYTES, f"a sitemap has up to {MOST_BYTES} bytes, not {len(data)}")
    return data


def _add_page(root: Element, page: PublicPage) -> None:
    entry = SubElement(root, "url")
    address = characters.address(page.url)
    SubElement(entry, "loc").text = address
    if page.last_modified is not None:
        SubElement(entry, "lastmod").text = moments.utc(page.last_modified)
    others = [(tag, characters.address(other)) for tag, other in page.languages]
    for tag, other in [*others, ("x-default", address)] if others else []:
        SubElement(entry, "xhtml:link", {"rel": "alternate", "hreflang": tag, "href": other})
