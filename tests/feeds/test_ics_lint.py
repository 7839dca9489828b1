"""The linter of our feeds finds what it says it finds: every rule has a broken feed that it catches."""

from __future__ import annotations

import pytest

from tests.feeds.ics_lint import RULES, lint

GOOD = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nNAME;LANGUAGE=en:Feed\r\nX-WR-CALNAME:Feed\r\n"
    b"COLOR:teal\r\nX-APPLE-CALENDAR-COLOR:#008080\r\nURL:https://example.org/\r\n"
    b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\nX-PUBLISHED-TTL:PT6H\r\nSOURCE;VALUE=URI:https://example.org/a.ics\r\n"
    b"LAST-MODIFIED:20260101T000000Z\r\nBEGIN:VEVENT\r\n"
    b"SUMMARY;LANGUAGE=fr:Gen\xc3\xa8ve\\, a\\; b \\\\ c\\nd\r\n"
    b"DTSTART;VALUE=DATE:20260310\r\nDTEND;VALUE=DATE:20260311\r\nDTSTAMP:20260102T000000Z\r\n"
    b"LAST-MODIFIED:20260102T000000Z\r\nSEQUENCE:0\r\nUID:1\r\n"
    b'CONFERENCE;FEATURE=AUDIO;LABEL="a: b; c";VALUE=URI:https://example.org/a,\r\n b;c\r\n'
    b"DESCRIPTION:https://example.org/a\\,b\\;c\r\nX-ALT-DESC;FMTTYPE=text/html:<p>\r\n"
    b"STATUS:CONFIRMED\r\nTRANSP:TRANSPARENT\r\nX-MICROSOFT-CDO-BUSYSTATUS:FREE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
EVENT = GOOD[GOOD.index(b"BEGIN:VEVENT") : GOOD.index(b"END:VCALENDAR")]
ZONE = b"DTSTART;TZID=Europe/Zurich:20260310T090000\r\nDTEND;TZID=Europe/Zurich:20260310T100000"
RULED = (
    b"BEGIN:VTIMEZONE\r\nTZID:Europe/Zurich\r\nBEGIN:STANDARD\r\nRRULE:FREQ=YEARLY\r\nEND:STANDARD\r\n"
    b"BEGIN:DAYLIGHT\r\nRRULE:FREQ=YEARLY\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
)
DAYS = b"DTSTART;VALUE=DATE:20260310\r\nDTEND;VALUE=DATE:20260311"

