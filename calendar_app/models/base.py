"""What every table stands on: the declarative base, aware UTC times, constraint names that migrations rely on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime, Dialect, MetaData
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database. Binding a naive one is a ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC on the way in; SQLite keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"a stored time must carry its zone: {value.isoformat()}"
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return aware UTC on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The declarative base; plain SQLAlchemy, so that services work on a bare session."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UtcDateTime,
            dict[str, str]: JSON,
            list[str]: JSON,
            list[dict[str, Any]]: JSON,
            dict[str, Any]: JSON,
        },
    )


_WAIT = "busy_timeout = 10000"


def prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    """Set up a new SQLite connection: foreign keys, write-ahead log, and waiting instead of failing when locked.

    Transactions are begun by `begin_sqlite`, because the driver's own way starts them too late.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = NORMAL", _WAIT):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_sqlite(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy hands over its Connection untyped here
    """Begin a transaction; one that will write takes the lock at once, so that it waits instead of failing later.

    One that does not wait fails at once if somebody else writes.
    """
    options = connection.get_execution_options()
    begin = "BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN"
    if options.get("waits", True):
        connection.exec_driver_sql(begin)
        return
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql(begin)
    finally:
        connection.exec_driver_sql(f"PRAGMA {_WAIT}")
