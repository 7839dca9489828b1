"""A sheet of the exchange round that is sent back in: what it would change, and changing it when somebody says so.

It changes an organisation's own events that are published or scheduled, in what the workbook has columns for. New rows
become events that wait for the organisation's decision.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Event, RoundReply
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services import differences, editing, event_work, events, round_sheets, sheets
from calendar_app.services.calendar import Viewer, can_see
from calendar_app.services.columns import write_row
from calendar_app.services.field_words import FieldWords
from calendar_app.services.file_kinds import packed_sizes
from calendar_app.services.proposals import PUBLIC_FIELDS
from calendar_app.services.records import EventRecord, as_json, record_of
from calendar_app.services.round_sheets import COLUMNS, VERSION, row_of
from calendar_app.services.row_cells import event_id_of
from calendar_app.services.row_reading import read_row
from calendar_app.services.sentences import in_words, stored
from calendar_app.services.signatures import signed
from calendar_app.services.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from calendar_app.services.events import Change
    from calendar_app.services.reference import Reference
    from calendar_app.services.wording import Words

MOST_ROWS = 1000
# What a workbook may come to when it is unpacked.
_MOST_BYTES = 30 * 1024 * 1024
_SHOWN = (Stage.PUBLISHED, Stage.SCHEDULED)
# Ids of new rows are made from what they say, so that the same row enters one event; never to change.
_NEW_ROWS = uuid.UUID("3c5c0f0e-6a3b-4d0e-9a57-0f6f5f2f7d11")
# Read together or not at all.
_DATES = frozenset({"start", "end", "date_precision", "date_text"})
_NOT_EDITED = frozenset({"id", VERSION})


class RowKind(StrEnum):
    """What comes of a row."""

    CHANGED = "changed"
    NEW = "new"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row with what comes of it: `record` is the event as it would be, `number` the last change of it as it is.

    `reasons` say why it is refused, in the reader's language.
    """

    line: int
    title: str
    kind: RowKind
    event_id: uuid.UUID | None = None
    number: int = 0
    record: EventRecord | None = None
    differences: list[differences.Difference] = field(default_factory=list)
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Applied:
    """What was done: rows that changed an event, rows that entered one, and rows left because something came between.

    Each is its title, the id of its event, and of changed ones the names of the fields.
    """

    changed: list[tuple[str, uuid.UUID, tuple[str, ...]]] = field(default_factory=list)
    new: list[tuple[str, uuid.UUID]] = field(default_factory=list)
    left: list[tuple[str, uuid.UUID]] = field(default_factory=list)


# ---------- Receiving ----------


def read(path: Path, words: Words) -> sheets.Sheet:
    """Read a .xlsx or .csv file. Raises `SheetError` with a sentence for the person who sent it."""
    if path.suffix.casefold() == ".xlsx" and sum(packed_sizes(path.read_bytes()).values()) > _MOST_BYTES:
        raise sheets.SheetError(words.gettext("The workbook is too large. Send the rows that changed alone."))
    sheet = sheets.read_sheet(path, COLUMNS)
    if len(sheet.rows) > MOST_ROWS:
        message = words.gettext("The sheet has more than %(num)d rows. Send the rows that changed alone.")
        raise sheets.SheetError(message % {"num": MOST_ROWS})
    return sheet


def store(
    session: Session, sheet: sheets.Sheet, filename: str, month: date, organisation: str, sent_by: str, now: datetime
) -> RoundReply:
    """Keep the rows of a sheet until somebody applies them; nothing of the calendar changes."""
    reply = RoundReply(
        id=uuid.uuid4(),
        month=month,
        organisation_code=organisation,
        sent_by=sent_by[:300],
        filename=clean(filename)[:200],
        rows=[
            {"line": line, "cells": {name: clean(text) for name, text in cells.items()}} for line, cells in sheet.rows
        ],
        remarks=[stored(remark) for remark in sheet.remarks if not _is_about_the_guide(remark)],
        sent_at=now,
    )
    session.add(reply)
    session.flush()
    return reply


def _is_about_the_guide(remark: str) -> bool:
    """Tell whether a remark says no more than that the sheet with what to do was left out."""
    return remark.startswith("Only the worksheet “Calendar”") and remark.count("“") == 2  # noqa: PLR2004 - it and one more


# ---------- Looking ----------


