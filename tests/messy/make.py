"""Makes the messy spreadsheet of 400 rows out of the real calendar, with what a reader has to make of each row.

    python -m tests.messy.make

The sheet is made from what is known of each event, so that the expected result owes nothing to the importer. The same
seed gives the same sheet.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from tests.messy import styles
from tests.messy.said import COUNTRIES, FORMATS, IMPOSSIBLE, OTHER_LANGUAGES, TYPING_ERRORS, VAGUE

FOLDER = Path(__file__).parent.parent / "data" / "messy"
CALENDAR = Path(__file__).parent.parent.parent / "calendar_app" / "reference" / "events.csv"
ROWS, HEADER = 400, 5
COLUMNS = (
    "No.", "Title of meeting", "Acronym", "MEA", "Type of meeting", "Dates", "Until", "Place", "Country", "Modality",
    "Organised by", "Status", "Participants", "Cost per head (USD)", "Web page", None,
)  # fmt: skip


class Sheet:
    """The sheet as it grows: the cells of each row, what is expected of it, formulas with their results, merges."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.book = Workbook()
        self.page = self.book.active
        self.page.title = "Meetings"
        self.line = HEADER
        self.expected: dict[int, dict[str, Any]] = {}
        self.results: dict[str, Any] = {}
        self.made: list[tuple[int, dict[str, Any], dict[str, Any]]] = []

    def put(self, cells: dict[str, Any], expected: dict[str, Any], formats: dict[str, str] | None = None) -> int:
        """Write one row; `cells` by name of the column."""
        self.line += 1
        for name, value in cells.items():
            cell = self.page.cell(self.line, COLUMNS.index(name) + 1, value)
            if formats and name in formats:
                cell.number_format = formats[name]
        self.expected[self.line] = expected
        return self.line

    def formula(self, column: str, text: str, result: Any) -> None:
        """Put a formula into the last row; `result` None is one that the program has never worked out."""
        cell = self.page.cell(self.line, COLUMNS.index(column) + 1, text)
        if result is not None:
            self.results[cell.coordinate] = result


def real_events() -> list[dict[str, str]]:
    with CALENDAR.open(encoding="utf-8-sig", newline="") as file:
        events = list(csv.DictReader(file))
    seen: set[tuple[str, str, str]] = set()
    kept = []
    for event in events:
        key = (event["title"].casefold(), event["start"], event["city"])
        if key not in seen and event["date_precision"] == "day":
            seen.add(key)
            kept.append(event)
    return kept


def later(event: dict[str, str], years: int, what: str) -> dict[str, str]:
    """A meeting that somebody plans around a real one, so that there are enough rows."""
    first, last = (date.fromisoformat(event[name]) for name in ("start", "end"))
    first += timedelta(days=364 * years)
    last = first + min(last - date.fromisoformat(event["start"]), timedelta(days=13))
    days = {"start": first.isoformat(), "end": last.isoformat()}
    return event | days | {"title": f"{what} {event['title']}", "short_title": ""}


