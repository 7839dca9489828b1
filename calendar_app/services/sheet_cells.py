"""The cells of somebody's row, written as the columns of the calendar want them: dates, places, titles, words.

What is read in another way than it stands there is noted; what cannot be known is a problem, never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services import cell_words, joining, written_times
from calendar_app.services.column_guess import PLACE
from calendar_app.services.countries import is_country
from calendar_app.services.joining import WEB
from calendar_app.services.letters import language_of
from calendar_app.services.records import LANGUAGES
from calendar_app.services.row_cells import event_id_of
from calendar_app.services.sentences import in_english, marked
from calendar_app.services.text import clean, fold
from calendar_app.services.written_dates import Order, Trouble, UnreadableDateError, WrittenDate, read, read_both
from calendar_app.services.written_status import status_before, without_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calendar_app.services.reference import Reference

_ISO = re.compile(r"(\d{4}-\d{2}-\d{2}([ T]00:00(:00)?)?)?")
_SAYS_NOTHING = frozenset(
    {"", "tbc", "tbd", "tba", "n a", "na", "to be confirmed", "to be determined", "to be announced", "a confirmer"}
    | {"待定"}
)
_WORDS = ("format", "kind", "country", "organiser", "conventions", "body", "regions", "expected_participants")
_HYBRID = cell_words.words_for("format", "hybrid")
_ALIKE, _APART = 80, 8
_WHY = {
    Trouble.YEAR_MISSING: marked("the year is missing."),
    Trouble.SHORT_YEAR: marked("write the year with four digits."),
    Trouble.EITHER_ORDER: marked(
        "it may be two days, and no other row tells whether the day or the month comes first; choose it, or write dates"
        " as 2027-04-19."
    ),
    Trouble.NO_SUCH_DAY: marked("there is no such day."),
    Trouble.BACKWARD: marked("the end is before the start."),
    Trouble.SEVERAL: marked("it names more than one time; give each a row of its own."),
    Trouble.OUT_OF_RANGE: marked("a calendar of meetings has no such year."),
    Trouble.UNREADABLE: marked(
        "it cannot be read as a date; write for example 19-30 April 2027, second quarter of 2027 or TBC, hours in"
        " columns of their own."
    ),
}


@dataclass(slots=True)
class Cells:
    """A row by column, with notes on what was read otherwise than it stands there, and what is wrong with it."""

    cells: dict[str, str]
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def written_anew(given: Mapping[str, str], order: Order | None, reference: Reference) -> Cells:
    """Return a row in the words of the calendar's columns; `order` is that of dates in numbers."""
    row = Cells(dict(given))
    _status(row)
    _hours(row)
    _dates(row, order)
    _titles(row)
    if PLACE in row.cells or ("city" in row.cells and "format" not in row.cells):
        _place(row, reference)
    _words(row)
    return row


def _status(row: Cells) -> None:
    """Take a status that stands before the title, or instead of the days, for what it is, if no other one is given."""
    cells = row.cells
    if clean(cells.get("status", "")):
        return
    titles = {name: clean(text) for name, text in cells.items() if name.startswith("title")}
    before = next(filter(None, map(status_before, titles.values())), None)
    said = cell_words.meant("status", clean(cells.get("start", "")))
    is_said = said in {Status.CANCELLED, Status.POSTPONED}
    if before and not _is_of_ours(row):
        cells |= {name: without_status(text) for name, text in titles.items()} | {"status": str(before)}
    if is_said:
        cells["status"] = said
    if is_said and _is_of_ours(row):
        # The days stay as the calendar has them.
        row.cells = {name: text for name, text in cells.items() if name not in {"start", "end", "date_precision"}}


def _hours(row: Cells) -> None:
    """Write hours as the calendar does, also those that stand behind a day. What is not understood stays as it is."""
    cells = row.cells
    for name, others in (("start", ("start_time", "end_time")), ("end", ("end_time",))):
        text = clean(cells.get(name, ""))
        if name not in cells or _ISO.fullmatch(text):
            continue
        cells[name], *hours = written_times.apart(text)
        # A column of its own goes before; midnight is what programs write behind a day without hours.
        for other, hour in zip(others, hours, strict=False):
            written = written_times.read(hour)
            if written and written.text != "00:00" and not clean(cells.get(other, "")):
                cells[other] = hour
    for name in ("start_time", "end_time"):
        text = clean(cells.get(name, ""))
        if not text or (written := written_times.read(text)) is None:
            continue
        cells[name] = written.text
        if written.zone and not clean(cells.get("timezone", "")):
            cells["timezone"] = written.zone
        if written.unread:
            sentence = marked("Of '%(text)s' only the hours are read; a zone is a name such as Europe/Zurich, or UTC.")
            row.notes.append(in_english(sentence, text=text[:60]))


