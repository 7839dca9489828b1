"""Which passwords are too easy to guess. Nothing leaves this machine; docs/decisions/0010 says what is not checked."""

from __future__ import annotations

import re
from itertools import pairwise

from calendar_app.services.text import fold

MIN_LENGTH, MAX_LENGTH = 12, 128
# So much must be left when everything that a stranger would try first is taken out.
_LEFT = 6
_FEWEST_SIGNS = 5
_TRIED_FIRST = (
    "password passwort passw0rd p@ssw0rd p@ssword contrasena motdepasse parol mima letmein welcome"
    " bienvenue admin administrator login"
    " secret master iloveyou monkey dragon football baseball princess sunshine superman trustno changeme default"
    " qwertzuiop qwertyuiop azertyuiop qwerty qwertz azerty asdfghjkl asdfgh yxcvbnm zxcvbnm 1q2w3e4r5t 1qaz2wsx"
    " abcdefghijklmnopqrstuvwxyz 01234567890 0987654321 joint meeting calendar chemicals waste unep basel rotterdam"
    " stockholm minamata geneva secretariat convention"
).split()
_YEAR = re.compile(r"(19|20)\d\d")


def problem_of(password: str, *personal: str) -> str | None:
    """Return "short", "long" or "easy" for a password not to be taken, None for a good one.

    `personal` is what everybody may know of its owner, such as address and name.
    """
    if len(password) < MIN_LENGTH:
        return "short"
    if len(password) > MAX_LENGTH:
        return "long"
    rest = password.casefold()
    if len(set(rest)) < _FEWEST_SIGNS:
        return "easy"
    known = {word for text in personal for word in fold(text).split() if len(word) > 2}  # noqa: PLR2004 - "de", "un"
    for word in sorted({*known, *_TRIED_FIRST}, key=len, reverse=True):
        rest = rest.replace(word, "")
    rest = _without_runs(_YEAR.sub("", rest))
    return "easy" if len(rest) < _LEFT else None


def _without_runs(text: str) -> str:
    """Return the text without signs that continue the one before: "aaa", "abc", "321"."""
    kept = text[:1]
    for before, sign in pairwise(text):
        if ord(sign) - ord(before) not in {-1, 0, 1}:
            kept += sign
    return kept
