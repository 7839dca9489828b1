"""One VEVENT (RFC 5545, section 3.6.1) as a value, with what its series needs."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from feeds import checks
from feeds.reading import lines, moments, texts
from feeds.reading.values import Code, ReadEvent, ReadStatus, Remarks
from feeds.writing import characters

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.reading.lines import Component, Property
    from feeds.reading.zones import Zone, Zones

_DAY = timedelta(days=1)
_REPEATING = ("RRULE", "RDATE", "EXDATE")
_NOT_REPEATING: dict[str, list[Property]] = {}
_LONGEST_UID = 255
_MOST_CATEGORIES = 20
_MOST_LANGUAGES = 12
_LARGEST_INTEGER = 2**31 - 1


# The second is read where the first is empty.
_TEXTS = (
    ("summary", "SUMMARY", texts.line),
    ("location", "LOCATION", texts.line),
    ("description", "DESCRIPTION", texts.text),
    ("description", "X-ALT-DESC", texts.text),
)


_IN_LANGUAGES = {"summary": "titles", "description": "descriptions"}
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class When(NamedTuple):
    """A date, or a naive local time with its zone."""

    local: date
    zone: Zone | None

    @property
    def value(self) -> date:
        """The date, or the time with its zone."""
        if self.zone is None or not isinstance(self.local, datetime):
            return self.local
        return self.zone.moment(self.local)


@dataclass(slots=True)
class Parsed:
    """A VEVENT that was understood.

    length: from start to end on the clock, None where the end is not known. repeating: its RRULE, RDATE and EXDATE.
    onwards: whether it replaces all dates of its series from its own on.
    """

    event: ReadEvent
    when: When
    length: timedelta | None
    line: int
    repeating: dict[str, list[Property]]
    onwards: bool


class Reader:
    """Reads the events of one feed."""

    def __init__(self, zones: Zones, floating: Zone, problems: Remarks, notes: Remarks) -> None:
        """`floating` is the zone of times without one."""
        self._zones, self._floating, self._problems, self._notes = zones, floating, problems, notes

    def read(self, component: Component) -> Parsed | None:
        """Return an event, or None after a remark that says why it is left out."""
        uid = self._uid(component)
        start = self._start(component, uid)
        if start is None:
            return None
        value = start.value
        end = self._end(component, start, value)
        original = component.first("RECURRENCE-ID")
        event = ReadEvent(
            uid=uid,
            recurrence_id=self._recurrence_id(original) if original else "",
            rule=component.value("RRULE").strip()[:200],
            sequence=self._sequence(component),
            start=value,
            end=end,
            timezone=start.zone.name if start.zone else "",
            **self._texts(component),
            **self._facts(component),
        )
        length = end - value if end is not None else None
        onwards = original is not None and original.parameters.get("RANGE", "").upper() == "THISANDFUTURE"
        properties = component.properties
        repeating = {
            name: properties[name] for name in _REPEATING if name in properties and component.value(name).strip()
        }
        return Parsed(event, start, length, component.line, repeating or _NOT_REPEATING, onwards)

    def _start(self, component: Component, uid: str) -> When | None:
        """Return the start, or None after a remark; by a UID made of the start nobody knows an event again then."""
        written = component.first("DTSTART")
        if written is None or not written.value.strip():
            code, detail = Code.NO_START, ""
        elif (start := self.when(written)) is None:
            code, detail = Code.BAD_START, written.value[:40]
        elif not moments.in_range(start.local):
            code, detail = Code.OUT_OF_RANGE, str(start.local.year)
        else:
            return start
        named = characters.line(component.value("UID")[:4000])
        self._problems.add(code, detail, line=component.line, uid=uid if named else "")
        return None

    def when(self, written: Property) -> When | None:
        """Return the date or time of a property, None if it cannot be understood."""
        local = moments.local(written.value)
        if not isinstance(local, datetime):
            return None if local is None else When(local, None)
        if written.value.rstrip().endswith(("Z", "z")):
            return When(local, self._zones.utc)
        tzid = written.parameters.get("TZID", "")
        if tzid:
            return When(local, self._zones.find(tzid, written.line))
        self._notes.add(Code.FLOATING, self._floating.name, line=written.line)
        return When(local, self._floating)

    def _end(self, component: Component, start: When, value: date) -> date | None:
        """Return where an event ends: by DTEND, else by DURATION; a date without either is one day."""
        one_day = None if isinstance(value, datetime) else value + _DAY
        written, lasting = component.first("DTEND"), component.first("DURATION")
        if written is not None:
            when = self.when(written)
            end = when.value if when is not None and moments.in_range(when.local) else None
        elif lasting is not None:
            written, length = lasting, moments.duration(lasting.value)
            end = When(start.local + length, start.zone).value if length and length < timedelta(days=9999) else None
        else:
            return one_day
        if end is not None and isinstance(end, datetime) == isinstance(value, datetime):
            if isinstance(end, datetime) and isinstance(value, datetime):
                end = end.astimezone(value.tzinfo)
            if end > value:
                return end
            if end == value:  # a date that ends on itself is meant to be that day
                return one_day
        self._notes.add(Code.BAD_END, written.value[:40], line=written.line, uid=component.value("UID"))
        return one_day

    def _recurrence_id(self, written: Property) -> str:
        when = self.when(written)
        if when is None or not moments.in_range(when.local):
            self._bad(written, "RECURRENCE-ID")
            return written.value.strip()[:40]
        return occurrence_id(when.value)

    def _uid(self, component: Component) -> str:
        """Return the UID, or one made of what else is there: the same for as long as that is the same."""
        written = component.value("UID")[:4000]
        if not written.isascii() or not written.isprintable() or " " in written:
            written = characters.line(written)
        if written and len(written) <= _LONGEST_UID:
            return written
        if not written:
            self._notes.add(Code.NO_UID, line=component.line)
            written = f"{component.value('SUMMARY')}\n{component.value('DTSTART')}"
        return f"made-{hashlib.sha256(written.encode('utf-8', 'replace')).hexdigest()[:32]}"

    def _sequence(self, component: Component) -> int:
        written = component.value("SEQUENCE").strip()
        return min(int(written[:12]), _LARGEST_INTEGER) if written.isascii() and written.isdigit() else 0

    def _texts(self, component: Component) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field, name, cleaned in _TEXTS:
            if name in component.properties and field not in found:
                text = cleaned(lines.unescaped(component.value(name)), name, self._notes)
                if text:
                    found[field] = text
                    found |= self._languages(component.properties[name], _IN_LANGUAGES.get(field, ""), cleaned)
        if "summary" not in found:
            self._notes.add(Code.NO_TITLE, line=component.line, uid=component.value("UID"))
        return found

    def _languages(
        self, written: list[Property], field: str, cleaned: Callable[[str, str, Remarks], str]
    ) -> dict[str, tuple[tuple[str, str], ...]]:
        """Return the texts whose language is said (section 3.2.10), by "fr" for "fr-CH"; the first of each language."""
        if not field or not any("LANGUAGE" in item.parameters for item in written):
            return {}
        texts: dict[str, str] = {}
        # What was mended in the first of them is noted already.
        for item in written[:_MOST_LANGUAGES]:
            code = item.parameters.get("LANGUAGE", "").strip().partition("-")[0].lower()
            if _LANGUAGE.fullmatch(code) and (text := cleaned(lines.unescaped(item.value), field, Remarks())):
                texts.setdefault(code, text)
        return {field: tuple(texts.items())} if texts else {}

    def _facts(self, component: Component) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        properties = component.properties
        if "STATUS" in properties:
            facts["status"] = self._status(properties["STATUS"][0])
        if "CLASS" in properties:
            facts["visibility"] = _visibility(properties["CLASS"])
        if "GEO" in properties:
            facts["latitude"], facts["longitude"] = self._place(properties["GEO"][0])
        if "URL" in properties:
            facts["url"] = self._url(properties["URL"][0])
        if "CATEGORIES" in properties:
            listed = [part for item in properties["CATEGORIES"] for part in lines.split(item.value[:2000])]
            cleaned = (texts.line(part, "CATEGORIES", self._notes, 100) for part in listed[:_MOST_CATEGORIES])
            facts["categories"] = tuple(dict.fromkeys(part for part in cleaned if part))
        if "ORGANIZER" in properties:
            organizer = properties["ORGANIZER"][0]
            named = organizer.parameters.get("CN") or organizer.value.partition(":")[2] or organizer.value
            facts["organizer"] = texts.line(named, "ORGANIZER", self._notes, 200)
        for field, name in (("last_modified", "LAST-MODIFIED"), ("stamp", "DTSTAMP")):
            if name in properties:
                facts[field] = self._stamp(properties[name][0], name)
        return facts

    def _status(self, written: Property) -> ReadStatus | None:
        said = written.value.strip().lower()
        if said in {"tentative", "confirmed", "cancelled"}:
            return ReadStatus(said)
        if said == "canceled":
            return ReadStatus.CANCELLED
        self._bad(written, "STATUS")
        return None

    def _place(self, written: Property) -> tuple[float | None, float | None]:
        try:
            latitude, longitude = (float(part) for part in written.value.replace(",", ";").split(";"))
            checks.place(latitude, longitude)
        except ValueError:
            self._bad(written, "GEO")
            return None, None
        return (latitude, longitude) if (latitude, longitude) != (0, 0) else (None, None)

    def _url(self, written: Property) -> str:
        address = written.value.strip()
        try:
            checks.address("URL", address[: texts.LONGEST_TEXT], checks.WEB_SCHEMES)
        except ValueError:
            self._bad(written, "URL")
            return ""
        return address[:2000]

    def _stamp(self, written: Property, name: str) -> datetime | None:
        """Return a time in UTC, which is what these are written in (section 3.8.7)."""
        local = moments.local(written.value)
        if not isinstance(local, datetime):
            self._bad(written, name)
            return None
        return local.replace(tzinfo=UTC)

    def _bad(self, written: Property, name: str) -> None:
        self._notes.add(Code.BAD_VALUE, name, line=written.line)


def _visibility(written: list[Property]) -> str:
    """Return how an event is marked that is not for everybody, "" for one that is.

    A word that nobody knows means PRIVATE (RFC 5545, section 3.8.1.3).
    """
    said = (characters.line(item.value[:40]).upper() for item in written)
    return next((word for word in said if word not in {"", "PUBLIC"}), "")


def occurrence_id(value: date) -> str:
    """Return what tells a date of a series from its others: "2027-03-01", or the moment in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    return value.isoformat()
