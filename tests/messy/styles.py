"""How people write one date and one place: each function gives the cells and what they say, without the importer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

EN = "January February March April May June July August September October November December".split()
FR = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
ES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
RU = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
AR_MONTHS = [
    "كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيو", "تموز/يوليو",
    "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر",
]  # fmt: skip
FIRST_SERIAL = date(1899, 12, 30)


@dataclass
class Written:
    """The cells `Dates` and `Until`, their number formats, and what they say."""

    cells: tuple[Any, Any]
    text: str = ""
    formats: tuple[str, str] = ("General", "General")
    notes: list[str] = field(default_factory=list)


def _in_words(first: date, last: date, names: list[str], to: str, of: str = " ") -> str:
    """Return the days in a language that puts the day before the month."""
    end = f"{last.day}{of}{names[last.month - 1]}{of}{last.year}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}{to}{end}"
    beginning = f"{first.day}{of}{names[first.month - 1]}"
    return f"{beginning}{of}{first.year}{to}{end}" if first.year != last.year else f"{beginning}{to}{end}"


def english(first: date, last: date, random: Random) -> Written:
    """One cell in English, in one of the ways that people have."""
    short = [name[:3] for name in EN]
    choices = [
        _in_words(first, last, EN, random.choice(["-", "–", " - ", " to ", " – "])),
        _in_words(first, last, [f"{name}." for name in short], "–"),
        _in_words(first, last, short, " - "),
    ]
    if first == last:
        choices.append(f"{EN[first.month - 1]} {first.day}, {first.year}")
    elif (first.year, first.month) == (last.year, last.month):
        choices.append(f"{EN[first.month - 1]} {first.day}-{last.day}, {first.year}")
        if last - first == timedelta(days=1):
            choices.append(f"{first.day} and {last.day} {EN[first.month - 1]} {first.year}")
    elif first.year == last.year:
        choices.append(f"{EN[first.month - 1]} {first.day} – {EN[last.month - 1]} {last.day}, {last.year}")
    text = random.choice(choices)
    return Written((text, None), text)


def foreign(first: date, last: date, random: Random) -> Written:
    """One cell in another language of the United Nations."""
    which = random.choice(["fr", "es", "ru", "ar", "zh"])
    if which == "fr":
        text = _in_words(first, last, FR, " au " if first != last else "")
        text = f"du {text}" if first != last else f"le {text}"
    elif which == "es":
        text = _in_words(first, last, ES, " al ", " de ")
        text = f"del {text}" if first != last else text
    elif which == "ru":
        text = _in_words(first, last, RU, "–") + " г."  # noqa: RUF001
    elif which == "ar":
        text = _in_words(first, last, AR_MONTHS, "-")
    else:
        text = f"{first.year}年{first.month}月{first.day}日"
        if first != last:
            end = f"{last.day}日" if last.month == first.month else f"{last.month}月{last.day}日"
            text += "至" + (f"{last.year}年" if last.year != first.year else "") + end
    return Written((text, None), text)


def cells(first: date, last: date, _random: Random) -> Written:
    """Two cells that are dates."""
    return Written((first, last), formats=("dd mmm yyyy", "dd mmm yyyy"))


def slashes(first: date, last: date, _random: Random) -> Written:
    """Two texts, day first as everywhere in this sheet: some of them could be read the other way round."""
    return Written((f"{first:%d/%m/%Y}", f"{last:%d/%m/%Y}"))


def serials(first: date, last: date, _random: Random) -> Written:
    """Two numbers: dates whose format got lost."""
    return Written(((first - FIRST_SERIAL).days, (last - FIRST_SERIAL).days))


def dots(first: date, last: date, random: Random) -> Written:
    """Numbers with dots, in two cells or in one."""
    if first != last and (first.year, first.month) == (last.year, last.month) and random.random() < 0.5:
        return Written((f"{first.day}.-{last.day}.{last.month}.{last.year}", None))
    return Written((f"{first.day}.{first.month}.{first.year}", f"{last.day}.{last.month}.{last.year}"))


def iso(first: date, last: date, _random: Random) -> Written:
    """Texts as in ISO 8601."""
    return Written((first.isoformat(), last.isoformat()))


def without_end(first: date, last: date, _random: Random) -> Written:
    """A first day alone: it is taken as one day, and that is said."""
    return Written((first, None), formats=("dd mmm yyyy", "General"), notes=["end"])


EXACT = (english, english, foreign, cells, cells, slashes, slashes, serials, dots, iso)
