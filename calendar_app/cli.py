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
from flask import current_app, url_for
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError

from calendar_app.backup_commands import backup_command, restore_command
from calendar_app.clash_commands import clashes_group
from calendar_app.digest_commands import digests_group
from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import schedule
from calendar_app.services import (
    accounts,
    calendar,
    differences,
    events,
    feed_rows,
    holidays,
    importing,
    observances,
    organisations,
    planning_facts,
    policies,
    renderings,
    schema,
    sheets,
)
from calendar_app.services.access import Role
from calendar_app.services.calendar import OPERATOR, calendar_version
from calendar_app.services.columns import COLUMNS, said_of
from calendar_app.services.events import Change
from calendar_app.services.field_words import FieldWords
from calendar_app.services.import_terms import Terms
from calendar_app.services.records import LANGUAGES
from calendar_app.services.reference import ReferenceFileError, reference
from calendar_app.services.reference_entries import lists_of, read_lists
from calendar_app.services.wording import Words
from calendar_app.source_commands import sources_group
from calendar_app.web.accounts import links, two_step
from calendar_app.web.page import public_url

if TYPE_CHECKING:
    from flask import Flask
    from flask.ctx import RequestContext
    from sqlalchemy.orm import Session

    from calendar_app.services.import_report import Report
    from calendar_app.services.reference import Reference

events_group = AppGroup("events", help="Bring events in and take them out.")
accounts_group = AppGroup("accounts", help="Let people in.")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME = 40
_RENDERED_AT_ONCE = 500


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(events_group)
    app.cli.add_command(accounts_group)
    app.cli.add_command(clashes_group)
    app.cli.add_command(sources_group)
    app.cli.add_command(digests_group)
    for command in (prepare_command, serve_command, scheduler_command, backup_command, restore_command):
        app.cli.add_command(command)


def prepare(*, empty: bool = False) -> None:
    """Bring the database up to date and, when the calendar is empty and not to stay so, load the packaged one."""
    facts = _checked_lists()
    try:
        tables = schema.state(db.session())
        db.session.rollback()
        if tables is schema.State.LATER:
            click.echo(f"The calendar cannot start: {tables.value}.", err=True)
            sys.exit(1)
        upgrade()
    except DBAPIError as problem:
        reason = str(problem.orig).strip().partition("\n")[0]
        click.echo(f"The calendar cannot start. DATABASE_URL: the database cannot be used: {reason}.", err=True)
        sys.exit(1)
    report = None
    with transaction() as session:
        organisations.add_packaged(session, facts)
        if not empty and calendar.is_empty(session):
            click.echo("Loading the packaged calendar ...", err=True)
            with resources.as_file(resources.files("calendar_app") / "reference" / "events.csv") as path:
                sheet = sheets.read_sheet(path, COLUMNS)
            change = Change("packaged calendar", clock.now())
            report = importing.import_rows(session, sheet.rows, change, facts)
        # With what people have added: the packaged lists alone would take it out of the search texts.
        lists = read_lists(session)
        events.derive_anew(session, lists, lists.digest)
    _render_anew()
    if report:
        _tell_problems(report, sheet.remarks)
        _tell_sum(report)


def _render_anew() -> None:
    """Render for feeds what a former version of the program has not, or in another way; it can be stopped and go on."""
    home = current_app.config["PUBLIC_URL"]
    ids = renderings.stale(db.session(), home)
    for first in range(0, len(ids), _RENDERED_AT_ONCE):
        click.echo(f"Rendering events for feeds: {first} of {len(ids)} done ...", err=True)
        with transaction() as session:
            renderings.refresh(session, ids[first : first + _RENDERED_AT_ONCE], home, clock.now())


def _checked_lists() -> Reference:
    """Read every packaged list; a mistake in one ends the program with a sentence."""
    try:
        holidays.lists(), holidays.all_holidays(), holidays.duty_stations(), observances.all_observances()
        holidays.check_periods()
        policies.packaged(), planning_facts.facts()
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
    tell_how_to_sign_in()
    click.echo("  Ctrl-C stops it.\n")
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


def tell_how_to_sign_in() -> None:
    """Say where to sign in; until a system administrator has done so, with a link for the first one."""
    with transaction() as session:
        first = accounts.first_administrator(session, clock.now())
    with _as_asked():
        if first is None:
            click.echo(f"  People sign in at {public_url(url_for('accounts.sign_in'))}")
            return
        click.echo(f"  To sign in as the system administrator, {first.email}, choose a password here within one hour:")
        click.echo(f"  {links.password_link(first)}")
        click.echo("  (Each start prints a new link until somebody has signed in.)")


def _as_asked() -> RequestContext:
    """Let addresses of pages be made as in an answer: a host that is not trusted would have none."""
    trusted = current_app.config["TRUSTED_HOSTS"] or ["localhost"]
    return current_app.test_request_context(base_url=f"http://{trusted[0].removeprefix('.')}")


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


def _read_file(file: Path) -> sheets.Sheet:
    """Read a sheet or a calendar file; one that cannot be read ends the program with a sentence."""
    try:
        if file.suffix.casefold() == ".ics":
            return feed_rows.read_ics(file.name, file.read_bytes(), clock.today(), clock.zone.key)
        return sheets.read_sheet(file, COLUMNS)
    except sheets.SheetError as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)


