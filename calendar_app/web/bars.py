"""Where bars go when they lie side by side: the rows of the planner's lanes and of the calendar's weeks.

Pure: half-open stretches of whole numbers in (days, columns or pixels, as the caller counts), row numbers out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def rows_of(blocks: Sequence[tuple[int, int, int]]) -> tuple[list[int], int]:
    """Return the top row of each block, and how many rows all of them need.

    A block is (start, end, height): it takes the rows top to top + height - 1 from `start` up to, not including,
    `end`, and no other block has any of that. Blocks come in order of `start`; each gets the highest place free.
    """
    taken_until: list[int] = []
    tops = []
    for start, end, height in blocks:
        top = _free(taken_until, start, height)
        taken_until += [0] * (top + height - len(taken_until))
        taken_until[top : top + height] = [end] * height
        tops.append(top)
    return tops, len(taken_until)


def _free(taken_until: list[int], start: int, height: int) -> int:
    """Return the first row from which on `height` rows are free at `start`; rows that do not exist yet are free."""
    free = 0
    for row, end in enumerate(taken_until):
        free = free + 1 if end <= start else 0
        if free == height:
            return row - height + 1
    return len(taken_until) - free
