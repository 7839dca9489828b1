"""Sentences that are English by themselves, as the command line says them, and that pages say in the reader's language.

What reads a file does not know who will read what it says: it is kept with an import and shown later, to several
people. So a sentence keeps what it is made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from calendar_app.services.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from calendar_app.services.wording import Words

# What is put into a sentence; a list stands there with commas.
Value: TypeAlias = str | int | list[str]
# Values with these names are names of columns, and of fields of a record.
_COLUMNS, _FIELDS = frozenset({"column", "other"}), frozenset({"fields"})
# Codes of organisations, and names that lists have in other languages too.
_ORGANISATIONS, _CITIES, _NAMES = frozenset({"steward", "organisation"}), frozenset({"city"}), frozenset({"keeper"})
# This one is a template itself, for the same values.
_INNER = "because"


class Sentence(str):
    """An English sentence, `template % values`; the template is what translators have."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Value]


def in_english(template: str, **values: Value) -> Sentence:
    """Return a sentence. `make messages` collects the templates that stand here."""
    made = Sentence(_filled(template, {name: _listed(value) for name, value in values.items()}))
    made.template, made.values = template, values
    return made


def marked(text: str) -> str:
    """Return a text as it is; `make messages` collects what stands here."""
    return text


def _filled(template: str, values: dict[str, str | int]) -> str:
    inner = values.get(_INNER)
    return template % (values | {_INNER: inner % values} if isinstance(inner, str) else values)


def _listed(value: Value) -> str | int:
    return ", ".join(value) if isinstance(value, list) else value


def stored(text: str) -> str | list[Any]:
    """Return a sentence as JSON that `in_words` understands: [template, values], or text that is none as it is."""
    if not isinstance(text, Sentence):
        return clean(text)
    return [text.template, {name: _kept(value) for name, value in text.values.items()}]


def _kept(value: Value) -> Value:
    """Return a value as every database takes it."""
    if isinstance(value, list):
        return [clean(item) for item in value]
    return clean(value) if isinstance(value, str) else value


def in_words(
    told: str | list[Any], words: Words, column: Callable[[str], str] = str, field: Callable[[str], str] = str
) -> str:
    """Return what was stored, or a sentence itself, in a language; `column` and `field` give names that people know.

    It begins with a capital letter, which on the command line it does not, behind "line 7 rejected".
    """
    parts = stored(told) if isinstance(told, str) else told
    if isinstance(parts, str):
        return parts
    template, values = parts
    worded = {name: _in_words(name, value, words, column, field) for name, value in values.items()}
    text = _filled(words.gettext(template), worded)
    return text[:1].upper() + text[1:] if template[:1].isalpha() else text


def _name(name: str, value: str, words: Words) -> str:
    if name in _ORGANISATIONS:
        return words.organisation(value, value)
    return words.city(value) if name in _CITIES else words.gettext(value)


def _in_words(
    name: str, value: Value, words: Words, column: Callable[[str], str], field: Callable[[str], str]
) -> str | int:
    if name in _COLUMNS:
        return words.isolated(column(str(value)))
    if name == _INNER:
        return words.gettext(str(value))
    if name in _ORGANISATIONS | _NAMES | _CITIES:
        return words.isolated(_name(name, str(value), words))
    if name == "columns" and isinstance(value, list):
        return words.listed([words.isolated(column(item)) for item in value])
    if isinstance(value, list):
        named = dict.fromkeys(field(item) if name in _FIELDS else item for item in value)
        return words.listed([words.isolated(item) for item in named])
    return words.isolated(value) if isinstance(value, str) else value
