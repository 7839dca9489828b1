"""A database filled with what its tables can hold, whether or not the program would ever write it: rows by chance."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Float, Integer, LargeBinary, Text, Uuid, cast, insert, null, select, update

from calendar_app.models import Base
from calendar_app.models.base import UtcDateTime

LETTERS = "aZ0 \t\n\r\"'\\,;|%{}<>éßñ–“”\u200f\u2028\x7f\x01العربية中文кириллица😀𐍈\ufeff"  # noqa: RUF001
MOST_ROWS = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fill(connection, seed: int) -> None:
    """Write up to four rows into each table, at least one where others refer to it."""
    chance = random.Random(seed)
    stored: dict[str, list[dict[str, Any]]] = {}
    referred = {key.column.table.name for table in Base.metadata.sorted_tables for key in table.foreign_keys}
    for table in Base.metadata.sorted_tables:
        rows: dict[tuple[object, ...], dict[str, Any]] = {}
        for _ in range(chance.randint(int(table.name in referred), MOST_ROWS)):
            row = _row(table, chance, stored)
            if row is not None:
                rows[tuple(row[c.name] for c in table.primary_key)] = row
        stored[table.name] = list(rows.values())
        for row in stored[table.name]:
            connection.execute(insert(table).values(row))
        _refer_to_each_other(connection, table, chance, stored[table.name])


def _refer_to_each_other(connection, table, chance: random.Random, rows: list[dict[str, Any]]) -> None:
    """Let rows refer to others of their own table, earlier and later ones."""
    for key in table.foreign_keys:
        if key.column.table is table:
            for row in rows:
                other = chance.choice([None, *(one["id"] for one in rows)])
                connection.execute(update(table).where(table.c.id == row["id"]).values({key.parent: other}))


def _row(table, chance: random.Random, stored: dict[str, list[dict[str, Any]]]) -> dict[str, Any] | None:
    row = {}
    for column in table.columns:
        if column.foreign_keys:
            parents = _parents(column, stored)
            if not parents:
                return None
            row[column.name] = chance.choice(parents)
            if column.unique:
                stored.setdefault(f"taken by {column}", []).append(row[column.name])
        else:
            row[column.name] = _value(column, chance)
    if table.name == "events":
        start = date(2000, 1, 1) + timedelta(days=chance.randint(0, 20_000))
        row["start"], row["end"] = chance.choice([(None, None), (start, start + timedelta(chance.randint(1, 400)))])
    if table.name == "calendar_version":
        row["id"] = 1
    return row


def _parents(column, stored: dict[str, list[dict[str, Any]]]) -> list[Any]:
    """Return to what a column may refer."""
    (key,) = column.foreign_keys
    if key.column.table is column.table:
        return [None]
    found = [row[key.column.name] for row in stored[key.column.table.name]]
    return [None] * column.nullable + [one for one in found if one not in stored.get(f"taken by {column}", ())]


def _value(column, chance: random.Random) -> Any:
    if column.nullable and chance.random() < 0.3:
        return null() if isinstance(column.type, JSON) else None
    if make := _MAKERS.get(type(column.type)):
        return make(chance)
    # Some are unique, and some of those are short.
    return (f"{chance.getrandbits(64):x}" + _text(chance, 300))[: column.type.length]


def _text(chance: random.Random, most: int) -> str:
    return "".join(chance.choices(LETTERS, k=chance.choice([0, 1, 20, most])))


def _json(chance: random.Random, depth: int) -> Any:
    if depth and chance.random() < 0.5:
        if chance.random() < 0.5:
            return [_json(chance, depth - 1) for _ in range(chance.randint(0, 3))]
        return {_text(chance, 20): _json(chance, depth - 1) for _ in range(chance.randint(0, 3))}
    return chance.choice([None, True, 0, -1.25, 10**20, _text(chance, 50)])


_MAKERS = {
    Boolean: lambda chance: chance.random() < 0.5,
    Integer: lambda chance: chance.randint(-(2**31), 2**31 - 1),
    Float: lambda chance: chance.choice([0.0, -1.5, 1e-300, 0.1 + 0.2, chance.uniform(-1e9, 1e9)]),
    UtcDateTime: lambda chance: _EPOCH + timedelta(microseconds=chance.randint(-(10**15), 5 * 10**15)),
    Date: lambda chance: date(1, 1, 1) + timedelta(days=chance.randint(0, 3_600_000)),
    Uuid: lambda chance: uuid.UUID(int=chance.getrandbits(128)),
    LargeBinary: lambda chance: chance.randbytes(chance.randint(0, 300)),
    # A number alone would be one to SQLite, too; the program keeps lists and tables of values.
    JSON: lambda chance: chance.choice([None, [_json(chance, 2)], {_text(chance, 20): _json(chance, 2)}]),
    Text: lambda chance: _text(chance, 3000),
}


def rows_of(connection, *, but: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Return every row of every table as text, JSON to the letter, in an order that no database decides."""
    found = {}
    for table in Base.metadata.sorted_tables:
        columns = [cast(c, Text) if isinstance(c.type, JSON) else c for c in table.columns]
        if table.name not in but:
            rows = connection.execute(select(*columns)).all()
            found[table.name] = sorted(json.dumps(list(row), default=repr) for row in rows)
    return found
