"""The reference lists are facts kept by hand: these tests catch a slip before it reaches a page.

They read the files with the standard library alone: what is tested is an officer's spreadsheet, not a loader.
"""

import csv
import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

REFERENCE = Path(__file__).resolve().parents[2] / "calendar_app" / "reference"

HOLIDAY_STATIONS = ("geneva", "nairobi", "rome", "new-york")
HOLIDAY_YEARS = range(2024, 2029)
KINDS = [
    "cop", "assembly", "negotiating-session", "subsidiary-body", "council", "expert-group",
    "regional-preparatory", "conference", "workshop", "training", "webinar", "briefing", "side-event",
    "bureau", "task-force", "partner-meeting", "deadline", "observance", "other",
]  # fmt: skip
KIND_SETTINGS = {
    "name", "plural", "attendees", "is_meeting", "governing", "regional", "usual_days", "short", "milestones",
}  # fmt: skip
CONTINENTS = {"Africa", "Asia", "Europe", "North America", "Oceania", "South America"}
MILESTONE_OWNERS = {"steward", "executive", "programme", "documents", "conference-services", "communications"}

# The States on the list which are not Members of the United Nations: two observer States and two Parties.
NOT_MEMBERS = {"PS", "VA", "CK", "NU"}
# Codes that Unicode CLDR names and which are not States: territories, unions, reserved codes. What CLDR has,
# less these, has to be what the list holds: a member State that was forgotten shows up whatever its group.
NOT_STATES = {
    "AC", "AI", "AQ", "AS", "AW", "AX", "BL", "BM", "BQ", "BV", "CC", "CP", "CQ", "CW", "CX", "DG",
    "EA", "EH", "EU", "EZ", "FK", "FO", "GF", "GG", "GI", "GL", "GP", "GS", "GU", "HK", "HM", "IC",
    "IM", "IO", "JE", "KY", "MF", "MO", "MP", "MQ", "MS", "NC", "NF", "PF", "PM", "PN", "PR", "QO",
    "RE", "SH", "SJ", "SX", "TA", "TC", "TF", "TK", "TW", "UM", "UN", "VG", "VI", "WF", "XA", "XB",
    "XK", "YT", "ZZ",
}  # fmt: skip
# Members in each regional group. The United States is counted with WEOG, Türkiye with WEOG only.
GROUP_SIZES = {"Africa": 54, "Asia-Pacific": 54, "CEE": 23, "GRULAC": 33, "WEOG": 29}

KEYS = {
    "processes": ("slug",),
    "bodies": ("code",),
    "audiences": ("code",),
    "affinities": ("audience", "other"),
    "regions": ("code",),
    "countries": ("iso2",),
    "organisations": ("code",),
    "organisation_seats": ("organisation", "city", "process"),
    "duty_stations": ("code",),
    "holiday_lists": ("duty_station", "year"),
    "holidays": ("date", "duty_station", "country", "tier", "name"),
    "observances": ("month_day", "name"),
    "avoid_periods": ("name",),
}


