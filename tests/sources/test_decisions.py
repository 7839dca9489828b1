"""What a source may not do by itself is put before the people who keep the event."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event, OutboxMessage, Proposal, Revision
from calendar_app.services import events, moderation, proposals
from calendar_app.services.records import BodyMeeting
from calendar_app.services.reference import reference
from tests.sources.conftest import source_of, vevent
from tests.sources.test_a_life import CALL, LEAD, all_events, edit, letters, meetings

pytestmark = pytest.mark.xdist_group("sources")


def test_a_source_under_moderation_waits_for_its_owner(partner, add_source, schedule, add_account, session):
    add_account("ana@brs.example", brs="coordinator")
    partner.gives(LEAD)
    add_source(url=partner.url, trust="moderated")
    schedule.harvest()
    waiting = moderation.queue(session, ["brs"])
    assert [item.event.titles["en"] for item in waiting] == ["Workshop on lead paint"]
    edit(waiting[0].event, stage="published")
    partner.gives(vevent("lead@p", "Workshop on lead paint", "20270308", "20270311", "LOCATION:FAO\\, Rome"))
    schedule.again()
    event = all_events()[0]
    assert (event.start, event.sources_disagree) == (date(2027, 3, 1), True)
    (proposal, _event) = proposals.open_for(session, ["brs"])[0]
    assert proposal.after["span"] == ["2027-03-08", "2027-03-10"]
    with transaction() as writing:
        found = writing.get_one(Proposal, proposal.id)
        number = writing.scalar(select(func.max(Revision.id)))
        made = events.Change("Ana (BRS)", clock.now())
        stored = writing.get_one(Event, event.id)
        proposals.accept(writing, found, stored, ["span"], number, made, reference(), "https://x.example")
    schedule.again()
    event = all_events()[0]
    assert (event.start, event.sources_disagree) == (date(2027, 3, 8), False)


# What the source says next, and what is proposed then.
PROPOSALS = {
    "it moves once more": (("20270315", "20270318", "FAO"), [{"span": ["2027-03-15", "2027-03-17"]}]),
    "it changes the venue too": (
        ("20270308", "20270311", "Hilton"),
        [{"span": ["2027-03-08", "2027-03-10"], "venue": "Hilton, Rome"}],
    ),
    "it goes back": (("20270301", "20270304", "FAO"), []),
    "it says the same": (("20270308", "20270311", "FAO"), [{"span": ["2027-03-08", "2027-03-10"]}]),
}


@pytest.mark.parametrize("case", PROPOSALS)
def test_one_proposal_says_all_that_a_source_wants_now(partner, add_source, schedule, session, case):
    (first, end, place), wanted = PROPOSALS[case]
    partner.gives(LEAD)
    add_source(url=partner.url, trust="moderated")
    schedule.harvest()
    edit(all_events()[0], stage="published")
    partner.gives(vevent("lead@p", "Workshop on lead paint", "20270308", "20270311", "LOCATION:FAO\\, Rome"))
    schedule.again()
    before = [proposal.id for proposal, _event in proposals.open_for(session, ["brs"])]
    session.rollback()
    partner.gives(vevent("lead@p", "Workshop on lead paint", first, end, f"LOCATION:{place}\\, Rome"), CALL)
    schedule.again()
    found = [proposal for proposal, _event in proposals.open_for(session, ["brs"])]
    assert [{name: p.after[name] for name in ("span", "venue") if name in p.after} for p in found] == wanted
    assert ([proposal.id for proposal in found] == before) == (case == "it says the same")
    assert all_events()[0].sources_disagree == bool(wanted)


def test_a_moderated_source_fills_in_nothing_without_a_decision(partner, add_source, schedule, add_event, session):
    add_event(
        title="Fifteenth meeting of the Open-ended Working Group of the Basel Convention",
        first=date(2027, 6, 22), last=date(2027, 6, 26), bodies=(BodyMeeting("BC-OEWG", 15),),
    )  # fmt: skip
    said = ("LOCATION:CICG\\, Geneva", "DESCRIPTION:Anything", "URL:https://x.example/register")
    partner.gives(vevent("o@p", "Basel Convention OEWG-15", "20270622", "20270627", *said))
    add_source(url=partner.url, trust="moderated")
    schedule.harvest()
    (event,) = all_events()
    assert (event.city, event.venue, event.descriptions, event.web_url) == ("", "", {}, "")
    ((proposal, _event),) = proposals.open_for(session, ["brs"])
    assert proposal.after["city"] == "Geneva"
    partner.gives(vevent("o@p", "Basel Convention OEWG-15", "20270622", "20270627", *said), CALL)
    session.rollback()
    schedule.again()
    assert [found.id for found, _event in proposals.open_for(session, ["brs"])] == [proposal.id]
    # Whoever lacks something contradicts nobody.
    event = all_events()[-1]
    assert event.titles["en"].startswith("Fifteenth")
    assert "city" not in event.sources[0].conflicts


def trainings(shift: int) -> list[str]:
    return [
        vevent(f"t{n}@p", f"Training of trainers number {n} on mercury", f"202705{n + shift:02}") for n in range(1, 13)
    ]


@pytest.fixture
def of_minamata(add_event, add_account):
    """Twelve events that Minamata keeps, and its coordinator."""
    add_account("mo@minamata.example", minamata="coordinator")
    for n in range(1, 13):
        add_event(
            title=f"Training of trainers number {n} on mercury", first=date(2027, 5, n), steward="minamata",
            processes=("minamata",),
        )  # fmt: skip


def test_a_steward_gets_one_letter_about_all_that_a_run_proposes(of_minamata, partner, add_source, schedule):
    partner.gives(*trainings(0))
    add_source(url=partner.url)
    schedule.harvest()
    partner.gives(*trainings(1))
    schedule.again()
    assert len(proposals.open_for(db.session, ["minamata"])) == 12
    letter = db.session.scalars(select(OutboxMessage)).one()
    assert letter.subject == "Changes are proposed: Partner"
    assert "about 12 events that you keep" in letter.text.replace("\n", " ")
    assert "number 1 on mercury" in letter.text
    assert "2 more" in letter.text
    schedule.again(24)
    assert len(letters()) == 1


def test_what_an_organisation_keeps_is_not_called_off_while_a_source_of_others_lists_it(
    partner, add_source, schedule, add_event
):
    partner.gives(*meetings(1, 10))
    ours = add_source(url=partner.url)
    schedule.harvest()
    add_source(url=partner.url, name="Theirs", owner_code="minamata", slug="theirs")
    schedule.harvest()
    assert {len(event.sources) for event in all_events()} == {1}
    partner.gives(*meetings(2, 10))
    with transaction():
        source_of("theirs").paused = True
    schedule.again()
    assert {event.status for event in all_events()} == {"confirmed"}
    assert source_of(ours).much_gone_at is None


def test_a_note_that_a_person_took_out_stays_out(partner, add_source, schedule):
    partner.gives(LEAD)
    add_source(url=partner.url)
    schedule.harvest()
    edit(all_events()[0], sources=(), venue="Hall")
    for hours in (6, 24):
        schedule.again(hours)
    partner.gives(vevent("lead@p", "Workshop on lead paint", "20270308", "20270311", "LOCATION:FAO\\, Rome"))
    schedule.again()
    assert [(event.start, event.venue, event.sources) for event in all_events()] == [(date(2027, 3, 8), "Hall", [])]
