"""A backup taken under load is the calendar of one moment: `backup_under_load` in short."""

from __future__ import annotations

import pytest

from tests.faults.backup_under_load import LEAST, run

SECONDS = 1


@pytest.mark.xdist_group("serving")
def test_a_backup_under_load_is_of_one_moment_and_comes_back_as_it_was(databases, tmp_path):
    url = databases.make(with_tables=True)
    try:
        taken = run(url, tmp_path, seconds=SECONDS)
    finally:
        databases.drop(url)
    print(f"{databases.kind}: {taken}")
    assert taken.problems == []
    assert len(set(taken.versions)) >= LEAST, "of different moments"
    assert taken.changes > 10
    assert taken.changes_afterwards > 0
