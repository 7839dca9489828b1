"""Findings as members may see them: the board, those of one event, and those that wait for an answer.

Who may see a finding is decided here and nowhere else, and rests on who may see its events (`calendar.visible_to`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, case, cast, exists, func, not_, or_, select
from sqlalchemy.orm import aliased, selectinload

from calendar_app.models import DateOption, Event, EventFacet, FindingAnswer, StoredFinding
from calendar_app.planning.vocabulary import FindingKind, OptionState, Severity
from calendar_app.services.calendar import can_see, visible_to
from calendar_app.services.finding_life import ACCEPTED, ACKNOWLEDGED, OPEN, RESOLVED
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from calendar_app.planning.dates import Span
    from calendar_app.services.access import Person
    from calendar_app.services.calendar import Viewer
    from calendar_app.services.wording import Words

STATES = (OPEN, ACKNOWLEDGED, ACCEPTED, RESOLVED)
ANY_STATE = "all"
PAGE_SIZE = 100
_MOST_OF_EVENT = 100
_A, _B = aliased(Event), aliased(Event)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the board is asked for; "" and None mean any. `month` is half-open; `past` takes in what is over."""

    kind: FindingKind = FindingKind.CLASH
    state: str = OPEN
    organisation: str = ""
    convention: str = ""
    month: Span | None = None
    past: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board: findings, the worst first, then by date; `number` and `last_number` count pages from 1.

    `counts` are of all pages by kind and severity. `hidden` are clashes of the viewer's own events of which they may
    not see everything: of those only the own event, the severity and whom to ask may be shown.
    """

    findings: list[StoredFinding]
    counts: dict[tuple[str, int], int]
    hidden: list[StoredFinding]
    number: int = 1
    last_number: int = 1

    def count(self, kind: FindingKind) -> int:
        """Return how many findings of a kind there are."""
        return sum(count for (of, _severity), count in self.counts.items() if of == kind)


# ---------- Who may see what ----------


def visible_findings(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may see a finding: both events, and what every reason rests on."""
    seen = _ids_of_events(visible_to(viewer))
    both = and_(StoredFinding.a_id.in_(seen), or_(StoredFinding.b_id.is_(None), StoredFinding.b_id.in_(seen)))
    if viewer.sees_everything:
        return both
    own = _ids_of_events(Event.steward_code.in_(viewer.organisations))
    return and_(
        both,
        or_(not_(_rests_on("a")), StoredFinding.a_id.in_(own)),
        or_(not_(_rests_on("b")), StoredFinding.b_id.in_(own)),
    )


def _ids_of_events(condition: ColumnElement[bool]) -> Select[tuple[uuid.UUID]]:
    return select(Event.id).where(condition).correlate(None)


def _rests_on(side: str) -> ColumnElement[bool]:
    """Return the condition that a reason rests on internal fields of an event; texts in JSON have their quotes escaped.

    The program writes JSON in one way, and both databases keep its text as it is.
    """
    text = cast(StoredFinding.reasons, Text)
    return or_(*(text.like(f'%"internal": "{events}"%') for events in (side, "ab")))


def may_see(viewer: Viewer, found: StoredFinding) -> bool:
    """Tell the same of one finding that is loaded already."""
    if not all(can_see(viewer, event) for event in events_of(found)):
        return False
    stewards = {"a": found.a.steward_code, "b": found.b.steward_code if found.b else ""}
    internal = {side for reason in found.reasons for side in reason.get("internal", "")}
    return viewer.sees_everything or all(stewards[side] in viewer.organisations for side in internal)


def hidden_side(viewer: Viewer, found: StoredFinding) -> Event | None:
    """Return the viewer's own event of a clash of which they may not see everything; None for all else."""
    if found.kind != FindingKind.CLASH or may_see(viewer, found):
        return None
    return next((event for event in events_of(found) if event.steward_code in viewer.organisations), None)


def hidden_sentence(words: Words, viewer: Viewer, found: StoredFinding) -> str:
    """Say of a clash with a hidden side whom to ask, and nothing of what is hidden."""
    own = hidden_side(viewer, found)
    other = next(event for event in events_of(found) if event is not own)
    values = {"organisation": words.isolated(short_name(words, other.steward_code))}
    if can_see(viewer, other):
        return (
            words.gettext(
                "These dates meet something that %(organisation)s has not shared. Please ask %(organisation)s."
            )
            % values
        )
    return (
        words.gettext("These dates meet an event that %(organisation)s has not shared. Please ask %(organisation)s.")
        % values
    )


