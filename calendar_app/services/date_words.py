"""Better dates in a line: what a window would run into and what it would make possible, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel.dates import format_date

from calendar_app.planning.vocabulary import About, FindingKind

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from calendar_app.planning.dates import Span
    from calendar_app.planning.finder import Window
    from calendar_app.planning.findings import Finding, Reason
    from calendar_app.services.finding_words import FindingWords
    from calendar_app.services.wording import Words


class DateWords:
    """Says why a window is worth taking. `events` gives title and days of another event, as the reader may see them."""

    def __init__(
        self, words: Words, findings: FindingWords, events: Callable[[uuid.UUID], tuple[str, Span | None]]
    ) -> None:
        """Take the language and who knows the other events."""
        self.words, self._findings, self._events = words, findings, events

    def sentences(self, window: Window, own: uuid.UUID) -> tuple[str, ...]:
        """Return what there is to say of a window for the event `own`: what it runs into, then what could be joined."""
        clashes = [f for f in window.findings if f.kind is FindingKind.CLASH]
        joined = (self._joined(f, window, own) for f in window.findings if f.kind is FindingKind.OPPORTUNITY)
        return tuple(filter(None, (self._runs_into(clashes, own), next(filter(None, joined), ""))))

    def weekdays(self, span: Span) -> str:
        """Return the weekdays of the first and the last day."""
        first, last = (format_date(day, "EEEE", self.words.locale) for day in (span.start, span.last))
        if span.days == 1:
            return first
        return self.words.gettext("%(first)s to %(last)s") % {"first": first, "last": last}

    def _runs_into(self, clashes: list[Finding], own: uuid.UUID) -> str:
        words = self.words
        if not clashes:
            return words.gettext("Runs into nothing.")
        worst = max(clashes, key=lambda finding: finding.severity)
        said = self._what(worst, own)
        if len(clashes) > 1:
            said = f"{said} " + words.ngettext(
                "Besides, there is %(num)d more clash, no worse than this one.",
                "Besides, there are %(num)d more clashes, none worse than this one.",
                len(clashes) - 1,
            ) % {"num": len(clashes) - 1}
        return said

    def _what(self, clash: Finding, own: uuid.UUID) -> str:
        """Return the worst clash of a window in one sentence."""
        words = self.words
        severity = self._findings.severity(clash.severity)
        if clash.about is About.DAYS:
            sentence = self._findings.sentence(clash.reasons[0], clash)
            return words.gettext("%(severity)s: %(sentence)s") % {"severity": severity, "sentence": sentence}
        values = {"severity": severity, "title": self._title(clash, own)}
        if any(reason.rule == "travel" for reason in clash.reasons):
            return words.gettext("%(severity)s: little time to travel from or to “%(title)s”.") % values
        return words.gettext("%(severity)s: at the same time as “%(title)s”.") % values

    def _title(self, finding: Finding, own: uuid.UUID) -> str:
        other = finding.b if finding.a == own else finding.a
        return self.words.isolated(self._events(other)[0]) if other else ""

    def _joined(self, chance: Finding, window: Window, own: uuid.UUID) -> str:
        """Return what could be joined to one trip, "" where there is nothing to say in a line."""
        reasons = {reason.rule: reason for reason in chance.reasons}
        trip = reasons.get("one-trip")
        other = chance.b if chance.a == own else chance.a
        if trip is None or other is None:
            return self._findings.sentence(reasons["in-town"], chance) if "in-town" in reasons else ""
        title, span = self._events(other)
        return self._trip(trip, title, is_before=span is None or window.span.start < span.start)

    def _trip(self, trip: Reason, title: str, *, is_before: bool) -> str:
        words, days = self.words, int(str(trip.value("free_days", 0)))
        values = {"title": words.isolated(title), "num": days}
        if not days:
            directly = (
                words.gettext("Directly before “%(title)s”: one journey is enough for both.")
                if is_before
                else words.gettext("Directly after “%(title)s”: one journey is enough for both.")
            )
            return directly % values
        near = (
            words.ngettext(
                "%(num)d free day before “%(title)s”: one journey is enough for both.",
                "%(num)d free days before “%(title)s”: one journey is enough for both.",
                days,
            )
            if is_before
            else words.ngettext(
                "%(num)d free day after “%(title)s”: one journey is enough for both.",
                "%(num)d free days after “%(title)s”: one journey is enough for both.",
                days,
            )
        )
        return near % values
