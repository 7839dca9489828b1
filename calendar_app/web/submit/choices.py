"""What the lists of the event form offer, in the reader's language."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import gettext as _

from calendar_app.planning.dates import Precision, Span, month
from calendar_app.planning.vocabulary import Access, Format, LinkKind, PartRole, Status, Visibility
from calendar_app.services.countries import country_codes, country_name
from calendar_app.services.records import LANGUAGES
from calendar_app.services.reference import reference
from calendar_app.services.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.services.wording import Words

Choices: TypeAlias = list[tuple[str, str]]
_YEARS_BACK, _YEARS_AHEAD = 1, 8


def sorted_choices(pairs: Iterable[tuple[str, str]]) -> Choices:
    """Return the pairs of value and label in the order of their labels."""
    return sorted(pairs, key=lambda pair: (fold(pair[1]), pair[1]))


def with_present(choices: Choices, present: Iterable[str]) -> Choices:
    """Return the choices and, at the end, what the record has and the list has not."""
    known = {value for value, _label in choices}
    return choices + [(value, value) for value in present if value and value not in known]


def not_over(present: str, periods: Choices) -> Choices:
    """Leave out the quarters or years that are over."""
    return [(value, label) for value, label in periods if not value or value >= present]


def languages(words: Words) -> Choices:
    """Return the six languages, by their names in the reader's language."""
    return [(code, Locale.parse(words.language).languages[code]) for code in LANGUAGES]


def kinds(words: Words) -> Choices:
    """Return the kinds of events."""
    listed = sorted_choices((k.slug, words.gettext(k.name)) for k in reference().kinds.values())
    return [("", _("Choose a kind")), *listed]


def conventions(words: Words) -> Choices:
    """Return conventions and processes, in the order of the list."""
    return [(p.slug, words.gettext(p.short_name)) for p in reference().processes.values()]


def regions(words: Words) -> Choices:
    """Return the regions, in the order of the list."""
    return [(r.code, words.gettext(r.name)) for r in reference().regions.values()]


def countries(words: Words) -> Choices:
    """Return the countries."""
    return [("", _("Not known")), *sorted_choices((c, country_name(c, words.language)) for c in country_codes())]


def statuses(words: Words, present: str) -> Choices:
    """Return tentative and confirmed, and what the event is if that is something else: actions change the others."""
    offered = dict.fromkeys([Status.CONFIRMED, Status.TENTATIVE, *([Status(present)] if present else [])])
    return [(str(status), words.status(status)) for status in offered]


def formats(words: Words) -> Choices:
    """Return how people can take part."""
    return [(str(f), words.format(f)) for f in (Format.UNKNOWN, Format.IN_PERSON, Format.ONLINE, Format.HYBRID)]


def accesses() -> Choices:
    """Return who may attend."""
    return [
        ("", _("Not stated")),
        (str(Access.PUBLIC), _("Open to everybody")),
        (str(Access.INVITATION), _("By invitation")),
    ]


def part_roles(words: Words) -> Choices:
    """Return what an event can be to the one that it belongs to."""
    return [("", _("Not stated")), *((str(role), words.part_role(role)) for role in PartRole)]


def link_kinds(words: Words) -> Choices:
    """Return how an event can relate to another."""
    return [("", _("No relation")), *((str(kind), words.link(kind, outward=True)) for kind in LinkKind)]


def visibilities() -> Choices:
    """Return who may see the event once it is published."""
    return [
        (str(Visibility.PUBLIC), _("Everybody")),
        (str(Visibility.MEMBERS), _("The member organisations")),
        (str(Visibility.STEWARD), _("Only the organisation that keeps it")),
    ]


def years(today: date) -> Choices:
    """Return the years that may be meant."""
    return [("", _("Choose a year")), *((str(y), str(y)) for y in _years(today))]


def quarters(today: date, words: Words) -> Choices:
    """Return the quarters that may be meant: "2027-Q2" as "2nd quarter 2027"."""
    offered = [(f"{y}-Q{q}", quarter_of(f"{y}-Q{q}")) for y in _years(today) for q in range(1, 5)]
    return [("", _("Choose a quarter")), *((value, words.period(span, Precision.QUARTER)) for value, span in offered)]


def quarter_of(text: str) -> Span:
    """Return the days of "2027-Q2"."""
    year, number = int(text[:4]), int(text[-1])
    return Span(date(year, 3 * number - 2, 1), month(year, 3 * number).end)


def _years(today: date) -> range:
    return range(today.year - _YEARS_BACK, today.year + _YEARS_AHEAD + 1)


def zones() -> frozenset[str]:
    """Return the names of time zones that mean the same on every machine."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def suggestions(words: Words) -> dict[str, Choices]:
    """Return what a browser suggests while one types: bodies, cities, zones and organisations, as value and label."""
    facts = reference()
    return {
        "bodies": [(b.code, words.gettext(b.name)) for b in facts.bodies.values()],
        "cities": sorted_choices(
            (c.name, f"{words.city(c.name)}, {country_name(c.country, words.language)}") for c in facts.cities.values()
        ),
        "zones": [(name, "") for name in sorted({"UTC", *(c.timezone for c in facts.cities.values())})],
        "organisers": [(o.short_name, words.organisation(o.code, o.name)) for o in facts.organisations.values()],
    }
