"""The archive of digests, the next one as it would be now, and who gets them."""

from __future__ import annotations

from calendar_app.web.digests import archive, preview, recipients
from calendar_app.web.digests.area import blueprint

__all__ = ["archive", "blueprint", "preview", "recipients"]
