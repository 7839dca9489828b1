"""`flask backup` and `flask restore`: what they ask, what they refuse, and how the calendar goes on afterwards."""

from __future__ import annotations

import stat

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, snapshot, transaction
from calendar_app.models import AuditEntry, Event, OutboxMessage
from calendar_app.services import backup, restoring, schema
from calendar_app.services.undelivered import Advice, given_up
from tests.backup.archives import rewritten
from tests.conftest import close_databases, make_app
from tests.mail.letters import put

pytestmark = pytest.mark.either_database

WAITING = 3


def test_a_backup_is_for_its_owner_alone_and_says_what_it_holds(run, file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir() if "all.zip" in path.name] == ["all.zip"]
    said = run("backup", file).stderr
    assert "password hashes" in said
    assert "events: 1 rows" in said


def test_a_backup_that_is_stopped_leaves_the_one_before_it_and_nothing_else(file, tmp_path):
    before, names = file.read_bytes(), {path.name for path in tmp_path.iterdir()}

    def stop(_table, _rows):
        raise KeyboardInterrupt

    with snapshot() as session, pytest.raises(KeyboardInterrupt):
        backup.write(session, file, program="this", revision="1", now=clock.now(), tell=stop)
    assert file.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_backup_into_a_folder_that_is_not_there_is_a_sentence(run, tmp_path):
    result = run("backup", tmp_path / "nowhere" / "all.zip")
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory." in result.stderr


def test_nothing_is_replaced_unless_asked_for(run, file, all_rows):
    before = all_rows()
    result = run("restore", file)
    assert result.exit_code == 2
    assert "it has 1 events and 1 accounts" in result.stderr
    assert "--yes" in result.stderr
    assert all_rows() == before
    assert run("restore", file, "--yes").exit_code == 0


def test_a_new_calendar_takes_a_backup_without_being_asked(run, file, app):
    with transaction() as session:
        restoring.clear(session)
    result = run("restore", file)
    assert result.exit_code == 0, result.output
    db.session.rollback()
    assert db.session.scalars(select(Event.titles)).all() == [{"en": "As it was"}]


DAMAGED = {
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:-200]), "not a backup of this calendar"),
    "no archive at all": (lambda path: path.write_text("title\nMeeting\n"), "not a backup of this calendar"),
    "bytes that turned": (
        lambda path: path.write_bytes(path.read_bytes().replace(b"PK\x01\x02", b"PK\x01\x03", 1)), "not a backup",
    ),
    "a row that was changed": (
        lambda path: rewritten(path, {"events": lambda row: row | {"sequence": 7}}, seal=False), "events is not as",
    ),
    "a row too few": (lambda path: rewritten(path, {"events": lambda _row: None}, seal=False), "events is not as"),
    "another program's tables": (lambda path: rewritten(path, drop={"events"}), "not written by this program"),
    "a newer format": (lambda path: rewritten(path, manifest={"format": 2}), "newer version of this program"),
    "a newer revision": (lambda path: rewritten(path, manifest={"revision": "9999"}), "newer version of this program"),
    "no revision": (lambda path: rewritten(path, manifest={"revision": None}), "newer version of this program"),
    "a kind that nobody knows": (
        lambda path: rewritten(path, kinds={"text": "song"}), "not a backup of this calendar",
    ),
    "a row that refers to nothing": (
        lambda path: rewritten(path, {"organisations": lambda _row: None}), "The database does not take it",
    ),
}  # fmt: skip


def test_what_is_damaged_or_too_new_is_refused_and_nothing_changes(run, file, all_rows):
    before, whole = all_rows(), file.read_bytes()
    for case, (damage, sentence) in DAMAGED.items():
        file.write_bytes(whole)
        damage(file)
        result = run("restore", file, "--yes")
        assert result.exit_code == 1, (case, result.output)
        assert sentence in result.stderr, (case, result.stderr)
        assert "Traceback" not in result.output, case
        assert all_rows() == before, case


def test_everybody_is_signed_out_and_the_audit_log_says_why(run, signed_in, tmp_path, app):
    browser = signed_in("root@example.org", system_administrator=True)
    assert browser.get("/account").status_code == 200
    path = tmp_path / "all.zip"
    run("backup", path)
    assert run("restore", path, "--yes").exit_code == 0
    with app.app_context():
        assert browser.get("/account").status_code == 303
    db.session.rollback()
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor) == ("calendar restored", "command line")
    assert entry.details == {"taken": clock.now().isoformat(timespec="seconds")}


def test_letters_that_waited_are_held_back_for_an_administrator_to_decide(run, tmp_path):
    for number in range(WAITING):
        put(f"person{number}@example.org")
    path = tmp_path / "all.zip"
    run("backup", path)
    assert run("restore", path, "--yes").exit_code == 0
    db.session.rollback()
    assert set(db.session.scalars(select(OutboxMessage.state))) == {"failed"}
    letters = given_up(db.session())
    assert [letter.advice for letter in letters] == [Advice.RESTORED] * WAITING
    assert all(letter.can_be_tried for letter in letters)


def test_a_database_that_is_behind_is_not_backed_up(run, file, marked):
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    result = run("backup", file)
    assert result.exit_code == 1
    assert "run 'flask prepare' first" in result.stderr


def test_tables_of_a_later_version_are_left_alone_and_every_command_says_so(run, file, marked, all_rows):
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    marked.config["PORT"] = 0
    before, backed_up = all_rows(), file.read_bytes()
    for command in (["backup", file], ["restore", file, "--yes"], ["prepare"], ["serve"]):
        result = run(*command)
        assert result.exit_code == 1, (command, result.output)
        assert "he tables are of a later version of the program: update the program" in result.stderr, command
        assert "Traceback" not in result.output, command
    assert (all_rows(), file.read_bytes()) == (before, backed_up)


def test_a_restore_that_fails_after_the_tables_were_brought_up_to_date_says_so(file, empty_database, tmp_path):
    rewritten(file, {"organisations": lambda _row: None})
    with make_app(empty_database, tmp_path).app_context() as context:
        result = context.app.test_cli_runner().invoke(args=["restore", str(file)])
        assert result.exit_code == 1
        assert "The database does not take it" in result.stderr
        assert "Nothing was changed but the tables themselves, which are brought up to date first." in result.stderr
        assert schema.state(db.session()) is schema.State.CURRENT
        close_databases()
