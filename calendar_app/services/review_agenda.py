"""The agenda of the coordination review: what all members may see, as facts in JSON, which closing keeps as they are.

Sentences are made of it when it is shown (`review_words`), so that the minutes can be read in any language. A line is
known by its key ("clash/<id>", "moved/<event id>", "action/<number>"), the same each time the agenda is made.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import func, or_, select

from calendar_app.models import Cycle, Event, ExchangeRound, Review, ReviewDecision
from calendar_app.planning.coordination import SlotState
from calendar_app.planning.dates import Precision
from calendar_app.planning.month_days import month_before
from calendar_app.planning.vocabulary import FindingKind, Severity, Status
from calendar_app.services import changes_since, coordination, finding_board, milestones, month, review_actions
from calendar_app.services.calendar import A_MEMBER, has_ended, visible_to
from calendar_app.services.changes_since import ChangeKind
from calendar_app.services.finding_board import Asked
from calendar_app.services.finding_codec import finding_of
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.owners import owner_of
from calendar_app.services.records import called, span_of
from calendar_app.services.reference import reference
from calendar_app.services.waiting import FRESH
from calendar_app.services.wording import Words, available_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from calendar_app.models import StoredFinding
    from calendar_app.services.changes_since import EventChange
    from calendar_app.services.milestones import Due
    from calendar_app.services.owners import Owner

Line: TypeAlias = dict[str, Any]
Section: TypeAlias = dict[str, Any]

COMING_DAYS = timedelta(days=90)
# Before that a date that is not firm is for the far horizon.
FIRM_DAYS = timedelta(days=365)
MILESTONE_DAYS = timedelta(days=30)
SLOT_DAYS = timedelta(days=183)
# A meeting gets through so many lines of a kind; how many more there are is said.
MOST_LINES = 25
_MOST_NAMED = 5
# The first parts of keys that name an event.
_OF_EVENTS = frozenset("new moved cancelled gone confirmed changed dates tentative milestones slots event".split())
_CLASHES = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)


def since_of(session: Session, month_: date) -> datetime:
    """Return from when on a review tells of changes: when the one before it was closed, else the round before that.

    Where there was neither, it is the day of the digests of the month before, and never earlier than the month began
    to run here: a calendar that was just loaded is not news as a whole.
    """
    closed = select(func.max(Review.closed_at)).where(Review.month < month_)
    if found := session.scalar(closed):
        return found
    if found := session.scalar(select(func.max(ExchangeRound.closed_at)).where(ExchangeRound.month < month_)):
        return found
    usual = datetime.combine(month.days_of(session, month_before(month_)).digests_on, time(), UTC)
    began = session.scalar(select(Cycle.since))
    # What was loaded in the very second in which it began to run was there before.
    return max(usual, began + timedelta(seconds=1)) if began else usual


def compose(session: Session, month_: date, now: datetime, today: date) -> dict[str, Any]:
    """Return the agenda as it is now; so many queries, whatever the number of events. Sections without lines are out.

    `today` is the day in the time zone of the calendar.
    """
    since = since_of(session, month_)
    events = _to_come(session, today)
    sections = [
        _section("actions", _actions(session, month_, since, today)),
        *_changes(session, since, now),
        *_clashes(session, today),
        *_to_confirm(events, now, today),
        _section("milestones", _milestones(session, events, today), MOST_LINES),
        _section("slots", _slots(session, events, today), MOST_LINES),
        _section("coming", _coming(events, today)),
        _section("horizon", _horizon(events, today), 2 * MOST_LINES),
    ]
    return {
        "made_at": now.isoformat(),
        "today": today.isoformat(),
        "since": since.isoformat(),
        "sections": [section for section in sections if section["lines"]],
    }


def lines_of(agenda: dict[str, Any]) -> dict[str, Line]:
    """Return the lines by key."""
    return {line["key"]: line for section in agenda["sections"] for line in section["lines"]}


def line_of(session: Session, agenda: dict[str, Any], key: str) -> Line | None:
    """Return the line of a key: of the agenda or, if it left that since somebody looked, made anew; None if unknown."""
    if found := lines_of(agenda).get(key):
        return found
    kind, _slash, text = key.partition("/")
    try:
        number = uuid.UUID(text)
    except ValueError:
        return None
    if kind in {FindingKind.CLASH, FindingKind.OPPORTUNITY}:
        finding = finding_board.find(session, A_MEMBER, number)
        return _finding(finding) if finding else None
    event = session.scalar(select(Event).where(Event.id == number, visible_to(A_MEMBER)))
    return {"key": key, "event": event_facts(event)} if event and kind in _OF_EVENTS else None


def decisions_of(session: Session, month_: date) -> list[dict[str, Any]]:
    """Return what was decided in the review of a month, in order, as JSON."""
    query = select(ReviewDecision).where(ReviewDecision.month == month_).order_by(ReviewDecision.id)
    found = session.scalars(query).all()
    subjects = review_actions.subjects_of(session, found)
    return [decision_facts(decision, subjects[decision.id]) for decision in found]


def decision_facts(decision: ReviewDecision, subject: str) -> dict[str, Any]:
    """Return a decision as JSON. The address of its owner is in it only where there is nothing else to call them by."""
    return {
        "id": decision.id,
        "line": decision.line,
        "subject": subject,
        "text": decision.text,
        "owner": _owner(owner_of(decision)),
        "due_on": _day(decision.due_on),
        "state": decision.state,
        "outcome": decision.outcome,
        "made_at": decision.made_at.isoformat(),
        "made_by": decision.made_by,
        "month": decision.month.isoformat(),
        "version": decision.version,
    }


def _section(name: str, lines: Sequence[Line], most: int = 0, total: int = 0) -> Section:
    """Return a section of at most so many lines; `total` is how many there are if not all were read."""
    shown = list(lines[:most] if most else lines)
    return {"name": name, "lines": shown, "more": max(total, len(lines)) - len(shown)}


# ---------- Facts ----------


def event_facts(event: Event) -> dict[str, Any]:
    """Return what lines say of an event; nothing internal is in it."""
    return {
        "id": str(event.id),
        "titles": event.titles,
        "short_title": event.short_title,
        "dates": _dates(span_of(event), event.precision, event.date_text),
        "status": event.status,
        "place": [event.city, event.country, event.format],
        "steward": event.steward_code,
        "organisers": event.organisers,
        "processes": event.processes,
    }


def _dates(span: Any, precision: str, date_text: str) -> dict[str, Any]:  # noqa: ANN401 - a Span or None
    days = [span.start.isoformat(), span.last.isoformat()] if span else None
    return {"span": days, "precision": str(precision), "text": date_text}


def _owner(owner: Owner) -> dict[str, str]:
    return {"organisation": owner.organisation, "name": owner.person}


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


# ---------- Sections ----------


def _to_come(session: Session, today: date) -> list[Event]:
    """Return the events that are not over, as all members see them; without those that are cancelled."""
    open_ended = or_(Event.end > today, Event.start.is_(None), Event.status == Status.POSTPONED)
    query = select(Event).where(visible_to(A_MEMBER), open_ended, Event.status != Status.CANCELLED)
    return list(session.scalars(query.order_by(Event.start.is_(None), Event.start, Event.end, Event.id)))


def _actions(session: Session, month_: date, since: datetime, today: date) -> list[Line]:
    """Return the actions of earlier reviews: late ones, open ones, and those that were ended since."""
    found = review_actions.carried_over(session, month_, since)
    subjects = review_actions.subjects_of(session, found)
    lines = [
        decision_facts(action, subjects[action.id])
        | {"key": f"action/{action.id}", "late": review_actions.is_late(action, today)}
        for action in found
    ]
    return sorted(lines, key=lambda line: (line["state"] != review_actions.OPEN, not line["late"]))


def _changes(session: Session, since: datetime, now: datetime) -> list[Section]:
    told = changes_since.changes(session, A_MEMBER, since, now)
    # What was over before is entered for the record, and nothing for a meeting about what is to come.
    told = [change for change in told if not has_ended(change.event, since.date())]
    parts = {
        "new": (ChangeKind.NEW,),
        "moved": (ChangeKind.MOVED,),
        "cancelled": (ChangeKind.CANCELLED, ChangeKind.POSTPONED),
        "gone": (ChangeKind.GONE,),
        "confirmed": (ChangeKind.CONFIRMED,),
        "changed": (ChangeKind.CHANGED,),
    }
    return [
        _section(name, [_change(name, change) for change in changes_since.of_kind(told, *kinds)])
        for name, kinds in parts.items()
    ]


def _change(name: str, change: EventChange) -> Line:
    old = change.old_dates
    return {
        "key": f"{name}/{change.event.id}",
        "event": event_facts(change.event),
        "was": _dates(old.span, old.precision, old.date_text) if old else None,
        "fields": list(change.fields),
    }


def _clashes(session: Session, today: date) -> list[Section]:
    """Return the open clashes by severity, of which the board's first page is the worst, and the opportunities."""
    clashes = finding_board.board(session, A_MEMBER, Asked(), today)
    joined = finding_board.board(session, A_MEMBER, Asked(kind=FindingKind.OPPORTUNITY), today)
    return [
        *(
            _section(
                severity.word,
                [_finding(found) for found in clashes.findings if found.severity == severity],
                total=clashes.counts.get((FindingKind.CLASH, severity), 0),
            )
            for severity in _CLASHES
        ),
        _section(
            "opportunities",
            [_finding(found) for found in joined.findings],
            MOST_LINES,
            joined.count(FindingKind.OPPORTUNITY),
        ),
    ]


