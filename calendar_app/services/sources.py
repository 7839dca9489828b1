"""The sources of a calendar, as people keep them: adding, changing, pausing, and answering what a source asks."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, or_, select, true

from calendar_app.models import Event, EventSource, Revision, Source, SourceItem, SourceRun
from calendar_app.planning.dates import ONE_DAY
from calendar_app.planning.vocabulary import Status
from calendar_app.services import events
from calendar_app.services.calendar import visible_to
from calendar_app.services.harvest_view import view_of
from calendar_app.services.harvesting import Outcome, Stage
from calendar_app.services.reconciling import may_end
from calendar_app.services.record_values import from_json
from calendar_app.services.records import as_json, record_of
from calendar_app.services.source_units import UNITS, agree, spoken, taken, units_of
from calendar_app.services.text import slugify

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer
    from calendar_app.services.events import Change
    from calendar_app.services.reference import Reference

MOST_SHOWN = 100
DAYS_SHOWN = 30
_LONGEST_SLUG = 40
# Under this name stands the page on which a source is added.
_NEW = "new"


class AnsweredError(Exception):
    """Somebody answered this already, or the source says something else by now."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A unit of an event of which a source says something else than we do; `number` is the event's last revision."""

    item: SourceItem
    event: Event
    unit: str
    said: dict[str, Any]
    ours: dict[str, Any]
    number: int

    @property
    def digest(self) -> str:
        """Return a digest of what the source says: it tells whether that is still what a person saw."""
        words = {name: self.said.get(name) for name in UNITS[self.unit]}
        return sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Day:
    """How a source did on one day: the worst outcome of its runs, "" for a day without any."""

    day: date
    outcome: str
    changes: int


def every(session: Session) -> list[Source]:
    """Return all sources, by name."""
    return list(session.scalars(select(Source).order_by(func.lower(Source.name), Source.id)))


def find(session: Session, slug: str) -> Source | None:
    """Return the source of this slug."""
    return session.scalar(select(Source).where(Source.slug == slug))


def find_or_raise(session: Session, slug: str) -> Source:
    """Return the source of this slug. Raises NoResultFound."""
    return session.scalars(select(Source).where(Source.slug == slug)).one()


def free_slug(session: Session, name: str) -> str:
    """Return a slug for a new source that no other has."""
    start = slugify(name)[: _LONGEST_SLUG - 4].strip("-") or "source"
    used = {*session.scalars(select(Source.slug).where(Source.slug.startswith(start))), _NEW}
    return next(slug for n in range(1, len(used) + 2) if (slug := start if n == 1 else f"{start}-{n}") not in used)


def add(session: Session, values: dict[str, Any], now: datetime) -> Source:
    """Add a source; it is harvested at once. `values` are columns, `slug` among them."""
    source = Source(**values, created_at=events.whole_second(now), due_at=now, stage=Stage.WAITING)
    session.add(source)
    session.flush()
    return source


def change(source: Source, values: dict[str, Any]) -> None:
    """Change the settings of a source; another address, zone or table of rules lets the whole feed be read anew."""
    again = ("url", "kind", "timezone", "rules")
    if any(getattr(source, name) != values.get(name, getattr(source, name)) for name in again):
        source.etag = source.modified = source.digest = ""
    for name, value in values.items():
        setattr(source, name, value)


def ask_now(source: Source, now: datetime) -> None:
    """Let a source be harvested as soon as the schedule comes to it; one that is paused waits until it is resumed."""
    if source.paused:
        return
    source.due_at, source.stage = now, Stage.WAITING


def pause(source: Source) -> None:
    """Ask a source no more until it is resumed."""
    source.paused, source.stage = True, ""


def resume(source: Source, now: datetime) -> None:
    """Ask a source again, and at once."""
    source.paused, source.due_at = False, now


def last_runs(session: Session, source_ids: Sequence[int]) -> dict[int, SourceRun]:
    """Return the last run of each source; one query."""
    last = select(func.max(SourceRun.id)).where(SourceRun.source_id.in_(source_ids)).group_by(SourceRun.source_id)
    return {run.source_id: run for run in session.scalars(select(SourceRun).where(SourceRun.id.in_(last)))}


