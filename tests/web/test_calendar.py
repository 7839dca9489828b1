"""The calendar over HTTP: which days the address means, what is shown on them, and what is never shown."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import events
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from tests.conftest import ON_SQLITE, counted_queries

pytestmark = pytest.mark.either_database

MOST_QUERIES = 8


def page(client, query: str = "", status: int = 200) -> str:
    answer = client.get(f"/calendar{query}")
    assert answer.status_code == status, (query, answer.status_code)
    return answer.get_data(as_text=True)


def plain(text: str) -> str:
    """Return the words of a piece of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def heading(text: str) -> str:
    return plain(re.search(r"<h1>(.*?)</h1>", text, re.DOTALL)[1])


def bars(text: str) -> list[str]:
    """Return the words of each bar, in the order of the page."""
    return [plain(bar).replace(" ,", ",") for bar in re.findall(r'<li class="bar [^"]*">(.*?)</li>', text, re.DOTALL)]


def classes(text: str) -> list[set[str]]:
    return [set(names.split()) for names in re.findall(r'<li class="(bar [^"]*)">', text)]


def days(text: str) -> list[str]:
    """Return what is read out for each day."""
    found = re.findall(r'<li class="day [^"]*">(.*?)</li>', text, re.DOTALL)
    return [plain(re.search(r'<span class="visually-hidden">(.*?)</span>', day)[1]) for day in found]


def addresses(text: str) -> list[str]:
    main = text.partition("<main")[2].partition("</main>")[0]
    return [html.unescape(url) for url in re.findall(r'href="([^"]*)"', main)]


def move(text: str, rel: str) -> str:
    found = re.search(rf'<a[^>]*href="([^"]*)"[^>]*rel="{rel}"', text)
    return html.unescape(found[1]) if found else ""


# ---------- Which days ----------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "November 2026"),
        ("?view=month", "November 2026"),
        ("?view=week", "16–22 November 2026"),
        ("?view=day", "Friday 20 November 2026"),
        ("?from=2025-10", "October 2025"),
        ("?from=2025-10-07", "October 2025"),
        ("?from=2025-10-07&view=week", "6–12 October 2025"),
        ("?from=2025-10&view=week", "29 September – 5 October 2025"),
        ("?from=2025-10-07&view=day", "Tuesday 7 October 2025"),
        ("?from=2025-10&view=day", "Wednesday 1 October 2025"),
        ("?from=2026-12-31&view=week", "28 December 2026 – 3 January 2027"),
        ("?utm_source=mail&from=2025-10", "October 2025"),
    ],
)
def test_the_address_says_which_month_week_or_day_is_shown(client, query, expected):
    text = page(client, query)
    assert heading(text) == expected
    assert f"<title>{expected} – " in text


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?view=year", "“year” is not a value of the filter “view”."),
        ("?view=", "is not a value of the filter “view”."),
        ("?view=week&view=day", "“view” can be given only once."),
        ("?from=2025-13", "“2025-13” in “from” is not a date"),
        ("?from=1969-12-31", "“1969-12-31” in “from” is not a date"),
        ("?from=2100-01", "“2100-01” in “from” is not a date"),
        ("?kind=party", "“party” is not a value of the filter “kind”."),
        ("?page=2", "“page” is not a filter of this page."),
        ("?from=2025-10&to=2025-09", "“to” (2025-09) is before “from”."),
    ],
)
def test_what_the_calendar_does_not_have_is_answered_400_and_named(client, query, named):
    assert named in plain(page(client, query, 400))


def test_a_wrong_view_is_answered_with_those_there_are(client):
    text = plain(page(client, "?view=year", 400))
    assert all(view in text for view in ("month", "week", "day"))


