"""Which new ids in a feed are those of events that the source spoke of under others: pure, as all of `reconciling`.

Some programs make an id of title and date, and all give the dates of a series ids with their hours in them: what only
moved comes under a new id then. It is known again by what it says, by its series, by its title.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from calendar_app.services.matching import Match
    from calendar_app.services.reconciling import Feed, Known, Remembered, Said
    from calendar_app.services.source_units import State

# What is over moves within its week, with its whole series: further on it would be another event, and its history lost.
_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class _Item:
    """An event as a source says or said it; `order` is its first day and its hour. `is_over` as in `Known`."""

    uid: str
    state: State
    is_over: bool = False

    @property
    def order(self) -> tuple[str, str]:
        first, _last = self.state.get("span") or ("", "")
        return first, self.state.get("start_time") or ""

    @property
    def day(self) -> date | None:
        return date.fromisoformat(self.order[0]) if self.order[0] else None


def renamed(
    now: Mapping[str, Said],
    before: Mapping[str, Remembered],
    unread: frozenset[str],
    matches: Mapping[str, Match],
    calendar: Mapping[uuid.UUID, Known],
) -> dict[str, str]:
    """Return for new ids the old one of the same event: a source that gives all its ids anew has the same events.

    What says the very same comes first; then what is surely the same as an event that is not in the feed any more;
    then what has only moved.
    """
    found = _saying_the_same(now, before, unread)
    away = [item for uid, item in sorted(before.items()) if uid not in now and uid not in unread]
    known = set(found.values())
    events = {item.event_id: item.uid for item in away if item.uid not in known}
    for uid in sorted(now.keys() - before.keys() - found.keys()):
        match = matches.get(uid)
        if match and match.sure and match.likely[0] in events:
            found[uid] = events.pop(match.likely[0])
    known = set(found.values())
    gone = [
        _Item(item.uid, item.said, calendar[item.event_id].is_over)
        for item in away
        if item.uid not in known and not item.is_gone
    ]
    came = [
        _Item(uid, now[uid].state)
        for uid in sorted(now.keys() - before.keys() - found.keys())
        if not (uid in matches and matches[uid].sure)
    ]
    stays = [_Item(uid, now[uid].state) for uid in sorted(now.keys() & before.keys())]
    return found | _moved(gone, came, stays)


def known_again(feed: Feed, earlier: Iterable[Remembered]) -> dict[str, str]:
    """Return for new ids the old one of what said the very same and is not in the feed any more."""
    return _saying_the_same({item.uid: item for item in feed.items}, {i.uid: i for i in earlier}, feed.unread)


def _saying_the_same(
    now: Mapping[str, Said], before: Mapping[str, Remembered], unread: frozenset[str]
) -> dict[str, str]:
    away = [item for uid, item in sorted(before.items()) if uid not in now and uid not in unread]
    by_content: dict[str, list[str]] = defaultdict(list)
    # What is settled as gone comes last: it comes back only if nothing else is it.
    for item in sorted(away, key=lambda item: item.is_gone):
        by_content[_content(item.said)].append(item.uid)
    found: dict[str, str] = {}
    for uid in sorted(now.keys() - before.keys()):
        if waiting := by_content.get(_content(now[uid].state)):
            found[uid] = waiting.pop(0)
    return found


def _content(state: State) -> str:
    """Return by what an event is known again without its id."""
    return repr((_titles(state), state.get("span"), state.get("start_time") or ""))


def _titles(state: State) -> str:
    return repr(sorted((state.get("titles") or {}).items()))


def _moved(gone: Sequence[_Item], came: Sequence[_Item], stays: Sequence[_Item]) -> dict[str, str]:
    """Return for new ids the old one of what moved: dates of the same series, then what has the same title."""
    found: dict[str, str] = {}
    if not gone:  # of ten thousand events most often none vanished
        return found
    for name_of, pairs in ((_series, _dates), (lambda item: _titles(item.state), _one_of_a_title)):
        taken = set(found.values())
        olds = _grouped((item for item in gone if item.uid not in taken), name_of)
        news = _grouped((item for item in came if item.uid not in found), name_of)
        others = _grouped(stays, name_of)
        for name in sorted(olds.keys() & news.keys()):
            found |= {new.uid: old.uid for old, new in pairs(olds[name], news[name], others.get(name, []))}
    return found


def _grouped(items: Iterable[_Item], name_of: Callable[[_Item], str]) -> dict[str, list[_Item]]:
    groups: dict[str, list[_Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: (item.order, item.uid)):
        if name := name_of(item):
            groups[name].append(item)
    return groups


def _series(item: _Item) -> str:
    """Return the id that all dates of a series share, "" for an event by itself (see `source_items.uid_of`)."""
    return item.uid.rpartition("#")[0] if item.state.get("series") and item.day else ""


def _dates(olds: list[_Item], news: list[_Item], stays: list[_Item]) -> Iterator[tuple[_Item, _Item]]:
    """Yield the dates of a series that moved: to another hour of their day, else to others in the same order."""
    same_day = list(_on_their_day(olds, news))
    yield from same_day
    used = {item.uid for pair in same_day for item in pair}
    olds, news = ([item for item in side if item.uid not in used] for side in (olds, news))
    for old, new in _in_order(olds, news):
        if _apart(old, new) <= _WEEK if old.is_over else not _is_between(old, new, stays):
            yield old, new


def _one_of_a_title(olds: list[_Item], news: list[_Item], stays: list[_Item]) -> Iterator[tuple[_Item, _Item]]:
    """Yield what moved among events of one title: on its day, else the only one that vanished is the only new one."""
    same_day = [pair for pair in _on_their_day(olds, news) if _may_be_one(*pair)]
    yield from same_day
    used = {item.uid for pair in same_day for item in pair}
    olds, news = ([item for item in side if item.uid not in used] for side in (olds, news))
    to_come = [item for item in olds if not item.is_over]
    if len(to_come) == len(news) == 1:
        old, new = to_come[0], news[0]
        if _may_be_one(old, new) and not _is_between(old, new, stays):
            yield old, new


def _on_their_day(olds: list[_Item], news: list[_Item]) -> Iterator[tuple[_Item, _Item]]:
    """Yield those of the same day, where as many are new on it as vanished."""
    days = [_grouped(side, lambda item: item.order[0]) for side in (olds, news)]
    for day in sorted(days[0].keys() & days[1].keys()):
        if len(days[0][day]) == len(days[1][day]):
            yield from zip(days[0][day], days[1][day], strict=True)


def _in_order(olds: list[_Item], news: list[_Item]) -> Iterator[tuple[_Item, _Item]]:
    """Yield pairs in order; where the numbers differ, those of the longer side that lie nearest to the other."""
    fewer, more = sorted((olds, news), key=len)

    def distance(skipped: int) -> timedelta:
        return sum((_apart(one, more[skipped + n]) for n, one in enumerate(fewer)), timedelta())

    skipped = min(range(len(more) - len(fewer) + 1), key=distance)
    chosen = more[skipped : skipped + len(fewer)]
    yield from zip(*((fewer, chosen) if fewer is olds else (chosen, fewer)), strict=True)


def _apart(old: _Item, new: _Item) -> timedelta:
    return abs(old.day - new.day) if old.day and new.day else timedelta()


def _is_between(old: _Item, new: _Item, stays: list[_Item]) -> bool:
    """Tell whether one that stays lies between the two: then one was called off and another added, none moved."""
    first, last = sorted((old.order, new.order))
    return any(first < item.order < last for item in stays)


def _may_be_one(old: _Item, new: _Item) -> bool:
    """Tell whether nothing but the date speaks against two of a title being one: another city, or that it was off."""
    cities = {city for item in (old, new) if (city := item.state.get("city"))}
    comes_back = old.state.get("status") == "cancelled" != new.state.get("status")
    return len(cities) < 2 and not comes_back  # noqa: PLR2004 - not two cities
