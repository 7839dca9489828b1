"""Better dates for digests: for many events of many organisations, from rows of the calendar that are read once.

As everywhere, what an organisation may not see takes no part in what it is told (`date_check`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from calendar_app.planning.compare import reach
from calendar_app.planning.dates import ONE_DAY, Span, overlaps
from calendar_app.planning.finder import better_dates
from calendar_app.services import planning_facts, policies
from calendar_app.services.calendar import OPERATOR
from calendar_app.services.date_check import WEEKS
from calendar_app.services.digest_choice import may_move
from calendar_app.services.finding_board import events_of
from calendar_app.services.planning_meetings import build
from calendar_app.services.planning_rows import Attached, all_rows, attached_to

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.planning.finder import Window
    from calendar_app.services.digest_choice import Chosen
    from calendar_app.services.planning_rows import Written

# How many clashes of an organisation get better dates, and how many each.
MOST_CLASHES, MOST_DATES = 3, 2


class Better(NamedTuple):
    """The own event that could move, and where to, the best first."""

    event: Event
    windows: tuple[Window, ...]


class BetterDates:
    """Finds better dates; reads the calendar at the first question, in three queries, and never again."""

    def __init__(self, session: Session) -> None:
        """Take the session."""
        self._session = session
        self._facts = planning_facts.facts()
        self._read = False

    def of(self, chosen: Chosen) -> dict[uuid.UUID, Better]:
        """Return better dates by finding, for the first major clashes in which the organisation can move its event."""
        found: dict[uuid.UUID, Better] = {}
        for item in (*chosen.to_answer, *chosen.standing):
            movable = (e for e in events_of(item) if may_move(chosen, e))
            event = next(movable, None)
            if event is None or item.option_a or item.option_b or len(found) == MOST_CLASHES:
                continue
            if windows := self._windows(event, chosen):
                found[item.id] = Better(event, windows)
        return found

    def _windows(self, event: Event, chosen: Chosen) -> tuple[Window, ...]:
        self._look()
        assert event.start and event.end  # noqa: S101, PT018 - `may_move` takes no others
        far = timedelta(weeks=WEEKS, days=reach(self._policy))
        around = Span(event.start - far, event.end + far)
        near = [
            _as_seen(row, chosen)
            for row in self._rows
            if row.event in chosen.events and row.span and overlaps(row.span, around)
        ]
        own = {row.event for row in near if row.steward in chosen.viewer.organisations}
        services = {key: given for key, given in self._attached.services.items() if key in own}
        attached = Attached(self._attached.links, services, self._attached.options)
        meetings = build(near, attached, self._facts)
        meeting = next((m for m in meetings if m.event == event.id and not m.option), None)
        if meeting is None:
            return ()
        tomorrow = chosen.today + ONE_DAY
        return better_dates(
            meeting, meetings, self._facts, self._policy, weeks=WEEKS, most=MOST_DATES, not_before=tomorrow
        )

    def _look(self) -> None:
        if not self._read:
            self._policy = policies.in_force(self._session)
            self._rows = all_rows(self._session, OPERATOR)
            self._attached = attached_to(self._session, OPERATOR, self._rows, are_all=True)
            self._read = True


def _as_seen(row: Written, chosen: Chosen) -> Written:
    """Return a row without what only the members of its steward may know."""
    if row.steward in chosen.viewer.organisations:
        return row
    return row._replace(key_persons=(), expected=None)