def _dates(row: Cells, order: Order | None) -> None:
    """Write what the first and the last day say as ISO dates, with precision and wording beside them."""
    cells = row.cells
    first, last = (clean(cells.get(name, "")) for name in ("start", "end"))
    if _ISO.fullmatch(first) and _ISO.fullmatch(last):
        if first and not last and "end" in cells and not _is_vague(cells):
            row.notes.append(in_english("No end is given; it is taken as one day."))
        return
    # What is not understood stays as it stands, which the reading of rows refuses.
    if not first:
        return
    try:
        written = read_both(first, last, order)
    except UnreadableDateError as problem:
        column = "end" if problem.about == last[:60] and last and first != last else "start"
        _tell(row, column, problem)
        _look_at_other(row, "start" if column == "end" else "end", order)
        return
    given = fold(cells.get("date_precision", ""))
    if given and given not in {written.precision, "range text"}:
        sentence = in_english(
            "%(column)s is '%(text)s', but date_precision is '%(precision)s'.",
            column="start",
            text=first[:60],
            precision=given[:40],
        )
        row.problems.append(sentence)
        return
    if "end" in cells and not last and _is_one_day(written) and not any(letter.isalpha() for letter in first):
        row.notes.append(in_english("No end is given; it is taken as one day."))
    _put(cells, written)


def _tell(row: Cells, column: str, problem: UnreadableDateError) -> None:
    because = _WHY[problem.trouble]
    sentence = in_english("%(column)s is '%(text)s'; %(because)s", column=column, text=problem.about, because=because)
    row.problems.append(sentence)


def _look_at_other(row: Cells, column: str, order: Order | None) -> None:
    """Tell what is wrong with the other date too, if anything is; else write it so that nothing is found wrong."""
    text = clean(row.cells.get(column, ""))
    if not text:
        return
    try:
        span = read(text, order).span
    except UnreadableDateError as problem:
        _tell(row, column, problem)
    else:
        row.cells[column] = span.start.isoformat() if span else ""


def _is_vague(cells: Mapping[str, str]) -> bool:
    return bool(cells.get("date_precision", "")) and fold(cells["date_precision"]) != Precision.DAY


def _is_one_day(written: WrittenDate) -> bool:
    return written.precision is Precision.DAY and written.span is not None and written.span.days == 1


def _put(cells: dict[str, str], written: WrittenDate) -> None:
    span = written.span
    cells |= {
        "start": span.start.isoformat() if span else "",
        "end": span.last.isoformat() if span else "",
        "date_precision": str(written.precision),
    }
    if written.text and not cells.get("date_text"):
        cells["date_text"] = written.text
    if written.tentative and not cells.get("status"):
        cells["status"] = str(Status.TENTATIVE)


def _titles(row: Cells) -> None:
    """Put a title in letters of another alphabet where titles of that language belong."""
    title = clean(row.cells.get("title", ""))
    if any(f"title_{code}" in row.cells for code in LANGUAGES) or not title or _is_of_ours(row):
        return
    if code := language_of(title):
        row.cells |= {f"title_{code}": title, "title": ""}


def _place(row: Cells, reference: Reference) -> None:
    """Take a place apart: city, country, whether online, and what is left as the venue."""
    is_city = PLACE not in row.cells
    text = clean(row.cells.pop(PLACE, row.cells.get("city", "")))
    if _is_error(text):
        row.cells["city"] = text
        return
    # What stands in a column of its own goes before what a place seems to say.
    own = "" if is_city or fold(row.cells.get("city", "")) in _SAYS_NOTHING else clean(row.cells["city"])
    has_call = joining.has_call(text)
    text = _without_address(row.cells, text)
    venue, city, country = _peeled(text, reference)
    is_online = has_call or joining.says_online(venue)
    rest = [venue] if venue and not joining.is_online(venue) else []
    before = ""
    # "N/A" is no place of two parts.
    for part in () if city or fold(text) in _SAYS_NOTHING else _parts(text, reference):
        name = fold(part)
        if name in _SAYS_NOTHING:
            continue
        is_online = is_online or joining.says_online(part) or name in _HYBRID
        if joining.is_online(part) or name in _HYBRID:
            continue
        if not city and (slug := reference.find("city", part)):
            city = reference.cities[slug].name
        elif code := _country(part, reference):
            before = before or (rest[-1] if rest and not country else "")
            country = country or code
        else:
            rest.append(part)
    if not (city or own) and rest:
        given = country or clean(row.cells.get("country", ""))
        city = _mended(row, rest, reference, given) or _unlisted(row, rest, before, is_city=is_city)
    city = own or city
    _put_place(row, city, country, ", ".join(rest))
    if is_online and not clean(row.cells.get("format", "")):
        hybrid = city or any(name in fold(text).split() for name in _HYBRID)
        row.cells["format"] = str(Format.HYBRID if hybrid else Format.ONLINE)


