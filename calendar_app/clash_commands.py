"""The commands about clashes: why planning says what it says, and all findings anew."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup, with_appcontext

from calendar_app.extensions import clock, db, transaction
from calendar_app.planning.vocabulary import FindingKind, Severity
from calendar_app.services import findings
from calendar_app.services.calendar import OPERATOR, calendar_version, find_event
from calendar_app.services.explaining import GROUPS, Explainer, Told, UnknownEventError
from calendar_app.services.finding_life import CHANGED, FOUND, REOPENED, RESOLVED
from calendar_app.services.records import in_language
from calendar_app.services.reference import using
from calendar_app.services.reference_entries import lists_of

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from calendar_app.services.findings import Turn

clashes_group = AppGroup("clashes", help="Ask why events clash or not, and look at all of them anew.")
_COLUMNS = {"a_id", "b_id"}
_HEADINGS = {
    "spoke": "What speaks",
    "lowered": "What makes it less bad",
    "silenced": "What ends the matter",
    "quiet": "What has nothing to say",
}
_ACTIONS = {FOUND: "new", CHANGED: "changed", REOPENED: "found again", RESOLVED: "no longer so"}
_WIDTH = 14


@clashes_group.command("recompute")
@with_appcontext
def recompute_command() -> None:
    """Make all findings anew; print what differs from the stored ones, nothing if all is well."""
    with transaction() as session:
        turns = findings.recompute(session, clock.now(), lambda step: click.echo(step, err=True))
        lines = [_line(session, turn) for turn in turns]
    for line in sorted(lines):
        click.echo(line)
    click.echo(f"{len(lines)} findings differed." if lines else "Nothing differed.", err=True)


def _line(session: Session, turn: Turn) -> str:
    """Say what happened to a finding: "new: major clash: A; B"."""
    found = turn.finding
    severity = Severity(turn.severity if turn.action != RESOLVED else turn.before)
    what = f"{severity.word} clash" if found.kind == FindingKind.CLASH else "opportunity"
    if turn.action == CHANGED and turn.before != turn.severity:
        what += f", was {Severity(turn.before).word}"
    about = "" if found.b else f" ({found.about})"
    titles = "; ".join(_title(session, event) for event in (found.a, found.b) if event)
    return f"{_ACTIONS[turn.action]}: {what}{about}: {titles}"


def _title(session: Session, event_id: uuid.UUID) -> str:
    event = find_event(session, OPERATOR, str(event_id))
    return in_language(event.titles, "en")[0] if event else str(event_id)


@clashes_group.command("explain")
@click.argument("a", required=False)
@click.argument("b", required=False)
@click.option(
    "--pairs",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="A CSV file with the columns a_id and b_id; prints one JSON object a line.",
)
@with_appcontext
def explain_command(a: str | None, b: str | None, pairs: Path | None) -> None:
    """Say what planning thinks of the events A and B, or of the days of A alone, and why.

    A and B are ids of events, or ids that events have at a source.
    """
    if (pairs is None) == (a is None):
        message = "give one or two ids, or --pairs with a file."
        raise click.UsageError(message)
    session = db.session()
    with using(lists_of(session, calendar_version(session))):
        if pairs is not None:
            sys.exit(_explain_all(session, pairs))
        try:
            _tell(Explainer(session).explain(a or "", b or ""))
        except UnknownEventError as problem:
            click.echo(f"There is no event with the id {problem}.", err=True)
            sys.exit(2)


def _explain_all(session: Session, path: Path) -> int:
    """Explain each row of a file; return the exit status."""
    try:
        rows = _rows(path)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        click.echo(f"{path.name} cannot be read as CSV: {problem}.", err=True)
        return 2
    if rows is None:
        click.echo(f"{path.name} has no columns a_id and b_id.", err=True)
        return 2
    explainer, status = Explainer(session, whole=True), 0
    for line, a, b in rows:
        try:
            told = explainer.explain(a, b)
        except UnknownEventError as problem:
            click.echo(f"line {line}: there is no event with the id {str(problem) or '(empty)'}.", err=True)
            status = 1
            continue
        found = {"a": a, "b": b, "verdict": told.verdict, "reasons": told.reasons}
        click.echo(json.dumps(found, ensure_ascii=False))
    return status


def _rows(path: Path) -> list[tuple[int, str, str]] | None:
    """Return the line number and the two ids of each row, None if the columns are not there."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if _COLUMNS - set(reader.fieldnames or ()):
            return None
        return [(reader.line_num, (row["a_id"] or "").strip(), (row["b_id"] or "").strip()) for row in reader]


def _tell(told: Told) -> None:
    """Print an explanation for people to read."""
    click.echo(told.verdict)
    click.echo()
    for letter, line in zip("AB", told.events, strict=False):
        click.echo(f"{letter}  {line}")
    if not told.rows:
        for reason in told.reasons:
            click.echo(f"\n{reason}")
    for group in GROUPS:
        rows = [row for row in told.rows if row.group == group]
        if rows:
            click.echo(f"\n{_HEADINGS[group]}")
        for row in rows:
            for number, sentence in enumerate(row.sentences):
                click.echo(f"  {'' if number else row.topic:<{_WIDTH}}{sentence}")
