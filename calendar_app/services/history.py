"""The history of an event as the public sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Revision
from calendar_app.planning.dates import Precision, Span
from calendar_app.services.records import INTERNAL_FIELDS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.wording import Words

# Of no interest to the public although not secret.
_QUIET = INTERNAL_FIELDS | {"steward", "publish_on", "stage", "visibility", "audiences"}


@dataclass(frozen=True, slots=True)
class PublicChange:
    """When something changed (aware UTC), and what, as a sentence."""

    at: datetime
    sentence: str


def public(session: Session, event: Event, words: Words) -> list[PublicChange]:
    """Return the public changes, latest first; changes of internal fields alone are left out."""
    revisions = session.scalars(select(Revision).where(Revision.event_id == event.id).order_by(Revision.id.desc()))
    told = ((revision.at, _sentence(revision, words)) for revision in revisions)
    return [PublicChange(at, sentence) for at, sentence in told if sentence]


def _sentence(revision: Revision, words: Words) -> str:
    before, after = revision.before, revision.after
    if revision.action == "created":
        return words.gettext("Added to the calendar.")
    parts = []
    if after.keys() & {"span", "precision", "date_text"}:
        old, new = _dates(before, words), _dates(after, words)
        if old != new:
            parts.append(words.gettext("Dates changed from %(old)s to %(new)s.") % {"old": old, "new": new})
        else:
            parts.append(words.gettext("The wording of the dates changed."))
    if "status" in after:
        values = {"old": words.status(before["status"]), "new": words.status(after["status"])}
        parts.append(words.gettext("Status changed from “%(old)s” to “%(new)s”.") % values)
    if after.keys() & {"venue", "city", "country", "format"}:
        parts.append(words.gettext("Place or format changed."))
    if after.keys() & {"titles", "short_title"}:
        parts.append(words.gettext("Title changed."))
    told = {"span", "precision", "date_text", "status", "venue", "city", "country", "format", "titles", "short_title"}
    if after.keys() - told - _QUIET:
        parts.append(words.gettext("Details changed."))
    return " ".join(parts)


def _dates(values: dict[str, Any], words: Words) -> str:
    """Put the dates of one side of a revision in words; what did not change is not in it."""
    span = None
    if values.get("span"):
        first, last = (date.fromisoformat(text) for text in values["span"])
        span = Span(first, last + timedelta(days=1))
    precision = Precision(values.get("precision", Precision.DAY))
    if span and precision is Precision.DAY:
        return words.days(span)
    return words.vague(span, precision, values.get("date_text", ""))
