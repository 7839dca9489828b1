"""The blueprint that the modules of this area share."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("moderation", __name__)
