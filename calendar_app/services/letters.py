"""In which language a text is, as far as its letters alone tell: Arabic, Chinese and Russian have their own."""

from __future__ import annotations

import unicodedata

_LANGUAGES = (("ARABIC", "ar"), ("CJK", "zh"), ("CYRILLIC", "ru"))


def language_of(text: str) -> str:
    """Return the language in whose letters most of a text is written, "" for Latin ones, which are those of many."""
    letters = [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
    for script, code in _LANGUAGES:
        if sum(name.startswith(script) for name in letters) * 2 > len(letters):
            return code
    return ""
