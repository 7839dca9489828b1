"""Events as entries of a feed: what a subscriber's calendar shows, in one language, with nothing that is not public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services.calendar import is_withdrawn
from calendar_app.services.records import bodies_of, in_language, organisers_of, span_of
from calendar_app.services.wording import Words, available_languages, moment_at
from feeds.entries import EntryStatus, FeedEntry, FeedInfo
from feeds.writing import ics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.models import Event
    from calendar_app.services.filters import EventFilter
    from calendar_app.services.reference import Reference

_STATUS = {
    Status.TENTATIVE: EntryStatus.TENTATIVE,
    Status.CONFIRMED: EntryStatus.CONFIRMED,
    Status.POSTPONED: EntryStatus.TENTATIVE,
    Status.CANCELLED: EntryStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed is called and where it lives. `home_url` is the calendar's own address, without a path."""

    name: str
    page_url: str
    feed_url: str
    home_url: str
    language: str = "en"


def render(
    feed: Feed, events: Iterable[Event], reference: Reference, changed_at: datetime, wanted: EventFilter
) -> bytes:
    """Return the iCalendar bytes of a feed; the same events and version give the same bytes everywhere."""
    words = Words(feed.language if feed.language in available_languages() else "en")
    info = FeedInfo(
        name=feed.name,
        description=words.gettext("Meetings of the chemicals and waste conventions and of the processes around them."),
        url=feed.page_url,
        source=feed.feed_url,
        last_modified=changed_at,
        language=words.language,
    )
    entries = (
        entry_of(event, feed, words, reference, keep_cancelled=wanted.keep_cancelled) for event in events if event.start
    )
    return ics.write(info, entries)


def entry_of(
    event: Event, feed: Feed, words: Words, reference: Reference, *, keep_cancelled: bool = False
) -> FeedEntry:
    """Return the entry of an event that has at least outer bounds of its dates."""
    span = span_of(event)
    assert span is not None  # noqa: S101 - feeds leave out what has no dates at all
    if is_withdrawn(event):
        return FeedEntry(
            uid=str(event.id),
            sequence=event.sequence + 1,
            created=event.created_at,
            last_modified=max(event.last_modified, event.status_since),
            summary=words.gettext("[CANCELLED]"),
            start=span.start,
            end=span.end,
            status=EntryStatus.CANCELLED,
        )
    title, language = in_language(event.titles, feed.language)
    start, end = _when(event, span.start, span.end)
    vague = event.precision != Precision.DAY
    status = EntryStatus.TENTATIVE if vague else _STATUS[Status(event.status)]
    if event.status == Status.CANCELLED:
        # Programs that hide cancelled events show this one when asked to keep it; the prefix says what it is.
        status = EntryStatus.TENTATIVE if keep_cancelled else EntryStatus.CANCELLED
    page = f"{feed.home_url}/events/{event.id}"
    city = reference.cities.get(event.city_slug)
    return FeedEntry(
        uid=str(event.id),
        sequence=event.sequence,
        created=event.created_at,
        last_modified=event.last_modified,
        summary=_summary(event, title, words, vague=vague),
        start=start,
        end=end,
        status=status,
        description=_description(event, feed, words, reference, page),
        url=page,
        location=", ".join(
            part for part in (event.venue, words.place(event.city, event.country, event.format)) if part
        ),
        latitude=event.latitude if event.latitude is not None else (city.latitude if city else None),
        longitude=event.longitude if event.longitude is not None else (city.longitude if city else None),
        categories=tuple(
            reference.processes[slug].short_name for slug in event.processes if slug in reference.processes
        ),
        conference=((event.online_url, words.gettext("Join online")),) if event.online_url else (),
        language=language,
        related=(("PARENT", str(event.part_of_id)),) if event.part_of_id else (),
    )


def _when(event: Event, first: date, end: date) -> tuple[date, date]:
    """Return moments for an event of one day whose hours are known, else the half-open span of days.

    A start without an end stays a day: no end is made up. Its hour stands in the description.
    """
    one_exact_day = event.precision == Precision.DAY and end - first == timedelta(days=1)
    if one_exact_day and event.start_time and event.end_time:
        start = moment_at(first, event.start_time, event.timezone).astimezone(UTC)
        finish = moment_at(first, event.end_time, event.timezone).astimezone(UTC)
        if finish <= start:
            finish += timedelta(days=1)
        return start, finish
    return first, end


def _summary(event: Event, title: str, words: Words, *, vague: bool) -> str:
    if event.status == Status.CANCELLED:
        title = words.gettext("[CANCELLED]") + " " + title
    elif event.status == Status.POSTPONED:
        title = words.gettext("[POSTPONED]") + " " + title
    if vague:
        span = span_of(event)
        title = f"({words.vague(span, Precision(event.precision), event.date_text)}) {title}"
    return title


def _description(event: Event, feed: Feed, words: Words, reference: Reference, page: str) -> str:
    """Return the plain text: what kind of meeting, by whom, in which way, where to read more."""
    text, _language = in_language(event.descriptions, feed.language)
    lines = []
    kind = reference.kinds.get(event.kind)
    bodies = [f"{words.gettext(reference.bodies[b.code].name)}" for b in bodies_of(event) if b.code in reference.bodies]
    organisers = [
        reference.organisations[o.code].name if o.code in reference.organisations else o.name
        for o in organisers_of(event)
    ]
    if event.start_time and event.start:
        lines.append(words.local_times(event.start, event.start_time, event.end_time, event.timezone))
    if event.status == Status.TENTATIVE:
        lines.append(words.gettext("Tentative: the dates may still change."))
    if event.sources_disagree:
        lines.append(words.gettext("The sources of this event do not agree on all facts."))
    for label, values in (
        (words.gettext("Kind"), [words.gettext(kind.name)] if kind else []),
        (words.gettext("Body"), bodies),
        (words.gettext("Organised by"), organisers),
        (words.gettext("Format"), [] if event.format == Format.UNKNOWN else [words.format(event.format)]),
        (words.gettext("Join online"), [event.online_url] if event.online_url else []),
        (words.gettext("Registration"), [event.registration_url] if event.registration_url else []),
        (words.gettext("Documents"), [event.documents_url] if event.documents_url else []),
        (words.gettext("More"), [page]),
    ):
        if values:
            lines.append(f"{label}: {'; '.join(values)}")
    return "\n\n".join(part for part in (text, "\n".join(lines)) if part)
