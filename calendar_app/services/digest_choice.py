"""What of the calendar goes into the digest of one organisation: by stated rules, and only what it may see.

Everything is chosen here from rows that are loaded, without a query and without a language.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import TAKING_PLACE, FindingKind, Severity, Stage, Status
from calendar_app.services import changes_since, finding_board, observances
from calendar_app.services.calendar import Viewer, can_see
from calendar_app.services.changes_since import ChangeKind
from calendar_app.services.coordination import asks, concerns_members
from calendar_app.services.digest_material import WEEKS_AHEAD
from calendar_app.services.finding_life import OPEN
from calendar_app.services.records import bodies_of
from calendar_app.services.reference import reference
from calendar_app.services.review_actions import is_late

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Sequence

    from calendar_app.models import DateOption, Event, Proposal, ReviewDecision, StoredFinding
    from calendar_app.services.changes_since import EventChange
    from calendar_app.services.coordination import Slot
    from calendar_app.services.digest_material import Material
    from calendar_app.services.milestones import Due
    from calendar_app.services.moderation import Waiting
    from calendar_app.services.observances import Observance

DEADLINE, _OBSERVANCE = "deadline", "observance"
# Until the next monthly digest has come.
SOON = timedelta(days=35)
MOST_OTHERS, MOST_CHANGES, MOST_FAR = 12, 15, 15


@dataclass(frozen=True, slots=True)
class Matter:
    """An event of others that matters: `meets` are the own events that it meets in time or place."""

    event: Event
    meets: tuple[Event, ...]


@dataclass(slots=True)
class Chosen:
    """The choice for one organisation. Lists are in the order in which they are told; `*_left` count what is not.

    `to_answer` are clashes that wait for its answer, `hidden` those of own events of which it may not see all;
    `standing` other major ones. `late` and `due` are own milestones, by event.
    """

    organisation: str
    viewer: Viewer
    material: Material
    ahead: Span
    to_answer: list[StoredFinding] = field(default_factory=list)
    hidden: list[StoredFinding] = field(default_factory=list)
    standing: list[StoredFinding] = field(default_factory=list)
    chances: list[StoredFinding] = field(default_factory=list)
    actions: list[ReviewDecision] = field(default_factory=list)
    late: list[tuple[Event, list[Due]]] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    proposals: list[tuple[Proposal, Event]] = field(default_factory=list)
    holds: list[tuple[Event, DateOption]] = field(default_factory=list)
    changes: list[EventChange] = field(default_factory=list)
    changes_left: int = 0
    own: list[Event] = field(default_factory=list)
    others: list[Matter] = field(default_factory=list)
    others_left: int = 0
    slots: list[tuple[Event, list[Slot]]] = field(default_factory=list)
    deadlines: list[Event] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    observances: list[tuple[date, Observance]] = field(default_factory=list)
    far: list[Event] = field(default_factory=list)
    events: dict[uuid.UUID, Event] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day of the digest."""
        return self.material.today

    @property
    def weekly(self) -> bool:
        """Tell whether it is one of those that come each week before a COP."""
        return self.material.edition.weekly

    def is_own(self, event: Event) -> bool:
        """Tell whether it is the organisation's own event (`Material.is_own`)."""
        return self.material.is_own(event, self.organisation)


def choose(material: Material, organisation: str) -> Chosen:
    """Return what the organisation is told; a weekly digest leaves out what is enough once a month."""
    weekly = material.edition.weekly
    ahead = Span(material.today, material.today + WEEKS_AHEAD) if weekly else material.ahead
    chosen = Chosen(organisation, Viewer(frozenset({organisation})), material, ahead)
    chosen.events = {event.id: event for event in material.events if can_see(chosen.viewer, event)}
    mine = Interests(chosen, _findings(chosen, material))
    _work(chosen, material)
    _events(chosen, mine)
    _changes(chosen, material, mine)
    _coordination(chosen, material)
    if not weekly:
        chosen.observances = observances.between(Span(chosen.today, chosen.today + SOON + SOON))
        _far(chosen)
    return chosen


def may_move(chosen: Chosen, event: Event) -> bool:
    """Tell whether better dates are of use: an own event with exact days, before its invitations are out.

    Those of sessions where Parties decide go out about six months before, those of others two (lead times).
    """
    kind = reference().kinds.get(event.kind)
    weeks = 26 if kind and kind.facts.governing else 8
    return (
        event.steward_code == chosen.organisation
        and chosen.is_own(event)
        and event.status in TAKING_PLACE
        and event.precision == Precision.DAY
        and event.start is not None
        and event.start >= chosen.today + timedelta(weeks=weeks)
    )


