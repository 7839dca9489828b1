"""The addresses of feeds of every format, public and private."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")
