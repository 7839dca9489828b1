"""What a run of a source comes to: pure decisions from what the source says now, what it said before, and what we have.

What is compared are units of fields (`source_units`). Nothing here reads a clock, a database or the network;
`harvesting` carries a plan out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from calendar_app.services.known_again import renamed
from calendar_app.services.source_units import TEXTS, UNITS, agree, is_empty, remembered, taken, units_of

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping, Sequence

    from calendar_app.services.matching import Match
    from calendar_app.services.source_units import State

# With more than this share of what was there gone at once, the source is in doubt rather than its events.
MOST_GONE = 0.3


class Act(StrEnum):
    """What is done about one event of a source."""

    CREATE = "create"
    ASK = "ask"
    JOIN = "join"
    UPDATE = "update"
    PROPOSE = "propose"
    CANCEL = "cancel"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Said:
    """What a source says of one event now. Fields of which it says nothing are not in `state`.

    `zone_is_guessed`: the source named hours without a zone, so the zone in `state` is only the usual one. `is_own`: it
    is an event of our own feeds that comes back; a copy is older than what we have, so nothing of it is taken.
    """

    uid: str
    state: State
    zone_is_guessed: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a source said of an event before. `event_id` leads to the event, through merges.

    `kept` is what it said, by unit, when a person chose to keep ours. `made`: the event came in by this source.
    """

    uid: str
    event_id: uuid.UUID
    said: State
    kept: State = field(default_factory=dict)
    made: bool = True
    is_missing: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the calendar has of an event.

    `is_ours`: the source's owner keeps it. `is_over`: its last day has passed, or it has no days to come.
    `is_dead`: rejected or withdrawn by a person. `is_waiting`: nobody has decided on it so far. `others`: it stands in
    another source too, or under another id of this one. `proposed` are the fields that the source proposed to change,
    while nobody has decided on that.
    """

    state: State
    is_ours: bool = True
    is_over: bool = False
    is_dead: bool = False
    is_waiting: bool = False
    others: bool = False
    proposed: State = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens about one event: `changed` units take the source's words, `disagreeing` ones are shown.

    `was_uid` is the id under which the source knew it before, if that changed. `event_id` is None for what is created.
    With `waits` they are put before the people who keep the event instead, and what is not empty there is shown too.
    `texts` are titles and descriptions in the languages to which the changes go, where these are not all it says.
    """

    uid: str
    act: Act
    event_id: uuid.UUID | None = None
    changed: tuple[str, ...] = ()
    disagreeing: tuple[str, ...] = ()
    said: State = field(default_factory=dict)
    was_uid: str = ""
    likely: tuple[uuid.UUID, ...] = ()
    texts: State = field(default_factory=dict)
    waits: bool = False

    def wanted(self, state: State) -> dict[str, Any]:
        """Return the fields that this step gives to an event of this state."""
        said = {**self.said, **self.texts}
        fields: dict[str, Any] = {}
        for unit in self.changed:
            fields |= taken(unit, said, state)
        return fields


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of a run. `missing` are the ids of what is gone from the feed while nothing may be removed.

    `had` is of how many events the source spoke before; `gone` are the ids whose going is settled.
    """

    steps: tuple[Step, ...]
    missing: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    had: int = 0

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether a person has to say what it means that much is gone at once, or what may have moved."""
        return bool(self.missing)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that was read. `unread` are ids that are in it and could not be read.

    `is_whole`: nothing without an id was skipped, so that what is not in it is gone.
    """

    items: Sequence[Said]
    unread: frozenset[str] = frozenset()
    is_whole: bool = True


def decide(
    feed: Feed,
    earlier: Iterable[Remembered],
    calendar: Mapping[uuid.UUID, Known],
    matches: Mapping[str, Match],
    *,
    is_direct: bool,
) -> Plan:
    """Return what a run comes to.

    `matches` says for new ids which events they may be. With `is_direct` what the source says is taken over; otherwise
    it waits for a person. No event is ever given two items, no item two events.
    """
    before = {item.uid: item for item in earlier}
    now = {item.uid: item for item in feed.items}
    names = renamed(now, before, feed.unread, matches, calendar)
    here = {*names.values(), *(now.keys() & before.keys())}
    held = {before[uid].event_id for uid in here}
    steps = []
    # What is sure comes first: an event that is taken is not asked about.
    for uid in sorted(now, key=lambda uid: not (uid in matches and matches[uid].sure)):
        old = before.get(uid) or before.get(names.get(uid, ""))
        if old is None:
            step = _new(now[uid], matches.get(uid), calendar, held, is_direct=is_direct)
            if step.event_id:
                held.add(step.event_id)
        else:
            step = _known(now[uid], old, calendar[old.event_id], is_direct=is_direct)
        steps.append(step)
    away = [item for uid, item in before.items() if uid not in here and uid not in feed.unread and not item.is_gone]
    had = sum(not item.is_gone for item in before.values())
    return _without(away, had, steps, calendar, is_whole=feed.is_whole, is_direct=is_direct)


def _new(
    said: Said, match: Match | None, calendar: Mapping[uuid.UUID, Known], held: set[uuid.UUID], *, is_direct: bool
) -> Step:
    """Return what happens about something that the source never spoke of before."""
    likely = tuple(event_id for event_id in match.likely if event_id not in held) if match else ()
    if match and match.sure and likely:
        known = calendar[likely[0]]
        # What it lacked before it was joined nobody here has corrected; what it says otherwise somebody has.
        may_fill = known.is_ours and not known.is_dead and not said.is_own
        fill = tuple(unit for unit in units_of(said.state) if may_fill and is_empty(unit, known.state))
        differing = tuple(
            unit
            for unit in units_of(said.state)
            if not is_empty(unit, known.state) and not agree(unit, said.state, known.state)
        )
        waits = bool(fill) and not (is_direct or known.is_waiting)
        return Step(said.uid, Act.JOIN, likely[0], fill, differing, said.state, waits=waits)
    # What it may be only among events of the same source is another one: the source itself tells them apart.
    asks = bool(likely) or bool(match and match.sure)
    return Step(said.uid, Act.ASK if asks else Act.CREATE, said=said.state, likely=likely)


def _known(said: Said, old: Remembered, known: Known, *, is_direct: bool) -> Step:
    """Return what happens about an event of which the source spoke before."""
    state = _with_zone(said, old.said)
    was_uid = old.uid if old.uid != said.uid else ""
    if known.is_dead:
        return Step(said.uid, Act.LEAVE, old.event_id, said=remembered(state, old.said), was_uid=was_uid)
    changed, disagreeing = [], []
    texts: dict[str, Any] = {}
    takes = known.is_ours and (is_direct or known.is_waiting)
    # What is proposed so far nobody has decided on: it is proposed anew, as the source says it now.
    proposed = {} if takes else known.proposed
    for unit in units_of(state):
        if unit in TEXTS:
            found, differs = _words(unit, state, old, known.state, proposed)
            is_taken = bool(found)
            # Of ten thousand events most have no news: nothing is kept for them.
            texts |= {unit: found} if found and not said.is_own else {}
        else:
            is_taken, differs = _taking(unit, state, old, known.state, proposed)
        if said.is_own:
            is_taken, differs = False, is_taken or differs
        if is_taken:
            changed.append(unit)
        if differs:
            disagreeing.append(unit)
    act = Act.LEAVE if not changed else Act.UPDATE if takes else Act.PROPOSE
    step = Step(
        said.uid, act, old.event_id, tuple(changed), tuple(disagreeing), remembered(state, old.said), was_uid,
        texts=texts, waits=act is Act.PROPOSE,
    )  # fmt: skip
    # What is proposed already is not news.
    return replace(step, act=Act.LEAVE) if step.waits and step.wanted(known.state) == known.proposed else step


def _taking(unit: str, state: State, old: Remembered, ours: State, proposed: State) -> tuple[bool, bool]:
    """Tell whether a unit takes the source's words, and whether it disagrees."""
    if agree(unit, state, ours):
        return False, False
    untouched = agree(unit, old.said, ours) or (is_empty(unit, old.said) and is_empty(unit, ours))
    if untouched and not agree(unit, state, old.said):
        return True, False
    if unit in old.kept and agree(unit, {**state, **old.kept[unit]}, state):
        return False, False
    is_proposed = UNITS[unit][0] in proposed
    return is_proposed, not is_proposed


