"""The golden events cover every row of what a feed must get right, and their bytes are the same everywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import NamedTuple

import pytest
from icalendar import Calendar

from calendar_app.factory import ROOT
from feeds.writing import characters, ics
from tests.conftest import close_databases, make_app
from tests.feeds import golden_records
from tests.feeds.golden import ENTRIES, GOLDEN, INFO
from tests.feeds.ics_lint import RULES, lint
from tests.feeds.readers import READERS, absent_readers, in_ci, read_with

BYTES = (ROOT / "tests" / "data" / "golden.ics").read_bytes()
HEAD = re.sub(r"\r\n ", "", BYTES.partition(b"BEGIN:VEVENT")[0].decode()).replace("\r\n", "\n")
SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati"},
    {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "C", "PYTHONOPTIMIZE": "1"},
)
ABSENT = absent_readers()


class Row(NamedTuple):
    """A row of what a feed must get right.

    `events` are numbers of golden events; the text of each, unfolded, has a match of `shows`, the calendar's own lines
    one of each of `head`. `rules` of the linter watch over it.
    """

    rules: tuple[str, ...]
    events: tuple[int, ...] = ()
    shows: str = ""
    head: tuple[str, ...] = ()


LETTERS = (30, 31, 32, 36, 37, 42, 43, 44, 46)
ROWS = {
    "trap 1: one-off times are in UTC": Row(
        ("tzid", "zone"), (*range(9, 18), 19, 26, 27), r"\nDTSTART:\d{8}T\d{6}Z\nDTEND:\d{8}T\d{6}Z\n"
    ),
    "trap 2: no UID of the calendar": Row(("policy", "prodid"), head=(r"^(?!(.*\n)*UID)",)),
    "trap 3: every text is escaped": Row(("escape",), (33, 45, 55, 57), r"\\[,;\\]", (r"\nNAME[^:]*:.*\\, .*\\; ",)),
    "trap 3: types of values are said": Row(
        ("calendar",),
        head=(
            r"\nREFRESH-INTERVAL;VALUE=DURATION:PT6H\n",
            r"\nX-PUBLISHED-TTL:PT6H\n",
            r"\nSOURCE;VALUE=URI:https:",
        ),
    ),
    "UID": Row(("uid", "required"), (47, 48, 62, 63), r"\nUID:[!-+\--~]{30,}\n"),
    "METHOD": Row(("method",), (49,), r"\nSUMMARY[^\n]*:METHOD:CANCEL\n", (r"^(?!(.*\n)*METHOD)",)),
    "DTSTAMP, LAST-MODIFIED": Row(
        ("utc", "stamp"), (20, 62), r"\nDTSTAMP:(\d{8}T\d{6}Z)\n(.*\n)*CREATED:\d{8}T\d{6}Z\n(.*\n)*LAST-MODIFIED:\1\n"
    ),
    "SEQUENCE": Row(("sequence",), (1, 20, 22, 23, 24, 27, 28), r"\nSEQUENCE:\d+\n"),
    "all-day": Row(
        ("date", "order"), (*range(1, 9), 25), r"\nDTSTART;VALUE=DATE:\d{8}\nDTEND;VALUE=DATE:\d{8}\n"
    ),
    "STATUS": Row(("status",), (20, 21, 22, 23, 26, 27), r"\nSTATUS:(TENTATIVE|CONFIRMED|CANCELLED)\n"),
    "cancelled": Row(
        ("mark",), (22, 27, 28), r"SUMMARY;LANGUAGE=en:\[CANCELLED\] .*\n(.*\n)*SEQUENCE:[1-9](.*\n)*STATUS:CANCELLED\n"
    ),
    "postponed, dates not known": Row(("status",), (23,), r"SUMMARY[^:]*:\[POSTPONED\] .*\n(.*\n)*STATUS:TENTATIVE"),
    "postponed, dates known": Row(("status",), (24,), r"SUMMARY[^:]*:Was.*\n(.*\n)*SEQUENCE:8(.*\n)*STATUS:CONFIRMED"),
    "imprecise dates": Row(("date",), (6, 25), r"SUMMARY[^:]*:\(\w.*\) .*\nDTSTART;VALUE=DATE(.*\n)*STATUS:TENTATIVE"),
    "busy time": Row(
        ("policy", "busy"),
        (2, 20, 21, 22, 26, 27),
        r"\nSTATUS:(?:TENTATIVE\nTRANSP:TRANSPARENT\n(.*\n)*X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"
        r"|C\w+\nTRANSP:TRANSPARENT\n(.*\n)*X-MICROSOFT-CDO-BUSYSTATUS:FREE)\n",
    ),
    "text: lines": Row(("crlf", "fold", "split", "line", "structure", "version"), LETTERS, r"[^\x00-\x7f]"),
    "text: characters": Row(
        ("bom", "encoding", "control"),
        (34, 35, 38, 39, 40, 41),
        r"SUMMARY[^:]*:(Line ends in a title|Control \[1mcharacters|Blanks around and between"
        r"|Lone surrogates|BEGIN:VEVENT|Quotes \" and ' and <b>&amp\\;</b> and \^n)\n",
    ),
    "HTML": Row(("html",), (57, 61), r"\nDESCRIPTION(.*\n)*X-ALT-DESC;FMTTYPE=text/html:<html"),
    "online link": Row(
        ("online",),
        (50, 51, 59),
        r"\nCONFERENCE;FEATURE=[A-Z,]+;LABEL=[^:]+[^\n]*;VALUE=URI:(\S+)\n(.*\n)*?DESCRIPTION[^\n]*",
    ),
    "language": Row(
        ("language",), (30, 31, 32, 41, 42, 43, 46, 61), r"SUMMARY;LANGUAGE=[a-z]+", (r"\nNAME;LANGUAGE=en:",)
    ),
    "alarms": Row(("policy",), (49,), r"\nDESCRIPTION[^\n]*:BEGIN:VALARM\\nACTION"),
    "place and relations": Row(
        ("required",), (52, 53, 54, 56, 58), r"\n(GEO:[-.\d]+;[-.\d]+|RELATED-TO;.*|URL:[!-~]+%\S+)\n"
    ),
    "calendar: name and description": Row(
        ("calendar",), head=(r"\nNAME;", r"\nX-WR-CALNAME:", r"\nDESCRIPTION;", r"\nX-WR-CALDESC:")
    ),
    "calendar: colour": Row(("calendar",), head=(r"\nCOLOR:teal\n", r"\nX-APPLE-CALENDAR-COLOR:#0F6E8C\n")),
    "calendar: addresses": Row(("calendar",), head=(r"\nSOURCE;VALUE=URI:https", r"\nURL:https")),
    "calendar: last change": Row(("calendar", "utc"), head=(r"\nLAST-MODIFIED:\d{8}T\d{6}Z\n",)),
    "calendar: no X-WR-TIMEZONE": Row(("policy",), head=(r"^(?!(.*\n)*X-WR-TIMEZONE)",)),
}  # fmt: skip


def child(*arguments: str, **surroundings: str) -> bytes:
    """What another Python process writes, which has other hashes of strings and another time zone."""
    environment = {**os.environ, **surroundings}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, timeout=120).stdout


@pytest.mark.parametrize("name", ROWS)
def test_every_row_has_events_or_lines_that_show_it_and_rules_that_watch_it(name):
    row = ROWS[name]
    assert row.events or row.head
    assert bool(row.events) is bool(row.shows)
    assert row.rules
    assert set(row.rules) <= set(RULES)
    texts = {golden.number: ics.write_event(golden.entry).replace(b"\r\n ", b"") for golden in GOLDEN}
    for number in row.events:
        assert re.search(row.shows, texts[number].decode().replace("\r\n", "\n")), number
    for pattern in row.head:
        assert re.search(pattern, HEAD), pattern


def test_there_are_sixty_events_and_none_without_a_row():
    assert len({golden.number for golden in GOLDEN}) == len({entry.uid for entry in ENTRIES}) == 60
    assert {golden.number for golden in GOLDEN} == {number for row in ROWS.values() for number in row.events}


def test_every_rule_of_the_linter_watches_a_row():
    assert {rule for row in ROWS.values() for rule in row.rules} == set(RULES)


def test_the_writer_writes_these_bytes():
    assert lint(BYTES) == []
    for _again in range(2):
        assert ics.write(INFO, ENTRIES) == BYTES


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_every_process_writes_these_bytes(surroundings):
    assert child("tests.feeds.golden", **surroundings) == BYTES


# --- as events of the calendar


@pytest.fixture(scope="module")
def stored(sqlite_databases, tmp_path_factory) -> dict[str, bytes]:
    """The feeds of a calendar that has the golden events, by address."""
    url = sqlite_databases.make(with_tables=True)
    app = make_app(url, tmp_path_factory.mktemp("golden"))
    with app.app_context():
        golden_records.load()
        feeds = dict(zip(golden_records.FEEDS, golden_records.feeds_of(app), strict=True))
        close_databases()
    sqlite_databases.drop(url)
    return feeds


def test_what_the_calendar_cannot_keep_is_little_and_known():
    assert set(golden_records.NOT_KEPT) <= {golden.number for golden in GOLDEN}
    assert len(golden_records.KEPT) == 55


def test_the_calendar_serves_them_without_an_error_in_every_language(stored):
    for address, data in stored.items():
        assert lint(data) == [], address


@pytest.mark.enable_socket
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_reader_sees_every_stored_event_as_it_is(stored, reader):
    if reader.name in ABSENT:
        (pytest.fail if in_ci() else pytest.skip)(ABSENT[reader.name])
    for address, left_out in ((golden_records.EVERYTHING, ()), ("/feeds/all.ics", golden_records.ON_REQUEST)):
        wanted = [reader.project(g.expected) for g in golden_records.KEPT if g.number not in left_out]
        assert sorted(map(str, read_with(reader, stored[address]))) == sorted(map(str, wanted))


def test_a_stored_event_has_the_title_with_its_marks_the_place_and_the_counters_of_the_golden_one(stored):
    shown = {str(event["UID"]): event for event in Calendar.from_ical(stored[golden_records.EVERYTHING]).walk("VEVENT")}
    for golden in golden_records.KEPT:
        event, entry = shown[golden.entry.uid], golden.entry
        assert event["SUMMARY"] == characters.line(entry.summary)
        assert event["SEQUENCE"] == entry.sequence
        assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt == entry.last_modified
        assert str(event.get("LOCATION", "")) == characters.text(entry.location)
        assert characters.text(entry.description).strip() in event["DESCRIPTION"]
        assert ("CONFERENCE" in event) is bool(entry.conference)


def test_both_databases_and_every_process_serve_the_same_bytes(
    stored, sqlite_databases, postgresql_databases, tmp_path
):
    # In another order: the database has to sort them.
    for databases, surroundings in zip((sqlite_databases, postgresql_databases), SURROUNDINGS, strict=True):
        url = databases.make(with_tables=True)
        app = make_app(url, tmp_path)
        with app.app_context():
            golden_records.load(golden_records.KEPT[::-1])
            assert golden_records.feeds_of(app) == list(stored.values())
            close_databases()
        served = child("tests.feeds.golden_records", url, str(tmp_path), **surroundings)
        databases.drop(url)
        assert served == b"".join(stored.values())
