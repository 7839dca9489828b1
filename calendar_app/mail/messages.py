"""Messages as they go over the wire. Whatever names and subjects hold, they cannot become a header of their own."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage, Message
from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

# Lines end as the protocol wants it, and seven bits pass through every server. What is written raw stays so.
_POLICY = policy.SMTP.clone(cte_type="7bit", refold_source="none")
_OWN_MACHINE = "@localhost"


def address(text: str) -> str:
    """Return an e-mail address in its usual form, "" if it is none. Whether anybody reads it is not asked."""
    # The checker refuses the machine's own mailboxes, which a fresh installation has.
    own = text.endswith(_OWN_MACHINE)
    try:
        checked = validate_email(text + ".example" if own else text, check_deliverability=False)
    except EmailNotValidError:
        return ""
    # The form for machines, if there is one: servers that know no international addresses are many.
    return text if own else checked.ascii_email or checked.normalized


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; `content_type` such as "text/calendar; charset=utf-8; method=PUBLISH"."""

    filename: str
    content_type: str
    data: bytes


def compose(  # noqa: PLR0913 - a message has these parts
    *,
    message_id: str,
    date: datetime,
    sender: tuple[str, str],
    to: tuple[str, str],
    language: str,
    subject: str,
    parts: tuple[str, str],
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """Return a message with a text and an HTML part; `sender` and `to` are names with addresses.

    The addresses are such as `address` returns. `headers` are written beside the usual ones, in ASCII. Raises
    ValueError if a header would have a second line.
    """
    message = EmailMessage(_POLICY)
    message["From"] = _party(*sender)
    message["To"] = _party(*to)
    # Written here: Python 3.11 loses the blank where it breaks a long subject between two encoded words.
    message.set_raw("Subject", _subject(subject))
    message["Date"] = date
    message["Message-ID"] = message_id
    # Nobody's absence note shall answer it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    text, html = parts
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    for file in attachments:
        _attach(message, file)
    # After the content and the files, which take such headers into parts of the message.
    message["Content-Language"] = language
    for name, value in (headers or {}).items():
        # Raw, because Python would put a long address into encoded words, in which no program looks for one.
        message.set_raw(name, _raw(value))
    return message


def _raw(value: str) -> str:
    """Return the value of a header that is written as it is. Raises ValueError if it is not one line of ASCII."""
    if len(value.splitlines()) > 1 or not value.isascii():
        message = "a header is one line of ASCII"
        raise ValueError(message)
    return value


def _attach(message: EmailMessage, file: Attachment) -> None:
    kind = Message()
    kind["Content-Type"] = file.content_type
    maintype, subtype = kind.get_content_type().split("/")
    parameters = {name: value for name, value in kind.get_params(failobj=[])[1:] if isinstance(value, str)}
    message.add_attachment(file.data, maintype, subtype, filename=file.filename, params=parameters)


def _party(name: str, email: str) -> Address:
    # In two parts, because Python takes letters of any language before the @ only so.
    user, _at, domain = email.rpartition("@")
    return Address(_literal(name), user, domain)


def _subject(text: str) -> str:
    """Return a subject as lines of a header. Raises ValueError if it has a line end of its own."""
    if len(text.splitlines()) > 1:
        message = "a subject is one line"
        raise ValueError(message)
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(_literal(text), charset, header_name="Subject").encode(linesep="\r\n")


def _literal(text: str) -> str:
    """Return text so that a header takes it as it is.

    What looks like an encoded word (RFC 2047) would be decoded by Python, line ends and all, and written so.
    """
    return text.replace("=?", "= ?")
