"""A list of events as rows of words, for documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calendar_app.services.wording import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Line:
    """A row: dates, meeting, place, organiser and status in words. `language` is that of the meeting's title."""

    dates: str
    title: str
    language: str
    place: str
    organiser: str
    status: str


@dataclass(frozen=True, slots=True)
class EventTable:
    """What the document says; `groups` are headings, such as months, with their rows."""

    title: str
    notes: tuple[str, ...]
    headings: tuple[str, str, str, str, str]
    groups: Iterable[tuple[str, Iterable[Line]]]
    language: str

    @property
    def from_right(self) -> bool:
        """Tell whether the language is written from right to left."""
        return self.language in RIGHT_TO_LEFT
