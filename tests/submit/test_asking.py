"""What the form asks for, what it takes without asking, and how it says so."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from calendar_app.models import Draft, Event
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Stage
from tests.submit.conftest import fill_in, opened
from tests.submit.test_sending import errors_of
from tests.work.filling import fields_of

pytestmark = [pytest.mark.xdist_group("submit"), pytest.mark.either_database]
HOURS = {"start_time": "09:00", "end_time": "17:00", "last_day": ""}


@pytest.fixture
def lee(signed_in):
    return signed_in("lee@minamata.example", minamata="contributor")


def send(browser, **changes):
    return browser.post("/submit", data=fill_in(name=None, email=None, **changes) | opened(browser))


def values_of_list(html: str, name: str) -> list[str]:
    options = re.search(rf'<select[^>]*name="{name}".*?</select>', html, re.DOTALL)[0]
    return re.findall(r'value="([^"]*)"', options)


def test_what_is_asked_before_sending_stands_at_the_top_too_with_a_way_to_it(lee):
    answer = send(lee, first_day="2026-04-19", last_day="")
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    link = html.index('<a href="#asks">Please look at this first. Nothing is sent yet.</a>')
    assert link < html.index('<form class="submit-form"') < html.index('id="asks"')
    assert 'href="#asks"' not in lee.get("/submit?new=1").get_data(as_text=True)


def test_how_firm_the_dates_are_is_chosen_by_nobody_but_the_sender(lee, session):
    page = lee.get("/submit?new=1").get_data(as_text=True)
    assert values_of_list(page, "status") == ["", "confirmed", "tentative"]
    assert fields_of(page, "/submit")["status"] == [""]
    for status in ("", None):
        answer = send(lee, status=status)
        assert answer.status_code == 422
        assert set(errors_of(answer)) == {"status"}
    assert send(lee, status="tentative").status_code == 303
    assert session.scalars(select(Event)).one().status == "tentative"


@pytest.mark.parametrize(
    "dates",
    [
        {"dates": "day", "first_day": "2026-11-18", "last_day": "2026-11-19"},
        {"dates": "month", "month": "2026-10"},
    ],
    ids=["days", "month"],
)
def test_what_is_over_is_asked_about(lee, dates):
    answer = send(lee, **dates)
    assert answer.status_code == 422
    assert "It is over already" in answer.get_data(as_text=True)


def test_the_present_month_is_not_over(lee):
    assert send(lee, dates="month", month="2026-11").status_code == 303


def test_the_lists_of_quarters_and_years_begin_with_the_present_one(lee):
    page = lee.get("/submit?new=1").get_data(as_text=True)
    assert values_of_list(page, "quarter")[:3] == ["", "2026-Q4", "2027-Q1"]
    assert values_of_list(page, "year")[:3] == ["", "2026", "2027"]
    assert send(lee, dates="quarter", quarter="2026-Q3").status_code == 422


def test_a_past_year_that_an_event_has_stays_when_it_is_edited(signed_in, add_event, session):
    event_id = add_event(span=Span(date(2024, 1, 1), date(2025, 1, 1)), stage=Stage.DRAFT, precision=Precision.YEAR)
    browser = signed_in("ana@brs.example", brs="coordinator")
    fields = fields_of(browser.get(f"/events/{event_id}/edit").get_data(as_text=True))
    assert fields["year"] == ["2024"]
    assert browser.post(f"/events/{event_id}/edit", data=fields | {"venue": "Hall 7"}).status_code == 303
    event = session.get(Event, event_id)
    assert (event.start.year, event.precision, event.venue) == (2024, Precision.YEAR, "Hall 7")


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ({"city": "Nakuru", "country": "KE"}, "Africa/Nairobi"),
        ({"country": "SN"}, "Africa/Dakar"),
        ({"city": "Nairobi"}, "Africa/Nairobi"),
        ({"city": "Nakuru", "country": "KE", "timezone": "Europe/Zurich"}, "Europe/Zurich"),
    ],
    ids=["country of the city", "country alone", "listed city", "chosen"],
)
def test_the_time_zone_is_taken_from_a_listed_city_or_a_country_with_one(lee, session, place, zone):
    answer = send(lee, **HOURS, **place)
    assert answer.status_code == 303, errors_of(answer)
    assert session.scalars(select(Event)).one().timezone == zone


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ({"city": "Manaus", "country": "BR"}, "“Manaus” is not in our list of cities: choose its time zone"),
        ({"city": "Nakuru"}, "“Nakuru” is not in our list of cities: choose its time zone"),
        ({"format": "online"}, "Without a city, say in which time zone the hours are"),
        ({"country": "BR"}, "Without a city, say in which time zone the hours are"),
    ],
)
def test_a_time_zone_that_nobody_can_know_is_asked_for_by_name(lee, place, sentence):
    answer = send(lee, **HOURS, **place)
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["timezone"]
    assert sentence in errors_of(answer)["timezone"]


def test_the_one_way_that_is_filled_in_counts_when_the_chosen_one_is_empty(lee, session):
    answer = send(lee, dates="day", first_day="", last_day="", quarter="2027-Q2")
    assert answer.status_code == 303, errors_of(answer)
    event = session.scalars(select(Event)).one()
    assert (event.start.isoformat(), event.precision) == ("2027-04-01", Precision.QUARTER)


@pytest.mark.parametrize(
    ("dates", "wrong"),
    [
        ({"first_day": "", "last_day": "", "month": "2027-04", "year": "2027"}, "first_day"),
        ({"dates": "month"}, None),
        ({"dates": "month", "month": "2027-13"}, "month"),
        ({"dates": "year", "first_day": "soon", "last_day": ""}, "first_day"),
    ],
    ids=["two others", "other days", "chosen one wrong", "other one wrong"],
)
def test_what_is_filled_in_is_not_guessed_at_further(lee, dates, wrong):
    answer = send(lee, **dates)
    assert answer.status_code == (422 if wrong else 303)
    assert list(errors_of(answer)) == ([wrong] if wrong else [])


def test_another_way_chosen_for_an_event_and_left_empty_does_not_leave_its_days(signed_in, add_event):
    event_id = add_event(span=Span(date(2027, 4, 19), date(2027, 4, 22)), stage=Stage.DRAFT)
    browser = signed_in("ana@brs.example", brs="coordinator")
    fields = fields_of(browser.get(f"/events/{event_id}/edit").get_data(as_text=True))
    answer = browser.post(f"/events/{event_id}/edit", data=fields | {"dates": "month"})
    assert answer.status_code == 422
    assert list(errors_of(answer)) == ["month"]


def test_who_has_an_account_can_leave_a_draft_and_start_an_empty_form(lee, client, session):
    typed = {"title": "Half a meeting", "action": "draft"}
    for browser in (lee, client):
        browser.post("/submit", data=typed | opened(browser))
    page = lee.get("/submit").get_data(as_text=True)
    assert "Half a meeting" in page
    link = re.search(r'href="([^"]*)">Keep this draft and start an empty form<', page)[1]
    assert "Half a meeting" not in lee.get(link).get_data(as_text=True)
    lee.post("/submit", data={**typed, "title": "Another"} | opened(lee, link))
    titles = {draft.form["title"][0] for draft in session.scalars(select(Draft)) if draft.account_id}
    assert titles == {"Half a meeting", "Another"}
    # The browser of a stranger would lose the first draft over a second one.
    page = client.get("/submit").get_data(as_text=True)
    assert "Discard this draft" in page
    assert "start an empty form" not in page
