"""The life of stored findings: found, changed, resolved, found again. What holds is written over what held before."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from sqlalchemy import Text, Uuid, bindparam, delete, insert, or_, select, update
from sqlalchemy import cast as as_type

from calendar_app.models import Event, FindingAnswer, FindingEntry, StoredFinding
from calendar_app.services.finding_codec import as_json
from calendar_app.services.planning_rows import read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import BindParameter, Table
    from sqlalchemy.orm import Session

    from calendar_app.planning.findings import Finding, Reason
    from calendar_app.planning.meetings import Meeting

_T = TypeVar("_T")
OPEN, ACKNOWLEDGED, ACCEPTED, RESOLVED = "open", "acknowledged", "accepted", "resolved"
FOUND, CHANGED, REOPENED = "found", "changed", "reopened"
_TABLES = (StoredFinding, FindingAnswer)
_TABLE, _ANSWERS, _ENTRIES = (cast("Table", t.__table__) for t in (*_TABLES, FindingEntry))
# Reasons as their text, events as they stand in the key: what did not change need not be read.
_COLUMNS = (
    StoredFinding.id, StoredFinding.key, StoredFinding.severity, StoredFinding.likelihood, StoredFinding.option_a,
    StoredFinding.option_b, as_type(StoredFinding.reasons, Text), StoredFinding.policy_version,
    StoredFinding.fingerprint, StoredFinding.state,
)  # fmt: skip
_MOST_IDS = 500
# So many rows are written at a time.
_AT_ONCE = 1_000
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ALL = select(*_COLUMNS)
_CONCERNED = _ALL.where(or_(StoredFinding.a_id.in_(_IDS), StoredFinding.b_id.in_(_IDS)))
_AFTER = _ALL.where(StoredFinding.id > bindparam("last", type_=Uuid)).order_by(StoredFinding.id).limit(_MOST_IDS)
_ANSWERED_OF = select(FindingAnswer.finding_id, FindingAnswer.organisation_code, FindingAnswer.answer).where(
    FindingAnswer.finding_id.in_(_IDS)
)
_STEWARDS = select(Event.id, Event.steward_code).where(Event.id.in_(_IDS))
_ADD, _NOTE = insert(_TABLE), insert(_ENTRIES)
_CHANGE = update(_TABLE).where(_TABLE.c.id == bindparam("of"))
_FORGET = delete(_ANSWERS).where(_ANSWERS.c.finding_id.in_(_IDS))


class Held(NamedTuple):
    """A finding as it is stored; `reasons` are JSON text."""

    id: uuid.UUID
    key: str
    severity: int
    likelihood: float
    option_a: int
    option_b: int
    reasons: str
    policy_version: str
    fingerprint: str
    state: str

    @property
    def kind(self) -> str:
        """A clash or an opportunity."""
        return self.key.split(":")[0]

    @property
    def about(self) -> str:
        """What it is about: a pair, the days or the gaps of one event."""
        return self.key.split(":")[1]

    @property
    def a(self) -> uuid.UUID:
        """The first event."""
        return uuid.UUID(self.key.split(":")[2])

    @property
    def b(self) -> uuid.UUID | None:
        """The second event, None if it is about one alone."""
        text = self.key.split(":")[3]
        return uuid.UUID(text) if text else None


class Turn(NamedTuple):
    """What happened to a finding: found, changed, reopened or resolved. Severities are 0 to 3, 0 for none."""

    action: str
    id: uuid.UUID
    finding: Finding | Held
    before: int
    severity: int


@dataclass(slots=True)
class _Writing:
    """What is to be written, table by table: so much at a time, because a sheet or a feed may bring very many."""

    session: Session
    now: datetime
    new: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    closed: list[dict[str, Any]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    unanswered: list[uuid.UUID] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)

    def turned(self, turn: Turn) -> None:
        """Note what happened to a finding, in its history too."""
        self.turns.append(turn)
        if turn.action != CHANGED or turn.before != turn.severity:
            self.entries.append(_entry(turn, self.now))

    def write_many(self) -> None:
        """Write what is there, if it is much."""
        if len(self.new) + len(self.updates) + len(self.closed) + len(self.marks) >= _AT_ONCE:
            self.write()

    def write(self) -> None:
        """Write what is there."""
        connection = self.session.connection()
        for statement, rows in (
            (_ADD, self.new), (_CHANGE, self.updates), (_CHANGE, self.closed), (_CHANGE, self.marks),
            (_NOTE, self.entries),
        ):  # fmt: skip
            if rows:
                connection.execute(statement, rows)
                rows.clear()
        for some in _chunks(self.unanswered):
            connection.execute(_FORGET, {"ids": some})
        self.unanswered.clear()


def state_from(answers: Mapping[str, str], owners: Collection[str]) -> str:
    """Return the state of a finding that holds: `answers` are acknowledged or accepted, by code of organisation.

    Accepted once all owners accepted it, acknowledged once all have answered, open until then.
    """
    given = {answers.get(owner) for owner in owners}
    if not given or None in given:
        return OPEN
    return ACCEPTED if given == {ACCEPTED} else ACKNOWLEDGED


def held(session: Session, events: Collection[uuid.UUID]) -> list[Held]:
    """Return the stored findings that concern one of these events, those resolved too."""
    found: dict[uuid.UUID, Held] = {}
    for some in _chunks(list(events)):
        found.update((row[0], Held(*row)) for row in read(session, _CONCERNED, {"ids": some}))
    return list(found.values())


def every_held(session: Session) -> Iterator[Held]:
    """Yield all stored findings, those resolved too. Only some are in memory at a time; others may be added then."""
    last = uuid.UUID(int=0)
    while rows := read(session, _AFTER, {"last": last}):
        yield from (Held(*row) for row in rows)
        last = rows[-1][0]


def keep(
    session: Session,
    found: Iterable[Finding],
    before: Iterable[Held],
    meetings: Iterable[Meeting],
    policy_version: str,
    now: datetime,
) -> list[Turn]:
    """Write what was found over what was held before, and return what turned. `meetings` have all that was found of.

    Answers hold while what they rest on is the same and it does not get worse.
    """
    sides, writing = _Sides(meetings), _Writing(session, now)
    new = {sides.key(finding): finding for finding in found}
    for some in _chunks(before):
        answers = _answers(session, [item.id for item in some])
        owners = _owners(session, [item for item in some if item.id in answers])
        for old in some:
            finding = new.pop(old.key, None)
            if finding is None:
                _end(writing, old)
            else:
                values = _values(finding, sides.fingerprint(finding), policy_version)
                _go_on(writing, finding, old, values, answers.get(old.id), owners)
        writing.write_many()
    for key, finding in new.items():
        _begin(writing, finding, key, _values(finding, sides.fingerprint(finding), policy_version))
        writing.write_many()
    writing.write()
    # What was read before in this session is not so any more.
    for row in [row for row in session.identity_map.values() if isinstance(row, _TABLES)]:
        session.expire(row)
    return writing.turns


class _Sides:
    """What is written of the events of findings; each of them is in many, so it is worked out once."""

    def __init__(self, meetings: Iterable[Meeting]) -> None:
        # By the numbers of ids: an id takes several times as long to look up.
        self._meetings = {(m.event.int, m.option): m for m in meetings}
        self._known: dict[tuple[int, int], str] = {}
        self._ids: dict[int, str] = {}

    def key(self, finding: Finding) -> str:
        """Return what `Finding.key` says, as it is stored."""
        b = self._id(finding.b) if finding.b else ""
        return f"{finding.kind}:{finding.about}:{self._id(finding.a)}:{b}"

    def _id(self, event: uuid.UUID) -> str:
        found = self._ids.get(event.int)
        if found is None:
            found = self._ids[event.int] = str(event)
        return found

    def fingerprint(self, finding: Finding) -> str:
        """Return the fingerprint of what an answer rests on: the events of a finding, on the days that it speaks of."""
        text = self._one(finding.a, finding.options[0])
        if finding.b is not None:
            text = f"{text}|{self._one(finding.b, finding.options[1])}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _one(self, event: uuid.UUID, option: int) -> str:
        side = (event.int, option)
        found = self._known.get(side)
        if found is None:
            m = self._meetings[side]
            values = (
                m.span and (m.span.start.isoformat(), m.span.end.isoformat()), str(m.precision), m.city, m.country,
                m.venue, str(m.format), str(m.status), m.people.pools, sorted(m.people.regions),
            )  # fmt: skip
            found = self._known[side] = json.dumps(values)
        return found


def _values(finding: Finding, fingerprint: str, policy_version: str) -> dict[str, Any]:
    return {
        "severity": int(finding.severity),
        "likelihood": finding.likelihood,
        "option_a": finding.options[0],
        "option_b": finding.options[1],
        "reasons": finding.reasons,
        "policy_version": policy_version,
        "fingerprint": fingerprint,
    }


def _begin(writing: _Writing, finding: Finding, key: str, values: dict[str, Any]) -> None:
    number, now = uuid.uuid4(), writing.now
    row = {
        "id": number, "key": key, "kind": str(finding.kind), "about": str(finding.about), "a_id": finding.a,
        "b_id": finding.b, "state": OPEN, "found_at": now, "changed_at": now, "closed_at": None,
    }  # fmt: skip
    writing.new.append(row | _ready(values))
    writing.turned(Turn(FOUND, number, finding, 0, values["severity"]))


def _end(writing: _Writing, old: Held) -> None:
    """Let a finding that holds no longer rest."""
    if old.state != RESOLVED:
        now = writing.now
        writing.closed.append({"of": old.id, "changed_at": now, "closed_at": now, "state": RESOLVED})
        writing.turned(Turn(RESOLVED, old.id, old, old.severity, 0))


def _go_on(
    writing: _Writing,
    finding: Finding,
    old: Held,
    values: dict[str, Any],
    answers: Mapping[str, str] | None,
    owners: Mapping[uuid.UUID, str],
) -> None:
    """Bring a finding that is held up to date; nothing is written of what says the same as before."""
    severity, state = values["severity"], old.state
    differs = _differs(old, values)
    action = CHANGED if differs else ""
    shaken = old.fingerprint != values["fingerprint"] or severity > old.severity
    if old.state == RESOLVED or (answers and shaken):
        state, action = OPEN, REOPENED
        if answers:
            writing.unanswered.append(old.id)
    elif answers:
        # An event may have another steward since, who has not answered.
        state = state_from(answers, {owners[event] for event in (old.a, old.b) if event})
        action = REOPENED if state == OPEN != old.state else action
    if not action and state == old.state:
        if (old.fingerprint, old.policy_version) != (values["fingerprint"], values["policy_version"]):
            writing.marks.append({"of": old.id, **{name: values[name] for name in ("fingerprint", "policy_version")}})
        return
    changed = {"of": old.id, "state": state, "changed_at": writing.now, "closed_at": None}
    writing.updates.append(changed | _ready(values))
    if action:
        writing.turned(Turn(action, old.id, finding, old.severity if old.state != RESOLVED else 0, severity))


def _differs(old: Held, values: dict[str, Any]) -> bool:
    numbers = (old.severity, old.likelihood, old.option_a, old.option_b)
    if numbers != tuple(values[name] for name in ("severity", "likelihood", "option_a", "option_b")):
        return True
    written = f"[{', '.join(map(_text, values['reasons']))}]"
    return old.reasons != written and json.loads(old.reasons) != as_json(values["reasons"])


def _ready(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"reasons": as_json(values["reasons"])}


@lru_cache(maxsize=16384)
def _text(reason: Reason) -> str:
    """Return one reason as it stands in the list that is stored."""
    return json.dumps(as_json((reason,))[0])


def _answers(session: Session, findings: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """Return the answers that hold, by finding and organisation."""
    found: dict[uuid.UUID, dict[str, str]] = {}
    for finding, organisation, answer in read(session, _ANSWERED_OF, {"ids": findings}):
        found.setdefault(finding, {})[organisation] = answer
    return found


def _owners(session: Session, findings: Iterable[Held]) -> dict[uuid.UUID, str]:
    """Return the stewards of the events of these findings."""
    events = {event for item in findings for event in (item.a, item.b) if event}
    found: dict[uuid.UUID, str] = {}
    for some in _chunks(list(events)):
        found.update(tuple(row) for row in read(session, _STEWARDS, {"ids": some}))
    return found


def _entry(turn: Turn, now: datetime) -> dict[str, Any]:
    severity = turn.before if turn.action == RESOLVED else turn.severity
    return {"finding_id": turn.id, "at": now, "action": turn.action, "severity": severity}


def _chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(items)
    while some := list(islice(rest, _MOST_IDS)):
        yield some
