"""Entries of our own feeds, read back: what stands there before a title is taken off, and put where it belongs.

Feeds have no field for days that are not known yet, nor for who may see an event; so titles say it (`feed_entries`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from calendar_app.planning.dates import Precision, Span, problem_of_precision
from calendar_app.services import feed_entries
from calendar_app.services.records import in_language
from calendar_app.services.wording import Words, available_languages
from calendar_app.services.written_dates import UnreadableDateError, read
from feeds.reading.values import ReadEvent, ReadStatus

if TYPE_CHECKING:
    from calendar_app.models import Event
    from calendar_app.services.reference import Reference

_PERIODS = (Precision.MONTH, Precision.QUARTER, Precision.YEAR)


def is_ours(event: ReadEvent) -> bool:
    """Tell whether an entry is of a feed of this program, here or elsewhere: it leads to the page of its event."""
    return event.url.endswith(f"/events/{event.uid}")


def taken_apart(event: ReadEvent) -> tuple[ReadEvent, dict[str, str]]:
    """Return an entry of ours with the title alone, and how its dates are known where that stood before it."""
    summary = event.summary
    for word in feed_entries.not_public_words():
        summary = summary.removeprefix(f"{word} ")
    wording = _in_brackets(summary)
    is_exact = event.all_day and event.status not in {ReadStatus.TENTATIVE, ReadStatus.CANCELLED}
    if not wording or is_exact or event.start is None or event.end is None or isinstance(event.start, datetime):
        return replace(event, summary=summary), {}
    title = summary[len(wording) + 2 :].lstrip()
    return replace(event, summary=title), _known(wording, Span(event.start, event.end))


def written(event: Event, language: str, reference: Reference) -> ReadEvent:
    """Return what our feeds in a language say of an event now, as far as it is read back."""
    words = feed_entries.words_of(language)
    start, end = feed_entries.when(event)
    latitude, longitude = feed_entries.position_of(event, reference)
    return ReadEvent(
        uid=str(event.id),
        summary=feed_entries.summary_of(event, in_language(event.titles, language)[0], words),
        start=start,
        end=end,
        status=ReadStatus(feed_entries.status_in(event).value),
        location=feed_entries.location_of(event, words),
        latitude=latitude,
        longitude=longitude,
        url=feed_entries.page_of(event, ""),
    )


def _in_brackets(text: str) -> str:
    """Return what stands in the brackets with which a text begins, "" if a title does not follow them."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return text[1:place] if text[place + 1 :].startswith(" ") else ""
    return ""


def _known(wording: str, span: Span) -> dict[str, str]:
    """Return how exactly the days of a span are known, of which an entry of ours says it in words.

    Words that name another month or year stood there before somebody moved the entry to these days.
    """
    for precision in _PERIODS:
        said = {code: Words(code).period(span, precision) for code in available_languages()}
        if not problem_of_precision(span, precision) and wording in said.values():
            # What is said in the reader's language anyway need not stay in that of the feed.
            return {"date_precision": precision, "date_text": wording if wording == said["en"] else ""}
    try:
        meant = read(wording)
    except UnreadableDateError:
        return {"date_precision": Precision.WORDS, "date_text": wording}
    if meant.span in {None, span} or meant.precision is Precision.WORDS:
        return {"date_precision": meant.precision, "date_text": wording}
    return {} if meant.precision in _PERIODS else {"date_precision": Precision.WORDS, "date_text": wording}
