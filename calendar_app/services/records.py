"""One event as a value: what import, forms, export, revisions and feeds read and write.

`EventRecord` is everything a person can say about an event. `record_of` and `apply_record` are the only two places
that translate between it and the tables; derived columns (search text, facets) are made in `apply_record`.
"""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from calendar_app.models import DateOption, Event, EventFacet, EventLink, EventSource, Service
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import (
    HOLDING,
    Format,
    LinkKind,
    OptionState,
    OrganiserRole,
    ServiceState,
    Stage,
    Status,
    Visibility,
)
from calendar_app.services.text import fold, slugify

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.services.reference import Reference

# What the six languages are called in themselves. CLDR says the same, but takes 10 MB of each process to say it.
OWN_NAMES = {"en": "English", "ar": "العربية", "es": "Español", "fr": "Français", "ru": "Русский", "zh": "中文"}
LANGUAGES = tuple(OWN_NAMES)
# The facet of what a hidden event was when the public last saw it: "country=CH".
WAS = "was"


@dataclass(frozen=True, slots=True)
class BodyMeeting:
    """A body that meets, and the number of its meeting if it has one (BC-COP, 17)."""

    code: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Organiser:
    """Who holds the event. `code` is empty for a name that is not in the list of organisations."""

    name: str
    code: str = ""
    role: str = OrganiserRole.LEAD

    @property
    def slug(self) -> str:
        """The value of the `organiser` filter."""
        return self.code or slugify(self.name)


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A source of the record; `dates` as it states them, `conflicts` what it contradicts ("dates"), `note` why."""

    source_id: str = ""
    citation: str = ""
    url: str = ""
    quote: str = ""
    dates: str = ""
    note: str = ""
    conflicts: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A relation to another event."""

    kind: LinkKind
    other: uuid.UUID


