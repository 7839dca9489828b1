"""Choosing a feed: the filter, what it holds, and its address for each calendar program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db
from calendar_app.services import calendar
from calendar_app.services.reference import reference
from calendar_app.web import filter_form
from calendar_app.web.event_lines import event_line, reader_of
from calendar_app.web.page import public_url, read_filter, words

if TYPE_CHECKING:
    from calendar_app.services.filters import EventFilter

blueprint = Blueprint("subscribe", __name__)
_NEXT = 5
# Google loses events silently beyond some 1,100, and beyond 1 MB, which 700 of ordinary length reach.
_GOOGLE_EVENTS = 700


@blueprint.get("/subscribe")
def subscribe() -> str:
    """Show the address of a filter, how many events it holds, and which come next."""
    wanted = read_filter(feed=True, lenient=True)
    session = db.session()
    today = clock.today()
    events = calendar.feed_events(session, calendar.STRANGER, wanted, today=today)
    shown = [event for event in events if not calendar.is_tombstone(calendar.STRANGER, event)]
    following = [event for event in shown if not calendar.has_ended(event, today)][:_NEXT]
    path = url_for("subscribe.subscribe").partition("?")[0]
    form = filter_form.form(wanted, words(), calendar.places_in_use(session, calendar.STRANGER), path, feed=True)
    reader = reader_of(following)
    query = wanted.query()
    address = public_url(url_for("feeds.everything") if not query else url_for("feeds.filtered") + query)
    outlook = f"?url={quote(address, safe='')}&name={quote(_('Joint meeting calendar'))}"
    feed: dict[str, Any] = {
        "https_url": address,
        "webcal_url": _webcal(address),
        "count": len(shown),
        "next": [event_line(event, reader) for event in following],
        "description": _description(wanted),
        "too_big": _("Google Calendar loses events of a list as long as this; please choose less.")
        if len(events) > _GOOGLE_EVENTS
        else "",
        "google_url": "https://calendar.google.com/calendar/render?cid=" + quote(_webcal(address), safe=""),
        "outlook_web_url": "https://outlook.live.com/calendar/0/addfromweb" + outlook,
        "outlook_work_url": "https://outlook.office.com/calendar/0/addfromweb" + outlook,
    }
    listing = {"filter": form, "active": filter_form.active(wanted, form, path)}
    return render_template("subscribe/subscribe.html", feed=feed, listing=listing, conventions=_ready_made(wanted.lang))


def _description(wanted: EventFilter) -> str:
    """Say which days the address covers, and what of the list it leaves out."""
    if wanted.first or wanted.last:
        days = _("It covers the days you chose.")
    else:
        days = _("It begins twelve months back and has no end.")
    # Not inside an f-string: texts there are not found for translation.
    return days if wanted.tbc else " ".join((days, _("Events without exact days are not in it.")))


def _ready_made(language: str) -> list[dict[str, str]]:
    query = f"?lang={language}" if language else ""
    result = []
    for process in reference().processes.values():
        address = public_url(url_for("feeds.of_convention", convention=process.slug) + query)
        result.append(
            {
                "slug": process.slug,
                "name": words().gettext(process.short_name),
                "https_url": address,
                "webcal_url": _webcal(address),
            }
        )
    return result


def _webcal(address: str) -> str:
    return "webcal://" + address.partition("://")[2]
