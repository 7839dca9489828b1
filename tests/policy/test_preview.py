"""What the preview says of another policy is what happens when it is put in force."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, transaction
from calendar_app.models import StoredFinding
from calendar_app.planning.vocabulary import Format, OrganiserRole, Severity, Visibility
from calendar_app.services import policies
from calendar_app.services.calendar import OPERATOR, STRANGER, Viewer
from calendar_app.services.events import Change
from calendar_app.services.policy_preview import Preview, Turn, preview
from calendar_app.services.records import Organiser

pytestmark = pytest.mark.either_database

TODAY = date(2026, 11, 20)


def held(session) -> dict[str, int]:
    """The findings that hold now, with their severities."""
    rows = session.execute(select(StoredFinding.key, StoredFinding.severity).where(StoredFinding.state != "resolved"))
    return dict(rows.tuples().all())


def look(session, viewer=OPERATOR, **numbers) -> Preview:
    before = policies.in_force(session)
    return preview(session, viewer, before, replace(before, **numbers), TODAY)


def put(**numbers) -> None:
    with transaction() as session:
        text = policies.as_toml(replace(policies.in_force(session), **numbers))
        policies.put_in_force(session, text, Change("Ruth Root", clock.now(), "Tried."))


NUMBERS = {
    "weak_share": 0.28,
    "official_holiday": 3,
    "join_free_days": 1,
    "minor_below_free_days": 6,
    "weekend_start": 2,
}


def test_what_the_preview_says_is_what_happens(session, packaged):
    before, said = held(session), look(session, **NUMBERS)
    assert held(session) == before, "the preview has changed something"
    put(**NUMBERS)
    after = held(session)
    counts = {count.severity: (count.before, count.after) for count in said.counts}
    for severity in Severity:
        assert counts[severity] == tuple(list(found.values()).count(severity) for found in (before, after))
    turns = Counter(item.turn for item in said.turned)
    assert turns == Counter(
        {
            Turn.APPEARS: len(after.keys() - before.keys()),
            Turn.GOES: len(before.keys() - after.keys()),
            Turn.RISES: sum(after[key] > before[key] for key in after.keys() & before.keys()),
            Turn.FALLS: sum(after[key] < before[key] for key in after.keys() & before.keys()),
        }
    )
    assert all(turns[turn] for turn in (Turn.APPEARS, Turn.GOES, Turn.RISES))


def test_findings_are_made_anew_and_name_the_policy_with_which_they_were_made(session, packaged):
    first = policies.packaged().version
    assert set(session.scalars(select(StoredFinding.policy_version))) == {first}
    put(**NUMBERS)
    session.expire_all()
    holding = select(StoredFinding.policy_version).where(StoredFinding.state != "resolved")
    assert set(session.scalars(holding)) == {policies.in_force(session).version} != {first}


def test_the_same_numbers_change_nothing(session, packaged):
    said = look(session)
    assert said.turned == ()
    assert said.otherwise == 0
    assert all(count.before == count.after for count in said.counts)


def test_other_numbers_in_a_reason_are_no_change_of_severity(session, add_event):
    brs = Organiser("brs", "brs", OrganiserRole.LEAD)
    add_event(first=date(2027, 3, 1), last=date(2027, 3, 16), organisers=(brs,), city="Geneva", country="CH")
    said = look(session, long_run_days=14)
    assert said.turned == ()
    assert said.otherwise == 1


@pytest.fixture
def weekends(add_event):
    """Meetings that begin on a Saturday: two to come, two past, and one that BRS alone may see."""
    there = {"format": Format.IN_PERSON, "city": "Geneva", "country": "CH"}
    days = {
        "next": date(2026, 12, 5), "later": date(2027, 3, 6), "last": date(2026, 11, 7), "long ago": date(2025, 3, 8),
    }  # fmt: skip
    found = {add_event(title=title, first=day, **there): title for title, day in days.items()}
    hidden = add_event(first=date(2027, 1, 9), visibility=Visibility.STEWARD, **there)
    return found | {hidden: "hidden"}


def test_what_is_to_come_is_told_first_and_the_next_before_the_later(session, weekends):
    said = look(session, weekend_start=2)
    assert [(weekends[item.finding.a], item.is_past) for item in said.turned] == [
        ("next", False), ("hidden", False), ("later", False), ("last", True), ("long ago", True),
    ]  # fmt: skip
    assert {(item.turn, item.before, item.after) for item in said.turned} == {
        (Turn.RISES, Severity.MINOR, Severity.MAJOR)
    }


def test_the_preview_tells_only_of_events_that_the_person_may_see(session, weekends):
    for viewer, number in ((STRANGER, 4), (Viewer(frozenset({"minamata"})), 4), (Viewer(frozenset({"brs"})), 5)):
        said = look(session, viewer, weekend_start=2)
        assert said.events == len(said.turned) == number
        assert sum(count.before for count in said.counts) == number


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [(1, 0, Turn.GOES), (0, 1, Turn.APPEARS), (1, 3, Turn.RISES), (3, 1, Turn.FALLS)],
)
def test_a_finding_appears_rises_falls_or_goes(session, add_event, before, after, turn):
    add_event(first=date(2027, 3, 6), format=Format.IN_PERSON)
    put(weekend_start=before) if before != policies.packaged().weekend_start else None
    said = look(session, weekend_start=after)
    assert [(item.turn, item.before, item.after) for item in said.turned] == [(turn, before, after)]
