"""The days of the monthly exchange: when its round opens, reminds and closes, and when digests go out."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from calendar_app.planning.dates import ONE_DAY

if TYPE_CHECKING:
    from collections.abc import Container

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What the convener sets: days of the month before, and how many working days before closing to remind."""

    opens_day: int = 20
    closes_day: int = 27
    reminds_days: int = 2


@dataclass(frozen=True, slots=True)
class MonthDays:
    """The days of the cycle that is named after `month` (its first day); the first three lie in the month before."""

    month: date
    opens_on: date
    reminds_on: date
    closes_on: date
    digests_on: date


def month_before(month: date) -> date:
    """Return the first day of the month before the one that begins on `month`."""
    return (month - ONE_DAY).replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the month after the one that `month` lies in."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def is_working_day(day: date, closed: Container[date]) -> bool:
    """Tell whether people are at their desks: no weekend, and none of the `closed` days."""
    return day.weekday() < _SATURDAY and day not in closed


def month_days(month: date, rhythm: Rhythm, closed: Container[date]) -> MonthDays:
    """Return the days of a month's cycle; each falls on a working day, as far as there is one.

    A day that is none moves to the next working day. The round closes before the digests at the latest, and reminds
    before it closes. A month that has no working day at all has its digests on its first day that is no weekend.
    """
    before = month_before(month)
    digests_on = _first_working_day(month, closed)
    closes_on = _on_or_after(_day_of(before, rhythm.closes_day), closed)
    if closes_on >= digests_on:
        closes_on = _before(digests_on, 1, closed)
    opens_on = _on_or_after(_day_of(before, rhythm.opens_day), closed)
    if opens_on >= closes_on:
        opens_on = _before(closes_on, 1, closed)
    reminds_on = max(opens_on, _before(closes_on, rhythm.reminds_days, closed))
    return MonthDays(month, opens_on, reminds_on, closes_on, digests_on)


def working_days_after(day: date, count: int, closed: Container[date]) -> date:
    """Return the day that lies `count` working days after `day`; where people never work, days count as they are."""
    found = day
    for _ in range(count):
        found = _on_or_after(found + ONE_DAY, closed)
    return found


def _day_of(month: date, day: int) -> date:
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


def _first_working_day(month: date, closed: Container[date]) -> date:
    days = [month + timedelta(days=n) for n in range((month_after(month) - month).days)]
    working = (day for day in days if is_working_day(day, closed))
    return next(working, next(day for day in days if is_working_day(day, ())))


def _on_or_after(day: date, closed: Container[date]) -> date:
    """Return the next working day, `day` itself if within a month of it there is none."""
    days = (day + timedelta(days=n) for n in range(31))
    return next((d for d in days if is_working_day(d, closed)), day)


def _before(day: date, count: int, closed: Container[date]) -> date:
    """Return the day that lies `count` working days before `day`; where people never work, days count as they are."""
    found = day
    for _ in range(count):
        days = (found - timedelta(days=n) for n in range(1, 31))
        found = next((d for d in days if is_working_day(d, closed)), found - ONE_DAY)
    return found
