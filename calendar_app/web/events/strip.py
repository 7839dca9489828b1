"""The year strip beside the list: a cell a week that says how full the week is and leads there."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from babel.dates import format_skeleton
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.planning.dates import first_of_month_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendar_app.services.filters import EventFilter
    from calendar_app.services.wording import Words

MONTHS = 12
WEEK = timedelta(days=7)
# Up to so many events a week for each shade; more is the darkest.
_SHADES = (0, 1, 3, 5)


def window(today: date) -> tuple[date, date]:
    """Return the half-open days that the strip shows: the weeks whose Monday lies in this month or the next eleven."""
    first = _monday_in(today.replace(day=1))
    return first, _monday_in(first_of_month_back(today, -MONTHS))


def year_strip(
    spans: Sequence[tuple[date, date]], today: date, words: Words, wanted: EventFilter, path: str
) -> list[dict[str, Any]]:
    """Return the months of the strip with their weeks; `spans` are the half-open days of the events."""
    counts = _events_by_week(spans)
    monday, end = window(today)
    months: dict[str, dict[str, Any]] = {}
    while monday < end:
        first = monday.replace(day=1)
        name = f"{first:%Y-%m}"
        label = format_skeleton("yMMM", first, locale=words.locale)
        url = path + wanted.query(first_text=name, last_text="")
        month = months.setdefault(name, {"label": label, "url": url, "weeks": []})
        count = counts[monday]
        counted = ngettext("%(num)s event", "%(num)s events", count)
        month["weeks"].append(
            {
                "label": _("Week of %(day)s: %(events)s", day=words.day(monday), events=counted),
                "count": count,
                "level": sum(count > most for most in _SHADES),
                "url": path + wanted.query(first_text=monday.isoformat(), last_text=""),
            }
        )
        monday += WEEK
    return list(months.values())


def _events_by_week(spans: Sequence[tuple[date, date]]) -> Counter[date]:
    """Return how many events touch each week, by its Monday."""
    counts: Counter[date] = Counter()
    for start, end in spans:
        monday = start - timedelta(days=start.weekday())
        while monday < end:
            counts[monday] += 1
            monday += WEEK
    return counts


def _monday_in(first: date) -> date:
    return first + timedelta(days=-first.weekday() % 7)
