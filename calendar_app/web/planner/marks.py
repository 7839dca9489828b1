"""What gets in the way of what on the planner: marks for its bars, pairs to join, and the lists below it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.planning.vocabulary import FindingKind, Severity
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.planning.findings import Finding
    from calendar_app.services.planned import OpenOption, Planned
    from calendar_app.services.planned_findings import PlannedFinding
    from calendar_app.services.wording import Words

# Pairs that are planned back-to-back, or could share a journey.
_JOINING = frozenset({"stated-back-to-back", "one-trip"})
_MOST_NAMES, _MOST_LISTED, _MOST_PAIRS = 3, 60, 30


class Marks:
    """What was found about the events of one page. `events` are all that it knows, `shown` the ids of those drawn."""

    def __init__(
        self, found: Iterable[PlannedFinding], events: Iterable[Planned], options: Iterable[OpenOption],
        shown: Iterable[str], words: Words,
    ) -> None:  # fmt: skip
        """Take what concerns an event that is drawn, with events that the reader can be told of."""
        self._words = words
        self._events = {event.id: event for event in events} | {option.event.id: option.event for option in options}
        self._say = FindingWords(words, lambda event: self._name(str(event)), reference())
        drawn = set(shown)
        self._clashes: list[PlannedFinding] = []
        self._pairs: list[PlannedFinding] = []
        for item in found:
            ids = item.events
            if not drawn & set(ids) or not all(event in self._events for event in ids):
                continue
            if item.kind is FindingKind.CLASH:
                self._clashes.append(item)
            elif item.finding.reasons[0].rule in _JOINING:
                self._pairs.append(item)
        self._clashes.sort(key=lambda item: (-item.severity, self._order(item)))
        self._pairs.sort(key=self._order)
        self._by_event: dict[str, list[PlannedFinding]] = defaultdict(list)
        for item in (*self._clashes, *self._pairs):
            for event in item.events:
                self._by_event[event].append(item)

    @property
    def joined(self) -> list[tuple[str, str]]:
        """The pairs of events between which a line is drawn: not where one has candidate dates, which lie elsewhere."""
        return [(str(item.a), str(item.b)) for item in self._pairs if not any(item.options)]

    def style(self, event: str) -> str:
        """Return the class of the mark on an event's bar, with a space before it; "" for none."""
        worst = max((item.severity for item in self._by_event.get(event, ())), default=Severity.NONE)
        return f" meets-{worst.word}" if worst else ""

    def lines(self, event: str) -> list[str]:
        """Return what the card of an event says of it: the worst first."""
        found = self._by_event.get(event)
        if not found:
            return []
        lines = []
        for severity in (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR):
            own = [item for item in found if item.severity is severity]
            lines += [self._days(item.finding) for item in own if item.b is None]
            if names := self._names(event, [item for item in own if item.b]):
                lines.append(self._meets(severity, names))
        if names := self._names(event, [item for item in found if not item.severity]):
            lines.append(_("Together with: %(names)s", names=names))
        return lines

    def listed(self, *, for_members: bool) -> dict[str, Any]:
        """Return the lists below the drawing: clashes, minor ones apart, and pairs; strangers get links to events."""
        clashes = self._clashes[:_MOST_LISTED]
        return {
            "clashes": [self._line(item, for_members) for item in clashes if item.severity > Severity.MINOR],
            "minor": [self._line(item, for_members) for item in clashes if item.severity <= Severity.MINOR],
            "more": len(self._clashes) - len(clashes),
            "pairs": [self._line(item, for_members) for item in self._pairs[:_MOST_PAIRS]],
        }

    def _line(self, item: PlannedFinding, for_members: bool) -> dict[str, Any]:  # noqa: FBT001
        finding = item.finding
        clash = finding.kind is FindingKind.CLASH
        return {
            "mark": finding.severity.word if clash else "opportunity",
            "mark_label": self._say.severity(finding.severity) if clash else self._say.kind(finding.kind),
            "headline": self._say.headline(finding),
            "candidate": _("on a candidate date") if any(finding.options) else "",
            "url": url_for("clashes.clash", finding_id=item.id) if for_members else "",
            "events": [
                {"title": event.title, "language": self._language(event), "url": url_for("events.event", event_id=id_)}
                for id_ in item.events
                for event in (self._events[id_],)
            ],
        }

    def _language(self, event: Planned) -> str:
        return "" if event.title_language == self._words.language else event.title_language

    def _order(self, item: PlannedFinding) -> tuple[str, str]:
        """Order findings by the day on which the later of two events begins."""
        starts = [event.span.start.isoformat() for id_ in item.events if (event := self._events[id_]).span]
        return max(starts, default=""), str(item.a)

    def _name(self, event: str) -> str:
        found = self._events[event]
        return found.short_title or found.title

    def _names(self, event: str, items: list[PlannedFinding]) -> str:
        """Return the shortest names of the other events, the first few of them."""
        others = [self._events[id_] for item in items for id_ in item.events if id_ != event]
        names = [self._words.isolated(other.short_title or other.title) for other in others]
        shown = self._words.listed(names[:_MOST_NAMES])
        more = len(names) - _MOST_NAMES
        if more > 0:
            shown = ngettext("%(names)s and %(num)d more", "%(names)s and %(num)d more", more, names=shown)
        return shown

    def _meets(self, severity: Severity, names: str) -> str:
        return str(
            {
                Severity.CRITICAL: _("Critical clash with %(names)s", names=names),
                Severity.MAJOR: _("Major clash with %(names)s", names=names),
                Severity.MINOR: _("Minor clash with %(names)s", names=names),
            }[severity]
        )

    def _days(self, finding: Finding) -> str:
        sentence = self._say.sentence(finding.reasons[0], finding)
        severity = self._say.severity(finding.severity)
        return str(_("%(severity)s: %(sentence)s", severity=severity, sentence=sentence))
