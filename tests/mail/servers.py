"""A mail server in this process: it speaks real SMTP, keeps what it takes, and refuses what it is told to refuse."""

from __future__ import annotations

import ipaddress
import ssl
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from calendar_app.mail.delivery import Smtp
from tests.serving import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

HOST = "127.0.0.1"


@dataclass
class PostOffice:
    """What a server took, and what it answers: `refuse` has the next answers to an address, in turn."""

    port: int
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refuse: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    refuse_data: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def transport(self, **values) -> Smtp:
        return Smtp(HOST, self.port, **{"tls": "none", **values})

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802 - the server's name
        if self.refuse[address]:
            return self.refuse[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope) -> str:  # noqa: N802 - the server's name
        if self.refuse_data:
            return self.refuse_data.pop(0)
        self.encrypted.append(session.ssl is not None)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken += [(address, message) for address in envelope.rcpt_tos]
        return "250 OK"

    def check(self, _server, _session, _envelope, _mechanism, data) -> AuthResult:
        right = (data.login, data.password) == (b"calendar", b"open sesame")
        if right:
            self.signed_in.append("calendar")
        # What is not handled is answered 535 by the server.
        return AuthResult(success=right, handled=right)


@contextmanager
def post_office(port: int | None = None, **options) -> Iterator[PostOffice]:
    """A server on a port of its own until the end of the block."""
    office = PostOffice(port or free_port())
    if options.pop("auth", False):
        options |= {"authenticator": office.check, "auth_required": True}
    controller = Controller(office, hostname=HOST, port=office.port, server_hostname="mail.test", **options)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS with a certificate that it made itself, and the file of that certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    now = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365 * 100))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