@pytest.mark.parametrize(
    ("query", "earlier", "later"),
    [
        ("?from=2025-12", "/calendar?from=2025-11", "/calendar?from=2026-01"),
        ("?from=2026-01", "/calendar?from=2025-12", "/calendar?from=2026-02"),
        ("?from=2026-01-01&view=week", "/calendar?from=2025-12-22&view=week", "/calendar?from=2026-01-05&view=week"),
        ("?from=2025-12-31&view=day", "/calendar?from=2025-12-30&view=day", "/calendar?from=2026-01-01&view=day"),
        ("?from=2025-10&kind=cop", "/calendar?kind=cop&from=2025-09", "/calendar?kind=cop&from=2025-11"),
        ("?from=1970-01", "", "/calendar?from=1970-02"),
        ("?from=1970-01-01&view=week", "", "/calendar?from=1970-01-05&view=week"),
        ("?from=1970-01-05&view=week", "/calendar?from=1970-01-01&view=week", "/calendar?from=1970-01-12&view=week"),
        ("?from=1970-01-01&view=day", "", "/calendar?from=1970-01-02&view=day"),
        ("?from=2099-12", "/calendar?from=2099-11", ""),
        ("?from=2099-12-31&view=week", "/calendar?from=2099-12-21&view=week", ""),
        ("?from=2099-12-31&view=day", "/calendar?from=2099-12-30&view=day", ""),
    ],
)  # fmt: skip
def test_earlier_and_later_lead_to_the_neighbours_and_end_where_the_calendar_ends(client, query, earlier, later):
    text = page(client, query)
    assert (move(text, "prev"), move(text, "next")) == (earlier, later)


@ON_SQLITE
@pytest.mark.parametrize("more", ["", "&to=2099-12-31&convention=basel"])
def test_every_link_of_the_calendar_leads_to_a_page_also_at_its_ends(client, add_event, more):
    add_event(first=date(1970, 1, 1), last=date(1970, 1, 5))
    add_event(first=date(2099, 12, 28), last=date(2099, 12, 31))
    # In one test, because the pages of neighbouring days lead to the same addresses.
    found = set()
    for day in ("1970-01-01", "1970-01-05", "2026-12-31", "2027-01-01", "2099-12-31"):
        for view in ("month", "week", "day"):
            ours = {url for url in addresses(page(client, f"?from={day}&view={view}{more}")) if url.startswith("/cal")}
            assert len(ours) > 2, (day, view)
            found |= ours
    assert [url for url in found if client.get(url).status_code != 200] == []


def test_days_that_the_calendar_does_not_have_are_shown_without_a_link(client):
    text = page(client, "?from=1970-01")
    heading_of_week = re.search(r'<h2 class="week-heading".*?</h2>', text, re.DOTALL)[0]
    assert addresses("<main" + heading_of_week) == ["/calendar?from=1970-01-01&view=week"]
    assert days(text)[0] == "Monday 29 December, 0 events"
    linked = {dict(parse_qsl(urlsplit(url).query)).get("from") for url in addresses(text) if "view=day" in url}
    assert linked == {str(date(1970, 1, 1) + timedelta(days=n)) for n in range(32)}


def test_an_end_of_the_filter_stays_in_links_as_long_as_it_is_not_before_what_they_show(client, add_event):
    add_event(title="Until Friday", first=date(2027, 3, 1), last=date(2027, 3, 5))
    text = page(client, "?from=2027-03&to=2027-03-03")
    assert "/calendar?from=2027-03-03&to=2027-03-03&view=day" in addresses(text)
    assert "/calendar?from=2027-03-04&view=day" in addresses(text)
    assert move(text, "next") == "/calendar?from=2027-04"
    assert move(text, "prev") == "/calendar?from=2027-02&to=2027-03-03"
    assert [url for url in addresses(text) if url.startswith("/calendar") and client.get(url).status_code != 200] == []


