"""The pages of the exchange round."""

from __future__ import annotations

from calendar_app.web.exchange import listing, own_list, replies, settings
from calendar_app.web.exchange.area import blueprint

__all__ = ["blueprint", "listing", "own_list", "replies", "settings"]
