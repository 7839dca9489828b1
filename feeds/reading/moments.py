"""Dates, local times and durations as iCalendar writes them (RFC 5545, section 3.3)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

FIRST_YEAR, LAST_YEAR = 1900, 2199
_DAY_LENGTH, _LOCAL_LENGTH = len("20270301"), len("20270301T090000")
_DURATION = re.compile(r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?")


def local(text: str) -> date | None:
    """Return "20270301" as a date, "20270301T090000" (with or without Z) as a naive datetime, None for anything else.

    Also takes "2027-03-01" and "2027-03-01T09:00:00", which RFC 5545 does not know and programs write.
    """
    compact = text.strip().upper().removesuffix("Z").replace("-", "").replace(":", "")
    if not compact.isascii():
        return None
    try:
        if len(compact) == _DAY_LENGTH and compact.isdigit():
            return date(int(compact[:4]), int(compact[4:6]), int(compact[6:]))
        if len(compact) == _LOCAL_LENGTH and compact[8] == "T" and (compact[:8] + compact[9:]).isdigit():
            seconds = min(int(compact[13:]), 59)  # 60 is a leap second (section 3.3.12)
            clock = (int(compact[9:11]), int(compact[11:13]), seconds)
            return datetime(int(compact[:4]), int(compact[4:6]), int(compact[6:8]), *clock)  # noqa: DTZ001 - local
    except ValueError:
        return None
    return None


def duration(text: str) -> timedelta | None:
    """Return a DURATION that goes forward, None for anything else (section 3.3.6)."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or found[1] == "-" or not any(found.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    try:
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def in_range(value: date) -> bool:
    """Return whether a date or time lies in years in which people meet."""
    return FIRST_YEAR <= value.year <= LAST_YEAR
