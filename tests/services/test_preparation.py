"""Milestones and coordination slots of stored events, and the letters that remind of them; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import days
from calendar_app.models import DigestRecipient, Event, EventMilestone, OutboxMessage
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import coordination, events, merging, milestones
from calendar_app.services.owners import Owner
from calendar_app.services.preparation import By, StaleError, Wanted
from calendar_app.services.records import Organiser, record_of
from calendar_app.services.reference import reference
from tests.conftest import counted_queries

TODAY = date(2026, 11, 20)
# Webinars have two steps, both of communications: an invitation 3 weeks before and a reminder 2 weeks before.
FIRST = date(2026, 12, 18)
INVITATION, REMINDER = date(2026, 11, 27), date(2026, 12, 4)
ANA = Owner("", "Ana", "ana@example.org")


@pytest.fixture
def webinar(app, add_event):
    return add_event(title="Webinar on mercury", kind="webinar", first=FIRST)


def on(day: date) -> None:
    """Let it be nine in the morning of a day."""
    clock.fixed = clock.fixed.replace(year=day.year, month=day.month, day=day.day)


def due(*ids, today: date = TODAY) -> list[tuple[str, date, str]]:
    db.session.rollback()
    stored = db.session.scalars(select(Event).where(Event.id.in_(ids))).all()
    found = milestones.of_events(db.session(), stored, today)
    return [(d.name, d.due, d.state) for event_id in ids for d in found.get(event_id, [])]


def steps_of(event_id) -> list[milestones.Step]:
    db.session.rollback()
    return milestones.steps_of(db.session(), [db.session.get_one(Event, event_id)], TODAY)[event_id]


def say(event_id, name: str, seen: int = 0, **values) -> None:
    wanted = Wanted(**{"state": "open", "day": None, "owner": Owner(), "note": "", **values})
    with transaction() as session:
        event = session.get_one(Event, event_id)
        step = next(s for s in milestones.steps_of(session, [event], TODAY)[event_id] if s.name == name)
        milestones.change(session, step, wanted, By("Ana (BRS)", clock.now(), seen))


def say_slot(event_id, name: str, seen: int = 0, **values) -> None:
    wanted = Wanted(**{"state": "open", "day": None, "owner": Owner(), "note": "", **values})
    with transaction() as session:
        slots = coordination.slots_of_one(session, session.get_one(Event, event_id), TODAY)
        slot = next(s for s in slots if s.slot == name)
        coordination.change(session, slot, wanted, By("Ana (BRS)", clock.now(), seen))


def change(event_id, **values) -> None:
    with transaction() as session:
        event = session.get_one(Event, event_id)
        events.change(session, event, replace(record_of(event), **values), events.Change("t", clock.now()), reference())


def slots(event_id, today: date = TODAY) -> list[tuple[str, str]]:
    db.session.rollback()
    event = db.session.get_one(Event, event_id)
    return [(s.slot, s.state) for s in coordination.of_events(db.session(), [event], today).get(event_id, [])]


def letters() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.to_email)))


# ---------- Milestones ----------


def test_the_steps_of_an_event_follow_its_days_and_what_was_agreed_stays(webinar):
    assert due(webinar) == [("Invitation", INVITATION, "due"), ("Reminder", REMINDER, "due")]
    say(webinar, "Reminder", day=date(2026, 12, 10))
    change(webinar, span=Span.inclusive(FIRST + timedelta(7), FIRST + timedelta(7)))
    assert due(webinar) == [("Invitation", INVITATION + timedelta(7), "due"), ("Reminder", date(2026, 12, 10), "due")]
    say(webinar, "Invitation", state="done")
    say(webinar, "Reminder", seen=1, state="not-needed")
    assert due(webinar) == []
    say(webinar, "Invitation", seen=1, state="open")
    assert [name for name, _day, _state in due(webinar)] == ["Invitation"]


@pytest.mark.parametrize(
    "values",
    [
        {"status": Status.CANCELLED},
        {"status": Status.POSTPONED},
        {"stage": Stage.WITHDRAWN},
        {"span": Span(date(2026, 12, 1), date(2027, 1, 1)), "precision": Precision.MONTH},
        {"span": None, "precision": Precision.WORDS, "date_text": "in winter"},
    ],
    ids=["cancelled", "postponed", "withdrawn", "a month", "words"],
)
def test_nothing_is_due_of_what_does_not_take_place_or_has_no_days(webinar, values):
    change(webinar, **values)
    assert due(webinar) == []


def test_what_lay_before_the_event_was_entered_is_not_late(app, add_event):
    soon = add_event(kind="webinar", first=TODAY + timedelta(days=16))
    assert due(soon) == [("Reminder", TODAY + timedelta(days=2), "due")]
    assert due(soon, today=TODAY + timedelta(days=3)) == [("Reminder", TODAY + timedelta(days=2), "late")]


def test_what_two_people_change_at_once_is_not_lost(webinar):
    say(webinar, "Reminder", note="Sent by GEN.")
    with pytest.raises(StaleError):
        say(webinar, "Reminder", seen=0, note="Mine.")
    say_slot(webinar, "documents", note="One paper.")
    with pytest.raises(StaleError):
        say_slot(webinar, "documents", seen=0, note="Mine.")


def test_the_steward_owns_what_is_the_stewards_and_the_rest_has_no_owner_until_somebody_is_named(app, add_event):
    cop = add_event(kind="cop", first=date(2028, 5, 1))
    event = db.session.get_one(Event, cop)
    owners = {d.name: d.owner for d in milestones.of_events(db.session(), [event], TODAY)[cop]}
    assert owners["Service agreement between secretariats"] == Owner("brs")
    assert not owners["Scenario note"]


def test_what_no_member_holds_asks_nothing_but_of_what_people_spoke(app, add_event):
    outsiders = (Organiser("UNFCCC", "unfccc"),)
    theirs = add_event(kind="cop", first=FIRST, organisers=outsiders)
    helped = add_event(kind="cop", first=FIRST, organisers=(*outsiders, Organiser("MC", "minamata", "partner")))
    shared = add_event(
        kind="webinar", first=FIRST, organisers=(*outsiders, Organiser("MC", "minamata", "co-organiser"))
    )
    nobodys = add_event(kind="webinar", first=FIRST, organisers=(Organiser("A centre"),))
    assert due(theirs) == due(helped) == []
    assert [name for name, _day, _state in due(shared)] == ["Invitation", "Reminder"] == [d[0] for d in due(nobodys)]
    assert len(slots(theirs)) == 4, "members take part in it"
    with transaction() as session:
        made = {"changed_at": clock.now(), "changed_by": "Ana", "version": 1}
        session.add(EventMilestone(event_id=theirs, name="Scenario note", state="open", **made))
    assert "Scenario note" in {step.name for step in steps_of(theirs)}


# ---------- Slots ----------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"kind": "cop"}, True),
        ({"kind": "cop", "visibility": Visibility.MEMBERS}, True),
        ({"kind": "cop", "visibility": Visibility.STEWARD}, False),
        ({"kind": "cop", "stage": Stage.DRAFT}, False),
        ({"kind": "cop", "status": Status.CANCELLED}, False),
        ({"kind": "cop", "first": TODAY - timedelta(days=1)}, False),
        ({"kind": "cop", "first": TODAY - timedelta(days=1), "status": Status.POSTPONED}, True),
        ({"kind": "workshop", "organisers": (Organiser("BRS", "brs"),)}, False),
        ({"kind": "workshop", "organisers": (Organiser("BRS", "brs"), Organiser("MC", "minamata"))}, True),
        ({"kind": "workshop", "organisers": (Organiser("BRS", "brs"), Organiser("MC", "minamata", "funder"))}, False),
        ({"kind": "workshop", "organisers": (Organiser("A centre"),)}, True),
    ],
)
def test_which_events_have_slots_by_themselves(app, add_event, values, expected):
    names = ["participation", "statements", "documents", "side-events"]
    assert slots(add_event(**values)) == ([(name, "open") for name in names] if expected else [])


def test_a_part_has_no_slots_of_its_own_and_any_event_gets_them_when_somebody_opens_them(app, add_event, webinar):
    cop = add_event(kind="cop")
    part = add_event(kind="cop", part_of=cop, part_role="segment")
    assert slots(part) == slots(webinar) == []
    with transaction() as session:
        coordination.open_slots(session, session.get_one(Event, webinar), "Mo (MC)", clock.now(), TODAY)
    say_slot(webinar, "statements", seen=1, state="agreed")
    assert dict(slots(webinar)) == {
        "participation": "open", "statements": "agreed", "documents": "open", "side-events": "open",
    }  # fmt: skip


def test_lists_ask_as_many_questions_for_many_events_as_for_one(app, add_event):
    ids = [add_event(kind="cop", first=date(2027, 5, 3) + timedelta(weeks=n)) for n in range(4)]
    for event_id in ids:
        say(event_id, "Scenario note", owner=ANA)
        say_slot(event_id, "documents", owner=ANA, day=date(2027, 1, 1))
    for count in (1, 4):
        stored = db.session.scalars(select(Event).where(Event.id.in_(ids[:count]))).all()
        with counted_queries() as asked:
            milestones.of_events(db.session(), stored, TODAY)
            coordination.of_events(db.session(), stored, TODAY)
        assert len(asked) == 2, asked


def test_what_was_said_of_an_event_that_is_merged_stands_with_the_other(app, add_event, webinar):
    other = add_event(title="Webinar on mercury (2)", kind="webinar", first=FIRST)
    say(other, "Invitation", state="done")
    say(other, "Reminder", state="done")
    say(webinar, "Reminder", note="Ours.")
    say_slot(other, "documents", state="agreed")
    with transaction() as session:
        loser, winner = session.get_one(Event, other), session.get_one(Event, webinar)
        merging.merge(session, loser, winner, (), events.Change("t", clock.now()), reference())
    assert due(webinar) == [("Reminder", REMINDER, "due")]
    assert dict(slots(webinar))["documents"] == "agreed"


# ---------- Reminders ----------


def test_an_owner_is_reminded_a_week_before_and_on_the_day_after_once_each(app, webinar):
    say(webinar, "Invitation", owner=ANA)
    say(webinar, "Reminder", owner=ANA)
    expected = {
        INVITATION - timedelta(8): 0,
        INVITATION - timedelta(7): 1,  # the invitation is due in a week
        INVITATION: 2,  # so is the reminder
        INVITATION + timedelta(1): 3,  # the invitation is late
        INVITATION + timedelta(3): 3,
    }
    for day, count in expected.items():
        on(day)
        for _hour in range(3):
            days.remind_owners(app)
        assert len(letters()) == count, day
    assert [letter.subject for letter in letters()] == [
        "1 deadline comes within a week",
        "1 deadline comes within a week",
        "1 deadline has passed",
    ]
    first = letters()[0]
    assert first.to_email == "ana@example.org"
    assert "Webinar on mercury: Invitation, by 27 November 2026" in first.text
    assert f"/events/{webinar}" in first.text
    assert "Reminder" not in first.text


def test_a_deadline_that_moves_reminds_again_and_milestones_and_slots_share_a_letter(app, add_event, webinar):
    say(webinar, "Invitation", owner=ANA)
    say_slot(webinar, "documents", owner=ANA, day=INVITATION)
    on(INVITATION - timedelta(7))
    days.remind_owners(app)
    (letter,) = letters()
    assert "Documents, by 27 November 2026" in letter.text
    assert letter.subject == "2 deadlines come within a week"
    change(webinar, span=Span.inclusive(FIRST + timedelta(3), FIRST + timedelta(3)))
    on(INVITATION - timedelta(4))
    days.remind_owners(app)
    assert "Invitation, by 30 November 2026" in letters()[1].text
    assert "Documents" not in letters()[1].text


def test_what_is_done_or_nobodys_or_hidden_from_its_owner_reminds_nobody(app, add_account, add_event, webinar):
    add_account("mo@minamata.example", minamata="coordinator")
    hidden = add_event(kind="webinar", first=FIRST, visibility=Visibility.STEWARD)
    say(hidden, "Invitation", owner=Owner("minamata"))
    say(webinar, "Reminder", owner=Owner("minamata"))
    say(webinar, "Invitation", owner=Owner("minamata"), state="done")
    on(INVITATION)
    days.remind_owners(app)
    (letter,) = letters()
    assert (letter.to_email, letter.subject) == ("mo@minamata.example", "1 deadline comes within a week")
    assert "Reminder, by" in letter.text
    assert str(hidden) not in letter.text


def test_an_organisation_is_reminded_at_the_addresses_that_it_chose(app, add_account, webinar):
    add_account("mo@minamata.example", minamata="coordinator")
    with transaction() as session:
        session.add(
            DigestRecipient(
                organisation_code="minamata", kind="mailbox", email="office@mc.example", name="", language="en"
            )
        )
    say(webinar, "Invitation", owner=Owner("minamata"))
    on(INVITATION + timedelta(days=3))
    days.remind_owners(app)
    assert [(letter.to_email, letter.subject) for letter in letters()] == [
        ("office@mc.example", "1 deadline has passed")
    ]
