"""What is said of each bar: the card that is shown when it is pointed at, and that a screen reader reads as its link.

There may be thousands on a page, so what many share (dates, places, statuses) is put into words and marked up once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from flask import url_for
from flask_babel import gettext as _
from markupsafe import escape

from calendar_app.planning.vocabulary import TAKING_PLACE, Stage
from calendar_app.services.field_words import FieldWords
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from calendar_app.planning.dates import Span
    from calendar_app.services.planned import OpenOption, Planned
    from calendar_app.services.wording import Words
    from calendar_app.web.planner.marks import Marks


class Card(NamedTuple):
    """The address behind a bar, the classes of its looks, the language of its title where it is not the page's own.

    `html` is the inside of the card.
    """

    url: str
    style: str
    language: str
    title: str
    html: str


class Cards:
    """Makes the cards of one page."""

    def __init__(self, words: Words, marks: Marks | None = None) -> None:
        """Make cards in the words of one language; with `marks` they say what gets in the way of each event."""
        self._words, self._marks = words, marks
        mark = "EVENT-ID"
        self._before_id, _mark, self._after_id = url_for("events.event", event_id=mark).partition(mark)
        facts = reference()
        self._processes = {slug: words.gettext(process.short_name) for slug, process in facts.processes.items()}
        self._kinds = {slug: words.gettext(kind.name) for slug, kind in facts.kinds.items() if slug != "other"}
        self._shared: dict[tuple[object, ...], str] = {}

    def name(self, event: Planned) -> str:
        """Return the shortest name of an event, with the original words for dates that are not exact.

        What does not take place says so: a line through its name is not enough for every eye.
        """
        name = event.short_title or event.title
        if event.status not in TAKING_PLACE:
            status = self._words.status(event.status)
            name = _("%(name)s (%(status)s)", name=self._words.isolated(name), status=status)
        if event.is_vague and event.span:
            dates = self._words.isolated(self.dates(event))
            name = _("%(name)s: %(dates)s", name=self._words.isolated(name), dates=dates)
        return name

    def dates(self, event: Planned) -> str:
        """Return the dates in words, the organisers' own where they are not exact."""
        if event.span is None or event.is_vague:
            return self._words.vague(event.span, event.precision, event.date_text)
        return days_in_words(self._words, event.span)

    def url(self, event: Planned) -> str:
        """Return the address of the event's page."""
        return f"{self._before_id}{event.id}{self._after_id}"

    def language(self, event: Planned) -> str:
        """Return the language of the title, "" if it is the page's own."""
        return "" if event.title_language == self._words.language else event.title_language

    def event(self, event: Planned, *, in_parts: bool = False) -> Card:
        """Return the card of an event; one held `in_parts` is drawn as what holds them together."""
        shared = (event.city, event.country, event.format, event.status, event.kind, event.processes, event.stage)
        rest = self._shared.get(shared)
        if rest is None:
            kind_and_processes = [self._kinds.get(event.kind), *map(self._processes.get, event.processes)]
            rest = self._shared[shared] = _lines(
                self._words.place(event.city, event.country, event.format),
                self._words.status(event.status),
                FieldWords(self._words).stage(event.stage) if event.stage != Stage.PUBLISHED else "",
                self._words.listed(text for text in kind_and_processes if text),
            )
        # How firm the dates are of what may never be published says the card alone.
        is_firm = event.stage == Stage.PUBLISHED or event.status not in TAKING_PLACE
        style = f"is-{event.status}" if is_firm else "is-unpublished"
        if event.is_vague:
            style += " is-in-parts" if in_parts else " is-vague"
        lines = _lines(self.dates(event)) + rest
        if self._marks:
            style += self._marks.style(event.id)
            lines += _lines(*self._marks.lines(event.id))
        return self._card(event, style, lines)

    def option(self, option: OpenOption) -> Card:
        """Return the card of a candidate date."""
        held = (
            _("Held until %(day)s", day=self._words.day(option.held_until))
            if option.held_until
            else _("One of several possible dates")
        )
        lines = _lines(days_in_words(self._words, option.span), option.city, held)
        return self._card(option.event, "is-option", lines)

    def _card(self, event: Planned, style: str, lines: str) -> Card:
        language = self.language(event)
        return Card(self.url(event), style, language, event.title, _title(event.title, language) + lines)


def of_a_day(url: str, style: str, name: str, *lines: str) -> Card:
    """Return the card of a holiday or observance, which is no event."""
    return Card(url, style, "", name, _title(name, "") + _lines(*lines))


def lang_attribute(language: str) -> str:
    """Return the attribute that names a language, "" for the page's own."""
    return f' lang="{language}"' if language else ""


def _title(title: str, language: str) -> str:
    return f'<strong dir="auto"{lang_attribute(language)}>{escape(title)}</strong>'


def _lines(*lines: str) -> str:
    return "".join(f"<i>{escape(line)}</i>" for line in lines if line)


@lru_cache(maxsize=8192)
def days_in_words(words: Words, span: Span) -> str:
    """Return the span as people write it."""
    return words.days(span)
