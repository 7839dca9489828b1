"""The packaged calendar is kept by hand: these tests catch a slip before it reaches a page or a feed.

They read the files with the standard library alone, as an officer's spreadsheet would show them.
"""

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from calendar_app.services.columns import COLUMNS as ALL_COLUMNS

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "calendar_app" / "reference"

# The packaged file leaves out the internal and bookkeeping columns that follow "outcome".
COLUMNS = list(ALL_COLUMNS[: ALL_COLUMNS.index("outcome") + 1])
WORDS = {
    "date_precision": {"day", "month", "quarter", "year", "words"},
    "status": {"tentative", "confirmed", "postponed", "cancelled"},
    "format": {"in-person", "online", "hybrid", "unknown"},
    "visibility": {"steward", "members", "public"},
    "stage": {"draft", "submitted", "changes-requested", "scheduled", "published", "rejected", "withdrawn"},
    "part_role": {"", "part", "segment", "session", "side-event", "pre-meeting", "briefing"},
    "access": {"", "public", "invitation"},
}
ROLES = {"lead", "co-organiser", "partner", "funder"}
LINKS = {"back-to-back", "prepares-for", "briefing-for", "information-session-for", "same-as", "overlap-intended"}
SOURCE_COLUMNS = tuple(
    "source_ids source_file source_url source_quote source_dates source_notes source_conflicts".split()
)
# These come before the meeting they belong to; every other part lies inside its whole.
BEFORE = {"pre-meeting", "briefing"}
FEWEST_RECORDS = 120
BEGAN_WITH = 170


def rows(path: Path) -> list[dict[str, str]]:
    """Return all rows of a CSV file; every row has a cell for every column."""
    with path.open(encoding="utf-8", newline="") as handle:
        header, *body = csv.reader(handle)
    return [dict(zip(header, row, strict=True)) for row in body]


@cache
def codes(name: str, column: str) -> set[str]:
    """Return one column of a reference list."""
    return {row[column] for row in rows(REFERENCE / f"{name}.csv")}


def entries(cell: str) -> list[str]:
    """Split a cell that holds a list."""
    return [part.strip() for part in cell.split(";")] if cell else []


EVENTS = rows(REFERENCE / "events.csv")
BY_ID = {row["id"]: row for row in EVENTS}
KINDS = tomllib.loads((REFERENCE / "kinds.toml").read_text(encoding="utf-8"))["kinds"]
MEMBERS = {row["code"] for row in rows(REFERENCE / "organisations.csv") if row["member"] == "yes"}
CITIES = {row["name"]: row["country"] for row in rows(REFERENCE / "cities.csv")}
SHORT_NAMES = {row["slug"]: row["short_name"] for row in rows(REFERENCE / "processes.csv")}
LANES = {row["code"]: SHORT_NAMES[row["process"]] for row in rows(REFERENCE / "bodies.csv")}
ZONES = available_timezones()


def each_event(check: Callable[[dict[str, str]], None]) -> Callable[[], None]:
    """Make one test of a check of every record; it names all records that fail, not only the first."""

    def test() -> None:
        failed = []
        for event in EVENTS:
            try:
                check(event)
            except (AssertionError, KeyError, ValueError) as error:
                failed.append(f"{event['id']}: {type(error).__name__} {error}")
        if failed:
            pytest.fail("\n".join(failed), pytrace=False)

    test.__name__, test.__doc__ = check.__name__, check.__doc__
    return test


def sources_of(event: dict[str, str]) -> list[str]:
    """Return the ids of a record's sources, one a source, "" where a source has none."""
    return event["source_ids"].split("\n")


def test_the_columns_stand_in_the_agreed_order() -> None:
    assert list(EVENTS[0]) == COLUMNS


def test_ids_are_unique_and_at_least_120_records_remain() -> None:
    assert len(BY_ID) == len(EVENTS) >= FEWEST_RECORDS


def test_every_id_the_calendar_began_with_finds_its_one_record() -> None:
    pairs = rows(ROOT / "tests" / "data" / "calendar_ids.csv")
    assert len({pair["input_id"] for pair in pairs}) == len(pairs) == BEGAN_WITH
    for pair in pairs:
        found = [event["id"] for event in EVENTS if pair["input_id"] in (event["id"], *sources_of(event))]
        assert found == [pair["record_id"]], pair


def test_no_source_id_stands_in_two_records() -> None:
    counts = Counter(name for event in EVENTS for name in {event["id"], *sources_of(event)} if name)
    assert not [name for name, count in counts.items() if count > 1]


@each_event
def test_words_are_of_the_vocabulary(event: dict[str, str]) -> None:
    for column, valid in WORDS.items():
        assert event[column] in valid, column
    assert event["kind"] in KINDS
    assert event["visibility"] == "public"
    assert event["stage"] == "published"


@each_event
def test_codes_are_in_the_reference_lists(event: dict[str, str]) -> None:
    assert set(entries(event["body"])) <= codes("bodies", "code")
    assert entries(event["conventions"]), "an event without a convention or process is in no lane"
    assert set(entries(event["conventions"])) <= codes("processes", "short_name")
    assert set(entries(event["organiser"])) <= codes("organisations", "code")
    assert entries(event["organiser"])
    assert set(entries(event["regions"])) <= codes("regions", "code")
    assert set(entries(event["audiences"])) <= codes("audiences", "code")
    assert event["steward"] in MEMBERS


@each_event
def test_the_lane_of_every_body_is_among_the_conventions(event: dict[str, str]) -> None:
    assert {LANES[body] for body in entries(event["body"])} <= set(entries(event["conventions"]))


