"""Our JSON Feeds keep to version 1.1 of the format, whatever their texts hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from feeds.details import Precision
from feeds.writing import characters, json_feed
from tests.feeds.detailed import DETAILED, EXACT, HOURS, detailed, vague
from tests.feeds.golden import ENTRIES, INFO
from tests.feeds.texts import ADDRESS, TEXT, TITLE

TOP = frozenset("version title home_page_url feed_url description authors language items".split())
ITEM = frozenset("id url title content_text content_html date_published date_modified tags language _calendar".split())
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ENTRY = ENTRIES[0]


def read(data: bytes) -> dict:
    """Parse a feed and hold it against the rules of jsonfeed.org/version/1.1; every key is one of theirs or ours."""
    feed = json.loads(data.decode("utf-8"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed.keys() <= TOP
    assert feed["title"]
    assert all(feed[name].startswith("https://") for name in ("home_page_url", "feed_url"))
    assert feed["authors"]
    assert isinstance(feed["items"], list)
    for item in feed["items"]:
        assert item.keys() <= ITEM
        assert isinstance(item["id"], str)
        assert item["content_text"]
        assert MOMENT.fullmatch(item["date_modified"])
        assert MOMENT.fullmatch(item.get("date_published", item["date_modified"]))
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
        assert isinstance(item["_calendar"], dict)
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"])
    return feed


def extension(details, **entry) -> dict:
    return read(json_feed.write(INFO, [detailed(replace(ENTRY, **entry), details)]))["items"][0]["_calendar"]


def test_all_that_calendars_stumble_over_is_a_json_feed():
    feed = read(json_feed.write(INFO, DETAILED))
    assert [item["id"] for item in feed["items"]] == [entry.uid for entry in ENTRIES]
    assert [item["title"] for item in feed["items"]] == [characters.line(entry.summary) for entry in ENTRIES]
    assert [item["_calendar"]["status"] for item in feed["items"]] == [str(entry.status) for entry in ENTRIES]


def test_a_feed_without_events_is_a_feed():
    assert read(json_feed.write(INFO, []))["items"] == []


def test_the_same_entries_give_the_same_bytes():
    assert json_feed.write(INFO, DETAILED) == json_feed.write(replace(INFO), [replace(entry) for entry in DETAILED])


def test_exact_days_are_half_open_as_in_icalendar():
    assert extension(EXACT, start=date(2027, 3, 1), end=date(2027, 3, 6), location="Palais, Geneva") == {
        "title": "Second meeting",
        "status": "confirmed",
        "precision": "day",
        "dates": "1–5 March 2027",
        "start": "2027-03-01",
        "end": "2027-03-06",
        "place": "Palais, Geneva",
        "venue": "Palais",
        "city": "Geneva",
        "country": "CH",
        "format": "in-person",
        "kind": "cop",
        "conventions": ["basel"],
        "bodies": [{"code": "BC-COP", "number": 18}, {"code": "TaskForce"}],
        "organisers": [{"name": "Secretariat", "url": "https://example.org/"}, {"name": "A centre"}],
        "languages": ["en", "fr"],
        "part_of": "00000000-0000-4000-8000-000000000009",
        "sequence": 0,
    }


def test_hours_are_in_utc_beside_the_zone_of_the_place():
    found = extension(HOURS, start=HOURS.start, end=HOURS.end)
    assert (found["start"], found["end"]) == ("2027-07-01T22:30:00Z", "2027-07-02T00:30:00Z")
    assert found["timezone"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("precision", "start", "end", "earliest", "latest"),
    [
        (Precision.MONTH, date(2027, 4, 1), date(2027, 5, 1), "2027-04", "2027-04"),
        (Precision.QUARTER, date(2027, 4, 1), date(2027, 7, 1), "2027-04", "2027-06"),
        (Precision.YEAR, date(2027, 1, 1), date(2028, 1, 1), "2027", "2027"),
        (Precision.YEAR, date(2027, 1, 1), date(2029, 1, 1), "2027", "2028"),
        (Precision.WORDS, date(2027, 4, 12), date(2027, 9, 3), "2027-04", "2027-09"),
    ],
)
def test_vague_dates_have_no_day_in_them(precision, start, end, earliest, latest):
    found = extension(vague(precision, start, end), start=start, end=end)
    assert (found["earliest"], found["latest"], found["dates"]) == (earliest, latest, "some day")
    assert not {"start", "end"} & found.keys()
    assert start.isoformat() not in json.dumps(found)


def test_an_item_without_a_description_has_its_title_to_show():
    item = read(json_feed.write(INFO, [detailed(replace(ENTRY, description="", html=""), EXACT)]))["items"][0]
    assert item["content_text"] == item["title"]
    assert "content_html" not in item


def test_html_stands_beside_the_plain_text():
    entry = replace(ENTRY, description="Text", html="<p>Text</p>")
    item = read(json_feed.write(INFO, [detailed(entry, EXACT)]))["items"][0]
    assert (item["content_text"], item["content_html"]) == ("Text", "<p>Text</p>")


def test_a_position_at_the_equator_is_given():
    found = extension(EXACT, latitude=0.0, longitude=0.0)
    assert (found["latitude"], found["longitude"]) == (0.0, 0.0)


@given(title=TITLE, text=TEXT, place=TEXT, address=ADDRESS)
def test_no_text_breaks_a_feed(title, text, place, address):
    entry = replace(ENTRY, summary=title, description=text, location=place, categories=(text,), url=address)
    details = replace(EXACT, title=title, venue=place, city=place, dates=text, organisers=((text, ""),))
    item = read(json_feed.write(replace(INFO, name=title), [detailed(entry, details)]))["items"][0]
    assert item["title"] == characters.line(title)
    assert item["content_text"] == characters.text(text) or not characters.text(text)
    assert item["_calendar"].get("venue", "") == characters.line(place)


def test_moments_before_the_year_1000_have_four_digits():
    entry = replace(ENTRY, created=datetime(987, 1, 2, tzinfo=UTC))
    assert read(json_feed.write(INFO, [detailed(entry, EXACT)]))["items"][0]["date_published"] == "0987-01-02T00:00:00Z"
