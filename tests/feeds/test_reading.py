"""Reading other people's feeds: every trap has a file in tests/data/reading, what must come out of it beside it."""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import assume, given
from hypothesis import strategies as st

from feeds.reading import child, ics, odata, rules, series, values, wire
from feeds.reading.values import Code, Failure, Horizon, ReadEvent, ReadFailedError, ReadFeed
from feeds.writing import ics as writing_ics
from tests.feeds.fuzz_readers import assert_sound, fuzz
from tests.feeds.golden import GOLDEN, INFO
from tests.feeds.reading_corpus import FOLDER, HORIZON, ZONE, expected, inputs, outcome

START = b"BEGIN:VCALENDAR\r\n"
END = b"END:VCALENDAR\r\n"
EVENT = b"BEGIN:VEVENT\nUID:%d\nSUMMARY:Meeting\nDTSTART:20270101\nEND:VEVENT\n"


def read(body, content_type=""):
    return ics.read(body, content_type, default_zone=ZONE, horizon=HORIZON)


def calendar(*lines):
    return START + b"\r\n".join([b"BEGIN:VEVENT", *(line.encode() for line in lines), b"END:VEVENT", b""]) + END


@pytest.mark.parametrize("path", inputs(), ids=lambda path: path.name)
def test_a_trap_gives_what_stands_beside_it(path):
    assert outcome(path, child.read_here) == expected(path)


def test_every_expectation_has_its_trap():
    assert {path.stem for path in inputs()} == {
        path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json")
    }


@pytest.mark.parametrize("name", ["fields.ics", "missing_end.ics", "informea_atom.xml"])
def test_a_child_reads_the_same(name):
    path = FOLDER / name
    assert outcome(path, child.read) == expected(path)


def test_what_is_read_survives_the_way_out_of_the_child():
    for path in inputs():
        try:
            kind = "ics" if path.suffix == ".ics" else "odata"
            feed = child.read_here(path.read_bytes(), "", kind, default_zone=ZONE, horizon=HORIZON)
        except ReadFailedError:
            continue
        again = wire.from_json(json.loads(json.dumps(wire.to_json(feed))))
        assert again == feed
        assert_sound(again)


def test_numbered_and_plain_weekdays_of_a_rule_add_up():
    rule = rules.parse("FREQ=MONTHLY;BYDAY=MO,1TU")
    found = list(rules.days(rule, date(2027, 3, 1), date(2027, 3, 1), date(2027, 3, 17)))
    assert [day.day for day in found] == [1, 2, 8, 15]


def test_two_feeds_with_zones_of_the_same_name_do_not_meet():
    """The library remembers the first definition for the whole process."""
    for _ in range(2):
        for name in ("zone_of_its_own", "same_zone_name_other_zone"):
            path = FOLDER / f"{name}.ics"
            assert outcome(path, child.read_here) == expected(path)


def in_utc(value):
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def test_our_own_feed_is_read_as_it_was_written():
    feed = read(writing_ics.write(INFO, [golden.entry for golden in GOLDEN]))
    assert (feed.problems, {note.code for note in feed.notes} - {Code.LONG_TEXT}) == ((), set())
    assert len(feed.events) == len(GOLDEN)
    for event, golden in zip(feed.events, GOLDEN, strict=True):
        entry = golden.entry
        assert (event.uid, event.sequence, event.status.value) == (entry.uid, entry.sequence, entry.status.value)
        assert (in_utc(event.start), in_utc(event.end)) == (in_utc(entry.start), in_utc(entry.end))
        assert event.last_modified == entry.last_modified
        assert (event.latitude is None) == (entry.latitude is None)


@pytest.mark.parametrize(
    ("content_type", "summary", "noted"),
    [
        ("text/calendar; charset=windows-1251", "Женева", "windows-1251"),
        ('text/calendar; charset="Windows-1251"', "Женева", "Windows-1251"),
        ("text/calendar; charset=utf-8", "Æåíåâà", "Latin-1"),
        ("text/calendar; charset=zip", "Æåíåâà", "Latin-1"),
        ("text/calendar; charset=unicode_escape", "Æåíåâà", "Latin-1"),
    ],
)
def test_bytes_are_utf_8_else_what_the_header_says_else_latin_1(content_type, summary, noted):
    body = calendar("UID:1", "DTSTART:20270101", "SUMMARY:Женева").decode().encode("cp1251")
    feed = read(body, content_type)
    assert feed.events[0].summary == summary
    assert [(note.code, note.detail) for note in feed.notes] == [(Code.ENCODING, noted)]


