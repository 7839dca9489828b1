"""What the passing of days brings: publishing on a date, reminding of holds and releasing them."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import days
from calendar_app.models import Account, CalendarVersion, Event, OutboxMessage, Revision
from calendar_app.planning.vocabulary import OptionState, Stage, Visibility
from calendar_app.services import holds, publishing
from calendar_app.services.records import Option, record_of
from calendar_app.services.reference import reference

TODAY = date(2026, 11, 20)
MAY, JUNE = date(2027, 5, 3), date(2027, 6, 7)
ANY_ID = uuid.UUID(int=7)


def keep(app) -> None:
    """Run the jobs once, as the scheduler does."""
    for job in (days.publish, days.release, days.remind):
        job(app)
    db.session.rollback()
    db.session.expire_all()


def on(day: date) -> None:
    """Let it be nine in the morning of a day."""
    clock.fixed = clock.fixed.replace(year=day.year, month=day.month, day=day.day)


def event(event_id) -> Event:
    return db.session.get(Event, event_id)


def last_revision(event_id) -> Revision:
    return db.session.scalar(
        select(Revision).where(Revision.event_id == event_id).order_by(Revision.id.desc()).limit(1)
    )


def letters() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.to_email)))


def everything() -> tuple[int, ...]:
    """Figures that rise with every change."""
    db.session.rollback()
    tables = [db.session.scalar(select(func.count()).select_from(table)) for table in (Revision, OutboxMessage)]
    return (*tables, db.session.get(CalendarVersion, 1).version)


@pytest.fixture
def held(app, add_event, add_account):
    """Give a meeting with two candidate dates that are held until the 30th, and the people of two organisations."""
    for email, roles in {
        "ana@brs.example": {"brs": "coordinator"},
        "bea@brs.example": {"brs": "administrator", "minamata": "contributor"},
        "cid@brs.example": {"brs": "contributor"},
        "dan@minamata.example": {"minamata": "coordinator"},
        "eva@brs.example": {"brs": "coordinator"},
    }.items():
        add_account(email, **roles)
    with transaction() as session:
        session.scalar(select(Account).where(Account.email == "eva@brs.example")).active = False
        session.scalar(select(Account).where(Account.email == "bea@brs.example")).language = "ar"
    until = date(2026, 11, 30)
    return add_event(
        title="Training <b>",
        first=None,
        options=(
            Option(MAY, MAY + timedelta(days=4), "Geneva", held_until=until),
            Option(JUNE, JUNE + timedelta(days=4), held_until=until),
            Option(MAY, MAY, state=OptionState.RELEASED, held_until=until),
            Option(JUNE, JUNE),
        ),
    )


def test_an_event_becomes_public_on_its_date_and_not_before(app, client, add_event):
    event_id = add_event(title="Parties were told first", stage=Stage.SCHEDULED, publish_on=TODAY + timedelta(days=1))
    keep(app)
    assert client.get(f"/events/{event_id}").status_code == 404
    on(TODAY + timedelta(days=1))
    keep(app)
    assert "Parties were told first" in client.get(f"/events/{event_id}").text
    assert "Parties were told first" in client.get("/feeds/all.ics").text
    made = last_revision(event_id)
    assert (made.actor, made.account_id, made.action) == ("calendar", None, "published")
    assert made.reason == "Published on the date set for it, 21 November 2026."
    assert (made.before["stage"], made.after["stage"]) == ("scheduled", "published")


def test_the_day_begins_where_the_calendar_is_at_home(app, add_event):
    clock.fixed = clock.fixed.replace(hour=22, minute=59)
    event_id = add_event(stage=Stage.SCHEDULED, publish_on=TODAY + timedelta(days=1))
    keep(app)
    assert event(event_id).stage == "scheduled"
    clock.fixed += timedelta(minutes=1)
    keep(app)
    assert event(event_id).stage == "published", "23:00 UTC is midnight in Zurich"


def test_what_was_missed_is_made_up_for(app, add_event):
    event_id = add_event(stage=Stage.SCHEDULED, publish_on=TODAY - timedelta(days=40))
    keep(app)
    assert event(event_id).stage == "published"


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in {Stage.SCHEDULED, Stage.PUBLISHED}])
def test_what_nobody_decided_to_publish_stays_where_it_is(app, add_event, stage):
    event_id = add_event(stage=stage, publish_on=TODAY)
    keep(app)
    assert event(event_id).stage == stage


def test_who_may_see_it_is_as_decided(app, client, add_event):
    event_id = add_event(stage=Stage.SCHEDULED, publish_on=TODAY, visibility=Visibility.MEMBERS)
    keep(app)
    assert event(event_id).stage == "published"
    assert client.get(f"/events/{event_id}").status_code == 404


def test_those_who_decide_are_reminded_five_days_before_each_in_their_language(app, held):
    on(date(2026, 11, 24))
    keep(app)
    assert letters() == []
    on(date(2026, 11, 25))
    keep(app)
    ana, bea = letters()
    assert (ana.to_email, bea.to_email) == ("ana@brs.example", "bea@brs.example")
    assert ana.subject == "Dates of Training <b> are held until 30 November 2026"
    assert "3–7 May 2027, Geneva" in ana.text
    assert "7–11 June 2027" in ana.text
    assert ana.text.count("May 2027") == 1, "what is released or not held is left out"
    assert f"{app.config['PUBLIC_URL']}/events/{held}/options" in ana.text
    assert "Training &lt;b&gt;" in ana.html
    assert bea.language == "ar"
    assert 'dir="rtl"' in bea.html
    assert ana.key == f"hold/{held}/2027-05-03/2026-11-30/{ana_id()}"


def ana_id() -> int:
    return db.session.scalar(select(Account.id).where(Account.email == "ana@brs.example"))


def test_the_address_in_the_letter_is_one_of_ours(app):
    address = days._address(app)(ANY_ID)
    path = address.removeprefix(app.config["PUBLIC_URL"])
    endpoint, values = app.url_map.bind("").match(path)
    assert endpoint.startswith("work.")
    assert str(ANY_ID) in map(str, values.values())


def test_nobody_is_reminded_twice_unless_the_hold_is_prolonged(app, held):
    for day in (25, 26, 30):
        on(date(2026, 11, day))
        keep(app)
    assert len(letters()) == 2
    with transaction() as session:
        found = session.get(Event, held)
        for option in found.options:
            option.held_until = date(2026, 12, 10)
    on(date(2026, 12, 8))
    keep(app)
    assert len(letters()) == 4


@pytest.mark.parametrize("stage", [Stage.WITHDRAWN, Stage.REJECTED])
def test_nobody_is_reminded_of_what_was_given_up(app, held, stage):
    with transaction() as session:
        session.get(Event, held).stage = stage
    on(date(2026, 11, 25))
    keep(app)
    assert letters() == []


def test_dates_are_released_the_day_after_they_were_held(app, held):
    on(date(2026, 11, 30))
    keep(app)
    assert [option.state for option in event(held).options] == ["open", "open", "released", "open"]
    sequence = event(held).sequence
    on(date(2026, 12, 1))
    keep(app)
    options = record_of(event(held)).options
    assert [option.state for option in options] == ["released", "released", "released", "open"]
    assert options[0].held_until == date(2026, 11, 30)
    made = last_revision(held)
    assert (made.actor, made.account_id) == ("calendar", None)
    assert made.reason == "Nobody chose these dates while they were held: 3–7 May 2027; 7–11 June 2027."
    assert list(made.before) == ["options"]
    assert event(held).sequence == sequence, "the public never knew of them"


def test_doing_it_again_changes_nothing(app, held, add_event):
    add_event(stage=Stage.SCHEDULED, publish_on=TODAY)
    for day in (date(2026, 11, 25), date(2026, 12, 1)):
        on(day)
        keep(app)
        once = everything()
        keep(app)
        assert everything() == once


def end_in_the_middle(step) -> None:
    with transaction() as session:
        assert step(session)
        raise KeyboardInterrupt


def test_what_ends_in_the_middle_leaves_nothing_half_done(app, held, add_event):
    scheduled = [add_event(stage=Stage.SCHEDULED, publish_on=TODAY) for _ in range(3)]
    on(date(2026, 12, 1))
    before = everything()
    for step in (
        lambda session: publishing.publish_due(session, clock.today(), clock.now(), reference()),
        lambda session: holds.release_expired(session, clock.today(), clock.now(), reference()),
    ):
        with pytest.raises(KeyboardInterrupt):
            end_in_the_middle(step)
    assert everything() == before
    keep(app)
    assert {event(each).stage for each in scheduled} == {"published"}


def test_nobody_is_reminded_of_what_is_cancelled(app, held):
    with transaction() as session:
        session.get(Event, held).status = "cancelled"
    on(date(2026, 11, 25))
    keep(app)
    assert letters() == []
