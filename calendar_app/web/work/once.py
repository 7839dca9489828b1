"""A form that enters events and is sent twice, by a double click or a reload, enters them once."""

from __future__ import annotations

import json
import secrets
import uuid
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from calendar_app.services.access import Person

_FORMS = uuid.UUID("5a0f7b1e-9c57-4e0c-8a39-6f5d0a3c3d52")
_MOST = 60


def key_of_form() -> str:
    """Return what tells this opening of a form from every other: the page carries it in the hidden field `key`."""
    return request.form.get("key", "")[:_MOST] or secrets.token_urlsafe()


def id_of_entry(person: Person) -> uuid.UUID:
    """Return the id of the event that the form as sent enters first: the same for the same key and the same content.

    What was changed after going back in the browser is another entry.
    """
    content = sorted((name, texts) for name, texts in request.form.lists() if name != "csrf_token")
    return uuid.uuid5(_FORMS, json.dumps([person.account_id, content]))
