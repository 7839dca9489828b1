"""The coordination review."""

from __future__ import annotations

from calendar_app.web.review import leading, page, recording
from calendar_app.web.review.area import blueprint

__all__ = ["blueprint", "leading", "page", "recording"]
