"""Who has to be there: pools of people, how far two pools are the same people, and what two meetings share.

An affinity is a share from 0 to 1: how likely a person of the one pool is wanted in the other at the same time. It is
data (`affinities.csv`), like the share of a pool with itself (`audiences.csv`): of a committee of elected members
everybody is wanted in both of its meetings, of observers a few.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from calendar_app.planning.vocabulary import PoolType

if TYPE_CHECKING:
    from collections.abc import Mapping

# Teams of a secretariat: they work for meetings of every region.
STAFF = frozenset({PoolType.STAFF, PoolType.LIAISON})
GLOBAL = "global"
_NUMBERS = count()
# What is remembered of groups of people and of two of them; more than a large calendar has.
_MOST_KNOWN, _MOST_SHARED = 10_000, 200_000


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of people; `share` says how far two meetings that draw on it want the same persons.

    `organisation` is whose team it is, "" where it is nobody's or several organisations'.
    """

    code: str
    type: PoolType
    share: float
    organisation: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Who a meeting draws on. `regions` is empty when it draws on the whole world. Made by `Crowd.people` alone."""

    pools: tuple[str, ...]
    regions: frozenset[str]
    number: int


@dataclass(frozen=True, slots=True)
class SharedPool:
    """Two pools, the same or related ones, and how far they are the same people."""

    a: str
    b: str
    type: PoolType
    share: float

    @property
    def is_same(self) -> bool:
        """Whether it is one pool."""
        return self.a == self.b


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What two meetings share, the most first, and the largest share.

    `regions_differ`: what they would share is of different regions.
    """

    pools: tuple[SharedPool, ...] = ()
    share: float = 0.0
    regions_differ: bool = False


@dataclass(frozen=True)
class Crowd:
    """All pools and their affinities, and a memory of what was compared before: the same answer every time."""

    pools: Mapping[str, Pool]
    affinities: Mapping[tuple[str, str], float]
    _known: dict[tuple[tuple[str, ...], frozenset[str]], People] = field(default_factory=dict, repr=False)
    _shared: dict[tuple[int, int], Shared] = field(default_factory=dict, repr=False)

    def people(self, pools: frozenset[str], regions: frozenset[str] = frozenset()) -> People:
        """Return the people of a meeting; `regions` are the regions it is held for, empty or `global` for all."""
        kept = frozenset() if GLOBAL in regions else regions
        key = (tuple(sorted(pools & self.pools.keys())), kept)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            # Threads may come here at once: a number that is given twice would mix up two meetings.
            found = self._known.setdefault(key, People(*key, next(_NUMBERS)))
        return found

    def share(self, a: People, b: People) -> float:
        """Return the largest share of what two meetings share."""
        found = self._shared.get((a.number, b.number))
        return (found or self.shared(a, b)).share

    def shared(self, a: People, b: People) -> Shared:
        """Return what two meetings share; the order of the two does not matter but for the order within pairs."""
        key = (a.number, b.number)
        found = self._shared.get(key)
        if found is None:
            if len(self._shared) >= _MOST_SHARED:
                self._shared.clear()
            found = self._shared[key] = self._compare(a, b)
        return found

    def _compare(self, a: People, b: People) -> Shared:
        apart = bool(a.regions and b.regions and not a.regions & b.regions)
        found, differ = [], False
        for p in a.pools:
            for q in b.pools:
                share = self.pools[p].share if p == q else self.affinities.get((p, q), 0.0)
                if share <= 0:
                    continue
                types = {self.pools[p].type, self.pools[q].type}
                if apart and not types & STAFF:
                    differ = True
                    continue
                found.append(SharedPool(p, q, self.pools[p].type if p == q else min(types), share))
        found.sort(key=lambda item: (-item.share, not item.is_same, *sorted((item.a, item.b))))
        return Shared(tuple(found), found[0].share if found else 0.0, differ)
