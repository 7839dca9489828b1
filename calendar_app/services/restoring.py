"""Putting a backup in the place of what is stored: in one transaction of the caller, so wholly or not at all.

Processes that run meanwhile read the old state until it is committed, and then the new one: the calendar's version has
gone on, so nothing that they keep is taken for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    bindparam,
    delete,
    func,
    insert,
    inspect,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError

from calendar_app.models import Account, CalendarVersion, Event, EventRendering, OutboxMessage, Revision, SignIn
from calendar_app.services import audit, events, organisations, renderings
from calendar_app.services.accounts import COMMAND_LINE
from calendar_app.services.backup import AT_ONCE, KINDS, LEFT_OUT, TOLD_EVERY, BackupError, columns_of, tables
from calendar_app.services.reference import using
from calendar_app.services.reference_entries import read_lists
from calendar_app.services.undelivered import RESTORED

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from calendar_app.services.backup import Backup, Stored, Tell
    from calendar_app.services.reference import Reference

_POSTGRESQL = "postgresql"
# How often, and how long each time, a restore waits for those who write. After one second PostgreSQL sees a deadlock
# and sends autovacuum away.
TRIES = 5
WAIT_SECONDS = 2
# SQLSTATE of lock_not_available and deadlock_detected.
_IN_THE_WAY = frozenset({"55P03", "40P01"})
# By how much SEQUENCE goes on where nobody knows how far readers were: more changes than any event has between backups.
MARGIN = 1000
# What every calendar has before anybody has put anything in.
_ALWAYS_THERE = LEFT_OUT | {"calendar_version", "organisations", "organisation_seats"}


@dataclass(frozen=True, slots=True)
class Known:
    """What readers may know of the calendar that is replaced: its version, and (SEQUENCE, LAST-MODIFIED) of events.

    `first` is the event and the moment of its first revision, which tells calendars apart.
    """

    version: int
    changed_at: datetime | None
    first: tuple[uuid.UUID, datetime] | None
    events: Mapping[uuid.UUID, tuple[int, datetime]]


def is_blank(session: Session) -> bool:
    """Tell whether nothing is stored but what the program itself puts into a new calendar."""
    existing = set(inspect(session.connection()).get_table_names())
    filled = (table for table in tables() if table.name in existing - _ALWAYS_THERE)
    return not any(session.scalar(select(literal_column("1")).select_from(table).limit(1)) for table in filled)


def counted(session: Session) -> tuple[int, int]:
    """Return how many events and how many accounts there are, 0 while there is no table of them."""
    existing = set(inspect(session.connection()).get_table_names())
    events_there, accounts_there = (
        session.scalar(select(func.count()).select_from(model)) if model.__tablename__ in existing else 0
        for model in (Event, Account)
    )
    return events_there or 0, accounts_there or 0


def hold_others(session: Session, *, readers: bool) -> None:
    """Let nobody write until the transaction ends, and nobody read if `readers` are to be held as well.

    On SQLite whoever writes has the database for itself. On PostgreSQL this has to come first in the transaction: once
    it holds the row of the calendar's version, who waits for that row would be waited for here. The order is that of
    others: first the calendar's version, then what refers before that to which it refers. Who is in the way
    nevertheless gets on, as everything is let go before each further try. Raises `BackupError`.
    """
    connection = session.connection()
    if connection.dialect.name != _POSTGRESQL:
        return
    gate = CalendarVersion.__tablename__
    names = ", ".join([gate, *(table.name for table in reversed(tables()) if table.name != gate)])
    mode = "ACCESS EXCLUSIVE" if readers else "EXCLUSIVE"
    for _ in range(TRIES):
        try:
            with connection.begin_nested():
                connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
                connection.execute(text(f"LOCK TABLE {names} IN {mode} MODE"))
                connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
        except OperationalError as problem:
            if getattr(problem.orig, "sqlstate", None) not in _IN_THE_WAY:
                raise
        else:
            return
    message = f"Others have been at work for {TRIES * WAIT_SECONDS} seconds without a gap: try again when few are."
    raise BackupError(message)


def replace_all(session: Session, backup: Backup, *, newest: str, migrate: Callable[[str], None], tell: Tell) -> None:
    """Put the rows of a backup in the place of all rows.

    `newest` is the revision of this program, at which the tables are. A backup of an older one goes into tables taken
    back to it by `migrate`, while they are empty, which are then brought up to date again; tables are
    changed then, so readers have to be held, too (`hold_others`). Raises `BackupError`.
    """
    older = backup.manifest.revision != newest
    if not older and [(s.name, s.columns) for s in backup.manifest.tables] != [
        (t.name, columns_of(t)) for t in tables()
    ]:
        message = "The tables of the backup are not those of its revision: it was not written by this program."
        raise BackupError(message)
    clear(session)
    connection = session.connection()
    if older:
        _check_references(connection)
        migrate(backup.manifest.revision)
    for stored in backup.manifest.tables:
        _fill(connection, backup, stored, tell)
    if older:
        _check_references(connection)
        migrate(newest)
    _count_on(connection)


def clear(session: Session) -> None:
    """Delete all rows of all tables that a backup holds."""
    session.expunge_all()
    for table in reversed(tables()):
        session.connection().execute(delete(table))


def _check_references(connection: Connection) -> None:
    """Have what was put off until the end checked now: PostgreSQL changes no table that still waits for it."""
    if connection.dialect.name == _POSTGRESQL:
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def _fill(connection: Connection, backup: Backup, stored: Stored, tell: Tell) -> None:
    table = Table(stored.name, MetaData(), *(Column(name, KINDS[kind].type) for name, kind in stored.columns))
    later = _own_references(connection, stored.name)
    (key,) = inspect(connection).get_pk_constraint(stored.name)["constrained_columns"] if later else ("",)
    put_off: list[dict[str, Any]] = []
    count = 0
    for rows in backup.batches(stored):
        for row in rows if later else ():
            if any(row[name] is not None for name in later):
                put_off.append({"its_key": row[key], **{f"its_{name}": row[name] for name in later}})
                row.update(dict.fromkeys(later))
        connection.execute(insert(table), rows)
        count += len(rows)
        if count % TOLD_EVERY == 0:
            tell(stored.name, count)
    if put_off:
        values: dict[str, Any] = {name: bindparam(f"its_{name}") for name in later}
        connection.execute(update(table).where(table.c[key] == bindparam("its_key")).values(values), put_off)
    tell(stored.name, count)


def _own_references(connection: Connection, name: str) -> list[str]:
    """Return the columns that refer to rows of the same table at once: those may come only after them."""
    return [
        column
        for constraint in inspect(connection).get_foreign_keys(name)
        if constraint["referred_table"] == name and not constraint.get("options", {}).get("deferrable")
        for column in constraint["constrained_columns"]
    ]


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows after those that came with their numbers; SQLite does so by itself.

    A number is never lowered: it would stay so although the transaction is rolled back.
    """
    if connection.dialect.name != _POSTGRESQL:
        return
    for table in tables():
        for column in table.primary_key.columns:
            sequence = isinstance(column.type, Integer) and connection.scalar(
                select(func.pg_get_serial_sequence(table.name, column.name))
            )
            if sequence:
                # What was never asked for a number has none: NULL, which `greatest` passes over.
                highest = func.greatest(func.max(column), func.pg_sequence_last_value(sequence), 0)
                connection.execute(select(func.setval(sequence, func.greatest(highest, 1), highest > 0)))


