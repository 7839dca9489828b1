"""The lanes of the planner and how bars are packed into them.

A bar carries its name beside it, or inside where it is long enough; the room for the name is part of what is packed,
counted in days of the narrowest planner. Where a lane would grow too high, names get shorter, then vanish: the card of
each bar still has them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from unicodedata import east_asian_width

from calendar_app.web.bars import rows_of
from calendar_app.web.planner import places

if TYPE_CHECKING:
    from calendar_app.web.planner.cards import Card

# The narrowest that the columns get, whatever the screen (planner.css), and the widths of a letter and around a name.
TRACK_PIXELS = 1100
LETTER_PIXELS, _AROUND_PIXELS, _LEAST_PIXELS = 7, 14, 7
# How many letters of a name are shown, of bars and of the parts inside them, from the best to the last resort; and how
# many rows a lane may have before the next is tried.
_TRIES = ((48, 48), (48, 0), (14, 14), (14, 0), (0, 0))
MOST_ROWS = 24


@dataclass(slots=True)
class Bar:
    """A bar: its half-open days in the window, its name, its card, and whether it shows that card itself.

    Packing adds how much of its name is shown and where (after, before, inside, none), its row inside the box of its
    whole, the classes of its place, and those of the frame around it and its parts.
    """

    start: int
    end: int
    name: str
    card: Card
    has_card: bool = True
    parts: list[Bar] = field(default_factory=list)
    shown_name: str = ""
    where: str = ""
    row: int = 0
    place: str = ""
    frame: str = ""


# The days that a bar takes with its name and its parts, half-open, and how many rows.
Box: TypeAlias = tuple[int, int, int, Bar]


@dataclass(slots=True)
class Lane:
    """A lane with its bars in order of start; packing adds its height (classes) and whether its bars have no names."""

    name: str
    slug: str
    bars: list[Bar]
    height: str = ""
    is_dense: bool = False


def pack(lane: Lane, days: int, most_rows: int = MOST_ROWS) -> None:
    """Give every bar of the lane its place in a window of `days`."""
    has_parts = any(bar.parts for bar in lane.bars)
    for letters, letters_of_parts in _TRIES:
        if letters and not letters_of_parts and not has_parts:
            continue
        is_last = (letters, letters_of_parts) == _TRIES[-1]
        packing = _Packing(days, letters, letters_of_parts)
        if not is_last and packing.least_rows(lane.bars) > most_rows:
            continue
        boxes = sorted(map(packing.box, lane.bars), key=_by_start)
        tops, height = rows_of([box[:3] for box in boxes])
        if is_last or height <= most_rows:
            break
    for (_start, _end, rows, bar), top in zip(boxes, tops, strict=True):
        packing.put(bar, top, rows)
    lane.is_dense = letters == 0
    lane.height = places.rows(0, height)


def _by_start(box: Box) -> tuple[int, int]:
    return box[:2]


@dataclass(frozen=True, slots=True)
class _Packing:
    """One way to pack: how many letters of a name are shown, of bars and of the parts inside them."""

    days: int
    letters: int
    letters_of_parts: int

    def least_rows(self, bars: list[Bar]) -> int:
        """Return how many rows the bars need at the very least: the room of their names, as if nothing were lost."""
        pixels = sum(min(len(bar.name), self.letters) for bar in bars) * LETTER_PIXELS + len(bars) * _AROUND_PIXELS
        return pixels // TRACK_PIXELS

    def box(self, bar: Bar) -> Box:
        """Return what the bar, its name and its parts take."""
        start, end = self._extent(bar, self.letters)
        if not bar.parts:
            return start, end, 1, bar
        extents = [self._extent(part, self.letters_of_parts) for part in bar.parts]
        order = sorted(range(len(extents)), key=extents.__getitem__)
        tops, height = rows_of([(*extents[index], 1) for index in order])
        for index, top in zip(order, tops, strict=True):
            bar.parts[index].row = 1 + top
        starts, ends = zip(*extents, strict=True)
        return min(start, *starts), max(end, *ends), 1 + height, bar

    def put(self, bar: Bar, top: int, rows: int) -> None:
        """Write down the place of a bar and of its parts."""
        for one in (bar, *bar.parts):
            start, end = self._drawn(one)
            one.place = places.place(start, end) + places.rows(top + one.row)
        if bar.parts:
            first = min(bar.start, *(part.start for part in bar.parts))
            last = max(bar.end, *(part.end for part in bar.parts))
            bar.frame = places.place(first, last) + places.rows(top, rows)

    def _extent(self, bar: Bar, letters: int) -> tuple[int, int]:
        """Find how the bar's name is shown, and return the days that the bar and its name take."""
        start, end = self._drawn(bar)
        # A day of air, so that neighbours do not touch.
        if not letters or not bar.name:
            bar.where, bar.shown_name = "none", ""
            return start, end + 1
        name = bar.name[:letters]
        room = self._days_of(_width(name) + _AROUND_PIXELS)
        bar.shown_name = name if name == bar.name else name.rstrip() + "…"
        if end - start >= room:
            # The style sheet cuts what is too long for the bar.
            bar.where, bar.shown_name = "inside", bar.name
        elif end + room <= self.days:
            bar.where, end = "after", end + room
        elif start >= room:
            bar.where, start = "before", start - room
        else:
            bar.where = "inside"
        return start, end + 1

    def _drawn(self, bar: Bar) -> tuple[int, int]:
        """Return the days that a bar is drawn over: long enough to be seen."""
        least = self._days_of(_LEAST_PIXELS)
        if bar.end - bar.start >= least:
            return bar.start, bar.end
        start = min(bar.start, max(0, self.days - least))
        return start, start + least

    def _days_of(self, pixels: int) -> int:
        return -(-pixels * self.days // TRACK_PIXELS)


def _width(text: str) -> int:
    """Return about how many pixels wide a name is; Chinese and the like take two letters' room."""
    if text.isascii():
        return len(text) * LETTER_PIXELS
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text) * LETTER_PIXELS
