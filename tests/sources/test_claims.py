"""Of several who would ask a source one does, and what is changed meanwhile is not lost."""

from __future__ import annotations

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.jobs import sources as job
from calendar_app.services import harvesting, sources
from tests.sources.conftest import source_of
from tests.sources.test_a_life import LEAD, all_events, titles

pytestmark = pytest.mark.xdist_group("sources")


def test_a_source_that_another_process_asks_is_not_asked_besides(partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    with transaction() as session:
        due = harvesting.claim(session, clock.now(), clock.today())
    with transaction() as session:
        sources.ask_now(sources.find_or_raise(session, slug), clock.now())
        again = harvesting.claim_one(session, sources.find_or_raise(session, slug), clock.now(), clock.today())
    assert (due.name, again, schedule.harvest()) == ("Partner", None, 0)
    job.harvest(schedule.app, due)
    # That it was wanted once more meanwhile is not forgotten.
    assert (source_of(slug).stage, schedule.harvest(), source_of(slug).stage) == ("waiting", 1, "")
    assert partner.requests == [200, 304]


def test_a_run_that_died_holds_up_its_source_for_minutes_only(partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    with transaction() as session:
        assert harvesting.claim(session, clock.now(), clock.today())
    with transaction() as session:
        sources.ask_now(sources.find_or_raise(session, slug), clock.now())
    assert [schedule.again(hours / 60) for hours in (4, 1)] == [0, 1]


def test_an_answer_from_the_address_of_before_is_not_taken_for_one_of_the_new(partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    reader = schedule.app.config["SOURCE_READER"]

    def change_meanwhile(ask):
        answer = reader(ask)
        with transaction() as session:
            sources.change(sources.find_or_raise(session, slug), {"url": f"{partner.url}?new"})
        return answer

    schedule.app.config["SOURCE_READER"] = change_meanwhile
    schedule.harvest()
    assert (source_of(slug).etag, source_of(slug).digest, all_events()) == ("", "", [])
    schedule.app.config["SOURCE_READER"] = reader
    schedule.again()
    assert titles() == ["Workshop on lead paint"]
