"""Bringing rows of a sheet into the calendar: the right ones land, the wrong ones are named with their line.

`import_rows` flushes and never commits; a dry run is the same work in a transaction that the caller rolls back.
"""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Event, EventSource
from calendar_app.services import events, touched
from calendar_app.services.calendar import OPERATOR, visible_to
from calendar_app.services.columns import write_row
from calendar_app.services.records import EventRecord, Link, SourceNote, record_of
from calendar_app.services.row_cells import MAX_ID, RowRead, event_id_of, lines_of
from calendar_app.services.row_reading import read_row
from calendar_app.services.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from sqlalchemy.orm import Session

    from calendar_app.services.events import Change
    from calendar_app.services.reference import Reference

# The namespace of ids made from an id at a source (RFC 9562, version 5); never to change.
SOURCE_NAMESPACE = uuid.UUID("5b6f1d3e-7f0a-5c39-9d0b-3f2c8f4f9a01")
_BATCH = 500
_FALLBACK_STEWARD = "brs"
_MOMENTS = ("created_at", "last_modified", "status_since", "hidden_since")


@dataclass(slots=True)
class Report:
    """What an import did, each with line number and title: `changed` with its fields, `rejected` with sentences."""

    created: list[tuple[int, str]] = field(default_factory=list)
    changed: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    unchanged: int = 0
    rejected: list[tuple[int, str, list[str]]] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    """One row on its way in. `own` is its id at the source of the sheet, `names` are all its ids at sources."""

    line: int
    cells: dict[str, str]
    event_id: uuid.UUID
    own: str
    names: list[str]
    source: str
    event: Event | None = None
    read: RowRead = field(default_factory=RowRead)

    @property
    def title(self) -> str:
        shown = (" ".join(clean(self.cells.get(name, "")).split())[:80] for name in ("title", "id"))
        return next(filter(None, shown), "")


def source_event_id(source_id: str) -> uuid.UUID:
    """Return the id for life of an event first known by its id at a source."""
    return uuid.uuid5(SOURCE_NAMESPACE, source_id)


def import_rows(
    session: Session,
    rows: Iterable[tuple[int, dict[str, str]]],
    change: Change,
    reference: Reference,
    source: str = "",
) -> Report:
    """Create and change events from rows of (line number, cells by column of `COLUMNS`).

    `source` is a slug that keeps the ids of this sheet apart from those of all others: they become `source:id`.
    """
    report = Report()
    query = select(EventSource.source_id, EventSource.event_id)
    known = {source_id: event_id for source_id, event_id in session.execute(query).tuples() if source_id}
    rows = list(rows)
    contents = _contents(session) if any(not clean(cells.get("id", "")) for _line, cells in rows) else {}
    wanted = _identified(rows, known | contents, source, report)
    stored = _stored(session, [row.event_id for row in wanted])
    stewards = {code for code, organisation in reference.organisations.items() if organisation.member}
    for row in wanted:
        row.event = stored.get(row.event_id)
        base = record_of(row.event) if row.event else EventRecord()
        row.read = read_row(row.cells, base, reference)
        _complete(row, base, stewards)
    for row, record in _with_references(session, wanted, known, report):
        if row.event is None:
            _create(session, row, record, change, reference)
            report.created.append((row.line, row.title))
        elif fields := _changed(session, row.event, row, record, change, reference):
            report.changed.append((row.line, row.title, fields))
        else:
            report.unchanged += 1
    session.flush()
    report.rejected.sort()
    return report


def _create(session: Session, row: _Row, record: EventRecord, change: Change, reference: Reference) -> None:
    """Create an event with the bookkeeping that the row brings along; nothing of it can have happened after now."""
    now = events.whole_second(change.now)
    kept = {
        name: min(value, now) if name in _MOMENTS else value for name, value in row.read.bookkeeping.items() if value
    }
    event = events.create(session, row.event_id, record, change, reference, events.Kept(**kept))
    if events.is_public(event):
        event.hidden_since = event.last_public_start = event.last_public_end = None


