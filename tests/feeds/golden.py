"""Sixty events that have everything readers stumble over, and what a calendar has to show of each.

The events are made up for the tests. `python -m tests.feeds.golden` writes their feed, as tests/data/golden.ics has it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feeds.entries import EntryStatus, FeedEntry, FeedInfo
from feeds.writing import ics
from tests.feeds.programs import Reading, moment

CHANGED = datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)

INFO = FeedInfo(
    name="Joint calendar: Basel, Rotterdam, Stockholm; Minamata",
    description="Meetings, workshops; deadlines\nof the cluster \\ all bodies",
    url="https://calendar.example.org/",
    source="https://calendar.example.org/feeds/all.ics?conventions=basel,minamata",
    last_modified=CHANGED,
    color="#0f6e8c",
)

# Long enough to be folded several times, in two and three octets a letter.
ARABIC = (
    "الاجتماع السابع عشر لمؤتمر الأطراف في اتفاقية بازل بشأن التحكم في نقل "
    "النفايات الخطرة والتخلص منها عبر الحدود، جنيف"
)
CHINESE = (
    "控制危险废物越境转移及其处置巴塞尔公约缔约方大会第十七次会议；"  # noqa: RUF001 - Chinese punctuation
    "关于持久性有机污染物的斯德哥尔摩公约缔约方大会，日内瓦"  # noqa: RUF001 - the same
)
RUSSIAN = (
    "Конференция Сторон Базельской конвенции о контроле "  # noqa: RUF001 - Russian letters
    "за трансграничной перевозкой опасных отходов и их удалением, Женева"
)


class Golden(NamedTuple):
    """An event under its number, and what every reader has to make of it."""

    number: int
    entry: FeedEntry
    expected: Reading


def _entry(number: int, expected: str, summary: str, start: date, end: date, **more: object) -> Golden:
    """Return an event; `expected` is "start/end STATUS", days or times in UTC, the end exclusive.

    It may be a single day, and an event is confirmed unless it says otherwise.
    """
    first = FeedEntry(
        uid=f"00000000-0000-4000-8000-{number:012}",
        sequence=0,
        created=None,
        last_modified=CHANGED,
        summary=summary,
        start=start,
        end=end,
        status=EntryStatus.CONFIRMED,
        url=f"https://calendar.example.org/events/{number}",
    )
    entry = replace(first, **more)  # type: ignore[arg-type]
    span, _, status = expected.partition(" ")
    begin, _, stop = span.partition("/")
    starts = moment(begin)
    reading = Reading(entry.uid, starts, moment(stop) if stop else starts + timedelta(days=1), status or "CONFIRMED")
    return Golden(number, entry, reading)


def _day(number: int, expected: str, summary: str, **more: object) -> Golden:
    """Return an all-day event of one day, on another day for each number."""
    start = date(2026, 6, 1) + timedelta(days=number)
    return _entry(number, expected, summary, start, start + timedelta(days=1), **more)


def _in(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type,misc]


def _zurich(*parts: int) -> datetime:
    return _in("Europe/Zurich", *parts)


DATES = (
    _entry(1, "2026-03-10/2026-03-11", "One day", date(2026, 3, 10), date(2026, 3, 11)),
    _entry(2, "2027-04-26/2027-05-08", "Twelve days", date(2027, 4, 26), date(2027, 5, 8)),
    _entry(3, "2026-12-28/2027-01-09", "Over the end of the year", date(2026, 12, 28), date(2027, 1, 9)),
    _entry(4, "2026-12-31/2027-01-01", "Last day of the year", date(2026, 12, 31), date(2027, 1, 1)),
    _entry(5, "2028-02-29/2028-03-01", "Leap day", date(2028, 2, 29), date(2028, 3, 1)),
    _entry(
        6,
        "2027-04-01/2027-07-01 TENTATIVE",
        "(second quarter of 2027) Days are not known",
        date(2027, 4, 1),
        date(2027, 7, 1),
        status=EntryStatus.TENTATIVE,
    ),
    _entry(7, "2026-03-28/2026-03-31", "All day over the start of summer time", date(2026, 3, 28), date(2026, 3, 31)),
    _entry(8, "2026-10-24/2026-10-27", "All day over the end of summer time", date(2026, 10, 24), date(2026, 10, 27)),
    _entry(
        9,
        "2026-03-27T14:00Z/2026-03-27T15:30Z",
        "Winter time",
        _zurich(2026, 3, 27, 15, 0),
        _zurich(2026, 3, 27, 16, 30),
    ),
    _entry(
        10,
        "2026-03-30T13:00Z/2026-03-30T14:30Z",
        "Summer time",
        _zurich(2026, 3, 30, 15, 0),
        _zurich(2026, 3, 30, 16, 30),
    ),
    _entry(
        11,
        "2026-03-29T00:30Z/2026-03-29T01:30Z",
        "Through the hour that is left out",
        _zurich(2026, 3, 29, 1, 30),
        _zurich(2026, 3, 29, 3, 30),
    ),
    _entry(
        12,
        "2026-10-24T23:30Z/2026-10-25T02:30Z",
        "Through the hour that comes twice",
        _zurich(2026, 10, 25, 1, 30),
        _zurich(2026, 10, 25, 3, 30),
    ),
    _entry(
        13,
        "2026-06-30T23:00Z/2026-07-01T01:00Z",
        "Over midnight in UTC only",
        _zurich(2026, 7, 1, 1, 0),
        _zurich(2026, 7, 1, 3, 0),
    ),
    _entry(
        14,
        "2026-12-31T21:00Z/2027-01-01T01:00Z",
        "Over the new year",
        _zurich(2026, 12, 31, 22, 0),
        _zurich(2027, 1, 1, 2, 0),
    ),
    _entry(
        15,
        "2026-10-25T01:15Z/2026-10-25T01:45Z",
        "The second half of the hour that comes twice",
        *(_zurich(2026, 10, 25, 2, minute).replace(fold=1) for minute in (15, 45)),
    ),
    _entry(
        16,
        "2026-05-05T03:15Z/2026-05-05T04:45Z",
        "A quarter of an hour from everybody else",
        _in("Asia/Kathmandu", 2026, 5, 5, 9, 0),
        _in("Asia/Kathmandu", 2026, 5, 5, 10, 30),
    ),
    _entry(
        17,
        "2026-05-05T19:00Z/2026-05-05T21:00Z",
        "On the day before in UTC",
        _in("Pacific/Kiritimati", 2026, 5, 6, 9, 0),
        _in("Pacific/Kiritimati", 2026, 5, 6, 11, 0),
    ),
    _entry(
        19,
        "2026-05-09T00:00Z/2026-05-10T00:00Z",
        "From midnight to midnight in UTC, which is no all-day event",
        _in("UTC", 2026, 5, 9, 0, 0),
        _in("UTC", 2026, 5, 10, 0, 0),
    ),
)
STATES = (
    _day(20, "2026-06-21", "Confirmed", sequence=3, created=datetime(2025, 11, 30, 23, 59, 59, tzinfo=UTC)),
    _day(21, "2026-06-22 TENTATIVE", "Tentative", status=EntryStatus.TENTATIVE),
    _day(22, "2026-06-23 CANCELLED", "[CANCELLED] Was to take place", status=EntryStatus.CANCELLED, sequence=2**31 - 1),
    _entry(
        25,
        "2027-06-01/2027-07-01 TENTATIVE",
        "(June 2027) Somewhen in a month",
        date(2027, 6, 1),
        date(2027, 7, 1),
        status=EntryStatus.TENTATIVE,
    ),
    _entry(
        26,
        "2026-09-15T07:00Z/2026-09-15T10:00Z TENTATIVE",
        "Tentative, with hours",
        _zurich(2026, 9, 15, 9, 0),
        _zurich(2026, 9, 15, 12, 0),
        status=EntryStatus.TENTATIVE,
    ),
    _entry(
        27,
        "2026-09-16T13:00Z/2026-09-16T14:00Z CANCELLED",
        "[CANCELLED] Hearing in another zone",
        _in("America/New_York", 2026, 9, 16, 9, 0),
        _in("America/New_York", 2026, 9, 16, 10, 0),
        status=EntryStatus.CANCELLED,
        sequence=4,
    ),
    _entry(
        28,
        "2026-01-15/2026-01-17 CANCELLED",
        "[CANCELLED] Ten months ago",
        date(2026, 1, 15),
        date(2026, 1, 17),
        status=EntryStatus.CANCELLED,
        sequence=1,
    ),
    _day(24, "2026-06-25", "Was postponed and has new dates", sequence=8),
    _day(23, "2026-06-24 TENTATIVE", "[POSTPONED] New dates are not known", status=EntryStatus.TENTATIVE, sequence=7),
)
TEXTS = (
    _day(
        30,
        "2026-07-01",
        ARABIC,
        language="ar",
        description_language="ar",
        location="جنيف، سويسرا",
        description=ARABIC + "\n" + ARABIC,
    ),
    _day(
        31,
        "2026-07-02",
        CHINESE,
        language="zh",
        description_language="zh",
        location="日内瓦 瑞士",
        description=CHINESE * 3,
    ),
    _day(
        32,
        "2026-07-03",
        RUSSIAN,
        language="ru",
        description_language="ru",
        location="Женева, Швейцария",
        description=RUSSIAN * 2,
    ),
    _day(
        33,
        "2026-07-04",
        r"Commas, semicolons; colons: and \ backslashes \n \N \, \; \\",
        location=r"Room 1; floor 2, C:\New",
    ),
    _day(
        34,
        "2026-07-05",
        "Line\nends\r\nin a title",
        description="One\nTwo\r\nThree\rFour\u2028Five\u2029Six\x85Seven\n\n",
    ),
    _day(
        35,
        "2026-07-06",
        "Con\x00trol\x07 \x1b[1mcharacters\x7f",
        description="\x00\x01\x02\tTab stays\x0b\x0c\x1f\ufeff\x9f",
    ),
    _day(36, "2026-07-07", "Family 👨‍👩‍👧‍👦 and flag 🇨🇭 and e\u0301", description="🧪" * 100),
    _day(37, "2026-07-08", "Ten kilobytes", description="Réunion — 会议; встреча, اجتماع\n" * 190),
    _day(38, "2026-07-09", "  Blanks  around " + " " * 200 + "and between ", description=" " * 300 + "x" + " " * 300),
    _day(39, "2026-07-10", "Lone \ud83d surrogates \udcff", description="\ud800", location="\udfff"),
    _day(
        40,
        "2026-07-11",
        "BEGIN:VEVENT",
        description="END:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR",
        location="=3D %2C %0D%0A",
    ),
    _day(41, "2026-07-12", "Quotes \" and ' and <b>&amp;</b> and ^n", description="a" * 500, language="en-GB"),
    _day(
        42,
        "2026-07-13",
        "Réunion « préparatoire » : l’œuvre, çà et là",
        description="Où ? À Genève ; dès l’été.",
        language="fr",
        description_language="fr",
    ),
    _day(
        43,
        "2026-07-14",
        "¿Qué hacer?; ¡acción!, año y niñez",
        description="Español",
        language="es",
        description_language="es",
    ),
    _day(
        44,
        "2026-07-15",
        "Every length of letter across every fold",
        description="".join("x" * shift + letter * 60 for shift in range(1, 5) for letter in "é会🧪"),
    ),
    _day(45, "2026-07-16", "Escapes across folds " + ",;" * 60, description="\\;,\n" * 90),
    _day(46, "2026-07-17", "\u200f会议\u200e (Geneva) \u202b会\u202c \u2068isolated\u2069", language="zh"),
    *(
        _entry(number, "2026-07-18/2026-07-19", "Two of one kind", date(2026, 7, 18), date(2026, 7, 19))
        for number in (47, 48)
    ),
    _day(
        49,
        "2026-07-20",
        "METHOD:CANCEL",
        description="BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\nX-WR-TIMEZONE:Europe/Zurich",
    ),
)
REFERENCES = (
    _day(
        50,
        "2026-07-21",
        "Online",
        description="Register first.",
        conference=(
            ("https://meet.example.org/j/1?pwd=a,b;c&x=1", 'Meeting: "main", room; 1 \\ ^n'),
            ("tel:+41-22-000-00-00", "Téléphone\nGenève"),
            ("https://webcast.example.org/übertragung", ""),
        ),
    ),
    _day(51, "2026-07-22", "Only a link", conference=(("https://meet.example.org/j/2", "Webinar"),)),
    _day(52, "2026-07-23", "Place", location="Geneva, Switzerland", latitude=46.2044, longitude=6.1432),
    _day(53, "2026-07-24", "Place near the origin", latitude=0.00001, longitude=-0.0000001),
    _day(54, "2026-07-25", "Place in the south-west", latitude=-34.603722, longitude=-58.381592),
    _day(55, "2026-07-26", "Categories", categories=("Basel", "Rotterdam, Stockholm", "a;b\\c", "\x00", "two\nlines")),
    _day(
        56,
        "2026-07-27",
        "Related",
        related=(
            ("PARENT", "00000000-0000-4000-8000-000000000002"),
            ("sibling", "00000000-0000-4000-8000-000000000003"),
            ("DEPENDS-ON", "00000000-0000-4000-8000-000000000001"),
        ),
    ),
    _day(
        57,
        "2026-07-28",
        "HTML",
        description="Plain, text; only",
        html='<p>Rich, <a href="https://example.org/?a=1&amp;b=2">x</a>;</p>',
    ),
    _day(58, "2026-07-29", "Address", url="https://example.org/a path/é?q=a,b;c#部分"),
    _day(
        59,
        "2026-07-30",
        "Every way to take part",
        description="Call sip:room@example.org first.",
        conference=(
            ("sip:room@example.org", "Audio"),
            ("xmpp:room@example.org?join", "Chat"),
            ("http://a.example", ""),
        ),
    ),
    _day(
        61,
        "2026-08-01",
        "Assembly",
        description="Geneva, first; last\nنوع: مجلس",
        html='<div lang="ar"><p lang="en">Geneva, first; last</p><p>نوع: مجلس, 1;2</p></div>',
        description_language="",
    ),
)
OF_LONG_AGO = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
NAMES = (
    _day(
        62,
        "2026-08-02",
        "The longest UID, unchanged for long",
        uid="u" * 243 + "@example.org",
        created=OF_LONG_AGO,
        last_modified=OF_LONG_AGO,
    ),
    _day(63, "2026-08-03", "A UID of signs", uid="a!#$%&'()*+./:<=>?@^_`{|}~[]-b"),
)
GOLDEN = DATES + STATES + TEXTS + REFERENCES + NAMES
ENTRIES = tuple(golden.entry for golden in GOLDEN)


if __name__ == "__main__":
    sys.stdout.buffer.write(ics.write(INFO, ENTRIES))
