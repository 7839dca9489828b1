"""The history of an event as the public sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Revision
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services.records import INTERNAL_FIELDS

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.wording import Words

# Of no interest to the public although not secret.
_QUIET = INTERNAL_FIELDS | set(
    "steward publish_on stage visibility audiences last_confirmed_at last_confirmed_by editors merged_into".split()
)
_HOURS = frozenset({"start_time", "end_time", "timezone"})


@dataclass(frozen=True, slots=True)
class PublicChange:
    """When something changed (aware UTC), and what, as a sentence."""

    at: datetime
    sentence: str


def public(session: Session, event: Event, words: Words) -> list[PublicChange]:
    """Return the public changes, latest first, from when the event became public.

    What happened to it while it was not, and changes of internal fields alone, are left out.
    """
    revisions = session.scalars(select(Revision).where(Revision.event_id == event.id).order_by(Revision.id))
    told: list[PublicChange] = []
    old: dict[str, Any] = {}
    was_public = False
    for revision in revisions:
        # A revision holds what changed; what a date means depends on its precision, which may have stayed.
        new = old | revision.after
        is_public = (new.get("stage"), new.get("visibility")) == (Stage.PUBLISHED, Visibility.PUBLIC)
        sentence = ""
        if is_public:
            added = words.gettext("Added to the calendar.")
            sentence = _sentence(revision.after.keys(), old, new, words) if was_public else added
        if sentence:
            told.append(PublicChange(revision.at, sentence))
        old, was_public = new, is_public
    return told[::-1]


def _sentence(after: AbstractSet[str], before: dict[str, Any], now: dict[str, Any], words: Words) -> str:
    parts = []
    if after & {"span", "precision", "date_text"}:
        old, new = dates_in_words(before, words), dates_in_words(now, words)
        if old != new:
            parts.append(words.gettext("Dates changed from %(old)s to %(new)s.") % {"old": old, "new": new})
        else:
            parts.append(words.gettext("The wording of the dates changed."))
    if after & _HOURS:
        parts.append(_change_of_hours(_hours_in_words(before, words), _hours_in_words(now, words), words))
    if "status" in after:
        values = {"old": words.status(before["status"]), "new": words.status(now["status"])}
        parts.append(words.gettext("Status changed from “%(old)s” to “%(new)s”.") % values)
    if after & {"venue", "city", "country", "format"}:
        parts.append(words.gettext("Place or format changed."))
    if after & {"titles", "short_title"}:
        parts.append(words.gettext("Title changed."))
    if "merged" in after and now["merged"]:
        parts.append(words.gettext("Another record of the same event was merged into this one."))
    told = set("span precision date_text status venue city country format titles short_title merged".split())
    if after - told - _HOURS - _QUIET:
        parts.append(words.gettext("Details changed."))
    return " ".join(filter(None, parts))


def _change_of_hours(old: str, new: str, words: Words) -> str:
    """Return how the hours changed; "" if none were or are known."""
    if old and new:
        return words.gettext("Time changed from %(old)s to %(new)s.") % {"old": old, "new": new}
    if new:
        return words.gettext("Time set to %(new)s.") % {"new": new}
    return words.gettext("The time is no longer given.") if old else ""


def _hours_in_words(values: dict[str, Any], words: Words) -> str:
    """Return the hours of a record, as JSON, with their zone; "" if they are not known."""
    hours = "–".join(filter(None, (values.get("start_time"), values.get("end_time"))))
    return words.isolated(f"{hours} ({values.get('timezone') or 'UTC'})") if hours else ""


def dates_in_words(values: dict[str, Any], words: Words) -> str:
    """Return the dates of a record, as JSON, in words; without a precision they are exact days."""
    span = None
    if values.get("span"):
        first, last = (date.fromisoformat(text) for text in values["span"])
        span = Span(first, last + timedelta(days=1))
    precision = Precision(values.get("precision") or Precision.DAY)
    if span and precision is Precision.DAY:
        return words.days(span)
    return words.isolated(words.vague(span, precision, values.get("date_text", "")))
