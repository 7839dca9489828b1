"""Letters on their way out: written in the transaction that causes them, claimed and delivered by a job.

A letter is claimed for a while before it is sent, and marked afterwards. A crash between sending and marking sends it
again when the claim has run out, with the same Message-ID: twice is possible, never is not.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, null, or_, select, update

from calendar_app.mail import messages, rendering
from calendar_app.mail.composing import Action, Block, Facts, Frame, Letter, Listing, Paragraph, Quotation
from calendar_app.mail.linking import in_language
from calendar_app.models import OutboxAttachment, OutboxMessage
from calendar_app.services.text import clean
from calendar_app.services.wording import RIGHT_TO_LEFT, Words, available_languages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

# The address of the account that a fresh installation begins with; there is no such mailbox.
NOBODY = "administrator@localhost"
# Longer than one delivery can take: while it lasts nobody else sends the letter.
CLAIM = timedelta(minutes=10)
# How long to wait after each attempt that failed for now; after the last one it is given up, in three days.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 360, 720, 720, 1080, 1440))
# How long the words of a letter that was given up stay, so that it can be tried again.
FAILED_KEPT = timedelta(days=30)
MOST_ATTEMPTS = len(WAITS) + 1
_LONGEST_KEY, _KEY_BEGINNING = 200, 100
LONGEST_SUBJECT, _LONGEST_NAME, _LONGEST_ERROR = 200, 100, 500
# Headers too: one may hold the link that ends a subscription.
_NO_WORDS: dict[str, Any] = {"text": "", "html": "", "headers": null()}
# Signs that turn the order of all that follows them; those that embrace a part in Arabic sentences are others.
_TURNING = re.compile(r"[\u202a-\u202e]")
# What programs turn into links: strangers' names must not carry any to other people's mailboxes.
_LINK = re.compile(r"[/@]|\w\.\w{2}")


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a letter goes, and the language in which they read it."""

    email: str
    name: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is ours to send for now. `attempts` counts this one too; `created_at` is aware UTC."""

    id: uuid.UUID
    attempts: int
    created_at: datetime
    to_email: str
    to_name: str
    language: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[messages.Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that is written already, as plain text and HTML, for one language."""

    subject: str
    text: str
    html: str


def queue(
    session: Session,
    recipient: Recipient,
    letter: Letter,
    now: datetime,
    *,
    key: str | None = None,
    attachments: Sequence[messages.Attachment] = (),
    about_work: bool = False,
) -> bool:
    """Put a letter into the outbox; return False if one with the same key was put there before, or it is to NOBODY.

    `about_work` is for letters to who answers for events or was named for something, and not to an address that anybody
    may have typed: the closing line says so. One to an address to which nothing can be sent is kept as failed: the
    change that causes it goes on.
    """
    language = spoken(recipient.language)
    letter = Letter(
        _shortened(_line(letter.subject), LONGEST_SUBJECT),
        tuple(_linked(_cleaned(block), language) for block in letter.blocks),
    )
    words = Words(language)
    reason = _reason_of_work(words) if about_work else _reason_of_address(words, recipient.email)
    text, html = rendering.render(letter, _frame(_name(recipient.name), reason, words))
    ready = Ready(letter.subject, text, html)
    return queue_ready(session, recipient, ready, now, key=key, attachments=attachments)


def queue_ready(
    session: Session,
    recipient: Recipient,
    ready: Ready,
    now: datetime,
    *,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[messages.Attachment] = (),
) -> bool:
    """Put a message that is written already into the outbox; the same is returned and kept as by `queue`."""
    key = _key(key)
    if recipient.email == NOBODY or (key and session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key))):
        return False
    address = messages.address(recipient.email)
    message_id = uuid.uuid4()
    session.add(
        OutboxMessage(
            id=message_id,
            key=key,
            to_email=address or _shortened(_line(recipient.email), 254),
            to_name=_name(recipient.name),
            language=spoken(recipient.language),
            subject=_shortened(_line(ready.subject), LONGEST_SUBJECT),
            text=ready.text,
            html=ready.html,
            created_at=now,
            due_at=now,
            state="queued" if address else "failed",
            error="" if address else "This is not an address to which mail can be sent.",
            headers=dict(headers) if headers else None,
        )
    )
    if attachments:
        session.flush()
        session.add_all(
            OutboxAttachment(message_id=message_id, filename=a.filename, content_type=a.content_type, data=a.data)
            for a in attachments
        )
    return True


