"""What members see on an event's page besides what everybody sees: what they can do with it, and internal fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services import merging, stored_history
from calendar_app.services.access import may_edit, may_propose, may_steward, sees_internal
from calendar_app.services.calendar import has_ended
from calendar_app.services.differences import described
from calendar_app.services.event_work import PUBLISHABLE, WITHDRAWABLE
from calendar_app.services.exchange_rounds import is_stale
from calendar_app.services.field_words import FieldWords
from calendar_app.services.moderation import WAITING, taken_back
from calendar_app.services.options import GIVEN_UP
from calendar_app.services.records import FIELDS, INTERNAL_FIELDS, as_json, record_of
from calendar_app.web.clashes.lines import lines_of_event
from calendar_app.web.guards import person
from calendar_app.web.page import words
from calendar_app.web.work.preparation_lines import preparation
from calendar_app.web.work.subject import confirmed_words

if TYPE_CHECKING:
    from calendar_app.models import Event
    from calendar_app.services.access import Person


def member_panel(event: Event) -> dict[str, Any] | None:
    """Return what the page shows to a member of an organisation, None to everybody else."""
    someone = person()
    if someone is None or not someone.roles:
        return None
    fields = FieldWords(words())
    internal = sees_internal(someone, event)
    known = (
        described(as_json(record_of(event)), fields, internal=True, leave_out=set(FIELDS) - INTERNAL_FIELDS)
        if internal
        else []
    )
    return {
        "stage": "" if event.stage == Stage.PUBLISHED else fields.stage(event.stage),
        "publish_on": words().day(event.publish_on) if event.publish_on else "",
        "visibility": fields.visibility(event.visibility),
        "actions": _actions(someone, event),
        "confirm_url": _url("confirm", event) if event.stage == Stage.PUBLISHED and may_steward(someone, event) else "",
        "confirmed": confirmed_words(event.last_confirmed_at, event.last_confirmed_by),
        "is_stale": is_stale(event, clock.now()) and not has_ended(event, clock.today()),
        "history_url": _url("history", event),
        "sees_internal": internal,
        "internal": [{"label": label, "lines": value.split("\n")} for label, value in known],
        "findings": lines_of_event(someone.viewer, event),
        "preparation": preparation(someone, event),
    }


def _url(name: str, event: Event) -> str:
    return url_for(f"work.{name}", event_id=str(event.id))


def _actions(someone: Person, event: Event) -> list[dict[str, str]]:
    """Return what this person can do with the event as it is."""
    if may_propose(someone, event):
        return [{"label": _("Propose a change"), "url": _url("propose", event)}]
    offered: list[tuple[str, str, bool]] = [("edit", _("Edit"), may_edit(someone, event))]
    if may_steward(someone, event):
        off = event.status in {Status.CANCELLED, Status.POSTPONED}
        waits = event.stage in WAITING
        shown = event.stage in {Stage.SCHEDULED, Stage.PUBLISHED}
        off_for_good = event.status == Status.CANCELLED or event.stage in GIVEN_UP
        offered += [
            ("publish", _("Publish"), event.stage in PUBLISHABLE and not waits and not taken_back(db.session(), event)),
            ("move", _("Move"), shown and event.status != Status.CANCELLED),
            ("postpone", _("Postpone"), shown and not off),
            ("cancel", _("Cancel event"), shown and event.status != Status.CANCELLED),
            ("reinstate", _("Reinstate"), off),
            ("candidate_dates", _("Candidate dates"), not off_for_good),
            ("copy", _("Copy as the next session"), True),
            ("merge", _("Merge"), True),
            ("editors", _("Who may change it too"), True),
            ("undo", _("Undo the last change"), _can_undo(event)),
            ("withdraw", _("Withdraw"), event.stage in WITHDRAWABLE),
        ]
        if waits:
            url = url_for("moderation.item", event_id=str(event.id))
            return [{"label": _("Decide on it"), "url": url}, *_offered(event, offered)]
        if not off_for_good:
            return [
                *_offered(event, offered),
                {"label": _("Find dates"), "url": url_for("finder.finder", event=event.id)},
            ]
    return _offered(event, offered)


def _can_undo(event: Event) -> bool:
    session = db.session()
    return bool(stored_history.undoable(session, event) or merging.last_merge(session, event))


def _offered(event: Event, offered: list[tuple[str, str, bool]]) -> list[dict[str, str]]:
    return [{"label": label, "url": _url(name, event)} for name, label, possible in offered if possible]
