"""A form that was sent after others had changed its event: what they changed, and the form anew with what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from calendar_app.services import differences, stored_history
from calendar_app.services.field_words import FieldWords
from calendar_app.services.records import as_json, record_of
from calendar_app.services.signatures import signed
from calendar_app.web.page import title_language, viewer, words
from calendar_app.web.submit.area import moment_in_words
from calendar_app.web.submit.form_values import values_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.editing import Outcome
    from calendar_app.services.records import EventRecord
    from calendar_app.web.submit.forms import EventForm


def seen_number(session: Session, event: Event) -> int:
    """Return the number of the change of the event with which the form began; the last if the form says none."""
    text = request.form.get("seen", "")
    fits = text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - fits a column
    return (int(text) if fits else 0) or stored_history.last_number(session, event.id)


def filled(form: EventForm, record: EventRecord, besides: tuple[str, ...] = ()) -> None:
    """Fill a form over the record as it is now with what a person made of it; `besides` are fields as typed."""
    values = values_of(record, title_language()) | {name: request.form.get(name, "") for name in besides}
    for name, value in values.items():
        if name in form:
            form[name].data, form[name].raw_data = value, None


def field_words(session: Session, event: Event, number: int, wanted: EventRecord) -> FieldWords:
    """Return the words for what was and what is wanted; titles of other events only as far as the reader sees them."""
    revisions = stored_history.since(session, event.id, number)
    states = [as_json(wanted), as_json(record_of(event)), *(revision.before for revision in revisions)]
    return FieldWords(words(), differences.names_of_events(session, viewer(), states, words().language))


def lines(outcome: Outcome | None) -> list[dict[str, Any]]:
    """Return what changed meanwhile, as templates show it."""
    return [
        {"line": line, "actor": words().isolated(signed(words(), line.actor)), "moment": moment_in_words(line.at)}
        for line in (outcome.meanwhile if outcome else [])
    ]