def test_today_is_marked_and_its_link_keeps_the_filter_and_the_view(client):
    text = page(client, "?convention=basel&from=2026-11-16&view=week")
    assert "/calendar?convention=basel&view=week" in addresses(text)
    (today,) = re.findall(r'<li class="day is-today[^"]*">(.*?)</li>', text, re.DOTALL)
    assert plain(today).endswith("Friday 20 November, 0 events Today")
    assert "is-today" not in page(client, "?from=2026-12-07&view=week")


def test_the_views_show_the_same_days_with_the_same_filter(client):
    assert {
        "/?convention=basel&from=2025-10&to=2025-10",
        "/calendar?from=2025-10&convention=basel",  # as it was asked for
        "/calendar?convention=basel&from=2025-10-01&view=week",
        "/planner?convention=basel&from=2025-10",
    } <= set(addresses(page(client, "?from=2025-10&convention=basel")))
    week = addresses(page(client, "?from=1970-01-01&view=week"))
    assert "/?from=1970-01-01&to=1970-01-04" in week


# ---------- The filter ----------


def test_the_filter_chooses_events_and_from_does_not(client, add_event):
    add_event(title="Of Basel", first=date(2027, 3, 2))
    add_event(title="Of Minamata", first=date(2027, 3, 3), processes=("minamata",))
    add_event(title="Before the month, in its first week", first=date(2027, 2, 27), last=date(2027, 3, 1))
    add_event(title="After", first=date(2027, 3, 20))
    assert len(bars(page(client, "?from=2027-03"))) == 4
    (bar,) = bars(page(client, "?from=2027-03&convention=minamata"))
    assert "Of Minamata" in bar
    assert len(bars(page(client, "?from=2027-03&to=2027-03-03"))) == 3
    assert len(bars(page(client, "?from=2027-03&q=after"))) == 1


def test_taking_a_filter_away_stays_in_the_view_and_at_the_days(client):
    text = page(client, "?convention=basel,minamata&kind=cop&from=2027-03-02&view=week")
    active = re.search(r'<ul class="active-filters".*?</ul>', text, re.DOTALL)[0]
    assert [html.unescape(url) for url in re.findall(r'href="(/calendar[^"]*)"', active)] == [
        "/calendar?convention=minamata&kind=cop&from=2027-03-02&view=week",
        "/calendar?convention=basel&kind=cop&from=2027-03-02&view=week",
        "/calendar?convention=basel&convention=minamata&from=2027-03-02&view=week",
    ]
    assert "/calendar?from=2027-03-02&view=week" in addresses(text), "clearing all filters stays there too"


def test_the_filter_form_carries_the_view_and_the_days_and_the_language(client):
    text = page(client, "?lang=en&from=2027-03-02&view=week")
    form = re.search(r'<form class="filter-form".*?</form>', text, re.DOTALL)[0]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    assert sorted(hidden) == [("from", "2027-03-02"), ("lang", "en"), ("view", "week")]
    assert len(re.findall(r'name="from"', form)) == 1


def test_subscribing_keeps_the_filter_and_leaves_out_the_days_on_the_page(client):
    assert "/subscribe?convention=basel" in addresses(page(client, "?convention=basel&from=2027-03"))


def test_an_empty_month_says_so_and_leads_on(client, add_event):
    add_event(title="Later still", first=date(2028, 1, 11))
    add_event(title="Much later", first=date(2027, 9, 14), last=date(2027, 9, 16))
    add_event(title="Another", first=date(2027, 5, 5), processes=("minamata",))
    text = page(client, "?convention=basel&from=2027-04")
    assert "No event in this month." in text
    links = addresses(text)
    assert "/calendar?from=2027-04" in links
    assert "/calendar?convention=basel&from=2027-09" in links
    assert "/?convention=basel" in links
    assert "Go to the next events that match: September 2027" in text
    assert "Go to the next events that match: 13–19 September 2027" in page(
        client, "?convention=basel&from=2027-04-01&view=week"
    )
    assert "Go to the next" not in page(client, "?convention=basel&from=2028-02")
    assert 'class="empty"' not in page(client, "?convention=basel&from=2027-09")