def _key(key: str | None) -> str | None:
    """Return a key as it is kept: of one that is too long, because of an address in it, the beginning and a digest."""
    if key is None or len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:_KEY_BEGINNING]}#{hashlib.sha256(key.encode()).hexdigest()}"


def spoken(language: str) -> str:
    """Return the language in which somebody is written to: English where there is no catalogue yet."""
    return language if language in available_languages() else "en"


def queued_since(session: Session, prefix: str, since: datetime) -> int:
    """Return how many letters whose keys begin with `prefix` were put into the outbox since."""
    query = select(func.count()).where(OutboxMessage.key.startswith(prefix, autoescape=True))
    return session.scalar(query.where(OutboxMessage.created_at > since)) or 0


def claim(session: Session, now: datetime) -> Claimed | None:
    """Claim the letter that is due longest, if there is one; commit before sending it.

    What was claimed and not heard of until its claim ran out is due again. One that was tried often enough is given up.
    """
    waiting = select(OutboxMessage).where(OutboxMessage.state.in_(("queued", "sending")), OutboxMessage.due_at <= now)
    for row in session.scalars(waiting.order_by(OutboxMessage.due_at, OutboxMessage.id).limit(20)):
        spent = row.attempts >= MOST_ATTEMPTS
        values: dict[str, Any] = (
            {"state": "failed", "error": row.error or "The program ended at each attempt to send it."}
            if spent
            else {"state": "sending", "due_at": now + CLAIM, "attempts": row.attempts + 1}
        )
        # Compare and set: of several who see it, one gets it.
        seen = (OutboxMessage.id == row.id, OutboxMessage.state == row.state, OutboxMessage.attempts == row.attempts)
        if _set(session, seen, values) and not spent:
            return _claimed(session, row)
    _forget_failed(session, now)
    return None


def _forget_failed(session: Session, now: datetime) -> None:
    """Delete the words of letters given up long ago; `due_at` is when their last claim ran out."""
    old = (
        OutboxMessage.state == "failed",
        OutboxMessage.due_at < now - FAILED_KEPT,
        or_(OutboxMessage.text != "", OutboxMessage.html != ""),
    )
    if _set(session, old, _NO_WORDS):
        empty = select(OutboxMessage.id).where(OutboxMessage.state == "failed", OutboxMessage.text == "")
        session.execute(delete(OutboxAttachment).where(OutboxAttachment.message_id.in_(empty)))


def message_of(claimed: Claimed, from_email: str) -> EmailMessage:
    """Return the message to send. Raises ValueError for one that cannot be sent to anybody."""
    return messages.compose(
        message_id=f"<{claimed.id}@{from_email.rpartition('@')[2]}>",
        date=claimed.created_at,
        sender=(Words(claimed.language).gettext("Joint meeting calendar"), from_email),
        to=(claimed.to_name, claimed.to_email),
        language=claimed.language,
        subject=claimed.subject,
        parts=(claimed.text, claimed.html),
        headers=claimed.headers,
        attachments=claimed.attachments,
    )


def delivered(session: Session, claimed: Claimed, now: datetime) -> None:
    """Note that a letter was handed over. Its words are not kept: they may hold links that are as good as keys."""
    if _end(session, claimed, {"state": "sent", "sent_at": now, "error": "", **_NO_WORDS}):
        session.execute(delete(OutboxAttachment).where(OutboxAttachment.message_id == claimed.id))