@each_event
def test_a_member_that_organises_keeps_the_record(event: dict[str, str]) -> None:
    organising = [code for code in entries(event["organiser"]) if code in MEMBERS]
    assert not organising or event["steward"] == organising[0]


@each_event
def test_cities_are_listed_with_their_country(event: dict[str, str]) -> None:
    if event["city"]:
        assert CITIES[event["city"]] == event["country"]
    assert event["latitude"] == event["longitude"] == "", "the position comes from the list of cities"


@each_event
def test_cells_that_belong_together_have_as_many_entries(event: dict[str, str]) -> None:
    bodies, numbers = entries(event["body"]), entries(event["body_numbers"])
    assert len(numbers) in (0, len(bodies))
    assert all(re.fullmatch(r"[1-9]\d{0,2}", number) for number in numbers)
    roles = entries(event["organiser_roles"])
    assert len(roles) == len(entries(event["organiser"]))
    assert set(roles) <= ROLES
    assert roles[0] == "lead"
    assert len({event[column].count("\n") for column in SOURCE_COLUMNS}) == 1


@each_event
def test_every_source_is_cited(event: dict[str, str]) -> None:
    citations = event["source_file"].split("\n")
    assert all(citations)
    assert not [text for text in citations if text.endswith(".txt") or text == "public"]
    assert all(re.fullmatch(r"(https?://\S+)?", url) for url in event["source_url"].split("\n"))
    assert event["id"] in sources_of(event)


@each_event
def test_dates_are_valid_and_fit_their_precision(event: dict[str, str]) -> None:
    assert event["date_text"], "the wording is kept also where the days are known"
    first, last = date.fromisoformat(event["start"]), date.fromisoformat(event["end"])
    after = last + timedelta(days=1)
    assert first <= last
    precision = event["date_precision"]
    if precision in ("month", "quarter", "year"):
        assert first.day == after.day == 1
    if precision == "quarter":
        assert first.month % 3 == after.month % 3 == 1
    if precision == "year":
        assert first.month == after.month == 1


@each_event
def test_times_stand_on_known_days_in_a_known_zone(event: dict[str, str]) -> None:
    if not event["start_time"]:
        assert not event["end_time"]
        return
    assert event["date_precision"] == "day"
    assert event["timezone"] in ZONES
    times = [event["start_time"]] + ([event["end_time"]] if event["end_time"] else [])
    assert all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time) for time in times)
    assert times == sorted(times)


@each_event
def test_titles_hold_no_time_of_day(event: dict[str, str]) -> None:
    assert event["title"]
    assert not re.search(r"\d{1,2}:\d{2}", event["title"] + event["short_title"])


@each_event
def test_wholes_and_links_exist_and_no_event_is_part_of_itself(event: dict[str, str]) -> None:
    seen, whole = {event["id"]}, event["part_of"]
    while whole:
        assert whole in BY_ID
        assert whole not in seen
        seen.add(whole)
        whole = BY_ID[whole]["part_of"]
    assert bool(event["part_of"]) == bool(event["part_role"])
    for link in entries(event["links"]):
        kind, other = link.split(" ")
        assert kind in LINKS
        assert other in BY_ID
        assert other != event["id"]


@each_event
def test_parts_lie_inside_their_whole_and_what_prepares_it_comes_before(event: dict[str, str]) -> None:
    if not event["part_of"]:
        return
    whole = BY_ID[event["part_of"]]
    if event["part_role"] in BEFORE:
        assert event["end"] < whole["start"]
    else:
        assert whole["start"] <= event["start"] <= event["end"] <= whole["end"]


def test_a_whole_made_for_its_parts_has_their_outer_days() -> None:
    made = [event for event in EVENTS if event["id"].startswith("w-") and event["date_precision"] == "words"]
    assert made
    for whole in made:
        parts = [event for event in EVENTS if event["part_of"] == whole["id"]]
        assert len(parts) > 1, whole["id"]
        assert whole["start"] == min(part["start"] for part in parts)
        assert whole["end"] == max(part["end"] for part in parts)


def test_cities_have_a_zone_a_position_and_names_of_their_own() -> None:
    cities = rows(REFERENCE / "cities.csv")
    for city in cities:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", city["slug"]), city
        assert city["timezone"] in ZONES, city
        assert re.fullmatch(r"-?\d{1,2}\.\d\d", city["latitude"]), city
        assert re.fullmatch(r"-?\d{1,3}\.\d\d", city["longitude"]), city
    names = Counter(name.casefold() for city in cities for name in (city["name"], *entries(city["aliases"])))
    assert not [name for name, count in names.items() if count > 1]


def test_joint_meetings_are_one_record_of_three_bodies() -> None:
    joint = {
        "s-brs-cops-2015": "12; 7; 7",
        "s-brs-cops-2017": "13; 8; 8",
        "p-brs-cops-2019": "14; 9; 9",
        "p-brs-cops-2025": "17; 12; 12",
        "p-brs-cops-2027": "18; 13; 13",
    }
    for name, numbers in joint.items():
        assert (BY_ID[name]["body"], BY_ID[name]["body_numbers"]) == ("BC-COP; RC-COP; SC-COP", numbers)


def test_a_meeting_of_a_numbered_body_is_recorded_once() -> None:
    counts = Counter(
        (body, number, event["part_label"])
        for event in EVENTS
        for body, number in zip(entries(event["body"]), entries(event["body_numbers"]), strict=False)
    )
    assert not [meeting for meeting, count in counts.items() if count > 1]
