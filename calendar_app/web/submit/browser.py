"""What a browser holds for somebody without an account: the draft's id, the submissions opened, when the form was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app, request, session
from itsdangerous import BadSignature, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

from calendar_app.services import drafts
from calendar_app.web.guards import person

if TYPE_CHECKING:
    import uuid

    from werkzeug.wrappers import Response

# Machines fill in a form at once; nobody reads and answers it faster than this.
LEAST_SECONDS = 3
_MOST_OPENED = 20
_OPENED, _RECEIVED = "submissions", "received"


def owner() -> drafts.Owner:
    """Return whose drafts this browser may see."""
    someone = person()
    account_id = someone.account_id if someone else None
    try:
        return drafts.Owner(account_id, str(_drafts().loads(request.cookies.get(_cookie_name(), ""))))
    except BadSignature:
        return drafts.Owner(account_id)


def hold_draft(response: Response, draft_id: str) -> None:
    """Let this browser find the draft again, also after it was closed."""
    if person() is None:
        response.set_cookie(
            _cookie_name(),
            str(_drafts().dumps(draft_id)),
            max_age=timedelta(days=drafts.KEPT.days),
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
        )


def release_draft(response: Response, draft_id: str) -> None:
    """Forget the draft in this browser if it is the one that the browser holds."""
    if draft_id and draft_id == owner().draft_id:
        response.delete_cookie(
            _cookie_name(), secure=bool(current_app.config["SESSION_COOKIE_SECURE"]), httponly=True, samesite="Lax"
        )


def remember_opened(submission_id: uuid.UUID) -> None:
    """Let this browser see a submission until it is closed."""
    opened = [kept for kept in session.get(_OPENED, []) if kept != submission_id.hex]
    session[_OPENED] = [*opened, submission_id.hex][-_MOST_OPENED:]


def has_opened(submission_id: uuid.UUID) -> bool:
    """Tell whether this browser was let in by the token of the submission."""
    return submission_id.hex in session.get(_OPENED, [])


def remember_received(submission_id: uuid.UUID, email: str) -> None:
    """Keep to which address the letter about what was just sent goes, to show it on the next page."""
    session[_RECEIVED] = [submission_id.hex, email]


def address_written_to(submission_id: uuid.UUID) -> str:
    """Return the address to which the letter about a submission went that this browser just sent, else ""."""
    kept = session.get(_RECEIVED, ["", ""])
    return str(kept[1]) if kept[0] == submission_id.hex else ""


def opened_now() -> str:
    """Return the hidden mark of when the form was opened.

    By the machine's clock, as signatures with a time are: how long a person takes does not depend on the calendar's.
    """
    return str(_times().dumps(""))


def is_too_fast(mark: str) -> bool:
    """Tell whether the form came back faster than people are, or without a mark of ours."""
    least = int(current_app.config.get("FORM_LEAST_SECONDS", LEAST_SECONDS))
    try:
        _, opened = _times().loads(mark, return_timestamp=True)
    except BadSignature:
        return least > 0
    now: int = TimestampSigner("-").get_timestamp()
    return bool(now - opened.timestamp() < least)


def is_own_mark(mark: str) -> bool:
    """Tell whether the mark was made here."""
    try:
        _times().loads(mark)
    except BadSignature:
        return False
    return True


def _cookie_name() -> str:
    return "__Host-draft" if current_app.config["SESSION_COOKIE_SECURE"] else "draft"


def _drafts() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="draft")


def _times() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="form opened")
