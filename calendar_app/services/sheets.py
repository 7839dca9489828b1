"""Files as sheets: rows of text by column, with their line numbers, and back."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from calendar_app.services import column_guess
from calendar_app.services.reference import reference
from calendar_app.services.refused_sheets import own_columns
from calendar_app.services.sentences import in_english, marked
from calendar_app.services.sheet_cells import written_anew
from calendar_app.services.tables import SheetError, Table, read_tables, too_many
from calendar_app.services.text import fold
from calendar_app.services.written_dates import Order, order_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "CellTooLongError",
    "Sheet",
    "SheetError",
    "layout_of",
    "one_of",
    "read_sheet",
    "sheet_of",
    "table_of",
    "too_many",
    "write_sheet",
]
MAX_ROWS = 50_000
# What stands in the first cell of a row that only shows how the template is filled in.
EXAMPLE = "example"
# A spreadsheet program would run these as formulas. The apostrophe is what such programs themselves write before text.
_FORMULA = re.compile(r"^'*[=+\-@\t]")
_ERRORS = frozenset("#REF! #N/A #VALUE! #NAME? #DIV/0! #NULL! #NUM!".split())
_MOST_REMARKS = 50
# People write question marks themselves where they do not know the days.
_TIMES = frozenset({"start", "end", "date_text", "start_time", "end_time"})
_LOST = marked(
    "%(column)s holds nothing but question marks: its letters were lost when the file was saved. It is not taken; save"
    " the file as .xlsx."
)
# What is beyond would be cut off without a word.
_XLSX_CELL = 32_767


class CellTooLongError(SheetError):
    """A text is longer than a cell of a workbook may be; CSV holds it."""


@dataclass(slots=True)
class Sheet:
    """Rows by column name, each with its line number in the file, and remarks about the file as a whole.

    By line: `notes` on what was read otherwise than it stands there, `problems` that keep a row from landing, and
    `headings`, lines that are no events. `zone` is where hours are meant of which nothing tells it.
    """

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    notes: dict[int, list[str]] = field(default_factory=dict)
    problems: dict[int, list[str]] = field(default_factory=dict)
    headings: list[tuple[int, str]] = field(default_factory=list)
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is to be read: the number of its header row (0: none), the field of each column, the order of dates.

    A column whose field is "" is left out.
    """

    header: int
    columns: tuple[str, ...]
    order: Order | None = None


def read_sheet(path: Path, columns: Sequence[str]) -> Sheet:
    """Read a .csv or .xlsx file whose header names some of `columns` or is understood; a title must be among them.

    Raises `SheetError` when nothing of the file can be used.
    """
    table, remarks = table_of(path.name, path.read_bytes(), columns)
    layout = _only(layout_of(table, {}), table, columns)
    if not layout.header or not column_guess.has_title(layout.columns):
        message = in_english(
            "%(file)s has no header row with a column 'title'; its first rows should name columns such as id, title,"
            " start, end.",
            file=path.name,
        )
        raise SheetError(message)
    names = [fold(cell) for cell in table.rows[layout.header - 1][1]]
    own = {fold(column): column for column in columns}
    if doubled := sorted({own[name] for name in names if name in own and names.count(name) > 1}):
        message = in_english(
            "%(file)s has more than one column %(names)s; keep one of them.", file=path.name, names=doubled
        )
        raise SheetError(message)
    sheet = sheet_of(table, layout)
    if len(sheet.rows) > MAX_ROWS:
        message = too_many(path.name, MAX_ROWS)
        raise SheetError(message)
    sheet.remarks = remarks + sheet.remarks
    return sheet


def table_of(
    name: str, data: bytes, columns: Sequence[str], most_rows: int = MAX_ROWS, worksheet: str = ""
) -> tuple[Table, list[str]]:
    """Return the table of a file that is read, and remarks. Raises `SheetError`."""
    return one_of(name, *read_tables(name, data, columns, most_rows), most_rows, worksheet)


