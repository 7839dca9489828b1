"""What is asked of a source, and what comes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from calendar_app.services.sentences import in_english, stored

if TYPE_CHECKING:
    from datetime import date

    from feeds.reading.values import ReadFeed


class SourceKind(StrEnum):
    """What a source speaks."""

    ICS = "ics"
    INFORMEA = "informea"


class SourceFailedError(Exception):
    """A source could not be asked, or its answer says nothing; `sentence` says why, and `in_words` knows it."""

    def __init__(self, sentence: str) -> None:
        """Keep what people are told."""
        super().__init__(sentence)
        self.sentence = sentence


def kept(sentence: str) -> str:
    """Return why a source failed as a run keeps it: the JSON of `stored`."""
    return json.dumps(stored(sentence), ensure_ascii=False)


def told(error: str) -> str:
    """Return the sentence that a run keeps, which `in_words` knows; older ones are English as they are."""
    try:
        parts = json.loads(error)
    except ValueError:
        return error
    return parts if isinstance(parts, str) else in_english(parts[0], **parts[1])


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for. `etag`, `modified` and `digest` are of the answer read last; "" asks for it in any case."""

    url: str
    kind: str
    timezone: str
    today: date
    etag: str = ""
    modified: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it. `feed` is None if it is the same as last time."""

    feed: ReadFeed | None
    etag: str = ""
    modified: str = ""
    digest: str = ""


class Reader(Protocol):
    """Asks a source and reads its answer."""

    def __call__(self, ask: Ask) -> Answer:
        """Return the answer. Raises `SourceFailedError`."""
