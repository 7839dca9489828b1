"""Pages of plain text."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from calendar_app.services import holidays
from calendar_app.services.reference import reference
from calendar_app.web.page import refuse_filters, words

blueprint = Blueprint("pages", __name__)


@blueprint.get("/about")
def about() -> str:
    """Say what this is, who keeps it, and how to read it."""
    refuse_filters()
    stewards = [{"name": words().gettext(o.name), "url": o.url} for o in reference().organisations.values() if o.member]
    about = {"subscribe_url": url_for("subscribe.subscribe"), "holidays": _holiday_lists()}
    return render_template("pages/about.html", stewards=stewards, about=about)


def _holiday_lists() -> dict[str, Any]:
    """Say for each duty station and year whether its list of official holidays is loaded."""
    states = {
        holidays.ListState.OFFICIAL: _("official list"),
        holidays.ListState.PARTIAL: _("some days known"),
        holidays.ListState.NONE: _("no list loaded"),
    }
    years = sorted({year for _station, year in holidays.lists()})
    stations = dict.fromkeys(station for station, _year in holidays.lists())
    names = holidays.duty_stations()
    return {
        "years": years,
        "stations": [
            {
                "name": words().gettext(names[code]),
                "states": [states[holidays.list_of(code, year).state] for year in years],
            }
            for code in stations
        ],
    }
