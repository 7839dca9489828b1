"""The digest of an organisation in one language, made of what was chosen for it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from calendar_app.mail.digest_content import DigestContent, Entry, Group, Link, Section
from calendar_app.planning.coordination import SlotName, SlotState
from calendar_app.planning.dates import overlaps
from calendar_app.services.changes_since import ChangeKind
from calendar_app.services.digest_change_words import changes_grouped, changes_heading
from calendar_app.services.digest_choice import is_governing, late_actions, participation_of
from calendar_app.services.digest_decision_words import DecisionWords
from calendar_app.services.digest_event_words import EventWords
from calendar_app.services.exchange_rounds import Answer
from calendar_app.services.finding_board import short_name
from calendar_app.services.preparation_words import milestone_name, slot_label
from calendar_app.services.records import span_of
from calendar_app.services.reference import reference
from calendar_app.services.wording import RIGHT_TO_LEFT, Words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from calendar_app.models import Event
    from calendar_app.services.coordination import Slot
    from calendar_app.services.digest_choice import Chosen, Matter
    from calendar_app.services.digest_dates import Better
    from calendar_app.services.digest_material import Material
    from calendar_app.services.milestones import Due
    from calendar_app.services.observances import Observance

_MOST_LEAD, _MOST_FOUND = 3, 6


def worded(
    chosen: Chosen, material: Material, better: Mapping[uuid.UUID, Better], language: str, home_url: str
) -> DigestContent:
    """Return the digest in `language`; `home_url` is the calendar's own address, without a path."""
    return _Digest(chosen, material, better, Words(language), home_url).content()


def by_month(words: Words, items: Iterable[tuple[date, Entry]], today: date) -> tuple[Group, ...]:
    """Return entries by the month of their days, what runs already under this month; order is kept."""
    dated = [(max(day, today).replace(day=1), entry) for day, entry in items]
    return tuple(
        Group(words.month(month), tuple(entry for _month, entry in some))
        for month, some in groupby(sorted(dated, key=lambda item: item[0]), key=lambda item: item[0])
    )


