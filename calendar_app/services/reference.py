"""The reference facts: the packaged lists of `calendar_app/reference/`, and what a calendar says beside them.

The files are for secretariat officers to edit; a mistake in one stops the start with the file and line named. What is
added or changed while the calendar runs is in its database (`reference_entries.py`); both become the same values.
"""

from __future__ import annotations

import tomllib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from calendar_app.planning.facts import KindFacts
from calendar_app.services.countries import code_named, country_codes, country_name
from calendar_app.services.records import LANGUAGES
from calendar_app.services.reference_files import (
    ReferenceFileError,
    as_list,
    degrees,
    digest,
    keyed,
    packaged,
    packaged_rows,
    read,
    require,
)
from calendar_app.services.text import fold, slugify

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from calendar_app.services.reference_files import Row, Rows

# What is read from the files is taken from here too.
__all__ = [
    "ROLES",
    "Body",
    "City",
    "Kind",
    "ListedOrganisation",
    "Milestone",
    "Process",
    "Reference",
    "ReferenceFileError",
    "Region",
    "build",
    "digest",
    "packaged",
    "packaged_lists",
    "packaged_rows",
    "reference",
    "using",
    "zones",
]

# Who looks after a step: the steward of the event, or somebody with a role there.
ROLES = ("steward", "executive", "programme", "documents", "conference-services", "communications")
_KIND_FACTS = ("is_meeting", "governing", "regional", "usual_days", "short")


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
    """A usual lead time of a kind: `weeks` before (negative) or after the start. `owner` is a role of ROLES."""

    name: str
    weeks: int
    owner: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of event. `attendees` are codes of audience pools, for when the body says nothing."""

    slug: str
    name: str
    plural: str
    is_meeting: bool
    milestones: tuple[Milestone, ...]
    attendees: tuple[str, ...]
    facts: KindFacts


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
class ListedOrganisation:
    """An organisation as packaged, or as people made it since."""

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
    """All reference facts, with look-up by any of a thing's names. `digest` tells two states of the lists apart."""

    processes: dict[str, Process]
    bodies: dict[str, Body]
    kinds: dict[str, Kind]
    regions: dict[str, Region]
    cities: dict[str, City]
    audiences: dict[str, str]
    country_aliases: dict[str, tuple[str, ...]]
    organisations: dict[str, ListedOrganisation]
    digest: str = ""
    _by_name: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def find(self, sort: str, text: str) -> str | None:
        """Return the code that `text` names, by code, name or alias; `sort` is process, body, kind, region, ..."""
        wanted = fold(text)
        found = self._by_name.get((sort, wanted))
        return code_named(wanted) if found is None and sort == "country" else found

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


_in_force: ContextVar[Reference | None] = ContextVar("lists in force", default=None)


def reference() -> Reference:
    """Return the facts in force here: those of the calendar at hand inside `using`, elsewhere the packaged ones."""
    return _in_force.get() or packaged_lists()


@contextmanager
def using(facts: Reference) -> Iterator[None]:
    """Let `reference()` give these facts."""
    token = _in_force.set(facts)
    try:
        yield
    finally:
        _in_force.reset(token)


@cache
def packaged_lists() -> Reference:
    """Return the packaged facts. Raises `ReferenceFileError`."""
    return build({}, (), digest())


