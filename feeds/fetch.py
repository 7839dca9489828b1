"""A safe conditional GET: somebody else's feed, without trusting the address, the answer or the network.

`fetch` asks one address (RFC 9110) and follows redirects, each of which is checked as the first address was
(`feeds/addresses.py`, `feeds/connections.py`). Time, size and unpacked size have limits which hold for all of it
together.

Settings of the environment (proxies, .netrc) are not read and cookies are not kept: an answer depends on the address
alone.
"""

from __future__ import annotations

import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import requests

from feeds.addresses import FetchRefusedError, Refusal, Target, check_url
from feeds.connections import Failure, FetchFailedError, Guard, GuardedAdapter, Watch
from feeds.told import marked

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Failure",
    "FetchFailedError",
    "FetchRefusedError",
    "Fetched",
    "Guard",
    "Limits",
    "Refusal",
    "Unchanged",
    "fetch",
]

# Some published Outlook calendars answer nothing but browsers; the last words say who it is.
USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 "
    "JointMeetingCalendar/1.0"
)
_OK, _NOT_MODIFIED = 200, 304
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 65_536
_GZIP_MEMBERS = 16
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer with a body.

    body: unpacked. etag, last_modified: as the server wrote them, to be given back next time; "" where it sent none.
    content_type: as the server wrote it, with its charset.
    """

    status: int
    body: bytes
    etag: str
    last_modified: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The server says that nothing changed since the given ETag or date (304)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one fetch may cost, redirects included: seconds, bytes sent and, each, unpacked; bytes of all headers."""

    seconds: float = 30.0
    body: int = 5 * 2**20
    headers: int = 65_536
    redirects: int = 5


def fetch(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    accept: str = "*/*",
    limits: Limits | None = None,
    guard: Guard | None = None,
) -> Fetched | Unchanged:
    """Ask `url`; with `etag` or `last_modified` of an earlier answer only for what changed since.

    accept: the media types that are wanted, as in the header. Raises FetchRefusedError for an address that must not be
    asked, here or after a redirect, and FetchFailedError for anything that goes wrong with one that may.
    """
    limits, guard = limits or Limits(), guard or Guard()
    target = check_url(url, guard.allow)
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": accept,
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
        "If-None-Match": etag or None,
        "If-Modified-Since": last_modified or None,
    }
    with Watch(limits.seconds) as watch:
        return _Errand(headers, limits, guard, watch).run(target)


class _Session(requests.Session):
    """Leaves redirects alone: even where it must not follow them, a session reads and unpacks all of their bodies."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say that an answer leads nowhere."""


