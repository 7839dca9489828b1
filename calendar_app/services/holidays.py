"""Official holidays and days that meetings avoid, as far as lists are loaded: a missing list is said, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from calendar_app.services.reference import packaged


class ListState(StrEnum):
    """What is loaded for a duty station and year."""

    OFFICIAL = "official"
    PARTIAL = "partial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class HolidayList:
    """The state of the official list of one duty station and year, and where it comes from."""

    duty_station: str
    year: int
    state: ListState
    source_title: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day to keep free. Without duty station and country it holds everywhere.

    `tier`: official, observe (both Eids, Orthodox Good Friday), avoid (where observed) or national.
    `basis`: listed, reported or computed.
    """

    day: date
    duty_station: str
    country: str
    tier: str
    name: str
    basis: str


@cache
def lists() -> dict[tuple[str, int], HolidayList]:
    """Return the state of every list that the packaged facts speak of."""
    found = packaged(
        "holiday_lists.csv",
        lambda row: HolidayList(
            row["duty_station"], int(row["year"]), ListState(row["state"]), row["source_title"], row["source_url"]
        ),
    )
    return {(item.duty_station, item.year): item for item in found}


def list_of(duty_station: str, year: int) -> HolidayList:
    """Return the state of one list; what nobody has loaded is `ListState.NONE`."""
    return lists().get((duty_station, year)) or HolidayList(duty_station, year, ListState.NONE)


@cache
def all_holidays() -> tuple[Holiday, ...]:
    """Return every holiday known, by date."""
    holidays = packaged(
        "holidays.csv",
        lambda row: Holiday(
            date.fromisoformat(row["date"]), row["duty_station"], row["country"], row["tier"], row["name"], row["basis"]
        ),
    )
    return tuple(sorted(holidays, key=lambda holiday: (holiday.day, holiday.name)))


def on(day: date, duty_station: str = "", country: str = "") -> list[Holiday]:
    """Return the holidays of a day that hold at a duty station, in a country, or everywhere."""
    return [
        holiday
        for holiday in all_holidays()
        if holiday.day == day and holiday.duty_station in {"", duty_station} and holiday.country in {"", country}
    ]


@cache
def duty_stations() -> dict[str, str]:
    """Return the names of the duty stations by code."""
    return dict(packaged("duty_stations.csv", lambda row: (row["code"], row["name"])))
