"""`mail_while_killed` in short: everybody gets the digest, whoever is killed when."""

from __future__ import annotations

import pytest

from tests.faults.mail_while_killed import run


@pytest.mark.xdist_group("serving")
def test_every_recipient_gets_the_digest_and_twice_only_where_nobody_can_help_it(databases, tmp_path):
    url = databases.make(with_tables=True)
    try:
        outcome = run(url, tmp_path, recipients=30, kills=3, claim=15)
    finally:
        databases.drop(url)
    print(f"{databases.kind}: {outcome}")
    assert outcome.problems == []
    assert outcome.twice <= outcome.kills
    assert outcome.sent == outcome.recipients + outcome.twice
