"""Timing side by side: everything in turn, several rounds, so that a machine whose speed drifts favours nobody."""

from __future__ import annotations

import gc
import statistics
import time
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Runs: TypeAlias = dict[str, Callable[[], object]]
    Times: TypeAlias = dict[str, list["Spent"]]


class Spent(NamedTuple):
    """Seconds on the clock on the wall, and seconds of the processor: other programs add much less to these."""

    wall: float
    processor: float


class Watch:
    """A stop watch: it runs from when it is made."""

    def __init__(self) -> None:
        """Start."""
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        """Return what was spent until now."""
        return Spent(time.perf_counter() - self._wall, time.process_time() - self._processor)


def in_turn(
    runs: Runs, rounds: int, *, warm_up: bool = True, seen: Callable[[str, object], None] | None = None
) -> Times:
    """Run everything in turn; return what each spent in each round. `seen` gets what each run returns, untimed."""
    if warm_up:
        for run in runs.values():
            run()
    times: Times = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            watch = Watch()
            result = run()
            # What it let the garbage collector put off is its share.
            gc.collect(0)
            times[name].append(watch.spent())
            if seen:
                seen(name, result)
            # What it takes to throw it away is nobody's share.
            del result
    return times


def side_by_side(runs: Runs, rounds: int) -> dict[str, float]:
    """Run everything in turn after one warm-up; return the median seconds of each."""
    return {name: wall(spent) for name, spent in in_turn(runs, rounds).items()}


def wall(spent: list[Spent]) -> float:
    """Return the median seconds on the wall."""
    return statistics.median(item.wall for item in spent)


def processor(spent: list[Spent]) -> float:
    """Return the median seconds of the processor."""
    return statistics.median(item.processor for item in spent)


def ratio(spent: list[Spent], base: list[Spent]) -> float:
    """Return the median of the ratios of the processor's seconds round by round, as far as both were run."""
    return statistics.median(_ratios(spent, base))


def _ratios(spent: list[Spent], base: list[Spent]) -> Iterator[float]:
    return (a.processor / b.processor for a, b in zip(spent, base, strict=False))
