"""What needs a decision of an organisation, most urgent first, and the clashes and chances around it, in words."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from calendar_app.mail.digest_content import Entry, Group, Link, Section
from calendar_app.planning.dates import Span
from calendar_app.planning.findings import Effect
from calendar_app.planning.vocabulary import About, Severity
from calendar_app.services.date_words import DateWords
from calendar_app.services.finding_board import events_of, hidden_sentence, hidden_side, owners_of, short_name
from calendar_app.services.finding_codec import finding_of
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.preparation_words import milestone_name
from calendar_app.services.records import span_of
from calendar_app.services.reference import reference
from calendar_app.services.review_actions import is_late

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from calendar_app.models import DateOption, Event, ReviewDecision, StoredFinding
    from calendar_app.planning.finder import Window
    from calendar_app.services.digest_choice import Chosen
    from calendar_app.services.digest_dates import Better
    from calendar_app.services.digest_event_words import EventWords
    from calendar_app.services.milestones import Due

MOST_DECISIONS, _MOST_STEPS = 10, 4
# The order of urgency; within each the earliest day first.
_CRITICAL, _LATE_ACTION, _MAJOR, _HOLD, _WAITING, _LATE_STEP, _ACTION = range(7)


class _Decision(NamedTuple):
    """Something to decide; it is put in words only if there is room for it."""

    rank: int
    day: date
    told: Callable[[], Entry]


class DecisionWords:
    """Says what there is to decide. `better` are the better dates by finding, `subjects` what actions are about."""

    def __init__(
        self, chosen: Chosen, events: EventWords, better: Mapping[uuid.UUID, Better], subjects: Mapping[int, str]
    ) -> None:
        """Take what was chosen and the language."""
        self.chosen, self.events, self.words = chosen, events, events.words
        self._better, self._subjects = better, subjects
        self._known = dict(chosen.events)
        for item in (*chosen.to_answer, *chosen.standing, *chosen.chances):
            self._known |= {event.id: event for event in events_of(item)}
        self._speak = FindingWords(self.words, lambda key: events.name(self._known[key]), reference())
        self._sayer = DateWords(self.words, self._speak, self._titled)
        self._found = sorted(self._all(), key=lambda item: (item.rank, item.day))

    def count(self) -> int:
        """Return how many things wait for the organisation."""
        return len(self._found)

    def decisions(self) -> list[Entry]:
        """Return the most urgent things that wait for the organisation, in order."""
        return [item.told() for item in self._found[:MOST_DECISIONS]]

    def section(self, entries: Sequence[Entry]) -> Section:
        """Return the section of decisions, with how many more there are."""
        words, left = self.words, len(self._found) - len(entries)
        more = words.ngettext("%(num)d more waits in the workspace.", "%(num)d more wait in the workspace.", left)
        return Section(
            words.gettext("Needs your decision"),
            (Group("", tuple(entries)),),
            Link(more % {"num": left}, f"{self.events.home_url}/workspace") if left else None,
        )

    def clash(self, item: StoredFinding, action: str = "") -> Entry:
        """Return a clash or an opportunity: what meets what, the main reason, and better dates."""
        finding, url = finding_of(item), f"{self.events.home_url}/clashes/{item.id}"
        severity = Severity(item.severity)
        mark = self._severity(severity) if severity else ""
        why = next((r for r in finding.reasons if r.effect in {Effect.SPEAKS, Effect.JOINS}), None)
        lines = [self._speak.sentence(why, finding)] if why and item.about == About.PAIR else []
        if better := self._better.get(item.id):
            lines += [self._date(window, better.event) for window in better.windows]
        if action:
            lines += self._owners(item)
        link = Link(action, url) if action else None
        return Entry(self._speak.headline(finding), url, mark=mark, lines=tuple(lines), action=link)

    def _owners(self, item: StoredFinding) -> list[str]:
        """Return why the organisation is asked about a meeting that others hold, and who else is."""
        words, code, given = self.words, self.chosen.organisation, {a.organisation_code for a in item.answers}
        kept = [e for e in events_of(item) if e.steward_code == code and not self.chosen.is_own(e)]
        names = words.listed(words.isolated(self.events.name(event)) for event in kept)
        also = words.listed(short_name(words, owner) for owner in owners_of(item) if owner not in {code, *given})
        said = [
            words.gettext("You are asked because you keep the record of %(names)s.") % {"names": names} if kept else "",
            words.gettext("Waits for %(names)s, too.") % {"names": also} if also else "",
        ]
        return [" ".join(filter(None, said))] if any(said) else []

    def standing(self, item: StoredFinding) -> Entry:
        """Return a clash that does not wait for the organisation, with who has answered and who has not."""
        words, entry = self.words, self.clash(item)
        given = {answer.organisation_code for answer in item.answers}
        waits = [short_name(words, code) for code in owners_of(item) if code not in given]
        said = words.gettext("Not answered yet: %(names)s.") % {"names": words.listed(waits)}
        state = said if waits else words.gettext("State: %(state)s.") % {"state": self._speak.state(item.state)}
        return Entry(entry.name, entry.url, mark=entry.mark, lines=(*entry.lines, state))

    def _all(self) -> Iterator[_Decision]:
        chosen, words, home = self.chosen, self.words, self.events.home_url
        answer, sent, proposed = (
            words.gettext("Answer the clash"),
            words.gettext("Sent in"),
            words.gettext("Change proposed"),
        )
        for item in chosen.to_answer:
            rank = _CRITICAL if item.severity == Severity.CRITICAL else _MAJOR
            yield _Decision(rank, _first_day(item), partial(self.clash, item, answer))
        for item in chosen.hidden:
            yield _Decision(_MAJOR, _first_day(item), partial(self._hidden, item))
        for action in chosen.actions:
            rank = _LATE_ACTION if is_late(action, chosen.today) else _ACTION
            yield _Decision(rank, action.due_on or date.max, partial(self._action, action))
        for event, option in chosen.holds:
            yield _Decision(_HOLD, option.held_until or date.max, partial(self._hold, event, option))
        for waiting in chosen.waiting:
            told = partial(self._waiting, waiting.event, sent, f"{home}/moderation/{waiting.event.id}")
            yield _Decision(_WAITING, waiting.since.date(), told)
        for proposal, event in chosen.proposals:
            told = partial(self._waiting, event, proposed, f"{home}/proposals/{proposal.id}")
            yield _Decision(_WAITING, proposal.created_at.date(), told)
        for event, steps in chosen.late:
            yield _Decision(_LATE_STEP, steps[0].due, partial(self._late, event, steps))

    def _severity(self, severity: Severity) -> str:
        return {
            Severity.MINOR: self.words.gettext("Minor clash"),
            Severity.MAJOR: self.words.gettext("Major clash"),
            Severity.CRITICAL: self.words.gettext("Critical clash"),
        }[severity]

    def _date(self, window: Window, event: Event) -> str:
        words = self.words
        values = {
            "event": words.isolated(self.events.name(event)),
            "days": words.days(window.span),
            "weekdays": self._sayer.weekdays(window.span),
            "told": " ".join(self._sayer.sentences(window, event.id)),
        }
        return words.gettext("Better for “%(event)s”: %(days)s (%(weekdays)s). %(told)s") % values

    def _titled(self, key: uuid.UUID) -> tuple[str, Span | None]:
        event = self._known[key]
        return self.events.name(event), span_of(event)

    def _hidden(self, item: StoredFinding) -> Entry:
        """Return a clash of which something is hidden: the own event, and whom to ask."""
        own = hidden_side(self.chosen.viewer, item)
        assert own  # noqa: S101 - `digest_choice` takes no others
        return Entry(
            self.events.name(own),
            self.events.url(own),
            self.events.when(own),
            self._severity(Severity(item.severity)),
            lines=(hidden_sentence(self.words, self.chosen.viewer, item),),
        )

    def _action(self, action: ReviewDecision) -> Entry:
        """Return an action; what it is about only as far as members see it still."""
        words, late = self.words, is_late(action, self.chosen.today)
        due = words.gettext("by %(day)s") % {"day": words.day(action.due_on)} if action.due_on else ""
        owner, about = action.owner_name or action.owner_email, self._subjects.get(action.id, "")
        lines = (
            words.gettext("About: %(subject)s") % {"subject": words.isolated(about)} if about else "",
            words.gettext("Owner: %(name)s") % {"name": words.isolated(owner)} if owner else "",
        )
        return Entry(
            # The day goes on in the same line.
            action.text.rstrip("."),
            f"{self.events.home_url}/review/actions/{action.id}",
            due,
            words.gettext("Late action") if late else words.gettext("Action"),
            lines=tuple(filter(None, lines)),
        )

    def _hold(self, event: Event, option: DateOption) -> Entry:
        words = self.words
        days = words.days(Span.inclusive(option.first_day, option.last_day))
        assert option.held_until  # noqa: S101 - the query asked for it
        held = words.gettext("held until %(day)s") % {"day": words.day(option.held_until)}
        url = f"{self.events.url(event)}/options"
        return Entry(
            self.events.name(event),
            self.events.url(event),
            words.listed((days, held)),
            words.gettext("Hold ends"),
            action=Link(words.gettext("Choose or release the dates"), url),
        )

    def _waiting(self, event: Event, mark: str, url: str) -> Entry:
        entry = self.events.short(event)
        return Entry(
            entry.name, "", entry.when, mark, entry.language, action=Link(self.words.gettext("Look and decide"), url)
        )

    def _late(self, event: Event, steps: Sequence[Due]) -> Entry:
        """Return what is late of an event in one entry: the steps due first, and how many more."""
        words = self.words
        lines = [
            words.gettext("%(step)s: was due on %(day)s (%(owner)s)")
            % {
                "step": words.isolated(milestone_name(words, step.name)),
                "day": words.day(step.due),
                "owner": self.events.in_charge(step.owner),
            }
            for step in steps[:_MOST_STEPS]
        ]
        if left := len(steps) - len(lines):
            lines.append(words.ngettext("and %(num)d more", "and %(num)d more", left) % {"num": left})
        entry = self.events.short(event)
        return Entry(entry.name, entry.url, entry.when, words.gettext("Late preparation"), entry.language, tuple(lines))


def _first_day(item: StoredFinding) -> date:
    starts = [event.start for event in events_of(item) if event.start]
    return min(starts, default=date.max - timedelta(days=1))
