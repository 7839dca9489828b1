"""Messages as they go over the wire. Whatever names and subjects hold, they cannot become a header of their own."""

from __future__ import annotations

from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email

if TYPE_CHECKING:
    from datetime import datetime

# Lines end as the protocol wants it, and seven bits pass through every server.
_POLICY = policy.SMTP.clone(cte_type="7bit")
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


def compose(
    *,
    message_id: str,
    date: datetime,
    sender: tuple[str, str],
    to: tuple[str, str],
    language: str,
    subject: str,
    parts: tuple[str, str],
) -> EmailMessage:
    """Return a message with a text and an HTML part; `sender` and `to` are names with addresses.

    The addresses are such as `address` returns. Raises ValueError if a header would have a second line.
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
    # After the content, which brings such headers of its own.
    message["Content-Language"] = language
    return message


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