def is_governing(event: Event) -> bool:
    """Tell whether Parties decide or negotiate there."""
    kind = reference().kinds.get(event.kind)
    return bool(kind and kind.facts.governing)


class Interests:
    """Which events of others an organisation has an interest in.

    The rule, in this order of weight: it meets an own event, as planning found (a clash, or a chance to share a
    journey); or the secretariats coordinate for it (`coordination.concerns_members`), or the organisation keeps its
    record; or it belongs to a convention or process of the bodies whose meetings the organisation holds and keeps.
    """

    def __init__(self, chosen: Chosen, pairs: Iterable[tuple[Event, Event]]) -> None:
        """Take the pairs of events that meet, and find the organisation's conventions."""
        self._chosen = chosen
        self._pairs: dict[uuid.UUID, dict[uuid.UUID, Event]] = defaultdict(dict)
        for one, two in pairs:
            for own, other in ((one, two), (two, one)):
                if chosen.is_own(own) and not chosen.is_own(other):
                    self._pairs[other.id][own.id] = own
        lists = self._lists = reference()
        self._processes = {
            lists.bodies[body.code].process
            for event in chosen.events.values()
            if event.steward_code == chosen.organisation and chosen.is_own(event)
            for body in bodies_of(event)
            if body.code in lists.bodies
        }

    def met(self, event: Event) -> tuple[Event, ...]:
        """Return the own events that another one meets."""
        return tuple(self._pairs.get(event.id, {}).values())

    def weight(self, event: Event) -> int:
        """Return how much an event of others matters, 0 for not at all."""
        if event.id in self._pairs:
            return 3
        if event.steward_code == self._chosen.organisation or concerns_members(event, self._lists):
            return 2
        return 1 if self._processes & set(event.processes) and event.part_of_id is None else 0

    def has(self, event: Event) -> bool:
        """Tell whether an event is the organisation's own or matters to it."""
        return self._chosen.is_own(event) or self.weight(event) > 0


def _findings(chosen: Chosen, material: Material) -> list[tuple[Event, Event]]:
    """Choose the clashes to answer, other major ones that involve the organisation, and its opportunities.

    Returns the pairs of events of which one is its own and that meet at all.
    """
    code, pairs = chosen.organisation, []
    for item in material.findings:
        own = any(map(chosen.is_own, finding_board.events_of(item)))
        if not own and code not in finding_board.owners_of(item):
            continue
        major = item.kind == FindingKind.CLASH and item.severity >= Severity.MAJOR
        if not finding_board.may_see(chosen.viewer, item):
            if major and item.state == OPEN and finding_board.hidden_side(chosen.viewer, item):
                chosen.hidden.append(item)
            continue
        if own and item.b:
            pairs.append((item.a, item.b))
        if major and item.state == OPEN and _waits_for(item, code):
            chosen.to_answer.append(item)
        elif major and not chosen.weekly:
            chosen.standing.append(item)
        elif item.kind == FindingKind.OPPORTUNITY and own and not chosen.weekly:
            chosen.chances.append(item)
    return pairs


def _waits_for(item: StoredFinding, organisation: str) -> bool:
    owners = finding_board.owners_of(item)
    return organisation in owners and organisation not in {answer.organisation_code for answer in item.answers}


def _work(chosen: Chosen, material: Material) -> None:
    """Choose what waits for the organisation, and what of its milestones and actions is late or due."""
    code, soon = chosen.organisation, chosen.today + (WEEKS_AHEAD if chosen.weekly else SOON)
    chosen.waiting = [item for item in material.waiting if item.event.steward_code == code]
    chosen.proposals = [(proposal, event) for proposal, event in material.proposals if event.steward_code == code]
    chosen.holds = [(event, option) for event, option in material.holds if event.steward_code == code]
    chosen.actions = [
        action
        for action in material.actions
        if action.owner_organisation == code and (action.due_on is None or action.due_on <= soon)
    ]
    for event_id, steps in material.milestones.items():
        event = chosen.events.get(event_id)
        if event is None:
            continue
        # A person without an organisation is reminded by name, and the organisation that keeps the event hears of it.
        kept = _keeps(chosen, event)
        own = [s for s in steps if s.owner.organisation == code or (kept and not s.owner.organisation)]
        if late := [step for step in own if step.is_late]:
            chosen.late.append((event, late))
        chosen.due += [step for step in own if not step.is_late and step.due <= soon]
    chosen.late.sort(key=lambda item: (item[0].start or date.max, str(item[0].id)))
    chosen.due.sort(key=lambda step: (step.due, str(step.event.id), step.name))


