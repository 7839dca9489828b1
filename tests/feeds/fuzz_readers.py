"""Broken feeds without end for the readers: `python -m tests.feeds.fuzz_readers --minutes 20 [--seed 1]`.

Files of tests/data/reading (and our own golden feed) are mutated: bytes, lines, values, parts of other files, parts
repeated until they are megabytes. Small ones are read in this process, large ones by the child, as the program reads
them. An exception that is not a ReadFailedError leaves the bytes in a file and fails the run. It prints figures: runs,
the worst seconds and memory, what could be read and what was given up. The same seed gives the same feeds.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import re
import resource
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import gettempdir
from zoneinfo import ZoneInfo

from feeds.reading import child
from feeds.reading.texts import LONGEST_LINE, LONGEST_TEXT
from feeds.reading.values import Horizon, ReadFailedError, ReadFeed
from tests.feeds.reading_corpus import FOLDER, FORMATS, inputs

HORIZON = Horizon(date(2026, 1, 1), date(2030, 1, 1))
ZONE = ZoneInfo("Europe/Zurich")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# One in so many feeds is blown up and read by the child, which takes a hundred times as long.
LARGE_EVERY = 300
DEEPER, WHOLE = 0.6, 0.7
# A whole event, with what keeps it apart from the next.
EVENTS = {"ics": rb"BEGIN:VEVENT.*?END:VEVENT\s*", "odata": rb"<entry>.*?</entry>\s*|\{\"id\".*?\}(?=, \{\"id\")"}
WORDS = [
    *(FOLDER.parent / "fuzz_words.txt").read_bytes().split(),
    *(b"\r\n", b"\n", b"\r", b"\n ", b"\r\n\t", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\x85"),
    *(b"\xe2\x80\xa8", b"\xed\xa0\x80"),
]
# What stands in JSON instead of what should.
VALUES = (
    *(None, True, False, 0, -1, 1e308, 10**30, "", " ", "x" * 5000, "<b>x</b>", "/Date(1803859200000)/", "/Date(-1)/"),
    *("/Date(99999999999999)/", "2027-03-01T00:00:00", "9999-12-31", "0001-01-01T00:00:00Z", "nodate", "over", [], {}),
    *({"results": []}, {"results": [None]}, [{"language": 1, "value": "x"}], [[[]]], {"__deferred": {}}, "\ud800"),
)


@dataclass
class Figures:
    """What a run found."""

    runs: int = 0
    large: int = 0
    seconds: float = 0.0
    large_seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        # The system counts for a child what its parent had when it started it: this is a bound for both.
        who = (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)
        peak = max(resource.getrusage(one).ru_maxrss for one in who) * 1024
        return [
            f"runs                   {self.runs}, of these {self.large} of up to 5 MB in a child",
            f"worst seconds, small   {self.seconds:.3f} (clock)",
            f"worst seconds, child   {self.large_seconds:.3f} (processor)",
            f"worst memory           {peak / 1e6:.0f} MB (in the child or here)",
            f"exceptions             {len(self.failures)}",
            *(f"  {name:<20} {times}" for name, times in self.outcomes.most_common()),
        ]


def mutated(parts: list[bytes], chance: random.Random) -> bytes:
    """Return one of `parts` with a few changes."""
    body = bytearray(chance.choice(parts))
    for _ in range(chance.choice([1, 1, 2, 3, 5, 8, 20])):
        at = chance.randrange(len(body) + 1)
        until = min(len(body), at + chance.choice([1, 1, 2, 8, 40, 400]))
        match chance.randrange(8):
            case 0:
                body[at:until] = b""
            case 1:
                body[at:at] = chance.choice(WORDS)
            case 2:
                body[at:until] = chance.choice(WORDS)
            case 3:
                body[at:at] = bytes(body[at:until]) * chance.choice([1, 2, 10])
            case 4:
                other = chance.choice(parts)
                start = chance.randrange(len(other) + 1)
                body[at:at] = other[start : start + chance.choice([10, 100, 1000])]
            case 5 if at < len(body):
                body[at] = chance.randrange(256)
            case 6:
                lines = body.split(b"\n")
                place = chance.randrange(len(lines))
                lines.insert(chance.randrange(len(lines)), lines.pop(place))
                body = bytearray(b"\n".join(lines))
            case _:
                body[at:at] = chance.choice([b"\r\n", b"\n"]) + chance.choice(WORDS)
    return bytes(body[:200_000])


def changed(body: bytes, chance: random.Random) -> bytes:
    """Return JSON that still is JSON, with a few other values in it; anything else as it is."""
    try:
        root = json.loads(body)
    except (ValueError, RecursionError):
        return body
    for _ in range(chance.choice([1, 2, 4, 10])):
        node = root
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(node[key], (dict, list)) and chance.random() < DEEPER:
                node = node[key]
                continue
            node[key] = copy.deepcopy(chance.choice(VALUES))
            break
    return json.dumps(root).encode()


def blown_up(body: bytes, form: str, chance: random.Random) -> bytes:
    """Return a feed of up to 5 MB: a part of it, many times; mostly whole events."""
    size = chance.choice([500_000, 2_000_000, child.LARGEST - len(body)])
    if chance.random() < WHOLE:
        event = re.search(EVENTS[form], body, re.DOTALL)
        start, until = event.span() if event else (0, len(body))
    else:
        start = chance.randrange(len(body) + 1)
        until = start + chance.choice([1, 3, 30, 300, 3000])
    part = body[start:until] or chance.choice(WORDS)
    times = max(size, 0) // len(part)
    if part.count(b"UID:") == 1 and chance.random() < WHOLE:  # each with a UID of its own
        repeated = b"".join(part.replace(b"UID:", b"UID:%d" % number, 1) for number in range(times))
    else:
        repeated = part * times
    return (body[:start] + repeated + body[start:])[: child.LARGEST]


def fuzz(seconds: float, seed: int, *, large_every: int = LARGE_EVERY, runs: int = sys.maxsize) -> Figures:
    """Read broken feeds for some seconds, or `runs` of them; return the figures."""
    chance = random.Random(seed)
    forms = {name: [path.read_bytes() for path in inputs() if FORMATS[path.suffix] == name] for name in child.FORMATS}
    forms["ics"].append((FOLDER.parent / "golden.ics").read_bytes()[:20_000])
    figures, end = Figures(), time.monotonic() + seconds
    while time.monotonic() < end and figures.runs < runs:
        form = chance.choice(child.FORMATS)
        if form == "odata" and chance.random() < DEEPER:
            body = changed(chance.choice(forms[form]), chance)
        else:
            body = mutated(forms[form], chance)
        figures.runs += 1
        if figures.runs % large_every == 0:
            figures.large += 1
            _read_large(blown_up(body, form, chance), form, figures)
        else:
            _read_small(body, form, figures)
    return figures


def assert_sound(feed: ReadFeed) -> None:
    """Assert what whoever takes the events relies on, whatever the feed was."""
    identities = [(event.uid, event.recurrence_id) for event in feed.events]
    assert len(set(identities)) == len(identities)
    for event in feed.events:
        assert event.uid.strip()
        assert not CONTROLS.search(event.uid + event.summary + event.description + event.location + event.city)
        assert len(event.summary) <= LONGEST_LINE
        assert len(event.description) <= LONGEST_TEXT
        assert (event.latitude is None) == (event.longitude is None)
        assert event.url[:4].lower() in {"", "http"}
        if event.start is None:
            assert event.end is None
            continue
        assert event.end is None or event.end > event.start
        if isinstance(event.start, datetime):
            zone = ZoneInfo(event.timezone)
            assert event.start.astimezone(zone).utcoffset() == event.start.utcoffset()
        else:
            assert not event.timezone
            assert event.end is not None


def _read_small(body: bytes, form: str, figures: Figures) -> None:
    started = time.monotonic()
    try:
        feed = child.read_here(body, "", form, default_zone=ZONE, horizon=HORIZON)
        assert_sound(feed)
        figures.outcomes["read, with events" if feed.events else "read, no events"] += 1
    except ReadFailedError as failed:
        figures.outcomes[failed.reason.value] += 1
    except Exception:  # noqa: BLE001 - this is what is looked for
        _keep(body, form, traceback.format_exc(), figures)
    figures.seconds = max(figures.seconds, time.monotonic() - started)


def _read_large(body: bytes, form: str, figures: Figures) -> None:
    before = _used()
    try:
        assert_sound(child.read(body, "", form, default_zone=ZONE, horizon=HORIZON))
        figures.outcomes["large: read"] += 1
    except ReadFailedError as failed:
        figures.outcomes[f"large: {failed.reason.value}"] += 1
    except Exception:  # noqa: BLE001 - this is what is looked for
        _keep(body, form, traceback.format_exc(), figures)
    figures.large_seconds = max(figures.large_seconds, _used() - before)


def _used() -> float:
    """Return the seconds of the processor that children took so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _keep(body: bytes, form: str, report: str, figures: Figures) -> None:
    path = Path(gettempdir()) / f"fuzz-{form}-{len(figures.failures)}.bin"
    path.write_bytes(body)
    figures.failures.append(f"{path}\n{report}")
    figures.outcomes["EXCEPTION"] += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    figures = fuzz(chosen.minutes * 60, chosen.seed)
    print("\n".join([*figures.lines(), *figures.failures[:5]]))
    return 1 if figures.failures else 0


if __name__ == "__main__":
    sys.exit(main())