def test_a_month_with_nothing_but_neighbours_days_or_vague_dates_is_empty_too(client, add_event):
    add_event(title="On the last day of March", first=date(2027, 3, 31))
    text = page(client, "?from=2027-04")
    assert "On the last day of March" in text
    assert "No event in this month." in text
    add_event(title="Some day", first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER)
    assert "No event with exact dates in this month." in page(client, "?from=2027-04")


# ---------- Events ----------


def test_a_bar_says_everything_in_words(client, add_event):
    add_event(
        title="Workshop on plastic waste", first=date(2027, 3, 2), last=date(2027, 3, 4), city="Geneva", country="CH",
        status=Status.TENTATIVE, processes=("basel", "minamata"), short_title="PW workshop",
    )  # fmt: skip
    text = page(client, "?from=2027-03")
    assert bars(text) == [
        "Basel, Minamata +1 PW workshop, Workshop on plastic waste, 2–4 March 2027, Geneva, Switzerland, Tentative"
    ]
    assert classes(text) == [{"bar", "col-2", "span-3", "row-1", "is-tentative", "process-basel"}]
    assert 'title="Workshop on plastic waste"' in text


def test_an_event_over_the_end_of_a_week_is_a_bar_in_both_with_marks_at_the_cut(client, add_event):
    add_event(first=date(2027, 3, 12), last=date(2027, 3, 16), status=Status.CANCELLED)
    first, second = classes(page(client, "?from=2027-03"))
    assert {"col-5", "span-3", "goes-on", "is-cancelled"} <= first
    assert "is-begun" not in first
    assert {"col-1", "span-2", "is-begun", "is-cancelled"} <= second
    assert "goes-on" not in second


def test_days_are_read_with_their_number_of_events(client, add_event):
    for title in ("One", "Two", "Three"):
        add_event(title=title, first=date(2027, 3, 2))
    add_event(first=date(2027, 3, 3))
    shown = days(page(client, "?from=2027-03"))
    assert shown[:3] == ["Monday 1 March, 0 events", "Tuesday 2 March, 3 events", "Wednesday 3 March, 1 event"]
    assert len(shown) == 35


def test_weeks_come_with_heading_days_and_bars_in_this_order(client, add_event):
    add_event(title="First", first=date(2027, 3, 2))
    add_event(title="Second", first=date(2027, 3, 9))
    text = plain(page(client, "?from=2027-03").partition('class="weeks')[2])
    said = ["Week 9, 1–7 March 2027", "Tuesday 2 March, 1 event", "First", "Week 10, 8–14 March 2027",
            "Tuesday 9 March, 1 event", "Second"]  # fmt: skip
    assert [text.index(part) for part in said] == sorted(text.index(part) for part in said)


def test_more_than_4_rows_are_counted_in_the_month_and_listed_on_the_day(client, add_event):
    for number in range(7):
        add_event(title=f"Meeting {number}", first=date(2027, 3, 2), last=date(2027, 3, 2 + number % 2))
    text = page(client, "?from=2027-03")
    assert len(bars(text)) == 7, "all of them are in the page"
    assert sum("is-more" in names for names in classes(text)) == 3
    assert re.findall(r'class="day-more"\s+href="([^"]*)"', text) == ["/calendar?from=2027-03-02&amp;view=day"]
    assert "3 more on Tuesday 2 March" in text
    week = page(client, "?from=2027-03-02&view=week")
    assert "is-more" not in week
    assert "day-more" not in week
    day = page(client, "?from=2027-03-02&view=day")
    assert len(re.findall(r'<article class="event-line', day)) == 7


