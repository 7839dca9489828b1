"""What was backed up comes back row by row, whatever the rows are, within a database and across.

The command then lets the calendar go on from there: what that changes is in test_commands.py and test_lost_calendar.py.
"""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from calendar_app.extensions import clock, db, snapshot
from calendar_app.models import Base
from calendar_app.services import backup, restoring
from tests.backup.made_rows import fill, rows_of


def told(_table: str, _rows: int) -> None:
    """Hear of progress."""


def empty(connection) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        connection.execute(delete(table))


def never(_revision: str) -> None:
    raise AssertionError


# To make a seed smaller shows nothing.
@settings(max_examples=2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_restored_is_what_was_backed_up_row_by_row(pair, tmp_path, seed):
    source, target = pair
    path = tmp_path / "all.zip"
    with source.app_context():
        with db.engine.begin() as connection:
            empty(connection)
            fill(connection, seed)
            wanted = rows_of(connection, but=backup.LEFT_OUT)
        with snapshot() as session:
            written = backup.write(session, path, program="this", revision="9", now=clock.now(), tell=told)
    assert {table.name: table.rows for table in written.tables} == {name: len(rows) for name, rows in wanted.items()}
    with target.app_context():
        with db.engine.begin() as connection:
            empty(connection)
            fill(connection, seed + 1)
        with backup.opened(path) as opened:
            opened.check()
            assert opened.manifest == written
            session = db.session()
            restoring.replace_all(session, opened, newest="9", migrate=never, tell=told)
            session.commit()
        with db.engine.connect() as connection:
            assert rows_of(connection, but=backup.LEFT_OUT) == wanted
