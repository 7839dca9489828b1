"""What the month brings is done once, whoever tries and whenever: planned, taken, tried again, let go."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import month as job
from calendar_app.models import Cycle, DigestSettings, DueStep
from calendar_app.planning.dates import Span
from calendar_app.services import month, outbox
from tests.mail.letters import LETTER, rows

START = datetime(2025, 8, 15, 8, tzinfo=UTC)


@pytest.fixture
def done(app, monkeypatch):
    """What was done, in order; each step writes a letter, so that half of a step would show."""
    made: list[str] = []

    def do(session, step, now, _links) -> None:
        made.append(step.key)
        outbox.queue(session, outbox.Recipient(f"{len(made)}@brs.example"), LETTER, now)

    monkeypatch.setattr(job, "ACTIONS", dict.fromkeys(job.ACTIONS, do) or {})
    for action in (month.OPENS, month.REMINDS, month.CLOSES, month.DIGEST, month.WEEKLY, month.PUBLIC_MAIL):
        monkeypatch.setitem(job.ACTIONS, action, do)
    clock.fixed = START
    job.run(app, threading.Event())
    return made


def run_at(app, *moments: datetime) -> None:
    for moment in moments:
        clock.fixed = moment
        job.run(app, threading.Event())
    db.session.rollback()
    db.session.expire_all()


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A local time in Zurich."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.zone).astimezone(UTC)


def test_a_fresh_calendar_makes_nothing_up(app, done):
    assert done == []
    assert {step.month for step in db.session.query(DueStep)} == {date(2025, 9, 1)}, "not even of August"


def test_a_month_goes_by(app, done):
    # 20 August 2025 is a Wednesday, 27 August too; 1 September is a Monday.
    hours = (START + timedelta(hours=n) for n in range(24 * 20))
    run_at(app, *hours)
    assert done == [
        "round-opens/2025-09",
        "round-reminds/2025-09",
        "round-closes/2025-09",
        *(f"digest/{code}/2025-09" for code in ("brs", "chb", "gfc", "minamata")),
        "public-mail/2025-09",
    ]
    assert len(rows()) == len(done)


def test_the_hour_is_each_organisations_own_and_moves_until_it_is_done(app, done):
    with transaction() as session:
        session.add(DigestSettings(organisation_code="chb", hour=11, weekly=False))
    run_at(app, at(date(2025, 9, 1), 7))
    assert "digest/brs/2025-09" in done
    assert "digest/chb/2025-09" not in done
    run_at(app, at(date(2025, 9, 1), 10, 59))
    assert "digest/chb/2025-09" not in done
    run_at(app, at(date(2025, 9, 1), 11))
    assert "digest/chb/2025-09" in done
    with transaction() as session:
        session.get(DigestSettings, "chb").hour = 15
    run_at(app, at(date(2025, 9, 1), 16))
    assert done.count("digest/chb/2025-09") == 1


def test_a_server_that_was_down_over_the_first_of_the_month_catches_up_once(app, done):
    run_at(app, at(date(2025, 9, 4), 9), at(date(2025, 9, 4), 10))
    assert done == sorted(set(done), key=done.index), "nothing twice"
    assert done[:3] == ["round-opens/2025-09", "round-reminds/2025-09", "round-closes/2025-09"]
    assert done.count("digest/brs/2025-09") == 1


def test_after_a_long_absence_only_what_still_makes_sense_is_done(app, done):
    run_at(app, at(date(2025, 11, 5), 9))
    assert {key.rpartition("/")[2] for key in done} == {"2025-11"}
    states = {step.key: step.state for step in db.session.query(DueStep)}
    assert states["digest/brs/2025-09"] == "passed"


def test_clocks_that_are_set_back_an_hour_repeat_nothing(app, done):
    with transaction() as session:
        month.cycle(session, clock.now()).opens_day = 26
        session.add(DigestSettings(organisation_code="brs", hour=2, weekly=True))
    # In the night to Sunday, 26 October 2025, 02:00 to 03:00 comes twice.
    night = datetime(2025, 10, 25, 22, tzinfo=UTC)
    run_at(app, *(night + timedelta(minutes=20 * n) for n in range(24 * 3 * 3)))
    assert len(done) == len(set(done))
    monday = [key for key in done if "2025-10-27" in key]
    assert monday in ([], ["weekly-digest/brs/2025-10-27"])


def test_an_hour_that_comes_twice_is_the_first_one(app):
    assert month._moment(date(2025, 10, 26), 2, clock.zone) == datetime(2025, 10, 26, 0, tzinfo=UTC)
    # And one that is left out in spring has its moment too.
    assert month._moment(date(2025, 3, 30), 2, clock.zone) == datetime(2025, 3, 30, 1, tzinfo=UTC)


def test_weekly_digests_come_on_mondays_in_the_four_weeks_before_a_cop(app, done, add_event):
    days = Span.inclusive(date(2025, 11, 3), date(2025, 11, 7))
    add_event(title="COP", kind="cop", processes=("minamata",), steward="minamata", span=days)
    with transaction() as session:
        session.add(DigestSettings(organisation_code="minamata", hour=7, weekly=True))
    run_at(app, *(at(date(2025, 9, 29), 12) + timedelta(days=n) for n in range(45)))
    assert [key for key in done if key.startswith("weekly")] == [
        f"weekly-digest/minamata/{day}" for day in ("2025-10-06", "2025-10-13", "2025-10-20", "2025-10-27")
    ]


def test_a_step_that_fails_leaves_nothing_stops_no_other_and_is_tried_again(app, done, monkeypatch, caplog):
    times = iter(range(10))

    def fails_twice(session, step, now, _links) -> None:
        outbox.queue(session, outbox.Recipient("half@brs.example"), LETTER, now)
        session.flush()
        if next(times) < 2:
            message = "the letter of half@brs.example"
            raise ValueError(message)
        done.append(step.key)

    monkeypatch.setitem(job.ACTIONS, month.DIGEST, fails_twice)
    first = at(date(2025, 9, 1), 7)
    run_at(app, first)
    assert "public-mail/2025-09" not in done
    half = [letter for letter in rows() if letter.to_email.startswith("half")]
    assert len(half) == 2, "two of four members got theirs"
    run_at(app, at(date(2025, 9, 1), 8), at(date(2025, 9, 1), 9))
    assert sorted(key for key in done if key.startswith("digest/")) == [
        f"digest/{code}/2025-09" for code in ("brs", "chb", "gfc", "minamata")
    ]
    assert "public-mail/2025-09" in done
    assert "half@brs.example" not in str([step.error for step in db.session.query(DueStep)])


def test_two_schedulers_at_once_do_a_step_once(app, done, monkeypatch):
    """The second sees the step as due, and finds it taken."""
    with transaction() as session:
        month.plan(session, at(date(2025, 9, 1), 12), clock.zone)
        seen = month.next_due(session, at(date(2025, 9, 1), 12))
    clock.fixed = at(date(2025, 9, 1), 12)
    assert job._do(seen)
    assert not job._do(seen)
    assert done == [seen.key]


def test_what_is_set_can_be_changed_until_it_is_done(app, done):
    with transaction() as session:
        session.get(Cycle, 1).opens_day = 18
    run_at(app, at(date(2025, 8, 18), 7))
    assert done == ["round-opens/2025-09"]


def test_weekly_digests_that_are_wanted_again_come_again(app, done, add_event):
    days = Span.inclusive(date(2025, 11, 3), date(2025, 11, 7))
    add_event(title="COP", kind="cop", processes=("minamata",), steward="minamata", span=days)
    with transaction() as session:
        session.add(DigestSettings(organisation_code="minamata", hour=7, weekly=True))
    run_at(app, at(date(2025, 10, 1), 12))
    for weekly in (False, True):
        with transaction() as session:
            session.get(DigestSettings, "minamata").weekly = weekly
        run_at(app, at(date(2025, 10, 2), 12))
    run_at(app, at(date(2025, 10, 6), 8))
    assert "weekly-digest/minamata/2025-10-06" in done
