"""The history of an event as the public sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from calendar_app.models import Revision
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Format, Stage, Status, Visibility
from calendar_app.services.records import INTERNAL_FIELDS, in_language

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
    """When something changed (aware UTC), and what: sentences, and words of `KINDS` that say the same to programs.

    `moved_from` is the first day that the event had before, where exact days moved to others. `reason` is why, as it
    was typed, if whoever made the change chose to show it; else "".
    """

    at: datetime
    sentences: tuple[str, ...]
    kinds: tuple[str, ...]
    moved_from: date | None = None
    reason: str = ""

    @property
    def sentence(self) -> str:
        """All in one."""
        return " ".join(self.sentences)


# A change of the status is called by the new one.
KINDS = frozenset({*Status, *"added dates time place format title merged details withdrawn".split()})


def public(session: Session, event: Event, words: Words) -> list[PublicChange]:
    """Return the public changes, latest first, from when the event became public.

    What happened to it while it was not, and changes of internal fields alone, are left out.
    """
    revisions = session.scalars(select(Revision).where(Revision.event_id == event.id).order_by(Revision.id))
    told: list[PublicChange] = []
    old: dict[str, Any] = {}
    for revision in revisions:
        # A revision holds what changed; what a date means depends on its precision, which may have stayed.
        new = old | revision.after
        if found := public_change(revision, old, new, words):
            told.append(found)
        old = new
    return told[::-1]


def public_change(revision: Revision, before: dict[str, Any], now: dict[str, Any], words: Words) -> PublicChange | None:
    """Return what the public may know of a change between two states of the record, as JSON; None if nothing.

    Who made it is not told, and why only where that was chosen: other reasons are written for members.
    """
    if not _is_public(now):
        return None
    if not _is_public(before):
        return PublicChange(revision.at, (words.gettext("Added to the calendar."),), ("added",))
    parts = _parts(revision.after.keys(), before, now, words)
    if not parts:
        return None
    kinds, sentences = zip(*parts, strict=True)
    reason = revision.reason if revision.reason_is_public else ""
    return PublicChange(revision.at, sentences, tuple(dict.fromkeys(kinds)), _moved_from(before, now), reason)


def reason_in_words(change: PublicChange, words: Words) -> str:
    """Return the line that gives the reason of a change; "" if none is public."""
    return words.gettext("Reason: %(reason)s") % {"reason": words.isolated(change.reason)} if change.reason else ""


def _is_public(state: dict[str, Any]) -> bool:
    open_to_all = (state.get("stage"), state.get("visibility")) == (Stage.PUBLISHED, Visibility.PUBLIC)
    return open_to_all and not state.get("merged_into")


def _moved_from(before: dict[str, Any], now: dict[str, Any]) -> date | None:
    exact = all(state.get("span") and _precision(state) is Precision.DAY for state in (before, now))
    moved = exact and before["span"][0] != now["span"][0]
    return date.fromisoformat(before["span"][0]) if moved else None


def _parts(after: AbstractSet[str], before: dict[str, Any], now: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    """Return the kind and the sentence of each thing that changed."""
    parts = []
    if after & {"span", "precision", "date_text"}:
        old, new = dates_in_words(before, words), dates_in_words(now, words)
        if old != new:
            parts.append(("dates", words.gettext("Dates changed from %(old)s to %(new)s.") % {"old": old, "new": new}))
        else:
            parts.append(("dates", words.gettext("The wording of the dates changed.")))
    if after & _HOURS:
        parts.append(("time", _change_of_hours(_hours_in_words(before, words), _hours_in_words(now, words), words)))
    if "status" in after:
        values = {"old": words.status(before["status"]), "new": words.status(now["status"])}
        parts.append((now["status"], words.gettext("Status changed from “%(old)s” to “%(new)s”.") % values))
    if after & {"venue", "city", "country"}:
        parts.append(("place", _change_of_place(_place_in_words(before, words), _place_in_words(now, words), words)))
    if "format" in after:
        values = {"old": words.format(before["format"]), "new": words.format(now["format"])}
        parts.append(("format", words.gettext("Changed from “%(old)s” to “%(new)s”.") % values))
    if after & {"titles", "short_title"}:
        parts.append(("title", _change_of_title(before, now, words)))
    if "merged" in after and now["merged"]:
        parts.append(("merged", words.gettext("Another record of the same event was merged into this one.")))
    told = set("span precision date_text status venue city country format titles short_title merged".split())
    if after - told - _HOURS - _QUIET:
        parts.append(("details", words.gettext("Details changed.")))
    return [(kind, sentence) for kind, sentence in parts if sentence]


def _change_of_place(old: str, new: str, words: Words) -> str:
    """Return how the place changed; "" if it is called the same."""
    if old == new:
        return ""
    if old and new:
        return words.gettext("Place changed from %(old)s to %(new)s.") % {"old": old, "new": new}
    return words.gettext("Place set to %(new)s.") % {"new": new} if new else words.gettext("The place is open again.")


def _place_in_words(values: dict[str, Any], words: Words) -> str:
    """Return the place of a record, as JSON: its venue, city and country; online is no place."""
    place = words.place(values.get("city") or "", values.get("country") or "", Format.UNKNOWN)
    return words.isolated(text) if (text := words.listed((values.get("venue") or "", place))) else ""


def _change_of_title(before: dict[str, Any], now: dict[str, Any], words: Words) -> str:
    (old, _language), (new, _language) = (
        in_language(state.get("titles") or {}, words.language) for state in (before, now)
    )
    if old == new:
        return words.gettext("Title changed.")
    values = {"old": words.isolated(old), "new": words.isolated(new)}
    return words.gettext("Title changed from “%(old)s” to “%(new)s”.") % values


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
    precision = _precision(values)
    if span and precision is Precision.DAY:
        return words.days(span)
    return words.isolated(words.vague(span, precision, values.get("date_text", "")))


def _precision(values: dict[str, Any]) -> Precision:
    return Precision(values.get("precision") or Precision.DAY)
