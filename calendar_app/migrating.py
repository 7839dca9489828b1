"""The migrations of the database, for commands alone: the web server does without the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_migrate import Migrate

from calendar_app.extensions import db

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

migrate = Migrate()


def init_app(app: Flask, folder: Path) -> None:
    """Tell the library where the migrations are."""
    migrate.init_app(app, db, directory=str(folder), render_as_batch=True)
