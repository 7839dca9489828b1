"""Dates checked where they are typed: what a record would run into and make possible, and what would be better.

The record need not be saved. What its reader may not see takes no part; only those who decide for the organisation
that keeps the event, or all its members once it is saved, are told that something hidden is there, and whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.planning.compare import find
from calendar_app.planning.dates import EARLIEST, Span
from calendar_app.planning.finder import better_dates
from calendar_app.planning.vocabulary import FindingKind, OptionState, Severity
from calendar_app.services.calendar import OPERATOR
from calendar_app.services.planning_meetings import build, rows_around, written_of
from calendar_app.services.planning_rows import attached_to
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.finder import Window
    from calendar_app.planning.findings import Finding
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy
    from calendar_app.services.calendar import Viewer
    from calendar_app.services.planning_rows import Attached, Written
    from calendar_app.services.records import EventRecord

# Better dates are looked for so many weeks before and after the dates that were typed.
WEEKS = 8
_FAR = timedelta(weeks=WEEKS)


class Draft(NamedTuple):
    """An event as somebody wants it to be: `event` is its id, a new one for what is not saved yet."""

    event: uuid.UUID
    steward: str
    record: EventRecord

    @property
    def spans(self) -> list[Span]:
        """The days that it may take: its own and those of its candidate dates."""
        own = [self.record.span] if self.record.span else []
        still_open = (option for option in self.record.options if option.state == OptionState.OPEN)
        return own + [Span.inclusive(option.first_day, option.last_day) for option in still_open]


@dataclass(frozen=True, slots=True)
class DateCheck:
    """What is to be said of an event's dates: findings, the worst first, and better dates, the best first.

    `event` goes by this id in the findings. `hidden` are the organisations that keep events which the reader may not
    see and which these dates meet: whose they are, not how bad it is. Without dates nothing is said at all.
    """

    event: uuid.UUID
    findings: tuple[Finding, ...] = ()
    better: tuple[Window, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def clashes(self) -> tuple[Finding, ...]:
        """What the dates run into."""
        return tuple(finding for finding in self.findings if finding.kind is FindingKind.CLASH)

    @property
    def chances(self) -> tuple[Finding, ...]:
        """What the dates make possible."""
        return tuple(finding for finding in self.findings if finding.kind is FindingKind.OPPORTUNITY)

    @property
    def worst(self) -> Severity:
        """The worst clash; how bad hidden ones are is not told."""
        return max((finding.severity for finding in self.clashes), default=Severity.NONE)


def check_dates(  # noqa: PLR0913 - what is asked, by whom, and what it is judged by
    session: Session,
    viewer: Viewer,
    event_id: uuid.UUID,
    steward: str,
    record: EventRecord,
    facts: Facts,
    policy: Policy,
    *,
    not_before: date | None = None,
    deciding: Collection[str] = (),
) -> DateCheck:
    """Return what is to be said to `viewer` of the dates of a record; no better date starts before `not_before`.

    `deciding` are the organisations for which the viewer decides.
    """
    draft = Draft(event_id, steward, record)
    if not draft.spans:
        return DateCheck(event_id)
    around = [Span(max(span.start, EARLIEST + _FAR) - _FAR, span.end + _FAR) for span in draft.spans]
    meetings = _meetings(session, viewer, draft, around, facts, policy)
    found = sorted(find(meetings, facts, policy, frozenset({event_id})), key=_order)
    own = next((m for m in meetings if m.event == event_id and not m.option), None)
    hidden: tuple[str, ...] = ()
    if _asks_others(session, viewer, draft, deciding):
        hidden = _hidden(session, viewer, draft, {m.event for m in meetings}, facts, policy)
    better: tuple[Window, ...] = ()
    # Dates that run into nothing are left alone, whatever else there is to join.
    if own is not None and any(finding.severity for finding in found):
        better = better_dates(own, meetings, facts, policy, weeks=WEEKS, not_before=not_before)
    return DateCheck(event_id, tuple(found), better, hidden)


def check_several(
    session: Session, viewer: Viewer, drafts: Sequence[Draft], facts: Facts, policy: Policy
) -> dict[uuid.UUID, DateCheck]:
    """Return the findings for several events at once, each as if the others were not there; in few queries."""
    known = {draft.event: _written(viewer, draft) for draft in drafts}
    rows = rows_around(
        session, [span for draft in drafts for span in draft.spans], _named(drafts), policy, viewer, known.values()
    )
    attached = _attached(session, viewer, rows, drafts)
    others = [row for row in rows.values() if row.event not in known]
    found = {}
    for event, row in known.items():
        meetings = build([*others, row], attached, facts)
        findings = sorted(find(meetings, facts, policy, frozenset({event})), key=_order)
        found[event] = DateCheck(event, tuple(findings))
    return found


def _meetings(
    session: Session, viewer: Viewer, draft: Draft, spans: list[Span], facts: Facts, policy: Policy
) -> list[Meeting]:
    rows = rows_around(session, spans, _named([draft]), policy, viewer, [_written(viewer, draft)])
    return build(list(rows.values()), _attached(session, viewer, rows, [draft]), facts)


def _written(viewer: Viewer, draft: Draft) -> Written:
    """Return what the record says, without what only the organisation that keeps it may know if that is another one."""
    record = draft.record
    if not viewer.sees_everything and draft.steward not in viewer.organisations:
        record = replace(record, key_persons=(), expected_participants=None)
    return written_of(draft.event, draft.steward, record, reference())


def _named(drafts: Iterable[Draft]) -> set[uuid.UUID]:
    """Return the events themselves and those that they name as related."""
    return {event for draft in drafts for event in (draft.event, *(link.other for link in draft.record.links))}


def _attached(session: Session, viewer: Viewer, rows: dict[uuid.UUID, Written], drafts: Iterable[Draft]) -> Attached:
    """Return what belongs to the events; how those that are being written relate to others, as it is written."""
    attached = attached_to(session, viewer, list(rows.values()))
    for draft in drafts:
        attached.links[draft.event] = {(link.kind, link.other) for link in draft.record.links}
    return attached


def _order(finding: Finding) -> tuple[object, ...]:
    """Order findings: clashes before opportunities, the worst and likeliest first."""
    return finding.kind is not FindingKind.CLASH, -finding.severity, -finding.likelihood, finding.key


def _asks_others(session: Session, viewer: Viewer, draft: Draft, deciding: Collection[str]) -> bool:
    """Tell whether the viewer is told whom to ask about what is hidden.

    Dates that bind nobody could be typed to find out what others plan. So it is told of an event that the viewer's
    organisation keeps, or to those who decide for the organisation that is to keep it.
    """
    if viewer.sees_everything or draft.steward not in viewer.organisations:
        return False
    kept_by = session.scalar(select(Event.steward_code).where(Event.id == draft.event))
    return draft.steward in deciding if kept_by is None else kept_by in viewer.organisations


def _hidden(
    session: Session, viewer: Viewer, draft: Draft, seen: set[uuid.UUID], facts: Facts, policy: Policy
) -> tuple[str, ...]:
    """Return the organisations that keep events which the viewer may not see and which the draft clashes with.

    Of the events of others the days, the place and the people count: what is internal to them is left out, so that
    nobody finds it out by typing the same.
    """
    rows = rows_around(session, draft.spans, _named([draft]), policy, OPERATOR, [_written(viewer, draft)])
    attached = _attached(session, OPERATOR, rows, [draft])
    for event, row in rows.items():
        if event != draft.event and row.steward not in viewer.organisations:
            rows[event] = row._replace(key_persons=(), expected=None)
            attached.services.pop(event, None)
            attached.options.pop(event, None)
    if rows.keys() <= seen:
        return ()
    stewards = set()
    for finding in find(build(list(rows.values()), attached, facts), facts, policy, frozenset({draft.event})):
        other = finding.b if finding.a == draft.event else finding.a
        if finding.kind is FindingKind.CLASH and other and other not in seen:
            stewards.add(rows[other].steward)
    return tuple(sorted(stewards))
