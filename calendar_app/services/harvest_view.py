"""What a run of a source looks at: what it said before, and what the calendar has of the same events."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from calendar_app.models import Event, EventSource, Proposal, Source, SourceItem
from calendar_app.planning.dates import ONE_DAY
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import proposals
from calendar_app.services.duplicates import FINISHED
from calendar_app.services.reconciling import Known, Remembered
from calendar_app.services.source_units import UNITS

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

_LONGEST_NOTE_ID = 120
_AT_ONCE = 500
_DAYS = (Event.start, Event.end)
_COLUMNS = (
    *(getattr(Event, name) for names in UNITS.values() for name in names if name != "span"),
    *_DAYS,
    Event.id,
    Event.steward_code,
    Event.stage,
)
_WAITING = (Stage.SUBMITTED, Stage.CHANGES_REQUESTED)


@dataclass(frozen=True, slots=True)
class View:
    """`remembered` by id in the source, `calendar` by event, `items` the rows behind `remembered`.

    `notes` are what each of these events says of its sources, by the id of the note: address, dates and what it
    contradicts. `proposals` are
    what the source proposed and nobody has decided on, by event.
    """

    source_id: int
    owner: str
    today: date
    items: Mapping[str, SourceItem]
    remembered: Mapping[str, Remembered]
    calendar: Mapping[uuid.UUID, Known]
    notes: Mapping[str, tuple[str, str, str]]
    proposals: Mapping[uuid.UUID, Proposal]

    def with_events(self, session: Session, ids: Collection[uuid.UUID]) -> View:
        """Return the view with more events of the calendar."""
        more = _known(session, [i for i in ids if i not in self.calendar], self.owner, self.today, frozenset())
        return replace(self, calendar={**self.calendar, **more})


def view_of(session: Session, source: Source, today: date) -> View:
    """Return what a run looks at; items of events that were merged lead to the events they became."""
    into = merged(session)
    items = {item.uid: item for item in session.scalars(select(SourceItem).where(SourceItem.source_id == source.id))}
    became = {uid: became_of(item.event_id, into) for uid, item in items.items()}
    remembered = {
        uid: Remembered(
            uid, became[uid], item.said, item.kept, item.made and became[uid] == item.event_id,
            is_missing=item.missing_since is not None, is_gone=item.gone_at is not None,
        )
        for uid, item in items.items()
    }  # fmt: skip
    notes, shared = _notes(session, source, items, became)
    calendar = _known(session, list(set(became.values())), source.owner_code, today, shared)
    # What is only tried has no number so far.
    open_ones = proposals.of_source(session, source.id) if source.id else []
    waiting = {proposal.event_id: proposal for proposal in open_ones}
    calendar |= {
        event_id: replace(calendar[event_id], proposed=proposal.after)
        for event_id, proposal in waiting.items()
        if event_id in calendar
    }
    return View(source.id, source.owner_code, today, items, remembered, calendar, notes, waiting)


def merged(session: Session) -> dict[uuid.UUID, uuid.UUID | None]:
    """Return for events that were merged what they were merged into."""
    query = select(Event.id, Event.merged_into_id).where(Event.merged_into_id.is_not(None))
    return dict(session.execute(query).tuples().all())


def became_of(event_id: uuid.UUID, into: Mapping[uuid.UUID, uuid.UUID | None]) -> uuid.UUID:
    """Return the event that an event became by all merges, itself if it was not merged."""
    while following := into.get(event_id):
        event_id = following
    return event_id


def note_id(source: Source, uid: str) -> str:
    """Return the id of a source's note on an event: that of the event in the source, kept apart from all others."""
    whole = f"{source.slug}:{uid}"
    return whole if len(whole) <= _LONGEST_NOTE_ID else f"{source.slug}:{hashlib.sha256(uid.encode()).hexdigest()}"


def _notes(
    session: Session, source: Source, items: Mapping[str, SourceItem], became: Mapping[str, uuid.UUID]
) -> tuple[dict[str, tuple[str, str, str]], frozenset[uuid.UUID]]:
    """Return what the notes of this source say, by their ids, and which events stand elsewhere too."""
    ours = {item.note for item in items.values()}
    elsewhere = select(SourceItem.note).where(SourceItem.gone_at.is_not(None), SourceItem.source_id != source.id)
    gone = set(session.scalars(elsewhere))
    notes: dict[str, tuple[str, str, str]] = {}
    shared: set[uuid.UUID] = set()
    of_ours = select(SourceItem.event_id).where(SourceItem.source_id == source.id)
    merged = select(Event.merged_into_id).where(Event.id.in_(of_ours), Event.merged_into_id.is_not(None))
    # What stands in a source of others, whose notes are not on events that they do not keep.
    also = select(SourceItem.event_id).where(
        SourceItem.source_id != source.id,
        SourceItem.gone_at.is_(None),
        or_(SourceItem.event_id.in_(of_ours), SourceItem.event_id.in_(merged)),
    )
    shared |= set(session.scalars(also))
    query = select(
        EventSource.event_id, EventSource.source_id, EventSource.url, EventSource.dates, EventSource.conflicts
    ).where(or_(EventSource.event_id.in_(of_ours), EventSource.event_id.in_(merged)))
    for event_id, name, *says in session.execute(query).tuples():
        if name in ours:
            notes[name] = (says[0], says[1], says[2])
        elif name not in gone:
            shared.add(event_id)
    living = Counter(became[uid] for uid, item in items.items() if item.gone_at is None)
    return notes, frozenset(shared | {event_id for event_id, count in living.items() if count > 1})


def _known(
    session: Session, ids: list[uuid.UUID], owner: str, today: date, shared: frozenset[uuid.UUID]
) -> dict[uuid.UUID, Known]:
    found = {}
    for first in range(0, len(ids), _AT_ONCE):
        for row in session.execute(select(*_COLUMNS).where(Event.id.in_(ids[first : first + _AT_ONCE]))):
            found[row.id] = Known(
                _state(row),
                is_ours=row.steward_code == owner,
                is_over=row.end is None or row.end <= today,
                is_dead=row.stage in FINISHED,
                is_waiting=row.stage in _WAITING,
                others=row.id in shared,
            )
    return found


def _state(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of SQLAlchemy
    """Return the fields of a row as JSON, as `records.as_json` writes them."""
    state = {name: getattr(row, name) for names in UNITS.values() for name in names if name != "span"}
    state["span"] = [row.start.isoformat(), (row.end - ONE_DAY).isoformat()] if row.start else None
    return state
