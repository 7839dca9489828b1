"""What was read as JSON and back: how it comes out of the process that read it, and how tests write what they expect.

Only what a source says stands in it. A time is written with its offset, its zone beside it.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from feeds.reading.values import Code, ReadEvent, ReadFeed, ReadStatus, Remark

_DEFAULTS = {field.name: field.default for field in fields(ReadEvent)}
_VALUES = attrgetter(*_DEFAULTS)
_MOMENTS = frozenset({"last_modified", "stamp"})
_PAIRS = frozenset({"titles", "descriptions"})
_LISTS = frozenset({"categories", "treaties"})


def to_json(feed: ReadFeed) -> dict[str, Any]:
    """Return a feed as what JSON knows."""
    return {
        "name": feed.name,
        "events": [event_to_json(event) for event in feed.events],
        "problems": [list(remark) for remark in feed.problems],
        "notes": [list(remark) for remark in feed.notes],
        "left_out": list(feed.left_out),
        "nameless": feed.nameless,
        "rows": feed.rows,
        "next_url": feed.next_url,
    }


def from_json(value: dict[str, Any]) -> ReadFeed:
    """Return the feed that `to_json` wrote."""
    return ReadFeed(
        name=value["name"],
        events=tuple(map(event_from_json, value["events"])),
        problems=tuple(map(_remark, value["problems"])),
        notes=tuple(map(_remark, value["notes"])),
        left_out=tuple(value["left_out"]),
        nameless=value["nameless"],
        rows=value["rows"],
        next_url=value["next_url"],
    )


def event_to_json(event: ReadEvent) -> dict[str, Any]:
    """Return what an event says: fields that hold nothing are left out."""
    said = zip(_DEFAULTS.items(), _VALUES(event), strict=True)
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for (name, default), value in said
        if value is not default and value != default
    }


def event_from_json(value: dict[str, Any]) -> ReadEvent:
    """Return the event that `event_to_json` wrote."""
    found = dict(value)
    zone = found.get("timezone", "")
    for name in ("start", "end"):
        if name in found:
            found[name] = _when(found[name], zone)
    for name in _MOMENTS & found.keys():
        found[name] = datetime.fromisoformat(found[name])
    for name in _LISTS & found.keys():
        found[name] = tuple(found[name])
    for name in _PAIRS & found.keys():
        found[name] = tuple((language, text) for language, text in found[name])
    if "status" in found:
        found["status"] = ReadStatus(found["status"])
    return ReadEvent(**found)


def _when(text: str, zone: str) -> date:
    if "T" not in text:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.astimezone(ZoneInfo(zone)) if zone else moment


def _remark(value: list[Any]) -> Remark:
    return Remark(Code(value[0]), *value[1:])
