"""A file on its way into the calendar as an organisation's: read, matched, looked through, carried out, undone.

A preview is the same work as carrying it out, in a transaction that its caller does not keep.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from calendar_app.models import Event, Import, RememberedColumns, Revision
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import differences, duplicates, events, feed_rows, importing, matching, sheets
from calendar_app.services.columns import COLUMNS
from calendar_app.services.events import Change
from calendar_app.services.import_terms import BACK, LEAVE, NEW, OPEN, Terms
from calendar_app.services.record_values import from_json
from calendar_app.services.records import FIELDS, EventRecord, in_language, record_of
from calendar_app.services.refused_sheets import own_columns
from calendar_app.services.sentences import in_english, stored
from calendar_app.services.text import fold
from calendar_app.services.written_dates import Order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.duplicates import Facts
    from calendar_app.services.import_report import Landed, Report
    from calendar_app.services.reference import Reference
    from calendar_app.services.sheets import Layout, Sheet
    from calendar_app.services.tables import Table

COLUMNS_STATE, PREVIEW, WAITING, APPLIED, UNDONE = "columns", "preview", "waiting", "applied", "undone"
LARGEST = 8 * 1024 * 1024
MOST_ROWS = 5_000
KEPT = timedelta(days=30)
# From here on a row that may be an event of the calendar does not come in as a new one before somebody says so.
_STRONG = 75
_BATCH = 500
# Among how many imports of the organisation the one is looked for whose refused rows come back.
_MOST_EARLIER = 100


class StoppedError(Exception):
    """Somebody stopped the import before it was carried out."""


def start(
    session: Session, person: Person, organisation: str, actor: str, name: str, data: bytes, now: datetime, today: date
) -> Import:
    """Keep a file that was sent. Raises `SheetError` if it cannot be read, or has too many rows."""
    made = Import(
        id=uuid.uuid4(), organisation_code=organisation, account_id=person.account_id, actor=actor,
        filename=name[-200:], data=data, made_at=now, state=COLUMNS_STATE, settings={}, choices={}, report={},
    )  # fmt: skip
    if is_ics(made):
        made.settings = {"stage": str(Stage.DRAFT)}
        count = len(sheet_of(made, today).rows)
    else:
        table, _remarks = table_of(made)
        header = sheets.layout_of(table, {}).header
        layout = sheets.layout_of(table, _remembered(session, organisation, table, header))
        made.settings = _settings(layout) | {"stage": str(Stage.DRAFT)} | _carried(session, organisation, table, header)
        # Not every cell of a sheet that is too large is looked at.
        count = sum(any(cell.strip() for cell in cells) for _line, cells in table.rows[header:])
    if not count:
        raise sheets.SheetError(in_english("%(file)s has nothing in it that could be an event.", file=name))
    if count > MOST_ROWS:
        raise sheets.SheetError(sheets.too_many(name, MOST_ROWS))
    session.add(made)
    return made


def is_ics(made: Import) -> bool:
    """Tell whether the file is a calendar, which has no columns to match."""
    return made.filename.casefold().endswith(".ics")


def table_of(made: Import) -> tuple[Table, list[str]]:
    """Return the table of a file that is a sheet, and remarks about it. Raises `SheetError`."""
    return sheets.table_of(made.filename, made.data or b"", COLUMNS, MOST_ROWS)


def layout_of(made: Import) -> Layout:
    """Return how the file is to be read."""
    order = made.settings.get("order")
    columns = tuple(made.settings.get("columns", ()))
    return sheets.Layout(made.settings.get("header", 0), columns, Order(order) if order else None)


def _settings(layout: Layout) -> dict[str, Any]:
    order = str(layout.order) if layout.order else ""
    return {"header": layout.header, "columns": list(layout.columns), "order": order}


def match(session: Session, made: Import, layout: Layout, stage: Stage, reason: str) -> None:
    """Take the fields that a person chose for the columns, and remember them for the next file of the organisation."""
    made.settings = _settings(layout) | {"stage": str(stage), "reason": reason}
    made.choices = {}
    if is_ics(made) or not layout.header:
        return
    names, own = _names(table_of(made)[0], layout.header)
    chosen = {name: column for name, column in zip(names, layout.columns[own:], strict=False) if name}
    key = (made.organisation_code, _digest(names))
    made.settings = made.settings | {"digest": key[1]}
    row = session.get(RememberedColumns, key)
    if row is None:
        session.add(RememberedColumns(organisation_code=key[0], digest=key[1], columns=chosen))
    else:
        row.columns = chosen


def _remembered(session: Session, organisation: str, table: Table, header: int) -> dict[str, str]:
    if not header:
        return {}
    row = session.get(RememberedColumns, (organisation, _digest(_names(table, header)[0])))
    return row.columns if row else {}


def _carried(session: Session, organisation: str, table: Table, header: int) -> dict[str, Any]:
    """Return what else was chosen for the file whose refused rows this is, nothing for another file."""
    names, own = _names(table, header) if header else ([], 0)
    if not own:
        return {}
    query = select(Import.settings).where(Import.organisation_code == organisation, Import.state != COLUMNS_STATE)
    earlier = session.scalars(query.order_by(Import.made_at.desc()).limit(_MOST_EARLIER))
    digest = _digest(names)
    before: dict[str, Any] = next((settings for settings in earlier if settings.get("digest") == digest), {})
    return {name: before[name] for name in ("order", "stage", "reason") if before.get(name)}


def _names(table: Table, header: int) -> tuple[list[str], int]:
    """Return the folded names of columns without those that begin a sheet of refused rows, and how many these are."""
    names = table.rows[header - 1][1]
    own = own_columns(names)
    return list(map(fold, names[own:])), own


def _digest(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def as_sent(made: Import) -> tuple[list[str], dict[int, list[str]]]:
    """Return the header of a sheet and its rows by line, as they stand in the file; none of a calendar or without file.

    Where no row is a header, the fields of the columns are.
    """
    if is_ics(made) or made.data is None:
        return [], {}
    try:
        table, _remarks = table_of(made)
    except sheets.SheetError:
        return [], {}
    header = made.settings.get("header", 0)
    names = table.rows[header - 1][1] if header else list(layout_of(made).columns)
    own = own_columns(names) if header else 0
    return names[own:], {line: cells[own:] for line, cells in table.rows[header:]}


def sheet_of(made: Import, today: date, zone: str = "UTC") -> Sheet:
    """Return the rows of the file. Raises `SheetError`."""
    if is_ics(made):
        return feed_rows.read_ics(made.filename, made.data or b"", today, zone)
    table, remarks = table_of(made)
    sheet = sheets.sheet_of(table, layout_of(made))
    sheet.zone = zone
    numbered = [cells.pop("id") for _line, cells in sheet.rows if cells.get("id", "").strip().isdigit()]
    if numbered:
        remarks = [
            *remarks,
            in_english("The numbers of the rows are not taken as ids: other sheets have them too."),
        ]
    sheet.remarks = remarks + sheet.remarks
    return sheet


def carry_out(session: Session, made: Import, sheet: Sheet, now: datetime, reference: Reference) -> Report:
    """Bring the rows in, as the import says; the caller keeps it, or not."""
    terms = Terms(
        organisation=made.organisation_code,
        stage=Stage(made.settings.get("stage", Stage.DRAFT)),
        problems=sheet.problems,
        choices={int(line): choice for line, choice in made.choices.items()},
        detailed=True,
        zone=sheet.zone,
        guessed=feed_rows.GUESSED if is_ics(made) else (),
    )
    reason = made.settings.get("reason") or f"Import of {made.filename}"
    change = Change(made.actor, now, reason, made.account_id, decision=made.decision, import_id=made.id)
    rows = feed_rows.leave_own(session, sheet.rows) if is_ics(made) else sheet.rows
    return importing.import_rows(session, rows, change, reference, terms)


def likely_ones(session: Session, made: Import, report: Report) -> dict[int, list[dict[str, Any]]]:
    """Return, by line, which events of the calendar the new rows may be, the likeliest first.

    Each as id, score and reasons, with `sure` if there is no doubt.
    """
    new = [landed for landed in report.landed if landed.before is None]
    records = [EventRecord(**from_json(landed.after)) for landed in new]
    viewer = Terms(organisation=made.organisation_code).viewer
    found = duplicates.likely_each(session, viewer, records, leave_out={landed.event_id for landed in new})
    facts = _facts(session, {one.event_id for likely in found for one in likely})
    told = {}
    for landed, record, likely in zip(new, records, found, strict=True):
        wanted = duplicates.facts_of(record)
        sure = [one.event_id for one in likely if matching.is_sure(wanted, facts[one.event_id])]
        told[landed.line] = [
            {"id": str(one.event_id), "score": one.score, "reasons": list(map(str, one.reasons))}
            | ({"sure": True} if sure == [one.event_id] else {})
            for one in likely
        ]
    return {line: likely for line, likely in told.items() if likely}


def _facts(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Facts]:
    """Return what is compared of events."""
    wanted = list(ids)
    found: dict[uuid.UUID, Facts] = {}
    for first in range(0, len(wanted), _BATCH):
        query = select(*duplicates.COMPARED).where(Event.id.in_(wanted[first : first + _BATCH]))
        found |= dict(map(duplicates.facts_of_row, session.execute(query)))
    return found


def chosen(likely: Mapping[int, list[dict[str, Any]]], typed: Mapping[str, str]) -> dict[str, str]:
    """Return what is decided on each line that may be an event of the calendar: what was typed, else what is sure.

    Of what is likely, but not sure, somebody has to decide: to be left out by mistake is mended by another look, a
    meeting that stands in the calendar twice is not.
    """
    decided = {}
    taken: set[str] = set()
    for line, found in likely.items():
        choice = typed.get(str(line), "")
        valid = {NEW, LEAVE, *(one["id"] for one in found)}
        if choice not in valid:
            sure = next((one["id"] for one in found if one.get("sure")), "")
            choice = OPEN if sure or found[0]["score"] >= _STRONG else NEW
            choice = sure if sure and sure not in taken else choice
        taken.add(choice)
        decided[str(line)] = choice
    return decided


def chosen_back(report: Report, typed: Mapping[str, str]) -> dict[str, str]:
    """Return what is decided on each line whose event is withdrawn: it comes back, or it was chosen to be left out."""
    lines = (str(landed.line) for landed in report.landed if _comes_back(landed))
    return {line: LEAVE if typed.get(line) == LEAVE else BACK for line in lines}


def _comes_back(landed: Landed) -> bool:
    before, after = landed.before or {}, landed.after
    return bool(before.get("stage") == Stage.WITHDRAWN and after["stage"] != Stage.WITHDRAWN)


def told(
    sheet: Sheet, report: Report, likely: Mapping[int, list[dict[str, Any]]], choices: Mapping[str, str]
) -> dict[str, Any]:
    """Return what becomes of each line of a file as JSON, in the order of the lines; nothing is left out."""
    rows: list[dict[str, Any]] = []
    landed = {entry.line: entry for entry in report.landed}
    for line, title in report.created:
        rows.append({"line": line, "title": title, "outcome": "new", **_states(landed[line])})
    for line, title, _fields in report.changed:
        states = _states(landed[line])
        outcome = BACK if _comes_back(landed[line]) else "changed"
        rows.append({"line": line, "title": title, "outcome": outcome, **states})
    rows += [{"line": line, "title": title, "outcome": "same"} for line, title in report.same]
    rows += [{"line": line, "title": title, "outcome": "repeated", "as": as_} for line, title, as_ in report.repeated]
    rows += [
        {"line": line, "title": title, "outcome": "refused", "problems": list(map(stored, problems))}
        for line, title, problems in report.rejected
    ]
    left = [(line, title, choices.get(str(line)) == OPEN) for line, title in report.left]
    rows += [{"line": line, "title": title, "outcome": OPEN if is_open else "left"} for line, title, is_open in left]
    rows += [{"line": line, "title": text, "outcome": "heading"} for line, text in sheet.headings]
    for row in rows:
        if about := report.about.get(row["line"]):
            row["event"] = str(about)
        row["notes"] = [stored(note) for notes in (report.notes, sheet.notes) for note in notes.get(row["line"], [])]
        row["warnings"] = list(map(stored, report.warnings.get(row["line"], [])))
        row["likely"] = likely.get(row["line"], [])
    return {"rows": sorted(rows, key=lambda row: row["line"]), "remarks": list(map(stored, sheet.remarks))}


def _states(landed: Landed) -> dict[str, Any]:
    """Return a row's event before and after: of a new one what is known, of a changed one what differs."""
    if landed.before is None:
        after = {name: value for name, value in landed.after.items() if value not in (None, "", [], {})}
        return {"event": str(landed.event_id), "before": {}, "after": after}
    units = differences.changed_units(landed.before, landed.after)
    names = [name for unit in units for name in differences.fields_of(unit)]
    before, after = ({name: state[name] for name in names} for state in (landed.before, landed.after))
    return {"event": str(landed.event_id), "before": before, "after": after}


