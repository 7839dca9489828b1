"""Places as people write them: a building, a product and a continent are no cities."""

from __future__ import annotations

import pytest

from calendar_app.services.column_guess import PLACE
from calendar_app.services.reference import packaged_lists
from calendar_app.services.sheet_cells import written_anew

NAMES = ("city", "country", "venue", "format")


def read(**cells: str) -> tuple[dict[str, str], list[str]]:
    row = written_anew(cells, None, packaged_lists())
    assert not row.problems
    return {name: row.cells[name] for name in NAMES if row.cells.get(name)}, row.notes


@pytest.mark.parametrize("text", ["N/A", "n/a", "NA", "TBC", "to be announced", "–", ""])
def test_a_cell_that_says_nothing_is_no_place(text):
    assert read(**{PLACE: text}) == ({}, [])
    assert read(city=text) == ({}, [])
    assert read(city=text, format="hybrid") == ({"format": "hybrid"}, [])


@pytest.mark.parametrize(
    "text",
    ["Zoom meeting", "virtual meeting", "Online via Zoom", "Virtual conference", "Webinar", "en ligne", "线上会议"],
)
def test_to_join_online_is_no_place(text):
    assert read(**{PLACE: text}) == ({"format": "online"}, [])
    assert read(city=text) == ({"format": "online"}, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Online (link to be shared)", {"venue": "link to be shared", "format": "online"}),
        ("Zoom link follows", {"venue": "Zoom link follows", "format": "online"}),
        ("Geneva and via Zoom", {"city": "Geneva", "format": "hybrid"}),
        ("Geneva (link to the online session follows)", {"city": "Geneva", "format": "hybrid"}),
    ],
)
def test_words_of_being_online_tell_how_people_take_part_wherever_they_stand(text, expected):
    found = read(**{PLACE: text})[0]
    assert {name: found.get(name, "") for name in expected} == expected


@pytest.mark.parametrize(
    "text", ["Room 3", "Hilton Hotel", "CICG", "Palais des Nations", "Africa", "Room 3, CICG", "Remote Sensing Centre"]
)
def test_a_name_that_is_not_in_the_list_is_the_venue_and_the_row_says_so(text):
    found, notes = read(**{PLACE: text})
    assert found == {"venue": text}
    assert notes == [f"'{text}' is not in the list of cities; it is taken for the venue."]


def test_a_name_before_a_country_is_a_city_and_the_row_says_so():
    found, notes = read(**{PLACE: "Hotel Continental, Kisumu, Kenya"})
    assert found == {"city": "Kisumu", "country": "KE", "venue": "Hotel Continental"}
    assert ["Kisumu" in note for note in notes] == [True]
    # A country that comes first, and one in a column of its own, follow nothing.
    assert read(**{PLACE: "Kenya, Hilton"})[0] == {"country": "KE", "venue": "Hilton"}
    assert read(**{PLACE: "Hilton", "country": "Kenya"})[0] == {"country": "Kenya", "venue": "Hilton"}


def test_the_column_of_the_city_says_the_city():
    assert read(city="Kisumu") == ({"city": "Kisumu"}, [])
    assert read(**{"city": "Kisumu", PLACE: "CICG, Geneva"}) == ({"city": "Kisumu", "venue": "CICG"}, [])
    assert read(**{"city": "Kisumu", PLACE: "Room 3"}) == ({"city": "Kisumu", "venue": "Room 3"}, [])
    assert read(**{"city": "TBC", PLACE: "Room 3, Geneva"})[0] == {"city": "Geneva", "venue": "Room 3"}
