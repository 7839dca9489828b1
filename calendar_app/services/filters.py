"""The filter vocabulary: one for pages, feeds and digests.

`parse` turns the parameters of an address into an `EventFilter` or raises `FilterError` whose problems each name the
parameter, the wrong value and what is valid. Values are case-insensitive and come out in their one canonical form.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from calendar_app.planning import dates
from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services.countries import country_codes, is_country
from calendar_app.services.records import LANGUAGES
from calendar_app.services.text import search_patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from calendar_app.services.reference import Reference

ANY_OF = ("convention", "body", "kind", "region", "country", "city", "format", "organiser", "status")
ONCE = ("from", "to", "q", "lang")
FEED_OPTIONS = ("tbc", "cancelled", "own")
MAX_TEXT = 200
MAX_VALUES = 50
# What links in mails and posts carry; of no meaning to us.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|_hs\w+|igshid|ref")
MAX_PROBLEMS = 20
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def is_tracking(name: str) -> bool:
    """Tell whether a parameter is one that mail and posts add to links."""
    return bool(_TRACKING.fullmatch(name))


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong parameter or value. `valid` lists what is valid, closest first; sentences are made at the edge."""

    code: str  # unknown-parameter, unknown-value, repeated, too-long, too-many, bad-date, reversed, bad-text, no-effect
    parameter: str
    value: str = ""
    valid: tuple[str, ...] = ()


