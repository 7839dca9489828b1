"""The sheet of refused rows that an import gives back: two columns of its own, then the rows as they were sent.

Whoever mends it sends it again as it is, in whatever language it was given to them.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import TYPE_CHECKING

from calendar_app.services.sentences import marked
from calendar_app.services.text import clean, fold
from calendar_app.services.wording import Words, available_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Of one cell of a workbook.
_LONGEST = 32_767
OWN = (marked("Line"), marked("Why it is refused"))


@cache
def _own_names() -> frozenset[tuple[str, ...]]:
    languages = {"en", *available_languages()}
    return frozenset(tuple(fold(Words(code).gettext(name)) for name in OWN) for code in languages)


def own_columns(header: Sequence[str]) -> int:
    """Return how many columns at the beginning of a header are ours: those two, or none."""
    return len(OWN) if tuple(map(fold, header[: len(OWN)])) in _own_names() else 0


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """Return lines as CSV, in UTF-8 with a mark, so that Excel takes it for that."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Iterable[Sequence[str]]) -> bytes:
    """Return lines as a workbook, which opens the same everywhere; a text is cut where a cell can hold no more."""
    from openpyxl import Workbook  # noqa: PLC0415 - as in tables.py

    book = Workbook(write_only=True)
    page = book.create_sheet("Calendar")
    page.freeze_panes = "C2"
    for line in lines:
        page.append([clean(cell)[:_LONGEST] for cell in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
