"""An event as a line of a list: the values that templates show, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_skeleton
from flask import url_for

from calendar_app.extensions import clock, db
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Format
from calendar_app.services.calendar import can_see, counts_of_parts
from calendar_app.services.records import bodies_of, in_language, span_of
from calendar_app.services.reference import reference
from calendar_app.web import page

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from calendar_app.models import Event
    from calendar_app.services.calendar import Viewer
    from calendar_app.services.records import BodyMeeting
    from calendar_app.services.wording import Words


@dataclass(frozen=True, slots=True)
class EventLine:
    """What a line shows. Texts are ready to read; `title_language` is empty where it is the page's own."""

    url: str
    title: str
    title_language: str
    short_title: str
    first_day: date | None
    last_day: date | None
    day: str
    month: str
    weekday: str
    end_day: str
    dates: str
    days_label: str
    time: str
    vague: bool
    date_words: str
    status: str
    status_label: str
    kind_label: str
    bodies: list[str]
    processes: list[dict[str, str]]
    place: str
    format_label: str
    whole: dict[str, str] | None
    parts_count: int
    sources_disagree: bool
    is_now: bool
    role_label: str


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom lines are made: the page's words, the language wanted for titles, the day, and what they may see.

    `parts` are the numbers of parts of the events that are shown, from `calendar.counts_of_parts`.
    """

    words: Words
    title_language: str
    today: date
    viewer: Viewer
    parts: dict[uuid.UUID, int]
    zone: ZoneInfo

    def day_of(self, moment: datetime) -> date:
        """Return the day on which a moment falls where the calendar is kept."""
        return moment.astimezone(self.zone).date()


def reader_of(events: Sequence[Event]) -> Reader:
    """Return for whom the lines of these events are made in this request."""
    parts = counts_of_parts(db.session(), page.viewer(), events)
    return Reader(page.words(), page.title_language(), clock.today(), page.viewer(), parts, clock.zone)


def event_line(event: Event, reader: Reader) -> EventLine:
    """Return the line of an event. Touches no relation but `whole`, so load that with the list."""
    words = reader.words
    title, language = in_language(event.titles, reader.title_language)
    span = span_of(event)
    vague = span is None or event.precision != Precision.DAY
    first, last = (span.start, span.last) if span else (None, None)
    timed = first if first == last and not vague and event.start_time else None
    return EventLine(
        url=url_for("events.event", event_id=str(event.id)),
        title=title,
        title_language="" if language == words.language else language,
        short_title=event.short_title,
        first_day=first,
        last_day=last,
        day=str(first.day) if first else "",
        month=format_date(first, "LLL", words.locale) if first else "",
        weekday=format_date(first, "ccc", words.locale) if first else "",
        end_day=format_skeleton("MMMd", last, locale=words.locale) if last and last != first else "",
        dates=words.days(span) if span and not vague else "",
        days_label=words.length(span.days) if span and not vague else "",
        time=words.local_times(timed, event.start_time, event.end_time, event.timezone) if timed else "",
        vague=vague,
        date_words=words.vague(span, Precision(event.precision), event.date_text) if vague else "",
        status=event.status,
        status_label=words.status(event.status),
        kind_label=_kind(event, words),
        bodies=_body_names(event, words),
        processes=_processes(event, words),
        place=words.place(event.city, event.country, event.format),
        format_label="" if event.format == Format.UNKNOWN else words.format(event.format),
        whole=_whole(event, reader),
        parts_count=reader.parts.get(event.id, 0),
        sources_disagree=event.sources_disagree,
        is_now=bool(span and not vague and span.start <= reader.today < span.end),
        role_label=words.part_role(event.part_role) if event.part_of_id else "",
    )


def _kind(event: Event, words: Words) -> str:
    """Name the kind; "other" says nothing, so nothing is said."""
    kind = reference().kinds.get(event.kind)
    return words.gettext(kind.name) if kind and event.kind != "other" else ""


def _body_names(event: Event, words: Words) -> list[str]:
    bodies = reference().bodies
    return [body_name(body, words) for body in bodies_of(event) if body.code in bodies]


def body_name(body: BodyMeeting, words: Words) -> str:
    """Return what people write: "BC COP-17", or "BC COP" without a number."""
    short_name = words.gettext(reference().bodies[body.code].short_name)
    return f"{short_name}-{body.number}" if body.number else short_name


def _processes(event: Event, words: Words) -> list[dict[str, str]]:
    known = reference().processes
    return [
        {"slug": slug, "short_name": words.gettext(known[slug].short_name), "name": words.gettext(known[slug].name)}
        for slug in event.processes
        if slug in known
    ]


def _whole(event: Event, reader: Reader) -> dict[str, Any] | None:
    whole = event.whole if event.part_of_id else None
    if whole is None or not can_see(reader.viewer, whole):
        return None
    title, language = in_language(whole.titles, reader.title_language)
    return {
        "url": url_for("events.event", event_id=str(whole.id)),
        "title": whole.short_title or title,
        "title_language": "" if whole.short_title or language == reader.words.language else language,
    }
