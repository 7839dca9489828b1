"""Independent programs read our iCalendar feeds, all of them alike."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from feeds.writing import ics
from tests.feeds.golden import ENTRIES, GOLDEN, INFO
from tests.feeds.programs import ReaderError, Reading
from tests.feeds.readers import READERS, Reader, absent_readers, assert_readers_agree, in_ci, read_with

FEED = ics.write(INFO, ENTRIES)
EMPTY = ics.write(INFO, [])
ABSENT = absent_readers()
DAYS = b"DTSTART;VALUE=DATE:20260310\r\nDTEND;VALUE=DATE:20260311\r\n"
EACH = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)

pytestmark = pytest.mark.enable_socket


def _require(reader: Reader) -> None:
    if reader.name in ABSENT:
        (pytest.fail if in_ci() else pytest.skip)(ABSENT[reader.name])


def _sorted(readings: list[Reading]) -> list[tuple[str, ...]]:
    return sorted(tuple(map(str, reading)) for reading in readings)


def test_the_expected_readers_are_these() -> None:
    """A reader does not vanish from the list unnoticed."""
    names = [reader.name for reader in READERS]
    assert names == ["icalendar", "ical", "calcurse", "libical", "ical.js", "vdirsyncer and khal"]


def test_every_expected_reader_is_here() -> None:
    """On a developer's machine this skips and says what is absent; with CI=true it fails."""
    if ABSENT:
        (pytest.fail if in_ci() else pytest.skip)("; ".join(ABSENT.values()))


@EACH
def test_a_reader_sees_every_event_as_it_is(reader: Reader) -> None:
    """Number, start, end and status are those written down beside the events."""
    _require(reader)
    wanted = [reader.project(golden.expected) for golden in GOLDEN]
    assert _sorted(read_with(reader, FEED)) == _sorted(wanted)


@EACH
def test_a_reader_takes_a_feed_without_events(reader: Reader) -> None:
    """An empty choice is an empty calendar, no error."""
    _require(reader)
    assert read_with(reader, EMPTY) == []


def test_all_readers_agree() -> None:
    """The comparison as it is used for real feeds."""
    assert len(assert_readers_agree(FEED)) == len(ENTRIES)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("icalendar", b"DTSTAMP:", b"DTSTAMP:x"),
        ("ical", b"STATUS:CONFIRMED", b"STATUS:POSTPONED"),
        ("calcurse", DAYS, DAYS.replace(b"0311", b"0310")),
        ("calcurse", b":One day", b":One, day"),
        ("libical", b"DTSTAMP:", b"DTSTAMP:x"),
        ("ical.js", b"BEGIN:VEVENT", b"BEGIN VEVENT"),
        ("vdirsyncer and khal", b"END:VCALENDAR\r\n", b""),
    ],
)
def test_a_reader_refuses_what_it_is_here_for(name: str, good: bytes, bad: bytes) -> None:
    """A reader that takes everything would prove nothing."""
    reader = next(reader for reader in READERS if reader.name == name)
    _require(reader)
    feed = ics.write(INFO, ENTRIES[:1])
    assert good in feed
    with pytest.raises(ReaderError, match=name):
        read_with(reader, feed.replace(good, bad))


@EACH
def test_a_reader_notices_a_day_more(reader: Reader) -> None:
    """Readings come from the feed: another end is another reading."""
    _require(reader)
    feed = ics.write(INFO, ENTRIES[:1]).replace(DAYS, DAYS.replace(b"0311", b"0312"))
    assert read_with(reader, feed)[0][1:3] == (date(2026, 3, 10), date(2026, 3, 10) + timedelta(days=2))
