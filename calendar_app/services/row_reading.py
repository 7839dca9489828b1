"""Reading a row of a sheet into the values of an event record, and saying what is wrong with it.

Columns that a sheet does not have leave the record as it is; an empty cell of a column that it has clears the value.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from calendar_app.planning import vocabulary as words
from calendar_app.planning.dates import EARLIEST, LATEST, Precision, Span, problem_of_precision
from calendar_app.services.columns import LINE_COLUMNS, LONG_COLUMNS, SOURCE_COLUMNS, URL_COLUMNS, parts_of
from calendar_app.services.records import (
    LANGUAGES,
    BodyMeeting,
    EventRecord,
    Option,
    Organiser,
    ServiceGiven,
    SourceNote,
)
from calendar_app.services.reference import is_country
from calendar_app.services.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

    from calendar_app.services.reference import Reference

_MAX_LONG, _MAX_LINE, _MAX_TITLE, _MAX_URL, _MAX_ID = 20_000, 300, 500, 1000, 120
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_OUTSIDE = re.compile(r";(?![^()]*\))")
_OTHER = re.compile(r"other\s*\((?P<names>.*)\)", re.IGNORECASE | re.DOTALL)
_SYNONYMS = {"range text": "words", "virtual": "online", "in person": "in-person", "face to face": "in-person"}
MAX_PROBLEMS = 20


def _lines_of(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@cache
def _zones() -> set[str]:
    return available_timezones()


@dataclass(slots=True)
class RowRead:
    """What a row says: field values, references still to be looked up, and sentences about what is wrong."""

    values: dict[str, Any] = field(default_factory=dict)
    part_of: str | None = None
    links: list[tuple[words.LinkKind, str]] | None = None
    bookkeeping: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def list_of(cell: str) -> list[str]:
    """Split a cell at semicolons; those inside brackets do not split."""
    return [part.strip() for part in _OUTSIDE.split(cell) if part.strip()]


def read_row(cells: Mapping[str, str], base: EventRecord, reference: Reference) -> RowRead:
    """Read the cells of one row over `base`, the record as it is (or a new one)."""
    return _RowReader(cells, base, reference).read()


class _RowReader:
    """Reads one row; every method notes what is wrong and goes on, so that all of it is reported at once."""

    def __init__(self, cells: Mapping[str, str], base: EventRecord, reference: Reference) -> None:
        # Lines of the source columns belong together by their number, so a blank first line must stay.
        self.cells = {
            name: "\n".join(clean(line) for line in _lines_of(text)) if name in SOURCE_COLUMNS else clean(text)
            for name, text in cells.items()
        }
        self.base = base
        self.reference = reference
        self.row = RowRead()

    def read(self) -> RowRead:
        self._texts()
        self._lists()
        self._words()
        self._place()
        self._dates()
        self._times()
        self._sources()
        self._numbers()
        self._relations()
        self._internal()
        self._bookkeeping()
        return self.row

    def wrong(self, sentence: str) -> None:
        if len(self.row.problems) < MAX_PROBLEMS:
            self.row.problems.append(sentence)

    def has(self, *names: str) -> bool:
        return any(name in self.cells for name in names)

    def cell(self, name: str, most: int = _MAX_LINE) -> str:
        text = self.cells.get(name, "")
        if len(text) > most:
            self.wrong(f"{name} has {len(text)} characters; at most {most} are possible.")
            return text[:most]
        return text

    def _texts(self) -> None:
        self.row.values["titles"] = self._by_language("title", self.base.titles, _MAX_TITLE)
        self.row.values["descriptions"] = self._by_language("description", self.base.descriptions, _MAX_LONG)
        if not self.row.values["titles"]:
            self.wrong("title is empty; an event needs a title.")
        self.row.values |= {name: " ".join(self.cell(name).split()) for name in LINE_COLUMNS if self.has(name)}
        self.row.values |= {name: self.cell(name, _MAX_LONG) for name in LONG_COLUMNS if self.has(name)}
        self.row.values |= {name: self._url(name) for name in URL_COLUMNS if self.has(name)}

    def _by_language(self, column: str, old: dict[str, str], most: int) -> dict[str, str]:
        texts = dict(old)
        for code in LANGUAGES:
            name = column if code == "en" else f"{column}_{code}"
            if self.has(name):
                text = self.cell(name, most)
                texts[code] = text if column == "description" else " ".join(text.split())
        return {code: texts[code] for code in LANGUAGES if texts.get(code)}

    def _url(self, name: str) -> str:
        text = self.cell(name, _MAX_URL)
        if text and not re.fullmatch(r"https?://[^\s<>\"]+", text):
            self.wrong(f"{name} is '{text[:60]}', but must be an address that begins with https:// or http://.")
            return ""
        return text

    def _listed(self, name: str, sort: str, what: str, target: str | None = None) -> None:
        if not self.has(name):
            return
        found = []
        for text in list_of(self.cells[name]):
            code = self.reference.find(sort, text)
            if code is None:
                self.wrong(f"{name} names '{text[:60]}', which is not in the list of {what}.")
            elif code not in found:
                found.append(code)
        self.row.values[target or name] = tuple(found)

    def _lists(self) -> None:
        self._listed("conventions", "process", "conventions and processes", "processes")
        self._listed("regions", "region", "regions")
        self._bodies()
        self._organisers()
        for name in ("decisions", "key_persons"):
            if self.has(name):
                self.row.values[name] = tuple(list_of(self.cells[name]))
        if self.has("languages"):
            codes = [code.lower() for code in list_of(self.cells["languages"])]
            for code in codes:
                if not re.fullmatch(r"[a-z]{2,3}", code):
                    self.wrong(f"languages names '{code[:20]}'; write language codes such as en; fr; ar.")
            self.row.values["languages"] = tuple(codes)
        if self.has("audiences"):
            codes = list_of(self.cells["audiences"])
            for code in codes:
                if code not in self.reference.audiences:
                    self.wrong(f"audiences names '{code[:60]}', which is not in the list of audiences.")
            self.row.values["audiences"] = tuple(codes)

    def _aligned(self, name: str, count: int) -> list[str]:
        """Return the entries of a cell that belong, one to one, to the entries of another."""
        entries = [part.strip() for part in self.cells.get(name, "").split(";")]
        if entries == [""]:
            return [""] * count
        if len(entries) != count:
            self.wrong(f"{name} has {len(entries)} entries, but there are {count} to match.")
            return [""] * count
        return entries

    def _bodies(self) -> None:
        if not self.has("body"):
            return
        named = list_of(self.cells["body"])
        bodies = []
        for text, number in zip(named, self._aligned("body_numbers", len(named)), strict=True):
            code = self.reference.find("body", text)
            if code is None:
                self.wrong(
                    f"body names '{text[:60]}', which is not in the list of bodies (such as BC-COP or SC-POPRC)."
                )
            elif number and not (number.isascii() and number.isdigit() and len(number) <= 4):  # noqa: PLR2004
                self.wrong(f"body_numbers has '{number[:20]}'; the number of a meeting is a whole number.")
            else:
                bodies.append(BodyMeeting(code, int(number) if number else None))
        self.row.values["bodies"] = tuple(bodies)

    def _organisers(self) -> None:
        if not self.has("organiser"):
            return
        names: list[str] = []
        for text in list_of(self.cells["organiser"]):
            other = _OTHER.fullmatch(text)
            names += [part.strip() for part in other["names"].split(";")] if other else [text]
        roles = self._aligned("organiser_roles", len(names))
        organisers = []
        for position, (name, role) in enumerate(zip(names, roles, strict=True)):
            code = self.reference.find("organisation", name) or ""
            role_word = role or (words.OrganiserRole.LEAD if position == 0 else words.OrganiserRole.CO_ORGANISER)
            if role_word not in tuple(words.OrganiserRole):
                self.wrong(f"organiser_roles has '{role[:30]}'; valid are {_list_words(words.OrganiserRole)}.")
                continue
            shown = self.reference.organisations[code].short_name if code else name[:200]
            organisers.append(Organiser(shown, code, str(role_word)))
        self.row.values["organisers"] = tuple(organisers)

    def _word(self, name: str, word: type[StrEnum], target: str | None = None, *, default: str = "") -> None:
        if not self.has(name):
            return
        text = self.cells[name].casefold()
        text = _SYNONYMS.get(fold(text), text.replace(" ", "-")) or default
        if text and text not in tuple(word):
            self.wrong(f"{name} is '{self.cells[name][:40]}'; valid are {_list_words(word)}.")
        else:
            self.row.values[target or name] = word(text) if text else ""

    def _words(self) -> None:
        self._word("status", words.Status, default=words.Status.CONFIRMED)
        self._word("format", words.Format, default=words.Format.UNKNOWN)
        self._word("visibility", words.Visibility, default=words.Visibility.PUBLIC)
        self._word("stage", words.Stage, default=words.Stage.PUBLISHED)
        self._word("access", words.Access)
        self._word("part_role", words.PartRole)
        for name in ("access", "part_role"):
            if name in self.row.values:
                self.row.values[name] = str(self.row.values[name])
        if self.has("kind"):
            slug = self.reference.find("kind", self.cells["kind"]) if self.cells["kind"] else "other"
            if slug is None:
                valid = ", ".join(self.reference.kinds)
                self.wrong(f"kind is '{self.cells['kind'][:40]}'; valid are {valid}.")
            else:
                self.row.values["kind"] = slug
        if self.cells.get("steward"):
            code = self.reference.find("organisation", self.cells["steward"])
            if code is None or not self.reference.organisations[code].member:
                self.wrong(f"steward is '{self.cells['steward'][:40]}', which is not a member of the exchange.")
            else:
                self.row.values["steward"] = code

    def _place(self) -> None:
        if self.has("city"):
            text = self.cell("city", 120)
            slug = self.reference.find("city", text)
            self.row.values["city"] = self.reference.cities[slug].name if slug else text
            if slug and not self.cells.get("country"):
                self.row.values["country"] = self.reference.cities[slug].country
        if self.cells.get("country") or (self.has("country") and not self.row.values.get("country")):
            text = self.cells["country"]
            code = text.upper() if is_country(text.upper()) else self.reference.find("country", text)
            if text and code is None:
                self.wrong(
                    f"country is '{text[:40]}'; write the two letters of ISO 3166, such as CH, or the country's name."
                )
            else:
                self.row.values["country"] = code or ""
        for name, most in (("latitude", 90), ("longitude", 180)):
            if self.has(name):
                self.row.values[name] = self._decimal(name, most)

    def _decimal(self, name: str, most: int) -> float | None:
        text = self.cells[name]
        if not text:
            return None
        if not re.fullmatch(r"-?\d{1,3}(\.\d{1,8})?", text) or abs(float(text)) > most:
            self.wrong(f"{name} is '{text[:20]}', but must be a number of degrees from -{most} to {most}.")
            return None
        return float(text)

    def day(self, name: str, text: str) -> date | None:
        """Read an ISO date; a date with a time at midnight, as spreadsheets give, is one too."""
        if not text:
            return None
        try:
            value = date.fromisoformat(re.sub(r"[ T]00:00(:00)?$", "", text))
        except ValueError:
            value = None
        if value is None or not EARLIEST <= value < LATEST:
            self.wrong(f"{name} is '{text[:40]}'; write dates as 2027-04-19.")
            return None
        return value

    def _dates(self) -> None:
        if not self.has("start", "end", "date_precision"):
            return
        first = self.day("start", self.cells.get("start", ""))
        last = self.day("end", self.cells.get("end", "")) or first
        text = fold(self.cells.get("date_precision", ""))
        precision_text = _SYNONYMS.get(text, text) or (Precision.DAY if first else Precision.WORDS)
        if precision_text not in tuple(Precision):
            self.wrong(f"date_precision is '{self.cells['date_precision'][:40]}'; valid are {_list_words(Precision)}.")
            return
        precision = Precision(precision_text)
        self.row.values["precision"] = precision
        if first is None:
            self.row.values["span"] = None
            if not self.cells.get("start") and precision is not Precision.WORDS:
                self.wrong(f"start is empty, so date_precision cannot be {precision}.")
            if not self.cells.get("date_text", self.base.date_text):
                self.wrong("there is neither a start nor a date_text; say at least in words when it is.")
            return
        if last is None or last < first:
            self.wrong(f"end {last} is before start {first}.")
            return
        span = Span.inclusive(first, last)
        if problem := problem_of_precision(span, precision):
            self.wrong(f"start {first} and end {last} do not fit date_precision {precision}: {problem}.")
        self.row.values["span"] = span

    def _times(self) -> None:
        for name in ("start_time", "end_time"):
            if self.has(name):
                text = re.sub(r":00$", "", self.cells[name]) if self.cells[name].count(":") == 2 else self.cells[name]  # noqa: PLR2004
                text = text.zfill(5) if text else ""
                if text and not _TIME.fullmatch(text):
                    self.wrong(f"{name} is '{text[:20]}'; write times as 09:30.")
                    text = ""
                self.row.values[name] = text
        if self.has("timezone"):
            self.row.values["timezone"] = self._zone(self.cells["timezone"])
        merged = {
            **{n: getattr(self.base, n) for n in ("start_time", "end_time", "timezone", "city")},
            **self.row.values,
        }
        if merged["end_time"] and not merged["start_time"]:
            self.wrong("there is an end_time but no start_time.")
        if merged["start_time"] and not merged["timezone"]:
            city = self.reference.cities.get(self.reference.city_slug(merged["city"])) if merged["city"] else None
            if city is None:
                self.wrong("start_time needs a timezone, such as Europe/Zurich.")
            else:
                self.row.values["timezone"] = city.timezone

    def _zone(self, text: str) -> str:
        if text and text not in _zones():
            self.wrong(f"timezone is '{text[:40]}'; write a name of the IANA list, such as Europe/Zurich.")
            return ""
        return text

    def _sources(self) -> None:
        present = [name for name in SOURCE_COLUMNS if name in self.cells]
        if not present:
            return
        if "source_ids" not in self.cells:
            # A sheet of somebody else's: one source, whatever line breaks its cells have.
            lines = {name: [" ".join(self.cells[name].split())] for name in present}
        else:
            lines = {name: [part.strip() for part in self.cells[name].split("\n")] for name in present}
        count = max(len(entries) for entries in lines.values())
        for name, entries in lines.items():
            if entries == [""]:
                lines[name] = [""] * count
            elif len(entries) < count:
                # Blank lines at the end are lost by spreadsheets.
                lines[name] = entries + [""] * (count - len(entries))
        sources = [SourceNote(**{SOURCE_COLUMNS[name]: lines[name][i] for name in present}) for i in range(count)]
        for source in sources:
            shorts = max(len(source.dates), len(source.conflicts))
            if len(source.source_id) > _MAX_ID or shorts > _MAX_LINE or len(source.url) > _MAX_URL:
                self.wrong(
                    f"a source is too long: source_ids may have {_MAX_ID} characters, source_dates {_MAX_LINE},"
                    f" source_url {_MAX_URL}."
                )
        self.row.values["sources"] = tuple(s for s in sources if s != SourceNote())

    def _numbers(self) -> None:
        if self.has("expected_participants"):
            self.row.values["expected_participants"] = self._whole_number("expected_participants")

    def _whole_number(self, name: str) -> int | None:
        text = self.cells.get(name, "")
        if text and not re.fullmatch(r"[0-9]{1,7}", text):
            self.wrong(f"{name} is '{text[:20]}', but must be a whole number.")
            return None
        return int(text) if text else None

    def _bookkeeping(self) -> None:
        """Read what an export brings along so that subscribers of another installation notice no difference."""
        kept = self.row.bookkeeping
        kept["sequence"] = self._whole_number("sequence") or 0
        kept |= {name: self.moment(name) for name in ("created_at", "last_modified", "status_since")}
        text = self.cells.get("merged_into", "")
        try:
            kept["merged_into"] = uuid.UUID(text) if text else None
        except ValueError:
            self.wrong(f"merged_into is '{text[:40]}', but must be the id of an event.")

    def _relations(self) -> None:
        if self.has("part_of"):
            self.row.part_of = self.cells["part_of"]
        if self.has("links"):
            self.row.links = []
            for entry in list_of(self.cells["links"]):
                kind, _, other = entry.partition(" ")
                if kind not in tuple(words.LinkKind) or not other.strip():
                    self.wrong(f"links has '{entry[:60]}'; write for example 'back-to-back p-crc-20'.")
                else:
                    self.row.links.append((words.LinkKind(kind), other.strip()))

    def _internal(self) -> None:
        if self.has("publish_on"):
            self.row.values["publish_on"] = self.day("publish_on", self.cells["publish_on"])
        if self.has("last_confirmed_at"):
            self.row.values["last_confirmed_at"] = self.moment("last_confirmed_at")
        if self.has("services"):
            self.row.values["services"] = self._lines("services", self._service)
        if self.has("options"):
            self.row.values["options"] = self._lines("options", self._option)

    def moment(self, name: str) -> datetime | None:
        """Read an aware moment in ISO 8601."""
        text = self.cells.get(name, "")
        if not text:
            return None
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            value = None
        if value is None or value.tzinfo is None:
            self.wrong(f"{name} is '{text[:40]}'; write moments as 2026-11-20T09:30:00+00:00.")
            return None
        return value.astimezone(UTC)

    def _lines(self, name: str, make: Callable[[list[str]], Any]) -> tuple[Any, ...]:
        made = []
        for line in self.cells[name].split("\n"):
            if not line.strip():
                continue
            try:
                made.append(make(parts_of(line)))
            except (ValueError, IndexError):
                self.wrong(f"{name} has a line that cannot be read: '{line[:60]}'.")
        return tuple(made)

    def _service(self, parts: list[str]) -> ServiceGiven:
        provider, kind, people, first, last, state, note = parts
        if provider not in self.reference.organisations:
            raise ValueError(provider)
        return ServiceGiven(
            provider,
            str(words.ServiceKind(kind)),
            int(people) if people else None,
            date.fromisoformat(first) if first else None,
            date.fromisoformat(last) if last else None,
            str(words.ServiceState(state)),
            note,
        )

    def _option(self, parts: list[str]) -> Option:
        first, last, city, state, held, note = parts
        return Option(
            date.fromisoformat(first),
            date.fromisoformat(last),
            city,
            str(words.OptionState(state)),
            date.fromisoformat(held) if held else None,
            note,
        )


def _list_words(word: type[StrEnum]) -> str:
    return ", ".join(word)
