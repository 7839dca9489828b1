"""The days of the month's cycle: weekends, holidays, and months in which hardly anybody works."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from calendar_app.planning.month_days import Rhythm, is_working_day, month_after, month_before, month_days

MONTHS = st.dates(date(2024, 1, 1), date(2030, 12, 1)).map(lambda day: day.replace(day=1))


def test_a_month_of_working_days_has_the_usual_days():
    days = month_days(date(2025, 10, 1), Rhythm(), frozenset())
    assert (days.digests_on, days.month) == (date(2025, 10, 1), date(2025, 10, 1))
    # 20 and 27 September 2025 are Saturdays.
    assert (days.opens_on, days.reminds_on, days.closes_on) == (
        date(2025, 9, 22),
        date(2025, 9, 25),
        date(2025, 9, 29),
    )


def test_digests_wait_for_the_first_working_day_after_the_new_year():
    closed = {date(2027, 1, 1), date(2026, 12, 25), date(2026, 12, 28)}
    days = month_days(date(2027, 1, 1), Rhythm(), closed)
    assert days.digests_on == date(2027, 1, 4)
    assert days.closes_on == date(2026, 12, 29)


def test_a_round_closes_before_the_digests_even_if_its_day_is_a_weekend():
    # 27 February 2027 is a Saturday, and the next working day is that of the digests.
    assert month_days(date(2027, 3, 1), Rhythm(), frozenset()).closes_on == date(2027, 2, 26)


def test_a_month_without_any_working_day_has_its_digests_on_its_first_weekday():
    closed = {date(2026, 8, 1) + timedelta(days=n) for n in range(31)}
    assert month_days(date(2026, 8, 1), Rhythm(), closed).digests_on == date(2026, 8, 3)


@given(MONTHS, st.integers(1, 28), st.integers(1, 28), st.integers(0, 5), st.sets(st.integers(0, 92), max_size=60))
def test_the_days_are_in_order_and_working_days_where_there_are_any(month, opens, closes, reminds, off):
    first = month_before(month)
    closed = {first + timedelta(days=n) for n in off}
    days = month_days(month, Rhythm(opens, closes, reminds), closed)
    assert days.opens_on <= days.reminds_on <= days.closes_on < days.digests_on
    assert month <= days.digests_on < month_after(month)
    in_month = [month + timedelta(days=n) for n in range(28)]
    if any(is_working_day(day, closed) for day in in_month):
        assert is_working_day(days.digests_on, closed)
