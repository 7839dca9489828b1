"""What the database numbers by itself, after a restore and after one that did not come to its end."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import clock, db, snapshot, transaction
from calendar_app.models import Account
from calendar_app.services import backup, restoring
from tests.backup.test_same_rows import never, told
from tests.people import new_account


def highest() -> int:
    number = db.session.scalar(select(func.max(Account.id)))
    db.session.rollback()
    return number


def test_new_rows_are_numbered_after_those_that_came_back(pair, tmp_path):
    source, target = pair
    path = tmp_path / "all.zip"
    with source.app_context():
        for number in range(5):
            new_account(f"person{number}@brs.example")
        with snapshot() as session:
            backup.write(session, path, program="this", revision="9", now=clock.now(), tell=told)
    with target.app_context():
        with backup.opened(path) as opened, transaction() as session:
            restoring.replace_all(session, opened, newest="9", migrate=never, tell=told)
        before = highest()
        assert new_account("ben@brs.example") > before


@pytest.mark.parametrize("when", ["in the middle", "at the end"])
def test_a_restore_that_is_stopped_has_changed_nothing(file, all_rows, add_event, when):
    add_event(title="Added since")
    for number in range(5):
        new_account(f"since{number}@brs.example")
    before = all_rows()

    def stop(table, _rows):
        if when == "in the middle" and table == "events":
            raise KeyboardInterrupt

    def restore():
        with backup.opened(file) as opened, transaction() as session:
            revision = opened.manifest.revision
            restoring.replace_all(session, opened, newest=revision, migrate=never, tell=stop)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore()
    assert all_rows() == before
    last = highest()
    assert new_account("ben@brs.example") > last