def test_a_series_without_end_stops_at_its_limit_and_says_so():
    feed = read(calendar("UID:1", "SUMMARY:Daily", "DTSTART:20270101", "RRULE:FREQ=DAILY"))
    assert len(feed.events) == series.MOST_OCCURRENCES
    assert [problem.code for problem in feed.problems] == [Code.TOO_MANY_OCCURRENCES]
    assert feed.left_out == ("1",)


OLD = Horizon(date(1970, 1, 1), date(2028, 12, 1))


def old(*lines):
    return ics.read(calendar("UID:1", "SUMMARY:Call", *lines), "", default_zone=ZONE, horizon=OLD)


def test_an_old_series_keeps_its_future_and_loses_its_oldest_dates():
    feed = old("DTSTART:20160104T090000Z", "RRULE:FREQ=WEEKLY")
    assert len(feed.events) == series.MOST_OCCURRENCES
    assert feed.events[-1].start.date() == date(2028, 11, 27)
    assert [(problem.code, problem.detail) for problem in feed.problems] == [(Code.TOO_MANY_OCCURRENCES, "500")]


def test_of_a_daily_series_the_dates_from_now_on_are_kept():
    feed = old("DTSTART:19700101", "RRULE:FREQ=DAILY")
    assert len(feed.events) == series.MOST_OCCURRENCES
    assert feed.events[0].start == OLD.recent == date(2026, 10, 30)


def test_a_series_that_is_not_too_long_keeps_all_its_dates():
    feed = old("DTSTART:20160104T090000Z", "RRULE:FREQ=MONTHLY")
    assert (len(feed.events), feed.events[0].start.year, feed.problems) == (155, 2016, ())


def test_dates_before_the_horizon_are_not_missed():
    dates = ",".join((date(2020, 1, 1) + timedelta(days=n)).strftime("%Y%m%d") for n in range(400))
    more = ",".join((date(2027, 1, 1) + timedelta(days=n)).strftime("%Y%m%d") for n in range(400))
    feed = read(calendar("UID:1", "DTSTART:20200101", f"RDATE;VALUE=DATE:{dates}", f"RDATE;VALUE=DATE:{more}"))
    assert (len(feed.events), feed.problems) == (400, ())


def test_a_feed_of_many_old_series_keeps_the_future_of_all():
    rule = b"DTSTART:20000103\nRRULE:FREQ=MONTHLY\nEND:VEVENT"
    body = START + b"".join((EVENT % n).replace(b"DTSTART:20270101\nEND:VEVENT", rule) for n in range(100)) + END
    feed = ics.read(body, "", default_zone=ZONE, horizon=OLD)
    last = {event.uid: event.start for event in feed.events}
    assert len(last) == 100
    assert set(last.values()) == {date(2028, 11, 3)}
    assert {problem.code for problem in feed.problems} == {Code.TOO_MANY_OCCURRENCES}


def test_a_period_without_a_length_has_no_end():
    dates = "RDATE;VALUE=PERIOD:20270302T080000Z/PT0M,20270303T080000Z/-PT1H,20270304T080000Z/PT1H"
    feed = read(calendar("UID:r", "SUMMARY:S", "DTSTART:20270301T080000Z", "DTEND:20270301T090000Z", dates))
    assert [event.end and event.end - event.start for event in feed.events] == [
        timedelta(hours=1), None, None, timedelta(hours=1),
    ]  # fmt: skip
    assert_sound(feed)


