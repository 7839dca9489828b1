"""Addresses that letters carry: the page of a submission, opened by a token that only its sender has."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from flask import current_app, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from calendar_app.web.page import public_url

if TYPE_CHECKING:
    from calendar_app.models import Submission


def submission_url(submission: Submission) -> str:
    """Return the full address under which the sender finds the submission: signed in, or without account by a token."""
    language = submission.language if submission.language != "en" else None
    if submission.account_id is not None:
        return public_url(url_for("submit.submission", submission_id=submission.id, lang=language))
    token = _serializer().dumps(submission.id.hex)
    return public_url(url_for("submit.open_submission", token=token, lang=language))


def decision_url(event_id: uuid.UUID) -> str:
    """Return the full address of the page where an event that was sent in is decided on."""
    return public_url(f"/moderation/{event_id}")


def submission_of_token(token: str) -> uuid.UUID | None:
    """Return the id of the submission for which a token was made, None for one that is not ours."""
    try:
        return uuid.UUID(hex=_serializer().loads(token))
    except (BadSignature, ValueError, TypeError, AttributeError):
        return None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="submission")
