"""Events as entries of a feed: what a subscriber's calendar shows, in one language, with nothing that is not public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING

from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services.calendar import STRANGER, Viewer, can_see, is_tombstone
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
_DEFAULT_COLOR = "steelblue"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed is called, where it lives, and who may read it.

    `home_url` is the calendar's own address, without a path; `color` is a CSS colour name or "#rrggbb".
    """

    name: str
    page_url: str
    feed_url: str
    home_url: str
    language: str = "en"
    color: str = _DEFAULT_COLOR
    viewer: Viewer = STRANGER

    @property
    def words(self) -> Words:
        """The words of its own texts: English until there is a catalogue of the language."""
        return Words(self.language if self.language in available_languages() else "en")


def render(
    feed: Feed, events: Iterable[Event], reference: Reference, changed_at: datetime, wanted: EventFilter
) -> bytes:
    """Return the iCalendar bytes of a feed; the same events and version give the same bytes everywhere."""
    words = feed.words
    info = FeedInfo(
        name=feed.name,
        description=words.gettext("Meetings of the chemicals and waste conventions and of the processes around them."),
        url=feed.page_url,
        source=feed.feed_url,
        last_modified=changed_at,
        language=words.language,
        color=feed.color,
    )
    return ics.write(
        info,
        (
            tombstone_of(event, words)
            if is_tombstone(feed.viewer, event)
            else entry_of(event, feed, words, reference, keep_cancelled=wanted.keep_cancelled)
            for event in events
        ),
    )


def tombstone_of(event: Event, words: Words) -> FeedEntry:
    """Return what may be said of an event that the public saw until lately: that it is gone, and its days then."""
    assert event.last_public_start and event.last_public_end and event.hidden_since  # noqa: S101, PT018 - as selected
    return FeedEntry(
        uid=str(event.id),
        sequence=event.sequence,
        created=None,
        last_modified=event.hidden_since,
        summary=words.gettext("[CANCELLED]"),
        start=event.last_public_start,
        end=event.last_public_end,
        status=EntryStatus.CANCELLED,
    )


def entry_of(
    event: Event, feed: Feed, words: Words, reference: Reference, *, keep_cancelled: bool = False
) -> FeedEntry:
    """Return the entry of an event that has at least outer bounds of its dates."""
    title, language = in_language(event.titles, feed.language)
    start, end = when(event)
    status = EntryStatus.TENTATIVE if event.precision != Precision.DAY else _STATUS[Status(event.status)]
    if event.status == Status.CANCELLED:
        # Programs that hide cancelled events show this one when asked to keep it; the prefix says what it is.
        status = EntryStatus.TENTATIVE if keep_cancelled else EntryStatus.CANCELLED
    page = f"{feed.home_url}/events/{event.id}"
    city = reference.cities.get(event.city_slug)
    latitude, longitude = (city.latitude, city.longitude) if city else (None, None)
    if event.latitude is not None and event.longitude is not None:
        latitude, longitude = event.latitude, event.longitude
    text, _language = in_language(event.descriptions, feed.language)
    paragraphs = [_hours(event, words), text, *_remarks(event, words)]
    facts = _facts(event, words, reference, page)
    return FeedEntry(
        uid=str(event.id),
        sequence=event.sequence,
        created=event.created_at,
        last_modified=event.last_modified,
        summary=summary_of(event, title, words),
        start=start,
        end=end,
        status=status,
        description="\n\n".join([*filter(None, paragraphs), "\n".join(f"{label}: {text}" for label, text in facts)]),
        html=_html(paragraphs, facts),
        url=page,
        location=", ".join(
            part for part in (event.venue, words.place(event.city, event.country, event.format)) if part
        ),
        latitude=latitude,
        longitude=longitude,
        categories=tuple(
            reference.processes[slug].short_name for slug in event.processes if slug in reference.processes
        ),
        conference=((event.online_url, words.gettext("Join online")),) if event.online_url else (),
        language=language,
        # What the reader may not see is not named either.
        related=(("PARENT", str(event.part_of_id)),) if event.whole and can_see(feed.viewer, event.whole) else (),
    )


