"""What planning found, in words: one place for pages, letters and the command line, in the language of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from calendar_app.planning.findings import Effect, Finding
from calendar_app.planning.vocabulary import About, FindingKind, Severity
from calendar_app.services.reason_names import number, text
from calendar_app.services.reason_words import OF_ONE_EVENT, ReasonWords

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Sequence

    from calendar_app.planning.findings import Reason
    from calendar_app.services.reference import Reference
    from calendar_app.services.wording import Words

# What a reason is about: a finding, or events that were compared; one event where the reason is about it alone.
Subject: TypeAlias = "Finding | tuple[uuid.UUID, ...]"
_HOLIDAYS = frozenset({"official-holiday", "staff-holiday", "national-holiday", "observed-day", "avoided-day"})


class FindingWords:
    """Findings and their reasons in one language. `titles` gives the title of an event as the reader may see it."""

    def __init__(
        self,
        words: Words,
        titles: Callable[[uuid.UUID], str],
        reference: Reference,
        own: uuid.UUID | None = None,
    ) -> None:
        """Take the language, the titles and the lists in which the names of codes are.

        `own` is the event of a page that shows it anyway: headlines call it "this event" and name it first.
        """
        self.words = words
        self._titles = titles
        self._own = own
        self._reasons = ReasonWords(words, reference)
        self._names = self._reasons.names

    def sentence(self, reason: Reason, subject: Subject) -> str:
        """Return a reason as one or two whole sentences.

        The reasons of `reason_words.OF_ONE_EVENT` name an event: the first of `subject`. Raises KeyError for a rule
        that has no sentence.
        """
        title = ""
        if reason.rule in OF_ONE_EVENT:
            title = self._titles(subject.a if isinstance(subject, Finding) else subject[0])
        return self._reasons.sentence(reason, title)

    def severity(self, severity: Severity) -> str:
        """Return how bad a clash is, in one word."""
        return {
            Severity.NONE: self.words.gettext("Nothing to report"),
            Severity.MINOR: self.words.gettext("Minor"),
            Severity.MAJOR: self.words.gettext("Major"),
            Severity.CRITICAL: self.words.gettext("Critical"),
        }[severity]

    def kind(self, kind: FindingKind) -> str:
        """Return what sort of finding it is."""
        return {
            FindingKind.CLASH: self.words.gettext("Clash"),
            FindingKind.OPPORTUNITY: self.words.gettext("Opportunity"),
        }[kind]

    def state(self, state: str) -> str:
        """Return how far people are with a finding: open, acknowledged, accepted or resolved."""
        return {
            "open": self.words.gettext("Open"),
            "acknowledged": self.words.gettext("Acknowledged"),
            "accepted": self.words.gettext("Accepted as it is"),
            "resolved": self.words.gettext("Resolved"),
        }[state]

    def severity_inside(self, severity: Severity) -> str:
        """Return how bad a clash is, as the word stands inside a sentence."""
        return {
            Severity.NONE: self.words.gettext("nothing to report"),
            Severity.MINOR: self.words.gettext("minor"),
            Severity.MAJOR: self.words.gettext("major"),
            Severity.CRITICAL: self.words.gettext("critical"),
        }[severity]

    def effect(self, reason: Reason, among: Sequence[Reason] = ()) -> str:
        """Return in a few words what a reason did to the verdict; `among` are all reasons of the finding, in order.

        Planning writes the severity that a ground came to with all its reasons beside each of them. One that another
        made worse did not come to that by itself.
        """
        words = self.words
        if reason.effect is Effect.SPEAKS and _is_raised(reason, among):
            return words.gettext("the reason")
        return {
            Effect.SPEAKS: words.gettext("by itself: %(severity)s"),
            Effect.RAISES: words.gettext("makes it worse: now %(severity)s"),
            Effect.LOWERS: words.gettext("makes it less bad: now %(severity)s"),
            Effect.CAPS: words.gettext("limits how bad it can be: %(severity)s"),
            Effect.SILENCES: words.gettext("is why nothing is reported"),
            Effect.QUIET: words.gettext("looked at, nothing to report"),
            Effect.JOINS: words.gettext("is an opportunity"),
            Effect.NOTES: words.gettext("for information"),
        }[reason.effect] % {"severity": self.severity_inside(reason.severity)}

    def headline(self, finding: Finding) -> str:
        """Return one sentence that sums up a finding: what meets what and when, or what could be made of it."""
        reasons = {reason.rule: reason for reason in reversed(finding.reasons)}
        if finding.about is About.GAP:
            return self._of_gap(finding, reasons)
        if finding.about is About.DAYS:
            return self._of_days(finding)
        a, b = (finding.b, finding.a) if finding.b and finding.b == self._own else (finding.a, finding.b)
        titles = {"a": self._title(a), "b": self._title(b) if b else ""}
        if finding.kind is FindingKind.OPPORTUNITY:
            return self._of_opportunity(reasons, titles)
        return self._of_clash(reasons, titles)

    def _title(self, event: uuid.UUID) -> str:
        """Return an event as a sentence begins with it: its title in quotation marks."""
        return self.words.gettext("This event") if event == self._own else self._quoted(event)

    def _quoted(self, event: uuid.UUID) -> str:
        return self.words.gettext("“%(title)s”") % {"title": self.words.isolated(self._titles(event))}

    def _of_clash(self, reasons: dict[str, Reason], titles: dict[str, str]) -> str:
        words = self.words
        if overlap := reasons.get("overlap"):
            values = titles | self._names.values(overlap)
            if not overlap.value("exact", default=True):
                return words.gettext("%(a)s and %(b)s could take place at the same time, within %(when)s.") % values
            if overlap.value("prepared"):
                return words.gettext("%(a)s and %(b)s, with their preparatory meetings, overlap: %(when)s.") % values
            return words.gettext("%(a)s and %(b)s take place at the same time: %(when)s.") % values
        days = int(number(reasons["travel"], "free_days"))
        if not days:
            return words.gettext("%(a)s and %(b)s follow each other without a free day for the journey.") % titles
        return words.ngettext(
            "%(a)s and %(b)s have only %(num)d free day between them for the journey.",
            "%(a)s and %(b)s have only %(num)d free days between them for the journey.",
            days,
        ) % (titles | {"num": days})

    def _of_opportunity(self, reasons: dict[str, Reason], titles: dict[str, str]) -> str:
        words = self.words
        if "stated-back-to-back" in reasons:
            return words.gettext("%(a)s and %(b)s are planned back-to-back.") % titles
        if "overlap-intended" in reasons:
            return words.gettext("%(a)s and %(b)s are held at the same time on purpose.") % titles
        if trip := reasons.get("one-trip"):
            city, other = (self._names.city(text(trip, name)) for name in ("city", "other_city"))
            one = words.gettext("%(a)s and %(b)s could share one journey to %(city)s.")
            near = words.gettext("%(a)s and %(b)s could share one journey to %(city)s and %(other)s.")
            return (one if city == other else near) % (titles | {"city": city, "other": other})
        return words.gettext("%(a)s and %(b)s could share one journey if they were in the same city.") % titles

    def _of_days(self, finding: Finding) -> str:
        words, reason = self.words, finding.reasons[0]
        values = self._names.values(reason) | {"title": self._title(finding.a)}
        if reason.rule in _HOLIDAYS:
            return words.gettext("%(title)s falls on %(day)s: %(name)s.") % values
        if reason.rule == "weekend-start":
            return words.gettext("%(title)s begins on a weekend: %(weekday)s, %(day)s.") % values
        if reason.rule == "avoided-period":
            return words.gettext("%(title)s lies in a period that many people avoid: %(name)s, %(when)s.") % values
        if reason.rule == "in-town":
            return (
                words.gettext("%(title)s takes place in %(city)s, where officers of %(organisations)s already are.")
                % values
            )
        days = int(number(reason, "days"))
        return words.ngettext(
            "%(title)s lasts %(num)d day in a row, any preparatory meetings included.",
            "%(title)s lasts %(num)d days in a row, any preparatory meetings included.",
            days,
        ) % (values | {"num": days})

    def _of_gap(self, finding: Finding, reasons: dict[str, Reason]) -> str:
        words, things = self.words, []
        if lacking := reasons.get("round-lacks-region"):
            things.append(words.gettext("a preparatory meeting for %(missing)s") % self._names.values(lacking))
        if session := reasons.get("information-session"):
            things.append(words.gettext("an information session of %(organisations)s") % self._names.values(session))
        if "briefing-missing" in reasons:
            things.append(words.gettext("a briefing of the permanent missions"))
        if finding.a == self._own:
            return words.gettext("What could still be planned before this event: %(things)s.") % {
                "things": self._names.listed(things)
            }
        return words.gettext("What could still be planned before %(title)s: %(things)s.") % {
            "title": self._quoted(finding.a),
            "things": self._names.listed(things),
        }


def _is_raised(reason: Reason, among: Sequence[Reason]) -> bool:
    """Tell whether a later reason made this one's ground as bad as it says."""
    later = list(among)[list(among).index(reason) + 1 :] if reason in among else []
    return any(other.effect is Effect.RAISES and other.severity == reason.severity for other in later)
