"""The Flask extensions, the clock, and the only places of ours that commit: `transaction()` and `note_in_passing()`."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import current_app, request
from flask_babel import Babel, Domain, get_locale
from flask_compress import Compress
from flask_limiter import Limiter
from flask_security.core import Security
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.totp import Totp
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import SQLAlchemyError

from calendar_app.models import Account, Base, CalendarVersion
from calendar_app.models.base import UtcDateTime
from calendar_app.services import finding_letters, findings, renderings, touched, wording
from calendar_app.services.mail_links import MailLinks
from calendar_app.services.reference import using
from calendar_app.services.reference_entries import lists_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from babel.support import NullTranslations
    from flask import Flask
    from sqlalchemy.orm import Session

    from calendar_app.services.source_asks import Reader


class Clock:
    """The application's only clock; CLOCK may fix or shift it in development."""

    def __init__(self) -> None:
        """Begin with the real time in UTC."""
        self.fixed: datetime | None = None
        self.shift = timedelta()
        self.zone = ZoneInfo("UTC")

    def init_app(self, app: Flask) -> None:
        """Take the settings of the application."""
        self.fixed = app.config["CLOCK_FIXED"]
        self.shift = app.config["CLOCK_SHIFT"]
        self.zone = ZoneInfo(app.config["TIMEZONE"])

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return self.fixed or datetime.now(UTC) + self.shift  # noqa: TID251 - the one place that asks the machine

    def today(self) -> date:
        """Return today's date in the time zone of the calendar."""
        return self.now().astimezone(self.zone).date()


class _Catalogues(Domain):  # type: ignore[misc]
    """Lets Flask-Babel read the catalogues that services read, so that a page speaks with one voice."""

    def get_translations(self) -> NullTranslations:
        """Return the translations into the language of this request; English outside of one."""
        locale = get_locale()
        return wording.catalogue(locale.language if locale else "en")


class _Babel(Babel):  # type: ignore[misc]
    domain_instance = _Catalogues()


class _OnceOnly(Totp):
    """Refuses an authenticator's code of the time step last accepted, or of an earlier one (RFC 6238, 5.2)."""

    def get_last_counter(self, user: Any) -> int | None:  # noqa: ANN401 - the library knows no Account
        """Return the time step of the code last accepted."""
        last: int | None = user.totp_last_counter
        return last

    def set_last_counter(self, user: Any, tmatch: Any) -> None:  # noqa: ANN401
        """Keep the time step of a code that was accepted just now."""
        user.totp_last_counter = tmatch.counter


def source_reader() -> Reader:
    """Return what asks sources here: over the network, unless a test has put something else there."""
    # Here, because what asks the network takes five megabytes in each process, most of which never ask.
    from calendar_app.services.source_reading import OverTheNetwork  # noqa: PLC0415

    reader: Reader = current_app.config.get("SOURCE_READER") or OverTheNetwork()
    return reader


def mail_links() -> MailLinks:
    """Return what makes the links of letters, with the address and the key of this application."""
    return MailLinks(current_app.config["PUBLIC_URL"], current_app.config["SECRET_KEY"])


def network() -> str:
    """Return the network that asks, as limits count it: for IPv6 the /64, all of which one user may have."""
    text = request.remote_addr or "127.0.0.1"
    try:
        address = ip_address(text)
    except ValueError:
        # Whatever a proxy of ours puts there.
        return text[:100]
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address.packed, 64), strict=False))
    return str(address)


db = SQLAlchemy(model_class=Base)
csrf = CSRFProtect()
babel = _Babel()
compress = Compress()
clock = Clock()
limiter = Limiter(network)
security = Security(totp_cls=_OnceOnly)
# Of Flask-Security's own roles none is used (see `services/access.py`), so there is no model of them.
accounts = SQLAlchemyUserDatastore(db, Account, None)  # type: ignore[arg-type]


_NEVER = datetime.fromtimestamp(0, UTC)
_FIRST_VERSION = text(
    "INSERT INTO calendar_version (id, version, changed_at, reference_digest, planning_digest) "
    "VALUES (1, 0, :never, '', '') ON CONFLICT DO NOTHING"
).bindparams(bindparam("never", _NEVER, UtcDateTime()))


@contextmanager
def transaction(
    *, keep: bool = True, exclusive: bool = True, first: Callable[[Session], None] | None = None
) -> Iterator[Session]:
    """Give a session whose work is committed as a whole at the end, or, on an error or with keep=False, not at all.

    It starts anew and, if `exclusive`, waits for other writers of the calendar to end: what it reads is current and
    stays so, and `reference()` gives the lists as they are then. (SQLite has one writer at a time anyhow; on PostgreSQL
    the row of the calendar's version is the lock.) `first` is called before it waits. Before the
    commit the findings of planning, and what feeds show, are made true again.
    Raises RuntimeError if changes were made before it.
    """
    session = db.session
    if session.new or session.dirty or session.deleted:
        message = "something was changed outside transaction()"
        raise RuntimeError(message)
    session.rollback()
    session.connection(execution_options={"writes": True})
    # Letters that follow from a change carry links, and services know no pages.
    session.info[finding_letters.PUBLIC_URL] = current_app.config["PUBLIC_URL"]
    try:
        with ExitStack() as lists:
            if first:
                first(session())
            if exclusive:
                version = session.scalar(select(CalendarVersion).with_for_update())
                if version is None:
                    # A calendar without any event: whoever comes second waits here for the first.
                    session.execute(_FIRST_VERSION)
                lists.enter_context(using(lists_of(session(), version)))
            yield session()
            if keep and (exclusive or touched.anything(session())):
                _settle(session())
        if keep:
            session.commit()
        else:
            session.rollback()
    except BaseException:
        session.rollback()
        raise


@contextmanager
def snapshot() -> Iterator[Session]:
    """Give a session that reads the database as it is at one moment, whatever others write meanwhile."""
    session = db.session
    session.rollback()
    # Of SQLite each transaction that reads has that already, from its first question on.
    if db.engine.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
    try:
        yield session()
    finally:
        session.rollback()


def note_in_passing(write: Callable[[Session], None]) -> None:
    """Do and commit one small write that may be lost; what was read before is let go.

    It waits for no other writer and raises no error of the database: then nothing is written.
    """
    session = db.session
    session.rollback()
    try:
        session.connection(execution_options={"writes": True, "waits": False})
        if db.engine.name == "postgresql":
            session.execute(text("SET LOCAL lock_timeout = 1"))
        write(session())
        session.commit()
    except SQLAlchemyError:
        session.rollback()


def _settle(session: Session) -> None:
    """Settle findings and renderings, with the lists as this transaction leaves them."""
    session.flush()
    with using(lists_of(session, session.get(CalendarVersion, 1))):
        findings.settle(session, clock.now().astimezone(clock.zone))
        renderings.settle(session, current_app.config["PUBLIC_URL"], clock.now())
