"""International days of the packaged list: occasions for communication, the same day every year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from calendar_app.services.reference import packaged

if TYPE_CHECKING:
    from calendar_app.planning.dates import Span


@dataclass(frozen=True, slots=True)
class Observance:
    """An international day: month, day of the month, name, page, and why it matters here."""

    month: int
    day: int
    name: str
    url: str
    note: str


@cache
def all_observances() -> tuple[Observance, ...]:
    """Return the list, in order of the year. Raises `ReferenceFileError`."""

    def observance(row: dict[str, str]) -> Observance:
        # Read in a year without 29 February, so that no day is listed that most years do not have.
        day = date.fromisoformat(f"2023-{row['month_day']}")
        return Observance(day.month, day.day, row["name"], row["url"], row["note"])

    return tuple(sorted(packaged("observances.csv", observance), key=lambda item: (item.month, item.day)))


def between(days: Span) -> list[tuple[date, Observance]]:
    """Return the observances within `days`, each with its day, in order."""
    years = range(days.start.year, days.last.year + 1)
    found = [(date(year, item.month, item.day), item) for year in years for item in all_observances()]
    return [(day, item) for day, item in found if days.start <= day < days.end]
