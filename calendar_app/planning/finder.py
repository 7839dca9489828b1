"""The date finder: when could a meeting be held, and what would each date run into and make possible?

A window is one choice of days. The best come first: those without a major or critical clash, then by cost, which the
policy prices. If none is good, each constraint is let go in turn, to tell which of them costs most.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from calendar_app.planning.dates import EARLIEST, LATEST, ONE_DAY, Span, overlaps
from calendar_app.planning.moving import Moving, Tally
from calendar_app.planning.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from calendar_app.planning.facts import Facts
    from calendar_app.planning.findings import Finding
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy

    _Standing: TypeAlias = tuple[bool, int]

# How much later, or earlier, a meeting is tried when nothing good is found.
RELAXED_BY = timedelta(weeks=8)
_WORKING_WEEK = frozenset(range(5))
_SATURDAY = 5


class Constraint(StrEnum):
    """What keeps a meeting from better days; in this order they are let go."""

    LATEST = "latest"  # the last day: eight weeks later
    EARLIEST = "earliest"  # the first day: eight weeks earlier
    WEEKDAYS = "weekdays"  # the weekdays on which it may start: any from Monday to Friday
    WITHIN_WEEK = "within-week"  # that it does not run over a weekend
    AVOID = "avoid"  # the days to avoid
    CITY = "city"  # the city: as if it was not settled yet
    LENGTH = "length"  # the length: one day less


class NothingFits(StrEnum):
    """Why no day at all can be the first."""

    BACKWARD = "earliest-after-latest"
    TOO_SHORT = "shorter-than-the-meeting"
    NO_WEEKDAY = "no-such-weekday"
    ALL_AVOIDED = "all-avoided"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Raises ValueError if `days` is below 1.

    `meeting` says who, where and how; its own days count only for what keeps its distance to them (`moving.Moving`).
    It lasts `days` days, all from `earliest` to `latest`, both included. It starts on one of `weekdays` (Monday is 0),
    on Monday to Friday if that is empty. `within_week`: with at most five days it does not run over a weekend, unless
    it starts on a Saturday or Sunday among `weekdays`. On no day to `avoid` does it, or a preparatory day, take place.
    """

    meeting: Meeting
    days: int
    earliest: date
    latest: date
    weekdays: frozenset[int] = frozenset()
    within_week: bool = True
    avoid: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a meeting without a day."""
        if self.days < 1:
            message = f"a meeting lasts at least one day, not {self.days}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Window:
    """One choice of days and what it comes to. `cost` may be negative: what it makes possible is taken off."""

    span: Span
    cost: int
    worst: Severity
    _moving: Moving = field(repr=False, compare=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it would run into, the worst first, and make possible; looked up when asked for.

        The wanted meeting goes by its own id in them. What it lacks (`gaps`) is none of them.
        """
        return self._moving.findings(self.span.start)

    @property
    def is_good(self) -> bool:
        """Whether it is free of major and critical clashes."""
        return self.worst < Severity.MAJOR

    @property
    def standing(self) -> _Standing:
        """What windows are ranked by, the lowest first: no opportunity makes up for a major clash."""
        return not self.is_good, self.cost


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A constraint and the best window without it."""

    constraint: Constraint
    window: Window

    @property
    def cost(self) -> int:
        """The cost of the best window then."""
        return self.window.cost


@dataclass(frozen=True, slots=True)
class Search:
    """What was found: `windows` ranked, one for each ISO week; `by_day` every start day looked at, in order.

    `nothing` says why no day could be looked at. When nothing good was found, `relaxed` has the constraints that are
    worth letting go, the costliest first.
    """

    windows: tuple[Window, ...]
    by_day: tuple[Window, ...]
    is_good: bool
    relaxed: tuple[Relaxed, ...] = ()
    nothing: NothingFits | None = None

    @property
    def costliest(self) -> Relaxed | None:
        """The constraint without which the best window would be best; None if a good one exists, or none helps."""
        return self.relaxed[0] if self.relaxed else None


def search(
    wanted: Wanted,
    meetings: Collection[Meeting],
    facts: Facts,
    policy: Policy,
    most: int = 20,
    *,
    not_before: date | None = None,
) -> Search:
    """Return up to `most` windows for a meeting, the best first, and what every start day comes to.

    `meetings` hold all that lies within reach of `looked_at(wanted)`, with what `compare.find` wants besides. Days of
    `wanted.meeting` itself among them are left out. When constraints are let go, nothing starts before `not_before`.
    """
    move = partial(Moving, meetings=meetings, facts=facts, policy=policy)
    moving = move(wanted.meeting, wanted.days)
    by_day = _windows(moving, _starts(wanted))
    windows = _one_a_week(sorted(by_day, key=_rank))
    best = windows[0] if windows else None
    if best and best.is_good:
        return Search(windows[:most], by_day, is_good=True)
    loose = list(_relaxations(wanted, not_before))
    relaxed = [
        Relaxed(constraint, window)
        for constraint, window in _best_of_each(wanted, loose, moving, by_day, move)
        if best is None or window.standing < best.standing
    ]
    relaxed.sort(key=lambda item: item.window.standing)
    return Search(windows[:most], by_day, is_good=False, relaxed=tuple(relaxed), nothing=_why_nothing(wanted, by_day))


def better_dates(
    meeting: Meeting,
    meetings: Collection[Meeting],
    facts: Facts,
    policy: Policy,
    *,
    weeks: int = 8,
    most: int | None = None,
    not_before: date | None = None,
) -> tuple[Window, ...]:
    """Return windows that cost less than a meeting's own days, at most `weeks` away, the best first, one in each week.

    Among equals the nearest comes first. Never is a good date traded for one with a major clash. Nothing is returned
    for a meeting whose days are not known. At most `most`, or else as many as the policy says. `meetings` as for
    `search`; nothing starts before `not_before`, and what is sooner than the meeting itself leaves the policy's weeks
    of notice after that day.
    """
    if not meeting.is_exact or meeting.span is None:
        return ()
    span, far = meeting.span, timedelta(weeks=weeks)
    earliest = max(span.start - far, EARLIEST)
    if not_before:
        sooner = not_before + timedelta(weeks=policy.notice_weeks)
        earliest = max(earliest, not_before, min(span.start, sooner))
    wanted = Wanted(meeting, span.days, earliest, span.last + far)
    moving = Moving(meeting, span.days, meetings, facts, policy)
    (own,) = _windows(moving, [span.start])
    better = [w for w in _windows(moving, _starts(wanted)) if w.cost < own.cost and w.standing < own.standing]
    better.sort(key=lambda window: (*window.standing, abs(window.span.start - span.start), window.span))
    return _one_a_week(better)[: policy.most_dates if most is None else most]


def looked_at(wanted: Wanted) -> Span:
    """Return the days that a search may look at, those included that it tries when nothing good is found."""
    before = _days_before(wanted)
    first, last = min(wanted.earliest, wanted.latest), max(wanted.earliest, wanted.latest)
    return Span.inclusive(first - RELAXED_BY - before, last + RELAXED_BY)


def _starts(wanted: Wanted) -> list[date]:
    """Return the days on which the meeting may start, in order."""
    return [day for day in _days_on(wanted) if not _is_avoided(wanted, day)]


def _days_on(wanted: Wanted) -> Iterator[date]:
    """Yield the days on which it may start but for the days to avoid."""
    weekdays = wanted.weekdays or _WORKING_WEEK
    if wanted.within_week and wanted.days <= len(_WORKING_WEEK):
        last = len(_WORKING_WEEK) - wanted.days
        weekdays = frozenset(day for day in weekdays if day <= last or day >= _SATURDAY)
    day, last_start = max(wanted.earliest, EARLIEST), min(wanted.latest, LATEST) - timedelta(days=wanted.days - 1)
    while day <= last_start:
        if day.weekday() in weekdays:
            yield day
        day += ONE_DAY


def _is_avoided(wanted: Wanted, day: date) -> bool:
    if not wanted.avoid:
        return False
    taken = Span(day - _days_before(wanted), day + timedelta(days=wanted.days))
    return any(overlaps(taken, span) for span in wanted.avoid)


def _days_before(wanted: Wanted) -> timedelta:
    """Return how long before the meeting its preparatory days begin."""
    span, footprint = wanted.meeting.span, wanted.meeting.footprint
    return max(span.start - footprint.start, timedelta()) if span and footprint else timedelta()


def _why_nothing(wanted: Wanted, by_day: tuple[Window, ...]) -> NothingFits | None:
    if by_day:
        return None
    if wanted.earliest > wanted.latest:
        return NothingFits.BACKWARD
    if (wanted.latest - wanted.earliest).days + 1 < wanted.days:
        return NothingFits.TOO_SHORT
    return NothingFits.ALL_AVOIDED if any(True for _day in _days_on(wanted)) else NothingFits.NO_WEEKDAY


def _relaxations(wanted: Wanted, not_before: date | None) -> Iterator[tuple[Constraint, Wanted]]:
    """Yield what is wanted without one constraint, for each that it has."""
    yield Constraint.LATEST, replace(wanted, latest=wanted.latest + RELAXED_BY)
    earlier = max(wanted.earliest - RELAXED_BY, not_before or EARLIEST)
    if earlier < wanted.earliest:
        yield Constraint.EARLIEST, replace(wanted, earliest=earlier)
    if wanted.weekdays:
        yield Constraint.WEEKDAYS, replace(wanted, weekdays=wanted.weekdays | _WORKING_WEEK)
    if wanted.within_week and wanted.days <= len(_WORKING_WEEK):
        yield Constraint.WITHIN_WEEK, replace(wanted, within_week=False)
    if wanted.avoid:
        yield Constraint.AVOID, replace(wanted, avoid=())
    if wanted.meeting.city or wanted.meeting.country:
        # Who leads it is left out, too: that a meeting has no city yet is no chance to share a trip.
        anywhere = replace(wanted.meeting, city="", country="", venue="", lead=frozenset())
        yield Constraint.CITY, replace(wanted, meeting=anywhere)
    if wanted.days > 1:
        yield Constraint.LENGTH, replace(wanted, days=wanted.days - 1)


def _best_of_each(
    wanted: Wanted,
    loose: list[tuple[Constraint, Wanted]],
    moving: Moving,
    by_day: Iterable[Window],
    move: Callable[[Meeting, int], Moving],
) -> Iterator[tuple[Constraint, Window]]:
    """Yield the best window without each constraint, if there is one; days that are known are not looked at again."""

    def is_same(other: Wanted) -> bool:
        return other.meeting is wanted.meeting and other.days == wanted.days

    known = {window.span.start: window for window in by_day}
    more = {day for _constraint, other in loose if is_same(other) for day in _starts(other)} - known.keys()
    known |= {window.span.start: window for window in _windows(moving, sorted(more))}
    for constraint, other in loose:
        starts = _starts(other)
        found = [known[day] for day in starts] if is_same(other) else _windows(move(other.meeting, other.days), starts)
        if found:
            yield constraint, min(found, key=_rank)


def _rank(window: Window) -> tuple[bool, int, Severity, Span]:
    return *window.standing, window.worst, window.span


def _windows(moving: Moving, starts: list[date]) -> tuple[Window, ...]:
    return tuple(_window(moving, tally) for tally in moving.tallies(starts))


def _window(moving: Moving, tally: Tally) -> Window:
    return Window(Span(tally.start, tally.start + timedelta(days=moving.days)), tally.cost, tally.worst, moving)


def _one_a_week(ranked: Iterable[Window]) -> tuple[Window, ...]:
    """Return the first window of each ISO week: five shifts of one week are one choice."""
    found: dict[tuple[int, int], Window] = {}
    for window in ranked:
        year, week, _day = window.span.start.isocalendar()
        found.setdefault((year, week), window)
    return tuple(found.values())
