"""Connections to the addresses that were checked, and to no others, for as long as a fetch may take.

Every address that a host's name stands for must be public, and the socket is opened to the very address that was
checked: there is no second look at DNS in between. The name itself stays what Host, SNI and the certificate are
about.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from feeds.addresses import FetchRefusedError, Refusal, check_host, refused_address
from feeds.told import ToldError, marked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_CONNECT_SECONDS = 10
_ADDRESSES_TRIED = 4


class Failure(StrEnum):
    """Why nothing came of asking an address that may be asked."""

    UNKNOWN_HOST = "unknown-host"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    SLOW = "slow"
    TOO_LARGE = "too-large"
    ENCODING = "encoding"
    CUT_OFF = "cut-off"
    STATUS = "status"


class FetchFailedError(ToldError):
    """Asking failed: `reason` for programs, the text for people. status: of the answer, 0 where there was none."""

    def __init__(self, reason: Failure, template: str, *, status: int = 0, **values: str | int) -> None:
        """Keep what programs and people are told."""
        super().__init__(template, **values)
        self.reason, self.status = reason, status


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host as the machine knows them, best first. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Who may be asked. Tests change it, the program never does.

    resolve: (host, port) -> IP addresses. allow: (IP address, port) pairs that may be asked though they are not public.
    authorities: path of the certificates that are trusted, "" for the usual ones.
    """

    resolve: Callable[[str, int], Sequence[str]] = system_resolver
    allow: frozenset[tuple[str, int]] = field(default_factory=frozenset)
    authorities: str = ""


class Watch:
    """The time that a fetch may take: when it is over, the socket is shut, whatever is waiting for it.

    Time limits of sockets are for each wait alone: a server that sends a byte every second never meets them.
    """

    def __init__(self, seconds: float) -> None:
        """Start with `with`."""
        self.seconds = seconds
        self.expired = False
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Start."""
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._timer.cancel()

    def hold(self, opened: socket.socket) -> None:
        """Shut this socket when the time is over."""
        with self._lock:
            self._socket = opened
            if self.expired:
                self._shut_socket()

    def left(self, host: str) -> float:
        """Return the seconds that are left. Raises FetchFailedError when there are none."""
        left = self._end - time.monotonic()
        if self.expired or left <= 0:
            raise self._slow(host)
        return left

    def within(self, host: str, work: Callable[[], Sequence[str]]) -> Sequence[str]:
        """Return what `work` returns, which nothing can interrupt; raise FetchFailedError if it takes too long."""
        result: Future[Sequence[str]] = Future()

        def run() -> None:
            try:
                result.set_result(work())
            except Exception as problem:  # noqa: BLE001 - raised again where it is waited for
                result.set_exception(problem)

        threading.Thread(target=run, daemon=True).start()
        try:
            return result.result(max(0.0, self._end - time.monotonic()))
        except TimeoutError:
            raise self._slow(host) from None

    @contextmanager
    def explained(self, host: str) -> Iterator[None]:
        """Make a FetchFailedError of what libraries raise in the block."""
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as problem:
            raise self._explanation(host, problem) from problem

    def _explanation(self, host: str, problem: Exception) -> FetchFailedError:
        if self.expired or isinstance(problem, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
            return self._slow(host)
        if isinstance(problem, (requests.exceptions.SSLError, urllib3.exceptions.SSLError, ssl.SSLError)):
            template = marked("The connection to %(host)s is not safe: %(said)s.")
            return FetchFailedError(Failure.CERTIFICATE, template, host=host, said=_innermost(problem))
        template = marked("%(host)s did not answer to the end: %(said)s.")
        return FetchFailedError(Failure.CUT_OFF, template, host=host, said=_innermost(problem))

    def _slow(self, host: str) -> FetchFailedError:
        template = marked("%(host)s took longer than %(seconds)s seconds.")
        return FetchFailedError(Failure.SLOW, template, host=host, seconds=f"{self.seconds:g}")

    def _shut(self) -> None:
        with self._lock:
            self.expired = True
            self._shut_socket()

    def _shut_socket(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                # Of the plain socket, not of the TLS one, which another thread is reading.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _innermost(problem: BaseException) -> str:
    """Return in one short line what a library says."""
    while problem.__context__ is not None:
        problem = problem.__context__
    text = problem.args[-1] if problem.args else type(problem).__name__
    return " ".join(str(text).split())[:200].rstrip(".")


def _connect(host: str, port: int, guard: Guard, watch: Watch) -> socket.socket:
    """Return a socket to one of the addresses of `host`, all of which were found to be public."""
    name = check_host(f"[{host}]" if ":" in host else host)
    try:
        addresses = watch.within(name, lambda: guard.resolve(name, port))
    except (OSError, UnicodeError):
        addresses = ()
    if not addresses:
        template = marked("The name %(host)s is not known: it stands for no address.")
        raise FetchFailedError(Failure.UNKNOWN_HOST, template, host=name)
    for address in addresses:
        refused = refused_address(address)
        if refused and (address, port) not in guard.allow:
            template = marked("The address %(address)s is not on the public internet: it is %(because)s.")
            if address != name:
                template = marked(
                    "%(host)s stands for %(address)s, which is not on the public internet: it is %(because)s."
                )
            raise FetchRefusedError(Refusal.NOT_PUBLIC, address, template, host=name, address=address, because=refused)
    for address in addresses[:_ADDRESSES_TRIED]:
        with suppress(OSError):
            opened = _opened(address, port, min(_CONNECT_SECONDS, watch.left(name)))
            # For the handshake of TLS as a whole, during which the watch has no hold of the socket.
            opened.settimeout(watch.left(name))
            watch.hold(opened)
            return opened
    template = marked("%(host)s cannot be reached: no connection to %(address)s, port %(port)s.")
    raise FetchFailedError(Failure.UNREACHABLE, template, host=name, address=addresses[0], port=port)


def _opened(address: str, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(seconds)
        opened.connect((address, port))
    except OSError:
        opened.close()
        raise
    return opened


class GuardedAdapter(HTTPAdapter):
    """Requests whose connections are opened by `_connect`.

    urllib3 asks a connection for its socket by `_new_conn`, as its own SOCKS support does, and uses the host's name for
    everything else: Host, SNI and the certificate.
    """

    def __init__(self, guard: Guard, watch: Watch) -> None:
        """Open connections by `guard`, which `watch` shuts."""
        self._guard, self._watch = guard, watch
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:  # noqa: ANN401 - passed on
        """Make the pools of connections, with our own in them."""
        super().init_poolmanager(*args, **keywords)
        guard, watch = self._guard, self._watch

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _connect(self.host, self.port, guard, watch)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _connect(self.host, self.port, guard, watch)

            def connect(self) -> None:
                super().connect()
                watch.hold(self.sock)

        class PlainPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
