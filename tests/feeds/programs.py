"""What a program made of a feed, and how a program is run for it."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 120


class Reading(NamedTuple):
    """One event as a program reads it: dates or UTC times, status in upper case; None: it says none."""

    uid: str | None
    start: date
    end: date
    status: str | None


class Shown(NamedTuple):
    """One all-day event as a program shows it, its last day inclusive."""

    title: str
    first: date
    last: date
    status: str

    @classmethod
    def of(cls, title: str, start: date, end: date, status: str) -> Shown:
        """Return it from the half-open days [start, end)."""
        return cls(title, start, end - timedelta(days=1), status)


class ReaderError(Exception):
    """A program refused a feed or complained about it; the message is what it said."""


def in_utc(moment: date) -> date:
    """Return a time with a zone in UTC; a date or a floating time as it is."""
    if isinstance(moment, datetime):
        return moment if moment.tzinfo is None else moment.astimezone(UTC)
    return moment


def status(value: object) -> str | None:
    """Return a STATUS, a text or a member of an enumeration, in upper case."""
    return None if value is None else str(getattr(value, "value", value)).upper()


def moment(text: str) -> date:
    """Return a date, an aware UTC time ("Z") or a floating time from ISO 8601."""
    return in_utc(datetime.fromisoformat(text)) if "T" in text else date.fromisoformat(text)


def surroundings(folder: Path) -> dict[str, str]:
    """Return the environment of a program in UTC that keeps everything in `folder`, away from settings and proxies."""
    kept = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    for key in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        kept.pop(key, None)
    return kept | {"HOME": str(folder), "TMPDIR": str(folder), "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def run(
    command: list[str], folder: Path, environment: dict[str, str] | None = None, *, with_errors: bool = False
) -> str:
    """Run a program in its `surroundings`; return what it printed.

    with_errors: also what it printed to stderr. Raises ReaderError when it fails.
    """
    done = subprocess.run(
        command,
        env=surroundings(folder) | (environment or {}),
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )
    said = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        logs = "".join(log.read_text(errors="replace") for log in folder.glob("calcurse_log.*"))
        raise ReaderError(said + done.stderr.decode("utf-8", "replace") + logs)
    return said + done.stderr.decode("utf-8", "replace") if with_errors else said
