"""Fields of a record read back from JSON as revisions and proposals keep them (`records.as_json`)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Format, LinkKind, Stage, Status, Visibility
from calendar_app.services.records import BodyMeeting, Link, Option, Organiser, ServiceGiven, SourceNote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of an `EventRecord`, as `dataclasses.replace` takes them."""
    return {name: _READERS[name](value) if name in _READERS else value for name, value in values.items()}


def _span(days: list[str] | None) -> Span | None:
    return Span.inclusive(date.fromisoformat(days[0]), date.fromisoformat(days[1])) if days else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _service(values: dict[str, Any]) -> ServiceGiven:
    return ServiceGiven(**{**values, **{name: _day(values[name]) for name in ("first_day", "last_day")}})


def _option(values: dict[str, Any]) -> Option:
    days = ("first_day", "last_day", "held_until")
    return Option(**{**values, **{name: _day(values[name]) for name in days}})


_READERS: dict[str, Callable[[Any], Any]] = {
    "span": _span,
    "precision": Precision,
    "status": Status,
    "format": Format,
    "visibility": Visibility,
    "stage": Stage,
    "publish_on": _day,
    "last_confirmed_at": lambda text: datetime.fromisoformat(text) if text else None,
    "part_of": lambda text: uuid.UUID(text) if text else None,
    "bodies": lambda items: tuple(BodyMeeting(**item) for item in items),
    "organisers": lambda items: tuple(Organiser(**item) for item in items),
    "links": lambda items: tuple(Link(LinkKind(item["kind"]), uuid.UUID(item["other"])) for item in items),
    "sources": lambda items: tuple(SourceNote(**item) for item in items),
    "services": lambda items: tuple(_service(item) for item in items),
    "options": lambda items: tuple(_option(item) for item in items),
    **dict.fromkeys(("processes", "regions", "audiences", "languages", "decisions", "key_persons"), tuple),
}
