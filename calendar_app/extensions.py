"""The Flask extensions, the clock, and `transaction()`, the only place of ours that commits."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask_babel import Babel, Domain, get_locale
from flask_compress import Compress
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select

from calendar_app.models import Base, CalendarVersion
from calendar_app.services import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.support import NullTranslations
    from flask import Flask
    from sqlalchemy.orm import Session


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


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
csrf = CSRFProtect()
babel = _Babel()
compress = Compress()
clock = Clock()


@contextmanager
def transaction(*, keep: bool = True, exclusive: bool = True) -> Iterator[Session]:
    """Give a session whose work is committed as a whole at the end, or, on an error or with keep=False, not at all.

    It starts anew and, if `exclusive`, waits for other writers of the calendar to end: what it reads is current and
    stays so. (SQLite has one writer at a time anyhow; on PostgreSQL the row of the calendar's version is the lock.)
    Raises RuntimeError if changes were made before it.
    """
    session = db.session
    if session.new or session.dirty or session.deleted:
        message = "something was changed outside transaction()"
        raise RuntimeError(message)
    session.rollback()
    session.connection(execution_options={"writes": True})
    try:
        if exclusive:
            session.scalar(select(CalendarVersion.id).with_for_update())
        yield session()
        if keep:
            session.commit()
        else:
            session.rollback()
    except BaseException:
        session.rollback()
        raise
