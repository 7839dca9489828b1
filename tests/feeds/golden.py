"""A feed in code whose entries have everything that readers stumble over.

The events are made up for the tests.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from feeds.entries import EntryStatus, FeedEntry, FeedInfo

ZURICH = ZoneInfo("Europe/Zurich")
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


def _entry(number: int, summary: str, start: date, end: date, **more: object) -> FeedEntry:
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
    return replace(first, **more)  # type: ignore[arg-type]


def _day(number: int, summary: str, **more: object) -> FeedEntry:
    """Return an all-day event of one day, on another day for each number."""
    start = date(2026, 6, 1) + timedelta(days=number)
    return _entry(number, summary, start, start + timedelta(days=1), **more)


def _zurich(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZURICH)  # type: ignore[arg-type,misc]


DATES = (
    _entry(1, "One day", date(2026, 3, 10), date(2026, 3, 11)),
    _entry(2, "Twelve days", date(2027, 4, 26), date(2027, 5, 8)),
    _entry(3, "Over the end of the year", date(2026, 12, 28), date(2027, 1, 9)),
    _entry(4, "Last day of the year", date(2026, 12, 31), date(2027, 1, 1)),
    _entry(5, "Leap day", date(2028, 2, 29), date(2028, 3, 1)),
    _entry(
        6,
        "A quarter whose days are not known",
        date(2027, 4, 1),
        date(2027, 7, 1),
        status=EntryStatus.TENTATIVE,
    ),
    _entry(7, "All day over the start of summer time", date(2026, 3, 28), date(2026, 3, 31)),
    _entry(8, "All day over the end of summer time", date(2026, 10, 24), date(2026, 10, 27)),
    _entry(9, "Winter time", _zurich(2026, 3, 27, 15, 0), _zurich(2026, 3, 27, 16, 30)),
    _entry(10, "Summer time", _zurich(2026, 3, 30, 15, 0), _zurich(2026, 3, 30, 16, 30)),
    _entry(11, "Through the hour that is left out", _zurich(2026, 3, 29, 1, 30), _zurich(2026, 3, 29, 3, 30)),
    _entry(12, "Through the hour that comes twice", _zurich(2026, 10, 25, 1, 30), _zurich(2026, 10, 25, 3, 30)),
    _entry(13, "Over midnight in UTC only", _zurich(2026, 7, 1, 1, 0), _zurich(2026, 7, 1, 3, 0)),
    _entry(14, "Over the new year", _zurich(2026, 12, 31, 22, 0), _zurich(2027, 1, 1, 2, 0)),
    _entry(
        15,
        "The second half of the hour that comes twice",
        *(_zurich(2026, 10, 25, 2, minute).replace(fold=1) for minute in (15, 45)),
    ),
)
STATES = (
    _day(20, "Confirmed", sequence=3, created=datetime(2025, 11, 30, 23, 59, 59, tzinfo=UTC)),
    _day(21, "Tentative", status=EntryStatus.TENTATIVE),
    _day(22, "[CANCELLED] Was to take place", status=EntryStatus.CANCELLED, sequence=2**31 - 1),
    _day(23, "[POSTPONED] New dates are not known", status=EntryStatus.TENTATIVE, sequence=7),
)
TEXTS = (
    _day(30, ARABIC, language="ar", location="جنيف، سويسرا", description=ARABIC + "\n" + ARABIC),
    _day(31, CHINESE, language="zh", location="日内瓦 瑞士", description=CHINESE * 3),
    _day(32, RUSSIAN, language="ru", location="Женева, Швейцария", description=RUSSIAN * 2),
    _day(
        33,
        r"Commas, semicolons; colons: and \ backslashes \n \N \, \; \\",
        location=r"Room 1; floor 2, C:\New",
    ),
    _day(34, "Line\nends\r\nin a title", description="One\nTwo\r\nThree\rFour\u2028Five\u2029Six\x85Seven\n\n"),
    _day(
        35,
        "Con\x00trol\x07 \x1b[1mcharacters\x7f",
        description="\x00\x01\x02\tTab stays\x0b\x0c\x1f\ufeff\x9f",
    ),
    _day(36, "Family 👨‍👩‍👧‍👦 and flag 🇨🇭 and e\u0301", description="🧪" * 100),
    _day(37, "Ten kilobytes", description="Réunion — 会议; встреча, اجتماع\n" * 190),
    _day(38, "  Blanks  around " + " " * 200 + "and between ", description=" " * 300 + "x" + " " * 300),
    _day(39, "Lone \ud83d surrogates \udcff", description="\ud800", location="\udfff"),
    _day(
        40,
        "BEGIN:VEVENT",
        description="END:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR",
        location="=3D %2C %0D%0A",
    ),
    _day(41, "Quotes \" and ' and <b>&amp;</b> and ^n", description="a" * 500, language="en-GB"),
)
REFERENCES = (
    _day(
        50,
        "Online",
        description="Register first.",
        conference=(
            ("https://meet.example.org/j/1?pwd=a,b;c&x=1", 'Meeting: "main", room; 1 \\ ^n'),
            ("tel:+41-22-000-00-00", "Téléphone\nGenève"),
            ("https://webcast.example.org/übertragung", ""),
        ),
    ),
    _day(51, "Only a link", conference=(("https://meet.example.org/j/2", "Webinar"),)),
    _day(52, "Place", location="Geneva, Switzerland", latitude=46.2044, longitude=6.1432),
    _day(53, "Place near the origin", latitude=0.00001, longitude=-0.0000001),
    _day(54, "Place in the south-west", latitude=-34.603722, longitude=-58.381592),
    _day(55, "Categories", categories=("Basel", "Rotterdam, Stockholm", "a;b\\c", "\x00", "two\nlines")),
    _day(
        56,
        "Related",
        related=(
            ("PARENT", "00000000-0000-4000-8000-000000000002"),
            ("sibling", "00000000-0000-4000-8000-000000000003"),
            ("DEPENDS-ON", "00000000-0000-4000-8000-000000000001"),
        ),
    ),
    _day(
        57,
        "HTML",
        description="Plain, text; only",
        html='<p>Rich, <a href="https://example.org/?a=1&amp;b=2">x</a>;</p>',
    ),
    _day(58, "Address", url="https://example.org/a path/é?q=a,b;c#部分"),
)
ENTRIES = DATES + STATES + TEXTS + REFERENCES