@dataclass(frozen=True, slots=True)
class ServiceGiven:
    """A service between secretariats; days inclusive."""

    provider: str
    kind: str
    people: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    state: str = ServiceState.REQUESTED
    note: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A candidate date, days inclusive."""

    first_day: date
    last_day: date
    city: str = ""
    state: str = OptionState.OPEN
    held_until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """All that a person can say of an event. Empty text, tuple or None means not known."""

    titles: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_title: str = ""
    kind: str = "other"
    processes: tuple[str, ...] = ()
    bodies: tuple[BodyMeeting, ...] = ()
    organisers: tuple[Organiser, ...] = ()
    series: str = ""
    part_of: uuid.UUID | None = None
    part_role: str = ""
    part_label: str = ""
    links: tuple[Link, ...] = ()
    span: Span | None = None
    precision: Precision = Precision.DAY
    date_text: str = ""
    start_time: str = ""
    end_time: str = ""
    timezone: str = ""
    status: Status = Status.CONFIRMED
    format: Format = Format.UNKNOWN
    remote_participation: str = ""
    venue: str = ""
    city: str = ""
    country: str = ""
    regions: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    access: str = ""
    audiences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    registration_url: str = ""
    documents_url: str = ""
    online_url: str = ""
    web_url: str = ""
    contact: str = ""
    cooperation_area: str = ""
    decisions: tuple[str, ...] = ()
    outcome: str = ""
    sources: tuple[SourceNote, ...] = ()
    steward: str = ""
    visibility: Visibility = Visibility.PUBLIC
    stage: Stage = Stage.PUBLISHED
    publish_on: date | None = None
    last_confirmed_at: datetime | None = None
    last_confirmed_by: str = ""
    notes: str = ""
    expected_participants: int | None = None
    staffing: str = ""
    key_persons: tuple[str, ...] = ()
    services: tuple[ServiceGiven, ...] = ()
    options: tuple[Option, ...] = ()


# Never shown to the public, in no page, feed, search or export for the public.
INTERNAL_FIELDS = frozenset({"notes", "expected_participants", "staffing", "key_persons", "services", "options"})
FIELDS = tuple(f.name for f in dataclasses.fields(EventRecord))
_SAME_NAME = (
    "titles descriptions short_title kind series part_role part_label date_text start_time end_time timezone "
    "remote_participation venue city country latitude longitude access registration_url documents_url online_url "
    "web_url contact cooperation_area outcome publish_on last_confirmed_at last_confirmed_by notes "
    "expected_participants staffing"
).split()
_LISTS = ("processes", "regions", "audiences", "languages", "decisions", "key_persons")
_WORDS = {"status": Status, "format": Format, "visibility": Visibility, "stage": Stage, "precision": Precision}


def in_language(texts: dict[str, str], language: str) -> tuple[str, str]:
    """Return the text in `language`, else in English, else in any; and the language it is in."""
    for code in (language, "en", *texts):
        if texts.get(code):
            return texts[code], code
    return "", language


def called(event: Event, language: str) -> str:
    """Return what people call an event: in English its short title if it has one, else its title."""
    title, found = in_language(event.titles, language)
    return event.short_title if event.short_title and found == "en" else title


def record_of(event: Event) -> EventRecord:
    """Read the record of a stored event; loads its sources, links, services and options."""
    values: dict[str, Any] = {name: getattr(event, name) for name in _SAME_NAME}
    values.update({name: tuple(getattr(event, name)) for name in _LISTS})
    values.update({name: word(getattr(event, name)) for name, word in _WORDS.items()})
    return EventRecord(
        **values,
        bodies=bodies_of(event),
        organisers=organisers_of(event),
        span=span_of(event),
        part_of=event.part_of_id,
        steward=event.steward_code,
        links=tuple(Link(LinkKind(link.kind), link.other_id) for link in event.links),
        sources=tuple(
            SourceNote(s.source_id or "", s.citation, s.url, s.quote, s.dates, s.note, s.conflicts)
            for s in event.sources
        ),
        services=tuple(
            ServiceGiven(s.provider_code, s.kind, s.people, s.first_day, s.last_day, s.state, s.note)
            for s in event.services
        ),
        options=tuple(Option(o.first_day, o.last_day, o.city, o.state, o.held_until, o.note) for o in event.options),
    )


def bodies_of(event: Event) -> tuple[BodyMeeting, ...]:
    """Return the bodies that meet."""
    return tuple(BodyMeeting(**body) for body in event.bodies)


def holders_of(event: Event) -> frozenset[str]:
    """Return the codes of those who hold an event, as opposed to those who help; empty where nobody is known to."""
    return frozenset(o.code for o in organisers_of(event) if o.role in HOLDING and o.code)


def organisers_of(event: Event) -> tuple[Organiser, ...]:
    """Return who holds the event."""
    return tuple(Organiser(**organiser) for organiser in event.organisers)


def span_of(event: Event) -> Span | None:
    """Return the event's span of days, None when only words are known."""
    return Span(event.start, event.end) if event.start and event.end else None


def apply_record(event: Event, record: EventRecord, reference: Reference) -> None:
    """Write `record` onto the row and everything derived from it; identity and bookkeeping stay as they are."""
    for name in _SAME_NAME:
        setattr(event, name, getattr(record, name))
    for name in _LISTS:
        setattr(event, name, list(getattr(record, name)))
    for name in _WORDS:
        setattr(event, name, str(getattr(record, name)))
    event.bodies = [dataclasses.asdict(body) for body in record.bodies]
    event.organisers = [dataclasses.asdict(organiser) for organiser in record.organisers]
    event.start = record.span.start if record.span else None
    event.end = record.span.end if record.span else None
    event.part_of_id = record.part_of
    event.steward_code = record.steward
    event.city_slug = reference.city_slug(record.city)
    event.sources_disagree = any(source.conflicts for source in record.sources)
    event.search_text = search_text(record, reference)
    # What a hidden event was when the public last saw it stays.
    found_by = [*facets(record), *((WAS, row.value) for row in event.facets if row.facet == WAS)]
    event.facets = _synced(
        event.facets, EventFacet, ("facet", "value"), [{"facet": f, "value": v} for f, v in found_by]
    )
    # A source keeps its row by its id: a new row with the same id would meet the old one's unique value.
    event.sources = _synced(
        event.sources,
        EventSource,
        ("source_id",),
        _numbered({**dataclasses.asdict(s), "source_id": s.source_id or None} for s in record.sources),
    )
    event.links = _synced(
        event.links,
        EventLink,
        ("kind", "other_id"),
        _numbered({"kind": str(link.kind), "other_id": link.other} for link in record.links),
    )
    event.services = _synced(
        event.services,
        Service,
        ("position",),
        _numbered({"provider_code": s.provider, **_without(s, "provider")} for s in record.services),
    )
    event.options = _synced(
        event.options, DateOption, ("position",), _numbered(dataclasses.asdict(o) for o in record.options)
    )