# ---------- One finding ----------


def events_of(found: StoredFinding) -> tuple[Event, ...]:
    """Return the events of a finding, one or two."""
    return (found.a, found.b) if found.b else (found.a,)


def owners_of(found: StoredFinding) -> tuple[str, ...]:
    """Return the codes of the organisations that have to answer: the stewards of its events, each once."""
    return tuple(dict.fromkeys(event.steward_code for event in events_of(found)))


def short_name(words: Words, code: str) -> str:
    """Return how people call an organisation in short."""
    listed = reference().organisations.get(code)
    return words.gettext(listed.short_name) if listed else code


def find(session: Session, viewer: Viewer, finding_id: uuid.UUID) -> StoredFinding | None:
    """Return the finding of this id if the viewer may see it."""
    found = session.get(StoredFinding, finding_id)
    return found if found and may_see(viewer, found) else None


# ---------- Lists ----------


def board(session: Session, viewer: Viewer, asked: Asked, today: date, number: int = 1) -> Board:
    """Return page `number` of what is asked for; a page that there is not has no findings."""
    seen = and_(visible_findings(viewer), *_conditions(asked, today))
    rows = session.execute(
        _joined(select(StoredFinding.kind, StoredFinding.severity, func.count()))
        .where(seen)
        .group_by(StoredFinding.kind, StoredFinding.severity)
    ).tuples()
    counts = {(kind, severity): count for kind, severity, count in rows}
    total = sum(count for (kind, _severity), count in counts.items() if kind == asked.kind)
    query = _findings(seen, StoredFinding.kind == asked.kind).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Board(
        [found for found in session.scalars(query) if may_see(viewer, found)],
        counts,
        _hidden(session, viewer, asked, today) if asked.kind is FindingKind.CLASH else [],
        number,
        max(1, -(-total // PAGE_SIZE)),
    )


def of_event(session: Session, viewer: Viewer, event: Event) -> Board:
    """Return what is found about one event and still holds, opportunities after clashes."""
    about = or_(StoredFinding.a_id == event.id, StoredFinding.b_id == event.id)
    standing = and_(about, StoredFinding.state != RESOLVED)
    query = _findings(visible_findings(viewer), standing).limit(_MOST_OF_EVENT)
    hidden: Sequence[StoredFinding] = ()
    if event.steward_code in viewer.organisations:
        clash = StoredFinding.kind == FindingKind.CLASH
        hidden = session.scalars(_findings(not_(visible_findings(viewer)), standing, clash).limit(_MOST_OF_EVENT)).all()
    return Board(
        [found for found in session.scalars(query) if may_see(viewer, found)],
        {},
        [found for found in hidden if hidden_side(viewer, found)],
    )


def to_answer(session: Session, person: Person, today: date) -> list[StoredFinding]:
    """Return the open clashes, major and critical, to which this person's organisations have not answered."""

    def unanswered(owner: Any) -> ColumnElement[bool]:  # noqa: ANN401 - an alias of Event
        answered = exists().where(
            FindingAnswer.finding_id == StoredFinding.id, FindingAnswer.organisation_code == owner.steward_code
        )
        return and_(owner.steward_code.in_(person.deciding), not_(answered))

    waits = or_(unanswered(_A), unanswered(_B))
    asked = _conditions(Asked(), today)
    # Minor ones are for the monthly review and ask for nothing.
    clash = and_(StoredFinding.kind == FindingKind.CLASH, StoredFinding.severity >= Severity.MAJOR)
    found = session.scalars(_findings(visible_findings(person.viewer), clash, waits, *asked)).all()
    return [item for item in found if may_see(person.viewer, item)]


def _hidden(session: Session, viewer: Viewer, asked: Asked, today: date) -> list[StoredFinding]:
    """Return the clashes of own events of which something is hidden.

    They are chosen and put in order by what the person knows: the own event and who keeps the other.
    """
    own_a, own_b = _A.steward_code.in_(viewer.organisations), _B.steward_code.in_(viewer.organisations)
    first_a, end_a, first_b, end_b = _days_of_both()
    sides = or_(
        and_(own_a, *_of_days(first_a, end_a, asked, today), *_of_convention(asked, StoredFinding.a_id)),
        and_(own_b, *_of_days(first_b, end_b, asked, today), *_of_convention(asked, StoredFinding.b_id)),
    )
    query = (
        _joined(select(StoredFinding))
        .where(
            StoredFinding.kind == FindingKind.CLASH,
            not_(visible_findings(viewer)),
            sides,
            *_of_state(asked),
            *_of_organisation(asked),
        )
        .options(*_loaded())
        .order_by(StoredFinding.severity.desc(), case((own_a, first_a), else_=first_b), StoredFinding.id)
        .limit(PAGE_SIZE)
    )
    return [found for found in session.scalars(query) if hidden_side(viewer, found)]


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(StoredFinding)
        .join(_A, _A.id == StoredFinding.a_id)
        .outerjoin(_B, _B.id == StoredFinding.b_id)
    )


def _findings(*conditions: ColumnElement[bool]) -> Select[tuple[StoredFinding]]:
    """Return the query for findings, the worst first, then by the day on which both their events are on."""
    begin, _end = _common_days()
    order = (StoredFinding.severity.desc(), begin.is_(None), begin, StoredFinding.id)
    query: Select[tuple[StoredFinding]] = _joined(select(StoredFinding)).where(*conditions)
    return query.options(*_loaded()).order_by(*order)


def _loaded() -> list[Any]:
    """Return how to load findings so that lines and `may_see` ask nothing more."""
    return [
        selectinload(StoredFinding.a).selectinload(Event.editors),
        selectinload(StoredFinding.b).selectinload(Event.editors),
        selectinload(StoredFinding.answers),
    ]


# ---------- Conditions ----------


def _conditions(asked: Asked, today: date) -> list[ColumnElement[bool]]:
    conventions = [_of_convention(asked, column) for column in (StoredFinding.a_id, StoredFinding.b_id)]
    wanted = [or_(*(condition for some in conventions for condition in some))] if asked.convention else []
    return [*_of_state(asked), *_of_organisation(asked), *wanted, *_of_days(*_common_days(), asked, today)]


def _of_state(asked: Asked) -> list[ColumnElement[bool]]:
    return [] if asked.state == ANY_STATE else [StoredFinding.state == asked.state]


def _of_organisation(asked: Asked) -> list[ColumnElement[bool]]:
    if not asked.organisation:
        return []
    return [or_(_A.steward_code == asked.organisation, _B.steward_code == asked.organisation)]


def _of_convention(asked: Asked, event_id: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a column
    if not asked.convention:
        return []
    facet = exists().where(
        EventFacet.event_id == event_id, EventFacet.facet == "convention", EventFacet.value == asked.convention
    )
    return [facet]


def _of_days(begin: Any, end: Any, asked: Asked, today: date) -> list[ColumnElement[bool]]:  # noqa: ANN401 - columns
    """Return what the month and today ask of a first day and an end; of two meetings with a gap the end comes first."""
    month = asked.month
    if month:
        return [or_(begin < month.end, end < month.end), or_(begin >= month.start, end > month.start)]
    return [] if asked.past else [or_(end > today, end.is_(None))]


def _common_days() -> tuple[Any, Any]:
    """Return the first day on which both events are on, and the end: when the first of them is over."""
    first_a, end_a, first_b, end_b = _days_of_both()
    begin = case((or_(first_b.is_(None), first_a >= first_b), first_a), else_=first_b)
    end = case((or_(end_b.is_(None), end_a <= end_b), end_a), else_=end_b)
    return begin, end


def _days_of_both() -> tuple[Any, Any, Any, Any]:
    return (*_days_of(_A, StoredFinding.option_a), *_days_of(_B, StoredFinding.option_b))


def _days_of(event: Any, option: Any) -> tuple[Any, Any]:  # noqa: ANN401 - an alias and a column
    """Return first day and end of an event; of one that is spoken of on a candidate date, those of all that are open.

    A candidate date is taken for over on its last day: the two databases count days in different ways.
    """

    def among(column: Any) -> Any:  # noqa: ANN401
        open_ones = (DateOption.event_id == event.id, DateOption.state == OptionState.OPEN)
        return select(column).where(*open_ones).correlate(event).scalar_subquery()

    first = case((option > 0, among(func.min(DateOption.first_day))), else_=event.start)
    end = case((option > 0, among(func.max(DateOption.last_day))), else_=event.end)
    return first, end
