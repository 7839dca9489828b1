"""Bringing rows of a sheet into the calendar: the right ones land, the wrong ones are named with their line.

`import_rows` flushes and never commits; a dry run is the same work in a transaction that the caller rolls back.
"""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from calendar_app.models import Event, EventSource, Organisation
from calendar_app.services import events
from calendar_app.services.columns import write_row
from calendar_app.services.records import EventRecord, Link, SourceNote, record_of
from calendar_app.services.row_reading import RowRead, read_row
from calendar_app.services.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from sqlalchemy.orm import Session
    from sqlalchemy.sql.base import ExecutableOption

    from calendar_app.services.events import Change
    from calendar_app.services.reference import Reference

# The namespace of ids made from an id at a source (RFC 9562, version 5); never to change.
SOURCE_NAMESPACE = uuid.UUID("5b6f1d3e-7f0a-5c39-9d0b-3f2c8f4f9a01")
_BATCH = 500
_FALLBACK_STEWARD = "brs"


@dataclass(slots=True)
class Report:
    """What an import did: titles by outcome; `rejected` with line number, title and sentences."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    rejected: list[tuple[int, str, list[str]]] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    """One row on its way in."""

    line: int
    cells: dict[str, str]
    event_id: uuid.UUID
    names: list[str]
    event: Event | None = None
    read: RowRead = field(default_factory=RowRead)

    @property
    def title(self) -> str:
        return self.cells.get("title", "").strip()[:80] or self.cells.get("id", "").strip()[:80]


def source_event_id(source_id: str) -> uuid.UUID:
    """Return the id for life of an event first known by its id at a source."""
    return uuid.uuid5(SOURCE_NAMESPACE, source_id)


def import_rows(
    session: Session, rows: Iterable[tuple[int, dict[str, str]]], change: Change, reference: Reference
) -> Report:
    """Create and change events from rows of (line number, cells by column of `COLUMNS`)."""
    report = Report()
    sources = session.execute(select(EventSource.source_id, EventSource.event_id))
    known = {source_id: event_id for source_id, event_id in sources.tuples() if source_id}
    wanted = _identified(rows, known, report)
    stored = _stored(session, [row.event_id for row in wanted])
    stewards = set(session.scalars(select(Organisation.code).where(Organisation.member)))
    for row in wanted:
        row.event = stored.get(row.event_id)
        base = record_of(row.event) if row.event else EventRecord()
        row.read = read_row(row.cells, base, reference)
        _complete(row, base, stewards)
    accepted = _with_references(session, wanted, known, report)
    for row, record in accepted:
        if row.event is None:
            events.create(session, row.event_id, record, change, reference, events.Kept(**row.read.bookkeeping))
            report.created.append(row.title)
        elif events.change(session, row.event, record, change, reference):
            report.changed.append(row.title)
        else:
            report.unchanged += 1
    session.flush()
    report.rejected.sort()
    return report


def _identified(rows: Iterable[tuple[int, dict[str, str]]], known: dict[str, uuid.UUID], report: Report) -> list[_Row]:
    """Give each row the id of its event: a UUID as it stands, an id at a source looked up, none from its content."""
    wanted: list[_Row] = []
    taken: dict[object, int] = {}
    for line, cells in rows:
        text = clean(cells.get("id", ""))[:120]
        sources = [part.strip()[:120] for part in cells.get("source_ids", "").split("\n") if part.strip()]
        try:
            event_id = uuid.UUID(text)
            names = sources
        except ValueError:
            name = text or "row:" + "|".join(fold(cells.get(c, "")) for c in ("title", "start", "date_text", "city"))
            names = list(dict.fromkeys([text, *sources])) if text else sources
            event_id = next((known[n] for n in names if n in known), None) or source_event_id(name)
        row = _Row(line, cells, event_id, names)
        foreign = next((n for n in names if known.get(n, event_id) != event_id), None)
        if foreign:
            report.rejected.append((line, row.title, [f"'{foreign}' already belongs to another event."]))
            continue
        clash = next((taken[key] for key in (event_id, *names) if key in taken), None)
        if clash:
            report.rejected.append((line, row.title, [f"it names the same event as line {clash}."]))
            continue
        taken.update(dict.fromkeys((event_id, *names), line))
        wanted.append(row)
    return wanted


def _stored(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, Event]:
    found: dict[uuid.UUID, Event] = {}
    for start in range(0, len(ids), _BATCH):
        query = select(Event).where(Event.id.in_(ids[start : start + _BATCH])).options(*_whole_record())
        found.update((event.id, event) for event in session.scalars(query))
    return found


def _whole_record() -> list[ExecutableOption]:
    return [selectinload(getattr(Event, name)) for name in ("facets", "sources", "links", "services", "options")]


def _complete(row: _Row, base: EventRecord, stewards: set[str]) -> None:
    """Fill what a sheet need not say: the steward, and the row's own id among the sources."""
    values = row.read.values
    text = clean(row.cells.get("id", ""))[:120]
    sources: tuple[SourceNote, ...] = values.get("sources", base.sources)
    if row.names and text in row.names and text not in {s.source_id for s in sources}:
        first = sources[0] if sources else SourceNote()
        own = dataclasses.replace(first, source_id=text) if not first.source_id else SourceNote(text)
        values["sources"] = (own, *(sources[1:] if not first.source_id else sources))
    if not values.get("steward", base.steward):
        organisers = values.get("organisers", base.organisers)
        values["steward"] = next((o.code for o in organisers if o.code in stewards), _FALLBACK_STEWARD)


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
        try:
            found: uuid.UUID | None = uuid.UUID(text)
        except ValueError:
            found = by_name.get(text)
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
    if merged := row.read.bookkeeping.get("merged_into"):
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
    query = (
        select(Event).order_by(Event.start.is_(None), Event.start, Event.end.desc(), Event.id).options(*_whole_record())
    )
    for event in session.scalars(query):
        yield write_row(event, record_of(event), reference)


def is_empty(session: Session) -> bool:
    """Tell whether the calendar holds no event at all."""
    return session.scalar(select(Event.id).limit(1)) is None
