"""Merging two records and undoing the last change, alone and together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Format, LinkKind, PartRole, Stage, Status, Visibility
from calendar_app.services import events, publishing, record_values
from calendar_app.services.records import (
    FIELDS,
    BodyMeeting,
    EventRecord,
    Link,
    Option,
    Organiser,
    ServiceGiven,
    SourceNote,
    as_json,
    record_of,
)
from calendar_app.services.reference import reference
from tests.work.filling import fields_of, opened, send

pytestmark = pytest.mark.either_database


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def two(add_event):
    """A record to merge away, one to merge into, a part of the first, and one linked with it."""
    winner = add_event(
        title="Winner", titles={"en": "Winner"}, sources=(SourceNote("w-1", "Winner's source"),), contact="Kept"
    )
    loser = add_event(
        title="Loser", titles={"en": "Loser", "fr": "Perdant"}, sources=(SourceNote("l-1", "Loser's source"),),
        venue="Loser's venue", contact="Not kept", links=(Link(LinkKind.BACK_TO_BACK, winner),),
    )  # fmt: skip
    part = add_event(title="Part", part_of=loser, part_role=str(PartRole.SESSION), steward="minamata")
    linked = add_event(title="Linked", links=(Link(LinkKind.PREPARES_FOR, loser),))
    return winner, loser, part, linked


def test_the_winner_takes_over_sources_languages_and_what_is_ticked(ana, client, two, stored, revisions):
    winner, loser, part, linked = two
    page = f"/events/{loser}/merge?into={winner}"
    assert opened(ana, page)["fill"] == ["venue"]
    answer = send(ana, page, {"reason": "The same meeting."})
    assert (answer.status_code, answer.location) == (303, f"/events/{winner}")
    record = record_of(stored(winner))
    assert record.titles == {"en": "Winner", "fr": "Perdant"}
    assert [source.source_id for source in record.sources] == ["w-1", "l-1"]
    assert (record.venue, record.contact) == ("Loser's venue", "Kept")
    gone = stored(loser)
    assert (gone.merged_into_id, gone.sources, gone.last_public_start) == (winner, [], date(2027, 3, 1))
    assert gone.hidden_since
    assert record_of(stored(part)).part_of == winner
    assert record_of(stored(linked)).links == (Link(LinkKind.PREPARES_FOR, winner),)
    for event_id in (winner, loser, linked):
        last = revisions(event_id)[-1]
        assert (last.action, last.reason, last.actor) == ("merged", "The same meeting.", "Ana (BRS)")
    # In the history of what another organisation keeps stand no words of who merged.
    followed = revisions(part)[-1]
    assert (followed.action, followed.actor, followed.account_id) == ("merged", "calendar", None)
    assert "The same meeting." not in followed.reason
    # Its addresses, by either id, lead to the winner; its subscribers see it cancelled.
    for address in (f"/events/{loser}", "/events/l-1"):
        assert client.get(address).location == f"/events/{winner}"
    feed = client.get("/feeds/all.ics").get_data(as_text=True).replace("\r\n ", "")
    entry = feed[: feed.index(f"UID:{loser}")].rpartition("BEGIN:VEVENT")[2] + feed[feed.index(f"UID:{loser}") :]
    assert "STATUS:CANCELLED" in entry.partition("END:VEVENT")[0]
    assert "was merged into this one" in client.get(f"/events/{winner}").get_data(as_text=True)


def test_a_merge_can_be_undone_as_long_as_nothing_else_happened(ana, client, two, stored, revisions):
    winner, loser, _part, _linked = two
    before = {event_id: record_of(stored(event_id)) for event_id in two}
    send(ana, f"/events/{loser}/merge?into={winner}", {"reason": "The same."})
    answer = send(ana, f"/events/{winner}/undo", {"reason": "They are two after all."})
    assert answer.location == f"/events/{winner}"
    assert {event_id: record_of(stored(event_id)) for event_id in two} == before
    assert stored(loser).merged_into_id is None
    assert stored(loser).hidden_since is None
    assert stored(loser).sequence == 2
    assert client.get(f"/events/{loser}").status_code == 200
    assert revisions(loser)[-1].action == "undone"


def test_a_merge_after_which_something_happened_is_not_undone(ana, two, stored):
    winner, loser, _part, linked = two
    send(ana, f"/events/{loser}/merge?into={winner}", {"reason": "The same."})
    send(ana, f"/events/{linked}/edit", {"venue": "CICG"})
    assert ana.get(f"/events/{winner}/undo").location == f"/events/{winner}/history"
    assert stored(loser).merged_into_id == winner


def test_what_cannot_be_merged_is_asked_about_again(signed_in, ana, add_event, stored):
    event_id = add_event(title="Event")
    foreign = add_event(title="Foreign", steward="minamata")
    for other in (foreign, event_id, "nonsense"):
        assert "Compare the two" in ana.get(f"/events/{event_id}/merge?into={other}").get_data(as_text=True)
        answer = ana.get(f"/events/{event_id}/merge", query_string={"other": f"http://x/events/{other}"})
        assert "other-error" in answer.get_data(as_text=True)
    own = add_event(title="Own", short_title="Own short")
    answer = ana.get(f"/events/{event_id}/merge?other=Own+short")
    assert answer.location == f"/events/{event_id}/merge?into={own}"
    mo = signed_in("mo@minamata.example", minamata="coordinator")
    assert mo.get(f"/events/{event_id}/merge?into={foreign}").status_code == 403
    assert stored(event_id).merged_into_id is None


def test_a_whole_merged_into_its_own_part_does_not_become_part_of_itself(ana, add_event, stored):
    whole = add_event(title="Whole")
    part = add_event(title="Part", part_of=whole, links=(Link(LinkKind.BACK_TO_BACK, whole),))
    send(ana, f"/events/{whole}/merge?into={part}", {"reason": "One."})
    record = record_of(stored(part))
    assert (record.part_of, record.links) == (None, ())


def test_undo_says_what_it_undoes_and_restores_it_with_a_higher_sequence(ana, add_event, stored, revisions):
    event_id = add_event(title="Event")
    send(ana, f"/events/{event_id}/move", {"first_day": "2027-06-07", "last_day": "", "reason": "Moved."})
    send(ana, f"/events/{event_id}/cancel", {"reason": "Off."})
    page = ana.get(f"/events/{event_id}/undo").get_data(as_text=True)
    assert "Cancelled" in page
    assert "7 June 2027" not in page.partition("<form")[0].partition("history")[2]
    assert send(ana, f"/events/{event_id}/undo", {"reason": "Slip."}).status_code == 303
    event = stored(event_id)
    assert (event.status, event.start, event.sequence) == (Status.CONFIRMED, date(2027, 6, 7), 3)
    assert (revisions(event_id)[-1].action, revisions(event_id)[-1].reason) == ("undone", "Slip.")
    # Undoing it once more does it again.
    send(ana, f"/events/{event_id}/undo", {"reason": "No slip."})
    assert stored(event_id).status == Status.CANCELLED


def test_undoing_a_withdrawal_publishes_it_again(ana, client, add_event, stored):
    event_id = add_event(title="Event")
    send(ana, f"/events/{event_id}/withdraw", {"reason": "Slip."})
    assert send(ana, f"/events/{event_id}/undo").status_code == 422
    assert stored(event_id).stage == Stage.WITHDRAWN
    send(ana, f"/events/{event_id}/undo", {"reason": "It was a slip."})
    assert client.get(f"/events/{event_id}").status_code == 200
    assert stored(event_id).hidden_since is None
    assert stored(event_id).sequence == 2


def test_undoing_a_publication_on_its_day_leaves_a_draft_that_is_not_published_again(ana, add_event, stored):
    event_id = add_event(title="Event", stage=Stage.SCHEDULED, publish_on=date(2026, 11, 20))
    with transaction() as session:
        assert publishing.publish_due(session, clock.today(), clock.now(), reference()) == 1
    send(ana, f"/events/{event_id}/undo", {"reason": "Too early."})
    assert stored(event_id).stage == Stage.DRAFT
    with transaction() as session:
        assert publishing.publish_due(session, clock.today(), clock.now(), reference()) == 0


def test_the_first_entry_and_a_change_that_somebody_followed_up_are_not_undone(ana, signed_in, add_event, stored):
    event_id = add_event(title="Event")
    answer = ana.get(f"/events/{event_id}/undo", follow_redirects=True)
    assert "cannot be undone" in answer.get_data(as_text=True)
    send(ana, f"/events/{event_id}/edit", {"venue": "First"})
    form = opened(ana, f"/events/{event_id}/undo")
    send(signed_in("bo@brs.example", brs="coordinator"), f"/events/{event_id}/edit", {"venue": "Second"})
    answer = ana.post(f"/events/{event_id}/undo", data=form, follow_redirects=True)
    assert "Nothing was undone" in answer.get_data(as_text=True)
    assert stored(event_id).venue == "Second"


def test_two_who_merge_at_once_merge_once(signed_in, ana, two, stored):
    winner, loser, part, _linked = two
    bo = signed_in("bo@brs.example", brs="coordinator")
    page = f"/events/{loser}/merge?into={winner}"
    form = opened(ana, page) | {"reason": "Ana merges."}
    send(bo, page, {"reason": "Bo merges."})
    answer = ana.post(page, data=form)
    assert answer.status_code == 303
    assert len(record_of(stored(winner)).sources) == 2
    assert stored(part).part_of_id == winner


RECORDS = st.builds(
    EventRecord,
    titles=st.just({"en": "T", "ar": "ع"}),
    bodies=st.just((BodyMeeting("BC-COP", 17), BodyMeeting("X"))),
    organisers=st.just((Organiser("A", "brs", "partner"),)),
    links=st.just((Link(LinkKind.SAME_AS, record_values.uuid.UUID(int=5)),)),
    part_of=st.sampled_from([None, record_values.uuid.UUID(int=7)]),
    span=st.sampled_from([None, Span.inclusive(date(2027, 1, 1), date(2027, 1, 31))]),
    precision=st.sampled_from(Precision),
    status=st.sampled_from(Status),
    format=st.sampled_from(Format),
    stage=st.sampled_from(Stage),
    visibility=st.sampled_from(Visibility),
    sources=st.just((SourceNote("s", "c"),)),
    services=st.just((ServiceGiven("brs", "it", 3, date(2027, 1, 1), None),)),
    options=st.just((Option(date(2027, 1, 1), date(2027, 1, 2), held_until=date(2027, 1, 3)),)),
    publish_on=st.sampled_from([None, date(2027, 1, 1)]),
    latitude=st.sampled_from([None, 46.25]),
)


@given(record=RECORDS)
def test_what_a_revision_keeps_is_read_back_as_it_was(record):
    values = as_json(record)
    assert set(values) == set(FIELDS)
    assert EventRecord(**record_values.from_json(values)) == record


def test_the_page_that_asks_keeps_what_was_typed(ana, two):
    winner, loser, _part, _linked = two
    answer = send(ana, f"/events/{loser}/merge?into={winner}", {"reason": "", "fill": []})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "fill" not in fields_of(text)


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ({}, {"stage": Stage.DRAFT}),
        ({}, {"stage": Stage.SCHEDULED, "publish_on": date(2027, 1, 1)}),
        ({}, {"visibility": Visibility.MEMBERS}),
        ({}, {"status": Status.CANCELLED}),
        ({"stage": Stage.SCHEDULED, "publish_on": date(2027, 1, 1)}, {"stage": Stage.DRAFT}),
    ],
)
def test_nothing_is_merged_into_a_record_that_fewer_people_see_or_that_is_off(ana, add_event, stored, shown, kept):
    loser, winner = add_event(title="Loser", **shown), add_event(title="Winner", **kept)
    page = f"/events/{loser}/merge"
    assert "Compare the two" in ana.get(f"{page}?into={winner}").get_data(as_text=True)
    told = ana.get(page, query_string={"other": f"http://x/events/{winner}"}).get_data(as_text=True)
    assert "Merge it into this one instead." in told
    # The other way round it can be done.
    assert send(ana, f"/events/{winner}/merge?into={loser}", {"reason": "One."}).location == f"/events/{loser}"
    assert stored(loser).merged_into_id is None


def test_half_a_merge_is_not_undone_nor_is_half_of_its_undoing(ana, two, stored):
    winner, loser, _part, linked = two
    send(ana, f"/events/{loser}/merge?into={winner}", {"reason": "The same."})
    assert ana.get(f"/events/{linked}/undo").location == f"/events/{linked}/history"
    send(ana, f"/events/{winner}/undo", {"reason": "They are two after all."})
    assert record_of(stored(linked)).links[0].other == loser
    assert ana.get(f"/events/{linked}/undo").location == f"/events/{linked}/history"


def test_what_another_organisation_did_since_does_not_keep_a_merge_from_being_undone(ana, two, stored):
    winner, loser, part, linked = two
    send(ana, f"/events/{loser}/merge?into={winner}", {"reason": "The same."})
    with transaction() as session:
        event = session.get(Event, part)
        changed = replace(record_of(event), venue="Minamata's choice")
        events.change(session, event, changed, events.Change("Mo", clock.now()), reference())
    send(ana, f"/events/{winner}/undo", {"reason": "They are two after all."})
    assert stored(loser).merged_into_id is None
    assert record_of(stored(linked)).links[0].other == loser
    assert (stored(part).venue, stored(part).part_of_id) == ("Minamata's choice", winner)


def test_a_merge_is_asked_about_again_when_either_record_changed_and_keeps_what_was_typed(ana, two, stored):
    winner, loser, _part, _linked = two
    page = f"/events/{loser}/merge?into={winner}"
    for changed in (winner, loser):
        form = opened(ana, page) | {"reason": "A long reason."}
        with transaction() as session:
            event = session.get(Event, changed)
            made = events.Change("Bo", clock.now())
            events.change(session, event, replace(record_of(event), contact="New contact"), made, reference())
        answer = ana.post(page, data=form)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert "A long reason." in text
        assert stored(loser).merged_into_id is None
    assert ana.post(page, data=fields_of(text)).status_code == 303
    assert stored(loser).merged_into_id == winner


def test_a_whole_is_taken_over_together_with_what_the_part_is_to_it(ana, add_event, stored):
    whole, winner = add_event(title="Whole"), add_event(title="Winner")
    loser = add_event(title="Loser", part_of=whole, part_role=str(PartRole.SESSION), part_label="Second session")
    page = f"/events/{loser}/merge?into={winner}"
    assert opened(ana, page)["fill"] == ["part_of"]
    send(ana, page, {"reason": "One."})
    record = record_of(stored(winner))
    assert (record.part_of, record.part_role, record.part_label) == (whole, "session", "Second session")


def test_no_event_becomes_part_of_its_own_part_by_a_merge(ana, add_event):
    winner = add_event(title="Winner")
    middle = add_event(title="Middle", part_of=winner)
    loser = add_event(title="Loser", part_of=middle, venue="CICG")
    assert opened(ana, f"/events/{loser}/merge?into={winner}")["fill"] == ["venue"]


def test_the_history_of_the_merged_record_stands_on_the_page_of_the_one_that_stays(ana, two, signed_in):
    winner, loser, _part, _linked = two
    with transaction() as session:
        event = session.get(Event, loser)
        made = events.Change("Bo", clock.now(), "The loser's hall was full.")
        events.change(
            session, event, replace(record_of(event), venue="Another hall", notes="zznotes"), made, reference()
        )
    send(ana, f"/events/{loser}/merge?into={winner}", {"reason": "The same."})
    text = ana.get(f"/events/{winner}/history").get_data(as_text=True)
    assert "The loser&#39;s hall was full." in text
    assert "zznotes" in text
    mo = signed_in("mo@minamata.example", minamata="coordinator")
    text = mo.get(f"/events/{winner}/history").get_data(as_text=True)
    assert "Another hall" in text
    assert "zznotes" not in text


def test_undoing_what_the_public_does_not_act_upon_needs_no_reason(ana, add_event, stored):
    event_id = add_event(title="Event", contact="Old")
    with transaction() as session:
        event = session.get(Event, event_id)
        made = events.Change("Bo", clock.now())
        events.change(session, event, replace(record_of(event), contact="New"), made, reference())
    assert send(ana, f"/events/{event_id}/undo").status_code == 303
    assert stored(event_id).contact == "Old"


def test_an_events_page_offers_only_what_can_be_done(ana, add_event, client):
    def offered(event_id) -> set[str]:
        text = ana.get(f"/events/{event_id}").get_data(as_text=True)
        names = "publish move postpone cancel reinstate options undo withdraw".split()
        return {name for name in names if f'href="/events/{event_id}/{name}"' in text}

    assert offered(add_event(title="Shown")) == {"move", "postpone", "cancel", "options", "withdraw"}
    assert offered(add_event(title="Draft", stage=Stage.DRAFT)) == {"publish", "options", "withdraw"}
    assert offered(add_event(title="Gone", stage=Stage.WITHDRAWN)) == {"publish"}
    assert offered(add_event(title="No", stage=Stage.REJECTED)) == {"publish"}
    off = add_event(title="Off")
    send(ana, f"/events/{off}/cancel", {"reason": "Off."})
    assert offered(off) == {"reinstate", "undo", "withdraw"}
