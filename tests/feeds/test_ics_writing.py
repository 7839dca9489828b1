"""What our iCalendar writer writes, byte by byte where it matters, and that any text survives it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from feeds import colors
from feeds.entries import EntryStatus, FeedEntry
from feeds.writing import characters, ics
from tests.feeds.golden import CHANGED, ENTRIES, INFO
from tests.feeds.ics_lint import lint

ENTRY = ENTRIES[0]
TEXT = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Z", "C")), max_size=300) | st.text(
    st.sampled_from("\\nN,;:\"'^ \t\r\n\x00\x85\u2028é会👨\u200d\ud83d"), max_size=200
)
FIRST, LAST = datetime(1970, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
ADDRESSES = st.sampled_from(("https://example.org/", "tel:", "xmpp:", "HTTP://")).flatmap(
    lambda start: st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=90).map(start.__add__)
)
SPANS = st.one_of(
    st.tuples(st.dates(date(1970, 1, 2), date(2100, 1, 1)), st.integers(1, 400)).map(
        lambda pair: (pair[0], pair[0] + timedelta(days=pair[1]))
    ),
    st.tuples(MOMENTS, st.integers(1, 10**6)).map(lambda pair: (pair[0], pair[0] + timedelta(seconds=pair[1]))),
)

# A busy machine is no error of the writer.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def entries(draw: st.DrawFn) -> FeedEntry:
    """Any entry that may be made."""
    start, end = draw(SPANS)
    description = draw(TEXT)
    place = draw(st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))) or (None, None)
    return replace(
        ENTRY,
        summary="[Title] " + draw(TEXT),
        description=description,
        location=draw(TEXT),
        html=draw(TEXT) if description.strip() else "",
        categories=tuple(draw(st.lists(TEXT, max_size=3))),
        conference=tuple(draw(st.lists(st.tuples(ADDRESSES, TEXT), max_size=2))),
        start=start,
        end=end,
        status=draw(st.sampled_from(EntryStatus)),
        last_modified=draw(MOMENTS),
        created=draw(st.none() | MOMENTS),
        sequence=draw(st.integers(0, 2**31 - 1)),
        latitude=place[0],
        longitude=place[1],
    )


def _written(entry: FeedEntry) -> str:
    """Return the event's lines unfolded, each with a newline."""
    return re.sub(r"\r\n ", "", ics.write_event(entry).decode()).replace("\r\n", "\n")


def _read(entry: FeedEntry) -> Any:
    """Return the event as the icalendar library reads it."""
    return Calendar.from_ical(ics.write_event(entry))


# --- any text


@PATIENT
@given(entries())
def test_any_entry_is_clean(entry: FeedEntry) -> None:
    """Whatever the texts hold, the linter finds nothing."""
    assert lint(ics.write(INFO, [entry])) == []


def test_a_backslash_before_a_capital_n_in_a_category_is_no_line_end():
    assert "CATEGORIES:\\\\N,a\n" in _written(replace(ENTRY, categories=("\\N", "a")))


@PATIENT
@given(entries())
def test_any_entry_comes_back(entry: FeedEntry) -> None:
    """Texts come back but for line ends and what no feed may carry; all else comes back as it was."""
    event = _read(entry)
    assert str(event["SUMMARY"]) == characters.line(entry.summary)
    assert str(event.get("LOCATION", "")) == characters.text(entry.location)
    assert str(event.get("DESCRIPTION", "")).startswith(characters.text(entry.description))
    names = [line for line in map(characters.line, entry.categories) if line]
    assert ([str(name) for name in event["CATEGORIES"].cats] if names else names) == names
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (entry.start, entry.end)
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == entry.last_modified
    assert event["STATUS"] == entry.status.value.upper()
    assert event["SEQUENCE"] == entry.sequence
    found = event.get("CONFERENCE", [])
    found = found if isinstance(found, list) else [found]
    assert [str(address) for address in found] == [characters.address(address) for address, _ in entry.conference]


@PATIENT
@given(TEXT)
def test_escaping_is_undone_by_one_pass(text: str) -> None:
    r"""RFC 5545, section 3.3.11, read by nothing but its own words: "\N" in a text is not a newline."""
    value = next(line for line in _written(replace(ENTRY, location="x" + text)).split("\n") if line.startswith("LOC"))
    undone = re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value.partition(":")[2])
    assert undone == characters.text("x" + text)