BROKEN = (
    ("bom", b"BEGIN:VCALENDAR", b"\xef\xbb\xbfBEGIN:VCALENDAR"),
    ("crlf", b"UID:1\r\n", b"UID:1\n"),
    ("crlf", b"UID:1\r\n", b"UID:1\r"),
    ("crlf", b"END:VCALENDAR\r\n", b"END:VCALENDAR"),
    ("encoding", b"\xc3\xa8", b"\xe8"),
    ("fold", b"UID:1", b"UID:" + b"1" * 72),
    ("fold", b"UID:1", b"UID:1\r\n " + b"1" * 75),
    ("split", b"\xc3\xa8", b"\xc3\r\n \xa8"),
    ("control", b"UID:1", b"UID:1\x00"),
    ("control", b"UID:1", b"UID:1\x0b"),
    ("control", b"UID:1", b"UID:1\xc2\x85"),
    ("control", b"UID:1", b"UID:1\xe2\x80\xa8"),
    ("line", b"UID:1\r\n", b"UID:1\r\nno colon\r\n"),
    ("line", b"UID:1\r\n", b"UID:1\r\n\r\n"),
    ("line", b"SUMMARY;LANGUAGE=fr", b"SUMMARY;LANGUAGE"),
    ("structure", b"END:VEVENT\r\n", b""),
    ("structure", b"END:VCALENDAR\r\n", b""),
    ("structure", b"END:VEVENT\r\n", b"END:VEVENT\r\nEND:VEVENT\r\n"),
    ("structure", GOOD, GOOD + GOOD),
    ("structure", GOOD, b""),
    ("structure", GOOD, b"X-BEFORE:1\r\n" + GOOD),
    ("version", b"VERSION:2.0\r\n", b""),
    ("version", b"VERSION:2.0", b"VERSION:1.0"),
    ("prodid", b"PRODID:-//Test//EN\r\n", b""),
    ("prodid", b"PRODID:-//Test//EN", b"PRODID:"),
    ("method", b"VERSION:2.0\r\n", b"VERSION:2.0\r\nMETHOD:PUBLISH\r\n"),
    ("policy", b"VERSION:2.0\r\n", b"VERSION:2.0\r\nX-WR-TIMEZONE:Europe/Zurich\r\n"),
    ("policy", b"VERSION:2.0\r\n", b"VERSION:2.0\r\nUID:1\r\n"),
    ("policy", b"END:VEVENT", b"BEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT"),
    ("policy", b"TRANSP:TRANSPARENT", b"TRANSP:OPAQUE"),
    ("required", b"UID:1\r\n", b""),
    ("required", b"DTSTAMP:20260102T000000Z\r\n", b""),
    ("required", b"DTEND;VALUE=DATE:20260311\r\n", b""),
    ("required", b"UID:1\r\n", b"UID:1\r\nUID:2\r\n"),
    ("required", b"STATUS:CONFIRMED\r\n", b""),
    ("required", b"DESCRIPTION:", b"DESCRIPTION:x\r\nDESCRIPTION:"),
    ("required", b"STATUS:CONFIRMED\r\n", b"STATUS:CONFIRMED\r\nSTATUS:CONFIRMED\r\n"),
    ("utc", b"DTSTAMP:20260102T000000Z", b"DTSTAMP:20260102T000000"),
    ("utc", b"LAST-MODIFIED:20260102T000000Z", b"LAST-MODIFIED:20260102"),
    ("utc", b"LAST-MODIFIED:20260101T000000Z", b"LAST-MODIFIED:20260101T000000"),
    ("date", b"DTEND;VALUE=DATE:20260311", b"DTEND:20260311T000000Z"),
    ("date", DAYS, b"DTSTART:20260310T090000\r\nDTEND:20260310T100000"),
    ("date", b"DTSTART;VALUE=DATE:20260310", b"DTSTART:20260310"),
    ("order", b"DTEND;VALUE=DATE:20260311", b"DTEND;VALUE=DATE:20260310"),
    ("order", DAYS, b"DTSTART:20260310T090000Z\r\nDTEND:20260310T080000Z"),
    ("tzid", DAYS, ZONE),
    ("uid", EVENT, EVENT + EVENT),
    ("status", b"STATUS:CONFIRMED", b"STATUS:POSTPONED"),
    ("status", b"STATUS:CONFIRMED", b"STATUS:confirmed"),
    ("calendar", b"X-WR-CALNAME:Feed\r\n", b""),
    ("calendar", b"X-WR-CALNAME:Feed", b"X-WR-CALNAME:Food"),
    ("calendar", b"COLOR:teal", b"COLOR:#008080"),
    ("calendar", b"#008080", b"teal"),
    ("calendar", b"URL:https", b"X-URL:https"),
    ("calendar", b"-INTERVAL;VALUE=DURATION", b"-INTERVAL"),
    ("calendar", b"X-PUBLISHED-TTL:PT6H", b"X-PUBLISHED-TTL:06:00:00"),
    ("calendar", b"X-PUBLISHED-TTL:PT6H", b"X-PUBLISHED-TTL:PT12H"),
    ("calendar", b"SOURCE;VALUE=URI", b"SOURCE"),
    ("calendar", b"VERSION:2.0\r\n", b"VERSION:2.0\r\nDESCRIPTION:Alone\r\n"),
    ("calendar", b"LAST-MODIFIED:20260101T000000Z\r\n", b""),
    ("stamp", b"LAST-MODIFIED:20260102T000000Z\r\n", b""),
    ("stamp", b"DTSTAMP:20260102T", b"DTSTAMP:20260103T"),
    ("sequence", b"SEQUENCE:0\r\n", b""),
    ("sequence", b"SEQUENCE:0", b"SEQUENCE:-1"),
    ("sequence", b"SEQUENCE:0", b"SEQUENCE:2147483648"),
    ("sequence", b"SEQUENCE:0\r\n", b"SEQUENCE:0\r\nSEQUENCE:1\r\n"),
    ("zone", DAYS, ZONE),
    ("zone", b"BEGIN:VEVENT", RULED.replace(b"DAYLIGHT", b"STANDARD") + b"BEGIN:VEVENT"),
    ("zone", b"BEGIN:VEVENT", RULED.replace(b"RRULE:", b"RDATE:") + b"BEGIN:VEVENT"),
    ("mark", b"STATUS:CONFIRMED", b"STATUS:CANCELLED"),
    ("busy", b"CDO-BUSYSTATUS:FREE", b"CDO-BUSYSTATUS:BUSY"),
    ("busy", b"X-MICROSOFT-CDO-BUSYSTATUS:FREE\r\n", b""),
    ("busy", b"STATUS:CONFIRMED", b"STATUS:TENTATIVE"),
    ("html", b";FMTTYPE=text/html", b""),
    ("html", b"DESCRIPTION:http", b"COMMENT:http"),
    ("online", b"FEATURE=AUDIO;", b""),
    ("online", b";VALUE=URI:https://example.org/a,", b":https://example.org/a,"),
    ("online", b"DESCRIPTION:https://example.org/a", b"DESCRIPTION:https://example.org/b"),
    ("language", b"SUMMARY;LANGUAGE=fr", b"SUMMARY"),
    ("language", b"NAME;LANGUAGE=en", b"NAME"),
    ("escape", b"a\\; b", b"a; b"),
    ("escape", b"\\, a", b", a"),
    ("escape", b"c\\nd", b"c\\d"),
    ("escape", b"b\\;c\r\nX", b"b;c\r\nX"),
    ("escape", b"UID:1\r\n", b"UID:1\r\nLOCATION:a\\\r\n"),
)


