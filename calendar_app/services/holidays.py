"""Official holidays and days that meetings avoid, as far as lists are loaded: a missing list is said, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from calendar_app.planning.dates import Span, overlaps
from calendar_app.services.reference import packaged
from calendar_app.services.reference_files import as_list


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


TIERS = frozenset({"official", "observe", "avoid", "national"})
# On these duty stations rest, or the General Assembly wants no meeting.
CLOSED = frozenset({"official", "observe"})


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
    holidays = packaged("holidays.csv", _holiday)
    return tuple(sorted(holidays, key=lambda holiday: (holiday.day, holiday.name)))


def _holiday(row: dict[str, str]) -> Holiday:
    if row["tier"] not in TIERS:
        message = f"tier {row['tier']!r} is none of {', '.join(sorted(TIERS))}"
        raise ValueError(message)
    day = date.fromisoformat(row["date"])
    return Holiday(day, row["duty_station"], row["country"], row["tier"], row["name"], row["basis"])


def on(day: date, duty_station: str = "", country: str = "") -> list[Holiday]:
    """Return the holidays of a day that hold at a duty station, in a country, or everywhere."""
    return [
        holiday
        for holiday in all_holidays()
        if holiday.day == day and holiday.duty_station in {"", duty_station} and holiday.country in {"", country}
    ]


def between(days: Span) -> list[Holiday]:
    """Return the holidays within `days`, by date."""
    return [holiday for holiday in all_holidays() if days.start <= holiday.day < days.end]


@dataclass(frozen=True, slots=True)
class AvoidPeriod:
    """A period in which people avoid meetings of some sort; a proposal of this calendar where no source says so.

    `applies_to` are pairs of what (kind, audience, duty_station, host_region) and its code; ("all", "") is everything.
    """

    name: str
    span: Span
    is_proposal: bool
    applies_to: tuple[tuple[str, str], ...]


def check_periods() -> None:
    """Read the list of periods. Raises `ReferenceFileError` for a mistake in it."""
    _avoid_rows()


def periods(days: Span) -> list[AvoidPeriod]:
    """Return the periods to avoid that touch `days`, by first day. Raises `ReferenceFileError`."""
    found = []
    for row in _avoid_rows():
        if row["start"]:
            found.append(_period(row, row["start"], row["end"]))
            continue
        # A period of every year may run over the New Year: begin one year early.
        for year in range(days.start.year - 1, days.last.year + 1):
            end_year = year + (row["end_month_day"] < row["start_month_day"])
            found.append(_period(row, f"{year}-{row['start_month_day']}", f"{end_year}-{row['end_month_day']}"))
    return sorted((p for p in found if overlaps(p.span, days)), key=lambda p: p.span)


@cache
def _avoid_rows() -> tuple[dict[str, str], ...]:
    def checked(row: dict[str, str]) -> dict[str, str]:
        # Read in years without 29 February, so that no day is named that most years do not have.
        first, last = row["start"] or f"2022-{row['start_month_day']}", row["end"] or f"2023-{row['end_month_day']}"
        _period(row, first, last)
        return row

    return tuple(packaged("avoid_periods.csv", checked))


def _period(row: dict[str, str], first: str, last: str) -> AvoidPeriod:
    span = Span.inclusive(date.fromisoformat(first), date.fromisoformat(last))
    applies = tuple((what, value) for what, _, value in (part.partition(":") for part in as_list(row["applies_to"])))
    return AvoidPeriod(row["name"], span, row["basis"] == "default", applies)


@cache
def _stations() -> dict[str, str]:
    return dict(packaged("duty_stations.csv", lambda row: (row["city"], row["code"])))


def station_of(city: str) -> str:
    """Return the code of the duty station in a city, "" for one without; `city` is its slug."""
    return _stations().get(city, "")


@cache
def duty_stations() -> dict[str, str]:
    """Return the names of the duty stations by code."""
    return dict(packaged("duty_stations.csv", lambda row: (row["code"], row["name"])))
