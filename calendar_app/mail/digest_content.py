"""A digest as a value: what is said, in the language of its reader, before it becomes plain text and HTML."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A sentence with an address, or with "" where there is nothing more to read."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing: its name, its dates, and sentences below.

    `mark` is a word in front that says how urgent or how sure it is; `language` is that of the name where it is not
    the digest's own. `action` is what to do, if there is anything to do.
    """

    name: str
    url: str = ""
    when: str = ""
    mark: str = ""
    language: str = ""
    lines: tuple[str, ...] = ()
    action: Link | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading, such as a month; "" for none. Brief ones take one line each: name and dates."""

    heading: str
    entries: tuple[Entry, ...]
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the digest. `more` says what is left out, and where it is."""

    heading: str
    groups: tuple[Group, ...]
    more: Link | None = None


@dataclass(frozen=True, slots=True)
class DigestContent:
    """A whole digest. `period` are the days it is about, `lead` the one to three things to know.

    `facts` are dates and states that are one line each, with a label. `closing` stands at the end, `reason` says why
    the reader gets it. `direction` is "ltr" or "rtl". Empty sections are not there.
    """

    subject: str
    title: str
    period: str
    lead_heading: str
    lead: tuple[Link, ...]
    facts: tuple[tuple[str, Link], ...]
    sections: tuple[Section, ...]
    closing: tuple[Link, ...]
    reason: str
    language: str
    direction: str