def _finding(found: StoredFinding) -> Line:
    """Return a finding, whose sentence is kept in every language: rules may be worded otherwise later."""
    headline = {}
    for language in sorted(available_languages()):
        titles = {event.id: called(event, language) for event in finding_board.events_of(found)}
        speak = FindingWords(Words(language), titles.__getitem__, reference())
        headline[language] = speak.headline(finding_of(found))
    given = {row.organisation_code: row.answer for row in found.answers}
    return {
        "key": f"{found.kind}/{found.id}",
        "severity": found.severity,
        "likelihood": found.likelihood,
        "headline": headline,
        "events": [event_facts(event) for event in finding_board.events_of(found)],
        "answers": {code: given.get(code, "") for code in finding_board.owners_of(found)},
    }


def _to_confirm(events: Iterable[Event], now: datetime, today: date) -> list[Section]:
    """Return the events of the coming year that are not firm, and by owner those that nobody has confirmed for long."""
    dates, tentative = [], []
    stale: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        # What has begun is as firm as it will be.
        is_near = event.start is None or today < event.start <= today + FIRM_DAYS
        if (is_near and (event.precision != Precision.DAY)) or event.status == Status.POSTPONED:
            dates.append({"key": f"dates/{event.id}", "event": event_facts(event)})
        elif is_near and event.status == Status.TENTATIVE:
            tentative.append({"key": f"tentative/{event.id}", "event": event_facts(event)})
        if now - (event.last_confirmed_at or event.created_at) > FRESH:
            stale[event.steward_code].append(event)
    unconfirmed = [
        {
            "key": f"unconfirmed/{code}",
            "steward": code,
            "count": len(own),
            "events": [event_facts(event) for event in own[:_MOST_NAMED]],
        }
        for code, own in sorted(stale.items())
    ]
    return [
        _section("dates", dates, MOST_LINES),
        _section("tentative", tentative, MOST_LINES),
        _section("unconfirmed", unconfirmed),
    ]


