"""Dates of a series as one thing, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import ngettext

from calendar_app.planning.dates import Span
from calendar_app.web.page import words
from calendar_app.web.work.subject import summary

if TYPE_CHECKING:
    from datetime import date

    from calendar_app.services.moderation import Waiting


def dates_of_series(count: int, first: date, last: date) -> str:
    """Say how many dates of a series there are, from which to which day."""
    days = words().isolated(words().days(Span.inclusive(first, last)))
    return str(ngettext("%(num)s date: %(days)s", "%(num)s dates: %(days)s", count, days=days))


def waiting_summary(item: Waiting) -> dict[str, Any]:
    """Return what is said of something that waits, with the address where it is decided; of a series as of one."""
    event = item.event
    if item.count == 1 or not (item.first and item.last):
        return summary(event) | {"item_url": url_for("moderation.item", event_id=str(event.id))}
    return summary(event) | {
        "title": event.series,
        "language": "",
        "dates": dates_of_series(item.count, item.first, item.last),
        "item_url": url_for("moderation.series", event_id=str(event.id)),
    }
