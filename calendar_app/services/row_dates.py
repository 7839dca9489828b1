"""Reading the days and the hours of a row. What the sheet has no column for stays as the calendar has it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from calendar_app.planning.dates import Precision, Span, problem_of_precision
from calendar_app.services import cell_words
from calendar_app.services.sentences import in_english, marked
from calendar_app.services.text import fold

if TYPE_CHECKING:
    from datetime import date

    from calendar_app.services.row_cells import RowCells

# What `problem_of_precision` finds, in words that can be translated.
_BECAUSE = {
    Precision.MONTH: marked("a month begins on its first day and ends on its last"),
    Precision.QUARTER: marked(
        "a quarter begins in January, April, July or October and ends on the last day of its third month"
    ),
    Precision.YEAR: marked("a year runs from 1 January to 31 December"),
}
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@cache
def _zones() -> set[str]:
    return available_timezones()


def read_dates(row: RowCells) -> None:
    """Read first and last day and their precision; note what does not fit together."""
    if not (row.is_new or row.has("start", "end", "date_precision", "date_text")):
        return
    known = len(row.row.problems)
    first, last = _bounds(row)
    precision = _precision(row, first)
    if len(row.row.problems) > known or precision is None:
        return
    row.row.values["precision"] = precision
    row.row.values["span"] = None
    if first is None or last is None:
        if precision is not Precision.WORDS:
            row.wrong("start is empty, so date_precision cannot be %(precision)s.", precision=str(precision))
        if not row.cells.get("date_text", row.base.date_text):
            row.wrong(
                "there is neither a %(column)s nor a %(other)s; say at least in words when it is.",
                "start",
                other="date_text",
            )
        return
    span = Span.inclusive(first, last)
    if problem_of_precision(span, precision):
        days = {"first": str(first), "last": str(last), "precision": str(precision), "because": _BECAUSE[precision]}
        if row.has("date_precision"):
            row.wrong("start %(first)s and end %(last)s do not fit date_precision %(precision)s: %(because)s.", **days)
        else:
            row.wrong(
                "start %(first)s and end %(last)s do not fit date_precision %(precision)s, which the calendar has:"
                " %(because)s.",
                **days,
            )
    row.row.values["span"] = span


def _bounds(row: RowCells) -> tuple[date | None, date | None]:
    """Return the first and the last day; both None when nothing but words is known or something is wrong."""
    stored = row.base.span
    kept = (stored.start, stored.last) if stored else (None, None)
    first = row.day("start") if row.has("start") else kept[0]
    last = row.day("end") if row.has("end") else kept[1]
    if any(row.cells.get(name) and not day for name, day in (("start", first), ("end", last))):
        return None, None
    # One of the two alone may not cut a meeting short or turn it round.
    if stored and not row.has("end") and first != stored.start:
        values = {"day": str(first), "before": str(stored.start)}
        if first:
            row.wrong(
                "start is %(day)s, but was %(before)s, and the sheet has no column end; give both start and end.",
                **values,
            )
        else:
            row.wrong(
                "start is empty, but was %(before)s, and the sheet has no column end; give both start and end.",
                **values,
            )
        return None, None
    if stored and not row.has("start") and last is None:
        row.wrong("end is empty, and the sheet has no column start; give both start and end.")
        return None, None
    if first is None:
        if last:
            row.wrong("there is an end but no start; give both start and end.")
        return None, None
    if last and last < first:
        row.wrong("end %(last)s is before start %(first)s; give both start and end.", first=str(first), last=str(last))
        return None, None
    return first, last or first


def _precision(row: RowCells, first: date | None) -> Precision | None:
    """Return how exactly the dates are known, None for an unknown word."""
    text = fold(row.cells.get("date_precision", ""))
    word = cell_words.meant("date_precision", text)
    if not row.has("date_precision") and first and row.base.span:
        return row.base.precision
    if not word:
        return Precision.DAY if first else Precision.WORDS
    if word not in tuple(Precision):
        row.wrong(
            "%(column)s is '%(text)s'; valid are %(valid)s.",
            "date_precision",
            row.cells["date_precision"][:40],
            valid=list(map(str, Precision)),
        )
        return None
    return Precision(word)


def read_times(row: RowCells) -> None:
    """Read the hours and their zone; a city of the list knows its own."""
    values = row.row.values
    for name in ("start_time", "end_time"):
        if row.has(name):
            values[name] = _time(row, name)
    if row.has("timezone"):
        values["timezone"] = _zone(row)
    merged = {name: values.get(name, getattr(row.base, name)) for name in "start_time end_time timezone city".split()}
    if merged["end_time"] and not merged["start_time"]:
        row.wrong("there is an end_time but no start_time.")
    if merged["start_time"] and not merged["timezone"]:
        city = row.reference.cities.get(row.reference.city_slug(merged["city"])) if merged["city"] else None
        if city:
            values["timezone"] = city.timezone
        elif row.zone:
            values["timezone"] = row.zone
            sentence = marked("No zone is given for the hours; they are taken in that of the calendar, %(zone)s.")
            row.row.notes.append(in_english(sentence, zone=row.zone))
        else:
            row.wrong("start_time needs a timezone, such as Europe/Zurich.")


def _time(row: RowCells, name: str) -> str:
    given = row.cells[name]
    text = re.sub(r":00$", "", given) if given.count(":") == 2 else given  # noqa: PLR2004 - hours, minutes, seconds
    text = text.zfill(5) if text else ""
    if text and not _TIME.fullmatch(text):
        row.wrong("%(column)s is '%(text)s'; write times as 09:30.", name, given[:20])
        return ""
    return text


def _zone(row: RowCells) -> str:
    text = row.cells["timezone"]
    if text and text not in _zones():
        row.wrong(
            "%(column)s is '%(text)s'; write a name of the IANA list, such as Europe/Zurich.", "timezone", text[:40]
        )
        return ""
    return text
