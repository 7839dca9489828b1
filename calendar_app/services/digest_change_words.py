"""What changed, as digests and the public mail tell it."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from calendar_app.mail.digest_content import Group
from calendar_app.services.changes_since import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.services.changes_since import EventChange
    from calendar_app.services.digest_event_words import EventWords
    from calendar_app.services.wording import Words


def changes_heading(words: Words, kind: ChangeKind) -> str:
    """Return under which heading a change stands."""
    return {
        ChangeKind.NEW: words.gettext("New"),
        ChangeKind.CANCELLED: words.gettext("Cancelled"),
        ChangeKind.POSTPONED: words.gettext("Postponed"),
        ChangeKind.GONE: words.gettext("No longer in the calendar"),
        ChangeKind.MOVED: words.gettext("Moved"),
        ChangeKind.CONFIRMED: words.gettext("Confirmed"),
        ChangeKind.CHANGED: words.gettext("Changed otherwise"),
    }[kind]


def changes_grouped(events: EventWords, changes: Iterable[EventChange]) -> tuple[Group, ...]:
    """Return changes by kind: each event with its dates, and those it had before; of what is gone its old ones."""
    words, groups = events.words, []
    by_kind = sorted(changes, key=lambda change: list(ChangeKind).index(change.kind))
    for kind, some in groupby(by_kind, key=lambda change: change.kind):
        entries = []
        for change in some:
            lines: tuple[str, ...] = ()
            if change.old_dates:
                old = words.isolated(events.were(change.old_dates))
                lines = (words.gettext("Before: %(dates)s") % {"dates": old},)
            elif kind is ChangeKind.CHANGED:
                event = change.event
                lines = (
                    words.listed((words.place(event.city, event.country, event.format), words.format(event.format))),
                )
            # What the heading says already is not said again.
            mark = "" if kind is ChangeKind.CANCELLED else events.mark(change.event)
            entry = replace(events.short(change.event, *lines), mark=mark)
            # The page of what is gone is not there for the reader.
            entries.append(replace(entry, url="") if kind is ChangeKind.GONE else entry)
        groups.append(Group(changes_heading(words, kind), tuple(entries)))
    return tuple(groups)
