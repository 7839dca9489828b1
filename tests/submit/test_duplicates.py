"""Likely duplicates: what is the same is found, what only looks alike is not, and nobody learns of hidden events."""

from __future__ import annotations

from datetime import date

import pytest

from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services.calendar import STRANGER, Viewer
from calendar_app.services.duplicates import LIKELY, Facts, Reason, compare, in_words, likely
from calendar_app.services.records import BodyMeeting, EventRecord
from calendar_app.services.text import fold
from calendar_app.services.wording import Words
from tests.submit.conftest import fill_in, hidden_of, opened
from tests.submit.test_sending import errors_of, send

pytestmark = pytest.mark.xdist_group("submit")
MAY = Span(date(2027, 5, 3), date(2027, 5, 8))


def facts(*titles: str, **values) -> Facts:
    return Facts(tuple(fold(title) for title in titles), **{"span": MAY, **values})


SAME = [
    (facts("Workshop on mercury-free dentistry"), facts("Workshop on mercury free dentistry")),
    (facts("Workshop on mercury-free dentistry"), facts("Mercury-free dentistry workshop", span=None)),
    (facts("Regional workshop on e-waste for Africa"), facts("Workshop on e-waste, Africa")),
    (
        facts("Eighteenth meeting of the COP", bodies=frozenset({("BC-COP", 18)})),
        facts("BC COP-18", bodies=frozenset({("BC-COP", 18)})),
    ),
    (
        facts("Sixth meeting of the Conference of the Parties to the Minamata Convention"),
        facts("Minamata Convention: sixth meeting of the Conference of the Parties (COP-6)"),
    ),
]
OTHER = [
    (facts("Workshop on mercury-free dentistry"), facts("Bureau of the Rotterdam Convention", city_slug="geneva")),
    (
        facts("Meeting of the Conference of the Parties", bodies=frozenset({("BC-COP", 17)})),
        facts("Meeting of the Conference of the Parties", bodies=frozenset({("BC-COP", 18)})),
    ),
    (facts("Webinar on e-waste"), facts("Webinar on e-waste", span=Span(date(2029, 1, 1), date(2029, 1, 2)))),
    (facts("Bureau", city_slug="geneva"), facts("COP", city_slug="geneva")),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_two_descriptions_of_one_meeting_are_likely_the_same(a, b):
    assert compare(a, b)[0] >= LIKELY
    assert compare(a, b) == compare(b, a)


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_meetings_that_share_only_days_place_or_a_name_are_not(a, b):
    assert compare(a, b)[0] < LIKELY
    assert compare(a, b) == compare(b, a)


def test_the_reasons_are_said_in_words():
    score, reasons = compare(facts("Webinar on lead", city_slug="bonn"), facts("Webinar on lead", city_slug="bonn"))
    assert score > LIKELY
    assert reasons == (Reason.SAME_TITLE, Reason.SAME_DAYS, Reason.SAME_CITY)
    assert in_words(reasons, Words("en")) == "same title, same days, same city"


def test_only_what_the_viewer_may_see_is_named(session, add_event):
    record = EventRecord(titles={"en": "Webinar on lead paint"}, span=MAY)
    levels = {
        level: add_event(title="Webinar on lead paint", first=MAY.start, visibility=level) for level in Visibility
    }
    draft = add_event(title="Webinar on lead paint", first=MAY.start, stage=Stage.DRAFT)
    add_event(title="Webinar on lead paint", first=MAY.start, stage=Stage.REJECTED)

    def found(viewer: Viewer) -> set:
        return {item.event_id for item in likely(session, viewer, record)}

    assert found(STRANGER) == {levels[Visibility.PUBLIC]}
    assert found(Viewer(frozenset({"minamata"}))) == {levels[Visibility.PUBLIC], levels[Visibility.MEMBERS]}
    assert found(Viewer(frozenset({"brs"}))) == {*levels.values(), draft}
    kept = likely(session, STRANGER, record, exclude=levels[Visibility.PUBLIC])
    assert kept == []


def test_a_numbered_meeting_is_found_whatever_its_title_and_days(session, add_event):
    there = add_event(title="BC COP", first=date(2029, 5, 1), bodies=(BodyMeeting("BC-COP", 19),))
    record = EventRecord(titles={"fr": "Dix-neuvième réunion"}, bodies=(BodyMeeting("BC-COP", 19),))
    assert [item.event_id for item in likely(session, STRANGER, record)] == [there]


def test_the_sender_is_asked_once_and_may_send_anyway(client, session, add_event):
    add_event(title="Workshop on mercury-free dentistry", first=date(2027, 4, 19), last=date(2027, 4, 21))
    answer = send(client)
    assert answer.status_code == 422
    assert errors_of(answer) == {}
    html = answer.get_data(as_text=True)
    assert "Is it one of these?" in html
    assert "same title, same days" in html
    assert "Nothing is sent yet" in html
    kept = hidden_of(html)
    assert 'name="sure" value="1"' in html
    assert client.post("/submit", data=fill_in(sure="1") | kept).status_code == 303


def test_checking_sends_nothing(client, session, add_event):
    answer = client.post("/submit", data=fill_in(action="check") | opened(client))
    assert answer.status_code == 200
    assert "Nothing like it is in the calendar" in answer.get_data(as_text=True)
    add_event(title="Workshop on mercury-free dentistry", first=date(2027, 4, 20))
    answer = client.post("/submit", data=fill_in(action="check") | opened(client))
    assert "Is it one of these?" in answer.get_data(as_text=True)


def test_the_piece_for_the_script_speaks_of_public_events_only(client, add_event, signed_in):
    add_event(title="Workshop on dentistry", first=date(2027, 4, 19), visibility=Visibility.STEWARD)
    address = "/submit/duplicates?title=Workshop+on+dentistry&first_day=2027-04-19"
    assert "dentistry" not in client.get(address).get_data(as_text=True)
    own = signed_in("ana@brs.example", brs="contributor").get(address).get_data(as_text=True)
    assert "Workshop on dentistry" in own
    assert "<html" not in own
    for rest in ("", "?title=", "?first_day=x", "?title=a&body=nonsense&first_day=9&year=x&lang=xx&what=1"):
        assert client.get(f"/submit/duplicates{rest}").status_code == 200


def test_a_form_that_arrives_again_is_not_asked_about_itself(signed_in, session):
    browser = signed_in("ana@brs.example", brs="coordinator")
    data = fill_in(name=None, email=None, action="publish") | opened(browser)
    first, second = (browser.post("/submit", data=data) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
