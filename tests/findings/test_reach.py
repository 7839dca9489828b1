"""A change reaches findings that are not about the changed event itself, and those of where it was before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event as sql_event

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import About, Format, LinkKind, OrganiserRole, PartRole, Stage, Status, Visibility
from calendar_app.services import events
from calendar_app.services.records import Link, Organiser, record_of
from calendar_app.services.reference import reference
from tests.conftest import ON_SQLITE
from tests.findings.truth import said, stored

BRS = (Organiser("BRS", "brs", OrganiserRole.LEAD),)
GENEVA = {"city": "Geneva", "country": "CH", "format": Format.IN_PERSON, "organisers": BRS}
BANGKOK = {"city": "Bangkok", "country": "TH", "format": Format.IN_PERSON}


def change(event_id, **values):
    with transaction() as session:
        event = session.get(Event, event_id)
        made = events.Change("test", clock.now())
        events.change(session, event, replace(record_of(event), **values), made, reference())


def gap():
    found = [finding for finding in stored().values() if finding.about is About.GAP]
    return {reason.rule: dict(reason.values) for finding in found for reason in finding.reasons}


@pytest.fixture
def prepared(add_event):
    """A session with a preparatory meeting for one region half a year before."""
    session = add_event(
        title="COP", first=date(2027, 9, 6), last=date(2027, 9, 10), kind="cop", processes=("basel",), **GENEVA
    )
    meeting = add_event(
        title="Africa", first=date(2027, 6, 7), last=date(2027, 6, 9), kind="regional-preparatory",
        processes=("basel",), regions=("Africa",), organisers=BRS,
    )  # fmt: skip
    return session, meeting


@pytest.mark.parametrize(
    "values",
    [
        {"span": Span.inclusive(date(2027, 10, 4), date(2027, 10, 6))},
        {"span": Span.inclusive(date(2025, 10, 4), date(2025, 10, 6))},
        {"kind": "workshop"},
        {"processes": ("minamata",)},
        {"regions": ()},
        {"status": Status.CANCELLED},
        {"stage": Stage.WITHDRAWN},
    ],
)
def test_a_session_lacks_other_regions_no_more_when_its_round_is_gone(prepared, values):
    _session, meeting = prepared
    assert gap()["round-lacks-region"]["have"] == ("Africa",)
    change(meeting, **values)
    assert "round-lacks-region" not in gap()
    assert stored() == said()


def test_a_meeting_that_prepares_a_session_by_its_link_counts_however_early_it_is(prepared):
    session, meeting = prepared
    early = Span.inclusive(date(2024, 6, 3), date(2024, 6, 5))
    change(meeting, span=early, links=(Link(LinkKind.PREPARES_FOR, session),))
    assert "round-lacks-region" in gap()
    assert stored() == said()
    change(meeting, links=())
    assert "round-lacks-region" not in gap()
    assert stored() == said()


def test_a_session_that_is_called_off_lacks_nothing(prepared):
    change(prepared[0], status=Status.CANCELLED)
    assert gap() == {}
    assert stored() == said()


def test_the_preparatory_days_of_a_meeting_go_with_the_part_that_leaves_it(add_event):
    whole = add_event(title="Whole", first=date(2027, 3, 10), last=date(2027, 3, 12), kind="subsidiary-body", **GENEVA)
    part = add_event(
        title="Before", first=date(2027, 3, 5), last=date(2027, 3, 6), kind="task-force", part_of=whole,
        part_role=PartRole.PRE_MEETING, **GENEVA,
    )  # fmt: skip
    add_event(title="Other", first=date(2027, 3, 5), last=date(2027, 3, 6), kind="subsidiary-body", **BANGKOK)
    clashes = [key for key in stored() if key[:2] == ("clash", "pair")]
    assert len(clashes) == 1
    assert str(whole) in clashes[0]
    change(part, part_of=None, part_role="")
    assert [key for key in stored() if key[:2] == ("clash", "pair") and str(whole) in key] == []
    assert stored() == said()


def test_a_clash_of_a_part_is_told_of_its_whole_until_it_leaves_it(add_event):
    whole = add_event(title="Whole", first=date(2027, 3, 8), last=date(2027, 3, 12), kind="subsidiary-body", **GENEVA)
    part = add_event(
        title="Part", first=date(2027, 3, 9), last=date(2027, 3, 10), kind="subsidiary-body", part_of=whole,
        part_role=PartRole.SIDE_EVENT, **GENEVA,
    )  # fmt: skip
    add_event(title="Other", first=date(2027, 3, 9), last=date(2027, 3, 10), kind="subsidiary-body", **BANGKOK)
    assert [key for key in stored() if key[:2] == ("clash", "pair") and str(part) in key] == []
    change(part, part_of=None, part_role="", city="Bangkok", country="TH")
    assert [key for key in stored() if key[:2] == ("clash", "pair") and str(part) in key]
    assert stored() == said()


def test_an_information_session_counts_near_the_session_alone_and_as_far_as_it_is_seen(add_event, prepared):
    _cop, round_ = prepared
    far = add_event(title="Far", first=date(2029, 1, 8), last=date(2029, 1, 8), kind="briefing", **GENEVA)
    change(far, links=(Link(LinkKind.INFORMATION_SESSION_FOR, round_),))
    assert stored() == said()
    change(far, span=Span(date(2027, 8, 2), date(2027, 8, 3)))
    assert stored() == said()
    change(far, visibility=Visibility.STEWARD)
    assert stored() == said()


def test_a_pre_meeting_of_months_brings_the_days_of_its_whole(add_event):
    whole = add_event(title="Whole", first=date(2027, 3, 10), last=date(2027, 3, 12), kind="subsidiary-body", **GENEVA)
    add_event(
        title="Before", first=date(2027, 3, 3), last=date(2027, 6, 30), kind="subsidiary-body", part_of=whole,
        part_role=PartRole.PRE_MEETING, **GENEVA,
    )  # fmt: skip
    add_event(title="Other", first=date(2027, 3, 3), last=date(2027, 3, 3), kind="subsidiary-body", **BANGKOK)
    assert [key for key in stored() if key[:2] == ("clash", "pair") and str(whole) in key]
    assert stored() == said()


def test_a_session_lacks_a_briefing_as_long_as_a_member_holds_it(add_event):
    others = (Organiser("Others", "", OrganiserRole.LEAD),)
    session = add_event(first=date(2027, 9, 6), kind="cop", **(GENEVA | {"organisers": others}))
    assert gap() == {}
    change(session, organisers=BRS)
    assert "briefing-missing" in gap()
    assert stored() == said()
    change(session, organisers=others)
    assert gap() == {}
    assert stored() == said()


@ON_SQLITE
def test_a_change_of_one_event_looks_through_no_table_as_a_whole(prepared):
    """SQLite without statistics chooses by the words of a statement; one index too many and it reads all events."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    sql_event.listen(db.engine, "before_cursor_execute", note)
    change(prepared[0], span=Span.inclusive(date(2027, 10, 4), date(2027, 10, 6)))
    sql_event.remove(db.engine, "before_cursor_execute", note)
    plans = [
        row[3]
        for statement, parameters in asked
        for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]
    assert any("ix_events_start_end" in step for step in plans)
    wrong = [step for step in plans if step.startswith("SCAN events") or "merged_into_id" in step]
    assert wrong == []