class FilterError(ValueError):
    """The address asks for something that does not exist; `problems` has at least one entry."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems."""
        super().__init__("; ".join(f"{p.code} {p.parameter}" for p in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What to show. An empty tuple means any. `first` and `last` are inclusive days; `lang` empty means not said.

    The last three are options of feeds; `own` is the code of the organisation whose events come first in the file.
    """

    convention: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    organiser: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    first_text: str = ""
    last_text: str = ""
    q: str = ""
    lang: str = ""
    tbc: bool = False
    keep_cancelled: bool = False
    own: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of the address, in the one canonical order."""
        result = [(name, value) for name in ANY_OF for value in getattr(self, name)]
        result += [
            (name, value)
            for name, value in (("from", self.first_text), ("to", self.last_text), ("q", self.q), ("lang", self.lang))
            if value
        ]
        options = (("tbc", "1" * self.tbc), ("cancelled", "keep" * self.keep_cancelled), ("own", self.own))
        return result + [(name, value) for name, value in options if value]

    def query(self, *also: tuple[str, str], **changes: object) -> str:
        """Return the canonical query string ("" or "?..."), with some fields changed, and what a page has `also`."""
        pairs = [*dataclasses.replace(self, **changes).pairs(), *also]  # type: ignore[arg-type]
        return "?" + urlencode(pairs) if pairs else ""

    def without(self, name: str, value: str = "") -> EventFilter:
        """Return the filter with one choice taken away, or with all of a parameter's if no value is given."""
        if name in ANY_OF:
            kept = tuple(v for v in getattr(self, name) if value and v != value)
            return dataclasses.replace(self, **{name: kept})  # type: ignore[arg-type]
        cleared: dict[str, dict[str, object]] = {
            "from": {"first": None, "first_text": ""},
            "to": {"last": None, "last_text": ""},
            "q": {"q": ""},
            "tbc": {"tbc": False},
            "cancelled": {"keep_cancelled": False},
            "own": {"own": ""},
        }
        return dataclasses.replace(self, **cleared[name])  # type: ignore[arg-type]

    def without_days(self) -> EventFilter:
        """Return the filter for any days, for pages that choose the days themselves."""
        return self.without("from").without("to")

    def without_options(self) -> EventFilter:
        """Return the filter as pages take it: they have no options of feeds."""
        return dataclasses.replace(self, tbc=False, keep_cancelled=False, own="")

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is filtered (the language does not filter)."""
        return not dataclasses.replace(self.without_options(), lang="").pairs()


def parse(
    parameters: Mapping[str, list[str]],
    reference: Reference,
    exists: Callable[[str, str], str | None],
    *,
    also: Iterable[str] = (),
    feed: bool = False,
    filtered: bool = True,
    lenient: bool | None = None,
    fixed: Mapping[str, str] | None = None,
) -> EventFilter:
    """Read a filter from an address's parameters (name -> all its values).

    `exists(parameter, value)` looks up a city or organiser that the reference lists do not have and returns its
    canonical form. `also` names parameters which the page itself reads. What is not `filtered` takes no more than
    those, the language and a feed's options. `lenient` lets tracking parameters pass: pages do, feeds do not, unless
    said otherwise. `fixed` are choices made by the path.
    Raises `FilterError` with all problems found.
    """
    reader = _Reader(reference, exists)
    lenient = not feed if lenient is None else lenient
    known = (*((*ANY_OF, *ONCE) if filtered else ("lang",)), *(FEED_OPTIONS if feed else ()))
    for name in parameters:
        if name not in known and name not in also and not (lenient and is_tracking(name)):
            reader.problem("unknown-parameter", name[:60], valid=(*known, *also))
    parameters = {name: values for name, values in parameters.items() if name in known}
    fixed = fixed or {}
    for name in fixed:
        if name in parameters:
            reader.problem("no-effect", name, fixed[name])
    result = reader.filter({**parameters, **{name: [value] for name, value in fixed.items()}}, feed=feed)
    if reader.problems:
        raise FilterError(reader.problems)
    return result


def restore(
    query: str, reference: Reference, exists: Callable[[str, str], str | None]
) -> tuple[EventFilter, list[str]]:
    """Return the filter of a canonical query that was saved, and the values in it that no longer exist.

    Those stay in the filter, where no event has them: what was chosen never becomes more by itself. `exists` is that
    of `parse`. Nothing is raised.
    """
    reader = _Reader(reference, exists, keep_unknown=True)
    result = reader.filter(parse_qs(query.removeprefix("?")), feed=True)
    return result, [problem.value for problem in reader.problems]


class _Reader:
    """Reads parameters and collects what is wrong with them; with `keep_unknown` unknown values are taken too."""

    def __init__(
        self, reference: Reference, exists: Callable[[str, str], str | None], *, keep_unknown: bool = False
    ) -> None:
        self.reference = reference
        self.exists = exists
        self.keep_unknown = keep_unknown
        self.problems: list[Problem] = []
        self.valid: dict[str, Iterable[str]] = {
            "convention": reference.processes,
            "body": reference.bodies,
            "kind": reference.kinds,
            "region": reference.regions,
            "country": country_codes(),
            "city": reference.cities,
            "format": tuple(Format),
            "organiser": reference.organisations,
            "status": tuple(Status),
        }

    def filter(self, parameters: Mapping[str, list[str]], *, feed: bool) -> EventFilter:
        """Read a whole filter, with the options of a feed if it is for one."""
        values: dict[str, object] = {name: self.any_of(name, parameters.get(name, [])) for name in ANY_OF}
        values["first"], values["first_text"] = self.day("from", parameters.get("from", []), last=False)
        values["last"], values["last_text"] = self.day("to", parameters.get("to", []), last=True)
        values["q"] = self.words(parameters.get("q", []))
        values["lang"] = self.one("lang", parameters.get("lang", []), LANGUAGES)
        if feed:
            values["tbc"] = bool(self.one("tbc", parameters.get("tbc", []), ("1",)))
            values["keep_cancelled"] = bool(self.one("cancelled", parameters.get("cancelled", []), ("keep",)))
            values["own"] = self.organisation("own", parameters.get("own", []))
        result = EventFilter(**values)  # type: ignore[arg-type]
        if result.first and result.last and result.first > result.last:
            self.problem("reversed", "to", result.last_text)
        return result

    def problem(self, code: str, parameter: str, value: str = "", valid: Iterable[str] = ()) -> None:
        """Note a problem; closest valid values first. What is quoted back is short and printable."""
        if len(self.problems) >= MAX_PROBLEMS:
            return
        shown = _CONTROL.sub(" ", value)[:80]
        listed = list(valid)
        close = difflib.get_close_matches(shown.casefold(), listed, n=3, cutoff=0.6)
        self.problems.append(
            Problem(code, _CONTROL.sub(" ", parameter), shown, (*close, *(v for v in listed if v not in close)))
        )

    def any_of(self, name: str, given: list[str]) -> tuple[str, ...]:
        """Read a parameter that may be repeated or comma-separated. Blank values count as not given."""
        wanted = list(dict.fromkeys(part.strip() for text in given for part in text.split(",") if part.strip()))
        if len(wanted) > MAX_VALUES:
            self.problem("too-many", name, str(len(wanted)), (str(MAX_VALUES),))
            return ()
        found = []
        for text in wanted:
            value = self._canonical(name, text)
            if value is None:
                self.problem("unknown-value", name, text, self.valid.get(name, ()))
                value = text if self.keep_unknown else None
            if value is not None and value not in found:
                found.append(value)
        return tuple(found)

    def _canonical(self, name: str, text: str) -> str | None:
        if name == "country":
            return text.upper() if text.isascii() and is_country(text.upper()) else None
        listed = next((v for v in self.valid[name] if v.casefold() == text.casefold()), None)
        if listed is None and name in {"city", "organiser"} and len(text) <= MAX_TEXT and not _CONTROL.search(text):
            return self.exists(name, text.casefold())
        return listed

    def single(self, name: str, given: list[str]) -> str:
        """Return the only value of a parameter that occurs once, "" if it is not given."""
        if len(given) > 1:
            self.problem("repeated", name)
            return ""
        return given[0].strip() if given else ""

    def one(self, name: str, given: list[str], valid: tuple[str, ...]) -> str:
        """Read a parameter that occurs once and has a fixed set of values."""
        text = self.single(name, given)
        if text and text not in valid:
            self.problem("unknown-value", name, text, valid)
            return ""
        return text

    def organisation(self, name: str, given: list[str]) -> str:
        """Read a parameter that occurs once and names one of those who hold events."""
        text = self.single(name, given)
        value = self._canonical("organiser", text) if text else ""
        if value is None:
            self.problem("unknown-value", name, text, self.valid["organiser"])
        return value or ""

    def words(self, given: list[str]) -> str:
        """Read the search words."""
        text = self.single("q", given)
        if len(text) > MAX_TEXT:
            self.problem("too-long", "q", valid=(str(MAX_TEXT),))
            return ""
        if _CONTROL.search(text) or (text and not search_patterns(text)):
            self.problem("bad-text", "q", text)
            return ""
        return text

    def day(self, name: str, given: list[str], *, last: bool) -> tuple[date | None, str]:
        """Read an ISO date or month; a month means its first or last day."""
        text = self.single(name, given)
        if not text:
            return None, ""
        try:
            if part := _MONTH.fullmatch(text):
                span = dates.month(int(part[1]), int(part[2]))
                value = span.last if last else span.start
            elif _DAY.fullmatch(text):
                value = date.fromisoformat(text)
            else:
                value = None
        except (ValueError, OverflowError):
            value = None
        if value is None or not dates.EARLIEST <= value < dates.LATEST:
            self.problem("bad-date", name, text)
            return None, ""
        return value, text
