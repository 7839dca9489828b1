"""The days, the places and the languages that come in from a source are those that its readers see."""

from __future__ import annotations

from datetime import date

import pytest

from calendar_app.services.reference import packaged_lists
from calendar_app.services.source_items import feed_of
from feeds.reading.values import ReadEvent, ReadFeed
from tests.sources.conftest import vevent
from tests.sources.test_a_life import all_events

pytestmark = pytest.mark.xdist_group("sources")


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("America/Panama", (date(2027, 3, 3), "19:00", "America/Panama")),
        ("UTC", (date(2027, 3, 4), "01:00", "Europe/Zurich")),
        ("", (date(2027, 3, 4), "01:00", "Europe/Zurich")),
    ],
)
def test_a_moment_in_utc_is_on_the_day_that_it_is_in_the_zone_of_the_calendar(
    partner, add_source, schedule, zone, when
):
    partner.gives(vevent("g@p", "Evening talk", "20270304T000000Z", "20270304T010000Z"))
    named = f"X-WR-TIMEZONE:{zone}\r\n".encode() if zone else b""
    partner.body = partner.body.replace(b"VERSION", named + b"VERSION")
    add_source(url=partner.url)
    schedule.harvest()
    (event,) = all_events()
    assert (event.start, event.start_time, event.timezone) == when


@pytest.mark.parametrize(
    ("location", "city", "country", "venue"),
    [
        ("Kigali, Rwanda", "Kigali", "RW", ""),
        ("Kigali (Rwanda)", "Kigali", "RW", ""),
        ("Bissau, Guinea-Bissau", "Bissau", "GW", ""),
        ("Port-au-Prince, Haïti", "Port-au-Prince", "HT", ""),
        ("Hilton Nairobi, Kenya", "Nairobi", "KE", "Hilton Nairobi, Kenya"),
        ("Serena Hotel, Rwanda", "", "RW", "Serena Hotel, Rwanda"),
        ("Room 5, Kigali Heights, Rwanda", "", "RW", "Room 5, Kigali Heights, Rwanda"),
        ("Rwanda", "", "RW", ""),
        ("Geneva, Switzerland", "Geneva", "CH", ""),
        ("San Francisco, CA", "", "", "San Francisco, CA"),
        ("Meeting room", "", "", "Meeting room"),
        ("", "", "", ""),
    ],
)
def test_a_place_says_its_country_and_a_city_before_it_if_it_names_one(location, city, country, venue):
    read = ReadFeed(events=(ReadEvent(uid="a", summary="Workshop", start=date(2027, 3, 1), location=location),))
    state = feed_of(read, "Europe/Zurich", (), "Partner", packaged_lists()).items[0].state
    assert (state.get("city", ""), state.get("country", ""), state.get("venue", "")) == (city, country, venue)


FRENCH = (("fr", "Réunion du bureau"),)


@pytest.mark.parametrize(
    ("said", "titles"),
    [
        ({"summary": "Réunion du bureau", "titles": FRENCH}, {"fr": "Réunion du bureau"}),
        ({"summary": "Bureau meeting", "titles": FRENCH}, {"fr": "Réunion du bureau", "en": "Bureau meeting"}),
        ({"summary": "اجتماع المكتب"}, {"ar": "اجتماع المكتب"}),
        ({"summary": "主席团会议"}, {"zh": "主席团会议"}),
        ({"summary": "Заседание бюро COP"}, {"ru": "Заседание бюро COP"}),
        ({"summary": "Bürositzung", "titles": (("de", "Bürositzung"),)}, {"en": "Bürositzung"}),
        ({"summary": ""}, {"en": "Partner"}),
    ],
)
def test_a_title_is_in_the_language_that_the_source_names_or_its_letters_are_of(said, titles):
    read = ReadFeed(events=(ReadEvent(uid="a", start=date(2027, 3, 1), **said),))
    assert feed_of(read, "Europe/Zurich", (), "Partner", packaged_lists()).items[0].state["titles"] == titles


def test_titles_and_descriptions_come_in_in_their_languages(partner, add_source, schedule):
    named = vevent("f@p", "x", "20270301").replace("SUMMARY:x", "SUMMARY;LANGUAGE=fr:Réunion du bureau")
    partner.gives(named.replace("END:VEVENT", "DESCRIPTION:Повестка дня\r\nEND:VEVENT"))
    add_source(url=partner.url)
    schedule.harvest()
    (event,) = all_events()
    assert (event.titles, event.descriptions) == ({"fr": "Réunion du bureau"}, {"ru": "Повестка дня"})
