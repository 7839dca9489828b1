"""Handing messages over: to a mail server, or into a folder.

What fails is told apart: a message that nobody will ever take (`RefusedError`), one that may be taken later
(`PostponedError`), and a way out that is closed to all of them for now (`ClosedError`).
"""

from __future__ import annotations

import os
import smtplib
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

# For each step of the conversation; servers that look at mail before they take it are slow.
PATIENCE_SECONDS = 30
_OK, _CLOSING, _PERMANENT = 250, 421, 500


class DeliveryError(Exception):
    """A message was not handed over; the text is for administrators, without what the message says."""


class RefusedError(DeliveryError):
    """This message will never be taken."""


class PostponedError(DeliveryError):
    """This message may be taken later."""


class ClosedError(PostponedError):
    """No message is taken at present: the server is out of reach, or refuses us."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server. `tls`: encrypted from the first byte ("tls"), before anything is said ("starttls"), or "none"."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder in which each message becomes an .eml file."""

    path: Path


class Way(Protocol):
    """A way out, open for several messages."""

    def send(self, message: EmailMessage) -> None:
        """Hand one message over. Raises `DeliveryError`."""

    def close(self) -> None:
        """Let go of what is open."""


@contextmanager
def opened(transport: Smtp | Folder) -> Iterator[Way]:
    """Give a way out until the end of the block; the server is called when the first message goes."""
    way: Way = _IntoFolder(transport) if isinstance(transport, Folder) else _ToServer(transport)
    try:
        yield way
    finally:
        way.close()


class _IntoFolder:
    def __init__(self, folder: Folder) -> None:
        self._folder = folder.path

    def send(self, message: EmailMessage) -> None:
        """Write the message under a name that is its own, so that sending again replaces it."""
        name = message["Message-ID"].strip("<>").partition("@")[0]
        moment = message["Date"].datetime.strftime("%Y%m%dT%H%M%S")
        unfinished = self._folder / f".{name}.{os.getpid()}"
        try:
            # Closed to others: letters have links that are as good as keys.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._folder / f"{moment}-{name}.eml")
        except OSError as problem:
            reason = f"The folder for mail cannot be written: {problem.strerror}."
            raise ClosedError(reason) from problem

    def close(self) -> None:
        """Nothing is open."""


class _ToServer:
    def __init__(self, server: Smtp) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        connection = self._alive() or self._connect()
        try:
            connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as problem:
            ((code, words),) = problem.recipients.values()
            raise _problem(code, words) from problem
        except smtplib.SMTPSenderRefused as problem:
            # It is the sender of every message: the setting or the server is wrong, not this message.
            reason = f"The mail server refuses our address: {_said(problem.smtp_code, problem.smtp_error)}"
            raise ClosedError(reason) from problem
        except smtplib.SMTPResponseException as problem:
            raise _problem(problem.smtp_code, problem.smtp_error) from problem
        except smtplib.SMTPNotSupportedError as problem:
            reason = "The mail server cannot take an address with letters other than English ones."
            raise RefusedError(reason) from problem
        except (smtplib.SMTPException, OSError) as problem:
            self.close()
            reason = f"The connection to the mail server broke: {type(problem).__name__}."
            raise ClosedError(reason) from problem
        except ValueError as problem:
            reason = "The message cannot be written as mail servers want it."
            raise RefusedError(reason) from problem

    def close(self) -> None:
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
            self._connection.close()
            self._connection = None

    def _alive(self) -> smtplib.SMTP | None:
        """Return the connection of the last message if the server still holds it: many end it after some."""
        if self._connection is None:
            return None
        with suppress(smtplib.SMTPException, OSError):
            if self._connection.noop()[0] == _OK:
                return self._connection
        self.close()
        return None

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        # Names and signatures are checked, with the machine's list of authorities.
        secure = ssl.create_default_context()
        try:
            if server.tls == "tls":
                connection: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, timeout=PATIENCE_SECONDS, context=secure
                )
            else:
                connection = smtplib.SMTP(server.host, server.port, timeout=PATIENCE_SECONDS)
            self._connection = connection
            if server.tls == "starttls":
                connection.starttls(context=secure)
            if server.user:
                connection.login(server.user, server.password)
        except (smtplib.SMTPException, OSError, ValueError) as problem:
            self.close()
            raise ClosedError(_why_closed(problem)) from problem
        return connection


def _why_closed(problem: Exception) -> str:
    match problem:
        case ssl.SSLCertVerificationError():
            return f"The mail server's certificate is not trusted: {problem.verify_message}."
        case smtplib.SMTPAuthenticationError():
            return f"The mail server refuses the user or the password (code {problem.smtp_code})."
        case smtplib.SMTPNotSupportedError():
            return "The mail server knows no STARTTLS or no sign-in; see MAIL_URL."
        case smtplib.SMTPResponseException():
            return f"The mail server refuses us: {_said(problem.smtp_code, problem.smtp_error)}"
        case _:
            return f"The mail server is out of reach: {type(problem).__name__}."


def _problem(code: int, words: bytes | str) -> DeliveryError:
    said = f"The mail server answered {_said(code, words)}"
    if code == _CLOSING:
        return ClosedError(said)
    return RefusedError(said) if code >= _PERMANENT else PostponedError(said)


def _said(code: int, words: bytes | str) -> str:
    """Return a server's answer as one short line."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:300]
