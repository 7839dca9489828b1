"""Milestones and coordination slots of an event as pages show them to members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db
from calendar_app.planning.milestones import MilestoneState, Standing, day_of
from calendar_app.services import coordination, milestones
from calendar_app.services.access import may_steward
from calendar_app.services.preparation_words import (
    milestone_name,
    owner_name,
    role_label,
    slot_label,
    slot_state,
    standing,
)
from calendar_app.services.text import slugify
from calendar_app.web.page import words
from calendar_app.web.submit.area import moment_in_words

if TYPE_CHECKING:
    from calendar_app.models import CoordinationSlot, Event, EventMilestone
    from calendar_app.services.access import Person
    from calendar_app.services.coordination import Slot
    from calendar_app.services.milestones import Step

_ASKED = frozenset({Standing.DUE, Standing.LATE, Standing.UNDATED})


def preparation(someone: Person, event: Event) -> dict[str, Any]:
    """Return what a member sees on the event's page of what is done before it."""
    today, session = clock.today(), db.session()
    steps = milestones.steps_of(session, [event], today)[event.id]
    may = may_steward(someone, event)
    coordinates = bool(someone.deciding) and coordination.can_have_slots(event, today)
    slots = coordination.of_events(session, [event], today).get(event.id, [])
    quiet = [step for step in steps if step.standing not in _ASKED]
    return {
        "steps": [step_line(step, someone_may=may) for step in steps if step.standing in _ASKED],
        "quiet_steps": [step_line(step, someone_may=may) for step in quiet],
        "quiet_in_short": _quiet(len(quiet)),
        "steps_in_short": _in_short(steps),
        "slots": [slot_line(slot, someone_may=coordinates) for slot in slots],
        "open_url": url_for("work.open_coordination", event_id=str(event.id)) if coordinates and not slots else "",
        "list_url": url_for("workspace.coordination_list") if slots else "",
    }


def _quiet(count: int) -> str:
    return str(
        ngettext(
            "%(num)d milestone asks nothing: done, not needed, or over",
            "%(num)d milestones ask nothing: done, not needed, or over",
            count,
        )
    )


def _in_short(steps: list[Step]) -> str:
    late = sum(step.standing is Standing.LATE for step in steps)
    due = sum(step.standing is Standing.DUE for step in steps)
    unowned = sum(step.standing in _ASKED and not step.owner for step in steps)
    counts = [
        (late, ngettext("%(num)d is late", "%(num)d are late", late)),
        (due, ngettext("%(num)d is still to come", "%(num)d are still to come", due)),
        (unowned, ngettext("%(num)d has no owner", "%(num)d have no owner", unowned)),
    ]
    return words().listed(text for count, text in counts if count)


def step_line(step: Step, *, someone_may: bool) -> dict[str, Any]:
    """Return one step; with the ways to change it if somebody may."""
    speak = words()
    asked = step.standing in _ASKED
    url = url_for("work.milestone", event_id=str(step.event.id), step=slugify(step.name)) if someone_may else ""
    other = MilestoneState.DONE if asked else MilestoneState.OPEN
    quick = step.standing is not Standing.OFF and step.standing is not Standing.BEFORE
    return {
        "name": milestone_name(speak, step.name),
        "state": standing(speak, step.standing),
        "look": step.standing,
        "is_late": step.standing is Standing.LATE,
        "day": speak.day(step.day) if step.day else "",
        "agreed": bool(step.row and step.row.due_on),
        "usual": _usual(step),
        "lead": "" if step.weeks is None else _lead(step.weeks),
        "owner": owner_name(speak, step.owner),
        "role": role_label(speak, step.role) if step.role != milestones.STEWARD else "",
        "asks_owner": asked and not step.owner,
        "note": step.note,
        "changed": _changed(step.row),
        "url": url,
        "quick": {"state": other, "seen": step.version, "only_state": "1"} if url and quick else {},
        "quick_label": _("Done") if other is MilestoneState.DONE else _("Open again"),
    }


def _usual(step: Step) -> str:
    """Say by when the step is usually done, with the day where the meeting's days are known."""
    if step.weeks is None:
        return ""
    lead = _lead(step.weeks)
    day = day_of(milestones.course_of(step.event).start, step.weeks, None)
    return str(_("%(lead)s, %(day)s", lead=lead, day=words().day(day)) if day else lead)


def _lead(weeks: int) -> str:
    if weeks == 0:
        return str(_("on the first day"))
    if weeks > 0:
        return str(ngettext("%(num)d week after the first day", "%(num)d weeks after the first day", weeks))
    return str(ngettext("%(num)d week before the first day", "%(num)d weeks before the first day", -weeks))


def slot_line(slot: Slot, *, someone_may: bool) -> dict[str, Any]:
    """Return one slot; with the way to change it if somebody may."""
    speak = words()
    return {
        "name": slot_label(speak, slot.slot),
        "state": slot_state(speak, slot.state),
        "look": slot.state,
        "is_late": slot.is_late,
        "day": speak.day(slot.deadline) if slot.deadline else "",
        "owner": owner_name(speak, slot.owner),
        "asks_owner": coordination.lacks_owner(slot),
        "note": slot.note,
        "changed": _changed(slot.row),
        "url": url_for("work.coordination_slot", event_id=str(slot.event.id), slot=slot.slot) if someone_may else "",
    }


def _changed(row: EventMilestone | CoordinationSlot | None) -> str:
    if row is None:
        return ""
    return str(_("Last changed by %(name)s on %(day)s.", name=row.changed_by, day=moment_in_words(row.changed_at)))
