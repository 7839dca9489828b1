"""What others may do while a calendar is restored: read at once, and write when it is done."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, DueStep, SignIn
from calendar_app.services import backup, restoring
from tests.backup.others import SOON, Other, step, write_in_passing
from tests.backup.test_same_rows import never, told
from tests.conftest import close_databases
from tests.people import browser_of, new_account


def hold_writers(session) -> None:
    restoring.hold_others(session, readers=False)


def restore(file, tell) -> None:
    with backup.opened(file) as opened, transaction(first=hold_writers) as session:
        revision = opened.manifest.revision
        restoring.replace_all(session, opened, newest=revision, migrate=never, tell=tell)


def test_who_writes_anything_waits_for_the_restore_and_who_reads_does_not(file, app):
    reader = browser_of(app, new_account("since@brs.example", brs="coordinator"))
    with transaction() as session:
        # So long ago that this use is noted, if it can be.
        session.execute(SignIn.__table__.update().values(seen_at=clock.now() - timedelta(hours=1)))
    others = []

    def tell(table, _rows):
        if table == "events":
            others.extend(
                [
                    Other(app, lambda: write_in_passing("since")),
                    Other(app, lambda: db.session.scalar(select(func.count()).select_from(Account))),
                    Other(app, lambda: reader.get("/account").status_code),
                ]
            )
            for other in others[1:]:
                other.join(SOON)
            assert [other.got for other in others] == [None, 2, 200], [other.problem for other in others]
            assert others[0].is_alive()

    restore(file, tell)
    others[0].join(SOON)
    assert others[0].problem is None
    db.session.rollback()
    assert db.session.scalars(select(DueStep.key)).all() == ["since"]
    assert db.session.scalars(select(Account.email)).all() == ["ana@brs.example"]


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_writer_who_never_ends_is_waited_for_so_long_only_and_nothing_is_changed(run, file, all_rows, monkeypatch):
    monkeypatch.setattr(restoring, "TRIES", 1)
    monkeypatch.setattr(restoring, "WAIT_SECONDS", 0.2)
    before = all_rows()
    with db.engine.connect() as writer:
        # Who waits for it without an end fails, and does not hang.
        writer.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{SOON}s'"))
        writer.execute(text("UPDATE organisations SET name = name"))
        began = time.monotonic()
        result = run("restore", file, "--yes")
        assert time.monotonic() - began < SOON
        writer.rollback()
    assert result.exit_code == 1
    assert "Others have been at work for 0.2 seconds without a gap: try again" in result.stderr
    assert result.stderr.endswith("Nothing was changed.\n")
    assert all_rows() == before


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_writer_who_wants_what_the_restore_holds_already_gets_on_first(file, app):
    has_one, may_go_on = threading.Event(), threading.Event()

    def write_two():
        with transaction(exclusive=False) as session:
            session.add(step("first"))
            session.flush()
            has_one.set()
            may_go_on.wait(SOON)
            session.execute(text("UPDATE sign_ins SET program = 'second'"))

    other = Other(app, write_two)
    assert has_one.wait(SOON)
    threading.Timer(0.3, may_go_on.set).start()
    restore(file, told)
    other.join(SOON)
    assert other.problem is None
    db.session.rollback()
    assert db.session.scalars(select(DueStep.key)).all() == []
    close_databases()