def _keeps(chosen: Chosen, event: Event) -> bool:
    return event.steward_code == chosen.organisation and chosen.is_own(event)


def _events(chosen: Chosen, mine: Interests) -> None:
    """Choose the own events of the days ahead and those of others that matter, and the deadlines."""
    found: list[tuple[int, Event]] = []
    for event in without_divided(chosen.events.values()):
        if not is_within(event, chosen.ahead) or event.kind == _OBSERVANCE or event.status == Status.CANCELLED:
            continue
        if event.kind == DEADLINE:
            if mine.has(event):
                chosen.deadlines.append(event)
        elif chosen.is_own(event):
            chosen.own.append(event)
        elif weight := mine.weight(event):
            found.append((weight, event))
    most = {event.id for _weight, event in sorted(found, key=lambda item: -item[0])[:MOST_OTHERS]}
    chosen.others = [Matter(event, mine.met(event)) for _weight, event in found if event.id in most]
    chosen.others_left = len(found) - len(chosen.others)


def without_divided(events: Collection[Event]) -> list[Event]:
    """Return the events but for those whose days are not exact and of which parts have days: the parts say more."""
    divided = {event.part_of_id for event in events if event.part_of_id and event.precision == Precision.DAY}
    return [event for event in events if event.precision == Precision.DAY or event.id not in divided]


def is_within(event: Event, days: Span) -> bool:
    """Tell whether an event takes place within some days; a long stretch in which it lies does not bring it there."""
    if event.start is None or event.end is None or event.start >= days.end or event.end <= days.start:
        return False
    if event.status == Status.POSTPONED:
        return False
    return event.precision == Precision.DAY or (event.end - event.start).days <= days.days + 2


def _changes(chosen: Chosen, material: Material, mine: Interests) -> None:
    """Choose what changed: all that is own, and of the rest what matters; own ones first within each kind."""
    told = changes_since.changes_for(material.changed[material.since[chosen.organisation]], chosen.viewer)
    found = [
        change
        for change in told
        if change.event.stage == Stage.PUBLISHED and not _is_over(change.event, chosen.today) and mine.has(change.event)
        if change.kind is not ChangeKind.CHANGED or set(change.fields) & {"city", "country", "format", "start_time"}
    ]
    found.sort(key=lambda change: not chosen.is_own(change.event))
    chosen.changes, chosen.changes_left = found[:MOST_CHANGES], max(0, len(found) - MOST_CHANGES)


def _is_over(event: Event, today: date) -> bool:
    return event.end is not None and event.end <= today and event.status != Status.POSTPONED


def _coordination(chosen: Chosen, material: Material) -> None:
    """Choose the events of the days ahead of which slots ask something, and later ones with a deadline within them."""
    for event_id, slots in material.slots.items():
        event = chosen.events.get(event_id)
        if event is None:
            continue
        near = is_within(event, chosen.ahead)
        wanted = [s for s in slots if asks(s) and (near or (s.deadline and s.deadline < chosen.ahead.end))]
        if wanted:
            chosen.slots.append((event, wanted))
    chosen.slots.sort(key=lambda item: (item[0].start or date.max, str(item[0].id)))


def _far(chosen: Chosen) -> None:
    """Choose the sessions where Parties decide, beyond the days ahead; parts stand with their whole."""
    chosen.far = [
        event
        for event in chosen.events.values()
        if is_governing(event) and event.part_of_id is None and event.stage == Stage.PUBLISHED
        if event.start and event.start >= chosen.ahead.end and event.status != Status.CANCELLED
    ][:MOST_FAR]


def participation_of(slots: Sequence[Slot]) -> Slot | None:
    """Return the slot that says who takes part, if it names anybody."""
    return next((slot for slot in slots if slot.slot == "participation" and slot.owner), None)


def late_actions(chosen: Chosen) -> list[ReviewDecision]:
    """Return the actions whose day is over."""
    return [action for action in chosen.actions if is_late(action, chosen.today)]
