"""Digests: composed for organisations, kept exactly as sent, and queued to each recipient once.

An issue is composed once for an organisation, an edition and a language. Whoever runs it again, late or twice, sends
what is kept, to nobody a second time: the outbox knows each by its key.
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select

from calendar_app.mail.digest_rendering import render_digest
from calendar_app.mail.messages import Attachment
from calendar_app.models import DigestIssue
from calendar_app.services import feed_entries, mail_recipients, outbox, renderings
from calendar_app.services.batch import collector_paused
from calendar_app.services.digest_choice import choose
from calendar_app.services.digest_dates import BetterDates
from calendar_app.services.digest_material import Edition, read
from calendar_app.services.digest_words import worded
from calendar_app.services.events import whole_second
from calendar_app.services.filters import EventFilter
from calendar_app.services.month import WEEKLY
from calendar_app.services.outbox import Ready, Recipient

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.mail.digest_content import DigestContent
    from calendar_app.services.digest_choice import Chosen
    from calendar_app.services.mail_links import MailLinks
    from calendar_app.services.month import Step

CALENDAR_FILE = "text/calendar; charset=utf-8"
# A weekly digest that is later than this is left to the next one.
_TOO_LATE = timedelta(days=6)
# In which a digest is kept that nobody gets.
NOBODYS_LANGUAGE = "en"


def send_due(session: Session, step: Step, now: datetime, links: MailLinks) -> None:
    """Do a step of the month: send the monthly or weekly digest of one organisation.

    `now` is in the time zone of the calendar. It may be late: then it tells what holds now.
    """
    if step.action == WEEKLY and now.date() - date.fromisoformat(step.edition) > _TOO_LATE:
        return
    send(session, [step.organisation], Edition(step.edition, step.month), now, links)


def send(
    session: Session, organisations: Collection[str], edition: Edition, now: datetime, links: MailLinks
) -> list[tuple[str, Recipient]]:
    """Queue the digests of some organisations; return those to whom one goes out that had none of this edition yet."""
    to = recipients(session, organisations, now)
    # What nobody gets is kept, too, for whoever comes later.
    wanted = {code: languages_of(some) or {NOBODYS_LANGUAGE} for code, some in to.items()}
    made = issues(session, wanted, edition, now, links)
    session.add_all(issue for issue in made.values() if issue not in session)
    session.flush()
    queued = []
    for code, some in to.items():
        for recipient in some:
            issue = made[code, language_of(recipient)]
            if outbox.queue_ready(
                session,
                recipient,
                Ready(issue.subject, issue.text, issue.html),
                now,
                key=key_of(issue, recipient.email),
                headers=headers_of(issue, links),
                attachments=[attachment_of(issue)],
            ):
                queued.append((code, recipient))
    return queued


def recipients(session: Session, organisations: Iterable[str], now: datetime) -> dict[str, list[Recipient]]:
    """Return to whom the digests of each organisation go today, each address once."""
    found = {}
    for code in organisations:
        some = mail_recipients.of_organisation(session, code, now.date())
        found[code] = list({recipient.email: recipient for recipient in some}.values())
    return found


def language_of(recipient: Recipient) -> str:
    """Return the language in which somebody is written to."""
    return outbox.spoken(recipient.language)


def languages_of(some: Iterable[Recipient]) -> set[str]:
    """Return the languages in which these people are written to."""
    return set(map(language_of, some))


def issues(
    session: Session, wanted: Mapping[str, Collection[str]], edition: Edition, now: datetime, links: MailLinks
) -> dict[tuple[str, str], DigestIssue]:
    """Return an issue for each organisation and language: the one that is kept, else a new one that is not kept yet."""
    query = select(DigestIssue).where(DigestIssue.organisation_code.in_(wanted), DigestIssue.edition == edition.name)
    found = {(issue.organisation_code, issue.language): issue for issue in session.scalars(query)}
    missing = {
        code: [language for language in sorted(languages) if (code, language) not in found]
        for code, languages in wanted.items()
    }
    for issue in compose(session, {code: some for code, some in missing.items() if some}, edition, now, links):
        found[issue.organisation_code, issue.language] = issue
    return found


@collector_paused()
def compose(
    session: Session, wanted: Mapping[str, Collection[str]], edition: Edition, now: datetime, links: MailLinks
) -> list[DigestIssue]:
    """Return new issues of an edition, by organisation and language; nothing is written.

    The calendar is read once for all: what an organisation adds is one query for each of its languages.
    """
    if not wanted:
        return []
    material, better = read(session, wanted, edition, now), BetterDates(session)
    made = []
    for code, languages in wanted.items():
        chosen = choose(material, code)
        dates = better.of(chosen)
        for language in languages:
            content = worded(chosen, material, dates, language, links.home_url)
            text, html = render_digest(content, links.home_url)
            made.append(
                DigestIssue(
                    id=uuid.uuid4(),
                    organisation_code=code,
                    edition=edition.name,
                    language=language,
                    since=material.since[code],
                    composed_at=whole_second(now.astimezone(UTC)),
                    subject=content.subject,
                    text=text,
                    html=html,
                    ics=_calendar(session, chosen, content, language, links.home_url, now),
                )
            )
    return made


def _calendar(
    session: Session, chosen: Chosen, content: DigestContent, language: str, home_url: str, now: datetime
) -> str:
    """Return the events that the digest tells in full as a calendar file."""
    shown = [*chosen.own, *(matter.event for matter in chosen.others), *chosen.deadlines]
    wanted = EventFilter(lang=language)
    bodies = renderings.bodies_of(session, chosen.viewer, wanted, home_url, [event.id for event in shown])
    feed = feed_entries.Feed(content.title, home_url, "", language)
    return feed_entries.written(feed, bodies, now.astimezone(UTC)).decode()


# ---------- As a message ----------


def key_of(issue: DigestIssue, email: str) -> str:
    """Return what tells this digest to this address from all other letters."""
    return f"digest/{issue.organisation_code}/{issue.edition}/{email.casefold()}"[:200]


def headers_of(issue: DigestIssue, links: MailLinks) -> dict[str, str]:
    """Return by what mail programs can sort digests (RFC 2919)."""
    return {"List-Id": f"<digest.{issue.organisation_code}.{urlsplit(links.home_url).hostname or 'localhost'}>"}


def attachment_of(issue: DigestIssue) -> Attachment:
    """Return the calendar file of a digest."""
    return Attachment(f"{issue.organisation_code}-{issue.edition}.ics", CALENDAR_FILE, issue.ics.encode())
