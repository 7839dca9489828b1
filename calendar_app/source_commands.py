"""The command about sources: harvest now."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import sources as job
from calendar_app.services import harvesting, sources
from calendar_app.services.harvesting import Outcome
from calendar_app.services.source_asks import told

if TYPE_CHECKING:
    from calendar_app.models import SourceRun

sources_group = AppGroup("sources", help="Take in what other calendars say.")


@sources_group.command("harvest")
@click.argument("name", default="")
@with_appcontext
def harvest_command(name: str) -> None:
    """Ask the source NAME, or all that are not paused, now; exit 1 if one could not be read."""
    slugs = [
        source.slug for source in sources.every(db.session()) if (source.slug == name if name else not source.paused)
    ]
    if name and not slugs:
        click.echo(f"There is no source '{name}'.", err=True)
        sys.exit(2)
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the app outlives this context
    failed = False
    for slug in slugs:
        with transaction(exclusive=False) as session:
            due = harvesting.claim_one(session, sources.find_or_raise(session, slug), clock.now(), clock.today())
        if due is None:
            click.echo(f"{slug}: it is being asked, or was within the last minutes.", err=True)
            continue
        run = job.harvest(app, due)
        click.echo(f"{slug}: {_said(run)}")
        failed |= run is not None and run.outcome == Outcome.FAILED
    sys.exit(1 if failed else 0)


def _said(run: SourceRun | None) -> str:
    if run is None or run.outcome == Outcome.UNCHANGED:
        return "unchanged"
    if run.outcome == Outcome.FAILED:
        return f"failed: {told(run.error)}"
    return ", ".join(f"{number} {name}" for name, number in run.counts.items()) or "nothing to do"
