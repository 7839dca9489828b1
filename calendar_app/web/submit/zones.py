"""The time zone of a place that is not in the list of cities."""

from __future__ import annotations

from babel.core import get_global
from flask_babel import gettext as _


def of_country(code: str) -> str:
    """Return the name of a country's time zone, "" if it has several or is not known."""
    found = get_global("territory_zones").get(code, [])
    return str(found[0]) if len(found) == 1 else ""


def question(city: str | None) -> str:
    """Return the sentence that asks for the time zone of a city, or of an event without one."""
    sentence: str
    if city:
        sentence = _(
            "“%(city)s” is not in our list of cities: choose its time zone, such as Europe/Zurich.", city=city[:60]
        )
    else:
        sentence = _("Without a city, say in which time zone the hours are, such as Europe/Zurich.")
    return sentence
