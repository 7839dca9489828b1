"""Sending: each recipient once, what is kept is what was sent, and a dry run sends nothing."""

from __future__ import annotations

import email
import email.policy
from datetime import date, timedelta
from threading import Event as Stop

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import month as month_job
from calendar_app.models import Cycle, DigestIssue, DigestRecipient, DigestSettings, DueStep
from calendar_app.services import digests
from calendar_app.services.digest_material import Edition
from tests.digests.composing import EDITION, LINKS, now
from tests.mail import servers
from tests.mail.letters import deliver, rows


def add_recipient(address: str, *, code: str = "brs", **values) -> int:
    with transaction() as session:
        row = DigestRecipient(**{"organisation_code": code, "kind": "person", "email": address, **values})
        session.add(row)
        session.flush()
        return row.id


def send(*codes: str) -> int:
    with transaction() as session:
        return len(digests.send(session, codes, EDITION, now(), LINKS))


def issues() -> list[DigestIssue]:
    db.session.rollback()
    return list(db.session.scalars(select(DigestIssue).order_by(DigestIssue.language)))


def test_run_again_it_sends_nothing_twice_and_what_is_kept_is_what_went_out(app, add_event):
    add_recipient("ana@brs.example", name="Ana")
    add_recipient("desk@brs.example", kind="mailbox", language="ar")
    add_event(title="A workshop", first=date(2027, 1, 12))
    assert send("brs") == 2
    kept = [(issue.language, issue.subject, issue.text, issue.html) for issue in issues()]
    assert [(m.language, m.subject, m.text, m.html) for m in sorted(rows(), key=lambda m: m.language)] == kept
    add_event(title="Added afterwards", first=date(2027, 1, 13))
    assert send("brs") == 0
    # Somebody who joined gets the issue of the others.
    add_recipient("late@brs.example")
    assert send("brs") == 1
    assert len(rows()) == 3
    assert "Added afterwards" not in "".join(message.text for message in rows())
    assert len(issues()) == 2


def test_a_deputy_gets_it_only_while_the_other_is_away(app):
    first = now().date()
    ana = add_recipient(
        "ana@brs.example", absent_from=first + timedelta(days=1), absent_until=first + timedelta(days=9)
    )
    add_recipient("ben@brs.example", kind="deputy", deputy_of_id=ana)
    send("brs")
    assert {m.to_email for m in rows()} == {"ana@brs.example"}
    clock.fixed += timedelta(days=1)
    send("brs")
    assert {m.to_email for m in rows()} == {"ana@brs.example", "ben@brs.example"}


def test_it_arrives_with_its_calendar_file_and_no_link_that_signs_in(app, add_event, tmp_path):
    add_recipient("ana@brs.example", name="Ana")
    add_event(title="A workshop", first=date(2027, 1, 12), last=date(2027, 1, 13))
    send("brs")
    with servers.post_office() as office:
        assert deliver(app, office.transport()) == 1
    ((_address, message),) = office.taken
    (file,) = message.iter_attachments()
    assert file.get_filename() == "brs-2026-12.ics"
    assert file.get_content_type() == "text/calendar"
    assert b"A workshop" in file.get_payload(decode=True)
    assert message["List-Id"] == "<digest.brs.calendar.example.org>"
    assert message["List-Unsubscribe"] is None
    assert issues()[0].text.split() == message.get_body(("plain",)).get_content().split()


def due(app, moment) -> None:
    clock.fixed = moment
    month_job.run(app, Stop())


def test_the_schedule_sends_it_on_the_first_working_day_at_the_hour_of_each(app):
    add_recipient("ana@brs.example")
    add_recipient("toda@minamata.example", code="minamata")
    with transaction() as session:
        session.add(DigestSettings(organisation_code="minamata", hour=15, weekly=False))
    month_job.run(app, Stop())
    first = clock.fixed.replace(month=12, day=1, hour=6, minute=30)
    due(app, first)
    assert {m.to_email for m in rows() if "digest/" in (m.key or "")} == {"ana@brs.example"}
    due(app, first.replace(hour=14, minute=30))
    due(app, first.replace(hour=20))
    sent = [m.to_email for m in rows() if "digest/" in (m.key or "")]
    assert sorted(sent) == ["ana@brs.example", "toda@minamata.example"]


