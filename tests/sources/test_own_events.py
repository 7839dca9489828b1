"""An event of ours that a partner's feed lists under our own id is that event, for those who may see it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Precision, Span
from calendar_app.services import events, merging, proposals, sources
from calendar_app.services.records import EventRecord, record_of
from calendar_app.services.reference import reference
from tests.sources.conftest import source_of, vevent
from tests.sources.test_a_life import OF_BRS, all_events, last_run, titles

pytestmark = pytest.mark.xdist_group("sources")
FIRST = {"title": "Bureau meeting", "first": date(2027, 3, 1)}


def content() -> dict[uuid.UUID, EventRecord]:
    """Every event as it stands, but for the note on where it stands too."""
    return {event.id: replace(record_of(event), sources=()) for event in all_events()}


def bureau(event_id, day="20270601", *more):
    return vevent(str(event_id), "Bureau meeting", day, "", *more)


def test_it_is_joined_and_what_the_two_say_otherwise_is_shown(partner, add_source, schedule, add_event):
    there = add_event(**FIRST)
    partner.gives(bureau(there))
    slug = add_source(url=partner.url)
    for _time in range(2):
        schedule.again()
        (event,) = all_events()
        assert (event.id, event.start, event.sources_disagree) == (there, date(2027, 3, 1), True)
        assert [d.unit for d in sources.disagreements(db.session, source_of(slug), OF_BRS)] == ["span"]
    partner.gives(bureau(there, "20270701"))
    schedule.again()
    assert [(event.id, event.start) for event in all_events()] == [(there, date(2027, 3, 1))]
    assert sources.disagreements(db.session, source_of(slug), OF_BRS)[0].item.said["span"][0] == "2027-07-01"


def test_what_our_feeds_make_up_of_it_is_no_difference(partner, add_source, schedule, add_event):
    there = add_event(**FIRST, start_time="09:00", end_time="10:30", timezone="Asia/Tokyo", descriptions={"en": "Talk"})
    made_up = ("DESCRIPTION:Talk\\n\\nDates are confirmed", f"URL:https://calendar.example.org/events/{there}")
    partner.gives(vevent(str(there), "Bureau meeting", "20270301T000000Z", "20270301T013000Z", *made_up))
    add_source(url=partner.url)
    for _time in range(2):
        schedule.again()
        (event,) = all_events()
        assert (event.id, event.sources_disagree, event.web_url) == (there, False, "")


def change(event_id: uuid.UUID, **values) -> None:
    with transaction() as session:
        event = session.get_one(Event, event_id)
        made = events.Change("Ana (BRS)", clock.now())
        events.change(session, event, replace(record_of(event), **values), made, reference())


@pytest.mark.parametrize("trust", ["direct", "moderated"])
def test_a_copy_that_is_older_than_what_we_have_changes_nothing_and_proposes_nothing(
    app, partner, add_source, schedule, add_event, trust
):
    quarter = Span.inclusive(date(2027, 4, 1), date(2027, 6, 30))
    there = add_event(title="Workshop", precision=Precision.QUARTER, span=quarter, city="Geneva", country="CH")
    old = app.test_client().get("/feeds/calendar.ics?tbc=1").data
    partner.body = old
    add_source(url=partner.url, trust=trust)
    schedule.again()
    change(
        there,
        precision=Precision.DAY,
        span=Span.inclusive(date(2027, 5, 3), date(2027, 5, 7)),
        city="Rome",
        country="IT",
    )
    ours = content()
    for entry in ("Another meeting", "A third meeting"):
        partner.body = old.replace(b"END:VCALENDAR", vevent(entry, entry, "20270901").encode() + b"END:VCALENDAR")
        schedule.again()
        assert content()[there] == ours[there]
    assert proposals.open_for(db.session, ["brs"]) == []


def test_what_is_left_in_our_feed_of_an_event_that_is_not_public_any_more_says_nothing(
    app, partner, add_source, schedule, add_event
):
    there = add_event(**FIRST)
    partner.body = app.test_client().get("/feeds/calendar.ics").data
    slug = add_source(url=partner.url)
    schedule.again()
    change(there, visibility="members")
    ours = content()
    partner.body = app.test_client().get("/feeds/calendar.ics").data
    assert b"STATUS:CANCELLED" in partner.body
    assert b"Bureau" not in partner.body
    schedule.again()
    assert content() == ours
    assert sources.disagreements(db.session, source_of(slug), OF_BRS) == []


def test_nothing_is_proposed_to_an_event_of_others_that_was_hidden_since(app, partner, add_source, schedule, add_event):
    there = add_event(**FIRST, steward="minamata", processes=("minamata",))
    partner.gives(bureau(there, "20270301"))
    add_source(url=partner.url)
    schedule.again()
    change(there, visibility="steward")
    partner.gives(bureau(there, "20270601", "LOCATION:Rome"))
    schedule.again()
    assert proposals.open_for(db.session, ["minamata"]) == []
    assert [event.id for event in all_events()] == [there]


@pytest.mark.parametrize(
    "hidden",
    [{"visibility": "steward"}, {"stage": "submitted"}, {"stage": "draft"}],
    ids=["for its organisation", "waiting", "a draft"],
)
def test_the_id_of_a_hidden_event_is_like_any_other(partner, add_source, schedule, add_event, hidden):
    there = add_event(**FIRST, **hidden, steward="minamata", processes=("minamata",))
    partner.gives(bureau(there), vevent(str(uuid.uuid4()), "Seminar on mercury", "20270701"))
    slug = add_source(url=partner.url)
    schedule.again()
    assert last_run(slug).counts == {"create": 2}
    assert db.session.get(Event, there).sources == []


def test_of_an_event_of_others_changes_are_proposed(partner, add_source, schedule, add_event):
    there = add_event(**FIRST, steward="minamata", processes=("minamata",))
    for day in ("20270601", "20270602"):
        partner.gives(bureau(there, day))
        if day == "20270601":
            add_source(url=partner.url)
        schedule.again()
    assert [(event.id, event.start) for event in all_events()] == [(there, date(2027, 3, 1))]
    assert [p.after["span"] for p, _event in proposals.open_for(db.session, ["minamata"])] == []


def test_what_was_merged_is_what_it_became_and_what_was_withdrawn_stays_so(partner, add_source, schedule, add_event):
    there, other = add_event(**FIRST), add_event(title="Meeting of the Bureau", first=date(2027, 3, 2))
    gone = add_event(title="Seminar on mercury", first=date(2027, 4, 1))
    with transaction() as session:
        made = events.Change("Ana (BRS)", clock.now())
        merging.merge(session, session.get_one(Event, there), session.get_one(Event, other), [], made, reference())
        seminar = session.get_one(Event, gone)
        events.change(session, seminar, replace(record_of(seminar), stage="withdrawn"), made, reference())
    partner.gives(bureau(there), vevent(str(gone), "Seminar on mercury", "20270401", "", "LOCATION:Rome"))
    slug = add_source(url=partner.url)
    schedule.again()
    assert last_run(slug).counts["join"] == 2
    assert len(titles()) == 3
    seminar = db.session.get(Event, gone)
    assert (seminar.stage, seminar.city) == ("withdrawn", "")