def runs(session: Session, source: Source, most: int = 20) -> list[SourceRun]:
    """Return the last runs of a source, the latest first."""
    query = select(SourceRun).where(SourceRun.source_id == source.id).order_by(SourceRun.id.desc()).limit(most)
    return list(session.scalars(query))


def health(session: Session, source: Source, today: date) -> list[Day]:
    """Return how a source did on each of the last days, the oldest first; one query."""
    order = [Outcome.UNCHANGED, Outcome.DONE, Outcome.MUCH_GONE, Outcome.FAILED]
    first = today - timedelta(days=DAYS_SHOWN - 1)
    query = select(SourceRun.at, SourceRun.outcome, SourceRun.counts).where(SourceRun.source_id == source.id)
    days: dict[date, Day] = {}
    for at, outcome, counts in session.execute(query.order_by(SourceRun.id)).tuples():
        known = days.get(at.date(), Day(at.date(), "", 0))
        worst = max(filter(None, (known.outcome, outcome)), key=lambda name: order.index(Outcome(name)))
        made = sum(number for name, number in counts.items() if name not in {"leave", "disagree", "missing"})
        days[at.date()] = Day(at.date(), worst, known.changes + made)
    return [days.get(day, Day(day, "", 0)) for day in (first + n * ONE_DAY for n in range(DAYS_SHOWN))]


def item_counts(session: Session, source_ids: Sequence[int]) -> dict[int, int]:
    """Return of how many events each source speaks; one query."""
    query = (
        select(SourceItem.source_id, func.count())
        .where(SourceItem.source_id.in_(source_ids), SourceItem.gone_at.is_(None))
        .group_by(SourceItem.source_id)
    )
    return dict(session.execute(query).tuples().all())


def that_wait(session: Session, owners: Collection[str]) -> list[tuple[Source, int, int]]:
    """Return sources of these organisations that need somebody; one query.

    With each: how many events are gone from it without an answer, and of how many it says something else than we.
    """
    gone = func.sum(case((SourceItem.missing_since.is_not(None), 1), else_=0))
    differs = and_(SourceItem.gone_at.is_(None), EventSource.conflicts != "", Event.merged_into_id.is_(None))
    other = func.sum(case((differs, 1), else_=0))
    note = and_(EventSource.event_id == SourceItem.event_id, EventSource.source_id == SourceItem.note)
    fails = and_(Source.failing_since.is_not(None), Source.paused.is_(False))
    query = (
        select(Source, gone, other)
        .outerjoin(SourceItem, SourceItem.source_id == Source.id)
        .outerjoin(Event, Event.id == SourceItem.event_id)
        .outerjoin(EventSource, note)
        .where(Source.owner_code.in_(owners))
        .group_by(Source.id)
        .having(or_(gone > 0, other > 0, fails))
        .order_by(Source.name, Source.id)
    )
    return [(source, int(gone or 0), int(other or 0)) for source, gone, other in session.execute(query).tuples()]


def missing(session: Session, source: Source) -> list[tuple[SourceItem, Event]]:
    """Return what is gone from a source and waits for an answer, by date."""
    query = (
        select(SourceItem, Event)
        .join(Event, Event.id == SourceItem.event_id)
        .where(SourceItem.source_id == source.id, SourceItem.missing_since.is_not(None))
        .order_by(Event.start, Event.id)
    )
    return list(session.execute(query).tuples())


def that_end(
    session: Session, source: Source, found: Sequence[tuple[SourceItem, Event]], today: date
) -> list[tuple[SourceItem, Event]]:
    """Return of what is gone from a source that which ends if it is called off: only what a run would call off."""
    view = view_of(session, source, today)

    def ends(item: SourceItem) -> bool:
        before = view.remembered[item.uid]
        known = view.calendar[before.event_id]
        return known.is_ours and may_end(before, known)

    return [(item, event) for item, event in found if ends(item)]


