"""The blueprint that the modules of this area share, the months of addresses, and how answers read."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, abort
from flask_babel import gettext as _

from calendar_app.extensions import clock, db
from calendar_app.services import exchange_rounds
from calendar_app.services.exchange_rounds import Answer

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from calendar_app.models import ExchangeRound

blueprint = Blueprint("exchange", __name__)
REFUSED, CONFLICT = 422, 409
_MONTH = re.compile(r"(?P<year>2\d{3})-(?P<month>0[1-9]|1[0-2])")


@blueprint.after_request
def _not_kept(response: Response) -> Response:
    """What one organisation is asked is for the one who asked alone."""
    response.headers["Cache-Control"] = "no-store"
    return response


def month_of(text: str) -> date:
    """Return the first day of a month of an address, such as "2025-10"; 404 for what is none."""
    found = _MONTH.fullmatch(text)
    if found is None:
        abort(404)
    return date(int(found["year"]), int(found["month"]), 1)


def round_of(text: str) -> ExchangeRound:
    """Return the round of a month of an address; 404 if there is none."""
    found = exchange_rounds.of_month(db.session(), month_of(text))
    return found or abort(404)


def now() -> datetime:
    """Return the present moment in the time zone of the calendar."""
    return clock.now().astimezone(clock.zone)


def answer_label(answer: Answer) -> str:
    """Return an answer in words."""
    labels: dict[Answer, str] = {
        Answer.OUTSTANDING: _("Outstanding"),
        Answer.REVIEWED: _("Reviewed"),
        Answer.NOTHING_TO_ADD: _("Nothing to add"),
    }
    return labels[answer]
