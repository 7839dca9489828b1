"""The entries of OData's Atom (application/atom+xml) as the rows that its JSON has.

A property is an element of `m:properties`; a list of texts is a collection in it, or entries inside of a link with the
property's name (`m:inline`). Names are compared without their namespaces, which versions 1 to 3 change.

XML with a document type is refused: no service writes one, and entities that grow come in by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from feeds.reading.values import Failure, ReadFailedError
from feeds.told import marked

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTS = frozenset({"item", "element"})
_DEEPEST = 6
_NO_ELEMENT, _UNCLOSED_TOKEN, _UNCLOSED_CDATA = 3, 5, 20  # expat's codes for what ends too early


class _DoctypeError(Exception):
    """The XML has a document type."""


class _Builder(TreeBuilder):
    def doctype(self, *_: object) -> None:
        raise _DoctypeError


def rows(body: bytes) -> tuple[list[dict[str, Any]], str]:
    """Return a row for each entry, and the address of the next page if it is named. Raises ReadFailedError."""
    parser = XMLParser(target=_Builder())  # noqa: S314 - without a document type there are no entities
    try:
        parser.feed(body.lstrip(b"\0 \t\r\n"))
        root: Element = parser.close()
    except _DoctypeError:
        raise ReadFailedError(
            Failure.NOT_THE_FORMAT, marked("The answer is XML with a document type, which is refused.")
        ) from None
    except ParseError as problem:
        if problem.code in {_NO_ELEMENT, _UNCLOSED_TOKEN, _UNCLOSED_CDATA}:
            raise ReadFailedError(Failure.TRUNCATED, marked("The answer is cut off: its XML has no end.")) from None
        raise ReadFailedError(Failure.NOT_THE_FORMAT, marked("The answer is XML that cannot be understood.")) from None
    except (ValueError, LookupError):  # an encoding that nobody knows
        raise ReadFailedError(Failure.NOT_THE_FORMAT, marked("The answer is XML that cannot be understood.")) from None
    if _name(root) not in {"feed", "entry"}:
        raise ReadFailedError(Failure.NOT_THE_FORMAT, marked("The answer is XML, but not a list of meetings."))
    entries = [root] if _name(root) == "entry" else [child for child in root if _name(child) == "entry"]
    links = (child.get("href", "") for child in root if _name(child) == "link" and child.get("rel") == "next")
    return [_row(entry) for entry in entries], next(links, "")


def _row(entry: Element) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for child in entry:
        if _name(child) == "link":
            entries = [inner for inline in child if _name(inline) == "inline" for inner in _entries(inline)]
            if entries:
                row[child.get("title", "").lower()] = [_row(inner) for inner in entries]
        properties = [child] if _name(child) == "properties" else [p for p in child if _name(p) == "properties"]
        for element in properties:
            for found in element:
                row[_name(found)] = _value(found)
    return row


def _entries(inline: Element) -> Iterator[Element]:
    for child in inline:
        if _name(child) == "entry":
            yield child
        elif _name(child) == "feed":
            yield from (entry for entry in child if _name(entry) == "entry")


def _value(element: Element, depth: int = 0) -> Any:  # noqa: ANN401 - text, list or object
    if any(name.endswith("}null") and value == "true" for name, value in element.items()) or depth > _DEEPEST:
        return None
    children = list(element)
    if not children:
        return element.text
    if all(_name(child) in _LISTS for child in children):
        return [_value(child, depth + 1) for child in children]
    return {_name(child): _value(child, depth + 1) for child in children}


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
