"""Addresses in letters: pages of ours answer in the language of the letter that leads there."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from calendar_app.mail.digest_content import DigestContent

_T = TypeVar("_T")


def in_language(url: str, language: str) -> str:
    """Return the address of a page of ours so that it answers in `language`; one that names a language keeps it.

    Who is not signed in is answered in English, and needs no word for that.
    """
    parts = urlsplit(url)
    if not url or language == "en" or any(name == "lang" for name, _value in parse_qsl(parts.query)):
        return url
    query = "&".join(filter(None, (parts.query, urlencode({"lang": language}))))
    return parts._replace(query=query).geturl()


def digest_in_language(content: DigestContent, home_url: str) -> DigestContent:
    """Return a digest whose links to pages of ours, those below `home_url`, lead there in its language."""
    return _linked(content, home_url, content.language)


def _linked(value: _T, home_url: str, language: str) -> _T:
    if isinstance(value, tuple):
        return cast("_T", tuple(_linked(item, home_url, language) for item in value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {field.name: _linked(getattr(value, field.name), home_url, language) for field in fields(value)}
    url = changed.get("url", "")
    if url == home_url or url.startswith((f"{home_url}/", f"{home_url}?")):
        changed["url"] = in_language(url, language)
    return cast("_T", replace(value, **changed))
