"""The panel beside a form with dates: what they run into, what they could join, and better dates for one click."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from calendar_app.extensions import clock, db, limiter
from calendar_app.models import Event
from calendar_app.planning.dates import EARLIEST, LATEST, Precision, Span
from calendar_app.planning.vocabulary import Severity
from calendar_app.services import policies
from calendar_app.services.access import may_steward
from calendar_app.services.calendar import visible_to
from calendar_app.services.date_check import DateCheck, check_dates
from calendar_app.services.date_words import DateWords
from calendar_app.services.finding_board import short_name
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.planning_facts import facts
from calendar_app.services.records import EventRecord, called, in_language, record_of, span_of
from calendar_app.services.reference import reference
from calendar_app.web import guards
from calendar_app.web.guards import person
from calendar_app.web.page import title_language, viewer, words
from calendar_app.web.submit.area import blueprint
from calendar_app.web.submit.forms import DATES
from calendar_app.web.submit.so_far import record_so_far

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calendar_app.planning.findings import Finding
    from calendar_app.web.submit.forms import EventForm

# So many reasons are said at once; the others unfold.
_AT_ONCE = 1


def taken(text: str) -> Span | None:
    """Return the days of “2027-09-06/2027-09-10”, as the buttons of the panel give them; None for anything else."""
    first, _slash, last = text.partition("/")
    try:
        span = Span.inclusive(date.fromisoformat(first), date.fromisoformat(last))
    except (ValueError, OverflowError):
        return None
    return span if span.start >= EARLIEST and span.end <= LATEST else None


def take(form: EventForm) -> Span | None:
    """Put the better dates whose button or link was pressed into a form, if one was; return them.

    All else stays as typed.
    """
    # A form that is sent keeps the address of its page, and what stood there was taken before.
    given = request.form if request.method == "POST" else request.args
    span = taken(given.get("use", "")) if "dates" in form else None
    if span:
        values: dict[str, Any] = {"dates": "day", "first_day": span.start, "last_day": span.last}
        for name, value in values.items():
            form[name].data, form[name].raw_data = value, [str(value)]
    return span


def of_form(form: EventForm, steward: str) -> dict[str, Any]:
    """Return the panel for what was typed into a form so far, or stood there when it was opened."""
    given = MultiDict((field.short_name, text) for field in form for text in field.raw_data or ())
    if not form.base.span and not any(given.get(name) for names in DATES.values() for name in names):
        return nothing()
    record = record_so_far(given, person(), form.base, form.event_id, internal="notes" in form)
    found = panel(record, steward, form.event_id)
    return found if "dates" in form else _to_move(found, form.event_id, may_move="notes" in form)


def _to_move(found: dict[str, Any], event_id: uuid.UUID | None, *, may_move: bool) -> dict[str, Any]:
    """Lead from the better dates to moving the event, for who may: the form has no dates to be filled in."""
    for window in found["better"]:
        window["move_url"] = url_for("work.move", event_id=str(event_id), use=window["value"]) if may_move else ""
        window["value"] = ""
    return found


def check(event_id: uuid.UUID, steward: str, record: EventRecord) -> DateCheck:
    """Return what is to be said to the reader of the dates of a record; nothing better lies in the past."""
    session, someone = db.session(), person()
    return check_dates(
        session,
        viewer(),
        event_id,
        steward,
        record,
        facts(),
        policies.in_force(session),
        not_before=clock.today(),
        deciding=someone.deciding if someone else (),
    )


def panel(
    record: EventRecord, steward: str, event_id: uuid.UUID | None = None, *, offers: bool = True
) -> dict[str, Any]:
    """Return the panel for a record as templates show it; `offers`: with the better dates."""
    done = check(event_id or uuid.uuid4(), steward, record)
    return panel_of(done, record, offers=offers)


def panel_of(done: DateCheck, record: EventRecord, *, offers: bool = True) -> dict[str, Any]:
    """Return the panel for what was found about a record."""
    speak = words()
    has_dates = record.span is not None or any(option for option in record.options)
    better = done.better if offers else ()
    others = other_events(done.event, (*done.findings, *(f for window in better for f in window.findings)))
    names = {event.id: called(event, title_language()) for event in others.values()}
    # The own event is on the same page, and may have no title yet.
    finding_words = FindingWords(speak, lambda event: names.get(event, ""), reference(), own=done.event)
    date_words = DateWords(speak, finding_words, lambda event: _title_and_days(others.get(event)))
    return {
        "has_dates": has_dates,
        "summary": _said(done, record, finding_words) if has_dates else "",
        "dates": speak.days(record.span) if record.span and record.precision is Precision.DAY else "",
        "clashes": [finding_line(finding, done.event, finding_words, others) for finding in done.clashes],
        "chances": [finding_line(finding, done.event, finding_words, others) for finding in done.chances],
        "hidden": [
            _("These dates meet an event that %(organisation)s has not shared. Please ask %(organisation)s.")
            % {"organisation": speak.isolated(short_name(speak, code))}
            for code in done.hidden
        ],
        "better": [
            {
                "value": f"{window.span.start}/{window.span.last}",
                "move_url": "",
                "dates": speak.days(window.span),
                "weekdays": date_words.weekdays(window.span),
                "reasons": date_words.sentences(window, done.event),
            }
            for window in better
        ],
        "said": "",
        "mark": done.worst.word,
        "is_critical": done.worst is Severity.CRITICAL,
    }


def nothing() -> dict[str, Any]:
    """Return the panel that says nothing."""
    return panel_of(DateCheck(uuid.uuid4()), EventRecord())


def finding_line(
    finding: Finding, own: uuid.UUID, say: FindingWords, others: Mapping[uuid.UUID, Event]
) -> dict[str, Any]:
    """Return a finding as templates show it: in one sentence, then why."""
    other = others.get(finding.b if finding.a == own and finding.b else finding.a)
    reasons = list(dict.fromkeys(say.sentence(reason, finding) for reason in finding.reasons))
    title, language = in_language(other.titles, title_language()) if other else ("", "")
    return {
        "mark": finding.severity.word if finding.severity else "opportunity",
        "mark_label": say.severity(finding.severity) if finding.severity else say.kind(finding.kind),
        "headline": say.headline(finding),
        "first": reasons[:_AT_ONCE],
        "more": reasons[_AT_ONCE:],
        "title": title,
        "language": language,
        "url": url_for("events.event", event_id=str(other.id)) if other else "",
    }


def other_events(own: uuid.UUID, findings: Iterable[Finding]) -> dict[uuid.UUID, Event]:
    """Return the events that findings speak of besides the one being written, as far as the reader sees them."""
    ids = {event for finding in findings for event in (finding.a, finding.b) if event and event != own}
    if not ids:
        return {}
    query = select(Event).where(visible_to(viewer()), Event.id.in_(ids))
    return {event.id: event for event in db.session.scalars(query)}


def _title_and_days(event: Event | None) -> tuple[str, Span | None]:
    return (called(event, title_language()), span_of(event)) if event else ("", None)


def _said(done: DateCheck, record: EventRecord, say: FindingWords) -> str:
    """Return what there is to see, and whether the dates were compared at all."""
    silent = _not_compared(record)
    if not silent:
        return _summary(done, say)
    return f"{silent} {_summary(done, say)}" if done.clashes or done.hidden else silent


def _not_compared(record: EventRecord) -> str:
    """Return why the dates are not compared with those of other events, "" if they are."""
    if record.span is None:
        return ""
    if record.precision is Precision.YEAR:
        return str(_("A year is too open to be compared with the dates of other events."))
    longest = policies.in_force(db.session()).vague_longest_days
    if record.span.days <= longest:
        return ""
    length = words().length(longest)
    return str(_("Dates of more than %(days)s are not compared with those of other events.", days=length))


def _summary(done: DateCheck, say: FindingWords) -> str:
    """Return in a sentence or two what there is to see: screen readers say it when it changes."""
    count = len(done.clashes)
    if not count and done.hidden:
        text: str = _("These dates run into nothing that you may see.")
    elif not count:
        text = _("These dates run into nothing in the calendar.")
    else:
        text = ngettext(
            "These dates run into %(num)d clash (%(severity)s).",
            "These dates run into %(num)d clashes (the worst is %(severity)s).",
            count,
            severity=say.severity_inside(done.worst),
        )
    if done.better:
        text += " " + ngettext("There is %(num)d better date.", "There are %(num)d better dates.", len(done.better))
    return text


@blueprint.get("/submit/dates")
@limiter.limit("60 per minute")
def dates_of_form() -> str:
    """Give the panel for what is in the address, as a piece of the page; with `event` for that one as changed so."""
    given, event_id = MultiDict(request.args), None
    named = given.get("event", "")
    if named:
        someone, event = guards.editable_event(named)
        event_id, steward, base = event.id, event.steward_code, record_of(event)
        internal = may_steward(someone, event)
    else:
        someone, steward, base = person(), given.get("organisation", ""), EventRecord()  # type: ignore[assignment]
        internal = bool(someone and someone.roles)
    found = panel(record_so_far(given, someone, base, event_id, internal=internal), steward, event_id)
    # A form that has no dates says nothing of them.
    takes = not named or "dates" in given
    return render_template("submit/dates.html", dates=found if takes else _to_move(found, event_id, may_move=internal))
