"""Rows of an export that is older than the calendar: what somebody has entered since is not taken back unseen.

An export holds every field of an event. What it says of a field that nobody touched in the sheet, but somebody did in
the calendar, is not what whoever sends it wants to say.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Revision
from calendar_app.services.differences import fields_of, unit_of
from calendar_app.services.records import FIELDS, as_json
from calendar_app.services.row_cells import event_id_of
from calendar_app.services.sentences import in_english

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.records import EventRecord

_BATCH = 500


def older(session: Session, rows: Iterable[tuple[Event, Mapping[str, str]]]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return, of events that were changed since their rows were written, the fields that were, as they were then.

    `rows` are events with the cells that stand in the sheet. A field that was not known then is missing: of a row that
    tells only its sequence, all of them.
    """
    found: dict[uuid.UUID, dict[str, Any]] = {}
    moments: dict[uuid.UUID, datetime] = {}
    for event, cells in rows:
        # Only rows of our own exports carry our bookkeeping.
        if event_id_of(cells.get("id", "").strip()) != event.id:
            continue
        moment, sequence = _moment(cells.get("last_modified", "")), cells.get("sequence", "").strip()
        if moment and moment < event.last_modified:
            found[event.id], moments[event.id] = {}, moment
        elif re.fullmatch(r"[0-9]{1,7}", sequence) and int(sequence) < event.sequence:
            found[event.id] = {}
    wanted = list(moments)
    for first in range(0, len(wanted), _BATCH):
        batch = Revision.event_id.in_(wanted[first : first + _BATCH])
        query = select(Revision.event_id, Revision.at, Revision.before).where(batch).order_by(Revision.id)
        for event_id, at, before in session.execute(query).tuples():
            if at > moments[event_id]:
                for name in before.keys() & set(FIELDS):
                    found[event_id].setdefault(name, before[name])
    return found


def _moment(text: str) -> datetime | None:
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return given if given.tzinfo else None


def with_newer(record: EventRecord, old: EventRecord, then: Mapping[str, Any]) -> EventRecord:
    """Return what a row says of an event, but in the fields in which it only repeats what they were `then`.

    What dates mean takes several fields: they stay together, or go together.
    """
    said, was = as_json(record), {**as_json(old), **then}
    units = dict.fromkeys(map(unit_of, then))
    kept = [fields for fields in map(fields_of, units) if all(said[name] == was[name] for name in fields)]
    return replace(record, **{name: getattr(old, name) for fields in kept for name in fields})


def warnings_of(said: EventRecord, record: EventRecord) -> list[str]:
    """Return what has to be told of a row that is older than its event: it `said` this, and this is taken of it."""
    told: list[str] = [in_english("The event was changed in the calendar since this file was made.")]
    if kept := [name for name in FIELDS if getattr(said, name) != getattr(record, name)]:
        told.append(in_english("What was entered there since stays: %(fields)s.", fields=kept))
    return told
