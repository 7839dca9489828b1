"""Merging two records of one event: the loser leads to the winner from then on, and nothing that it said is lost."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from calendar_app.models import Event, EventLink, Revision
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import events, preparation, stored_history
from calendar_app.services.differences import changed_units, fields_of
from calendar_app.services.event_form_lookup import is_within
from calendar_app.services.events import Change
from calendar_app.services.publishing import ACTOR
from calendar_app.services.record_values import from_json
from calendar_app.services.records import FIELDS, EventRecord, as_json, record_of
from calendar_app.services.stored_history import CannotUndoError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

    from calendar_app.services.reference import Reference

# Where a record stands and belongs is its own: never taken over.
_OWN = frozenset(
    "titles descriptions sources steward visibility stage publish_on status last_confirmed_at last_confirmed_by"
    " part_role part_label links options".split()
)
# What an event is to its whole is taken over with the whole.
_PART = ("part_of", "part_role", "part_label")
_FOLLOWED = "The record that this event names was merged into another one."


class CannotMergeError(Exception):
    """These two records cannot be merged."""


def may_merge(loser: Event, winner: Event) -> bool:
    """Tell whether one may be merged into the other: two living records that one organisation keeps."""
    dead = {Stage.REJECTED, Stage.WITHDRAWN}
    return (
        loser.id != winner.id
        and loser.steward_code == winner.steward_code
        and loser.merged_into_id is None
        and winner.merged_into_id is None
        and winner.stage not in dead
        and not hides(loser, winner)
    )


def hides(loser: Event, winner: Event) -> bool:
    """Tell whether merging would take an event away from people who see it, or call it off for them."""
    if winner.status == Status.CANCELLED != loser.status:
        return True
    return any(theirs > ours for theirs, ours in zip(_shown(loser), _shown(winner), strict=True))


def _shown(event: Event) -> tuple[int, int]:
    """Return how far an event is on its way to the public, and how many will see it there; 0 for what is not on it."""
    stage = {Stage.SCHEDULED: 1, Stage.PUBLISHED: 2}.get(Stage(event.stage), 0)
    return stage, list(Visibility).index(Visibility(event.visibility)) + 1 if stage else 0


def fillable(session: Session, loser: Event, winner: Event) -> list[str]:
    """Return what the loser knows and the winner does not, by the names of `differences`."""
    old, new = as_json(record_of(winner)), as_json(record_of(loser))
    units = [unit for unit in changed_units(old, new) if unit not in _OWN]
    if loser.part_of_id and "part_of" in units and is_within(session, loser.part_of_id, winner.id):
        units.remove("part_of")
    return [unit for unit in units if _says_nothing(old, unit) and not _says_nothing(new, unit)]


def _says_nothing(state: dict[str, Any], unit: str) -> bool:
    if unit == "span":
        return not state["span"] and not state["date_text"]
    return state[unit] in (None, "", [], {}, "unknown", "other")


def merge(
    session: Session, loser: Event, winner: Event, fill: Collection[str], made: Change, reference: Reference
) -> None:
    """Merge `loser` into `winner`, which takes over sources, languages that it lacks, and `fill` of `fillable`.

    Parts of the loser and events linked with it lead to the winner. Raises `CannotMergeError`.
    """
    if not may_merge(loser, winner):
        raise CannotMergeError
    made = replace(made, action="merged")
    taken = [unit for unit in fillable(session, loser, winner) if unit in fill]
    kept, gone = record_of(winner), record_of(loser)
    others = _pointing_at(session, loser, leave_out={winner.id})
    # A source's id is unique: it leaves the one before it comes to the other.
    stripped = replace(gone, sources=())
    events.change(session, loser, stripped, made, reference, {"merged_into": (None, str(winner.id))})
    session.flush()
    # What others keep only goes on leading to the event: neither the words nor the hand of who merges stand there.
    followed = Change(ACTOR, made.now, _FOLLOWED, action=made.action)
    for other in others:
        by = made if other.steward_code == winner.steward_code else followed
        events.change(session, other, _pointed(other, loser.id, winner.id), by, reference)
    record = _taken_over(_pointed(winner, loser.id, winner.id, kept), gone, taken, winner.id)
    told = [str(event.id) for event in (loser, *others)]
    events.change(session, winner, record, made, reference, {"merged": (None, told)})
    preparation.take_over(session, loser.id, winner.id)
    session.flush()


def _taken_over(kept: EventRecord, gone: EventRecord, taken: Iterable[str], winner_id: uuid.UUID) -> EventRecord:
    names = [name for unit in taken for name in (_PART if unit == "part_of" else fields_of(unit))]
    values = {name: getattr(gone, name) for name in names}
    links = [link for link in gone.links if link.other != winner_id and link not in kept.links]
    return replace(
        kept,
        **values,
        titles={**gone.titles, **kept.titles},
        descriptions={**gone.descriptions, **kept.descriptions},
        sources=(*kept.sources, *gone.sources),
        links=(*kept.links, *links),
    )


def _pointing_at(session: Session, event: Event, leave_out: Collection[uuid.UUID]) -> list[Event]:
    """Return the parts of an event and those that name it in a link."""
    linking = select(EventLink.event_id).where(EventLink.other_id == event.id)
    query = select(Event).where(or_(Event.part_of_id == event.id, Event.id.in_(linking)))
    found = session.scalars(query.options(*events.whole_record()).order_by(Event.id)).all()
    return [other for other in found if other.id not in leave_out and other.id != event.id]


def _pointed(event: Event, loser: uuid.UUID, winner: uuid.UUID, record: EventRecord | None = None) -> EventRecord:
    """Return the record with the winner wherever it names the loser, and nowhere itself."""
    record = record or record_of(event)
    whole = winner if record.part_of == loser else record.part_of
    links = dict.fromkeys(replace(link, other=winner) if link.other == loser else link for link in record.links)
    return replace(
        record,
        part_of=None if whole == event.id else whole,
        links=tuple(link for link in links if link.other != event.id),
    )


def merged_into(session: Session, winner: Event) -> list[Event]:
    """Return the records that were merged into an event, and into those."""
    found: list[Event] = []
    ids = [winner.id]
    while ids:
        query = select(Event).where(Event.merged_into_id.in_(ids)).options(*events.whole_record()).order_by(Event.id)
        losers = session.scalars(query).all()
        found += losers
        ids = [loser.id for loser in losers]
    return found


def last_merge(session: Session, winner: Event) -> Revision | None:
    """Return the last change of an event if it is a merge that can be undone: nothing else happened since."""
    revision = stored_history.last_revision(session, winner.id)
    if revision is None or not revision.after.get("merged"):
        return None
    return revision if _parts_of_merge(session, winner, revision) else None


def _parts_of_merge(session: Session, winner: Event, revision: Revision) -> list[tuple[Event, Revision]] | None:
    """Return every event that a merge changed, with its revision, the winner first; None if one changed since.

    What another organisation keeps and has changed since is left as it is.
    """
    found = []
    for event_id in (winner.id, *map(uuid.UUID, revision.after["merged"])):
        event = session.get_one(Event, event_id)
        last = stored_history.last_revision(session, event_id)
        if last and last.action == "merged" and last.at == revision.at and _is_as_left(event, last):
            found.append((event, last))
        elif event.steward_code == winner.steward_code:
            return None
    return found


def _is_as_left(event: Event, revision: Revision) -> bool:
    now = as_json(record_of(event))
    return all(now[name] == value for name, value in revision.after.items() if name in FIELDS)


def unmerge(session: Session, winner: Event, number: int, made: Change, reference: Reference) -> None:
    """Undo the merge of this number; both records are as they were. Raises `CannotUndoError`."""
    revision = last_merge(session, winner)
    touched = _parts_of_merge(session, winner, revision) if revision and revision.id == number else None
    if not touched:
        raise CannotUndoError
    made = replace(made, action="undone")
    for event, last in touched:
        before = from_json({name: value for name, value in last.before.items() if name in FIELDS})
        besides = {name: (last.after[name], last.before[name]) for name in last.before if name not in FIELDS}
        events.change(session, event, replace(record_of(event), **before), made, reference, besides)
        # The winner gives back the ids of sources before the loser takes them.
        session.flush()
