"""Choosing a feed: the filter, what it holds, and its address for each calendar program."""

from __future__ import annotations

from dataclasses import replace as with_values
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db
from calendar_app.services import calendar, renderings
from calendar_app.services.reference import reference
from calendar_app.web import filter_form, guards
from calendar_app.web.event_lines import event_line, reader_of
from calendar_app.web.feeds.described import other_formats
from calendar_app.web.kept import kept
from calendar_app.web.page import public_url, read_filter, title_language, words
from calendar_app.web.subscribe import private_addresses
from calendar_app.web.subscribe.addresses import google_takes, ways_to_open, webcal
from calendar_app.web.subscribe.forms import PrivateFeedForm
from calendar_app.web.subscribe.programs import programs

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from calendar_app.services.filters import EventFilter

blueprint = Blueprint("subscribe", __name__)
_NEXT = 5


@blueprint.get("/subscribe")
@kept
def subscribe() -> str:
    """Show the address of a filter, how many events it holds, and which come next."""
    return _page()


@blueprint.post("/subscribe")
def make() -> ResponseReturnValue:
    """Make a private address of the filter that the page shows."""
    guards.signed_in()
    form = PrivateFeedForm()
    made = private_addresses.make(form, _carried(_chosen())) if form.validate_on_submit() else None
    return made or (_page(form), 422)


@blueprint.post("/subscribe/private/<int(max=2147483647):feed_id>/replace")
def replace(feed_id: int) -> ResponseReturnValue:
    """Give a private feed a new address."""
    return private_addresses.replace(feed_id)


@blueprint.post("/subscribe/private/<int(max=2147483647):feed_id>/revoke")
def revoke(feed_id: int) -> ResponseReturnValue:
    """End a private feed."""
    return private_addresses.revoke(feed_id)


def _chosen() -> EventFilter:
    return read_filter(feed=True, lenient=True)


def _carried(chosen: EventFilter) -> EventFilter:
    """Return the filter as its address carries it: in the language of the page; English goes without saying."""
    language = title_language()
    return with_values(chosen, lang="" if language == "en" else language)


def _page(refused: PrivateFeedForm | None = None) -> str:
    chosen = _chosen()
    carried = _carried(chosen)
    session, today = db.session(), clock.today()
    events = calendar.feed_events(session, calendar.STRANGER, chosen, today=today)
    shown = [event for event in events if not calendar.is_tombstone(calendar.STRANGER, event)]
    following = [event for event in shown if not calendar.has_ended(event, today)][:_NEXT]
    path = url_for("subscribe.subscribe").partition("?")[0]
    form = filter_form.form(chosen, words(), calendar.places_in_use(session, calendar.STRANGER), path, feed=True)
    reader = reader_of(following)
    query = carried.query()
    address = public_url(
        url_for("feeds.everything") if not query else url_for("feeds.filtered").partition("?")[0] + query
    )
    bodies = renderings.bodies(session, calendar.STRANGER, carried, public_url(""), today=today)
    feed: dict[str, Any] = {
        **ways_to_open(address, _("Joint meeting calendar")),
        "count": len(shown),
        "next": [event_line(event, reader) for event in following],
        "description": _description(chosen),
        "google_takes": google_takes(len(bodies), sum(map(len, bodies))),
        "other_formats": other_formats(carried),
        "mail_url": url_for("public_mail.ask").partition("?")[0] + carried.without_options().query(),
    }
    person = guards.person()
    return render_template(
        "subscribe/subscribe.html",
        feed=feed,
        listing={"filter": form, "active": filter_form.active(chosen, form, path)},
        conventions=_ready_made(carried.lang),
        programs=programs(),
        private=private_addresses.section(person, carried, form, path + chosen.query(), refused) if person else None,
    )


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
                "webcal_url": webcal(address),
            }
        )
    return result
