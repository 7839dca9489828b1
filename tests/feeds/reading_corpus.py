"""The feeds in tests/data/reading: each a trap, with what comes out of it beside it.

`x.ics`, `x.json` or `x.xml` is what a server sends, `x.expected.json` what is read: a feed as `feeds.reading.wire`
writes it, with problems and notes as "code detail (times)", or the reason why nothing could be read.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from feeds.reading import wire
from feeds.reading.values import Horizon, ReadFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.reading.values import ReadFeed, Remark

FOLDER = Path(__file__).resolve().parents[1] / "data" / "reading"
ZONE = ZoneInfo("Europe/Zurich")
HORIZON = Horizon(date(2026, 1, 1), date(2030, 1, 1))
FORMATS = {".ics": "ics", ".json": "odata", ".xml": "odata"}


def inputs() -> list[Path]:
    return sorted(path for path in FOLDER.iterdir() if not path.name.endswith(".expected.json"))


def expected(path: Path) -> Any:
    return json.loads(path.with_name(f"{path.stem}.expected.json").read_text())


def outcome(path: Path, reader: Callable[..., ReadFeed]) -> dict[str, Any]:
    """Return what `reader` makes of a file, in the form of the expectations."""
    try:
        feed = reader(path.read_bytes(), "", FORMATS[path.suffix], default_zone=ZONE, horizon=HORIZON)
    except ReadFailedError as failed:
        return {"failed": failed.reason.value}
    found: dict[str, Any] = json.loads(json.dumps(wire.to_json(feed)))
    found |= {"problems": list(map(remark, feed.problems)), "notes": list(map(remark, feed.notes))}
    return {name: value for name, value in found.items() if value}


def remark(said: Remark) -> str:
    times = f" (x{said.times})" if said.times > 1 else ""
    return f"{said.code.value} {said.detail}".strip() + times


if __name__ == "__main__":
    # Writes the expectations anew, to be read line by line before they are committed.
    from feeds.reading.child import read_here

    for file in inputs():
        target = file.with_name(f"{file.stem}.expected.json")
        target.write_text(json.dumps(outcome(file, read_here), indent=1, ensure_ascii=False) + "\n")
