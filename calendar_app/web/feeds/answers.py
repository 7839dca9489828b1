"""A calendar as an HTTP answer: strong validators, 304, gzip when asked (RFC 9110)."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime, timedelta

from flask import Response, request

from calendar_app.extensions import clock

_LEVEL = 6


def calendar_response(data: bytes, changed_at: datetime, *, filename: str = "") -> Response:
    """Answer a GET or HEAD with iCalendar bytes, or 304 if the reader has them.

    The tag comes from the bytes and differs for gzip (RFC 9110, section 8.8.3). A Last-Modified of the running second
    could still come to mean two contents, so it is left out until that second is over (section 8.8.2.2).
    """
    zipped = request.accept_encodings.quality("gzip") > 0 and "gzip" in request.headers.get("Accept-Encoding", "")
    tag = hashlib.sha256(data).hexdigest()[:32] + ("-gzip" if zipped else "")
    body = gzip.compress(data, _LEVEL, mtime=0) if zipped else data
    response = Response(body, content_type="text/calendar; charset=utf-8")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=300"
    if filename:
        response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    response.set_etag(tag)
    if changed_at + timedelta(seconds=1) <= clock.now():
        response.last_modified = changed_at.astimezone(UTC)
    response.make_conditional(request)
    return response
