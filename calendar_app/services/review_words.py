"""The agenda and the minutes of a review in a reader's language, made of the facts that `review_agenda` keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Severity, Status
from calendar_app.services import preparation_words, signatures
from calendar_app.services.exchange_rounds import Answer
from calendar_app.services.finding_board import short_name
from calendar_app.services.finding_life import ACCEPTED
from calendar_app.services.holders import holder
from calendar_app.services.records import Organiser, in_language
from calendar_app.services.review_actions import DONE, DROPPED, OPEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from calendar_app.services.wording import Words

_CLASHES = {severity.word for severity in (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)}
# What is looked at in the meeting only if somebody asks.
_FOLDED = frozenset({"minor", "changed", "unconfirmed", "horizon"})


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as it is read. `language` is that of the title, "" for the reader's own or one that is not known.

    `event_id` and `finding_id` say what the line is about, `action_id` whose end it can be told.
    """

    key: str
    title: str
    language: str = ""
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    group: str = ""
    is_late: bool = False
    event_id: str = ""
    finding_id: str = ""
    action_id: int = 0


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A part of the agenda. `more` says how many lines are not listed, "" if none; `mark` names a severity."""

    name: str
    heading: str
    lines: tuple[ShownLine, ...]
    more: str
    is_folded: bool
    mark: str = ""


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision as it is read; `line` is the key of what it is about, `subject` what that was called, if not hidden.

    Texts of people are in whatever language they wrote. `owner` and `due` are "" where there is none.
    """

    id: int
    line: str
    subject: str
    text: str
    owner: str
    due: str
    state: str
    state_label: str
    made: str
    outcome: str
    is_late: bool
    version: int


