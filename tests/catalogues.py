"""The catalogues of translations: what they hold, what is wrong with them, and an application that uses others."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from calendar_app.factory import ROOT
from calendar_app.services import reference_texts, wording
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from babel.messages.catalog import Catalog

TRANSLATIONS = ROOT / "calendar_app" / "translations"
TEMPLATE = TRANSLATIONS / "messages.pot"
CATALOGUES = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))
LANGUAGES = [path.parent.parent.name for path in CATALOGUES]
# Languages whose letters are not Latin: there an English word can be told by its letters.
LETTERS = {"ar": r"[\u0621-\u064a]"}
# Latin in texts of other letters, besides the acronyms of the packaged lists: programs and devices by the names on
# their own icons; file formats, schemes and techniques that have no other name; a key as it is printed on keyboards;
# the level of the accessibility guidelines; UTC, which times carry; parameters of an address, in quotation marks;
# examples of what is typed in Latin letters; settings and commands; what is written into a cell of a sheet, which
# has its meaning behind it in brackets.
_CELLS = "day month quarter year words tentative confirmed postponed cancelled in-person online hybrid unknown".split()
STAY = (
    "Google Calendar", "Apple Calendar", "Outlook.com", "Outlook", "Thunderbird", "iPhone", "iPad", "Mac",
    "ICSx5", "Android", "ICS", "Atom", "JSON Feed", "webcal", "JavaScript", "Tab", "AA", "UTC", "«to»", "«from»",
    "CSV", "Excel", ".xlsx", ".csv", ".ics", "TOML", "Europe/Zurich", "[region]", "https://", "http://",
    "name@example.org", "unep-law", "JSON", "XML", "IP", "IPv4", "IPv6", "CGNAT", "BEGIN:VCALENDAR", "END:VCALENDAR",
    "MAIL_URL", "MAIL_FROM", "SPF", "DKIM", "flask scheduler", "ISO 3166", "CH", "«Calendar»", "«cancelled»",
    *(f"{word} (" for word in _CELLS),
)  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{time\}")  # {time} is filled in by a script


def texts_of(message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def path_of(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=None if path == TEMPLATE else path.parent.parent.name)


def messages(catalogue: Catalog) -> list:
    return [message for message in catalogue if message.id]


def extracted() -> set[tuple[str, ...]]:
    """Return every text that templates and code mark as translatable, and that the packaged lists show."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        ROOT,
        methods,
        options,
        keywords=DEFAULT_KEYWORDS | dict.fromkeys(("_l", "in_english", "marked", "wrong")),
        directory_filter=lambda path: not Path(path).name.startswith((".", "node_modules")),
    )
    return {text if isinstance(text, tuple) else (text,) for _file, _line, text, _comments, _context in found}


@cache
def acronyms() -> set[str]:
    """Return the parts of short names that are no words, and what stands alone in brackets behind a name."""
    facts = reference()
    named = [*facts.processes.values(), *facts.bodies.values(), *facts.organisations.values()]
    parts = {part for thing in named for part in re.split(r"[\s/]", thing.short_name)}
    brackets = {found for thing in named for found in re.findall(r"\(([\w-]+)\)$", thing.name)}
    return {part for part in parts if not reference_texts.is_words(part)} | brackets


@cache
def may_stay() -> re.Pattern[str]:
    names = sorted({*STAY, *acronyms()} - {""}, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, names))})(?![A-Za-z])")


def latin_left(text: str) -> str:
    """Return what is left of a text in Latin letters, two or more, besides what may be there."""
    return " ".join(re.findall(r"[A-Za-z]\w+", may_stay().sub(" ", PLACEHOLDER.sub(" ", text))))


def forms_of_one_number(catalogue: Catalog) -> set[int]:
    """Return the plural forms that stand for one number only; they may say it in a word, or by their ending."""
    numbers: dict[int, set[int]] = {}
    select = plural_function(catalogue)
    for number in range(1000):
        numbers.setdefault(select(number), set()).add(number)
    return {form for form, meant in numbers.items() if len(meant) == 1}


def plural_function(catalogue: Catalog) -> Callable[[int], int]:
    """Return what gettext itself makes of the plural rule in the file."""
    return c2py(catalogue.plural_expr)


def problems_of(catalogue: Catalog) -> list[str]:
    """Return what is wrong with a catalogue's entries."""
    alone = forms_of_one_number(catalogue)
    found = ["obsolete entry"] * bool(catalogue.obsolete)
    for message in messages(catalogue):
        sources = texts_of(message)
        translations = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = catalogue.num_plurals if message.pluralizable else 1
        if message.fuzzy:
            found.append(f"fuzzy: {sources}")
        if len(translations) != wanted or not all(translations):
            found.append(f"empty: {sources}")
            continue
        for form, text in enumerate(translations):
            may_lack = counts_of(sources) if message.pluralizable and form in alone else set()
            found += [f"{problem}: {sources} {text}" for problem in _problems(sources[-1], text, may_lack, catalogue)]
    return found


def counts_of(sources: tuple[str, ...]) -> set[str]:
    """Return the placeholders of the number that is counted: `num`, or the only one with digits (%(min)d)."""
    digits = set(re.findall(r"%\((\w+)\)d", sources[-1]))
    return {"num"} | (digits if len(digits) == 1 else set())


def _problems(source: str, text: str, may_lack: set[str], catalogue: Catalog) -> Iterator[str]:
    names = re.findall(r"%\(\w+\)[sd]", source), re.findall(r"%\(\w+\)[sd]", text)
    lacking = {name for name in names[0] if PLACEHOLDER.match(name)[1] not in may_lack} - set(names[1])
    if lacking or set(names[1]) - set(names[0]) or "%" in PLACEHOLDER.sub("", text):
        yield "placeholders differ"
    if re.search(r"<\w|</|&\w+;", text):
        yield "HTML"
    if (text != text.strip()) != (source != source.strip()):
        yield "blank at an end"
    if letters := LETTERS.get(str(catalogue.locale)):
        # A text of placeholders, signs and acronyms has no words to translate.
        words = PLACEHOLDER.sub(" ", source)
        if latin_left(words) and not re.search(letters, text):
            yield "not translated"
        elif latin_left(text):
            yield "English left"


def compiled(folder: Path, catalogue: Catalog, language: str) -> Path:
    target = folder / language / "LC_MESSAGES"
    target.mkdir(parents=True)
    with (target / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    return folder


def pseudo_catalogue() -> Catalog:
    """Return a Chinese catalogue in which each text is itself between marks."""
    with TEMPLATE.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    for message in messages(catalogue):
        text = f"⟦{texts_of(message)[-1]}⟧"
        message.string = (text,) if message.pluralizable else text
    return catalogue


@contextmanager
def translations_in(folder: Path) -> Iterator[None]:
    caches = (wording.available_languages, wording.catalogue)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording, "TRANSLATIONS", folder)
        for cache in caches:
            cache.cache_clear()
        yield
    for cache in caches:
        cache.cache_clear()
