"""Coming and past events, one event, and one event as iCalendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db
from calendar_app.planning.dates import Precision
from calendar_app.services import calendar, event_lists, feed_entries, filters, renderings
from calendar_app.services.records import in_language
from calendar_app.services.text import slugify
from calendar_app.web import filter_form
from calendar_app.web.event_lines import reader_of
from calendar_app.web.events import event_page, strip
from calendar_app.web.events.listing import sections
from calendar_app.web.export import views as export
from calendar_app.web.feeds.answers import feed_response
from calendar_app.web.feeds.described import other_formats
from calendar_app.web.page import public_url, read_filter, refuse_filters, viewer, words
from calendar_app.web.view_links import view_links

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from werkzeug.wrappers import Response as AnyResponse

    from calendar_app.models import Event
    from calendar_app.services.filters import EventFilter

blueprint = Blueprint("events", __name__)


@blueprint.get("/")
def coming() -> str:
    """Show coming events, earliest first; from another day if the filter names one."""
    return _list_page(past=False)


@blueprint.get("/past")
def past() -> str:
    """Show past events, latest first."""
    return _list_page(past=True)


def _list_page(*, past: bool) -> str:
    wanted = read_filter(also=("page",))
    number = _page_number()
    session = db.session()
    page = event_lists.page_of_events(session, viewer(), wanted, today=clock.today(), past=past, number=number)
    if number > page.last_number:
        abort(404)
    path = url_for("events.past" if past else "events.coming").partition("?")[0]
    other = url_for("events.coming" if past else "events.past").partition("?")[0]
    form = filter_form.form(wanted, words(), calendar.places_in_use(session, viewer()), path)
    months, undated = sections(page.events, reader_of(page.events), now_first=not past and wanted.first is None)
    everything = wanted.without_days()
    # A list of past days is no feed to subscribe to: the days are left out, the rest stays.
    followed = everything if past else wanted
    tabs = [
        _tab(_("Coming (%(count)s)", count=page.coming), path if not past else other, wanted, current=not past),
        _tab(_("Past (%(count)s)", count=page.past), path if past else other, wanted, current=past),
    ]
    from_ = "later_url" if not past else "earlier_url"
    back = "earlier_url" if not past else "later_url"
    listing: dict[str, Any] = {
        "view": "past" if past else "coming",
        "lead": _(
            "The meetings of the Basel, Rotterdam, Stockholm and Minamata conventions, of the Global Framework on"
            " Chemicals, and of the processes around them, in one calendar."
        ),
        "tabs": tabs,
        "total": page.total,
        "filter": form,
        "active": filter_form.active(wanted, form, path),
        "views": view_links(wanted, "list", day=_day(wanted, page.events, past=past)),
        "months": months,
        "undated": undated,
        from_: _page_url(path, wanted, number + 1) if number < page.last_number else None,
        back: _page_url(path, wanted, number - 1) if number > 1 else None,
        "strip": [] if past else _strip(wanted, everything, path),
        "years": _years(everything, wanted, calendar.years_with_events(session, viewer())),
        "formats": other_formats(followed),
        "files": export.addresses(wanted, past=past),
        "subscribe_url": url_for("subscribe.subscribe").partition("?")[0] + followed.query(),
        "empty": None if page.events else _empty(page, wanted, form, path, other, past=past),
    }
    return render_template("events/list.html", listing=listing)


def _day(wanted: EventFilter, events: Sequence[Event], *, past: bool) -> date:
    """Return the day that the other views begin with: the one asked for, the latest of past events, or today."""
    latest = next((event.start for event in events if event.start), None) if past else None
    return wanted.first or latest or clock.today()


def _strip(wanted: EventFilter, everything: EventFilter, path: str) -> list[dict[str, Any]]:
    """Return the year strip of the events that match, whatever days the filter names."""
    today = clock.today()
    spans = calendar.exact_spans(db.session(), viewer(), everything, *strip.window(today))
    return strip.year_strip(spans, today, words(), wanted, path)


def _tab(label: str, path: str, wanted: EventFilter, *, current: bool) -> dict[str, Any]:
    return {"label": label, "url": path + wanted.query(), "current": current}


def _page_number() -> int:
    given = request.args.getlist("page")
    if not given:
        return 1
    text = given[0]
    if len(given) > 1 or not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < 1:  # noqa: PLR2004
        raise filters.FilterError([filters.Problem("unknown-value", "page", text[:40], ("1", "2", "3"))])
    return int(text)


def _page_url(path: str, wanted: EventFilter, number: int) -> str:
    return path + wanted.query(*([("page", str(number))] if number > 1 else []))


def _years(everything: EventFilter, wanted: EventFilter, years: list[int]) -> list[dict[str, Any]]:
    path = url_for("events.coming").partition("?")[0]
    result = []
    for year in years:
        first, last = f"{year}-01", f"{year}-12"
        current = (wanted.first_text, wanted.last_text) == (first, last)
        result.append(
            {"label": str(year), "url": path + everything.query(first_text=first, last_text=last), "current": current}
        )
    return result


def _empty(
    page: event_lists.Page, wanted: EventFilter, form: dict[str, Any], path: str, other: str, *, past: bool
) -> dict[str, Any]:
    """Say which filter to relax, and where the matching events are if they are elsewhere."""
    elsewhere = page.coming if past else page.past
    suggestions = []
    if elsewhere:
        label = (
            _("Look at the coming events that match (%(count)s)", count=elsewhere)
            if past
            else _("Look at the past events that match (%(count)s)", count=elsewhere)
        )
        suggestions.append({"label": label, "url": other + wanted.query()})
    suggestions += filter_form.relaxations(wanted, form, lambda wider: path + wider.query())
    message = _("No past event matches.") if past else _("No coming event matches.")
    if wanted.is_empty:
        message = _("There is no past event yet.") if past else _("There is no coming event yet.")
    return {"message": message, "suggestions": suggestions}


@blueprint.get("/events/<event_id>")
def event(event_id: str) -> str | AnyResponse:
    """Show one event. Any other id of it, or of an event merged into it, leads to its address."""
    refuse_filters()
    session = db.session()
    found = calendar.find_event(session, viewer(), event_id)
    if found is None:
        abort(404)
    if str(found.id) != event_id:
        return redirect(url_for("events.event", event_id=str(found.id)), 301)
    related = calendar.related_events(session, viewer(), found)
    return render_template(
        "events/event.html", event=event_page.event_page(session, found, related, reader_of([found, *related]))
    )


@blueprint.get("/events/<event_id>.ics")
def event_ics(event_id: str) -> Response | AnyResponse:
    """Give one event as iCalendar: without known days the period in which it lies, when it is gone its tombstone."""
    wanted = read_filter(feed=True, filtered=False)
    session = db.session()
    found = calendar.find_event(session, viewer(), event_id)
    found = found or calendar.find_tombstone(session, event_id, clock.today())
    if found is None or (found.start is None and calendar.can_see(viewer(), found)):
        abort(404)
    path = url_for("events.event_ics", event_id=str(found.id))
    if str(found.id) != event_id:
        return redirect(path + wanted.query(), 301)
    feed = feed_entries.Feed(
        name=_feed_name(found, wanted.lang),
        page_url=public_url(url_for("events.event", event_id=str(found.id))),
        feed_url=public_url(path + wanted.query()),
        language=wanted.lang or "en",
    )
    # A meeting held in parts is on its parts' days, not on all the days between them.
    parts = calendar.exact_parts(session, viewer(), found) if found.precision != Precision.DAY else []
    shown = parts or [found]
    seen = calendar.can_see(viewer(), found)
    # Of what is hidden nothing is told, not even when it last changed.
    changed_at = max(one.last_modified if seen else one.hidden_since or one.created_at for one in (found, *shown))

    def make() -> tuple[bytes, datetime]:
        ids = [event.id for event in shown]
        bodies = renderings.bodies_of(session, viewer(), wanted, public_url(""), ids)
        return feed_entries.written(feed, bodies, changed_at), changed_at

    return feed_response(make, filename=_file_name(found), keep=False)


def _feed_name(found: Event, language: str) -> str:
    if not calendar.can_see(viewer(), found):
        return str(_("Joint meeting calendar"))
    return found.short_title or in_language(found.titles, language or "en")[0]


def _file_name(found: Event) -> str:
    """Return what the file is called when it is saved; plain letters, because headers know no others."""
    name = slugify(found.short_title) if calendar.can_see(viewer(), found) else ""
    return f"{name if name.isascii() and name else found.id}.ics"
