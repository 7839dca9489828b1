"""A source's life on a server: whatever it does, nothing is lost or doubled, and people learn what they should know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, OutboxMessage, Revision, SourceItem, SourceRun
from calendar_app.planning.dates import Span
from calendar_app.services import events, merging, moderation, proposals, sources
from calendar_app.services.calendar import Viewer
from calendar_app.services.records import BodyMeeting, record_of
from calendar_app.services.reference import reference
from tests.conftest import counted_queries
from tests.sources.conftest import source_of, vevent

pytestmark = pytest.mark.xdist_group("sources")
LEAD = vevent("lead@p", "Workshop on lead paint", "20270301", "20270304", "LOCATION:FAO\\, Rome")
OF_BRS = Viewer(frozenset({"brs"}))
CALL = vevent("call@p", "Webinar on e-waste", "20270310T080000Z", "20270310T093000Z")


def meetings(first: int, last: int, prefix: str = "m") -> list[str]:
    return [
        vevent(f"{prefix}{n}@p", f"Meeting number {n} of the partner", f"202705{n:02}") for n in range(first, last + 1)
    ]


def all_events() -> list[Event]:
    return list(db.session.scalars(select(Event).order_by(Event.start, Event.id)))


def titles() -> list[str]:
    return [event.titles["en"] for event in all_events()]


def edit(event: Event, **values) -> None:
    with transaction() as session:
        stored = session.get_one(Event, event.id)
        record = replace(record_of(stored), **values)
        events.change(session, stored, record, events.Change("Ana (BRS)", clock.now()), reference())


def letters() -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.subject).order_by(OutboxMessage.created_at, OutboxMessage.key)))


def last_run(slug: str) -> SourceRun:
    return sources.runs(db.session, source_of(slug))[0]


def test_what_a_source_says_comes_in_as_published_events_of_its_owner(partner, add_source, schedule):
    partner.gives(LEAD, CALL)
    add_source(url=partner.url)
    assert schedule.harvest() == 1
    lead, call = all_events()
    assert (lead.start, lead.end, lead.city, lead.country) == (date(2027, 3, 1), date(2027, 3, 4), "Rome", "IT")
    assert (call.start_time, call.end_time, call.timezone) == ("09:00", "10:30", "Europe/Zurich")
    assert {(event.steward_code, event.stage, event.visibility) for event in (lead, call)} == {
        ("brs", "published", "public")
    }
    assert lead.sources[0].citation == "Partner"
    made = db.session.scalars(select(Revision).where(Revision.event_id == lead.id)).one()
    assert made.actor == "source Partner"


@pytest.mark.parametrize(
    ("location", "venue"),
    [
        ("Geneva\\, Switzerland", ""),
        ("Switzerland (Geneva)", ""),
        ("Geneva", ""),
        ("CICG\\, Geneva\\, Switzerland", "CICG, Geneva, Switzerland"),
        ("Geneva\\, Room 3", "Geneva, Room 3"),
    ],
)
def test_a_city_and_its_country_are_no_building(partner, add_source, schedule, location, venue):
    partner.gives(vevent("g@p", "Workshop on lead paint", "20270301", "", f"LOCATION:{location}"))
    add_source(url=partner.url)
    schedule.harvest()
    (event,) = all_events()
    assert (event.city, event.country, event.venue) == ("Geneva", "CH", venue)


def test_it_grows_moves_and_cancels(partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    moved = vevent("lead@p", "Workshop on lead paint", "20270308", "20270311", "LOCATION:FAO\\, Rome")
    partner.gives(moved, CALL)
    schedule.again()
    assert [(e.titles["en"], e.start) for e in all_events()] == [
        ("Workshop on lead paint", date(2027, 3, 8)),
        ("Webinar on e-waste", date(2027, 3, 10)),
    ]
    assert last_run(slug).counts == {"create": 1, "update": 1}
    cancelled = vevent("lead@p", "Workshop on lead paint", "20270308", "20270311", "STATUS:CANCELLED")
    partner.gives(cancelled, CALL)
    schedule.again()
    assert [event.status for event in all_events()] == ["cancelled", "confirmed"]


def test_an_unchanged_feed_costs_one_request_and_nothing_is_written_but_when_it_is_asked_next(
    partner, add_source, schedule
):
    partner.gives(LEAD, CALL)
    slug = add_source(url=partner.url)
    schedule.harvest()
    del partner.requests[:]
    schedule.pass_hours()
    with counted_queries() as statements:
        assert schedule.harvest() == 1
    writes = [text for text in statements if text.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert partner.requests == [304]
    assert len(writes) == 1
    assert writes[0].startswith("UPDATE sources SET due_at")
    assert schedule.harvest() == 0
    # Once a day it is noted that all is well.
    schedule.again(24)
    assert [run.outcome for run in sources.runs(db.session, source_of(slug))] == ["unchanged", "done"]


def test_a_correction_stays_and_the_field_is_marked(partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    edit(all_events()[0], span=Span(date(2027, 3, 2), date(2027, 3, 4)))
    # The feed is the same: that a person said otherwise is seen all the same.
    schedule.again()
    event = all_events()[0]
    assert (event.start, event.sources_disagree, event.sources[0].conflicts) == (date(2027, 3, 2), True, "dates")
    partner.gives(vevent("lead@p", "Workshop on lead in paint", "20270308", "20270311", "LOCATION:FAO\\, Rome"))
    schedule.again()
    event = all_events()[0]
    assert (event.start, event.titles["en"]) == (date(2027, 3, 2), "Workshop on lead in paint")
    found = sources.disagreements(db.session, source_of(slug), OF_BRS)
    assert [(d.unit, d.said["span"], d.ours["span"]) for d in found] == [
        ("span", ["2027-03-08", "2027-03-10"], ["2027-03-02", "2027-03-03"])
    ]


def test_the_note_of_a_corrected_event_says_what_the_source_says_now(partner, add_source, schedule):
    partner.gives(LEAD)
    add_source(url=partner.url)
    schedule.harvest()
    edit(all_events()[0], span=Span(date(2027, 3, 2), date(2027, 3, 4)))
    for day in (8, 15):
        partner.gives(vevent("lead@p", "Workshop on lead paint", f"202703{day:02}", "", "LOCATION:FAO\\, Rome"))
        schedule.again()
        (note,) = all_events()[0].sources
        assert (note.conflicts, f"{day}" in note.dates) == ("dates", True)


@pytest.mark.parametrize("take", [True, False])
def test_a_person_settles_what_disagrees_and_is_not_asked_again(partner, add_source, schedule, take):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    edit(all_events()[0], venue="Hall 2")
    schedule.again()
    with transaction() as session:
        found = sources.disagreements(session, source_of(slug), OF_BRS)[0]
        sources.settle(session, found, events.Change("Ana", clock.now()), reference(), take=take)
    for hours in (6, 24):
        schedule.again(hours)
        event = all_events()[0]
        assert (event.venue, event.sources_disagree) == ("FAO, Rome" if take else "Hall 2", False)
    partner.gives(vevent("lead@p", "Workshop on lead paint", "20270301", "20270304", "LOCATION:Hotel\\, Rome"))
    schedule.again()
    event = all_events()[0]
    assert (event.venue, event.sources_disagree) == (("Hotel, Rome", False) if take else ("Hall 2", True))


def test_when_it_empties_nothing_is_removed_and_its_people_are_asked_once(partner, add_source, schedule, add_account):
    add_account("ana@brs.example", brs="coordinator")
    partner.gives(*meetings(1, 10))
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.gives()
    for _time in range(3):
        schedule.again()
    assert {event.status for event in all_events()} == {"confirmed"}
    assert letters() == ["Are these events called off? Partner"]
    # Half come back, some of the rest are still missing: what waits for an answer is not called off by and by.
    partner.gives(*meetings(1, 9))
    schedule.again()
    assert {event.status for event in all_events()} == {"confirmed"}
    assert len(sources.missing(db.session, source_of(slug))) == 1
    with transaction() as session:
        made = events.Change("Ana", clock.now())
        found = source_of(slug)
        seen = sources.digest_of(sources.missing(session, found))
        sources.answer_gone(session, found, seen, made, reference(), cancel=True, today=clock.today())
    assert [event.status for event in all_events()] == ["confirmed"] * 9 + ["cancelled"]
    partner.gives(*meetings(1, 10))
    schedule.again()
    assert {event.status for event in all_events()} == {"confirmed"}
    assert len(all_events()) == 10


def test_a_few_that_vanish_are_called_off_but_not_what_is_over_or_known_elsewhere(partner, add_source, schedule):
    past = vevent("past@p", "A meeting that is over", "20261102")
    partner.gives(past, *meetings(1, 12))
    add_source(url=partner.url)
    schedule.harvest()
    shared = all_events()[1]
    edit(shared, sources=(*record_of(shared).sources, replace(record_of(shared).sources[0], source_id="letter-7")))
    partner.gives(*meetings(3, 12))
    schedule.again()
    assert [event.status for event in all_events()] == ["confirmed", "confirmed", "cancelled"] + ["confirmed"] * 10


BROKEN = {
    "a web page": b"<!DOCTYPE html><html><body>Please sign in</body></html>",
    "cut in the middle": lambda body: body[: len(body) // 2],
    "nothing": b"",
}


@pytest.mark.parametrize("case", BROKEN)
def test_an_answer_that_is_no_calendar_is_a_failure_and_takes_nothing_away(partner, add_source, schedule, case):
    partner.gives(LEAD, CALL, *meetings(1, 3))
    slug = add_source(url=partner.url)
    schedule.harvest()
    broken = BROKEN[case]
    partner.body = broken(partner.body) if callable(broken) else broken
    schedule.again()
    run = last_run(slug)
    assert (run.outcome, bool(run.error)) == ("failed", True)
    assert {event.status for event in all_events()} == {"confirmed"}
    assert len(all_events()) == 5


def test_after_three_days_of_failing_people_are_told_and_once_more_when_it_works(
    partner, add_source, schedule, add_account
):
    add_account("ana@brs.example", brs="coordinator")
    add_account("con@brs.example", brs="contributor")
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.status = 503
    for _run in range(11):
        schedule.again()
    assert letters() == []
    for _run in range(4):
        schedule.again()
    assert letters() == ["A source cannot be read: Partner"]
    assert source_of(slug).failing_since == schedule.start + timedelta(hours=6)
    partner.gives(LEAD)
    schedule.again()
    schedule.again()
    assert letters() == ["A source cannot be read: Partner", "A source works again: Partner"]
    assert source_of(slug).failing_since is None


def test_one_that_fails_does_not_stop_the_others(partner, add_source, schedule):
    partner.gives(LEAD)
    add_source(url="http://127.0.0.1:1/closed.ics", name="Broken", timezone="Europe/Zurich")
    add_source(url=partner.url)
    assert schedule.harvest() == 2
    assert titles() == ["Workshop on lead paint"]


def test_a_feed_that_loses_its_zone_moves_nothing(partner, add_source, schedule):
    there = vevent("c@p", "Call", "TZID=America/New_York:20270310T090000", "TZID=America/New_York:20270310T100000")
    partner.gives(there)
    add_source(url=partner.url)
    schedule.harvest()
    before = all_events()[0]
    was = (before.start_time, before.timezone, before.sequence)
    assert was == ("09:00", "America/New_York", 0)
    partner.gives(vevent("c@p", "Call", "20270310T090000", "20270310T100000"))
    schedule.again()
    after = all_events()[0]
    assert (after.start_time, after.timezone, after.sequence) == was


def test_a_field_that_is_left_out_once_changes_with_the_source_again(partner, add_source, schedule):
    for place in ("LOCATION:Room A\\, Palace", "X-NOTHING:", "LOCATION:Room B\\, Palace"):
        partner.gives(vevent("lead@p", "Workshop on lead paint", "20270301", "20270304", place))
        if not all_events():
            add_source(url=partner.url)
        schedule.again()
    (event,) = all_events()
    assert (event.venue, event.sources_disagree) == ("Room B, Palace", False)


def test_all_ids_anew_double_nothing(partner, add_source, schedule):
    partner.gives(LEAD, CALL, *meetings(1, 8))
    add_source(url=partner.url)
    schedule.harvest()
    before = {event.id: event.sequence for event in all_events()}
    partner.body = partner.body.replace(b"UID:", b"UID:new-")
    schedule.again()
    assert {event.id: event.sequence for event in all_events()} == before
    assert {item.uid[:4] for item in db.session.scalars(select(SourceItem))} == {"new-"}
    schedule.again()
    # An id that comes back for something else is another event.
    partner.gives(vevent("lead@p", "Quite another meeting", "20271001"), LEAD.replace("UID:", "UID:new-"))
    schedule.again()
    assert len(all_events()) == 11


def test_a_series_comes_in_date_by_date_within_two_years(partner, add_source, schedule):
    partner.gives(vevent("s@p", "Monthly call", "20261201T140000Z", "20261201T150000Z", "RRULE:FREQ=MONTHLY"))
    add_source(url=partner.url)
    schedule.harvest()
    found = all_events()
    assert len(found) == 24
    assert {event.series for event in found} == {"Monthly call"}
    # The feed stays as it is; another date comes into sight.
    for _week in range(5):
        schedule.again(7 * 24)
    assert len(all_events()) == 25


def test_the_same_meeting_from_two_sources_is_one_event_with_two(partner, add_source, schedule, add_event):
    there = add_event(
        title="Fifteenth meeting of the Open-ended Working Group of the Basel Convention",
        first=date(2027, 6, 22), last=date(2027, 6, 26), bodies=(BodyMeeting("BC-OEWG", 15),),
    )  # fmt: skip
    partner.gives(vevent("o@p", "Basel Convention OEWG-15", "20270622", "20270627", "LOCATION:Geneva"))
    add_source(url=partner.url)
    schedule.harvest()
    (event,) = all_events()
    assert event.id == there
    assert (event.city, [source.source_id for source in event.sources]) == ("Geneva", ["partner:o@p"])
    # The source may drop what it did not bring.
    partner.gives()
    schedule.again()
    assert all_events()[0].status == "confirmed"


def test_an_unsure_match_waits_in_the_queue(partner, add_source, schedule, add_event, session):
    add_event(title="Workshop on lead paint in schools", first=date(2027, 3, 2))
    partner.gives(LEAD)
    add_source(url=partner.url)
    schedule.harvest()
    assert [item.event.titles["en"] for item in moderation.queue(session, ["brs"])] == ["Workshop on lead paint"]


def test_an_event_of_another_steward_is_never_changed_by_a_source(partner, add_source, schedule, add_event):
    there = add_event(title="Sixth meeting of the Minamata COP", first=date(2027, 3, 1), last=date(2027, 3, 5),
                      bodies=(BodyMeeting("MC-COP", 6),), processes=("minamata",), steward="minamata")  # fmt: skip
    partner.gives(vevent("c@p", "Minamata COP-6", "20270301", "20270306", "LOCATION:Geneva"))
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.gives(vevent("c@p", "Minamata COP-6", "20270302", "20270307", "LOCATION:Geneva"))
    schedule.again()
    event = db.session.get(Event, there)
    assert (event.city, event.start, event.sources, event.sources_disagree) == ("", date(2027, 3, 1), [], False)
    assert len(all_events()) == 1
    # What it says otherwise stands with the source, and is proposed.
    assert {found.unit for found in sources.disagreements(db.session, source_of(slug), OF_BRS)} >= {"span", "city"}
    ((proposal, _event),) = proposals.open_for(db.session, ["minamata"])
    assert proposal.after["span"] == ["2027-03-02", "2027-03-06"]


def test_what_a_person_merged_into_an_event_of_theirs_is_theirs(partner, add_source, schedule, add_event):
    partner.gives(LEAD, *meetings(1, 9))
    add_source(url=partner.url)
    schedule.harvest()
    loser = next(event for event in all_events() if event.titles["en"] == "Workshop on lead paint")
    own = add_event(title="Training on paint without lead", first=date(2027, 3, 1), last=date(2027, 3, 3))
    with transaction() as session:
        made = events.Change("Ana (BRS)", clock.now())
        merging.merge(session, session.get_one(Event, loser.id), session.get_one(Event, own), [], made, reference())
    schedule.again()
    assert db.session.get(Event, own).titles["en"] == "Training on paint without lead"
    assert db.session.get(Event, own).sources_disagree
    partner.gives(*meetings(1, 9))
    schedule.again()
    assert db.session.get(Event, own).status == "confirmed"
    partner.gives(LEAD, *meetings(1, 9))
    schedule.again()
    assert len(all_events()) == 11


def test_a_rejected_event_stays_rejected(partner, add_source, schedule):
    partner.gives(LEAD)
    add_source(url=partner.url, trust="moderated")
    schedule.harvest()
    edit(all_events()[0], stage="rejected")
    partner.gives(vevent("lead@p", "Workshop on lead paint", "20270308", "20270311"))
    schedule.again()
    assert [(event.stage, event.start) for event in all_events()] == [("rejected", date(2027, 3, 1))]
