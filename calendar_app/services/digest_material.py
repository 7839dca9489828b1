"""All that digests of one day are made of, read once for all organisations, whoever may see it.

Nothing of it goes into a digest but through `digest_choice`, which takes what one organisation may see. The number of
queries is the same whatever the number of events and organisations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from calendar_app.models import Cycle, DateOption, DigestIssue, Event, StoredFinding
from calendar_app.planning import month_days
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import FindingKind, OptionState, Severity, Stage, Status
from calendar_app.services import (
    changes_since,
    coordination,
    exchange_rounds,
    milestones,
    moderation,
    proposals,
    review_actions,
    reviews,
)
from calendar_app.services.finding_life import OPEN, RESOLVED
from calendar_app.services.options import GIVEN_UP
from calendar_app.services.records import holders_of
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.models import ExchangeRound, Proposal, ReviewDecision
    from calendar_app.services.changes_since import Loaded
    from calendar_app.services.coordination import Slot
    from calendar_app.services.exchange_rounds import PartnerAnswer
    from calendar_app.services.milestones import Due
    from calendar_app.services.moderation import Waiting
    from calendar_app.services.reviews import Meeting

# What a digest looks at day by day, what planning found, and the far horizon.
AHEAD, FOUND_AHEAD, FAR_AHEAD = timedelta(days=90), timedelta(days=365), timedelta(days=730)
# A week's digest, and what must be done by then.
WEEKS_AHEAD = timedelta(days=28)
_MONTHLY = len("2026-12")
_WITH_EDITORS = (joinedload(Event.whole).selectinload(Event.editors), selectinload(Event.editors))


@dataclass(frozen=True, slots=True)
class Edition:
    """Which digest it is: of a month ("2026-12"), or of the week that begins on a Monday ("2026-12-07").

    `month` is the first day of the month; names of one sort are in the order of time.
    """

    name: str
    month: date

    @property
    def weekly(self) -> bool:
        """Tell whether it is one of those that come each week before a COP."""
        return len(self.name) > _MONTHLY

    @classmethod
    def of_month(cls, month: date) -> Edition:
        """Return the edition of a month."""
        return cls(f"{month:%Y-%m}", month.replace(day=1))


@dataclass(frozen=True, slots=True)
class Material:
    """Rows for `digest_choice` alone. `now` is in the time zone of the calendar; `today` is its day.

    `since` says for each organisation from when on changes are told, `changed` has them by that moment.
    """

    now: datetime
    edition: Edition
    events: Sequence[Event]
    findings: Sequence[StoredFinding]
    waiting: Sequence[Waiting]
    proposals: Sequence[tuple[Proposal, Event]]
    holds: Sequence[tuple[Event, DateOption]]
    actions: Sequence[ReviewDecision]
    subjects: Mapping[int, str]
    milestones: Mapping[uuid.UUID, Sequence[Due]]
    slots: Mapping[uuid.UUID, Sequence[Slot]]
    since: Mapping[str, datetime]
    changed: Mapping[datetime, Loaded]
    review: Meeting
    exchange_round: ExchangeRound | None
    answers: Sequence[PartnerAnswer]
    _holders: dict[Event, frozenset[str]] = field(default_factory=dict)

    def is_own(self, event: Event, organisation: str) -> bool:
        """Tell whether it is the organisation's own event: it holds it, or keeps it and nobody is known to hold it.

        To look after the record of somebody else's meeting does not make it an own one.
        """
        holders = self._holders.get(event)
        if holders is None:
            holders = self._holders[event] = holders_of(event) or frozenset({event.steward_code})
        return organisation in holders

    @property
    def today(self) -> date:
        """The day of the digests."""
        return self.now.date()

    @property
    def ahead(self) -> Span:
        """The 90 days that begin today."""
        return Span(self.today, self.today + AHEAD)


def read(session: Session, organisations: Collection[str], edition: Edition, now: datetime) -> Material:
    """Read what the digests of these organisations need; `now` is in the time zone of the calendar."""
    today = now.date()
    since = _since(session, organisations, edition, now)
    events = _events(session, today)
    actions = review_actions.open_actions(session)
    near = [event for event in events if event.start is None or event.start < today + FOUND_AHEAD]
    return Material(
        now=now,
        edition=edition,
        events=events,
        findings=_findings(session, today),
        waiting=moderation.queue(session, organisations),
        proposals=proposals.open_for(session, organisations),
        holds=_holds(session, organisations, today),
        actions=actions,
        subjects=review_actions.subjects_of(session, actions),
        milestones=milestones.of_events(session, near, today),
        slots=coordination.of_events(session, [e for e in near if e.part_of_id is None], today),
        since=since,
        changed={moment: changes_since.load(session, moment, now) for moment in set(since.values())},
        review=reviews.next_review(session, today),
        exchange_round=exchange_rounds.of_month(session, edition.month),
        answers=reviews.sign_offs(session, edition.month),
    )


def _since(session: Session, organisations: Collection[str], edition: Edition, now: datetime) -> dict[str, datetime]:
    """Return from when on each organisation is told of changes: since its last monthly digest, or one month.

    Weekly ones tell of a week: what they told is told once more by the next monthly one. It is never earlier than the
    month began to run here: a calendar that was just loaded is not news as a whole.
    """
    began = session.scalar(select(Cycle.since))

    def not_before(moment: datetime) -> datetime:
        # What was loaded in the very second in which it began to run was there before.
        return max(moment, began + timedelta(seconds=1)) if began else moment

    if edition.weekly:
        return dict.fromkeys(organisations, not_before(now - timedelta(days=7)))
    query = (
        select(DigestIssue.organisation_code, func.max(DigestIssue.composed_at))
        .where(
            DigestIssue.organisation_code.in_(organisations),
            func.length(DigestIssue.edition) == _MONTHLY,
            DigestIssue.edition < edition.name,
        )
        .group_by(DigestIssue.organisation_code)
    )
    found = dict(session.execute(query).tuples().all())
    return {code: found.get(code) or not_before(month_before(now)) for code in organisations}


def month_before(now: datetime) -> datetime:
    """Return the same moment one month earlier, on the 28th at the latest."""
    before = month_days.month_before(now.date().replace(day=1))
    return now.replace(year=before.year, month=before.month, day=min(now.day, 28))


def _events(session: Session, today: date) -> list[Event]:
    """Return what is to come: all of the next year, and beyond it the sessions where Parties decide."""
    governing = [slug for slug, kind in reference().kinds.items() if kind.facts.governing]
    query = (
        select(Event)
        .where(
            Event.merged_into_id.is_(None),
            Event.stage.not_in((Stage.REJECTED, Stage.WITHDRAWN)),
            or_(Event.end > today, Event.start.is_(None), Event.status == Status.POSTPONED),
            or_(
                Event.start.is_(None),
                Event.start < today + FOUND_AHEAD,
                and_(Event.kind.in_(governing), Event.start < today + FAR_AHEAD),
            ),
        )
        .options(*_WITH_EDITORS)
        .order_by(Event.start.is_(None), Event.start, Event.end, Event.id)
    )
    return list(session.scalars(query))


def _findings(session: Session, today: date) -> list[StoredFinding]:
    """Return the clashes that are major or worse and the opportunities of the next year; minor ones stay on the board.

    Pairs of events that meet at all are there too: they are why an event of others matters.
    """
    a, b = aliased(Event), aliased(Event)
    until = today + FOUND_AHEAD

    def coming(event: Any) -> Any:  # noqa: ANN401 - an alias of Event
        return and_(or_(event.end > today, event.end.is_(None)), or_(event.start < until, event.start.is_(None)))

    query = (
        select(StoredFinding)
        .join(a, a.id == StoredFinding.a_id)
        .outerjoin(b, b.id == StoredFinding.b_id)
        .where(
            StoredFinding.state != RESOLVED,
            coming(a),
            or_(StoredFinding.b_id.is_(None), coming(b)),
            or_(
                and_(StoredFinding.kind == FindingKind.CLASH, StoredFinding.severity >= Severity.MAJOR),
                and_(StoredFinding.kind == FindingKind.CLASH, a.start < today + AHEAD, b.start < today + AHEAD),
                and_(StoredFinding.kind == FindingKind.OPPORTUNITY, StoredFinding.state == OPEN),
            ),
        )
        .options(
            selectinload(StoredFinding.a).selectinload(Event.editors),
            selectinload(StoredFinding.b).selectinload(Event.editors),
            selectinload(StoredFinding.answers),
        )
        .order_by(StoredFinding.severity.desc(), a.start.is_(None), a.start, StoredFinding.id)
    )
    return list(session.scalars(query))


def _holds(session: Session, organisations: Collection[str], today: date) -> list[tuple[Event, DateOption]]:
    """Return the candidate dates that are held and end before the next monthly digest has come."""
    query = (
        select(Event, DateOption)
        .join(DateOption, DateOption.event_id == Event.id)
        .where(
            Event.steward_code.in_(organisations),
            Event.merged_into_id.is_(None),
            Event.stage.not_in(GIVEN_UP),
            Event.status != Status.CANCELLED,
            DateOption.state == OptionState.OPEN,
            DateOption.held_until.between(today, today + timedelta(days=35)),
        )
        .order_by(DateOption.held_until, DateOption.id)
    )
    return list(session.execute(query).tuples())