def one_of(
    name: str, tables: Sequence[Table], remarks: Sequence[str], most_rows: int, worksheet: str = ""
) -> tuple[Table, list[str]]:
    """Return the table that was chosen, else the first that can be seen and has a header, else the first; and remarks.

    Raises `SheetError` if it is too long.
    """

    def standing(table: Table) -> tuple[bool, ...]:
        has_header = bool(column_guess.header_of(table.rows))
        return table.title != worksheet, table.is_too_long, table.is_hidden, not has_header

    # Of what is alike, the first one counts.
    table = min(tables, key=standing, default=Table(""))
    if table.is_too_long:
        raise SheetError(too_many(name, most_rows))
    remarks = [*remarks]
    if left := [f"“{other.title}”" for other in tables if other is not table and other.rows]:
        remark = in_english(
            "Only the worksheet “%(name)s” was read; left out: %(others)s.", name=table.title, others=left
        )
        remarks.append(remark)
    return table, remarks


def layout_of(table: Table, remembered: Mapping[str, str], header: int | None = None) -> Layout:
    """Guess how a table is to be read; `remembered` are the fields that were chosen before, by folded name.

    `header` is the number of the header row if it is known.
    """
    header = column_guess.header_of(table.rows) if header is None else header
    names = table.rows[header - 1][1] if header else []
    remembered = {**remembered, **{fold(name): "" for name in names[: own_columns(names)]}}
    columns = column_guess.guess(table, header, reference(), remembered)
    places = {columns.index(name) for name in ("start", "end") if name in columns}
    texts = (cells[place] for _line, cells in table.rows[header:] for place in places if place < len(cells))
    return Layout(header, tuple(columns), order_of(texts))


def _only(layout: Layout, table: Table, columns: Sequence[str]) -> Layout:
    """Return a layout with no other fields than `columns`, which may have names of their own."""
    if not layout.header:
        return layout
    own = {fold(column): column for column in columns}
    exact = [own.get(fold(cell), "") for cell in table.rows[layout.header - 1][1]]
    allowed = {*columns, *([column_guess.PLACE] if "city" in columns else [])} - {*exact}
    kept = tuple(
        name or (guessed if guessed in allowed else "") for name, guessed in zip(exact, layout.columns, strict=True)
    )
    return Layout(layout.header, kept, layout.order)


def sheet_of(table: Table, layout: Layout) -> Sheet:
    """Return the rows of a table below its header, in the words of the calendar's columns."""
    sheet = Sheet()
    header = table.rows[layout.header - 1][1] if layout.header else []
    own = own_columns(header)
    rows = [row for _line, row in table.rows[layout.header :]]
    if ignored := column_guess.left_out(header, layout.columns if header else (), rows, own):
        sheet.remarks.append(in_english("Columns not known and left out: %(names)s.", names=ignored))
    for line, row in table.rows[layout.header :]:
        filled = [cell.strip() for cell in row if cell.strip()]
        if not filled and not any(unknown == line for unknown, _place in table.unknown):
            continue
        if _is_heading(row, filled, header, layout):
            sheet.headings.append((line, filled[0][:80]))
            continue
        _remark(sheet, line, row, layout.columns or header)
        values = {column: _plain(cell) for column, cell in zip(layout.columns, row, strict=False) if column}
        lost = {name for name, cell in values.items() if name not in _TIMES and _is_lost(cell)}
        given = {name: values.get(name, "") for name in layout.columns if name and name not in lost}
        anew = written_anew(given, layout.order, reference())
        anew.notes += [in_english(_LOST, column=name) for name in layout.columns if name in lost]
        unknown = [name for place, name in enumerate(layout.columns) if name and (line, place) in table.unknown]
        anew.notes += [
            in_english("%(column)s is a formula whose result is not in the file; left empty.", column=name)
            for name in unknown
        ]
        sheet.rows.append((line, anew.cells))
        sheet.notes |= {line: anew.notes} if anew.notes else {}
        sheet.problems |= {line: anew.problems} if anew.problems else {}
    return sheet


