"""The panel beside the form: dates are checked where they are typed, and a better one is taken with one click."""

from __future__ import annotations

import html
import re
import time
import uuid
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest

from calendar_app.models import Event
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Severity, Stage, Status, Visibility
from calendar_app.services import policies
from calendar_app.services.calendar import OPERATOR, STRANGER, Viewer
from calendar_app.services.date_check import Draft, check_dates, check_several
from calendar_app.services.planning_facts import facts
from calendar_app.services.records import BodyMeeting, EventRecord, Option, Organiser, ServiceGiven, record_of
from tests.conftest import counted_queries
from tests.submit.conftest import fill_in, hidden_of, opened
from tests.work.filling import fields_of

pytestmark = [pytest.mark.xdist_group("submit"), pytest.mark.either_database]
# Monday to Friday, with no holiday anywhere near.
FIRST, LAST = date(2027, 6, 14), date(2027, 6, 18)
MERCURY = "Seventh COP of the Minamata Convention"
COP = {
    "title": "Eighteenth COP of the Basel Convention",
    "kind": "cop",
    "body": "BC-COP",
    "city": "Nairobi",
    "first_day": str(FIRST),
    "last_day": str(LAST),
}
TYPED = {"organisation": "brs", "title_language": "en", "dates": "day", "status": "confirmed", **COP}


@pytest.fixture
def mercury(add_event):
    """A COP in Geneva on the same days; gives a function, for other ones."""

    def add(**values) -> uuid.UUID:
        whose = {"steward": "minamata", "organisers": (Organiser("Minamata Secretariat", "minamata", "lead"),)}
        what = {"kind": "cop", "bodies": (BodyMeeting("MC-COP", 7),), "processes": ("minamata",)}
        where = {"city": "Geneva", "country": "CH"}
        days = {"first": FIRST, "last": LAST}
        return add_event(title=MERCURY, **(days | whose | what | where | values))

    return add


