"""Backups: the whole calendar, as it is at one moment, in one file that both kinds of database take back.

The file is a zip archive with `manifest.json` and, for each table, `tables/<name>.jsonl`: a row is a line, a JSON list
of its values in the order of the columns that the manifest names, each written as its kind says (`KINDS`). Rows go
through one by one, so that memory does not grow with the calendar.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import secrets
import uuid
import zipfile
import zlib
from base64 import b64decode, b64encode
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Boolean, Date, Float, Integer, LargeBinary, String, Text, Uuid, cast, select
from sqlalchemy.types import NullType

from calendar_app.models.base import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Column, Table
    from sqlalchemy.orm import Session
    from sqlalchemy.types import TypeEngine

    # What to say of progress: the name of a table and how many of its rows are done.
    Tell = Callable[[str, int], None]

FORMAT = 1
# Which process leads the schedule is a state of processes, not of the calendar.
LEFT_OUT = frozenset({"scheduler_leases"})
AT_ONCE = 500
TOLD_EVERY = 10_000
_MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError, RuntimeError)


class BackupError(ValueError):
    """The file cannot be restored; the message is a sentence for whoever asked for it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of some columns are written and read; the same text for the same value on each database."""

    type: TypeEngine[Any]
    write: Callable[[Any], Any] | None = None
    read: Callable[[Any], Any] | None = None


KINDS = {
    "uuid": Kind(Uuid(), str, uuid.UUID),
    "moment": Kind(UtcDateTime(), datetime.isoformat, datetime.fromisoformat),
    "day": Kind(Date(), date.isoformat, date.fromisoformat),
    "bytes": Kind(LargeBinary(), lambda value: b64encode(value).decode("ascii"), b64decode),
    "boolean": Kind(Boolean()),
    "integer": Kind(Integer()),
    "number": Kind(Float()),
    "text": Kind(String()),
    # As the database keeps it, to the letter: there is a NULL of SQL beside the null of JSON. Without a type of ours
    # each database takes the text for what its column is.
    "json": Kind(NullType()),
}
_KIND_OF: dict[type[TypeEngine[Any]], str] = {
    Uuid: "uuid", UtcDateTime: "moment", Date: "day", LargeBinary: "bytes", Boolean: "boolean", Integer: "integer",
    Float: "number", String: "text", Text: "text", JSON: "json",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """A table in a backup: its columns (name, kind), how many rows it has, and the SHA-256 of its lines."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `revision` is that of the migrations, `moment` when it was taken (aware UTC)."""

    program: str
    revision: str
    moment: datetime
    database: str
    tables: tuple[Stored, ...]


def columns_of(table: Table) -> tuple[tuple[str, str], ...]:
    """Return the columns of a table with their kinds. A column of a new type is a KeyError."""
    return tuple((column.name, _KIND_OF[type(column.type)]) for column in table.columns)


def tables() -> list[Table]:
    """Return the tables that a backup holds, each after those to which it refers."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def write(session: Session, path: Path, *, program: str, revision: str, now: datetime, tell: Tell) -> Manifest:
    """Write a backup to `path`, for its owner's eyes only, in the place of what is there, once it is whole.

    What `session` reads has to be of one moment: see `extensions.snapshot`. What an earlier one that was killed left
    behind is removed; of two at once into the same place, the first fails. Raises OSError.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        left.unlink(missing_ok=True)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    # Made within, so that whatever ends this removes it, however early.
    try:
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                stored = tuple(_write_table(session, archive, table, tell) for table in tables())
                manifest = Manifest(program, revision, now, session.get_bind().dialect.name, stored)
                archive.writestr(_MANIFEST, _to_json(manifest))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return manifest


def _to_json(manifest: Manifest) -> str:
    values = {"format": FORMAT, **asdict(manifest), "moment": manifest.moment.isoformat()}
    return json.dumps(values)


def _write_table(session: Session, archive: zipfile.ZipFile, table: Table, tell: Tell) -> Stored:
    columns, count, digest = columns_of(table), 0, hashlib.sha256()
    writers = [KINDS[kind].write for _name, kind in columns]
    query = select(*map(_as_written, table.columns)).execution_options(yield_per=AT_ONCE)
    with archive.open(_member(table.name), "w", force_zip64=True) as file:
        for rows in session.connection().execute(query).partitions():
            lines = "".join(_line(row, writers) for row in rows).encode()
            digest.update(lines)
            file.write(lines)
            count += len(rows)
            if count % TOLD_EVERY == 0:
                tell(table.name, count)
    tell(table.name, count)
    return Stored(table.name, columns, count, digest.hexdigest())


def _as_written(column: Column[Any]) -> Any:  # noqa: ANN401 - a column or an expression of it
    return cast(column, Text) if isinstance(column.type, JSON) else column


def _line(row: Any, writers: list[Callable[[Any], Any] | None]) -> str:  # noqa: ANN401 - a row of any table
    values = [write(value) if write and value is not None else value for value, write in zip(row, writers, strict=True)]
    return json.dumps(values, ensure_ascii=False) + "\n"


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


class Backup:
    """A backup that is being read."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        """Read what it says of itself. Raises `BackupError`."""
        self._path = path
        self._archive = archive
        with self._readable():
            values = json.loads(archive.read(_MANIFEST))
            if values["format"] != FORMAT:
                message = f"{path.name} was written by a newer version of this program; restore it with that one."
                raise BackupError(message)
            self.manifest = _manifest(values)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except BackupError:
            raise
        except _DAMAGED:
            message = f"{self._path.name} is not a backup of this calendar, or it is damaged."
            raise BackupError(message) from None

    def check(self) -> None:
        """Read every table to its end. Raises `BackupError` if anything is not as it was written."""
        for stored in self.manifest.tables:
            with self._readable():
                digest, lines = hashlib.sha256(), 0
                with self._archive.open(_member(stored.name)) as file:
                    while chunk := file.read(_CHUNK):
                        digest.update(chunk)
                        lines += chunk.count(b"\n")
            if (digest.hexdigest(), lines) != (stored.sha256, stored.rows):
                message = f"{self._path.name} is damaged: {stored.name} is not as it was written."
                raise BackupError(message)

    def batches(self, stored: Stored) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of a table, some at a time, as values by name of column."""
        names = [name for name, _kind in stored.columns]
        readers = [KINDS[kind].read for _name, kind in stored.columns]
        batch: list[dict[str, Any]] = []
        with self._archive.open(_member(stored.name)) as file:
            for line in file:
                values = zip(json.loads(line), readers, strict=True)
                read = [reader(value) if reader and value is not None else value for value, reader in values]
                batch.append(dict(zip(names, read, strict=True)))
                if len(batch) == AT_ONCE:
                    yield batch
                    batch = []
        if batch:
            yield batch


def _manifest(values: dict[str, Any]) -> Manifest:
    stored = tuple(
        Stored(table["name"], tuple((name, kind) for name, kind in table["columns"]), table["rows"], table["sha256"])
        for table in values["tables"]
    )
    if unknown := {kind for table in stored for _name, kind in table.columns} - KINDS.keys():
        raise KeyError(*unknown)
    moment = datetime.fromisoformat(values["moment"])
    return Manifest(values["program"], values["revision"], moment, values["database"], stored)


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """Open a backup. Raises `BackupError` if it is none, OSError if it cannot be read."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        message = f"{path.name} is not a backup of this calendar, or it is damaged."
        raise BackupError(message) from None
    with archive:
        yield Backup(path, archive)