def plan(session: Session, reply: RoundReply, reference: Reference, words: Words) -> list[PlannedRow]:
    """Return what each row would do to the calendar as it is now."""
    ids = [
        event_id_of(row["cells"].get("id", "")) or _id_of_new(reply.organisation_code, row["cells"])
        for row in reply.rows
    ]
    found = _stored(session, ids)
    numbers = round_sheets.last_numbers(session, found)
    planner = _Planner(session, reply.organisation_code, reference, words, found, numbers)
    return [planner.planned(row["line"], row["cells"]) for row in reply.rows]


def _stored(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, Event]:
    query = select(Event).where(Event.id.in_(ids)).options(*events.whole_record())
    return {event.id: event for event in session.scalars(query)}


class _Planner:
    """Looks at the rows of one sheet, one after the other."""

    def __init__(
        self,
        session: Session,
        organisation: str,
        reference: Reference,
        words: Words,
        stored: Mapping[uuid.UUID, Event],
        numbers: Mapping[uuid.UUID, int],
    ) -> None:
        self.session, self.organisation, self.reference, self.words = session, organisation, reference, words
        self.stored, self.numbers = stored, numbers
        self.fields = FieldWords(words)
        self.lines: dict[uuid.UUID, int] = {}

    def planned(self, line: int, cells: Mapping[str, str]) -> PlannedRow:
        """Return what comes of a row."""
        row = PlannedRow(line, " ".join(cells.get("title", "").split())[:200], RowKind.REFUSED)
        text = cells.get("id", "")
        event_id = event_id_of(text)
        if text and event_id is None:
            return self._refused(row, self._unknown())
        if event_id is None:
            return self._new(row, cells)
        if event_id in self.lines:
            return self._refused(row, self._same_as(event_id))
        self.lines[event_id] = line
        event = self.stored.get(event_id)
        if reason := self._not_own(event):
            return self._refused(row, reason)
        return self._change(row, event, cells) if event else row

    def _refused(self, row: PlannedRow, *reasons: str) -> PlannedRow:
        return replace(row, kind=RowKind.REFUSED, reasons=tuple(in_words(why, self.words) for why in reasons))

    def _unknown(self) -> str:
        return self.words.gettext("Its grey cell names no event here. Leave the cell empty for a new event.")

    def _same_as(self, event_id: uuid.UUID) -> str:
        sentence = self.words.gettext("It is about the same event as line %(line)d.")
        return sentence % {"line": self.lines[event_id]}

    def _not_own(self, event: Event | None) -> str:
        """Return why a sheet of this organisation cannot change an event, "" if it can."""
        if event is None or not can_see(Viewer(frozenset({self.organisation})), event):
            return self._unknown()
        if event.steward_code != self.organisation:
            name = self.words.isolated(self.words.organisation(event.steward_code, event.steward_code))
            sentence = self.words.gettext("%(organisation)s keeps this event. Sign in to propose a change to them.")
            return sentence % {"organisation": name}
        if event.stage not in _SHOWN:
            return self.words.gettext("This event is not published. Change it in the calendar, signed in.")
        return ""

    def _change(self, row: PlannedRow, event: Event, cells: Mapping[str, str]) -> PlannedRow:
        """Compare a row with the record with which it was written, and put what differs over the record as it is."""
        last = self.numbers.get(event.id, 0)
        number = _number(cells.get(VERSION, ""), last)
        current = record_of(event)
        # Only what somebody changed since is asked for one by one.
        base = current if number == last else editing.base_of(self.session, event, number)
        edited = _edited(cells, row_of(write_row(event, base, self.reference)))
        row = replace(row, event_id=event.id, number=last, title=row.title or event.titles.get("en", ""))
        if not edited:
            return replace(row, kind=RowKind.UNCHANGED)
        read_ = read_row(edited, base, self.reference)
        if read_.problems:
            return self._refused(row, *read_.problems)
        wanted = replace(base, **read_.values)
        record = wanted
        if number != last:
            outcome = editing.over_current(self.session, event, number, wanted, PUBLIC_FIELDS, self.fields)
            if both := [change for change in outcome.meanwhile if change.both]:
                return self._refused(row, *(self._meanwhile(change) for change in both))
            record = outcome.record
        if current == record:
            return replace(row, kind=RowKind.UNCHANGED)
        found = differences.differences(as_json(current), as_json(record), self.fields, internal=False)
        return replace(row, kind=RowKind.CHANGED, record=record, differences=found)

    def _meanwhile(self, change: editing.Meanwhile) -> str:
        sentence = self.words.gettext("%(field)s: %(actor)s has changed it meanwhile, to “%(new)s”.")
        values = {
            "field": change.label,
            "actor": self.words.isolated(signed(self.words, change.actor)),
            "new": self.words.isolated(change.new),
        }
        return sentence % values

    def _new(self, row: PlannedRow, cells: Mapping[str, str]) -> PlannedRow:
        given = {name: text for name, text in cells.items() if name not in _NOT_EDITED}
        event_id = _id_of_new(self.organisation, given)
        if event_id in self.lines:
            return self._refused(row, self._same_as(event_id))
        self.lines[event_id] = row.line
        if event_id in self.stored:
            return replace(row, kind=RowKind.UNCHANGED, event_id=event_id)
        read_ = read_row(given, EventRecord(), self.reference)
        if read_.problems:
            return self._refused(row, *read_.problems)
        record = replace(EventRecord(), **read_.values, steward=self.organisation, stage=Stage.SUBMITTED)
        found = differences.differences(as_json(EventRecord()), as_json(record), self.fields, internal=False)
        shown = [difference for difference in found if difference.name not in {"steward", "stage"}]
        return replace(row, kind=RowKind.NEW, event_id=event_id, record=record, differences=shown)


