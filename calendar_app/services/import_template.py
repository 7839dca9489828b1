"""The workbook that people fill in: the columns, an example, and lists of what is valid, with choices in the cells."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services.sheets import EXAMPLE

if TYPE_CHECKING:
    from calendar_app.services.reference import Reference

COLUMNS = (
    *"id title short_title conventions kind body organiser start end date_text status format venue city".split(),
    *"country regions web_url registration_url contact description".split(),
)
# Rows with choices in their cells.
_ROWS = 1000
_EXAMPLE = {
    "id": EXAMPLE,
    "title": "Workshop on environmentally sound management (this row is left out)",
    "conventions": "Basel; Stockholm",
    "kind": "workshop",
    "organiser": "BRS",
    "start": "2027-04-19",
    "end": "2027-04-23",
    "status": "tentative",
    "format": "in-person",
    "city": "Geneva",
    "country": "CH",
}


def workbook(reference: Reference) -> bytes:
    """Return the template as the bytes of an .xlsx file."""
    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101 - a new workbook has a sheet
    page.title = "Meetings"
    page.append(list(COLUMNS))
    page.append([_EXAMPLE.get(name) for name in COLUMNS])
    page.freeze_panes = "C2"
    for cell in page[1]:
        cell.font = Font(bold=True)
    lists = {
        "conventions": [process.short_name for process in reference.processes.values()],
        "kind": list(reference.kinds),
        "body": list(reference.bodies),
        "organiser": [organisation.short_name for organisation in reference.organisations.values()],
        "status": list(map(str, Status)),
        "format": list(map(str, Format)),
        "city": [city.name for city in reference.cities.values()],
        "regions": list(reference.regions),
    }
    other = book.create_sheet("Valid values")
    for number, (name, values) in enumerate(lists.items(), 1):
        for line, value in enumerate((name, *values), 1):
            other.cell(line, number, value)
        letter, column = get_column_letter(number), get_column_letter(COLUMNS.index(name) + 1)
        choices = DataValidation("list", formula1=f"'Valid values'!${letter}$2:${letter}${len(values) + 1}")
        # Several may stand in one cell, and a city or an organisation may be missing in the list.
        choices.showErrorMessage = name in {"kind", "status", "format"}
        page.add_data_validation(choices)
        choices.add(f"{column}2:{column}{_ROWS}")
    for number in range(1, len(COLUMNS) + 1):
        page.column_dimensions[get_column_letter(number)].width = 18
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
