"""A subscription with Evolution Data Server, which GNOME Calendar and Evolution show their calendars from."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.feeds.programs import SECONDS, ReaderError, Shown, moment, surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
SYSTEM_PYTHON = Path("/usr/bin/python3")
_NAME = "subscription"
# What GNOME Calendar writes when somebody adds the address of a calendar.
_SOURCE = """
[Data Source]
DisplayName=Subscription
Enabled=true
Parent=webcal-stub
[Calendar]
BackendName=webcal
Selected=true
[Security]
Method=none
[Authentication]
Host={host}
Port={port}
Method=none
[WebDAV Backend]
ResourcePath={path}
[Refresh]
Enabled=false
[Offline]
StaySynchronized=true
"""


def missing() -> str:
    """Return why it cannot be run here, "" when it can."""
    if not SYSTEM_PYTHON.exists() or not shutil.which("dbus-run-session"):
        return "no session bus for the system's Python: Debian packages python3-gi and dbus-daemon"
    probe = "import gi; gi.require_version('ECal', '2.0'); from gi.repository import ECal"
    done = subprocess.run([str(SYSTEM_PYTHON), "-c", probe], capture_output=True, check=False, timeout=SECONDS)
    services = Path("/usr/share/dbus-1/services").glob("org.gnome.evolution.dataserver.Calendar*")
    if done.returncode or not any(services):
        return "no Evolution Data Server: Debian packages evolution-data-server and gir1.2-ecal-2.0"
    return ""


class Subscription:
    """A calendar that somebody has subscribed to."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.program = program

    def sync(self) -> list[Shown]:
        """Fetch the calendar, wait until it shows another state than before, and return what it shows."""
        assert self.program.stdin
        assert self.program.stdout
        print("sync", file=self.program.stdin, flush=True)
        line = self.program.stdout.readline()
        if not line:
            message = "Evolution Data Server has ended"
            raise ReaderError(message)
        return sorted(_shown(event) for event in json.loads(line))


@contextlib.contextmanager
def subscribed(folder: Path, url: str) -> Iterator[Subscription]:
    """Subscribe to `url` with a store in `folder` for as long as the context lasts."""
    address = urlsplit(url)
    sources, runtime = folder / ".config" / "evolution" / "sources", folder / "run"
    sources.mkdir(parents=True)
    runtime.mkdir(mode=0o700)
    values = {"host": address.hostname, "port": address.port, "path": address.path}
    (sources / f"{_NAME}.source").write_text(_SOURCE.format(**values))
    environment = surroundings(folder) | {
        "XDG_RUNTIME_DIR": str(runtime),
        "GIO_USE_VFS": "local",
        "GSETTINGS_BACKEND": "memory",
    }
    command = ["dbus-run-session", "--", str(SYSTEM_PYTHON), str(HERE / "run_evolution.py"), _NAME]
    with (
        (folder / "evolution.log").open("w") as log,
        subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as program,
    ):
        try:
            yield Subscription(program)
        finally:
            assert program.stdin
            program.stdin.close()
            program.wait(SECONDS)


def _shown(event: dict[str, str]) -> Shown:
    start, end = (moment(event[key]) for key in ("start", "end"))
    return Shown.of(event["title"], start, end, event["status"])