def _number(text: str, last: int) -> int:
    """Return the number of the change with which a row was written; the last one if the sheet does not say."""
    fits = text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - fits a column
    return min(int(text), last) if fits and int(text) else last


def _edited(cells: Mapping[str, str], written: Mapping[str, str]) -> dict[str, str]:
    """Return the cells that somebody changed since the sheet was written; of dates all, because they mean one thing."""
    edited = {
        name
        for name, text in cells.items()
        if name not in _NOT_EDITED and text.split() != written.get(name, "").split()
    }
    if edited & _DATES:
        edited |= _DATES & cells.keys()
    return {name: cells[name] for name in edited}


def _id_of_new(organisation: str, cells: Mapping[str, str]) -> uuid.UUID:
    when = cells.get("start", "")[:10] or cells.get("date_text", "")
    said = (cells.get("title", ""), when, cells.get("city", ""))
    return uuid.uuid5(_NEW_ROWS, "|".join((organisation, *map(fold, said))))


# ---------- Applying ----------


def apply(
    session: Session,
    reply: RoundReply,
    planned: Collection[PlannedRow],
    seen: Mapping[uuid.UUID, int],
    made: Change,
    reference: Reference,
    kept: Collection[uuid.UUID] = (),
) -> Applied:
    """Do what a person saw that the rows would do, `planned` anew in this transaction; return what was done.

    `seen` has the number of the last change of each event as the person saw it, 0 for a new one: what changed since is
    left, and so are the events of `kept`. Done again it does nothing, because nothing is left to change.
    """
    applied = Applied()
    for row in planned:
        if row.record is None or row.event_id is None or seen.get(row.event_id) is None:
            continue
        if seen[row.event_id] != row.number or row.event_id in kept:
            applied.left.append((row.title, row.event_id))
        elif row.kind is RowKind.NEW:
            events.create(session, row.event_id, row.record, replace(made, action="submitted"), reference)
            applied.new.append((row.title, row.event_id))
        else:
            event = session.get_one(Event, row.event_id)
            cancels = row.record.status is Status.CANCELLED and event.status != Status.CANCELLED
            record = event_work.released(row.record) if cancels else row.record
            fields = events.change(session, event, record, made, reference)
            applied.changed.append((row.title, row.event_id, fields))
    reply.applied_at = events.whole_second(made.now)
    reply.report = json.dumps(_as_json(applied))
    session.flush()
    return applied


def report_of(reply: RoundReply) -> dict[str, Any]:
    """Return what was done last, as `apply` kept it: lists of `changed`, `new` and `left`; empty if nothing was."""
    report: dict[str, Any] = json.loads(reply.report) if reply.report else {}
    return report


def _as_json(applied: Applied) -> dict[str, Any]:
    return {
        "changed": [{"title": t, "id": str(i), "fields": list(fields)} for t, i, fields in applied.changed],
        "new": [{"title": title, "id": str(event_id)} for title, event_id in applied.new],
        "left": [{"title": title, "id": str(event_id)} for title, event_id in applied.left],
    }
