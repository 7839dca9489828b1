"""Bringing rows of a sheet into the calendar: the right ones land, the wrong ones are named with their line.

`import_rows` flushes and never commits; a dry run is the same work in a transaction that the caller rolls back.
"""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Event, EventSource
from calendar_app.services import events, row_contents, stale_rows, touched
from calendar_app.services.calendar import OPERATOR, visible_to
from calendar_app.services.columns import write_row
from calendar_app.services.import_report import Landed, Report, notes_of
from calendar_app.services.import_terms import LEAVE, OPEN, Terms, problem_of_rights, stage_of, with_unseen
from calendar_app.services.records import LANGUAGES, EventRecord, Link, SourceNote, as_json, in_language, record_of
from calendar_app.services.row_cells import MAX_ID, RowRead, event_id_of, lines_of
from calendar_app.services.row_reading import read_row
from calendar_app.services.sentences import in_english, marked
from calendar_app.services.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from sqlalchemy.orm import Session

    from calendar_app.services.events import Change
    from calendar_app.services.reference import Reference

# The namespace of ids made from an id at a source (RFC 9562, version 5); never to change.
SOURCE_NAMESPACE = uuid.UUID("5b6f1d3e-7f0a-5c39-9d0b-3f2c8f4f9a01")
_BATCH = 500
_LONGEST_SHOWN = 120
_FALLBACK_STEWARD = "brs"
_MOMENTS = ("created_at", "last_modified", "status_since", "hidden_since")


@dataclass(slots=True)
class _Row:
    """One row on its way in. `own` is its id at the source of the sheet, `names` are all its ids at sources.

    `given` are all cells of the sheet, `cells` those that count. `then` are fields that were changed since the sheet
    was made, as they were, None if none was; `warnings` say so.
    """

    line: int
    given: Mapping[str, str]
    cells: dict[str, str]
    event_id: uuid.UUID
    own: str
    names: list[str]
    source: str
    event: Event | None = None
    read: RowRead = field(default_factory=RowRead)
    then: dict[str, Any] | None = None
    called: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        names = ("title", *(f"title_{code}" for code in LANGUAGES))
        cells = (*(self.cells.get(name, "") for name in names), self.called, self.cells.get("id", ""))
        shown = next(filter(None, (" ".join(clean(cell).split()) for cell in cells)), "")
        return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"


def source_event_id(source_id: str) -> uuid.UUID:
    """Return the id for life of an event first known by its id at a source."""
    return uuid.uuid5(SOURCE_NAMESPACE, source_id)


def import_rows(
    session: Session,
    rows: Iterable[tuple[int, dict[str, str]]],
    change: Change,
    reference: Reference,
    terms: Terms | None = None,
) -> Report:
    """Create and change events from rows of (line number, cells by column of `COLUMNS`)."""
    terms = terms or Terms()
    report = Report()
    query = select(EventSource.source_id, EventSource.event_id)
    known = {source_id: event_id for source_id, event_id in session.execute(query).tuples() if source_id}
    rows = list(rows)
    without_id = {line: _content(cells) for line, cells in rows if not clean(cells.get("id", ""))}
    terms, contents = terms.for_repeated(without_id), row_contents.stored(session, terms) if without_id else {}
    wanted, again = _identified(rows, known | contents, terms, report)
    stored = _stored(session, [row.event_id for row in wanted])
    stewards = {code for code, organisation in reference.organisations.items() if organisation.member}
    for row in wanted:
        row.event = stored.get(row.event_id)
        _read(row, terms, stewards, reference)
    if terms.organisation:
        older = stale_rows.older(session, [(row.event, row.given) for row in wanted if row.event])
        for row in wanted:
            row.then = older.get(row.event_id)
    _tell_repeated(again, {row.line: row for row in wanted}, terms, stewards, report, reference)
    for row, record in _with_references(session, wanted, known, report, terms, reference):
        old = record_of(row.event) if row.event else None
        report.warnings |= {row.line: row.warnings} if row.warnings else {}
        if notes := row.read.notes + (notes_of(old, record, row.cells) if terms.organisation else []):
            report.notes[row.line] = notes
        if row.event is None:
            _create(session, row, record, change, reference)
            report.created.append((row.line, row.title))
        elif fields := _changed(session, row.event, row, record, change, reference):
            report.changed.append((row.line, row.title, fields))
        else:
            report.unchanged += 1
            report.same.append((row.line, row.title))
            continue
        if terms.detailed:
            report.landed.append(Landed(row.line, row.event_id, as_json(old) if old else None, as_json(record)))
    session.flush()
    report.rejected.sort()
    return report


