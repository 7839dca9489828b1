"""What docs/feeds.md tells those who build on the feeds is what the feeds have."""

from __future__ import annotations

import json
import re

from calendar_app.factory import ROOT
from calendar_app.services.feed_changes import DAYS_BACK, MOST_CHANGES
from calendar_app.services.history import KINDS
from feeds.details import Precision
from feeds.writing import json_feed
from tests.feeds.detailed import EXACT, HOURS, detailed, vague
from tests.feeds.golden import ENTRIES, INFO

DOCUMENT = (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall("`([^`]+)`", row)}


def test_every_sort_of_change_is_described_and_no_other():
    assert first_cells("The feed of changes") - {"term"} == KINDS


def test_every_field_of_the_extension_is_described_and_no_other():
    place = {"latitude": 46.2, "longitude": 6.1, "location": "Geneva"}
    vague_month = vague(Precision.MONTH, ENTRIES[0].start, ENTRIES[0].end)
    found = {"online_url"}
    for details in (EXACT, HOURS, vague_month):
        values = {name: getattr(ENTRIES[0], name) for name in ENTRIES[0].__slots__} | place
        entry = detailed(type(ENTRIES[0])(**values), details)
        found |= json.loads(json_feed.write(INFO, [entry]))["items"][0]["_calendar"].keys()
    # The code of a body stands inside `bodies`.
    described = first_cells("The JSON feed") | {"venue", "city", "conventions", "bodies"}
    assert described - {"_calendar"} == found


def test_the_limits_of_the_feed_of_changes_are_the_ones_described():
    assert f"The last {MOST_CHANGES} public changes of the last {DAYS_BACK.days} days" in DOCUMENT