def rows(name: str) -> list[dict[str, str]]:
    """Return all rows of one list, as a spreadsheet would show them."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def rows_of_events() -> list[dict[str, str]]:
    """Return the packaged events; cells may hold several lines, so the general checks leave them out."""
    with (REFERENCE / "events.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def codes(name: str) -> set[str]:
    """Return the values of the first key column of one list."""
    return {row[KEYS[name][0]] for row in rows(name)}


def split(cell: str) -> list[str]:
    """Return the items of a cell that holds a list."""
    return cell.split("; ") if cell else []


def kinds() -> dict[str, Any]:
    """Return the table of kinds."""
    with (REFERENCE / "kinds.toml").open("rb") as handle:
        found: dict[str, Any] = tomllib.load(handle)["kinds"]
    return found


@pytest.mark.parametrize("name", KEYS)
def test_rows_are_whole_and_their_keys_are_unique(name: str) -> None:
    listed = rows(name)
    assert listed
    for row in listed:
        assert None not in row, f"{name}: a cell too many in {row}"
        assert None not in row.values(), f"{name}: a cell is missing in {row}"
        for column, cell in row.items():
            assert cell == cell.strip(), f"{name}: space around {column} of {row}"
            assert "\n" not in cell, f"{name}: line break in {column} of {row}"
    seen = Counter(tuple(row[column] for column in KEYS[name]) for row in listed)
    assert [key for key, count in seen.items() if count > 1] == []


@pytest.mark.parametrize("name", KEYS)
def test_no_name_is_empty(name: str) -> None:
    for row in rows(name):
        for column in ("name", "short_name"):
            if column in row:
                assert row[column], f"{name}: {column} of {row}"


@pytest.mark.parametrize("name", KEYS)
def test_addresses_are_web_addresses(name: str) -> None:
    for row in rows(name):
        for column in ("url", "source_url"):
            assert re.fullmatch(r"(https?://\S+)?", row.get(column, "")), f"{name}: {row[column]}"


@pytest.mark.parametrize("name", ["processes", "bodies", "regions", "countries", "organisations"])
def test_aliases_are_written_once_and_separated_by_semicolon_and_space(name: str) -> None:
    for row in rows(name):
        aliases = split(row["aliases"])
        assert all(alias and alias == alias.strip() and ";" not in alias for alias in aliases), row
        assert len(aliases) == len(set(aliases)), row


@pytest.mark.parametrize("name", ["countries", "organisations", "regions"])
def test_an_alias_leads_to_one_row_only(name: str) -> None:
    key = KEYS[name][0]
    owners: dict[str, set[str]] = {}
    for row in rows(name):
        for word in [row[key], row.get("name", ""), row.get("short_name", ""), *split(row["aliases"])]:
            if word:
                owners.setdefault(word.casefold(), set()).add(row[key])
    assert {word: found for word, found in owners.items() if len(found) > 1} == {}


def test_tiers_of_processes_are_one_two_or_three() -> None:
    assert {row["tier"] for row in rows("processes")} == {"1", "2", "3"}


def test_bodies_point_at_processes_kinds_and_audiences() -> None:
    processes, audiences = codes("processes"), codes("audiences")
    for row in rows("bodies"):
        assert re.fullmatch(r"[A-Z][A-Za-z]*(-[A-Za-z]+)*", row["code"]), row["code"]
        assert row["process"] in processes, row
        assert row["kind"] in KINDS, row
        assert split(row["attendees"]), row
        assert set(split(row["attendees"])) <= audiences, row


def test_short_names_of_bodies_are_unique_because_numbers_follow_them() -> None:
    seen = Counter(row["short_name"].casefold() for row in rows("bodies"))
    assert [name for name, count in seen.items() if count > 1] == []


def share(cell: str) -> float:
    """Return a share, and see to it that it is one that somebody can write down and means something."""
    assert re.fullmatch(r"1|0\.[0-9]{1,2}", cell), cell
    assert 0 < float(cell) <= 1, cell
    return float(cell)


def test_every_audience_is_used_and_says_what_sharing_it_means() -> None:
    used = {code for row in rows("bodies") for code in split(row["attendees"])}
    used |= {code for kind in kinds().values() for code in kind["attendees"]}
    assert codes("audiences") - used == set()
    assert {row["type"] for row in rows("audiences")} == {
        "delegates", "ministers", "members", "experts", "missions", "partners", "observers", "staff", "liaison",
    }  # fmt: skip
    for row in rows("audiences"):
        share(row["same_people"])


def test_ministers_are_a_pool_of_their_own() -> None:
    types = {row["code"]: row["type"] for row in rows("audiences")}
    assert [code for code, sort in types.items() if sort == "ministers"] == ["environment-ministers"]


def test_the_teams_of_the_members_say_whose_they_are() -> None:
    owners = {row["code"]: row["organisation"] for row in rows("audiences")}
    assert {owner for owner in owners.values() if owner} == {"brs", "minamata", "chb", "gfc"}
    for row in rows("audiences"):
        if row["organisation"]:
            assert row["type"] in {"staff", "liaison"}, row
            assert row["code"].startswith(f"{row['organisation']}-"), row
        # A team of several secretariats is nobody's; an officer on loan always comes from somewhere.
        assert row["organisation"] or row["type"] != "liaison", row


def test_an_affinity_joins_two_different_pools_once_and_says_why() -> None:
    audiences = codes("audiences")
    seen = Counter(frozenset({row["audience"], row["other"]}) for row in rows("affinities"))
    assert [sorted(pair) for pair, count in seen.items() if count > 1] == [], "a pair holds both ways: write it once"
    for row in rows("affinities"):
        assert {row["audience"], row["other"]} <= audiences, row
        assert row["audience"] != row["other"], row
        share(row["share"])
        assert row["why"], row


def test_two_different_pools_share_fewer_people_than_either_does_with_itself() -> None:
    own = {row["code"]: float(row["same_people"]) for row in rows("audiences")}
    for row in rows("affinities"):
        assert float(row["share"]) <= min(own[row["audience"]], own[row["other"]]), row


def test_kinds_are_the_known_ones_with_sound_milestones() -> None:
    found, audiences = kinds(), codes("audiences")
    assert list(found) == KINDS
    for slug, kind in found.items():
        assert kind["name"], slug
        assert kind["plural"], slug
        assert kind["is_meeting"] is (slug not in {"deadline", "observance"})
        assert set(kind["attendees"]) <= audiences, slug
        assert set(kind) <= KIND_SETTINGS, slug
        steps = kind.get("milestones", [])
        assert len({step["name"] for step in steps}) == len(steps), slug
        weeks = [step["weeks"] for step in steps]
        assert weeks == sorted(weeks), slug
        for step in steps:
            assert set(step) == {"name", "weeks", "owner"}, slug
            assert step["owner"] in MILESTONE_OWNERS, step


def test_kinds_say_what_planning_needs_of_them() -> None:
    found = kinds()
    for slug, kind in found.items():
        assert kind.get("usual_days", 1) in range(1, 15), slug
        for name in ("governing", "regional", "short"):
            assert kind.get(name, False) is (name in kind), f"{slug}: {name} is written down only where it is true"
        assert kind["is_meeting"] or not set(kind) & {"governing", "regional", "usual_days", "short"}, slug
        assert not (kind.get("short") and kind.get("usual_days", 1) > 1), slug
    assert {slug for slug, kind in found.items() if kind.get("governing")} == {"cop", "assembly", "negotiating-session"}
    assert found["regional-preparatory"]["regional"] is True


def test_countries_are_the_193_members_two_observer_states_and_two_parties() -> None:
    listed = codes("countries")
    named = {str(code) for code in Locale("en").territories if re.fullmatch(r"[A-Z]{2}", str(code))}
    assert listed <= named
    assert named - listed - NOT_STATES == set()
    assert listed & NOT_STATES == set()
    assert listed >= NOT_MEMBERS
    assert len(listed - NOT_MEMBERS) == 193


def test_regional_groups_have_their_known_sizes() -> None:
    listed, regions = rows("countries"), codes("regions")
    assert {row["region"] for row in listed} - {""} <= regions - {"global"}
    sizes = Counter(row["region"] for row in listed if row["iso2"] not in NOT_MEMBERS)
    assert dict(sizes) == GROUP_SIZES
    notes = {row["iso2"]: row["note"] for row in listed}
    assert all(notes[code] for code in ("IL", "TR", "US", *NOT_MEMBERS))


def test_every_country_lies_on_a_continent_that_fits_its_group() -> None:
    listed = {row["iso2"]: row for row in rows("countries")}
    assert {row["continent"] for row in listed.values()} == CONTINENTS
    fitting = {
        "Africa": {"Africa"},
        "Asia-Pacific": {"Asia", "Oceania"},
        "CEE": {"Europe", "Asia"},
        "GRULAC": {"North America", "South America"},
        "WEOG": CONTINENTS - {"Africa", "South America"},
    }
    for code, row in listed.items():
        # Cyprus lies in Asia on the map and in Europe for whoever travels there.
        assert not row["region"] or row["continent"] in fitting[row["region"]] or code == "CY", row
    known = {
        "KE": "Africa",
        "TH": "Asia",
        "CH": "Europe",
        "UY": "South America",
        "PA": "North America",
        "AU": "Oceania",
    }
    assert {code: listed[code]["continent"] for code in known} == known


def test_a_preparatory_round_has_a_meeting_for_every_regional_group_but_one() -> None:
    assert {row["preparatory"] for row in rows("regions")} == {"yes", ""}
    wanted = {row["code"] for row in rows("regions") if row["preparatory"]}
    assert wanted == {"Africa", "Asia-Pacific", "CEE", "GRULAC"}


def test_members_of_the_exchange_are_the_four_known_ones() -> None:
    listed = rows("organisations")
    assert {row["member"] for row in listed} == {"yes", "no"}
    assert {row["code"] for row in listed if row["member"] == "yes"} == {"brs", "minamata", "chb", "gfc"}
    known = {"secretariat", "un-body", "partner", "regional-centre", "government"}
    assert {row["kind"] for row in listed} == known
    for row in listed:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row["code"]), row["code"]
        if row["kind"] == "regional-centre":
            assert row["url"], f"no page confirms {row['code']}"


def test_seats_point_at_organisations_cities_duty_stations_and_processes() -> None:
    organisations, stations = codes("organisations"), {row["code"]: row for row in rows("duty_stations")}
    processes, cities = codes("processes"), {row["slug"] for row in rows("cities")}
    for row in rows("organisation_seats"):
        assert row["organisation"] in organisations, row
        assert row["city"] in cities, row
        assert row["process"] in processes | {""}, row
        if row["duty_station"]:
            assert stations[row["duty_station"]]["city"] == row["city"], row
    assert {row["organisation"] for row in rows("organisation_seats")} >= {"brs", "minamata", "chb", "gfc"}


def test_duty_stations_lie_in_known_cities_and_countries() -> None:
    countries, cities = codes("countries"), {row["slug"] for row in rows("cities")}
    for row in rows("duty_stations"):
        assert row["country"] in countries, row
        assert row["city"] in cities, row


def test_bodies_and_organisers_of_the_packaged_events_are_known() -> None:
    bodies, known = codes("bodies"), set()
    for row in rows("organisations"):
        known |= {row["code"], row["name"], row["short_name"], *split(row["aliases"])}
    for event in rows_of_events():
        assert set(split(event["body"])) <= bodies, event["id"]
        assert set(split(event["organiser"])) <= known, event["id"]


def test_each_duty_station_and_year_says_whether_its_list_is_loaded() -> None:
    listed = rows("holiday_lists")
    wanted = {(station, str(year)) for station in HOLIDAY_STATIONS for year in HOLIDAY_YEARS}
    assert {(row["duty_station"], row["year"]) for row in listed} >= wanted
    loaded = Counter((row["duty_station"], row["date"][:4]) for row in rows("holidays") if row["tier"] == "official")
    stations = codes("duty_stations")
    for row in listed:
        assert row["state"] in {"official", "partial", "none"}, row
        assert row["duty_station"] in stations, row
        days = loaded.pop((row["duty_station"], row["year"]), 0)
        assert (days > 0) is (row["state"] != "none"), f"{row['state']} with {days} days: {row}"
        if row["state"] != "none":
            assert row["source_title"], row
            assert row["source_url"], row
    assert not loaded, f"official holidays of a duty station and year without a row: {loaded}"


def test_every_holiday_has_a_date_a_place_a_basis_and_a_source() -> None:
    countries, stations = codes("countries"), codes("duty_stations")
    for row in rows("holidays"):
        date.fromisoformat(row["date"])
        assert row["tier"] in {"official", "observe", "avoid", "national"}, row
        assert row["basis"] in {"listed", "reported", "computed"}, row
        assert row["source_title"], row
        assert row["source_url"], row
        assert row["duty_station"] in stations | {""}, row
        assert row["country"] in countries | {""}, row
        assert not (row["duty_station"] and row["country"]), row
        if row["tier"] == "official":
            assert row["duty_station"], row
        if row["tier"] == "national":
            assert row["duty_station"] or row["country"], row


def test_computed_days_say_so_and_moon_sighted_ones_say_how_exact() -> None:
    for row in rows("holidays"):
        assert row["basis"] != "computed" or "omputed" in row["note"], row
        if row["tier"] == "observe" and row["name"].startswith("Eid"):
            assert "±1 day" in row["name"], row


@pytest.mark.parametrize("year", HOLIDAY_YEARS)
def test_each_year_has_the_days_which_the_general_assembly_names(year: int) -> None:
    everywhere = [
        (row["tier"], row["name"].split(" (")[0])
        for row in rows("holidays")
        if row["date"].startswith(str(year)) and not row["duty_station"] and not row["country"]
    ]
    assert set(everywhere) == {
        ("observe", "Eid al-Fitr"), ("observe", "Eid al-Adha"), ("observe", "Orthodox Good Friday"),
        ("avoid", "Yom Kippur"), ("avoid", "Day of Vesak"), ("avoid", "Diwali"), ("avoid", "Gurpurab"),
        ("avoid", "Orthodox Christmas"),
    }  # fmt: skip


def test_observances_have_a_day_of_the_year_and_an_address() -> None:
    for row in rows("observances"):
        date.fromisoformat(f"2024-{row['month_day']}")
        assert row["url"], row


def test_periods_to_avoid_are_yearly_or_dated_and_say_whom_they_concern() -> None:
    known = {
        "duty_station": codes("duty_stations"),
        "host_region": codes("regions"),
        "kind": set(KINDS),
        "audience": codes("audiences"),
    }
    for row in rows("avoid_periods"):
        yearly = bool(row["start_month_day"] and row["end_month_day"])
        dated = bool(row["start"] and row["end"])
        assert yearly != dated, row
        if yearly:
            date.fromisoformat(f"2024-{row['start_month_day']}")
            date.fromisoformat(f"2024-{row['end_month_day']}")
        else:
            assert date.fromisoformat(row["start"]) <= date.fromisoformat(row["end"]), row
        assert row["basis"] in {"default", "reported", "computed"}, row
        assert row["basis"] == "default" or (row["source_title"] and row["source_url"]), row
        assert row["basis"] != "computed" or "omputed" in row["note"], row
        assert split(row["applies_to"]), row
        for target in split(row["applies_to"]):
            what, _, which = target.partition(":")
            assert target == "all" or which in known[what], row
