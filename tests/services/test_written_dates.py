"""Dates as people write them, and what nobody can know."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_app.planning.dates import Precision, Span, first_of_next_month, problem_of_precision
from calendar_app.services.records import LANGUAGES
from calendar_app.services.wording import Words
from calendar_app.services.written_dates import Order, Trouble, UnreadableDateError, order_of, read, read_both

READ = [
    ("3-7 November 2025", "2025-11-03", "2025-11-07", "day"),
    ("3–7 Nov. 2025", "2025-11-03", "2025-11-07", "day"),
    ("30 Oct - 3 Nov 2025", "2025-10-30", "2025-11-03", "day"),
    ("28 April to 9 May 2025", "2025-04-28", "2025-05-09", "day"),
    ("November 3-7, 2025", "2025-11-03", "2025-11-07", "day"),
    ("May 21st to 29th, 2024", "2024-05-21", "2024-05-29", "day"),
    ("Monday, 3 November 2025", "2025-11-03", "2025-11-03", "day"),
    ("3 and 4 June 2019", "2019-06-03", "2019-06-04", "day"),
    ("28 December – 3 January 2026", "2025-12-28", "2026-01-03", "day"),
    ("28 December 2025 – 3 January", "2025-12-28", "2026-01-03", "day"),
    ("28 December 2025 – 3 January 2026", "2025-12-28", "2026-01-03", "day"),
    ("tentatively from 19 to 30 April 2027", "2027-04-19", "2027-04-30", "day"),
    ("3.11.2025", "2025-11-03", "2025-11-03", "day"),
    ("3.-7.11.2025", "2025-11-03", "2025-11-07", "day"),
    ("30.10.-3.11.2025", "2025-10-30", "2025-11-03", "day"),
    ("2025-11-03", "2025-11-03", "2025-11-03", "day"),
    ("2025-11-03 00:00:00", "2025-11-03", "2025-11-03", "day"),
    ("25/11/2025", "2025-11-25", "2025-11-25", "day"),
    ("11/25/2025", "2025-11-25", "2025-11-25", "day"),
    ("05/05/2025", "2025-05-05", "2025-05-05", "day"),
    ("45964", "2025-11-03", "2025-11-03", "day"),
    ("second quarter of 2027", "2027-04-01", "2027-06-30", "quarter"),
    ("Q2 2027", "2027-04-01", "2027-06-30", "quarter"),
    ("Q2-Q3 2027", "2027-04-01", "2027-09-30", "quarter"),
    ("2027", "2027-01-01", "2027-12-31", "year"),
    ("2024 and 2025", "2024-01-01", "2025-12-31", "year"),
    ("early 2027", "2027-01-01", "2027-12-31", "words"),
    ("mid-2027", "2027-01-01", "2027-12-31", "words"),
    ("early November 2027", "2027-11-01", "2027-11-30", "words"),
    ("first half of 2027", "2027-01-01", "2027-06-30", "words"),
    ("November 2027 (TBC)", "2027-11-01", "2027-11-30", "month"),
    ("March-December 2014", "2014-03-01", "2014-12-31", "month"),
    ("May 2023–May 2029", "2023-05-01", "2029-05-31", "month"),
    ("December – February 2026", "2025-12-01", "2026-02-28", "month"),
    ("September and October 2025", "2025-09-01", "2025-10-31", "month"),
    ("du 3 au 7 novembre 2025", "2025-11-03", "2025-11-07", "day"),
    ("1er mars 2025", "2025-03-01", "2025-03-01", "day"),
    ("mar. 4 mars 2025", "2025-03-04", "2025-03-04", "day"),
    ("deuxième trimestre 2027", "2027-04-01", "2027-06-30", "quarter"),
    ("del 3 al 7 de noviembre de 2025", "2025-11-03", "2025-11-07", "day"),
    ("с 3 по 7 ноября 2025 г.", "2025-11-03", "2025-11-07", "day"),  # noqa: RUF001
    ("II квартал 2027 года", "2027-04-01", "2027-06-30", "quarter"),
    ("3-7 تشرين الثاني/نوفمبر 2025", "2025-11-03", "2025-11-07", "day"),
    ("٣ إلى ٧ نوفمبر ٢٠٢٥", "2025-11-03", "2025-11-07", "day"),  # noqa: RUF001
    ("2025年11月3日至7日", "2025-11-03", "2025-11-07", "day"),
    ("2025年12月28日至2026年1月3日", "2025-12-28", "2026-01-03", "day"),
    ("2027年第二季度", "2027-04-01", "2027-06-30", "quarter"),
]
REFUSED = [
    ("3-7 November", Trouble.YEAR_MISSING),
    ("7 and 8 February", Trouble.YEAR_MISSING),
    ("November", Trouble.YEAR_MISSING),
    ("Q2", Trouble.YEAR_MISSING),
    ("3 novembre", Trouble.YEAR_MISSING),
    ("03/11/25", Trouble.SHORT_YEAR),
    ("03/11/2025", Trouble.EITHER_ORDER),
    ("28-31 November 2027", Trouble.NO_SUCH_DAY),
    ("29 February 2027", Trouble.NO_SUCH_DAY),
    ("3.13.2025", Trouble.NO_SUCH_DAY),
    ("9-5 May 2027", Trouble.BACKWARD),
    ("9 May - 28 April 2025", Trouble.BACKWARD),
    ("3, 5 and 7 November 2025", Trouble.SEVERAL),
    ("3 and 7 November 2025", Trouble.SEVERAL),
    ("April and September 2024", Trouble.SEVERAL),
    ("3 November 1925", Trouble.OUT_OF_RANGE),
    ("week of 10 May 2027", Trouble.UNREADABLE),
    ("3 Novembre 2O27", Trouble.UNREADABLE),
    ("9 December, 1pm to 3pm CET", Trouble.UNREADABLE),
    ("May - 7 June 2025", Trouble.UNREADABLE),
    ("during COP 28, held from 30 November to 13 December 2023", Trouble.UNREADABLE),
    ("2027-28", Trouble.UNREADABLE),
    ("7", Trouble.UNREADABLE),
    ("", Trouble.UNREADABLE),
]


@pytest.mark.parametrize(("text", "first", "last", "precision"), READ)
def test_what_is_written_is_read_with_the_precision_that_it_has(text, first, last, precision):
    found = read(text)
    assert (str(found.span.start), str(found.span.last), found.precision) == (first, last, precision)
    assert problem_of_precision(found.span, found.precision) == ""


@pytest.mark.parametrize(("text", "trouble"), REFUSED)
def test_what_nobody_can_know_is_refused_and_says_why(text, trouble):
    with pytest.raises(UnreadableDateError) as raised:
        read(text)
    assert raised.value.trouble is trouble


@pytest.mark.parametrize(
    "text", ["TBC", "tbd", "to be confirmed", "à confirmer", "por confirmar", "يُحدَّد لاحقًا", "待定"]
)
def test_a_date_to_be_confirmed_stays_words_and_is_tentative(text):
    found = read(text)
    assert (found.span, found.precision, found.text, found.tentative) == (None, Precision.WORDS, text, True)


def test_words_without_a_date_are_kept_as_they_are():
    assert read("back to back with the  COPs").text == "back to back with the COPs"
    assert not read("back to back with the COPs").tentative


def test_the_wording_is_kept_but_for_exact_days_in_numbers():
    assert read("3–7 Nov. 2025").text == "3–7 Nov. 2025"
    assert read("November 2027 (TBC)").text == "November 2027 (TBC)"
    assert read("2027").text == "2027"
    assert read("2025-11-03").text == read("3.11.2025").text == read("45964").text == ""


def test_the_order_of_numbers_is_what_the_other_rows_of_the_sheet_have():
    assert order_of(["03/11/2025", "25/11/2025", "TBC"]) is Order.DAY_FIRST
    assert order_of(["03/11/2025", "11/25/2025"]) is Order.MONTH_FIRST
    assert order_of(["03/11/2025", "25.11.2025"]) is None
    assert order_of(["25/11/2025", "11/25/2025"]) is None
    assert order_of(["2027-13-05"]) is None
    assert read("03/11/2025", Order.DAY_FIRST).span.start == date(2025, 11, 3)
    assert read("03/11/2025", Order.MONTH_FIRST).span.start == date(2025, 3, 11)
    with pytest.raises(UnreadableDateError):
        read("11/25/2025 - 03/13/2025", Order.DAY_FIRST)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2025-11-03", "2025-11-07", "2025-11-03 2025-11-07"),
        ("30 Oct", "3 Nov 2025", "2025-10-30 2025-11-03"),
        ("3-7 November 2025", "", "2025-11-03 2025-11-07"),
        ("3-7 November 2025", "3-7 November 2025", "2025-11-03 2025-11-07"),
        ("May 2027", "June 2027", "2027-05-01 2027-06-30"),
        ("2027-05-14", "2027-05-10", Trouble.BACKWARD),
        ("2027-05-14", "sometime", Trouble.UNREADABLE),
        ("2027-05-14", "June 2027", Trouble.UNREADABLE),
        ("TBC", "2027-05-14", Trouble.UNREADABLE),
    ],
)
def test_two_cells_are_read_together(first, last, expected):
    if isinstance(expected, Trouble):
        with pytest.raises(UnreadableDateError) as raised:
            read_both(first, last)
        assert raised.value.trouble is expected
    else:
        span = read_both(first, last).span
        assert f"{span.start} {span.last}" == expected


days = st.dates(date(1971, 1, 1), date(2098, 12, 31))
months = st.dates(date(1971, 1, 1), date(2096, 12, 31)).map(lambda day: day.replace(day=1))


@given(st.sampled_from(LANGUAGES), days, st.integers(0, 80))
def test_days_as_pages_write_them_are_read_back(language, first, length):
    span = Span.inclusive(first, first + timedelta(days=length))
    found = read(Words(language).days(span))
    assert (found.span, found.precision) == (span, Precision.DAY)


@given(st.sampled_from(LANGUAGES), months, st.integers(1, 30))
def test_months_as_pages_write_them_are_read_back(language, first, count):
    end = first
    for _number in range(count):
        end = first_of_next_month(end)
    span = Span(first, end)
    found = read(Words(language).period(span, Precision.MONTH))
    assert (found.span, found.precision) == (span, Precision.MONTH)


@given(st.sampled_from(LANGUAGES), st.integers(1971, 2097), st.integers(1, 4), st.integers(0, 2))
def test_quarters_and_years_as_pages_write_them_are_read_back(language, year, quarter, more):
    start = date(year, 3 * quarter - 2, 1)
    end = first_of_next_month(first_of_next_month(first_of_next_month(start)))
    found = read(Words(language).period(Span(start, end), Precision.QUARTER))
    assert (found.span, found.precision) == (Span(start, end), Precision.QUARTER)
    years = Span(date(year, 1, 1), date(year + more + 1, 1, 1))
    found = read(Words(language).period(years, Precision.YEAR))
    assert (found.span, found.precision) == (years, Precision.YEAR)


@given(st.text(max_size=60))
def test_no_text_whatever_gives_anything_but_a_date_or_a_reason(text):
    try:
        found = read(text)
    except UnreadableDateError:
        return
    assert found.span or found.text


@given(
    st.lists(
        st.sampled_from("3 07 31 2025 nov november q2 - – to and tbc , / . of mai early 年 月".split()), max_size=8
    )
)
def test_an_exact_day_is_given_only_where_a_day_a_month_and_a_year_are_written(parts):
    try:
        found = read(" ".join(parts))
    except UnreadableDateError:
        return
    if found.precision is Precision.DAY and found.span:
        assert "2025" in parts
        assert {"3", "07", "31"} & set(parts)