def test_an_event_without_exact_dates_is_no_bar_and_stands_below_in_its_period_alone(client, add_event):
    add_event(title="Some day in spring", first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER)
    add_event(title="Only words", first=None, date_text="in due course", precision=Precision.WORDS)
    add_event(first=date(2027, 4, 6))
    for query in ("?from=2027-04", "?from=2027-05-17&view=week", "?from=2027-06-30&view=day"):
        text = page(client, query)
        assert not any("Some day" in bar for bar in bars(text))
        assert "Some day in spring" in text.partition("Date to be confirmed")[2]
        assert "Only words" not in text
    # The week that both months share shows March in whole, but March is not the time of the event.
    assert "Some day in spring" not in page(client, "?from=2027-03")


def test_a_meeting_held_in_parts_is_shown_by_its_parts_and_not_as_open(client, add_event):
    whole = add_event(title="In parts", first=date(2027, 4, 1), last=date(2027, 5, 31), precision=Precision.MONTH)
    add_event(title="Its first part", first=date(2027, 4, 6), part_of=whole)
    text = page(client, "?from=2027-04")
    assert any("Its first part" in bar for bar in bars(text))
    assert "Date to be confirmed" not in text
    assert "In parts" in text.partition("Meetings held in parts")[2]


def test_whole_and_part_are_bars_of_their_own(client, add_event):
    whole = add_event(title="The whole", first=date(2027, 4, 5), last=date(2027, 4, 9))
    add_event(title="The part", first=date(2027, 4, 6), part_of=whole)
    assert [names & {"row-1", "row-2"} for names in classes(page(client, "?from=2027-04"))] == [{"row-1"}, {"row-2"}]


def test_hours_are_those_of_the_events_zone_and_the_moment_is_there_for_the_readers_own(client, add_event):
    add_event(
        title="Webinar", first=date(2027, 7, 6), start_time="13:00", end_time="14:30", timezone="America/Lima"
    )  # fmt: skip
    add_event(
        title="Training", first=date(2027, 7, 7), last=date(2027, 7, 8), start_time="09:00", end_time="12:00",
        timezone="Africa/Nairobi",
    )  # fmt: skip
    for query in ("?from=2027-07", "?from=2027-07-06&view=week"):
        text = page(client, query)
        webinar, training = bars(text)
        assert webinar.startswith("Basel 13:00 Webinar, 6 July 2027,")
        assert "13:00–14:30 UTC−5 (18:00–19:30 UTC)" in webinar
        assert training.startswith("Basel Training, 7–8 July 2027,")
        assert "09:00–12:00 each day (Africa/Nairobi)" in training
        assert re.findall(r'data-reader-time="([^"]*)"', text) == ["2027-07-06T13:00:00-05:00"]
    day = page(client, "?from=2027-07-06&view=day")
    assert 'data-reader-time="2027-07-06T13:00:00-05:00"' in day
    assert "13:00–14:30 UTC−5 (18:00–19:30 UTC)" in day


def test_events_of_one_day_stand_in_the_order_of_their_hours(client, add_event):
    for hour in ("15:00", "", "09:30"):
        zone = "Europe/Zurich" if hour else ""
        add_event(title=f"At {hour or 'no hour'}", first=date(2027, 7, 6), start_time=hour, timezone=zone)
    shown = [re.search(r"At [\w :]+", bar)[0] for bar in bars(page(client, "?from=2027-07"))]
    assert shown == ["At no hour", "At 09:30", "At 15:00"]


def test_holidays_of_the_duty_stations_stand_at_their_days(client):
    for query in ("?from=2025-12", "?from=2025-12-22&view=week"):
        text = page(client, query)
        assert '<span class="day-closed">26 December (Geneva)</span>' in text
        assert "Friday 26 December: 26 December (Geneva)" in text
    # Everywhere, as observed by the General Assembly; and what is national or only to be avoided is left out.
    assert '<span class="day-closed">Orthodox Good Friday</span>' in page(client, "?from=2026-04")
    assert "Orthodox Christmas" not in page(client, "?from=2026-01")
    assert "Madaraka" not in page(client, "?from=2025-06")