def _words(unit: str, state: State, old: Remembered, ours: State, proposed: State) -> tuple[dict[str, str], bool]:
    """Return the same for a text, of which each language is decided on by itself: the words taken, by language."""
    before, have, waiting = ((said.get(unit) or {}) for said in (old.said, ours, proposed))
    kept = (old.kept.get(unit) or {}).get(unit) or {}
    found: dict[str, str] = {}
    differs = False
    for code, text in state[unit].items():
        if have.get(code) == text:
            continue
        if before.get(code) != text and (before.get(code) or "") == (have.get(code) or ""):
            found[code] = text
        elif kept.get(code) == text:
            continue
        elif waiting.get(code, have.get(code)) != have.get(code):
            found[code] = text
        else:
            differs = True
    return found, differs


def _with_zone(said: Said, before: State) -> State:
    """Return the state with the zone of before, if the source has only lost it: the hours are the same."""
    same = all(said.state.get(name) == before.get(name) for name in ("span", "start_time", "end_time"))
    if said.zone_is_guessed and same and before.get("timezone"):
        return {**said.state, "timezone": before["timezone"]}
    return said.state


def _without(
    away: Sequence[Remembered],
    had: int,
    steps: list[Step],
    calendar: Mapping[uuid.UUID, Known],
    *,
    is_whole: bool,
    is_direct: bool,
) -> Plan:
    """Return the plan with what becomes of events that are not in the feed any more."""
    # Of an event that it still speaks of under another id, as after a merge, only the id is gone.
    speaks = {step.event_id for step in steps}
    again = tuple(item.uid for item in away if item.event_id in speaks)
    away = [item for item in away if item.event_id not in speaks]
    ends = {item.uid: _end(item, calendar[item.event_id], is_direct=is_direct) for item in away}
    cancelled = [step for step in ends.values() if step]
    if not is_whole:
        return Plan(tuple(steps), gone=again, had=had)
    to_come = [item for item in away if not calendar[item.event_id].is_over]
    # What somebody is asked about already waits for the answer; so does what something new may be.
    asked = {event_id for step in steps if step.act is Act.ASK for event_id in step.likely}
    waits = any(item.is_missing or (item.event_id in asked and ends[item.uid]) for item in away)
    if cancelled and (waits or _is_much(len(away), had, len(to_come), _coming(steps, calendar) + len(to_come))):
        return Plan(tuple(steps), missing=tuple(item.uid for item in away), gone=again, had=had)
    return Plan((*steps, *cancelled), gone=(*again, *ends), had=had)


