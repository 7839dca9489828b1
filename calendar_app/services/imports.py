"""A file on its way into the calendar as an organisation's: read, matched, looked through, carried out, undone.

A preview is the same work as carrying it out, in a transaction that its caller does not keep.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from calendar_app.models import Event, Import, Revision
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import differences, duplicates, events, feed_rows, import_files, importing, matching, sheets
from calendar_app.services.events import Change
from calendar_app.services.import_terms import BACK, LEAVE, NEW, OPEN, Terms
from calendar_app.services.record_values import from_json
from calendar_app.services.records import FIELDS, EventRecord, in_language, record_of
from calendar_app.services.sentences import in_english, stored

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.duplicates import Facts
    from calendar_app.services.import_report import Landed, Report
    from calendar_app.services.reference import Reference
    from calendar_app.services.sheets import Sheet

PREVIEW, WAITING, APPLIED, UNDONE = "preview", "waiting", "applied", "undone"
# In these states an import may be read otherwise.
OPEN_STATES = frozenset({import_files.COLUMNS_STATE, PREVIEW})
LARGEST = 8 * 1024 * 1024
KEPT = timedelta(days=30)
# From here on a row that may be an event of the calendar does not come in as a new one before somebody says so.
_STRONG = 75
_BATCH = 500


class StoppedError(Exception):
    """Somebody stopped the import before it was carried out."""


def start(
    session: Session, person: Person, organisation: str, actor: str, name: str, data: bytes, now: datetime, today: date
) -> Import:
    """Keep a file that was sent. Raises `SheetError` if it cannot be read, or has too many rows."""
    made = Import(
        id=uuid.uuid4(), organisation_code=organisation, account_id=person.account_id, actor=actor,
        filename=name[-200:], data=data, made_at=now, state=import_files.COLUMNS_STATE,
        settings={"stage": str(Stage.DRAFT)}, choices={}, report={},
    )  # fmt: skip
    if import_files.is_ics(made):
        count = len(import_files.sheet_of(made, today).rows)
        if count > import_files.MOST_ROWS:
            raise sheets.SheetError(sheets.too_many(name, import_files.MOST_ROWS))
    else:
        tables = import_files.tables_of(made)
        # Where one worksheet has no rows another one can be chosen.
        count = import_files.guess(session, made, tables) or len(tables) - 1
        import_files.carry(session, made, tables)
    if count <= 0:
        raise sheets.SheetError(in_english("%(file)s has nothing in it that could be an event.", file=name))
    session.add(made)
    return made


def carry_out(session: Session, made: Import, sheet: Sheet, now: datetime, reference: Reference) -> Report:
    """Bring the rows in, as the import says; the caller keeps it, or not."""
    terms = Terms(
        organisation=made.organisation_code,
        stage=Stage(made.settings.get("stage", Stage.DRAFT)),
        problems=sheet.problems,
        choices={int(line): choice for line, choice in made.choices.items()},
        detailed=True,
        zone=sheet.zone,
        guessed=feed_rows.GUESSED if import_files.is_ics(made) else (),
    )
    reason = made.settings.get("reason") or f"Import of {made.filename}"
    change = Change(made.actor, now, reason, made.account_id, decision=made.decision, import_id=made.id)
    rows = feed_rows.leave_own(session, sheet.rows) if import_files.is_ics(made) else sheet.rows
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
    sheet = import_files.sheet_of(made, today, zone)
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