def _read(row: _Row, terms: Terms, stewards: set[str], reference: Reference) -> None:
    """Read the cells of a row over its event, or over nothing."""
    base = record_of(row.event) if row.event else EventRecord()
    row.called = in_language(base.titles, "en")[0] if row.event and terms.sees(row.event) else ""
    told_cells = {name: text for name, text in row.cells.items() if row.event is None or name not in terms.guessed}
    row.read = read_row(told_cells, base, reference, terms.zone)
    if told := terms.problems.get(row.line):
        # They say why a cell is not understood, of which the reading only says that it is not.
        cells = tuple(problem.partition(" ")[0] + " is" for problem in told)
        row.read.problems = [*told, *(problem for problem in row.read.problems if not problem.startswith(cells))]
    if terms.organisation and row.event is None:
        row.read.values["steward"] = row.read.values.get("steward") or terms.organisation
    if stage := stage_of(terms, row.event, row.given.get("stage", ""), row.read.values.get("status", base.status)):
        row.read.values["stage"] = stage
    _complete(row, base, stewards)


def _tell_repeated(
    again: list[tuple[_Row, int]],
    by_line: dict[int, _Row],
    terms: Terms,
    stewards: set[str],
    report: Report,
    reference: Reference,
) -> None:
    """Report the rows that name the event of an earlier line: they say the same, or they are refused."""
    for row, line in again:
        first = by_line[line]
        row.event = first.event
        _read(row, terms, stewards, reference)
        names = [name for name, value in row.read.values.items() if not _says_same(name, value, first.read.values)]
        if row.read.problems:
            report.rejected.append((row.line, row.title, row.read.problems))
        elif names:
            sentence = marked("it names the same event as line %(line)d, but says otherwise: %(fields)s.")
            report.rejected.append((row.line, row.title, [in_english(sentence, line=line, fields=names)]))
        else:
            report.repeated.append((row.line, row.title, line))


def _says_same(name: str, value: Any, others: dict[str, Any]) -> bool:  # noqa: ANN401
    """Tell whether two rows of one event say the same in a field, however they spell the title and word the dates."""
    if name == "titles":
        return {code: fold(text) for code, text in value.items()} == {c: fold(t) for c, t in others[name].items()}
    return name in {"date_text", "sources"} or bool(value == others.get(name))


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
    rows: Iterable[tuple[int, dict[str, str]]], known: dict[str, uuid.UUID], terms: Terms, report: Report
) -> tuple[list[_Row], list[tuple[_Row, int]]]:
    """Give each row the id of its event; a row that cannot have one of its own is rejected.

    Returned apart: rows without any id that seem to be the event of an earlier line, with that line.
    """
    wanted: list[_Row] = []
    again: list[tuple[_Row, int]] = []
    taken: dict[object, int] = {}
    for line, cells in rows:
        row = _row(line, cells, known, terms)
        if terms.choices.get(line) in {LEAVE, OPEN}:
            report.left.append((line, row.title))
        elif not row.names and row.event_id in taken:
            again.append((row, taken[row.event_id]))
        elif problem := _problem_of_names(row, known, taken):
            report.rejected.append((line, row.title, [problem]))
        else:
            taken.update(dict.fromkeys((row.event_id, *row.names), line))
            wanted.append(row)
    return wanted, again


def _row(line: int, given_cells: dict[str, str], known: dict[str, uuid.UUID], terms: Terms) -> _Row:
    """Find the id of a row's event: a UUID as it stands, an id at a source looked up, none from its content."""
    source, cells = terms.source, terms.cells(line, given_cells)
    text = clean(cells.get("id", ""))
    event_id = event_id_of(text) or event_id_of(terms.choices.get(line, ""))
    own = _at_source(source, text) if text and event_id_of(text) is None else ""
    given = lines_of(cells.get("source_ids", ""))
    if event_id is None:
        names = [name for name in (own, *(_at_source(source, name) for name in given)) if name]
        content = _content(cells)
        names += [] if own else [content]
        # What an organisation brings gets ids of its own: nobody learns of an event that only another one sees.
        made = own or (f"{terms.organisation}:{content}" if terms.organisation else content)
        event_id = next((known[name] for name in names if name in known), None) or source_event_id(made)
    # In an export that somebody works on, the event's sources keep the ids that they have in the calendar.
    sources = [name if known.get(name) == event_id else _at_source(source, name) for name in given]
    cells = {**cells, **({"id": own} if own else {}), **({"source_ids": "\n".join(sources)} if any(sources) else {})}
    return _Row(line, given_cells, cells, event_id, own, list(dict.fromkeys(filter(None, (own, *sources)))), source)