def _member(_context: click.Context, _option: click.Parameter, value: str) -> str:
    organisation = reference().organisations.get(value)
    if value and not (organisation and organisation.member):
        message = "give the code of a member organisation, such as brs."
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
@click.option(
    "--as",
    "organisation",
    metavar="ORGANISATION",
    default="",
    callback=_member,
    help="The code of a member, such as brs: only its events are changed, and new ones are published as its own.",
)
@with_appcontext
def import_command(file: Path, *, dry_run: bool, reason: str, source: str, organisation: str) -> None:
    """Create and change events from a CSV, XLSX or ICS FILE. Exit status 1 if any row was rejected."""
    sheet = _read_file(file)
    with transaction(keep=not dry_run) as session:
        organisations.add_packaged(session, reference())
        change = Change(f"import of {file.name}"[:200], clock.now(), reason)
        is_ics = file.suffix.casefold() == ".ics"
        guessed = feed_rows.GUESSED if is_ics else ()
        terms = Terms(
            source, organisation, problems=sheet.problems, detailed=dry_run, guessed=guessed, zone=clock.zone.key
        )
        rows = feed_rows.leave_own(session, sheet.rows) if is_ics else sheet.rows
        report = importing.import_rows(session, rows, change, reference(), terms)
        changes = _changes(session, report)
    if dry_run:
        click.echo("Dry run: nothing was changed.", err=True)
    for line, title in report.created:
        click.echo(f"line {line} created: {title}", err=True)
    for line, title, fields in report.changed:
        click.echo(f"line {line} changed ({', '.join(said_of(fields))}): {title}", err=True)
        for told in changes.get(line, []):
            click.echo(f"    {told}", err=True)
    for line, title, first in report.repeated:
        click.echo(f"line {line} says the same as line {first}: {title}", err=True)
    for line, text in sheet.headings:
        click.echo(f"line {line} is no event, left out: {text}", err=True)
    for line in sorted({*sheet.notes, *report.notes}):
        for note in (*sheet.notes.get(line, []), *report.notes.get(line, [])):
            click.echo(f"line {line}: {note}", err=True)
    _tell_problems(report, sheet.remarks)
    _tell_sum(report)
    sys.exit(1 if report.rejected else 0)


@events_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@with_appcontext
def export_command(file: Path) -> None:
    """Write every event, internal fields included, to a CSV or XLSX FILE that import reads back."""
    try:
        session = db.session()
        facts = lists_of(session, calendar_version(session))
        count = sheets.write_sheet(file, COLUMNS, importing.export_rows(session, facts))
    except (sheets.SheetError, OSError) as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    click.echo(f"{count} events written to {file}.", err=True)


def _changes(session: Session, report: Report) -> dict[int, list[str]]:
    """Return what the fields of changed events were and become, by line, of a report that has it."""
    states = {landed.line: (landed.before, landed.after) for landed in report.landed if landed.before}
    both = [state for pair in states.values() for state in pair]
    fields = FieldWords(Words("en"), differences.names_of_events(session, OPERATOR, both, "en"))
    return {
        line: [
            f"{one.label}: {' / '.join(one.old.split(chr(10))) or '-'} -> {' / '.join(one.new.split(chr(10))) or '-'}"
            for one in differences.differences(old, new, fields, internal=True)
        ]
        for line, (old, new) in states.items()
    }


def _tell_problems(report: Report, remarks: list[str]) -> None:
    for remark in remarks:
        click.echo(remark, err=True)
    for line, title, problems in report.rejected:
        for problem in problems:
            click.echo(f"line {line} rejected ({title or 'no title'}): {problem}", err=True)


def _tell_sum(report: Report) -> None:
    click.echo(
        f"{len(report.created)} created, {len(report.changed)} changed, {report.unchanged} unchanged,"
        f" {len(report.rejected)} rejected."
    )


@accounts_group.command("create")
@click.argument("email")
@click.option("--organisation", metavar="CODE", default="", help="The code of the organisation, such as brs.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="What the person is there.")
@click.option("--name", default="", help="The name of a system administrator; others give theirs.")
@click.option("--language", default="en", type=click.Choice(LANGUAGES), help="The language of letters to the person.")
@click.option("--system-administrator", is_flag=True, help="Make the person a system administrator.")
@with_appcontext
def create_account_command(
    email: str, *, organisation: str, role: str | None, name: str, language: str, system_administrator: bool
) -> None:
    """Let the person with this address in: prints a link that works once. No letter is sent."""
    if not system_administrator and not (organisation and role):
        message = "give --organisation with --role, or --system-administrator."
        raise click.UsageError(message)
    if name and not system_administrator:
        message = "--name goes with --system-administrator; members give their names when they open the link."
        raise click.UsageError(message)
    try:
        with transaction() as session, _as_asked():
            if system_administrator:
                account = accounts.make_system_administrator(session, email, clock.now(), name=name)
                account.language = language
                link = links.password_link(account)
            else:
                _invited, token = accounts.invite_by_hand(
                    session,
                    email=email,
                    organisation=organisation,
                    role=role or "",
                    language=language,
                    by=None,
                    now=clock.now(),
                )
                link = public_url(url_for("accounts.invitation", token=token))
    except ValueError as problem:
        click.echo(f"{problem}.", err=True)
        sys.exit(1)
    click.echo(link)


@accounts_group.command("remove-second-step")
@click.argument("email")
@with_appcontext
def remove_second_step_command(email: str) -> None:
    """Help a person who has neither authenticator nor recovery codes any more; make sure that it is them."""
    with transaction() as session:
        account = accounts.account_of(session, email)
        if account is None or not account.tf_totp_secret:
            click.echo("There is no account with a second step at this address.", err=True)
            sys.exit(1)
        two_step.without_second_step(account, by=accounts.COMMAND_LINE)
    click.echo("The authenticator is removed. The person is asked to set up a new one.", err=True)
