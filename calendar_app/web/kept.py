"""Pages that depend on nothing but the calendar, the address and the day are kept until one of them changes.

What is kept is what was sent, compressed, with an entity tag, so that a reader who has it already is answered 304.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING

from flask import Response, current_app, g, make_response, request

from calendar_app.extensions import clock, db
from calendar_app.services.calendar import STRANGER, calendar_version
from calendar_app.services.filters import is_tracking
from calendar_app.web.guards import account
from calendar_app.web.page import viewer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from flask import Flask

    Key: TypeAlias = tuple[object, ...]

MOST_BYTES = 16 * 1024 * 1024
_COMPRESSED = ("br", "gzip")
_HEADERS = ("Content-Type", "Content-Encoding", "Vary", "ETag", "Cache-Control")


class KeptPages:
    """The pages last asked for, up to `most_bytes` of them. Threads may share it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Begin with none."""
        self._most_bytes = most_bytes
        self._pages: OrderedDict[Key, tuple[bytes, dict[str, str]]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Key) -> tuple[bytes, dict[str, str]] | None:
        """Return the body and the headers that were kept."""
        with self._lock:
            found = self._pages.get(key)
            if found:
                self._pages.move_to_end(key)
            return found

    def keep(self, key: Key, body: bytes, headers: dict[str, str]) -> None:
        """Keep a page; those not asked for longest make room."""
        with self._lock:
            if key in self._pages or len(body) > self._most_bytes:
                return
            self._pages[key] = (body, headers)
            self._bytes += len(body)
            while self._bytes > self._most_bytes:
                _key, (oldest, _headers) = self._pages.popitem(last=False)
                self._bytes -= len(oldest)


def init_app(app: Flask) -> None:
    """Give the application its store. Call it before compression is set up: what comes last after a request is kept."""
    app.extensions["kept_pages"] = KeptPages()
    app.after_request(_keep)


def kept(view: Callable[[], str]) -> Callable[[], str | Response]:
    """Keep what the view answers to strangers with 200."""

    @wraps(view)
    def answer() -> str | Response:
        # A person may see no more than strangers do, but the page has their name on it.
        if viewer() != STRANGER or account() is not None:
            return view()
        version = calendar_version(db.session())
        pairs = [pair for pair in request.args.items(multi=True) if not is_tracking(pair[0])]
        state = (version.version, version.planning_digest) if version else ()
        key = (state, clock.today(), request.path, tuple(pairs), _encodings())
        if found := _pages().get(key):
            body, headers = found
            again = Response(body, headers=headers)
            again.make_conditional(request)
            return again
        html = view()
        g.keep_as = (key, hashlib.sha256(html.encode()).hexdigest()[:32])
        return make_response(html)

    return answer


def _encodings() -> tuple[object, ...]:
    """Return what decides how the answer is compressed, however the reader's program words it."""
    accepted = request.accept_encodings
    return (accepted.best_match(_COMPRESSED), *(bool(accepted.quality(name)) for name in _COMPRESSED))


def _pages() -> KeptPages:
    pages: KeptPages = current_app.extensions["kept_pages"]
    return pages


def _keep(response: Response) -> Response:
    key, tag = g.pop("keep_as", (None, ""))
    if key is None or response.status_code != 200:  # noqa: PLR2004
        return response
    # Not before: what ends as 304 has no body to keep. Each way of compressing has a tag of its own.
    response.set_etag(f"{tag}-{response.headers.get('Content-Encoding', 'plain')}")
    # Always asked for again: 304 is the answer until the calendar changes.
    response.headers["Cache-Control"] = "no-cache"
    if request.method == "GET":
        headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
        _pages().keep(key, response.get_data(), headers)
    response.make_conditional(request)
    return response
