"""What a digest says: each thing once, in its section, and nothing padded."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import date, timedelta
from threading import Event as Stop

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import month as month_job
from calendar_app.models import CoordinationSlot, Event, Review, ReviewDecision
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import digests, events
from calendar_app.services.digest_material import Edition
from calendar_app.services.records import Option, Organiser, record_of
from calendar_app.services.reference import reference
from tests.conftest import counted_queries
from tests.digests.composing import DECEMBER, EDITION, LINKS, composed, now, section

pytestmark = pytest.mark.either_database

BY_BRS = (Organiser("BRS", "brs"),)
COP = {"kind": "cop", "audiences": ("chemicals-delegates",), "format": "in-person"}


def change(event_id, **values) -> None:
    with transaction() as session:
        event = session.get(Event, event_id)
        made = events.Change("test", clock.now())
        events.change(session, event, replace(record_of(event), **values), made, reference())


def wait(days: int) -> None:
    clock.fixed += timedelta(days=days)


def test_a_quiet_month_is_a_short_mail(app):
    issue = composed()
    assert issue.subject == "Planning digest for BRS, December 2026"
    headings = re.findall(r"\n([^\n]+)\n-{3,}\n", issue.text)
    assert set(headings) <= {"Days for communication"}
    assert len(issue.text.splitlines()) < 40
    assert "<h2" not in issue.html or "communication" in issue.html


def test_a_critical_clash_comes_first_and_an_answer_takes_it_off_the_list(app, add_event):
    first = date(2027, 1, 25)
    add_event(title="COP in Geneva", first=first, city="Geneva", country="CH", organisers=BY_BRS, **COP)
    add_event(title="COP in Nairobi", first=first, city="Nairobi", country="KE", steward="minamata", **COP)
    issue = composed()
    told = section(issue, "Needs your decision")
    assert "Critical clash: “COP in" in told
    assert "Waits for Minamata, too." in told
    assert "Answer the clash: https://calendar.example.org/clashes/" in told
    assert issue.text.index("Critical clash") < issue.text.index("Needs your decision"), "it leads"
    assert issue.subject.endswith(": 1 thing waits for you")


def test_a_major_clash_brings_better_dates_only_to_whom_can_move(app, add_event):
    first, city = date(2027, 6, 14), {"city": "Geneva", "country": "CH"}
    people = {"audiences": ("poprc-members",), "format": "in-person", "kind": "subsidiary-body"}
    add_event(
        title="Committee of brs", first=first, last=first + timedelta(days=4), organisers=BY_BRS, **people, **city
    )
    add_event(
        title="Committee of minamata", first=first, last=first + timedelta(days=4), steward="minamata",
        organisers=(Organiser("Minamata", "minamata"),), **people, **city,
    )  # fmt: skip
    for code, own, other in (("brs", "brs", "minamata"), ("minamata", "minamata", "brs")):
        text = " ".join(composed(code).text.split())
        assert f"Better for “Committee of {own}”: " in text
        assert f"Better for “Committee of {other}”" not in text
    # Five weeks before it nobody moves it any more.
    clock.fixed = clock.fixed.replace(year=2027, month=5, day=10)
    assert "Better for" not in composed().text


def test_what_changed_is_told_with_old_and_new_dates(app, add_event):
    moved = add_event(title="The moved one", first=date(2027, 1, 11), organisers=BY_BRS)
    off = add_event(title="The cancelled one", first=date(2027, 1, 12), organisers=BY_BRS)
    firm = add_event(title="The confirmed one", first=date(2027, 1, 13), organisers=BY_BRS, status=Status.TENTATIVE)
    wait(40)
    change(moved, span=Span.inclusive(date(2027, 1, 18), date(2027, 1, 19)))
    change(off, status=Status.CANCELLED)
    change(firm, status=Status.CONFIRMED)
    add_event(title="The new one", first=date(2027, 1, 20), organisers=BY_BRS)
    told = section(composed(edition=Edition.of_month(date(2027, 1, 1))), "Changed since 28 November 2026")
    assert "Moved: * The moved one, 18–19 January 2027 Before: 11 January 2027" in told
    assert "Cancelled: * The cancelled one, 12 January 2027" in told
    assert "Confirmed: * The confirmed one, 13 January 2027" in told
    assert "New: * The new one, 20 January 2027" in told


def test_a_calendar_that_was_just_loaded_is_not_news_as_a_whole(app, add_event):
    for number in range(20):
        add_event(title=f"Loaded {number}", first=date(2027, 1, 11), organisers=BY_BRS)
    month_job.run(app, Stop())
    wait(1)
    add_event(title="Added since", first=date(2027, 1, 20), organisers=BY_BRS)
    for edition in (EDITION, Edition("2026-11-23", date(2026, 11, 1))):
        issue = composed(edition=edition)
        assert "--- New: * Added since, 20 January 2027 https" in section(issue, "Changed since 20 November 2026")
        assert "more event" not in issue.text


def test_how_many_changes_are_not_told_is_said_without_a_promise(app, add_event):
    for number in range(17):
        add_event(title=f"New {number}", first=date(2027, 1, 11), organisers=BY_BRS)
    told = section(composed(), "Changed since 20 October 2026")
    assert told.endswith("2 more events changed. https://calendar.example.org/")


def test_what_is_gone_is_told_as_it_was_to_who_saw_it_and_to_nobody_else(app, add_event):
    cop, theirs = {"kind": "cop", "steward": "gfc", "processes": ("gfc",)}, (Organiser("GFC", "gfc"),)
    hidden = add_event(title="Hidden COP", first=date(2027, 1, 11), organisers=theirs, **cop)
    gone = add_event(title="Withdrawn COP", first=date(2027, 1, 12), organisers=theirs, **cop)
    add_event(title="Internal COP", first=date(2027, 1, 13), organisers=theirs, visibility=Visibility.STEWARD, **cop)
    other = add_event(title="Workshop", first=date(2027, 1, 14), organisers=theirs, **cop | {"kind": "workshop"})
    over = add_event(title="Past COP", first=date(2026, 12, 14), organisers=theirs, **cop)
    wait(40)
    again = Span.inclusive(date(2027, 3, 1), date(2027, 3, 2))
    change(hidden, visibility=Visibility.STEWARD, titles={"en": "Secret name"}, span=again, organisers=BY_BRS)
    change(gone, stage=Stage.WITHDRAWN)
    change(other, visibility=Visibility.STEWARD)
    change(over, stage=Stage.WITHDRAWN)
    edition = Edition.of_month(date(2027, 1, 1))
    issue = composed(edition=edition)
    told = section(issue, "Changed since 28 November 2026")
    listed = "* Hidden COP, 11 January 2027 * Withdrawn COP, 12 January 2027"
    assert told.endswith(f"No longer in the calendar: {listed}")
    for never in ("Secret name", "1–2 March", "Internal COP", "Workshop", "Past COP", str(hidden), str(gone)):
        assert never not in issue.text + issue.html + issue.ics
    # Who keeps it sees it still.
    assert "No longer" not in composed("gfc", edition=edition).text


def test_own_events_and_those_of_others_that_matter_stand_apart_and_each_is_told_in_full_once(app, add_event):
    first = date(2027, 1, 12)
    add_event(title="Own", first=first, organisers=BY_BRS, city="Rome", country="IT", format="in-person")
    add_event(title="A COP of others", first=first, kind="cop", steward="gfc", city="Lima", country="PE")
    add_event(title="A workshop of others", first=first, kind="workshop", steward="gfc", processes=("gfc",))
    add_event(title="Far COP", first=date(2028, 5, 1), kind="cop", steward="gfc")
    vague = Span(date(2028, 4, 1), date(2028, 7, 1))
    change(
        add_event(title="Vague COP", first=date(2028, 4, 1), kind="cop", steward="gfc"),
        span=vague, precision=Precision.QUARTER, status=Status.TENTATIVE,
    )  # fmt: skip
    issue = composed()
    own = section(issue, "Your next 90 days")
    assert "January 2027: * Own, 12 January 2027 Rome, Italy · In person" in own
    others = section(issue, "Others’ events that matter to you")
    assert "A COP of others, 12 January 2027 Lima, Peru" in others
    assert "workshop of others" not in issue.text
    far = section(issue, "Sessions of Parties in the next two years")
    assert "* Far COP, 1 May 2028" in far
    assert "* Tentative: Vague COP, date to be confirmed (2nd quarter 2028)" in far
    assert issue.text.count("Lima") == 1
    assert issue.ics.count("BEGIN:VEVENT") == 2


def test_actions_holds_slots_and_deadlines_are_told_with_owner_and_day(app, add_event):
    hold = Option(date(2027, 4, 1), date(2027, 4, 2), held_until=date(2026, 12, 4))
    add_event(title="Not fixed", first=date(2027, 6, 1), organisers=BY_BRS, options=(hold,))
    add_event(title="Call for papers", kind="deadline", first=date(2026, 12, 15), organisers=BY_BRS)
    cop = add_event(title="Joint COP", kind="cop", first=date(2027, 1, 25), steward="gfc")
    with transaction() as session:
        made = {"changed_at": clock.now(), "changed_by": "x", "version": 1}
        session.add(
            CoordinationSlot(
                event_id=cop, slot="statements", state="open", owner_organisation="brs", owner_name="Ana",
                deadline=date(2026, 12, 20), **made,
            )
        )  # fmt: skip
        session.add(Review(month=date(2026, 11, 1), state="closed", version=1, sign_offs={}))
        session.flush()
        values = {"line": "x", "subject": "", "state": "open", "made_at": clock.now(), "made_by": "x", "version": 1}
        for text, owner, day in (
            ("Write to the host", "brs", date(2026, 11, 1)),
            ("Book the room", "brs", date(2026, 12, 10)),
            ("Not for us", "gfc", date(2026, 12, 10)),
        ):
            month = date(2026, 11, 1)
            session.add(ReviewDecision(month=month, text=text, owner_organisation=owner, due_on=day, **values))
    issue = composed()
    told = section(issue, "Needs your decision")
    late = told.index("Late action: Write to the host, by 1 November 2026")
    held = told.index("Hold ends: Not fixed, 1–2 April 2027, held until 4 December 2026")
    assert late < held < told.index("Action: Book the room, by 10 December 2026")
    assert "Not for us" not in issue.text
    assert "Statements: Ana (BRS), by 20 December 2026" in section(issue, "To coordinate with the others")
    assert "Call for papers, 15 December 2026" in section(issue, "Deadlines")
    assert "Late action: Write to the host" in issue.text.split("Needs your decision")[0], "it leads"


def test_the_weekly_digest_is_shorter_and_looks_four_weeks_ahead(app, add_event):
    add_event(title="Soon", first=date(2026, 12, 10), organisers=BY_BRS)
    add_event(title="Later", first=date(2027, 2, 1), organisers=BY_BRS)
    add_event(title="Far COP", kind="cop", first=date(2028, 2, 1))
    issue = composed(edition=Edition("2026-11-23", date(2026, 11, 1)))
    assert issue.subject.startswith("Weekly planning digest for BRS, 20 November 2026")
    assert "Soon, 10 December 2026" in section(issue, "Your next four weeks")
    assert "Later" not in section(issue, "Your next four weeks")
    assert section(issue, "Sessions of Parties in the next two years") == ""


def test_html_is_tables_with_inline_style_and_plain_text_is_as_good(app, packaged):
    issue = composed()
    assert max(map(len, (line for line in issue.text.splitlines() if "://" not in line))) <= 76
    for forbidden in ("<style", "<link", "<img", "<script", "class=", "@media", "src="):
        assert forbidden not in issue.html
    assert issue.html.count('role="presentation"') == issue.html.count("<table ")
    assert "max-width: 600px" in issue.html
    links = set(re.findall(r'href="(https://calendar.example.org[^"]*)"', issue.html))
    assert all(not re.search("token|sign", link) for link in links)
    # Each thing with a page of its own has it in the plain text, too; brief lines have one for all.
    assert len({link for link in links if link in issue.text}) > len(links) // 2
    assert len(issue.html) < 100_000, "longer mails are cut off by some programs"


def test_an_arabic_digest_runs_from_right_to_left(app, packaged):
    issue = composed(language="ar")
    assert '<html lang="ar" dir="rtl">' in issue.html
    assert issue.html.count('dir="rtl"') > 10
    assert 'align="left"' not in issue.html
    assert "text-align: left" not in issue.html
    assert "border-left" not in issue.html
    assert "UNFCCC COP 32" in issue.text, "acronyms stay as they are"


def test_an_arabic_digest_leads_to_pages_in_arabic(app, packaged, signed_in):
    issue, browser = composed(language="ar"), signed_in("ana@brs.example", brs="coordinator")
    links = set(re.findall(r"https?://[^\s\"<>]+", issue.text))
    ours = {link.removeprefix(LINKS.home_url) for link in links if link.startswith(f"{LINKS.home_url}/")}
    assert len(ours) > 3
    for link in ours:
        assert re.search(r"[?&]lang=ar$", link), link
        answer = browser.get(link, follow_redirects=True)
        assert answer.status_code == 200, link
        assert '<html lang="ar"' in answer.get_data(as_text=True), link
    assert not [link for link in links if not link.startswith(LINKS.home_url) and "lang=ar" in link]
    assert "lang=" not in composed().text


def test_queries_do_not_grow_with_events_and_by_two_with_each_organisation(app, packaged):
    def asked(*codes: str) -> int:
        db.session.rollback()
        db.session.expunge_all()
        with counted_queries() as statements:
            digests.compose(db.session(), {code: ["en"] for code in codes}, EDITION, now(), LINKS)
        return len(statements)

    asked("brs", "minamata", "chb", "gfc")
    one, four = asked("brs"), asked("brs", "minamata", "chb", "gfc")
    assert four - one <= 6
    with transaction() as session:
        known = session.scalars(select(Event).where(Event.start > DECEMBER)).first()
        record = record_of(known)
        for number in range(60):
            titles, own = {"en": f"More {number}"}, (Organiser("BRS", "brs"),)
            span = Span.inclusive(date(2027, 1, 4), date(2027, 1, 5))
            more = replace(record, titles=titles, short_title="", sources=(), span=span, organisers=own, steward="brs")
            events.create(session, uuid.uuid4(), more, events.Change("test", clock.now()), reference())
    assert asked("brs", "minamata", "chb", "gfc") - four <= 4
    assert four <= 50
