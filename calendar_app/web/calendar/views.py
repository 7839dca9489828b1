"""The calendar's page: a month, a week or a day of the events that match a filter."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db
from calendar_app.planning.dates import EARLIEST, LATEST, ONE_DAY, Span, month, overlaps
from calendar_app.planning.vocabulary import TAKING_PLACE
from calendar_app.services import calendar, filters, holidays
from calendar_app.services.countries import country_name
from calendar_app.services.records import in_language, span_of
from calendar_app.services.wording import moment_at
from calendar_app.web import filter_form
from calendar_app.web.calendar.weeks import Bar, Day, Week, week_of, weeks_of, whole_weeks
from calendar_app.web.event_lines import EventLine, Reader, event_line, reader_of
from calendar_app.web.feeds.described import other_formats
from calendar_app.web.page import read_filter, viewer, words
from calendar_app.web.view_links import view_links

if TYPE_CHECKING:
    from datetime import date

    from werkzeug.wrappers import Response as AnyResponse

    from calendar_app.models import Event
    from calendar_app.services.filters import EventFilter

blueprint = Blueprint("calendar", __name__)
VIEWS = ("month", "week", "day")
ROWS_IN_MONTH = 4
# The stylesheet has places for so many rows; what lies below them finds its own.
_PLACED_ROWS = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """What is asked for: the view, a day of it, whether the address named that day, and the filter without it."""

    view: str
    day: date
    named: bool
    wanted: EventFilter

    @property
    def period(self) -> Span:
        """The month, week or day."""
        if self.view == "month":
            return month(self.day.year, self.day.month)
        return week_of(self.day) if self.view == "week" else Span(self.day, self.day + ONE_DAY)

    @property
    def days(self) -> Span:
        """All days on the page: a month is shown in whole weeks."""
        return self.period if self.view == "day" else whole_weeks(self.period)

    def beside(self, step: int) -> date | None:
        """Return a day of the period before (-1) or after (1), None where the calendar ends."""
        day = self.period.end if step > 0 else self.period.start - ONE_DAY
        if not EARLIEST <= day < LATEST:
            return None
        return max(week_of(day).start, EARLIEST) if self.view == "week" else day


@blueprint.get("/calendar", endpoint="calendar")
def calendar_page() -> str | AnyResponse:
    """Show the events of a month, a week or a day; the list has a page of its own."""
    if request.args.getlist("view") == ["list"]:
        return redirect(url_for("events.coming").partition("?")[0] + read_filter(also=("view",)).query())
    shown = _shown()
    session = db.session()
    events = calendar.events_of_days(session, viewer(), shown.wanted, shown.days.start, shown.days.end)
    reader = reader_of(events)
    exact, in_parts, unconfirmed = _sorted_out(events, shown.period, reader)
    inside = [span for span, _entry in exact if overlaps(span, shown.period)]
    vague = [*in_parts, *unconfirmed]
    places = calendar.places_in_use(session, viewer())
    form = filter_form.form(shown.wanted, words(), places, url_for("calendar.calendar").partition("?")[0])
    now = reader.today if shown.period.start <= reader.today < shown.period.end else shown.day
    page: dict[str, Any] = {
        "view": shown.view,
        "heading": _name(shown.view, shown.period),
        "total": len(inside) + len(vague),
        "filter": _carrying_form(form, shown),
        "active": _active(form, shown),
        "views": view_links(shown.wanted, shown.view, day=now, days=_days_of_list(shown)),
        "moves": _moves(shown),
        "formats": other_formats(shown.wanted),
        "subscribe_url": url_for("subscribe.subscribe").partition("?")[0] + shown.wanted.query(),
        "empty": None if inside else _empty(shown, form, vague=bool(vague)),
        "weekdays": [format_date(day, "ccc", words().locale) for day in _days(week_of(shown.day))],
        "weeks": [] if shown.view == "day" else _weeks(exact, shown, reader),
        "entries": [entry for _span, entry in exact] if shown.view == "day" else [],
        "in_parts": in_parts,
        "unconfirmed": unconfirmed,
    }
    return render_template("calendar/calendar.html", calendar=page)


def _shown() -> Shown:
    wanted = read_filter(also=("view",))
    given = request.args.getlist("view")
    if len(given) > 1:
        raise filters.FilterError([filters.Problem("repeated", "view")])
    view = given[0] if given else VIEWS[0]
    if view not in VIEWS:
        raise filters.FilterError([filters.Problem("unknown-value", "view", view[:40], (*VIEWS, "list"))])
    return Shown(view, wanted.first or clock.today(), wanted.first is not None, wanted.without("from"))


def _days(span: Span) -> list[date]:
    return [span.start + number * ONE_DAY for number in range(span.days)]


def _day_name(day: date, *, year: bool) -> str:
    """Return "Tuesday 7 October 2025", or that without the year."""
    return format_date(day, "EEEE d MMMM y" if year else "EEEE d MMMM", words().locale)


def _name(view: str, period: Span) -> str:
    """Return "October 2025", "6–12 October 2025" or "Tuesday 7 October 2025"."""
    if view == "day":
        return _day_name(period.start, year=True)
    return words().month(period.start) if view == "month" else words().days(period)


# ---------- Addresses ----------


def _address(wanted: EventFilter, view: str, day: date | None) -> str:
    """Return the address of a view of a day, of today's without one; "" for a day that the calendar does not have.

    A filter that ends before the day would be refused: it goes without its end.
    """
    if day and not EARLIEST <= day < LATEST:
        return ""
    if day and wanted.last and wanted.last < day.replace(day=1 if view == "month" else day.day):
        wanted = wanted.without("to")
    text = "" if day is None else f"{day:%Y-%m}" if view == "month" else day.isoformat()
    also = [("view", view)] if view != VIEWS[0] else []
    return url_for("calendar.calendar").partition("?")[0] + wanted.query(*also, first_text=text)


def _here(shown: Shown, wanted: EventFilter) -> str:
    """Return the address of the same days with another filter."""
    return _address(wanted, shown.view, shown.day if shown.named else None)


def _moves(shown: Shown) -> dict[str, Any]:
    """Return the ways to the period before and after and to today's, and the form that leads to any day."""
    moves: dict[str, Any] = {"today": _address(shown.wanted, shown.view, None), "earlier": None, "later": None}
    for name, step in (("earlier", -1), ("later", 1)):
        if day := shown.beside(step):
            period = _name(shown.view, dataclasses.replace(shown, day=day).period)
            label = _("Earlier: %(period)s", period=period) if step < 0 else _("Later: %(period)s", period=period)
            moves[name] = {"url": _address(shown.wanted, shown.view, day), "label": label}
    kept = [*shown.wanted.without("to").pairs(), *([("view", shown.view)] if shown.view != VIEWS[0] else [])]
    moves["action"] = url_for("calendar.calendar").partition("?")[0]
    moves["hidden"] = [{"name": name, "value": value} for name, value in kept]
    moves["day"] = shown.day.isoformat()
    moves["first"], moves["last"] = EARLIEST.isoformat(), (LATEST - ONE_DAY).isoformat()
    return moves


