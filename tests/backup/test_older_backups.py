"""A backup of the tables as they were at first, restored by the program of today."""

from __future__ import annotations

import threading
import uuid
from datetime import date

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import upgrade
from sqlalchemy import inspect, select

from calendar_app.extensions import clock, db, transaction
from calendar_app.migrating import migrate
from calendar_app.models import Event, Revision
from calendar_app.planning.dates import Span
from calendar_app.services import events, organisations
from calendar_app.services.records import EventRecord
from calendar_app.services.reference import reference
from tests.backup.archives import rewritten
from tests.backup.others import SOON, Other, step
from tests.conftest import close_databases, make_app


@pytest.fixture
def migrated(databases, tmp_path):
    """Make applications on databases whose tables the migrations make."""
    made = []

    def make(revision: str = "head"):
        url = databases.make(with_tables=False)
        app = make_app(url, tmp_path)
        made.append((app, url))
        with app.app_context():
            upgrade(revision=revision)
            close_databases()
        return app

    yield make
    for app, url in made:
        with app.app_context():
            close_databases()
        databases.drop(url)


def some_events() -> None:
    with transaction() as session:
        for month in range(1, 13):
            record = EventRecord(
                titles={"en": "A meeting"}, processes=("basel",), steward="brs", kind="cop",
                span=Span.inclusive(date(2027, month, 1), date(2027, month, 20)), city="Geneva", format="in-person",
            )  # fmt: skip
            events.create(session, uuid.uuid4(), record, events.Change("test", clock.now()), reference())


def columns() -> dict[str, set[str]]:
    inspector = inspect(db.engine)
    return {name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()}


def test_a_backup_of_older_tables_is_restored_and_brought_up_to_date(migrated, tmp_path):
    path = tmp_path / "older.zip"
    app = migrated()
    with app.app_context():
        older = ScriptDirectory.from_config(migrate.get_config()).get_base()
    with migrated(older).app_context():
        as_they_were = columns()
        close_databases()
    with app.app_context():
        with transaction() as session:
            organisations.add_packaged(session, reference())
        some_events()
        assert app.test_cli_runner().invoke(args=["backup", str(path)]).exit_code == 0
        now = columns()
        gone = now.keys() - as_they_were.keys()
        assert gone
        rewritten(path, manifest={"revision": older}, drop=gone, columns=as_they_were)
        wanted = [db.session.scalars(select(model.id).order_by(model.id)).all() for model in (Event, Revision)]
        # Over a calendar with all that newer tables hold, and a version later.
        some_events()
        enough = threading.Event()

        def write() -> None:
            number = 0
            while not enough.wait(0.01):
                with transaction() as session:
                    session.add(step(f"{number}"))
                number += 1

        other = Other(app, write)
        result = app.test_cli_runner().invoke(args=["restore", str(path), "--yes"])
        enough.set()
        other.join(SOON)
        assert not other.is_alive()
        assert result.exit_code == 0, result.output
        assert other.problem is None
        assert ("pages and feeds wait" in result.stderr) == (db.engine.name == "postgresql")
        db.session.rollback()
        assert [db.session.scalars(select(model.id).order_by(model.id)).all() for model in (Event, Revision)] == wanted
        assert columns() == now
        again = app.test_cli_runner().invoke(args=["backup", str(path)])
        assert again.exit_code == 0, again.output
        recomputed = app.test_cli_runner().invoke(args=["clashes", "recompute"])
        assert recomputed.stdout == ""
        close_databases()
