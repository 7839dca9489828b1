"""Keeps a calendar subscribed with Evolution Data Server, the store behind GNOME Calendar and Evolution.

A program of its own, for the system's Python, under a session bus of its own: PyGObject is not installed beside the
project. The argument is the name of the subscription's source file. For each line on standard input it asks for the
calendar anew, waits until it differs from before, and prints what it shows as one line of JSON.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("ECal", "2.0")
gi.require_version("EDataServer", "1.2")
from gi.repository import ECal, EDataServer  # type: ignore[import-not-found]  # noqa: E402 - the same

NO_WAITING = 2**32 - 1
PATIENCE, QUIET, PAUSE = 20.0, 0.3, 0.05
# Longer than this nothing may hang, whatever the store waits for.
LIMIT = 60


def shown(client: Any) -> list[dict[str, str]]:
    """Return what the store has, as it would be shown."""
    _, components = client.get_object_list_as_comps_sync("#t", None)
    return sorted(map(facts, components), key=str)


def facts(component: Any) -> dict[str, str]:
    """Return one event; the end of an all-day event is exclusive."""
    event = component.get_icalcomponent()
    return {
        "uid": event.get_uid(),
        "title": event.get_summary(),
        "start": event.get_dtstart().as_ical_string(),
        "end": event.get_dtend().as_ical_string(),
        "status": component.get_status().value_nick.upper(),
    }


def changed(client: Any, before: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return what is shown once it is another than `before` and has been the same for a while."""
    deadline = time.monotonic() + PATIENCE
    now, since = shown(client), time.monotonic()
    while time.monotonic() < deadline and (now == before or time.monotonic() - since < QUIET):
        time.sleep(PAUSE)
        then, now = now, shown(client)
        since = since if then == now else time.monotonic()
    return now


def main(name: str) -> None:
    """Connect, then follow what standard input asks for."""
    signal.alarm(LIMIT)
    source = EDataServer.SourceRegistry.new_sync(None).ref_source(name)
    client = ECal.Client.connect_sync(source, ECal.ClientSourceType.EVENTS, NO_WAITING, None)
    before: list[dict[str, str]] = []
    signal.alarm(0)
    for _line in sys.stdin:
        signal.alarm(LIMIT)
        client.refresh_sync(None)
        before = changed(client, before)
        signal.alarm(0)
        print(json.dumps(before), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
