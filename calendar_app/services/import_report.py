"""What an import did, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Stage
from calendar_app.services.sentences import in_english

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from calendar_app.services.records import EventRecord


@dataclass(frozen=True, slots=True)
class Landed:
    """A row that landed: its event as it was (None: it is new) and as it is now, as JSON values."""

    line: int
    event_id: uuid.UUID
    before: dict[str, Any] | None
    after: dict[str, Any]


@dataclass(slots=True)
class Report:
    """What an import did, each with line number and title: `changed` with its fields, `rejected` with sentences.

    `repeated` are rows that say the same as an earlier line; `left` are those that somebody chose to leave out, or has
    to choose about first. `about` are the events of rejected rows, by line, as far as whoever brings them may see them.
    `notes`, by line, are what the calendar makes of a row that does not stand in it, and `warnings` what one must not
    miss.
    """

    created: list[tuple[int, str]] = field(default_factory=list)
    changed: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    unchanged: int = 0
    rejected: list[tuple[int, str, list[str]]] = field(default_factory=list)
    same: list[tuple[int, str]] = field(default_factory=list)
    repeated: list[tuple[int, str, int]] = field(default_factory=list)
    left: list[tuple[int, str]] = field(default_factory=list)
    about: dict[int, uuid.UUID] = field(default_factory=dict)
    landed: list[Landed] = field(default_factory=list)
    notes: dict[int, list[str]] = field(default_factory=dict)
    warnings: dict[int, list[str]] = field(default_factory=dict)


def notes_of(old: EventRecord | None, new: EventRecord, cells: Mapping[str, str]) -> list[str]:
    """Return what has to be said of a row that lands: what becomes of its event beyond what stands in its cells."""
    if old is None:
        return _notes_of_new(new) if not cells.get("status", "").strip() else []
    is_draft = new.stage is Stage.DRAFT
    if old.stage is Stage.WITHDRAWN and new.stage is not Stage.WITHDRAWN:
        if is_draft:
            return [in_english("It is withdrawn in the calendar, and comes back as a draft.")]
        return [in_english("It is withdrawn in the calendar, and comes back published.")]
    if old.stage is Stage.DRAFT and not is_draft:
        return [in_english("It is a draft in the calendar, and is published.")]
    return []


def _notes_of_new(new: EventRecord) -> list[str]:
    """Return what is said of a new event whose row gives no status."""
    if new.precision is Precision.DAY:
        return [in_english("No status is given; it is taken as confirmed.")]
    return [in_english("No status is given; it is taken as confirmed, although the days are not known yet.")]
