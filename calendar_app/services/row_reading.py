"""Reading a row of a sheet into the values of an event record, and saying what is wrong with it.

Columns that a sheet does not have leave the record as it is; an empty cell of a column that it has clears the value.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from calendar_app.planning import vocabulary as words
from calendar_app.planning.dates import EARLIEST, LATEST
from calendar_app.services import cell_words
from calendar_app.services.columns import LINE_COLUMNS, LONG_COLUMNS, URL_COLUMNS, parts_of
from calendar_app.services.countries import is_country
from calendar_app.services.records import LANGUAGES, BodyMeeting, EventRecord, Option, Organiser, ServiceGiven
from calendar_app.services.row_cells import (
    ADDRESS,
    MAX_ID,
    MAX_LONG,
    MAX_TITLE,
    MAX_URL,
    RowCells,
    RowRead,
    event_id_of,
)
from calendar_app.services.row_dates import read_dates, read_times
from calendar_app.services.row_sources import read_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from enum import StrEnum

    from calendar_app.services.reference import Reference

_SPLITTING = re.compile(r"[;()]")
_DIVIDING = re.compile(r"\s*(?:[,/&+\n،、]|\band\b|\bet\b)\s*")
_OTHER = re.compile(r"other\s*\((?P<names>.*)\)", re.IGNORECASE | re.DOTALL)


def list_of(cell: str) -> list[str]:
    """Split a cell at semicolons; those inside brackets do not split."""
    # Once through the cell: a semicolon is inside if the next bracket closes.
    ends: list[int] = []
    waiting: list[int] = []
    for found in _SPLITTING.finditer(cell):
        if found[0] == ";":
            waiting.append(found.start())
            continue
        if found[0] == "(":
            ends += waiting
        waiting = []
    starts = [0, *(end + 1 for end in (*ends, *waiting))]
    parts = (cell[start:end].strip() for start, end in zip(starts, [*ends, *waiting, len(cell)], strict=True))
    return [part for part in parts if part]


def read_row(cells: Mapping[str, str], base: EventRecord, reference: Reference, zone: str = "") -> RowRead:
    """Read the cells of one row over `base`, the record as it is (or a new one); hours of no zone are in `zone`."""
    return _RowReader(cells, base, reference, zone).read()


class _RowReader(RowCells):
    """Reads one row, column by column."""

    def read(self) -> RowRead:
        self._texts()
        self._lists()
        self._words()
        self._place()
        read_dates(self)
        read_times(self)
        read_sources(self)
        self._numbers()
        self._relations()
        self._internal()
        self._bookkeeping()
        return self.row

    def _texts(self) -> None:
        self.row.values["titles"] = self._by_language("title", self.base.titles, MAX_TITLE)
        self.row.values["descriptions"] = self._by_language("description", self.base.descriptions, MAX_LONG)
        if not self.row.values["titles"]:
            self.wrong("%(column)s is empty; an event needs a title.", column="title")
        self.row.values |= {name: " ".join(self.cell(name).split()) for name in LINE_COLUMNS if self.has(name)}
        self.row.values |= {name: self.cell(name, MAX_LONG) for name in LONG_COLUMNS if self.has(name)}
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
        text = self.cell(name, MAX_URL)
        if text and not ADDRESS.fullmatch(text):
            self.wrong(
                "%(column)s is '%(text)s', but must be an address that begins with https:// or http://.",
                name,
                text[:60],
            )
            return ""
        return text

    def _listed(self, name: str, sort: str, target: str | None = None) -> None:
        if not self.has(name):
            return
        found: list[str] = []
        for text in list_of(self.cells[name]):
            codes = self._codes(sort, text)
            if not codes:
                self.wrong("%(column)s names '%(text)s', which is not in the list.", name, text[:60])
            found += [code for code in codes if code not in found]
        self.row.values[target or name] = tuple(found)

    def _codes(self, sort: str, text: str) -> list[str]:
        """Return the code that a text names, or those of its parts where people divide them otherwise; else none."""
        if code := self.reference.find(sort, text):
            return [code]
        parts = (name for part in _DIVIDING.split(text) for name in cell_words.members(sort, part))
        codes = [self.reference.find(sort, part) for part in parts]
        return [code for code in codes if code] if len(codes) > 1 and all(codes) else []

    def _lists(self) -> None:
        self._listed("conventions", "process", "processes")
        self._listed("regions", "region")
        self._bodies()
        self._organisers()
        for name in ("decisions", "key_persons"):
            if self.has(name):
                self.row.values[name] = tuple(list_of(self.cells[name]))
        if self.has("languages"):
            codes = [code.lower() for code in list_of(self.cells["languages"])]
            for code in codes:
                if not re.fullmatch(r"[a-z]{2,3}", code):
                    self.wrong(
                        "%(column)s names '%(text)s'; write language codes such as en; fr; ar.", "languages", code[:20]
                    )
            self.row.values["languages"] = tuple(codes)
        if self.has("audiences"):
            codes = list_of(self.cells["audiences"])
            for code in codes:
                if code not in self.reference.audiences:
                    self.wrong("%(column)s names '%(text)s', which is not in the list.", "audiences", code[:60])
            self.row.values["audiences"] = tuple(codes)

    def _aligned(self, name: str, count: int) -> list[str]:
        """Return the entries of a cell that belong, one to one, to the entries of another."""
        entries = [part.strip() for part in self.cells.get(name, "").split(";")]
        if entries == [""]:
            return [""] * count
        if len(entries) != count:
            self.wrong(
                "%(column)s has %(count)d entries, but there are %(wanted)d to match.",
                column=name,
                count=len(entries),
                wanted=count,
            )
            return [""] * count
        return entries

    def _together(self, name: str, partner: str) -> bool:
        """Tell whether the sheet has `name`; `partner`, which belongs to it entry by entry, says nothing alone."""
        if self.has(partner) and not self.has(name):
            self.wrong(
                "%(column)s belongs to the entries of %(other)s, and the sheet has no column %(other)s; give both.",
                column=partner,
                other=name,
            )
        return self.has(name)

    def _bodies(self) -> None:
        if not self._together("body", "body_numbers"):
            return
        named = list_of(self.cells["body"])
        stored = [] if self.has("body_numbers") else list(self.base.bodies)
        bodies = []
        for text, number in zip(named, self._aligned("body_numbers", len(named)), strict=True):
            code = self.reference.find("body", text)
            if code is None:
                self.wrong(
                    "%(column)s names '%(text)s', which is not in the list of bodies (such as BC-COP or SC-POPRC).",
                    "body",
                    text[:60],
                )
            elif number and not (number.isascii() and number.isdigit() and len(number) <= 4):  # noqa: PLR2004
                self.wrong(
                    "%(column)s has '%(text)s'; the number of a meeting is a whole number.", "body_numbers", number[:20]
                )
            else:
                body = next((b for b in stored if b.code == code), None)
                if body:
                    stored.remove(body)
                bodies.append(body or BodyMeeting(code, int(number) if number else None))
        self.row.values["bodies"] = tuple(bodies)

    def _organisers(self) -> None:
        if not self._together("organiser", "organiser_roles"):
            return
        names: list[str] = []
        for text in list_of(self.cells["organiser"]):
            other = _OTHER.fullmatch(text)
            names += [part.strip() for part in other["names"].split(";")] if other else [text]
        found = [self._organiser(name) for name in names]
        roles = self._aligned("organiser_roles", len(names))
        if not self.has("organiser_roles"):
            stored = {organiser.slug: organiser.role for organiser in self.base.organisers}
            roles = [stored.get(organiser.slug, "") for organiser in found]
        lead = not any(roles)
        organisers = []
        for position, (organiser, role) in enumerate(zip(found, roles, strict=True)):
            first = position == 0 and (lead or self.has("organiser_roles"))
            word = role or (words.OrganiserRole.LEAD if first else words.OrganiserRole.CO_ORGANISER)
            if word not in tuple(words.OrganiserRole):
                self._not_valid("organiser_roles", role, words.OrganiserRole)
            else:
                organisers.append(Organiser(organiser.name, organiser.code, str(word)))
        self.row.values["organisers"] = tuple(organisers)

    def _organiser(self, name: str) -> Organiser:
        code = self.reference.find("organisation", name) or ""
        return Organiser(self.reference.organisations[code].short_name if code else name[:200], code)

    def _word(self, name: str, word: type[StrEnum], target: str | None = None, *, default: str = "") -> None:
        if not self.has(name):
            return
        text = cell_words.meant(name, self.cells[name]) or default
        if text and text not in tuple(word):
            self._not_valid(name, self.cells[name], word)
        else:
            self.row.values[target or name] = word(text) if text else ""

    def _not_valid(self, name: str, text: str, valid: Iterable[str]) -> None:
        self.wrong("%(column)s is '%(text)s'; valid are %(valid)s.", name, text[:40], valid=list(map(str, valid)))

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
                self._not_valid("kind", self.cells["kind"], self.reference.kinds)
            else:
                self.row.values["kind"] = slug
        if self.cells.get("steward"):
            code = self.reference.find("organisation", self.cells["steward"])
            if code is None or not self.reference.organisations[code].member:
                self.wrong(
                    "%(column)s is '%(text)s', which is not a member of the exchange.",
                    "steward",
                    self.cells["steward"][:40],
                )
            else:
                self.row.values["steward"] = code

    def _place(self) -> None:
        if self.has("city"):
            text = self.cell("city", MAX_ID)
            slug = self.reference.find("city", text)
            self.row.values["city"] = self.reference.cities[slug].name if slug else text
            if slug and not self.cells.get("country"):
                self.row.values["country"] = self.reference.cities[slug].country
        if self.cells.get("country") or (self.has("country") and not self.row.values.get("country")):
            text = self.cells["country"]
            code = text.upper() if is_country(text.upper()) else self.reference.find("country", text)
            if text and code is None:
                self.wrong(
                    "%(column)s is '%(text)s'; write the two letters of ISO 3166, such as CH, or the country's name.",
                    "country",
                    text[:40],
                )
            else:
                self.row.values["country"] = code or ""
        for name, most in (("latitude", 90), ("longitude", 180)):
            if self.has(name):
                self.row.values[name] = self._decimal(name, most)
        position = [self.row.values.get(name, getattr(self.base, name)) for name in ("latitude", "longitude")]
        if position.count(None) == 1 and self.has("latitude", "longitude"):
            self.wrong("latitude and longitude belong together; give both or none.")

    def _decimal(self, name: str, most: int) -> float | None:
        text = self.cells[name]
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,20})?", text) or abs(float(text)) > most:
            self.wrong(
                "%(column)s is '%(text)s', but must be a number of degrees from -%(most)d to %(most)d.",
                name,
                text[:20],
                most=most,
            )
            return None
        return round(float(text), 8)  # a millimetre

    def _numbers(self) -> None:
        if self.has("expected_participants"):
            self.row.values["expected_participants"] = self.whole_number("expected_participants")

    def _bookkeeping(self) -> None:
        """Read what an export brings along so that subscribers of another installation notice no difference."""
        kept = self.row.bookkeeping
        kept["sequence"] = self.whole_number("sequence") or 0
        kept |= {name: self.moment(name) for name in ("created_at", "last_modified", "status_since", "hidden_since")}
        start, end = self.day("last_public_start"), self.day("last_public_end")
        if bool(start) != bool(end) or (start and end and start >= end):
            self.wrong("last_public_start and last_public_end, the day after the last, belong together, in this order.")
        kept |= {"last_public_start": start, "last_public_end": end}
        text = self.cells.get("merged_into", "")
        kept["merged_into"] = event_id_of(text)
        if text and kept["merged_into"] is None:
            self.wrong("%(column)s is '%(text)s', but must be the id of an event.", "merged_into", text[:40])

    def _relations(self) -> None:
        if self.has("part_of"):
            self.row.part_of = self.cells["part_of"]
        if self.has("links"):
            self.row.links = []
            for entry in list_of(self.cells["links"]):
                kind, _, other = entry.partition(" ")
                if kind not in tuple(words.LinkKind) or not other.strip():
                    self.wrong(
                        "%(column)s has '%(text)s'; write for example 'back-to-back p-crc-20'.", "links", entry[:60]
                    )
                else:
                    self.row.links.append((words.LinkKind(kind), other.strip()))

    def _internal(self) -> None:
        if self.has("publish_on"):
            self.row.values["publish_on"] = self.day("publish_on")
        if self.has("last_confirmed_at"):
            self.row.values["last_confirmed_at"] = self.moment("last_confirmed_at")
        if self.has("services"):
            self.row.values["services"] = self._lines("services", self._service)
        if self.has("options"):
            self.row.values["options"] = self._lines("options", self._option)

    def _lines(self, name: str, make: Callable[[list[str]], Any]) -> tuple[Any, ...]:
        made = []
        for line in self.cells[name].split("\n"):
            if not line.strip():
                continue
            try:
                made.append(make(parts_of(line)))
            except (ValueError, IndexError):
                self.wrong("%(column)s has a line that cannot be read: '%(text)s'.", name, line[:60])
        return tuple(made)

    def _service(self, parts: list[str]) -> ServiceGiven:
        provider, kind, people, first, last, state, note = parts
        if provider not in self.reference.organisations:
            raise ValueError(provider)
        return ServiceGiven(
            provider,
            str(words.ServiceKind(kind)),
            self._people(people),
            self._sane_day(first) if first else None,
            self._sane_day(last) if last else None,
            str(words.ServiceState(state)),
            note,
        )

    def _option(self, parts: list[str]) -> Option:
        first, last, city, state, held, note = parts
        if len(city) > MAX_ID or self._sane_day(last) < self._sane_day(first):
            raise ValueError(city)
        return Option(
            self._sane_day(first),
            self._sane_day(last),
            city,
            str(words.OptionState(state)),
            self._sane_day(held) if held else None,
            note,
        )

    @staticmethod
    def _sane_day(text: str) -> date:
        value = date.fromisoformat(text)
        if not EARLIEST <= value < LATEST:
            raise ValueError(text)
        return value

    @staticmethod
    def _people(text: str) -> int | None:
        if text and not re.fullmatch(r"[0-9]{1,7}", text):
            raise ValueError(text)
        return int(text) if text else None