@pytest.mark.parametrize("view", ["month", "week", "day"])
def test_what_is_hidden_or_gone_is_on_no_page(client, add_event, view):
    day = date(2027, 3, 2)
    for stage in set(Stage) - {Stage.PUBLISHED}:
        add_event(title=f"Hidden as {stage}", first=day, stage=stage)
    for visibility in set(Visibility) - {Visibility.PUBLIC}:
        add_event(title=f"Hidden from all but {visibility}", first=day, visibility=visibility)
    gone = add_event(title="Hidden after it was public", first=day)
    with transaction() as session:
        event = session.get(Event, gone)
        record = replace(record_of(event), stage=Stage.WITHDRAWN)
        events.change(session, event, record, events.Change("test", clock.now()), reference())
    merged, winner = add_event(title="Hidden because merged", first=day), add_event(title="Public", first=day)
    with transaction() as session:
        event = session.get(Event, merged)
        event.merged_into_id, event.hidden_since = winner, clock.now()
        event.last_public_start, event.last_public_end = event.start, event.end
    text = page(client, f"?from={day}&view={view}")
    assert "Public" in text
    assert "Hidden" not in text
    assert 'role="status">1 event<' in text
    if view != "day":
        assert "Tuesday 2 March, 1 event" in days(text)


def test_titles_come_in_the_language_that_is_wanted_and_say_so(client, add_event):
    add_event(titles={"en": "Workshop", "fr": "Atelier"}, short_title="WS 1", first=date(2027, 3, 2))
    text = page(client, "?lang=fr&from=2027-03")
    assert re.search(r'class="bar-title bar-only"\s+dir="auto"\s+lang="fr">Atelier<', text)
    assert "WS 1" not in text, "short titles are English"
    assert "WS 1" in page(client, "?from=2027-03")
    assert "/calendar?from=2027-04&lang=fr" in addresses(text)


@ON_SQLITE
@pytest.mark.parametrize(
    "query", ["?from=2027-03", "?from=2027-03-02&view=week", "?from=2027-03-02&view=day", "?from=2028-03&organiser=brs"]
)
def test_a_page_needs_at_most_8_queries_at_any_number_of_events(client, session, add_event, query):
    counts = []
    for number in (3, 40):
        for extra in range(number):
            whole = add_event(title=f"Whole {extra}", first=date(2028, 6, 1))
            add_event(title=f"Part {extra}", first=date(2027, 3, 1 + extra % 5), part_of=whole)
        session.rollback()
        session.expunge_all()
        with counted_queries() as statements:
            page(client, query)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert max(counts) <= MOST_QUERIES


@pytest.mark.parametrize("view", ["month", "week", "day"])
def test_events_of_other_days_are_not_on_the_page(client, add_event, view):
    shown = {"month": (date(2027, 3, 1), date(2027, 4, 4)), "week": (date(2027, 3, 8), date(2027, 3, 14)),
             "day": (date(2027, 3, 9), date(2027, 3, 9))}  # fmt: skip
    first, last = shown[view]
    add_event(title="Ends the day before", first=first - timedelta(days=9), last=first - timedelta(days=1))
    add_event(title="Ends on the first day", first=first - timedelta(days=9), last=first)
    add_event(title="Begins on the last day", first=last, last=last + timedelta(days=9))
    add_event(title="Begins the day after", first=last + timedelta(days=1))
    text = page(client, f"?from=2027-03-09&view={view}")
    titles = ("Ends the day before", "Ends on the first day", "Begins on the last day", "Begins the day after")
    assert [title for title in titles if title in text] == ["Ends on the first day", "Begins on the last day"]


def test_the_list_is_a_view_with_an_address_of_its_own(client):
    answer = client.get("/calendar?view=list&convention=basel&from=2027-03")
    assert (answer.status_code, answer.location) == (302, "/?convention=basel&from=2027-03")