def _days_of_list(shown: Shown) -> tuple[str, str]:
    """Return the first and last day or month with which the list shows the same."""
    if shown.view == "month":
        return (f"{shown.day:%Y-%m}",) * 2
    period = shown.period
    return max(period.start, EARLIEST).isoformat(), min(period.last, LATEST - ONE_DAY).isoformat()


# ---------- The filter ----------


def _carrying_form(form: dict[str, Any], shown: Shown) -> dict[str, Any]:
    """Return the filter form; the days are chosen beside it and only carried along."""
    hidden = list(form["hidden"])
    if shown.named:
        text = f"{shown.day:%Y-%m}" if shown.view == "month" else shown.day.isoformat()
        hidden.append({"name": "from", "value": text})
    if shown.view != VIEWS[0]:
        hidden.append({"name": "view", "value": shown.view})
    reset = "" if shown.wanted.is_empty else _here(shown, filters.EventFilter(lang=shown.wanted.lang))
    fields = [field for field in form["fields"] if field["name"] != "from"]
    return form | {"fields": fields, "hidden": hidden, "reset_url": reset}


def _active(form: dict[str, Any], shown: Shown) -> list[dict[str, str]]:
    """Return the present choices; taking one away stays at the same days."""
    names = {field["name"] for field in form["fields"]}
    chosen = [(name, value) for name, value in shown.wanted.pairs() if name in names]
    return [
        item | {"remove_url": _here(shown, shown.wanted.without(name, value))}
        for (name, value), item in zip(chosen, filter_form.active(shown.wanted, form, form["action"]), strict=True)
    ]


