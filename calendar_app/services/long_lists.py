"""Long lists made short for people: what belongs together as one line, and of each sort the first ones."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

T = TypeVar("T")


def gathered(items: Iterable[T], key: Callable[[T], Hashable | None]) -> list[list[T]]:
    """Return the items of one key together, in the order of the first of each; one without a key stands alone."""
    lines: list[list[T]] = []
    known: dict[Hashable, list[T]] = {}
    for item in items:
        name = key(item)
        if name is not None and name in known:
            known[name].append(item)
            continue
        lines.append([item])
        if name is not None:
            known[name] = lines[-1]
    return lines


def first_ones(lines: Sequence[T], sort: Callable[[T], Hashable], most: int, of_each: int) -> list[T]:
    """Return at most `most` lines, in their order: the first `of_each` of every sort, then what there is room for."""
    seen: Counter[Hashable] = Counter()
    early: list[int] = []
    late: list[int] = []
    for number, line in enumerate(lines):
        seen[sort(line)] += 1
        (early if seen[sort(line)] <= of_each else late).append(number)
    return [lines[number] for number in sorted([*early, *late][:most])]