def test_weekly_ones_come_in_the_four_weeks_before_a_cop_if_wished(app, add_event):
    add_recipient("ana@brs.example")
    add_event(title="COP", kind="cop", first=date(2026, 12, 28))
    with transaction() as session:
        session.add(DigestSettings(organisation_code="brs", hour=7, weekly=True))
    month_job.run(app, Stop())
    start = clock.fixed.replace(month=12, day=1, hour=12)
    for day in (0, 5, 6, 13, 20, 27, 30):
        due(app, start + timedelta(days=day))
    editions = {issue.edition for issue in issues()}
    assert editions == {"2026-12", "2026-12-07", "2026-12-14", "2026-12-21"}
    db.session.rollback()
    assert not db.session.scalars(select(DueStep).where(DueStep.error != "")).all()


def test_no_weekly_one_comes_on_the_day_of_the_monthly_one(app, add_event):
    add_recipient("ana@brs.example")
    add_event(title="COP", kind="cop", first=date(2027, 2, 22))
    with transaction() as session:
        session.add(DigestSettings(organisation_code="brs", hour=7, weekly=True))
    month_job.run(app, Stop())
    # The first working day of February 2027 is a Monday.
    for day in (1, 8, 15, 22):
        due(app, clock.fixed.replace(year=2027, month=2, day=day, hour=12))
    assert {issue.edition for issue in issues()} == {"2027-02", "2027-02-08", "2027-02-15"}
    assert len([m for m in rows() if "digest/brs/" in (m.key or "")]) == 3


def test_what_nobody_gets_is_kept_and_goes_to_who_comes_later(app):
    assert send("brs") == 0
    (kept,) = issues()
    assert (kept.language, rows()) == ("en", [])
    add_recipient("ana@brs.example")
    assert send("brs") == 1
    assert [(m.to_email, m.text) for m in rows()] == [("ana@brs.example", kept.text)]


def test_the_next_one_tells_of_changes_since_the_last(app, add_event):
    add_recipient("ana@brs.example")
    send("brs")
    composed_at = issues()[0].composed_at
    clock.fixed += timedelta(days=44)
    with transaction() as session:
        digests.send(session, ["brs"], Edition.of_month(date(2027, 1, 1)), now(), LINKS)
    assert [issue.since for issue in issues() if issue.edition == "2027-01"] == [composed_at]


# ---------- The command ----------


@pytest.fixture
def run(app):
    """Run the command line as it is started: without a context of a test."""
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["digests", "send", *words])


def test_the_command_sends_once_and_says_how_many(app, run):
    for code in ("brs", "minamata", "chb", "gfc"):
        add_recipient(f"desk@{code}.example", code=code)
    first, again = (run("--month", "2026-12") for _ in range(2))
    assert (first.exit_code, first.stdout) == (0, "")
    assert "brs: 1 queued." in first.stderr
    assert "brs: 0 queued." in again.stderr
    assert len(rows()) == 4


def test_a_dry_run_writes_files_and_sends_and_keeps_nothing(app, run, add_event, tmp_path):
    add_recipient("ana@brs.example", language="ar")
    add_event(title="A workshop", first=date(2027, 1, 12))
    done = run("--month", "2026-12", "--organisation", "brs", "--dry-run", "--to", str(tmp_path / "out"))
    assert done.exit_code == 0, done.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"brs-ar.html", "brs-ar.txt", "brs-ar.ics", "brs-1.eml"}
    message = email.message_from_bytes((tmp_path / "out" / "brs-1.eml").read_bytes(), policy=email.policy.default)
    assert message["To"] == "ana@brs.example"
    assert message["Content-Language"] == "ar"
    assert rows() == []
    assert issues() == []
    # It left nothing that would keep the real one from going out.
    assert run("--month", "2026-12", "--organisation", "brs").exit_code == 0
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--month", "2026-13"], 2, "is not a month"),
        (["--month", "2026-12", "--organisation", "unep"], 2, "is no member"),
        (["--month", "2026-12", "--to", "x"], 2, "dry run"),
        ([], 2, "--month"),
        (["--month", "2026-12", "--organisation", "brs"], 1, "nobody to write to"),
    ],
)
def test_a_wrong_call_and_failed_work_say_so(app, run, words, status, said):
    done = run(*words)
    assert done.exit_code == status
    assert said in done.stderr


def test_the_cycle_is_the_one_that_was_set(app):
    """That these tests stand on the usual days: nothing is due before the calendar was set up."""
    month_job.run(app, Stop())
    db.session.rollback()
    assert db.session.get(Cycle, 1).since == clock.fixed
    assert rows() == []
