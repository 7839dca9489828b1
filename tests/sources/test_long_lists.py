"""A feed of many dates: what a run would do and did is short, says what needs a decision first, and hides no number."""

from __future__ import annotations

import re

import pytest

from calendar_app.services.long_lists import first_ones, gathered
from tests.conftest import counted_queries
from tests.sources.conftest import vevent
from tests.sources.test_pages import ana, text_of  # noqa: F401 - a fixture
from tests.work.filling import opened

pytestmark = pytest.mark.xdist_group("sources")

CALL = vevent("call@p", "Weekly call", "20261202T140000Z", "20261202T150000Z", "RRULE:FREQ=WEEKLY")
# Its days resemble those of an event of the calendar, after those of the first hundred calls.
LATE = vevent("late@p", "Synergies workshop on mercury waste", "20281003", "20281006", "LOCATION:Nairobi")


@pytest.fixture
def resembling(add_event):
    return add_event(title="Synergies workshop on mercury waste management", first=None)


def meetings(count: int) -> list[str]:
    return [
        vevent(f"m{number}@p", f"Meeting number {number}", f"2027{1 + number // 28:02}{1 + number % 28:02}")
        for number in range(count)
    ]


def tried(browser, slug: str) -> str:
    data = opened(browser, f"/sources/{slug}", f"/sources/{slug}/try")
    return text_of(browser.post(f"/sources/{slug}/try", data=data))


def test_what_has_one_key_is_one_line_and_of_each_sort_the_first_ones_are_shown():
    assert gathered(["a1", "b1", "a2", "-", "-"], lambda text: text[0] if text != "-" else None) == [
        ["a1", "a2"], ["b1"], ["-"], ["-"],
    ]  # fmt: skip
    lines = [*"aaaaaa", *"bbbb", "c"]
    assert "".join(first_ones(lines, str, 6, 2)) == "aaabbc"
    assert first_ones(lines, str, 20, 2) == lines


def test_a_dry_run_says_first_what_needs_a_decision_and_of_a_series_one_line(
    ana, partner, add_source, resembling,  # noqa: F811
):  # fmt: skip
    partner.gives(CALL, LATE, *meetings(70))
    said = tried(ana, add_source(url=partner.url, trust="moderated"))
    rows = said.partition("Sorted in as")[2]
    first, _line, rest = rows.partition("Waits for a decision")
    assert first.split() == "Synergies workshop on mercury waste 3–5 October 2028 · Nairobi".split()
    assert rest.strip().startswith("Synergies workshop on mercury waste management") or "management" in rest[:120]
    assert re.search(r"Weekly call \d+ dates: .?2 December 2026 – \d+ November 2028", rest), rest[:300]
    assert rest.count("Weekly call") == 1
    # 72 lines are one for the workshop, one for the series and 70 meetings.
    assert "22 more are not shown." in said


def test_the_page_of_a_source_says_what_its_list_leaves_out(ana, partner, add_source, schedule, resembling):  # noqa: F811
    partner.gives(CALL, LATE, *meetings(180))
    slug = add_source(url=partner.url, trust="moderated")
    schedule.harvest()
    with counted_queries() as statements:
        said = text_of(ana.get(f"/sources/{slug}"))
    last = said.partition("Last run")[2]
    assert last.index("Waits for a decision") < last.index("New:")
    new, calls = int(re.search(r"(\d+) new", last)[1]), int(re.search(r"(\d+) dates:", last)[1])
    more = int(re.search(r"(\d+) more are not shown", last)[1])
    # Lines: the workshop, the series, 48 meetings.
    assert more == new - calls - 48
    assert len(statements) < 20
