"""What the title of a meeting says of which one it is: its number, its part, whether it is only about another one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from calendar_app.services.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from calendar_app.services.reference import Reference

_UNITS = "first second third fourth fifth sixth seventh eighth ninth".split()
_TEENS = (
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
_ORDINALS = {
    **{word: number for number, word in enumerate([*_UNITS, *_TEENS], start=1)},
    "thirtieth": 30,
    "fortieth": 40,
    "fiftieth": 50,
    **{f"{ten} {unit}": value + n for ten, value in _TENS.items() for n, unit in enumerate(_UNITS, start=1)},
}
_ORDINAL = rf"(?P<ordinal>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))}|\d{{1,2}} (?:st|nd|rd|th))"
# "Fifteenth meeting of ...", "sixth ordinary session of ...", "5th International Conference on ...".
_COUNTED = re.compile(rf"\b{_ORDINAL} (?:\w+ )?(?:meeting|session|conference|assembly|round)\b")
_PART = re.compile(
    rf"\b(?:part (?P<roman>i{{1,3}}|iv|\d)\b|{_ORDINAL} (?:resumed )?(?:part|segment)|segment (?P<digit>\d)\b)"
)
_DECIMAL = re.compile(r"\b[A-Z]{2,}[- ]?\d{1,2}\.(\d)\b")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MODES = {
    "online": re.compile(r"\b(?:online|virtual)\b"),
    "in-person": re.compile(r"\b(?:in person|face to face)\b"),
    "resumed": re.compile(r"\bresumed\b"),
    "high-level": re.compile(r"\b(?:high level|ministerial)\b"),
    "technical": re.compile(r"\btechnical segment\b"),
}
# What is held for, about or beside a meeting names it without being it.
_ABOUT = re.compile(
    r"\b(?:side events?|briefings?|webinars?|information sessions?|preparatory|pre meetings?|pre cop|bureau|bureaux"
    r"|workshops?|trainings?|deadline|registration|consultations?|outcomes?|reports?|reception|launch|exhibition"
    r"|science fair|regional|sub regional|contact group|friends of|dialogue|press|call for|submissions?|comments"
    r"|road to|towards|ahead of|prior to|before|after|in preparation|follow up|segment of|margins"
    r"|commemorat\w+|anniversary|celebrat\w+|elections?|task groups?|task force|committee of the whole|credentials"
    r"|during)\b"
)
_MOST = 99
# Words that every meeting's title may have or not have.
_EMPTY = frozenset(
    "a an and at by during for from in of on the to with de des du la le les el los del en un und der die".split()
)


@lru_cache(maxsize=8192)
def number_in(title: str) -> int | None:
    """Return the number that a title counts its meeting by ("Fifteenth meeting of ..."), None if none or several."""
    found = {_number(match["ordinal"]) for match in _COUNTED.finditer(fold(title))}
    return found.pop() if len(found) == 1 else None


def _number(text: str) -> int:
    return _ORDINALS.get(text) or int(text.split(maxsplit=1)[0])


@lru_cache(maxsize=8192)
def part_of_meeting(title: str) -> frozenset[str]:
    """Return which part of a meeting a title speaks of: {"part 2"}, {"online"}, ... ; empty for a whole one."""
    text = fold(title)
    found = {name for name, pattern in _MODES.items() if pattern.search(text)}
    for match in _PART.finditer(text):
        if match["roman"]:
            number = _ROMAN.get(match["roman"]) or int(match["roman"])
        else:
            number = int(match["digit"]) if match["digit"] else _number(match["ordinal"])
        found.add(f"part {number}")
    found |= {f"part {digit}" for digit in _DECIMAL.findall(title)}
    return frozenset(found)


@lru_cache(maxsize=8192)
def is_about(title: str) -> bool:
    """Tell whether a title speaks of something held for, beside or about a meeting, rather than of the meeting."""
    return bool(_ABOUT.search(fold(title)))


@lru_cache(maxsize=8192)
def telling_words(title: str) -> frozenset[str]:
    """Return the words of a title, folded, that are not in every title; numbers by word become numbers."""
    text = fold(title)
    for match in sorted(_COUNTED.finditer(text), key=lambda m: -m.start()):
        start, end = match.span("ordinal")
        text = f"{text[:start]}{_number(match['ordinal'])}{text[end:]}"
    return frozenset(text.split()) - _EMPTY


def meetings_in(
    titles: Iterable[str], processes: Collection[str], bodies: Iterable[tuple[str, int | None]], facts: Reference
) -> frozenset[tuple[str, int | None]]:
    """Return `bodies` with the numbers that `titles` give their meetings; of no bodies, the one that they name.

    "BC COP-17", "COP 7" of a process that has one COP, "Fifteenth meeting of the Open-ended Working Group of the Basel
    Convention". A title that is only about a meeting names none.
    """
    known = dict[str, int | None](bodies)
    texts = [title for title in titles if title]
    if any(is_about(title) for title in texts):
        return frozenset(known.items())
    for title in texts:
        text = fold(title)
        named = processes or _processes_in(text, facts)
        for code, name in _names(facts):
            if f" {name} " not in f" {text} ":
                continue
            if code not in known and (not _is_plain(code, name, facts) and facts.bodies[code].process not in named):
                continue
            after = re.search(rf"\b{re.escape(name)} (\d{{1,2}})\b", text)
            number = int(after[1]) if after else number_in(title)
            if known.get(code) is None and number and number <= _MOST and (code in known or not known):
                known[code] = number
    return frozenset(known.items())


def _processes_in(text: str, facts: Reference) -> list[str]:
    return [slug for slug, names in _process_names(facts) if any(f" {name} " in f" {text} " for name in names)]


def _is_plain(code: str, name: str, facts: Reference) -> bool:
    """Tell whether a name belongs to one body only: COP, OEWG, ICC and CC do not."""
    return {other for other, known in _names(facts) if known == name} == {code}


_cache: dict[str, tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]] = {}


def _names(facts: Reference) -> tuple[tuple[str, str], ...]:
    return _indexed(facts)[0]


def _process_names(facts: Reference) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return _indexed(facts)[1]


def _indexed(
    facts: Reference,
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return (code, folded name) of every body, long names first, and the folded names of every process."""
    if facts.digest not in _cache:
        _cache.clear()
        bodies = {(code, fold(name)) for code in facts.bodies for name in facts.body_names(code)}
        processes = {slug: tuple(map(fold, facts.process_names(slug))) for slug in facts.processes}
        _cache[facts.digest] = (
            tuple(sorted(bodies, key=lambda pair: (-len(pair[1]), pair))),
            tuple(processes.items()),
        )
    return _cache[facts.digest]
