"""Hours as people and spreadsheets write them: "9:00:00 AM", "9h30", "9 am", 0.375, "10:00 CET", "3 May 2027 09:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import available_timezones

_HALF, _DAY = 12, 24 * 60
_CLOCK = r"[0-9]{1,2}(?:[:h][0-9]{2}){1,2}(?:\.0+)?(?: ?[ap]\.?m\.?)?|[0-9]{1,2} ?(?:[ap]\.?m\.?|h)"
_TIME = re.compile(
    r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?(?::[0-9]{2}(?:\.0+)?)? ?(?:([ap])\.?m\.?|(h|hrs?|uhr)\b)?(?:[ ,]+(\S.*))?",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"0?\.[0-9]+")
_AFTER_DATE = re.compile(rf"(.*\w)[ T,]+({_CLOCK})(?: ?[-–] ?({_CLOCK}))?", re.IGNORECASE | re.DOTALL)
_UTC = frozenset({"utc", "gmt", "z"})


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A time as "09:30"; the IANA zone that is named with it; and what stands beside it that is not read."""

    text: str
    zone: str = ""
    unread: str = ""


def read(text: str) -> WrittenTime | None:
    """Return what a cell says of a time, None if that is not understood."""
    text = " ".join(text.split())
    if _FRACTION.fullmatch(text):
        # How spreadsheets keep times: as a part of a day.
        minutes = round(float(text) * _DAY)
        return WrittenTime(f"{minutes // 60:02}:{minutes % 60:02}") if minutes < _DAY else None
    match = _TIME.fullmatch(text)
    if match is None or not (match[2] or match[3] or match[4]):
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").casefold()
    if half and not 1 <= hour <= _HALF:
        return None
    if half:
        hour = hour % _HALF + (_HALF if half == "p" else 0)
    if hour >= 24 or minute >= 60:  # noqa: PLR2004 - hours of a day, minutes of an hour
        return None
    beside = (match[5] or "").strip("() ")
    zone = "UTC" if beside.casefold() in _UTC else beside
    # "CET" is in the list of IANA, but people write it in summer, too.
    known = zone == "UTC" or ("/" in zone and zone in available_timezones())
    return WrittenTime(f"{hour:02}:{minute:02}", zone if known else "", "" if known else beside)


def apart(text: str) -> tuple[str, str, str]:
    """Return the date of a cell that names hours after it, and the hours, first and last; "" for what is not there."""
    match = _AFTER_DATE.fullmatch(" ".join(text.split()))
    return (match[1], match[2], match[3] or "") if match else (text, "", "")
