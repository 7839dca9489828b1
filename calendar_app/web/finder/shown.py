"""What the finder's page shows of a search: the heat map, the ranked windows with reasons, and what would help."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from calendar_app.extensions import clock
from calendar_app.planning.finder import RELAXED_BY, Constraint, NothingFits
from calendar_app.planning.vocabulary import FindingKind, Format, Severity
from calendar_app.services import holidays
from calendar_app.services.countries import country_name
from calendar_app.services.date_words import DateWords
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.holidays import ListState
from calendar_app.services.records import called, span_of
from calendar_app.services.reference import reference
from calendar_app.web.finder.heat import SIGNS, NoStart, heat_map, level_of
from calendar_app.web.page import requested_language, title_language, words
from calendar_app.web.submit.dates_panel import finding_line, other_events

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from calendar_app.models import Event
    from calendar_app.planning.dates import Span
    from calendar_app.planning.finder import Relaxed, Window
    from calendar_app.planning.policy import Policy
    from calendar_app.services.date_search import Asked, Found

_MOST_RELAXED = 3


class Shown:
    """Makes the values of one page. `given` is the address; `event` is None if dates are for a new one."""

    def __init__(self, asked: Asked, found: Found, event: Event | None, given: MultiDict[str, str]) -> None:
        """Read the titles of all events that are spoken of, at once."""
        self._asked, self._found, self._event, self._given = asked, found, event, given
        self._windows = found.search.windows
        chosen = _chosen(given)
        self.chosen = found.window(chosen) if chosen else None
        spoken = [*self._windows, *(item.window for item in self._relaxed), *([self.chosen] if self.chosen else [])]
        self._others = other_events(found.event, (finding for window in spoken for finding in window.findings))
        self._say = FindingWords(words(), self._title, reference())
        self._dates = DateWords(words(), self._say, self._title_and_days)

    @property
    def _relaxed(self) -> tuple[Relaxed, ...]:
        return self._found.search.relaxed[:_MOST_RELAXED]

    def values(self, policy: Policy) -> dict[str, Any]:
        """Return what the template shows."""
        search = self._found.search
        return {
            "is_good": search.is_good,
            "nothing": _nothing(search.nothing) if search.nothing else "",
            "heat": heat_map(search.by_day, self.chosen.span.start if self.chosen else None, words(), self._no_start())
            if search.by_day
            else None,
            "hidden": [(name, text) for name, text in self._given.items(multi=True) if name != "day"],
            "chosen": self._window(self.chosen) if self.chosen else None,
            "windows": [self._window(window) for window in self._windows],
            "relaxed": [self._relaxation(item) for item in self._relaxed],
            "who": self._who(),
            "beside": self._beside(),
            "not_known": list(filter(None, (self._unknown_city(), self._holidays_missing()))),
            "prices": _prices(policy),
        }

    def _title(self, event: uuid.UUID) -> str:
        if event == self._found.event:
            return called(self._event, title_language()) if self._event else str(_("The new meeting"))
        other = self._others.get(event)
        return called(other, title_language()) if other else ""

    def _title_and_days(self, event: uuid.UUID) -> tuple[str, Span | None]:
        other = self._others.get(event)
        return self._title(event), span_of(other) if other else None

    def _no_start(self) -> NoStart:
        """Return what keeps the meeting from starting on other days than those looked at."""
        asked = self._asked
        first = max(asked.earliest, clock.today())
        return NoStart(asked.days, first, asked.latest, asked.weekdays, asked.within_week, asked.avoid)

    def _who(self) -> str:
        """Say who is expected to attend."""
        names = [words().gettext(reference().audiences[code]) for code in self._found.pools]
        return words().listed(names)

    def _beside(self) -> str:
        beside = self._found.beside
        return words().days(beside.span) if beside and beside.span else ""

    def _unknown_city(self) -> str:
        """Say that nothing is known of a city that is not in the list, "" for one that is."""
        city = self._asked.record.city
        if not city or self._found.city in reference().cities:
            return ""
        sentence = _("“%(city)s” is not in the list of cities: distances and holidays are not known there.")
        return str(sentence % {"city": words().isolated(city)})

    def _holidays_missing(self) -> str:
        """Say for which of the years no official holidays of the place are in the calendar, "" if they all are."""
        record, city = self._asked.record, self._found.city
        if city in reference().cities:
            place, station = words().city(reference().cities[city].name), holidays.station_of(city)
        elif record.country and not record.city:
            place, station = country_name(record.country, words().language), ""
        else:
            return ""
        years = range(max(self._asked.earliest, clock.today()).year, self._asked.latest.year + 1)
        missing = [str(year) for year in years if holidays.list_of(station, year).state is ListState.NONE]
        if not missing or record.format == Format.ONLINE:
            return ""
        sentence = _("The official holidays of %(city)s in %(year)s are not in the calendar yet.")
        return str(sentence % {"city": words().isolated(place), "year": words().listed(missing)})

    def _window(self, window: Window) -> dict[str, Any]:
        own = self._found.event
        clashes = [f for f in window.findings if f.kind is FindingKind.CLASH]
        chances = [f for f in window.findings if f.kind is FindingKind.OPPORTUNITY]
        span, level = window.span, level_of(window)
        return {
            "dates": words().days(span),
            "weekdays": self._dates.weekdays(span),
            "level": level,
            "sign": SIGNS[level],
            "mark": window.worst.word if window.worst else "",
            "mark_label": self._say.severity(window.worst) if window.worst else "",
            "verdict": _verdict([f.severity for f in clashes], len(chances)),
            "told": self._dates.sentences(window, own)[0 if clashes else 1 :],
            "panel": {
                "clashes": [finding_line(finding, own, self._say, self._others) for finding in clashes],
                "chances": [finding_line(finding, own, self._say, self._others) for finding in chances],
                "hidden": [],
            },
            "first_day": span.start.isoformat(),
            "last_day": span.last.isoformat(),
            "city": self._city_to_hold(),
            "submit_url": self._submit_url(window),
        }

    def _city_to_hold(self) -> str:
        """Return the city for which was looked, "" where it is the event's own."""
        city: str = self._asked.record.city
        return city if self._event and city != self._event.city else ""

    def _submit_url(self, window: Window) -> str:
        """Return the address of the form for a new event on these days, "" where dates are for one that there is."""
        if self._event:
            return ""
        record = self._asked.record
        listed = reference().cities.get(self._found.city)
        return url_for(
            "submit.submit",
            first_day=window.span.start.isoformat(),
            last_day=window.span.last.isoformat(),
            kind=record.kind,
            body="; ".join(body.code for body in record.bodies) or None,
            city=(listed.name if listed else record.city) or None,
            format=str(record.format),
            convention=list(record.processes) or None,
            region=list(record.regions) or None,
        )

    def _relaxation(self, item: Relaxed) -> dict[str, str]:
        window = item.window
        clashes = [f.severity for f in window.findings if f.kind is FindingKind.CLASH]
        given = MultiDict(self._given)
        given["day"] = window.span.start.isoformat()
        if language := requested_language():
            given["lang"] = language
        for name, text in self._otherwise(item.constraint).items():
            given.poplist(name)
            if text:
                given[name] = text
        return {
            "sentence": _relaxed_sentence(item.constraint, words().days(window.span)),
            "verdict": _verdict(clashes, 0),
            "url": f"{url_for('finder.finder').partition('?')[0]}?{urlencode(list(given.items(multi=True)))}",
        }

    def _otherwise(self, constraint: Constraint) -> Mapping[str, str]:
        """Return what the address says instead, without the constraint."""
        asked = self._asked
        return {
            Constraint.LATEST: {"latest": (asked.latest + RELAXED_BY).isoformat()},
            Constraint.EARLIEST: {"earliest": (asked.earliest - RELAXED_BY).isoformat()},
            Constraint.WEEKDAYS: {"weekday": ""},
            Constraint.WITHIN_WEEK: {"weekend": "y"},
            Constraint.AVOID: {"avoid": ""},
            Constraint.CITY: {"city": ""},
            Constraint.LENGTH: {"days": str(asked.days - 1)},
        }[constraint]


