"""The cells of one row over the record that is stored: cleaned, with their limits, and what was read from them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from calendar_app.planning.dates import EARLIEST, LATEST
from calendar_app.services.columns import SOURCE_COLUMNS
from calendar_app.services.sentences import in_english
from calendar_app.services.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calendar_app.planning.vocabulary import LinkKind
    from calendar_app.services.records import EventRecord
    from calendar_app.services.reference import Reference
    from calendar_app.services.sentences import Value

MAX_LONG, MAX_LINE, MAX_TITLE, MAX_URL, MAX_ID = 20_000, 300, 500, 1000, 120
MAX_PROBLEMS = 20
ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(slots=True)
class RowRead:
    """What a row says: field values, references still to be looked up, and sentences about what is wrong.

    `notes` are sentences about what is taken otherwise than it stands there.
    """

    values: dict[str, Any] = field(default_factory=dict)
    part_of: str | None = None
    links: list[tuple[LinkKind, str]] | None = None
    bookkeeping: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def lines_of(cell: str) -> list[str]:
    """Return the cleaned lines of a cell; blank ones stay, because lines of several columns belong together."""
    return [clean(line) for line in cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def event_id_of(text: str) -> uuid.UUID | None:
    """Return the id of an event here, None for an id at a source or for nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class RowCells:
    """One row; every method notes what is wrong and goes on, so that all of it is reported at once."""

    def __init__(self, cells: Mapping[str, str], base: EventRecord, reference: Reference, zone: str = "") -> None:
        """Take the cells as a person wrote them, the record as it is, or a new one, and where hours are meant."""
        self.cells = {
            name: "\n".join(lines_of(text)) if name in SOURCE_COLUMNS else clean(text) for name, text in cells.items()
        }
        self.base = base
        # A stored event has a title.
        self.is_new = not base.titles
        self.reference = reference
        self.zone = zone
        self.row = RowRead()

    def wrong(self, template: str, column: str = "", text: str = "", **values: Value) -> None:
        """Note what is wrong; `make messages` collects what stands here, as of `in_english`."""
        if len(self.row.problems) < MAX_PROBLEMS:
            self.row.problems.append(in_english(template, **values, column=column, text=text))

    def has(self, *names: str) -> bool:
        """Tell whether the sheet has any of the columns."""
        return any(name in self.cells for name in names)

    def cell(self, name: str, most: int = MAX_LINE) -> str:
        """Return the text of a cell, "" for a column that the sheet does not have."""
        text = self.cells.get(name, "")
        if len(text) > most:
            self.wrong(
                "%(column)s has %(count)d characters; at most %(most)d are possible.",
                column=name,
                count=len(text),
                most=most,
            )
            return text[:most]
        return text

    def day(self, name: str) -> date | None:
        """Read an ISO date; a date with a time at midnight, as spreadsheets give, is one too."""
        text = self.cells.get(name, "")
        if not text:
            return None
        try:
            value = date.fromisoformat(re.sub(r"[ T]00:00(:00)?$", "", text))
        except ValueError:
            value = None
        if value is None or not EARLIEST <= value < LATEST:
            self.wrong(
                "%(column)s is '%(text)s'; write dates as 2027-04-19, hours in columns of their own. What is"
                " known in words only goes into the column for that, with the first day left empty.",
                name,
                text[:40],
            )
            return None
        return value

    def moment(self, name: str) -> datetime | None:
        """Read an aware moment in ISO 8601; return it in UTC, cut to whole seconds."""
        text = self.cells.get(name, "")
        if not text:
            return None
        try:
            given = datetime.fromisoformat(text)
            # At the ends of time another zone has no such moment.
            value = given.astimezone(UTC).replace(microsecond=0) if given.tzinfo else None
        except (ValueError, OverflowError):
            value = None
        if value is None or not EARLIEST <= value.date() < LATEST:
            self.wrong(
                "%(column)s is '%(text)s'; write moments as 2026-11-20T09:30:00+00:00, in the years %(first)d to"
                " %(last)d.",
                name,
                text[:40],
                first=EARLIEST.year,
                last=LATEST.year - 1,
            )
            return None
        return value

    def whole_number(self, name: str) -> int | None:
        """Read a number of people or the like."""
        text = self.cells.get(name, "")
        if text and not re.fullmatch(r"[0-9]{1,7}", text):
            self.wrong("%(column)s is '%(text)s', but must be a whole number.", name, text[:20])
            return None
        return int(text) if text else None
