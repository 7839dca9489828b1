"""The policy in force: the packaged one, or the one that a system administrator last put in its place."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import AuditEntry, PolicyVersion
from calendar_app.planning.policy import Policy, PolicyError, parse_policy
from calendar_app.services import audit
from calendar_app.services.reference_files import ReferenceFileError, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from calendar_app.services.events import Change

_FILE = "policy.toml"
PUT_IN_FORCE = "policy put in force"
AS_PACKAGED = "policy as packaged again"
# The text of a version that says: whatever policy comes with the program, also after an update of it.
_PACKAGED = ""
_NEWEST = select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)
_NEWEST_TEXT = select(PolicyVersion.text).order_by(PolicyVersion.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A policy with the settings, by name, that were taken from the packaged one because the text does not fit."""

    policy: Policy
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A version with what it changed when it was put in force: (setting, number before, number after)."""

    row: PolicyVersion
    is_packaged: bool
    changes: tuple[tuple[str, float, float], ...]


@cache
def packaged() -> Policy:
    """Return the policy that comes with the program. Raises `ReferenceFileError`."""
    try:
        return parse_policy(read(_FILE))
    except PolicyError as problem:
        raise ReferenceFileError(" ".join(map(_sentence, problem.problems))) from problem


def in_force(session: Session) -> Policy:
    """Return the policy with which findings are made now. Raises `ReferenceFileError` for a wrong packaged one."""
    text = session.scalar(_NEWEST_TEXT)
    return _reading_of(_PACKAGED if text is None else text).policy


def newest(session: Session) -> PolicyVersion | None:
    """Return what an administrator last put in force, None if nobody ever did."""
    return session.scalar(_NEWEST)


def reading(row: PolicyVersion | None) -> Reading:
    """Return the policy that a version states; without one, the packaged policy."""
    return _reading_of(_PACKAGED if row is None else row.text)


def _reading_of(text: str) -> Reading:
    return Reading(packaged()) if text == _PACKAGED else _read(text)


@lru_cache(maxsize=8)
def _read(text: str) -> Reading:
    """Return the policy of a text that another version of the program may have written.

    A setting that the text lacks, or whose number is not allowed any more, is taken from the packaged policy; one that
    there is no longer is left out. Raises `PolicyError` for what is no TOML.
    """
    values, taken = _settings(text), dict[str, None]()
    problems: list[tuple[str, str, tuple[str, ...]]]
    while True:
        try:
            return Reading(parse_policy(text), tuple(taken))
        except PolicyError as problem:
            problems = problem.problems
        # Each round leaves one wrong setting less, and the packaged ones fit together.
        for name, code, others in problems:
            if code == "unknown":
                values.pop(name, None)
                continue
            for setting in (name, *others) if code == "more-than" else (name,):
                values[setting] = getattr(packaged(), setting)
                taken[setting] = None
        text = "\n".join(f"{name} = {value!r}" for name, value in values.items())


def _settings(text: str) -> dict[str, Any]:
    """Return every setting that TOML states by name; sections only group them. Raises `PolicyError`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise PolicyError([("", "not-toml", (str(problem),))]) from None
    found: dict[str, Any] = {}
    for name, value in data.items():
        found.update(value if isinstance(value, dict) else {name: value})
    return found


def sections() -> dict[str, tuple[str, ...]]:
    """Return the names of the settings by section, in the order of the packaged policy."""
    data = tomllib.loads(read(_FILE))
    return {section: tuple(settings) for section, settings in data.items()}


def as_toml(policy: Policy) -> str:
    """Return a policy as TOML: the packaged text, with its comments, and these numbers."""
    text = read(_FILE)
    for item in fields(policy):
        line = f"{item.name} = {getattr(policy, item.name)!r}"
        text = re.sub(rf"^{item.name} *=.*$", line, text, flags=re.MULTILINE)
    return text


def differences(before: Policy, after: Policy) -> tuple[tuple[str, float, float], ...]:
    """Return the settings in which two policies differ: (setting, number before, number after)."""
    both = ((item.name, getattr(before, item.name), getattr(after, item.name)) for item in fields(Policy))
    return tuple(item for item in both if item[1] != item[2])


def put_in_force(session: Session, text: str, made: Change) -> bool:
    """Let findings be made with the policy that TOML states; tell whether that is a change. Raises `PolicyError`.

    Its settings are kept, not its comments. Call it inside the transaction of the change: the findings are judged anew
    at its end.
    """
    policy = parse_policy(text)
    before = reading(newest(session))
    if policy.version == before.policy.version and not before.taken:
        return False
    _keep(session, as_toml(policy), before.policy, policy, made)
    return True


def back_to_packaged(session: Session, made: Change) -> bool:
    """Let the policy that comes with the program hold again, also after an update of it; tell whether it did not."""
    row = newest(session)
    if row is None or row.text == _PACKAGED:
        return False
    _keep(session, _PACKAGED, reading(row).policy, packaged(), made)
    return True


def _keep(session: Session, text: str, before: Policy, after: Policy, made: Change) -> None:
    row = PolicyVersion(
        text=text,
        version=after.version,
        reason=made.reason,
        at=made.now,
        actor=made.actor[:300],
        account_id=made.account_id,
    )
    session.add(row)
    session.flush()
    changed = differences(before, after)
    audit.note(
        session,
        actor=made.actor,
        account_id=made.account_id,
        action=PUT_IN_FORCE if text else AS_PACKAGED,
        subject=after.version,
        now=made.now,
        details={
            "policy": row.id,
            "before": {name: old for name, old, _new in changed},
            "after": {name: new for name, _old, new in changed},
        },
    )


def history(session: Session) -> list[PastVersion]:
    """Return every version that was put in force, the newest first."""
    # The audit log has the numbers as they were: what was packaged then may not be what is packaged now.
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action.in_((PUT_IN_FORCE, AS_PACKAGED))))
    noted = {entry.details["policy"]: _changes(entry.details) for entry in entries}
    rows = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc()))
    return [PastVersion(row, row.text == _PACKAGED, noted.get(row.id, ())) for row in rows]


def _changes(details: Mapping[str, Any]) -> tuple[tuple[str, float, float], ...]:
    return tuple((name, old, details["after"][name]) for name, old in details["before"].items())


def _sentence(problem: tuple[str, str, tuple[str, ...]]) -> str:
    """Say what is wrong with the packaged file to whoever changed it."""
    name, code, values = problem
    said = {
        "not-toml": "the file is not TOML: {0}",
        "unknown": "{name} is no setting of the policy",
        "missing": "{name} is missing",
        "not-a-number": "{name} is not a number that it can have",
        "out-of-range": "{name} is not between {0} and {1}",
        "more-than": "{name} is more than {0}",
    }
    return f"{_FILE}: {said[code].format(*values, name=name)}."
