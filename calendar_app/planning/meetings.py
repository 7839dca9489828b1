"""An event as planning sees it: who has to be where, when, and how sure that is. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from calendar_app.planning.dates import ONE_DAY, Precision, Span
from calendar_app.planning.vocabulary import Format, LinkKind, Status

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable
    from dataclasses import dataclass as checked_as_frozen
    from datetime import date, datetime

    from calendar_app.planning.people import People
else:

    def checked_as_frozen(*, frozen: bool, **rest: bool) -> Callable[[type], type]:  # noqa: ARG001
        """Make a dataclass that only the type checker holds to be frozen.

        A frozen one sets each of its fields by a call. With thirty fields that is three quarters of the time it takes
        to make a meeting, and a quarter of the time it takes to load a calendar.
        """
        return dataclass(**rest)


# By names of their own: looking a member up in its enumeration takes longer than comparing it.
_DAY, _ONLINE, _TENTATIVE = Precision.DAY, Format.ONLINE, Status.TENTATIVE


@dataclass(frozen=True, slots=True)
class ServiceDays:
    """A service that an organisation gives to a meeting: `provider` and `kind` are codes."""

    provider: str
    kind: str
    days: Span


@checked_as_frozen(frozen=True, slots=True, eq=False)
class Meeting:
    """One set of dates of one event. Codes everywhere; equal only to itself.

    An event with candidate dates has a value for each of them (`option` counts from 1); they share `event`. `footprint`
    is `span` with the days of its preparatory meetings. `hours` are aware UTC, for an event with hours on a single day.
    `secretariats` are the members of the exchange that hold it (leading or co-organising), `lead` those that lead it.
    `whole` is the outermost event that it is part of, or itself; `is_umbrella` says that its dated parts speak for it.
    `openness` is who may see it, from 0 (its steward) to 2 (everybody); `steward` is the code of who keeps it.
    """

    event: uuid.UUID
    kind: str
    people: People
    span: Span | None
    footprint: Span | None
    precision: Precision = Precision.DAY
    status: Status = Status.CONFIRMED
    format: Format = Format.UNKNOWN
    remote: bool = False
    city: str = ""
    country: str = ""
    venue: str = ""
    regions: frozenset[str] = frozenset()
    processes: frozenset[str] = frozenset()
    organisers: frozenset[str] = frozenset()
    secretariats: frozenset[str] = frozenset()
    lead: frozenset[str] = frozenset()
    whole: uuid.UUID | None = None
    part_of: uuid.UUID | None = None
    part_role: str = ""
    is_umbrella: bool = False
    series: str = ""
    links: frozenset[tuple[LinkKind, uuid.UUID]] = frozenset()
    hours: tuple[datetime, datetime] | None = None
    key_persons: frozenset[str] = frozenset()
    services: tuple[ServiceDays, ...] = ()
    expected: int | None = None
    openness: int = 2
    steward: str = ""
    option: int = 0
    # Asked of every pair, so worked out once: the days that it takes, those that prepare it among them, whether its
    # days are known, whether nobody travels to it, and whether its dates are not firm.
    taken: Span | None = field(init=False)
    is_exact: bool = field(init=False)
    is_online: bool = field(init=False)
    is_tentative: bool = field(init=False)

    def __post_init__(self) -> None:
        """Work out what follows from the rest."""
        settle = object.__setattr__
        settle(self, "taken", self.footprint or self.span)
        settle(self, "is_exact", self.span is not None and self.precision is _DAY)
        settle(self, "is_online", self.format is _ONLINE)
        settle(self, "is_tentative", self.status is _TENTATIVE or self.option > 0)


def is_seen_with(one: Meeting, other: Meeting) -> bool:
    """Tell whether everybody who may see the other meeting may see the one: only then may it shape what is said."""
    if one.openness == other.openness == 0:
        return one.steward == other.steward
    return one.openness >= other.openness


def linked(a: Meeting, b: Meeting, kinds: Iterable[LinkKind]) -> LinkKind | None:
    """Return how two meetings are linked, in either direction, if it is one of `kinds`."""
    if not a.links and not b.links:
        return None
    for kind in kinds:
        if (kind, b.event) in a.links or (kind, a.event) in b.links:
            return kind
    return None


def free_days(a: Span, b: Span) -> int:
    """Return the whole days between two spans, 0 if one follows the other at once, negative if they overlap."""
    if a.first_ordinal <= b.first_ordinal:
        return b.first_ordinal - a.end_ordinal
    return a.first_ordinal - b.end_ordinal


def shared_days(a: Span, b: Span) -> tuple[date, date, int]:
    """Return the first and last day that two overlapping spans share, and how many there are."""
    first, end = max(a.start, b.start), min(a.end, b.end)
    return first, end - ONE_DAY, (end - first).days
