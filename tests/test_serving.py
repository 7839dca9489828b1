"""What `make run` starts: it serves, stays small, stops when told, and its feed is right in real programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calendar_app.factory import ROOT
from tests.feeds.ics_lint import lint
from tests.feeds.readers import assert_readers_agree
from tests.serving import FLASK, START_SECONDS, served

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.serving import Served

MOST_MEMORY = 300 * 1024 * 1024
pytestmark = pytest.mark.xdist_group("serving")


def processes_of(group: int) -> list[int]:
    """The process and all its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    found = [group]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read()


def wait_until(is_so: Callable[[], object], running: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, running.log.read_text(errors="replace")
        time.sleep(0.1)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_serves_within_300_mb_and_stops_cleanly(tmp_path, how):
    with served(tmp_path) as running:
        for path in ("/", "/past", "/subscribe", "/about", "/feeds/all.ics"):
            assert get(running.address + path)
        # The pages are ready before the scheduler is on a busy machine.
        wait_until(lambda: json.loads(get(running.address + "/readyz"))["scheduler"]["leads"], running)
        pids = processes_of(running.supervisor.pid)
        memory = sum(resident_bytes(pid) for pid in pids)
        print(f"{len(pids)} processes, {memory / 1024 / 1024:.0f} MB resident")
        assert len(pids) >= 4
        assert memory < MOST_MEMORY
        assert running.stop(how) == 0
        assert [pid for pid in pids if Path(f"/proc/{pid}").exists() and pid != running.supervisor.pid] == []
        assert "Traceback" not in running.log.read_text()


def test_when_the_scheduler_dies_the_whole_ends_so_that_a_service_manager_can_restart_it(tmp_path):
    with served(tmp_path) as running:
        scheduler = next(
            pid
            for pid in processes_of(running.supervisor.pid)
            if b"scheduler" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        os.kill(scheduler, signal.SIGKILL)
        assert running.supervisor.wait(20) == 1


def test_the_packaged_calendar_is_read_alike_by_every_program(tmp_path):
    # From before the first event on, so that all of the real calendar is read and not only its last year.
    with served(tmp_path, CLOCK="2014-01-15T08:00Z") as running:
        for name in ("all.ics", "calendar.ics?tbc=1&cancelled=keep", "basel.ics"):
            assert lint(get(f"{running.address}/feeds/{name}")) == []
        address = f"{running.address}/feeds/all.ics"
        data = get(address)
        began = time.monotonic()
        readings = assert_readers_agree(data, address)
        print(f"{len(readings)} events in {time.monotonic() - began:.1f} s")
        assert len(readings) > 100


def test_a_port_in_use_and_a_database_out_of_reach_are_said_in_a_sentence(tmp_path):
    with served(tmp_path) as running:
        again = serve(running.environment)
        assert again.returncode == 1
        assert f"PORT {running.environment['PORT']}: Address already in use." in again.stderr
        assert "Traceback" not in again.stderr
    wrong = running.environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'server.log'}"}
    refused = serve(wrong)
    assert refused.returncode == 1
    assert "DATABASE_URL: the database cannot be used: file is not a database." in refused.stderr
    assert "Traceback" not in refused.stderr


def test_no_worker_outlives_a_web_server_that_is_killed(tmp_path):
    with served(tmp_path) as running:
        pids = processes_of(running.supervisor.pid)
        web = next(pid for pid in pids if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(web, signal.SIGKILL)
        assert running.supervisor.wait(20) == 1
        deadline = time.monotonic() + 5
        while (left := [pid for pid in pids[1:] if is_alive(pid)]) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert left == []


def serve(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `flask serve` where it is expected to end by itself."""
    return subprocess.run(
        [FLASK, "serve"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
