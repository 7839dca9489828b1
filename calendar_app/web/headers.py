"""What every answer carries: the content security policy and its companions."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import abort, current_app, g, request

if TYPE_CHECKING:
    from flask import Flask, Response

# 400 filters would fit; what is longer is no question a person asks.
MAX_QUERY_BYTES = 4096
# Mistyped tokens, too, are answered as what they were meant to be.
PRIVATE_FEEDS = "/feeds/private/"
# Their forms hand a cookie to strangers, after the headers are written.
_WITH_COOKIES = {"accounts", "public_mail"}
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    """Add the headers to every answer and refuse addresses without measure."""
    app.before_request(_refuse_endless_addresses)
    app.after_request(_protect)


def _refuse_endless_addresses() -> None:
    if not request.query_string.isascii():
        # Some programs send letters as they are; Werkzeug would fail at those that are not UTF-8.
        request.query_string = quote(request.query_string, safe=string.punctuation).encode()
    if len(request.query_string) > MAX_QUERY_BYTES:
        abort(414)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # Who holds the address of such a page holds its token.
    if "token" in (request.view_args or {}) or request.path.startswith(PRIVATE_FEEDS):
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("X-Robots-Tag", "noindex")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if current_app.config["PUBLIC_URL"].startswith("https:"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if _is_of_one_person(response):
        headers["Cache-Control"] = "no-store"
    return response


def _is_of_one_person(response: Response) -> bool:
    """Tell whether the answer was made for somebody who is signed in, is about signing in, or hands out a cookie."""
    # There once the view, or the page around it, asked who is looking.
    looking = g.get("_login_user")
    return (
        bool(looking and looking.is_authenticated)
        or request.blueprint in _WITH_COOKIES
        or "Set-Cookie" in response.headers
    )
