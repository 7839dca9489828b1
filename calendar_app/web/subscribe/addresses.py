"""The address of a feed in the forms in which calendar programs take it, and whether Google takes all of it."""

from __future__ import annotations

from urllib.parse import quote

# Beyond either, Google loses events without saying so.
_GOOGLE_EVENTS, _GOOGLE_BYTES = 1_100, 1_000_000


def google_takes(count: int, size: int) -> bool:
    """Tell whether Google Calendar shows all of a feed of `count` events and `size` bytes."""
    return count <= _GOOGLE_EVENTS and size <= _GOOGLE_BYTES


def webcal(address: str) -> str:
    """Return an http or https address as programs on the reader's own device are handed it."""
    return "webcal://" + address.partition("://")[2]


def ways_to_open(address: str, name: str) -> dict[str, str]:
    """Return the address of a feed as such, and those that open calendar programs with it; `name` is the feed's."""
    outlook = f"?url={quote(address, safe='')}&name={quote(name)}"
    return {
        "https_url": address,
        "webcal_url": webcal(address),
        "google_url": "https://calendar.google.com/calendar/render?cid=" + quote(webcal(address), safe=""),
        "outlook_web_url": "https://outlook.live.com/calendar/0/addfromweb" + outlook,
        "outlook_work_url": "https://outlook.office.com/calendar/0/addfromweb" + outlook,
    }
