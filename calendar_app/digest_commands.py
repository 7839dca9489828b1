"""The command about digests: send those of a month, or write to files what would be sent."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from calendar_app.extensions import clock, mail_links, transaction
from calendar_app.mail import messages
from calendar_app.services import digests
from calendar_app.services.digest_material import Edition
from calendar_app.services.exchange_rounds import member_codes
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from calendar_app.models import DigestIssue
    from calendar_app.services.mail_links import MailLinks
    from calendar_app.services.outbox import Recipient

digests_group = AppGroup("digests", help="Send the planning digests of members.")


@digests_group.command("send")
@click.option("--month", "month_", required=True, metavar="YYYY-MM", help="The month whose digests are sent.")
@click.option("--organisation", metavar="CODE", help="Only the digest of this member.")
@click.option("--dry-run", is_flag=True, help="Send nothing: write .eml, .html, .txt and .ics files.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the files of a dry run; instance/digests-YYYY-MM if not given.",
)
@with_appcontext
def send_command(month_: str, organisation: str | None, folder: Path | None, *, dry_run: bool) -> None:
    """Compose the digests of a month and queue them; run again it sends nothing twice."""
    edition = Edition.of_month(_month(month_))
    if folder and not dry_run:
        message = "--to is for a dry run."
        raise click.UsageError(message)
    links = mail_links()
    now = clock.now().astimezone(clock.zone)
    if not dry_run and edition.month > now.date():
        # Once sent it is this month's digest for good.
        told = f"{month_} has not begun: whoever gets its digest now gets none on its day."
        click.echo(told, err=True)
    with transaction(keep=not dry_run) as session:
        codes = _codes(session, organisation)
        if dry_run:
            target = folder or Path(current_app.instance_path) / f"digests-{month_}"
            sys.exit(_write(session, codes, edition, now, links, target))
        queued = digests.send(session, codes, edition, now, links)
        without = [code for code, some in digests.recipients(session, codes, now).items() if not some]
    for code in codes:
        count = sum(1 for of, _recipient in queued if of == code)
        click.echo(f"{code}: {count} queued.", err=True)
    sys.exit(_tell_unreached(without))


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        message = f"--month {text!r} is not a month such as 2026-12."
        raise click.UsageError(message) from None


def _codes(session: Session, organisation: str | None) -> list[str]:
    codes = member_codes(session)
    if organisation is None:
        return codes
    if organisation not in codes:
        message = f"--organisation {organisation!r} is no member. Members are: {', '.join(codes)}."
        raise click.UsageError(message)
    return [organisation]


def _tell_unreached(codes: list[str]) -> int:
    """Say for whom there is no address; return the exit status."""
    for code in codes:
        click.echo(f"{code}: nobody to write to; its coordinators can add recipients under /digests.", err=True)
    return 1 if codes else 0


def _write(session: Session, codes: list[str], edition: Edition, now: datetime, links: MailLinks, folder: Path) -> int:
    """Write what would be sent; what was sent already is written as it was. Members without recipients in English."""
    to = digests.recipients(session, codes, now)
    wanted = {code: digests.languages_of(some) or {digests.NOBODYS_LANGUAGE} for code, some in to.items()}
    made = digests.issues(session, wanted, edition, now, links)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for (code, language), issue in made.items():
            name = f"{code}-{language}"
            for suffix, text in (("html", issue.html), ("txt", issue.text), ("ics", issue.ics)):
                (folder / f"{name}.{suffix}").write_bytes(text.encode())
        for code, some in to.items():
            for number, recipient in enumerate(some, 1):
                issue = made[code, digests.language_of(recipient)]
                (folder / f"{code}-{number}.eml").write_bytes(_message(issue, recipient, now, links))
    except OSError as problem:
        click.echo(f"The files cannot be written to {folder}: {problem.strerror}.", err=True)
        return 1
    for code, some in to.items():
        click.echo(f"{code}: {len(some)} would be sent.", err=True)
    click.echo(f"Written to {folder}. Nothing was sent.", err=True)
    return 0


def _message(issue: DigestIssue, recipient: Recipient, now: datetime, links: MailLinks) -> bytes:
    from_email = current_app.config["MAIL_FROM"]
    message = messages.compose(
        message_id=f"<dry-run.{issue.id}@{from_email.rpartition('@')[2]}>",
        date=now.astimezone(UTC),
        sender=(Words(issue.language).gettext("Joint meeting calendar"), from_email),
        to=(recipient.name, recipient.email),
        language=issue.language,
        subject=issue.subject,
        parts=(issue.text, issue.html),
        headers=digests.headers_of(issue, links),
        attachments=[digests.attachment_of(issue)],
    )
    return message.as_bytes()
