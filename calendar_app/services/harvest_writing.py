"""Carrying out the plan of a run: events, their notes on the source, and what the source is remembered to have said."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from calendar_app.models import Event, EventSource, Proposal, Source, SourceItem
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import events, proposals, source_letters
from calendar_app.services.harvest_view import View, note_id
from calendar_app.services.importing import source_event_id
from calendar_app.services.reconciling import Act, Plan, Step
from calendar_app.services.record_values import from_json
from calendar_app.services.records import EventRecord, SourceNote, as_json, record_of
from calendar_app.services.source_items import said_dates
from calendar_app.services.source_units import UNITS, is_empty, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from calendar_app.services.events import Change
    from calendar_app.services.reference import Reference

_AT_ONCE = 500
_CHANGING = frozenset({Act.JOIN, Act.UPDATE, Act.CANCEL, Act.PROPOSE})
_MOST_CONFLICTS = 300
# In which order people are told what was done: what waits for them first.
ORDER = (Act.ASK, Act.PROPOSE, Act.CANCEL, Act.CREATE, Act.UPDATE, Act.JOIN, Act.LEAVE)


@dataclass(slots=True)
class Writing:
    """Writes what one run comes to. `acts` say what was done to which event, for the page of the source."""

    session: Session
    source: Source
    view: View
    made: Change
    facts: Reference
    home: str
    acts: list[dict[str, Any]] = field(default_factory=list)
    _notes: dict[str, str] = field(default_factory=dict)
    # The titles of events of others to which changes are proposed, by steward.
    _proposed: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    # By themselves, as nobody needs them as objects: that takes half the time.
    _new_items: list[dict[str, Any]] = field(default_factory=list)

    def carry_out(self, plan: Plan) -> None:
        """Carry out a plan."""
        self._notes = self._notes_of(plan)
        ids = [step.event_id for step in plan.steps if step.event_id and self._touches(step)]
        stored = self._load(ids)
        taken_ids = self._taken_ids(plan)
        self._withdraw(plan)
        for number, step in enumerate(plan.steps, start=1):
            if number % _AT_ONCE == 0:
                # What is written need not stay in memory until the end.
                self._flush()
            if step.act in {Act.CREATE, Act.ASK}:
                self._create(step, taken_ids)
                continue
            if step.event_id in stored:
                self._change(step, stored[step.event_id])
            self._remember(step, step.event_id)
        self._flush()
        for steward, titles in self._proposed.items():
            source_letters.proposes(self.session, self.source, steward, titles, self.made.now, self.home)
        now = events.whole_second(self.made.now)
        for uid in plan.missing:
            self.view.items[uid].missing_since = self.view.items[uid].missing_since or now
        for uid in plan.gone:
            self.view.items[uid].gone_at, self.view.items[uid].missing_since = now, None
        # Not all of them are kept.
        self.acts.sort(key=lambda act: ORDER.index(act["act"]))

    def _flush(self) -> None:
        """Write what was made so far: events, then what the source said of those that are new to it."""
        self.session.flush()
        if self._new_items:
            self.session.execute(insert(SourceItem), self._new_items)
            self._new_items.clear()

    def _load(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Event]:
        stored: dict[uuid.UUID, Event] = {}
        for first in range(0, len(ids), _AT_ONCE):
            query = select(Event).where(Event.id.in_(ids[first : first + _AT_ONCE])).options(*events.whole_record())
            stored |= {event.id: event for event in self.session.scalars(query)}
        return stored

    def _touches(self, step: Step) -> bool:
        """Tell whether a step changes the event or its note on this source; what a person took out stays out."""
        if step.act in _CHANGING:
            return True
        there = self.view.notes.get(self._notes[step.uid])
        if there is None or not self._is_ours(step):
            return False
        note = self._note(step, self._conflicts(step))
        return there != (note.url, note.dates, note.conflicts)

    def _conflicts(self, step: Step) -> str:
        """Return what a source contradicts in the record, for its note on the event; not what we lack."""
        ours = self.view.calendar[step.event_id].state if step.event_id else {}
        proposed = [unit for unit in step.changed if step.waits and not is_empty(unit, ours)]
        units = dict.fromkeys((*step.disagreeing, *proposed))
        return ", ".join("dates" if unit == "span" else unit for unit in units)[:_MOST_CONFLICTS]

    def _is_ours(self, step: Step) -> bool:
        return step.event_id is not None and self.view.calendar[step.event_id].is_ours

    def _notes_of(self, plan: Plan) -> dict[str, str]:
        """Return the id of this source's note for each step: the present one, or a free one for what is new."""
        items = self.view.items
        found = {step.uid: items[step.was_uid or step.uid].note for step in plan.steps if not _is_new(step)}
        wanted = {step.uid: note_id(self.source, step.uid) for step in plan.steps if _is_new(step)}
        used = {item.note for item in items.values()} | self._in_use(list(wanted.values()))
        for uid, name in wanted.items():
            # Another event had this id in the source before, or came in under it by an import.
            names = chain((name,), (f"{name[:110]}~{number}" for number in count(2)))
            found[uid] = free = next(name for name in names if name not in used)
            used.add(free)
        return found

    def _in_use(self, names: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for first in range(0, len(names), _AT_ONCE):
            part = names[first : first + _AT_ONCE]
            stored = select(EventSource.source_id).where(EventSource.source_id.in_(part))
            found |= {name for name in self.session.scalars(stored) if name}
        return found

    def _taken_ids(self, plan: Plan) -> set[uuid.UUID]:
        """Return which of the ids that events would get are in use."""
        wanted = [self._own_id(step) for step in plan.steps if step.act in {Act.CREATE, Act.ASK}]
        found: set[uuid.UUID] = set()
        for first in range(0, len(wanted), _AT_ONCE):
            found |= set(self.session.scalars(select(Event.id).where(Event.id.in_(wanted[first : first + _AT_ONCE]))))
        return found

    def _own_id(self, step: Step) -> uuid.UUID:
        return source_event_id(self._notes[step.uid])

    def _create(self, step: Step, taken_ids: set[uuid.UUID]) -> None:
        waits = step.act is Act.ASK or self.source.trust != "direct"
        event_id = self._own_id(step)
        if event_id in taken_ids:
            event_id = uuid.uuid4()
        record = replace(
            EventRecord(),
            **from_json(step.said),
            steward=self.source.owner_code,
            stage=Stage.SUBMITTED if waits else Stage.PUBLISHED,
            sources=(self._note(step, ""),),
        )
        made = replace(self.made, action="submitted") if waits else self.made
        events.create(self.session, event_id, record, made, self.facts)
        self._remember(step, event_id)
        self._tell(step, event_id)

    def _change(self, step: Step, event: Event) -> None:
        old = record_of(event)
        state = as_json(old)
        wanted = step.wanted(state)
        if step.waits:
            if step.act is not Act.LEAVE:
                self._propose(step, event, state, wanted)
            wanted = {}
        self._tell(step, event.id)
        if not self._is_ours(step):
            # Nothing of the record of others is touched; what the source says stands with the source.
            return
        note = self._note(step, self._conflicts(step))
        sources = tuple(
            replace(source, url=note.url, dates=note.dates, conflicts=note.conflicts)
            if source.source_id == note.source_id
            else source
            for source in old.sources
        )
        if step.act is Act.JOIN:
            sources = (*sources, note)
        events.change(self.session, event, replace(old, **from_json(wanted), sources=sources), self.made, self.facts)

    def _note(self, step: Step, conflicts: str) -> SourceNote:
        # The address of the feed itself may have a secret in it; the note is for everybody.
        said = spoken(step.said)
        url = said.get("web_url") or ""
        dates = said_dates(said)
        return SourceNote(self._notes[step.uid], self.source.name, url, dates=dates, conflicts=conflicts)

    def _remember(self, step: Step, event_id: uuid.UUID | None) -> None:
        assert event_id is not None  # noqa: S101 - only what is created has none, and it has one by now
        item = self.view.items.get(step.was_uid or step.uid)
        if item is None:
            self._new_items.append(
                {
                    "source_id": self.source.id,
                    "uid": step.uid,
                    "note": self._notes[step.uid],
                    "event_id": event_id,
                    "said": dict(step.said),
                    "kept": {},
                    "made": step.act is not Act.JOIN,
                    "first_at": events.whole_second(self.made.now),
                }
            )
            return
        values = {
            "uid": step.uid,
            "event_id": event_id,
            "said": dict(step.said),
            "gone_at": None,
            "missing_since": None,
        }
        values["made"] = item.made and item.event_id == event_id
        for name, value in values.items():
            if getattr(item, name) != value:
                setattr(item, name, value)

    def _withdraw(self, plan: Plan) -> None:
        """Withdraw what the source proposed and wants no more."""
        wanted_no_more = {s.event_id for s in plan.steps} - {s.event_id for s in plan.steps if s.waits}
        for event_id, proposal in self.view.proposals.items():
            if event_id in wanted_no_more:
                proposals.withdraw(proposal, self.made)

    def _propose(self, step: Step, event: Event, state: dict[str, Any], wanted: dict[str, Any]) -> None:
        """Put a change before the people who keep the event; what this source proposed before is out of date."""
        query = select(Proposal).where(
            Proposal.event_id == event.id, Proposal.source_id == self.source.id, Proposal.state == proposals.OPEN
        )
        for stale in self.session.scalars(query).all():
            proposals.withdraw(stale, self.made)
        names = [name for unit in step.changed for name in UNITS[unit] if name in wanted]
        proposal = Proposal(
            id=uuid.uuid4(),
            event_id=event.id,
            source_id=self.source.id,
            organisation_code=self.source.owner_code,
            before={name: state[name] for name in names},
            after={name: wanted[name] for name in names},
            reason=self.source.name,
            state=proposals.OPEN,
            created_at=events.whole_second(self.made.now),
        )
        self.session.add(proposal)
        self.session.flush()
        # Those of the owner find it among what they decide on.
        if event.steward_code != self.source.owner_code:
            self._proposed[event.steward_code].append(event.titles)

    def _tell(self, step: Step, event_id: uuid.UUID) -> None:
        self.acts.append(
            {
                "act": str(step.act),
                "event": str(event_id),
                "fields": list(step.changed),
                "disagree": list(step.disagreeing),
            }
        )


def _is_new(step: Step) -> bool:
    return step.act in {Act.CREATE, Act.ASK, Act.JOIN}
