"""The dates of a series that a source has brought in, decided on at once; each can still be decided on alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask_babel import ngettext
from markupsafe import Markup

from calendar_app.extensions import clock, db, transaction
from calendar_app.services import date_decisions, duplicates, moderation, waiting_series
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.moderation import DecidedError, Decision
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from calendar_app.web.moderation.area import blueprint
from calendar_app.web.moderation.lines import clashes_of, likely_in_words
from calendar_app.web.page import words
from calendar_app.web.series import dates_of_series
from calendar_app.web.work.forms import ReasonForm, RemarkForm
from calendar_app.web.work.subject import made_by, subject, summary

if TYPE_CHECKING:
    import uuid
    from typing import TypeAlias

    from flask_wtf import FlaskForm
    from werkzeug.wrappers import Response

    from calendar_app.models import Event
    from calendar_app.services.access import Person
    from calendar_app.services.date_check import Draft

    Answer: TypeAlias = Response | tuple[str, int] | str

# For so many dates, the first ones, is looked for what gets in their way.
_LOOKED_AT = 200
_MOST_NAMED = 10


@blueprint.get("/moderation/<event_id>/series")
def series(event_id: str) -> Answer:
    """Show the dates that wait with one of them."""
    someone, event = subject(event_id)
    return _page(someone, event, {})


@blueprint.post("/moderation/<event_id>/series/publish")
def publish_series(event_id: str) -> Answer:
    """Publish all dates, but none that would make a critical clash: that one waits for a decision of its own."""
    form = RemarkForm(prefix="publish")
    return _decide(event_id, "publish", form, Decision.PUBLISH)


@blueprint.post("/moderation/<event_id>/series/reject")
def reject_series(event_id: str) -> Answer:
    """Decide to publish none of the dates."""
    return _decide(event_id, "reject", ReasonForm(prefix="reject"), Decision.REJECT)


def _page(someone: Person, event: Event, typed: dict[str, FlaskForm], *, is_old: bool = False) -> Answer:
    """Return the page; `typed` is a form that was not accepted. What waits alone has a page of its own."""
    session = db.session()
    dates = waiting_series.dates(session, event) if event.stage in moderation.WAITING else []
    if len(dates) < 2:  # noqa: PLR2004 - a series has several
        return redirect(url_for("moderation.item", event_id=str(event.id)), 303)
    forms: dict[str, FlaskForm] = {
        "publish": RemarkForm(formdata=None, prefix="publish"),
        "reject": ReasonForm(formdata=None, prefix="reject"),
    } | typed
    for form in forms.values():
        form.seen.data, form.seen.raw_data = waiting_series.digest(session, dates), None
    looked_at = dates[:_LOOKED_AT]
    clashes = clashes_of(session, someone, looked_at)
    own = {date.id for date in dates}
    records = [record_of(date) for date in looked_at]
    likely = duplicates.likely_each(session, someone.viewer, records, own, are_decided_on=True)
    found = {date.id: likely_in_words(events) for date, events in zip(looked_at, likely, strict=True)}
    lines = [
        summary(date)
        | {
            "item_url": url_for("moderation.item", event_id=str(date.id)),
            "hours": "–".join(filter(None, (date.start_time, date.end_time))),
            "clashes": clashes.get(date.id),
            "likely": found.get(date.id, ""),
        }
        for date in dates
    ]
    return render_template(
        "moderation/series.html",
        event_id=str(event.id),
        name=event.series,
        said=_said(dates),
        lines=lines,
        looked_at=len(looked_at) if len(dates) > len(looked_at) else 0,
        forms=forms,
        is_old=is_old,
    )


def _said(dates: list[Event]) -> str:
    days = [date.start for date in dates if date.start]
    return dates_of_series(len(dates), min(days), max(days))


def _decide(event_id: str, name: str, form: FlaskForm, decision: Decision) -> Answer:
    """Decide alike on all that wait, unless one was decided, changed or added since the page was opened."""
    someone, event = subject(event_id)
    if not form.validate():
        page = _page(someone, event, {name: form})
        return (page, 422) if isinstance(page, str) else page
    left: dict[uuid.UUID, Draft] = {}
    try:
        while (done := _carry_out(event_id, form, decision, left)) is None:
            pass
    except DecidedError:
        page = _page(someone, event, {name: form}, is_old=True)
        return (page, 409) if isinstance(page, str) else page
    if done:
        flash(_told(decision, done, event.series))
    if left:
        _name(left)
    return redirect(url_for("moderation.queue"), 303)


def _carry_out(event_id: str, form: FlaskForm, decision: Decision, left: dict[uuid.UUID, Draft]) -> int | None:
    """Decide in one transaction on all that is not `left`; return on how many.

    None if critical clashes would come of it: nothing is saved then, and the events that have them are added to
    `left`. Raises `DecidedError`.
    """
    try:
        with transaction() as session:
            someone, event = subject(event_id)
            dates = waiting_series.dates(session, event)
            if event.stage not in moderation.WAITING or waiting_series.digest(session, dates) != form.seen.data:
                raise DecidedError
            chosen = [date for date in dates if date.id not in left]
            made = made_by(session, someone, event, form.reason.data)
            moderation.decide_each(session, chosen, decision, made, reference())
            date_decisions.require(session, someone, clock.now().astimezone(clock.zone), "")
            return len(chosen)
    except UndecidedError as undecided:
        left |= {draft.event: draft for draft in undecided.events}
        return None


def _told(decision: Decision, count: int, name: str) -> str:
    title = words().isolated(name)
    published = ngettext(
        "%(num)d date of “%(title)s” is published.",
        "%(num)d dates of “%(title)s” are published.",
        count,
        title=title,
    )
    rejected = ngettext(
        "%(num)d date of “%(title)s” is rejected.",
        "%(num)d dates of “%(title)s” are rejected.",
        count,
        title=title,
    )
    return str(published if decision is Decision.PUBLISH else rejected)


def _name(left: dict[uuid.UUID, Draft]) -> None:
    """Say which dates were left waiting, with the way to each."""
    found = sorted((draft.record.span, draft.event) for draft in left.values() if draft.record.span)
    links = [
        Markup('<a href="{}">{}</a>').format(url_for("moderation.item", event_id=str(event)), words().days(span))
        for span, event in found[:_MOST_NAMED]
    ]
    sentence = ngettext(
        "%(num)d date meets a critical clash and still waits; open it to decide on it:",
        "%(num)d dates meet critical clashes and still wait; open each to decide on it:",
        len(found),
    )
    flash(Markup("{} {}").format(sentence, Markup(" · ").join(links)), "warn")
