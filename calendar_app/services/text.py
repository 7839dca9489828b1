"""Text as it is searched and compared: folded to plain letters, and safe of control characters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_SLUG = 120
# Everything but letters, digits and the marks inside words separates words.
_NOT_WORD = re.compile(r"[\W_]+")
_LETTER_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_YEAR = re.compile(r"(19|20)\d\d")
# Scripts written without spaces: found anywhere, not only at the start of a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return `text` for comparison: no case, no accents, words apart, letters apart from digits.

    "POPRC-22" and "poprc22" both become "poprc 22"; "Belém" becomes "belem".
    """
    # Taken apart before and after: signs such as "℡" are capital letters only then, and small ones may come apart anew.
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return _LETTER_DIGIT.sub(" ", _NOT_WORD.sub(" ", plain)).strip()


def search_patterns(query: str) -> list[str]:
    """Return LIKE patterns that must all match a folded text which begins and ends with a space.

    A word matches at the start of a word; a number belongs to the word before it and is matched whole, so that
    "COP 7" finds neither COP 17 nor COP 70. A year stands for itself: "COPs 2025" finds the "2025 COPs". Words of
    scripts without spaces match anywhere.
    """
    patterns: list[str] = []
    for word in fold(query).split():
        if word.isdigit():
            if patterns and not patterns[-1].endswith(" %") and not _YEAR.fullmatch(word):
                patterns[-1] = patterns[-1][:-1] + f" {word} %"
            else:
                patterns.append(f"% {word} %")
        elif _UNSPACED.search(word):
            patterns.append(f"%{word}%")
        else:
            patterns.append(f"% {word}%")
    return patterns


def slugify(text: str) -> str:
    """Return an address-safe form of at most 120 characters: "Punta del Este" becomes "punta-del-este"."""
    return fold(text).replace(" ", "-")[:MAX_SLUG].strip("-")


def clean(text: str) -> str:
    """Return `text` without control characters and outer blanks, line ends as newlines, in composed form."""
    return unicodedata.normalize("NFC", _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
