"""The finder's page: from a form whose address is the search to windows with their reasons, and dates that are held."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from calendar_app.extensions import clock, db
from calendar_app.models import Event
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import OptionState, Stage, Status, Visibility
from calendar_app.services import options
from calendar_app.services.records import BodyMeeting, Option, Organiser, record_of
from tests.conftest import counted_queries
from tests.web.forms import post, token_of

if TYPE_CHECKING:
    import uuid

pytestmark = pytest.mark.either_database

WANTED = {
    "kind": "cop", "days": "5", "body": "BC-COP", "organiser": "brs", "city": "Geneva", "format": "in-person",
    "earliest": "2027-06", "latest": "2027-07",
}  # fmt: skip
SESSION = {
    "kind": "cop",
    "bodies": (BodyMeeting("RC-COP", 14),),
    "processes": ("rotterdam",),
    "organisers": (Organiser("BRS", "brs"),),
    "city": "Nairobi",
    "country": "KE",
    "format": "in-person",
}


@pytest.fixture
def ana(signed_in):
    """A coordinator of BRS."""
    return signed_in("ana@brs.example", brs="coordinator")


def address(**changes) -> str:
    return "/finder?" + urlencode({**WANTED, **changes}, doseq=True)


def page_of(browser, where: str, status: int = 200) -> str:
    answer = browser.get(where)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return html.unescape(answer.get_data(as_text=True))


def text_of(piece: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", piece).split())


def heat(page: str) -> dict[str, str]:
    """Return what a screen reader says of each day on which the meeting could start."""
    buttons = re.findall(r'<button[^>]*name="day"[^>]*value="([^"]+)"[^>]*>(.*?)</button>', page, re.DOTALL)
    hidden = re.compile(r"<span[^>]*aria-hidden[^>]*>.*?</span>", re.DOTALL)
    return {day: text_of(hidden.sub("", said)) for day, said in buttons}


def windows(page: str) -> list[str]:
    found = page[page.index('class="windows"') :] if 'class="windows"' in page else ""
    return [text_of(item) for item in re.findall(r"<bdi>(\d.*?)</bdi>", found.partition("</ol>")[0])]


def test_the_empty_form_asks_nothing_and_begins_with_the_own_organisation(ana):
    page = page_of(ana, "/finder")
    assert re.search(r'<input[^>]*name="organiser"[^>]*value="brs"[^>]*>', page)
    assert re.search(r'checked[^>]*name="organiser"[^>]*value="brs"', page)
    assert 'value="2026-12"' in page
    assert "heat-map" not in page
    assert "field-error" not in page


def test_every_start_day_is_in_the_map_with_words_and_the_best_dates_come_first(ana, add_event):
    add_event(title="RC COP-14", first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION)
    page = page_of(ana, address())
    said = heat(page)
    assert said["2027-06-14"] == "14: a critical clash"
    assert said["2027-06-07"] in {"7: runs into nothing", "7: minor clashes only"}
    # Five days do not run over a weekend: they begin on Mondays.
    assert {date.fromisoformat(day).weekday() for day in said} == {0}
    assert next(iter(said)) == "2027-06-07"
    assert list(said)[-1] == "2027-07-26"
    listed = windows(page)
    assert listed[-1] == "14–18 June 2027"
    assert len(listed) == len(said)
    assert "“RC COP-14” and “The new meeting” take place at the same time: 14–18 June 2027." in page or (
        "“The new meeting” and “RC COP-14” take place at the same time: 14–18 June 2027." in page
    )
    assert "Expected to attend:" in page


def test_the_map_is_a_table_for_each_month_whose_colours_have_signs_and_a_legend(ana, add_event):
    add_event(title="RC COP-14", first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION)
    page = page_of(ana, address())
    assert re.findall(r"<caption>(.*?)</caption>", page) == ["June 2027", "July 2027"]
    assert re.findall(r'<abbr title="(\w+)">', page)[:5] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    critical = re.search(r'<button[^>]*is-critical[^>]*value="2027-06-14".*?</button>', page, re.DOTALL)[0]
    assert "■" in critical
    (legend,) = re.findall(r'class="heat-legend.*?</ul>', page, re.DOTALL)
    lines = [text_of(line) for line in re.findall(r"<li>(.*?)</li>", legend, re.DOTALL)]
    assert lines[4] == "■ a critical clash (1)"
    assert lines[5:] == ["1↔ would run over a weekend", "1 not asked"]


def test_a_day_on_which_the_meeting_cannot_start_says_why(ana):
    page = page_of(ana, address(earliest="2027-06-07", latest="2027-07-09", days="3", avoid="2027-06-14..2027-06-16"))
    june = page[page.index("June 2027") : page.index("July 2027")]
    none = {number: text_of(said) for number, said in re.findall(r'heat-none"[^>]*>(\d+)<.*?: (.*?)</span>', june)}
    assert none["10"] == none["11"] == "would run over a weekend"
    assert none["14"] == none["15"] == none["16"] == "you avoid this day"
    assert none["4"] == "not asked"
    assert "9" not in none
    (legend,) = re.findall(r'class="heat-legend.*?</ul>', page, re.DOTALL)
    assert "✕" in legend
    assert "you avoid this day" in legend


def test_any_day_of_the_map_can_be_looked_at(ana, add_event):
    add_event(title="RC COP-14", first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION)
    page = page_of(ana, address(day="2027-06-14"))
    chosen = page[page.index('id="day-heading"') : page.index('id="heat-heading"')]
    assert "14–18 June 2027" in chosen
    assert "RC COP-14" in chosen
    assert re.search(r'value="2027-06-14"[^>]*aria-current="date"', page)
    assert "The day you chose" not in page_of(ana, address(day="2027-06-15"))
    assert "The day you chose" not in page_of(ana, address(day="soon"))


def test_when_nothing_is_good_it_says_which_constraint_costs_most(ana, add_event):
    add_event(title="RC COP-14", first=date(2027, 6, 7), last=date(2027, 6, 18), **SESSION)
    narrow = address(earliest="2027-06-07", latest="2027-06-18", weekday="0")
    page = page_of(ana, narrow)
    assert "No dates in this time are free of major and critical clashes." in page
    sentence = re.search(r"Ending up to eight weeks later would give ([^.]*2027)\. ", page)
    assert sentence
    (link,) = re.findall(r'<a href="([^"]*)">Look at this<span class="visually-hidden">: Ending', page)
    later = page_of(ana, link)
    assert "No dates in this time" not in later
    assert f"<bdi>{sentence[1]}</bdi>" in later


def test_no_day_at_all_is_said_and_why(ana):
    page = page_of(ana, address(earliest="2027-06-07", latest="2027-06-09"))
    assert "The time between the first and the last day is shorter than the meeting." in page
    avoided = page_of(ana, address(earliest="2027-06-07", latest="2027-06-20", avoid="2027-06-01..2027-06-30"))
    assert "All days on which the meeting could take place are among those to avoid." in avoided
    assert "Giving up the days to avoid would give 7–11 June 2027." in avoided


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": ""}, "This field is required."),
        ({"days": "0"}, "A meeting lasts from 1 to 60 days."),
        ({"days": "61"}, "A meeting lasts from 1 to 60 days."),
        ({"days": "many"}, "Write a whole number of at most nine digits, such as 25."),
        ({"body": "BC-COP; nobody"}, "“nobody” is not in the list of bodies."),
        ({"earliest": "soon"}, "Give a day, such as 2027-09-06, or a month, such as 2027-09."),
        ({"earliest": "2027-13"}, "Give a day, such as 2027-09-06, or a month, such as 2027-09."),
        ({"latest": ""}, "Give a day, such as 2027-09-06, or a month, such as 2027-09."),
        ({"latest": "2027-05"}, "The last day is before the first day."),
        ({"earliest": "2026-01", "latest": "2026-02"}, "These days are over."),
        ({"latest": "2031-07"}, "At most three years are looked through at once."),
        ({"avoid": "2027-06-01..soon"}, "“2027-06-01..soon” is not a stretch of days"),
        ({"avoid": "2027-06-10..2027-06-01"}, "“2027-06-10..2027-06-01” is not a stretch of days"),
        ({"next_to": "no such event"}, "There is no such event"),
        ({"format": "telepathy"}, "This is not in the list. Choose one of the list."),
        ({"weekday": "9"}, "is not a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_all_else_stays(ana, wrong, said):
    page = page_of(ana, address(avoid="2027-06-21", **wrong) if "avoid" not in wrong else address(**wrong), 400)
    (name,) = wrong if len(wrong) == 1 else ("latest",)
    error = re.search(rf'id="{name}-error">(.*?)</p>', page, re.DOTALL)
    assert said in text_of(error[1])
    if "avoid" not in wrong:
        assert 'value="2027-06-21"' in page
    if "city" not in wrong:
        assert 'value="Geneva"' in page
    assert "heat-map" not in page


def test_what_the_form_does_not_have_is_no_address_of_it(ana):
    assert "“colour” is not a filter of this page." in page_of(ana, address(colour="red"), 400)


def test_a_short_name_of_a_body_will_do_where_it_has_no_other(ana):
    assert "is not in the list of bodies" not in page_of(ana, address(body="CRC; POPRC"))
    assert "“COP” is not in the list of bodies." in page_of(ana, address(body="COP"), 400)


def test_an_event_fills_the_form_in_and_is_searched_at_once(ana, add_event):
    event = add_event(title="RC COP-14", first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION)
    page = page_of(ana, f"/finder?event={event}")
    assert '<option selected value="cop">' in page
    for value in ("RC-COP", "Nairobi", "2027-04-19", "2027-08-13"):
        assert f'value="{value}"' in page, value
    assert "2027-06-14" in heat(page)
    # Its own dates are not in its own way.
    assert heat(page)["2027-06-14"] in {"14: runs into nothing", "14: minor clashes only"}
    assert "RC COP-14" in page


def test_an_event_whose_dates_are_not_known_is_looked_for_in_its_period(ana, add_event):
    quarter = {"first": date(2027, 4, 1), "last": date(2027, 6, 30), "precision": Precision.QUARTER}
    page = page_of(ana, f"/finder?event={add_event(**quarter, **SESSION)}")
    assert 'value="2027-04-01"' in page
    assert 'value="2027-06-30"' in page
    over = add_event(first=date(2025, 5, 5), **SESSION)
    assert 'value="2026-11-21"' in page_of(ana, f"/finder?event={over}")


def test_what_the_reader_may_not_see_is_in_the_way_of_nothing(ana, add_event, signed_in):
    hidden = {"stage": Stage.PUBLISHED, "visibility": Visibility.STEWARD, "steward": "minamata"}
    add_event(title="Secret", first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION, **hidden)
    page = page_of(ana, address(day="2027-06-14"))
    assert "Secret" not in page
    assert heat(page)["2027-06-14"] != "14: a critical clash"
    theirs = signed_in("bo@minamata.example", minamata="coordinator")
    assert heat(page_of(theirs, address()))["2027-06-14"] == "14: a critical clash"


def test_next_to_another_event_only_the_days_beside_it_are_looked_at_in_its_city(ana, add_event):
    other = add_event(title="Other", short_title="CRC-23", first=date(2027, 6, 15), last=date(2027, 6, 18), **SESSION)
    page = page_of(ana, address(next_to="CRC-23", city=""))
    assert list(heat(page)) == ["2027-06-07", "2027-06-21"]
    assert "Next to the event of 15–18 June 2027." in page
    assert list(heat(page_of(ana, address(next_to=f"/events/{other}", days="1", city="")))) == [
        "2027-06-11", "2027-06-14", "2027-06-21", "2027-06-22",
    ]  # fmt: skip
    vague = add_event(title="Vague", first=None, precision=Precision.WORDS, date_text="after the COP")
    refused = page_of(ana, address(next_to=f"/events/{vague}"), 400)
    assert "The exact days of this event are not known in the calendar yet." in refused


def held(event_id: uuid.UUID) -> list[Option]:
    db.session.expire_all()
    return list(record_of(db.session.get(Event, event_id)).options)


def test_dates_are_held_for_thirty_days_as_a_candidate_date(ana, add_event):
    event = add_event(title="RC COP-14", first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION)
    page = page_of(ana, f"/finder?event={event}")
    assert "Hold these dates" in page
    days = {"first_day": "2027-06-21", "last_day": "2027-06-25"}
    where = f"/finder/{event}/hold"
    answer = post(ana, where, days, page=f"/finder?event={event}")
    assert (answer.status_code, answer.location) == (303, f"/events/{event}/options")
    (option,) = held(event)
    assert (option.first_day, option.last_day) == (date(2027, 6, 21), date(2027, 6, 25))
    assert (option.state, option.city) == (OptionState.OPEN, "")
    assert option.held_until == clock.today() + timedelta(days=30) == clock.today() + options.HOLD
    assert "21–25 June 2027: held until 20 December 2026." in page_of(ana, answer.location)
    # Once is enough, and nothing that is over.
    again = post(ana, where, days, page=f"/finder?event={event}", follow_redirects=True)
    assert "These dates are held already" in again.get_data(as_text=True)
    past = {"first_day": "2026-06-21", "last_day": "2026-06-25"}
    refused = post(ana, where, past, page=f"/finder?event={event}", follow_redirects=True)
    assert "These dates cannot be held." in refused.get_data(as_text=True)
    assert len(held(event)) == 1


def test_in_another_city_the_dates_are_held_there(ana, add_event):
    event = add_event(first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION)
    page = page_of(ana, address(event=event, city="Rome"))
    assert '<input type="hidden" name="city" value="Rome">' in page
    days = {"first_day": "2027-06-21", "last_day": "2027-06-25", "city": "Rome"}
    post(ana, f"/finder/{event}/hold", days, page=f"/finder?event={event}")
    assert [option.city for option in held(event)] == ["Rome"]


def test_dates_of_others_are_not_held(ana, add_event, signed_in):
    event = add_event(title="RC COP-14", first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION)
    for browser in (
        signed_in("bo@minamata.example", minamata="coordinator"),
        signed_in("cy@brs.example", brs="contributor"),
    ):
        page = page_of(browser, f"/finder?event={event}")
        assert "Hold these dates" not in page
        token = token_of(browser, "/submit?new=1")
        days = {"first_day": "2027-06-21", "last_day": "2027-06-25", "csrf_token": token}
        assert browser.post(f"/finder/{event}/hold", data=days).status_code == 403
    assert held(event) == []
    # Without the token of a page of ours nothing is held either.
    assert (
        ana.post(f"/finder/{event}/hold", data={"first_day": "2027-06-21", "last_day": "2027-06-25"}).status_code < 500
    )
    assert held(event) == []


def test_an_event_that_is_cancelled_holds_no_dates(ana, add_event):
    event = add_event(first=date(2027, 6, 14), last=date(2027, 6, 18), status=Status.CANCELLED, **SESSION)
    days = {"first_day": "2027-06-21", "last_day": "2027-06-25"}
    answer = post(ana, f"/finder/{event}/hold", days, page="/submit?new=1", follow_redirects=True)
    assert "the event does not take place" in answer.get_data(as_text=True)
    assert held(event) == []


def test_a_new_event_is_put_in_with_the_dates_that_were_found(ana):
    page = page_of(ana, address())
    links = re.findall(r'<a class="btn btn-outline-primary"\s+href="(/submit\?[^"]*)"', page)
    form = page_of(ana, next(link for link in links if "first_day=2027-06-21" in link))
    for name, value in (
        ("first_day", "2027-06-21"),
        ("last_day", "2027-06-25"),
        ("city", "Geneva"),
        ("body", "BC-COP"),
    ):
        assert re.search(rf'<input[^>]*name="{name}"[^>]*value="{value}"', form), name
    assert '<option selected value="cop">' in form
    assert '<option selected value="in-person">' in form
    assert re.search(r'checked[^>]*name="convention"[^>]*value="basel"', form)
    assert "field-error" not in form


def test_the_finder_is_linked_from_the_pages_of_members_and_of_the_event(ana, client, add_event):
    event = add_event(title="RC COP-14", first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION)
    assert f'href="/finder?event={event}"' in page_of(ana, f"/events/{event}")
    assert 'href="/finder"' in page_of(ana, "/planner")
    assert "/finder" not in page_of(client, "/planner")
    assert client.get("/finder").status_code in {302, 303}


def test_it_needs_as_many_queries_for_fifty_events_as_for_two(app, ana, add_event):
    needed = []
    for count in (2, 48):
        for number in range(count):
            first = date(2027, 6, 1 + number % 28)
            add_event(title=f"Session {number}", first=first, last=first + timedelta(days=30), **SESSION)
        with counted_queries() as statements:
            page_of(ana, address())
        needed.append(len(statements))
    assert needed[0] == needed[1] <= 16


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"first_day": "9999-12-31", "last_day": "9999-12-31"}, "The year must be from 1970 to 2099."),
        ({"first_day": "0001-01-01", "last_day": "0001-01-02"}, "The year must be from 1970 to 2099."),
        ({"first_day": "2027-06-21", "last_day": "2027-12-25"}, "A meeting lasts from 1 to 60 days."),
    ],
)
def test_days_outside_the_calendar_are_not_held_and_it_says_why(ana, add_event, days, said):
    event = add_event(first=date(2027, 6, 14), last=date(2027, 6, 18), **SESSION)
    answer = post(ana, f"/finder/{event}/hold", days, page="/submit?new=1", follow_redirects=True)
    assert answer.status_code == 200
    assert said in answer.get_data(as_text=True)
    assert held(event) == []


def test_what_is_not_known_of_the_place_is_said(ana):
    page = page_of(ana, address(city="Atlantis"))
    assert "“Atlantis” is not in the list of cities: distances and holidays are not known there." in page
    assert "The official holidays" not in page
    page = page_of(ana, address(earliest="2027-11", latest="2028-02"))
    assert "The official holidays of Geneva in 2027, 2028 are not in the calendar yet." in page
    assert "not in the list of cities" not in page
    assert "The official holidays" not in page_of(ana, address(format="online"))


@pytest.mark.parametrize("name", ["CRC-23", "crc 23", "RC CRC-23", "Committee’s twenty-third meeting"])
def test_the_event_beside_is_found_by_what_people_see(ana, add_event, name):
    what = {**SESSION, "bodies": (BodyMeeting("RC-CRC", 23),)}
    add_event(title="Committee’s twenty-third meeting", first=date(2027, 6, 14), last=date(2027, 6, 18), **what)
    page = page_of(ana, address(next_to=name))
    assert "Next to the event of 14–18 June 2027." in page


def test_a_name_of_several_events_asks_for_the_address(ana, add_event):
    for title in ("One", "Other"):
        what = {**SESSION, "bodies": (BodyMeeting("RC-CRC", 23),)}
        add_event(title=title, first=date(2027, 6, 14), last=date(2027, 6, 18), **what)
    page = page_of(ana, address(next_to="RC CRC-23"), 400)
    assert "paste the address of the one you mean" in page
