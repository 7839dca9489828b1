"""The workbook of an exchange round: an organisation's own events to come, to be corrected and sent back in.

Its columns are those of `columns`, so that what reads other sheets reads it too.
"""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from calendar_app.models import Revision
from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services.columns import write_row
from calendar_app.services.records import record_of
from calendar_app.services.sheets import guarded
from calendar_app.services.wording import RIGHT_TO_LEFT

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.reference import Reference
    from calendar_app.services.wording import Words

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# With which change of the event its row was written: what others change meanwhile is not taken back unawares.
VERSION = "version"
# Columns with their widths in characters. What is only for the steward, the stage and who sees it are not among them.
WIDTHS = {
    "id": 6,
    VERSION: 6,
    "title": 60,
    "start": 12,
    "end": 12,
    "date_precision": 14,
    "date_text": 28,
    "status": 12,
    "format": 12,
    "venue": 28,
    "city": 18,
    "country": 9,
    "start_time": 10,
    "end_time": 10,
    "timezone": 18,
    "registration_url": 36,
    "documents_url": 36,
    "online_url": 36,
    "web_url": 36,
    "contact": 30,
    "kind": 22,
    "conventions": 24,
    "body": 18,
}
COLUMNS = tuple(WIDTHS)
_DAYS = ("start", "end")
_GREY, _HEAD = "E4E4E4", "1F3A4D"
# Below the last event there is room for new ones.
_ROOM = 200
_LONGEST_CELL = 32_000


def filename(month: date, organisation: str) -> str:
    """Return what the workbook is called."""
    return f"round-{month:%Y-%m}-{organisation}.xlsx"


def workbook(session: Session, events: Sequence[Event], reference: Reference, words: Words) -> bytes:
    """Return the workbook: a first sheet that says what to do, a second one with a row for each event."""
    # Here and below, because it takes ten megabytes in each process, most of which never make a workbook.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    guide = book.active
    _write_guide(guide, words)
    page = book.create_sheet("Calendar")
    _write_rows(page, rows_of(session, events, reference))
    # It opens on what to do.
    book.active = 0
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rows_of(session: Session, events: Sequence[Event], reference: Reference) -> list[dict[str, str]]:
    """Return the cells of each event, every one of `COLUMNS`."""
    numbers = last_numbers(session, (event.id for event in events))
    return [
        row_of(write_row(event, record_of(event), reference)) | {VERSION: str(numbers.get(event.id, 0))}
        for event in events
    ]


def row_of(cells: Mapping[str, str]) -> dict[str, str]:
    """Return those cells of a row of the calendar that the workbook has."""
    return {name: cells.get(name, "") for name in COLUMNS}


def last_numbers(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return the number of the last recorded change of each event; one query."""
    query = select(Revision.event_id, func.max(Revision.id)).where(Revision.event_id.in_(list(ids)))
    return dict(session.execute(query.group_by(Revision.event_id)).tuples().all())


def _write_rows(page: Any, rows: Sequence[Mapping[str, str]]) -> None:  # noqa: ANN401 - the library has no types
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    grey, dark = (PatternFill("solid", fgColor=colour) for colour in (_GREY, _HEAD))
    page.append(list(COLUMNS))
    for cell in page[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), dark
    for row in rows:
        page.append([_value(name, row[name]) for name in COLUMNS])
    for number, (name, width) in enumerate(WIDTHS.items(), 1):
        page.column_dimensions[get_column_letter(number)].width = width
        for cell in next(page.iter_cols(min_col=number, max_col=number, min_row=2, max_row=len(rows) + 1), ()):
            cell.alignment = Alignment(vertical="top", wrap_text=width > 20)  # noqa: PLR2004 - columns of sentences
            if name in _DAYS:
                cell.number_format = "yyyy-mm-dd"
            if name == "id":
                cell.font, cell.fill = Font(color="808080", size=8), grey
                cell.alignment = Alignment(vertical="top", shrink_to_fit=False)
    page.column_dimensions[get_column_letter(COLUMNS.index(VERSION) + 1)].hidden = True
    page.freeze_panes = page.cell(row=2, column=COLUMNS.index("title") + 2)
    for name, listed in (("status", Status), ("format", Format)):
        choice = DataValidation(type="list", formula1=f'"{",".join(listed)}"', allow_blank=True)
        letter = get_column_letter(COLUMNS.index(name) + 1)
        choice.add(f"{letter}2:{letter}{len(rows) + _ROOM}")
        page.add_data_validation(choice)


def _value(name: str, text: str) -> date | str | None:
    if name in _DAYS and text:
        return date.fromisoformat(text)
    return guarded(text[:_LONGEST_CELL]) or None


def _write_guide(page: Any, words: Words) -> None:  # noqa: ANN401
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    page.title = words.gettext("What to do")[:31]
    page.sheet_view.rightToLeft = words.language in RIGHT_TO_LEFT
    page.column_dimensions["A"].width = 100
    lines = [words.gettext("Your events to come"), *_steps(words), "", words.gettext("The columns"), *_columns(words)]
    for line in lines:
        page.append([line])
    for (cell,) in page.iter_rows(min_row=1, max_row=len(lines)):
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number in (1, len(_steps(words)) + 3):
        page.cell(row=number, column=1).font = Font(bold=True, size=14)


def _steps(words: Words) -> list[str]:
    return [
        words.gettext("1. Go to the sheet “Calendar”. Each row is one of your events."),
        words.gettext("2. Correct what is wrong. What you do not touch stays as it is."),
        words.gettext("3. Add a row below for each event that is missing, and leave its grey cell empty."),
        words.gettext("4. To cancel an event write “cancelled” as its status. Deleting a row changes nothing."),
        words.gettext("5. Save the file and send it back in on the page of your list; the link is in the letter."),
        words.gettext(
            "You see what would change before anything does. New events wait for a coordinator of your organisation."
        ),
    ]


def _columns(words: Words) -> list[str]:
    """Return what belongs into each column; never the bare name of a column, by which a header is known."""
    return [
        "id – " + words.gettext("Leave it as it is: it says which event the row is about."),
        "start, end – " + words.gettext("First and last day, such as 2027-04-19. Both count."),
        "date_precision – "
        + words.gettext("How exactly the dates are known: day, month, quarter, year, or words for words only."),
        "date_text – "
        + words.gettext("The dates in words where they are not exact, such as “second quarter of 2027”."),
        "status – " + words.gettext("One of: tentative, confirmed, postponed, cancelled."),
        "format – " + words.gettext("One of: in-person, online, hybrid, unknown."),
        "country – " + words.gettext("The two letters of ISO 3166, such as CH, or the English name."),
        "start_time, end_time, timezone – " + words.gettext("Hours such as 09:30, and a zone such as Europe/Zurich."),
        "conventions, body – " + words.gettext("Short names or codes, with a semicolon between several."),
    ]
