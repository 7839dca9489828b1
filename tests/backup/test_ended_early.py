"""A backup that is ended, by a service manager or by force, leaves nothing behind that holds secrets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from calendar_app.factory import ROOT
from tests.people import new_account

LONGEST = 30


def unfinished(folder) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


@pytest.fixture
def stuck(marked, tmp_path):
    """A backup in a process of its own that cannot go on in the middle of its work, and what lets it go on."""
    new_account("ana@brs.example")
    reading, writing = os.pipe()
    # What it says of progress is too much for the pipe.
    os.set_blocking(writing, False)
    while True:
        try:
            os.write(writing, b"." * 4096)
        except BlockingIOError:
            break
    os.set_blocking(writing, True)
    url = marked.config["SQLALCHEMY_DATABASE_URI"]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "backup", str(tmp_path / "all.zip")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url, "SECRET_KEY": "x" * 40},
        stderr=writing,
    )
    os.close(writing)
    deadline = time.monotonic() + LONGEST
    while not unfinished(tmp_path):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)

    def listen() -> None:
        while os.read(reading, 65536):
            pass

    yield process, listen
    process.kill()
    process.wait()
    os.close(reading)


def test_a_backup_that_is_terminated_leaves_nothing_behind(stuck, tmp_path):
    process, listen = stuck
    process.send_signal(signal.SIGTERM)
    listen()
    assert process.wait(LONGEST) == 128 + signal.SIGTERM
    assert unfinished(tmp_path) == []
    assert not (tmp_path / "all.zip").exists()


def test_what_a_killed_backup_left_behind_is_removed_by_the_next_one_and_no_other_file(run, marked, tmp_path):
    left, others = tmp_path / ".all[1].zip.x1y2z3.part", [tmp_path / ".other.zip.x1y2z3.part", tmp_path / "all.part"]
    for path in (left, *others):
        path.write_text("secrets")
    assert run("backup", tmp_path / "all[1].zip").exit_code == 0
    assert not left.exists()
    assert all(path.exists() for path in others)
