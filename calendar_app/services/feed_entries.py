"""Events as entries of a feed: what a subscriber's calendar shows, in one language, without any internal field.

The entry of an event is the same in every feed and for every reader. One that not everybody sees, which only private
feeds carry, says in front of its title what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Format, Stage, Status, Visibility
from calendar_app.services.calendar import STRANGER, can_see
from calendar_app.services.records import bodies_of, in_language, organisers_of, span_of
from calendar_app.services.sentences import marked
from calendar_app.services.wording import Words, available_languages, moment_at
from calendar_app.services.written_status import BEFORE_TITLE
from feeds.entries import EntryStatus, FeedEntry, FeedInfo
from feeds.writing import ics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.models import Event
    from calendar_app.services.reference import Reference

_STATUS = {
    Status.TENTATIVE: EntryStatus.TENTATIVE,
    Status.CONFIRMED: EntryStatus.CONFIRMED,
    Status.POSTPONED: EntryStatus.TENTATIVE,
    Status.CANCELLED: EntryStatus.CANCELLED,
}
# What keeps an event from the public, as it stands before titles.
_STAGES = {
    Stage.DRAFT: marked("[Draft]"),
    Stage.SUBMITTED: marked("[Not decided yet]"),
    Stage.CHANGES_REQUESTED: marked("[Changes asked for]"),
    Stage.SCHEDULED: marked("[Not published yet]"),
    Stage.REJECTED: marked("[Rejected]"),
    Stage.WITHDRAWN: marked("[Withdrawn]"),
}
_LEVELS = {Visibility.MEMBERS: marked("[Members only]"), Visibility.STEWARD: marked("[Internal]")}
_DEFAULT_COLOR = "steelblue"
# As all see it who may; cancelled, but kept visible; and what is left of an event that the public saw until lately.
PLAIN, KEPT, GONE = "plain", "kept", "gone"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed is called, and where it lives. `color` is a CSS colour name or "#rrggbb".

    `feed_url` is "" for one whose address is a secret: what is read there may be passed on.
    """

    name: str
    page_url: str
    feed_url: str
    language: str = "en"
    color: str = _DEFAULT_COLOR


def words_of(language: str) -> Words:
    """Return the words of what is said in feeds: English until there is a catalogue of the language."""
    return Words(language if language in available_languages() else "en")


def written(feed: Feed, bodies: Iterable[bytes], changed_at: datetime) -> bytes:
    """Return the iCalendar bytes of a feed with these events; `changed_at` is aware UTC."""
    words = words_of(feed.language)
    info = FeedInfo(
        name=feed.name,
        description=words.gettext("Meetings of the chemicals and waste conventions and of the processes around them."),
        url=feed.page_url,
        source=feed.feed_url,
        last_modified=changed_at,
        language=words.language,
        color=feed.color,
    )
    return ics.write_calendar(info, bodies)


def forms_of(event: Event, language: str, home_url: str, reference: Reference) -> dict[str, FeedEntry]:
    """Return the entries of an event by form, for all who may see it; its tombstone if the public saw it lately.

    `home_url` is the calendar's own address, without a path.
    """
    found = {}
    if event.start is not None and event.merged_into_id is None:
        found[PLAIN] = entry_of(event, language, home_url, reference)
        if is_cancelled(event):
            found[KEPT] = entry_of(event, language, home_url, reference, keep_cancelled=True)
    if event.hidden_since and event.last_public_start and not can_see(STRANGER, event):
        found[GONE] = tombstone_of(event, words_of(language))
    return found


def tombstone_of(event: Event, words: Words) -> FeedEntry:
    """Return what may be said of an event that the public saw until lately: that it is gone, and its days then."""
    assert event.last_public_start and event.last_public_end and event.hidden_since  # noqa: S101, PT018 - as selected
    return FeedEntry(
        uid=str(event.id),
        sequence=event.sequence if event.hidden_sequence is None else event.hidden_sequence,
        created=None,
        last_modified=event.hidden_since,
        summary=words.gettext(BEFORE_TITLE[Status.CANCELLED]),
        start=event.last_public_start,
        end=event.last_public_end,
        status=EntryStatus.CANCELLED,
        language=words.language,
    )


def entry_of(
    event: Event, wanted: str, home_url: str, reference: Reference, *, keep_cancelled: bool = False
) -> FeedEntry:
    """Return the entry of an event that has at least outer bounds of its dates, in the language `wanted`.

    It says the same to all who may see the event, and no internal field.
    """
    words = words_of(wanted)
    title, language = in_language(event.titles, wanted)
    start, end = when(event)
    # Programs that hide cancelled events show this one when asked to keep it; the prefix says what it is.
    status = EntryStatus.TENTATIVE if keep_cancelled and is_cancelled(event) else status_in(event)
    page = page_of(event, home_url)
    latitude, longitude = position_of(event, reference)
    text, text_language = in_language(event.descriptions, wanted)
    # What surrounds the event's own words is in the language of the interface.
    other_language = text_language if text and text_language != words.language else ""
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
        description_language="" if other_language else words.language,
        html=_html(paragraphs, facts, words.language, {text: other_language} if other_language else {}),
        url=page,
        location=location_of(event, words),
        latitude=latitude,
        longitude=longitude,
        categories=tuple(
            reference.processes[slug].short_name for slug in event.processes if slug in reference.processes
        ),
        conference=((event.online_url, words.gettext("Join online")),) if event.online_url else (),
        language=language,
        # Named only if everybody may see it, so that the entry is the same for all readers.
        related=(("PARENT", str(event.whole.id)),) if event.whole and can_see(STRANGER, event.whole) else (),
    )