@dataclass(frozen=True, slots=True)
class _Errand:
    """One fetch, from the first address to the answer."""

    headers: dict[str, str | None]
    limits: Limits
    guard: Guard
    watch: Watch

    def run(self, target: Target) -> Fetched | Unchanged:
        for _ in range(self.limits.redirects + 1):
            with self._ask(target) as response:
                if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                    return self._answer(response, target.host)
                target = self._next(target, response.headers["Location"])
        template = marked("The address only leads on: none that answers after %(most)s redirects.")
        raise FetchRefusedError(Refusal.TOO_MANY_REDIRECTS, target.url, template, most=self.limits.redirects)

    @contextmanager
    def _ask(self, target: Target) -> Iterator[requests.Response]:
        """Ask on a connection of its own: one that was kept is not looked up again, and may be gone by now."""
        with _Session() as session:
            session.trust_env = False
            session.mount(f"{target.scheme}://", GuardedAdapter(self.guard, self.watch))
            with self.watch.explained(target.host):
                response = session.get(
                    target.url,
                    headers=self.headers,
                    allow_redirects=False,
                    stream=True,
                    timeout=self.watch.left(target.host),
                    verify=self.guard.authorities or True,
                )
            with response:
                yield response

    def _next(self, target: Target, location: str) -> Target:
        try:
            address = urljoin(target.url, location)
        except ValueError:
            address = location
        following = check_url(address, self.guard.allow)
        if target.scheme == "https" and following.scheme == "http":
            template = marked("The address leads from https:// to %(url)s, where anybody could change the answer.")
            raise FetchRefusedError(Refusal.DOWNGRADE, following.url, template, url=following.url)
        return following

    def _answer(self, response: requests.Response, host: str) -> Fetched | Unchanged:
        status, headers = response.status_code, response.headers
        if sum(len(name) + len(value) for name, value in headers.items()) > self.limits.headers:
            raise FetchFailedError(
                Failure.TOO_LARGE, marked("The headers of the answer of %(host)s are too large."), host=host
            )
        if status == _NOT_MODIFIED and (self.headers["If-None-Match"] or self.headers["If-Modified-Since"]):
            return Unchanged()
        if status != _OK:
            said = f"{status} {(response.reason or '')[:200]}".rstrip()
            template = marked("%(host)s answered %(said)s.")
            raise FetchFailedError(Failure.STATUS, template, status=status, host=host, said=said)
        return Fetched(
            status=status,
            body=_unpacked(self._body(response, host), headers.get("Content-Encoding", ""), self.limits.body),
            etag=_validator(headers.get("ETag", "")),
            last_modified=_validator(headers.get("Last-Modified", "")),
            content_type=headers.get("Content-Type", ""),
        )

    def _body(self, response: requests.Response, host: str) -> bytes:
        """Return what was sent, as it was sent. Never more than the limit and a chunk of it is in memory."""
        sent = bytearray()
        with self.watch.explained(host):
            while chunk := response.raw.read(_CHUNK, decode_content=False):
                sent += chunk
                if len(sent) > self.limits.body:
                    raise _too_large(self.limits.body)
        # A server that sends no length ends by closing, and so does our watch: that was no end.
        self.watch.left(host)
        return bytes(sent)


def _unpacked(sent: bytes, encoding: str, limit: int) -> bytes:
    """Return a body without its content coding (RFC 9110, section 8.4.1), of which only those asked for are taken."""
    coding = encoding.strip().lower()
    if coding in {"", "identity"} or not sent:
        return sent
    if coding not in {"gzip", "x-gzip", "deflate"}:
        template = marked("The answer is packed in a way that was not asked for: %(coding)s.")
        raise FetchFailedError(Failure.ENCODING, template, coding=coding[:40])
    try:
        return _inflated(sent, _GZIP if "gzip" in coding else _ZLIB, limit)
    except zlib.error:
        if coding == "deflate":  # some send it without the wrapping that the standard wants
            with suppress(zlib.error):
                return _inflated(sent, _RAW, limit)
        raise FetchFailedError(Failure.ENCODING, marked("The answer is packed, but cannot be unpacked.")) from None


def _inflated(sent: bytes, window: int, limit: int) -> bytes:
    unpacked = bytearray()
    for _ in range(_GZIP_MEMBERS):
        stream = zlib.decompressobj(window)
        unpacked += stream.decompress(sent, limit + 1 - len(unpacked))
        if len(unpacked) > limit:
            raise _too_large(limit)
        if not stream.eof:
            template = marked("The answer ends in the middle: it cannot be unpacked to its end.")
            raise FetchFailedError(Failure.CUT_OFF, template)
        sent = stream.unused_data
        if window != _GZIP or not sent.startswith(b"\x1f\x8b"):
            break
    return bytes(unpacked)


def _validator(written: str) -> str:
    """Return an ETag or a date, "" for one with characters that stand in neither (RFC 9110, section 8.8.3)."""
    return written if written.isprintable() else ""


def _too_large(limit: int) -> FetchFailedError:
    template = marked("The answer is larger than %(size)s MB.")
    return FetchFailedError(Failure.TOO_LARGE, template, size=f"{limit / 2**20:.3g}")
