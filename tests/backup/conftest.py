"""Databases with the mark of their migrations, which the commands ask for."""

from __future__ import annotations

import pytest
from flask_migrate import stamp
from sqlalchemy import text

from calendar_app.extensions import db
from tests.backup.made_rows import rows_of
from tests.conftest import close_databases, make_app
from tests.people import new_account


@pytest.fixture
def marked(app):
    """The application, its tables marked as those of the newest revision."""
    stamp()
    yield app
    db.session.remove()
    # The tables are used again by others.
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))


@pytest.fixture
def run(marked):
    """Give a command."""
    return lambda *arguments: marked.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


@pytest.fixture
def file(run, tmp_path, add_event):
    """A backup of a calendar with one event and one account."""
    add_event(title="As it was")
    new_account("ana@brs.example", brs="coordinator")
    path = tmp_path / "all.zip"
    result = run("backup", path)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    return path


@pytest.fixture
def all_rows(app):
    """Read every row of every table."""

    def read():
        db.session.rollback()
        with db.engine.connect() as connection:
            return rows_of(connection)

    return read


@pytest.fixture(params=["sqlite to sqlite", "sqlite to postgresql", "postgresql to sqlite", "postgresql to postgresql"])
def pair(request, tmp_path):
    """An application on one database, and a second database."""
    kinds = [request.getfixturevalue(f"{kind}_databases") for kind in request.param.split(" to ")]
    urls = [databases.make(with_tables=True) for databases in kinds]
    app = make_app(urls[0], tmp_path)
    other = make_app(urls[1], tmp_path)
    yield app, other
    for application, databases, url in zip((app, other), kinds, urls, strict=True):
        with application.app_context():
            close_databases()
        databases.drop(url)
