"""The status that people and programs write before a title: "[POSTPONED] Workshop", "Canceled: Workshop"."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from calendar_app.planning.vocabulary import Status
from calendar_app.services.sentences import marked
from calendar_app.services.wording import Words, available_languages

if TYPE_CHECKING:
    from feeds.reading.values import ReadEvent

# What our own feeds write, in the language of each.
BEFORE_TITLE = {Status.CANCELLED: marked("[CANCELLED]"), Status.POSTPONED: marked("[POSTPONED]")}
_OF_OTHERS = {"[CANCELED]": Status.CANCELLED, "[TENTATIVE]": Status.TENTATIVE}
# What Outlook writes when a meeting is called off.
_OUTLOOK = ("Canceled:", "Cancelled:", "Annulé :", "Cancelado:", "Cancelada:", "Отменено:", "已取消:", "تم الإلغاء:")


def without_status(title: str) -> str:
    """Return a title without the status that is written before it."""
    return _written()[1].sub("", title)


def status_before(title: str) -> Status | None:
    """Return the status that is written before a title."""
    words, pattern = _written()
    match = pattern.match(title)
    return words[_key(match[1])] if match else None


def status_of(event: ReadEvent) -> Status | None:
    """Return the status, which stands before a title as well, or only there; None if nothing is said of it.

    iCalendar has no word for "postponed", and programs write CONFIRMED where nobody chose: so what a person wrote
    before the title counts, unless the event is called off.
    """
    said = Status(event.status.value) if event.status else None
    before = set(filter(None, map(status_before, (event.summary, *(text for _, text in event.titles)))))
    for status in (Status.CANCELLED, Status.POSTPONED):
        if said is status or status in before:
            return status
    return said or (Status.TENTATIVE if before else None)


@cache
def _written() -> tuple[dict[str, Status], re.Pattern[str]]:
    """Return what is written, as `_key` has it, and where it stands."""
    ours = {
        Words(code).gettext(text): status for code in available_languages() for status, text in BEFORE_TITLE.items()
    }
    words = ours | _OF_OTHERS | dict.fromkeys(_OUTLOOK, Status.CANCELLED)
    # A French colon has a blank before it, sometimes one that does not break.
    written = "|".join(re.escape(word).replace(r"\ ", r"\s*") for word in words)
    pattern = re.compile(rf"^\s*({written})\s*", re.IGNORECASE)
    return {_key(word): status for word, status in words.items()}, pattern


def _key(text: str) -> str:
    return "".join(text.split()).casefold()
