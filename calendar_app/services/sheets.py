"""Files as sheets: CSV and XLSX to rows of text with their line numbers, and back."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from calendar_app.services.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MAX_ROWS = 50_000
# What the library and the archive below it raise for a damaged workbook, or one packed in a way that nobody knows.
_UNREADABLE = (zipfile.BadZipFile, LookupError, ValueError, OSError, SyntaxError, NotImplementedError, zlib.error)
# A spreadsheet program would run these as formulas. The apostrophe is what such programs themselves write before text.
_FORMULA = re.compile(r"^'*[=+\-@\t]")
_ERRORS = frozenset("#REF! #N/A #VALUE! #NAME? #DIV/0! #NULL! #NUM!".split())
_HEADER_ROWS = 20
_MOST_REMARKS = 50
# What is beyond would be cut off without a word.
_XLSX_CELL = 32_767


class SheetError(ValueError):
    """The file as a whole cannot be read; the message is a sentence for the person who sent it."""


@dataclass(slots=True)
class Sheet:
    """Rows by column name, each with its line number in the file, and remarks about the file as a whole."""

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_sheet(path: Path, columns: Sequence[str]) -> Sheet:
    """Read a .csv or .xlsx file whose header names some of `columns`; `title` must be among them.

    Raises `SheetError` when nothing of the file can be used.
    """
    suffix = path.suffix.casefold()
    if suffix == ".csv":
        table, remarks = _read_csv(path.read_bytes(), columns)
    elif suffix == ".xlsx":
        table, remarks = _read_xlsx(path, columns)
    else:
        message = f"{path.name} is not a file this can read; give a .csv or .xlsx file."
        raise SheetError(message)
    sheet = _with_header(path.name, table, columns)
    sheet.remarks = remarks + sheet.remarks
    return sheet


def _read_csv(data: bytes, columns: Sequence[str]) -> tuple[list[tuple[int, list[str]]], list[str]]:
    remarks = []
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            message = "The file is neither in UTF-8 nor in Western European text; save it again as CSV UTF-8."
            raise SheetError(message) from None
        remarks.append("The file is not in UTF-8; it was read as Western European text. Look at accented letters.")
    separator = _separator(text, columns)
    table: list[tuple[int, list[str]]] = []
    line = 1
    try:
        reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
        for row in reader:
            table.append((line, row))
            line = reader.line_num + 1
    except csv.Error as problem:
        message = f"The file cannot be read after line {line}: {problem}."
        raise SheetError(message) from None
    if table and _is_open(text, separator):
        message = f"A quotation mark that is opened in line {table[-1][0]} is not closed; mend it and try again."
        raise SheetError(message)
    return table, remarks


def _is_open(text: str, separator: str) -> bool:
    """Tell whether a quotation mark is open at the end; the rest of the file would then be one cell."""
    try:
        for _row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as problem:
        return str(problem) == "unexpected end of data"
    return False


def _separator(text: str, columns: Sequence[str]) -> str:
    """Return what separates the cells of the header; a title above it may have commas of its own."""
    known = {fold(column) for column in columns}
    for line in text.splitlines()[:_HEADER_ROWS]:
        for separator in ",;\t":
            names = {fold(cell) for cell in line.split(separator)}
            if "title" in names and (len(names & known) > 1 or len(names) == 1):
                return separator
    return max(",;\t", key=text.split("\n", 1)[0].count)


def _read_xlsx(path: Path, columns: Sequence[str]) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Read the first worksheet that has a header; the names of the others become a remark."""
    # Here, because it takes ten megabytes in each process, most of which never see a workbook.
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        # Opened here: of a damaged one the library leaves its file open.
        with path.open("rb") as file:
            book = load_workbook(file, read_only=True, data_only=True)
            tables = {page.title: _page(page) for page in book.worksheets}
            book.close()
    except (*_UNREADABLE, InvalidFileException):
        message = f"{path.name} is not an Excel workbook, or it is damaged; save it again as .xlsx."
        raise SheetError(message) from None
    names = _names(columns)
    read = next((title for title, table in tables.items() if _header(table, names)), next(iter(tables), ""))
    left = [f"“{title}”" for title, table in tables.items() if title != read and table]
    remarks = [f"Only the worksheet “{read}” was read; left out: {', '.join(left)}."] if left else []
    return tables.get(read, []), remarks


def _page(page: Any) -> list[tuple[int, list[str]]]:  # noqa: ANN401
    # Some programs write a wrong size into the file; then all but the first cell would be missing.
    page.reset_dimensions()
    return [(number, [_cell(value) for value in row]) for number, row in enumerate(page.iter_rows(values_only=True), 1)]


def _cell(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _with_header(name: str, table: list[tuple[int, list[str]]], columns: Sequence[str]) -> Sheet:
    known = _names(columns)
    position = _header(table, known)
    if not position:
        message = (
            f"{name} has no header row with a column 'title';"
            " its first rows should name columns such as id, title, start, end."
        )
        raise SheetError(message)
    cells = table[position - 1][1]
    header = [known.get(fold(cell), "") for cell in cells]
    sheet = Sheet()
    ignored = [cell.strip()[:40] for cell, column in zip(cells, header, strict=True) if cell.strip() and not column]
    if ignored:
        sheet.remarks.append(f"Columns not known and left out: {', '.join(ignored)}.")
    doubled = {column for column in header if column and header.count(column) > 1}
    if doubled:
        message = f"{name} has more than one column {', '.join(sorted(doubled))}; keep one of them."
        raise SheetError(message)
    for line, row in table[position:]:
        if any(cell.strip() for cell in row):
            _remark(sheet, line, row, header)
            values = {column: _plain(cell) for column, cell in zip(header, row, strict=False) if column}
            sheet.rows.append((line, {column: values.get(column, "") for column in header if column}))
    if len(sheet.rows) > MAX_ROWS:
        message = f"{name} has {len(sheet.rows)} rows; at most {MAX_ROWS} can be read at once."
        raise SheetError(message)
    return sheet


def _remark(sheet: Sheet, line: int, row: list[str], header: list[str]) -> None:
    """Note what of a row is not taken, or not taken as it was meant."""
    if len(sheet.remarks) >= _MOST_REMARKS:
        return
    if beyond := [cell.strip()[:40] for cell in row[len(header) :] if cell.strip()]:
        sheet.remarks.append(f"Line {line} has more cells than the header; left out: {', '.join(beyond)}.")
    pairs = zip(header, row, strict=False)
    if broken := [f"{column} {cell}" for column, cell in pairs if column and cell in _ERRORS]:
        sheet.remarks.append(f"Line {line} holds errors of the spreadsheet, taken as text: {', '.join(broken)}.")


def _names(columns: Sequence[str]) -> dict[str, str]:
    """Return the columns by the names that a header may give them."""
    return {"start date": "start", "end date": "end"} | {fold(column): column for column in columns}


def _header(table: list[tuple[int, list[str]]], names: dict[str, str]) -> int:
    """Return the number, from 1, of the row that names the columns; 0 if none of the first rows does."""
    for number, (_, cells) in enumerate(table[:_HEADER_ROWS], 1):
        if any(names.get(fold(cell)) == "title" for cell in cells):
            return number
    return 0


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
    from openpyxl import Workbook  # noqa: PLC0415 - as above

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
                    raise SheetError(message)
            page.append(line)
            count += 1
    finally:
        page.close()
    book.save(path)
    return count
