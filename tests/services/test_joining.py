"""What calendar programs add so that those invited can join a call: it stays out of a calendar that all can read."""

from __future__ import annotations

from datetime import date

import pytest

from calendar_app.services import feed_rows
from calendar_app.services.joining import is_online, without_joining
from calendar_app.services.reference import packaged_lists
from calendar_app.services.source_items import feed_of
from feeds.reading.values import ReadEvent, ReadFeed

RULE = "_" * 10
TEAMS = """Agenda: dates of 2027.

________________________________________________________________________________
Microsoft Teams Need help?<https://aka.ms/JoinTeamsMeeting?omkt=en-US>
Join the meeting now<https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0?context=x>
Meeting ID: 123 456 789 01
Passcode: Ab3dE9
________________________________
Dial in by phone
+41 43 123 45 67,,123456789# Switzerland
Find a local number<https://dialin.teams.microsoft.com/x?id=1>
Phone conference ID: 123 456 789#
For organizers: Meeting options<https://teams.microsoft.com/meetingOptions/?x>
________________________________________________________________________________
"""
ZOOM = """Join Zoom Meeting
https://unep.zoom.us/j/98765432101?pwd=abcdef

Meeting ID: 987 6543 2101
Passcode: 123456

Programme: https://www.example.org/programme"""
MEET = """The Bureau's call

-::~:~::~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~::~:~::-
Join with Google Meet: https://meet.google.com/abc-defg-hij
Or dial: (CH) +41 43 000 00 00 PIN: 123456789#
-::~:~::~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~::~:~::-"""
FRENCH = """Ordre du jour
Rejoindre : https://teams.microsoft.com/meet/3123?p=geheim
ID de réunion : 312 3
Code secret : geheim"""


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (ZOOM, "Join Zoom Meeting\n\nProgramme: https://www.example.org/programme"),
        (MEET, "The Bureau's call"),
        (FRENCH, "Ordre du jour"),
        ("Password: none is needed.\nhttps://www.example.org", "Password: none is needed.\nhttps://www.example.org"),
        ("One\n__________\nTwo", "One\n__________\nTwo"),
        (
            "One\n__________\nTwo\n__________\nhttps://zoom.us/j/1 Passcode: x, on Zoom\n__________\nThree",
            "One\nTwo\nThree",
        ),
        ("", ""),
    ],
)
def test_addresses_and_passcodes_of_calls_are_left_out_and_nothing_else(written, kept):
    assert without_joining(written) == kept


def test_the_block_of_teams_leaves_nothing_behind_that_opens_a_call():
    kept = without_joining(TEAMS)
    assert kept.startswith("Agenda: dates of 2027.")
    for secret in ("meetup-join", "Ab3dE9", "123 456 789"):
        assert secret not in kept


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("Microsoft Teams Meeting", True),
        ("Réunion Microsoft Teams", True),
        ("Reunión de Microsoft Teams", True),
        ("Microsoft Teams 会议", True),
        ("Собрание Microsoft Teams", True),
        ("Zoom", True),
        ("Cisco Webex", True),
        ("virtual", True),
        ("Google Meet", True),
        ("Meeting", False),
        ("Palais des Nations", False),
        ("Teams House, Geneva", False),
        ("", False),
    ],
)
def test_a_product_is_no_place(place, expected):
    assert is_online(place) is expected


def ics(**lines: str) -> bytes:
    values = {"UID": "1@p", "DTSTAMP": "20261101T000000Z", "DTSTART": "20270301T090000Z", "SUMMARY": "Call", **lines}
    written = [f"{name}:{text}" for name, text in values.items()]
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", *written, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(whole).encode()


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("Microsoft Teams Meeting", {"format": "online"}),
        ("Microsoft Teams Meeting\\; Geneva", {"city": "Geneva", "format": "hybrid"}),
        ("https://zoom.us/j/123", {"format": "online"}),
        ("Geneva\\, https://zoom.us/j/123", {"city": "Geneva", "format": "hybrid"}),
        ("Room 3\\, Geneva\\, https://www.example.org/how", {"city": "Geneva", "venue": "Room 3"}),
    ],
)
def test_a_file_and_a_source_take_a_call_for_no_place(location, expected):
    sheet = feed_rows.read_ics("a.ics", ics(LOCATION=location), date(2026, 11, 20), "Europe/Zurich")
    ((_line, cells),) = sheet.rows
    assert {name: cells[name] for name in ("city", "venue", "format") if name in cells} == expected
    event = ReadEvent(uid="1", summary="Call", location=location.replace("\\", ""))
    (item,) = feed_of(ReadFeed(events=(event,)), "Europe/Zurich", (), "Partner", packaged_lists()).items
    found = {name: item.state[name] for name in ("city", "format") if item.state.get(name, "unknown") != "unknown"}
    assert found == {name: text for name, text in expected.items() if name != "venue"}
    assert "Teams" not in item.state.get("venue", "")


def test_a_file_and_a_source_leave_out_how_to_join():
    text = TEAMS.replace("\n", "\\n")
    sheet = feed_rows.read_ics("a.ics", ics(DESCRIPTION=text), date(2026, 11, 20), "Europe/Zurich")
    ((line, cells),) = sheet.rows
    assert "Passcode" not in cells["description"]
    assert any("How to join" in note for note in sheet.notes[line])
    feed = ReadFeed(events=(ReadEvent(uid="1", summary="Call", description=TEAMS),))
    (item,) = feed_of(feed, "Europe/Zurich", (), "Partner", packaged_lists()).items
    assert "Passcode" not in item.state["descriptions"]["en"]
