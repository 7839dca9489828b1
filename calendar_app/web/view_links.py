"""The ways to look at the same events: list, month, week, planner; each address keeps the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import gettext as _

from calendar_app.web.page import here

if TYPE_CHECKING:
    from datetime import date

    from calendar_app.services.filters import EventFilter


def view_links(
    wanted: EventFilter, current: str, *, day: date, days: tuple[str, str] = ("", "")
) -> list[dict[str, str | bool]]:
    """Return the views with their addresses; `current` is list, month, week, day or planner.

    `day`: what the others are to show. `days`: the first and last day or month that the list is to show, as in its
    address; empty for what is to come.
    """
    other = wanted.without_days()
    calendar, planner, coming = (
        url_for(name).partition("?")[0] for name in ("calendar.calendar", "planner.planner", "events.coming")
    )
    views = [
        ("list", _("List"), coming + other.query(first_text=days[0], last_text=days[1])),
        ("month", _("Month"), calendar + other.query(first_text=f"{day:%Y-%m}")),
        ("week", _("Week"), calendar + other.query(("view", "week"), first_text=day.isoformat())),
        ("day", _("Day"), calendar + other.query(("view", "day"), first_text=day.isoformat())),
        ("planner", _("Planner"), planner + other.query(first_text=f"{day:%Y-%m}")),
    ]
    return [
        {"name": name, "label": label, "url": here() if name == current else url, "current": name == current}
        for name, label, url in views
    ]
