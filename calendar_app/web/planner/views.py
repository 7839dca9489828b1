"""The planner's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db
from calendar_app.planning.dates import LATEST, ONE_DAY, Precision, Span
from calendar_app.planning.vocabulary import Status
from calendar_app.services import calendar, holidays, planned
from calendar_app.services.filters import EventFilter
from calendar_app.services.planned_findings import planned_findings
from calendar_app.services.reference import reference
from calendar_app.web import filter_form
from calendar_app.web.kept import kept
from calendar_app.web.page import read_filter, title_language, viewer, words
from calendar_app.web.planner import chart, regions, window
from calendar_app.web.planner.cards import Cards
from calendar_app.web.planner.chart import OUTSIDE_TIER
from calendar_app.web.planner.drawing import list_items
from calendar_app.web.planner.marks import Marks
from calendar_app.web.planner.places import place
from calendar_app.web.planner.weeks import week_rows
from calendar_app.web.view_links import view_links

if TYPE_CHECKING:
    from datetime import date

    from calendar_app.services.planned import OpenOption, Planned
    from calendar_app.web.planner.window import Window

blueprint = Blueprint("planner", __name__)


@blueprint.get("/planner")
@kept
def planner() -> str:
    """Show 3 to 30 months of all processes, a lane each."""
    wanted = read_filter(also=("months",))
    today = clock.today()
    shown = window.window_of(wanted, request.args.getlist("months"), today)
    session = db.session()
    events, undated, everything = _events(wanted, shown)
    options = planned.open_options(session, viewer(), wanted, shown.span, title_language())
    path = url_for("planner.planner").partition("?")[0]
    form = _form(wanted, shown, path)
    found = planned_findings(session, viewer(), shown.span)
    marks = Marks(found, [*everything, *undated], options, _drawn(events, options), words())
    around = [chart.lane_of_observances(events, shown, words()), chart.lane_of_holidays(shown, words())]
    days = (f"{shown.first:%Y-%m}", f"{min(shown.last_month, LATEST - ONE_DAY):%Y-%m}")
    day = today if shown.span.start <= today < shown.span.end else shown.first
    page: dict[str, Any] = {
        "heading": words().period(shown.span, Precision.MONTH),
        "count": len(events) + len(undated),
        "filter": form,
        "active": filter_form.active(wanted, form, path),
        "views": view_links(wanted, "planner", day=day, days=days),
        "moves": _moves(wanted, shown, today, path),
        "zooms": _zooms(wanted, shown, path),
        "size": place(0, shown.span.days),
        "is_member": bool(viewer().organisations),
        "is_far": shown.months > window.MONTHS_WITH_WEEK_NUMBERS,
        "heads": _heads(wanted, shown),
        "today": _mark(shown, Span(today, today + ONE_DAY)),
        "closed_days": _closed_days(shown),
        "lanes": chart.lanes_of_events(events, options, shown, words(), wanted.convention, marks),
        "list_items": list_items,
        "around": [lane for lane in around if lane],
        "weeks": week_rows(everything, shown, words(), wanted.city),
        "regions": regions.region_names(words()),
        "rounds": regions.regional_rounds(everything, shown, words()),
        "undated": _undated(undated),
        "way": marks.listed(for_members=bool(viewer().organisations)),
        "finder": _finder(shown, today, wanted) if viewer().organisations else None,
        "subscribe_url": url_for("subscribe.subscribe").partition("?")[0] + wanted.without_days().query(),
        "empty": None if events or options else _empty(wanted, form, shown, path),
    }
    return render_template("planner/planner.html", planner=page)


def _events(wanted: EventFilter, shown: Window) -> tuple[list[Planned], list[Planned], list[Planned]]:
    """Return the events of the filter, those of it without dates, and all that weeks and regions are told from.

    What is said of weeks and regions must not change with the filter, or it would be false.
    """

    def read(filter_: EventFilter, days: Span) -> tuple[list[Planned], list[Planned]]:
        return planned.planned_events(db.session(), viewer(), filter_, days, title_language())

    everything, undated = read(EventFilter(), regions.days_of_rounds(shown))
    if wanted.without_days().is_empty:
        return [e for e in everything if e.span and shown.clipped(e.span)], undated, everything
    return *read(wanted, shown.span), everything


def _drawn(events: list[Planned], options: list[OpenOption]) -> set[str]:
    return {event.id for event in events} | {option.event.id for option in options}


def _finder(shown: Window, today: date, wanted: EventFilter) -> dict[str, Any]:
    """Return the small form that leads to the finder with a lane and a length; None in months that are over."""
    if shown.span.end <= today:
        return {}
    lanes = [(p.slug, words().gettext(p.short_name)) for p in reference().processes.values() if p.tier < OUTSIDE_TIER]
    return {
        "url": url_for("finder.finder").partition("?")[0],
        "earliest": max(shown.first, today + ONE_DAY).isoformat(),
        "latest": shown.span.last.isoformat(),
        "lanes": lanes,
        "lane": wanted.convention[0] if wanted.convention else "",
    }


def _address(wanted: EventFilter, shown: Window, path: str) -> str:
    """Return the address of a window with a filter; the usual number of months is not written."""
    months = [("months", str(shown.months))] if shown.months != window.USUAL else []
    return path + wanted.without_days().query(*months, first_text=f"{shown.first:%Y-%m}")


def _form(wanted: EventFilter, shown: Window, path: str) -> dict[str, Any]:
    """Return the filter form; the months are chosen beside it and only carried along."""
    form = filter_form.form(wanted, words(), calendar.places_in_use(db.session(), viewer()), path)
    form["fields"] = [field for field in form["fields"] if field["name"] not in {"from", "to"}]
    form["hidden"] = [*form["hidden"], {"name": "from", "value": f"{shown.first:%Y-%m}"}]
    if shown.months != window.USUAL:
        form["hidden"].append({"name": "months", "value": str(shown.months)})
    plain = wanted.without_days()
    form["reset_url"] = "" if plain.is_empty else _address(type(wanted)(lang=wanted.lang), shown, path)
    return form


def _moves(wanted: EventFilter, shown: Window, today: date, path: str) -> dict[str, str]:
    """Return the addresses of the months before and after, by half of what is shown, and of today's."""
    step = max(1, shown.months // 2)
    earlier, later = shown.moved(-step), shown.moved(step)
    now = window.Window(today.replace(day=1), shown.months)
    return {
        "earlier": _address(wanted, earlier, path) if earlier else "",
        "later": _address(wanted, later, path) if later else "",
        "today": _address(wanted, now, path) if now != shown else "",
    }


def _zooms(wanted: EventFilter, shown: Window, path: str) -> list[dict[str, Any]]:
    return [
        {
            "months": months,
            "label": ngettext("%(num)s month", "%(num)s months", months),
            "url": _address(wanted, window.Window(shown.first, months), path),
            "current": months == shown.months,
        }
        for months in window.ZOOMS
    ]


def _heads(wanted: EventFilter, shown: Window) -> dict[str, list[window.Head]]:
    path = url_for("calendar.calendar").partition("?")[0]
    return {
        "quarters": window.quarter_heads(shown, words()),
        "months": window.month_heads(shown, words(), path, wanted),
        "weeks": window.week_heads(shown),
    }


def _mark(shown: Window, span: Span) -> str:
    stretch = shown.clipped(span)
    return place(*stretch) if stretch else ""


def _closed_days(shown: Window) -> list[str]:
    """Return where the days stand that are official holidays, or on which the General Assembly wants no meeting."""
    days = {h.day for h in holidays.between(shown.span) if h.tier in holidays.CLOSED}
    return [_mark(shown, Span(day, day + ONE_DAY)) for day in sorted(days)]


def _undated(events: list[Planned]) -> list[dict[str, str]]:
    cards = Cards(words())
    result = []
    for event in events:
        language = cards.language(event)
        said = cards.dates(event)
        if event.status != Status.CONFIRMED:
            said = words().listed((said, words().status(event.status)))
        result.append({"url": cards.url(event), "title": event.title, "language": language, "words": said})
    return result


def _empty(wanted: EventFilter, form: dict[str, Any], shown: Window, path: str) -> dict[str, Any]:
    """Say that nothing is there, and what to do about it."""
    suggestions = filter_form.relaxations(wanted, form, lambda wider: _address(wider, shown, path))
    if shown.months < window.MOST:
        label = _("Look at 30 months")
        wide = window.Window(shown.first, window.MOST)
        suggestions.append({"label": label, "url": _address(wanted, wide, path)})
    coming = url_for("events.coming").partition("?")[0] + wanted.without_days().query()
    suggestions.append({"label": _("Look at the list of coming events"), "url": coming})
    return {"message": _("No event matches in these months."), "suggestions": suggestions}
