"""What changed lately, as a feed: the last public changes of the events that a filter finds now.

Whoever reads it is a stranger. An event that the public no longer sees leaves one entry that says so and nothing else
of it, as in calendar feeds (`calendar.feed_events`).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import not_, select

from calendar_app.models import Event, Revision
from calendar_app.planning.dates import Precision
from calendar_app.services import history
from calendar_app.services.calendar import STRANGER, matched, matching, visible_to
from calendar_app.services.feed_entries import page_of, summary_of, words_of
from calendar_app.services.feed_formats import info_of
from calendar_app.services.records import in_language, span_of
from feeds.changes import ChangeEntry
from feeds.writing import atom

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

    from calendar_app.services.feed_entries import Feed
    from calendar_app.services.filters import EventFilter
    from calendar_app.services.history import PublicChange
    from calendar_app.services.wording import Words

CONTENT_TYPE = atom.CONTENT_TYPE
MOST_CHANGES = 200
DAYS_BACK = timedelta(days=90)
_AT_ONCE = 100
# What of a record the public history speaks of, beside the dates and what happened to the record itself.
_TOLD_COLUMNS = (
    "stage visibility status precision date_text start_time end_time timezone venue city country format titles "
    "short_title"
).split()


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A public change, the event as it is now, and an id of its own, the same in every language."""

    id: uuid.UUID
    event: Event
    change: PublicChange


def lately_changed(session: Session, wanted: EventFilter, since: datetime, words: Words) -> list[ToldChange]:
    """Return the last public changes from `since` (aware) on, latest first, up to `MOST_CHANGES`; two queries.

    The filter looks at the events as they are now; imprecise dates are no reason to leave one out, because none is
    shown as a day. What is hidden now is told of only where no words are looked for: it must not be found by them.
    """
    shown = islice(_of_shown(session, wanted, since, words), MOST_CHANGES)
    told = [*shown, *_of_hidden(session, wanted, since, words)]
    told.sort(key=lambda item: item.change.at, reverse=True)
    return told[:MOST_CHANGES]


def _of_shown(session: Session, wanted: EventFilter, since: datetime, words: Words) -> Iterator[ToldChange]:
    """Go back from the last change: each revision tells how its event was before, beginning from how it is now."""
    query = (
        select(Revision, Event)
        .join(Event, Event.id == Revision.event_id)
        .where(visible_to(STRANGER), matching(wanted), Revision.at >= since)
        .order_by(Revision.id.desc())
    )
    states: dict[uuid.UUID, dict[str, Any]] = {}
    # Fetched as needed: of a calendar that was loaded as a whole yesterday only the last changes are read.
    with session.execute(query.execution_options(yield_per=_AT_ONCE)) as rows:
        for revision, event in rows:
            # What is no field of the record (a merge) stands in the revision alone.
            now = (states.get(event.id) or _state(event)) | revision.after
            # The first revision of an event has nothing before it.
            before = now | revision.before if revision.before else {}
            states[event.id] = before
            if found := history.public_change(revision, before, now, words):
                yield ToldChange(uuid.uuid5(event.id, f"revision {revision.id}"), event, found)


def _state(event: Event) -> dict[str, Any]:
    """Return the record as revisions have it, as far as the public history needs it."""
    span = span_of(event)
    return {name: getattr(event, name) for name in _TOLD_COLUMNS} | {
        "span": [span.start.isoformat(), span.last.isoformat()] if span else None,
        "merged_into": str(event.merged_into_id) if event.merged_into_id else None,
    }


def _of_hidden(session: Session, wanted: EventFilter, since: datetime, words: Words) -> list[ToldChange]:
    """Return that events are gone, with the days that the public saw last: between them, since they may be vague."""
    if wanted.q:
        return []
    query = (
        select(Event)
        .where(not_(visible_to(STRANGER)), Event.hidden_since >= since, matched(wanted))
        .order_by(Event.hidden_since.desc(), Event.id)
        .limit(MOST_CHANGES)
    )
    sentence = words.gettext("It is no longer in the calendar.")
    return [
        ToldChange(
            uuid.uuid5(event.id, f"withdrawn {event.hidden_since:%Y-%m-%dT%H:%M:%SZ}"),
            event,
            history.PublicChange(event.hidden_since, (sentence,), ("withdrawn",)),
        )
        for event in session.scalars(query)
        if event.hidden_since
    ]


def since_of(midnight: datetime) -> datetime:
    """Return from when on changes are told, given the beginning of today (aware)."""
    return (midnight - DAYS_BACK).astimezone(UTC)


def render(feed: Feed, told: Iterable[ToldChange], home_url: str, changed_at: datetime) -> bytes:
    """Return the Atom bytes; the same changes give the same bytes everywhere.

    `home_url` is the calendar's own address, without a path. `changed_at` (aware UTC) is when the calendar last
    changed; the feed itself is as new as the last change in it.
    """
    words = words_of(feed.language)
    entries = [_entry(item, feed.language, home_url, words) for item in told]
    description = words.gettext("Events that were added, moved, cancelled or changed in the last 90 days.")
    return atom.write(info_of(feed, description, max((e.at for e in entries), default=changed_at)), entries)


def _entry(item: ToldChange, wanted: str, home_url: str, words: Words) -> ChangeEntry:
    event, change = item.event, item.change
    if "withdrawn" in change.kinds:
        return ChangeEntry(
            id=item.id, event=event.id, at=change.at, title=_gone(event, words), sentences=change.sentences,
            kinds=change.kinds, language=words.language,
        )  # fmt: skip
    title, language = in_language(event.titles, wanted)
    dates = words.dates(span_of(event), Precision(event.precision), event.date_text)
    place = words.listed((event.venue, words.place(event.city, event.country, event.format)))
    reason = history.reason_in_words(change, words)
    return ChangeEntry(
        id=item.id, event=event.id, at=change.at, title=summary_of(event, title, words), language=language,
        sentences=change.sentences, reason=reason, kinds=change.kinds, facts=tuple(filter(None, (dates, place))),
        url=page_of(event, home_url),
    )  # fmt: skip


def _gone(event: Event, words: Words) -> str:
    """Return what a withdrawn event is called: by the days the public saw, which may be the bounds of vague ones."""
    if not event.last_public_start or not event.last_public_end:
        return words.gettext("An event was withdrawn")
    first, last = words.day(event.last_public_start), words.day(event.last_public_end - timedelta(days=1))
    return words.gettext("An event between %(first)s and %(last)s was withdrawn") % {"first": first, "last": last}
