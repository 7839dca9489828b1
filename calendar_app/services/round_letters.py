"""The letters of an exchange round: asking, reminding, and telling what a sheet that was sent back changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calendar_app.mail.composing import Action, Block, Facts, Letter, Listing, Paragraph
from calendar_app.mail.messages import Attachment
from calendar_app.services import deciders, mail_recipients, outbox, round_sheets
from calendar_app.services.differences import unit_of
from calendar_app.services.field_words import FieldWords
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.models import Event, ExchangeRound
    from calendar_app.services.mail_links import MailLinks
    from calendar_app.services.outbox import Recipient
    from calendar_app.services.round_replies import Applied

PURPOSE = "round"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an organisation is asked about: its events to come, and how many of them nobody confirmed for long."""

    round: ExchangeRound
    organisation: str
    events: Sequence[Event]
    stale: int
    is_reminder: bool = False


def page_url(links: MailLinks, month: date, organisation: str, email: str) -> str:
    """Return the full address of the page of an organisation's list, good for one address of mail and one round."""
    token = links.token(PURPOSE, f"{month:%Y-%m}", organisation, email)
    return links.page(f"/round/{token}")


def ask(
    session: Session,
    asked: Asked,
    recipients: Sequence[Recipient],
    now: datetime,
    links: MailLinks,
    reminder: str,
) -> int:
    """Put a letter to each recipient into the outbox; return how many. `reminder` tells one of these from another."""
    files: dict[str, Attachment] = {}
    count = 0
    what = f"remind{reminder}" if asked.is_reminder else "ask"
    for recipient in recipients:
        language = outbox.spoken(recipient.language)
        if language not in files:
            files[language] = sheet_of(session, asked, language)
        link = page_url(links, asked.round.month, asked.organisation, recipient.email)
        # Addresses can be longer than a key.
        to = hashlib.sha256(recipient.email.casefold().encode()).hexdigest()[:32]
        key = f"round/{asked.round.month:%Y-%m}/{what}/{asked.organisation}/{to}"
        letter = _letter(asked, link, Words(language))
        count += outbox.queue(session, recipient, letter, now, key=key, attachments=[files[language]], about_work=True)
    return count


def sheet_of(session: Session, asked: Asked, language: str) -> Attachment:
    """Return the workbook that goes with the letter, in the language of its reader."""
    data = round_sheets.workbook(session, asked.events, reference(), Words(language))
    name = round_sheets.filename(asked.round.month, asked.organisation)
    return Attachment(name, round_sheets.CONTENT_TYPE, data)


def _letter(asked: Asked, link: str, words: Words) -> Letter:
    values = {
        "day": words.day(asked.round.closes_on),
        "digests": words.day(asked.round.digests_on),
        "month": words.month(asked.round.month),
    }
    if asked.is_reminder:
        subject = words.gettext("Reminder: your list is still to be confirmed by %(day)s")
        first = words.gettext(
            "The exchange round before %(month)s is still open, and nobody has answered for your organisation yet."
            " It closes at the end of %(day)s."
        )
    else:
        subject = words.gettext("Please confirm or correct your list by %(day)s")
        first = words.gettext(
            "The exchange round before %(month)s is open. Each member looks through its own list, so that all plan"
            " with dates that are right. It closes at the end of %(day)s; the digests go out on %(digests)s."
        )
    facts = (
        (words.gettext("For"), words.organisation(asked.organisation, asked.organisation)),
        (words.gettext("Your events to come"), str(len(asked.events))),
        (words.gettext("Never confirmed, or not for 90 days"), str(asked.stale)),
    )
    return Letter(
        subject % values,
        (
            Paragraph(first % values),
            Facts(facts),
            Action(words.gettext("Look through your list"), link),
            Paragraph(
                words.gettext(
                    "You need not sign in. Nothing is confirmed by opening the page: press a button there, for all"
                    " events or for single ones, or say that there is nothing to add."
                )
            ),
            Paragraph(
                words.gettext(
                    "Is something wrong or missing? Correct the attached sheet and send it back in on the same page."
                    " You see what would change before anything does."
                )
            ),
            Paragraph(
                words.gettext(
                    "Whoever has this letter can answer for your organisation until the round closes: pass it on to"
                    " colleagues only."
                )
            ),
        ),
    )


def tell_applied(
    session: Session,
    organisation: str,
    actor: str,
    applied: Applied,
    now: datetime,
    links: MailLinks,
) -> None:
    """Tell the coordinators what a sheet has changed, with the way to each history, where it can be undone.

    Where nobody is coordinator, those who are asked in the round are told.
    """
    accounts = deciders.accounts_of(session, organisation)
    recipients = [outbox.Recipient(account.email, account.name, account.language) for account in accounts]
    for recipient in recipients or mail_recipients.of_organisation(session, organisation, now.date()):
        letter = _of_applied(actor, applied, links, Words(outbox.spoken(recipient.language)))
        outbox.queue(session, recipient, letter, now, about_work=True)


def _of_applied(actor: str, applied: Applied, links: MailLinks, words: Words) -> Letter:
    fields = FieldWords(words)
    changed = []
    for title, event_id, names in applied.changed:
        labels = words.listed(dict.fromkeys(fields.label(unit_of(name)) for name in names))
        line = words.gettext("%(title)s: %(fields)s") % {"title": words.isolated(title), "fields": labels}
        changed.append((line, links.page(f"/events/{event_id}/history")))
    new = [(title, links.page(f"/moderation/{event_id}")) for title, event_id in applied.new]
    blocks: list[Block] = [
        Paragraph(words.gettext("A sheet of the exchange round was applied to your list.")),
        Facts(((words.gettext("By"), actor),)),
    ]
    if changed:
        blocks += [
            Paragraph(words.gettext("Changed at once. On each page you can see what changed, and undo it:")),
            Listing(tuple(changed)),
        ]
    if new:
        blocks += [Paragraph(words.gettext("New. These wait for your decision:")), Listing(tuple(new))]
    return Letter(words.gettext("Your list was corrected by a sheet"), tuple(blocks))