def described(sheet: Sheet, event: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """Return the cells of an event in some style, what is expected, and the number formats."""
    random = sheet.random
    first, last = (date.fromisoformat(event[name]) for name in ("start", "end"))
    written = random.choice(styles.EXACT)(first, last, random)
    language, title = OTHER_LANGUAGES.get(event["short_title"], ("en", event["title"]))
    conventions = event["conventions"]
    cells: dict[str, Any] = {
        "No.": len(sheet.expected) + 1,
        "Title of meeting": title,
        "Acronym": event["short_title"],
        "MEA": conventions.replace("; ", random.choice(["; ", ", ", " / "])),
        "Type of meeting": random.choice([event["kind"], event["kind"].replace("-", " ").capitalize()]),
        "Dates": written.cells[0],
        "Until": written.cells[1],
        "Organised by": event["organiser"],
        "Web page": event["source_url"].split("\n")[0] or None,
    }
    place, expected = _place(random, event)
    cells |= place
    expected |= {
        "outcome": "created",
        "titles": {language: title},
        "short_title": event["short_title"],
        "processes": [part.strip().casefold() for part in conventions.split(";") if part.strip()],
        "organisers": [part.strip() for part in event["organiser"].split(";") if part.strip()],
        "kind": event["kind"],
        "first": first.isoformat(),
        "last": last.isoformat(),
        "precision": "day",
        "date_text": written.text,
        "status": "confirmed",
        "notes": expected.pop("notes", []) + written.notes,
    }
    status = random.choice(["Confirmed", None, "confirmed", "Confirmed", "TBC", "Tentative"])
    if status in {"TBC", "Tentative"}:
        expected["status"] = "tentative"
    cells["Status"] = status
    return cells, expected, dict(zip(("Dates", "Until"), written.formats, strict=True))


def _place(random: Random, event: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the cells that say where, and what they say."""
    city, country, format_ = event["city"], event["country"], event["format"]
    expected: dict[str, Any] = {"city": city, "country": country, "format": format_, "venue": "", "notes": []}
    cells: dict[str, Any] = {"Modality": random.choice(FORMATS[format_]) if format_ in FORMATS else None}
    if not city:
        cells["Place"] = "Online" if format_ == "online" else random.choice([None, "TBC", "–"])
        return cells, expected
    name = random.choice(COUNTRIES[country])
    style = random.randrange(9)
    if style == 0:
        cells |= {"Place": f"{city}, {name}"}
    elif style == 1:
        cells |= {"Place": f"{city}/online", "Modality": None}
        expected["format"] = "hybrid"
    elif style == 2 and city in TYPING_ERRORS:
        wrong = random.choice(TYPING_ERRORS[city])
        cells |= {"Place": wrong, "Country": name}
        expected["notes"].append(wrong)
    elif style == 3 and "," not in city:
        cells |= {"Place": f"International Conference Centre, {city}"}
        expected["venue"] = "International Conference Centre"
    elif style == 4:
        cells |= {"Place": city.upper(), "Country": name}
    elif style == 5:
        cells |= {"Place": f" {city} ", "Country": name}
    else:
        cells |= {"Place": city}
    return cells, expected


def build(seed: int = 8) -> Sheet:
    """Return the sheet, filled."""
    sheet = Sheet(seed)
    _head(sheet)
    real = real_events()
    # Neighbours in one place, so that their cells can be merged.
    first_part = sorted(real[:60], key=lambda event: (event["city"], event["start"]))
    queue: list[tuple[str, Any]] = [("event", event) for event in first_part]
    rest: list[tuple[str, Any]] = [("event", event) for event in real[60:]]
    rest += [("event", later(event, 2, "Briefing on the")) for event in real[:70]]
    rest += [("event", later(event, 3, "Follow-up to the")) for event in real[60:]]
    rest += [("vague", (event, vague)) for event, vague in zip(real[-42:], VAGUE * 2, strict=True)]
    rest += [("impossible", (event, what)) for event, what in zip(real[20:40], IMPOSSIBLE, strict=True)]
    rest += [("without end", event) for event in real[90:94]]
    sheet.random.shuffle(rest)
    queue += rest
    specials = ROWS - 30 - len(queue)
    for number, (sort, what) in enumerate(queue):
        if number % 14 == 0:
            _heading(sheet, number // 14)
        _row(sheet, sort, what, number)
        if number >= 30 and specials > 4 and sheet.random.random() < 0.25:
            _again(sheet)
            specials -= 1
    while sheet.line - HEADER < ROWS - 3:
        _again(sheet)
    for _number in range(2):
        _contradicting(sheet)
    sheet.put({"No.": None, "Title of meeting": "Total"}, {"outcome": "refused", "words": ["date"]})
    sheet.formula("Cost per head (USD)", f"=SUM(N{HEADER + 1}:N{sheet.line - 1})", 41300)
    _merge_places(sheet)
    return sheet


def _head(sheet: Sheet) -> None:
    page = sheet.page
    page["A1"] = "Joint calendar of meetings – working copy, not for circulation"
    page.merge_cells("A1:P1")
    page["A1"].font = Font(bold=True, size=14)
    page["A2"] = "Updated 12 March 2026 by the conference unit; dates in 2028 are plans"
    page.merge_cells("A2:P2")
    page["B3"], page["F3"] = "What", "When"
    page.merge_cells("B3:E3")
    page.merge_cells("F3:G3")
    for number, name in enumerate(COLUMNS, 1):
        page.cell(HEADER, number, name).font = Font(bold=True)
    other = sheet.book.create_sheet("Lists")
    other.append(["Status", "Modality"])
    other.append(["Confirmed", "Online"])


def _heading(sheet: Sheet, number: int) -> None:
    """A line that is no meeting: a year, the name of a convention over the whole width, or the header again."""
    if number % 3 == 0:
        sheet.put({"No.": 2024 + number // 3}, {"outcome": "heading"})
    elif number % 3 == 1:
        line = sheet.put({"No.": ["BASEL CONVENTION", "Minamata and others"][number % 2]}, {"outcome": "heading"})
        sheet.page.merge_cells(f"A{line}:P{line}")
    else:
        sheet.put({name: name for name in COLUMNS if name}, {"outcome": "heading"})


def _row(sheet: Sheet, sort: str, what: Any, number: int) -> None:
    event = what[0] if sort in {"vague", "impossible"} else what
    if sort in {"vague", "impossible"}:
        # A time of its own, so that none of them is the same as another row.
        event = event | {"title": f"{event['title']} ({sort} {number})", "short_title": ""}
    cells, expected, formats = described(sheet, event)
    if sort == "without end":
        first = date.fromisoformat(event["start"]) + timedelta(days=7)
        written = styles.without_end(first, first, sheet.random)
        cells |= {"Dates": written.cells[0], "Until": None, "Title of meeting": f"{event['title']} (opening)"}
        expected |= {
            "titles": {"en": cells["Title of meeting"]}, "first": str(first), "last": str(first), "date_text": "",
            "notes": [*expected["notes"], "end"],
        }  # fmt: skip
        formats = {"Dates": written.formats[0]}
    elif sort == "vague":
        text, (first_day, last_day, precision), status = what[1]
        cells |= {"Dates": int(text) if text.isdigit() else text, "Until": None}
        expected |= {"first": first_day, "last": last_day, "precision": precision, "date_text": text}
        if status:
            cells["Status"] = None
            expected["status"] = status
        formats = {}
    elif sort == "impossible":
        change, words = what[1]
        if change.get("Dates", 1) is None or isinstance(change.get("Dates"), str):
            cells["Until"], formats = None, {}
        cells |= change
        expected = {"outcome": "refused", "words": words}
    line = sheet.put(cells, expected, formats)
    if sort == "event":
        sheet.made.append((line, cells, expected))
        _formulas(sheet, cells, expected, number)


def _formulas(sheet: Sheet, cells: dict[str, Any], expected: dict[str, Any], number: int) -> None:
    """Let a program work out some cells: how many come, what it costs, a title of two parts, an end."""
    if number % 9 == 4:
        sheet.formula("Cost per head (USD)", f"=100+{number}", 100 + number)
    if number % 11 == 5:
        sheet.formula("Participants", f"=2*{number}", 2 * number)
        expected["expected_participants"] = 2 * number
    elif number % 13 == 6:
        # Never worked out, as some programs write it: nobody knows how many.
        sheet.formula("Participants", "=SUM(Z1:Z9)", None)
        expected["notes"] = [*expected["notes"], "formula"]
    if number % 17 == 8 and isinstance(cells["Until"], date):
        length = (date.fromisoformat(expected["last"]) - date.fromisoformat(expected["first"])).days
        sheet.formula("Until", f"=F{sheet.line}+{length}", (cells["Until"] - styles.FIRST_SERIAL).days)
    if number % 23 == 9 and '"' not in str(cells["Title of meeting"]):
        title = cells["Title of meeting"]
        sheet.formula("Title of meeting", f'="{title[:9]}"&"{title[9:]}"', title)


def _again(sheet: Sheet) -> None:
    """The same meeting once more, as it stands or written in another way."""
    line, cells, expected = sheet.random.choice(sheet.made)
    cells = cells | {"No.": len(sheet.expected) + 1}
    formats = {}
    first, last = (date.fromisoformat(expected[name]) for name in ("first", "last"))
    if not expected["date_text"]:
        written = sheet.random.choice([styles.cells, styles.slashes, styles.iso])(first, last, sheet.random)
        cells |= dict(zip(("Dates", "Until"), written.cells, strict=True))
        formats = dict(zip(("Dates", "Until"), written.formats, strict=True))
    if sheet.random.random() < 0.3:
        cells["Title of meeting"] = f"  {cells['Title of meeting'].upper()} "
    place = str(cells.get("Place") or "").strip()
    if sheet.random.random() < 0.3 and place in TYPING_ERRORS:
        cells["Place"] = sheet.random.choice(TYPING_ERRORS[place])
    sheet.put(cells, {"outcome": "same", "as": line}, formats)
    if "expected_participants" in expected:
        sheet.formula("Participants", f"={expected['expected_participants']}", expected["expected_participants"])


def _contradicting(sheet: Sheet) -> None:
    """A meeting that stands there already, and of which this row says something else."""
    line, cells, _expected = sheet.random.choice([entry for entry in sheet.made if isinstance(entry[1]["Dates"], date)])
    cells = cells | {"No.": len(sheet.expected) + 1, "Type of meeting": "other", "Participants": 12345}
    formats = dict.fromkeys(("Dates", "Until"), "dd mmm yyyy")
    sheet.put(cells, {"outcome": "refused", "words": [f"line {line}", "expected_participants"]}, formats)


def _merge_places(sheet: Sheet) -> None:
    """Merge the cells of neighbours in one place, as people do by hand."""
    column = COLUMNS.index("Place") + 1
    line = HEADER + 1
    while line < HEADER + 60:
        end = line
        text = sheet.page.cell(line, column).value
        while (
            text and sheet.page.cell(end + 1, column).value == text and sheet.expected[end + 1]["outcome"] != "heading"
        ):
            end += 1
        if end > line and end - line < 5:
            sheet.page.merge_cells(start_row=line, end_row=end, start_column=column, end_column=column)
        line = end + 1


def write(sheet: Sheet, path: Path) -> None:
    """Write the workbook with the results of its formulas, which the library leaves out, at one moment."""
    made = datetime(2026, 3, 12, 9)  # noqa: DTZ001 - the library wants it so
    sheet.book.properties.created = sheet.book.properties.modified = made
    raw = path.with_suffix(".raw")
    sheet.book.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = _with_results(data.decode(), sheet.results).encode()
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-03-12T09:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, (2026, 3, 12, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
    raw.unlink()


def _with_results(xml: str, results: dict[str, Any]) -> str:
    def filled(found: re.Match[str]) -> str:
        result = results.get(found["cell"])
        if result is None:
            return found[0]
        sort = ' t="str"' if isinstance(result, str) else ""
        text = str(result).replace("&", "&amp;").replace("<", "&lt;")
        return f'<c r="{found["cell"]}"{found["style"]}{sort}><f>{found["formula"]}</f><v>{text}</v></c>'

    return re.sub(
        r'<c r="(?P<cell>[A-Z]+\d+)"(?P<style>[^>]*)><f>(?P<formula>[^<]*)</f><v ?/?>(</v>)?</c>', filled, xml
    )


def main() -> None:
    """Write the sheet and what is expected of it."""
    sheet = build()
    FOLDER.mkdir(parents=True, exist_ok=True)
    write(sheet, FOLDER / "meetings.xlsx")
    text = json.dumps({str(line): what for line, what in sheet.expected.items()}, ensure_ascii=False, indent=1)
    (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