def test_a_feed_of_series_costs_a_bounded_number_of_days():
    """Each of these is looked at day by day since 1900."""
    rule = b"DTSTART:19000101\nRRULE:FREQ=YEARLY;COUNT=1000;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT"
    feed = read(START + b"".join((EVENT % n).replace(b"DTSTART:20270101\nEND:VEVENT", rule) for n in range(50)) + END)
    assert len(feed.left_out) > 40
    assert [problem.code for problem in feed.problems] == [Code.TOO_MUCH_WORK]
    # Known is the first date of each.
    assert {event.uid for event in feed.events} >= set(feed.left_out)


def test_more_events_than_any_calendar_has_are_a_failure(monkeypatch):
    monkeypatch.setattr(ics, "MOST_EVENTS", 3)
    assert len(read(START + b"".join(EVENT % n for n in range(3)) + END).events) == 3
    with pytest.raises(ReadFailedError) as failed:
        read(START + b"".join(EVENT % n for n in range(4)) + END)
    assert failed.value.reason is Failure.TOO_MANY


def test_remarks_are_counted_not_repeated_and_never_without_end():
    lines = [f"UID:{n}\nDTSTART:day {n}" for n in range(values.MOST_REMARKS + 5)]
    feed = read(START + b"".join(b"BEGIN:VEVENT\n" + line.encode() + b"\nEND:VEVENT\n" for line in lines) + END)
    assert len(feed.problems) == values.MOST_REMARKS + 1
    assert feed.problems[-1].sentence == "5 more remarks are not listed."
    assert len(feed.left_out) == len(lines)


def test_lost_events_without_a_uid_are_counted_behind_those_that_have_one():
    """However many remarks there are, and whether they say the same."""
    named = b"".join(b"BEGIN:VEVENT\nUID:%d\nDTSTART:day %d\nEND:VEVENT\n" % (n, n) for n in range(300))
    lost = [
        b"DTSTART:day 1",
        b"DTSTART:20270101\nEND:VTODO\nBEGIN:VEVENT\nUID:a\nDTSTART:20270101",
        b"DTSTART:07770101",
    ]
    lost += [b"SUMMARY:no start", b"UID: \nSUMMARY:no start"]
    feed = read(START + named + b"".join(b"BEGIN:VEVENT\n%s\nEND:VEVENT\n" % lines for lines in lost) + END)
    assert (feed.nameless, len(feed.left_out)) == (len(lost), 300)
    rows = [{"id": "1", "title": "x"}, {"title": "y", "start": "2027-03-01"}, "no row at all"]
    answer = json.dumps({"value": rows}).encode()
    assert odata.read(answer, "", default_zone=ZONE, horizon=HORIZON).nameless == 2


def test_every_remark_has_a_sentence():
    assert set(values.SENTENCES) == set(Code)


def test_a_child_that_needs_too_much_memory_is_given_up():
    body = START + b"".join(EVENT % n for n in range(60_000)) + END
    with pytest.raises(ReadFailedError) as failed:
        child.read(body, "", "ics", default_zone=ZONE, horizon=HORIZON, limits=child.Limits(memory=60_000_000))
    assert failed.value.reason is Failure.GAVE_UP


def test_a_child_that_needs_too_much_time_is_given_up():
    body = START + b"a:\n" * (child.LARGEST // 3 - 50) + END
    with pytest.raises(ReadFailedError) as failed:
        child.read(body, "", "ics", default_zone=ZONE, horizon=HORIZON, limits=child.Limits(seconds=1, memory=10**9))
    assert failed.value.reason is Failure.GAVE_UP


def test_a_feed_that_is_too_large_is_not_even_given_to_a_child():
    with pytest.raises(ReadFailedError) as failed:
        child.read(b" " * (child.LARGEST + 1), "", "ics", default_zone=ZONE, horizon=HORIZON)
    assert failed.value.reason is Failure.TOO_LARGE


def test_why_a_feed_cannot_be_read_comes_out_of_the_child_as_it_can_be_put_in_other_words():
    with pytest.raises(ReadFailedError) as failed:
        child.read(START + EVENT % 1, "", "ics", default_zone=ZONE, horizon=HORIZON)
    assert failed.value.template == "The calendar is cut off: it has no END:VCALENDAR."
    with pytest.raises(ReadFailedError) as failed:
        child.read(b" " * (child.LARGEST + 1), "", "ics", default_zone=ZONE, horizon=HORIZON)
    assert (failed.value.template, failed.value.values) == ("The feed is larger than %(size)s MB.", {"size": 5})


def test_nothing_of_our_environment_is_in_the_child(monkeypatch, tmp_path):
    """Not even what Python itself would run."""
    (tmp_path / "sitecustomize.py").write_text("import os\nos._exit(3)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert child.read(START + END, "", "ics", default_zone=ZONE, horizon=HORIZON) == ReadFeed()


WEEKDAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])


