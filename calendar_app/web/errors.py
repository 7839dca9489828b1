"""Answers to what cannot be done: a sentence that names it, and what to do. Pages for people, plain text for feeds."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any

from flask import Response, g, make_response, render_template, request
from flask.globals import request_ctx
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from calendar_app.extensions import limiter
from calendar_app.services.filters import FilterError, Problem
from calendar_app.services.sheets import CellTooLongError
from calendar_app.web.headers import PRIVATE_FEEDS

if TYPE_CHECKING:
    from flask import Flask

_SHOWN_VALUES = 300


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(FilterError, _wrong_filter)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(CellTooLongError, _no_workbook)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(HTTPException, _http_error)


def sentence(problem: Problem) -> str:
    """Say what is wrong with one parameter."""
    name, value = problem.parameter, problem.value
    sentences: dict[str, str] = {
        "unknown-parameter": _("“%(name)s” is not a filter of this page.", name=name),
        "unknown-value": _("“%(value)s” is not a value of the filter “%(name)s”.", name=name, value=value),
        "repeated": _("“%(name)s” can be given only once.", name=name),
        "too-long": _("The text in “%(name)s” is too long; up to 200 characters are possible.", name=name),
        "too-many": _("“%(name)s” has %(value)s values; up to 50 are possible.", name=name, value=value),
        "bad-date": _(
            "“%(value)s” in “%(name)s” is not a date; write a day such as 2027-04-19 or a month such as 2027-04.",
            name=name,
            value=value,
        ),
        "reversed": _("“to” (%(value)s) is before “from”.", value=value),
        "bad-text": _("“%(name)s” has nothing in it that can be looked for; write words or numbers.", name=name),
        "too-long-span": _(
            "“to” (%(value)s) is more than 30 months after “from”; the planner shows up to 30.", value=value
        ),
        "either-or": _("Give either “%(name)s” or “%(value)s”, not both.", name=name, value=value),
        "no-effect": _("This address is already that of “%(value)s”; leave out “%(name)s”.", name=name, value=value),
    }
    return sentences[problem.code]


def _wrong_filter(error: FilterError) -> Response:
    details = [sentence(problem) for problem in error.problems]
    valid = [
        {
            "name": _("filters") if problem.code == "unknown-parameter" else problem.parameter,
            "is_word": problem.code == "unknown-parameter",
            "values": problem.valid[:_SHOWN_VALUES],
        }
        for problem in error.problems
        if problem.code in {"unknown-parameter", "unknown-value"} and problem.valid
    ]
    unique = list({item["name"]: item for item in valid}.values())
    return _answer(400, _("This address asks for something that does not exist"), "", details, unique)


def _stale_form(_error: CSRFError) -> Response:
    """Answer a form that has no valid token, in the reader's language; the library's own sentence is English."""
    return _answer(400, _("This form is no longer valid"), _("Please open the page anew and send it again."), [], [])


def _no_workbook(_error: CellTooLongError) -> Response:
    """Answer an export whose workbook cannot be written."""
    title, message = (
        _("This list does not fit into an Excel workbook"),
        _("A text in it is longer than a cell may be. Take the CSV file instead."),
    )
    return _answer(422, title, message, [], [])


def _busy(error: OperationalError) -> Response:
    """Answer who would write while SQLite, which has one writer at a time, is being written by something long.

    What was sent is in the page, to be sent again with a button: but for files and passwords, which no page can keep.
    """
    # The low byte is the kind of an error; the rest says more of it (https://www.sqlite.org/rescode.html, 2).
    if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
        raise error
    fields = list(request.form.items(multi=True))
    has_files = any(file.filename for file in request.files.values())
    can_keep = not has_files and not any("password" in name for name, _value in fields)
    kept = None
    if request.method != "POST":
        what_now = _("Please try again in a minute.")
    elif can_keep:
        what_now = _("What you sent is kept in this page: send it again in a minute.")
        kept = {"url": request.full_path.removesuffix("?"), "fields": fields}
    else:
        what_now = _("Go back to the page before with your browser, and send it again in a minute.")
    message = _("Something long is being written at this moment, so this could not be saved.") + " " + what_now
    response = _answer(503, _("The calendar is busy"), message, [], [], kept)
    response.headers["Retry-After"] = "30"
    return response


def _http_error(error: HTTPException) -> Response | HTTPException:
    code = error.code or 500
    if code < 400:  # noqa: PLR2004 - redirects are answers, not errors
        return error
    title, message = {
        400: (_("The request could not be read"), _("Please check the address and try again.")),
        403: (_("This is not yours to do"), _("Your role in your organisation does not include it.")),
        404: (_("There is nothing at this address"), _missing()),
        405: (_("This address can only be read"), _("It takes no data.")),
        413: (_("That is too much data"), _("Please send less at once.")),
        414: (
            _("The address is too long"),
            _("Please choose fewer filters; an address may have 4,096 characters after “?”."),
        ),
        429: (
            _("That was tried too often"),
            _("Nothing was lost or locked. Please wait a little and try again."),
        ),
    }.get(
        code,
        (_("The request could not be answered"), _("Please try again."))
        if code < InternalServerError.code
        else (_("Something went wrong here"), _("It is our mistake, not yours. Please try again in a few minutes.")),
    )
    response = _answer(code, title, message, [], [])
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    if code == 429 and limiter.current_limit:  # noqa: PLR2004
        response.headers["Retry-After"] = str(max(1, limiter.current_limit.reset_at - int(time.time())))
    return response


def _missing() -> str:
    private, other = (
        _("The private address may be mistyped, or it was replaced or revoked."),
        _("The address may be mistyped, or the event may never have been public."),
    )
    return str(private if request.path.startswith(PRIVATE_FEEDS) else other)


def _answer(
    code: int,
    title: str,
    message: str,
    details: list[str],
    valid: list[dict[str, Any]],
    kept: dict[str, Any] | None = None,
) -> Response:
    # Without an adapter (a host name that is not ours) no address of a page can be made.
    if request.path.startswith("/feeds/") or request.path.endswith(".ics") or request_ctx.url_adapter is None:
        lines = [f"{title}.", message, *details]
        lines += [f"{item['name']}: {', '.join(item['values'])}" for item in valid]
        text = "\n".join(line for line in lines if line) + "\n"
        response = make_response(text)
        response.mimetype = "text/plain"
    else:
        g.error = True
        error = {"code": code, "title": title, "message": message, "details": details, "valid": valid, "kept": kept}
        response = make_response(render_template("errors/error.html", error=error))
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response