def _milestones(session: Session, events: list[Event], today: date) -> list[Line]:
    """Return the events with steps that are late or due within a month, by their first day due."""
    found = milestones.of_events(session, events, today)
    near = {
        event.id: [due for due in found.get(event.id, ()) if due.is_late or due.due <= today + MILESTONE_DAYS]
        for event in events
    }
    lines = [
        {
            "key": f"milestones/{event.id}",
            "event": event_facts(event),
            "steps": [_step(due) for due in near[event.id]],
        }
        for event in events
        if near[event.id]
    ]
    return sorted(lines, key=lambda line: str(line["steps"][0]["due"]))


def _step(due: Due) -> dict[str, Any]:
    return {"name": due.name, "due": due.due.isoformat(), "late": due.is_late, "owner": _owner(due.owner)}


def _slots(session: Session, events: list[Event], today: date) -> list[Line]:
    """Return the events of mutual interest of the next half year with something that nobody looks after."""
    end = today + SLOT_DAYS
    near = [event for event in events if event.start and event.start <= end and event.precision == Precision.DAY]
    found = coordination.of_events(session, near, today)
    lines = []
    for event in near:
        free = [s for s in found.get(event.id, ()) if s.state == SlotState.OPEN and (s.is_late or not s.owner)]
        if free:
            slots = [{"slot": str(s.slot), "deadline": _day(s.deadline), "late": s.is_late} for s in free]
            lines.append({"key": f"slots/{event.id}", "event": event_facts(event), "slots": slots})
    return lines


def _coming(events: list[Event], today: date) -> list[Line]:
    """Return the events of the next 90 days whose days are known; parts stand with their whole."""
    near = {
        event.id: event
        for event in events
        if event.start and event.start <= today + COMING_DAYS and event.precision == Precision.DAY
    }
    return [
        {"key": f"event/{event.id}", "event": event_facts(event)}
        for event in near.values()
        if event.part_of_id not in near and event.status != Status.POSTPONED
    ]


def _horizon(events: list[Event], today: date) -> list[Line]:
    """Return what lies beyond: governing meetings, and what is not known to the day."""
    kinds = reference().kinds
    governing = {slug for slug, kind in kinds.items() if kind.facts.governing}
    return [
        {"key": f"event/{event.id}", "event": event_facts(event)}
        for event in events
        if (event.start is None or event.start > today + COMING_DAYS)
        and (event.kind in governing or event.precision != Precision.DAY)
        and event.part_of_id is None
    ]
