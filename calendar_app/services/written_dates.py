"""Dates as people write them: "30 Oct - 3 Nov 2025", "second quarter of 2027", "TBC". Never a day that nobody wrote.

The libraries for this answer one day or nothing: dateparser, tried on the dates of our tests and of the messy sheet,
reads exact days well, none of the ranges, and makes a day of "2027" (figures: docs/decisions/0005). CLDR, through
babel, has the names.
"""

# ruff: noqa: RUF001 - letters of other alphabets are meant

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from calendar_app.planning.dates import EARLIEST, LATEST, Precision, Span, first_of_next_month, month
from calendar_app.services.date_lexicon import pattern, plain, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# The day that spreadsheets count from, as if 1900 had been a leap year; the numbers of the years 1980 to 2099.
_FIRST_SERIAL = date(1899, 12, 30)
_SERIALS = range(29221, 73051)
# A meeting over New Year is no longer than this; a longer one is rather written the wrong way round.
_OVER_NEW_YEAR = timedelta(days=92)
_MONTHS = 12
_LONGEST = 300
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)(?: 00:00(?::00)?)?")
_YEAR_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?![\d-])")
_NUMBERS = re.compile(r"(?<!\d)(?<!\d[./-])(\d{1,2}) ?([./-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(r"(\d{1,2})\.(\d{1,2})\.(?=\s*-|\s*$)")
_SIGNED = re.compile(r"(\d{1,4}) ?([年月日号號])")
_NUMBER = re.compile(r"(\d+)(?:st|nd|rd|th|er|ere|eme|e|o|-го|-е|-ое)?(?![^\W_])\.?")
_SIGNS = {"年": "Y", "月": "M", "日": "D", "号": "D", "號": "D"}
# By how many digits a number alone has.
_KINDS = {1: "D", 2: "D", 4: "Y"}
_MID = re.compile(r"(mid|mi)-")


class Order(StrEnum):
    """What comes first in dates such as 03/11/2025."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Trouble(StrEnum):
    """Why a text is no date that can be kept."""

    YEAR_MISSING = "year-missing"
    SHORT_YEAR = "short-year"
    EITHER_ORDER = "either-order"
    NO_SUCH_DAY = "no-such-day"
    BACKWARD = "backward"
    SEVERAL = "several"
    OUT_OF_RANGE = "out-of-range"
    UNREADABLE = "unreadable"


class UnreadableDateError(ValueError):
    """The text does not say when. `trouble` is why; `about` is the part of the text that it is about."""

    def __init__(self, trouble: Trouble, about: str) -> None:
        """Keep why, and about what."""
        super().__init__(f"{trouble}: {about}")
        self.trouble = trouble
        self.about = about


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """What a text says. `span` is None for words only; `text` is the wording, "" for exact days in numbers.

    `tentative` tells that the text itself says that nothing is fixed yet ("TBC").
    """

    span: Span | None
    precision: Precision
    text: str = ""
    tentative: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    """A part of a text: D, M, Y, Q, H with a number; R range, A and, T tentative, V vague, F nothing, X unknown."""

    kind: str
    number: int = 0


def order_of(texts: Iterable[str]) -> Order | None:
    """Return the order that the texts of one sheet have in common, None if they tell nothing or contradict."""
    found = set()
    for text in texts:
        for first, sign, second, _year in _NUMBERS.findall(plain(text)):
            if sign != "." and (int(first) > _MONTHS) != (int(second) > _MONTHS):
                found.add(Order.DAY_FIRST if int(first) > _MONTHS else Order.MONTH_FIRST)
    return found.pop() if len(found) == 1 else None


def read(text: str, order: Order | None = None) -> WrittenDate:
    """Return what `text` says of a time; `order` decides where numbers leave it open. Raises `UnreadableDateError`.

    Text without any digit that names no month is kept as words alone.
    """
    wording = " ".join(text.split())
    if re.fullmatch(r"\d{5}", wording) and int(wording) in _SERIALS:
        day = _FIRST_SERIAL + timedelta(days=int(wording))
        return WrittenDate(Span.inclusive(day, day), Precision.DAY)
    if not wording or len(wording) > _LONGEST:
        raise UnreadableDateError(Trouble.UNREADABLE, wording[:60])
    tokens = _tokens(plain(wording), order, wording)
    tentative = any(token.kind == "T" for token in tokens)
    telling = [token for token in tokens if token.kind not in "FT"]
    if not any(token.kind in "DMYQH" for token in telling) and not re.search(r"\d", plain(wording)):
        return WrittenDate(None, Precision.WORDS, wording, tentative)
    if not telling or any(token.kind == "X" for token in telling):
        raise UnreadableDateError(Trouble.UNREADABLE, wording[:60])
    span, precision = _meaning(telling, wording)
    if not EARLIEST <= span.start < span.end <= LATEST:
        raise UnreadableDateError(Trouble.OUT_OF_RANGE, wording[:60])
    is_plain = precision is Precision.DAY and not any(letter.isalpha() for letter in wording)
    return WrittenDate(span, precision, "" if is_plain else wording, tentative)


def read_both(first: str, last: str, order: Order | None = None) -> WrittenDate:
    """Return what two cells say, first and last. Raises `UnreadableDateError`, about the cell that it is about."""
    if not last.strip() or last.strip() == first.strip():
        return read(first, order)
    together = f"{' '.join(first.split())} – {' '.join(last.split())}"
    end = read(last, order)
    try:
        start = read(first, order)
    except UnreadableDateError as problem:
        if problem.trouble is not Trouble.YEAR_MISSING:
            raise
        return read(together, order)
    if start.span is None or end.span is None or start.precision is not end.precision:
        raise UnreadableDateError(Trouble.UNREADABLE, last[:60] if end.span is None else together[:60])
    if end.span.start < start.span.start:
        raise UnreadableDateError(Trouble.BACKWARD, together[:60])
    text = together if start.text or end.text else ""
    return WrittenDate(Span(start.span.start, end.span.end), start.precision, text, start.tentative or end.tentative)


def _tokens(text: str, order: Order | None, wording: str) -> list[_Token]:
    """Take a text apart; what is not known is one token X for each letter."""
    found: list[_Token] = []
    place = 0
    while place < len(text):
        if text[place] == " ":
            place += 1
            continue
        tokens, end = _next(text, place, order, wording)
        found += tokens
        place = end
    return found


def _next(text: str, place: int, order: Order | None, wording: str) -> tuple[list[_Token], int]:
    """Return what stands at a place of the text, and where it ends: numbers that belong together before single ones."""
    if match := _YEAR_FIRST.match(text, place):
        tokens = [_Token("Y", int(match[1])), _Token("M", int(match[3])), _Token("D", int(match[4]))]
    elif match := _YEAR_MONTH.match(text, place):
        tokens = [_Token("Y", int(match[1])), _Token("M", int(match[2]))]
    elif match := _NUMBERS.match(text, place):
        tokens = _numbers(match, order, wording)
    elif match := _DAY_MONTH.match(text, place):
        tokens = [_Token("D", int(match[1])), _Token("M", int(match[2]))]
    elif match := _MID.match(text, place):
        tokens = [_Token("V")]
    elif match := _SIGNED.match(text, place):
        tokens = [_Token(_SIGNS[match[2]], int(match[1]))]
    elif match := pattern().match(text, place):
        tokens = [_Token(*words()[match[0]])]
    elif match := _NUMBER.match(text, place):
        tokens = [_Token(_KINDS.get(len(match[1]), "X"), int(match[1][:9]))]
    return (tokens, match.end()) if match else ([_Token("X")], place + 1)


def _numbers(match: re.Match[str], order: Order | None, wording: str) -> list[_Token]:
    """Return the day, month and year of three numbers. With dots the day comes first everywhere."""
    first, sign, second, year = match.groups()
    if len(year) == 2:  # noqa: PLR2004
        raise UnreadableDateError(Trouble.SHORT_YEAR, wording[:60])
    a, b = int(first), int(second)
    if sign == "." or a > _MONTHS or (a == b) or (order is Order.DAY_FIRST and b <= _MONTHS):
        day, number = a, b
    elif b > _MONTHS or order is Order.MONTH_FIRST:
        day, number = b, a
    else:
        raise UnreadableDateError(Trouble.EITHER_ORDER, wording[:60])
    return [_Token("D", day), _Token("M", number), _Token("Y", int(year))]


def _meaning(tokens: Sequence[_Token], wording: str) -> tuple[Span, Precision]:
    """Return the span and the precision of what is written: one time, or a first and a last."""
    vague = [token for token in tokens if token.kind in "VH"]
    sides, joints = _sides([token for token in tokens if token.kind not in "VH"], wording)
    if vague:
        if len(vague) > 1 or len(sides) != 1 or set(sides[0]) not in ({"Y"}, {"M", "Y"}):
            raise UnreadableDateError(Trouble.UNREADABLE, wording[:60])
        return _vague(vague[0], sides[0], wording), Precision.WORDS
    if len(sides) == 1:
        return _one(sides[0], wording)
    if len(sides) > 2:  # noqa: PLR2004 - a first and a last
        raise UnreadableDateError(Trouble.SEVERAL, wording[:60])
    span, precision = _between(sides[0], sides[1], wording)
    if joints == ["A"] and not _are_neighbours(span, precision):
        raise UnreadableDateError(Trouble.SEVERAL, wording[:60])
    return span, precision


def _sides(tokens: Sequence[_Token], wording: str) -> tuple[list[dict[str, int]], list[str]]:
    """Return what stands on each side of "to" and "and": at most one number of each kind."""
    sides: list[dict[str, int]] = [{}]
    joints: list[str] = []
    for token in tokens:
        if token.kind in "RA":
            if not sides[-1]:
                raise UnreadableDateError(Trouble.UNREADABLE, wording[:60])
            sides.append({})
            joints.append(token.kind)
        elif sides[-1].setdefault(token.kind, token.number) != token.number:
            trouble = Trouble.SEVERAL if len(sides) == 1 else Trouble.UNREADABLE
            raise UnreadableDateError(trouble, wording[:60])
    if not sides[-1]:
        raise UnreadableDateError(Trouble.UNREADABLE, wording[:60])
    return sides, joints


_WHOLE = {"D": {"D", "M", "Y"}, "M": {"M", "Y"}, "Q": {"Q", "Y"}, "Y": {"Y"}}


def _finest(side: dict[str, int]) -> str:
    return next(kind for kind in "DMQY" if kind in side)


def _one(side: dict[str, int], wording: str) -> tuple[Span, Precision]:
    kind = _finest(side)
    if set(side) == _WHOLE[kind]:
        return _period(side, wording)
    is_short = set(side) == _WHOLE[kind] - {"Y"}
    raise UnreadableDateError(Trouble.YEAR_MISSING if is_short else Trouble.UNREADABLE, wording[:60])


def _between(left: dict[str, int], right: dict[str, int], wording: str) -> tuple[Span, Precision]:
    """Return the span from one side to the other; each may leave out what the other one says."""
    kind = _finest(left)
    if kind != _finest(right) or set(left) | set(right) != _WHOLE[kind]:
        same = kind == _finest(right) and set(left) | set(right) == _WHOLE[kind] - {"Y"}
        raise UnreadableDateError(Trouble.YEAR_MISSING if same else Trouble.UNREADABLE, wording[:60])
    first, precision = _period({**right, **left}, wording)
    last, _precision = _period({**left, **right}, wording)
    if last.start < first.start and "M" in left and "M" in right and ("Y" in left) != ("Y" in right):
        # Over New Year, with the year said once.
        if "Y" in left:
            last, _precision = _period({**right, "Y": left["Y"] + 1}, wording)
        else:
            first, _precision = _period({**left, "Y": right["Y"] - 1}, wording)
        if last.end - first.start > _OVER_NEW_YEAR and kind == "D":
            raise UnreadableDateError(Trouble.BACKWARD, wording[:60])
    if last.start <= first.start and left != right:
        raise UnreadableDateError(Trouble.BACKWARD, wording[:60])
    return Span(first.start, last.end), precision


def _period(side: dict[str, int], wording: str) -> tuple[Span, Precision]:
    """Return the day, month, quarter or year that a side names in full."""
    kind, year = _finest(side), side["Y"]
    if not EARLIEST.year <= year < LATEST.year:
        raise UnreadableDateError(Trouble.OUT_OF_RANGE, wording[:60])
    if kind == "Y":
        return Span(date(year, 1, 1), date(year + 1, 1, 1)), Precision.YEAR
    if kind == "Q":
        return _months(year, 3 * side["Q"] - 2, 3), Precision.QUARTER
    if not 1 <= side["M"] <= _MONTHS:
        raise UnreadableDateError(Trouble.NO_SUCH_DAY, wording[:60])
    if kind == "M":
        return month(year, side["M"]), Precision.MONTH
    try:
        day = date(year, side["M"], side["D"])
    except ValueError:
        raise UnreadableDateError(Trouble.NO_SUCH_DAY, wording[:60]) from None
    return Span.inclusive(day, day), Precision.DAY


def _months(year: int, first: int, count: int) -> Span:
    start = end = date(year, first, 1)
    for _number in range(count):
        end = first_of_next_month(end)
    return Span(start, end)


def _vague(token: _Token, side: dict[str, int], wording: str) -> Span:
    """Return the outer bounds of "early 2027", "mid-June 2027" or "first half of 2027"."""
    if token.kind == "V":
        return _period(side, wording)[0]
    if "M" in side:
        raise UnreadableDateError(Trouble.UNREADABLE, wording[:60])
    return _months(side["Y"], 6 * token.number - 5, 6)


def _are_neighbours(span: Span, precision: Precision) -> bool:
    """Tell whether "3 and 4 June", "March and April" name two that follow each other, so that nothing lies between."""
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month
    return {
        Precision.DAY: span.days == 2,  # noqa: PLR2004
        Precision.MONTH: months == 2,  # noqa: PLR2004
        Precision.QUARTER: months == 6,  # noqa: PLR2004
        Precision.YEAR: months == 24,  # noqa: PLR2004
    }[precision]
