"""What the queue and the page of a series say of each event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import ngettext

from calendar_app.services import date_check, policies
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.planning_facts import facts
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from calendar_app.web.page import words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Sized

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.access import Person


def clashes_of(session: Session, someone: Person, events: Iterable[Event]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return for each event that waits how bad its worst clash is and how many it has; nothing where there is none."""
    drafts = [date_check.Draft(event.id, event.steward_code, record_of(event)) for event in events]
    known = date_check.check_several(session, someone.viewer, drafts, facts(), policies.in_force(session))
    say = FindingWords(words(), lambda _event: "", reference())
    return {
        event: {
            "mark": done.worst.word,
            "mark_label": say.severity(done.worst),
            "count": ngettext("%(num)d clash", "%(num)d clashes", len(done.clashes)),
        }
        for event, done in known.items()
        if done.worst
    }


def likely_in_words(found: Sized) -> str:
    """Say how many events in the calendar something may be, "" for none."""
    return str(ngettext("%(num)d likely duplicate", "%(num)d likely duplicates", len(found))) if found else ""
