"""The linter of our feeds finds what it says it finds: every rule has a broken feed that it catches."""

from __future__ import annotations

import pytest

from tests.feeds.ics_lint import RULES, lint

GOOD = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nBEGIN:VEVENT\r\n"
    b"SUMMARY;LANGUAGE=fr:Gen\xc3\xa8ve\\, a\\; b \\\\ c\\nd\r\n"
    b"DTSTART;VALUE=DATE:20260310\r\nDTEND;VALUE=DATE:20260311\r\nDTSTAMP:20260101T000000Z\r\nUID:1\r\n"
    b'CONFERENCE;LABEL="a: b; c";VALUE=URI:https://example.org/a,\r\n b;c\r\n'
    b"STATUS:CONFIRMED\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
EVENT = GOOD[GOOD.index(b"BEGIN:VEVENT") : GOOD.index(b"END:VCALENDAR")]
ZONE = b"DTSTART;TZID=Europe/Zurich:20260310T090000\r\nDTEND;TZID=Europe/Zurich:20260310T100000"
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
    ("required", b"DTSTAMP:20260101T000000Z\r\n", b""),
    ("required", b"DTEND;VALUE=DATE:20260311\r\n", b""),
    ("required", b"UID:1\r\n", b"UID:1\r\nUID:2\r\n"),
    ("required", b"STATUS:CONFIRMED\r\n", b"STATUS:CONFIRMED\r\nSTATUS:CONFIRMED\r\n"),
    ("utc", b"DTSTAMP:20260101T000000Z", b"DTSTAMP:20260101T000000"),
    ("utc", b"UID:1\r\n", b"UID:1\r\nLAST-MODIFIED:20260101\r\n"),
    ("utc", b"VERSION:2.0\r\n", b"VERSION:2.0\r\nLAST-MODIFIED:20260101T000000\r\n"),
    ("date", b"DTEND;VALUE=DATE:20260311", b"DTEND:20260311T000000Z"),
    ("date", DAYS, b"DTSTART:20260310T090000\r\nDTEND:20260310T100000"),
    ("date", b"DTSTART;VALUE=DATE:20260310", b"DTSTART:20260310"),
    ("order", b"DTEND;VALUE=DATE:20260311", b"DTEND;VALUE=DATE:20260310"),
    ("order", DAYS, b"DTSTART:20260310T090000Z\r\nDTEND:20260310T080000Z"),
    ("tzid", DAYS, ZONE),
    ("uid", EVENT, EVENT + EVENT),
    ("status", b"STATUS:CONFIRMED", b"STATUS:POSTPONED"),
    ("status", b"STATUS:CONFIRMED", b"STATUS:confirmed"),
    ("escape", b"a\\; b", b"a; b"),
    ("escape", b"\\, a", b", a"),
    ("escape", b"c\\nd", b"c\\d"),
    ("escape", b"UID:1\r\n", b"UID:1\r\nDESCRIPTION:a, b\r\n"),
    ("escape", b"UID:1\r\n", b"UID:1\r\nLOCATION:a\\\r\n"),
)


def test_a_good_feed_has_nothing_wrong() -> None:
    """The feed which the broken ones are made of is clean."""
    assert lint(GOOD) == []


def test_a_zone_that_is_declared_is_allowed() -> None:
    """A TZID with its VTIMEZONE passes."""
    declared = b"BEGIN:VTIMEZONE\r\nTZID:Europe/Zurich\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    assert lint(GOOD.replace(DAYS, ZONE).replace(b"BEGIN:VEVENT", declared)) == []


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