def _changed(
    session: Session, event: Event, row: _Row, record: EventRecord, change: Change, reference: Reference
) -> tuple[str, ...]:
    """Change a stored event and return the fields; take over a higher sequence, which subscribers may know already."""
    fields = events.change(session, event, record, change, reference)
    sequence = row.read.bookkeeping["sequence"]
    if sequence <= event.sequence:
        return fields
    event.sequence = sequence
    touched.note_shown(session, [event.id])
    events.touch_calendar(session, events.whole_second(change.now), public=events.is_public(event))
    return (*fields, "sequence")


def _identified(
    rows: Iterable[tuple[int, dict[str, str]]], known: dict[str, uuid.UUID], source: str, report: Report
) -> list[_Row]:
    """Give each row the id of its event; a row that cannot have one of its own is rejected."""
    wanted: list[_Row] = []
    taken: dict[object, int] = {}
    for line, cells in rows:
        row = _row(line, cells, known, source)
        if problem := _problem_of_names(row, known, taken):
            report.rejected.append((line, row.title, [problem]))
            continue
        taken.update(dict.fromkeys((row.event_id, *row.names), line))
        wanted.append(row)
    return wanted


def _row(line: int, cells: dict[str, str], known: dict[str, uuid.UUID], source: str) -> _Row:
    """Find the id of a row's event: a UUID as it stands, an id at a source looked up, none from its content."""
    text = clean(cells.get("id", ""))
    event_id = event_id_of(text)
    own = _at_source(source, text) if text and event_id is None else ""
    given = lines_of(cells.get("source_ids", ""))
    if event_id is None:
        names = [name for name in (own, *(_at_source(source, name) for name in given)) if name]
        content = _content(*(cells.get(name, "") for name in ("title", "start", "date_text", "city")))
        names += [] if own else [content]
        event_id = next((known[name] for name in names if name in known), None) or source_event_id(own or content)
    # In an export that somebody works on, the event's sources keep the ids that they have in the calendar.
    sources = [name if known.get(name) == event_id else _at_source(source, name) for name in given]
    cells = {**cells, **({"id": own} if own else {}), **({"source_ids": "\n".join(sources)} if any(sources) else {})}
    return _Row(line, cells, event_id, own, list(dict.fromkeys(filter(None, (own, *sources)))), source)


def _content(title: str, start: str, date_text: str, city: str) -> str:
    """Return what stands for an id where a sheet has none: the title, the first day (else the words) and the city."""
    when = start[:10] or date_text
    return "row:" + "|".join(fold(text) for text in (title, when, city))


def _contents(session: Session) -> dict[str, uuid.UUID]:
    """Return the stored events by what would stand for their id; those that are alike are left out."""
    found: dict[str, uuid.UUID | None] = {}
    query = select(Event.id, Event.titles, Event.start, Event.date_text, Event.city)
    for event_id, titles, start, date_text, city in session.execute(query).tuples():
        name = _content(titles.get("en", ""), start.isoformat() if start else "", date_text, city)
        found[name] = None if name in found else event_id
    return {name: event_id for name, event_id in found.items() if event_id}


def _at_source(source: str, name: str) -> str:
    """Return the id under which the calendar keeps `name`, an id in a sheet of `source`."""
    return f"{source}:{name}" if source and name and not name.startswith(f"{source}:") else name


def _problem_of_names(row: _Row, known: dict[str, uuid.UUID], taken: dict[object, int]) -> str:
    """Return why a row's ids cannot stand, or "" if they can."""
    number = next((name for name in row.names if name.isdigit()), None)
    if number and event_id_of(clean(row.cells.get("id", ""))) is None:
        return f"'{number[:40]}' is a bare number, which other sheets use too; say whose it is with --source NAME."
    if too_long := next((name for name in row.names if len(name) > MAX_ID), None):
        return f"'{too_long[:60]}' has {len(too_long)} characters; an id may have {MAX_ID}, that of its source counted."
    if foreign := next((name for name in row.names if known.get(name, row.event_id) != row.event_id), None):
        return f"'{foreign}' already belongs to another event."
    clash = next((taken[key] for key in (row.event_id, *row.names) if key in taken), None)
    return f"it names the same event as line {clash}." if clash else ""


def _stored(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, Event]:
    found: dict[uuid.UUID, Event] = {}
    for start in range(0, len(ids), _BATCH):
        query = select(Event).where(Event.id.in_(ids[start : start + _BATCH])).options(*events.whole_record())
        found.update((event.id, event) for event in session.scalars(query))
    return found