def _content(cells: dict[str, str]) -> str:
    """Return what stands for the id of a row that has none."""
    title = next(filter(None, (cells.get(f"title{code}", "") for code in ("", *(f"_{c}" for c in LANGUAGES)))), "")
    return row_contents.name_of(title, *(cells.get(name, "") for name in ("start", "date_text", "city")))


def _at_source(source: str, name: str) -> str:
    """Return the id under which the calendar keeps `name`, an id in a sheet of `source`."""
    return f"{source}:{name}" if source and name and not name.startswith(f"{source}:") else name


def _problem_of_names(row: _Row, known: dict[str, uuid.UUID], taken: dict[object, int]) -> str:
    """Return why a row's ids cannot stand, or "" if they can."""
    number = next((name for name in row.names if name.isdigit()), None)
    if number and event_id_of(clean(row.cells.get("id", ""))) is None:
        return in_english(
            "'%(id)s' is a bare number, which other sheets use too; say whose it is with --source NAME.", id=number[:40]
        )
    if too_long := next((name for name in row.names if len(name) > MAX_ID), None):
        return in_english(
            "'%(id)s' has %(count)d characters; an id may have %(most)d, that of its source counted.",
            id=too_long[:60],
            count=len(too_long),
            most=MAX_ID,
        )
    if foreign := next((name for name in row.names if known.get(name, row.event_id) != row.event_id), None):
        return in_english("'%(id)s' already belongs to another event.", id=foreign)
    clash = next((taken[key] for key in (row.event_id, *row.names) if key in taken), None)
    return in_english("it names the same event as line %(line)d.", line=clash) if clash else ""


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
    session: Session,
    wanted: list[_Row],
    known: dict[str, uuid.UUID],
    report: Report,
    terms: Terms,
    reference: Reference,
) -> list[tuple[_Row, EventRecord]]:
    """Look up the events that rows refer to; a row that refers to nothing, or to a rejected row, is rejected too."""
    by_name = known | {name: row.event_id for row in wanted for name in row.names}
    wholes = dict(session.execute(select(Event.id, Event.part_of_id)).tuples().all())
    good, hidden = wanted, terms.hidden(session, wholes)
    old = {row.event_id: record_of(row.event) if row.event else EventRecord() for row in wanted}
    while True:
        landing = wholes.keys() | {row.event_id for row in good}
        resolved = [(row, with_unseen(_resolved(row, by_name, landing), old[row.event_id], hidden)) for row in good]
        records = [(row, _newer(row, old[row.event_id], record)) for row, record in resolved]
        _refuse_circles(records, wholes)
        for row, record in records:
            if not row.read.problems and (
                problem := problem_of_rights(terms, row.event, old[row.event_id], record, reference)
            ):
                row.read.problems.append(problem)
        rejected = [row for row in good if row.read.problems]
        if not rejected:
            return records
        report.rejected += [(row.line, row.title, row.read.problems) for row in rejected]
        report.about |= {row.line: row.event_id for row in rejected if row.event and terms.sees(row.event)}
        good = [row for row in good if not row.read.problems]


def _newer(row: _Row, old: EventRecord, said: EventRecord) -> EventRecord:
    """Return what is taken of a row that may be older than its event, and note it with the row."""
    if row.then is None or said == old:
        return said
    record = stale_rows.with_newer(said, old, row.then)
    row.warnings = stale_rows.warnings_of(said, record)
    return record


def _resolved(row: _Row, by_name: dict[str, uuid.UUID], landing: AbstractSet[uuid.UUID]) -> EventRecord:
    """Return the row's record with its references looked up; what is not found becomes a problem of the row."""

    def find(column: str, text: str) -> uuid.UUID | None:
        found = event_id_of(text) or by_name.get(_at_source(row.source, text)) or by_name.get(text)
        if found in landing and found != row.event_id:
            return found
        sentence = in_english(
            "%(column)s names '%(text)s', which is no other event of the file or the calendar.",
            column=column,
            text=text[:60],
        )
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
        row.read.problems.append(
            in_english("merged_into differs from what the calendar has; a sheet cannot merge events.")
        )
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
            row.read.problems.append(in_english("part_of goes in a circle: the event would be part of itself."))


def export_rows(session: Session, reference: Reference) -> Iterator[dict[str, str]]:
    """Yield every event as the cells of a row, wholes before their parts as far as dates allow."""
    order = (Event.start.is_(None), Event.start, Event.end.desc(), Event.id)
    query = select(Event).where(visible_to(OPERATOR)).order_by(*order).options(*events.whole_record())
    for event in session.scalars(query):
        yield write_row(event, record_of(event), reference)
