"""The packaged reference facts of `calendar_app/reference/`, read once per process into values.

The files are for secretariat officers to edit; a mistake in one stops the start with the file and line named.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, TypeVar

from babel import Locale

from calendar_app.services.records import LANGUAGES
from calendar_app.services.text import fold, slugify

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

_Fact = TypeVar("_Fact")
# CLDR has these too: groups of countries, parts of countries, and codes for tests.
_NOT_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
_FOLDER = resources.files("calendar_app") / "reference"


@dataclass(frozen=True, slots=True)
class Process:
    """A convention or other process with a lane of its own; tier 1 is the cluster, 3 the outside; `color` "#rrggbb"."""

    slug: str
    short_name: str
    name: str
    tier: int
    url: str
    color: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """Who meets. `attendees` are codes of audience pools."""

    code: str
    process: str
    name: str
    short_name: str
    kind: str
    attendees: tuple[str, ...]
    aliases: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """A usual lead time of a kind: `weeks` before (negative) or after the start."""

    name: str
    weeks: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of event."""

    slug: str
    name: str
    plural: str
    is_meeting: bool
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """A UN regional group, or `global`."""

    code: str
    name: str
    short_name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class City:
    """A city with its country (ISO 3166 alpha-2), IANA zone and position in degrees."""

    slug: str
    name: str
    country: str
    timezone: str
    latitude: float
    longitude: float
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackagedOrganisation:
    """An organisation as packaged; the living list is in the database."""

    code: str
    short_name: str
    name: str
    kind: str
    member: bool
    url: str
    aliases: tuple[str, ...]
    seats: tuple[tuple[str, str, str], ...]  # (city, duty station, process)


@dataclass(frozen=True, slots=True)
class Reference:
    """All reference facts, with look-up by any of a thing's names."""

    processes: dict[str, Process]
    bodies: dict[str, Body]
    kinds: dict[str, Kind]
    regions: dict[str, Region]
    cities: dict[str, City]
    audiences: dict[str, str]
    country_aliases: dict[str, tuple[str, ...]]
    organisations: dict[str, PackagedOrganisation]
    _by_name: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def find(self, sort: str, text: str) -> str | None:
        """Return the code that `text` names, by code, name or alias; `sort` is process, body, kind, region, ..."""
        return self._by_name.get((sort, fold(text)))

    def city_slug(self, name: str) -> str:
        """Return the slug of a city, also of one that is not in the list."""
        return self.find("city", name) or slugify(name)

    def process_names(self, slug: str) -> list[str]:
        """Return every name under which people look for a process."""
        process = self.processes.get(slug)
        return [process.slug, process.short_name, process.name, *process.aliases] if process else [slug]

    def body_names(self, code: str) -> list[str]:
        """Return every short name that people write before a meeting's number."""
        body = self.bodies.get(code)
        return [body.code, body.short_name, body.name, *body.aliases] if body else [code]

    def region_names(self, code: str) -> list[str]:
        """Return every name of a region."""
        region = self.regions.get(code)
        return [region.code, region.name, region.short_name, *region.aliases] if region else [code]

    def city_names(self, name: str) -> list[str]:
        """Return every name of a city."""
        city = self.cities.get(self.city_slug(name))
        return [name, city.name, *city.aliases] if city else [name]

    def organisation_name(self, code: str) -> str:
        """Return the full name of an organisation, "" for a code that is not in the list."""
        organisation = self.organisations.get(code)
        return organisation.name if organisation else ""

    def country_names(self, code: str) -> list[str]:
        """Return a country's names in the six languages and its aliases."""
        if not code:
            return []
        names = [country_name(code, language) for language in LANGUAGES]
        return [*names, *self.country_aliases.get(code, ())]


@cache
def country_name(code: str, language: str) -> str:
    """Return the CLDR name of a country in `language`; the code itself where CLDR has none."""
    return str(Locale.parse(language).territories.get(code, code))


@cache
def is_country(code: str) -> bool:
    """Tell whether `code` is an ISO 3166 alpha-2 code that CLDR knows."""
    return code in country_codes()


@cache
def country_codes() -> tuple[str, ...]:
    """Return the ISO 3166 alpha-2 codes that CLDR knows, in order."""
    territories = (str(code) for code in Locale.parse("en").territories)
    return tuple(sorted(c for c in territories if len(c) == 2 and c.isalpha() and c not in _NOT_COUNTRIES))  # noqa: PLR2004


class ReferenceFileError(ValueError):
    """A packaged file is wrong; the message names the file, the line and what is wrong with it."""


