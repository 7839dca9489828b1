"""Answers with characters that no database takes, and faults of ours: noted with the source, and no other one waits."""

from __future__ import annotations

import logging

import pytest

from calendar_app.extensions import transaction
from calendar_app.services.source_asks import SourceFailedError, told
from calendar_app.services.source_reading import OverTheNetwork
from feeds.fetch import Guard
from feeds.reading import child
from tests.feeds.hostile_server import always, response, serving
from tests.sources.conftest import calendar, source_of
from tests.sources.test_a_life import LEAD, all_events, last_run, titles

pytestmark = pytest.mark.xdist_group("sources")
LATER = {"name": "Later"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(response(status="500 a\0b\x9bc"), "127.0.0.1 answered 500 abc.", id="status"),
        pytest.param(response(b"x", content_encoding="a\x01\x85"), "was not asked for: a.", id="coding"),
        pytest.param(response(status="302 Found", location="http://["), "[” is not a web address.", id="next"),
    ],
)
def test_what_no_database_takes_is_told_without_it(app, partner, add_source, schedule, answer, error):
    partner.gives(LEAD)
    with serving(always(answer)) as server:
        allow = frozenset({partner.address, (server.host, server.port)})
        app.config["SOURCE_READER"] = OverTheNetwork(Guard(allow=allow), child.read_here)
        odd = add_source(url=server.url())
        add_source(url=partner.url, **LATER)
        assert schedule.harvest() == 2
    assert last_run(odd).outcome == "failed"
    assert error in told(last_run(odd).error)
    assert titles() == ["Workshop on lead paint"]


def test_an_etag_that_no_database_takes_is_not_kept(app, add_source, schedule):
    with serving(always(response(calendar(LEAD), etag='"a\0b"'))) as server:
        guard = Guard(allow=frozenset({(server.host, server.port)}))
        app.config["SOURCE_READER"] = OverTheNetwork(guard, child.read_here)
        odd = add_source(url=server.url())
        schedule.harvest()
    assert (len(all_events()), source_of(odd).etag) == (1, "")


def test_a_remark_about_half_a_character_is_kept_without_it(partner, add_source, schedule):
    partner.body = (
        rb'{"value": [{"id": "1\u0000", "title": "x", "start": "\ud800 2027"}, {"id": "2", "start": "2027-03-01"}]}'
    )
    partner.kind = "application/json"
    odd = add_source(url=partner.url, kind="informea")
    schedule.harvest()
    assert len(all_events()) == 1
    assert ("bad-start", "2027", "1") in [(n["code"], n["detail"], n["uid"]) for n in last_run(odd).notes]


def test_a_fault_of_ours_is_noted_with_its_source_and_stops_no_other(app, partner, add_source, schedule, caplog):
    """The first is removed while it is asked, so that not even its failure can be noted."""
    over_the_network = app.config["SOURCE_READER"]
    partner.gives(LEAD)

    def reader(ask):
        if "removed" in ask.url:
            with transaction(exclusive=False) as session:
                session.delete(source_of(removed))
            message = "It is not there any more."
            raise SourceFailedError(message)
        if "broken" in ask.url:
            message = "A fault of ours."
            raise RuntimeError(message)
        return over_the_network(ask)

    app.config["SOURCE_READER"] = reader
    removed = add_source(url=partner.url + "?removed")
    broken = add_source(url=partner.url + "?broken", name="Broken")
    add_source(url=partner.url, **LATER)
    with caplog.at_level(logging.ERROR):
        assert schedule.harvest() == 3
    assert titles() == ["Workshop on lead paint"]
    assert (last_run(broken).outcome, told(last_run(broken).error)) == ("failed", "RuntimeError")
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "What became of source Partner could not be noted",
        "Source Broken could not be harvested.",
    ]
    assert "calendar_app/jobs/sources.py" in caplog.records[0].getMessage()
    assert caplog.records[1].exc_info