def postponed(session: Session, claimed: Claimed, now: datetime, error: str) -> None:
    """Note that a letter could not be sent now; it is tried again later, or given up after three days."""
    if claimed.attempts >= MOST_ATTEMPTS:
        given_up(session, claimed, error)
        return
    wait = WAITS[claimed.attempts - 1]
    _end(session, claimed, {"state": "queued", "due_at": now + wait, "error": error[:_LONGEST_ERROR]})


def given_up(session: Session, claimed: Claimed, error: str) -> None:
    """Note that a letter can never be delivered, and why."""
    _end(session, claimed, {"state": "failed", "error": error[:_LONGEST_ERROR]})


def _end(session: Session, claimed: Claimed, values: dict[str, Any]) -> bool:
    """Write how a claim ended, unless it had run out and somebody else holds the letter now."""
    ours = (
        OutboxMessage.id == claimed.id,
        OutboxMessage.state == "sending",
        OutboxMessage.attempts == claimed.attempts,
    )
    return _set(session, ours, values)


def _set(session: Session, which: tuple[object, ...], values: dict[str, Any]) -> bool:
    result = session.execute(
        update(OutboxMessage).where(*which).values(**values).execution_options(synchronize_session=False)  # type: ignore[arg-type]
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _claimed(session: Session, row: OutboxMessage) -> Claimed:
    files = select(OutboxAttachment).where(OutboxAttachment.message_id == row.id).order_by(OutboxAttachment.filename)
    return Claimed(
        id=row.id,
        attempts=row.attempts + 1,
        created_at=row.created_at,
        to_email=row.to_email,
        to_name=row.to_name,
        language=row.language,
        subject=row.subject,
        text=row.text,
        html=row.html,
        headers=row.headers or {},
        attachments=tuple(messages.Attachment(f.filename, f.content_type, f.data) for f in session.scalars(files)),
    )


def _reason_of_work(words: Words) -> str:
    return words.gettext(
        "You get this letter because you answer for events in the Joint meeting calendar, or were named for this."
    )


def _reason_of_address(words: Words, email: str) -> str:
    reason = words.gettext(
        "You get this letter because the address %(email)s was given to the Joint meeting calendar. If it was not you"
        " who gave it, you need not do anything."
    )
    return reason % {"email": words.isolated(_line(email))}


def _frame(name: str, reason: str, words: Words) -> Frame:
    greeting = words.gettext("Hello %(name)s,") % {"name": words.isolated(name)} if name else words.gettext("Hello,")
    return Frame(
        sender=words.gettext("Joint meeting calendar"),
        greeting=greeting,
        reason=reason,
        language=words.language,
        direction="rtl" if words.language in RIGHT_TO_LEFT else "ltr",
    )


def _name(name: str) -> str:
    """Return a name as it may stand in a greeting and a header, "" if it looks like an address."""
    line = _line(name)
    return "" if _LINK.search(line) else _shortened(line, _LONGEST_NAME)


def _line(text: str) -> str:
    """Return text of others as one line that does nothing but be read."""
    return " ".join(_TURNING.sub("", clean(text)).split())


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _linked(block: Block, language: str) -> Block:
    """Return a block whose links, all of them to pages of ours, lead there in the language of the letter."""
    match block:
        case Action(_label, url):
            return replace(block, url=in_language(url, language))
        case Listing(items):
            return Listing(tuple((text, in_language(url, language)) for text, url in items))
    return block


def _cleaned(block: Block) -> Block:
    match block:
        case Paragraph(text):
            return Paragraph(_line(text))
        case Quotation(text):
            return Quotation(_TURNING.sub("", clean(text)))
        case Action(label, url):
            return replace(block, label=_line(label), url=_line(url))
        case Facts(pairs):
            return Facts(tuple((_line(label), _line(value)) for label, value in pairs))
        case Listing(items):
            return Listing(tuple((_line(text), _line(url)) for text, url in items))
