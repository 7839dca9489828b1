"""Applications to measure: SQLite in a folder of their own, one process, no network."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import config
from calendar_app.extensions import db, transaction
from calendar_app.factory import create_app
from calendar_app.models import Base
from calendar_app.services import organisations
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

MOMENT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def application(folder: Path) -> Flask:
    """Return an application with the tables and organisations, and no event, in a new folder."""
    folder.mkdir()
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / 'c.sqlite3'}",
        "SECRET_KEY": "x" * 40,
        "CLOCK": MOMENT.isoformat(),
    }
    app = create_app(config.load(settings, folder).for_flask())
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction() as session:
            organisations.add_packaged(session, reference())
    return app