def _synced(rows: Iterable[Any], table: type[Any], key: tuple[str, ...], wanted: Iterable[dict[str, Any]]) -> list[Any]:
    """Return one row for each of `wanted`: the existing one with the same key, changed where needed, or a new one."""
    existing = {tuple(getattr(row, name) for name in key): row for row in rows}
    result = []
    for values in wanted:
        row = existing.pop(tuple(values[name] for name in key), None) or table()
        for name, value in values.items():
            setattr(row, name, value)
        result.append(row)
    return result


def _numbered(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**values, "position": position} for position, values in enumerate(items)]


def _without(value: Any, name: str) -> dict[str, Any]:  # noqa: ANN401
    return {k: v for k, v in dataclasses.asdict(value).items() if k != name}


def facets(record: EventRecord) -> list[tuple[str, str]]:
    """Return the (facet, value) pairs by which the event is found; each once, in a stable order."""
    pairs = [("convention", slug) for slug in record.processes]
    pairs += [("body", body.code) for body in record.bodies]
    pairs += [("region", code) for code in record.regions]
    pairs += [("organiser", organiser.slug) for organiser in record.organisers]
    return list(dict.fromkeys(pairs))


def public_facets(record: EventRecord, reference: Reference) -> list[tuple[str, str]]:
    """Return by what the public finds an event, as it is kept of one that is hidden from then on."""
    columns = {
        "kind": record.kind,
        "country": record.country,
        "city": reference.city_slug(record.city),
        "format": record.format,
        "status": record.status,
    }
    return [(WAS, f"{name}={value}") for name, value in (*facets(record), *columns.items()) if value]


def search_text(record: EventRecord, reference: Reference) -> str:
    """Return the folded text in which words are looked up: public facts only, names with all their aliases."""
    parts = [
        *record.titles.values(),
        record.short_title,
        record.part_label,
        record.series,
        record.date_text,
        record.venue,
    ]
    for body in record.bodies:
        parts += [f"{name} {body.number or ''}" for name in reference.body_names(body.code)]
    for organiser in record.organisers:
        parts += [organiser.name, organiser.code]
    for slug in record.processes:
        parts += reference.process_names(slug)
    for code in record.regions:
        parts += reference.region_names(code)
    if record.span:
        parts += [str(year) for year in range(record.span.start.year, record.span.last.year + 1)]
    parts += reference.city_names(record.city)
    parts += reference.country_names(record.country)
    # "|" between folded parts keeps a word of one part from joining a number of the next.
    folded = dict.fromkeys(fold(part) for part in parts if part)
    return f" {' | '.join(folded)} "


def as_json(record: EventRecord) -> dict[str, Any]:
    """Return the record as JSON values, for revisions: dates as ISO text, tuples as lists."""
    # Most are texts, and a feed has ten thousand events.
    return {n: value if isinstance(value := getattr(record, n), str) else _json(value) for n in FIELDS}


def _json(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Span):
        return [value.start.isoformat(), value.last.isoformat()]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [_json(item) for item in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    return value
