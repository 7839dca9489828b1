"""What planning knows beside the events: places, kinds, seats, holidays, periods to avoid, and who belongs together."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from calendar_app.planning.dates import Span
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.people import Crowd
    from calendar_app.planning.policy import Policy

_EARTH_KM = 6371.0


class Journey(StrEnum):
    """How far two cities lie apart, as people have to plan for it."""

    SAME_CITY = "same-city"
    NEAR = "near"
    CONTINENT = "continent"
    INTERCONTINENTAL = "intercontinental"
    UNKNOWN = "unknown"


_STAYING = (Journey.SAME_CITY, 0)
# Journeys that are remembered; more than the cities of a large calendar have between them.
_MOST_KNOWN = 100_000


@dataclass(frozen=True, slots=True)
class Place:
    """A city: ISO 3166 alpha-2 country, position in degrees, IANA zone."""

    city: str
    country: str
    latitude: float
    longitude: float
    timezone: str


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What planning needs of a kind.

    `governing`: a session where Parties decide or negotiate. `regional`: held for the regions it names. `usual_days`:
    the length of a meeting whose days are not known. `short`: usually a few hours.
    """

    slug: str
    is_meeting: bool = True
    governing: bool = False
    regional: bool = False
    usual_days: int = 1
    short: bool = False


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day to keep free. `city` is that of the duty station, `country` the host country; without both, everywhere.

    `tier`: official, observe, avoid or national.
    """

    day: date
    tier: str
    name: str
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A period that some meetings avoid: those to which one of `applies_to` (what, value) fits, ("all", "") to all."""

    name: str
    span: Span
    applies_to: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Facts:
    """All of it. `seats`: cities of an organisation. `continents`: by country. `secretariats`: the members.

    `country_regions`: the regional group of a country. `round_regions`: the regions that a preparatory round has.
    `near_processes`: the cluster and the processes next to it (tiers 1 and 2), whose meetings the same trip may serve.
    `digest` tells two states of the facts apart.
    """

    crowd: Crowd
    kinds: Mapping[str, KindFacts]
    places: Mapping[str, Place]
    continents: Mapping[str, str]
    country_regions: Mapping[str, str]
    seats: Mapping[str, frozenset[str]]
    secretariats: frozenset[str]
    free_days: Mapping[date, tuple[FreeDay, ...]]
    periods: Mapping[int, tuple[Period, ...]]
    round_regions: tuple[str, ...] = ()
    near_processes: frozenset[str] = frozenset()
    digest: str = ""
    _journeys: dict[tuple[str | int, ...], tuple[Journey, int]] = field(default_factory=dict, repr=False)

    def kind(self, slug: str) -> KindFacts:
        """Return what is known of a kind; of one that is not in the list, that it is some meeting."""
        return self.kinds.get(slug) or KindFacts(slug)

    def journey(self, a: Meeting, b: Meeting, policy: Policy) -> tuple[Journey, int]:
        """Return how far two meetings lie apart and the kilometres, 0 where they are not known."""
        if a.city and a.city == b.city:
            return _STAYING
        numbers = (policy.near_km, policy.continent_border_km, policy.intercontinental_km)
        key = (a.city, a.country, b.city, b.country, *numbers)
        found = self._journeys.get(key)
        if found is None:
            if len(self._journeys) >= _MOST_KNOWN:
                self._journeys.clear()
            found = self._journeys[key] = self._journey(a, b, policy)
        return found

    def _journey(self, a: Meeting, b: Meeting, policy: Policy) -> tuple[Journey, int]:
        """Return the same of two meetings that are not in one city."""
        here, there = self.places.get(a.city), self.places.get(b.city)
        continents = {self.continents.get(a.country, ""), self.continents.get(b.country, "")}
        if here and there:
            km = round(_distance(here, there))
            if km <= policy.near_km:
                return Journey.NEAR, km
            far = (len(continents) > 1 and km >= policy.continent_border_km) or km >= policy.intercontinental_km
            return (Journey.INTERCONTINENTAL if far else Journey.CONTINENT), km
        if not a.city or not b.city or "" in continents:
            return Journey.UNKNOWN, 0
        # A city that is not in the list: its country says enough.
        return (Journey.CONTINENT if len(continents) == 1 else Journey.INTERCONTINENTAL), 0


def _distance(a: Place, b: Place) -> float:
    """Return the kilometres of the great circle between two places (haversine)."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    d_lat, d_lon = lat_b - lat_a, radians(b.longitude - a.longitude)
    h = sin(d_lat / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(d_lon / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(h))
