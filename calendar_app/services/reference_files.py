"""Reading the packaged lists: rows of text in, values out, and a sentence with file and line for what is wrong."""

from __future__ import annotations

import csv
import hashlib
import io
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from typing import TypeAlias

    Row: TypeAlias = Mapping[str, str]
    Rows: TypeAlias = Mapping[str, Row]

_Fact = TypeVar("_Fact")
_FOLDER = resources.files("calendar_app") / "reference"


class ReferenceFileError(ValueError):
    """A packaged file is wrong; the message names the file, the line and what is wrong with it."""


class WrongCellError(ValueError):
    """A row has a value that its column cannot have."""

    def __init__(self, column: str, message: str) -> None:
        """Say which column it is, and what is wrong there."""
        super().__init__(message)
        self.column = column


@cache
def digest() -> str:
    """Return a fingerprint of all packaged lists, the calendar itself left out."""
    names = sorted(entry.name for entry in _FOLDER.iterdir() if entry.name.endswith((".csv", ".toml")))
    contents = b"".join((_FOLDER / name).read_bytes() for name in names if name != "events.csv")
    return hashlib.sha256(contents).hexdigest()


def packaged_rows(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line number and the row of each row of a packaged file. Raises `ReferenceFileError`."""
    reader = csv.reader(io.StringIO(read(name), newline=""))
    header = next(reader, [])
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) != len(header):
            message = f"{name}, line {line}: the row has {len(cells)} cells, the header {len(header)}."
            raise ReferenceFileError(message)
        yield line, {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        line = reader.line_num + 1


def read(name: str) -> str:
    """Return the text of a packaged file. Raises `ReferenceFileError`."""
    try:
        return (_FOLDER / name).read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        line = (_FOLDER / name).read_bytes()[: problem.start].count(b"\n") + 1
        message = f"{name}, line {line}: the file is not in UTF-8; save it as CSV UTF-8."
        raise ReferenceFileError(message) from None


def packaged(name: str, make: Callable[[dict[str, str]], _Fact]) -> list[_Fact]:
    """Return what `make` makes of each row of a packaged file. Raises `ReferenceFileError` for one it refuses."""
    made = []
    for line, row in packaged_rows(name):
        try:
            made.append(make(row))
        except KeyError as problem:
            message = f"{name}: the column {problem} is missing."
            raise ReferenceFileError(message) from None
        except ValueError as problem:
            message = f"{name}, line {line}: {problem}."
            raise ReferenceFileError(message) from None
    return made


def keyed(name: str, key: str, make: Callable[[Row], _Fact], changed: Rows | None = None) -> dict[str, _Fact]:
    """Return what `make` makes of each row of a packaged file, by its `key`. Raises `ReferenceFileError`.

    The rows of `changed` take the place of the packaged ones of their key, or come after them all.
    """
    found: dict[str, _Fact] = {}

    def add(row: Row) -> None:
        if not row[key] or row[key] in found:
            message = f"the {key} {row[key]!r} is empty or stands twice"
            raise WrongCellError(key, message)
        found[row[key]] = make(row)

    packaged(name, add)
    for code, row in (changed or {}).items():
        try:
            found[code] = make(row)
        except ValueError as problem:
            message = f"{name}, the row {code!r} that is kept in the database: {problem}."
            raise ReferenceFileError(message) from problem
    return found


def require(row: Row, column: str, valid: Container[str]) -> None:
    """Raise `WrongCellError` if the value of `column` is none of `valid`."""
    if row[column] not in valid:
        message = f"{column} {row[column]!r} is not in its list"
        raise WrongCellError(column, message)


def as_list(cell: str) -> tuple[str, ...]:
    """Return the values of a cell that holds several."""
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def degrees(row: Row, column: str, most: int) -> float:
    """Return the value of `column`, a number between -`most` and `most`. Raises `WrongCellError`."""
    try:
        value = float(row[column])
    except ValueError as problem:
        raise WrongCellError(column, str(problem)) from None
    if not -most <= value <= most:
        message = f"{column} {row[column]!r} is not between -{most} and {most}"
        raise WrongCellError(column, message)
    return value
