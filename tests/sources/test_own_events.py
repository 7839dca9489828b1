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
    assert [event.id for event in all_events()] == [there]


def test_what_our_feeds_make_up_of_it_is_no_difference(partner, add_source, schedule, add_event):
    there = add_event(**FIRST, start_time="09:00", end_time="10:30", timezone="Asia/Tokyo", descriptions={"en": "Talk"})
    made_up = ("DESCRIPTION:Talk\\n\\nDates are confirmed", f"URL:https://calendar.example.org/events/{there}")
    partner.gives(vevent(str(there), "Bureau meeting", "20270301T000000Z", "20270301T013000Z", *made_up))
    add_source(url=partner.url)
    for _time in range(2):
        schedule.again()
        (event,) = all_events()
        assert (event.id, event.sources_disagree, event.web_url) == (there, False, "")


def content() -> dict[uuid.UUID, EventRecord]:
    """Every event as it stands, but for the note on where it stands too."""
    return {event.id: replace(record_of(event), sources=()) for event in all_events()}


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_our_own_feed_that_a_partner_passes_on_says_nothing_otherwise(
    app, partner, add_source, schedule, add_event, language
):
    kinds = [
        {"precision": Precision.QUARTER, "span": Span.inclusive(date(2027, 4, 1), date(2027, 6, 30))},
        {
            "precision": Precision.MONTH,
            "span": Span.inclusive(date(2027, 4, 1), date(2027, 4, 30)),
            "status": "tentative",
        },
        {"precision": Precision.WORDS, "date_text": "after the COP (dates TBC)"},
        {"start_time": "09:00", "end_time": "17:00", "timezone": "Asia/Tokyo"},
        {"venue": "Zoom House", "format": "hybrid", "city": "Nowhere", "country": "CH"},
        {"city": "Geneva", "country": "CH", "status": "postponed"},
        {"kind": "other", "processes": ("chemicals",)},
    ]
    ids = [add_event(titles={"en": "Workshop on mercury", "fr": "Atelier"}, **values) for values in kinds]
    before = content()
    assert {*before} == {*ids}
    partner.body = app.test_client().get(f"/feeds/calendar.ics?tbc=1&lang={language}").data
    assert partner.body.count(b"BEGIN:VEVENT") == len(kinds)
    slug = add_source(url=partner.url)
    for _time in range(2):
        schedule.again()
    told = sources.disagreements(db.session, source_of(slug), OF_BRS)
    assert [(d.unit, d.event.titles, d.item.said.get(d.unit)) for d in told] == []
    assert content() == before


def test_what_a_partner_changed_in_our_feed_is_told_and_nothing_else(app, partner, add_source, schedule, add_event):
    quarter = Span.inclusive(date(2027, 4, 1), date(2027, 6, 30))
    add_event(title="Workshop", precision=Precision.QUARTER, span=quarter, city="Geneva", country="CH")
    body = app.test_client().get("/feeds/calendar.ics?tbc=1&lang=fr").data
    assert b"Gen" in body
    partner.body = body.replace(b"LOCATION:Gen", b"LOCATION:Rome (not Gen")
    slug = add_source(url=partner.url)
    schedule.again()
    assert [d.unit for d in sources.disagreements(db.session, source_of(slug), OF_BRS)] == ["city"]


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
