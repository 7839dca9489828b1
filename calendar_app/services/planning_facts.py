"""What planning knows beside the events, made of the reference lists in force and the packaged facts."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from calendar_app.planning.dates import EARLIEST, LATEST, Span
from calendar_app.planning.facts import Facts, FreeDay, Period, Place
from calendar_app.planning.people import Crowd, Pool
from calendar_app.planning.vocabulary import PoolType
from calendar_app.services import holidays
from calendar_app.services.reference import reference
from calendar_app.services.reference_files import keyed, packaged, require

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from calendar_app.services.reference import Reference

_OUTSIDE = 3
# A change of the rules themselves: raise it, and every calendar judges all its events anew at the next start.
RULES = 1
# States of the lists that were asked for before, by digest: what is in one never changes, and what was compared under
# it once is remembered in it.
_MOST_KEPT = 8
_KEPT: dict[str, Facts] = {}


def facts() -> Facts:
    """Return the facts that go with the reference lists in force here. Raises `ReferenceFileError`."""
    return _facts(reference())


def _facts_of(lists: Reference) -> Facts:
    seats = {
        code: frozenset(city for city, _station, _process in organisation.seats)
        for code, organisation in lists.organisations.items()
    }
    return Facts(
        crowd=Crowd(pools(), affinities()),
        kinds={slug: kind.facts for slug, kind in lists.kinds.items()},
        places={
            slug: Place(slug, city.country, city.latitude, city.longitude, city.timezone)
            for slug, city in lists.cities.items()
        },
        continents=_countries("continent"),
        country_regions=_countries("region"),
        seats=seats,
        secretariats=frozenset(code for code, o in lists.organisations.items() if o.member),
        free_days=_free_days(),
        periods=_periods(),
        near_processes=frozenset(slug for slug, process in lists.processes.items() if process.tier < _OUTSIDE),
        round_regions=tuple(_preparatory()),
        digest=hashlib.sha256(f"{lists.digest} {RULES}".encode()).hexdigest(),
    )


def _facts(lists: Reference) -> Facts:
    known = _KEPT.get(lists.digest)
    if known is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        known = _KEPT[lists.digest] = _facts_of(lists)
    return known


@cache
def pools() -> dict[str, Pool]:
    """Return the pools of people by code. Raises `ReferenceFileError`."""
    return keyed("audiences.csv", "code", _pool)


def _pool(row: Mapping[str, str]) -> Pool:
    require(row, "type", set(PoolType))
    return Pool(row["code"], PoolType(row["type"]), _share(row, "same_people"), row["organisation"])


@cache
def affinities() -> dict[tuple[str, str], float]:
    """Return how far two pools are the same people, both ways round. Raises `ReferenceFileError`."""
    found: dict[tuple[str, str], float] = {}

    def add(row: dict[str, str]) -> None:
        require(row, "audience", pools())
        require(row, "other", pools())
        share = _share(row, "share")
        found[row["audience"], row["other"]] = found[row["other"], row["audience"]] = share

    packaged("affinities.csv", add)
    return found


def _share(row: Mapping[str, str], column: str) -> float:
    value = float(row[column])
    if not 0 <= value <= 1:
        message = f"{column} {row[column]!r} is not between 0 and 1"
        raise ValueError(message)
    return value


@cache
def _countries(column: str) -> dict[str, str]:
    return dict(packaged("countries.csv", lambda row: (row["iso2"], row[column])))


def _preparatory() -> list[str]:
    rows = packaged("regions.csv", lambda row: (row["code"], row["preparatory"]))
    return [code for code, preparatory in rows if preparatory]


@cache
def _free_days() -> dict[date, tuple[FreeDay, ...]]:
    cities = dict(packaged("duty_stations.csv", lambda row: (row["code"], row["city"])))
    found: dict[date, list[FreeDay]] = {}
    for item in holidays.all_holidays():
        city = cities.get(item.duty_station, "")
        found.setdefault(item.day, []).append(FreeDay(item.day, item.tier, item.name, city, item.country))
    return {day: tuple(items) for day, items in found.items()}


@cache
def _periods() -> dict[int, tuple[Period, ...]]:
    found: dict[int, list[Period]] = {}
    for item in holidays.periods(Span(EARLIEST, LATEST)):
        period = Period(item.name, item.span, item.applies_to)
        for year in range(item.span.start.year, item.span.last.year + 1):
            found.setdefault(year, []).append(period)
    return {year: tuple(items) for year, items in found.items()}
