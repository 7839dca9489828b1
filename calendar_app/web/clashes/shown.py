"""What the page of one finding shows: its events on a strip of days, the reasons, better dates, and what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_skeleton
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from calendar_app.extensions import clock, db
from calendar_app.models import DateOption
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.findings import Effect
from calendar_app.planning.vocabulary import FindingKind, OptionState, Severity
from calendar_app.services.access import may_steward
from calendar_app.services.finding_board import events_of
from calendar_app.services.finding_codec import finding_of
from calendar_app.services.finding_life import ACCEPTED, ACKNOWLEDGED, CHANGED, FOUND, REOPENED, RESOLVED
from calendar_app.services.holders import holder, is_of_others
from calendar_app.services.records import organisers_of, span_of
from calendar_app.web.clashes.better import better_lines
from calendar_app.web.clashes.lines import answers_of, likelihood_of, severity_of, speaker
from calendar_app.web.clashes.strip import strip_of
from calendar_app.web.page import words
from calendar_app.web.submit.area import moment_in_words
from calendar_app.web.work.subject import summary

if TYPE_CHECKING:
    from datetime import date, datetime

    from calendar_app.models import Event, FindingEntry, StoredFinding
    from calendar_app.planning.findings import Finding
    from calendar_app.services.access import Person
    from calendar_app.services.finding_words import FindingWords
    from calendar_app.web.clashes.strip import Week

_LETTERS = ("A", "B")


def shown(someone: Person, found: StoredFinding) -> dict[str, Any]:
    """Return all values of the page but its forms."""
    speak, finding = speaker([found]), finding_of(found)
    spans = [_span(event, option) for event, option in zip(events_of(found), finding.options, strict=False)]
    return severity_of(found, speak) | {
        "id": found.id,
        "headline": speak.headline(finding),
        "state": found.state,
        "state_label": speak.state(found.state),
        "likelihood": likelihood_of(found),
        "answers": answers_of(found),
        "events": [
            _event(someone, event, span, letter, is_over=found.state == RESOLVED)
            for event, span, letter in zip(events_of(found), spans, _LETTERS, strict=False)
        ],
        "strip": _strip(events_of(found), spans, finding),
        "reasons": [
            {"sentence": speak.sentence(reason, finding), "effect": speak.effect(reason, finding.reasons)}
            for reason in finding.reasons
            if reason.effect is not Effect.QUIET
        ],
        "policy": found.policy_version,
        "found_at": moment_in_words(found.found_at),
        "changed_at": moment_in_words(found.changed_at) if found.changed_at != found.found_at else "",
        "past": _past(found),
        "printed": _("Printed: %(moment)s.", moment=moment_in_words(clock.now())),
        "thread": _thread(found, speak),
    }


def _span(event: Event, option: int) -> Span | None:
    """Return the days that the finding speaks of: the event's own, or those of a candidate date, counted from 1."""
    if not option:
        return span_of(event)
    query = select(DateOption).where(DateOption.event_id == event.id, DateOption.state == OptionState.OPEN)
    dates = db.session().scalars(query.order_by(DateOption.position)).all()
    # A finding that holds no more may speak of a date that was given up.
    return Span.inclusive(dates[option - 1].first_day, dates[option - 1].last_day) if option <= len(dates) else None


def _event(someone: Person, event: Event, span: Span | None, letter: str, *, is_over: bool) -> dict[str, Any]:
    speak, own = words(), span_of(event)
    is_option = span is not None and span != own
    is_over = is_over or (span is not None and span.end <= clock.today())
    may_move = may_steward(someone, event) and own is not None and not is_over
    # Who only keeps a meeting of others cannot choose its dates, and moves it when they do.
    better = [] if is_over or is_of_others(event) else better_lines(someone, event)
    for window in better:
        window["move_url"] = _move_url(event, use=window["use"]) if may_move else ""
    return summary(event) | {
        "letter": letter,
        "candidate": _("Candidate date: %(dates)s", dates=speak.days(span)) if span and is_option else "",
        "holder": holder(speak, event.steward_code, organisers_of(event)),
        "move_url": _move_url(event) if may_move else "",
        "finder_url": "" if is_over else url_for("finder.finder", event=str(event.id)),
        "better": better,
    }


def _move_url(event: Event, **dates: str) -> str:
    """Return the address of the form that moves an event, with `use` for dates that are filled in already."""
    return url_for("work.move", event_id=str(event.id), **dates)  # type: ignore[arg-type]


