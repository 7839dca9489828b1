"""The packaged reference facts of `calendar_app/reference/`, read once per process into values.

The files are for secretariat officers to edit; a mistake in one stops the start with the file and line named.
"""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, TypeVar

from babel import Locale

from calendar_app.services.text import fold, slugify

if TYPE_CHECKING:
    from collections.abc import Iterable

_Fact = TypeVar("_Fact")
# CLDR has these too: groups of countries, parts of countries, and codes for tests.
_NOT_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
UI_LANGUAGES = ("en", "ar", "es", "fr", "ru", "zh")


@dataclass(frozen=True, slots=True)
class Process:
    """A convention or other process with a lane of its own; tier 1 is the cluster, 3 the outside."""

    slug: str
    short_name: str
    name: str
    tier: int
    url: str
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

    def country_names(self, code: str) -> list[str]:
        """Return a country's names in the six languages and its aliases."""
        if not code:
            return []
        names = [country_name(code, language) for language in UI_LANGUAGES]
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


@cache
def reference() -> Reference:
    """Return the packaged facts. Raises ValueError that names file and line when one is malformed."""
    audiences = {row["code"]: row["name"] for row in packaged_rows("audiences.csv")}
    seats = packaged_rows("organisation_seats.csv")
    facts = Reference(
        processes=_keyed(
            "slug",
            (
                Process(r["slug"], r["short_name"], r["name"], int(r["tier"]), r["url"], _list(r["aliases"]))
                for r in packaged_rows("processes.csv")
            ),
        ),
        bodies=_keyed(
            "code",
            (
                Body(
                    r["code"],
                    r["process"],
                    r["name"],
                    r["short_name"],
                    r["kind"],
                    _list(r["attendees"]),
                    _list(r["aliases"]),
                    r["url"],
                )
                for r in packaged_rows("bodies.csv")
            ),
        ),
        kinds=_kinds(),
        regions=_keyed(
            "code",
            (Region(r["code"], r["name"], r["short_name"], _list(r["aliases"])) for r in packaged_rows("regions.csv")),
        ),
        cities=_keyed(
            "slug",
            (
                City(
                    r["slug"],
                    r["name"],
                    r["country"],
                    r["timezone"],
                    float(r["latitude"]),
                    float(r["longitude"]),
                    _list(r["aliases"]),
                )
                for r in packaged_rows("cities.csv")
            ),
        ),
        audiences=audiences,
        country_aliases={r["iso2"]: _list(r["aliases"]) for r in packaged_rows("countries.csv")},
        organisations=_keyed(
            "code",
            (
                PackagedOrganisation(
                    r["code"],
                    r["short_name"],
                    r["name"],
                    r["kind"],
                    r["member"] == "yes",
                    r["url"],
                    _list(r["aliases"]),
                    tuple(
                        (s["city"], s["duty_station"], s["process"]) for s in seats if s["organisation"] == r["code"]
                    ),
                )
                for r in packaged_rows("organisations.csv")
            ),
        ),
    )
    facts._by_name.update(_names(facts))  # noqa: SLF001 - finishing our own value before anyone sees it
    return facts


def packaged_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a packaged file. Raises ValueError that names the file and line of a malformed one."""
    path = resources.files("calendar_app") / "reference" / name
    reader = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    header = next(reader)
    rows = []
    for cells in reader:
        if len(cells) != len(header):
            message = f"{name}, line {reader.line_num}: the row has {len(cells)} cells, the header {len(header)}."
            raise ValueError(message)
        rows.append({column: cell.strip() for column, cell in zip(header, cells, strict=True)})
    return rows


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _keyed(attribute: str, values: Iterable[_Fact]) -> dict[str, _Fact]:
    return {getattr(value, attribute): value for value in values}


def _kinds() -> dict[str, Kind]:
    data = tomllib.loads((resources.files("calendar_app") / "reference" / "kinds.toml").read_text(encoding="utf-8"))
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