def said(answer) -> str:
    """What a page or a piece of one says, as one line of words."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))
    return re.sub(r"\s+", " ", re.sub("[\u2068\u2069]", "", text))


def panel(browser, **changes) -> str:
    """What the panel says of what is typed."""
    typed = {name: text for name, text in {**TYPED, **changes}.items() if text is not None}
    answer = browser.get(f"/submit/dates?{urlencode(typed, doseq=True)}")
    assert answer.status_code == 200
    assert "<html" not in answer.get_data(as_text=True)
    return said(answer)


def basel(**values) -> EventRecord:
    record = {"titles": {"en": "Basel COP"}, "kind": "cop", "bodies": (BodyMeeting("BC-COP", 18),), "city": "Nairobi"}
    return EventRecord(**(record | {"country": "KE", "span": Span.inclusive(FIRST, LAST), "steward": "brs"} | values))


def check(session, viewer: Viewer, steward: str = "brs", deciding=(), **values):
    return check_dates(
        session, viewer, uuid.uuid4(), steward, basel(**values), facts(), policies.in_force(session),
        not_before=date(2026, 11, 20), deciding=deciding,
    )  # fmt: skip


def test_it_says_what_dates_run_into_why_and_what_would_be_better(client, mercury):
    other = mercury()
    text = panel(client)
    assert f"“{MERCURY}”" in text
    assert "Critical" in text
    assert "take place at the same time: 14–18 June 2027" in text
    assert "Both meetings draw on the same people" in text
    assert "5 better dates" in text
    assert text.count("Use these dates") == 5
    assert "Runs into nothing." in text
    assert f"/events/{other}" in client.get(f"/submit/dates?{urlencode(TYPED)}").get_data(as_text=True)


def test_dates_that_run_into_nothing_are_left_alone(client, mercury):
    mercury()
    text = panel(client, first_day="2027-09-13", last_day="2027-09-17")
    assert "These dates run into nothing in the calendar." in text
    assert "Use these dates" not in text


@pytest.mark.parametrize(
    "typed",
    [
        {"first_day": None, "last_day": None},
        {"first_day": "2027-06-31"},
        {"dates": "words", "date_text": "Some day"},
        {"dates": "nonsense"},
        {"first_day": None},
    ],
)
def test_without_dates_nothing_is_said(client, mercury, typed):
    mercury()
    assert panel(client, **typed).strip() == ""


def test_a_form_that_is_not_finished_is_looked_at_as_far_as_it_goes(client, mercury):
    mercury()
    wrong = {
        "title": None,
        "status": None,
        "meeting_number": "many",
        "end_time": "7",
        "email": "no",
        "organisation": "",
    }
    assert f"“{MERCURY}”" in panel(client, **wrong, body="NO-SUCH-BODY", city="Nowhere", country="XX", convention="no")
    assert f"“{MERCURY}”" in panel(client, title=None, end_time="7", link_kind_1="prepares-for", link_event_1="nothing")
    assert f"“{MERCURY}”" in panel(client, body="", meeting_number="17", kind="cop")


def test_dates_that_are_not_exact_give_a_possible_clash_that_is_minor_at_most(client, mercury):
    mercury()
    text = panel(client, dates="month", month="2027-06", first_day=None, last_day=None)
    assert "could take place at the same time" in text
    assert "Minor" in text
    assert "Critical" not in text
    assert "Use these dates" not in text


def test_holidays_and_what_could_be_joined_are_said_too(client, mercury):
    mercury(city="Nairobi", country="KE")
    text = panel(client, first_day="2027-06-21", last_day="2027-06-25")
    assert "What they could join" in text
    assert "could share one journey" in text
    assert "This event falls on" in panel(client, first_day="2027-05-31", last_day="2027-06-04")


def test_what_is_said_to_be_planned_together_does_not_clash(client, mercury):
    other = mercury()
    text = panel(client, link_kind_1="overlap-intended", link_event_1=f"/events/{other}")
    assert "Critical" not in text
    assert "held at the same time on purpose" in text


def test_a_stranger_learns_nothing_of_what_is_not_public(session, client, mercury):
    for values in ({"visibility": Visibility.MEMBERS}, {"visibility": Visibility.STEWARD}, {"stage": Stage.SCHEDULED}):
        mercury(**values)
    done = check(session, STRANGER)
    assert (done.findings, done.hidden, done.better) == ((), (), ())
    assert "run into nothing" in panel(client)


def test_who_decides_for_the_event_is_told_whose_hidden_event_it_meets_and_nothing_else(session, mercury, signed_in):
    mercury(visibility=Visibility.STEWARD)
    brs = Viewer(frozenset({"brs"}))
    done = check(session, brs, deciding={"brs"})
    assert done.findings == ()
    assert done.hidden == ("minamata",)
    assert done.worst is Severity.NONE
    # Neither another member, nor somebody who sends it to another organisation, nor who decides nothing.
    assert check(session, Viewer(frozenset({"gfc"})), deciding={"gfc"}).hidden == ()
    assert check(session, brs, steward="gfc", deciding={"brs"}).hidden == ()
    assert check(session, brs).hidden == ()
    text = panel(signed_in("ana@brs.example", brs="coordinator"))
    assert "These dates meet an event that Minamata has not shared. Please ask Minamata." in text
    for word in (MERCURY, "Geneva", "Critical", "Major", "Minor", "in the calendar"):
        assert word not in text, word
    for browser in (
        signed_in("gil@gfc.example", gfc="coordinator"),
        signed_in("con@brs.example", brs="contributor"),
    ):
        text = panel(browser)
        assert "has not shared" not in text
        assert "run into nothing in the calendar" in text


def test_of_an_event_that_is_saved_all_its_stewards_members_are_told(session, mercury, add_event):
    mercury(visibility=Visibility.STEWARD)
    own = add_event(title="Basel COP", first=FIRST, last=LAST, kind="cop", bodies=(BodyMeeting("BC-COP", 18),))

    def told(organisation: str, steward: str) -> tuple[str, ...]:
        viewer = Viewer(frozenset({organisation}))
        policy = policies.in_force(session)
        return check_dates(session, viewer, own, steward, basel(), facts(), policy, deciding=()).hidden

    assert told("brs", "brs") == ("minamata",)
    # Who says of the event of another organisation that it is the own one learns nothing.
    assert told("gfc", "gfc") == ()


def test_nothing_internal_of_a_hidden_event_can_be_found_out_by_typing_the_same(session, mercury):
    """Key persons, services and candidate dates: what is told is the same with them and without."""
    brs, week = Viewer(frozenset({"brs"})), timedelta(weeks=1)
    apart = {"kind": "workshop", "bodies": (), "processes": (), "visibility": Visibility.STEWARD}
    lent = (ServiceGiven("brs", "it", 2),)
    mercury(**apart, audiences=("crc-members",), key_persons=("Zoe Key",), services=lent)
    away = {"first": FIRST + 20 * week, "last": LAST + 20 * week}
    mercury(visibility=Visibility.STEWARD, **away, options=(Option(FIRST + 4 * week, LAST + 4 * week),))
    mine = {"kind": "workshop", "bodies": (), "audiences": ("poprc-members",), "key_persons": ("Zoe Key",)}
    brs_holds = (Organiser("", "brs", "lead"),)
    assert check(session, OPERATOR, **mine, organisers=brs_holds).findings
    assert check(session, brs, deciding={"brs"}, **mine, organisers=brs_holds).hidden == ()
    later = Span.inclusive(FIRST + 4 * week, LAST + 4 * week)
    assert check(session, OPERATOR, span=later).findings
    assert check(session, brs, deciding={"brs"}, span=later).hidden == ()
    # Its own days do count.
    there = Span.inclusive(FIRST + 20 * week, LAST + 20 * week)
    assert check(session, brs, deciding={"brs"}, span=there).hidden == ("minamata",)


def test_what_only_the_steward_may_know_of_an_event_says_nothing_to_others(session, mercury):
    persons = {"kind": "workshop", "bodies": (), "key_persons": ("Zoe Key",)}
    mercury(**persons, audiences=("crc-members",))
    mine = {**persons, "audiences": ("poprc-members",), "organisers": ()}

    def rules(viewer: Viewer, steward: str) -> set[str]:
        found = check(session, viewer, steward, **mine).findings
        return {reason.rule for finding in found for reason in finding.reasons}

    assert "key-person" in rules(OPERATOR, "brs")
    assert "key-person" in rules(Viewer(frozenset({"brs", "minamata"})), "brs")
    assert "key-person" not in rules(Viewer(frozenset({"brs"})), "brs")
    assert "key-person" not in rules(Viewer(frozenset({"minamata"})), "brs")


def test_several_events_are_judged_at_once_as_each_would_be_alone(session, mercury, add_event):
    mercury()
    waiting = [
        add_event(title=f"Sent in {number}", first=FIRST, last=LAST, stage=Stage.SUBMITTED, **values)
        for number, values in enumerate(
            [{"kind": "cop", "bodies": (BodyMeeting("BC-COP", 18),), "city": "Nairobi"}, {"kind": "workshop"}, {}]
        )
    ]
    viewer, policy = Viewer(frozenset({"brs"})), policies.in_force(session)
    drafts = [Draft(event.id, "brs", record_of(event)) for event in (session.get_one(Event, i) for i in waiting)]
    together = check_several(session, viewer, drafts, facts(), policy)
    for draft in drafts:
        alone = check_dates(session, viewer, *draft, facts(), policy)
        assert together[draft.event].findings == alone.findings
    assert together[waiting[0]].worst is Severity.CRITICAL


def test_better_dates_are_those_of_the_finder_and_never_in_the_past(session, mercury):
    mercury()
    done = check_dates(
        session, OPERATOR, uuid.uuid4(), "brs", basel(), facts(), policies.in_force(session), not_before=FIRST
    )
    assert done.better
    assert all(window.span.start >= FIRST for window in done.better)
    assert all(window.span.days == 5 for window in done.better)


def test_one_click_fills_a_better_date_in_and_keeps_everything_else_without_a_script(client, mercury):
    mercury()
    page = client.post("/submit", data=fill_in(**COP, action="check", venue="Hall 7") | opened(client))
    text = page.get_data(as_text=True)
    assert "Critical" in text
    value = re.search(r'name="use"\s+value="([^"]+)"', text)[1]
    first, last = value.split("/")
    # A form that is not finished is no hindrance.
    kept = fields_of(text, "/submit") | {"use": [value], "email": [""]}
    answer = client.post("/submit", data=kept)
    assert answer.status_code == 200
    fields = fields_of(answer.get_data(as_text=True), "/submit")
    assert (fields["first_day"], fields["last_day"], fields["dates"]) == ([first], [last], ["day"])
    assert (fields["title"], fields["venue"], fields["kind"]) == ([COP["title"]], ["Hall 7"], ["cop"])
    assert fields["key"] == kept["key"]
    assert "are filled in. Nothing is sent yet." in said(answer)
    assert "field-error" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "value", ["", "x", "2027-06-18", "2027-06-18/2027-06-14", "0001-01-01/0001-01-05", "9999-12-31/9999-12-31", "a/b/c"]
)
def test_what_is_no_better_date_is_not_filled_in(client, value):
    data = fill_in(**COP, use=value, action="check") | opened(client)
    fields = fields_of(client.post("/submit", data=data).get_data(as_text=True), "/submit")
    assert fields["first_day"] == [str(FIRST)]


def test_one_button_checks_dates_and_duplicates(client, mercury):
    mercury()
    page = client.get("/submit?new=1").get_data(as_text=True)
    assert "Check dates and duplicates" in page
    assert "Check for duplicates" not in page
    text = said(client.post("/submit", data=fill_in(**COP, action="check") | opened(client)))
    assert "Critical" in text
    assert "Nothing like it is in the calendar." in text


def test_a_form_with_mistakes_and_a_draft_come_with_the_panel(client, mercury):
    mercury()
    refused = client.post("/submit", data=fill_in(**(COP | {"title": ""})) | opened(client))
    assert refused.status_code == 422
    assert f"“{MERCURY}”" in said(refused)
    client.post("/submit", data=fill_in(**COP, action="draft") | opened(client))
    assert f"“{MERCURY}”" in said(client.get("/submit"))


def test_an_own_event_is_looked_at_as_it_would_be_changed(signed_in, mercury, add_event):
    mercury()
    ana = signed_in("ana@brs.example", brs="coordinator")
    own = add_event(
        title="Basel COP", first=date(2027, 9, 13), last=date(2027, 9, 17), kind="cop", city="Nairobi", country="KE",
        bodies=(BodyMeeting("BC-COP", 18),),
    )  # fmt: skip
    page = ana.get(f"/events/{own}/move").get_data(as_text=True)
    assert f'data-event="{own}"' in page
    only = {"event": str(own), "dates": "day", "first_day": str(FIRST), "last_day": str(LAST)}
    text = said(ana.get(f"/submit/dates?{urlencode(only)}"))
    assert "Critical" in text
    assert "“Basel COP”" not in text
    mo = signed_in("mo@minamata.example", minamata="coordinator")
    assert mo.get(f"/submit/dates?{urlencode(only)}").status_code == 403


def test_a_better_date_is_filled_into_the_form_for_moving_and_nothing_is_moved(signed_in, mercury, add_event, session):
    mercury()
    ana = signed_in("ana@brs.example", brs="coordinator")
    own = add_event(
        title="Basel COP", first=FIRST, last=LAST, kind="cop", city="Nairobi", country="KE",
        bodies=(BodyMeeting("BC-COP", 18),),
    )  # fmt: skip
    page = ana.get(f"/events/{own}/move").get_data(as_text=True)
    value = re.search(r'name="use"\s+value="([^"]+)"', page)[1]
    answer = ana.post(f"/events/{own}/move", data=fields_of(page) | {"use": value, "reason": "Why"})
    assert answer.status_code == 200
    fields = fields_of(answer.get_data(as_text=True))
    assert fields["first_day"] == [value.split("/")[0]]
    assert fields["reason"] == ["Why"]
    assert hidden_of(page)["csrf_token"]
    session.rollback()
    assert session.get(Event, own).start == FIRST


def test_it_asks_the_database_a_constant_number_of_times(client, mercury, add_event):
    mercury()
    panel(client)
    with counted_queries() as few:
        panel(client)
    for number in range(12):
        experts = {"kind": "expert-group", "bodies": (BodyMeeting("SC-POPRC", number),)}
        add_event(title=f"Experts {number}", first=FIRST, last=LAST, city="Rome", country="IT", **experts)
    with counted_queries() as many:
        panel(client)
    assert len(many) == len(few), many
    assert len(few) <= 16, few


def test_it_answers_quickly_on_the_real_calendar(packaged_app):
    with packaged_app.app_context():
        browser = packaged_app.test_client()
        took = []
        for _ in range(6):
            begun = time.perf_counter()
            text = panel(browser, first_day="2025-11-03", last_day="2025-11-07")
            took.append(time.perf_counter() - begun)
    assert "Sixth meeting of the Conference of the Parties to the Minamata Convention" in text
    # Ten times what it takes when the machine has nothing else to do.
    assert min(took) < 0.6, took


def test_precision_and_status_count_as_the_rules_say(session, mercury):
    mercury()
    assert check(session, STRANGER).worst is Severity.CRITICAL
    assert check(session, STRANGER, status=Status.TENTATIVE).worst is Severity.MAJOR
    vague = {"span": Span(date(2027, 6, 1), date(2027, 7, 1)), "precision": Precision.MONTH}
    assert check(session, STRANGER, **vague).worst is Severity.MINOR
    assert check(session, STRANGER, status=Status.CANCELLED).findings == ()


def test_a_title_is_a_title_whatever_is_in_it(client, mercury, add_event):
    what = {"kind": "cop", "bodies": (BodyMeeting("MC-COP", 8),), "city": "Rome", "country": "IT"}
    add_event(title="<img src=x onerror=alert(1)>", first=FIRST, last=LAST, **what)
    text = client.get(f"/submit/dates?{urlencode(TYPED)}").get_data(as_text=True)
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_checking_dates_is_limited(limited):
    client = limited.test_client()
    statuses = [client.get(f"/submit/dates?first_day=2027-04-{1 + n % 28}").status_code for n in range(62)]
    assert statuses[:60] == [200] * 60
    assert 429 in statuses[60:]


@pytest.mark.parametrize("path", ["/submit/dates", "/submit/duplicates"])
def test_a_number_without_measure_is_no_error_of_the_server(client, signed_in, path):
    typed = urlencode({**TYPED, "expected_participants": "9" * 400})
    for browser in (client, signed_in("ana@brs.example", brs="coordinator")):
        assert browser.get(f"{path}?{typed}").status_code == 200


def test_dates_too_long_to_be_compared_are_said_to_be_so(client, mercury):
    mercury()
    text = panel(client, first_day="2027-03-01", last_day="2027-09-30")
    assert "Dates of more than 92 days are not compared with those of other events." in text
    assert "run into nothing" not in text
    text = panel(client, dates="year", first_day=None, last_day=None, year="2027")
    assert "A year is too open to be compared with the dates of other events." in text


def test_on_a_page_without_dates_a_better_date_leads_to_moving_the_event(signed_in, mercury, add_event):
    mercury()
    event = add_event(
        title="Basel COP", first=FIRST, last=LAST, kind="cop", bodies=(BodyMeeting("BC-COP", 18),), city="Nairobi",
        country="KE",
    )  # fmt: skip
    ana = signed_in("ana@brs.example", brs="coordinator")
    for page in (f"/events/{event}/edit", f"/submit/dates?event={event}"):
        text = html.unescape(ana.get(page).get_data(as_text=True))
        assert 'name="use"' not in text
        found = re.search(r"/events/[^\"]*/move.use=([^\"]*)", text)
        assert found, text[text.find("dates-panel") :]
        link, days = found[0], found[1]
    fields = fields_of(ana.get(link).get_data(as_text=True))
    first, last = days.replace("%2F", "/").split("/")
    assert (fields["first_day"], fields["last_day"]) == ([first], [last])
    sent = ana.post(link, data=fields | {"reason": "Better.", "first_day": "2027-09-13", "last_day": "2027-09-17"})
    assert sent.status_code == 303
    moved = ana.get(f"/events/{event}").get_data(as_text=True)
    assert "13–17 September 2027" in moved


def test_what_is_published_is_said_to_be_and_what_it_runs_into(signed_in, mercury):
    mercury()
    ana = signed_in("ana@brs.example", brs="coordinator")
    typed = fill_in(**TYPED, sure="1", action="publish", decision="The host offers these days alone.")
    answer = ana.post("/submit", data=typed | opened(ana))
    assert answer.status_code == 303
    text = said(ana.get(answer.location))
    assert "Your event is published" in text
    assert "when it is decided on" not in text
    assert "Look at this clash" in text
    assert TYPED["title"] in text
    plain = fill_in(sure="1", action="publish")
    assert "Your event is published" in said(ana.post("/submit", data=plain | opened(ana), follow_redirects=True))


def test_too_short_a_sentence_is_no_decision(signed_in, mercury):
    mercury()
    ana = signed_in("ana@brs.example", brs="coordinator")
    answer = ana.post("/submit", data=fill_in(**TYPED, sure="1", action="publish", decision="ok") | opened(ana))
    assert answer.status_code == 422
    assert "Write a sentence of at least 10 characters that others will understand." in said(answer)


def test_bodies_without_measure_are_refused_at_once_and_short_names_are_known(signed_in):
    ana = signed_in("ana@brs.example", brs="coordinator")
    begun = time.perf_counter()
    answer = ana.post("/submit", data=fill_in(body="BC COP;" * 20_000, meeting_number="1") | opened(ana))
    assert time.perf_counter() - begun < 6
    assert answer.status_code == 422
    assert "Field cannot be longer than" in said(answer)
    answer = ana.post("/submit", data=fill_in(body="; ".join(["BC-COP"] * 21)) | opened(ana))
    assert "Name at most 20 bodies." in said(answer)
    answer = ana.post("/submit", data=fill_in(body="CRC; POPRC", sure="1") | opened(ana))
    assert answer.status_code == 303
