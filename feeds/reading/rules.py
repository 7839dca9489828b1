"""Recurrence rules (RFC 5545, section 3.3.10), as far as meetings are held by them, with a bound on the work.

A rule is worked out day by day between its start and the end of a horizon, never further: a rule that never comes true
("every 30 February") costs what any other does. Rules by the hour and finer, and rules that no meeting has, are
refused.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from feeds.reading import moments

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_INTERVAL, HIGHEST_COUNT = 1000, 1000
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?\d{1,3}")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
# What each part may hold; 0 is never meant.
_RANGES = {"BYMONTH": (1, 12), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366), "BYSETPOS": (-366, 366)}
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_RANGES})


class RuleRefusedError(Exception):
    """A rule that is not followed; the text says which part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that is followed. by_day: (number or 0, weekday from Monday = 0). until: a date or a naive datetime.

    until_utc: whether `until` is a time in UTC.
    """

    frequency: str
    interval: int = 1
    count: int = 0
    until: date | None = None
    until_utc: bool = False
    week_start: int = 0
    by_day: tuple[tuple[int, int], ...] = ()
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()


def parse(text: str) -> Rule:
    """Return the rule that an RRULE writes. Raises RuleRefusedError for one that is not followed or is none."""
    parts = dict(_part(part) for part in text.strip().rstrip(";").split(";"))
    unknown = sorted(set(parts) - _PARTS)
    if unknown:
        raise RuleRefusedError(unknown[0][:20])
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise RuleRefusedError(f"FREQ={frequency}"[:30])
    until = parts.get("UNTIL", "")
    numbers = {name: _numbers(name, parts[name]) for name in _RANGES if name in parts}
    rule = Rule(
        frequency=frequency,
        interval=_positive("INTERVAL", parts.get("INTERVAL", "1"), LONGEST_INTERVAL),
        count=_positive("COUNT", parts["COUNT"], HIGHEST_COUNT) if "COUNT" in parts else 0,
        until=_until(until) if until else None,
        until_utc=until.endswith("Z"),
        week_start=_weekday(parts.get("WKST", "MO")),
        by_day=_by_day(parts["BYDAY"]) if "BYDAY" in parts else (),
        by_month=numbers.get("BYMONTH", ()),
        by_month_day=numbers.get("BYMONTHDAY", ()),
        by_year_day=numbers.get("BYYEARDAY", ()),
        by_set_pos=numbers.get("BYSETPOS", ()),
    )
    _check(rule)
    return rule


def days(rule: Rule, start: date, first: date, end: date) -> Iterator[date]:
    """Yield the days of a rule in [first, end), in order; `start` is its first day, whether the rule says so or not.

    `until` is compared by its day, which may be one too many for a time: the caller has the hours.
    """
    last = rule.until
    if last is not None and last.year <= end.year:
        # In a zone west of UTC or east of it the day of `until` may be another one.
        limit = (last.date() if isinstance(last, datetime) else last) + timedelta(days=2 if rule.until_utc else 1)
        end = min(end, limit)
    if first <= start < end:
        yield start
    left = rule.count - 1 if rule.count else -1
    for period in _periods(rule, start, first, end):
        found = [day for day in period if _matches(rule, day, start)]
        if rule.by_set_pos:
            size = len(found)
            places = {place - 1 if place > 0 else size + place for place in rule.by_set_pos}
            found = [day for place, day in enumerate(found) if place in places]
        for day in found:
            if day <= start:
                continue
            if left == 0 or day >= end:
                return
            left -= 1
            if day >= first:
                yield day


def cost(rule: Rule, start: date, first: date, end: date) -> int:
    """Return about how many days `days` has to look at."""
    since = start if rule.count else max(start, first)
    span = max((end - since).days, 0)
    return span // rule.interval + 366 if rule.frequency != "DAILY" else span // rule.interval + 1


def _periods(rule: Rule, start: date, first: date, end: date) -> Iterator[list[date]]:
    """Yield the days of each period of a rule that may matter. Without a count, those long before `first` do not."""
    skip_to = start if rule.count else max(start, first)
    step, number = rule.interval, 0
    if rule.frequency in {"DAILY", "WEEKLY"}:
        length = 1 if rule.frequency == "DAILY" else 7
        begin = start if length == 1 else start - timedelta(days=(start.weekday() - rule.week_start) % 7)
        number = max((skip_to - begin).days // (length * step) - 1, 0)
        offset = number * step * length
        while (begin + timedelta(days=offset)) < end:
            yield [begin + timedelta(days=offset + day) for day in range(length)]
            offset += step * length
        return
    months = step if rule.frequency == "MONTHLY" else 12 * step
    base = start.year * 12 + (start.month - 1 if rule.frequency == "MONTHLY" else 0)
    month = base + max((skip_to.year * 12 + skip_to.month - 1 - base) // months, 0) * months
    while date(month // 12, month % 12 + 1, 1) < end:
        yield _month(month) if rule.frequency == "MONTHLY" else _year(month // 12, rule)
        month += months


def _month(number: int) -> list[date]:
    year, month = number // 12, number % 12 + 1
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]


def _year(year: int, rule: Rule) -> list[date]:
    return [day for month in sorted(set(rule.by_month)) or range(1, 13) for day in _month(year * 12 + month - 1)]


def _matches(rule: Rule, day: date, start: date) -> bool:
    """Return whether a day of a period is one of the rule (the table in section 3.3.10)."""
    if rule.by_month and day.month not in rule.by_month:
        return False
    if not (rule.by_day or rule.by_month_day or rule.by_year_day):
        return _as_the_start(rule, day, start)
    if rule.by_month_day and day.day not in rule.by_month_day:
        from_end = day.day - monthrange(day.year, day.month)[1] - 1
        if from_end not in rule.by_month_day:
            return False
    if rule.by_year_day:
        of_year = day.timetuple().tm_yday
        length = date(day.year, 12, 31).timetuple().tm_yday
        if of_year not in rule.by_year_day and of_year - length - 1 not in rule.by_year_day:
            return False
    return not rule.by_day or any(_is_weekday(rule, day, number, weekday) for number, weekday in rule.by_day)


def _as_the_start(rule: Rule, day: date, start: date) -> bool:
    if rule.frequency == "DAILY":
        return True
    if rule.frequency == "WEEKLY":
        return day.weekday() == start.weekday()
    if rule.frequency == "MONTHLY" or rule.by_month:
        return day.day == start.day
    return (day.month, day.day) == (start.month, start.day)


def _is_weekday(rule: Rule, day: date, number: int, weekday: int) -> bool:
    """Return whether a day is the weekday, and the `number`th of it in its month, or year for a yearly rule."""
    if day.weekday() != weekday:
        return False
    if not number:
        return True
    if rule.frequency == "YEARLY" and not rule.by_month:
        place, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
    else:
        place, length = day.day, monthrange(day.year, day.month)[1]
    return number == ((place - 1) // 7 + 1 if number > 0 else -((length - place) // 7 + 1))


def _part(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip().upper(), value.strip().upper()


def _positive(name: str, text: str, highest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9) or not 1 <= int(text) <= highest:  # noqa: PLR2004
        raise RuleRefusedError(f"{name}={text}"[:30])
    return int(text)


def _numbers(name: str, text: str) -> tuple[int, ...]:
    lowest, highest = _RANGES[name]
    found = tuple(int(part) for part in text.split(",")[:400] if _NUMBER.fullmatch(part))
    if len(found) != text.count(",") + 1 or not all(lowest <= number <= highest and number for number in found):
        raise RuleRefusedError(f"{name}={text}"[:30])
    return found


def _by_day(text: str) -> tuple[tuple[int, int], ...]:
    found = [_BY_DAY.fullmatch(part) for part in text.split(",")[:100]]
    if len(found) != text.count(",") + 1 or not all(found):
        raise RuleRefusedError(f"BYDAY={text}"[:30])
    return tuple((int(day[1] or 0), _WEEKDAYS.index(day[2])) for day in found if day)


def _weekday(text: str) -> int:
    if text not in _WEEKDAYS:
        raise RuleRefusedError(f"WKST={text}"[:30])
    return _WEEKDAYS.index(text)


def _until(text: str) -> date:
    until = moments.local(text)
    if until is None:
        raise RuleRefusedError(f"UNTIL={text}"[:40])
    return until


def _check(rule: Rule) -> None:
    """Refuse combinations that section 3.3.10 forbids."""
    forbidden = {
        "BYYEARDAY": rule.by_year_day and rule.frequency != "YEARLY",
        "BYMONTHDAY": rule.by_month_day and rule.frequency == "WEEKLY",
        "BYDAY": rule.frequency in {"DAILY", "WEEKLY"} and any(number for number, _ in rule.by_day),
    }
    for part, holds in forbidden.items():
        if holds:
            raise RuleRefusedError(part)
