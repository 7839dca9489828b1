"""Which events a transaction has changed: planning looks at them again before it is committed, feeds show them anew.

`events` notes them as it writes; `findings` and `renderings` take them at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calendar_app.services.planning_rows import STANDING

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.planning.dates import Span
    from calendar_app.services.records import EventRecord

# What planning reads of an event (`planning_rows`), and its steward, who answers for it.
PLANNED_BY = frozenset(
    "kind processes bodies organisers series part_of part_role links span precision start_time end_time timezone status"
    " format remote_participation venue city country regions audiences steward stage expected_participants key_persons"
    " services options visibility merged_into".split()
)
_KEY, _SHOWN = "touched events", "events to show anew"


@dataclass(frozen=True, slots=True)
class Before:
    """What an event said before the transaction, as far as its neighbours were told of it."""

    kind: str = ""
    span: Span | None = None
    part_of: uuid.UUID | None = None
    linked: frozenset[uuid.UUID] = frozenset()


_NEW = Before()


def stands(event: Event) -> bool:
    """Tell whether planning sees the event: what is not decided on, or merged into another one, it does not."""
    return event.stage in STANDING and event.merged_into_id is None


def note(
    session: Session, event: Event, *, stood: bool, old: EventRecord | None = None, changed: Iterable[str] = ()
) -> None:
    """Note an event that was created, or changed from `old` in the fields `changed`; `stood` is `stands` before."""
    note_shown(session, [event.id])
    if not (stood or stands(event)) or (old is not None and not PLANNED_BY & set(changed)):
        return
    noted = _noted(session)
    if noted is None:
        noted = {}
        session.info[_KEY] = (session.get_transaction(), noted)
    if event.id not in noted:
        noted[event.id] = _before(old) if old and stood else _NEW


def note_shown(session: Session, ids: Iterable[uuid.UUID]) -> None:
    """Note events that feeds may have to show in another way: changed themselves, or what they refer to."""
    noted = _shown(session)
    if noted is None:
        noted = set()
        session.info[_SHOWN] = (session.get_transaction(), noted)
    noted.update(ids)


def take_shown(session: Session) -> set[uuid.UUID]:
    """Return the events that `note_shown` was told of in this transaction, and forget them."""
    noted = _shown(session) or set()
    session.info.pop(_SHOWN, None)
    return noted


def anything(session: Session) -> bool:
    """Tell whether this transaction has touched any event."""
    return bool(_noted(session) or _shown(session))


def events(session: Session) -> frozenset[uuid.UUID]:
    """Return the events that this transaction has touched so far."""
    return frozenset(_noted(session) or ())


def take(session: Session) -> Mapping[uuid.UUID, Before]:
    """Return the events that this transaction has touched, with how they were before, and forget them."""
    noted = _noted(session) or {}
    session.info.pop(_KEY, None)
    return noted


def _noted(session: Session) -> dict[uuid.UUID, Before] | None:
    transaction, noted = session.info.get(_KEY, (None, None))
    return noted if noted is not None and transaction is session.get_transaction() else None


def _shown(session: Session) -> set[uuid.UUID] | None:
    transaction, noted = session.info.get(_SHOWN, (None, None))
    return noted if noted is not None and transaction is session.get_transaction() else None


def _before(old: EventRecord) -> Before:
    return Before(old.kind, old.span, old.part_of, frozenset(link.other for link in old.links))
