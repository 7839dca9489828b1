"""No submission that was answered as received is lost or doubled when the server is killed: the short form."""

from __future__ import annotations

import pytest

from tests.faults.kill_server import run

KILLS, SUBMITTERS = 3, 20


@pytest.mark.xdist_group("serving")
def test_what_was_answered_as_received_is_there_once_after_kills_without_warning(databases, tmp_path):
    url = databases.make(with_tables=True)
    try:
        outcome = run(url, tmp_path, kills=KILLS, submitters=SUBMITTERS)
    finally:
        databases.drop(url)
    print(f"{databases.kind}: {outcome}")
    assert outcome.problems == []
    assert len(outcome.in_flight) == KILLS
    assert min(outcome.in_flight) > 0, "each time something was under way"
    assert sum(outcome.broken) > 0, "and not all of it came to its answer"
    assert outcome.stored == outcome.answered > SUBMITTERS
