"""Sentences in a reader's language: dates, places and statuses as people write them. Pages, feeds and mail share it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.support import NullTranslations, Translations

from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Format, LinkKind, OrganiserRole, PartRole, Status
from calendar_app.services.countries import country_name
from calendar_app.services.reference import reference
from calendar_app.services.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.planning.dates import Span

TRANSLATIONS = Path(__file__).parent.parent / "translations"
RIGHT_TO_LEFT = frozenset({"ar"})
_COMMAS = {"ar": "، ", "zh": "、"}
# Unicode's signs of direction: from left to right, and the other way, from here on; a stretch of its own, and its end.
_LEFT_TO_RIGHT, _RIGHT_TO_LEFT, _ISOLATE, _END = "\u200e", "\u200f", "\u2068", "\u2069"


@cache
def available_languages() -> frozenset[str]:
    """Return the languages in which the interface itself can be shown; English needs no catalogue."""
    return frozenset({"en", *(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo"))})


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the translations into a language; texts stay English in those that it does not have."""
    return Translations.load(str(TRANSLATIONS), [language])


def _listed_city(name: str) -> str:
    """Return a city's name as the list has it, "" for one that is not there under this name."""
    lists = reference()
    city = lists.cities.get(lists.city_slug(name))
    return city.name if city and fold(city.name) == fold(name) else ""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language (BCP 47 primary code)."""

    language: str = "en"

    @property
    def locale(self) -> Locale:
        """The CLDR locale; English in its international form, day before month."""
        return Locale.parse("en_GB" if self.language == "en" else self.language)

    def gettext(self, text: str) -> str:
        """Return the translation of `text`."""
        return catalogue(self.language).ugettext(text) if text else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the translation in the plural form that `count` needs."""
        return catalogue(self.language).ungettext(one, many, count)

    def listed(self, texts: Iterable[str]) -> str:
        """Return the texts that are not empty, with the comma of the language between them."""
        return _COMMAS.get(self.language, ", ").join(filter(None, texts))

    def isolated(self, text: str) -> str:
        """Return a text of unknown language so that it keeps its order inside a sentence from right to left."""
        return f"{_ISOLATE}{text}{_END}" if self.language in RIGHT_TO_LEFT else text

    def running(self, text: str) -> str:
        """Return a sentence of this language so that it runs its way, though a name in other letters may begin it."""
        return f"{_RIGHT_TO_LEFT}{text}" if text and self.language in RIGHT_TO_LEFT else text

    def _hours(self, text: str) -> str:
        """Return hours so that first and last stand in one order, with Latin letters of a zone beside them or not."""
        return _LEFT_TO_RIGHT + text if self.language in RIGHT_TO_LEFT else text

    def day(self, day: date) -> str:
        """Return "3 November 2025"."""
        return format_date(day, "d MMMM y", self.locale)

    def month(self, day: date) -> str:
        """Return "November 2025"."""
        return format_skeleton("yMMMM", day, locale=self.locale)

    def days(self, span: Span) -> str:
        """Return the span as people write it: "3–7 November 2025", "28 April – 9 May 2025"."""
        first, last = span.start, span.last
        if first == last:
            return self.day(first)
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{self.day(last)}"
        if first.year == last.year:
            return f"{format_date(first, 'd MMMM', self.locale)} – {self.day(last)}"
        return f"{self.day(first)} – {self.day(last)}"

    def dates(self, span: Span | None, precision: Precision, date_text: str) -> str:
        """Return the exact days, or the words for dates that are not exact."""
        exact = span is not None and precision is Precision.DAY
        return self.days(span) if span and exact else self.vague(span, precision, date_text)

    def vague(self, span: Span | None, precision: Precision, date_text: str) -> str:
        """Return the words for dates that are not exact: the original ones, or the months that are meant."""
        if date_text:
            return date_text
        if span is None:
            return self.gettext("Date to be announced")
        return self.period(span, precision)

    def period(self, span: Span, precision: Precision) -> str:
        """Return "2027", "2024–2025", "2nd quarter 2027" or "September – October 2025"."""
        first, last = span.start, span.last
        one_year = first.year == last.year
        if precision is Precision.YEAR:
            return str(first.year) if one_year else f"{first.year}–{last.year}"
        if precision is Precision.QUARTER and one_year and first.month + 2 == last.month:
            return _quarter(first, self.locale)
        if one_year and first.month == last.month:
            return self.month(first)
        beginning = format_date(first, "LLLL", self.locale) if one_year else self.month(first)
        return f"{beginning} – {self.month(last)}"

    def length(self, days: int) -> str:
        """Return "5 days"."""
        return self.ngettext("%(num)d day", "%(num)d days", days) % {"num": days}

    def local_times(self, day: date, start_time: str, end_time: str, zone: str) -> str:
        """Return "13:00–15:00 CEST (11:00–13:00 UTC)"; the zone's short name is the one in force on that day."""
        moments = [moment_at(day, text, zone) for text in (start_time, end_time) if text]
        local = "–".join(format_time(m.time(), "HH:mm", locale=self.locale) for m in moments)
        utc = "–".join(m.astimezone(UTC).strftime("%H:%M") for m in moments)
        name = _zone_name(moments[0])
        return self._hours(local) if name == "UTC" else self._hours(f"{local} {name} ({utc} UTC)")

    def daily_hours(self, start_time: str, end_time: str, zone: str) -> str:
        """Return "13:00–15:00 each day (Europe/Zurich)": over several days the distance to UTC may change."""
        hours = "–".join(text for text in (start_time, end_time) if text)
        return self.gettext("%(hours)s each day (%(zone)s)") % {"hours": self._hours(hours), "zone": zone}

    def place(self, city: str, country: str, format_: str) -> str:
        """Return "Geneva, Switzerland", "Online", or "" when it is not known."""
        if format_ == Format.ONLINE and not city:
            return self.gettext("Online")
        parts = [self.city(city), country_name(country, self.language) if country else ""]
        return (
            self.gettext("%(city)s, %(country)s") % {"city": parts[0], "country": parts[1]}
            if all(parts)
            else "".join(parts)
        )

    def city(self, name: str) -> str:
        """Return a city's name in this language if the packaged list has it; else as people wrote it."""
        listed = _listed_city(name)
        translated = self.gettext(listed)
        return name if translated == listed else translated

    def organisation(self, code: str, name: str = "") -> str:
        """Return the full name of a listed organisation in this language, `name` for one that is not listed."""
        return self.gettext(reference().organisation_name(code)) or name

    def status(self, status: str) -> str:
        """Return the status in words."""
        return {
            Status.TENTATIVE: self.gettext("Tentative"),
            Status.CONFIRMED: self.gettext("Confirmed"),
            Status.POSTPONED: self.gettext("Postponed"),
            Status.CANCELLED: self.gettext("Cancelled"),
        }[Status(status)]

    def format(self, format_: str) -> str:
        """Return how people take part, in words."""
        return {
            Format.IN_PERSON: self.gettext("In person"),
            Format.ONLINE: self.gettext("Online"),
            Format.HYBRID: self.gettext("In person and online"),
            Format.UNKNOWN: self.gettext("Format not stated"),
        }[Format(format_)]

    def organiser_role(self, role: str) -> str:
        """Return what an organiser does, in words."""
        return {
            OrganiserRole.LEAD: self.gettext("lead organiser"),
            OrganiserRole.CO_ORGANISER: self.gettext("co-organiser"),
            OrganiserRole.PARTNER: self.gettext("partner"),
            OrganiserRole.FUNDER: self.gettext("funder"),
        }[OrganiserRole(role)]

    def part_role(self, role: str) -> str:
        """Return what a part is to its whole, in words."""
        return {
            PartRole.PART: self.gettext("Part"),
            PartRole.SEGMENT: self.gettext("Segment"),
            PartRole.SESSION: self.gettext("Session"),
            PartRole.SIDE_EVENT: self.gettext("Side event"),
            PartRole.PRE_MEETING: self.gettext("Pre-meeting"),
            PartRole.BRIEFING: self.gettext("Briefing"),
        }.get(PartRole(role) if role else PartRole.PART, "")

    def link(self, kind: str, *, outward: bool) -> str:
        """Return the heading of a relation, seen from the event that names it or from the other."""
        there, back = {
            LinkKind.BACK_TO_BACK: (self.gettext("Back-to-back with"),) * 2,
            LinkKind.PREPARES_FOR: (self.gettext("Prepares for"), self.gettext("Prepared by")),
            LinkKind.BRIEFING_FOR: (self.gettext("Briefing for"), self.gettext("Briefings")),
            LinkKind.INFORMATION_SESSION_FOR: (
                self.gettext("Information session for"),
                self.gettext("Information sessions"),
            ),
            LinkKind.SAME_AS: (self.gettext("Same as"),) * 2,
            LinkKind.OVERLAP_INTENDED: (self.gettext("Held at the same time on purpose"),) * 2,
        }[LinkKind(kind)]
        return there if outward else back


@lru_cache(maxsize=1000)
def _quarter(first: date, locale: Locale) -> str:
    """Return "2nd quarter 2027"; a form lists some forty of them."""
    return format_skeleton("yQQQQ", first, locale=locale)


def _zone_name(moment: datetime) -> str:
    """Return the letters of the zone in force ("CEST"), or its distance to UTC where it has none ("UTC−3")."""
    name = moment.tzname() or ""
    if name[:1] not in {"+", "-"}:
        return name
    hours, minutes = name[1:3].lstrip("0") or "0", name[3:5]
    return f"UTC{'−' if name[0] == '-' else '+'}{hours}{':' + minutes if minutes else ''}"


def moment_at(day: date, text: str, zone: str) -> datetime:
    """Return the aware moment of a local time ("HH:MM") on `day` in an IANA zone."""
    return datetime.combine(day, time.fromisoformat(text), ZoneInfo(zone))
