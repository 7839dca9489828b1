"""Every setting of the application: read from the environment once, checked at start.

A wrong value raises `ConfigurationError` with one sentence that names the setting and says what is valid; the start
stops there. Nothing inside `calendar_app` imports this module: `app.py` hands the values over.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from calendar_app.mail.delivery import Folder, Smtp
from calendar_app.mail.messages import address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

ROOT = Path(__file__).resolve().parent
_SHIFT = re.compile(r"(?P<sign>[+-])(?P<count>\d{1,5})(?P<unit>[hd])")
_MIN_SECRET = 32
_MAIL_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_MAX_PORT = 65535
# The years in which the calendar has dates, and a shift that stays among them.
_FIRST_YEAR, _LAST_YEAR, _MOST_DAYS = 1972, 2098, 10_000
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?")


class ConfigurationError(ValueError):
    """One setting is wrong; the message is a sentence for the person who starts the program."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, typed. Times are aware UTC; `clock_shift` is added to the real clock."""

    database_url: str
    secret_key: str
    public_url: str
    mail_url: str
    mail_from: str
    redis_url: str | None
    timezone: str
    host: str
    port: int
    workers: int
    trusted_proxies: int
    trusted_hosts: tuple[str, ...]
    clock_fixed: datetime | None
    clock_shift: timedelta
    development: bool

    def for_flask(self) -> dict[str, object]:
        """Return the values under the names which Flask, its extensions and this application read."""
        return {
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SECRET_KEY": self.secret_key,
            "PUBLIC_URL": self.public_url,
            "MAIL_TRANSPORT": _mail_transport(self.mail_url),
            "MAIL_FROM": self.mail_from,
            "TIMEZONE": self.timezone,
            "HOST": self.host,
            "PORT": self.port,
            "WORKERS": self.workers,
            "TRUSTED_PROXIES": self.trusted_proxies,
            "TRUSTED_HOSTS": list(self.trusted_hosts) or None,
            "CLOCK_FIXED": self.clock_fixed,
            "CLOCK_SHIFT": self.clock_shift,
            "REDIS_URL": self.redis_url,
            "DEVELOPMENT": self.development,
            "SESSION_COOKIE_SECURE": not self.development,
        }


def load(environment: Mapping[str, str], instance: Path = ROOT / "instance") -> Settings:
    """Read every setting from `environment`; `instance` is the folder for what is kept between starts.

    Raises `ConfigurationError` for the first value that is wrong.
    """

    def text(name: str, default: str) -> str:
        return environment.get(name, "").strip() or default

    host = _host(text("HOST", "127.0.0.1"))
    port = _whole_number("PORT", text("PORT", "8000"), 1, _MAX_PORT)
    if not (_is_loopback(host) or text("PUBLIC_URL", "")):
        message = (
            f"HOST is {host!r}, which others can reach: set PUBLIC_URL to the address people use, such as"
            " https://calendar.example.org."
        )
        raise ConfigurationError(message)
    public_url = _public_url(text("PUBLIC_URL", f"http://{_authority(host)}:{port}"))
    development = _is_loopback(urlsplit(public_url).hostname or "")
    fixed, shift = _clock(text("CLOCK", ""), development=development)
    return Settings(
        database_url=_database_url(text("DATABASE_URL", f"sqlite:///{instance / 'calendar.sqlite3'}"), instance),
        secret_key=_secret_key(text("SECRET_KEY", ""), instance, development=development),
        public_url=public_url,
        mail_url=_mail_url(text("MAIL_URL", "file:instance/outbox")),
        mail_from=_mail_from(text("MAIL_FROM", "calendar@localhost")),
        redis_url=_redis_url(text("REDIS_URL", "")),
        timezone=_zone(text("TIMEZONE", "Europe/Zurich")),
        host=host,
        port=port,
        workers=_whole_number("WORKERS", text("WORKERS", "1"), 1, 64),
        trusted_proxies=_whole_number("TRUSTED_PROXIES", text("TRUSTED_PROXIES", "0"), 0, 10),
        trusted_hosts=_trusted_hosts(text("TRUSTED_HOSTS", "")),
        clock_fixed=fixed,
        clock_shift=shift,
        development=development,
    )


