"""A finding lives: it is found, gets worse, is answered, ends, and comes back."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import CalendarVersion, Event, FindingAnswer, FindingEntry, OutboxMessage, StoredFinding
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Format, OrganiserRole, PartRole, Severity, Stage, Status
from calendar_app.services import events, findings, policies
from calendar_app.services.finding_codec import as_json, finding_of, reasons_of
from calendar_app.services.records import EventRecord, Organiser, record_of
from calendar_app.services.reference import reference
from calendar_app.services.touched import PLANNED_BY
from tests.conftest import counted_queries

# What planning never reads: a change of it leaves the findings alone.
READ_BY_PEOPLE_ALONE = frozenset(
    "titles descriptions short_title part_label date_text latitude longitude access languages registration_url"
    " documents_url online_url web_url contact cooperation_area decisions outcome sources publish_on"
    " last_confirmed_at last_confirmed_by notes staffing".split()
)
GENEVA = {"city": "Geneva", "country": "CH", "format": Format.IN_PERSON}
BANGKOK = {"city": "Bangkok", "country": "TH", "format": Format.IN_PERSON}


def organisers(code):
    return (Organiser(code, code, OrganiserRole.LEAD),)


@pytest.fixture
def two(add_event):
    """Two meetings of the same delegates on the same days, in Geneva and in Bangkok."""
    ours = add_event(
        title="Ours", first=date(2027, 3, 1), last=date(2027, 3, 4), kind="subsidiary-body", steward="brs",
        organisers=organisers("brs"), **GENEVA,
    )  # fmt: skip
    theirs = add_event(
        title="Theirs", first=date(2027, 3, 2), last=date(2027, 3, 5), kind="subsidiary-body", steward="minamata",
        processes=("minamata",), organisers=organisers("minamata"), **BANGKOK,
    )  # fmt: skip
    return ours, theirs


def change(event_id, **values):
    with transaction() as session:
        event = session.get(Event, event_id)
        events.change(session, event, replace(record_of(event), **values), made(), reference())


def made():
    return events.Change("test", clock.now())


def clash() -> StoredFinding:
    """The one clash of two events that is stored."""
    db.session.rollback()
    rows = select(StoredFinding).where(StoredFinding.kind == "clash", StoredFinding.about == "pair")
    return db.session.scalars(rows).one()


def actions() -> list[tuple[str, int]]:
    return [(entry.action, entry.severity) for entry in clash().entries]


def answer(**answers):
    """Let owners answer, as the page does."""
    with transaction() as session:
        found = session.get(StoredFinding, clash().id)
        found.answers = [FindingAnswer(organisation_code=o, answer=a, at=clock.now()) for o, a in answers.items()]
        found.state = findings.state_from(answers, {"brs", "minamata"})


def test_a_clash_is_found_with_the_change_that_causes_it(two):
    found = clash()
    assert {found.a_id, found.b_id} == set(two)
    assert (found.state, found.severity, found.likelihood, found.closed_at) == ("open", Severity.MAJOR, 1, None)
    assert found.policy_version == policies.packaged().version
    assert actions() == [("found", Severity.MAJOR)]


def test_a_change_that_is_not_kept_leaves_no_finding(two):
    with transaction(keep=False) as session:
        event = session.get(Event, two[0])
        events.change(session, event, replace(record_of(event), status=Status.CANCELLED), made(), reference())
    assert clash().state == "open"


@pytest.mark.parametrize(
    "end",
    [
        {"status": Status.CANCELLED},
        {"status": Status.POSTPONED},
        {"stage": Stage.WITHDRAWN},
        {"span": Span.inclusive(date(2027, 6, 1), date(2027, 6, 4))},
        {"span": None, "date_text": "later"},
        {"kind": "deadline"},
    ],
)
def test_a_clash_that_is_over_is_resolved_and_comes_back_as_the_same_one(two, end):
    number = clash().id
    before = record_of(db.session.get(Event, two[0]))
    change(two[0], **end)
    assert (clash().state, clash().closed_at) == ("resolved", clock.now())
    change(two[0], **{name: getattr(before, name) for name in end})
    assert (clash().id, clash().state, clash().closed_at) == (number, "open", None)
    assert actions() == [("found", 2), ("resolved", 2), ("reopened", 2)]


def test_answers_go_when_a_clash_that_was_over_comes_back(two):
    answer(brs="accepted", minamata="accepted")
    change(two[0], status=Status.CANCELLED)
    change(two[0], status=Status.CONFIRMED)
    assert (clash().state, clash().answers) == ("open", [])


def test_a_change_of_how_bad_it_is_is_noted(two):
    change(two[0], status=Status.TENTATIVE)
    assert clash().severity == Severity.MINOR
    change(two[0], status=Status.CONFIRMED)
    assert actions() == [("found", 2), ("changed", 1), ("changed", 2)]


def test_what_is_accepted_stays_so_while_what_it_rests_on_is_the_same(two):
    answer(brs="accepted", minamata="accepted")
    change(two[0], titles={"en": "Another title"}, notes="A note", contact="Ana")
    change(two[1], key_persons=("Ana",), expected_participants=100)
    assert clash().state == "accepted"
    assert actions() == [("found", 2)]


@pytest.mark.parametrize(
    "values",
    [
        {"span": Span.inclusive(date(2027, 3, 1), date(2027, 3, 3))},
        {"venue": "CICG"},
        {"city": "Nairobi", "country": "KE"},
        {"format": Format.HYBRID},
        {"status": Status.TENTATIVE},
        {"audiences": ("chemicals-delegates", "poprc-members")},
    ],
)
def test_answers_hold_only_for_the_dates_the_place_and_the_audience_that_they_were_given_for(two, values):
    answer(brs="accepted", minamata="acknowledged")
    assert clash().state == "acknowledged"
    change(two[0], **values)
    assert (clash().state, clash().answers) == ("open", [])
    assert actions()[-1][0] == "reopened"


def test_a_single_answer_goes_too_when_the_dates_change(two):
    answer(brs="accepted")
    change(two[0], span=Span.inclusive(date(2027, 3, 1), date(2027, 3, 3)))
    assert clash().answers == []


def test_who_takes_over_an_event_has_not_answered_yet(two):
    answer(brs="accepted", minamata="accepted")
    change(two[0], steward="chb")
    assert clash().state == "open"
    assert [row.organisation_code for row in clash().answers] == ["brs", "minamata"]
    change(two[0], steward="brs")
    assert clash().state == "accepted"


@pytest.mark.parametrize(
    ("answers", "owners", "state"),
    [
        ({}, {"brs"}, "open"),
        ({"brs": "accepted"}, {"brs"}, "accepted"),
        ({"brs": "accepted"}, {"brs", "minamata"}, "open"),
        ({"brs": "accepted", "minamata": "acknowledged"}, {"brs", "minamata"}, "acknowledged"),
        ({"brs": "accepted", "minamata": "accepted"}, {"brs", "minamata"}, "accepted"),
        ({"chb": "accepted"}, {"brs"}, "open"),
    ],
)
def test_a_finding_is_accepted_once_all_owners_have_accepted_it(answers, owners, state):
    assert findings.state_from(answers, owners) == state


def test_recompute_finds_nothing_new_after_any_of_this(two):
    change(two[0], status=Status.TENTATIVE)
    change(two[1], city="Nairobi", country="KE")
    with transaction() as session:
        assert findings.recompute(session, clock.now()) == []


def test_recompute_tells_and_mends_what_is_wrong(two):
    with transaction() as session:
        session.get(StoredFinding, clash().id).severity = 1
    with transaction() as session:
        turns = findings.recompute(session, clock.now())
    assert [(turn.action, turn.before, turn.severity) for turn in turns] == [("changed", 1, 2)]
    assert clash().severity == 2


def test_another_policy_makes_all_findings_anew_at_once(two, monkeypatch):
    digest = db.session.get(CalendarVersion, 1).planning_digest
    text = policies.as_toml(replace(policies.packaged(), strong_share=0.95))
    with transaction() as session:
        policies.put_in_force(session, text, made())
    assert clash().severity == Severity.MINOR
    assert clash().policy_version == policies.in_force(db.session()).version
    db.session.rollback()
    assert db.session.get(CalendarVersion, 1).planning_digest != digest


def test_owners_hear_of_a_major_clash_once_and_not_of_one_that_is_past(add_account, two):
    letters = select(OutboxMessage.to_email)
    add_account("ana@brs.example", brs="coordinator")
    assert db.session.scalars(letters).all() == []
    change(two[0], status=Status.TENTATIVE)
    assert db.session.scalars(letters).all() == []
    change(two[0], status=Status.CONFIRMED)
    assert len(db.session.scalars(letters).all()) == 1
    change(two[0], titles={"en": "Another title"})
    for event_id in two:
        change(event_id, span=Span.inclusive(date(2025, 3, 3), date(2025, 3, 5)), status=Status.TENTATIVE)
    change(two[0], status=Status.CONFIRMED)
    change(two[1], status=Status.CONFIRMED)
    assert clash().severity == Severity.MAJOR
    assert len(db.session.scalars(letters).all()) == 1


def test_owners_hear_of_more_clashes_than_a_database_is_asked_for_at_once(add_account, two, monkeypatch):
    monkeypatch.setattr(findings, "_MOST_IDS", 1)
    add_account("ana@brs.example", brs="coordinator")
    for event_id in two:
        change(event_id, status=Status.TENTATIVE)
    with transaction() as session:
        for event_id in two:
            event = session.get(Event, event_id)
            events.change(session, event, replace(record_of(event), status=Status.CONFIRMED), made(), reference())
        day = Span.inclusive(date(2027, 3, 3), date(2027, 3, 4))
        third = replace(record_of(session.get(Event, two[1])), titles={"en": "A third"}, span=day)
        events.create(session, uuid.uuid4(), third, made(), reference())
    letter = db.session.scalars(select(OutboxMessage)).one()
    assert "Theirs" in letter.text
    assert "A third" in letter.text


def test_a_part_that_leaves_its_whole_is_compared_with_it_from_then_on(two):
    change(two[1], part_of=two[0], part_role=PartRole.PART)
    assert clash().state == "resolved"
    change(two[1], part_of=None, part_role="")
    assert clash().state == "open"


def test_reasons_come_back_from_the_table_as_they_were(two):
    rows = db.session.scalars(select(StoredFinding)).all()
    assert any(len(row.reasons) > 1 for row in rows)
    for row in rows:
        found = finding_of(row)
        assert found.key == tuple(row.key.split(":"))
        assert reasons_of(as_json(found.reasons)) == found.reasons


def test_every_field_of_an_event_is_one_that_planning_reads_or_one_that_it_does_not():
    fields = {field.name for field in dataclasses.fields(EventRecord)}
    assert fields | {"merged_into"} == PLANNED_BY | READ_BY_PEOPLE_ALONE
    assert not PLANNED_BY & READ_BY_PEOPLE_ALONE


def test_a_title_is_changed_without_a_look_at_the_calendar(two):
    with counted_queries() as with_look:
        change(two[0], span=Span.inclusive(date(2027, 3, 1), date(2027, 3, 3)))
    with counted_queries() as statements:
        change(two[0], titles={"en": "Another title"})
    assert len([s for s in statements if "findings" in s]) == 0
    assert len(with_look) > len(statements)


def test_a_move_asks_the_database_a_fixed_number_of_times(packaged, two):
    def crowd(several):
        with transaction() as session:
            for number in several:
                first = date(2027, 3, 1) + timedelta(number % 30)
                record = replace(record_of(session.get(Event, two[1])), span=Span(first, first + timedelta(3)))
                events.create(session, uuid.UUID(int=number + 1), record, made(), reference())

    asked = []
    for several in (range(10), range(10, 60)):
        crowd(several)
        with counted_queries() as statements:
            change(two[0], span=Span.inclusive(date(2027, 3, 8), date(2027, 3, 11)))
        asked.append(len(statements))
        change(two[0], span=Span.inclusive(date(2027, 3, 1), date(2027, 3, 4)))
    assert asked[0] <= 38
    assert asked[1] <= asked[0] + 2, statements


def test_findings_keep_their_history(two):
    change(two[0], status=Status.CANCELLED)
    assert db.session.scalar(select(FindingEntry.at).order_by(FindingEntry.id.desc())) == clock.now()
