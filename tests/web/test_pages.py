"""The pages answer, with few questions to the database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.services import events, importing
from calendar_app.services.columns import COLUMNS
from calendar_app.services.reference import reference
from tests.conftest import ON_SQLITE, counted_queries

PAGES = (
    "/",
    "/past",
    "/subscribe",
    "/about",
    "/?q=minamata+cop+7&convention=minamata",
    "/feeds/all.ics",
    "/feeds/basel.ics",
)
MOST_QUERIES = 8


def add_many(count: int) -> None:
    start = date(2026, 12, 1)
    rows = []
    for number in range(count):
        day = start + timedelta(days=number % 600)
        cells = dict.fromkeys(COLUMNS, "")
        cells |= {
            "id": f"many-{number}", "title": f"Meeting {number}", "start": str(day), "end": str(day),
            "conventions": "Basel; Minamata", "body": "BC-COP", "city": "Geneva", "organiser": "brs; minamata",
            "part_of": f"many-{number - number % 10}" if number % 10 else "",
            "source_ids": f"many-{number}\nother-{number}",
        }  # fmt: skip
        rows.append((number + 2, cells))
    with transaction() as session:
        report = importing.import_rows(session, rows, events.Change("test", clock.now()), reference())
    assert not report.rejected


@pytest.mark.usefixtures("packaged")
def test_every_public_page_answers(client):
    for page in PAGES:
        assert client.get(page).status_code == 200, page


@ON_SQLITE
def test_pages_need_at_most_8_queries_and_no_more_with_2000_events_than_with_200(client, session):
    counts: list[dict[str, int]] = []
    for total in (200, 2000):
        add_many(total)
        whole = importing.source_event_id("many-0")
        counts.append({})
        for page in (*PAGES, f"/events/{whole}", f"/events/{whole}.ics"):
            session.rollback()
            session.expunge_all()
            with counted_queries() as statements:
                assert client.get(page).status_code == 200
            counts[-1][page] = len(statements)
    assert counts[0] == counts[1]
    assert max(counts[0].values()) <= MOST_QUERIES, counts[0]
