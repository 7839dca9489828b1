"""A small world for tests of planning: who there is, where the cities lie, which days are free, how to hold a meeting.

Pools, kinds and places are few and chosen by hand, so that a test reads like a table; the policy is the packaged one.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.facts import Facts, FreeDay, KindFacts, Period, Place
from calendar_app.planning.meetings import Meeting
from calendar_app.planning.people import Crowd, Pool
from calendar_app.planning.policy import parse_policy
from calendar_app.planning.vocabulary import Format, PoolType

_POLICY = Path(__file__).parents[2] / "calendar_app" / "reference" / "policy.toml"
_NAMES = uuid.UUID("6f0c2a54-0d0a-5c0f-9a51-9c1a9b3f7d10")

POOLS = {
    pool.code: pool
    for pool in (
        Pool("chemicals-delegates", PoolType.DELEGATES, 0.8),
        Pool("focal-points", PoolType.DELEGATES, 0.7),
        Pool("plastics-negotiators", PoolType.DELEGATES, 0.8),
        Pool("climate-delegates", PoolType.DELEGATES, 0.8),
        Pool("ministers", PoolType.MINISTERS, 0.6),
        Pool("crc-members", PoolType.MEMBERS, 1.0),
        Pool("poprc-members", PoolType.MEMBERS, 1.0),
        Pool("pops-experts", PoolType.EXPERTS, 0.6),
        Pool("missions-geneva", PoolType.MISSIONS, 0.6),
        Pool("observers", PoolType.OBSERVERS, 0.3),
        Pool("brs-conference-staff", PoolType.STAFF, 0.8, "brs"),
        Pool("minamata-conference-staff", PoolType.STAFF, 0.8, "minamata"),
        Pool("brs-programme-officers", PoolType.LIAISON, 0.3, "brs"),
        Pool("minamata-programme-officers", PoolType.LIAISON, 0.3, "minamata"),
    )
}
_ONE_WAY = {
    ("chemicals-delegates", "focal-points"): 0.5,
    ("chemicals-delegates", "plastics-negotiators"): 0.4,
    ("chemicals-delegates", "crc-members"): 0.2,
    ("chemicals-delegates", "poprc-members"): 0.2,
    ("chemicals-delegates", "missions-geneva"): 0.2,
    ("poprc-members", "pops-experts"): 0.3,
}
AFFINITIES = _ONE_WAY | {(q, p): share for (p, q), share in _ONE_WAY.items()}

KINDS = {
    kind.slug: kind
    for kind in (
        KindFacts("cop", governing=True, usual_days=5),
        KindFacts("negotiating-session", governing=True, usual_days=6),
        KindFacts("subsidiary-body", usual_days=4),
        KindFacts("expert-group", usual_days=4),
        KindFacts("regional-preparatory", regional=True, usual_days=3),
        KindFacts("workshop", regional=True, usual_days=3),
        KindFacts("webinar", regional=True, short=True),
        KindFacts("briefing", short=True),
        KindFacts("side-event"),
        KindFacts("bureau", usual_days=2),
        KindFacts("deadline", is_meeting=False),
        KindFacts("other"),
    )
}

PLACES = {
    place.city: place
    for place in (
        Place("geneva", "CH", 46.20, 6.15, "Europe/Zurich"),
        Place("lausanne", "CH", 46.52, 6.63, "Europe/Zurich"),
        Place("rome", "IT", 41.90, 12.50, "Europe/Rome"),
        Place("nairobi", "KE", -1.29, 36.82, "Africa/Nairobi"),
        Place("bangkok", "TH", 13.75, 100.50, "Asia/Bangkok"),
        Place("panama", "PA", 8.98, -79.52, "America/Panama"),
    )
}
CONTINENTS = {"CH": "EU", "IT": "EU", "KE": "AF", "TH": "AS", "PA": "NA"}
COUNTRY_REGIONS = {"CH": "WEOG", "IT": "WEOG", "KE": "Africa", "TH": "Asia-Pacific", "PA": "GRULAC"}
SEATS = {
    "brs": frozenset({"geneva", "rome"}),
    "minamata": frozenset({"geneva"}),
    "chb": frozenset({"geneva"}),
    "unep": frozenset({"nairobi"}),
}
MEMBERS = frozenset({"brs", "minamata", "chb"})
ROUND_REGIONS = ("Africa", "Asia-Pacific", "CEE", "GRULAC")


@cache
def policy(**numbers):
    """The packaged policy, with other numbers where a test says so."""
    return replace(parse_policy(_POLICY.read_text(encoding="utf-8")), **numbers)


def facts(free_days=(), periods=()):
    """All of the small world; `free_days` are `FreeDay`, `periods` are `Period`."""
    days, years = {}, {}
    for item in free_days:
        days[item.day] = (*days.get(item.day, ()), item)
    for item in periods:
        for year in range(item.span.start.year, item.span.last.year + 1):
            years[year] = (*years.get(year, ()), item)
    return Facts(
        crowd=Crowd(POOLS, AFFINITIES),
        kinds=KINDS,
        places=PLACES,
        continents=CONTINENTS,
        country_regions=COUNTRY_REGIONS,
        seats=SEATS,
        secretariats=MEMBERS,
        free_days=days,
        periods=years,
        round_regions=ROUND_REGIONS,
        digest="small world",
    )


def free_day(day, tier="official", name="A holiday", city="", country=""):
    """A day to keep free; `day` as text."""
    return FreeDay(date.fromisoformat(day), tier, name, city, country)


def period(first, last, *applies_to, name="A period"):
    """A period to avoid, for all unless `applies_to` says (what, value) pairs."""
    return Period(name, days(first, last), applies_to or (("all", ""),))


def days(first, last=None):
    """The span from the first to the last day, both as text; one day if only that is given."""
    return Span.inclusive(date.fromisoformat(first), date.fromisoformat(last or first))


def event_id(name):
    """The same id for the same name, every time."""
    return uuid.uuid5(_NAMES, name)


def meeting(
    world, name, first=None, last=None, *, pools=("chemicals-delegates",), city="geneva", held_by=("brs",), **more
):
    """A meeting in person on exact days in a city of the small world; `more` are further fields of `Meeting`.

    `held_by` are its organisers, of which the members of the exchange lead it. `prepared` is its first preparatory
    day as text. Links are made with `event_id`. Without a first day it has no dates.
    """
    span = days(first, last) if first else None
    prepared = more.pop("prepared", None)
    footprint = Span(date.fromisoformat(prepared), span.end) if prepared else span
    regions = frozenset(more.pop("regions", ()))
    holders = frozenset(held_by)
    kind = more.pop("kind", "subsidiary-body")
    given = {
        "event": event_id(name),
        "kind": kind,
        "people": world.crowd.people(frozenset(pools), regions if world.kind(kind).regional else frozenset()),
        "span": span,
        "footprint": footprint,
        "format": Format.IN_PERSON,
        "city": city,
        "country": PLACES[city].country if city in PLACES else "",
        "regions": regions,
        "organisers": holders,
        "secretariats": holders & MEMBERS,
        "lead": holders & MEMBERS,
        "whole": event_id(name),
        "precision": Precision.DAY,
    }
    return Meeting(**(given | more))
