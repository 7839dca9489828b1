"""The blueprint of everything about accounts; `views` gathers its pages."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
