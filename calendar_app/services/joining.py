"""How one joins online, as calendar programs write it: in the place, and in blocks that they add to descriptions.

Addresses of calls and their passcodes are for those who are invited. A calendar that everybody reads is no place for
them, and nobody who subscribes to it has asked for them.
"""

from __future__ import annotations

import re

from calendar_app.services import cell_words
from calendar_app.services.text import fold

_CALL = re.compile(
    r"<?\bhttps?://(?:teams\.(?:microsoft|live)\.com/(?:l/meetup-join|meet)|meet\.google\.com/"
    r"|(?:[\w-]+\.)?zoom(?:gov)?\.(?:us|com)/(?:j|w|my|s)/|(?:[\w-]+\.)?webex\.com/|meet\.goto\.com/"
    r"|(?:global\.)?gotomeeting\.com/join|join\.skype\.com/|live\.kudoway\.com/)[^\s<>]*>?",
    re.IGNORECASE,
)
WEB = re.compile(r"<?\bhttps?://[^\s<>]+>?", re.IGNORECASE)
# What stands before and after the block of a program: a line of underscores, or "-::~:~::~:~-".
_RULE = re.compile(r"^[ \t]*(?:_{10,}|[-:~]{10,})[ \t]*$", re.MULTILINE)
_SECRET = re.compile(
    r"^\W*(?:meeting (?:id|number|key)|(?:phone )?conference id|access code|pass ?code|password|pin"
    r"|(?:id|n° ?) ?de (?:la )?r[ée]union|code (?:secret|d'acc[èe]s)|mot de passe"
    r"|id\.? de (?:la )?reuni[óo]n|c[óo]digo de acceso|contrase[ñn]a"
    r"|идентификатор (?:конференции|собрания)|код доступа|секретный код|пароль"
    r"|معرف الاجتماع|رمز المرور|كلمة المرور|会议 ?(?:id|号)|密码|入会密码)\s*[:\uff1a]",
    re.IGNORECASE,
)
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")
_PRODUCTS = frozenset("teams zoom webex skype gotomeeting kudo".split())
_WITH_THEM = frozenset(
    fold(
        "microsoft ms cisco meeting call conference session event platform only link via on by in or and the de en et"
        " reunión réunion conférence sesión besprechung собрание اجتماع"
    ).split()
)
_ONLINE = cell_words.words_for("format", "online") | {"google meet"}
_ONLINE_WORDS = _PRODUCTS | {word for word in _ONLINE if " " not in word}
# Those of them that are parts of other names too: "Teams House", "Remote Sensing Centre".
_ALONE_ONLY = {"teams", "kudo", "meet", "remote", "remoto", "remota"}


def is_online(place: str) -> bool:
    """Tell whether a place is none: "Microsoft Teams Meeting", "Réunion Zoom", "virtual"."""
    # Chinese writes "meeting" without a blank before it.
    folded = fold(place).removesuffix("会议").strip()
    words = set(folded.split())
    return folded in _ONLINE or (words <= _ONLINE_WORDS | _WITH_THEM and bool(words & _ONLINE_WORDS))


def says_online(place: str) -> bool:
    """Tell whether a place says, among other things, that one joins online: "Zoom (link follows)"."""
    folded = fold(place)
    phrases = _ONLINE | _PRODUCTS
    return is_online(place) or any(f" {phrase} " in f" {folded} " for phrase in phrases - _ALONE_ONLY)


def has_call(text: str) -> bool:
    """Tell whether the address of a call stands in a text."""
    return _CALL.search(text) is not None


def without_joining(description: str) -> str:
    """Return a description without how to join: blocks between rules, else the lines with addresses and passcodes.

    One in which no address of a call stands is returned as it is.
    """
    if not has_call(description):
        return description
    first, *blocks = _RULE.split(description)
    parts = [first, *(block for block in blocks if not (has_call(block) and _names_call(block)))]
    lines = "\n".join(part.strip("\n") for part in parts).split("\n")
    kept = [line for line in lines if not has_call(line) and not _SECRET.match(line)]
    return _BLANK_LINES.sub("\n\n", "\n".join(kept)).strip()


def _names_call(block: str) -> bool:
    """Tell whether a block reads as a program wrote it: it names a passcode, a product of its own, or a number."""
    words = set(fold(block).split())
    return bool(words & (_PRODUCTS | {"meet"})) or any(_SECRET.match(line) for line in block.split("\n"))