def when(event: Event) -> tuple[date, date]:
    """Return UTC moments for an event of one day whose hours are known, else the half-open span of days.

    A start without an end stays a day: no end is made up. Its hour stands in the description.
    """
    span = span_of(event)
    assert span is not None  # noqa: S101 - feeds leave out what has no dates at all
    if event.precision == Precision.DAY and span.days == 1 and event.start_time and event.end_time:
        start = moment_at(span.start, event.start_time, event.timezone).astimezone(UTC)
        end = moment_at(span.start, event.end_time, event.timezone).astimezone(UTC)
        return start, (end if end > start else end + timedelta(days=1))
    return span.start, span.end


def summary_of(event: Event, title: str, words: Words) -> str:
    """Return the title as calendars show it, with what their own fields may not show in front."""
    if event.status == Status.CANCELLED:
        title = words.gettext("[CANCELLED]") + " " + title
    elif event.status == Status.POSTPONED:
        title = words.gettext("[POSTPONED]") + " " + title
    if event.precision != Precision.DAY:
        title = f"({words.vague(span_of(event), Precision(event.precision), event.date_text)}) {title}"
    return title


def _hours(event: Event, words: Words) -> str:
    if not event.start_time or event.start is None or event.end is None:
        return ""
    if event.precision == Precision.DAY and event.end - event.start == timedelta(days=1):
        return words.local_times(event.start, event.start_time, event.end_time, event.timezone)
    return words.daily_hours(event.start_time, event.end_time, event.timezone)


def _remarks(event: Event, words: Words) -> list[str]:
    remarks = []
    if event.status == Status.TENTATIVE:
        remarks.append(words.gettext("Tentative: the dates may still change."))
    if event.status == Status.POSTPONED:
        remarks.append(words.gettext("Postponed: new dates are not known yet; the days shown are the old ones."))
    if event.sources_disagree:
        remarks.append(words.gettext("The sources of this event do not agree on all facts."))
    return remarks


def _facts(event: Event, words: Words, reference: Reference, page: str) -> list[tuple[str, str]]:
    """Return labels and texts: what kind of meeting, by whom, in which way, where to read more."""
    kind = reference.kinds.get(event.kind)
    bodies = [words.gettext(reference.bodies[b.code].name) for b in bodies_of(event) if b.code in reference.bodies]
    organisers = [words.organisation(o.code, o.name) for o in organisers_of(event)]
    facts = [
        (words.gettext("Short name"), event.short_title),
        (words.gettext("Kind"), words.gettext(kind.name) if kind and event.kind != "other" else ""),
        (words.gettext("Body"), "; ".join(bodies)),
        (words.gettext("Organised by"), "; ".join(organisers)),
        (words.gettext("Format"), "" if event.format == Format.UNKNOWN else words.format(event.format)),
        (words.gettext("Join online"), event.online_url),
        (words.gettext("Registration"), event.registration_url),
        (words.gettext("Documents"), event.documents_url),
        (words.gettext("More"), page),
    ]
    return [(label, text) for label, text in facts if text]


def _html(paragraphs: list[str], facts: list[tuple[str, str]]) -> str:
    """Return the same as a fragment of HTML, with addresses as links, for programs that show it."""
    shown = [f"<p>{escape(text).replace(chr(10), '<br>')}</p>" for text in paragraphs if text]
    lines = [f"{escape(label)}: {_linked(text)}" for label, text in facts]
    return "".join(shown) + f"<p>{'<br>'.join(lines)}</p>"


def _linked(text: str) -> str:
    shown = escape(text)
    return f'<a href="{shown}">{shown}</a>' if text.startswith(("https://", "http://")) else shown