def known(session: Session) -> Known:
    """Return what readers may know of the calendar as it is now."""
    version = session.get(CalendarVersion, 1)
    rows = session.execute(select(Event.id, Event.sequence, Event.last_modified)).tuples()
    return Known(
        version.version if version else 0,
        version.changed_at if version else None,
        _first_revision(session),
        {event_id: (sequence, moment) for event_id, sequence, moment in rows},
    )


def _first_revision(session: Session) -> tuple[uuid.UUID, datetime] | None:
    row = session.execute(select(Revision.event_id, Revision.at).order_by(Revision.id).limit(1)).tuples().first()
    return row and (row[0], row[1])


def take_over(session: Session, before: Known, taken: datetime, facts: Reference, home_url: str, now: datetime) -> None:
    """Make a restored calendar one that goes on from here, in the same transaction.

    Its version, and the SEQUENCE of events of which readers know a later state (`before`), go on from what they were.
    Where `before` cannot tell what readers know, as the calendar had been lost, SEQUENCE goes on by `MARGIN` and
    LAST-MODIFIED is now, once, so that calendar programs take the restored state: of an event that is not in `before`,
    and of all events if `before` is another calendar or an earlier state of this one.
    All browsers are signed out: one that was signed out since would be signed in again. Letters that waited when the
    backup was `taken` are not sent: they may have been since. `facts` are the packaged lists.
    """
    session.expire_all()
    _go_on(session, before, now)
    session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now))
    waiting = OutboxMessage.state.in_(("queued", "sending"))
    session.execute(update(OutboxMessage).where(waiting).values(state="failed", error=RESTORED, due_at=now))
    details = {"taken": taken.isoformat(timespec="seconds")}
    audit.note(session, actor=COMMAND_LINE, action="calendar restored", subject="", now=now, details=details)
    organisations.add_packaged(session, facts)
    lists = read_lists(session)
    with using(lists):
        events.derive_anew(session, lists, lists.digest)
        session.flush()
        renderings.refresh(session, renderings.stale(session, home_url), home_url, now)


def _go_on(session: Session, before: Known, now: datetime) -> None:
    """Let the calendar's version, and SEQUENCE and LAST-MODIFIED of events, go on from the higher of two states."""
    now = events.whole_second(now)
    version = session.get(CalendarVersion, 1)
    if version is None:
        version = CalendarVersion(id=1, version=0, changed_at=now)
        session.add(version)
    goes_on = _higher_sequences(session, before, version.version)
    version.version = max(version.version, before.version) + 1
    later = [moment + timedelta(seconds=1) for moment in (version.changed_at, before.changed_at) if moment]
    version.changed_at = max(now, *later)
    session.flush()
    behind = sorted(goes_on)
    for first in range(0, len(behind), AT_ONCE):
        some = behind[first : first + AT_ONCE]
        for event in session.scalars(select(Event).where(Event.id.in_(some))):
            _sequence, modified = before.events.get(event.id, (0, event.last_modified))
            event.sequence = goes_on[event.id]
            event.hidden_sequence = event.sequence if event.hidden_sequence is not None else None
            event.last_modified = max(
                now, *(moment + timedelta(seconds=1) for moment in (modified, event.last_modified))
            )
        session.execute(delete(EventRendering).where(EventRendering.event_id.in_(some)))
        session.flush()


def _higher_sequences(session: Session, before: Known, version: int) -> dict[uuid.UUID, int]:
    """Return the SEQUENCE with which events go on that readers may know in a later state; `version` is the backup's."""
    is_later = before.version >= version and before.first == _first_revision(session)
    found = {}
    for event_id, sequence in session.execute(select(Event.id, Event.sequence)).tuples():
        seen = before.events[event_id][0] if event_id in before.events else None
        if seen is None or not is_later:
            found[event_id] = max(sequence, seen or 0) + MARGIN
        elif seen > sequence:
            found[event_id] = seen + 1
    return found
