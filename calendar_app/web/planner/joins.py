"""Lines between bars that belong together, in one lane or across several.

A line goes down or up where the first bar ends, and along the row of the second to where that one begins. Each lane
that it passes has its own piece of it, because only the browser knows how high the lanes are.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from calendar_app.web.planner.places import place, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from calendar_app.web.planner.lanes import Bar, Lane


def join(lanes: Sequence[tuple[Lane, Mapping[str, Bar]]], pairs: Iterable[tuple[str, str]]) -> None:
    """Join the bars of each pair of events; `lanes` are packed, each with its bars by event."""
    for pair in _nearest(lanes, list(pairs)):
        own = [[number for number, (_lane, bars) in enumerate(lanes) if event in bars] for event in pair]
        if not all(own):
            continue
        # An event of several processes has a bar in the lane of each: the nearest two are joined.
        _far, one, other = min((abs(i - j), i, j) for i in own[0] for j in own[1])
        first, second, here, there = lanes[one][1][pair[0]], lanes[other][1][pair[1]], one, other
        if (second.start, second.end) < (first.start, first.end):
            first, second, here, there = second, first, there, here
        if second.start < first.end:
            continue
        if here == there:
            _within(lanes[here][0], first, second)
        else:
            _across([lane for lane, _bars in lanes], first, here, second, there)


def _nearest(
    lanes: Sequence[tuple[Lane, Mapping[str, Bar]]], pairs: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Leave out a pair between which a third meeting lies that is joined with both: the line would say it twice."""
    bars = {event: bar for _lane, own in lanes for event, bar in own.items()}
    joined: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        joined[one].add(other)
        joined[other].add(one)

    def between(one: str, other: str) -> bool:
        ends = [bars[event] for event in (one, other) if event in bars]
        first, last = min(bar.start for bar in ends), max(bar.end for bar in ends)
        return any(
            first < bars[third].start and bars[third].end < last
            for third in joined[one] & joined[other]
            if third in bars
        )

    return [pair for pair in pairs if not all(event in bars for event in pair) or not between(*pair)]


def _within(lane: Lane, first: Bar, second: Bar) -> None:
    top, bottom = sorted((first.row, second.row))
    way = "is-level" if top == bottom else "is-down" if second.row > first.row else "is-up"
    lane.joins.append(f"{way}{place(first.end, second.start)}{rows(top, bottom - top + 1)}")


def _across(lanes: Sequence[Lane], first: Bar, here: int, second: Bar, there: int) -> None:
    down = there > here
    at = place(first.end, first.end)
    lanes[here].joins.append(f"is-{'below' if down else 'above'}{at}{rows(first.row)}")
    for lane in lanes[min(here, there) + 1 : max(here, there)]:
        lane.joins.append(f"is-through{at}")
    to = place(first.end, second.start)
    lanes[there].joins.append(f"is-to is-{'above' if down else 'below'}{to}{rows(second.row)}")
