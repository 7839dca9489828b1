"""The daily work on events: editing, moving, cancelling, copying, rounds, options, merging, undoing, history."""

from __future__ import annotations

from calendar_app.web.work import (
    actions,
    candidate_dates,
    copy,
    edit,
    editors,
    history,
    merge,
    preparation,
    proposals,
    rounds,
    undo,
)
from calendar_app.web.work.area import blueprint

__all__ = [
    "actions",
    "blueprint",
    "candidate_dates",
    "copy",
    "edit",
    "editors",
    "history",
    "merge",
    "preparation",
    "proposals",
    "rounds",
    "undo",
]
