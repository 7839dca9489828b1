"""What search engines read in the page of an event: schema.org's terms, no made-up day, nothing that ends the block."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given

from feeds.details import Attendance, EventDetails, Precision, State
from feeds.writing import characters, json_ld
from tests.feeds.detailed import DETAILED, EXACT, HOURS, vague
from tests.feeds.texts import ADDRESS, TEXT, TITLE


def read(details: EventDetails) -> dict:
    found = json.loads(json_ld.write(details))
    assert (found["@context"], found["@type"]) == ("https://schema.org", "Event")
    return found


class Block(HTMLParser):
    """Reads a page with one block of data in it, and notes what else it holds."""

    def __init__(self, data: str) -> None:
        super().__init__()
        self.data = ""
        self.tags: list[str] = []
        self.feed(f'<script type="application/ld+json">{data}</script><p>after</p>')
        self.close()

    def handle_starttag(self, tag, _attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.data += data if self.tags == ["script"] else ""


def test_an_event_in_full():
    assert read(EXACT) == {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": "https://calendar.example.org/events/1",
        "url": "https://calendar.example.org/events/1",
        "name": "Second meeting",
        "description": "What it is about.",
        "startDate": "2027-03-01",
        "endDate": "2027-03-05",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": "Palais",
            "address": {"@type": "PostalAddress", "addressLocality": "Geneva", "addressCountry": "CH"},
            "geo": {"@type": "GeoCoordinates", "latitude": 46.2, "longitude": 0.0},
        },
        "organizer": [
            {"@type": "Organization", "name": "Secretariat", "url": "https://example.org/"},
            {"@type": "Organization", "name": "A centre"},
        ],
        "inLanguage": ["en", "fr"],
        "superEvent": {
            "@type": "Event",
            "@id": "https://calendar.example.org/events/9",
            "name": "The whole",
            "url": "https://calendar.example.org/events/9",
        },
    }


def test_hours_have_the_distance_to_utc_of_their_place():
    found = read(HOURS)
    assert (found["startDate"], found["endDate"]) == ("2027-07-02T07:30:00+09:00", "2027-07-02T09:30:00+09:00")


@pytest.mark.parametrize(
    ("state", "previous", "status", "dates"),
    [
        (State.CONFIRMED, (), "EventScheduled", {"startDate": "2027-03-01", "endDate": "2027-03-05"}),
        (State.TENTATIVE, (), None, {"startDate": "2027-03-01", "endDate": "2027-03-05"}),
        (State.CANCELLED, (), "EventCancelled", {"startDate": "2027-03-01", "endDate": "2027-03-05"}),
        # schema.org/EventPostponed: no new date is set; the old one is previousStartDate.
        (State.POSTPONED, (), "EventPostponed", {"previousStartDate": "2027-03-01"}),
        (State.CONFIRMED, (date(2027, 2, 1),), "EventRescheduled",
         {"startDate": "2027-03-01", "endDate": "2027-03-05", "previousStartDate": "2027-02-01"}),
        (State.TENTATIVE, (date(2027, 1, 4), date(2027, 2, 1)), "EventRescheduled",
         {"startDate": "2027-03-01", "endDate": "2027-03-05", "previousStartDate": ["2027-01-04", "2027-02-01"]}),
        # Moved away and back again: it was never moved.
        (State.CONFIRMED, (date(2027, 3, 1),), "EventScheduled", {"startDate": "2027-03-01", "endDate": "2027-03-05"}),
    ],
)  # fmt: skip
def test_each_status_has_schema_orgs_word_and_dates(state, previous, status, dates):
    found = read(replace(EXACT, state=state, previous_starts=previous))
    assert found.get("eventStatus") == (f"https://schema.org/{status}" if status else None)
    assert {name: value for name, value in found.items() if name.endswith("Date")} == dates


def test_an_event_at_night_that_kept_its_day_was_not_moved():
    assert read(replace(HOURS, previous_starts=(date(2027, 7, 2),)))["eventStatus"].endswith("EventScheduled")
    assert read(replace(HOURS, previous_starts=(date(2027, 7, 1),)))["eventStatus"].endswith("EventRescheduled")


@pytest.mark.parametrize(
    ("precision", "start", "end", "written"),
    [
        (Precision.MONTH, date(2027, 4, 1), date(2027, 5, 1), "2027-04"),
        (Precision.MONTH, date(2027, 9, 1), date(2027, 11, 1), None),
        (Precision.QUARTER, date(2027, 4, 1), date(2027, 7, 1), None),
        (Precision.YEAR, date(2027, 1, 1), date(2028, 1, 1), "2027"),
        (Precision.YEAR, date(2027, 1, 1), date(2029, 1, 1), None),
        (Precision.WORDS, date(2027, 4, 12), date(2027, 4, 16), None),
    ],
)
def test_no_day_is_made_up_for_vague_dates(precision, start, end, written):
    for state in State:
        found = read(replace(vague(precision, start, end), state=state))
        assert found.get("startDate") == (None if state is State.POSTPONED else written)
        assert not {"endDate", "previousStartDate"} & found.keys()
        assert start.isoformat() not in json.dumps(found)


def test_words_alone_are_an_event_without_dates():
    details = EventDetails(title="Some day", url=EXACT.url, state=State.TENTATIVE, precision=Precision.WORDS)
    assert read(details) == {
        "@context": "https://schema.org", "@type": "Event", "@id": EXACT.url, "url": EXACT.url, "name": "Some day",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("attendance", "mode", "kinds"),
    [
        (Attendance.IN_PERSON, "OfflineEventAttendanceMode", ["Place"]),
        (Attendance.ONLINE, "OnlineEventAttendanceMode", ["VirtualLocation"]),
        (Attendance.HYBRID, "MixedEventAttendanceMode", ["Place", "VirtualLocation"]),
        (Attendance.UNKNOWN, None, ["Place"]),
    ],
)
def test_each_way_to_take_part_has_its_mode_and_places(attendance, mode, kinds):
    found = read(replace(EXACT, attendance=attendance))
    assert found.get("eventAttendanceMode") == (f"https://schema.org/{mode}" if mode else None)
    places = found["location"] if isinstance(found["location"], list) else [found["location"]]
    assert [place["@type"] for place in places] == kinds


def test_an_online_event_is_at_its_own_address_or_at_its_page():
    assert (
        read(replace(HOURS, online_url="https://meet.example/a b"))["location"]["url"] == "https://meet.example/a%20b"
    )
    assert read(HOURS)["location"]["url"] == HOURS.url


def test_every_golden_event_can_be_written():
    for entry in DETAILED:
        assert read(entry.details)["name"] == characters.line(entry.summary)
        assert json_ld.write(entry.details) == json_ld.write(replace(entry.details))


@given(title=TITLE, text=TEXT, place=TEXT, address=ADDRESS)
def test_no_text_ends_the_block_or_breaks_the_json(title, text, place, address):
    details = replace(
        EXACT, title=title, text=text, venue=place, city=place, organisers=((text, address),), url=address,
        whole=("x", title, address),
    )  # fmt: skip
    data = json_ld.write(details).decode()
    assert not set("<>&\u2028\u2029") & set(data)
    block = Block(data)
    assert block.tags == ["script", "p"]
    assert block.data == data
    found = json.loads(block.data)
    assert found["name"] == characters.line(title)
    assert found.get("description", "") == characters.text(text).strip()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " \x00"}, "title"),
        ({"url": "ftp://example.org/"}, "url"),
        ({"start": None}, "start and end"),
        ({"start": None, "end": None}, "exact"),
        ({"end": date(2027, 3, 1)}, "end"),
        ({"start": datetime(2027, 3, 1, tzinfo=UTC)}, "start and end"),
        ({"latitude": None}, "latitude"),
        ({"languages": ("no language",)}, "language"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(values, field):
    with pytest.raises(ValueError, match=field):
        replace(EXACT, **values)
