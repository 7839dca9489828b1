"""iCalendar (RFC 5545) as others write it: bytes in, events and remarks out.

`feeds/reading/child.py` runs this on foreign bytes, within limits.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from feeds.reading import lines, texts, zones
from feeds.reading.series import Series
from feeds.reading.values import MOST_EVENTS, Code, Failure, ReadFailedError, ReadFeed, Remarks
from feeds.reading.vevent import Reader
from feeds.told import marked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from feeds.reading.lines import Calendars
    from feeds.reading.values import Horizon, ReadEvent
    from feeds.reading.vevent import Parsed

_CALENDAR_ZONE = re.compile(r"^X-WR-TIMEZONE(?:;[^:\n]*)?:([^\r\n]*)", re.MULTILINE)
_WEB_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_NAMES = ("NAME", "X-WR-CALNAME")


def read(body: bytes, content_type: str, *, default_zone: ZoneInfo, horizon: Horizon) -> ReadFeed:
    """Return the events of one or several calendars.

    content_type: of the answer, for its charset. default_zone: of times without a zone, where the feed names none.
    Raises ReadFailedError for what is not a whole calendar: nothing follows from it about any event.
    """
    problems, notes = Remarks(), Remarks()
    text = texts.decode(body, content_type, notes)
    _check(text)
    known = zones.Zones(default_zone, lines.zone_definitions(text, problems, Remarks()), notes)
    named = _named_zone(text)
    reader = Reader(known, named or known.default, problems, notes)
    calendars = lines.Calendars(text, problems, notes)
    series = Series(reader, horizon, problems, notes)
    events = tuple(_in_zone(event, named) for event in series.events(_understood(calendars, reader, problems)))
    name = next((head.value(name) for head in calendars.heads for name in _NAMES if head.value(name)), "")
    return ReadFeed(
        name=texts.line(lines.unescaped(name), "NAME", notes, 200),
        events=events,
        problems=problems.all(),
        notes=notes.all(),
        left_out=tuple(problems.uids),
        nameless=problems.nameless,
    )


def _check(text: str) -> None:
    if not text.strip("\0 \t\r\n\ufeff"):
        raise ReadFailedError(Failure.EMPTY, marked("The answer is empty."))
    if "BEGIN:VCALENDAR" not in text and "begin:vcalendar" not in text.lower():
        if _WEB_PAGE.search(text, 0, 5000):
            raise ReadFailedError(
                Failure.WEB_PAGE, marked("The answer is a web page, perhaps one for signing in, not a calendar.")
            )
        raise ReadFailedError(
            Failure.NOT_THE_FORMAT, marked("The answer is not a calendar: it has no BEGIN:VCALENDAR.")
        )


def _named_zone(text: str) -> zones.Zone | None:
    """Return the zone that the calendar names as its own."""
    said = _CALENDAR_ZONE.search(text)
    found = zones.iana(zones.name(said[1])) if said else None
    return zones.Zone(found.key, found) if found is not None else None


def _in_zone(event: ReadEvent, named: zones.Zone | None) -> ReadEvent:
    """Return an event with moments in UTC given in the zone of the calendar, in which people there see them.

    Only now: a rule in UTC has its dates by the days of UTC.
    """
    if named is None or event.timezone != "UTC" or not isinstance(event.start, datetime):
        return event
    end = event.end.astimezone(named.known) if isinstance(event.end, datetime) else None
    return replace(event, start=event.start.astimezone(named.known), end=end, timezone=named.name)


def _understood(calendars: Calendars, reader: Reader, problems: Remarks) -> Iterator[Parsed]:
    """Yield the events that can be understood; what a strange one makes Python say is a remark."""
    wanted = (component for component in calendars.components() if component.name == "VEVENT")
    for component in islice(wanted, MOST_EVENTS):
        try:
            parsed = reader.read(component)
        except (ValueError, ArithmeticError) as problem:
            problems.add(Code.NOT_READ, str(problem), line=component.line, uid=component.value("UID"))
            continue
        if parsed is not None:
            yield parsed
    if next(wanted, None) is not None:
        raise ReadFailedError(
            Failure.TOO_MANY, marked("The calendar has more than %(most)s events."), most=f"{MOST_EVENTS:,}"
        )