def status_in(event: Event) -> EntryStatus:
    """Return the status that an event has in feeds: what is not decided, or not known to the day, may change."""
    if is_cancelled(event):
        return EntryStatus.CANCELLED
    known = event.precision == Precision.DAY and event.stage == Stage.PUBLISHED
    return _STATUS[Status(event.status)] if known else EntryStatus.TENTATIVE


def location_of(event: Event, words: Words) -> str:
    """Return venue, city and country in a line."""
    return ", ".join(part for part in (event.venue, words.place(event.city, event.country, event.format)) if part)


def is_cancelled(event: Event) -> bool:
    """Tell whether an event shows as cancelled: it is, or its organisation withdrew it."""
    return event.status == Status.CANCELLED or event.stage == Stage.WITHDRAWN


def page_of(event: Event, home_url: str) -> str:
    """Return the full address of an event's page."""
    return f"{home_url}/events/{event.id}"


def position_of(event: Event, reference: Reference) -> tuple[float | None, float | None]:
    """Return latitude and longitude in degrees: the event's own, else those of its city, else none."""
    if event.latitude is not None and event.longitude is not None:
        return event.latitude, event.longitude
    city = reference.cities.get(event.city_slug)
    return (city.latitude, city.longitude) if city else (None, None)


def when(event: Event) -> tuple[date, date]:
    """Return UTC moments for an event of one day whose hours are known, else the half-open span of days.

    A start without an end stays a day: no end is made up. Its hour stands in the description.
    """
    span = span_of(event)
    assert span is not None  # noqa: S101 - feeds leave out what has no dates at all
    timed = event.start_time and event.end_time and event.timezone
    if event.precision == Precision.DAY and span.days == 1 and timed:
        start = moment_at(span.start, event.start_time, event.timezone).astimezone(UTC)
        end = moment_at(span.start, event.end_time, event.timezone).astimezone(UTC)
        return start, (end if end > start else end + timedelta(days=1))
    return span.start, span.end


def summary_of(event: Event, title: str, words: Words) -> str:
    """Return the title as calendars show it, with what their own fields may not show in front."""
    if word := BEFORE_TITLE.get(Status(event.status)):
        title = f"{words.gettext(word)} {title}"
    if event.precision != Precision.DAY:
        title = f"({words.vague(span_of(event), Precision(event.precision), event.date_text)}) {title}"
    return " ".join(filter(None, (_not_public(event, words), title)))


@cache
def not_public_words() -> tuple[str, ...]:
    """Return all that may stand before a title, as something that keeps an event from the public."""
    texts = (*_STAGES.values(), *_LEVELS.values())
    return tuple(Words(code).gettext(text) for code in available_languages() for text in texts)


def _not_public(event: Event, words: Words) -> str:
    """Return what keeps an event from the public, "" if nothing does."""
    if (event.stage, event.visibility) == (Stage.PUBLISHED, Visibility.PUBLIC):
        return ""
    word = _STAGES.get(Stage(event.stage)) or _LEVELS.get(Visibility(event.visibility), "")
    return words.gettext(word) if word else ""


def _hours(event: Event, words: Words) -> str:
    # An hour of no zone is no hour.
    if not event.start_time or not event.timezone or event.start is None or event.end is None:
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


def _html(paragraphs: list[str], facts: list[tuple[str, str]], language: str, other_languages: dict[str, str]) -> str:
    """Return the same as a fragment of HTML, with addresses as links, for programs that show it.

    Paragraphs in `other_languages` are marked with theirs, and then the whole with `language`.
    """
    shown = [
        f"<p{_lang(other_languages.get(text, ''))}>{escape(text).replace(chr(10), '<br>')}</p>"
        for text in paragraphs
        if text
    ]
    lines = [f"{escape(label)}: {_linked(text)}" for label, text in facts]
    fragment = "".join(shown) + f"<p>{'<br>'.join(lines)}</p>"
    return f"<div{_lang(language)}>{fragment}</div>" if other_languages else fragment


def _lang(tag: str) -> str:
    return f' lang="{tag}"' if tag else ""


def _linked(text: str) -> str:
    shown = escape(text)
    return f'<a href="{shown}">{shown}</a>' if text.startswith(("https://", "http://")) else shown
