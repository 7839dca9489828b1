"""The form by which events come in, and what becomes of what was sent."""

from __future__ import annotations

from calendar_app.web.submit import filling, following
from calendar_app.web.submit.area import blueprint

__all__ = ["blueprint", "filling", "following"]