def _chosen(given: MultiDict[str, str]) -> date | None:
    """Return the start day whose details are asked for."""
    try:
        return date.fromisoformat(given.get("day", ""))
    except ValueError:
        return None


def _verdict(clashes: Iterable[Severity], chances: int) -> str:
    """Say in a sentence or two what dates come to."""
    severities = list(clashes)
    critical, major, minor = (severities.count(s) for s in (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR))
    counted = (
        (critical, ngettext("%(num)d critical clash", "%(num)d critical clashes", critical)),
        (major, ngettext("%(num)d major clash", "%(num)d major clashes", major)),
        (minor, ngettext("%(num)d minor clash", "%(num)d minor clashes", minor)),
    )
    parts = [text for count, text in counted if count]
    said = [_("Runs into %(clashes)s.", clashes=words().listed(parts)) if parts else _("Runs into nothing.")]
    if chances:
        said.append(ngettext("%(num)d opportunity.", "%(num)d opportunities.", chances))
    return " ".join(said)


def _nothing(why: NothingFits) -> str:
    """Say why no day could be looked at."""
    return str(
        {
            NothingFits.BACKWARD: _("No day is left between the first and the last day."),
            NothingFits.TOO_SHORT: _("The time between the first and the last day is shorter than the meeting."),
            NothingFits.NO_WEEKDAY: _(
                "On none of the days that are left can the meeting start. Choose other weekdays, or let it run over a"
                " weekend."
            ),
            NothingFits.ALL_AVOIDED: _("All days on which the meeting could take place are among those to avoid."),
        }[why]
    )


def _relaxed_sentence(constraint: Constraint, dates: str) -> str:
    """Say what would become possible without a constraint."""
    return str(
        {
            Constraint.LATEST: _("Ending up to eight weeks later would give %(dates)s.", dates=dates),
            Constraint.EARLIEST: _("Starting up to eight weeks earlier would give %(dates)s.", dates=dates),
            Constraint.WEEKDAYS: _("Allowing a start on any weekday would give %(dates)s.", dates=dates),
            Constraint.WITHIN_WEEK: _("Letting the meeting run over a weekend would give %(dates)s.", dates=dates),
            Constraint.AVOID: _("Giving up the days to avoid would give %(dates)s.", dates=dates),
            Constraint.CITY: _("Leaving the city open would give %(dates)s.", dates=dates),
            Constraint.LENGTH: _("Making the meeting one day shorter would give %(dates)s.", dates=dates),
        }[constraint]
    )


def _prices(policy: Policy) -> str:
    """Say how dates are ranked."""
    return str(
        _(
            "Dates without a major or critical clash come first, one choice for each week. After that it is weighed"
            " what they run into: a minor clash counts %(minor)s, a major one %(major)s, a critical one %(critical)s,"
            " and each thing that they make possible takes %(gain)s off.",
            minor=policy.cost_minor,
            major=policy.cost_major,
            critical=policy.cost_critical,
            gain=policy.gain_opportunity,
        )
    )
