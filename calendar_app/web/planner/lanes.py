"""The lanes of the planner and how bars are packed into them.

A bar carries its name beside it, or inside where it is long enough; the room for the name is part of what is packed,
counted in days of the narrowest planner. Where a lane would grow too high, names get shorter, then vanish: the card of
each bar still has them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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
_TRIES = ((48, 48), (48, 0), (14, 14), (14, 0))
MOST_ROWS = 24
# In a crowded lane a bar has a name if no more than so many lie on its days, itself counted, or if it has so many days.
MOST_BESIDE, LONG = 3, 60
# Unicode's first strong isolate and its end, from `Words.isolated`.
_ISOLATE, _END = "\u2068", "\u2069"


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
    """A lane with its bars in order of start; packing adds its height (classes), in half rows if it is dense.

    `joins` are the classes of the lines between bars that belong together.
    """

    name: str
    slug: str
    bars: list[Bar]
    height: str = ""
    is_dense: bool = False
    joins: list[str] = field(default_factory=list)


def pack(lane: Lane, days: int, most_rows: int = MOST_ROWS) -> None:
    """Give every bar of the lane its place in a window of `days`."""
    has_parts = any(bar.parts for bar in lane.bars)
    for letters, letters_of_parts in _TRIES:
        if not letters_of_parts and not has_parts:
            continue
        packing = _Packing(days, letters, letters_of_parts)
        if packing.least_rows(lane.bars) > most_rows:
            continue
        boxes = sorted(map(packing.box, lane.bars), key=_by_start)
        tops, height = rows_of([box[:3] for box in boxes])
        if height <= most_rows:
            break
    else:
        packing = _Packing(days, _TRIES[-1][0], 0, _crowded(lane.bars))
        boxes = sorted(map(packing.box, lane.bars), key=_by_start)
        tops, height = rows_of([box[:3] for box in boxes])
        lane.is_dense = True
    for (_start, _end, rows, bar), top in zip(boxes, tops, strict=True):
        packing.put(bar, top, rows)
    lane.height = places.rows(0, height)


def _crowded(bars: list[Bar]) -> frozenset[int]:
    """Return the bars (by identity) that so many others lie beside that there is no room for their names."""
    starts, ends = sorted(bar.start for bar in bars), sorted(bar.end for bar in bars)
    beside = ((bar, bisect_left(starts, bar.end) - bisect_right(ends, bar.start)) for bar in bars)
    return frozenset(id(bar) for bar, count in beside if count > MOST_BESIDE and bar.end - bar.start < LONG)


def _by_start(box: Box) -> tuple[int, int]:
    return box[:2]


@dataclass(frozen=True, slots=True)
class _Packing:
    """One way to pack: how many letters of a name are shown, of bars and of the parts inside them."""

    days: int
    letters: int
    letters_of_parts: int
    # With crowded bars rows are half as high: a bar with a name takes two, one without takes one.
    crowded: frozenset[int] | None = None

    def least_rows(self, bars: list[Bar]) -> int:
        """Return how many rows the bars need at the very least: the room of their names, as if nothing were lost."""
        names = [min(len(bar.name), self.letters) for bar in bars if bar.name]
        return (sum(names) * LETTER_PIXELS + len(names) * _AROUND_PIXELS) // TRACK_PIXELS

    def box(self, bar: Bar) -> Box:
        """Return what the bar, its name and its parts take."""
        is_crowded = self.crowded is not None and id(bar) in self.crowded
        start, end = self._extent(bar, 0 if is_crowded else self.letters)
        own_rows = 1 if self.crowded is None or bar.where == "none" else 2
        if not bar.parts:
            return start, end, own_rows, bar
        extents = [self._extent(part, self.letters_of_parts) for part in bar.parts]
        order = sorted(range(len(extents)), key=extents.__getitem__)
        tops, height = rows_of([(*extents[index], 1) for index in order])
        for index, top in zip(order, tops, strict=True):
            bar.parts[index].row = own_rows + top
        starts, ends = zip(*extents, strict=True)
        return min(start, *starts), max(end, *ends), own_rows + height, bar

    def put(self, bar: Bar, top: int, rows: int) -> None:
        """Write down the place of a bar and of its parts."""
        for one in (bar, *bar.parts):
            start, end = self._drawn(one)
            one.row += top
            one.place = places.place(start, end) + places.rows(one.row)
        if bar.parts:
            starts, ends = zip(*map(self._drawn, (bar, *bar.parts)), strict=True)
            bar.frame = places.place(min(starts), max(ends)) + places.rows(top, rows)

    def _extent(self, bar: Bar, letters: int) -> tuple[int, int]:
        """Find how the bar's name is shown, and return the days that the bar and its name take."""
        start, end = self._drawn(bar)
        # A day of air, so that neighbours do not touch.
        if not letters or not bar.name:
            bar.where, bar.shown_name = "none", ""
            return start, end + 1
        name = bar.name[:letters]
        room = self._days_of(_width(name) + _AROUND_PIXELS)
        bar.shown_name = name if name == bar.name else _closed(name.rstrip()) + "…"
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


def _closed(text: str) -> str:
    """Return a cut text with an end for each isolated piece that lost its own."""
    return text + _END * (text.count(_ISOLATE) - text.count(_END))


def _width(text: str) -> int:
    """Return about how many pixels wide a name is; Chinese and the like take two letters' room."""
    if text.isascii():
        return len(text) * LETTER_PIXELS
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text) * LETTER_PIXELS
