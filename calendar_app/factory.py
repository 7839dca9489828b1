"""Builds the application from its settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, current_app, request
from sqlalchemy import event
from sqlalchemy.engine import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from calendar_app import web
from calendar_app.extensions import babel, clock, compress, csrf, db, limiter
from calendar_app.models.base import begin_sqlite, prepare_sqlite
from calendar_app.services import imports
from calendar_app.web import kept
from calendar_app.web.accounts import identity
from calendar_app.web.feeds import answers
from calendar_app.web.page import current_language

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
YEAR = 365 * 24 * 3600


class _Request(Request):
    """A request whose body may be larger where files are sent; everywhere else `MAX_CONTENT_LENGTH` holds.

    It is decided by the address, because protection against forged forms reads the body before any view does.
    """

    @property
    def max_content_length(self) -> int | None:
        """The largest body in bytes."""
        most: int | None = super().max_content_length
        return current_app.config["MAX_IMPORT_LENGTH"] if self.endpoint == "imports.all_imports" else most

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value


class _Application(Flask):
    request_class = _Request

    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401 - what Flask gives
        """Write an error down with the rule of the page: its address may hold a token."""
        rule = request.url_rule.rule if request.url_rule else "an address without a page"
        self.logger.error("Exception on %s [%s]", rule, request.method, exc_info=exc_info)


def create_app(settings: Mapping[str, object], *, commands: bool = True) -> Flask:
    """Return the application. `settings` has the names that Flask, its extensions and this application read.

    `commands`: whether it is to be used on the command line too.
    """
    app = _Application(
        "calendar_app",
        root_path=str(ROOT),
        static_folder=str(ROOT / "static"),
        template_folder=str(ROOT / "templates"),
        instance_path=str(ROOT / "instance"),
    )
    app.config.from_mapping(
        SEND_FILE_MAX_AGE_DEFAULT=YEAR,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_IMPORT_LENGTH=imports.LARGEST,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_MIMETYPES=[
            "text/html",
            "text/css",
            "text/javascript",
            "image/svg+xml",
            "application/json",
            "text/plain",
        ],
        # An error of the database must not write letters or tokens into the log.
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True, "hide_parameters": True},
    )
    app.config.from_mapping(settings)
    identity.configure(app.config)
    # Text in the templates is indented for their readers; nobody else needs those blanks.
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    clock.init_app(app)
    db.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=current_language)
    kept.init_app(app)
    answers.init_app(app)
    compress.init_app(app)
    limiter.init_app(app)
    identity.init_app(app)
    if make_url(app.config["SQLALCHEMY_DATABASE_URI"]).get_backend_name() == "sqlite":
        with app.app_context():
            event.listen(db.engine, "connect", prepare_sqlite)
            event.listen(db.engine, "begin", begin_sqlite)
    web.init_app(app)
    if commands:
        # Here, because they and the migrations take fifteen megabytes, which the web server has no use for.
        from calendar_app import cli, migrating  # noqa: PLC0415

        migrating.init_app(app, ROOT / "migrations")
        cli.init_app(app)
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]
    return app
