"""What holds for the house as a whole: its rooms and its tables."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from calendar_app.extensions import clock, db, transaction
from calendar_app.factory import ROOT
from calendar_app.models import Base
from calendar_app.services import events, importing, organisations, sheets
from calendar_app.services.columns import COLUMNS
from calendar_app.services.reference import reference
from tests.conftest import PACKAGED, close_databases, make_app

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("calendar_app", "feeds")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", modules("calendar_app/planning"), ids=lambda path: path.name)
def test_planning_stands_on_the_standard_library_alone(path):
    allowed = sys.stdlib_module_names | {"calendar_app"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            assert name.partition(".")[0] in allowed, name
            assert not name.startswith("calendar_app") or name.startswith("calendar_app.planning"), name


def test_planning_can_be_imported_without_flask():
    assert (ROOT / "calendar_app" / "__init__.py").read_bytes() == b""


def test_a_module_is_named_by_what_it_is_about():
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.suffix in {"", ".py"}]
    assert len(paths) > 30
    assert not [str(path) for path in paths if path.stem in FORBIDDEN_NAMES]


def test_only_transactions_and_passing_notes_commit():
    for path in [path for package in PACKAGES for path in modules(package)]:
        calls = re.findall(r"\.commit\(", path.read_text(encoding="utf-8"))
        assert not calls or (path.name == "extensions.py" and len(calls) == 2), path


def test_the_migrations_make_the_tables_of_the_models_and_can_be_undone(empty_database, tmp_path):
    app = make_app(empty_database, tmp_path)
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
            )
            assert compare_metadata(context, Base.metadata) == []
            assert set(inspect(connection).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
            connection.rollback()
        with transaction() as session:
            organisations.add_packaged(session, reference())
            rows = sheets.read_sheet(PACKAGED, COLUMNS).rows
            assert not importing.import_rows(session, rows, events.Change("test", clock.now()), reference()).rejected
        db.session.remove()
        downgrade(revision="base")
        with db.engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
        upgrade()
        close_databases()
