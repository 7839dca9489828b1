"""Events as digests tell them: in full once, shortly everywhere else, in the language of the reader."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calendar_app.mail.digest_content import Entry
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import HOLDING, Format, Stage, Status, Visibility
from calendar_app.services.field_words import FieldWords
from calendar_app.services.finding_board import short_name
from calendar_app.services.records import called, in_language, organisers_of, span_of

if TYPE_CHECKING:
    from calendar_app.models import Event
    from calendar_app.services.changes_since import OldDates
    from calendar_app.services.owners import Owner
    from calendar_app.services.wording import Words


class EventWords:
    """Says what events are. `home_url` is the calendar's own address; `organisation` is whose digest it is, or ""."""

    def __init__(self, words: Words, home_url: str, organisation: str = "") -> None:
        """Take the language, the address of the calendar and the reader's organisation."""
        self.words = words
        self.home_url = home_url
        self._organisation = organisation
        self._fields = FieldWords(words, {}) if organisation else None

    def name(self, event: Event) -> str:
        """Return what people call an event."""
        return called(event, self.words.language)

    def url(self, event: Event) -> str:
        """Return the address of its page, which asks to sign in where it has to."""
        return f"{self.home_url}/events/{event.id}"

    def when(self, event: Event) -> str:
        """Return its dates as surely as they are known, with the hour of a single day."""
        words, span = self.words, span_of(event)
        if event.status == Status.POSTPONED:
            return words.gettext("postponed, new dates not known")
        if span is None or event.precision != Precision.DAY:
            if span is None and not event.date_text:
                return words.gettext("date to be confirmed")
            vague = words.vague(span, Precision(event.precision), event.date_text)
            return words.gettext("date to be confirmed (%(dates)s)") % {"dates": words.isolated(vague)}
        days = words.days(span)
        if span.days == 1 and event.start_time and event.timezone:
            times = words.local_times(span.start, event.start_time, event.end_time, event.timezone)
            return words.listed((days, times))
        return days

    def were(self, old: OldDates) -> str:
        """Return the dates that an event had before."""
        return self.words.dates(old.span, old.precision, old.date_text)

    def mark(self, event: Event) -> str:
        """Return what keeps an event from being settled, "" if nothing does."""
        if event.status == Status.CANCELLED:
            return self.words.status(event.status)
        if event.stage != Stage.PUBLISHED and self._fields:
            return self._fields.stage(event.stage)
        return self.words.status(event.status) if event.status == Status.TENTATIVE else ""

    def short(self, event: Event, *lines: str) -> Entry:
        """Return name and dates."""
        language = in_language(event.titles, self.words.language)[1]
        return Entry(
            name=self.name(event),
            url=self.url(event),
            when=self.when(event),
            mark=self.mark(event),
            language="" if language == self.words.language else language,
            lines=tuple(filter(None, lines)),
        )

    def full(self, event: Event, *lines: str) -> Entry:
        """Return all that a reader plans with: name, dates, place, how people take part, and who holds it."""
        words = self.words
        place = words.place(event.city, event.country, event.format)
        online = event.format == Format.ONLINE and not event.city
        # Where it is not known, nothing is said.
        form = "" if event.format == Format.UNKNOWN or online else words.format(event.format)
        hidden = event.visibility != Visibility.PUBLIC and event.stage == Stage.PUBLISHED
        facts = (place, form, self._held_by(event), words.gettext("not public") if hidden else "")
        entry = self.short(event)
        title = in_language(event.titles, words.language)[0]
        # Members call meetings by their short names; others may not know them.
        spelled = words.isolated(title) if not self._organisation and title != entry.name else ""
        return replace(entry, lines=tuple(filter(None, (spelled, " · ".join(filter(None, facts)), *lines))))

    def _held_by(self, event: Event) -> str:
        """Return who holds an event, beside the reader's own organisation."""
        holders = [o for o in organisers_of(event) if o.role in HOLDING]
        names = [short_name(self.words, o.code) if o.code else self.words.isolated(o.name) for o in holders]
        others = [name for o, name in zip(holders, names, strict=True) if o.code != self._organisation]
        if not others:
            return ""
        text = self.words.gettext("with %(names)s") if len(others) < len(names) else self.words.gettext("by %(names)s")
        return text % {"names": self.words.listed(others)}

    def owner(self, owner: Owner) -> str:
        """Return who looks after something: a person with the organisation in brackets, or either; "" for nobody."""
        person = self.words.isolated(owner.name or owner.email)
        organisation = short_name(self.words, owner.organisation) if owner.organisation else ""
        if owner.name or owner.email:
            return f"{person} ({organisation})" if organisation else person
        return organisation

    def in_charge(self, owner: Owner) -> str:
        """Return who looks after something that has to be done, or that nobody does."""
        return self.owner(owner) or self.words.gettext("nobody in charge")
