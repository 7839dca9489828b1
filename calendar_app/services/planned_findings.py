"""What planning found about the events that the planner draws: narrow rows, as far as the viewer may see them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Text, and_, cast, or_, select

from calendar_app.models import Event, StoredFinding
from calendar_app.planning.findings import Finding
from calendar_app.planning.vocabulary import About, FindingKind, Severity
from calendar_app.services.finding_board import visible_findings
from calendar_app.services.finding_codec import reasons_of
from calendar_app.services.finding_life import ACCEPTED, RESOLVED

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from calendar_app.planning.dates import Span
    from calendar_app.services.calendar import Viewer

_COLUMNS = (
    StoredFinding.id, StoredFinding.kind, StoredFinding.about, StoredFinding.a_id, StoredFinding.b_id,
    StoredFinding.severity, cast(StoredFinding.reasons, Text), StoredFinding.option_a, StoredFinding.option_b,
    StoredFinding.likelihood,
)  # fmt: skip


class PlannedFinding(NamedTuple):
    """A stored finding: what marks are made of, and its reasons as JSON text, which only a few are asked for."""

    id: uuid.UUID
    kind: FindingKind
    about: About
    a: uuid.UUID
    b: uuid.UUID | None
    severity: Severity
    reasons: str
    options: tuple[int, int]
    likelihood: float

    @property
    def finding(self) -> Finding:
        """The finding as planning made it."""
        reasons = reasons_of(json.loads(self.reasons))
        return Finding(self.kind, self.about, self.a, self.b, self.severity, reasons, self.options, self.likelihood)

    @property
    def events(self) -> tuple[str, ...]:
        """The ids of its events as they stand in addresses."""
        return (str(self.a), str(self.b)) if self.b else (str(self.a),)


def planned_findings(session: Session, viewer: Viewer, days: Span) -> list[PlannedFinding]:
    """Return the clashes and pairs that concern events of these days, in no order.

    Members do not see what everybody has accepted: it is settled. What the public sees does not depend on answers,
    which are not public, and leaves out candidate dates, which are not either.
    """
    touching = select(Event.id).where(Event.start < days.end, Event.end > days.start)
    on_option = or_(StoredFinding.option_a > 0, StoredFinding.option_b > 0)
    public = and_(StoredFinding.state != RESOLVED, StoredFinding.option_a == 0, StoredFinding.option_b == 0)
    shown = and_(StoredFinding.state.not_in((RESOLVED, ACCEPTED))) if viewer.organisations else public
    about = or_(
        StoredFinding.kind == FindingKind.CLASH,
        StoredFinding.about == About.PAIR,
    )
    query = select(*_COLUMNS).where(
        visible_findings(viewer),
        shown,
        about,
        or_(StoredFinding.a_id.in_(touching), StoredFinding.b_id.in_(touching), on_option),
    )
    return [
        PlannedFinding(
            id_, FindingKind(kind), About(about_), a, b, Severity(severity), reasons, (option_a, option_b), likelihood
        )
        for id_, kind, about_, a, b, severity, reasons, option_a, option_b, likelihood in session.execute(query)
    ]