# --- the events


def test_the_golden_feed_is_clean() -> None:
    """Every entry of the golden feed together."""
    assert lint(ics.write(INFO, ENTRIES)) == []


def test_one_event_is_these_bytes() -> None:
    """The whole of one event: a change of a library that changes bytes makes every subscriber load anew."""
    entry = replace(
        ENTRY,
        created=CHANGED - timedelta(days=1),
        sequence=2,
        status=EntryStatus.TENTATIVE,
        description="Plain, text",
        location="Geneva",
        latitude=46.2044,
        longitude=6.1432,
        categories=("Basel", "a,b"),
        conference=(("https://meet.example.org/1", "Main room"),),
        related=(("PARENT", "2"),),
    )
    assert ics.write_event(entry) == (
        b"BEGIN:VEVENT\r\n"
        b"SUMMARY;LANGUAGE=en:One day\r\n"
        b"DTSTART;VALUE=DATE:20260310\r\n"
        b"DTEND;VALUE=DATE:20260311\r\n"
        b"DTSTAMP:20260302T093015Z\r\n"
        b"UID:00000000-0000-4000-8000-000000000001\r\n"
        b"SEQUENCE:2\r\n"
        b"CATEGORIES:Basel,a\\,b\r\n"
        b"CONFERENCE;FEATURE=AUDIO,VIDEO;LABEL=Main room;VALUE=URI:https://meet.exam\r\n"
        b" ple.org/1\r\n"
        b"CREATED:20260301T093015Z\r\n"
        b"DESCRIPTION;LANGUAGE=en:Plain\\, text\\n\\nMain room: https://meet.example.or\r\n"
        b" g/1\r\n"
        b"GEO:46.204400;6.143200\r\n"
        b"LAST-MODIFIED:20260302T093015Z\r\n"
        b"LOCATION:Geneva\r\n"
        b"RELATED-TO;RELTYPE=PARENT:2\r\n"
        b"STATUS:TENTATIVE\r\n"
        b"TRANSP:TRANSPARENT\r\n"
        b"URL:https://calendar.example.org/events/1\r\n"
        b"X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\r\n"
        b"END:VEVENT\r\n"
    )


def test_the_same_entry_gives_the_same_bytes() -> None:
    """No clock, no random number, no order of a set."""
    assert ics.write(INFO, ENTRIES) == ics.write(INFO, ENTRIES)


def test_stored_events_join_into_the_same_feed() -> None:
    """A feed from kept bytes is the feed from entries."""
    stored = [ics.write_event(entry) for entry in ENTRIES]
    feed = ics.write_calendar(INFO, stored)
    assert feed == ics.write(INFO, ENTRIES)
    assert b"".join(stored) in feed


def test_times_are_in_utc_without_a_zone() -> None:
    """15:00 in Zürich is 14:00 UTC before the last Sunday of March and 13:00 UTC after it."""
    winter, summer = (_written(entry) for entry in ENTRIES[8:10])
    assert "\nDTSTART:20260327T140000Z\nDTEND:20260327T153000Z\n" in winter
    assert "\nDTSTART:20260330T130000Z\nDTEND:20260330T143000Z\n" in summer
    assert b"TZID" not in ics.write(INFO, ENTRIES)


@pytest.mark.parametrize(
    ("status", "word", "busy"),
    [
        (EntryStatus.TENTATIVE, "TENTATIVE", "TENTATIVE"),
        (EntryStatus.CONFIRMED, "CONFIRMED", "FREE"),
        (EntryStatus.CANCELLED, "CANCELLED", "FREE"),
    ],
)
def test_an_event_takes_nobodys_time(status: EntryStatus, word: str, busy: str) -> None:
    """Whatever its status, the event is transparent."""
    written = _written(replace(ENTRY, status=status))
    assert f"\nSTATUS:{word}\nTRANSP:TRANSPARENT\n" in written
    assert f"\nX-MICROSOFT-CDO-BUSYSTATUS:{busy}\n" in written


