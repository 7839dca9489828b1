"""Checks that the values of feeds make of themselves; each raises ValueError with a sentence that names the field."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

WEB_SCHEMES = frozenset({"http", "https"})
_POLE = 90
_ANTIMERIDIAN = 180
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):[^\s]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def check(holds: object, message: str) -> None:
    """Raise ValueError with `message` unless it `holds`."""
    if not holds:
        raise ValueError(message)


def utc(field: str, moment: datetime) -> None:
    """Want an aware datetime in UTC."""
    check(moment.utcoffset() == timedelta(0), f"{field} is an aware UTC datetime, not {moment!r}")


def span(start: date, end: date) -> None:
    """Want a half-open span of dates, or of aware datetimes of whole seconds, that goes forward."""
    timed = [isinstance(value, datetime) for value in (start, end)]
    check(timed[0] == timed[1], f"start and end are both dates or both datetimes, not {start!r} and {end!r}")
    for field, value in (("start", start), ("end", end)):
        if isinstance(value, datetime):
            check(value.utcoffset() is not None, f"{field} has a time zone, but is {value!r}")
            check(value.microsecond == 0, f"{field} is whole seconds, not {value!r}")
            try:
                value.astimezone(UTC)
            except OverflowError:
                message = f"{field} is outside of the years 1 to 9999 in UTC: {value!r}"
                raise ValueError(message) from None
    check(end > start, f"end is after start (it is exclusive), but {end!r} is not after {start!r}")


def place(latitude: float | None, longitude: float | None) -> None:
    """Want degrees (WGS 84), both or none."""
    if latitude is None or longitude is None:
        check(latitude is longitude, "latitude and longitude stand together or not at all")
        return
    check(abs(latitude) <= _POLE, f"latitude is -90 to 90 degrees, not {latitude}")
    check(abs(longitude) <= _ANTIMERIDIAN, f"longitude is -180 to 180 degrees, not {longitude}")


def language(field: str, tag: str) -> None:
    """Want a language tag (BCP 47)."""
    check(_LANGUAGE.fullmatch(tag), f"{field} is a BCP 47 tag, not {tag!r}")


def address(field: str, value: str, schemes: frozenset[str]) -> None:
    """Want an address with one of `schemes`."""
    found = _SCHEME.match(value)
    check(
        found and found[1].lower() in schemes and not _CONTROL.search(value),
        f"{field} is an address that starts with one of {', '.join(sorted(schemes))}, not {value!r}",
    )


def shown(field: str, text: str) -> None:
    """Want a text of which something is left when it is shown."""
    check(_CONTROL.sub("", text).strip(), f"{field} is empty")


def one_line(field: str, text: str) -> None:
    """Want a line of text, without controls."""
    check(text and not _CONTROL.search(text), f"{field} is one line of text")