def _authority(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(value: str) -> bool:
    try:
        return bool(ipaddress.ip_address(value))
    except ValueError:
        return _HOST_NAME.fullmatch(value) is not None


def _host(value: str) -> str:
    if not _is_host(value):
        message = f"HOST is {value!r}, but must be an address or a name of this machine, such as 127.0.0.1."
        raise ConfigurationError(message)
    return value


def _trusted_hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(part for part in re.split(r"[,\s]+", value) if part)
    for host in hosts:
        if not _is_host(host.removeprefix(".")):
            message = f"TRUSTED_HOSTS has {host!r}; write names such as calendar.example.org, with commas between."
            raise ConfigurationError(message)
    return hosts


def _split(value: str) -> SplitResult | None:
    """Return the parts of an address, None if it has none or its port is no port."""
    try:
        parts = urlsplit(value)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if has_port else None


def _whole_number(name: str, value: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", value) or not least <= int(value) <= most:
        message = f"{name} is {value!r}, but must be a whole number from {least} to {most}."
        raise ConfigurationError(message)
    return int(value)


def _public_url(value: str) -> str:
    parts = _split(value)
    host = (parts.hostname if parts else None) or ""
    if parts is None or parts.scheme not in {"http", "https"} or not _is_host(host) or set("?#@") & set(value):
        message = f"PUBLIC_URL is {value!r}, but must be the address people use, such as https://calendar.example.org."
        raise ConfigurationError(message)
    if parts.path not in {"", "/"}:
        message = f"PUBLIC_URL is {value!r}: the calendar has a host name of its own, so leave out the path."
        raise ConfigurationError(message)
    return value.rstrip("/")


def _database_url(value: str, instance: Path) -> str:
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        url = None
    if url is not None and url.drivername in {"postgres", "postgresql", "postgresql+psycopg"} and url.database:
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if url is not None and url.drivername == "sqlite" and url.database and url.database != ":memory:":
        folder = Path(url.database).parent
        if folder == instance:
            instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.is_absolute() and not folder.is_dir():
            message = f"DATABASE_URL names a file in {str(folder)!r}, but there is no such folder."
            raise ConfigurationError(message)
        return value
    message = (
        "DATABASE_URL must be sqlite:///path/to/file or postgresql://user:password@host/database;"
        f" {(url.drivername if url else 'this value')!r} is neither."
    )
    raise ConfigurationError(message)


def _secret_key(value: str, instance: Path, *, development: bool) -> str:
    if value:
        if len(value) < _MIN_SECRET:
            message = f"SECRET_KEY has {len(value)} characters; it needs at least {_MIN_SECRET} random ones."
            raise ConfigurationError(message)
        return value
    if not development:
        message = (
            "SECRET_KEY is not set, and PUBLIC_URL is not an address of this machine: set it to at least"
            f" {_MIN_SECRET} random characters, the same for every process."
        )
        raise ConfigurationError(message)
    kept = instance / "secret_key"
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Closed to others from its first moment.
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    key = kept.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < _MIN_SECRET:
        message = f"SECRET_KEY is not set, and the one kept in {kept} is damaged: remove that file."
        raise ConfigurationError(message)
    return key


def _mail_url(value: str) -> str:
    _mail_transport(value)
    return value


def _mail_transport(value: str) -> Smtp | Folder:
    """Return the server or the folder that MAIL_URL names; a folder without a leading slash is in this project."""
    parts = _split(value)
    if parts and parts.scheme == "file" and parts.path and not (parts.netloc or parts.query) and "%00" not in value:
        return Folder(ROOT / unquote(parts.path))
    if not (parts and parts.scheme == "smtp" and _is_host(parts.hostname or "") and parts.path in {"", "/"}):
        message = "MAIL_URL must be smtp://user:password@host:587?tls=starttls or file:folder."
        raise ConfigurationError(message)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls = options.pop("tls", "starttls")
    if tls not in _MAIL_PORTS or options:
        message = "MAIL_URL may end with ?tls=starttls (the default), ?tls=tls or ?tls=none, and with nothing else."
        raise ConfigurationError(message)
    host, user, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii():
        message = "MAIL_URL has a user or a password with other than ASCII characters, which mail servers cannot take."
        raise ConfigurationError(message)
    if password and tls == "none" and not _is_loopback(host):
        message = "MAIL_URL would send the password unencrypted; use ?tls=starttls or ?tls=tls."
        raise ConfigurationError(message)
    return Smtp(host, parts.port or _MAIL_PORTS[tls], tls, user, password)  # type: ignore[arg-type]


def _mail_from(value: str) -> str:
    checked = address(value)
    if not checked.isascii() or not checked:
        message = f"MAIL_FROM is {value!r}, but must be an e-mail address."
        raise ConfigurationError(message)
    return checked


def _redis_url(value: str) -> str | None:
    parts = _split(value)
    if value and (parts is None or parts.scheme not in {"redis", "rediss"} or not parts.hostname):
        message = "REDIS_URL must be redis://host:6379/0 or rediss://host:6379/0."
        raise ConfigurationError(message)
    return value or None


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"TIMEZONE is {value!r}, but must be a name of the IANA list, such as Europe/Zurich."
        raise ConfigurationError(message) from None
    return value


def _clock(value: str, *, development: bool) -> tuple[datetime | None, timedelta]:
    if not value:
        return None, timedelta()
    if not development:
        message = "CLOCK is for development only: take it away, or let PUBLIC_URL be an address of this machine."
        raise ConfigurationError(message)
    shift = _SHIFT.fullmatch(value)
    if shift:
        amount = int(shift["count"]) * (1 if shift["sign"] == "+" else -1)
        if shift["unit"] == "d" and abs(amount) > _MOST_DAYS:
            message = f"CLOCK is {value!r}, but can be shifted by {_MOST_DAYS} days at most."
            raise ConfigurationError(message)
        return None, timedelta(hours=amount) if shift["unit"] == "h" else timedelta(days=amount)
    try:
        fixed = datetime.fromisoformat(value)
        fixed = fixed.astimezone(UTC) if fixed.tzinfo else fixed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        message = (
            f"CLOCK is {value!r}, but must be a moment such as 2025-09-01 or 2025-09-01T08:00Z,"
            " or a shift such as -90d or +6h."
        )
        raise ConfigurationError(message) from None
    if not _FIRST_YEAR <= fixed.year <= _LAST_YEAR:
        message = f"CLOCK is {value!r}, but must lie in the years {_FIRST_YEAR} to {_LAST_YEAR}."
        raise ConfigurationError(message)
    return fixed, timedelta()
