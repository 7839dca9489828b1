"""The board of clashes and opportunities, and the page of one of them."""

from __future__ import annotations

from calendar_app.web.clashes import board, clash
from calendar_app.web.clashes.area import blueprint

__all__ = ["blueprint", "board", "clash"]
