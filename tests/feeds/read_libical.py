"""Reads a feed (the path is the first argument) with libical through ICalGLib and prints its events as JSON.

A program of its own, for the system's Python: PyGObject is not installed beside the project.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # type: ignore[import-not-found]  # noqa: E402 - after the version is chosen


def moment(time: Any) -> str:
    """Return a date, a UTC time with "Z" or a floating time, in ISO 8601."""
    day = f"{time.get_year():04}-{time.get_month():02}-{time.get_day():02}"
    if time.is_date():
        return day
    if time.get_timezone() is not None:
        time = time.convert_to_zone(ICalGLib.Timezone.get_utc_timezone())
        day = f"{time.get_year():04}-{time.get_month():02}-{time.get_day():02}"
    clock = f"{time.get_hour():02}:{time.get_minute():02}:{time.get_second():02}"
    return f"{day}T{clock}" + ("Z" if time.is_utc() else "")


def main(path: str) -> None:
    """Print the events; stop with a message when libical has found an error anywhere."""
    calendar = ICalGLib.Component.new_from_string(Path(path).read_bytes().decode())
    if calendar is None or calendar.isa() != ICalGLib.ComponentKind.VCALENDAR_COMPONENT:
        sys.exit("libical finds no single VCALENDAR")
    if calendar.count_errors():
        sys.exit(f"libical finds {calendar.count_errors()} errors: {calendar.as_ical_string()}")
    events = []
    event = calendar.get_first_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)
    while event is not None:
        status = event.get_first_property(ICalGLib.PropertyKind.STATUS_PROPERTY)
        events.append(
            {
                "uid": event.get_uid(),
                "start": moment(event.get_dtstart()),
                "end": moment(event.get_dtend()),
                "status": status.get_value_as_string() if status is not None else None,
            }
        )
        event = calendar.get_next_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)
    print(json.dumps(events))


if __name__ == "__main__":
    main(sys.argv[1])
