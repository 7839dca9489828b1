"""A web server that is killed without warning, again and again, and started anew on the same port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from calendar_app.factory import ROOT
from tests.serving import free_port

if TYPE_CHECKING:
    from typing import BinaryIO

START_SECONDS = 60


class KilledServer:
    """The web server as the supervisor starts it, in a process group of its own."""

    def __init__(self, database_url: str, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "server.log"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        self._environment = kept | {
            "DATABASE_URL": database_url,
            "SECRET_KEY": "x" * 40,
            "PORT": str(self.port),
            "MAIL_URL": f"file:{folder / 'outbox'}",
            **settings,
        }

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", "1", "--blocking-threads", "4", "--respawn-failed-workers",
            "--log-level", "warning", "tests.faults.unlimited:app",
        ]  # fmt: skip
        with self.log.open("ab") as output:
            self._process = self._run(command, output)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.log.read_text(errors="replace")
            assert time.monotonic() < deadline, self.log.read_text(errors="replace")
            time.sleep(0.05)

    def _run(self, command: list[str], output: BinaryIO) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=output, stderr=output, start_new_session=True
        )

    def _answers(self) -> bool:
        try:
            # With patience: those who wait for it ask again all at once, and this question stands behind theirs.
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=START_SECONDS) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """SIGKILL to the server and all its workers; returns when they are gone."""
        assert self._process is not None
        assert self._process.poll() is None, "it has ended by itself"
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
