"""One letter as a value: a subject and blocks, in the language of its reader, made into plain text and HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences of ours."""

    text: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of another person, shown as theirs; may have several lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing to do next: a labelled link, written out in full in plain text."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of label and value, such as an event's dates and place."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of items, each with an address or "" if it has none."""

    items: tuple[tuple[str, str], ...]


Block: TypeAlias = Paragraph | Quotation | Action | Facts | Listing


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written; the greeting and the closing lines are added when it is rendered."""

    subject: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every letter, in its language: who writes, the greeting, and why the reader gets it.

    `direction` is "ltr" or "rtl".
    """

    sender: str
    greeting: str
    reason: str
    language: str
    direction: str
