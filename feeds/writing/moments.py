"""Days and moments as text, in the forms of ISO 8601 that JSON and XML formats share."""

from __future__ import annotations

from datetime import UTC, date, datetime


def utc(moment: datetime) -> str:
    """Return an aware moment as "2027-03-01T09:00:00Z" (RFC 3339)."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def day_or_utc(value: date) -> str:
    """Return a day as "2027-03-01", a moment as `utc` does."""
    return utc(value) if isinstance(value, datetime) else value.isoformat()


def month(day: date) -> str:
    """Return the month of a day in its reduced form, "2027-03" (ISO 8601-1, section 5.2.2.2)."""
    return day.isoformat()[:7]
