"""Questions that coordinators ask, put to the finder on the real calendar."""

from __future__ import annotations

import html
import re
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.conftest import close_databases, load_packaged, make_app
from tests.people import browser_of, new_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def asking(databases, folder, day: str) -> Iterator[Callable[..., str]]:
    """Let a coordinator of BRS ask on a day: `ask(**form)` gives the page."""
    url = databases.make(with_tables=True)
    app = make_app(url, folder, CLOCK=f"{day}T08:00Z")
    with app.app_context():
        load_packaged()
        browser = browser_of(app, new_account("ana@brs.example", brs="coordinator"))

        def ask(**wanted) -> str:
            answer = browser.get("/finder?" + urlencode(wanted, doseq=True))
            assert answer.status_code == 200
            return html.unescape(answer.get_data(as_text=True))

        yield ask
        close_databases()
    databases.drop(url)


@pytest.fixture(scope="module")
def in_august_2025(sqlite_databases, tmp_path_factory):
    with asking(sqlite_databases, tmp_path_factory.mktemp("asking"), "2025-08-15") as ask:
        yield ask


@pytest.fixture(scope="module")
def in_november_2026(sqlite_databases, tmp_path_factory):
    with asking(sqlite_databases, tmp_path_factory.mktemp("asking"), "2026-11-20") as ask:
        yield ask


def levels(page: str) -> dict[date, str]:
    cells = re.findall(r'class="heat-cell is-(\w+)"[^>]*value="([-\d]+)"', page)
    return {date.fromisoformat(day): level for level, day in cells}


def best(page: str) -> str:
    return re.search(r'class="windows".*?<bdi>(.*?)</bdi>', page, re.DOTALL)[1]


def test_a_briefing_ahead_of_minamata_cop_6_keeps_out_of_the_way_of_its_regional_meetings(in_august_2025):
    page = in_august_2025(
        kind="briefing", days=1, organiser="minamata", convention="minamata", city="Geneva", format="in-person",
        earliest="2025-09-22", latest="2025-10-20",
    )  # fmt: skip
    found = levels(page)
    assert best(page) == "29 September 2025"
    # The African group meets on these days, the Asian one on those; Diwali is on the 20th.
    assert {found[date(2025, 10, n)] for n in (7, 8, 9, 20)} == {"minor"}
    assert {found[date(2025, 9, n)] for n in (23, 24)} == {"minor"}
    assert found[date(2025, 10, 14)] == "free"


def test_regional_meetings_before_the_2027_cops_keep_out_of_ramadan_and_eid(in_november_2026):
    for region in ("Africa", "Asia-Pacific", "CEE", "GRULAC"):
        page = in_november_2026(
            kind="regional-preparatory", days=3, body="BRS-RegPrep", organiser="brs", format="in-person", region=region,
            earliest="2027-02-22", latest="2027-03-24",
        )  # fmt: skip
        found = levels(page)
        assert best(page) == "15–17 March 2027", region
        assert {level for start, level in found.items() if start >= date(2027, 3, 15)} == {"free"}
        # Ramadan until 9 March; the days of Eid al-Fitr are to be kept free.
        assert found[date(2027, 3, 1)] == "minor"
        assert "major" in {level for start, level in found.items() if date(2027, 3, 8) <= start <= date(2027, 3, 10)}


def test_the_chemical_review_committee_has_most_of_autumn_2027_in_rome(in_november_2026):
    page = in_november_2026(
        kind="subsidiary-body", days=4, body="CRC", organiser="brs", city="Rome", format="in-person",
        earliest="2027-09", latest="2027-11", weekday="1",
    )  # fmt: skip
    found = levels(page)
    assert len(found) == 12
    assert {start.weekday() for start in found} == {1}
    assert best(page) == "7–10 September 2027"
    assert "critical" not in found.values()
