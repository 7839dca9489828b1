"""The steps of a kind, as an administrator sets them: they hold for every event of the kind at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from calendar_app.extensions import clock, db
from calendar_app.models import AuditEntry, CalendarVersion, Event, LeadTimes
from calendar_app.planning.milestones import EARLIEST_WEEKS, LATEST_WEEKS
from calendar_app.services.reference import ROLES, packaged_lists
from calendar_app.services.reference_entries import read_lists
from calendar_app.services.text import slugify
from tests.work.filling import opened, send

pytestmark = pytest.mark.either_database

PAGE = "/admin/lists/kinds/webinar"
FIRST = date(2027, 5, 3)


@pytest.fixture
def root(signed_in):
    """The system administrator's browser."""
    return signed_in("root@example.org", system_administrator=True)


def steps() -> list[tuple[str, int, str]]:
    db.session.rollback()
    return [(s.name, s.weeks, s.owner) for s in read_lists(db.session()).kinds["webinar"].milestones]


def test_a_step_is_changed_added_and_removed_and_taken_back(root, signed_in, add_event, session):
    event_id = add_event(title="Webinar", kind="webinar", first=FIRST)
    sequence = session.get_one(Event, event_id).sequence
    packaged = steps()
    member = signed_in("ana@brs.example", brs="contributor")
    assert (
        "They hold for 1 coming meeting of this kind. 2 milestones are still to come, 0 milestones are late."
        in " ".join(root.get(PAGE).get_data(as_text=True).split())
    )
    changed = {
        "weeks_0": "4",
        "name_1": "",
        "name_2": "Thank the speakers",
        "weeks_2": "1",
        "side_2": "after",
        "owner_2": "steward",
    }
    assert send(root, PAGE, changed).status_code == 303
    assert steps() == [("Invitation", -4, "communications"), ("Thank the speakers", 1, "steward")]
    page = member.get(f"/events/{event_id}").get_data(as_text=True)
    assert all(text in page for text in ("5 April 2027", "Thank the speakers", "10 May 2027"))
    assert "Reminder" not in page
    # Nothing that the public sees of the event has changed.
    session.rollback()
    assert session.get_one(Event, event_id).sequence == sequence
    entry = session.query(AuditEntry).filter_by(action="lead times changed").one()
    assert entry.details["before"] == {"Invitation": "-3 (communications)", "Reminder": "-2 (communications)"}
    assert send(root, PAGE, action=f"{PAGE}/take-back").status_code == 303
    assert steps() == packaged
    session.rollback()
    assert not session.query(LeadTimes).count()
    assert "19 April 2027" in member.get(f"/events/{event_id}").get_data(as_text=True)


def test_each_state_of_the_steps_is_told_apart_so_that_other_processes_read_them_again(root, session):
    states = []
    for weeks in ("4", "5", "4", "3"):
        send(root, PAGE, {"weeks_0": weeks})
        session.rollback()
        states.append(session.get_one(CalendarVersion, 1).reference_digest)
        assert read_lists(session).digest == states[-1]
    assert states[0] == states[2]
    assert states[3] == packaged_lists().digest
    assert len(set(states)) == 3


def test_saving_what_holds_anyhow_changes_nothing(root, session):
    assert "Nothing was changed." in send(root, PAGE, follow=True).get_data(as_text=True)
    send(root, PAGE, {"weeks_0": "5"})
    send(root, PAGE, {"weeks_0": "3"})
    assert not session.query(LeadTimes).count()
    assert session.query(AuditEntry).filter_by(action="lead times changed").count() == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"weeks_0": "soon"}, "Write a whole number"),
        ({"weeks_0": ""}, "Write a number of weeks from 0 to 260."),
        ({"weeks_0": "27", "side_0": "after"}, "Write a number of weeks from 0 to 26."),
        ({"name_1": "invitation"}, "Two milestones of a kind cannot have the same name."),
        ({"name_1": "?!"}, "Write a name with letters or digits."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_saved(root, session, typed, sentence):
    answer = send(root, PAGE, typed)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert not session.query(LeadTimes).count()


def test_only_kinds_of_meetings_have_steps(root):
    assert root.get("/admin/lists/kinds/deadline").status_code == 404
    assert root.get("/admin/lists/kinds/nonsense").status_code == 404
    assert PAGE in root.get("/admin/lists/kinds").get_data(as_text=True)


def test_the_packaged_steps_could_be_saved_as_they_are(root):
    for kind in packaged_lists().kinds.values():
        names = [slugify(step.name) for step in kind.milestones]
        assert len(set(names)) == len(names), kind.slug
        assert list(kind.milestones) == sorted(kind.milestones, key=lambda step: step.weeks)
        assert all(EARLIEST_WEEKS <= s.weeks <= LATEST_WEEKS and s.owner in ROLES for s in kind.milestones)
    assert opened(root, PAGE)["name_0"] == ["Invitation"]
    assert clock.today() < FIRST - timedelta(weeks=4)
