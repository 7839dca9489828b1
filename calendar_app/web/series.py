"""How many dates of a series there are, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import ngettext

from calendar_app.planning.dates import Span
from calendar_app.web.page import words

if TYPE_CHECKING:
    from datetime import date


def dates_of_series(count: int, first: date, last: date) -> str:
    """Say how many dates of a series there are, from which to which day."""
    days = words().isolated(words().days(Span.inclusive(first, last)))
    return str(ngettext("%(num)s date: %(days)s", "%(num)s dates: %(days)s", count, days=days))
