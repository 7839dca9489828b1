"""The public iCalendar feeds: all, one per convention or process, and any filter."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import partial
from typing import TYPE_CHECKING

from flask import Response, abort, g, url_for

from calendar_app.extensions import clock, db
from calendar_app.planning.dates import first_of_month_back
from calendar_app.services import calendar, feed_entries, renderings
from calendar_app.services.feed_entries import words_of
from calendar_app.services.reference import reference
from calendar_app.web.feeds import changes, listed, private
from calendar_app.web.feeds.answers import feed_response
from calendar_app.web.feeds.area import blueprint
from calendar_app.web.feeds.described import list_url
from calendar_app.web.page import public_url, read_filter

if TYPE_CHECKING:
    from calendar_app.services.filters import EventFilter
    from calendar_app.services.reference import Process

# Their addresses are those of the area, too.
__all__ = ["blueprint", "changes", "listed", "private"]


@blueprint.get("/all.ics")
def everything() -> Response:
    """Give every public event with known days."""
    return feed_response(partial(_feed, url_for("feeds.everything")))


@blueprint.get("/calendar.ics")
def filtered() -> Response:
    """Give the events of any filter."""
    return feed_response(partial(_feed, url_for("feeds.filtered")))


@blueprint.get("/<convention>.ics")
def of_convention(convention: str) -> Response:
    """Give the events of one convention or process."""
    if convention not in reference().processes:
        abort(404)
    path = url_for("feeds.of_convention", convention=convention)
    return feed_response(partial(_feed, path, convention))


def _feed(path: str, convention: str = "") -> tuple[bytes, datetime]:
    """Put the feed of this address together; return its bytes and when it last changed."""
    fixed = {"convention": convention} if convention else {}
    wanted = read_filter(feed=True, fixed=fixed)
    process = reference().processes[convention] if convention else None
    shown = wanted.without("convention") if fixed else wanted
    feed = feed_entries.Feed(
        name=_name(process, wanted),
        page_url=list_url(wanted),
        feed_url=public_url(path + shown.query()),
        language=wanted.lang or "en",
        **({"color": process.color} if process else {}),
    )
    # The same to everybody: who subscribes here is a program that is not signed in.
    bodies = renderings.bodies(db.session(), calendar.STRANGER, wanted, public_url(""), today=clock.today())
    moment = changed_at()
    return feed_entries.written(feed, bodies, moment), moment


def changed_at() -> datetime:
    """Return when readers of a feed last could see a difference, aware UTC.

    The window moves on the first of a month without any event changing, and the day begins in our zone.
    """
    window = datetime.combine(first_of_month_back(clock.today(), 0), time(), clock.zone).astimezone(UTC)
    return max(window, g.calendar_version.changed_at) if g.calendar_version else window


def _name(process: Process | None, wanted: EventFilter) -> str:
    words = words_of(wanted.lang)
    if process is None and wanted.is_empty:
        return words.gettext("Joint meeting calendar")
    part = words.gettext(process.short_name if process else "a selection")
    return words.gettext("Joint meeting calendar: %(part)s") % {"part": part}
