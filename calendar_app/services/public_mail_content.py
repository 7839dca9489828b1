"""What the public monthly mail says of one list: coming events by month, what changed, deadlines, and days to note."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.mail.digest_content import DigestContent, Link, Section
from calendar_app.models import Event
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Status
from calendar_app.services import calendar, changes_since, filters, observances
from calendar_app.services.calendar import STRANGER
from calendar_app.services.changes_since import ChangeKind
from calendar_app.services.digest_change_words import changes_grouped
from calendar_app.services.digest_choice import DEADLINE, is_within, without_divided
from calendar_app.services.digest_event_words import EventWords
from calendar_app.services.digest_material import AHEAD, month_before
from calendar_app.services.digest_words import alone, by_month, observance_entry
from calendar_app.services.reference import reference
from calendar_app.services.wording import RIGHT_TO_LEFT, Words

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.changes_since import EventChange, Loaded
    from calendar_app.services.filters import EventFilter

__all__ = ["Issue", "compose", "load", "month_before", "with_footer"]

load = changes_since.load
MOST_EVENTS, MOST_CHANGES = 60, 25
_OBSERVED_AHEAD = timedelta(days=35)
_TOLD = frozenset({ChangeKind.NEW, ChangeKind.MOVED, ChangeKind.CANCELLED, ChangeKind.POSTPONED})


@dataclass(frozen=True, slots=True)
class Issue:
    """Which mail it is: of a month (its first day), with changes from `since` to `now`, in a language.

    `now` is in the time zone of the calendar; `home_url` is the calendar's own address, without a path.
    """

    month: date
    now: datetime
    since: datetime
    language: str
    home_url: str

    @property
    def ahead(self) -> Span:
        """The 90 days that begin today."""
        return Span(self.now.date(), self.now.date() + AHEAD)


def compose(session: Session, query: str, changed: Loaded, issue: Issue) -> DigestContent | None:
    """Return the mail about the list that a filter finds (`query` as an address has it), None if it has nothing."""
    wanted = _filter(session, query)
    coming = calendar.coming_events(session, STRANGER, replace(wanted, tbc=True), today=issue.now.date())
    near = [e for e in without_divided(coming) if is_within(e, issue.ahead) and e.status != Status.CANCELLED]
    deadlines = [event for event in near if event.kind == DEADLINE]
    events = [event for event in near if event.kind not in {DEADLINE, "observance"}]
    changes = _changes(session, wanted, changed, issue)
    if not events and not deadlines and not changes:
        return None
    return _worded(query, events, deadlines, changes, issue)


def with_footer(content: DigestContent, unsubscribe_url: str) -> DigestContent:
    """Return the mail with the link by which its reader changes or ends it."""
    words = Words(content.language)
    return replace(content, closing=(*content.closing, Link(words.gettext("Change or end this mail"), unsubscribe_url)))


def _filter(session: Session, query: str) -> EventFilter:
    in_use = {name: calendar.facets_in_use(session, STRANGER, name) for name in ("city", "organiser")}
    return filters.restore(query, reference(), lambda name, value: value if value in in_use[name] else None)[0]


def _changes(session: Session, wanted: EventFilter, changed: Loaded, issue: Issue) -> list[EventChange]:
    """Return what changed of the list as everybody sees it; days of the filter choose events, not changes."""
    told = [c for c in changes_since.changes_for(changed, STRANGER) if c.kind in _TOLD]
    today = issue.now.date()
    told = [c for c in told if c.event.end is None or c.event.end > today or c.event.status == Status.POSTPONED]
    if not told:
        return []
    ids = [change.event.id for change in told]
    matching = select(Event.id).where(
        calendar.visible_to(STRANGER), calendar.matching(wanted.without_days()), Event.id.in_(ids)
    )
    found = set(session.scalars(matching))
    return [change for change in told if change.event.id in found]


def _worded(
    query: str, events: list[Event], deadlines: list[Event], changes: list[EventChange], issue: Issue
) -> DigestContent:
    words = Words(issue.language)
    said = EventWords(words, issue.home_url)
    observed = observances.between(Span(issue.now.date(), issue.now.date() + _OBSERVED_AHEAD))
    today, url = issue.now.date(), f"{issue.home_url}/{query}"
    sections = [
        Section(
            words.gettext("Coming events"),
            by_month(words, [(e.start or today, said.full(e)) for e in events[:MOST_EVENTS]], today),
            _more(words, len(events) - MOST_EVENTS, url),
        ),
        Section(
            words.gettext("What changed"),
            changes_grouped(said, changes[:MOST_CHANGES]),
            _more(words, len(changes) - MOST_CHANGES, url),
        ),
        Section(words.gettext("Deadlines"), alone(map(said.full, deadlines))),
        Section(words.gettext("International days"), alone(observance_entry(words, *item) for item in observed)),
    ]
    title = words.gettext("Meetings on chemicals and waste, %(month)s") % {"month": words.month(issue.month)}
    return DigestContent(
        subject=title,
        title=title,
        period=words.days(issue.ahead),
        lead_heading="",
        lead=(),
        facts=(),
        sections=tuple(s for s in sections if any(group.entries for group in s.groups)),
        closing=(Link(words.gettext("The same list, as it is now"), url),),
        reason=words.gettext("You get this mail once a month because you asked the Joint meeting calendar for it."),
        language=words.language,
        direction="rtl" if words.language in RIGHT_TO_LEFT else "ltr",
    )


def _more(words: Words, left: int, url: str) -> Link | None:
    text = words.ngettext("%(num)d more is in the calendar.", "%(num)d more are in the calendar.", max(left, 0))
    return Link(text % {"num": left}, url) if left > 0 else None
