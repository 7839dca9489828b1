"""Which texts of the packaged lists people read, for gettext: the one place that says which file has which columns.

The names stay English in the lists; pages and feeds show them through the catalogue of the reader's language.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

_WORD = re.compile(r"\b[A-Z]?[a-z]{2,}\b")
# A column marked "words" holds short names: only those with a word in them are texts, see `is_words`.
COLUMNS: dict[str, dict[str, str]] = {
    "audiences.csv": {"name": ""},
    "avoid_periods.csv": {"name": ""},
    "bodies.csv": {"name": "", "short_name": "words"},
    "cities.csv": {"name": ""},
    "duty_stations.csv": {"name": ""},
    "holidays.csv": {"name": ""},
    "observances.csv": {"name": ""},
    "organisations.csv": {"name": "", "short_name": "words"},
    "processes.csv": {"name": "", "short_name": ""},
    "regions.csv": {"name": ""},
}
KINDS = "kinds.toml"


def is_words(short_name: str) -> bool:
    """Tell whether a short name has a word in it ("Task force", "GEF Council") and is not an acronym ("BC COP")."""
    return bool(_WORD.search(short_name))


def texts(name: str, content: str) -> Iterator[tuple[int, str, str]]:
    """Yield line (1 where the format tells none), text and where it stands, of one packaged list; none of others."""
    if name == KINDS:
        yield from _of_kinds(content)
    reader = csv.DictReader(io.StringIO(content, newline=""))
    columns = COLUMNS.get(name, {})
    for row in reader if columns else ():
        for column, only in columns.items():
            text = row[column].strip()
            if text and (only != "words" or is_words(text)):
                yield reader.line_num, text, f"{name}: {column}"


def _of_kinds(content: str) -> Iterator[tuple[int, str, str]]:
    for kind in tomllib.loads(content)["kinds"].values():
        yield 1, kind["name"], f"{KINDS}: name"
        yield 1, kind["plural"], f"{KINDS}: plural"
        for milestone in kind.get("milestones", []):
            yield 1, milestone["name"], f"{KINDS}: milestone"


def extract(
    fileobj: IO[bytes], _keywords: object, _comment_tags: object, **_options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Yield the texts of one file as Babel's extraction methods do, each with a comment that says where it stands."""
    name = PurePath(fileobj.name).name
    for line, text, place in texts(name, fileobj.read().decode("utf-8")):
        yield line, None, text, [place]
