"""Candidate dates that are held until a day: the coordinators are reminded before, and after it the dates are free."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.mail.composing import Action, Letter, Listing, Paragraph
from calendar_app.models import DateOption, Event
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import OptionState, Status
from calendar_app.services import deciders, events
from calendar_app.services.options import GIVEN_UP
from calendar_app.services.outbox import Recipient, queue
from calendar_app.services.publishing import ACTOR
from calendar_app.services.records import in_language, record_of
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.reference import Reference

NOTICE = timedelta(days=5)


def remind(session: Session, today: date, now: datetime, link: Callable[[uuid.UUID], str]) -> int:
    """Write to those who decide on an event whose dates are held for five more days or less; return to how many.

    Each gets one letter for all dates of an event that are held until one day. `link` gives the full address at which
    the dates are chosen.
    """
    held = session.execute(
        select(Event, DateOption)
        .join(DateOption, DateOption.event_id == Event.id)
        .where(
            DateOption.state == OptionState.OPEN,
            DateOption.held_until.between(today, today + NOTICE),
            Event.stage.not_in(GIVEN_UP),
            Event.status != Status.CANCELLED,
            Event.merged_into_id.is_(None),
        )
        .order_by(Event.id, DateOption.held_until, DateOption.first_day)
    ).tuples()
    written = 0
    for (event, until), pairs in groupby(held, key=lambda pair: (pair[0], pair[1].held_until)):
        options = [option for _event, option in pairs]
        assert until  # noqa: S101 - the query asked for it
        for account in deciders.accounts_of(session, event.steward_code):
            letter = _letter(event, options, until, Words(account.language), link(event.id))
            key = f"hold/{event.id}/{options[0].first_day}/{until}/{account.id}"
            recipient = Recipient(account.email, account.name, account.language)
            written += queue(session, recipient, letter, now, key=key, about_work=True)
    return written


def release_expired(session: Session, today: date, now: datetime, reference: Reference) -> int:
    """Release the dates that were held until a day before today; return of how many events."""
    expired = select(DateOption.event_id).where(DateOption.state == OptionState.OPEN, DateOption.held_until < today)
    found = session.scalars(
        select(Event).where(Event.id.in_(expired)).options(*events.whole_record()).order_by(Event.id)
    ).all()
    for event in found:
        record = record_of(event)
        over = [o for o in record.options if o.state == OptionState.OPEN and o.held_until and o.held_until < today]
        words = Words()
        dates = "; ".join(words.days(Span.inclusive(option.first_day, option.last_day)) for option in over)
        reason = f"Nobody chose these dates while they were held: {dates}."
        options = tuple(replace(o, state=OptionState.RELEASED) if o in over else o for o in record.options)
        change = events.Change(ACTOR, now, reason)
        events.change(session, event, replace(record, options=options), change, reference)
    return len(found)


def _letter(event: Event, options: list[DateOption], until: date, words: Words, address: str) -> Letter:
    title = in_language(event.titles, words.language)[0]
    values = {"title": words.isolated(title), "day": words.day(until)}
    dates = [
        words.listed([words.days(Span.inclusive(option.first_day, option.last_day)), words.city(option.city)])
        for option in options
    ]
    return Letter(
        words.gettext("Dates of %(title)s are held until %(day)s") % values,
        (
            Paragraph(
                words.gettext(
                    "These dates of %(title)s are held until %(day)s. If none of them is chosen by then, they are"
                    " released on the day after."
                )
                % values
            ),
            Listing(tuple((text, "") for text in dates)),
            Action(words.gettext("Choose a date or hold them longer"), address),
        ),
    )
