"""Runs the web server and the scheduler side by side, and stops both when one ends or a signal comes.

Standard library only, so that watching costs little memory: python -m calendar_app.supervisor HOST PORT WORKERS
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

GRACE_SECONDS = 10
_LOOK_SECONDS = 0.2


def main(host: str, port: str, workers: str) -> int:
    """Run both until told to stop (exit status 0) or one of them ends by itself (1)."""
    folder = Path(sys.executable).parent
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    web = [
        str(folder / "granian"), "--interface", "wsgi", "--host", host, "--port", port, "--workers", workers,
        "--blocking-threads", "4", "--respawn-failed-workers", "--log-level", "warning", "app:app",
    ]  # fmt: skip
    # A session of their own: Ctrl-C reaches them through us only, so that they stop in order and once.
    children = [
        subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own programs
        for command in (web, [str(folder / "flask"), "scheduler"])
    ]
    while not stopping and all(child.poll() is None for child in children):
        time.sleep(_LOOK_SECONDS)
    if not stopping:
        sys.stderr.write("The web server or the scheduler ended by itself; stopping the other.\n")
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        # Workers that outlived their parent are still in its session and would keep the port.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    return 0 if stopping else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
