"""The calendar served as `make run` serves it: web server and scheduler under their supervisor."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from calendar_app.factory import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS, STOP_SECONDS = 60, 20
FLASK = str(Path(sys.executable).with_name("flask"))


@dataclass(frozen=True)
class Served:
    """A running calendar. `environment` is that of its processes; `log` what they wrote."""

    address: str
    supervisor: subprocess.Popen[bytes]
    environment: dict[str, str]
    log: Path

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; return its exit status."""
        self.supervisor.send_signal(how)
        return self.supervisor.wait(STOP_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as problem:
        problem.close()
        return False
    except OSError:
        return False


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Served]:
    """Serve the packaged calendar from a database in `folder` until the end of the block, or until it is stopped."""
    port = free_port()
    ours = {"DATABASE_URL": f"sqlite:///{folder / 'calendar.sqlite3'}", "SECRET_KEY": "x" * 40, "PORT": str(port)}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    environment = kept | ours | settings
    log = folder / "server.log"
    address = f"http://127.0.0.1:{port}"
    with (
        log.open("wb") as output,
        subprocess.Popen([FLASK, "serve"], cwd=ROOT, env=environment, stdout=output, stderr=output) as supervisor,
    ):
        running = Served(address, supervisor, environment, log)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not is_ready(address):
                assert supervisor.poll() is None, log.read_text(errors="replace")
                assert time.monotonic() < deadline, log.read_text(errors="replace")
                time.sleep(0.1)
            yield running
            if supervisor.poll() is None:
                assert running.stop() == 0, log.read_text(errors="replace")
        finally:
            if supervisor.poll() is None:
                # It ends its children, which would outlive it if it were killed.
                supervisor.terminate()
                try:
                    supervisor.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    supervisor.kill()