@cache
def reference() -> Reference:
    """Return the packaged facts. Raises `ReferenceFileError`."""
    processes = _keyed("processes.csv", "slug", _process)
    kinds = _kinds()
    audiences = _keyed("audiences.csv", "code", lambda row: row["name"])

    def body(row: dict[str, str]) -> Body:
        _require(row, "process", processes)
        _require(row, "kind", kinds)
        attendees = _list(row["attendees"])
        for code in attendees:
            _require({"attendees": code}, "attendees", audiences)
        return Body(
            row["code"], row["process"], row["name"], row["short_name"], row["kind"],
            attendees, _list(row["aliases"]), row["url"],
        )  # fmt: skip

    cities = _keyed("cities.csv", "slug", _city)
    facts = Reference(
        processes=processes,
        bodies=_keyed("bodies.csv", "code", body),
        kinds=kinds,
        regions=_keyed(
            "regions.csv",
            "code",
            lambda row: Region(row["code"], row["name"], row["short_name"], _list(row["aliases"])),
        ),
        cities=cities,
        audiences=audiences,
        country_aliases=_keyed("countries.csv", "iso2", lambda row: _list(row["aliases"])),
        organisations=_organisations(cities, processes),
    )
    facts._by_name.update(_names(facts))  # noqa: SLF001 - finishing our own value before anyone sees it
    return facts


def digest() -> str:
    """Return a fingerprint of all packaged lists, the calendar itself left out."""
    names = sorted(entry.name for entry in _FOLDER.iterdir() if entry.name.endswith((".csv", ".toml")))
    contents = b"".join((_FOLDER / name).read_bytes() for name in names if name != "events.csv")
    return hashlib.sha256(contents).hexdigest()


def packaged_rows(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line number and the row of each row of a packaged file. Raises `ReferenceFileError`."""
    reader = csv.reader(io.StringIO(_text(name), newline=""))
    header = next(reader, [])
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) != len(header):
            message = f"{name}, line {line}: the row has {len(cells)} cells, the header {len(header)}."
            raise ReferenceFileError(message)
        yield line, {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        line = reader.line_num + 1


def _text(name: str) -> str:
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


def _keyed(name: str, key: str, make: Callable[[dict[str, str]], _Fact]) -> dict[str, _Fact]:
    found: dict[str, _Fact] = {}

    def add(row: dict[str, str]) -> None:
        if not row[key] or row[key] in found:
            message = f"the {key} {row[key]!r} is empty or stands twice"
            raise ValueError(message)
        found[row[key]] = make(row)

    packaged(name, add)
    return found


def _require(row: dict[str, str], column: str, valid: Container[str]) -> None:
    if row[column] not in valid:
        message = f"{column} {row[column]!r} is not in its list"
        raise ValueError(message)


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _process(row: dict[str, str]) -> Process:
    _require(row, "tier", {"1", "2", "3"})
    return Process(
        row["slug"], row["short_name"], row["name"], int(row["tier"]), row["url"], row["color"], _list(row["aliases"])
    )


def _city(row: dict[str, str]) -> City:
    return City(
        row["slug"], row["name"], row["country"], row["timezone"],
        float(row["latitude"]), float(row["longitude"]), _list(row["aliases"]),
    )  # fmt: skip


def _organisations(cities: Container[str], processes: Container[str]) -> dict[str, PackagedOrganisation]:
    seats: dict[str, list[tuple[str, str, str]]] = {}

    def seat(row: dict[str, str]) -> None:
        _require(row, "city", cities)
        if row["process"]:
            _require(row, "process", processes)
        seats.setdefault(row["organisation"], []).append((row["city"], row["duty_station"], row["process"]))

    packaged("organisation_seats.csv", seat)
    return _keyed(
        "organisations.csv",
        "code",
        lambda row: PackagedOrganisation(
            row["code"], row["short_name"], row["name"], row["kind"], row["member"] == "yes", row["url"],
            _list(row["aliases"]), tuple(seats.get(row["code"], ())),
        ),
    )  # fmt: skip


def _kinds() -> dict[str, Kind]:
    try:
        data = tomllib.loads(_text("kinds.toml"))
        return {
            slug: Kind(
                slug,
                kind["name"],
                kind["plural"],
                kind.get("is_meeting", True),
                tuple(Milestone(m["name"], m["weeks"]) for m in kind.get("milestones", [])),
            )
            for slug, kind in data["kinds"].items()
        }
    except KeyError as problem:
        message = f"kinds.toml: the entry {problem} is missing."
        raise ReferenceFileError(message) from None
    except tomllib.TOMLDecodeError as problem:
        message = f"kinds.toml: {problem}."
        raise ReferenceFileError(message) from None


def _names(facts: Reference) -> dict[tuple[str, str], str]:
    """Index every name; where two things share one, the earlier in the file keeps it."""
    named: list[tuple[str, str, Iterable[str]]] = [
        *(("process", slug, facts.process_names(slug)) for slug in facts.processes),
        *(("body", code, (code, body.name)) for code, body in facts.bodies.items()),
        *(("kind", slug, (slug, kind.name, kind.plural)) for slug, kind in facts.kinds.items()),
        *(("region", code, facts.region_names(code)) for code in facts.regions),
        *(("city", slug, (slug, city.name, *city.aliases)) for slug, city in facts.cities.items()),
        *(("country", code, (code, *facts.country_names(code))) for code in country_codes()),
        *(("organisation", o.code, (o.code, o.short_name, o.name, *o.aliases)) for o in facts.organisations.values()),
    ]
    index: dict[tuple[str, str], str] = {}
    for sort, code, names in named:
        for name in names:
            index.setdefault((sort, fold(name)), code)
    return index
