"""What waits for me, and the events of my organisations with work on many of them at once."""

from __future__ import annotations

from calendar_app.web.workspace import coordination, own_events, waiting_list
from calendar_app.web.workspace.area import blueprint

__all__ = ["blueprint", "coordination", "own_events", "waiting_list"]