def _is_much(gone: int, had: int, coming_gone: int, coming: int) -> bool:
    """Tell whether more than `MOST_GONE` is gone, of all events or of those to come (feeds drop past ones)."""
    return gone > MOST_GONE * had or coming_gone > MOST_GONE * coming


def _coming(steps: Iterable[Step], calendar: Mapping[uuid.UUID, Known]) -> int:
    """Return how many events of which the source spoke before and still speaks are to come."""
    return sum(
        step.act not in {Act.CREATE, Act.ASK, Act.JOIN} and not calendar[step.event_id].is_over
        for step in steps
        if step.event_id
    )


def may_end(item: Remembered, known: Known) -> bool:
    """Tell whether an event of which its source says nothing any more may be called off for that.

    Only what came in by this source alone, is to come, and is as firm as the source said.
    """
    if known.is_over or known.is_dead or known.others or not item.made:
        return False
    status = known.state.get("status")
    return status != "cancelled" and item.said.get("status") in {None, "", status}


def _end(item: Remembered, known: Known, *, is_direct: bool) -> Step | None:
    """Return how an event ends of which its source says nothing any more, None if it stays as it is."""
    if not may_end(item, known):
        return None
    said = {**item.said, "status": "cancelled"}
    waits = not (known.is_ours and (is_direct or known.is_waiting))
    return Step(item.uid, Act.PROPOSE if waits else Act.CANCEL, item.event_id, ("status",), said=said, waits=waits)