def next_waiting(session: Session) -> Import | None:
    """Return the import that waits longest."""
    return session.scalar(select(Import).where(Import.state == WAITING).order_by(Import.made_at, Import.id).limit(1))


def apply(session: Session, made: Import, now: datetime, today: date, zone: str, reference: Reference) -> None:
    """Carry a waiting import out. Raises `StoppedError` if somebody stopped it meanwhile, `SheetError`."""
    sheet = sheet_of(made, today, zone)
    report = carry_out(session, made, sheet, now, reference)
    session.flush()
    # Other databases than SQLite show here what was committed since.
    if session.scalar(select(Import.state).where(Import.id == made.id)) != WAITING:
        raise StoppedError
    made.report = told(sheet, report, {}, made.choices)
    made.state, made.done_at, made.failed = APPLIED, now, ""


def revisions_of(session: Session, made: Import) -> list[Revision]:
    """Return the changes that came with an import, the last ones first."""
    query = select(Revision).where(Revision.import_id == made.id, Revision.action != "undone")
    return list(session.scalars(query.order_by(Revision.id.desc())))


def undo(session: Session, made: Import, by: Change, reference: Reference) -> None:
    """Take all of an import back: new events are withdrawn, changed ones become as they were.

    What somebody changed since stays, and is named in `report["kept"]`; `report["taken_back"]` counts the others.
    """
    kept: list[dict[str, str]] = []
    count = 0
    revisions = revisions_of(session, made)
    stored = {event.id: event for batch in _batches(revisions) for event in _events(session, batch)}
    last = {key: number for batch in _batches(revisions) for key, number in _last_numbers(session, batch)}
    for revision in revisions:
        event = stored[revision.event_id]
        if last[event.id] != revision.id or event.merged_into_id:
            kept.append({"event": str(event.id), "title": in_language(event.titles, "en")[0]})
            continue
        record = record_of(event)
        if revision.before:
            record = replace(record, **from_json({n: v for n, v in revision.before.items() if n in FIELDS}))
        else:
            record = replace(record, stage=Stage.WITHDRAWN)
        events.change(session, event, record, replace(by, action="undone"), reference)
        count += 1
    made.state, made.undone_at = UNDONE, by.now
    made.report = made.report | {"kept": kept, "taken_back": count}


def _batches(revisions: Sequence[Revision]) -> Iterator[list[uuid.UUID]]:
    """Yield the ids of the events of revisions, some hundreds at a time."""
    for first in range(0, len(revisions), _BATCH):
        yield [revision.event_id for revision in revisions[first : first + _BATCH]]


def _events(session: Session, ids: list[uuid.UUID]) -> Iterable[Event]:
    return session.scalars(select(Event).where(Event.id.in_(ids)).options(*events.whole_record()))


def _last_numbers(session: Session, ids: list[uuid.UUID]) -> Iterable[tuple[uuid.UUID, int]]:
    query = select(Revision.event_id, func.max(Revision.id)).where(Revision.event_id.in_(ids))
    return session.execute(query.group_by(Revision.event_id)).tuples()


def forget_files(session: Session, now: datetime) -> int:
    """Delete the files that were sent more than 30 days ago; return of how many imports."""
    query = select(Import).where(Import.made_at < now - KEPT, Import.data.is_not(None))
    old = session.scalars(query).all()
    for made in old:
        made.data = None
    return len(old)