def _complete(row: _Row, base: EventRecord, stewards: set[str]) -> None:
    """Fill what a sheet need not say: the steward, and the row's own id among the sources."""
    values = row.read.values
    sources: tuple[SourceNote, ...] = values.get("sources", base.sources)
    if row.own and row.own not in {s.source_id for s in sources}:
        if "source_ids" in row.cells and sources and not sources[0].source_id:
            values["sources"] = (dataclasses.replace(sources[0], source_id=row.own), *sources[1:])
        else:
            values["sources"] = (*sources, SourceNote(row.own))
    if not values.get("steward", base.steward):
        organisers = values.get("organisers", base.organisers)
        processes = values.get("processes", base.processes)
        own = next((slug for slug in processes if slug in stewards), _FALLBACK_STEWARD)
        values["steward"] = next((o.code for o in organisers if o.code in stewards), own)


def _with_references(
    session: Session, wanted: list[_Row], known: dict[str, uuid.UUID], report: Report
) -> list[tuple[_Row, EventRecord]]:
    """Look up the events that rows refer to; a row that refers to nothing, or to a rejected row, is rejected too."""
    by_name = known | {name: row.event_id for row in wanted for name in row.names}
    wholes = dict(session.execute(select(Event.id, Event.part_of_id)).tuples().all())
    good = wanted
    while True:
        landing = wholes.keys() | {row.event_id for row in good}
        records = [(row, _resolved(row, by_name, landing)) for row in good]
        _refuse_circles(records, wholes)
        rejected = [row for row in good if row.read.problems]
        if not rejected:
            return records
        report.rejected += [(row.line, row.title, row.read.problems) for row in rejected]
        good = [row for row in good if not row.read.problems]


def _resolved(row: _Row, by_name: dict[str, uuid.UUID], landing: AbstractSet[uuid.UUID]) -> EventRecord:
    """Return the row's record with its references looked up; what is not found becomes a problem of the row."""

    def find(column: str, text: str) -> uuid.UUID | None:
        found = event_id_of(text) or by_name.get(_at_source(row.source, text)) or by_name.get(text)
        if found in landing and found != row.event_id:
            return found
        sentence = f"{column} names '{text[:60]}', which is no other event of the file or the calendar."
        if sentence not in row.read.problems:
            row.read.problems.append(sentence)
        return None

    values = dict(row.read.values)
    if row.read.part_of is not None:
        values["part_of"] = find("part_of", row.read.part_of) if row.read.part_of else None
    if row.read.links is not None:
        found = [(kind, find("links", text)) for kind, text in row.read.links]
        values["links"] = tuple(dict.fromkeys(Link(kind, other) for kind, other in found if other))
    merged = row.read.bookkeeping["merged_into"]
    if row.event and "merged_into" in row.cells and merged != row.event.merged_into_id:
        row.read.problems.append("merged_into differs from what the calendar has; a sheet cannot merge events.")
    elif merged:
        find("merged_into", str(merged))
    return dataclasses.replace(record_of(row.event) if row.event else EventRecord(), **values)


def _refuse_circles(records: list[tuple[_Row, EventRecord]], wholes: dict[uuid.UUID, uuid.UUID | None]) -> None:
    """Note a problem on each row that would, over any number of wholes, be part of itself."""
    above = wholes | {row.event_id: record.part_of for row, record in records}
    for row, record in records:
        seen = {row.event_id}
        whole = record.part_of
        while whole and whole not in seen:
            seen.add(whole)
            whole = above.get(whole)
        if whole == row.event_id:
            row.read.problems.append("part_of goes in a circle: the event would be part of itself.")


def export_rows(session: Session, reference: Reference) -> Iterator[dict[str, str]]:
    """Yield every event as the cells of a row, wholes before their parts as far as dates allow."""
    order = (Event.start.is_(None), Event.start, Event.end.desc(), Event.id)
    query = select(Event).where(visible_to(OPERATOR)).order_by(*order).options(*events.whole_record())
    for event in session.scalars(query):
        yield write_row(event, record_of(event), reference)


def is_empty(session: Session) -> bool:
    """Tell whether the calendar holds no event at all."""
    return session.scalar(select(Event.id).limit(1)) is None
