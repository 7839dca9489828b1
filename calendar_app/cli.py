"""The command line, thin: arguments in, one service call, a report out. Messages go to stderr, data to stdout."""

from __future__ import annotations

import os
import re
import socket
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import schedule
from calendar_app.services import events, holidays, importing, observances, organisations, sheets
from calendar_app.services.columns import COLUMNS, said_of
from calendar_app.services.events import Change
from calendar_app.services.reference import ReferenceFileError, digest, reference

if TYPE_CHECKING:
    from flask import Flask

    from calendar_app.services.reference import Reference

events_group = AppGroup("events", help="Bring events in and take them out.")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME = 40


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(events_group)
    for command in (prepare_command, serve_command, scheduler_command):
        app.cli.add_command(command)


def prepare(*, empty: bool = False) -> None:
    """Bring the database up to date and, when the calendar is empty and not to stay so, load the packaged one."""
    facts = _checked_lists()
    try:
        upgrade()
    except DBAPIError as problem:
        reason = str(problem.orig).strip().partition("\n")[0]
        click.echo(f"The calendar cannot start. DATABASE_URL: the database cannot be used: {reason}.", err=True)
        sys.exit(1)
    report = None
    with transaction() as session:
        organisations.add_packaged(session, facts)
        if not empty and importing.is_empty(session):
            click.echo("Loading the packaged calendar ...", err=True)
            with resources.as_file(resources.files("calendar_app") / "reference" / "events.csv") as path:
                sheet = sheets.read_sheet(path, COLUMNS)
            change = Change("packaged calendar", clock.now())
            report = importing.import_rows(session, sheet.rows, change, facts)
        events.derive_anew(session, facts, digest())
    if report:
        _tell_problems(report, sheet.remarks)
        _tell_sum(report)


def _checked_lists() -> Reference:
    """Read every packaged list; a mistake in one ends the program with a sentence."""
    try:
        holidays.lists(), holidays.all_holidays(), holidays.duty_stations(), observances.all_observances()
        holidays.check_periods()
        return reference()
    except ReferenceFileError as problem:
        click.echo(f"The calendar cannot start. In calendar_app/reference/: {problem}", err=True)
        sys.exit(1)


@click.command("prepare")
@click.option(
    "--empty",
    is_flag=True,
    help="Leave an empty calendar empty. `flask serve` still loads the packaged calendar if it finds no event, so"
    " import your own before you start it.",
)
@with_appcontext
def prepare_command(*, empty: bool) -> None:
    """Migrate the database; load the packaged calendar into an empty one."""
    prepare(empty=empty)


@click.command("serve")
@with_appcontext
def serve_command() -> None:
    """Prepare, then serve web and scheduler until stopped."""
    config = current_app.config
    _require_free_port(config["HOST"], config["PORT"])
    prepare()
    click.echo(f"\n  The calendar is at {config['PUBLIC_URL']}/")
    click.echo("  Everything on it is public; no sign-in is needed. Ctrl-C stops it.\n")
    sys.stdout.flush()
    db.engine.dispose()
    command = [
        sys.executable,
        "-m",
        "calendar_app.supervisor",
        config["HOST"],
        str(config["PORT"]),
        str(config["WORKERS"]),
    ]
    # Replaces this process: what stays to watch the others is small.
    os.execv(sys.executable, command)  # noqa: S606


def _require_free_port(host: str, port: int) -> None:
    """End with a sentence if somebody listens there; the web server itself would share the port without a word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As the server does: connections of the last run that are still closing are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as problem:
        click.echo(f"The calendar cannot start. HOST {host} with PORT {port}: {problem.strerror}.", err=True)
        sys.exit(1)


@click.command("scheduler")
@with_appcontext
def scheduler_command() -> None:
    """Run the scheduler until stopped."""
    schedule.run(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - the app outlives this context


def _slug(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value and not (_NAME.fullmatch(value) and len(value) <= _LONGEST_NAME):
        message = f"write a short name of small letters, digits and hyphens, at most {_LONGEST_NAME}, such as unep-law."
        raise click.BadParameter(message)
    return value


@events_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would happen and change nothing.")
@click.option("--reason", default="", help="Why, for the history of each event.")
@click.option(
    "--source",
    metavar="NAME",
    default="",
    callback=_slug,
    help="Whose sheet it is, such as unep-law: its ids are kept as NAME:id, apart from those of other sheets.",
)
@with_appcontext
def import_command(file: Path, *, dry_run: bool, reason: str, source: str) -> None:
    """Create and change events from a CSV or XLSX FILE. Exit status 1 if any row was rejected."""
    try:
        sheet = sheets.read_sheet(file, COLUMNS)
    except sheets.SheetError as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    with transaction(keep=not dry_run) as session:
        organisations.add_packaged(session, reference())
        change = Change(f"import of {file.name}"[:200], clock.now(), reason)
        report = importing.import_rows(session, sheet.rows, change, reference(), source)
    if dry_run:
        click.echo("Dry run: nothing was changed.", err=True)
    for line, title in report.created:
        click.echo(f"line {line} created: {title}", err=True)
    for line, title, fields in report.changed:
        click.echo(f"line {line} changed ({', '.join(said_of(fields))}): {title}", err=True)
    _tell_problems(report, sheet.remarks)
    _tell_sum(report)
    sys.exit(1 if report.rejected else 0)


@events_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@with_appcontext
def export_command(file: Path) -> None:
    """Write every event, internal fields included, to a CSV or XLSX FILE that import reads back."""
    try:
        count = sheets.write_sheet(file, COLUMNS, importing.export_rows(db.session(), reference()))
    except (sheets.SheetError, OSError) as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    click.echo(f"{count} events written to {file}.", err=True)


def _tell_problems(report: importing.Report, remarks: list[str]) -> None:
    for remark in remarks:
        click.echo(remark, err=True)
    for line, title, problems in report.rejected:
        for problem in problems:
            click.echo(f"line {line} rejected ({title or 'no title'}): {problem}", err=True)


def _tell_sum(report: importing.Report) -> None:
    click.echo(
        f"{len(report.created)} created, {len(report.changed)} changed, {report.unchanged} unchanged,"
        f" {len(report.rejected)} rejected."
    )