def test_html_stands_beside_the_plain_description() -> None:
    """The HTML says its language and carries the links that it lacks, escaped."""
    conference = (("https://meet.example.org/?a=1&b=2", "<Room>"), ("tel:+41", ""))
    texts = {"description": "Plain", "html": "<p>Rich</p>", "description_language": "fr"}
    written = _written(replace(ENTRY, conference=conference, **texts))
    assert "\nDESCRIPTION;LANGUAGE=fr:Plain\\n\\n<Room>: https://meet.example.org/?a=1&b=2\\ntel:+41\n" in written
    assert (
        '\nX-ALT-DESC;FMTTYPE=text/html:<html lang="fr"><body><p>Rich</p>'
        '<p><a href="https://meet.example.org/?a=1&amp\\;b=2">&lt\\;Room&gt\\;</a></p>'
        '<p><a href="tel:+41">tel:+41</a></p></body></html>\n'
    ) in written


def test_each_text_says_its_own_language_and_a_mixed_one_none() -> None:
    """A title may be there in the reader's language and the description not; of two languages none is named."""
    entry = replace(ENTRY, language="fr", description="Words", html="<p>Words</p>", description_language="ru")
    written = _written(entry)
    assert "\nSUMMARY;LANGUAGE=fr:" in written
    assert "\nDESCRIPTION;LANGUAGE=ru:Words" in written
    assert '\nX-ALT-DESC;FMTTYPE=text/html:<html lang="ru"><body>' in written
    written = _written(replace(entry, description_language=""))
    assert "\nDESCRIPTION:Words" in written
    assert "\nX-ALT-DESC;FMTTYPE=text/html:<html><body>" in written


def test_a_link_that_the_description_names_is_not_repeated() -> None:
    """The caller may place the link in the text."""
    conference = (("https://meet.example.org/1", "Room"),)
    event = _read(replace(ENTRY, description="Join https://meet.example.org/1 early", conference=conference))
    assert event["DESCRIPTION"] == "Join https://meet.example.org/1 early"


@pytest.mark.parametrize(
    ("address", "features"),
    [
        ("https://example.org/", "AUDIO,VIDEO"),
        ("tel:+41-22-000", "PHONE"),
        ("SIP:room@example.org", "AUDIO"),
        ("xmpp:room@example.org", "CHAT"),
    ],
)
def test_a_conference_says_what_its_address_is_for(address: str, features: str) -> None:
    """RFC 7986, section 6.3."""
    written = _written(replace(ENTRY, conference=((address, ""),)))
    assert f"\nCONFERENCE;FEATURE={features};VALUE=URI:{address}\n" in written


def test_a_label_has_nothing_that_readers_take_for_an_escape() -> None:
    """A colon is quoted; quotation marks, carets and backslashes are replaced."""
    written = _written(replace(ENTRY, conference=(("tel:+41", 'a: "b" \\ ^n\nc'),)))
    assert "\nCONFERENCE;FEATURE=PHONE;LABEL=\"a: 'b' / n c\";VALUE=URI:tel:+41\n" in written


def test_coordinates_are_plain_decimals() -> None:
    """No exponent, no negative zero."""
    assert "\nGEO:0.000010;0.000000\n" in _written(replace(ENTRY, latitude=0.00001, longitude=-0.0000001))


def test_an_address_is_ascii() -> None:
    """Blanks and other letters are percent-encoded; what is encoded already stays."""
    written = _written(replace(ENTRY, url="https://example.org/a b/é?q=%20,;#x"))
    assert "\nURL:https://example.org/a%20b/%C3%A9?q=%20,;#x\n" in written


# --- the calendar


def test_the_head_of_a_feed_is_these_lines() -> None:
    """All that a calendar says about itself; nothing else, above all no METHOD, UID and X-WR-TIMEZONE."""
    assert re.sub(r"\r\n ", "", ics.write_calendar(INFO, []).decode()).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Chemicals and waste cluster//Joint meeting calendar//EN",
        "CALSCALE:GREGORIAN",
        "DESCRIPTION;LANGUAGE=en:Meetings\\, workshops\\; deadlines\\nof the cluster \\\\ all bodies",
        "X-WR-CALDESC:Meetings\\, workshops\\; deadlines\\nof the cluster \\\\ all bodies",
        "NAME;LANGUAGE=en:Joint calendar: Basel\\, Rotterdam\\, Stockholm\\; Minamata",
        "X-WR-CALNAME:Joint calendar: Basel\\, Rotterdam\\, Stockholm\\; Minamata",
        "COLOR:teal",
        "LAST-MODIFIED:20260302T093015Z",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "SOURCE;VALUE=URI:https://calendar.example.org/feeds/all.ics?conventions=basel,minamata",
        "URL:https://calendar.example.org/",
        "X-APPLE-CALENDAR-COLOR:#0F6E8C",
        "X-PUBLISHED-TTL:PT6H",
        "END:VCALENDAR",
        "",
    ]