def _is_lost(cell: str) -> bool:
    """Tell whether question marks stand where there were letters, as programs save what their character set lacks."""
    return cell.count("?") > 1 and not cell.strip("? .,;:-/()'\"\n")


def _is_heading(row: Sequence[str], filled: Sequence[str], header: Sequence[str], layout: Layout) -> bool:
    """Tell whether a line is no event: one cell that is no title, as above a group of rows, or the header again."""
    if (filled or [""])[0] == EXAMPLE:
        return True
    if len(filled) == 1:
        place = next(number for number, cell in enumerate(row) if cell.strip())
        column = layout.columns[place] if place < len(layout.columns) else ""
        return column not in {"title", "id"} and sum(map(bool, layout.columns)) > 1
    named = [cell.strip() for cell in header if cell.strip()]
    return len(filled) > 1 and filled == named


def _remark(sheet: Sheet, line: int, row: list[str], columns: Sequence[str]) -> None:
    """Note what of a row is not taken, or not taken as it was meant."""
    if len(sheet.remarks) >= _MOST_REMARKS:
        return
    if beyond := [cell.strip()[:40] for cell in row[len(columns) :] if cell.strip()]:
        sheet.remarks.append(
            in_english("Line %(line)d has more cells than the header; left out: %(cells)s.", line=line, cells=beyond)
        )
    pairs = zip(columns, row, strict=False)
    if broken := [(column, cell) for column, cell in pairs if column and cell in _ERRORS]:
        sheet.remarks.append(
            in_english(
                "Line %(line)d holds errors of the spreadsheet, taken as text: %(cells)s in %(columns)s.",
                line=line,
                cells=list(dict.fromkeys(cell for _column, cell in broken)),
                columns=[column for column, _cell in broken],
            )
        )


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and (_FORMULA.match(cell) or cell.lstrip("'") in _ERRORS) else cell


def guarded(cell: str) -> str:
    """Return text as a cell that no spreadsheet program runs as a formula; reading takes the apostrophe off again."""
    return "'" + cell if _FORMULA.match(cell) or cell.lstrip("'") in _ERRORS else cell


def write_sheet(path: Path, columns: Sequence[str], rows: Iterable[dict[str, str]]) -> int:
    """Write rows to a .csv (UTF-8 with a mark, for Excel) or .xlsx file; return how many. Raises `SheetError`."""
    suffix = path.suffix.casefold()
    lines = ([guarded(row[column]) for column in columns] for row in rows)
    if suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            return _write_csv(file, columns, lines)
    if suffix == ".xlsx":
        return _write_xlsx(path, columns, lines)
    message = f"{path.name}: the name must end in .csv or .xlsx."
    raise SheetError(message)


def _write_csv(file: Any, columns: Sequence[str], lines: Iterable[list[str]]) -> int:  # noqa: ANN401
    writer = csv.writer(file)
    writer.writerow(columns)
    count = 0
    for line in lines:
        writer.writerow(line)
        count += 1
    return count


def _write_xlsx(path: Path, columns: Sequence[str], lines: Iterable[list[str]]) -> int:
    from openpyxl import Workbook  # noqa: PLC0415 - as in tables.py

    book = Workbook(write_only=True)
    page = book.create_sheet("Calendar")
    page.freeze_panes = "C2"
    page.append(list(columns))
    count = 0
    try:
        for line in lines:
            for column, cell in zip(columns, line, strict=True):
                if len(cell) > _XLSX_CELL:
                    message = f"{column} of {line[0]} is too long for a cell of an Excel workbook; write a .csv file."
                    raise CellTooLongError(message)
            page.append(line)
            count += 1
    finally:
        page.close()
    book.save(path)
    return count