def test_a_good_feed_has_nothing_wrong() -> None:
    """The feed which the broken ones are made of is clean."""
    assert lint(GOOD) == []


def test_a_series_may_have_a_zone_that_is_declared() -> None:
    """A TZID with its VTIMEZONE passes."""
    series = GOOD.replace(DAYS, ZONE + b"\r\nRRULE:FREQ=DAILY;COUNT=2")
    assert lint(series.replace(b"BEGIN:VEVENT", RULED + b"BEGIN:VEVENT")) == []


@pytest.mark.parametrize("title", ["[CANCELLED]", "[CANCELLED] Meeting", "(June\\, 2027) [ملغى] Meeting"])
def test_a_cancelled_event_whose_title_says_so_passes(title: str) -> None:
    """In any language, and after vague dates."""
    cancelled = GOOD.replace(b"STATUS:CONFIRMED", b"STATUS:CANCELLED")
    assert lint(cancelled.replace(b":Gen\xc3\xa8ve", b":" + title.encode() + b"\r\n Gen\xc3\xa8ve")) == []


@pytest.mark.parametrize(("rule", "good", "bad"), BROKEN)
def test_a_broken_feed_is_caught_by_its_rule(rule: str, good: bytes, bad: bytes) -> None:
    """One change to the good feed; its rule speaks."""
    broken = GOOD.replace(good, bad)
    assert broken != GOOD
    assert rule in {message.partition(":")[0] for message in lint(broken)}


def test_every_rule_has_a_broken_feed() -> None:
    """No rule is untested, and no message carries an unknown rule."""
    assert {rule for rule, _, _ in BROKEN} == set(RULES)
    spoken = {message.partition(":")[0] for _, good, bad in BROKEN for message in lint(GOOD.replace(good, bad))}
    assert spoken <= set(RULES)