def digest_of(found: Sequence[tuple[SourceItem, Event]]) -> str:
    """Return a digest of which events are gone: it tells whether they are still those that a person saw."""
    return sha256(",".join(sorted(str(item.id) for item, _event in found)).encode()).hexdigest()


def disagreements(session: Session, source: Source, viewer: Viewer, item_id: int | None = None) -> list[Disagreement]:
    """Return where a source and the calendar say different things of events that `viewer` sees, field by field.

    With `item_id` of that one only, otherwise of the first `MOST_SHOWN` events.
    An event of others has no note on the source: what it says is compared with the event.
    """
    noted = exists().where(EventSource.event_id == Event.id, EventSource.source_id == SourceItem.note)
    query = (
        select(SourceItem, Event)
        .join(Event, Event.id == SourceItem.event_id)
        .where(
            SourceItem.source_id == source.id,
            SourceItem.gone_at.is_(None),
            or_(Event.sources_disagree, ~noted),
            Event.merged_into_id.is_(None),
            visible_to(viewer),
            true() if item_id is None else SourceItem.id == item_id,
        )
        .order_by(Event.sources_disagree.desc(), Event.start, Event.id)
        .options(*events.whole_record())
        .limit(MOST_SHOWN)
    )
    rows = session.execute(query).tuples().all()
    numbers = select(Revision.event_id, func.max(Revision.id)).where(Revision.event_id.in_([e.id for _i, e in rows]))
    last = dict(session.execute(numbers.group_by(Revision.event_id)).tuples().all())
    found = []
    for item, event in rows:
        note = next((s for s in event.sources if s.source_id == item.note), None)
        ours = as_json(record_of(event))
        for unit in _named(note.conflicts) if note else units_of(spoken(item.said)):
            kept = {**item.said, **item.kept.get(unit, {})}
            is_settled = not note and unit in item.kept and agree(unit, item.said, kept)
            if unit in UNITS and not agree(unit, item.said, ours) and not is_settled:
                said = {**ours, **taken(unit, item.said, ours)}
                found.append(Disagreement(item, event, unit, said, ours, last.get(event.id, 0)))
    return found


def _named(conflicts: str) -> list[str]:
    return ["span" if name == "dates" else name for name in conflicts.split(", ") if name]


def settle(session: Session, found: Disagreement, made: Change, facts: Reference, *, take: bool) -> None:
    """Answer a disagreement: take what the source says, or keep ours until it says something new."""
    old = record_of(found.event)
    wanted = from_json(taken(found.unit, found.item.said, as_json(old))) if take else {}
    if not take:
        kept = {name: found.item.said.get(name) for name in UNITS[found.unit]}
        found.item.kept = {**found.item.kept, found.unit: kept}
    notes = [
        replace(note, conflicts=_left(note.conflicts, found.unit)) if note.source_id == found.item.note else note
        for note in old.sources
    ]
    record = replace(old, **wanted, sources=tuple(notes))
    events.change(session, found.event, record, made, facts)


def _left(conflicts: str, unit: str) -> str:
    word = "dates" if unit == "span" else unit
    return ", ".join(name for name in conflicts.split(", ") if name and name != word)


def answer_gone(
    session: Session, source: Source, seen: str, made: Change, facts: Reference, *, cancel: bool, today: date
) -> int:
    """Answer what it means that so much is gone from a source: called off, or only not listed any more.

    `seen` is the `digest_of` what the person saw. Raises `AnsweredError` if other events are gone by now. Return how
    many were called off (`that_end`).
    """
    found = missing(session, source)
    if not found or digest_of(found) != seen:
        raise AnsweredError
    ending = that_end(session, source, found, today) if cancel else []
    for item, _event in found:
        item.gone_at, item.missing_since = events.whole_second(made.now), None
    for item, event in ending:
        item.said = {**item.said, "status": str(Status.CANCELLED)}
        events.change(session, event, replace(record_of(event), status=Status.CANCELLED), made, facts)
    source.much_gone_at = None
    return len(ending)