class ReviewWords:
    """What a review says in one language; `title_language` is the one wanted for titles."""

    def __init__(self, words: Words, title_language: str = "") -> None:
        """Take the languages."""
        self.words = words
        self._title_language = title_language or words.language

    # ---------- Sections and lines ----------

    def sections(self, agenda: dict[str, Any]) -> list[ShownSection]:
        """Return the agenda, section by section."""
        return [self._section(section) for section in agenda["sections"]]

    def _section(self, section: dict[str, Any]) -> ShownSection:
        name, count = section["name"], section["more"]
        more = self.words.ngettext("%(num)d more is not listed.", "%(num)d more are not listed.", count)
        return ShownSection(
            name,
            self.heading(name),
            tuple(self.line(name, line) for line in section["lines"]),
            more % {"num": count} if count else "",
            name in _FOLDED,
            mark=name if name in _CLASHES else "",
        )

    def heading(self, name: str) -> str:
        """Return the heading of a section."""
        words = self.words
        return {
            "actions": words.gettext("Actions from earlier reviews"),
            "new": words.gettext("New events"),
            "moved": words.gettext("Moved"),
            "cancelled": words.gettext("Cancelled or postponed"),
            "gone": words.gettext("No longer in the calendar"),
            "confirmed": words.gettext("Confirmed"),
            "changed": words.gettext("Other changes"),
            "critical": words.gettext("Critical clashes"),
            "major": words.gettext("Major clashes"),
            "minor": words.gettext("Minor clashes"),
            "opportunities": words.gettext("Opportunities"),
            "dates": words.gettext("Dates to be confirmed"),
            "tentative": words.gettext("Tentative events"),
            "unconfirmed": words.gettext("Not confirmed by their owners for 90 days"),
            "milestones": words.gettext("Milestones late or due within 30 days"),
            "slots": words.gettext("Coordination slots without an owner, or late"),
            "coming": words.gettext("The next 90 days"),
            "horizon": words.gettext("The far horizon"),
        }[name]

    def line(self, section: str, line: dict[str, Any]) -> ShownLine:
        """Return one line of a section."""
        if section in _CLASHES or section == "opportunities":
            return self._finding(section, line)
        special: dict[str, Callable[[dict[str, Any]], ShownLine]] = {
            "actions": self._action,
            "unconfirmed": self._unconfirmed,
        }
        return special[section](line) if section in special else self._event(section, line)

    def _event(self, section: str, line: dict[str, Any]) -> ShownLine:
        event = line["event"]
        title, language = in_language(event["titles"], self._title_language)
        dates = self.dates(event["dates"])
        place = self._place(event)
        status = "" if event["status"] == Status.CONFIRMED else self.words.status(event["status"])
        who = self._holder(event)
        facts: tuple[str, ...] = (dates, place, status, who)
        if section == "moved" and line["was"]:
            values = {"old": self.words.isolated(self.dates(line["was"])), "new": self.words.isolated(dates)}
            facts = (self.words.gettext("was %(old)s, now %(new)s") % values, place, status, who)
        return ShownLine(
            line["key"],
            title,
            "" if language == self.words.language else language,
            tuple(filter(None, facts)),
            self._notes(section, line),
            group=self._group(section, event["dates"]),
            is_late=any(item["late"] for item in line.get("steps", line.get("slots", ()))),
            # There is no page of what is gone.
            event_id="" if section == "gone" else event["id"],
        )

    def _notes(self, section: str, line: dict[str, Any]) -> tuple[str, ...]:
        words = self.words
        if section == "changed":
            names = dict.fromkeys(self._field(name) for name in line["fields"])
            return (words.gettext("Changed: %(facts)s.") % {"facts": words.listed(names)},)
        if section == "milestones":
            return tuple(self._step(step) for step in line["steps"])
        if section == "slots":
            return self._slots(line["slots"])
        return ()

    def _field(self, name: str) -> str:
        words = self.words
        texts = {
            "status": words.gettext("the status"),
            "format": words.gettext("how people take part"),
            **dict.fromkeys(("titles", "short_title"), words.gettext("the title")),
            **dict.fromkeys(("venue", "city", "country"), words.gettext("the place")),
        }
        return texts.get(name) or words.gettext("the hours")

    def _step(self, step: dict[str, Any]) -> str:
        words = self.words
        owner = self.owner(step["owner"]) or words.gettext("nobody in charge")
        values = {
            "step": words.isolated(preparation_words.milestone_name(words, step["name"])),
            "day": words.day(date.fromisoformat(step["due"])),
            "owner": words.isolated(owner),
        }
        if step["late"]:
            return words.gettext("Late: %(step)s, was due on %(day)s (%(owner)s)") % values
        return words.running(words.gettext("%(step)s, due on %(day)s (%(owner)s)") % values)

    def _slots(self, slots: list[dict[str, Any]]) -> tuple[str, ...]:
        """Return what has no owner in one sentence, and each that is late in one of its own."""
        words = self.words
        labels = {slot["slot"]: preparation_words.slot_label(words, slot["slot"]) for slot in slots}
        free = [labels[slot["slot"]] for slot in slots if not slot["late"]]
        texts = [words.gettext("Nobody in charge: %(slots)s.") % {"slots": words.listed(free)}] if free else []
        for slot in slots:
            if slot["late"]:
                values = {"slot": labels[slot["slot"]], "day": words.day(date.fromisoformat(slot["deadline"]))}
                texts.append(words.gettext("Late: %(slot)s, was due on %(day)s.") % values)
        return tuple(texts)

    def _group(self, section: str, dates: dict[str, Any]) -> str:
        """Return the month or the year under which a line of what is to come stands."""
        if section not in {"coming", "horizon"}:
            return ""
        if not dates["span"]:
            return self.words.gettext("Date to be announced")
        first = date.fromisoformat(dates["span"][0])
        return self.words.month(first) if section == "coming" else str(first.year)

    def _finding(self, section: str, line: dict[str, Any]) -> ShownLine:
        headline, language = in_language(line["headline"], self.words.language)
        sides = tuple(map(self._side, line["events"]))
        is_clash = section in _CLASHES
        answers = tuple(self._answer(code, given) for code, given in line["answers"].items())
        return ShownLine(
            line["key"],
            self.words.running(headline) if language == self.words.language else headline,
            "" if language == self.words.language else language,
            sides,
            answers if is_clash else (),
            finding_id=line["key"].partition("/")[2],
        )

    def _side(self, event: dict[str, Any]) -> str:
        speak = self.words
        when_and_where = (self.dates(event["dates"]), self._place(event))
        values = {
            "organisation": speak.isolated(self._holder(event)),
            "dates": speak.listed(speak.isolated(text) for text in when_and_where if text),
        }
        return speak.running(speak.gettext("%(organisation)s: %(dates)s") % values)

    def _place(self, event: dict[str, Any]) -> str:
        return self.words.running(self.words.place(*event["place"]))

    def _holder(self, event: dict[str, Any]) -> str:
        # Minutes of earlier versions did not keep who holds it, and name who keeps it.
        if "organisers" not in event:
            return short_name(self.words, event["steward"])
        return holder(self.words, event["steward"], [Organiser(**facts) for facts in event["organisers"]])

    def _answer(self, code: str, given: str) -> str:
        words = self.words
        values = {"organisation": words.isolated(short_name(words, code))}
        if not given:
            text = words.gettext("%(organisation)s: no answer yet")
        elif given == ACCEPTED:
            text = words.gettext("%(organisation)s: accepted as it is")
        else:
            text = words.gettext("%(organisation)s: acknowledged")
        return words.running(text % values)

    def _unconfirmed(self, line: dict[str, Any]) -> ShownLine:
        values = {
            "organisation": self.words.isolated(short_name(self.words, line["steward"])),
            "num": line["count"],
        }
        title = self.words.ngettext(
            "%(organisation)s: %(num)d event", "%(organisation)s: %(num)d events", line["count"]
        )
        names = [self.words.isolated(self._called(event)) for event in line["events"]]
        if (rest := line["count"] - len(names)) > 0:
            names.append(self.words.ngettext("%(num)d more", "%(num)d more", rest) % {"num": rest})
        names_said = self.words.running(self.words.listed(names))
        return ShownLine(line["key"], self.words.running(title % values), facts=(names_said,))

    def _called(self, event: dict[str, Any]) -> str:
        title, language = in_language(event["titles"], self._title_language)
        return event["short_title"] if event["short_title"] and language == "en" else title

    def _action(self, line: dict[str, Any]) -> ShownLine:
        shown = self.decision(line, is_late=line["late"])
        month = self.words.month(date.fromisoformat(line["month"]))
        origin = self.words.gettext("Review of %(month)s") % {"month": month}
        return ShownLine(
            line["key"],
            line["text"],
            "",
            tuple(filter(None, (shown.owner, self.due_in_words(shown), origin))),
            tuple(filter(None, (shown.subject, self._ended(shown)))),
            is_late=line["late"],
            action_id=line["id"] if line["state"] == OPEN else 0,
        )

    def _ended(self, shown: ShownDecision) -> str:
        if shown.state == OPEN:
            return ""
        if not shown.outcome:
            return shown.state_label
        values = {"state": shown.state_label, "outcome": self.words.isolated(shown.outcome)}
        return self.words.gettext("%(state)s: %(outcome)s") % values

    def due_in_words(self, shown: ShownDecision) -> str:
        """Return by when an action is to be done, "" where no day is set."""
        if not shown.due:
            return ""
        if shown.is_late:
            return self.words.gettext("late, was due on %(day)s") % {"day": shown.due}
        return self.words.gettext("due on %(day)s") % {"day": shown.due}

    # ---------- Decisions ----------

    def decision(self, facts: dict[str, Any], *, is_late: bool = False) -> ShownDecision:
        """Return a decision as it is read."""
        return ShownDecision(
            id=facts["id"],
            line=facts["line"],
            subject=facts["subject"],
            text=facts["text"],
            owner=self.owner(facts["owner"]),
            due=self.words.day(date.fromisoformat(facts["due_on"])) if facts["due_on"] else "",
            state=facts["state"],
            state_label=self.state(facts["state"]),
            made=facts["made_by"],
            outcome=facts["outcome"],
            is_late=is_late,
            version=facts["version"],
        )

    def state(self, state: str) -> str:
        """Return how far an action is; "" for a decision that is none."""
        words = self.words
        return {
            OPEN: words.gettext("Open action"),
            DONE: words.gettext("Done"),
            DROPPED: words.gettext("Dropped"),
        }.get(state, "")

    def owner(self, owner: dict[str, str]) -> str:
        """Return who looks after something: the person and, in short, the organisation; "" for nobody."""
        code, name = owner["organisation"], owner["name"]
        organisation = short_name(self.words, code) if code else ""
        if not (name and organisation):
            return name or organisation
        values = {"person": self.words.isolated(name), "organisation": self.words.isolated(organisation)}
        return self.words.running(self.words.gettext("%(person)s, %(organisation)s") % values)

    def sign_off(self, answer: str) -> str:
        """Return what a partner said of its own list."""
        words = self.words
        return {
            Answer.REVIEWED: words.gettext("Reviewed"),
            Answer.NOTHING_TO_ADD: words.gettext("Nothing to add"),
            Answer.OUTSTANDING: words.gettext("Outstanding"),
        }[Answer(answer)]

    def signed(self, signature: str) -> str:
        """Return who said something, as it may stand in minutes."""
        return signatures.signed(self.words, signature)

    def dates(self, facts: dict[str, Any]) -> str:
        """Return dates in words."""
        days = [date.fromisoformat(day) for day in facts["span"] or ()]
        span = Span.inclusive(days[0], days[1]) if days else None
        return self.words.dates(span, Precision(facts["precision"]), facts["text"])
