"""Holidays: what is known is told with its source, and what is not loaded is said."""

from __future__ import annotations

import sys
from datetime import date
from importlib import resources

import pytest

from calendar_app.planning.dates import Span
from calendar_app.services import holidays, observances
from calendar_app.services.holidays import ListState
from calendar_app.services.reference import ReferenceFileError

reference_module = sys.modules["calendar_app.services.reference_files"]


def test_a_year_and_place_without_a_list_says_so():
    assert holidays.list_of("rome", 2027).state is ListState.NONE
    assert holidays.list_of("samarkand", 1999).state is ListState.NONE


def test_jeune_genevois_holds_in_geneva_in_2024_only_and_nowhere_else():
    def names(day, station):
        return {holiday.name for holiday in holidays.on(day, station) if holiday.tier == "official"}

    assert names(date(2024, 9, 5), "geneva")
    assert not names(date(2025, 9, 4), "geneva")
    assert not names(date(2024, 9, 5), "nairobi")


def test_both_eids_hold_everywhere_and_are_called_computed_where_they_are():
    eid = [holiday for holiday in holidays.on(date(2026, 3, 20)) if holiday.tier == "observe"]
    assert [holiday.basis for holiday in eid] == ["computed"]
    assert "Eid al-Fitr" in eid[0].name


def test_a_national_day_holds_in_its_country_alone():
    jamhuri = date(2025, 12, 12)
    assert any("Jamhuri" in holiday.name for holiday in holidays.on(jamhuri, "nairobi", "KE"))
    assert not any("Jamhuri" in holiday.name for holiday in holidays.on(jamhuri, "geneva", "CH"))


def test_the_about_page_says_for_which_years_no_list_is_loaded(client):
    page = client.get("/about").get_data(as_text=True)
    assert "no list loaded" in page
    assert "some days known" in page


def test_days_and_periods_of_a_stretch_of_time_are_found_also_over_the_new_year():
    winter = Span(date(2025, 12, 26), date(2026, 1, 8))
    days = [holiday.day for holiday in holidays.between(winter)]
    assert days == sorted(days)
    assert {date(2025, 12, 26), date(2026, 1, 7)} <= set(days)
    assert min(days) >= winter.start
    assert max(days) < winter.end
    (period,) = holidays.periods(winter)
    assert period.span == Span(date(2025, 12, 20), date(2026, 1, 7))
    # The last day of a period is in it, the day after is not.
    assert holidays.periods(Span(date(2026, 1, 6), date(2026, 1, 7))) == [period]
    assert holidays.periods(Span(date(2026, 1, 7), date(2026, 1, 8))) == []
    assert [p.span.start for p in holidays.periods(Span(date(2026, 8, 31), date(2026, 9, 1)))] == [date(2026, 8, 1)]


def test_observances_come_every_year_on_their_day():
    found = observances.between(Span(date(2025, 12, 5), date(2026, 3, 23)))
    assert [(day, item.name) for day, item in found] == [
        (date(2025, 12, 5), "World Soil Day"),
        (date(2025, 12, 10), "Human Rights Day"),
        (date(2026, 3, 22), "World Water Day"),
    ]


@pytest.mark.parametrize(
    ("name", "wrong", "read", "said"),
    [
        ("holidays.csv", ("official", "offical"), holidays.all_holidays.__wrapped__, "tier 'offical' is none of"),
        ("observances.csv", ("03-22", "02-30"), observances.all_observances.__wrapped__, "line 2: day is out of range"),
        ("avoid_periods.csv", ("01-06", "02-29"), holidays._avoid_rows.__wrapped__, "line 2: day is out of range"),
    ],
)
def test_a_mistake_in_a_list_is_named_when_it_is_read_at_the_start(tmp_path, monkeypatch, name, wrong, read, said):
    text = (resources.files("calendar_app") / "reference" / name).read_text(encoding="utf-8")
    (tmp_path / name).write_text(text.replace(*wrong, 1), encoding="utf-8")
    monkeypatch.setattr(reference_module, "_FOLDER", tmp_path)
    with pytest.raises(ReferenceFileError, match=name) as caught:
        read()
    assert said in str(caught.value)
