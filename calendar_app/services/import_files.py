"""The file of an import: which of its worksheets and rows are read, and which column is which field."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Import, RememberedColumns
from calendar_app.services import feed_rows, sheets
from calendar_app.services.column_guess import first_rows
from calendar_app.services.columns import COLUMNS
from calendar_app.services.refused_sheets import own_columns
from calendar_app.services.sentences import in_english
from calendar_app.services.tables import read_tables
from calendar_app.services.text import fold
from calendar_app.services.written_dates import Order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from calendar_app.planning.vocabulary import Stage
    from calendar_app.services.sheets import Layout, Sheet
    from calendar_app.services.tables import Table

# An import waits for its columns to be matched.
COLUMNS_STATE = "columns"
MOST_ROWS = 5_000
# Among how many imports of the organisation the one is looked for whose refused rows come back.
_MOST_EARLIER = 100


def is_ics(made: Import) -> bool:
    """Tell whether the file is a calendar, which has no columns to match."""
    return made.filename.casefold().endswith(".ics")


def table_of(made: Import) -> tuple[Table, list[str]]:
    """Return the table of a file that is a sheet, and remarks about it. Raises `SheetError`."""
    return sheets.table_of(made.filename, made.data or b"", COLUMNS, MOST_ROWS, made.settings.get("worksheet", ""))


def tables_of(made: Import) -> list[Table]:
    """Return the tables of a file that is a sheet, as far as there is anything in them. Raises `SheetError`."""
    tables, _remarks = read_tables(made.filename, made.data or b"", COLUMNS, MOST_ROWS)
    return [table for table in tables if any(first_rows(table.rows))]


def one_of(made: Import, tables: Sequence[Table]) -> Table:
    """Return the table of these that an import reads. Raises `SheetError`."""
    return sheets.one_of(made.filename, tables, (), MOST_ROWS, made.settings.get("worksheet", ""))[0]


def headers_of(table: Table, header: int) -> dict[int, tuple[int, list[str]]]:
    """Return the rows of a table that may name its columns, by number from 1: line in the file, and its filled cells.

    `header` is the number of the one that is taken for that now.
    """
    own = own_columns(table.rows[header - 1][1]) if header else 0
    return {n: (line, filled) for n, line, cells in first_rows(table.rows) if (filled := _filled(cells[own:]))}


def _filled(cells: Iterable[str]) -> list[str]:
    return [cell for cell in cells if cell.strip()]


def part_of(made: Import) -> str:
    """Return which part of its file an import reads, to tell whether a page still shows that."""
    return f"{made.settings.get('header', 0)}:{made.settings.get('worksheet', '')}"


def reading_of(made: Import) -> str:
    """Return what tells one way to read the file, and to bring its rows in, from another one."""
    names = ("header", "worksheet", "columns", "order", "stage")
    return _digest(str(made.settings.get(name, "")) for name in names)


def guess(
    session: Session, made: Import, tables: Sequence[Table], worksheet: str = "", header: int | None = None
) -> int:
    """Guess which column is which field; return how many rows there are.

    The worksheet is guessed, too, if none is named, and the header row if it is not known (0: there is none). With
    another of them an import begins anew. Raises `SheetError`.
    """
    made.settings = {**made.settings, "worksheet": worksheet}
    table = one_of(made, tables)
    found = sheets.layout_of(table, {}, header).header
    layout = sheets.layout_of(table, _remembered(session, made.organisation_code, table, found), found)
    # Not every cell of a sheet that is too large is looked at.
    count = sum(any(cell.strip() for cell in cells) for _line, cells in table.rows[found:])
    if count > MOST_ROWS:
        raise sheets.SheetError(sheets.too_many(made.filename, MOST_ROWS))
    order = str(layout.order or made.settings.get("order", ""))
    made.settings = {**made.settings, **_settings(layout), "order": order, "worksheet": table.title}
    made.state, made.choices, made.report, made.failed = COLUMNS_STATE, {}, {}, ""
    return count


def layout_of(made: Import) -> Layout:
    """Return how the file is to be read."""
    order = made.settings.get("order")
    columns = tuple(made.settings.get("columns", ()))
    return sheets.Layout(made.settings.get("header", 0), columns, Order(order) if order else None)


def _settings(layout: Layout) -> dict[str, Any]:
    order = str(layout.order) if layout.order else ""
    return {"header": layout.header, "columns": list(layout.columns), "order": order}


def choose(made: Import, layout: Layout, stage: Stage, reason: str) -> None:
    """Take the fields that a person chose for the columns of the part that is read."""
    part = {"worksheet": made.settings.get("worksheet", "")}
    made.settings = _settings(layout) | part | {"stage": str(stage), "reason": reason}
    made.state, made.choices, made.report, made.failed = COLUMNS_STATE, {}, {}, ""


def remember(session: Session, made: Import, table: Table | None) -> None:
    """Remember the fields that were chosen for the next file of the organisation with the same header."""
    layout = layout_of(made)
    if table is None or not layout.header:
        return
    names, own = _names(table, layout.header)
    chosen = {name: column for name, column in zip(names, layout.columns[own:], strict=False) if name}
    key = (made.organisation_code, _digest(names))
    made.settings = made.settings | {"digest": key[1]}
    row = session.get(RememberedColumns, key)
    if row is None:
        session.add(RememberedColumns(organisation_code=key[0], digest=key[1], columns=chosen))
    else:
        row.columns = chosen


def _remembered(session: Session, organisation: str, table: Table, header: int) -> dict[str, str]:
    if not header:
        return {}
    row = session.get(RememberedColumns, (organisation, _digest(_names(table, header)[0])))
    return row.columns if row else {}


def carry(session: Session, made: Import, tables: Sequence[Table]) -> None:
    """Take over what else was chosen for the file whose refused rows this is, nothing for another file."""
    header = made.settings["header"]
    table = one_of(made, tables)
    names, own = _names(table, header) if header else ([], 0)
    if not own:
        return
    is_theirs = Import.organisation_code == made.organisation_code
    query = select(Import.settings).where(is_theirs, Import.state != COLUMNS_STATE)
    earlier = session.scalars(query.order_by(Import.made_at.desc()).limit(_MOST_EARLIER))
    digest = _digest(names)
    before: dict[str, Any] = next((settings for settings in earlier if settings.get("digest") == digest), {})
    made.settings = made.settings | {name: before[name] for name in ("order", "stage", "reason") if before.get(name)}


def _names(table: Table, header: int) -> tuple[list[str], int]:
    """Return the folded names of columns without those that begin a sheet of refused rows, and how many these are."""
    names = table.rows[header - 1][1]
    own = own_columns(names)
    return list(map(fold, names[own:])), own


def _digest(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def as_sent(made: Import) -> tuple[list[str], dict[int, list[str]]]:
    """Return the header of a sheet and its rows by line, as they stand in the file; none of a calendar or without file.

    Where no row is a header, the fields of the columns are.
    """
    if is_ics(made) or made.data is None:
        return [], {}
    try:
        table, _remarks = table_of(made)
    except sheets.SheetError:
        return [], {}
    header = made.settings.get("header", 0)
    names = table.rows[header - 1][1] if header else list(layout_of(made).columns)
    own = own_columns(names) if header else 0
    return names[own:], {line: cells[own:] for line, cells in table.rows[header:]}


def sheet_of(made: Import, today: date, zone: str = "UTC") -> Sheet:
    """Return the rows of the file. Raises `SheetError`."""
    if is_ics(made):
        return feed_rows.read_ics(made.filename, made.data or b"", today, zone)
    table, remarks = table_of(made)
    sheet = sheets.sheet_of(table, layout_of(made))
    sheet.zone = zone
    numbered = [cells.pop("id") for _line, cells in sheet.rows if cells.get("id", "").strip().isdigit()]
    if numbered:
        remarks = [
            *remarks,
            in_english("The numbers of the rows are not taken as ids: other sheets have them too."),
        ]
    sheet.remarks = remarks + sheet.remarks
    return sheet
