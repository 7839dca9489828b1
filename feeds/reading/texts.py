"""Foreign bytes and texts made harmless: decoding, plain text out of HTML, and limits of length."""

from __future__ import annotations

import codecs
import html
import re
from typing import TYPE_CHECKING

import nh3

from feeds.reading.values import Code
from feeds.writing import characters

if TYPE_CHECKING:
    from feeds.reading.values import Remarks

LONGEST_LINE, LONGEST_TEXT = 500, 20_000
# Marks at the beginning of a file that say how it is written; UTF-8 is tried anyway.
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# Names under which browsers read text too; others of Python's codecs unpack, or are not about text at all.
_READABLE = re.compile(
    r"(?:iso-?8859-?\d+|windows-?125\d|cp125\d|koi8-?[ru]|latin-?\d+|utf-?(?:8|16)(?:[lb]e)?|us-ascii|ascii|big5|"
    r"gb(?:2312|k|18030)|shift_jis|euc-(?:jp|kr)|macroman)",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"</?(?:a|b|blockquote|body|br|center|dd|div|dl|dt|em|font|h[1-6]|head|hr|html|i|img|li|meta|ol|p|pre|script|span|strong|"
    r"style|sub|sup|table|tbody|td|th|title|tr|u|ul)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"<(?:br|/p|/div|/li|/tr|/h[1-6]|hr|/ul|/ol|/table|/blockquote|/dt|/dd)\b[^<>]{0,200}>", re.IGNORECASE
)
# What a link leads to is worth more than its words.
_LINK = re.compile(
    r"<a\s[^<>]{0,500}?href\s*=\s*[\"']?(https?://[^\"'\s<>]{1,1000})[^<>]{0,500}>([^<>]{0,300})</a\s*>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|#\d{1,6}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


def decode(body: bytes, content_type: str, notes: Remarks) -> str:
    """Return a body as text: UTF-8, else what the header says, else Latin-1, which is noted. Never fails."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            notes.add(Code.ENCODING, "UTF-16")
            return body.decode(encoding, "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    said = _CHARSET.search(content_type)
    if said and _READABLE.fullmatch(said[1]):
        try:
            text = body.decode(said[1])
        except (UnicodeDecodeError, LookupError):
            pass
        else:
            notes.add(Code.ENCODING, said[1])
            return text
    notes.add(Code.ENCODING, "Latin-1")
    return body.decode("latin-1")


def line(value: str, name: str, notes: Remarks, longest: int = LONGEST_LINE) -> str:
    """Return a text as one clean line, cut where it is too long, without the HTML that it may contain."""
    return _cut(characters.line(_plain(value[: longest * 8])), name, notes, longest)


def text(value: str, name: str, notes: Remarks, longest: int = LONGEST_TEXT) -> str:
    """Return a text of several lines, clean, cut where it is too long, without the HTML that it may contain."""
    if len(value) > longest * 4:
        notes.add(Code.LONG_TEXT, name)
        value = value[: longest * 4]
    return _cut(characters.text(_plain(value)).strip(), name, notes, longest)


def _plain(value: str) -> str:
    """Return a text without HTML; one that has none, such as "a < b", stays what it is."""
    if "<" not in value and "&" not in value:
        return value
    if _TAG.search(value):
        broken = _BREAK.sub("\n", _LINK.sub(_with_address, value))
        value = html.unescape(nh3.clean(broken, tags=set(), strip_comments=True))
        return _BLANK_LINES.sub("\n\n", value.replace("\xa0", " "))
    return html.unescape(value).replace("\xa0", " ") if _ENTITY.search(value) else value


def _with_address(link: re.Match[str]) -> str:
    address, words = link[1], link[2].strip()
    return words if address in words else f"{words} ({address})".lstrip()


def _cut(value: str, name: str, notes: Remarks, longest: int) -> str:
    if len(value) <= longest:
        return value
    notes.add(Code.LONG_TEXT, name)
    return value[: longest - 1].rstrip() + "…"
