"""The commands that copy the whole calendar into a file and put it back."""

from __future__ import annotations

import signal
import sys
import tomllib
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from alembic import command
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError

from calendar_app.extensions import clock, db, snapshot, transaction
from calendar_app.migrating import migrate
from calendar_app.services import backup, restoring, schema
from calendar_app.services.reference import packaged_lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from calendar_app.services.backup import Backup

_WRONG_CALL = 2


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup_command(file: Path) -> None:
    """Write the whole calendar, as it is now, into FILE, while it runs.

    FILE holds addresses, password hashes and the secrets of second steps: only its owner may read it, and so should it
    stay.
    """
    with _ended_by_sigterm(), snapshot() as session:
        _refuse_later(session)
        if schema.state(session) is not schema.State.CURRENT:
            _end("The tables are not those of this version of the program: run 'flask prepare' first.")
        program = f"{_project()['name']} {_project()['version']}"
        try:
            written = backup.write(
                session, file, program=program, revision=schema.NEWEST, now=clock.now(), tell=_tell_rows
            )
        except OSError as problem:
            _end(f"{file} cannot be written: {problem.strerror}.")
    click.echo(f"{sum(table.rows for table in written.tables)} rows written to {file}.", err=True)
    click.echo(
        "It holds addresses, password hashes and the secrets of second steps: keep it as you keep those.", err=True
    )


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace what is in the calendar.")
@with_appcontext
def restore_command(file: Path, *, yes: bool) -> None:
    """Put what is in FILE, a backup, in the place of the whole calendar, also while it runs.

    All or nothing: stopped at any moment, it has changed nothing, except that tables of an older version of the program
    were brought up to date.
    """
    left = "Nothing was changed."
    try:
        with backup.opened(file) as opened:
            _refuse_newer(opened)
            _refuse_later(db.session(), ", or restore into an empty database. Nothing was changed")
            click.echo(f"A backup of {opened.manifest.moment.isoformat(timespec='seconds')}. Checking it ...", err=True)
            opened.check()
            behind = _refuse_to_replace(opened, yes=yes)
            if behind:
                left = "Nothing was changed but the tables themselves, which are brought up to date first."
                upgrade()
            _restore(opened)
    except backup.BackupError as problem:
        _end(f"{problem} {left}")
    except OSError as problem:
        _end(f"{file} cannot be read: {problem.strerror or problem}. {left}")
    except DBAPIError as problem:
        reason = str(problem.orig).strip().partition("\n")[0]
        _end(f"The database does not take it: {reason}. {left}")
    click.echo(f"The calendar is as it was at {opened.manifest.moment.isoformat(timespec='seconds')}.", err=True)
    click.echo(
        "Everybody has to sign in again. With another SECRET_KEY, second steps have to be set up again.", err=True
    )


def _restore(opened: Backup) -> None:
    newest = schema.NEWEST
    older = opened.manifest.revision != newest
    if older and db.engine.name == "postgresql":
        click.echo("It is of an older version, so pages and feeds wait too, until the restore is done.", err=True)
    with transaction(first=partial(restoring.hold_others, readers=older)) as session:
        before = restoring.known(session)
        step = partial(_migrate, session.connection(), newest=newest)
        restoring.replace_all(session, opened, newest=newest, migrate=step, tell=_tell_rows)
        click.echo("Making searches and feeds ...", err=True)
        home = current_app.config["PUBLIC_URL"]
        restoring.take_over(session, before, opened.manifest.moment, packaged_lists(), home, clock.now())


def _refuse_newer(opened: Backup) -> None:
    known = {script.revision for script in _script().walk_revisions()}
    if opened.manifest.revision not in known:
        _end(
            f"The backup was written by a newer version of this program ({opened.manifest.program}, tables"
            f" {opened.manifest.revision}): restore it with that version. Nothing was changed."
        )


def _refuse_later(session: Session, besides: str = "") -> None:
    tables = schema.state(session)
    if tables is schema.State.LATER:
        _end(f"{tables.value[0].upper()}{tables.value[1:]}{besides}.")


def _refuse_to_replace(opened: Backup, *, yes: bool) -> bool:
    """End if there is something to replace and nobody said so; return whether the tables are of an older version."""
    session = db.session()
    behind = schema.state(session) is schema.State.BEHIND
    if not yes and not restoring.is_blank(session):
        events, accounts = restoring.counted(session)
        held = {table.name: table.rows for table in opened.manifest.tables}
        click.echo(
            f"The calendar is not empty: it has {events} events and {accounts} accounts. The backup, with"
            f" {held.get('events', 0)} events and {held.get('accounts', 0)} accounts, would replace all of it."
            " Give --yes to do so. Nothing was changed.",
            err=True,
        )
        sys.exit(_WRONG_CALL)
    session.rollback()
    return behind


def _migrate(connection: Connection, revision: str, *, newest: str) -> None:
    """Bring the tables to a revision, within the transaction of the connection."""
    config = _config()
    config.attributes["connection"] = connection
    (command.upgrade if revision == newest else command.downgrade)(config, revision)


def _config() -> Config:
    config: Config = migrate.get_config()
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _project() -> dict[str, str]:
    file = Path(current_app.root_path, "pyproject.toml")
    project: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    return project


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does, so that what is unfinished is removed."""
    before = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell_rows(table: str, rows: int) -> None:
    if rows:
        click.echo(f"{table}: {rows} rows", err=True)


def _end(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