def _without_address(cells: dict[str, str], place: str) -> str:
    """Return a place without addresses of the web; the first of a page is the event's, if it has no other one."""
    pages = [found[0].strip("<>") for found in WEB.finditer(place) if not joining.has_call(found[0])]
    if pages and not clean(cells.get("web_url", "")):
        cells["web_url"] = pages[0]
    return WEB.sub("", place).strip(" ,;/\n")


def _peeled(text: str, reference: Reference) -> tuple[str, str, str]:
    """Return venue, city and country of a place that ends with the city or its country; all "" for another one.

    Whatever is before them is the venue as it stands there.
    """
    pieces = text.split(",")
    code = _country(pieces[-1].strip(), reference) if len(pieces) > 1 else ""
    # "Panama" is a name of the city too; "Washington, DC" has a comma of its own.
    for before, country in ((pieces[:-1], code), (pieces, "")) if code else ((pieces, ""),):
        for size in (2, 1):
            slug = reference.find("city", ",".join(before[-size:])) if len(before) >= size else None
            if slug:
                return ",".join(before[:-size]).strip(), reference.cities[slug].name, country
    return "", "", ""


def _parts(text: str, reference: Reference) -> list[str]:
    if reference.find("city", text):
        return [text]
    parts = re.split(r"[,;/()\n،、]|\s[-–]\s|\s(?:and|et|y)\s", text)
    return [part.strip() for part in parts if part.strip()]


def _country(part: str, reference: Reference) -> str:
    code = part if len(part) == 2 and part.isupper() and is_country(part) else reference.find("country", part)  # noqa: PLR2004
    return code or ""


def _mended(row: Cells, rest: list[str], reference: Reference, country: str) -> str:
    """Return the city of the list that is meant with a slip of the pen, "" if none is; it is taken out of `rest`.

    A slip is mended only towards one city, and never against the country.
    """
    code = _country(country, reference) or (country.upper() if is_country(country.upper()) else "")
    for part in rest:
        scores = sorted(
            ((fuzz.ratio(fold(part), fold(city.name)), city.name) for city in reference.cities.values()), reverse=True
        )
        (best, name), (second, _other) = scores[:2]
        is_there = not code or reference.cities[reference.city_slug(name)].country == code
        if best >= _ALIKE and best - second >= _APART and is_there:
            row.notes.append(in_english("'%(text)s' is read as %(city)s.", text=part[:60], city=name))
            rest.remove(part)
            return name
    return ""


def _unlisted(row: Cells, rest: list[str], before: str, *, is_city: bool) -> str:
    """Return a city that is not in the list, taken out of `rest`: nothing else tells a city from a building.

    That is what stands before a country ("Hotel Continental, Kigali, Rwanda"), or in a column that is the city's own.
    """
    if is_city:
        return rest.pop()
    if before:
        rest.remove(before)
        sentence = marked("'%(text)s' is not in the list of cities; it is taken for one, as a country follows it.")
        row.notes.append(in_english(sentence, text=before[:60]))
        return before
    sentence = marked("'%(text)s' is not in the list of cities; it is taken for the venue.")
    row.notes.append(in_english(sentence, text=", ".join(rest)[:60]))
    return ""


def _put_place(row: Cells, city: str, country: str, venue: str) -> None:
    cells = row.cells
    cells["city"] = city
    if country and not clean(cells.get("country", "")):
        cells["country"] = country
    if venue and not clean(cells.get("venue", "")):
        cells["venue"] = venue


def _words(row: Cells) -> None:
    """Leave out what says nothing, and say what people say of a status in the calendar's words."""
    # What stands in a text field of a sheet of ours is meant.
    texts = () if _is_of_ours(row) else ("city", "venue")
    for name in (*_WORDS, *texts):
        if name in row.cells and fold(row.cells[name]) in _SAYS_NOTHING and not _is_error(row.cells[name]):
            row.cells[name] = ""
    if "status" in row.cells:
        says_nothing = fold(row.cells["status"]) in _SAYS_NOTHING - {""}
        row.cells["status"] = str(Status.TENTATIVE) if says_nothing else row.cells["status"]


def _is_of_ours(row: Cells) -> bool:
    """Tell whether a row has the id of an event here, as those of our own sheets have: their columns are ours."""
    return event_id_of(clean(row.cells.get("id", ""))) is not None


def _is_error(text: str) -> bool:
    return text.strip().startswith("#")
