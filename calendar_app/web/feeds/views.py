"""The public iCalendar feeds: all, one per convention or process, and any filter."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, url_for

from calendar_app.extensions import clock, db
from calendar_app.planning.dates import first_of_month_back
from calendar_app.services import calendar, feed_entries
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words, available_languages
from calendar_app.web.feeds.answers import calendar_response
from calendar_app.web.page import public_url, read_filter

if TYPE_CHECKING:
    from calendar_app.services.filters import EventFilter
    from calendar_app.services.reference import Process

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")


@blueprint.get("/all.ics")
def everything() -> Response:
    """Give every public event with known days."""
    return _feed({}, url_for("feeds.everything"))


@blueprint.get("/calendar.ics")
def filtered() -> Response:
    """Give the events of any filter."""
    return _feed({}, url_for("feeds.filtered"))


@blueprint.get("/<convention>.ics")
def of_convention(convention: str) -> Response:
    """Give the events of one convention or process."""
    if convention not in reference().processes:
        abort(404)
    return _feed({"convention": convention}, url_for("feeds.of_convention", convention=convention))


def _feed(fixed: dict[str, str], path: str) -> Response:
    wanted = read_filter(feed=True, fixed=fixed)
    session = db.session()
    today = clock.today()
    events = calendar.feed_events(session, calendar.STRANGER, wanted, today=today)
    version = calendar.calendar_version(session)
    # The window moves on the first of a month without any event changing, and the day begins in our zone.
    window = datetime.combine(first_of_month_back(today, 0), time(), clock.zone).astimezone(UTC)
    changed_at = max(window, version.changed_at) if version else window
    process = reference().processes[fixed["convention"]] if fixed else None
    shown = wanted.without("convention") if fixed else wanted
    page = url_for("events.coming").partition("?")[0] + wanted.query(tbc=False, keep_cancelled=False)
    feed = feed_entries.Feed(
        name=_name(process, wanted),
        page_url=public_url(page),
        feed_url=public_url(path + shown.query()),
        home_url=public_url(""),
        language=wanted.lang or "en",
        # The same to everybody: who subscribes here is a program that is not signed in.
        viewer=calendar.STRANGER,
        **({"color": process.color} if process else {}),
    )
    return calendar_response(feed_entries.render(feed, events, reference(), changed_at, wanted), changed_at)


def _name(process: Process | None, wanted: EventFilter) -> str:
    words = Words(wanted.lang if wanted.lang in available_languages() else "en")
    if process is None and wanted.is_empty:
        return words.gettext("Joint meeting calendar")
    part = words.gettext(process.short_name if process else "a selection")
    return words.gettext("Joint meeting calendar: %(part)s") % {"part": part}
