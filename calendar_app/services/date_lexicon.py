"""The words in which people write dates, in the six languages: months and quarters from CLDR, the rest by hand.

All of it is in the plain form of `plain`: no case, no accents, Latin digits, one sort of dash.
"""

# ruff: noqa: RUF001 - letters of other alphabets are meant

from __future__ import annotations

import re
import unicodedata
from functools import cache

from babel import Locale

# Spoken in the Mashriq: CLDR's plain Arabic has the names of the Maghreb and the Gulf only.
_LOCALES = ("en", "fr", "es", "ru", "ar", "ar_LB", "zh")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u301c\uff5e~]")
# Signs of direction and joining, and what stretches Arabic letters.
_INVISIBLE = re.compile(r"[\u00ad\u0640\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

RANGE = "- to until till through au a al hasta jusqu'au по до الى حتى 至 到"
AND = "and & et y и و 和 及"
# With the signs that stand between words.
FILLER = (
    "of the from on in de du d' le la les des el del los en entre between с со от г года год гг г. гг. в من في عام سنة"
    " ه م , ; . : ( ) [ ] / ، 年 从 自"
)
TENTATIVE = (
    "tbc|tbd|tba|t b c|to be confirmed|to be determined|to be decided|to be announced|tentative|tentatively|provisional"
    "|provisionally|a confirmer|a determiner|a preciser|provisoire|por confirmar|por determinar|provisionalmente"
    "|подлежит уточнению|подлежит подтверждению|уточняется|предварительно|يحدد لاحقا|سيحدد لاحقا|تحدد لاحقا|ستحدد لاحقا"
    "|يوكد لاحقا|سيوكد لاحقا|موقتا|موقت|待定|待确认|待確認|暂定|?"
)
VAGUE = (
    "early|mid|middle|late|end|beginning|start|spring|summer|autumn|fall|winter|debut|mi|milieu|fin|printemps|ete|automne"
    "|hiver|principios|mediados|finales|fines|primavera|verano|otono|invierno|начало|начале|середина|середине|конец|конце"
    "|весна|весной|лето|летом|осень|осенью|зима|зимой|اوائل|مطلع|منتصف|اواسط|اواخر|نهاية|بداية|年初|年中|年底|初|底|上旬|中旬|下旬"
)
_HALVES = (
    ("first half|1st half|h1|premier semestre|1er semestre|primer semestre|первое полугодие|النصف الاول|上半年", 1),
    ("second half|2nd half|h2|second semestre|deuxieme semestre|2e semestre|segundo semestre|второе полугодие", 2),
    ("النصف الثاني|下半年", 2),
)
_QUARTERS = (
    "{n}. quarter|quarter {n}|q{n}|{n}q|t{n}|{n}t|qtr {n}|{n}-и квартал|{n} квартал|{n}e trimestre|{n}eme trimestre|"
    "{n}o trimestre|{n} trimestre|{n}.o trimestre|{n}.er trimestre|{n}er trimestre|第{n}季度|{n}季度"
)
_ORDINALS = (
    ("first", "second", "third", "fourth"),
    ("premier", "deuxieme", "troisieme", "quatrieme"),
    ("primer", "segundo", "tercer", "cuarto"),
    ("первыи", "второи", "третии", "четвертыи"),
)
_QUARTER_WORDS = ("quarter", "trimestre", "trimestre", "квартал")
_ROMAN = ("i", "ii", "iii", "iv")


def plain(text: str) -> str:
    """Return a text as it is read here: no case, no accents, Latin digits, "-" for every dash, single blanks."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(c for c in _INVISIBLE.sub("", letters) if not unicodedata.combining(c))
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in kept)
    return " ".join(_DASHES.sub("-", digits).split())


@cache
def words() -> dict[str, tuple[str, int]]:
    """Return (kind, number) of every word that is known: "M" months, "Q" quarters, "H" halves, and kinds without."""
    found: dict[str, tuple[str, int]] = {}
    for name in _weekdays():
        found[name] = ("F", 0)
    for kind, text in (("R", RANGE), ("A", AND), ("F", FILLER)):
        found |= dict.fromkeys(map(plain, text.split()), (kind, 0))
    for kind, text in (("T", TENTATIVE), ("V", VAGUE)):
        found |= dict.fromkeys(map(plain, text.split("|")), (kind, 0))
    for text, number in _HALVES:
        found |= dict.fromkeys(map(plain, text.split("|")), ("H", number))
    found |= {name: ("Q", number) for name, number in _quarters()}
    # After the days of the week: "mar." is a Tuesday in French and March in Spanish, and a date has a month.
    found |= {name: ("M", number) for name, number in _months()}
    return found


def _months() -> list[tuple[str, int]]:
    """Return the names of months, whole and shortened; numbers that stand for names are left out."""
    found = [("sept", 9), ("juin", 6), ("юля", 7), ("يونيه", 6), ("يوليه", 7)]
    for locale in map(Locale.parse, _LOCALES):
        for context in locale.months.values():
            for width in ("wide", "abbreviated"):
                found += [(plain(name).rstrip("."), number) for number, name in context.get(width, {}).items()]
    return [(name, number) for name, number in found if not name[:1].isdigit()]


def _quarters() -> list[tuple[str, int]]:
    found = [(name, n) for n in range(1, 5) for name in _QUARTERS.format(n=n).split("|")]
    found += [
        (f"{words[n]} {noun}", n + 1) for words, noun in zip(_ORDINALS, _QUARTER_WORDS, strict=True) for n in range(4)
    ]
    found += [(f"{roman} {noun}", n) for n, roman in enumerate(_ROMAN, 1) for noun in set(_QUARTER_WORDS)]
    for locale in map(Locale.parse, _LOCALES):
        for context in locale.quarters.values():
            for width in ("wide", "abbreviated"):
                found += [(plain(name), number) for number, name in context.get(width, {}).items()]
    return [(plain(name), number) for name, number in found]


def _weekdays() -> set[str]:
    names = set()
    for locale in map(Locale.parse, _LOCALES):
        for context in locale.days.values():
            for width in ("wide", "abbreviated"):
                names |= {plain(name).rstrip(".") for name in context.get(width, {}).values()}
    return names


@cache
def pattern() -> re.Pattern[str]:
    """Return what finds the next known word: the longest first, and a word of letters only where it ends."""
    names = sorted(words(), key=len, reverse=True)
    spaced = [re.escape(name) for name in names if not _unspaced(name) and name[-1:].isalnum()]
    others = [re.escape(name) for name in names if _unspaced(name) or not name[-1:].isalnum()]
    return re.compile(rf"(?:(?:{'|'.join(spaced)})(?![^\W_])|(?:{'|'.join(others)}))")


def _unspaced(name: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in name)
