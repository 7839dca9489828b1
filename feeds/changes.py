"""What changed in an event: an entry of a feed that tells of changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feeds import checks

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

_TERM = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEntry:
    """One change of one event.

    id: the change's own, the same in every language and every feed. event: the event's uid.
    at: aware UTC. title: what the event is called. language: the BCP 47 tag of the title.
    sentences: what changed, in the language of the feed. reason: the line that says why, "" if that is not told.
    facts: what holds now (dates, place), each one line.
    kinds: what sort of changes these are, for programs: small letters and hyphens.
    url: the event's web page, "" where there is none any more.
    Raises ValueError when one of this does not hold.
    """

    id: uuid.UUID
    event: uuid.UUID
    at: datetime
    title: str
    sentences: tuple[str, ...]
    kinds: tuple[str, ...]
    reason: str = ""
    facts: tuple[str, ...] = ()
    language: str = "en"
    url: str = ""

    def __post_init__(self) -> None:
        """Check every field that has a form."""
        checks.utc("at", self.at)
        checks.shown("title", self.title)
        checks.check(self.sentences, "sentences say what changed")
        checks.check(all(map(_TERM.fullmatch, self.kinds)), f"kinds are small letters and hyphens, not {self.kinds}")
        checks.language("language", self.language)
        if self.url:
            checks.address("url", self.url, checks.WEB_SCHEMES)
