"""The event that a page of work is about, who works on it, and what changed while the page was open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock
from calendar_app.planning.dates import Precision
from calendar_app.services import stored_history
from calendar_app.services.records import in_language, span_of
from calendar_app.services.signatures import signed
from calendar_app.web import guards
from calendar_app.web.page import title_language, words
from calendar_app.web.submit.area import moment_in_words
from calendar_app.web.submit.sending import change_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask_wtf import FlaskForm
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import Event
    from calendar_app.services.access import Person
    from calendar_app.services.events import Change


def subject(
    event_id: str, guard: Callable[[str], tuple[Person, Event]] = guards.stewarded_event
) -> tuple[Person, Event]:
    """Return who is signed in and the event of exactly this id, if `guard` lets them pass.

    Another id of it, or that of an event merged into it, leads to its own address: nobody changes unawares an event
    other than the one they were looking at.
    """
    someone, event = guard(event_id)
    if str(event.id) == event_id:
        return someone, event
    if request.method == "POST":
        flash(_("This event was merged into another one meanwhile. Nothing was changed."), "warn")
        go_to(event)
    abort(redirect(url_for(str(request.endpoint), **{**(request.view_args or {}), "event_id": str(event.id)}), 303))
    return None


def made_by(session: Session, person: Person, event: Event, reason: str = "") -> Change:
    """Return who changes the event now, in the name of the organisation that gives the right to."""
    editors = (editor.organisation_code for editor in event.editors if editor.organisation_code in person.deciding)
    code = event.steward_code if event.steward_code in person.roles else next(editors, "")
    return change_by(session, person, code, reason)


def event_url(event: Event) -> str:
    """Return the address of an event's page."""
    return url_for("events.event", event_id=str(event.id))


def to_event(event: Event) -> Response:
    """Answer a form that was done with the page of the event."""
    return redirect(event_url(event), 303)


def go_to(event: Event) -> NoReturn:
    """Leave what is being done for the page of the event."""
    abort(to_event(event))


def title_of(event: Event) -> str:
    """Return the title in the reader's language, as far as there is one."""
    return in_language(event.titles, title_language())[0]


def summary(event: Event) -> dict[str, Any]:
    """Return what the head of every page of work says of the event."""
    speak = words()
    title, language = in_language(event.titles, title_language())
    return {
        "id": str(event.id),
        "title": title,
        "language": language,
        "url": event_url(event),
        "dates": speak.dates(span_of(event), Precision(event.precision), event.date_text),
        "place": speak.place(event.city, event.country, event.format),
        "status": event.status,
        "status_label": speak.status(event.status),
    }


def confirmed_words(at: datetime | None, by: str) -> str:
    """Return who confirmed something last and when; that nobody did, if so."""
    if at is None:
        return str(_("Nobody has confirmed it yet."))
    day = words().day(at.astimezone(clock.zone).date())
    if not by:
        return str(_("Last confirmed on %(day)s.", day=day))
    return str(_("Last confirmed on %(day)s by %(person)s.", day=day, person=words().isolated(signed(words(), by))))


def seen_number(form: FlaskForm) -> int:
    """Return the number of the last change that the person saw when the form was opened; 0 for what is no number."""
    text = form.seen.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - fits a column


def mark_seen(session: Session, form: FlaskForm, event: Event) -> None:
    """Let the form remember the last change as seen."""
    form.seen.data = str(stored_history.last_number(session, event.id))
    form.seen.raw_data = None


def changes_since(session: Session, form: FlaskForm, person: Person, event: Event) -> list[dict[str, Any]]:
    """Return what others changed since the form was opened, as lines of the history."""
    return history_lines(stored_history.entries(session, event, person, words(), seen_number(form)))


def history_lines(entries: list[stored_history.Entry]) -> list[dict[str, Any]]:
    """Return changes as templates show them."""
    return [
        {
            "moment": moment_in_words(entry.at),
            "actor": signed(words(), entry.actor),
            "action": entry.action,
            "reason": entry.reason,
            "reason_is_public": entry.reason_is_public,
            "differences": entry.differences,
        }
        for entry in entries
    ]
