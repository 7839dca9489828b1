"""Importing the modules adds their pages to the blueprint."""

from __future__ import annotations

from calendar_app.web.imports import carrying_out, look, refused, template, upload
from calendar_app.web.imports.area import blueprint

__all__ = ["blueprint", "carrying_out", "look", "refused", "template", "upload"]
