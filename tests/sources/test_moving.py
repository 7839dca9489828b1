"""What only moved in a source moves here, under whatever id it comes now: it is not called off, and nobody is asked."""

from __future__ import annotations

from datetime import date

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.services import events, merging, sources
from calendar_app.services.reference import reference
from tests.sources.conftest import source_of, vevent
from tests.sources.test_a_life import all_events, last_run, letters, meetings

pytestmark = pytest.mark.xdist_group("sources")
TITLE = "Workshop on lead paint"
NO_UID = vevent("x", TITLE, "20270301").replace("UID:x\r\n", "")


def found():
    return [(e.start, e.status, e.stage) for e in all_events() if e.titles["en"] == TITLE]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (NO_UID, NO_UID.replace("20270301", "20270601")),
        (NO_UID, NO_UID.replace("20270301", "20270308")),
        (vevent("a@p", TITLE, "20270301"), vevent("b@p", TITLE, "20270601")),
    ],
    ids=["without an id", "a week on", "under a new id"],
)
def test_an_event_that_moved_is_the_same_event(partner, add_source, schedule, was, now):
    partner.gives(was, *meetings(1, 20))
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.gives(now, *meetings(1, 20))
    schedule.again()
    assert found() == [(date(2027, 3, 8) if "20270308" in now else date(2027, 6, 1), "confirmed", "published")]
    assert last_run(slug).counts == {"update": 1, "leave": 20}


@pytest.mark.parametrize("others", [0, 20])
def test_a_series_whose_hour_was_edited_is_the_same_series(partner, add_source, schedule, others):
    series = vevent("s@p", TITLE, "20270301T080000Z", "20270301T090000Z", "RRULE:FREQ=WEEKLY;COUNT=20")
    partner.gives(series, *meetings(1, others))
    slug = add_source(url=partner.url)
    schedule.harvest()
    before = [event.id for event in all_events()]
    partner.gives(series.replace("T080000Z", "T100000Z").replace("T090000Z", "T110000Z"), *meetings(1, others))
    schedule.again()
    assert [event.id for event in all_events()] == before
    assert last_run(slug).counts == {"update": 20} | ({"leave": others} if others else {})
    assert {(event.start_time, event.status) for event in all_events() if event.start_time} <= {
        ("11:00", "confirmed"), ("12:00", "confirmed"),
    }  # fmt: skip


def test_one_that_may_be_what_is_new_waits_for_an_answer(partner, add_source, schedule, add_account):
    add_account("ana@brs.example", brs="coordinator")
    partner.gives(vevent("a@p", TITLE, "20270301"), *meetings(1, 20))
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.gives(vevent("b@p", f"{TITLE} in schools", "20270308"), *meetings(1, 20))
    for _time in range(2):
        schedule.again()
        assert found() == [(date(2027, 3, 1), "confirmed", "published")]
        assert len(sources.missing(db.session, source_of(slug))) == 1
    assert letters()[-1] == "Are these events called off? Partner"


def test_once_a_person_says_that_the_two_are_one_nothing_waits_any_more(partner, add_source, schedule):
    partner.gives(vevent("a@p", TITLE, "20270301"), *meetings(1, 20))
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.gives(vevent("b@p", f"{TITLE} in schools", "20270308"), *meetings(1, 20))
    schedule.again()
    old, new = (next(e.id for e in all_events() if e.titles["en"] == title) for title in (TITLE, f"{TITLE} in schools"))
    with transaction() as session:
        made = events.Change("Ana (BRS)", clock.now())
        merging.merge(session, session.get_one(Event, new), session.get_one(Event, old), [], made, reference())
    schedule.again()
    assert (sources.missing(db.session, source_of(slug)), source_of(slug).much_gone_at) == ([], None)
    assert db.session.get_one(Event, old).status == "confirmed"
