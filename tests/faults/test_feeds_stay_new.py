"""Feeds are as new as the calendar, whatever is killed when: `feeds_while_edited` in short, and the worst moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from calendar_app.factory import ROOT
from tests.faults.feeds_while_edited import run

SECONDS = 5
# Right after the commit the editor is gone: it has told nobody, and kept nothing.
KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.orm import Session
from tests.faults import editor
event.listen(Session, "after_commit", lambda session: os.kill(os.getpid(), signal.SIGKILL))
editor.main(editor.uuid.UUID(sys.argv[1]), 6)
"""


@pytest.mark.xdist_group("serving")
def test_no_reader_gets_a_feed_that_is_older_than_the_calendar_or_broken(databases, tmp_path):
    url = databases.make(with_tables=True)
    try:
        seen = run(url, tmp_path, seconds=SECONDS)
    finally:
        databases.drop(url)
    print(f"{databases.kind}: {seen}")
    assert seen.problems == []
    assert seen.kills >= 4
    assert seen.changes > 10
    assert seen.whole > 20


def test_a_process_that_is_killed_right_after_its_commit_leaves_a_feed_that_is_right(app, client, add_event, tmp_path):
    event_id = add_event(title="As it was")
    assert b"As it was" in client.get("/feeds/all.ics").data
    environment = os.environ | {
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "SECRET_KEY": "x" * 40,
        "MAIL_URL": f"file:{tmp_path}",
    }
    done = subprocess.run([sys.executable, "-c", KILLED, str(event_id)], cwd=ROOT, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    # As if another process asked: the tests' own context has read before.
    with app.app_context():
        answer = client.get("/feeds/all.ics")
    assert b"Change 7" in answer.data
    assert b"As it was" not in answer.data
