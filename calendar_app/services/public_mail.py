"""The public monthly mail: asked for, confirmed, sent to each once a month, ended.

Only what everybody may see is in it. An address is entered by whoever likes: it gets one letter that asks, and nothing
more unless its owner says yes. What is not confirmed is forgotten, and what was ended too.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import and_, delete, or_, select

from calendar_app.mail import messages
from calendar_app.mail.composing import Action, Letter, Paragraph
from calendar_app.mail.digest_rendering import render_digest
from calendar_app.models import MailSubscription
from calendar_app.services import outbox, public_mail_content
from calendar_app.services.events import whole_second
from calendar_app.services.outbox import Ready, Recipient
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.filters import EventFilter
    from calendar_app.services.mail_links import MailLinks
    from calendar_app.services.month import Step

ASKED, CONFIRMED, ENDED = "asked", "confirmed", "ended"
# What the tokens of its links are good for.
CONFIRM, END = "confirm monthly mail", "end monthly mail"
KEPT = timedelta(days=14)
# So many letters that ask go to one address in a day, whoever enters it.
_MOST_LETTERS, _IN = 3, timedelta(days=1)
# Stands for the token of each reader while the mail is written once for all.
_PLACE = "-token-of-the-subscription-"


# What the table has room for.
LONGEST_QUERY = 2000


def ask(session: Session, email: str, wanted: EventFilter, language: str, now: datetime, links: MailLinks) -> None:
    """Ask the owner of an address whether the mail is wanted; nothing tells whether it gets it already.

    `wanted` is the filter of the list, `language` that of the mail. What is no address is passed over.
    """
    address = messages.address(email).casefold()
    if not address:
        return
    query, now = query_of(wanted), whole_second(now)
    found = session.scalar(
        select(MailSubscription).where(MailSubscription.email == address, MailSubscription.query == query)
    )
    if found is None:
        found = MailSubscription(id=uuid.uuid4(), email=address, query=query)
        session.add(found)
    if found.state != CONFIRMED:
        found.state, found.language, found.asked_at = ASKED, language, now
        found.confirmed_at = found.ended_at = None
    session.flush()
    prefix = f"public-asked/{hashlib.sha256(address.encode()).hexdigest()[:32]}/"
    if outbox.queued_since(session, prefix, now - _IN) < _MOST_LETTERS:
        key = f"{prefix}{uuid.uuid4()}"
        outbox.queue(session, Recipient(address, "", found.language), _question(found, links), now, key=key)


def query_of(wanted: EventFilter) -> str:
    """Return the filter of a list as a subscription keeps it: without language and options of feeds."""
    return replace(wanted.without_options(), lang="").query()


def of_token(session: Session, links: MailLinks, purpose: str, token: str) -> MailSubscription | None:
    """Return the subscription that a link is about, None for a link that is not ours or about what is forgotten."""
    values = links.values(purpose, token)
    return session.get(MailSubscription, uuid.UUID(values[0])) if values else None


def confirm(found: MailSubscription, now: datetime) -> None:
    """Note that the owner of the address wants the mail; said again it changes nothing."""
    if found.state == ASKED:
        found.state, found.confirmed_at = CONFIRMED, whole_second(now)


def end(found: MailSubscription, now: datetime) -> None:
    """Note that no more mail is wanted; said again it changes nothing."""
    if found.state != ENDED:
        found.state, found.ended_at = ENDED, whole_second(now)


def forget(session: Session, now: datetime) -> int:
    """Delete what was not confirmed, or was ended, 14 days ago; return how many."""
    old = now - KEPT
    gone = or_(
        and_(MailSubscription.state == ASKED, MailSubscription.asked_at < old),
        and_(MailSubscription.state == ENDED, MailSubscription.ended_at < old),
    )
    result = session.execute(delete(MailSubscription).where(gone).execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]


def send_due(session: Session, step: Step, now: datetime, links: MailLinks) -> None:
    """Do the step of the month: queue the mail to everybody who confirmed; whose list has nothing gets nothing.

    `now` is in the time zone of the calendar. Composed once for all who chose the same list.
    """
    groups: dict[tuple[str, str, datetime], list[MailSubscription]] = defaultdict(list)
    query = select(MailSubscription).where(MailSubscription.state == CONFIRMED).order_by(MailSubscription.id)
    usual = public_mail_content.month_before(now)
    for row in session.scalars(query):
        groups[row.query, outbox.spoken(row.language), row.told_until or usual].append(row)
    changed = {since: public_mail_content.load(session, since, now) for since in {key[2] for key in groups}}
    for (wanted, language, since), rows in groups.items():
        content = public_mail_content.compose(
            session, wanted, changed[since], public_mail_content.Issue(step.month, now, since, language, links.home_url)
        )
        if content is not None:
            url = links.page(f"/mail/unsubscribe/{_PLACE}")
            text, html = render_digest(public_mail_content.with_footer(content, url), links.home_url)
            _queue(session, rows, Ready(content.subject, text, html), step, now, links)
        for row in rows:
            row.told_until = whole_second(now.astimezone(UTC))


def _queue(
    session: Session, rows: Iterable[MailSubscription], ready: Ready, step: Step, now: datetime, links: MailLinks
) -> None:
    """Queue one mail to each, with the link that ends it in the foot and, for mail programs, in the head (RFC 8058)."""
    host = urlsplit(links.home_url).hostname or "localhost"
    for row in rows:
        token = links.token(END, str(row.id))
        own = Ready(ready.subject, ready.text.replace(_PLACE, token), ready.html.replace(_PLACE, token))
        headers = {
            "List-Id": f"<monthly.{host}>",
            "List-Unsubscribe": f"<{links.page(f'/mail/unsubscribe/{token}')}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        key = f"public/{step.month:%Y-%m}/{row.id}"
        outbox.queue_ready(session, Recipient(row.email, "", row.language), own, now, key=key, headers=headers)


def _question(found: MailSubscription, links: MailLinks) -> Letter:
    words = Words(outbox.spoken(found.language))
    if found.state == CONFIRMED:
        return Letter(
            words.gettext("You get the monthly mail already"),
            (
                Paragraph(
                    words.gettext(
                        "Somebody, most likely you, asked for the monthly mail to this address. It comes already, so"
                        " there is nothing to do."
                    )
                ),
                Action(words.gettext("See the list"), links.page(f"/{found.query}")),
            ),
        )
    url = links.page(f"/mail/confirm/{links.token(CONFIRM, str(found.id))}")
    return Letter(
        words.gettext("Confirm the monthly mail"),
        (
            Paragraph(
                words.gettext(
                    "Somebody, most likely you, asked for a monthly mail with the coming events of the joint meeting"
                    " calendar. It comes only if you confirm it."
                )
            ),
            Action(words.gettext("Look and confirm"), url),
            Paragraph(
                words.gettext("If you do not want it, you need do nothing: the request is deleted after 14 days.")
            ),
        ),
    )
