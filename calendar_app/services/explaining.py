"""What planning thinks of two events, or of one, told in English sentences for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calendar_app.planning import explain
from calendar_app.planning.dates import Precision
from calendar_app.planning.findings import Effect, Reason
from calendar_app.services import policies
from calendar_app.services.calendar import OPERATOR, find_event
from calendar_app.services.explained_silence import why_quiet
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.planning_facts import facts
from calendar_app.services.planning_meetings import all_meetings, meetings_around
from calendar_app.services.records import in_language, span_of
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.planning.explain import Explanation, Look, Said
    from calendar_app.planning.meetings import Meeting

_NONE, _JOURNEY, _PEOPLE = "none", "journey", "people"
# Where something is said here, nothing else is asked.
_FIRST = frozenset({"taking-part", "days"})
_SAME = "Both ids lead to the same event."
GROUPS = ("spoke", "lowered", "silenced", "quiet")


class UnknownEventError(LookupError):
    """There is no event with this id; the message is the id."""


class Row(NamedTuple):
    """One thing that was looked at. `group` is one of `GROUPS`; the sentences say what it came to."""

    group: str
    topic: str
    sentences: tuple[str, ...]


class Told(NamedTuple):
    """The verdict, the sentences it rests on, the events in a line each, and all that was looked at."""

    verdict: str
    reasons: tuple[str, ...]
    events: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


class Explainer:
    """Explains pairs of events of one calendar. With `whole` it is read once, for many pairs."""

    def __init__(self, session: Session, *, whole: bool = False) -> None:
        """Take the policy and the lists in force."""
        self._session = session
        self._facts = facts()
        self._policy = policies.in_force(session)
        self._titles: dict[uuid.UUID, str] = {}
        self._words = Words()
        self._says = FindingWords(self._words, self._title, reference())
        self._meetings = _by_event(all_meetings(session, self._facts)) if whole else None

    def explain(self, a: str, b: str = "") -> Told:
        """Explain two events by their ids, or by ids at a source; without `b` the days of the one.

        Raises `UnknownEventError`.
        """
        one, other = self._event(a), self._event(b) if b else None
        events = [event for event in (one, other) if event is not None]
        lines = tuple(self._line(event) for event in events)
        if one is other:
            return Told(_NONE, (_SAME,), lines[:1])
        meetings = self._meetings
        if meetings is None:
            wanted = [event.id for event in events]
            meetings = _by_event(meetings_around(self._session, (), wanted, self._facts, self._policy))
        unseen = tuple(
            f"“{self._title(event.id)}” is not published, so it is not compared with anything."
            for event in events
            if event.id not in meetings
        )
        if unseen:
            return Told(_NONE, unseen, lines)
        found = self._explained([meetings[event.id] for event in events])
        ids = tuple(event.id for event in sorted(events, key=lambda event: event.id))
        reasons = tuple(self._sentence(said, ids) for said in found.reasons)
        rows = sorted((self._row(look, ids, found) for look in found.looks), key=lambda row: GROUPS.index(row.group))
        return Told(found.verdict, reasons, lines, tuple(rows))

    def _explained(self, sides: list[list[Meeting]]) -> Explanation:
        """Explain the sets of dates that matter most, of events with candidate dates."""
        if len(sides) == 1:
            several = [explain.explain_one(m, self._facts, self._policy) for m in sides[0]]
        else:
            pairs = ((a, b) if a.event <= b.event else (b, a) for a in sides[0] for b in sides[1])
            several = [explain.explain_pair(a, b, self._facts, self._policy) for a, b in pairs]
        return min(several, key=explain.rank)

    def _event(self, text: str) -> Event:
        event = find_event(self._session, OPERATOR, text.strip())
        if event is None:
            raise UnknownEventError(text.strip())
        return event

    def _title(self, event_id: uuid.UUID) -> str:
        if event_id not in self._titles:
            event = find_event(self._session, OPERATOR, str(event_id))
            self._titles[event_id] = in_language(event.titles, "en")[0] if event else str(event_id)
        return self._titles[event_id]

    def _line(self, event: Event) -> str:
        when = self._words.dates(span_of(event), Precision(event.precision), event.date_text)
        where = self._words.place(event.city, event.country, event.format)
        return ", ".join(part for part in (self._title(event.id), when, where, event.status) if part)

    def _row(self, look: Look, ids: tuple[uuid.UUID, ...], found: Explanation) -> Row:
        if look.said:
            among = [item.reason for item in found.reasons]
            said = tuple(f"{self._sentence(item, ids)} ({self._says.effect(item.reason, among)})" for item in look.said)
            group = explain.group_of(look)
            if look.topic == _PEOPLE and group == "quiet":
                said += (why_quiet(look, self._words, settled=False),)
            return Row(group, look.topic, said)
        if look.topic == _JOURNEY and not _is_settled(found):
            places = Reason("places", Effect.QUIET, tuple(look.values.items()))
            return Row("quiet", look.topic, (self._says.sentence(places, ids),))
        return Row("quiet", look.topic, (why_quiet(look, self._words, settled=_is_settled(found)),))

    def _sentence(self, said: Said, ids: tuple[uuid.UUID, ...]) -> str:
        return self._says.sentence(said.reason, (said.event,) if said.event else ids)


def _is_settled(found: Explanation) -> bool:
    """Tell whether an event takes no part at all, so that no other rule was asked."""
    return any(look.topic in _FIRST and look.said and look.said[0].reason.rule != "free-days" for look in found.looks)


def _by_event(meetings: Iterable[Meeting]) -> dict[uuid.UUID, list[Meeting]]:
    found: dict[uuid.UUID, list[Meeting]] = {}
    for meeting in meetings:
        found.setdefault(meeting.event, []).append(meeting)
    return found