@st.composite
def recurrence_rules(draw):
    """Return a rule that is followed, and the day that it begins on."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": frequency, "INTERVAL": str(draw(st.integers(1, 5)))}
    if draw(st.booleans()):
        parts["COUNT"] = str(draw(st.integers(1, 40)))
    else:
        parts["UNTIL"] = draw(st.dates(date(2026, 1, 1), date(2031, 1, 1))).strftime("%Y%m%d")
    if draw(st.booleans()):
        parts["BYMONTH"] = ",".join(map(str, draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))))
    # Rules that never come true keep the other program busy until the year 9999: 13, 1 and 60 see to it that they do.
    if frequency != "WEEKLY" and draw(st.booleans()):
        days = draw(st.lists(st.integers(-31, 31).filter(bool), max_size=3))
        parts["BYMONTHDAY"] = ",".join(map(str, [13, *days]))
    elif frequency == "YEARLY" and "BYMONTH" not in parts and draw(st.booleans()):
        days = draw(st.lists(st.sampled_from([1, 59, 200, 366, -1, -366]), max_size=3))
        parts["BYYEARDAY"] = ",".join(map(str, [60, *days]))
    if "BYYEARDAY" not in parts and draw(st.booleans()):
        numbered = frequency in {"MONTHLY", "YEARLY"} and "BYMONTHDAY" not in parts and draw(st.booleans())
        # All of them or none: of "MO,1TU" the other program wants both at once, RFC 5545 either.
        number = st.sampled_from(["1", "2", "-1", "+3", "5"]) if numbered else st.just("")
        parts["BYDAY"] = ",".join(draw(st.lists(st.builds(str.__add__, number, WEEKDAYS), min_size=1, max_size=3)))
    if frequency in {"MONTHLY", "YEARLY"} and any(name.startswith("BY") for name in parts) and draw(st.booleans()):
        places = draw(st.lists(st.sampled_from([2, 3, -1, -2]), max_size=2))
        parts["BYSETPOS"] = ",".join(map(str, [1, *places]))
    if draw(st.booleans()):
        parts["WKST"] = draw(WEEKDAYS)
    return ";".join(f"{name}={value}" for name, value in parts.items())


@given(recurrence_rules(), st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_a_rule_gives_the_days_that_another_program_gives(text, wanted):
    """dateutil is that program. It leaves out a first day that the rule does not name: we begin on one it names."""
    begun = next(iter(rrule.rrulestr(text, dtstart=datetime.combine(wanted, datetime.min.time()))), None)
    assume(begun is not None)
    start, again = begun.date(), rrule.rrulestr(text, dtstart=begun)
    horizon = Horizon(date(2026, 1, 1), date(2030, 6, 1))
    inside = [day.date() for day in again if day.date() < horizon.end and day.date() >= horizon.first]
    rule = rules.parse(text)
    ours = [day for day in rules.days(rule, start, *horizon) if rule.until is None or day <= rule.until]
    assert ours == inside


def page(*ids, next_url=""):
    return ReadFeed(events=tuple(ReadEvent(uid=uid) for uid in ids), rows=len(ids), next_url=next_url)


ADDRESS = "https://odata.example/informea.svc/Meetings?$expand=title,description&$filter=treaty eq 'basel'&$top=5"


def test_pages_are_asked_for_one_after_another():
    first = odata.Pages(url=ADDRESS, top=2)
    assert first.address == (
        "https://odata.example/informea.svc/Meetings?$expand=title,description&$filter=treaty%20eq%20'basel'"
        "&$top=2&$skip=0"
    )
    second = first.after(page("a", "b"))
    assert second.address.endswith("&$top=2&$skip=2")
    assert second.after(page("c")) is None
    assert second.after(page()) is None


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([page("a", "b"), page("a", "b")], id="ignores $skip"),
        pytest.param([page("a", "b", "c", "d")], id="knows no pages"),
        pytest.param([page("a", "b"), page("c")], id="short page"),
        pytest.param([page("a", "b"), page()], id="empty page"),
    ],
)
def test_pages_end(answers):
    pages = odata.Pages(url=ADDRESS, top=2)
    for answer in answers[:-1]:
        pages = pages.after(answer)
    assert pages.after(answers[-1]) is None


@pytest.mark.parametrize(
    "next_url",
    [
        "Meetings?$skiptoken=1",
        "https://odata.example/informea.svc/Meetings?$skiptoken=1",
        # As a service behind a proxy writes it.
        "http://odata.example/informea.svc/Meetings?$skiptoken=1",
        "http://ODATA.example:8080/informea.svc/Meetings?$skiptoken=1",
        "https://somebody@odata.example/informea.svc/Meetings?$skiptoken=1",
    ],
)
def test_a_page_that_the_service_names_is_followed_by_the_scheme_that_was_asked(next_url):
    named = odata.Pages(url=ADDRESS, top=5).after(page("a", next_url=next_url))
    assert named.address == "https://odata.example/informea.svc/Meetings?$skiptoken=1"
    assert named.after(page("b")) is None


@pytest.mark.parametrize(
    "next_url", ["https://other.example/Meetings", "file:///etc/passwd", "https://[", "//inner:8080/Meetings"]
)
def test_a_next_page_at_another_host_is_asked_for_here_and_never_taken_for_the_end(next_url):
    pages = odata.Pages(url=ADDRESS, top=5)
    second = pages.after(page("a", "b", next_url=next_url))
    assert second.address == pages.address.replace("$skip=0", "$skip=2")
    assert second.after(page("c")) is None
    assert second.after(page()) is None
    with pytest.raises(ReadFailedError):  # one that ignores $skip
        second.after(page("a", "b", next_url=next_url))


def test_a_next_page_that_is_the_same_again_is_a_failure_not_an_end():
    second = odata.Pages(url=ADDRESS, top=5).after(page("a", next_url="?$skiptoken=1"))
    with pytest.raises(ReadFailedError):
        second.after(page("a", next_url="?$skiptoken=1"))


def test_pages_without_end_are_a_failure_not_an_end():
    pages = odata.Pages(url=ADDRESS, top=1)
    for number in range(odata.MOST_PAGES - 1):
        pages = pages.after(page(str(number)))
    with pytest.raises(ReadFailedError):
        pages.after(page("one more"))


def test_the_same_rule_by_the_clock_ends_when_it_says():
    lines = ("UID:1", "SUMMARY:x", "DTSTART;TZID=America/New_York:20270301T200000", "DURATION:PT1H")
    day_in_utc = read(calendar(*lines, "RRULE:FREQ=DAILY;UNTIL=20270304T010000Z"))
    assert [event.start.day for event in day_in_utc.events] == [1, 2, 3]
    assert day_in_utc.events[-1].start == datetime(2027, 3, 3, 20, tzinfo=ZoneInfo("America/New_York"))
    assert day_in_utc.events[-1].end - day_in_utc.events[-1].start == timedelta(hours=1)
    earlier = read(calendar(*lines, "RRULE:FREQ=DAILY;UNTIL=20270304T005959Z"))
    assert [event.start.day for event in earlier.events] == [1, 2]
    assert earlier.events[0].start.astimezone(UTC).day == 2


def test_broken_feeds_are_read_or_refused():
    """A short run of `python -m tests.feeds.fuzz_readers`; in CI always the same feeds."""
    seed = 1 if os.environ.get("CI") else random.randrange(10**6)
    figures = fuzz(30, seed, large_every=250, runs=500)
    assert figures.failures == [], f"seed {seed}"
    assert figures.seconds < 5
