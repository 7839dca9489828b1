"""Reading foreign bytes in a process of its own, with limits on time and memory.

`read` starts `python -m feeds.reading.child`, gives it the bytes and takes JSON back: whatever a feed may do to the
process that reads it, the caller gets events, or a ReadFailedError. Nothing of the environment, no secret and no open
connection is in the child.
"""

from __future__ import annotations

import gc
import io
import json
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from feeds.reading import wire
from feeds.reading.values import Failure, Horizon, ReadFailedError
from feeds.told import marked

if TYPE_CHECKING:
    from feeds.reading.values import ReadFeed

# What a child waits for on a busy machine is not what it works.
WAITED_SECONDS = 20
LARGEST = 5 * 2**20
_NO_MEMORY = 3
FORMATS = ("ics", "odata")
_ROOT = Path(__file__).resolve().parents[2]


class Limits(NamedTuple):
    """What a child may use: whole seconds of the processor, and bytes of memory."""

    seconds: int = 2
    memory: int = 300_000_000


LIMITS = Limits()


def read(
    body: bytes, content_type: str, form: str, *, default_zone: ZoneInfo, horizon: Horizon, limits: Limits = LIMITS
) -> ReadFeed:
    """Return what a body of one of FORMATS says; see `feeds.reading.ics.read` and `feeds.reading.odata.read`.

    Raises ReadFailedError, also when the child needs more than `limits`. RuntimeError is a fault of ours.
    """
    if len(body) > LARGEST:
        raise ReadFailedError(Failure.TOO_LARGE, marked("The feed is larger than %(size)s MB."), size=LARGEST // 2**20)
    order = {
        "form": form,
        "content_type": content_type,
        "zone": default_zone.key,
        "limits": limits,
        "horizon": [day.isoformat() for day in horizon],
    }
    command = [sys.executable, "-P", "-m", "feeds.reading.child"]
    environment = {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}
    given = json.dumps(order).encode() + b"\n" + body
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=given, capture_output=True, timeout=WAITED_SECONDS, check=False, env=environment, cwd="/"
        )
    except subprocess.TimeoutExpired:
        raise _gave_up() from None
    if done.returncode < 0 or done.returncode == _NO_MEMORY:  # below zero: ended by the system
        raise _gave_up()
    if done.returncode:
        message = f"The reader is broken: {done.stderr.decode(errors='replace')[-2000:]}"
        raise RuntimeError(message)
    answer = io.BytesIO(done.stdout)
    head = json.loads(answer.readline())
    if "failure" in head:
        raise ReadFailedError(Failure(head["failure"]), head["template"], **head["values"])
    # A line for each event: of a large feed only the events are in memory here, not the JSON of all of them too.
    return wire.from_json(head | {"events": map(json.loads, answer)})


def read_here(body: bytes, content_type: str, form: str, *, default_zone: ZoneInfo, horizon: Horizon) -> ReadFeed:
    """Do what `read` does, in this process and without its limits."""
    from feeds.reading import ics, odata  # noqa: PLC0415 - the caller of `read` needs neither

    reader = {"ics": ics.read, "odata": odata.read}[form]
    return reader(body, content_type, default_zone=default_zone, horizon=horizon)


def _gave_up() -> ReadFailedError:
    return ReadFailedError(Failure.GAVE_UP, marked("The feed takes too much time or memory to read; it was given up."))


def _limit(limits: Limits) -> None:
    """Let the system end this process when it needs too much; it has no use for files and children either."""
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> int:
    """Read an order (a line of JSON) and a body from the standard input, write the answer as lines of JSON."""
    gc.disable()  # nothing of what is made here is garbage before the end
    order = json.loads(sys.stdin.buffer.readline())
    _limit(Limits(*order["limits"]))
    try:
        answer = _answer(order, sys.stdin.buffer.read(LARGEST))
        events = answer.pop("events", ())
        for line in (answer, *events):
            sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    except MemoryError:
        return _NO_MEMORY
    return 0


def _answer(order: dict[str, Any], body: bytes) -> dict[str, Any]:
    horizon = Horizon(*map(date.fromisoformat, order["horizon"]))
    zone = ZoneInfo(order["zone"])
    try:
        feed = read_here(body, order["content_type"], order["form"], default_zone=zone, horizon=horizon)
    except ReadFailedError as failed:
        return {"failure": failed.reason, "template": failed.template, "values": failed.values}
    return wire.to_json(feed)


if __name__ == "__main__":
    sys.exit(_main())