def _past(found: StoredFinding) -> str:
    """Say of what is resolved from when to when it held; "" of what still holds."""
    if found.state != RESOLVED or found.closed_at is None:
        return ""
    speak = words()
    days = {"found": speak.day(_day_of(found.found_at)), "closed": speak.day(_day_of(found.closed_at))}
    return str(
        _("This no longer holds. It was found on %(found)s; since %(closed)s planning no longer finds it.", **days)
    )


def _day_of(moment: datetime) -> date:
    return moment.astimezone(clock.zone).date()


# ---------- The strip of days ----------


def _strip(events: tuple[Event, ...], spans: list[Span | None], finding: Finding) -> dict[str, Any] | None:
    known = [(event, span, letter) for event, span, letter in zip(events, spans, _LETTERS, strict=False) if span]
    if not known:
        return None
    weeks = strip_of([span for _event, span, _letter in known], _meant(finding))
    legend = [
        {
            "letter": letter,
            "title": summary(event)["title"],
            "dates": words().days(span),
            "vague": event.precision != Precision.DAY and span == span_of(event),
        }
        for event, span, letter in known
    ]
    return {
        "legend": legend,
        "weekdays": [format_date(day.date, "ccccc", words().locale) for day in weeks[0].days],
        "weeks": [_week(week, legend) for week in weeks],
    }


def _meant(finding: Finding) -> list[Span]:
    """Return the days that the finding speaks of: those that both events share, a holiday."""
    found = []
    for reason in finding.reasons:
        first, last = reason.value("first", None), reason.value("last", None)  # type: ignore[arg-type]
        if reason.rule == "overlap":
            found.append(Span.inclusive(first, last))  # type: ignore[arg-type]
        elif day := reason.value("day", None):  # type: ignore[arg-type]
            found.append(Span.inclusive(day, day))  # type: ignore[arg-type]
    return found


def _week(week: Week, legend: list[dict[str, Any]]) -> dict[str, Any]:
    locale, today = words().locale, clock.today()
    return {
        "label": format_skeleton("yMMM", week.days[0].date, locale=locale),
        "after_gap": week.after_gap,
        "days": [
            {
                "number": str(day.date.day),
                "classes": " ".join(
                    name
                    for name, holds in {
                        "is-meant": day.is_meant,
                        "is-weekend": day.date.isoweekday() in {6, 7},
                        "is-today": day.date == today,
                    }.items()
                    if holds
                ),
            }
            for day in week.days
        ],
        "bars": [
            {
                "letter": legend[bar.event]["letter"],
                "vague": legend[bar.event]["vague"],
                "column": bar.column,
                "days": bar.days,
            }
            for bar in week.bars
        ],
    }


# ---------- What was said ----------


def _thread(found: StoredFinding, speak: FindingWords) -> list[dict[str, str]]:
    """Return all entries, each with what it changed of what planning had said before."""
    lines, before = [], None
    for entry in found.entries:
        by_people = bool(entry.organisation_code)
        lines.append(
            {
                "moment": moment_in_words(entry.at),
                "actor": entry.actor or _("Planning"),
                "action": _said(entry.action) if by_people else _noticed(entry, before, found, speak),
                "text": entry.text,
                "is_own": "yes" if by_people else "",
            }
        )
        before = before if by_people else entry
    return lines


def _said(action: str) -> str:
    """Return what somebody did."""
    texts: dict[str, str] = {
        REOPENED: _("took the answer back"),
        ACKNOWLEDGED: _("acknowledged it"),
        ACCEPTED: _("accepted it as it is"),
    }
    return texts.get(action) or _("commented")


def _noticed(entry: FindingEntry, before: FindingEntry | None, found: StoredFinding, speak: FindingWords) -> str:
    """Return what planning noticed; `before` is what it noticed last."""
    if entry.action == RESOLVED:
        return str(_("no longer finds it"))
    is_clash, is_first = found.kind == FindingKind.CLASH, before is None
    severity, was = (speak.severity(Severity((item.severity if item else 0) or 0)) for item in (entry, before))
    if entry.action == FOUND or is_first:
        return str(_("found it: %(severity)s", severity=severity) if is_clash else _("found it"))
    if before and before.action == RESOLVED:
        return str(_("finds it again: %(severity)s", severity=severity) if is_clash else _("finds it again"))
    if is_clash and severity != was:
        judged = _("judges it anew: before %(before)s, now %(now)s", before=was, now=severity)
        opened = _("opened it again: before %(before)s, now %(now)s", before=was, now=severity)
        return str(opened if entry.action == REOPENED else judged)
    if entry.action == CHANGED:
        return str(_("judges it anew"))
    return str(_("opened it again, because dates, place, format, status, audience or who keeps an event changed"))
