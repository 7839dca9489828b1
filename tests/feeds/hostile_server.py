"""A small server on this machine that answers as it is told, byte by byte: slowly, endlessly, packed or not at all."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator

    # A request's head -> the bytes of the answer, one piece after another.
    Answer = Callable[[str], Iterable[bytes]]

# What a socket of a server that ends may wait for a client that is still there.
SECONDS = 20


@dataclass
class Server:
    """A running server. `requests` are the heads of what it was asked, in order; `ended` is set when it has to stop."""

    host: str
    port: int
    answer: Answer
    tls: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/feed.ics", host: str = "") -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    def accept(self, listening: socket.socket) -> None:
        while not self.ended.is_set():
            try:
                client, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def talk(self, client: socket.socket) -> None:
        client.settimeout(SECONDS)
        # A client that hangs up in the middle is what many tests are about.
        with suppress(OSError), client:
            stream = self.tls.wrap_socket(client, server_side=True) if self.tls else client
            with stream:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = stream.recv(65_536)
                    if not piece:
                        return
                    head += piece
                self.requests.append(head.decode("latin-1"))
                for piece in self.answer(self.requests[-1]):
                    if self.ended.is_set():
                        return
                    stream.sendall(piece)
                # Closed at once, an answer may be lost on its way: some kernels then reset the connection.
                client_has_read(stream)


def client_has_read(stream: socket.socket) -> None:
    """Say that this was all, and wait until the client hangs up."""
    socket.socket.shutdown(stream, socket.SHUT_WR)
    while stream.recv(65_536):
        pass


@contextmanager
def serving(
    answer: Answer, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Serve `answer` until the end of the block."""
    with socket.create_server((host, port)) as listening:
        server = Server(host, listening.getsockname()[1], answer, tls)
        threading.Thread(target=server.accept, args=(listening,), daemon=True).start()
        try:
            yield server
        finally:
            server.ended.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def response(body: bytes = b"", *, status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole answer. `headers` are named as in Python: content_type."""
    named = {"content_length": str(len(body)), "content_type": "text/calendar; charset=utf-8"} | headers
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in named.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def always(*pieces: bytes) -> Answer:
    """Return an answer that is the same to every request."""
    return lambda _: pieces


def by_path(answers: dict[str, bytes]) -> Answer:
    """Return an answer for each path, 404 for others."""
    return lambda head: [answers.get(head.split(" ")[1], response(status="404 Not Found"))]
