"""Time zones of foreign calendars: names that are IANA's, names that are not, and zones that a feed defines itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from feeds.reading import moments, rules
from feeds.reading.values import Code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.reading.lines import Component
    from feeds.reading.values import Remarks

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{1,60}")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")
# Files that lie beside the zones and are none, or not the same everywhere.
_NOT_ZONES = frozenset({"localtime", "posixrules", "factory"})
_UTC_NAMES = frozenset(
    {"utc", "gmt", "z", "zulu", "uct", "etc/utc", "etc/gmt", "etc/uct", "etc/zulu", "gmt standard time utc"}
)
_MOST_OBSERVANCES = 100


@dataclass(frozen=True, slots=True)
class Zone:
    """How the hours of an event become moments. `name` is IANA's, "UTC" for a zone that the feed defines."""

    name: str
    known: ZoneInfo | None = None
    defined: tuple[Observance, ...] = ()

    def moment(self, local: datetime) -> datetime:
        """Return a naive local time as an aware one, in this zone or, for a zone of the feed's own, in UTC.

        A time that the clocks leave out is read with the offset before the change, one that comes twice is the first.
        """
        if self.known is not None:
            return local.replace(tzinfo=self.known)
        return (local - _offset(self.defined, local)).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Observance:
    """A part of a VTIMEZONE: from which local times on which offset holds (RFC 5545, section 3.6.5)."""

    start: datetime
    before: timedelta
    after: timedelta
    rule: rules.Rule | None
    more: tuple[datetime, ...]

    def last_onset(self, local: datetime) -> datetime | None:
        """Return the last change to this offset that is not after `local`."""
        onsets = [onset for onset in (self.start, *self.more) if onset <= local]
        if self.rule is not None and onsets:
            years = (_onsets(self, year) for year in (local.year - 1, local.year))
            onsets += [onset for found in years for onset in found if onset <= local]
        return max(onsets, default=None)


@lru_cache(maxsize=1000)
def _onsets(observance: Observance, year: int) -> tuple[datetime, ...]:
    """Return the changes to an offset by its rule in a year."""
    if observance.rule is None:
        return ()
    found = rules.days(observance.rule, observance.start.date(), date(year, 1, 1), date(year + 1, 1, 1))
    return tuple(datetime.combine(day, observance.start.time()) for day in found)


class Zones:
    """The zones of one feed. Nothing is remembered for the next."""

    def __init__(self, default: ZoneInfo, definitions: Iterable[Component], notes: Remarks) -> None:
        """Know the zones that a feed defines; `default` is for times without a zone, or with one that nobody knows."""
        self.default = Zone(default.key, default)
        self.utc = Zone("UTC", ZoneInfo("UTC"))
        self._definitions = {name(definition.value("TZID")): definition for definition in definitions}
        self._notes = notes
        self._found: dict[str, Zone] = {}

    def find(self, tzid: str, line: int = 0) -> Zone:
        """Return the zone of a TZID: by its name, else by the feed's definition, else the source's own."""
        zone = self._found.get(tzid)
        if zone is None:
            zone = self._found[tzid] = self._look_up(name(tzid), line)
        return zone

    def _look_up(self, tzid: str, line: int) -> Zone:
        known = iana(tzid)
        definition = self._definitions.get(tzid)
        if known is None and definition is not None:
            known = iana(name(definition.value("X-LIC-LOCATION"))) if definition.value("X-LIC-LOCATION") else None
        if known is not None:
            return Zone(known.key, known)
        if definition is not None:
            observances = _observances(definition)
            if observances:
                self._notes.add(Code.DEFINED_ZONE, tzid, line=line)
                return Zone("UTC", None, observances)
            self._notes.add(Code.BAD_ZONE_DEFINITION, tzid, line=definition.line)
        self._notes.add(Code.UNKNOWN_ZONE, tzid, line=line)
        return self.default


def name(tzid: str) -> str:
    """Return a TZID without what some programs put around it."""
    return tzid.strip(" \t\"'/")


def iana(tzid: str) -> ZoneInfo | None:
    """Return the IANA zone that a name stands for, None if it is not known.

    Beside IANA's own: Windows' names (Unicode CLDR, windowsZones.xml, through Babel), and IANA's after a maker's prefix
    ("/freeassociation.sourceforge.net/Europe/Berlin", RFC 5545, section 3.2.19).
    """
    if tzid.lower() in _UTC_NAMES:
        return ZoneInfo("UTC")
    windows = _WINDOWS.get(tzid.lower())
    if windows is not None:
        return _zone(windows)
    parts = tzid.split("/")
    candidates = [tzid] if len(parts) == 1 else ["/".join(parts[start:]) for start in range(len(parts) - 1)]
    return next((found for found in map(_zone, candidates[-4:]) if found is not None), None)


def _zone(key: str) -> ZoneInfo | None:
    key = key.replace(" ", "_")
    if not _KEY.fullmatch(key) or key.lower() in _NOT_ZONES or key.lower().startswith(("right/", "posix/")):
        return None
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as "Europe"
        return None


_WINDOWS = {windows.lower(): key for windows, key in get_global("windows_zone_mapping").items()}


def _observances(definition: Component) -> tuple[Observance, ...]:
    """Return the parts of a definition, () if one cannot be understood: half a definition gives wrong hours."""
    found = []
    for part in definition.inner[:_MOST_OBSERVANCES]:
        start = moments.local(part.value("DTSTART"))
        before, after = _seconds(part.value("TZOFFSETFROM")), _seconds(part.value("TZOFFSETTO"))
        if not isinstance(start, datetime) or before is None or after is None:
            return ()
        try:
            rule = rules.parse(part.value("RRULE")) if part.value("RRULE") else None
        except rules.RuleRefusedError:
            return ()
        if rule is not None and rule.frequency != "YEARLY":
            return ()
        listed = (
            moments.local(text) for item in part.properties.get("RDATE", ()) for text in item.value.split(",")[:200]
        )
        found.append(Observance(start, before, after, rule, tuple(one for one in listed if isinstance(one, datetime))))
    return tuple(found)


def _offset(observances: tuple[Observance, ...], local: datetime) -> timedelta:
    onsets = [(onset, part) for part in observances if (onset := part.last_onset(local)) is not None]
    if onsets:
        return max(onsets, key=lambda found: found[0])[1].after
    return min(observances, key=lambda part: part.start).before


def _seconds(offset: str) -> timedelta | None:
    found = _OFFSET.fullmatch(offset.strip())
    if found is None:
        return None
    length = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    if length >= timedelta(days=1):
        return None
    return -length if found[1] == "-" else length
