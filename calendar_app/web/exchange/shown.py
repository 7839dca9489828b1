"""What the pages of a round show: events of a list as it is, and entries of one that is frozen."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock
from calendar_app.planning.dates import Precision, Span
from calendar_app.services import exchange_rounds, round_snapshots
from calendar_app.services.calendar import STRANGER, can_see
from calendar_app.services.records import in_language
from calendar_app.services.signatures import signed
from calendar_app.web.exchange.area import answer_label, now
from calendar_app.web.page import title_language, words
from calendar_app.web.submit.area import moment_in_words
from calendar_app.web.work.subject import summary

if TYPE_CHECKING:
    from calendar_app.models import Event, ExchangeRound, RoundEntry
    from calendar_app.services.exchange_rounds import PartnerAnswer


def round_line(round_: ExchangeRound) -> dict[str, Any]:
    """Return what every page says of a round: its month, its days, and where it stands."""
    speak, is_open = words(), round_.state == exchange_rounds.OPEN
    closed_at = round_.closed_at.astimezone(clock.zone) if round_.closed_at else None
    return {
        "name": f"{round_.month:%Y-%m}",
        "month": speak.month(round_.month),
        "is_open": is_open,
        "opened": speak.day(round_.opens_on),
        "closes": speak.day(round_.closes_on),
        "digests": speak.day(round_.digests_on),
        "as_of": speak.day(round_snapshots.as_of(round_, closed_at)) if closed_at else "",
        "url": url_for("exchange.one_round", month=f"{round_.month:%Y-%m}"),
    }


def answer_line(found: PartnerAnswer, *, is_open: bool) -> dict[str, Any]:
    """Return the answer of a member: what, when and by whom."""
    is_outstanding = found.answer is exchange_rounds.Answer.OUTSTANDING
    return {
        "code": found.organisation,
        "organisation": words().organisation(found.organisation, found.organisation),
        "answer": answer_label(found.answer) if is_open or not is_outstanding else _("No answer"),
        "is_outstanding": is_outstanding,
        "at": moment_in_words(found.answered_at) if found.answered_at else "",
        "by": signed(words(), found.answered_by),
    }


def _confirmed(at: datetime | None, by: str) -> str:
    """Return when something was last confirmed and by whom."""
    if at is None:
        return str(_("never"))
    day = words().day(at.astimezone(clock.zone).date())
    return words().listed((day, words().isolated(signed(words(), by)) if by else ""))


def event_line(event: Event, number: int, *, edit: bool) -> dict[str, Any]:
    """Return an event of a list that is open; `number` is that of its last change, `edit` offers the way to edit it."""
    line = summary(event)
    return line | {
        "url": line["url"] if edit or can_see(STRANGER, event) else "",
        "edit_url": url_for("work.edit", event_id=str(event.id)) if edit else "",
        "seen": f"{event.id}:{number}",
        "confirmed": _confirmed(event.last_confirmed_at, event.last_confirmed_by),
        "is_stale": exchange_rounds.is_stale(event, now()),
    }


def entry_line(entry: RoundEntry) -> dict[str, Any]:
    """Return an event as the frozen list has it; its page may say something else by now."""
    speak, facts = words(), entry.facts
    title, language = in_language(facts["titles"], title_language())
    confirmed = datetime.fromisoformat(facts["last_confirmed_at"]) if facts["last_confirmed_at"] else None
    return {
        "id": str(entry.event_id),
        "title": title,
        "language": language,
        "url": url_for("events.event", event_id=str(entry.event_id)),
        "dates": dates_of(facts),
        "place": speak.place(facts["city"], facts["country"], facts["format"]),
        "status": facts["status"],
        "status_label": speak.status(facts["status"]),
        "organisation": speak.organisation(entry.organisation_code, entry.organisation_code),
        "confirmed": _confirmed(confirmed, facts["last_confirmed_by"]),
    }


def dates_of(facts: dict[str, Any]) -> str:
    """Return the dates of a frozen entry in words."""
    first_last = [date.fromisoformat(text) for text in facts["span"]] if facts["span"] else None
    span = Span.inclusive(*first_last) if first_last else None
    return words().dates(span, Precision(facts["precision"]), facts["date_text"])