def build(
    entries: Mapping[str, Rows],
    organisations: Iterable[ListedOrganisation],
    state: str,
    lead_times: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Reference:
    """Return the packaged facts with the rows of `entries` (by file, then code) before the packaged ones of their code.

    The same goes for `organisations`, and for the steps of a kind in `lead_times`, which have the keys of `kinds.toml`;
    `state` is the digest of it all. Raises `ReferenceFileError`.
    """
    processes = keyed("processes.csv", "slug", _process)
    kinds = _kinds()
    for slug, steps in (lead_times or {}).items():
        if slug in kinds:
            kinds[slug] = replace(kinds[slug], milestones=tuple(map(_milestone, steps)))
    audiences = keyed("audiences.csv", "code", lambda row: row["name"])

    def body(row: Row) -> Body:
        require(row, "process", processes)
        require(row, "kind", kinds)
        attendees = as_list(row["attendees"])
        for code in attendees:
            require({"attendees": code}, "attendees", audiences)
        return Body(
            row["code"], row["process"], row["name"], row["short_name"], row["kind"],
            attendees, as_list(row["aliases"]), row["url"],
        )  # fmt: skip

    cities = keyed("cities.csv", "slug", _city, entries.get("cities.csv"))
    facts = Reference(
        processes=processes,
        bodies=keyed("bodies.csv", "code", body, entries.get("bodies.csv")),
        kinds=kinds,
        regions=keyed(
            "regions.csv",
            "code",
            lambda row: Region(row["code"], row["name"], row["short_name"], as_list(row["aliases"])),
        ),
        cities=cities,
        audiences=audiences,
        country_aliases=keyed("countries.csv", "iso2", lambda row: as_list(row["aliases"])),
        organisations=_organisations(cities, processes) | {o.code: o for o in organisations},
        digest=state,
    )
    facts._by_name.update(_names(facts))  # noqa: SLF001 - finishing our own value before anyone sees it
    return facts


def _process(row: Row) -> Process:
    require(row, "tier", {"1", "2", "3"})
    return Process(
        row["slug"], row["short_name"], row["name"], int(row["tier"]), row["url"], row["color"], as_list(row["aliases"])
    )


def _city(row: Row) -> City:
    require(row, "country", country_codes())
    require(row, "timezone", zones())
    return City(
        row["slug"], row["name"], row["country"], row["timezone"],
        degrees(row, "latitude", 90), degrees(row, "longitude", 180), as_list(row["aliases"]),
    )  # fmt: skip


@cache
def zones() -> frozenset[str]:
    """Return the IANA names of all time zones."""
    return frozenset(available_timezones())


def _organisations(cities: Container[str], processes: Container[str]) -> dict[str, ListedOrganisation]:
    seats: dict[str, list[tuple[str, str, str]]] = {}

    def seat(row: dict[str, str]) -> None:
        require(row, "city", cities)
        if row["process"]:
            require(row, "process", processes)
        seats.setdefault(row["organisation"], []).append((row["city"], row["duty_station"], row["process"]))

    packaged("organisation_seats.csv", seat)
    return keyed(
        "organisations.csv",
        "code",
        lambda row: ListedOrganisation(
            row["code"], row["short_name"], row["name"], row["kind"], row["member"] == "yes", row["url"],
            as_list(row["aliases"]), tuple(seats.get(row["code"], ())),
        ),
    )  # fmt: skip


def _kinds() -> dict[str, Kind]:
    try:
        data = tomllib.loads(read("kinds.toml"))
        return {
            slug: Kind(
                slug,
                kind["name"],
                kind["plural"],
                kind.get("is_meeting", True),
                tuple(_milestone(m) for m in kind.get("milestones", [])),
                tuple(kind["attendees"]),
                KindFacts(slug, **{name: kind[name] for name in _KIND_FACTS if name in kind}),
            )
            for slug, kind in data["kinds"].items()
        }
    except KeyError as problem:
        message = f"kinds.toml: the entry {problem} is missing."
        raise ReferenceFileError(message) from None
    except tomllib.TOMLDecodeError as problem:
        message = f"kinds.toml: {problem}."
        raise ReferenceFileError(message) from None


def _milestone(step: Mapping[str, Any]) -> Milestone:
    if step["owner"] not in ROLES:
        message = (
            f"kinds.toml: owner {step['owner']!r} of the milestone {step['name']!r} is none of {', '.join(ROLES)}."
        )
        raise ReferenceFileError(message)
    return Milestone(step["name"], step["weeks"], step["owner"])


def _names(facts: Reference) -> dict[tuple[str, str], str]:
    """Index every name; where two things share one, the earlier in the file keeps it."""
    named: list[tuple[str, str, Iterable[str]]] = [
        *(("process", slug, facts.process_names(slug)) for slug in facts.processes),
        *(("body", code, (code, body.name)) for code, body in facts.bodies.items()),
        *(("kind", slug, (slug, kind.name, kind.plural)) for slug, kind in facts.kinds.items()),
        *(("region", code, facts.region_names(code)) for code in facts.regions),
        *(("city", slug, (slug, city.name, *city.aliases)) for slug, city in facts.cities.items()),
        *(("country", code, (code, *facts.country_aliases.get(code, ()))) for code in country_codes()),
        *(("organisation", o.code, (o.code, o.short_name, o.name, *o.aliases)) for o in facts.organisations.values()),
    ]
    index: dict[tuple[str, str], str] = {}
    for sort, code, names in named:
        for name in names:
            index.setdefault((sort, fold(name)), code)
    return index
