"""Files as tables of text: the cells of a CSV file or of each worksheet of a workbook, with their line numbers."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from calendar_app.services.file_kinds import UNREADABLE, packed_sizes, problem_of_kind
from calendar_app.services.sentences import in_english
from calendar_app.services.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendar_app.services.sentences import Sentence

_HEADER_ROWS = 20
# A small file may hold far more than anybody has written: what a workbook is unpacked to, in bytes.
_MOST_UNPACKED = 150_000_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CELL = re.compile(r"([A-Z]+)([0-9]+)")


class SheetError(ValueError):
    """The file as a whole cannot be read; the message is a sentence for the person who sent it (`sentences`)."""

    def __init__(self, sentence: str) -> None:
        """Keep what people are told."""
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(slots=True)
class Table:
    """Rows of cells, each with its line number. A cell that is merged over several rows says the same in each.

    `unknown` has (line, place from 0) of formulas whose result is not in the file. Of a table that `is_too_long` the
    rest is not there.
    """

    title: str
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    unknown: set[tuple[int, int]] = field(default_factory=set)
    is_hidden: bool = False
    is_too_long: bool = False


def too_many(name: str, most_rows: int) -> Sentence:
    """Return why a file with more rows is not read."""
    return in_english(
        "%(file)s has more than %(most)d rows; so many cannot be brought in at once. Divide it into several files.",
        file=name,
        most=most_rows,
    )


def read_tables(name: str, data: bytes, columns: Sequence[str], most_rows: int) -> tuple[list[Table], list[str]]:
    """Return the tables of a file, and remarks about it as a whole; `columns` helps to find what separates cells.

    Raises `SheetError` when nothing of the file can be used.
    """
    if problem := problem_of_kind(name, data):
        raise SheetError(problem)
    if name.casefold().endswith(".csv"):
        return _read_csv(name, data, columns)
    return _read_xlsx(name, data, most_rows), []


def _read_csv(name: str, data: bytes, columns: Sequence[str]) -> tuple[list[Table], list[str]]:
    remarks: list[str] = []
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            message = in_english(
                "%(file)s is neither in UTF-8 nor in Western European text; save it again as CSV UTF-8.", file=name
            )
            raise SheetError(message) from None
        remarks.append(
            in_english("The file is not in UTF-8; it was read as Western European text. Look at accented letters.")
        )
    separator = _separator(text, columns)
    table = Table("")
    line = 1
    try:
        reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
        for row in reader:
            table.rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as problem:
        message = in_english(
            "%(file)s cannot be read after line %(line)d: %(problem)s.", file=name, line=line, problem=str(problem)
        )
        raise SheetError(message) from None
    if table.rows and _is_open(text, separator):
        message = in_english(
            "A quotation mark that is opened in line %(line)d is not closed; mend it and try again.",
            line=table.rows[-1][0],
        )
        raise SheetError(message)
    return [table], remarks


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
    lines = text.splitlines()[:_HEADER_ROWS]
    for line in lines:
        for separator in ",;\t":
            names = {fold(cell) for cell in line.split(separator)}
            if "title" in names and (len(names & known) > 1 or len(names) == 1):
                return separator
    return max(",;\t", key=lambda separator: max((line.count(separator) for line in lines), default=0))


def _read_xlsx(name: str, data: bytes, most_rows: int) -> list[Table]:
    """Read every worksheet."""
    # Here, because it takes ten megabytes in each process, most of which never see a workbook.
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        _refuse_bomb(name, data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            return [_table(page, most_rows) for page in book.worksheets]
        finally:
            book.close()
    except SheetError:
        raise
    except (*UNREADABLE, InvalidFileException):
        message = in_english("%(file)s is not an Excel workbook, or it is damaged; save it again as .xlsx.", file=name)
        raise SheetError(message) from None


def _refuse_bomb(name: str, data: bytes) -> None:
    if sum(packed_sizes(data).values()) > _MOST_UNPACKED:
        message = in_english(
            "%(file)s is unpacked to more than %(size)d MB; make it smaller.",
            file=name,
            size=_MOST_UNPACKED // 1_000_000,
        )
        raise SheetError(message)


def _table(page: Any, most_rows: int) -> Table:  # noqa: ANN401 - a worksheet of openpyxl
    # Some programs write a wrong size into the file; then all but the first cell would be missing.
    page.reset_dimensions()
    rows: list[tuple[int, list[str]]] = []
    filled, is_too_long = 0, False
    for number, row in enumerate(page.iter_rows(values_only=True), 1):
        rows.append((number, [_cell(value) for value in row]))
        filled += any(rows[-1][1])
        # Of a large workbook the rest is not read at all: that would take many seconds.
        if filled > most_rows + _HEADER_ROWS:
            is_too_long = True
            break
    table = Table(page.title, rows, is_hidden=page.sheet_state != "visible", is_too_long=is_too_long)
    if is_too_long:
        return table
    # What the library leaves out when it reads row by row.
    merged, table.unknown = _merged_and_unknown(page)
    for first_column, first_line, _last_column, last_line in merged:
        _fill_down(table, first_column - 1, first_line, min(last_line, len(rows)))
    return table


def _merged_and_unknown(page: Any) -> tuple[list[tuple[int, int, int, int]], set[tuple[int, int]]]:  # noqa: ANN401
    """Return the merged cells that span several rows, and the formulas without a result, of a worksheet's XML."""
    from openpyxl.utils.cell import column_index_from_string, range_boundaries  # noqa: PLC0415 - as above

    merged: list[tuple[int, int, int, int]] = []
    unknown: set[tuple[int, int]] = set()
    with page._get_source() as source:  # noqa: SLF001 - there is no other way to the part that belongs to a worksheet
        for _event, element in ET.iterparse(source):  # noqa: S314 - openpyxl has read the same XML before
            if element.tag == f"{_MAIN}c":
                value = element.find(f"{_MAIN}v")
                place = _CELL.fullmatch(element.get("r", ""))
                if place and element.find(f"{_MAIN}f") is not None and (value is None or not value.text):
                    unknown.add((int(place[2]), column_index_from_string(place[1]) - 1))
            elif element.tag == f"{_MAIN}row":
                element.clear()
            elif element.tag == f"{_MAIN}mergeCell":
                first_column, first_line, last_column, last_line = (
                    int(n or 0) for n in range_boundaries(element.get("ref", ""))
                )
                merged.append((first_column, first_line, last_column, last_line))
    return [area for area in merged if area[3] > area[1]], unknown


def _fill_down(table: Table, place: int, first: int, last: int) -> None:
    if first > len(table.rows) or place >= len(table.rows[first - 1][1]):
        return
    text = table.rows[first - 1][1][place]
    for _line, cells in table.rows[first:last]:
        cells.extend([""] * (place + 1 - len(cells)))
        cells[place] = text


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