@pytest.mark.parametrize(
    ("color", "name", "rgb"),
    [("SteelBlue", "steelblue", "#4682B4"), ("#ff0000", "red", "#FF0000"), ("#fe0101", "red", "#FE0101")],
)
def test_a_color_has_a_name_and_a_value(color: str, name: str, rgb: str) -> None:
    """RFC 7986 wants a CSS3 name, Apple's property the value."""
    assert (colors.to_name(color), colors.to_hex(color)) == (name, rgb)


# --- what is no entry and no feed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"uid": ""}, "uid"),
        ({"uid": "a b"}, "uid"),
        ({"uid": "a,b"}, "uid"),
        ({"sequence": -1}, "sequence"),
        ({"sequence": 2**31}, "sequence"),
        ({"last_modified": CHANGED.replace(tzinfo=None)}, "last_modified"),
        ({"last_modified": CHANGED.astimezone(timezone(timedelta(hours=1)))}, "last_modified"),
        ({"created": CHANGED.replace(tzinfo=None)}, "created"),
        ({"summary": " \x00\n"}, "summary"),
        ({"end": ENTRY.start}, "end is after start"),
        ({"end": CHANGED + timedelta(days=99)}, "both dates or both datetimes"),
        ({"start": CHANGED, "end": CHANGED}, "end is after start"),
        ({"start": CHANGED.replace(tzinfo=None), "end": CHANGED}, "start has a time zone"),
        ({"start": CHANGED, "end": CHANGED.replace(microsecond=1)}, "end is whole seconds"),
        (
            {"start": CHANGED, "end": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=2)))},
            "years 1 to 9999",
        ),
        ({"status": "postponed"}, "status"),
        ({"html": "<p>x</p>"}, "html"),
        ({"latitude": 1.0}, "together"),
        ({"latitude": 91.0, "longitude": 0.0}, "latitude"),
        ({"latitude": 0.0, "longitude": float("nan")}, "longitude"),
        ({"language": "English!"}, "language"),
        ({"language": ""}, "language"),
        ({"description_language": "English!"}, "description_language"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://example.org/\r\nX-A:1"}, "url"),
        ({"conference": (("data:text/plain,x", ""),)}, "conference"),
        ({"related": (("A B", "x"),)}, "relation type"),
        ({"related": (("PARENT", "x y"),)}, "related uid"),
        ({"related": (("PARENT", ENTRY.uid),)}, "related to itself"),
    ],
)
def test_a_wrong_entry_is_refused(change: dict[str, Any], message: str) -> None:
    """The sentence names the field."""
    with pytest.raises(ValueError, match=message):
        replace(ENTRY, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "name"),
        ({"url": ""}, "url"),
        ({"source": "webcal://example.org/all.ics"}, "source"),
        ({"language": ""}, "language"),
        ({"last_modified": CHANGED.replace(tzinfo=None)}, "last_modified"),
        ({"color": "sky"}, "colour"),
        ({"color": "#12345"}, "colour"),
        ({"refresh": timedelta(0)}, "refresh"),
        ({"refresh": timedelta(minutes=1, microseconds=1)}, "refresh"),
        ({"product_id": "a\nb"}, "product_id"),
    ],
)
def test_a_wrong_feed_is_refused(change: dict[str, Any], message: str) -> None:
    """The sentence names the field."""
    with pytest.raises(ValueError, match=message):
        replace(INFO, **change)


def test_html_is_written_only_beside_a_plain_text_that_says_the_same():
    # Of a control character nothing is left.
    assert "X-ALT-DESC" not in _written(replace(ENTRY, description="\x1b", html="<p>Text</p>", conference=()))