def _empty(shown: Shown, form: dict[str, Any], *, vague: bool) -> dict[str, Any]:
    """Say that nothing has its days here, which filter to relax, and where the next events are."""
    messages = {
        "month": (_("No event in this month."), _("No event with exact dates in this month.")),
        "week": (_("No event in this week."), _("No event with exact dates in this week.")),
        "day": (_("No event on this day."), _("No event with exact dates on this day.")),
    }
    suggestions = filter_form.relaxations(shown.wanted, form, lambda wider: _here(shown, wider))
    if day := calendar.next_start(db.session(), viewer(), shown.wanted, shown.period.end):
        period = _name(shown.view, dataclasses.replace(shown, day=day).period)
        label = _("Go to the next events that match: %(period)s", period=period)
        suggestions.append({"label": label, "url": _address(shown.wanted, shown.view, day)})
    coming = url_for("events.coming").partition("?")[0] + shown.wanted.without("to").query()
    suggestions.append({"label": _("Look at the list of coming events"), "url": coming})
    return {"message": messages[shown.view][vague], "suggestions": suggestions}


# ---------- Events ----------


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with exact days. `hour`: when it begins, if it has one day; `starts`: that moment, for other zones."""

    line: EventLine
    short_title: str
    hour: str
    hours: str
    starts: str


def _sorted_out(
    events: list[Event], period: Span, reader: Reader
) -> tuple[list[tuple[Span, Entry]], list[EventLine], list[EventLine]]:
    """Return the events with exact days; and of this period those known by their parts, and those to be confirmed."""
    exact: list[tuple[Span, Entry]] = []
    in_parts: list[EventLine] = []
    unconfirmed: list[EventLine] = []
    for event in events:
        span, line = span_of(event), event_line(event, reader)
        if span is None:
            continue
        if not line.vague:
            exact.append((span, _entry(event, line, reader)))
        elif overlaps(span, period):
            # A meeting held in parts has its dates: those of its parts.
            (in_parts if line.parts_count else unconfirmed).append(line)
    return exact, in_parts, unconfirmed


def _entry(event: Event, line: EventLine, reader: Reader) -> Entry:
    hours, starts = line.time, ""
    if line.time and line.first_day:
        starts = moment_at(line.first_day, event.start_time, event.timezone).isoformat()
    elif event.start_time:
        hours = reader.words.daily_hours(event.start_time, event.end_time, event.timezone)
    # Short titles are English.
    is_english = in_language(event.titles, reader.title_language)[1] == "en"
    short_title = event.short_title if is_english and event.short_title != line.title else ""
    return Entry(line, short_title, event.start_time if line.time else "", hours, starts)


# ---------- Weeks ----------


def _weeks(exact: list[tuple[Span, Entry]], shown: Shown, reader: Reader) -> list[dict[str, Any]]:
    most_rows = ROWS_IN_MONTH if shown.view == "month" else None
    # A month has room for the days on which nobody should meet; a week for all.
    closed = _closed_days(shown.days, holidays.CLOSED if shown.view == "month" else holidays.TIERS)
    result = []
    off = frozenset(number for number, (_span, entry) in enumerate(exact) if entry.line.status not in TAKING_PLACE)
    for week in weeks_of([span for span, _entry in exact], shown.period, most_rows, off):
        bars = [_bar(bar, exact[bar.event][1]) for bar in week.bars]
        days = [_day(day, shown, reader.today, closed.get(day.date, [])) for day in week.days]
        result.append(_week_heading(week, shown) | {"days": days, "bars": bars})
    return result


def _week_heading(week: Week, shown: Shown) -> dict[str, Any]:
    return {
        "anchor": f"week-{week.span.start.isoformat()}",
        "number": str(week.number),
        "label": _("Week %(number)s, %(days)s", number=week.number, days=words().days(week.span)),
        "url": _address(shown.wanted, "week", max(week.span.start, EARLIEST)) if shown.view != "week" else "",
    }


def _day(day: Day, shown: Shown, today: date, closed: list[str]) -> dict[str, Any]:
    name = _day_name(day.date, year=False)
    marks = {
        "is-today": day.date == today,
        "is-outside": not day.inside,
        "is-weekend": day.date.isoweekday() in {6, 7},
        "has-events": day.events > 0,
    }
    return {
        "date": day.date,
        "number": str(day.date.day),
        "number_in_month": _number_in_month(day.date, shown),
        "label": ngettext("%(day)s, %(num)s event", "%(day)s, %(num)s events", day.events, day=name),
        "url": _address(shown.wanted, "day", day.date),
        "is_today": day.date == today,
        "classes": " ".join(mark for mark, holds in marks.items() if holds),
        "closed": closed,
        "closed_label": [_("%(day)s: %(holiday)s", day=name, holiday=holiday) for holiday in closed],
        "more": ngettext("%(num)s more", "%(num)s more", day.more) if day.more else "",
        "more_label": ngettext("%(num)s more on %(day)s", "%(num)s more on %(day)s", day.more, day=name),
    }


def _number_in_month(day: date, shown: Shown) -> str:
    """Return "7", or "1 Oct" where a month begins: there, and on the first day of the page."""
    if day != shown.days.start and day.day != 1:
        return str(day.day)
    text: str = format_skeleton("MMMd", day, locale=words().locale)
    return text


def _bar(bar: Bar, entry: Entry) -> dict[str, Any]:
    """Return a bar with its classes: where it lies, whether it is cut, how it looks, and the colour of its process."""
    names = [f"col-{bar.column}", f"span-{bar.days}", f"is-{entry.line.status}"]
    names += [f"row-{bar.row}"] if bar.row <= _PLACED_ROWS else []
    names += [f"process-{process['slug']}" for process in entry.line.processes[:1]]
    marks = {"is-begun": bar.begun, "goes-on": bar.goes_on, "is-more": not bar.fits}
    names += [name for name, holds in marks.items() if holds]
    return {"entry": entry, "classes": " ".join(names), "begun": bar.begun, "goes_on": bar.goes_on}


def _closed_days(days: Span, tiers: frozenset[str]) -> dict[date, list[str]]:
    """Return for each day its official holidays and observances in words, with the duty stations that keep them."""
    stations = holidays.duty_stations()
    found: dict[tuple[date, str], list[str]] = {}
    for holiday in holidays.between(days):
        if holiday.tier in tiers:
            where = found.setdefault((holiday.day, words().gettext(holiday.name)), [])
            if holiday.duty_station:
                where.append(words().gettext(stations[holiday.duty_station]))
            elif holiday.country:
                where.append(country_name(holiday.country, words().language))
    result: dict[date, list[str]] = {}
    for (day, name), where in found.items():
        text = (
            _("%(holiday)s (%(places)s)", holiday=name, places=format_list(where, locale=words().locale))
            if where
            else name
        )
        result.setdefault(day, []).append(text)
    return result
