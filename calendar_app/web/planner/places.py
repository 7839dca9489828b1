"""Where something stands on the planner, written as classes: the policy of our pages allows no inline style.

A number of days has a class for each of its digits; planner.css adds them up. See docs/decisions/0009.
"""

from __future__ import annotations

from functools import lru_cache

# Hundreds, tens and ones of the first day, of the number of days, of the first row, and of the number of rows.
_START, _LENGTH, _ROW, _HEIGHT = "abc", "xyz", "opq", "uvw"
_MOST = 999


@lru_cache(maxsize=4096)
def _digits(letters: str, number: int) -> str:
    return "".join(f" {letter}{digit}" for letter, digit in zip(letters, f"{number:03}", strict=True) if digit != "0")


def place(start: int, end: int) -> str:
    """Return the classes of what begins at day `start` and ends before day `end` (0 to 999)."""
    return _digits(_START, start) + _digits(_LENGTH, end - start)


def rows(top: int, number: int = 1) -> str:
    """Return the classes of what begins at row `top` and is `number` rows high; what is beyond 999 stands at 999."""
    height = "" if number == 1 else _digits(_HEIGHT, min(number, _MOST))
    return _digits(_ROW, min(top, _MOST)) + height
