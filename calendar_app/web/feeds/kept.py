"""Feeds that were put together in this process, as they are sent: kept until the calendar's version changes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

# Two feeds of ten thousand events, or some thirty as large as Google takes.
MOST_BYTES = 32 * 1024 * 1024
# What a feed takes beside its body: headers, twice, and the address.
_BESIDE = 4096


class Key(NamedTuple):
    """What a reader asked for: two readers with the same one are sent the same."""

    host: str
    path: str
    query: str
    zipped: bool


class Kept(NamedTuple):
    """A feed as it is sent: its body, the entity tag of it, when it last changed, and the headers.

    `headers` go with the body, `brief` with 304; Last-Modified is in neither, because it depends on the moment.
    """

    body: bytes
    tag: str
    changed_at: datetime | None
    headers: tuple[tuple[str, str], ...]
    brief: tuple[tuple[str, str], ...]


class KeptFeeds:
    """The feeds last asked for, of one state of the calendar, up to `most_bytes` of memory. Threads may share it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Begin with none."""
        self._most_bytes = most_bytes
        self._state: Hashable = None
        self._feeds: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, state: Hashable, key: Key) -> Kept | None:
        """Return a feed that was kept in this state."""
        with self._lock:
            found = self._feeds.get(key) if state == self._state else None
            if found:
                self._feeds.move_to_end(key)
            return found

    def keep(self, state: Hashable, key: Key, kept: Kept) -> None:
        """Keep a feed; what belongs to another state goes, and what was not asked for longest makes room.

        It has to be at least as new as `state`, which was read before it was put together.
        """
        with self._lock:
            if state != self._state:
                self._state, self._bytes = state, 0
                self._feeds.clear()
            size = _size(key, kept)
            if key in self._feeds or size > self._most_bytes:
                return
            self._feeds[key] = kept
            self._bytes += size
            while self._bytes > self._most_bytes:
                self._bytes -= _size(*self._feeds.popitem(last=False))


def _size(key: Key, kept: Kept) -> int:
    return len(kept.body) + 2 * len(key.query) + _BESIDE
