"""The names and numbers of reasons as they stand in sentences: codes become names, days and lists are written out."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, cast

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import PoolType
from calendar_app.services.planning_facts import pools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from calendar_app.planning.findings import Reason
    from calendar_app.services.reference import Reference
    from calendar_app.services.wording import Words

# Of the names in our lists, those with which the name of an audience can begin and that keep their capital.
_PROPER = ("organisation", "city", "country")
_ROUND_FROM_KM = 1000
# Those without whom a session can decide nothing come first.
_BY_WEIGHT = (
    PoolType.DELEGATES, PoolType.MINISTERS, PoolType.MEMBERS, PoolType.EXPERTS, PoolType.MISSIONS, PoolType.STAFF,
    PoolType.LIAISON, PoolType.PARTNERS, PoolType.OBSERVERS,
)  # fmt: skip


class ReasonNames:
    """The values of reasons in one language."""

    def __init__(self, words: Words, reference: Reference) -> None:
        """Take the language, and the lists in which the names of codes are."""
        self.words = words
        self._reference = reference

    def values(self, reason: Reason, title: str = "") -> dict[str, str]:
        """Return the values of a reason as they stand in a sentence, by name."""
        readers: dict[str, Callable[[Reason], str]] = {
            "city": lambda r: self.city(text(r, "city")),
            "country": lambda r: self.words.place(self.city(text(r, "city")), text(r, "country"), ""),
            "organisations": lambda r: self.listed(self.organisation(code) for code in texts(r, "organisations")),
            "persons": lambda r: self.listed(self.words.isolated(_as_name(text)) for text in texts(r, "persons")),
            "pools": self._people,
            "missing": lambda r: self.listed(self._region(code) for code in texts(r, "missing")),
            "have": lambda r: self.listed(self._region(code) for code in texts(r, "have")),
            "kind": lambda r: self._kind(text(r, "kind")),
            "series": lambda r: self.words.isolated(text(r, "series")),
            "name": lambda r: self.words.gettext(text(r, "name")),
            "day": lambda r: self.words.day(date_of(r, "day")),
            "first": lambda r: self.words.day(date_of(r, "first")),
            "last": lambda r: self.words.day(date_of(r, "last")),
            "share": lambda r: str(round(number(r, "share") * 100)),
            "start": lambda r: text(r, "start"),
            "end": lambda r: text(r, "end"),
        }
        given = {name for name, _value in reason.values}
        found = {name: readers[name](reason) for name in given & readers.keys()} | {"title": self.words.isolated(title)}
        if "day" in given:
            found["weekday"] = format_date(date_of(reason, "day"), "EEEE", self.words.locale)
        if {"first", "last"} <= given:
            found["when"] = self.words.days(Span.inclusive(date_of(reason, "first"), date_of(reason, "last")))
        return found

    def listed(self, names: Iterable[str]) -> str:
        """Return names as a list inside a sentence: "a, b and c"."""
        return format_list(list(names), locale=self.words.locale)

    def city(self, slug: str) -> str:
        """Return the name of a city, "" for none; one that is not in the list is written as its slug lets us."""
        if not slug:
            return ""
        listed = self._reference.cities.get(slug)
        return self.words.city(listed.name) if listed else self.words.isolated(_as_name(slug.replace("-", " ")))

    def organisation(self, code: str) -> str:
        """Return the short name of an organisation; of one that is not in the list what its code lets us write."""
        listed = self._reference.organisations.get(code)
        return self.words.gettext(listed.short_name) if listed else _as_name(code.replace("-", " "))

    def _region(self, code: str) -> str:
        listed = self._reference.regions.get(code)
        return self.words.gettext(listed.name) if listed else code

    def _kind(self, slug: str) -> str:
        listed = self._reference.kinds.get(slug)
        return self.words.gettext(listed.name) if listed else slug.replace("-", " ")

    def _pool(self, code: str) -> str:
        name = self._reference.audiences.get(code) or code.replace("-", " ")
        return self._inside(name) if self.words.language == "en" else self.words.gettext(name)

    def _inside(self, name: str) -> str:
        """Return an English name as it stands inside a sentence: "National delegates" are "national delegates"."""
        first, _blank, rest = name.partition(" ")
        keeps = not first[1:].islower() or rest[:1].isupper()
        # Not by the aliases of regions: "international" is one of them.
        keeps |= first in {region.short_name for region in self._reference.regions.values()}
        is_proper = keeps or any(self._reference.find(sort, first) for sort in _PROPER)
        return name if is_proper else name[0].lower() + name[1:]

    def _people(self, reason: Reason) -> str:
        """Return pools of people in words; related ones are stored as "one/other"."""
        codes = sorted(texts(reason, "pools"), key=_decisive)
        if "/" not in "".join(codes):
            return self.listed(self._pool(code) for code in codes)
        often = self.words.gettext("%(one)s are often also %(other)s")
        sometimes = self.words.gettext("%(one)s are sometimes also %(other)s")
        pattern = often if reason.value("strong", default=False) else sometimes
        pairs = (code.partition("/") for code in codes)
        said = [pattern % {"one": self._pool(one), "other": self._pool(other)} for one, _, other in pairs]
        # Each has a verb, and names with "and" in them: commas would not tell them apart.
        both = self.words.gettext("%(first)s; %(second)s")
        return reduce(lambda first, second: both % {"first": first, "second": second}, said)

    def km(self, reason: Reason) -> str:
        """Return a distance as precise as people plan with it."""
        km = int(number(reason, "km"))
        return str(format_decimal(round(km, -2 if km >= _ROUND_FROM_KM else -1), locale=self.words.locale))


def text(reason: Reason, name: str) -> str:
    """Return a value that is a text."""
    return cast("str", reason.value(name))


def texts(reason: Reason, name: str) -> tuple[str, ...]:
    """Return a value that is several texts."""
    return cast("tuple[str, ...]", reason.value(name))


def number(reason: Reason, name: str) -> float:
    """Return a value that is a number."""
    return cast("float", reason.value(name))


def date_of(reason: Reason, name: str) -> date:
    """Return a value that is a day."""
    return cast("date", reason.value(name))


def _decisive(code: str) -> int:
    """Return where people stand in a sentence, the most decisive first; of two related pools the first counts."""
    pool = pools().get(code.partition("/")[0])
    return _BY_WEIGHT.index(pool.type) if pool else len(_BY_WEIGHT)


def _as_name(name: str) -> str:
    """Return a name with its capitals, where it was stored without any to be compared."""
    return name.title() if name == name.lower() else name
