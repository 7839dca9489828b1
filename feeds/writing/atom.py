"""Atom (RFC 4287) for what changed: an entry for each change, latest first.

The standard library's ElementTree escapes and orders; nothing here reads XML. Names are written as they are, without
ElementTree's table of prefixes, which all of a process shares.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from feeds.writing import characters, moments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.changes import ChangeEntry
    from feeds.entries import FeedInfo

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_NAMESPACE = "http://www.w3.org/2005/Atom"


def write(info: FeedInfo, changes: Iterable[ChangeEntry]) -> bytes:
    """Return the feed of `changes` in the given order. The same arguments give the same bytes."""
    feed = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": info.language})
    _text(feed, "id", characters.address(info.source))
    _text(feed, "title", characters.line(info.name))
    _text(feed, "subtitle", characters.line(info.description))
    _text(feed, "updated", moments.utc(info.last_modified))
    _link(feed, "self", info.source, "application/atom+xml")
    _link(feed, "alternate", info.url, "text/html")
    # Each entry needs an author, or the feed for all of them (section 4.2.1).
    _text(SubElement(feed, "author"), "name", characters.line(info.author))
    for change in changes:
        _add_entry(feed, change, info.language)
    return bytes(tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add_entry(feed: Element, change: ChangeEntry, language: str) -> None:
    entry = SubElement(feed, "entry")
    _text(entry, "id", change.id.urn)
    title = _text(entry, "title", characters.line(change.title))
    if change.language != language:
        title.set("xml:lang", change.language)
    # What else the entry says, the title and the days of now, is no reason to be read again.
    _text(entry, "published", moments.utc(change.at))
    _text(entry, "updated", moments.utc(change.at))
    if change.url:
        _link(entry, "alternate", change.url, "text/html")
    # Names the event in every feed and in iCalendar, whether it has a page or not.
    _link(entry, "related", change.event.urn)
    for kind in change.kinds:
        SubElement(entry, "category", {"term": kind})
    content = _text(entry, "content", _fragment(change))
    content.set("type", "html")


def _fragment(change: ChangeEntry) -> str:
    """Return the sentences, the reason and the facts as HTML: programs that show plain text run its lines together."""
    said = (*change.sentences, change.reason) if characters.line(change.reason) else change.sentences
    sentences = "".join(f"<p>{_escaped(sentence)}</p>" for sentence in said)
    facts = "<br>".join(_escaped(fact) for fact in change.facts if characters.line(fact))
    return sentences + (f"<p>{facts}</p>" if facts else "")


def _escaped(text: str) -> str:
    return html.escape(characters.line(text), quote=False)


def _text(parent: Element, name: str, text: str) -> Element:
    element = SubElement(parent, name)
    element.text = text
    return element


def _link(parent: Element, relation: str, address: str, media_type: str = "") -> None:
    attributes = {"rel": relation, "href": characters.address(address)}
    SubElement(parent, "link", attributes | ({"type": media_type} if media_type else {}))