class _Digest:
    def __init__(
        self,
        chosen: Chosen,
        material: Material,
        better: Mapping[uuid.UUID, Better],
        words: Words,
        home_url: str,
    ) -> None:
        self.chosen, self.material, self.words, self.home = chosen, material, words, home_url
        self.events = EventWords(words, home_url, chosen.organisation)
        self.decisions = DecisionWords(chosen, self.events, better, material.subjects)

    def content(self) -> DigestContent:
        words, chosen, entries = self.words, self.chosen, self.decisions.decisions()
        waiting = self.decisions.count()
        sections: list[Section | None] = [
            self.decisions.section(entries) if entries else None,
            self._changes(),
            self._section(words.gettext("Your next 90 days"), self._own())
            if not chosen.weekly
            else self._section(words.gettext("Your next four weeks"), self._own()),
            self._others(),
            self._standing(),
            self._chances(),
            self._section(
                words.gettext("To coordinate with the others"),
                self._slots(),
                Link(words.gettext("Name who looks after them"), f"{self.home}/coordination"),
            ),
            self._section(words.gettext("Deadlines"), alone(self._deadlines())),
            self._section(
                words.gettext("Days for communication"),
                alone(self._observances()),
            ),
            self._section(
                words.gettext("Sessions of Parties in the next two years"),
                (Group("", tuple(map(self.events.short, chosen.far)), brief=True),),
                Link(words.gettext("See them in the planner"), f"{self.home}/planner"),
            ),
        ]
        title = self._title()
        subject = title
        if entries:
            waits = words.ngettext("%(num)d thing waits for you", "%(num)d things wait for you", waiting)
            subject = f"{title}: {waits % {'num': waiting}}"
        return DigestContent(
            subject=subject,
            title=title,
            period=self._period(),
            lead_heading=words.gettext("In short"),
            lead=tuple(self._lead(entries)),
            facts=tuple(self._facts()),
            sections=tuple(filter(None, sections)),
            closing=self._closing(),
            reason=self._reason(),
            language=words.language,
            direction="rtl" if words.language in RIGHT_TO_LEFT else "ltr",
        )

    # ---------- Around it ----------

    def _title(self) -> str:
        words, code = self.words, short_name(self.words, self.chosen.organisation)
        if self.chosen.weekly:
            text = words.gettext("Weekly planning digest for %(name)s, %(day)s")
            return text % {"name": words.isolated(code), "day": words.day(self.chosen.today)}
        text = words.gettext("Planning digest for %(name)s, %(month)s")
        return text % {"name": words.isolated(code), "month": words.month(self.material.edition.month)}

    def _period(self) -> str:
        words = self.words
        since = self.material.since[self.chosen.organisation].astimezone(self.material.now.tzinfo).date()
        return words.gettext("%(days)s. Changes are those since %(since)s.") % {
            "days": words.days(self.chosen.ahead),
            "since": words.day(since),
        }

    def _closing(self) -> tuple[Link, ...]:
        words = self.words
        return (
            Link(words.gettext("What else waits for you: your workspace"), f"{self.home}/workspace"),
            Link(words.gettext("Earlier digests, and who gets them"), f"{self.home}/digests"),
        )

    def _reason(self) -> str:
        words = self.words
        text = words.gettext(
            "You get this digest for %(name)s from the Joint meeting calendar. It has what %(name)s may see, so please"
            " pass it on inside %(name)s only. Its events are attached as a calendar file."
        )
        return text % {"name": words.isolated(short_name(words, self.chosen.organisation))}

    def _lead(self, entries: Sequence[Entry]) -> list[Link]:
        """Return one to three things: the most urgent decision, the biggest change, late actions, the next session."""
        words, events, chosen, found = self.words, self.events, self.chosen, []
        if entries:
            first = entries[0]
            head = words.listed((first.name, first.when))
            text = words.gettext("%(mark)s: %(what)s") % {"mark": first.mark, "what": head}
            found.append(Link(text, first.action.url if first.action else first.url))
        big = (ChangeKind.MOVED, ChangeKind.CANCELLED, ChangeKind.POSTPONED)
        weighty = [c for c in chosen.changes if c.kind in big and (is_governing(c.event) or chosen.is_own(c.event))]
        weighty.sort(key=lambda c: not is_governing(c.event))
        if weighty:
            change = weighty[0]
            values = {
                "kind": changes_heading(words, change.kind),
                "what": words.listed((words.isolated(events.name(change.event)), events.when(change.event))),
            }
            found.append(Link(words.gettext("%(kind)s: %(what)s") % values, events.url(change.event)))
        if late := [a for a in late_actions(chosen) if not (entries and entries[0].name == a.text.rstrip("."))]:
            text = words.ngettext(
                "%(num)d action is late: %(what)s", "%(num)d actions are late: %(what)s, ...", len(late)
            )
            what = {"num": len(late), "what": words.isolated(late[0].text)}
            found.append(Link(text % what, f"{self.home}/review/{late[0].month:%Y-%m}"))
        if session := next(self._sessions(), None):
            values = {"what": words.listed((words.isolated(events.name(session)), events.when(session)))}
            found.append(Link(words.gettext("Next session of Parties: %(what)s") % values, events.url(session)))
        return found[:_MOST_LEAD]

    def _sessions(self) -> Iterator[Event]:
        coming = [*self.chosen.own, *(m.event for m in self.chosen.others)]
        tier = [e for e in coming if is_governing(e) and e.start and e.start >= self.chosen.today]
        # The own ones first, then those of the conventions of the exchange.
        tiers = {slug: process.tier for slug, process in reference().processes.items()}

        def order(event: Event) -> tuple[object, ...]:
            near = min((tiers.get(slug, 9) for slug in event.processes), default=9)
            return not self.chosen.is_own(event), near, event.start, str(event.id)

        return iter(sorted(tier, key=order))

    def _facts(self) -> list[tuple[str, Link]]:
        words, review = self.words, self.material.review
        times = ""
        if review.start_time:
            zone = str(self.material.now.tzinfo)
            times = words.local_times(review.held_on, review.start_time, "", zone)
        chair = words.gettext("chaired by %(name)s") % {"name": words.isolated(review.chair)} if review.chair else ""
        text = words.listed((words.day(review.held_on), times, chair))
        facts = [(words.gettext("Next coordination review"), Link(text, f"{self.home}/review/{review.month:%Y-%m}"))]
        if self.material.exchange_round:
            facts.append((words.gettext("Exchange round"), Link(self._round())))
        return facts

    def _round(self) -> str:
        words = self.words
        open_ = [a.organisation for a in self.material.answers if a.answer is Answer.OUTSTANDING]
        if not open_:
            return words.gettext("all members have answered")
        names = words.listed(short_name(words, code) for code in open_)
        return words.gettext("no answer from %(names)s") % {"names": names}

    # ---------- Its sections ----------

    def _section(self, heading: str, groups: tuple[Group, ...], more: Link | None = None) -> Section | None:
        told = tuple(group for group in groups if group.entries)
        return Section(heading, told, more) if told else None

    def _changes(self) -> Section | None:
        words, left = self.words, self.chosen.changes_left
        since = self.material.since[self.chosen.organisation].astimezone(self.material.now.tzinfo).date()
        more = words.ngettext("%(num)d more event changed.", "%(num)d more events changed.", left)
        return self._section(
            words.gettext("Changed since %(day)s") % {"day": words.day(since)},
            changes_grouped(self.events, self.chosen.changes),
            Link(more % {"num": left}, f"{self.home}/") if left else None,
        )

    def _own(self) -> tuple[Group, ...]:
        return by_month(
            self.words, [(e.start or self.chosen.today, self._full(e)) for e in self.chosen.own], self.chosen.today
        )

    def _full(self, event: Event, *lines: str) -> Entry:
        words = self.words
        slot = participation_of(self.material.slots.get(event.id, ()))
        who = words.gettext("Takes part: %(name)s") % {"name": self.events.owner(slot.owner)} if slot else ""
        return self.events.full(event, *lines, who)

    def _others(self) -> Section | None:
        words, left = self.words, self.chosen.others_left
        more = words.ngettext(
            "%(num)d more event is in the calendar.", "%(num)d more events are in the calendar.", left
        ) % {"num": left}
        entries = [(m.event.start or self.chosen.today, self._full(m.event, self._why(m))) for m in self.chosen.others]
        return self._section(
            words.gettext("Others’ events that matter to you"),
            by_month(words, entries, self.chosen.today),
            Link(more, f"{self.home}/") if left else None,
        )

    def _why(self, matter: Matter) -> str:
        """Return which own events it meets, in time before in place."""
        words = self.words
        same = [own for own in matter.meets if _at_once(matter.event, own)]
        names = words.listed(words.isolated(self.events.name(own)) for own in (same or matter.meets))
        if not names:
            return ""
        text = words.gettext("At the same time as %(names)s.") if same else words.gettext("Close to %(names)s.")
        return text % {"names": names}

    def _standing(self) -> Section | None:
        words, found = self.words, self.chosen.standing
        left = max(0, len(found) - _MOST_FOUND)
        more = words.ngettext("%(num)d more clash is on the board.", "%(num)d more clashes are on the board.", left)
        url = f"{self.home}/clashes?organisation={self.chosen.organisation}"
        return self._section(
            words.gettext("Other clashes that involve you"),
            alone(map(self.decisions.standing, found[:_MOST_FOUND])),
            Link(more % {"num": left}, url) if left else None,
        )

    def _chances(self) -> Section | None:
        words, found = self.words, self.chosen.chances
        left = max(0, len(found) - _MOST_FOUND)
        more = words.ngettext(
            "%(num)d more opportunity is on the board.", "%(num)d more opportunities are on the board.", left
        )
        return self._section(
            words.gettext("Opportunities"),
            alone(map(self.decisions.clash, found[:_MOST_FOUND])),
            Link(more % {"num": left}, f"{self.home}/clashes?kind=opportunity") if left else None,
        )

    def _slots(self) -> tuple[Group, ...]:
        """Return the events with what is agreed or asked for, and shortly those of which nobody has any slot."""
        words = self.words
        begun: list[Entry] = []
        bare: list[Entry] = []
        for event, slots in self.chosen.slots:
            free = [slot for slot in slots if not (slot.owner or slot.deadline or slot.state == SlotState.AGREED)]
            if len(free) == len(SlotName):
                bare.append(self.events.short(event))
                continue
            lines = [self._slot(slot) for slot in slots if slot not in free]
            if free:
                labels = words.listed(slot_label(words, slot.slot) for slot in free)
                lines.append(words.gettext("Nobody named yet: %(slots)s") % {"slots": labels})
            begun.append(self.events.short(event, *lines))
        heading = words.gettext("Nobody is named yet for participation, statements, documents or side events at")
        return Group("", tuple(begun)), Group(heading, tuple(bare), brief=True)

    def _slot(self, slot: Slot) -> str:
        words = self.words
        owner = self.events.owner(slot.owner) or words.gettext("nobody named yet")
        day = words.gettext("by %(day)s") % {"day": words.day(slot.deadline)} if slot.deadline else ""
        late = words.gettext("late") if slot.is_late else ""
        agreed = words.gettext("agreed") if slot.state == SlotState.AGREED else ""
        return words.gettext("%(slot)s: %(told)s") % {
            "slot": slot_label(words, slot.slot),
            "told": words.listed((owner, agreed, day, late)),
        }

    def _observances(self) -> Iterator[Entry]:
        return (observance_entry(self.words, *item) for item in self.chosen.observances)

    def _deadlines(self) -> Iterable[Entry]:
        dated = [(e.start or self.chosen.today, self._full(e)) for e in self.chosen.deadlines]
        dated += [(step.due, self._due(step)) for step in self.chosen.due]
        return (entry for _day, entry in sorted(dated, key=lambda item: item[0]))

    def _due(self, step: Due) -> Entry:
        words = self.words
        name = words.gettext("%(event)s: %(step)s") % {
            "step": words.isolated(milestone_name(words, step.name)),
            "event": words.isolated(self.events.name(step.event)),
        }
        day = words.gettext("by %(day)s") % {"day": words.day(step.due)}
        return Entry(name, self.events.url(step.event), day, lines=(self.events.in_charge(step.owner),))


def observance_entry(words: Words, day: date, item: Observance) -> Entry:
    """Return an international day, and why it matters here as far as that is known in the reader's language."""
    note = words.gettext(item.note)
    told = note if words.language == "en" or note != item.note else ""
    return Entry(words.gettext(item.name), item.url, words.day(day), lines=(told,) if told else ())


def alone(entries: Iterable[Entry]) -> tuple[Group, ...]:
    """Return entries in one group without a heading."""
    return (Group("", tuple(entries)),)


def _at_once(a: Event, b: Event) -> bool:
    one, other = span_of(a), span_of(b)
    return one is not None and other is not None and overlaps(one, other)
