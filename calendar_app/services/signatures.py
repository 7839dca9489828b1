"""How people signed what they did, as pages and minutes show it; histories and the audit log keep it as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calendar_app.services.wording import Words

BY_LINK = "by the link of the round"
BY_SHEET = "by the sheet of the exchange round"
# Before the name of a source that did something by itself.
SOURCE = "source "
# "Ana <ana@brs.example> (BRS), by ..." and, of who has no name, "ana@brs.example (BRS), by ...".
_WITH_ADDRESS = re.compile(r"(?P<name>.*?) *<[^<>\s]+@[^<>\s]+> (?P<rest>\(.*)", re.DOTALL)
_ADDRESS_ALONE = re.compile(r"[^<>\s]+@[^<>\s]+ \((?P<organisation>[^()]*)\)")


def signed(words: Words, signature: str) -> str:
    """Return a signature without the address of whoever came by a link, and in the reader's language how they came."""
    for how in (BY_LINK, BY_SHEET):
        who, found, rest = signature.rpartition(f", {how}")
        if found and not rest:
            values = {"person": words.isolated(_named(who)), "how": _told(words, how)}
            return words.running(words.gettext("%(person)s, %(how)s") % values)
    if signature.startswith(SOURCE):
        return words.gettext("source %(name)s") % {"name": words.isolated(signature.removeprefix(SOURCE))}
    return signature


def _named(who: str) -> str:
    if match := _WITH_ADDRESS.fullmatch(who):
        return f"{match['name']} {match['rest']}"
    match = _ADDRESS_ALONE.fullmatch(who)
    return match["organisation"] if match else who


def _told(words: Words, how: str) -> str:
    return {
        BY_LINK: words.gettext("by the link of the round"),
        BY_SHEET: words.gettext("by the sheet of the exchange round"),
    }[how]
